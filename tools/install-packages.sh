#!/bin/sh
# Usage: install-packages.sh FILE...
# Installs the Debian packages that the files list. What can't be installed (no root, apt or network) is named, and the build goes on
# without it: it always exits with 0, and CMake says what is left out.
set -u

wanted=$(sed '/^#/d' "$@")
set --
for package in $wanted; do
  dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null | grep -q 'install ok installed' || set -- "$@" "$package"
done
[ $# -gt 0 ] || exit 0

go_on() { # why, packages
  why=$1
  shift
  echo "Not installed ($why): $*" >&2
  echo "The build goes on with what is there and says what it leaves out. To install them: sudo apt-get install $*" >&2
  exit 0
}
command -v apt-get >/dev/null 2>&1 || go_on "no apt-get" "$@"
root=
if [ "$(id -u)" != 0 ]; then
  root=sudo
  sudo -n true 2>/dev/null || go_on "no root" "$@"
fi

log=$(mktemp "${TMPDIR:-/tmp}/torsh-packages.XXXXXX") || go_on "no room for a log" "$@"
apt() { # sudo drops the environment, so the variable is set behind it
  $root env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=60 "$@" >>"$log" 2>&1
}
install() { apt install --no-install-recommends "$@"; }

echo "Installing: $*"
if ! install "$@"; then
  apt update
  known=""
  unknown=""
  for package in "$@"; do # a name that this system lacks costs only itself
    if install --simulate "$package"; then known="$known $package"; else unknown="$unknown $package"; fi
  done
  # shellcheck disable=SC2086 # lists
  if [ -n "$known" ] && ! install $known; then go_on "apt-get failed, see $log" "$@"; fi
  # shellcheck disable=SC2086
  [ -z "$unknown" ] || go_on "apt-get doesn't have them, see $log" $unknown
fi
rm -f "$log"
