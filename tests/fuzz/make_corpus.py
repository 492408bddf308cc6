#!/usr/bin/env python3
"""Writes the seeds of tests/fuzz/corpus: small files that reach each check of a reader, good and bad.

    tests/fuzz/make_corpus.py tests/fuzz/corpus
"""
import io
import pathlib
import struct
import sys
import zipfile

T = '{"dtype":"%s","shape":%s,"data_offsets":[%d,%d]}'


def seeds():
    yield "empty", "{}", 0
    yield "one", '{"a":' + T % ("F32", "[2,3]", 0, 24) + "}", 24
    yield "two", '{"a":' + T % ("I64", "[2]", 0, 16) + ',"b":' + T % ("U8", "[]", 16, 17) + "}", 17
    yield "metadata", '{"__metadata__":{"format":"pt","\\u00e9":"\\ud83d\\ude00"},"a":' + T % ("BF16", "[1]", 0, 2) + "}  ", 2
    yield "zero_size", '{"a":' + T % ("F64", "[0,4]", 0, 0) + ',"b":' + T % ("BOOL", "[3]", 0, 3) + "}", 3
    yield "half_byte", '{"a":' + T % ("F4", "[4]", 0, 2) + "}", 2
    yield "f8", '{"a":' + T % ("F8_E4M3", "[4]", 0, 4) + ',"c":' + T % ("C64", "[1]", 4, 12) + "}", 12
    yield "overflow", '{"a":' + T % ("F32", "[4611686018427387904,4]", 0, 0) + "}", 0
    yield "overlap", '{"a":' + T % ("U8", "[4]", 0, 4) + ',"b":' + T % ("U8", "[4]", 0, 4) + "}", 4
    yield "hole", '{"a":' + T % ("U8", "[1]", 4, 5) + "}", 5
    yield "backwards", '{"a":' + T % ("U8", "[1]", 5, 4) + "}", 5
    yield "trailing", '{"a":' + T % ("U8", "[1]", 0, 1) + "}", 9
    yield "duplicate", '{"a":' + T % ("U8", "[0]", 0, 0) + ',"a":' + T % ("U8", "[0]", 0, 0) + "}", 0
    yield "nested", '{"a":' * 100 + "1" + "}" * 100, 0
    yield "rank", '{"a":' + T % ("U8", "[" + ",".join(["1"] * 70) + "]", 0, 1) + "}", 1


folder = pathlib.Path(sys.argv[1]) / "safetensors"
folder.mkdir(parents=True, exist_ok=True)
for name, header, data in seeds():
    text = header.encode()
    (folder / name).write_bytes(struct.pack("<Q", len(text)) + text + bytes(i % 251 for i in range(data)))
(folder / "long_header").write_bytes(struct.pack("<Q", 100000001) + b"{}")
(folder / "wrapping_header").write_bytes(struct.pack("<Q", 2**64 - 4) + b"{}")


def npy(header, data=b"", version=1):
    text = header.encode() + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(text)) + text + data


def dict_of(descr="'<f4'", fortran="False", shape="(2, 3)"):
    return "{'descr': %s, 'fortran_order': %s, 'shape': %s, }" % (descr, fortran, shape)


def npz(method, *members, extra=b""):
    f = io.BytesIO()
    with zipfile.ZipFile(f, "w", method) as z:
        for name, data in members:
            with z.open(zipfile.ZipInfo(name), "w", force_zip64=len(name) % 2 == 1) as m:
                m.write(data)
    return f.getvalue() + extra


DATA = bytes(range(24))
ARRAY = npy(dict_of(), DATA)
ARRAYS = {
    "plain": ARRAY, "version2": npy(dict_of(), DATA, 2), "version3": npy(dict_of(), DATA, 3), "version9": npy(dict_of(), DATA, 9),
    "fortran": npy(dict_of(fortran="True"), DATA), "big": npy(dict_of("'>f4'"), DATA), "scalar": npy(dict_of("'|b1'", shape="()"), b"\x07"),
    "complex": npy(dict_of("'>c16'", shape="(1,)"), DATA[:16]), "python2": npy(dict_of(shape="(2L, 3L)"), DATA), "empty": npy(dict_of(shape="(0, 9)")),
    "object": npy(dict_of("'|O'"), DATA), "records": npy(dict_of("[('a', '<f4')]"), DATA), "overflow": npy(dict_of(shape="(9223372036854775807, 9)")),
    "huge": npy(dict_of(shape="(4611686018427387904,)")), "rank": npy(dict_of("'|u1'", shape="(" + "1, " * 70 + ")"), b"1"),
    "no_tuple": npy(dict_of(shape="(6)"), DATA), "open": npy("{'descr': '<f4"), "twice": npy("{'shape': (), 'shape': ()}"), "nothing": b"",
    "zipped": npz(zipfile.ZIP_STORED, ("a.npy", ARRAY), ("bc.npy", npy(dict_of("'<i2'"), DATA[:12]))), "none": npz(zipfile.ZIP_STORED),
    "deflated": npz(zipfile.ZIP_DEFLATED, ("a.npy", npy(dict_of(), bytes(24))), ("notes", b"text")), "same": npz(zipfile.ZIP_STORED, ("a.npy", ARRAY), ("a.npy", ARRAY)),
    "comment": npz(zipfile.ZIP_STORED, ("a.npy", ARRAY), extra=b"more"), "bzip2": npz(zipfile.ZIP_BZIP2, ("a.npy", ARRAY)),
    "bomb": npz(zipfile.ZIP_DEFLATED, ("a.npy", npy(dict_of("'|u1'", shape="(1048576,)"), bytes(1 << 20)))),
}
folder = pathlib.Path(sys.argv[1]) / "npy"
folder.mkdir(parents=True, exist_ok=True)
for name, data in ARRAYS.items():
    (folder / name).write_bytes(data)
