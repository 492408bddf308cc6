#!/bin/sh
# `make bench`: builds the peer's environment on first use, then compares named work (compare.py) and every op (ops.py).
# Usage: bench/run.sh BUILD_DIR [arguments of both]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$1; shift
eval "$("$root/bench/peers.sh")"
python "$root/bench/compare.py" "$build" "$@"
python "$root/bench/ops.py" "$build" "$@"
