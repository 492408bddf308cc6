"""Samples of the structured rows, by op: argument lists with PyTorch's names for the parameters. Used by ops.py."""
import os
import torch
import torch.nn.functional as F

SAMPLES = {}
TORCH = {}
CPU = torch.device("cpu")


def samples(name, call=None):
    """Registers a function (dtype, x) -> argument lists, x(shape...) drawing elements in [-2, 2], x.positive, x.ints."""

    def register(function):
        SAMPLES[name] = function
        if call:
            TORCH[name] = call
        return function

    return register


class Draw:
    def __init__(self, dtype, generator):
        self.dtype, self.generator = dtype, generator

    def __call__(self, *shape, dtype=None):
        dtype = dtype or self.dtype
        u = torch.rand(shape, generator=self.generator, dtype=torch.float64) * 4 - 2
        if dtype == torch.bool:
            return u > 0
        if dtype.is_complex:
            return torch.complex(u, torch.rand(shape, generator=self.generator, dtype=torch.float64) - 0.5).to(dtype)
        if dtype.is_floating_point:
            return u.to(dtype)
        u = (u * 3).round()
        return (u.abs() if dtype == torch.uint8 else u).to(dtype)

    def positive(self, *shape):
        x = self(*shape)
        return x if x.dtype == torch.bool else (x.abs() + torch.ones((), dtype=x.dtype)).to(x.dtype)

    def ints(self, low, high, *shape, dtype=torch.int64):
        return torch.randint(low, high, shape, generator=self.generator).to(dtype)


# ---- creation, copies ------------------------------------------------------------------------------------------------

for _name in ("zeros", "ones"):
    samples(_name, lambda size, dtype, device, f=getattr(torch, _name): f(size, dtype=dtype))(
        lambda dtype, x: [[[2, 3], dtype, CPU], [[], dtype, CPU], [[0, 2], dtype, CPU]])
samples("full", lambda size, value, dtype, device: torch.full(size, value).to(dtype))(
    lambda dtype, x: [[[2, 3], 3.0, dtype, CPU], [[], 1.0, dtype, CPU]])
for _name in ("zeros_like", "ones_like", "clone", "contiguous"):
    samples(_name, getattr(torch, _name, None) or getattr(torch.Tensor, _name))(lambda dtype, x: [[x(2, 3)], [x()], [x(0, 2)]])
samples("full_like", lambda t, v: torch.full_like(t, v))(lambda dtype, x: [[x(2, 3), 2.0]])
samples("copy_", lambda a, b: a.clone().copy_(b))(lambda dtype, x: [[x(2, 3), x(2, 3)], [x(2, 3), x(3)], [x(2, 3), x(1, dtype=torch.int32)]])
samples("fill_", lambda a, b: a.clone().fill_(b))(lambda dtype, x: [[x(2, 3), x()]])
samples("zero_", lambda a: a.clone().zero_())(lambda dtype, x: [[x(2, 3)]])
samples("to_dtype", lambda a, d: a.to(d))(lambda dtype, x: [[x(2, 3), d] for d in (torch.bool, torch.int8, torch.int64, torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64) if not (dtype.is_complex and not d.is_complex)])
samples("to_device", lambda a, d: a.clone())(lambda dtype, x: [[x(2, 3), CPU]])

# ---- views -------------------------------------------------------------------------------------------------------------

