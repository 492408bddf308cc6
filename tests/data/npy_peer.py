#!/usr/bin/env python3
"""numpy must read what ToRSh writes, and ToRSh what it writes: .npy and .npz, stored and compressed, and refuse what it can't hold.

    python tests/data/npy_peer.py build/src/libtorsh.so

Skipped (77) where numpy is missing.
"""
import io
import os
import sys
import tempfile
import zipfile

try:
    import ctypes as c  # Debian's python3-minimal lacks it
    import numpy as np
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)


class Handle(c.Structure):
    _fields_ = [("id", c.c_uint64)]


DTYPES = [np.bool_, np.uint8, np.int8, np.int16, np.int32, np.int64, np.float16, None, np.float32, np.float64, np.complex64, np.complex128]
lib = c.CDLL(sys.argv[1])
lib.torsh_last_error.restype = lib.torsh_state_dict_name.restype = c.c_char_p
for name in ("torsh_from_data", "torsh_npy_read", "torsh_npz_read", "torsh_state_dict_make", "torsh_state_dict_tensor", "torsh_zeros", "torsh_scope_open"):
    getattr(lib, name).restype = Handle
for name in ("torsh_state_dict_size", "torsh_size", "torsh_live_handles"):
    getattr(lib, name).restype = c.c_int64
lib.torsh_from_data.argtypes = [c.c_void_p, c.POINTER(c.c_int64), c.c_size_t, c.c_int, c.c_int32]
lib.torsh_zeros.argtypes = [c.POINTER(c.c_int64), c.c_size_t, c.c_int, c.c_int32]
lib.torsh_npy_read.argtypes = lib.torsh_npz_read.argtypes = [c.c_char_p]
lib.torsh_npy_write.argtypes = [c.c_char_p, Handle]
lib.torsh_npz_write.argtypes = [c.c_char_p, Handle, c.c_bool]
lib.torsh_state_dict_set.argtypes = [Handle, c.c_char_p, Handle]
lib.torsh_state_dict_size.argtypes = lib.torsh_ndim.argtypes = lib.torsh_dtype_of.argtypes = lib.torsh_scope_close.argtypes = [Handle]
lib.torsh_state_dict_name.argtypes = lib.torsh_state_dict_tensor.argtypes = lib.torsh_size.argtypes = [Handle, c.c_int64]
lib.torsh_to_host.argtypes = [Handle, c.c_void_p, c.c_size_t]
folder = tempfile.mkdtemp()


def path(name):
    return os.path.join(folder, name)


def check(condition, what):
    if not condition:
        sys.exit(f"{what}: {lib.torsh_last_error().decode()}")


def failed(handle):
    return handle.id >> 60 == 15


def handle(a):
    a = np.asarray(a, order="C")
    data = a.tobytes() or b"\0"
    return lib.torsh_from_data(data, (c.c_int64 * max(a.ndim, 1))(*a.shape), a.ndim, DTYPES.index(a.dtype.type), 0)


def read(t):
    check(not failed(t), "a tensor")
    out = np.empty([lib.torsh_size(t, d) for d in range(lib.torsh_ndim(t))], dtype=DTYPES[lib.torsh_dtype_of(t)])
    check(lib.torsh_to_host(t, out.ctypes.data, out.nbytes) == 0, "to_host")
    return out


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def arrays():
    r = np.random.default_rng(1)
    for dtype in DTYPES:
        for shape in ((), (3,), (2, 3, 4), (0, 5), (1,)) if dtype else ():
            a = r.normal(size=shape) * 5
            yield np.asarray((a + 1j * a if np.issubdtype(dtype, np.complexfloating) else a), dtype=dtype)


def both_ways():
    for a in arrays():
        name = path("a.npy").encode()
        np.save(path("a.npy"), a)
        check(same(read(lib.torsh_npy_read(name)), a), f"npy of {a.dtype} {a.shape} read")
        check(lib.torsh_npy_write(name, handle(a)) == 0, "npy_write")
        check(same(np.load(path("a.npy")), a), f"npy of {a.dtype} {a.shape} written")


def other_forms():
    """Fortran's order, the other byte order, versions 2 and 3."""
    for a in arrays():
        for form in (a.copy(order="F"), a.astype(a.dtype.newbyteorder(">")), a.astype(a.dtype.newbyteorder(">"), order="F")):
            np.save(path("a.npy"), form)
            check(same(read(lib.torsh_npy_read(path("a.npy").encode())), a), f"npy of {form.dtype} {a.shape} in another form")
    a = np.arange(6.0).reshape(2, 3)
    for version in ((1, 0), (2, 0), (3, 0)):
        with open(path("a.npy"), "wb") as f:
            np.lib.format.write_array(f, a, version=version)
        check(same(read(lib.torsh_npy_read(path("a.npy").encode())), a), f"version {version}")


