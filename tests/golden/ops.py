#!/usr/bin/env python3
"""Writes tests/golden/ops_*.bin: inputs, expected results and gradients of every row of the op tables, computed by PyTorch.

Run in an environment that has torch (bench/peers.sh makes one): python tests/golden/ops.py
Rows and their parameters are read from src/ops/table/*.def; each table has a file of its own here. A row without samples is an
error, so an op can't be added without a judge.

File: "TGLD1\\n", then records until the end. Little endian.
  record:  u8 length, op name; u8 argument count; arguments; u8 result count; tensors; u8 gradient count; per gradient
           u8 argument index, u8 element index in a list, tensor. Results of gradients: of sum(result * w), w[i] = 0.5 + (i % 7) / 7,
           for each floating-point result.
  argument: u8 kind ('T' tensor, 'N' null tensor, 'W' weak number, 'L' tensor list, 'i' int, 'd' double, 'b' bool, 'I' ints, 'F' doubles, 't' dtype, 'D' device,
           's' text, 'g' default generator), then the value
  tensor:  u8 dtype (torsh_dtype), u8 rank, i32 sizes, elements in row-major order
"""
import math, os, re, struct, sys
import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(HERE, "..", "..", "src", "ops", "table")
sys.path.insert(0, HERE)
import ops_structured
from samples import DefaultGenerator, Weak

DTYPES = [torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16,
          torch.float32, torch.float64, torch.complex64, torch.complex128]
BOOL, INTS, FLOATS, COMPLEX = DTYPES[:1], DTYPES[1:6], DTYPES[6:10], DTYPES[10:]
SETS = {"FLOAT": FLOATS, "FC": FLOATS + COMPLEX, "FLOAT_I64": [torch.int64] + FLOATS, "FC_I64": [torch.int64] + FLOATS + COMPLEX, "INT": INTS, "INTB": BOOL + INTS, "REAL": INTS + FLOATS,
        "REALB": BOOL + INTS + FLOATS, "FLOATI": INTS + FLOATS, "FLOATB": BOOL + INTS + FLOATS, "FLOATX": INTS + FLOATS + COMPLEX, "FLOATXB": DTYPES, "FLOATW": FLOATS, "REALW": INTS + FLOATS, "REALC": INTS + FLOATS + COMPLEX, "NUM": INTS + FLOATS + COMPLEX, "NUMB": DTYPES, "ALL": DTYPES, "BOOL": BOOL,
        "LAPACK": FLOATS[2:] + COMPLEX, "I32": [torch.int32]}


# ---- the tables ----------------------------------------------------------------------------------------------------

def split_top(text):
    """Splits at commas outside parentheses."""
    parts, depth, current = [], 0, ""
    for c in text:
        depth += (c == "(") - (c == ")")
        if c == "," and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += c
    return parts + [current.strip()]


def lines(path):
    text = re.sub(r"/\*.*?\*/", "", open(path).read(), flags=re.S)
    return re.sub(r"\\\n", " ", text).splitlines()


def read_rows(path):
    """(macro, arguments) of each row of a table."""
    matches = (re.match(r"([A-Z]\w*)\((.*)\)\s*$", line) for line in lines(path))
    return [(m.group(1), split_top(m.group(2))) for m in matches if m]


def pointwise_rows():
    return [row for table in ("pointwise.def", "pointwise_rare.def") for row in read_rows(os.path.join(TABLE, table))]


def families():
    """The names of the tables that structured.def includes."""
    return re.findall(r'^#include "(\w+)\.def"', "\n".join(lines(os.path.join(TABLE, "structured.def"))), flags=re.M)


# ---- writing -------------------------------------------------------------------------------------------------------

def tensor_bytes(t):
    t = torch.zeros(t.shape, dtype=t.dtype) if t._is_zerotensor() else t
    t = t.detach().resolve_conj().resolve_neg().contiguous()
    data = t.view(torch.uint8) if t.dtype == torch.bool else t
    raw = bytes(data.reshape(-1).view(torch.uint8).tolist()) if t.numel() else b""
    return struct.pack("<BB", DTYPES.index(t.dtype), t.dim()) + struct.pack(f"<{t.dim()}i", *t.shape) + raw


