#!/bin/sh
# Puts a WebGPU library (wgpu-native 29, of the PyPI wheel wgpu 0.32.0) beside the WebGPU plug-in of a build folder, and its
# headers in src/wgpu there, where CMake finds them for the ABI test. Needs python3 with pip, and the network.
#
#   tools/wgpu.sh build
set -eu
build=${1:?"usage: tools/wgpu.sh BUILD_FOLDER"}
mkdir -p "$build/src/wgpu"
wheel=$(mktemp -d)
trap 'rm -rf "$wheel"' EXIT
python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$wheel" wgpu==0.32.0
python3 -m zipfile -e "$wheel"/wgpu-0.32.0-*.whl "$wheel/files"
for library in "$wheel"/files/wgpu/resources/libwgpu_native-release.*; do
    cp "$library" "$build/src/"
done
cp "$wheel"/files/wgpu/resources/webgpu.h "$wheel"/files/wgpu/resources/wgpu.h "$build/src/wgpu/"
echo "$build/src: $(cd "$build/src" && ls -d libwgpu_native*)"
