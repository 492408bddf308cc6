#!/bin/sh
# Makes a private environment with PyTorch 2.15 (CPU use only) in build/peers, for `make bench`,
# `make judge-opinfo` and the golden scripts.
# PyTorch's default wheel wants CUDA libraries at import; they are installed from their own wheels unless a toolkit is there.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
peers=${PEERS:-$root/build/peers}
if [ ! -x "$peers/bin/python" ] || ! "$peers/bin/python" -c 'import numpy, safetensors, cffi, pycparser, expecttest' 2>/dev/null; then
  python3 -m venv "$peers"
  . "$peers/bin/activate"
  pip install -q --no-deps torch==2.15.0 torchvision==0.29.2 nvidia-nccl-cu13 nvidia-cufile nvidia-nvshmem-cu13 nvidia-cusparselt-cu13
  pip install -q filelock typing-extensions sympy networkx jinja2 fsspec numpy expecttest safetensors pillow cffi pycparser setuptools
  if ! ls /usr/local/cuda/lib64/libcudart.so.13 >/dev/null 2>&1; then
    pip install -q nvidia-cuda-runtime nvidia-cublas nvidia-cudnn-cu13 nvidia-cufft nvidia-curand nvidia-cusolver nvidia-cusparse nvidia-cuda-cupti \
      nvidia-cuda-nvrtc nvidia-nvjitlink
  fi
fi
libraries=$(find "$peers"/lib -type d -path '*/nvidia/*/lib' | tr '\n' ':')
echo "export LD_LIBRARY_PATH=$libraries/usr/local/cuda/lib64; export PATH=$peers/bin:\$PATH"