SEED = 5


def argument_bytes(a):
    if isinstance(a, torch.Tensor):
        return b"T" + tensor_bytes(a)
    if a is None:
        return b"N"
    if isinstance(a, DefaultGenerator):
        return b"g"
    if isinstance(a, Weak):
        return b"W" + struct.pack("<d", a.value)
    if isinstance(a, bool):
        return b"b" + struct.pack("<B", a)
    if isinstance(a, int):
        return b"i" + struct.pack("<q", a)
    if isinstance(a, float):
        return b"d" + struct.pack("<d", a)
    if isinstance(a, torch.dtype):
        return b"t" + struct.pack("<b", DTYPES.index(a))
    if isinstance(a, torch.device):
        return b"D"
    if isinstance(a, str):
        return b"s" + struct.pack("<B", len(a)) + a.encode()
    if isinstance(a, (list, tuple)) and a and isinstance(a[0], (torch.Tensor, type(None))):
        return b"L" + struct.pack("<B", len(a)) + b"".join(argument_bytes(t) for t in a)
    if isinstance(a, (list, tuple)) and a and isinstance(a[0], float):
        return b"F" + struct.pack("<B", len(a)) + b"".join(struct.pack("<d", i) for i in a)
    if isinstance(a, (list, tuple)):
        return b"I" + struct.pack("<B", len(a)) + b"".join(struct.pack("<q", i) for i in a)
    raise TypeError(type(a))


def differentiable(t):
    return isinstance(t, torch.Tensor) and t.dtype in (torch.float64, torch.complex128) and t.numel() > 0


def gradients(call, args):
    """[(argument, element, gradient)] for f64 and c128 inputs, of the weighted sum of all results."""
    leaves, copies = [], []
    for i, a in enumerate(args):
        if differentiable(a):
            leaf = a.detach().clone().requires_grad_()
            leaves.append((i, 0, leaf))
            copies.append(leaf)
        elif isinstance(a, (list, tuple)) and a and isinstance(a[0], torch.Tensor):
            inner = [t.detach().clone().requires_grad_() if differentiable(t) else t for t in a]
            leaves += [(i, k, t) for k, t in enumerate(inner) if differentiable(t)]
            copies.append(inner)
        else:
            copies.append(a)
    if not leaves:
        return []
    loss = 0
    torch.manual_seed(SEED)
    try:
        results = results_of(call(*copies))
    except NotImplementedError as error:
        if "automatic differentiation" not in str(error):
            raise
        return []
    for r in results:
        if r.requires_grad:
            w = 0.5 + (torch.arange(r.numel(), dtype=torch.float64) % 7) / 7
            term = (r.reshape(-1) * w).sum()
            loss = loss + (term.real if term.is_complex() else term)
    if not isinstance(loss, torch.Tensor) or not loss.requires_grad:
        return []
    try:
        grads = torch.autograd.grad(loss, [t for _, _, t in leaves], allow_unused=True)
    except RuntimeError as error:
        if "not implemented" not in str(error) and "up to multiplication by" not in str(error):  # complex singular vectors: see linalg.h
            raise
        return []
    return [(i, k, g) for (i, k, _), g in zip(leaves, grads) if g is not None]


def results_of(r):
    if isinstance(r, torch.Tensor):
        return [r]
    return [t for t in r if isinstance(t, torch.Tensor)]


class Writer:
    def __init__(self, name):
        self.path = os.path.join(HERE, name)
        self.out = bytearray(b"TGLD1\n")
        self.count = 0

    def record(self, name, call, args, grad=True):
        plain = [a.value if isinstance(a, (Weak, DefaultGenerator)) else a for a in args]
        torch.manual_seed(SEED)
        results = results_of(call(*plain))
        grads = gradients(call, plain) if grad else []
        self.out += struct.pack("<B", len(name)) + name.encode() + struct.pack("<B", len(args))
        self.out += b"".join(argument_bytes(a) for a in args)
        self.out += struct.pack("<B", len(results)) + b"".join(tensor_bytes(r) for r in results)
        self.out += struct.pack("<B", len(grads))
        for i, k, g in grads:
            self.out += struct.pack("<BB", i, k) + tensor_bytes(g)
        self.count += 1

    def close(self):
        with open(self.path, "wb") as f:
            f.write(self.out)
        print(f"{os.path.basename(self.path)}: {self.count} records, {len(self.out)} bytes")


