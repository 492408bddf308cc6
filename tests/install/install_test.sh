#!/bin/sh
# Usage: install_test.sh BUILD_DIR PREFIX LIBDIR
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1 prefix=$2 libdir=$3
rm -rf "$prefix" && mkdir -p "$prefix"
cmake --install "$build" --prefix "$prefix" >"$prefix/install.log"
export PKG_CONFIG_PATH="$prefix/$libdir/pkgconfig"
fail() { echo "FAILED: $1"; exit 1; }

# Nothing but public symbols leaves the shared library, each with the version that src/torsh.map gives it.
if command -v nm >/dev/null; then
  symbols=$(nm -D --defined-only --with-symbol-versions "$prefix/$libdir/libtorsh.so" | awk '{print $3}')
  [ "$(echo "$symbols" | grep -c '^torsh_[a-z]')" -gt 500 ] || fail "public symbols are missing: $symbols"
  others=$(echo "$symbols" | grep -v '^torsh_[a-z][a-zA-Z0-9_]*@@TORSH_[0-9.]*$' | grep -v '^TORSH_[0-9.]*\(@@TORSH_[0-9.]*\)*$' || true)
  [ -z "$others" ] || fail "these should be hidden or have a version: $others"
fi

work="$prefix/work"; mkdir -p "$work"
if command -v pkg-config >/dev/null; then
  cc -std=c17 -Wall -Wextra -Werror $(pkg-config --cflags torsh) "$here/foreign.c" -o "$work/shared" $(pkg-config --libs torsh) -Wl,-rpath,"$prefix/$libdir"
  "$work/shared" >/dev/null || fail "shared, pkg-config"
  cc -std=c17 $(pkg-config --cflags torsh) "$here/foreign.c" -o "$work/static" "$prefix/$libdir/libtorsh.a" $(pkg-config --libs --static torsh | sed 's/-ltorsh//')
  "$work/static" >/dev/null || fail "static, pkg-config"
  if command -v c++ >/dev/null; then
    c++ -std=c++17 -Wall -Wextra -Werror -x c++ $(pkg-config --cflags torsh) "$here/foreign.c" -o "$work/cxx" $(pkg-config --libs torsh) -Wl,-rpath,"$prefix/$libdir"
    "$work/cxx" >/dev/null || fail "C++, pkg-config"
  fi
  [ "$(pkg-config --modversion torsh)" = "$("$prefix/bin/torsh" --version | sed 's/[^0-9]*//')" ] || fail "versions differ"
fi
cmake -S "$here/foreign" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$prefix" >"$work/cmake.log" 2>&1 || { cat "$work/cmake.log"; fail "find_package"; }
cmake --build "$work/cmake" >"$work/cmake-build.log" 2>&1 || { cat "$work/cmake-build.log"; fail "building with the CMake package"; }
"$work/cmake/foreign_shared" >/dev/null && "$work/cmake/foreign_static" >/dev/null || fail "programs built with the CMake package"
echo "installed and used: pkg-config and CMake, shared and static, C and C++"
