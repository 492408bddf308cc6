"""Makers, copies, conversions."""
import math
import torch

from .core import *

for _name in ("zeros", "ones"):
    samples(_name, lambda size, dtype, device, f=getattr(torch, _name): f(size, dtype=dtype))(
        lambda dtype, x: [[[2, 3], dtype, CPU], [[], dtype, CPU], [[0, 2], dtype, CPU]])
samples("range", lambda a, b, s, dtype, device: torch.arange(a, b + s / 2, s).to(dtype))(lambda dtype, x: [[1.0, 4.0, 1.0, dtype, CPU], [0.0, 1.0, 0.5, dtype, CPU], [3.0, -1.0, -2.0, dtype, CPU]] if dtype.is_floating_point else [])
samples("full", lambda size, value, dtype, device: torch.full(size, value).to(dtype))(
    lambda dtype, x: [[[2, 3], 3.0, dtype, CPU], [[], 1.0, dtype, CPU]])
for _name in ("zeros_like", "ones_like", "clone", "contiguous"):
    samples(_name, getattr(torch, _name, None) or getattr(torch.Tensor, _name))(lambda dtype, x: [[x(2, 3)], [x()], [x(0, 2)]])
for _name in ("zeros_like", "ones_like"):
    samples(_name + "_dtype", lambda t, d, f=getattr(torch, _name): f(t, dtype=d))(lambda dtype, x: [[x(2, 3), d] for d in (torch.bool, torch.int64, torch.float16, torch.complex64)])
samples("full_like_value", lambda t, v, d: torch.full_like(t, v.item(), dtype=d))(lambda dtype, x: [[x(2, 3), x(), dtype]])
samples("full_value", lambda s, v, d, device: torch.full(s, v.item(), dtype=d))(lambda dtype, x: [[[2, 3], x(), dtype, CPU], [[], x(), dtype, CPU]])
for _name in ("linspace_value", "logspace_value"):
    samples(_name, lambda a, b, n, *rest, f=getattr(torch, _name[:8]): f(a.item(), b.item(), n, **({"base": rest[0]} if len(rest) == 3 else {}), dtype=rest[-2]))(
        lambda dtype, x, power=_name == "logspace_value": [[x.ints(0, 3), x.ints(3, 6), n, *([2.0] if power else []), dtype, CPU] for n in (0, 1, 4, 5)] if dtype != torch.bool else [])
for _name, _arguments in (("bartlett", []), ("blackman", []), ("cosine", []), ("exponential", [math.nan, 1.5]), ("gaussian", [1.3]), ("general_cosine", [[0.4, 0.5, 0.1]]),
                          ("general_hamming", [0.6]), ("hamming", []), ("hann", []), ("kaiser", [8.0]), ("nuttall", [])):
    _named = {"exponential": ("center", "tau"), "gaussian": ("std",), "general_cosine": ("a",), "general_hamming": ("alpha",), "kaiser": ("beta",)}.get(_name, ())
    samples("signal_windows_" + _name, lambda m, *rest, f=getattr(torch.signal.windows, _name), names=_named: f(
        m, **{n: None if v != v else v for n, v in zip(names, rest)}, sym=rest[-3], dtype=rest[-2]))(
        lambda dtype, x, arguments=_arguments: [[n, *arguments, sym, dtype, CPU] for n in (0, 1, 2, 5, 8) for sym in (True, False)] if dtype in (torch.float32, torch.float64) else [])
for _name, _arguments in (("bartlett", []), ("blackman", []), ("hamming", [0.5, 0.4]), ("hann", []), ("kaiser", [9.0])):
    samples(_name + "_window", lambda m, periodic, *rest, f=getattr(torch, _name + "_window"): f(m, periodic, *rest[:-2], dtype=rest[-2]))(
        lambda dtype, x, arguments=_arguments: [[n, periodic, *arguments, dtype, CPU] for n in (0, 1, 2, 7) for periodic in (True, False)] if dtype in (torch.float32, torch.float64) else [])