# ---- pointwise -----------------------------------------------------------------------------------------------------

def draw(domain, dtype, shape, generator):
    """Elements of a test domain of pointwise.def."""
    if dtype == torch.bool or domain == "BOOL":
        return torch.rand(shape, generator=generator) < 0.5
    u = torch.rand(shape, generator=generator, dtype=torch.float64)
    low, high = {"ANY": (-3, 3), "POSITIVE": (0.1, 4), "UNIT": (-1, 1), "OPEN01": (0.05, 0.95), "GT1": (1.1, 4), "GTM1": (-0.9, 3),
                 "NONZERO": (0.3, 3), "SMALL": (-0.9, 0.9), "BIT": (0, 8)}[domain]
    x = low + u * (high - low)
    if domain == "NONZERO":
        x = x * torch.where(torch.rand(shape, generator=generator) < 0.5, -1.0, 1.0)
    if dtype.is_complex:
        y = torch.rand(shape, generator=generator, dtype=torch.float64) - 0.5
        return torch.complex(x, y).to(dtype)
    if dtype.is_floating_point:
        return x.to(dtype)
    scale = 3 if domain in ("ANY", "NONZERO", "POSITIVE") else 1
    x = (x * scale).round()
    if domain in ("NONZERO", "POSITIVE"):
        x = torch.where(x == 0, 1.0, x)
    return (x.abs() if dtype == torch.uint8 else x).to(dtype)


SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, math.inf, -math.inf, math.nan, 1e-30, -1e30, 100.0]
ATTRIBUTES = {"clamp": (-0.7, 1.2), "nan_to_num": (0.5, 3.0, -4.0), "leaky_relu": (0.1,), "elu": (1.3,), "softplus": (1.5, 2.0),
              "hardtanh": (-0.8, 0.9), "addcmul": (0.7,), "addcdiv": (0.7,), "hardshrink": (0.5,), "softshrink": (0.5,), "threshold": (0.5, 3.0)}
TORCH = {"gelu_tanh": lambda x: F.gelu(x, approximate="tanh"), "nan_to_num": lambda x, n, p, m: torch.nan_to_num(x, n, p, m),
         "conj": lambda x: torch.conj(x).resolve_conj(), "square": torch.square, "addcmul": lambda a, b, c, v: torch.addcmul(a, b, c, value=v),
         "addcdiv": lambda a, b, c, v: torch.addcdiv(a, b, c, value=v), "clamp": torch.clamp,
         **{"special_" + n: lambda x, f=getattr(torch.special, n): f(x.float()).to(x.dtype) if x.dtype in (torch.float16, torch.bfloat16) else f(x) for n in ("i0e", "i1e")},
         "special_airy_ai": lambda x: torch.special.airy_ai(x.double()).to(x.dtype if x.is_floating_point() else torch.float32),  # its phase in f32 is worth nothing far out
         "special_ndtr": lambda x: torch.special.ndtr(x.double()).to(x.dtype if x.is_floating_point() else torch.float32),  # 1 + erf: left of 0 it cancels
         "trunc_divide": lambda a, b: torch.div(a, b, rounding_mode="trunc"),
         "rectified": lambda x, w: torch.where(x > 0, x, w * x), "gated": lambda a, b: (a.float() * torch.sigmoid(b.float())).to(a.dtype) if a.dtype in (torch.float16, torch.bfloat16) else a * torch.sigmoid(b), "between": torch.clamp, "heaviside_number": torch.heaviside,
         "polygamma_size": lambda n, x: torch.special.zeta(n + 1, x) * torch.special.gammaln((n + 1).detach()).exp(),
         "round_part": lambda x, p: torch.round(x * p) / p,
         "huber": lambda a, b, d: torch.where((a - b).abs() < d, (a - b) ** 2 / 2, d * ((a - b).abs() - d / 2)),
         "relu_backward": lambda g, y: g * (y > 0).to(g.dtype),
         "gelu_backward": lambda g, x: torch.ops.aten.gelu_backward(g, x)}


