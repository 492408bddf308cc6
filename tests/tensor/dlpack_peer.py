#!/usr/bin/env python3
"""DLPack both ways: a PyTorch tensor seen by ToRSh and the reverse, sharing memory, of every dtype, in both versions of the protocol.

    python tests/tensor/dlpack_peer.py build/src/libtorsh.so

Skipped (77) where torch is missing.
"""
import gc
import sys

try:
    import ctypes as c  # Debian's python3-minimal lacks it
    import torch
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)


class Handle(c.Structure):
    _fields_ = [("id", c.c_uint64)]


DTYPES = [torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16, torch.float32, torch.float64,
          torch.complex64, torch.complex128]
lib = c.CDLL(sys.argv[1])
lib.torsh_last_error.restype = c.c_char_p
lib.torsh_live_handles.restype = c.c_int64
for name in ("torsh_from_data", "torsh_from_dlpack", "torsh_from_dlpack_versioned", "torsh_transpose"):
    getattr(lib, name).restype = Handle
for name in ("torsh_ndim", "torsh_dtype_of", "torsh_numel"):
    getattr(lib, name).argtypes = [Handle]
lib.torsh_numel.restype = c.c_int64
for name in ("torsh_to_dlpack", "torsh_to_dlpack_versioned"):
    getattr(lib, name).restype, getattr(lib, name).argtypes = c.c_void_p, [Handle]
lib.torsh_from_dlpack.argtypes = lib.torsh_from_dlpack_versioned.argtypes = [c.c_void_p]
lib.torsh_from_data.argtypes = [c.c_void_p, c.POINTER(c.c_int64), c.c_size_t, c.c_int, c.c_int32]
lib.torsh_transpose.argtypes = [Handle, c.c_int64, c.c_int64]
lib.torsh_data.restype, lib.torsh_data.argtypes = c.c_void_p, [Handle]
lib.torsh_to_host.argtypes = [Handle, c.c_void_p, c.c_size_t]
lib.torsh_release_id.argtypes = [c.c_uint64]
lib.torsh_set_requires_grad.argtypes = [Handle, c.c_bool]
api = c.pythonapi
api.PyCapsule_GetPointer.restype, api.PyCapsule_GetPointer.argtypes = c.c_void_p, [c.py_object, c.c_char_p]
api.PyCapsule_SetName.argtypes = [c.py_object, c.c_char_p]
api.PyCapsule_New.restype, api.PyCapsule_New.argtypes = c.py_object, [c.c_void_p, c.c_char_p, c.c_void_p]
USED = {b"dltensor": b"used_dltensor", b"dltensor_versioned": b"used_dltensor_versioned"}  # capsules don't copy their names


def check(condition, what):
    if not condition:
        sys.exit(f"{what}: {lib.torsh_last_error().decode()}")


def seen_here(t, versioned):
    """t as our tensor."""
    name = b"dltensor_versioned" if versioned else b"dltensor"
    capsule = t.__dlpack__(max_version=(1, 0)) if versioned else torch.utils.dlpack.to_dlpack(t)
    ours = (lib.torsh_from_dlpack_versioned if versioned else lib.torsh_from_dlpack)(api.PyCapsule_GetPointer(capsule, name))
    check(ours.id >> 60 != 15, f"from_dlpack of {t.dtype}")
    api.PyCapsule_SetName(capsule, USED[name])
    return ours


def seen_there(ours, versioned):
    """Our tensor as one of PyTorch."""
    pointer = (lib.torsh_to_dlpack_versioned if versioned else lib.torsh_to_dlpack)(ours)
    check(pointer, "to_dlpack")
    return torch.utils.dlpack.from_dlpack(api.PyCapsule_New(pointer, b"dltensor_versioned" if versioned else b"dltensor", None))


def read(ours, like):
    out = torch.empty(like.shape, dtype=like.dtype)
    check(lib.torsh_to_host(ours, c.c_void_p(out.data_ptr() or 1), out.numel() * out.element_size()) == 0, "to_host")
    return out


def both(dtype, versioned):
    torch.manual_seed(1)
    whole = torch.randn(4, 6, dtype=torch.complex128 if dtype.is_complex else torch.float64).mul(3).to(dtype)
    for t in (whole, whole.t(), whole[1:3, ::2], whole[0, 0], torch.empty(0, 3, dtype=dtype)):
        ours = seen_here(t, versioned)
        check(lib.torsh_dtype_of(ours) == DTYPES.index(dtype) and torch.equal(read(ours, t), t), f"{dtype} of {tuple(t.shape)} seen here")
        check(not t.numel() or lib.torsh_data(ours) == t.data_ptr(), "shares memory")
        back = seen_there(ours, versioned)
        lib.torsh_release_id(ours.id)  # back keeps it
        check(back.dtype == dtype and back.shape == t.shape and torch.equal(back, t), f"{dtype} of {tuple(t.shape)} seen there")
        if t.numel():
            check(back.data_ptr() == t.data_ptr() and back.stride() == t.stride(), "shares memory there")
            t.zero_()
            check(not back.any(), "sees changes")


def memory_is_given_back():
    t = torch.arange(5.0)
    ours = seen_here(t, False)
    pointer = t.data_ptr()
    del t
    gc.collect()
    fresh = read(ours, torch.empty(5))
    check(torch.equal(fresh, torch.arange(5.0)) and lib.torsh_data(ours) == pointer, "the memory outlives PyTorch's tensor")
    lib.torsh_release_id(ours.id)


def refusals():
    sizes = (c.c_int64 * 1)(3)
    data = (c.c_float * 3)(1, 2, 3)
    ours = lib.torsh_from_data(data, sizes, 1, DTYPES.index(torch.float32), 0)
    check(lib.torsh_set_requires_grad(ours, True) == 0, "set_requires_grad")
    check(not lib.torsh_to_dlpack(ours) and b"detach" in lib.torsh_last_error(), "gradients are refused")
    lib.torsh_release_id(ours.id)
    check(lib.torsh_from_dlpack(None).id >> 60 == 15, "NULL is refused")
    unknown = torch.zeros(2, dtype=torch.uint16)
    capsule = torch.utils.dlpack.to_dlpack(unknown)
    check(lib.torsh_from_dlpack(api.PyCapsule_GetPointer(capsule, b"dltensor")).id >> 60 == 15 and b"16 bits" in lib.torsh_last_error(), "u16 is refused")


for dtype in DTYPES:
    for versioned in (False, True):
        both(dtype, versioned)
memory_is_given_back()
refusals()
gc.collect()
check(lib.torsh_live_handles() == 0, "handles are left")
print("dlpack: both ways,", len(DTYPES), "dtypes")
