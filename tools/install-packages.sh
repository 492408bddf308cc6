#!/bin/sh
# Installs the Debian packages listed in the files given; without root, apt or network it says what is missing and goes on.
set -u
packages=$(cat "$@" | grep -v '^#')
missing=
for package in $packages; do
  dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
run=
if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then run=sudo; else
    echo "Not installed (no root):$missing" >&2
    echo "The build goes on with what is there; CMake's summary names what is left out." >&2
    exit 0
  fi
fi
command -v apt-get >/dev/null 2>&1 || { echo "Not installed (no apt-get):$missing" >&2; exit 0; }
log=$(mktemp)
echo "Installing:$missing"
if ! DEBIAN_FRONTEND=noninteractive $run apt-get install -y --no-install-recommends $missing >"$log" 2>&1; then
  $run apt-get update >>"$log" 2>&1
  for package in $missing; do # one by one, so that a name this system lacks costs only itself
    DEBIAN_FRONTEND=noninteractive $run apt-get install -y --no-install-recommends "$package" >>"$log" 2>&1 || echo "Not installed: $package" >&2
  done
fi
rm -f "$log"
exit 0