def torch_function(name):
    for space in (TORCH,):
        if name in space:
            return space[name]
    if name.startswith("special_"):
        return getattr(torch.special, name[len("special_"):])
    for space in (torch, F):
        if hasattr(space, name):
            return getattr(space, name)
    if not hasattr(torch.Tensor, name):
        sys.exit(f"PyTorch has no {name}: say in TORCH (ops.py) or samples() (samples/) what judges it")
    return getattr(torch.Tensor, name)


def pointwise():
    w = Writer("ops_pointwise.bin")
    generator = torch.Generator().manual_seed(7)
    for macro, args in pointwise_rows():
        name = args[0]
        attributes = ATTRIBUTES.get(name, ())
        rest = args[1 + len(attributes):] if re.match(r"(UNARY|TERNARY)\d", macro) else args[1:]
        arity = {"U": 1, "B": 2, "T": 3, "M": 3}[macro.removeprefix("INTERNAL_")[0]]
        domains = ["BOOL"] + rest[2:4] if macro == "MASKED" else rest[2:2 + arity]
        call = torch_function(name)
        for dtype in SETS[rest[0]]:
            inputs = [draw(d, dtype, (2, 5), generator) for d in domains]
            if name == "clamp" and dtype in INTS:  # integers with whole limits stay integers
                w.record(name, lambda x, a, b: torch.clamp(x, int(a), int(b)), inputs + [-1.0, 2.0])
            try:
                call(*inputs, *attributes)
            except (RuntimeError, TypeError) as error:
                if "not implemented for" not in str(error) and "not supported" not in str(error):
                    print(f"  {name} {dtype}: torch refuses: {str(error).splitlines()[0][:90]}")
                continue
            w.record(name, call, inputs + list(attributes))
        main = torch.float64 if rest[0] not in ("INT", "INTB") else torch.int64
        if main == torch.float64:  # special values, gradients apart
            x = torch.tensor(SPECIAL, dtype=torch.float32)
            if name == "gelu":  # oneDNN's, which PyTorch calls here, gives NaN for infinity
                x = x[x.isfinite()]
            operands = [x.reshape(1, -1), x.reshape(-1, 1), x.reshape(1, -1)][:arity] if macro != "MASKED" else None
            if arity == 1:
                operands = [x]
            if operands is not None and not macro.startswith("INTERNAL") and "polynomial" not in name:  # those overflow in f32 before they do in f64
                w.record(name, call, operands + list(attributes), grad=False)
        for shape in ((), (0, 3)):
            w.record(name, call, [draw(d, main, shape, generator) for d in domains] + list(attributes))
        if arity > 1 and not macro.startswith("INTERNAL"):
            shapes = [(2, 1, 3), (4, 1), (3,)][:arity]
            w.record(name, call, [draw(d, main, s, generator) for d, s in zip(domains, shapes)] + list(attributes))
        if arity == 2 and macro == "BINARY" and main == torch.float64:
            for dtype in (torch.float32, torch.int32, torch.bfloat16):  # a number and a 0-d tensor on the right, two dtypes
                a = draw("POSITIVE", dtype, (3,), generator)
                for b in (Weak(2.0), torch.tensor(2.0, dtype=torch.float64), torch.tensor([2, 1, 3])):
                    try:
                        call(a, b.value if isinstance(b, Weak) else b)
                    except (RuntimeError, TypeError):
                        continue
                    w.record(name, call, [a, b])
    w.close()


if __name__ == "__main__":
    pointwise()
    import losses
    losses.losses(sys.modules[__name__])
    import edges
    edges.edges(sys.modules[__name__])
    ops_structured.structured(sys.modules[__name__])