samples("as_strided", torch.as_strided)(lambda dtype, x: [[x(3, 4), [2, 2], [1, 2], 1], [x(6), [2, 3], [1, 1], 0]])
samples("view", torch.Tensor.view)(lambda dtype, x: [[x(2, 6), [3, -1]], [x(4), [2, 2, 1]], [x(0, 2), [0]], [x(), [1]]])
samples("reshape", torch.reshape)(lambda dtype, x: [[x(2, 6), [3, 4]], [x(2, 3), [-1]]])
samples("permute", torch.permute)(lambda dtype, x: [[x(2, 3, 4), [2, 0, 1]], [x(2, 3), [-1, 0]]])
samples("transpose", torch.transpose)(lambda dtype, x: [[x(2, 3), 0, 1], [x(2, 3, 2), -1, 0]])
samples("t", torch.t)(lambda dtype, x: [[x(2, 3)], [x(3)]])
samples("expand", lambda t, s: t.expand(s))(lambda dtype, x: [[x(2, 1), [2, 3]], [x(3), [2, -1]], [x(), [2]]])
samples("squeeze", lambda t, d: torch.squeeze(t, tuple(d)) if d else torch.squeeze(t))(lambda dtype, x: [[x(1, 2, 1), []], [x(1, 2, 1), [0]], [x(1, 2, 1), [-1, 0]]])
samples("unsqueeze", torch.unsqueeze)(lambda dtype, x: [[x(2, 3), 1], [x(2, 3), -1], [x(), 0]])
samples("flatten", torch.flatten)(lambda dtype, x: [[x(2, 3, 2), 1, 2], [x(), 0, -1]])
samples("unflatten", lambda t, d, s: torch.unflatten(t, d, s))(lambda dtype, x: [[x(2, 6), 1, [2, -1]]])
samples("select", torch.select)(lambda dtype, x: [[x(2, 3), 0, 1], [x(2, 3), -1, -2]])
samples("slice", lambda t, d, a, b, s: t[(slice(None),) * (d % t.dim()) + (slice(a, b, s),)])(
    lambda dtype, x: [[x(5, 3), 0, 1, 4, 2], [x(2, 5), -1, -3, 100, 1], [x(4), 0, 3, 1, 1]])
samples("narrow", torch.narrow)(lambda dtype, x: [[x(5, 3), 0, 1, 3], [x(2, 4), -1, 0, 2]])
samples("diagonal", lambda t, o, a, b: torch.diagonal(t, o, a, b))(lambda dtype, x: [[x(3, 4), 0, 0, 1], [x(3, 4), 1, 0, 1], [x(2, 3, 3), -1, -2, -1]])
samples("movedim", lambda t, a, b: torch.movedim(t, a, b))(lambda dtype, x: [[x(2, 3, 2), 0, 2], [x(2, 3), -1, 0]])
samples("select_backward", lambda g, s, d, i: torch.ops.aten.select_backward(g, s, d, i))(lambda dtype, x: [[x(3), [2, 3], 0, 1]])
samples("slice_backward", lambda g, s, d, a, b, k: torch.ops.aten.slice_backward(g, s, d, a, b, k))(lambda dtype, x: [[x(2, 3), [5, 3], 0, 1, 4, 2]])
samples("diagonal_backward", lambda g, s, o, a, b: torch.ops.aten.diagonal_backward(g, s, o, a, b))(lambda dtype, x: [[x(3), [3, 4], 0, 0, 1]])

# ---- random and uninitialised results are judged elsewhere (tests/ops/random_test.c) ---------------------------------------

UNJUDGED = {"empty", "empty_like"}


def structured(ops):
    missing = []
    families = {}
    for macro, args in ops.read_rows(os.path.join(ops.TABLE, "structured.def")):
        name = args[0]
        if name in UNJUDGED:
            continue
        if name not in SAMPLES:
            missing.append(name)
            continue
        dtypes = ops.SETS["ALL"] if macro == "COMPOSITE" else ops.SETS[args[2] if macro == "INTERNAL" else args[3]]
        families[name] = dtypes
    if missing:
        print("rows without samples in ops_structured.py:", " ".join(missing))
    w = ops.Writer("ops_structured.bin")
    generator = torch.Generator().manual_seed(11)
    for name, dtypes in families.items():
        call = TORCH.get(name) or ops.torch_function(name)
        for dtype in dtypes:
            for args in SAMPLES[name](dtype, Draw(dtype, generator)):
                try:
                    call(*[a.value if isinstance(a, ops.Weak) else a for a in args])
                except (RuntimeError, TypeError, NotImplementedError, IndexError) as error:
                    if "not implemented" not in str(error) and "not supported" not in str(error):
                        print(f"  {name} {dtype}: torch refuses: {str(error).splitlines()[0][:100]}")
                    continue
                w.record(name, call, args)
    w.close()
    if missing:
        raise SystemExit(1)
