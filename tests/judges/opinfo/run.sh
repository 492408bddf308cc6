#!/bin/sh
# `make judge-opinfo`: builds the peer's environment on first use, then judges. Usage: tests/judges/opinfo/run.sh BUILD_DIR [run.py arguments]
set -eu
root=$(cd "$(dirname "$0")/../../.." && pwd)
build=$1; shift
eval "$("$root/bench/peers.sh")"
exec python "$root/tests/judges/opinfo/run.py" "$build" "$@"
