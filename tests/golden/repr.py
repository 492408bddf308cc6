#!/usr/bin/env python3
"""Writes tests/golden/repr.txt: tensors and how PyTorch prints them.

Run in an environment that has torch: python tests/golden/repr.py
Each case is a line "dtype kind precision threshold edge_items line_width sci_mode rank sizes... length", a line of the elements'
bytes in hex ("-" for none), and `length` bytes of text, a newline behind them. dtype: the number of torsh_dtype. kind: 0 plain,
1 requires a gradient, 2 a parameter, 3 the result of multiplying by 1 something that requires a gradient.
"""
import math, os
import torch

DTYPES = [torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16,
          torch.float32, torch.float64, torch.complex64, torch.complex128]
DEFAULTS = dict(precision=4, threshold=1000, edgeitems=3, linewidth=80, sci_mode=None)
out = bytearray()
count = 0


def case(t, kind=0, **options):
    global count
    o = {**DEFAULTS, **options}
    torch.set_printoptions(**o)
    shown = t
    if kind == 1:
        shown = t.clone().requires_grad_()
    if kind == 2:
        shown = torch.nn.Parameter(t.clone())
    if kind == 3:
        shown = t.clone().requires_grad_() * 1
    text = repr(shown).encode()
    torch.set_printoptions(**DEFAULTS)
    flat = t.detach().contiguous().reshape(-1)
    raw = bytes(flat.view(torch.uint8).tolist()) if t.numel() else b""
    sci = -1 if o["sci_mode"] is None else int(o["sci_mode"])
    head = [DTYPES.index(t.dtype), kind, o["precision"], int(o["threshold"]), o["edgeitems"], o["linewidth"], sci, t.dim(), *t.shape, len(text)]
    out.extend((" ".join(map(str, head)) + "\n" + (raw.hex() or "-") + "\n").encode() + text + b"\n")
    count += 1


def main():
    g = torch.Generator().manual_seed(3)
    rand = lambda *s: torch.randn(s, generator=g, dtype=torch.float64)
    inf, nan = math.inf, math.nan
    for d in DTYPES:
        x = rand(3, 4) * 4
        x = x > 0 if d == torch.bool else x.abs().to(d) if d == torch.uint8 else torch.complex(x, rand(3, 4)).to(d) if d.is_complex else x.to(d)
        for t in (x, x[0, 0], x[0], x.reshape(2, 3, 2), x[:, :0], x[:0], x[0, :0], x.reshape(1, 1, 12), x.reshape(12, 1)):
            case(t)
    floats = [
        [0.0], [-0.0], [1.0, 2.0, 3.0], [1.5, -2.25, 100.0], [1e-5, 1.0], [1e9, 1.0], [1e8, 2.0], [1.0000001e8], [1000.0, 1.0], [1001.0, 1.0],
        [1000.5, 1.0], [0.0001, 0.05], [0.00009, 0.05], [inf, 1.0], [nan, 1.0], [inf, -inf, nan], [nan], [inf], [-inf, 0.5], [nan, 1e10, 1e-10],
        [0.0, 0.0], [0.99999, 0.5], [0.99995, 0.5], [123456.789], [0.1, 0.2, 0.3], [1e38, 1e-38], [1e-45], [12345678.0, 0.5], [-1.0, -1e5],
        [1e5, 1e3, 0.0], [2.5, 3.5, 4.5], [99999999.0], [100000001.0], [1 / 3], [1e15, 1e14], [math.pi * 1e6], [5e-324, 1.0]]
    for v in floats:
        case(torch.tensor(v))
        case(torch.tensor(v, dtype=torch.float64))
        case(torch.tensor(v[0]))
    for v in ([65504.0, 1.0], [6e-8, 1.0], [0.333, 2.0]):
        case(torch.tensor(v, dtype=torch.float16))
        case(torch.tensor(v, dtype=torch.bfloat16))
    for v in ([1 + 2j], [1.5 - 2j, -3 + 0j], [complex(0, -0.0), 1e-6 + 1j], [complex(nan, inf), complex(-inf, nan)], [1e9 + 1e-9j, 2 + 3j], [0j]):
        case(torch.tensor(v))
        case(torch.tensor(v, dtype=torch.complex128))
        case(torch.tensor(v[0]))
    for v in ([1, 10, 100], [-1, 5], [2 ** 63 - 1, -2 ** 63]):
        case(torch.tensor(v))
    for t in (rand(20).float(), rand(100).float(), rand(5, 30).float(), torch.arange(40), torch.arange(1000), torch.arange(1001), torch.arange(2000.0),
              rand(34, 34).float(), rand(4, 300).float(), rand(11, 10, 10).float(), rand(3, 5, 100).float(), torch.complex(rand(32, 32), rand(32, 32)).to(torch.complex64),
              torch.arange(1200) % 3 == 0, rand(7, 7, 7, 7).float(), rand(2, 2, 2, 2).float(), torch.eye(40) * 1e6, torch.zeros(1200),
              torch.arange(6000).reshape(6, 1000).short(), torch.arange(7000).reshape(7, 1000).short(), torch.arange(1400).reshape(700, 2).short()):
        case(t)
    for kind in (1, 2, 3):
        for t in (rand(2, 2).float(), rand(2, 2), rand(8).float(), rand(3, 9).float(), rand(9), torch.zeros(0), torch.zeros(2, 0), torch.tensor(1.5), rand(40, 40).float()):
            case(t, kind)
    x = rand(4, 6).float() * 10
    for o in (dict(precision=2), dict(precision=0), dict(precision=8), dict(linewidth=40), dict(linewidth=10), dict(linewidth=200), dict(threshold=5), dict(threshold=5, edgeitems=1),
              dict(threshold=0), dict(edgeitems=2, threshold=10), dict(sci_mode=True), dict(sci_mode=False), dict(sci_mode=True, precision=1), dict(threshold=3, edgeitems=0)):
        case(x, **o)
        case(x.round(), **o)
        case(x.long(), **o)
        case(torch.tensor([1e10, 1e-10, 1.0]), **o)
        case(torch.complex(x, -x)[:2], **o)
        case(x, 1, **o)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "repr.txt"), "wb") as f:
        f.write(out)
    print(count, "cases,", len(out), "bytes")


main()
