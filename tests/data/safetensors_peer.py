#!/usr/bin/env python3
"""Python's `safetensors` must read what ToRSh writes, and ToRSh what it writes; torch.save_file's dtypes included.

    python tests/data/safetensors_peer.py build/src/libtorsh.so

Skipped (77) where torch or safetensors is missing.
"""
import os
import sys
import tempfile

try:
    import ctypes as c  # Debian's python3-minimal lacks it
    import torch
    from safetensors import safe_open
    from safetensors.torch import load_file, save_file
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)


class Handle(c.Structure):
    _fields_ = [("id", c.c_uint64)]


DTYPES = {torch.bool: 0, torch.uint8: 1, torch.int8: 2, torch.int16: 3, torch.int32: 4, torch.int64: 5, torch.float16: 6,
          torch.bfloat16: 7, torch.float32: 8, torch.float64: 9, torch.complex64: 10}

lib = c.CDLL(sys.argv[1])
for name in ("torsh_from_data", "torsh_checkpoint_make", "torsh_load", "torsh_checkpoint_get"):
    getattr(lib, name).restype = Handle
lib.torsh_last_error.restype = c.c_char_p
lib.torsh_checkpoint_name.restype = c.c_char_p
lib.torsh_checkpoint_text.restype = c.c_char_p
lib.torsh_checkpoint_size.restype = c.c_int64
lib.torsh_numel.restype = c.c_int64
lib.torsh_sizes.restype = c.POINTER(c.c_int64)
lib.torsh_from_data.argtypes = [c.c_void_p, c.POINTER(c.c_int64), c.c_size_t, c.c_int, c.c_int32]
lib.torsh_checkpoint_set.argtypes = [Handle, c.c_char_p, Handle]
lib.torsh_checkpoint_set_text.argtypes = [Handle, c.c_char_p, c.c_char_p]
lib.torsh_checkpoint_save.argtypes = [Handle, c.c_char_p]
lib.torsh_load.argtypes = [c.c_char_p]
lib.torsh_checkpoint_get.argtypes = [Handle, c.c_char_p]
lib.torsh_checkpoint_text.argtypes = [Handle, c.c_char_p]
lib.torsh_checkpoint_name.argtypes = [Handle, c.c_int64]
lib.torsh_to_host.argtypes = [Handle, c.c_void_p, c.c_size_t]
for name in ("torsh_checkpoint_size", "torsh_numel", "torsh_sizes", "torsh_ndim", "torsh_dtype_of"):
    getattr(lib, name).argtypes = [Handle]


def check(status):
    assert status == 0, lib.torsh_last_error().decode()


def to_torsh(t):
    t = t.contiguous()
    handle = lib.torsh_from_data(t.data_ptr() or None, (c.c_int64 * max(t.dim(), 1))(*t.shape), t.dim(), DTYPES[t.dtype], 0)
    assert lib.torsh_numel(handle) == t.numel(), lib.torsh_last_error().decode()
    return handle


def from_torsh(handle):
    dtype = next(d for d, number in DTYPES.items() if number == lib.torsh_dtype_of(handle))
    sizes = lib.torsh_sizes(handle)
    t = torch.empty([sizes[i] for i in range(lib.torsh_ndim(handle))], dtype=dtype)
    check(lib.torsh_to_host(handle, t.data_ptr(), t.numel() * t.element_size()))
    return t


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and torch.equal(a.reshape(-1).view(torch.uint8), b.reshape(-1).view(torch.uint8))


torch.manual_seed(0)
tensors = {"scalar": torch.tensor(3.5), "empty": torch.zeros(0, 3), "n\u00e9\n\"name\\": torch.arange(5)}
for dtype in DTYPES:
    tensors[f"odd.{dtype}"] = (torch.randn(3, 5, 7) * 10).to(dtype)  # odd sizes leave later tensors unaligned where nobody sorts
    tensors[f"one.{dtype}"] = torch.ones(1).to(dtype)
texts = {"format": "pt", "note": "\u20ac \u0001 \"quoted\""}

with tempfile.TemporaryDirectory() as folder:
    ours, theirs = os.path.join(folder, "ours"), os.path.join(folder, "theirs")
    checkpoint = lib.torsh_checkpoint_make()
    for name, t in tensors.items():
        check(lib.torsh_checkpoint_set(checkpoint, name.encode(), to_torsh(t)))
    for key, text in texts.items():
        check(lib.torsh_checkpoint_set_text(checkpoint, key.encode(), text.encode()))
    check(lib.torsh_checkpoint_save(checkpoint, ours.encode()))
    read = load_file(ours)
    assert read.keys() == tensors.keys()
    assert all(same(read[name], t) for name, t in tensors.items())
    with safe_open(ours, "pt") as file:
        assert file.metadata() == texts

    save_file(tensors, theirs, metadata=texts)
    loaded = lib.torsh_load(theirs.encode())
    assert lib.torsh_checkpoint_size(loaded) == len(tensors), lib.torsh_last_error().decode()
    for name, t in tensors.items():
        assert same(from_torsh(lib.torsh_checkpoint_get(loaded, name.encode())), t), name
    for key, text in texts.items():
        assert lib.torsh_checkpoint_text(loaded, key.encode()).decode() == text

print(len(tensors), "tensors and", len(texts), "texts, both ways")