def archives():
    named = {f"array {i}/é": a for i, a in enumerate(arrays())}
    named["large"] = np.arange(300000, dtype=np.int64) // 7
    for save, compressed in ((np.savez, False), (np.savez_compressed, True)):
        save(path("a.npz"), **named)
        dict_ = lib.torsh_npz_read(path("a.npz").encode())
        check(not failed(dict_), "npz_read")
        found = {lib.torsh_state_dict_name(dict_, i).decode(): read(lib.torsh_state_dict_tensor(dict_, i)) for i in range(lib.torsh_state_dict_size(dict_))}
        check(list(found) == list(named) and all(same(found[n], named[n]) for n in named), "npz read")
        check(lib.torsh_npz_write(path("b.npz").encode(), dict_, compressed) == 0, "npz_write")
        check(zipfile.ZipFile(path("b.npz")).testzip() is None, "testzip")
        loaded = np.load(path("b.npz"))
        check(list(loaded) == list(named) and all(same(loaded[n], named[n]) for n in named), "npz written")
        again = lib.torsh_npz_read(path("b.npz").encode())
        check(not failed(again) and lib.torsh_state_dict_size(again) == len(named), "npz read again")
    check(os.path.getsize(path("b.npz")) < named["large"].nbytes / 4, "compression")
    empty = lib.torsh_state_dict_make()
    check(lib.torsh_npz_write(path("a.npz").encode(), empty, False) == 0 and list(np.load(path("a.npz"))) == [], "an empty archive")
    check(lib.torsh_state_dict_size(lib.torsh_npz_read(path("a.npz").encode())) == 0, "an empty archive read")


def refused(data, word, archive=False):
    with open(path("bad"), "wb") as f:
        f.write(data)
    made = (lib.torsh_npz_read if archive else lib.torsh_npy_read)(path("bad").encode())
    check(failed(made) and word in lib.torsh_last_error().decode(), f"a file that must be refused with {word!r}")


def saved(a):
    f = io.BytesIO()
    np.save(f, a, allow_pickle=True)
    return f.getvalue()


def refusals():
    refused(saved(np.array([{}], dtype=object)), "'|O'")
    refused(saved(np.array(["a"])), "'<U1'")
    refused(saved(np.zeros(2, dtype=np.uint16)), "'<u2'")
    refused(saved(np.zeros(2, dtype=[("a", "f4")])), "records")
    good = saved(np.arange(6.0))
    refused(good[:-1], "more than the file can hold")
    refused(b"\x93NUMPZ" + good[6:], "not an array")
    for change in ((b"'shape': (6,)", b"'shape': (6 )"), (b"'descr'", b"'descs'"), (b"False", b"Falsy"), (b"(6,)", b"(-6)"), (b"}", b" ")):
        refused(good.replace(*change), "header")
    f = io.BytesIO()
    np.savez_compressed(f, a=np.arange(100))
    zipped = bytearray(f.getvalue())
    refused(bytes(zipped[:-30]), "not an archive", archive=True)
    zipped[60] ^= 0x55
    refused(bytes(zipped), "", archive=True)
    f = io.BytesIO()
    with zipfile.ZipFile(f, "w", zipfile.ZIP_BZIP2) as z:
        z.writestr("a.npy", good)
    refused(f.getvalue(), "doesn't use", archive=True)
    f = io.BytesIO()
    with zipfile.ZipFile(f, "w") as z:
        z.writestr("a.npy", good)
        z.writestr("notes.txt", "no array")
    with open(path("a.npz"), "wb") as file:
        file.write(f.getvalue())
    check(lib.torsh_state_dict_size(lib.torsh_npz_read(path("a.npz").encode())) == 1, "members that are no arrays are left out")
    bf16 = lib.torsh_zeros((c.c_int64 * 1)(2), 1, 7, 0)
    check(lib.torsh_npy_write(path("a.npy").encode(), bf16) != 0 and b"bf16" in lib.torsh_last_error(), "bf16")


scope = lib.torsh_scope_open()
both_ways()
other_forms()
archives()
refusals()
lib.torsh_scope_close(scope)
check(lib.torsh_live_handles() == 0, f"{lib.torsh_live_handles()} handles are left")
check(not [n for n in os.listdir(folder) if n.endswith(".tmp")], "temporary files are left")
print("npy, npz: both ways")
