#!/usr/bin/env python3
"""Writes the seeds of tests/fuzz/corpus/safetensors: small files that reach each check of the reader, good and bad.

    tests/fuzz/make_corpus.py tests/fuzz/corpus/safetensors
"""
import pathlib
import struct
import sys

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


folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for name, header, data in seeds():
    text = header.encode()
    (folder / name).write_bytes(struct.pack("<Q", len(text)) + text + bytes(i % 251 for i in range(data)))
(folder / "long_header").write_bytes(struct.pack("<Q", 100000001) + b"{}")
(folder / "wrapping_header").write_bytes(struct.pack("<Q", 2**64 - 4) + b"{}")