samples("to_copy", lambda t, d, device, copy: t.to(d, copy=copy))(lambda dtype, x: [[x(2, 3), d, CPU, True] for d in (dtype, torch.complex64)])
samples("full_like", lambda t, v: torch.full_like(t, v))(lambda dtype, x: [[x(2, 3), 2.0]])
samples("copy_", lambda a, b: a.clone().copy_(b))(lambda dtype, x: [[x(2, 3), x(2, 3)], [x(2, 3), x(3)], [x(2, 3), x(1, dtype=torch.int32)]])
samples("fill_", lambda a, b: a.clone().fill_(b))(lambda dtype, x: [[x(2, 3), x()]])
samples("zero_", lambda a: a.clone().zero_())(lambda dtype, x: [[x(2, 3)]])
samples("to_dtype", lambda a, d: a.to(d))(lambda dtype, x: [[x(2, 3), d] for d in (torch.bool, torch.int8, torch.int64, torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64) if not (dtype.is_complex and not d.is_complex)])
samples("to_device", lambda a, d: a.clone())(lambda dtype, x: [[x(2, 3), CPU]])


# ---- makers --------------------------------------------------------------------------------------------------------

samples("arange", lambda a, b, s, dtype, device: torch.arange(*((a, b, s) if dtype.is_floating_point else (int(a), int(b), int(s))), dtype=dtype))(
    lambda dtype, x: [[0.0, 5.0, 1.0, dtype, CPU], [2.0, 11.0, 3.0, dtype, CPU], [7.0, 1.0, -2.0, dtype, CPU], [1.0, 1.0, 1.0, dtype, CPU]] +
                     ([[0.5, 2.0, 0.25, dtype, CPU]] if dtype.is_floating_point else []))
samples("linspace", lambda a, b, n, dtype, device: torch.linspace(a, b, n, dtype=dtype))(
    lambda dtype, x: [[0.0, 10.0, 5, dtype, CPU], [3.0, 1.0, 4, dtype, CPU], [2.0, 9.0, 1, dtype, CPU], [2.0, 9.0, 0, dtype, CPU]])
samples("logspace", lambda a, b, n, base, dtype, device: torch.logspace(a, b, n, base=base, dtype=dtype))(
    lambda dtype, x: [[0.0, 4.0, 5, 2.0, dtype, CPU], [0.0, 2.0, 3, 10.0, dtype, CPU], [1.0, 4.0, 1, 3.0, dtype, CPU], [1.0, 2.0, 0, 2.0, dtype, CPU]])
samples("eye", lambda n, m, dtype, device: torch.eye(n, m, dtype=dtype))(lambda dtype, x: [[3, 3, dtype, CPU], [2, 4, dtype, CPU], [0, 2, dtype, CPU]])
for _name in ("tril", "triu"):
    samples(_name, getattr(torch, _name))(lambda dtype, x: [[x(3, 4), 0], [x(4, 3), -1], [x(2, 3, 3), 1], [x(3, 3), 5], [x(3, 3), -5], [x(0, 3), 0]])
samples("diag", torch.diag)(lambda dtype, x: [[x(3), 0], [x(2), 1], [x(2), -2], [x(3, 4), 0], [x(3, 4), -1], [x(3, 3), 2]])
samples("meshgrid", lambda ts, indexing: torch.meshgrid(*ts, indexing=indexing))(
    lambda dtype, x: [[[x(2), x(3)], "ij"], [[x(2), x(3)], "xy"], [[x(2), x(), x(3)], "ij"]])
samples("to", lambda t, d, device: t.to(d))(lambda dtype, x: [[x(2, 3), dtype, CPU], [x(2, 3), torch.complex128, CPU]])
samples("convert", lambda t, d: t.to(d))(lambda dtype, x: [[x(2, 3), d] for d in ALL if not (dtype.is_complex and not d.is_complex)] + [[x(), torch.complex128]])
samples("transfer", lambda t, d: t.clone())(lambda dtype, x: [[x(2, 3), CPU], [x(0), CPU]])


def restride(g, from_stride, from_offset, size, stride, offset, count_result):
    """as_strided's gradient: what a tensor of the given window gets when its window `from` was taken."""
    room = max([1 + o + sum((n - 1) * s for n, s in zip(z, t)) for z, t, o in ((size, stride, offset), (g.shape, from_stride, from_offset))])
    leaf = torch.zeros(room, dtype=g.dtype).as_strided(size, stride, offset).detach().requires_grad_()
    return torch.autograd.grad(leaf.as_strided(g.shape, from_stride, from_offset), leaf, g, create_graph=g.requires_grad)[0]


samples("restride", restride)(lambda dtype, x: [[x(2, 2), [1, 2], 1, [3, 4], [4, 1], 0, True], [x(2, 3), [1, 1], 0, [6], [1], 0, True]]
                              if dtype.is_floating_point or dtype.is_complex else [])
