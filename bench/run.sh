#!/bin/sh
# `make bench`: builds the peer's environment on first use, then compares. Usage: bench/run.sh BUILD_DIR [compare.py arguments]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$1; shift
eval "$("$root/bench/peers.sh")"
python "$root/bench/compare.py" "$build" "$@"
