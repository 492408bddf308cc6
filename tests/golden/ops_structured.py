"""Samples of the structured rows, by op: argument lists in the rows' order, and PyTorch's function where it takes others. Used by ops.py."""
import math
import os
import torch
import torch.nn.functional as F
import warnings

warnings.filterwarnings("ignore", ".*degrees of freedom.*")

SAMPLES = {}
TORCH = {}
CPU = torch.device("cpu")
ALL = (torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16, torch.float32, torch.float64,
       torch.complex64, torch.complex128)


class Weak:
    """A Python number where ToRSh takes torsh_number."""

    def __init__(self, value):
        self.value = value


class DefaultGenerator:
    """Where a row has a generator; both sides are seeded before each call."""
    value = None



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


def rounded_once(f):
    """16-bit floats computed in f32 and rounded at the end: some paths of PyTorch (col2im, gradients of mean pooling, log_softmax,
    index_put with accumulate) round in between, which is less exact than ours."""
    def call(first, *rest):
        if first.dtype not in (torch.float16, torch.bfloat16):
            return f(first, *rest)
        return f(*(a.float() if isinstance(a, torch.Tensor) and a.is_floating_point() else a for a in (first, *rest))).to(first.dtype)
    return call


def floats_only(cases):
    """For composites, which have no set of dtypes: PyTorch takes more here than ToRSh offers."""
    return lambda dtype, x: cases(dtype, x) if dtype.is_floating_point else []


# ---- creation, copies ------------------------------------------------------------------------------------------------

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

# ---- views -------------------------------------------------------------------------------------------------------------

samples("as_strided", torch.as_strided)(lambda dtype, x: [[x(3, 4), [2, 2], [1, 2], 1], [x(6), [2, 3], [1, 1], 0]])
samples("select_copy", torch.select_copy)(lambda dtype, x: [[x(3, 4), 1, -2]])
samples("slice_copy", lambda t, d, a, b, step: torch.slice_copy(t, d, a, b, step))(lambda dtype, x: [[x(3, 7), 1, 1, -1, 2]])
samples("view_as_real_copy", torch.view_as_real_copy)(lambda dtype, x: [[x(3, 4)]] if dtype.is_complex else [])
samples("view_as_complex_copy", torch.view_as_complex_copy)(lambda dtype, x: [[x(3, 2)]] if dtype in (torch.float32, torch.float64) else [])
samples("expand_as", torch.Tensor.expand_as)(lambda dtype, x: [[x(3, 1), x(2, 3, 4)]])
samples("view_as", torch.Tensor.view_as)(lambda dtype, x: [[x(3, 4), x(2, 6)]])
samples("reshape_as", torch.Tensor.reshape_as)(lambda dtype, x: [[x(3, 4), x(6, 2)]])
samples("type_as", torch.Tensor.type_as)(lambda dtype, x: [[x(3), x(2, dtype=to)] for to in (torch.float32, torch.complex64)] if not dtype.is_complex else [])
samples("view", torch.Tensor.view)(lambda dtype, x: [[x(2, 6), [3, -1]], [x(4), [2, 2, 1]], [x(0, 2), [0]], [x(), [1]]])
samples("reshape", torch.reshape)(lambda dtype, x: [[x(2, 6), [3, 4]], [x(2, 3), [-1]]])
samples("permute", torch.permute)(lambda dtype, x: [[x(2, 3, 4), [2, 0, 1]], [x(2, 3), [-1, 0]]])
samples("transpose", torch.transpose)(lambda dtype, x: [[x(2, 3), 0, 1], [x(2, 3, 2), -1, 0]])
samples("t", torch.t)(lambda dtype, x: [[x(2, 3)], [x(3)]])
samples("expand", lambda t, s: t.expand(s))(lambda dtype, x: [[x(2, 1), [2, 3]], [x(3), [2, -1]], [x(), [2]]])
samples("squeeze", lambda t, d: torch.squeeze(t, tuple(d)))(lambda dtype, x: [[x(1, 2, 1), []], [x(1, 2, 1), [0]], [x(1, 2, 1), [-1, 0]]])
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

# ---- reductions ----------------------------------------------------------------------------------------------------------

DIMS = [[[], False], [[0], False], [[-1], True], [[0, 2], False]]


def reduced(f, all_dims=True):
    """PyTorch's reduction by (input, dims, keepdim); no dims: all."""
    return lambda t, d, k: f(t, tuple(d) if d else tuple(range(t.dim())), k) if all_dims else f(t, d[0], k)


def reduction(name, call, zero=True):
    samples(name, call)(lambda dtype, x: [[x(2, 3, 4)] + a for a in DIMS] + ([[x(), [], False], [x(3, 0), [1], False]] if zero else []))


reduction("sum", reduced(lambda t, d, k: torch.sum(t, d, k)))
reduction("nansum", reduced(lambda t, d, k: torch.nansum(t, d, k)))
reduction("mean", reduced(lambda t, d, k: torch.mean(t, d, k)))
reduction("amax", reduced(lambda t, d, k: torch.amax(t, d, k)), zero=False)
reduction("amin", reduced(lambda t, d, k: torch.amin(t, d, k)), zero=False)
reduction("any", reduced(lambda t, d, k: torch.any(t, d, k)))
reduction("all", reduced(lambda t, d, k: torch.all(t, d, k)))


def prod(t, d, k):
    for dim in sorted((i % max(t.dim(), 1) for i in (d or range(t.dim()))), reverse=True):
        t = torch.prod(t, dim, keepdim=k)
    return torch.prod(t) if t.dim() == 0 and not d else t


reduction("prod", prod)
reduction("count_true", reduced(lambda t, d, k: torch.sum(t != 0, d, k)))
for _name, _order in (("norm_1", 1), ("norm_2", 2), ("norm_inf", float("inf"))):
    reduction(_name, reduced(lambda t, d, k, o=_order: torch.linalg.vector_norm(t, o, d, k)), zero=False)
samples("norm_p", lambda t, d, k, p: torch.linalg.vector_norm(t, p, tuple(d) if d else None, k))(lambda dtype, x: [[x(2, 3, 4), [1], False, 3.0], [x(2, 3), [], False, 1.5]])

for _name in ("argmax", "argmin"):
    samples(_name, lambda t, d, k, f=getattr(torch, _name): f(t, d[0] if d else None, k))(
        lambda dtype, x: [[x(2, 3, 4), [], False], [x(2, 3, 4), [1], False], [x(2, 3, 4), [-1], True], [x(), [], False], [x(2, 50), [1], False], [x(0, 3), [1], False]])
for _name in ("max", "min"):
    samples(_name + "_dim", lambda t, d, k, f=getattr(torch, _name): f(t, d, k))(
        lambda dtype, x: [[x(2, 3, 4), 1, False], [x(2, 3, 4), -1, True], [x(2, 3, 4), 0, False], [x(), 0, False], [x(2, 50), 1, False], [x(0, 3), 1, False]])
    samples(_name, reduced(lambda t, d, k, f=getattr(torch, "a" + _name): f(t, d, k)))(lambda dtype, x: [[x(2, 3, 4)] + a for a in DIMS] + [[x(), [], False]])
samples("aminmax", lambda t, d, k: torch.aminmax(t, dim=d[0] if d else None, keepdim=k))(
    lambda dtype, x: [[x(2, 3, 4), [], False], [x(2, 3, 4), [1], False], [x(2, 3, 4), [-1], True]])

for _name in ("cumsum", "cumprod", "logcumsumexp", "cummax", "cummin"):
    samples(_name, (rounded_once if _name in ("cumsum", "cumprod", "logcumsumexp") else lambda f: f)(lambda t, d, f=getattr(torch, _name): f(t, d)))(
        lambda dtype, x: [[x(2, 3, 4), d] for d in (0, 1, -1)] + [[x(), 0], [x(0, 3), 1], [x(2, 0), 1], [x(2, 40), 1]])

for _name in ("cumsum", "cumprod"):
    samples(_name + "_dtype", lambda t, d, dtype, f=getattr(torch, _name): f(t.to(dtype), d).to(dtype))(
        lambda dtype, x: [[x(2, 3, 4), 1, to] for to in (torch.float64, torch.int16) if not dtype.is_complex and (to.is_floating_point or not dtype.is_floating_point)])


def recurrence(a, f, d):
    if a.dim() == 0 or a.shape[d] == 0:
        return a.clone()
    rows = [a.select(d, 0)]
    for i in range(1, a.shape[d]):
        rows.append(a.select(d, i) + f.select(d, i) * rows[-1])
    return torch.stack(rows, d)


samples("recurrence", rounded_once(recurrence))(lambda dtype, x: [[x(2, 3, 4), x(2, 3, 4), d] for d in (0, 1, -1)] + [[x(), x(), 0], [x(0, 3), x(0, 3), 0]])
samples("diff", lambda t, n, d, before, after: torch.diff(t, n, d, before, after))(
    lambda dtype, x: [[x(3, 4), 1, 0, None, None], [x(3, 4), 2, -1, None, x(3, 2)], [x(3, 4), 1, 0, x(1, 4), x(2, 4)], [x(2, 3), 5, 1, None, None], [x(4), 0, 0, None, None]])
for _name in ("trapezoid", "trapz", "cumulative_trapezoid"):
    samples(_name, rounded_once(lambda y, t, dx, d, f=getattr(torch, _name): f(y, t, dim=d) if t is not None else f(y, dx=dx, dim=d)))(
        lambda dtype, x: [[x(3, 4), None, 0.5, 0], [x(3, 4), x(4), 1.0, -1], [x(3, 4), x(3, 4), 1.0, 1], [x(2, 3, 4), x(3), 1.0, 1]] if dtype != torch.bool else [])
samples("gradient", lambda t, spacing, d, order: torch.gradient(t, spacing=list(spacing) if spacing else None, dim=d or None, edge_order=order) if spacing else
        torch.gradient(t, dim=d or None, edge_order=order))(
    lambda dtype, x: [[x(3, 4), [], [], 1], [x(4, 5), [], [1], 2], [x(3, 4), [x(3), x(4)], [], 1], [x(4, 3), [x(4)], [0], 2]] if dtype in (torch.float32, torch.float64, torch.complex128) else [])

VARIANCES = [[[], 1.0, False], [[0], 1.0, False], [[-1], 0.0, True], [[0, 2], 1.5, False]]
for _name in ("var", "std", "var_mean", "std_mean"):
    samples(_name, rounded_once(lambda t, d, c, k, f=getattr(torch, _name): f(t, d or None, correction=c, keepdim=k)) if "_" not in _name else
            lambda t, d, c, k, f=getattr(torch, _name): rounded_all(t.dtype, lambda u: f(u, d or None, correction=c, keepdim=k), t))(
        lambda dtype, x: [[x(2, 3, 4)] + a for a in VARIANCES] + [[x(), [], 0.0, False], [x(0, 3), [1], 1.0, False], [x(2, 70), [1], 1.0, False]])
samples("logsumexp", lambda t, d, k: torch.logsumexp(t, d or list(range(t.dim())), k))(
    lambda dtype, x: [[x(2, 3, 4)] + a for a in DIMS] + [[x(), [], False]] + ([[torch.tensor([[1e4, 0.0], [-math.inf, -math.inf]], dtype=dtype), [1], False]] if dtype.is_floating_point else []))
samples("norm", rounded_once(lambda t, p, d, k: torch.linalg.vector_norm(t, p, d or None, k)))(
    lambda dtype, x: [[x(2, 3, 4), 2.0] + a for a in DIMS] + ([[x(2, 3, 4), p, [1], False] for p in (0.0, 1.0, 3.0, 0.5, math.inf, -math.inf)] if not dtype.is_complex else []))
samples("count_nonzero", lambda t, d: torch.count_nonzero(t, d or None))(lambda dtype, x: [[x(2, 3, 4), []], [x(2, 3, 4), [1]], [x(2, 3, 4), [0, -1]], [x(), []], [x(0, 2), [0]]])
for _name in ("sum", "mean", "prod"):
    samples(_name + "_dtype", lambda t, d, k, dtype, f=_name: (prod(t.to(dtype), d, k) if f == "prod" else getattr(torch, f)(t.to(dtype), d or None, k)).to(dtype))(
        lambda dtype, x, f=_name: [[x(2, 3, 4), d, k, to] for d, k in DIMS for to in (torch.float64, torch.int16) if not dtype.is_complex and (f != "mean" or to.is_floating_point) and
                                   (to.is_floating_point or not dtype.is_floating_point)])
samples("nanmean", rounded_once(lambda t, d, k: torch.nanmean(t, d or None, k)))(
    floats_only(lambda dtype, x: [[x(2, 3, 4)] + a for a in DIMS] + ([[torch.tensor([[1.0, math.nan], [math.nan, math.nan]], dtype=dtype), [1], False]] if dtype != torch.float64 else [])))
samples("dist", rounded_once(torch.dist))(lambda dtype, x: [[x(2, 3), x(3), p] for p in (2.0, 1.0, 3.0, math.inf)] if dtype.is_floating_point or dtype.is_complex else [])
samples("trace", torch.trace)(lambda dtype, x: [[x(3, 4)], [x(2, 2)], [x(0, 3)]])
samples("renorm", rounded_once(torch.renorm))(lambda dtype, x: [[x(2, 3, 4), 2.0, 1, 0.5], [x(3, 4), 1.0, -1, 2.0], [x(3, 4), 3.0, 0, 1.0]] if dtype.is_floating_point or dtype.is_complex else [])
samples("cov", lambda t, c, f, a: torch.cov(t, correction=c, fweights=f, aweights=a))(
    lambda dtype, x: [[x(2, 5), 1, None, None], [x(5), 0, None, None]] +
    ([[x(2, 5), 1, torch.tensor([1, 2, 1, 3, 1]), None], [x(2, 5), 1, torch.tensor([1, 2, 1, 3, 1]), torch.arange(1, 6).to(dtype) / 4], [x(3, 4), 1, None, x(4).abs()]]
     if dtype in (torch.float32, torch.float64) else []) if dtype in (torch.int32, torch.float32, torch.float64, torch.complex128) else [])
samples("corrcoef", torch.corrcoef)(lambda dtype, x: [[x(3, 5)]] + ([[x(5)]] if dtype.is_floating_point else []) if dtype in (torch.float32, torch.float64, torch.complex128) else [])

# ---- normalisation -----------------------------------------------------------------------------------------------------------


def with_statistics(f):
    """16-bit floats have f32 statistics here: everything in f32, the first result rounded."""
    def call(first, *rest):
        if first.dtype not in (torch.float16, torch.bfloat16):
            return f(first, *rest)
        results = f(*(a.float() if isinstance(a, torch.Tensor) else a for a in (first, *rest)))
        return (results[0].to(first.dtype), *results[1:])
    return call


def layer_norm_backward(g, t, w, mean, rstd, dims):
    with torch.no_grad():
        shape = t.shape[t.dim() - dims:]
        return rounded_all(g.dtype, torch.ops.aten.native_layer_norm_backward, g, t, shape, mean, rstd, w if w is not None else torch.ones(shape, dtype=g.dtype),
                           torch.zeros(shape, dtype=g.dtype), [True] * 3)


def rounded_all(dtype, f, *args):
    """Results of a function of 16-bit floats that is computed in f32."""
    half = dtype in (torch.float16, torch.bfloat16)
    results = f(*(a.float() if half and isinstance(a, torch.Tensor) and a.is_floating_point() else a for a in args))
    return tuple(r.to(dtype) for r in results) if half else tuple(results)


def statistics(dtype, x, *shape):
    """A mean and a variance or reciprocal deviation, as the rows give them."""
    wide = torch.float64 if dtype == torch.float64 else torch.float32
    return x(*shape).to(wide), x.positive(*shape).to(wide)


LAYER_NORMS = [((2, 3, 4), 1), ((2, 3, 4), 2), ((3, 5), 2), ((4,), 1), ((2, 67), 1), ((0, 3), 1)]
samples("layer_norm", rounded_once(F.layer_norm))(floats_only(lambda dtype, x: [
    case for size, n in LAYER_NORMS for case in ([x(*size), list(size[-n:]), x(*size[-n:]), x(*size[-n:]), 1e-5], [x(*size), list(size[-n:]), None, None, 1e-3])]))
samples("layer_norm_forward", with_statistics(lambda t, w, b, n, eps: torch.native_layer_norm(t, t.shape[t.dim() - n:], w, b, eps)))(lambda dtype, x: [
    case for size, n in LAYER_NORMS for case in ([x(*size), x(*size[-n:]), x(*size[-n:]), n, 1e-5], [x(*size), None, None, n, 1e-3])])
samples("layer_norm_backward", layer_norm_backward)(lambda dtype, x: [
    [x(*size), x(*size), w, *statistics(dtype, x, *size[:-n], *[1] * n), n] for size, n in LAYER_NORMS for w in (x(*size[-n:]), None)])


def batch_norm(t, mean, var, *rest):
    return F.batch_norm(t, None if mean is None else mean.detach().clone(), None if var is None else var.detach().clone(), *rest)


def batch_norm_forward(t, w, b, mean, var, eps):
    if mean is None:
        y, mean, _ = torch.native_batch_norm(t, w, b, None, None, True, 0.1, eps)
        dims = [d for d in range(t.dim()) if d != 1]
        return y, mean, t.detach().double().var(dims, correction=0).to(mean.dtype)
    mean, var = mean.detach(), var.detach()
    return F.batch_norm(t, mean, var, w, b, False, 0.1, eps), mean, var


def batch_norm_backward(g, t, w, mean, var, training, eps):
    with torch.no_grad():
        rstd = (var.double() + eps).rsqrt().to(var.dtype)
        weight = w if w is not None else torch.ones(t.shape[1], dtype=g.dtype)
        return rounded_all(g.dtype, torch.ops.aten.native_batch_norm_backward, g, t, weight, mean, var, mean, rstd, training, eps, [True] * 3)


BATCH_NORMS = [(4, 3), (2, 3, 5), (2, 3, 4, 5), (2, 2, 3, 3, 3)]
samples("batch_norm", rounded_once(batch_norm))(floats_only(lambda dtype, x: [
    case for size in BATCH_NORMS for c in [size[1]] for case in (
        [x(*size), x(c), x.positive(c), x(c), x(c), True, 0.1, 1e-5], [x(*size), None, None, None, None, True, 0.1, 1e-5],
        [x(*size), x(c), x.positive(c), x(c), x(c), False, 0.1, 1e-3], [x(*size), x(c), x.positive(c), None, None, False, 0.1, 1e-5])]))
samples("batch_norm_forward", with_statistics(batch_norm_forward))(lambda dtype, x: [
    case for size in BATCH_NORMS for c in [size[1]] for case in ([x(*size), x(c), x(c), None, None, 1e-5], [x(*size), None, None, None, None, 1e-3], [x(*size), x(c), x(c), x(c), x.positive(c), 1e-3])])
samples("batch_norm_backward", batch_norm_backward)(lambda dtype, x: [
    [x(*size), x(*size), w, *statistics(dtype, x, size[1]), training, 1e-3] for size in BATCH_NORMS for w in (x(size[1]), None) for training in (True, False)])

# ---- losses --------------------------------------------------------------------------------------------------------------------

REDUCTIONS = ("none", "mean", "sum")


def nll_forward(t, target, weight, reduction, ignore):
    weight = None if weight is None else weight.detach()
    w = (torch.ones(t.shape[min(t.dim() - 1, 1)], dtype=t.dtype) if weight is None else weight)[target.clamp(min=0).clamp(max=t.shape[min(t.dim() - 1, 1)] - 1)]
    return F.nll_loss(t, target, weight, ignore_index=ignore, reduction=REDUCTIONS[reduction]), torch.where(target == ignore, torch.zeros_like(w), w).sum().detach()


def nll_backward(g, t, target, weight, total, reduction, ignore):
    weight = None if weight is None else weight.detach()
    leaf = torch.zeros_like(t).requires_grad_()
    loss = F.nll_loss(leaf, target, weight, ignore_index=ignore, reduction=REDUCTIONS[reduction])
    return torch.autograd.grad(loss, leaf, g, create_graph=g.requires_grad)[0]


NLLS = [((4, 5), (4,), 5), ((5,), (), 5), ((2, 5, 3), (2, 3), 5), ((2, 4, 2, 3), (2, 2, 3), 4)]


def nll_cases(x):
    for size, targets, classes in NLLS:
        for reduction in (0, 1, 2):
            for weight in (None, x.positive(classes)):
                yield x(*size), x.ints(0, classes, *targets), weight, reduction, -100 if weight is None else 1


def nll_backward_cases(x):
    for t, target, weight, reduction, ignore in nll_cases(x):
        if t.dim() == 1 and target.item() == ignore:
            continue  # 0 / 0
        loss, total = nll_forward(t, target, weight, reduction, ignore)
        yield [x(*loss.shape), t, target, weight, total, reduction, ignore]


def multilabel_margin(t, target):
    losses = F.multilabel_margin_loss(t.reshape(-1, t.shape[-1]), target.reshape(-1, t.shape[-1]), reduction="none")
    return losses.reshape(t.shape[:-1])


def multilabel_margin_slope(t, target):
    with torch.enable_grad():
        leaf = t.detach().clone().requires_grad_()
        return torch.autograd.grad(multilabel_margin(leaf, target).sum(), leaf)[0]


for _name, _call in (("multilabel_margin_forward", multilabel_margin), ("multilabel_margin_slope", multilabel_margin_slope)):
    samples(_name, rounded_once(_call))(lambda dtype, x: [
        [x(4), torch.tensor([2, 0, -1, 1])], [x(3, 5), torch.tensor([[1, -1, 0, 2, 3], [-1, 2, 0, 0, 0], [4, 0, 3, 2, 1]])], [x(1, 2, 3), torch.tensor([[[0, 0, -1], [2, 1, -1]]])],
        [x(2, 40), torch.where(torch.arange(40) < 3, x.ints(0, 40, 2, 40), -1)]])
samples("nll_forward", lambda *a: rounded_all(a[0].dtype, nll_forward, *a))(lambda dtype, x: [list(case) for case in nll_cases(x)])
samples("nll_backward", rounded_once(nll_backward))(lambda dtype, x: list(nll_backward_cases(x)))

# ---- softmax ---------------------------------------------------------------------------------------------------------------

SOFTMAXES = [((2, 3, 4), 1), ((2, 3, 4), -1), ((3, 5), 0), ((), 0), ((0, 3), 1), ((3, 0), 1), ((2, 37), 1), ((1,), -1)]
for _name in ("softmax", "log_softmax"):
    samples(_name, rounded_once(getattr(torch, _name)))(lambda dtype, x: [[x(*size) * 3, dim] for size, dim in SOFTMAXES] + [[torch.tensor([[-math.inf, 1, 2], [1, 1e4, 0]], dtype=dtype), 1]])
    samples(_name + "_backward", lambda g, y, dim, f=getattr(torch.ops.aten, f"_{_name}_backward_data"): f(g, y, dim, y.dtype))(
        lambda dtype, x, f=getattr(torch, _name): [[x(*size), f(x(*size), dim), dim] for size, dim in SOFTMAXES])

for _name in ("softmax", "log_softmax"):
    samples(_name + "_dtype", lambda t, dim, dtype, f=getattr(torch, _name): f(t, dim, dtype=dtype))(
        lambda dtype, x: [[x(2, 3), 1, torch.float64], [x(2, 3), 0, torch.float32]] if not dtype.is_complex else [])

# ---- order -----------------------------------------------------------------------------------------------------------------

samples("sort", lambda t, d, down, stable: torch.sort(t, dim=d, descending=down, stable=True))(
    lambda dtype, x: [[x(3, 6), 1, False, True], [x(4, 2, 3), 0, True, True], [x(3, 5), -1, True, False], [x(), 0, False, True], [x(0, 3), 1, False, True]]
    + ([[torch.tensor([1.0, float("nan"), -0.0, 0.0, float("inf"), -1.0, float("-inf")], dtype=dtype), 0, down, True] for down in (False, True)] if dtype.is_floating_point else []))
samples("argsort", lambda t, d, down, stable: torch.argsort(t, dim=d, descending=down, stable=True))(lambda dtype, x: [[x(3, 6), 1, False, True], [x(3, 6), 0, True, True]])


def unequal(x, *shape):
    """Without equal elements, whose order PyTorch leaves open."""
    count = 1
    for n in shape:
        count *= n
    return torch.randperm(count, generator=x.generator).reshape(shape).to(x.dtype)


samples("topk", lambda t, k, d, largest, sorted: torch.topk(t, k, d, largest, True))(
    lambda dtype, x: [[unequal(x, 3, 6), 2, 1, True, True], [unequal(x, 4, 2, 3), 3, 0, False, True], [unequal(x, 5), 0, 0, True, True]] if dtype != torch.bool else [[torch.tensor([True, False]), 1, 0, True, True]])
samples("kthvalue", torch.kthvalue)(lambda dtype, x: [[unequal(x, 3, 6), 2, 1, False], [unequal(x, 4, 3), 3, 0, True], [unequal(x, 5), 1, 0, False]])

samples("msort", torch.msort)(lambda dtype, x: [[x(4, 3)], [x()]] if not dtype.is_complex else [])


def with_nan(t):
    if t.is_floating_point():
        t.view(-1)[1::4] = math.nan
    return t


for _name in ("median", "nanmedian"):
    samples(_name, getattr(torch, _name))(lambda dtype, x: [[unequal(x, 3, 5)], [unequal(x, 6)], [x()]])
    samples(_name + "_dim", getattr(torch, _name))(
        lambda dtype, x: [[unequal(x, 3, 5), 1, False], [unequal(x, 4, 3), 0, True], [unequal(x, 2, 3, 4), -2, False], [x(), 0, False]] +
        ([[with_nan(unequal(x, 7)), 0, True]] if dtype.is_floating_point else []))
samples("mode", torch.mode)(lambda dtype, x: [[unequal(x, 3, 5), 1, False], [unequal(x, 4, 3), 0, True], [x(), 0, False]] if dtype != torch.bool else [[torch.tensor([[True], [False]]), 1, False]])
for _name in ("quantile", "nanquantile"):
    samples(_name, lambda t, q, d, k, how, f=getattr(torch, _name): f(t, q, d[0] if d else None, k, interpolation=how))(
        lambda dtype, x: [[x(3, 5), torch.tensor([0.0, 0.3, 1.0], dtype=dtype), [1], False, how] for how in ("linear", "lower", "higher", "midpoint", "nearest")] +
        [[x(3, 4), torch.tensor(0.6, dtype=dtype), [], True, "linear"], [x(3, 4), torch.tensor([0.5], dtype=dtype), [0], True, "linear"],
         [with_nan(x(3, 4)), torch.tensor(0.5, dtype=dtype), [1], False, "linear"]] if dtype in (torch.float32, torch.float64) else [])

# ---- which elements there are ----------------------------------------------------------------------------------------------

samples("searchsorted", lambda s, t, small, right, sorter: torch.searchsorted(s, t, out_int32=small, right=right, sorter=sorter))(
    lambda dtype, x: [[x(6).sort().values, x(2, 4), small, right, None] for small in (False, True) for right in (False, True)] +
    [[x(2, 5).sort().values, x(2, 3), False, False, None], [s := x(5), x(4), False, True, s.argsort()]])
samples("bucketize", lambda t, b, small, right: torch.bucketize(t, b, out_int32=small, right=right))(
    lambda dtype, x: [[x(3, 4), x(5).sort().values, False, False], [x(3), x(5).sort().values, True, True]] if dtype != torch.bool and not dtype.is_complex else [])
samples("bincount", lambda t, w, n: torch.bincount(t, w, n))(
    lambda dtype, x: [[x.ints(0, 6, 9, dtype=dtype), None, 0], [x.ints(0, 6, 9, dtype=dtype), x(9, dtype=torch.float32), 8], [x.ints(0, 6, 0, dtype=dtype), None, 3]]
    if dtype in ALL[1:6] else [])
samples("histc", torch.histc)(lambda dtype, x: [[x(3, 7), 5, 0.0, 0.0], [x(9), 4, -1.0, 1.0]] if dtype in (torch.float32, torch.float64) else [])
samples("histogram", lambda t, n, low, high, w, density: torch.histogram(t, n, range=(low, high), weight=w, density=density))(
    lambda dtype, x: [[x(3, 7), 5, -1.0, 1.5, None, False], [x(9), 4, -2.0, 2.0, x(9).abs(), True]] if dtype in (torch.float32, torch.float64) else [])
samples("histogram_bins", lambda t, b, w, density: torch.histogram(t, b, weight=w, density=density))(
    lambda dtype, x: [[x(3, 7), x(5).sort().values, None, True], [x(9), x(4).sort().values, x(9).abs(), False]] if dtype in (torch.float32, torch.float64) else [])
def with_edges(result):
    return (result[0], *result[1])


samples("histogramdd", lambda t, n, ends, w, density: with_edges(torch.histogramdd(t, n, range=list(ends) or None, weight=w, density=density)))(
    lambda dtype, x: [[x(9, 2), [3, 4], [-1.0, 1.0, -2.0, 1.5], None, False], [x(3, 4, 2), [2, 3], [-2.0, 2.0, -2.0, 2.0], x(3, 4).abs(), True]] if dtype in (torch.float32, torch.float64) else [])
samples("histogramdd_bins", lambda t, b, w, density: with_edges(torch.histogramdd(t, b, weight=w, density=density)))(
    lambda dtype, x: [[x(9, 2), [x(3).sort().values, x(5).sort().values], None, False], [x(9, 1), [torch.linspace(-2, 2, 5, dtype=dtype)], x(9).abs(), True]] if dtype in (torch.float32, torch.float64) else [])
samples("unique", lambda t, d: torch.unique(t, sorted=True, return_inverse=True, return_counts=True, dim=d[0] if d else None))(
    lambda dtype, x: [[x.ints(0, 4, 3, 5).to(dtype), []], [x.ints(0, 2, 6, 2).to(dtype), [0]], [x.ints(0, 2, 2, 7).to(dtype), [-1]], [x(0), []], [x(), []]] if not dtype.is_complex else [])
samples("unique_consecutive", lambda t, d: torch.unique_consecutive(t, return_inverse=True, return_counts=True, dim=d[0] if d else None))(
    lambda dtype, x: [[x.ints(0, 2, 3, 5).to(dtype), []], [x.ints(0, 2, 6, 1).to(dtype), [0]], [x(0), []]] if not dtype.is_complex else [])
def bin_sums(x, edges, weight):
    return torch.histogram(x.double().flatten(), edges.double(), weight=None if weight is None else weight.double().flatten()).hist.to(x.dtype)


def group_places(differ):
    starts = torch.cat((torch.ones(1, dtype=torch.bool), differ))
    begins = starts.nonzero().flatten()
    return starts.cumsum(0) - 1, torch.cat((begins, torch.tensor([len(starts)]), torch.zeros(len(starts) - len(begins), dtype=torch.int64)))


samples("bin_sums", bin_sums)(lambda dtype, x: [[x(3, 4), torch.tensor([-1.5, -0.25, 0, 1.5]).to(dtype), None], [x(19), torch.linspace(-2, 2, 9).to(dtype), x(19)]]
                              if dtype.is_floating_point else [])
samples("group_places", group_places)(lambda dtype, x: [[x(n)] for n in (0, 1, 21)] if dtype == torch.bool else [])
samples("combinations", torch.combinations)(lambda dtype, x: [[x(5), 2, False], [x(4), 3, True], [x(3), 1, False], [x(2), 3, False]])
samples("cartesian_prod", lambda t: torch.cartesian_prod(*t))(lambda dtype, x: [[[x(2), x(3)]], [[x(2), x(1), x(3)]], [[x(3)]]])

# ---- masked ----------------------------------------------------------------------------------------------------------------


def some(x, *shape):
    """A mask with at least one true in each row and column."""
    mask = x(*shape, dtype=torch.bool)
    mask.view(-1)[::2] = True
    return mask


for _name in ("sum", "prod", "amax", "amin", "mean", "logsumexp", "argmax", "argmin"):
    samples("masked_" + _name, lambda t, d, k, dtype, m, f=getattr(torch.masked, _name): f(t, d[0] if d else None, keepdim=k, dtype=dtype, mask=m))(
        lambda dtype, x, f=_name: [[x(3, 5), [1], False, dtype, some(x, 3, 5)], [x(3, 5), [0], True, dtype, some(x, 5)], [x(3, 5), [], False, dtype, None]]
        if dtype in (torch.float32, torch.float64, torch.int32) and (f not in ("mean", "logsumexp", "prod") or dtype.is_floating_point) else [])
samples("masked_norm", lambda t, p, d, k, dtype, m: torch.masked.norm(t, p, d[0] if d else None, keepdim=k, dtype=dtype, mask=m))(
    lambda dtype, x: [[x(3, 5), p, [1], False, dtype, some(x, 3, 5)] for p in (2.0, 1.0, math.inf, -math.inf)] if dtype in (torch.float32, torch.float64) else [])
samples("masked_normalize", lambda t, p, d, eps, dtype, m: torch.masked.normalize(t, p, d, eps=eps, dtype=dtype, mask=m))(
    lambda dtype, x: [[x(3, 5), p, 1, 1e-12, dtype, some(x, 3, 5)] for p in (2.0, 1.0)] + [[x(3, 5), 2.0, 0, 4.0, dtype, None]] if dtype in (torch.float32, torch.float64) else [])
for _name in ("var", "std"):
    samples("masked_" + _name, lambda t, d, c, k, dtype, m, f=getattr(torch.masked, _name): f(t, d[0] if d else None, correction=c, keepdim=k, dtype=dtype, mask=m))(
        lambda dtype, x: [[x(3, 5), [1], 1.0, False, dtype, some(x, 3, 5)], [x(3, 5), [0], 0.0, True, dtype, some(x, 5)], [x(3, 5), [], 1.0, False, dtype, None]]
        if dtype in (torch.float32, torch.float64, torch.complex128) else [])
samples("masked_median", lambda t, d, k, dtype, m: torch.masked.median(t, d, keepdim=k, dtype=dtype, mask=m))(
    lambda dtype, x: [[unequal(x, 3, 5), 1, False, dtype, some(x, 3, 5)], [unequal(x, 4, 3), 0, True, dtype, None]] if dtype in (torch.float32, torch.float64, torch.int32) else [])
for _name in ("cumsum", "cumprod", "softmax", "log_softmax", "softmin"):
    samples("masked_" + _name, lambda t, d, dtype, m, f=getattr(torch.masked, _name): f(t, d, dtype=dtype, mask=m))(
        lambda dtype, x: [[x(3, 5), 1, dtype, some(x, 3, 5)], [x(3, 5), 0, dtype, None]] if dtype in (torch.float32, torch.float64) else [])
samples("masked_logaddexp", lambda a, b, dtype, m, n: torch.masked.logaddexp(a, b, dtype=dtype, input_mask=m, other_mask=n))(
    lambda dtype, x: [[x(3, 5), x(3, 5), dtype, some(x, 3, 5), None]] if dtype in (torch.float32, torch.float64) else [])

# ---- normalisation, losses ---------------------------------------------------------------------------------------------------

samples("layer_norm", F.layer_norm)(lambda dtype, x: [[x(3, 4), [4], x(4), x(4), 1e-5], [x(2, 3, 4), [3, 4], x(3, 4), None, 1e-3], [x(2, 5), [5], None, None, 1e-5],
                                                      [x(0, 4), [4], None, None, 1e-5]] if dtype.is_floating_point else [])


# ---- matrix products -------------------------------------------------------------------------------------------------------

samples("matmul", torch.matmul)(lambda dtype, x: [[x(3), x(3)], [x(2, 3), x(3)], [x(3), x(3, 2)], [x(2, 3), x(3, 4)], [x(2, 2, 3), x(3, 2)],
                                                  [x(2, 1, 2, 3), x(3, 3, 2)], [x(3), x(2, 3, 2)], [x(0, 3), x(3, 2)], [x(2, 0), x(0, 3)]])
samples("mm", torch.mm)(lambda dtype, x: [[x(2, 3), x(3, 4)], [x(17, 19), x(19, 5)]])
samples("bmm", torch.bmm)(lambda dtype, x: [[x(2, 2, 3), x(2, 3, 4)]])
samples("mv", torch.mv)(lambda dtype, x: [[x(2, 3), x(3)]])
samples("dot", torch.dot)(lambda dtype, x: [[x(5), x(5)]])
samples("outer", torch.outer)(lambda dtype, x: [[x(2), x(3)]])


def scaled(f):
    """Integer tensors take integer factors."""
    return lambda a, b, c, beta, alpha: f(a, b, c, beta=beta if a.is_floating_point() or a.is_complex() else int(beta),
                                          alpha=alpha if a.is_floating_point() or a.is_complex() else int(alpha))


samples("addmm", scaled(torch.addmm))(lambda dtype, x: [[x(2, 4), x(2, 3), x(3, 4), 1.0, 1.0], [x(4), x(2, 3), x(3, 4), 2.0, 3.0], [x(2, 1), x(2, 3), x(3, 4), 0.0, 1.0]])
samples("baddbmm", scaled(torch.baddbmm))(lambda dtype, x: [[x(2, 2, 4), x(2, 2, 3), x(2, 3, 4), 1.0, 2.0]])
samples("vdot", torch.vdot)(lambda dtype, x: [[x(3), x(3)]])
samples("inner", torch.inner)(lambda dtype, x: [[x(2, 3), x(4, 3)], [x(3), x(3)], [x(), x(2, 2)]])
samples("kron", torch.kron)(lambda dtype, x: [[x(2, 3), x(3, 2)], [x(2), x(2, 1, 3)]])
samples("cross", torch.cross)(lambda dtype, x: [[x(2, 3), x(2, 3), 1], [x(3, 2), x(3, 1), 0]])
samples("tensordot", lambda a, b, i, j: torch.tensordot(a, b, (i, j)))(
    lambda dtype, x: [[x(2, 3, 4), x(4, 3, 2), [1, 2], [1, 0]], [x(2, 1), x(3, 2), [-1], [-1]], [x(2), x(3), [], []]])
samples("einsum", lambda equation, t: torch.einsum(equation, t))(
    lambda dtype, x: [["bij,bjk->bik", [x(2, 2, 3), x(2, 3, 2)]], ["ij->ji", [x(2, 3)]], ["ii->i", [x(3, 3)]], ["ij,jk,kl", [x(2, 3), x(3, 2), x(2, 2)]],
                      ["...ik, ...k -> ...i", [x(2, 2, 3), x(3)]], ["i,j", [x(2), x(3)]], ["ij,kj->k", [x(2, 3), x(2, 1)]]])
samples("chain_matmul", lambda t: torch.chain_matmul(*t))(lambda dtype, x: [[[x(2, 3), x(3, 4), x(4, 1), x(1, 2)]], [[x(2, 3), x(3, 2)]]])
samples("linalg_multi_dot", torch.linalg.multi_dot)(lambda dtype, x: [[[x(2, 3), x(3, 4), x(4, 1)]], [[x(3), x(3, 4), x(4)]]])
samples("linalg_vecdot", lambda a, b, d: torch.linalg.vecdot(a, b, dim=d))(lambda dtype, x: [[x(2, 3), x(2, 3), -1], [x(2, 3), x(2, 1), 0]])


def vander(a, n, increasing):
    """torch.vander itself has no gradient: it changes in place what its own backward needs."""
    n = len(a) if n < 0 else n
    if n < 2:
        return torch.vander(a, n, increasing)
    columns = torch.linalg.vander(a if a.is_floating_point() or a.is_complex() else a.long(), N=n)
    return columns if increasing else columns.flip(-1)


samples("vander", vander)(lambda dtype, x: [[x(3), -1, False], [x(3), 4, True], [x(2), 1, False], [x(0), -1, False]] if dtype.itemsize > 2 or not dtype.is_floating_point else [])
samples("linalg_vander", lambda a, n: torch.linalg.vander(a, N=n))(lambda dtype, x: [[x(3), 4], [x(2, 2), 2]])
samples("cdist", torch.cdist)(lambda dtype, x: [[x(2, 3, 2), x(2, 4, 2), p] for p in (1.0, 2.0, 3.0, math.inf)] + [[x(3, 2), x(2, 2), 1.5]])
samples("matrix_exp", rounded_once(torch.matrix_exp))(lambda dtype, x: [[x(3, 3)], [x(2, 2, 2) * torch.tensor([0.1, 2.0], dtype=dtype).reshape(2, 1, 1)]])
samples("addmv", scaled(torch.addmv))(lambda dtype, x: [[x(2), x(2, 3), x(3), 1.0, 1.0], [x(1), x(2, 3), x(3), 2.0, 3.0], [x(), x(2, 3), x(3), 0.0, 1.0]])
samples("addr", scaled(torch.addr))(lambda dtype, x: [[x(2, 3), x(2), x(3), 1.0, 1.0], [x(3), x(2), x(3), 2.0, 3.0]] if dtype != torch.bool else [[x(2, 3), x(2), x(3), 1.0, 1.0]])
samples("addbmm", rounded_once(lambda a, b, c, beta, alpha: scaled(torch.addbmm)(a, b, c, beta, alpha)))(lambda dtype, x: [[x(2, 4), x(2, 2, 3), x(2, 3, 4), 1.0, 1.0], [x(4), x(2, 2, 3), x(2, 3, 4), 2.0, 3.0]])


def factors(f):
    """PyTorch takes the factors as numbers; they have no gradient."""
    return lambda a, b, c, beta, alpha: f(a, b, c, beta=beta.item(), alpha=alpha.item())


for _name, _shapes in (("addmm", ((2, 4), (2, 3), (3, 4))), ("baddbmm", ((2, 4), (2, 2, 3), (2, 3, 4))), ("addmv", ((2,), (2, 3), (3,))),
                       ("addr", ((2, 3), (2,), (3,))), ("addbmm", ((2, 4), (2, 2, 3), (2, 3, 4)))):
    samples(_name + "_scaled", factors(getattr(torch, _name)))(
        lambda dtype, x, s=_shapes: [[*(x(*n) for n in s), torch.tensor(2 - 1j, dtype=torch.complex64), torch.tensor(0.5j, dtype=torch.complex64)]] if dtype.is_complex else [])
samples("linear", F.linear)(lambda dtype, x: [[x(2, 3), x(4, 3), x(4)], [x(2, 3), x(4, 3), None], [x(3), x(4, 3), x(4)], [x(2, 2, 3), x(4, 3), x(4)]])
samples("linear_backward", lambda g, t: (g.reshape(-1, g.shape[-1]).T @ t.reshape(-1, t.shape[-1]), g.reshape(-1, g.shape[-1]).sum(0, dtype=g.dtype)))(
    lambda dtype, x: [[x(2, 4), x(2, 3)]])

# ---- makers ----------------------------------------------------------------------------------------------------------------

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

# ---- joining, cutting ------------------------------------------------------------------------------------------------------

samples("cat", torch.cat)(lambda dtype, x: [[[x(2, 3), x(1, 3)], 0], [[x(2, 3), x(2, 1), x(2, 2)], -1], [[x(2, 3)], 1], [[x(0), x(2, 3)], 0], [[x(0, 3), x(0, 3)], 0],
                                            [[x(2), x(3, dtype=torch.float32)], 0], [[x(2, 0), x(2, 2)], 1]])
samples("stack", torch.stack)(lambda dtype, x: [[[x(2, 3), x(2, 3)], 0], [[x(2, 3), x(2, 3), x(2, 3)], -1], [[x(2), x(2)], 1], [[x(), x()], 0], [[x(0, 2), x(0, 2)], 1]])
samples("hstack", torch.hstack)(lambda dtype, x: [[[x(2), x(3)]], [[x(2, 3), x(2, 1)]], [[x(), x()]]])
samples("vstack", torch.vstack)(lambda dtype, x: [[[x(3), x(3)]], [[x(2, 3), x(1, 3)]], [[x(), x()]], [[x(3), x(2, 3)]]])
samples("split", torch.split)(lambda dtype, x: [[x(5, 2), 2, 0], [x(2, 4), 4, -1], [x(2, 4), 3, 1], [x(0, 2), 1, 0]])
samples("split_with_sizes", torch.split_with_sizes)(lambda dtype, x: [[x(5, 2), [2, 3], 0], [x(2, 4), [1, 0, 3], -1]])
samples("chunk", torch.chunk)(lambda dtype, x: [[x(5, 2), 3, 0], [x(2, 4), 2, -1], [x(3), 5, 0]])
samples("tensor_split", lambda t, n, d: torch.tensor_split(t, n, d))(lambda dtype, x: [[x(5, 2), 3, 0], [x(2, 4), 3, -1], [x(2), 3, 0]])
samples("unbind", torch.unbind)(lambda dtype, x: [[x(3, 2), 0], [x(2, 3), -1], [x(2), 0]])

# ---- convolution -----------------------------------------------------------------------------------------------------------


def convolutions(dims):
    """Per case: sizes of input, weight and bias (None: without), stride, padding, dilation, groups."""
    one, two, zero = [1] * dims, [2] * dims, [0] * dims
    space = [7, 6, 5][:dims] if dims < 3 else [4, 3, 5]
    kernel = [3, 2, 3][:dims]
    return [((2, 3, *space), (4, 3, *kernel), (4,), [], [], [], 1), ((1, 2, *space), (2, 2, *kernel), None, two, one, one, 1),
            ((2, *space), (4, 1, *kernel), (4,), [1], [1], [], 2), ((1, 2, *space), (4, 1, *([2] * dims)), (4,), one, zero, two, 2),
            ((0, 2, *space), (3, 2, *kernel), (3,), one, zero, one, 1)]


def draw_optional(x, size):
    return None if size is None else x(*size)


for _dims in (1, 2, 3):
    samples(f"conv{_dims}d", lambda i, w, b, s, p, d, g, f=getattr(F, f"conv{_dims}d"): f(i, w, b, s or 1, p or 0, d or 1, g))(
        lambda dtype, x, n=_dims: [[x(*i), x(*w), draw_optional(x, b), *rest] for i, w, b, *rest in convolutions(n)])
    samples(f"conv{_dims}d_padding", lambda i, w, b, s, p, d, g, f=getattr(F, f"conv{_dims}d"): f(i, w, b, s or 1, p, d or 1, g))(
        floats_only(lambda dtype, x, n=_dims: [[x(2, 2, *[5, 6, 3][:n]), x(4, 1, *[3, 2, 2][:n]), x(4), [], "same", [], 2], [x(2, *[7, 5, 4][:n]), x(3, 2, *[2, 3, 2][:n]), None, [1], "same", [2], 1],
                                               [x(2, 2, *[5, 6, 3][:n]), x(4, 2, *[3, 2, 2][:n]), x(4), [2], "valid", [], 1]]))
    samples(f"conv_transpose{_dims}d", rounded_once(lambda i, w, b, s, p, o, g, d, f=getattr(F, f"conv_transpose{_dims}d"): f(i, w, b, s or 1, p or 0, o or 0, g, d or 1)))(
        lambda dtype, x, n=_dims: [
            [x(2, 3, *[4, 3, 2][:n]), x(3, 2, *[3, 2, 2][:n]), x(2), [], [], [], 1, []],
            [x(1, 2, *[3, 4, 2][:n]), x(2, 2, *[3, 2, 3][:n]), None, [2] * n, [1] * n, [1] * n, 1, [1] * n],
            [x(4, *[3, 2, 2][:n]), x(4, 1, *[2, 3, 2][:n]), x(2), [1], [0], [0], 2, [2]],
            [x(1, 2, *[3, 2, 2][:n]), x(2, 1, *[2] * n), None, [1], [0], [2], 1, [3]]])


def conv_backward(mask, grad, other, size, stride, padding, dilation, groups):
    """aten's gradient by the input (mask 0) or the weight (mask 1) of sizes `size`."""
    n = len(size) - 2
    wanted = torch.zeros(size, dtype=grad.dtype)
    pair = (wanted, other) if mask == 0 else (other, wanted)
    return torch.ops.aten.convolution_backward(grad, *pair, None, stride or [1] * n, padding or [0] * n, dilation or [1] * n, False, [0] * n, groups,
                                               [mask == 0, mask == 1, False])[mask]


def conv_backward_cases(by_weight):
    for n, grad, weight, size, stride, padding, dilation, groups in (
            (1, (2, 4, 5), (4, 3, 3), (2, 3, 7), [1], [0], [1], 1), (2, (2, 4, 5, 5), (4, 3, 3, 2), (2, 3, 7, 6), [1, 1], [0, 0], [1, 1], 1),
            (2, (1, 4, 4, 3), (4, 1, 3, 3), (1, 2, 7, 6), [2, 2], [1, 1], [1, 1], 2), (2, (1, 2, 5, 4), (2, 2, 2, 2), (1, 2, 7, 6), [1, 1], [0, 0], [2, 2], 1),
            (3, (1, 2, 3, 2, 3), (2, 2, 2, 2, 2), (1, 2, 4, 3, 4), [1, 1, 1], [0, 0, 0], [1, 1, 1], 1)):
        yield (grad, size, weight) if by_weight else (grad, weight, size), [stride, padding, dilation, groups]


samples("conv_grad_input", rounded_once(lambda *a: conv_backward(0, *a)))(
    lambda dtype, x: [[x(*g), x(*w), list(size), *rest] for (g, w, size), rest in conv_backward_cases(False)])
samples("conv_grad_weight", rounded_once(lambda *a: conv_backward(1, *a)))(
    lambda dtype, x: [[x(*g), x(*i), list(size), *rest] for (g, i, size), rest in conv_backward_cases(True)])

# ---- pooling ---------------------------------------------------------------------------------------------------------------

MAX_POOLS = {1: [[(1, 2, 7), [2], [], [0], [1], False], [(2, 9), [3], [2], [1], [2], True], [(0, 2, 4), [2], [], [], [], False]],
             2: [[(1, 2, 5, 6), [2, 2], [], [0, 0], [1, 1], False], [(2, 5, 7), [3, 2], [2, 1], [1, 1], [1, 2], False],
                 [(1, 1, 7, 7), [3], [2], [1], [1], True], [(1, 2, 4, 4), [2], [2], [], [], False], [(0, 2, 4, 4), [2], [2], [], [], False]],
             3: [[(1, 2, 4, 3, 5), [2, 1, 2], [], [0], [1], False], [(2, 5, 4, 4), [3, 2, 2], [2, 1, 2], [1], [1, 1, 2], True]]}


def max_pool(n, t, k, s, p, d, c, indices=False):
    return getattr(F, f"max_pool{n}d")(t, k, s or None, p or 0, d or 1, c, indices)


def max_pool_backward(g, indices, size, k, s, p, d, n):
    """Adds up by the indices in their planes."""
    return torch.zeros(size, dtype=g.dtype).flatten(-n).scatter_add(-1, indices.flatten(-n), g.flatten(-n)).reshape(size)


def max_pool_backward_samples(dtype, x):
    for n, cases in MAX_POOLS.items():
        for size, k, s, p, d, c in cases:
            if 0 not in size:
                y, indices = max_pool(n, x(*size), k, s, p, d, c, True)
                yield [x(*y.shape), indices, list(size), k, s, p, d, n]
    yield [x(1, 2, 2, 2), x.ints(0, 12, 1, 2, 2, 2), [1, 2, 3, 4], [], [], [], [], 2]


samples("max_pool_values", lambda *a: max_pool(a[-1], *a[:-1]))(lambda dtype, x: [[x(*size), *rest, n] for n, cases in MAX_POOLS.items() for size, *rest in cases])
samples("max_pool_grad", max_pool_backward)(lambda dtype, x: list(max_pool_backward_samples(dtype, x)))
samples("pooling_take", lambda t, i, n: t.flatten(-n).gather(-1, i.flatten(-n)).reshape(i.shape))(
    lambda dtype, x: [[x(1, 2, 3, 4), x.ints(0, 12, 1, 2, 2, 2), 2], [x(2, 3, 4), x.ints(0, 12, 2, 2, 3), 2], [x(2, 3, 4), x.ints(0, 4, 2, 3, 2), 1]])
for _n in (1, 2, 3):
    samples(f"max_pool{_n}d", lambda *a, n=_n: max_pool(n, *a))(lambda dtype, x, n=_n: [[x(*size), *rest] for size, *rest in MAX_POOLS[n]])
    samples(f"max_pool{_n}d_with_indices", lambda *a, n=_n: max_pool(n, *a, True))(lambda dtype, x, n=_n: [[x(*size), *rest] for size, *rest in MAX_POOLS[n]])

AVG_POOLS = {1: [[(1, 2, 7), [2], [], [0], False, True], [(2, 9), [3], [2], [1], True, False]],
             2: [[(1, 2, 5, 6), [2, 2], [], [0, 0], False, True, 0], [(2, 5, 7), [3, 2], [2, 1], [1, 1], False, True, 0],
                 [(1, 1, 7, 7), [3], [2], [1], True, False, 0], [(1, 2, 4, 5), [2, 3], [2, 2], [], False, True, 5], [(1, 1, 6, 6), [3], [2], [1], True, True, 0]],
             3: [[(1, 2, 4, 3, 5), [2, 1, 2], [], [0], False, True, 0], [(2, 5, 4, 4), [3, 2, 2], [2, 1, 2], [1], True, False, 0]]}


def avg_pool(n, t, k, s, p, c, i, *divisor):
    """PyTorch's 3-d one has no 16-bit form."""
    return getattr(F, f"avg_pool{n}d")(t, k, s or None, p or 0, c, i, *(d or None for d in divisor))


def avg_pool_backward(g, size, k, s, p, c, i, o, n):
    """By the gradient of PyTorch's pooling, which is linear; differentiable in g."""
    leaf = torch.zeros(size, dtype=g.dtype).requires_grad_()
    y = avg_pool(n, leaf, k, s, p, c, i, *([o] if n > 1 else []))
    return torch.autograd.grad(y, leaf, g, create_graph=g.requires_grad)[0]


samples("avg_pool_grad", rounded_once(avg_pool_backward))(lambda dtype, x: [
    [x(*avg_pool(n, torch.zeros(size), k, s, p, c, i, *o).shape), list(size), k, s, p, c, i, o[0] if o else 0, n] for n, cases in AVG_POOLS.items() for size, k, s, p, c, i, *o in cases])
ADAPTIVE = {1: [[(1, 2, 7), [3]], [(2, 4), [1]], [(1, 1, 3), [5]]], 2: [[(1, 2, 5, 7), [2, 3]], [(2, 4, 4), [1, 1]], [(1, 1, 3, 3), [5, 4]], [(1, 2, 4, 6), [-1, 3]]],
            3: [[(1, 2, 4, 3, 5), [2, 2, 3]], [(2, 3, 4, 2), [1, 1, 1]], [(1, 1, 2, 3, 2), [3, -1, 2]]]}
for _n in (1, 2, 3):
    samples(f"avg_pool{_n}d", rounded_once(lambda *a, n=_n: avg_pool(n, *a)))(lambda dtype, x, n=_n: [[x(*size), *rest] for size, *rest in AVG_POOLS[n]])
    samples(f"adaptive_avg_pool{_n}d", rounded_once(lambda t, k, f=getattr(F, f"adaptive_avg_pool{_n}d"): f(t, [None if i == -1 else i for i in k])))(
        lambda dtype, x, n=_n: [[x(*size), k] for size, k in ADAPTIVE[n]])
    samples(f"adaptive_max_pool{_n}d", lambda t, k, f=getattr(F, f"adaptive_max_pool{_n}d"): f(t, [None if i == -1 else i for i in k], return_indices=True))(
        lambda dtype, x, n=_n: [[x(*size), k] for size, k in ADAPTIVE[n]])


def adaptive_backward(g, size, n):
    leaf = torch.zeros(size, dtype=g.dtype).requires_grad_()
    return torch.autograd.grad(getattr(F, f"adaptive_avg_pool{n}d")(leaf, g.shape[-n:]), leaf, g, create_graph=g.requires_grad)[0]


samples("adaptive_avg_pool_grad", rounded_once(adaptive_backward))(
    lambda dtype, x: [[x(1, 2, 2, 3), [1, 2, 5, 7], 2], [x(2, 1, 1), [2, 4, 4], 2], [x(1, 1, 5, 4), [1, 1, 3, 3], 2], [x(1, 2, 3), [1, 2, 7], 1], [x(1, 2, 2, 2, 2), [1, 2, 3, 4, 3], 3]])

for _n in (1, 2, 3):
    samples(f"max_unpool{_n}d", lambda t, i, k, s, p, o, f=getattr(F, f"max_unpool{_n}d"): f(t, i, k[0], s[0] if s else None, p[0] if p else 0, o or None))(floats_only(lambda dtype, x, n=_n: [
        [x(2, 2, *[2, 3, 2][:n]), distinct(x.generator, [4, 24, 96][n - 1], 4)[:, :[2, 6, 12][n - 1]].reshape(2, 2, *[2, 3, 2][:n]), [2], [], [], []],
        [x(2, *[2, 3, 2][:n]), distinct(x.generator, [4, 24, 96][n - 1], 2)[:, :[2, 6, 12][n - 1]].reshape(2, *[2, 3, 2][:n]), [3], [2], [1], [4, 6, 4][:n]]]))
    samples(f"lp_pool{_n}d", rounded_once(lambda t, p, k, s, c, f=getattr(F, f"lp_pool{_n}d"): f(t, p, k if len(k) > 1 else k[0], s or None, c)))(floats_only(lambda dtype, x, n=_n: [
        [x.positive(*[1, 2, 4, 3, 4][:n + 2]), 2.0, [2] * n if n > 1 else [2], [], False], [x.positive(*[2, 5, 4, 3][:n + 1]), 3.0, [2] * n if n > 1 else [2], [], True]]))
for _n in (2, 3):
    samples(f"fractional_max_pool{_n}d", lambda t, k, o, r, u, f=getattr(F, f"fractional_max_pool{_n}d"): f(t, k, o or None, r or None, True, u.detach() if u is not None else None))(
        floats_only(lambda dtype, x, n=_n: [[x(*[2, 2, 5, 6, 5][:n + 2]), [2] * n, [3] * n, [], torch.rand((2, 2, n), generator=x.generator, dtype=torch.float64).to(dtype)],
                                            [x(*[2, 7, 6, 5][:n + 1]), [2] * n, [], [0.5] * n, torch.rand((1, 2, n), generator=x.generator, dtype=torch.float64).to(dtype)]]
                    if dtype.itemsize > 2 else []))
samples("fractional_max_pool", lambda t, u, k, o, n: getattr(F, f"fractional_max_pool{n}d")(t, k, o, None, True, u.detach()))(
    floats_only(lambda dtype, x: [[x(*[2, 2, 5, 6, 5][:n + 2]), torch.rand((2, 2, n), generator=x.generator, dtype=torch.float64).to(dtype), [2] * n, [3] * n, n] for n in (2, 3)]
                if dtype.itemsize > 2 else []))

# ---- padding, windows, resampling --------------------------------------------------------------------------------------------

samples("pad", lambda t, p, mode, v: F.pad(t, p, mode, v if mode == "constant" else None))(lambda dtype, x: [
    [x(2, 3), [1, 2], "constant", 0.0], [x(2, 3), [0, -1, 2, 1], "constant", 1.0], [x(2, 3, 4), [1, 2], "reflect", 0.0], [x(1, 2, 3, 4), [1, 0, 2, 2], "reflect", 0.0],
    [x(2, 3, 4), [2, 5], "replicate", 0.0], [x(1, 2, 3, 4), [-1, 2, 1, 1], "replicate", 0.0], [x(2, 3, 4), [2, 4], "circular", 0.0], [x(1, 2, 3, 4), [-1, 2, 1, -2], "circular", 0.0]])
samples("im2col", rounded_once(lambda t, k, d, p, s: F.unfold(t, k, d or 1, p or 0, s or 1)))(lambda dtype, x: [
    [x(2, 2, 4, 5), [2, 3], [], [], []], [x(2, 5, 6), [2, 2], [2, 2], [1, 1], [2, 2]]] if dtype not in (torch.bool,) else [[x(2, 2, 4, 5), [2, 3], [], [], []]])
samples("fold", rounded_once(lambda t, o, k, d, p, s: F.fold(t, o, k, d or 1, p or 0, s or 1)))(lambda dtype, x: [
    [x(2, 12, 9), [4, 5], [2, 3], [], [], []], [x(8, 9), [5, 6], [2, 2], [2, 2], [1, 1], [2, 2]]] if dtype.is_floating_point or dtype.is_complex else [])
samples("pixel_shuffle", F.pixel_shuffle)(lambda dtype, x: [[x(2, 8, 2, 3), 2], [x(9, 1, 2), 3]])
samples("pixel_unshuffle", F.pixel_unshuffle)(lambda dtype, x: [[x(2, 2, 4, 6), 2], [x(1, 3, 6), 3]])
samples("channel_shuffle", F.channel_shuffle)(lambda dtype, x: [[x(2, 6, 2, 3), 3], [x(1, 4, 3), 2]])


def interpolate(t, size, factor, mode, corners, recompute, antialias):
    options = {"align_corners": corners} if mode in ("linear", "bilinear", "trilinear", "bicubic") else {}
    return F.interpolate(t, size or None, factor or None, mode, recompute_scale_factor=recompute, antialias=antialias, **options)


IMAGES = {1: (2, 2, 5), 2: (1, 2, 4, 5), 3: (1, 2, 3, 4, 3)}
samples("interpolate", rounded_once(interpolate))(floats_only(lambda dtype, x: [
    case for mode, n in (("nearest", 1), ("nearest-exact", 2), ("nearest", 3), ("linear", 1), ("bilinear", 2), ("trilinear", 3), ("bicubic", 2), ("area", 2), ("area", 3))
    for case in ([x(*IMAGES[n]), [7, 3, 4][:n], [], mode, False, False, False], [x(*IMAGES[n]), [], [1.7, 0.6, 2.0][:n], mode, False, n > 1, False],
                 *([[x(*IMAGES[n]), [3, 7, 2][:n], [], mode, True, False, False]] if mode not in ("nearest", "nearest-exact", "area") else []),
                 *([[x(1, 2, 7, 9), [3, 12], [], mode, False, False, True]] if mode in ("bilinear", "bicubic") and dtype.itemsize > 2 else []))]))
samples("grid_sample", rounded_once(lambda t, g, m, p, c: F.grid_sample(t, g, m, p, c)))(floats_only(lambda dtype, x: [
    [x(*size), x(*grid) * 0.7, mode, padding, corners] for mode, size, grid in (("bilinear", (2, 2, 3, 4), (2, 2, 3, 2)), ("nearest", (1, 2, 3, 4), (1, 2, 3, 2)),
                                                                        ("bicubic", (1, 2, 4, 5), (1, 2, 2, 2)), ("bilinear", (1, 2, 3, 2, 3), (1, 2, 1, 2, 3)))
    for padding in ("zeros", "border", "reflection") for corners in (True, False)]))
samples("grid_sampler", rounded_once(torch.grid_sampler))(floats_only(lambda dtype, x: [
    [x(1, 2, 3, 3), x(1, 2, 2, 2), mode, 0, False] for mode in (0, 1, 2)] + [[x(1, 1, 2, 3, 3), x(1, 1, 2, 2, 3), 0, 2, True]]))
samples("affine_grid", rounded_once(F.affine_grid))(floats_only(lambda dtype, x: [[x(2, 2, 3), [2, 1, 3, 4], False], [x(1, 2, 3), [1, 1, 1, 3], True], [x(1, 3, 4), [1, 2, 2, 3, 2], True]]))

# ---- distances ---------------------------------------------------------------------------------------------------------------

samples("normalize", rounded_once(F.normalize))(lambda dtype, x: [[x(2, 3), 2.0, 1, 1e-12], [x(2, 3, 2), 1.0, 0, 1e-12], [x(2, 3), 3.0, -1, 2.0]] if dtype.is_floating_point or dtype.is_complex else [])
samples("cosine_similarity", rounded_once(F.cosine_similarity))(floats_only(lambda dtype, x: [[x(2, 3), x(2, 3), 1, 1e-8], [x(2, 3, 2), x(3, 2), 0, 1e-8], [x(4), x(4), 0, 1e-6]]))
samples("pairwise_distance", rounded_once(F.pairwise_distance))(floats_only(lambda dtype, x: [[x(2, 3), x(2, 3), 2.0, 1e-6, False], [x(2, 3), x(3), 1.0, 1e-6, True], [x(4), x(4), 3.0, 0.1, False]]))
samples("pdist", F.pdist)(floats_only(lambda dtype, x: [[x(4, 3), 2.0], [x(3, 2), 1.0], [x(3, 4), math.inf], [x(1, 3), 2.0], [x(0, 3), 2.0]]))
samples("bilinear", rounded_once(F.bilinear))(floats_only(lambda dtype, x: [[x(2, 3), x(2, 4), x(5, 3, 4), x(5)], [x(2, 2, 3), x(2, 2, 2), x(1, 3, 2), None], [x(3), x(2), x(2, 3, 2), x(2)]]))

# ---- normalisations made of others -------------------------------------------------------------------------------------------

samples("group_norm", rounded_once(lambda t, g, w, b, eps: F.group_norm(t, g, w, b, eps)))(floats_only(lambda dtype, x: [
    [x(2, 6, 3), 3, x(6), x(6), 1e-5], [x(2, 4, 2, 3), 1, None, None, 1e-3], [x(3, 4), 2, x(4), None, 1e-5]]))
samples("instance_norm", rounded_once(lambda t, m, v, *rest: F.instance_norm(t, None if m is None else m.detach().clone(), None if v is None else v.detach().clone(), *rest)))(floats_only(
    lambda dtype, x: [[x(2, 3, 4), None, None, x(3), x(3), True, 0.1, 1e-5], [x(2, 2, 3, 2), x(2), x.positive(2), None, None, True, 0.3, 1e-5],
                      [x(2, 2, 3), x(2), x.positive(2), x(2), x(2), False, 0.1, 1e-3]]))
samples("rms_norm", rounded_once(lambda t, n, w, eps: F.rms_norm(t, n, w, None if math.isnan(eps) else eps)))(lambda dtype, x: [
    [x(2, 3), [3], x(3), 1e-5], [x(2, 3, 4), [3, 4], None, math.nan], [x(4), [4], x(4), 0.1]] if dtype.is_floating_point or dtype.is_complex else [])
samples("local_response_norm", rounded_once(F.local_response_norm))(floats_only(lambda dtype, x: [[x(2, 5, 3), 3, 1e-4, 0.75, 1.0], [x(1, 4, 2, 3), 2, 0.5, 0.6, 2.0]]))
samples("native_layer_norm", lambda t, n, w, b, eps: rounded_all(t.dtype, torch.native_layer_norm, t, n, w, b, eps))(floats_only(lambda dtype, x: [
    [x(2, 3), [3], x(3), x(3), 1e-5], [x(2, 3, 4), [3, 4], None, None, 1e-3]]))
samples("native_group_norm", lambda t, w, b, *rest: rounded_all(t.dtype, torch.native_group_norm, t, w, b, *rest))(floats_only(lambda dtype, x: [
    [x(2, 6, 3), x(6), x(6), 2, 6, 3, 3, 1e-5], [x(2, 4, 2, 3), None, None, 2, 4, 6, 2, 1e-3]]))

# ---- embeddings with options, attention ------------------------------------------------------------------------------------------


def embedding_max_norm(i, w, p, most, order, by_frequency):
    """PyTorch changes the weight in place, which its recorded argument must not see."""
    if math.isfinite(most):
        w = w.detach().clone()
    return F.embedding(i, w, p if p >= 0 else None, most if math.isfinite(most) else None, order, by_frequency)


def embedding_bag(i, w, o, most, order, by_frequency, mode, weights, last, p):
    return F.embedding_bag(i, w, o, most if math.isfinite(most) else None, order, by_frequency, mode, False, weights, last, p if p >= 0 else None)


def attention(q, k, v, mask, p, causal, scale, gqa):
    return F.scaled_dot_product_attention(q, k, v, mask, p, causal, scale=None if math.isnan(scale) else scale, enable_gqa=gqa)


samples("embedding_max_norm", rounded_once(embedding_max_norm))(floats_only(lambda dtype, x: [
    [x.ints(0, 5, 2, 3), x(5, 4), -1, math.inf if dtype == torch.float64 else 1.0, 2.0, False], [x.ints(0, 5, 7), x(5, 4), 2, math.inf, 2.0, True]]))
samples("embedding_bag", rounded_once(embedding_bag))(floats_only(lambda dtype, x: [
    [x.ints(0, 5, 2, 3), x(5, 4), None, math.inf, 2.0, False, "sum", x(2, 3), False, -1], [x.ints(0, 5, 6), x(5, 4), torch.tensor([0, 2, 2, 5]), math.inf, 2.0, True, "mean", None, False, 1],
    [x.ints(0, 5, 6), x(5, 3), torch.tensor([0, 1, 4, 6]), math.inf, 2.0, False, "max", None, True, -1]]))
samples("scaled_dot_product_attention", rounded_once(attention))(floats_only(lambda dtype, x: [
    [x(2, 3, 4), x(2, 5, 4), x(2, 5, 2), None, 0.0, False, math.nan, False], [x(1, 2, 3, 4), x(1, 2, 3, 4), x(1, 2, 3, 4), None, 0.0, True, 0.3, False],
    [x(2, 3, 4), x(2, 3, 4), x(2, 3, 4), x(3, 3), 0.0, False, math.nan, False], [x(3, 4), x(2, 4), x(2, 4), torch.tensor([[True, False], [True, True], [False, True]]), 0.0, False, math.nan, False],
    [x(1, 4, 2, 3), x(1, 2, 3, 3), x(1, 2, 3, 3), None, 0.0, False, math.nan, True],
    [x(2, 3, 4), x(2, 3, 4), x(2, 3, 4), x(3), 0.0, False, math.nan, False]]))


class Scaled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, t, scale):
        ctx.save_for_backward(scale)
        return t.clone()

    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[0], None


samples("scale_gradient", lambda t, scale: Scaled.apply(t, scale.detach()))(
    lambda dtype, x: [[x(2, 3), torch.ones(3, dtype=dtype)]] if dtype.is_floating_point or dtype.is_complex else [])


def native_batch_norm(t, w, b, mean, var, *rest):
    return torch.native_batch_norm(t, w, b, None if mean is None else mean.detach().clone(), None if var is None else var.detach().clone(), *rest)


samples("native_batch_norm", lambda *a: rounded_all(a[0].dtype, native_batch_norm, *a))(floats_only(lambda dtype, x: [
    [x(4, 3), x(3), x(3), None, None, True, 0.1, 1e-5], [x(2, 3, 4), None, None, x(3), x.positive(3), True, 0.2, 1e-3], [x(2, 3, 4), x(3), x(3), x(3), x.positive(3), False, 0.1, 1e-5]]))

# ---- update steps of optimizers --------------------------------------------------------------------------------------------


def real_parts(tensors):
    return [[torch.view_as_real(t).clone() if t.is_complex() else t.clone()] if t is not None else [] for t in tensors]


def whole(like, real):
    return torch.view_as_complex(real) if like.is_complex() else real


@torch.no_grad()
def fused_sgd(p, g, buffer, lr, momentum, dampening, weight_decay, nesterov, maximize, first):
    ps, gs, buffers = real_parts((p, g, buffer))
    torch._fused_sgd_(ps, gs, buffers, weight_decay=weight_decay, momentum=momentum if buffers else 0.0, lr=lr, dampening=dampening, nesterov=nesterov,
                      maximize=maximize, is_first_step=first)
    return whole(p, ps[0])


@torch.no_grad()
def fused_adam(p, g, m, v, most, step, lr, beta1, beta2, weight_decay, eps, decoupled, maximize):
    ps, gs, ms, vs, mosts = real_parts((p, g, m, v, most))
    update = torch._fused_adamw_ if decoupled else torch._fused_adam_
    update(ps, gs, ms, vs, mosts, [torch.tensor(float(step))], lr=lr, beta1=beta1, beta2=beta2, weight_decay=weight_decay, eps=eps, amsgrad=bool(mosts),
           maximize=maximize)
    return whole(p, ps[0])


def second_moment(dtype, x):
    """Of a complex parameter: real and imaginary parts are moments of their own."""
    return torch.complex(x.positive(3, 5).real.abs(), x.positive(3, 5).real.abs()) if dtype.is_complex else x.positive(3, 5)


samples("fused_sgd_", fused_sgd)(lambda dtype, x: [
    [x(3, 5), x(3, 5), None, 0.1, 0.0, 0.0, 0.0, False, False, False], [x(3, 5), x(3, 5), x(3, 5), 0.1, 0.9, 0.0, 0.01, False, False, False],
    [x(3, 5), x(3, 5), x(3, 5), 0.1, 0.9, 0.2, 0.0, False, True, True], [x(3, 5), x(3, 5), x(3, 5), 0.1, 0.9, 0.0, 0.1, True, False, False]])
samples("fused_adam_", fused_adam)(lambda dtype, x: [
    [x(3, 5), x(3, 5), x(3, 5), second_moment(dtype, x), None, 3, 0.01, 0.9, 0.999, 0.0, 1e-8, False, False],
    [x(3, 5), x(3, 5), x(3, 5), second_moment(dtype, x), None, 1, 0.01, 0.9, 0.99, 0.1, 1e-8, False, True],
    [x(3, 5), x(3, 5), x(3, 5), second_moment(dtype, x), None, 7, 0.01, 0.9, 0.999, 0.1, 1e-6, True, False],
    [x(3, 5), x(3, 5), x(3, 5), second_moment(dtype, x), second_moment(dtype, x), 2, 0.01, 0.9, 0.999, 0.0, 1e-8, False, False]])

# ---- arranging, indexing ---------------------------------------------------------------------------------------------------

samples("flip", torch.flip)(lambda dtype, x: [[x(2, 3), [0]], [x(2, 3, 2), [-1, 0]], [x(0, 3), [0]], [x(), []]])
samples("roll", lambda t, s, d: torch.roll(t, s, d))(lambda dtype, x: [[x(2, 3), [1], [1]], [x(2, 3), [4, -1], [0, -1]], [x(2, 3), [2], []], [x(0, 3), [1], [0]]])
samples("repeat", lambda t, n: t.repeat(n))(lambda dtype, x: [[x(2, 3), [2, 1]], [x(2), [2, 3]], [x(), [2]], [x(2), [0]]])
samples("tile", torch.tile)(lambda dtype, x: [[x(2, 3), [2]], [x(2), [2, 3]], [x(), [2]]])
samples("repeat_interleave", lambda t, n, d: torch.repeat_interleave(t, n, d))(lambda dtype, x: [[x(2, 3), 2, 0], [x(2, 3), 3, -1], [x(2), 0, 0]])

samples("gather", torch.gather)(lambda dtype, x: [[x(3, 4), 1, x.ints(0, 4, 3, 2)], [x(3, 4), 0, x.ints(0, 3, 2, 4)], [x(3, 2, 2), -1, x.ints(0, 2, 2, 2, 3)],
                                                  [x(3, 4), 1, x.ints(0, 4, 0, 2)], [x(), 0, x.ints(0, 1)], [x(3), 0, x.ints(0, 3, 5, dtype=torch.int32)]])


def distinct(generator_ints, n, rows):
    """Index rows without repetitions, so that the result does not depend on an order."""
    return torch.stack([torch.randperm(n, generator=generator_ints) for _ in range(rows)])


def scatters(dtype, x, index):
    """(index, src): src may be larger, but then PyTorch has no gradient."""
    yield index, x(*index.shape)
    if dtype not in (torch.float64, torch.complex128):
        yield index, x(*(n + 1 for n in index.shape))


samples("scatter", torch.scatter)(lambda dtype, x: [[x(*size), dim, i, src] for size, dim, index in (
    ((3, 4), 1, distinct(x.generator, 4, 3)[:, :2]), ((4, 2), 0, distinct(x.generator, 4, 2).T.contiguous()), ((5,), -1, distinct(x.generator, 5, 1)[0, :3]),
    ((3, 4), 1, x.ints(0, 4, 0, 2))) for i, src in scatters(dtype, x, index)])
samples("scatter_add", torch.scatter_add)(lambda dtype, x: [[x(*size), dim, i, src] for size, dim, index in (
    ((3, 4), 1, x.ints(0, 4, 3, 5)), ((3, 4), 0, x.ints(0, 3, 2, 3)), ((4,), -1, x.ints(0, 4, 9))) for i, src in scatters(dtype, x, index)] + [[x(), 0, x.ints(0, 1), x()]])
samples("index_select", torch.index_select)(lambda dtype, x: [[x(3, 4), 0, x.ints(0, 3, 5)], [x(3, 4), -1, x.ints(0, 4, 2)], [x(3, 4), 1, x.ints(0, 4, 0)],
                                                              [x(2, 3, 2), 1, x.ints(0, 3, 4, dtype=torch.int32)]])
samples("index_add", lambda t, d, i, s: torch.index_add(t, d, i, s))(lambda dtype, x: [[x(3, 4), 0, x.ints(0, 3, 5), x(5, 4)], [x(3, 4), -1, x.ints(0, 4, 3), x(3, 3)],
                                                                                       [x(2, 3, 2), 1, x.ints(0, 3, 4), x(2, 4, 2)]])
samples("index_copy", torch.index_copy)(lambda dtype, x: [[x(4, 3), 0, distinct(x.generator, 4, 1)[0, :2], x(2, 3)], [x(2, 4), -1, distinct(x.generator, 4, 1)[0], x(2, 4)]])
samples("index_fill", lambda t, d, i, v: torch.index_fill(t, d, i, v))(lambda dtype, x: [[x(4, 3), 0, x.ints(0, 4, 2), x()], [x(2, 4), -1, x.ints(0, 4, 3), x()]])
samples("embedding", lambda i, w, p: torch.ops.aten.embedding(w, i, p))(lambda dtype, x: [[x.ints(0, 5, 2, 3), x(5, 4), -1], [x.ints(0, 5, 7), x(5, 4), 2], [x.ints(0, 5), x(5, 2), -1],
                                                                                          [x.ints(0, 5, 6, dtype=torch.int32), x(5, 3), -1], [x.ints(0, 5, 0), x(5, 3), -1]])
samples("embedding_backward", rounded_once(lambda g, i, n, p: torch.ops.aten.embedding_dense_backward(g, i, n, p, False)))(
    lambda dtype, x: [[x(2, 3, 4), x.ints(0, 5, 2, 3), 5, -1], [x(7, 4), x.ints(0, 5, 7), 5, 2]])
samples("bag_sums", rounded_once(lambda w, i, starts, p: torch.stack([w.index_select(0, r[r != p]).sum(0) for r in i.tensor_split(starts[1:-1])])))(
    lambda dtype, x: [[x(5, 4), x.ints(0, 5, 7), torch.tensor([0, 2, 2, 7]), -1], [x(5, 17), x.ints(0, 5, 9), torch.tensor([0, 4, 9]), 2]] if dtype.is_floating_point else [])
samples("take", torch.take)(lambda dtype, x: [[x(3, 4), x.ints(-12, 12, 2, 3)], [x(5), x.ints(0, 5, 0)], [x(3), x.ints(0, 3)]])
samples("take_along_dim", lambda t, i, d: torch.take_along_dim(t, i, d))(lambda dtype, x: [[x(3, 4), x.ints(0, 4, 3, 2), 1], [x(3, 4), x.ints(0, 3, 1, 4), 0], [x(1, 4), x.ints(0, 4, 3, 2), -1]])
samples("one_hot", F.one_hot)(lambda dtype, x: [[x.ints(0, 4, 2, 3), 5], [x.ints(0, 4, 6), -1]] if dtype == torch.int64 else [])


def indexed(t, indices):
    return t[tuple(slice(None) if i is None else i for i in indices)]


def index_put(t, indices, values, accumulate):
    """By a functional index_put, null as the whole dim."""
    return torch.index_put(t, [i if i is not None else None for i in indices], values, accumulate) if all(i is not None for i in indices) else \
        torch.ops.aten.index_put(t, list(indices), values, accumulate)


samples("index", indexed)(lambda dtype, x: [
    [x(4, 3), [x.ints(0, 4, 5)]], [x(4, 3), [x.ints(-4, 4, 2, 2), x.ints(0, 3, 2)]], [x(4, 3), [None, x.ints(0, 3, 4)]], [x(3, 4, 2), [x.ints(0, 3, 2), None, x.ints(0, 2, 2)]],
    [x(3, 4, 2), [None, x.ints(0, 4, 3), x.ints(-2, 2, 3)]], [x(4, 3), [torch.tensor([True, False, True, True])]],
    [x(2, 3), [torch.tensor([[True, False, True], [False, False, True]])]], [x(4, 3), [x.ints(0, 4, 0)]], [x(4, 3), [x.ints(0, 4)]],
    [x(4, 3), [torch.tensor([True, False, False, True]), x.ints(0, 3, 2)]]])
PUTS = (lambda dtype, x: [
    [x(5, 3), [distinct(x.generator, 5, 1)[0, :2]], x(2, 3), False], [x(5, 3), [x.ints(-5, 5, 6)], x(6, 3), True], [x(4, 3), [x.ints(0, 4, 3), x.ints(0, 3, 3)], x(3), True],
    [x(4, 3), [None, x.ints(0, 3, 4)], x(4, 4), True], [x(4, 3), [torch.tensor([True, False, True, True])], x(), False],
    [x(3, 4, 2), [x.ints(0, 3, 2), None, x.ints(0, 2, 2)], x(2, 4), True], [x(4, 3), [torch.tensor([True, False, True, True])], x(3, 3), False]])
samples("index_put", index_put)(PUTS)
samples("index_put_", index_put)(PUTS)
LEADS = [((4, 3), ((0, 4, 5),)), ((4, 3), ((0, 4, 2, 2), (0, 3, 2, 2))), ((3, 4, 2), ((0, 3, 2), (0, 4, 2)))]
samples("index_lead", indexed)(lambda dtype, x: [[x(*size), [x.ints(*i) for i in indices]] for size, indices in LEADS])
samples("index_lead_backward", lambda g, indices, size: torch.index_put(torch.zeros(size, dtype=g.dtype), indices, g, True))(
    lambda dtype, x: [[x(*indices[0][2:], *size[len(indices):]), [x.ints(*i) for i in indices], list(size)] for size, indices in LEADS])
samples("index_put_lead_", rounded_once(index_put))(lambda dtype, x: [
    [x(*size), [x.ints(*i) for i in indices], x(*indices[0][2:], *size[len(indices):]), True] for size, indices in LEADS])

samples("masked_fill", lambda t, m, v: torch.masked_fill(t, m, v))(lambda dtype, x: [[x(2, 3), x(2, 3, dtype=torch.bool), x()], [x(2, 3), x(3, dtype=torch.bool), x()],
                                                                                     [x(3), x(2, 3, dtype=torch.bool), x()], [x(), x(dtype=torch.bool), x()]])
samples("masked_scatter", torch.masked_scatter)(lambda dtype, x: [[x(2, 3), x(2, 3, dtype=torch.bool), x(2, 4)], [x(2, 3), x(3, dtype=torch.bool), x(7)]])
samples("masked_select", torch.masked_select)(lambda dtype, x: [[x(2, 3), x(2, 3, dtype=torch.bool)], [x(2, 3), x(3, dtype=torch.bool)], [x(2, 1), x(3, dtype=torch.bool)],
                                                                [x(0, 3), x(3, dtype=torch.bool)], [x(), torch.tensor(True)]])
samples("nonzero", torch.nonzero)(lambda dtype, x: [[x(3, 4)], [x(5)], [x()], [x(0, 2)], [torch.zeros(2, 2, dtype=dtype)]])
samples("nonzero_list", lambda t: torch.nonzero(t, as_tuple=True))(lambda dtype, x: [[x(3, 4)], [x()], [x(0, 2)]])
samples("nonzero_count", torch.count_nonzero)(lambda dtype, x: [[x(3, 4)], [x()], [x(0, 2)]])

# ---- other forms of views, joins and choices ---------------------------------------------------------------------------------

for _name in ("as_strided", "diagonal", "expand", "narrow", "permute", "squeeze", "t", "transpose", "unsqueeze", "view"):
    samples(_name + "_copy", lambda *a, f=TORCH.get(_name) or getattr(torch, _name): f(*a).clone())(lambda dtype, x, f=SAMPLES[_name]: f(dtype, x)[:2])
for _name in ("alias_copy", "fliplr", "flipud", "argwhere"):
    samples(_name, getattr(torch, _name))(lambda dtype, x: [[x(2, 3)]])
samples("mH", lambda t: t.mH)(lambda dtype, x: [[x(2, 3)]])
for _name in ("ravel", "atleast_1d", "atleast_2d", "atleast_3d"):
    samples(_name, getattr(torch, _name))(lambda dtype, x: [[x()], [x(3)], [x(2, 3)]])
    samples(_name + "_list", getattr(torch, _name))(lambda dtype, x: [[[x(), x(3), x(2, 3)]]])
samples("unfold_dim", torch.Tensor.unfold)(lambda dtype, x: [[x(5, 2), 0, 3, 1], [x(5), -1, 2, 2], [x(), 0, 1, 1]])
samples("unfold_copy", torch.unfold_copy)(lambda dtype, x: [[x(5, 2), 0, 3, 1]])
samples("rot90", torch.rot90)(lambda dtype, x: [[x(2, 3), k, [0, 1]] for k in (0, 1, -1, 2)])
samples("sum_to_size", lambda t, s: t.sum_to_size(s))(lambda dtype, x: [[x(2, 3), [1, 3]], [x(2, 2, 3), [2, 1]], [x(3), []], [x(2), [2]]])
samples("diag_embed", lambda t, o, a, b: torch.diag_embed(t, o, a, b))(lambda dtype, x: [[x(2, 3), 0, -2, -1], [x(2, 3), -1, 0, 2]])
samples("diagflat", torch.diagflat)(lambda dtype, x: [[x(2, 2), 0], [x(3), 1]])
samples("block_diag", lambda t: torch.block_diag(*t))(lambda dtype, x: [[[x(2, 1), x(2), x(), x(1, 2)]]])
samples("column_stack", torch.column_stack)(lambda dtype, x: [[[x(3), x(3, 2)]], [[x(), x()]]])
samples("dstack", torch.dstack)(lambda dtype, x: [[[x(3), x(3)]], [[x(2, 3), x(2, 3, 1)]]])
samples("select_scatter", torch.select_scatter)(lambda dtype, x: [[x(2, 3), x(2), 1, -1]])
samples("slice_scatter", torch.slice_scatter)(lambda dtype, x: [[x(5, 2), x(2, 2), 0, 1, 4, 2]])
samples("diagonal_scatter", lambda t, s, o, a, b: torch.diagonal_scatter(t, s, o, a, b))(lambda dtype, x: [[x(3, 4), x(3), 1, 0, 1]])

def as_strided_scatter(t, source, *geometry):
    """PyTorch's own has the gradient of t where source has gone, instead of everywhere else."""
    result = t.clone()
    result.as_strided(*geometry).copy_(source)
    return result


samples("as_strided_scatter", as_strided_scatter)(lambda dtype, x: [[x(3, 4), x(2, 2), [2, 2], [1, 2], 1]])
samples("put", torch.Tensor.put)(lambda dtype, x: [[x(2, 3), x.ints(-6, 6, 2), x(2), True], [x(2, 3), torch.tensor([[0, 4]]), x(1, 2), False]])
samples("fill", lambda t, v: torch.fill(t, v))(lambda dtype, x: [[x(2, 3), x()]])
samples("nonzero_static", lambda t, n, v: torch.nonzero_static(t, size=n, fill_value=v))(lambda dtype, x: [[x(2, 3), n, -1] for n in (2, 8)])
for _name in ("tril_indices", "triu_indices"):
    samples(_name, lambda r, c, o, dtype, device, f=getattr(torch, _name): f(r, c, o, dtype=dtype))(
        lambda dtype, x: [[3, 4, o, dtype, CPU] for o in (0, -1, 1)] if dtype in (torch.int32, torch.int64) else [])
samples("constant_pad_nd", lambda t, p, v: torch.constant_pad_nd(t, p, v.item()))(lambda dtype, x: [[x(2, 3), [1, 2], x()], [x(2, 3), [-1, 1, 0, 2], x()]])
samples("movedim_list", lambda t, a, b: torch.movedim(t, tuple(a), tuple(b)))(lambda dtype, x: [[x(2, 3, 2), [0, 2], [1, 0]], [x(2, 3), [], []]])
samples("tensor_split_indices", lambda t, i, d: torch.tensor_split(t, i, d))(lambda dtype, x: [[x(5, 2), [1, 3], 0], [x(2, 4), [3, 1, 9], -1]])
for _name, _size in (("hsplit", (2, 4)), ("vsplit", (4, 2)), ("dsplit", (1, 2, 4))):
    samples(_name, getattr(torch, _name))(lambda dtype, x, s=_size: [[x(*s), 2]])
    samples(_name + "_indices", getattr(torch, _name))(lambda dtype, x, s=_size: [[x(*s), [1, 2]]])
samples("broadcast_tensors", lambda t: torch.broadcast_tensors(*t))(lambda dtype, x: [[[x(2, 1), x(3), x()]]])
samples("unravel_index", lambda i, s: torch.unravel_index(i, tuple(s)))(lambda dtype, x: [[x.ints(0, 24, 3, dtype=dtype), [2, 3, 4]]] if dtype in ALL[1:6] else [])
samples("unbind_copy", torch.unbind_copy)(lambda dtype, x: [[x(3, 2), 0]])
samples("split_with_sizes_copy", torch.split_with_sizes_copy)(lambda dtype, x: [[x(5, 2), [2, 3], 0]])
samples("split_copy", torch.split_copy)(lambda dtype, x: [[x(5, 2), 2, 0]])

MODES = ("sum", "prod", "mean", "amax", "amin")
samples("scatter_reduce", rounded_once(lambda t, d, i, s, how, own: torch.scatter_reduce(t, d, i, s, how, include_self=own)))(
    lambda dtype, x: [[x(3, 4), d, x.ints(0, 3, 2, 4), x(2, 4), how, own] for how in MODES for d, own in ((0, True), (1, False))] if not dtype.is_complex else [])
samples("index_reduce", rounded_once(lambda t, d, i, s, how, own: torch.index_reduce(t, d, i, s, how, include_self=own)))(
    lambda dtype, x: [[x(3, 4), 0, torch.tensor([0, 2, 0]), x(3, 4), how, how != "mean"] for how in MODES[1:]] if dtype in ALL[1:10] else [])



def scatter_fold(t, dim, index, src, mode):
    return torch.scatter_reduce(t.detach(), dim, index, src.detach(), ("prod", "amin", "amax")[mode])


samples("scatter_fold_", scatter_fold)(lambda dtype, x: [[x(3, 4), 0, x.ints(0, 3, 2, 4), x(2, 4), mode] for mode in range(3)] if dtype in (torch.int64, torch.float32, torch.float64) else [])
samples("index_add_alpha", rounded_once(lambda t, d, i, s, a: torch.index_add(t, d, i, s * a)))(
    lambda dtype, x: [[x(3, 4), 1, torch.tensor([0, 2, 0]), x(3, 3), x()]])
samples("repeat_interleave_tensor", lambda t, n, d, size: torch.repeat_interleave(t, n, d[0] if d else None))(
    lambda dtype, x: [[x(3, 2), torch.tensor([2, 0, 1]), [0], 3], [x(2, 3), torch.tensor([2]), [-1], -1], [x(2, 2), torch.tensor([0, 1, 2, 1]), [], -1]])

# ---- random numbers: both sides are seeded before each call ----------------------------------------------------------------

GENERATOR = DefaultGenerator()

samples("rand", lambda size, dtype, device, g: torch.rand(size, dtype=dtype))(lambda dtype, x: [[[3, 7], dtype, CPU, GENERATOR], [[0], dtype, CPU, GENERATOR], [[], dtype, CPU, GENERATOR]])
samples("randn", lambda size, dtype, device, g: torch.randn(size, dtype=dtype))(lambda dtype, x: [[[3, 7], dtype, CPU, GENERATOR], [[5], dtype, CPU, GENERATOR], [[], dtype, CPU, GENERATOR]])
samples("randint", lambda low, high, size, dtype, device, g: torch.randint(low, high, size, dtype=dtype))(
    lambda dtype, x: [[0, 2, [9], dtype, CPU, GENERATOR]] + ([[1, 100, [2, 5], dtype, CPU, GENERATOR]] if dtype != torch.bool else []))
samples("randperm", lambda n, dtype, device, g: torch.randperm(n, dtype=dtype))(lambda dtype, x: [[n, dtype, CPU, GENERATOR] for n in (0, 1, 17)])
for _name in ("rand_like", "randn_like"):
    samples(_name, getattr(torch, _name))(lambda dtype, x: [[x(3, 6)], [x()]])
for _name in ("rand_like", "randn_like"):
    samples(_name + "_dtype", lambda t, d, f=getattr(torch, _name): f(t, dtype=d))(lambda dtype, x: [[x(3, 5), d] for d in (torch.float64, torch.float16)])
samples("randint_like_dtype", lambda t, low, high, d: torch.randint_like(t, low, high, dtype=d))(lambda dtype, x: [[x(3, 5), 0, 2, torch.int32]])
samples("normal_size", lambda m, s, n, d, device, g: torch.normal(m, s, n, dtype=d))(
    lambda dtype, x: [[0.5, 2.0, [3, 6], dtype, CPU, GENERATOR]] if dtype.is_floating_point else [])
samples("randint_like", lambda t, low, high: torch.randint_like(t, low, high))(lambda dtype, x: [[x(3, 5), 0, 2]])


def unit(x, *shape):
    t = x(*shape)
    return (t.double().abs() / 2).to(t.dtype)


samples("bernoulli", lambda t, g: torch.bernoulli(t))(lambda dtype, x: [[unit(x, 3, 5), GENERATOR]])
samples("poisson", lambda t, g: torch.poisson(t))(lambda dtype, x: [[x.positive(3, 5) * 8, GENERATOR]])
samples("normal", lambda m, s, g: torch.normal(m, s))(lambda dtype, x: [[x(3, 6), x.positive(3, 6), GENERATOR], [x(5), Weak(1.5), GENERATOR]])
samples("multinomial", lambda t, n, r, g: torch.multinomial(t, n, r))(
    lambda dtype, x: [[x.positive(6), 4, True, GENERATOR], [x.positive(2, 6), 3, False, GENERATOR], [x.positive(2, 6), 8, True, GENERATOR], [x.positive(6), 1, False, GENERATOR]])
for _name, _arguments in (("uniform_", (-1.5, 2.0)), ("normal_", (0.5, 2.0)), ("bernoulli_", (0.3,)), ("random_", ()), ("random_range_", (0, 2)),
                          ("exponential_", (1.5,)), ("geometric_", (0.4,)), ("cauchy_", (0.5, 2.0)), ("log_normal_", (0.1, 0.5))):
    samples(_name, lambda t, *a, f=getattr(torch.Tensor, _name.replace("_range", "")): f(t.clone(), *a[:-1]))(
        lambda dtype, x, a=_arguments: [[x(3, 7), *a, GENERATOR], [x(5), *a, GENERATOR]])
samples("native_dropout", torch.native_dropout)(lambda dtype, x: [[x(3, 6), 0.3, True], [x(5), 0.0, True], [x(4), 1.0, True], [x(4), 0.3, False]])
samples("native_dropout_backward", torch.ops.aten.native_dropout_backward)(
    lambda dtype, x: [] if dtype.is_complex or dtype == torch.bool else [[x(3, 4), x(3, 4, dtype=torch.bool), 1.25]])
for _name in ("dropout", "alpha_dropout"):
    samples(_name, getattr(torch, _name))(floats_only(lambda dtype, x: [[x(3, 6), 0.3, True], [x(5), 0.5, False], [x(4), 1.0, True]]))
for _name in ("feature_dropout", "feature_alpha_dropout"):
    samples(_name, getattr(torch, _name))(floats_only(lambda dtype, x: [[x(3, 6, 2), 0.3, True], [x(2, 3), 0.5, False]]))
samples("dropout1d", F.dropout1d)(floats_only(lambda dtype, x: [[x(3, 6, 2), 0.3, True], [x(6, 2), 0.5, True]]))
samples("dropout2d", F.dropout2d)(floats_only(lambda dtype, x: [[x(3, 6, 2, 2), 0.3, True]]))
samples("dropout3d", F.dropout3d)(floats_only(lambda dtype, x: [[x(3, 6, 2, 1, 2), 0.3, True], [x(6, 2, 1, 2), 0.5, True]]))
samples("dropout_backward", lambda g, m, s: torch.ops.aten.native_dropout_backward(g, m, s))(lambda dtype, x: [[x(3, 4), x(3, 4, dtype=torch.bool), 1.25]])

# ---- activations, elementwise composites -----------------------------------------------------------------------------------

for _name in ("mish", "selu", "relu6"):
    samples(_name, rounded_once(getattr(F, _name)))(lambda dtype, x: [[x(2, 3)], [x()], [x(0, 2)]] if dtype.is_floating_point else [])
samples("softmin", lambda t, d: F.softmin(t, d))(floats_only(lambda dtype, x: [[x(2, 3), 1], [x(2, 3), 0]]))
samples("softmin_dtype", lambda t, d, to: F.softmin(t, d, dtype=to))(lambda dtype, x: [] if dtype.is_complex else [[x(2, 3), 1, torch.float64]])
samples("celu", rounded_once(lambda t, a: F.celu(t, a)))(floats_only(lambda dtype, x: [[x(2, 3), 1.3], [x(4), -0.7], [x(4), 1.0]]))
for _name in ("softsign", "tanhshrink"):
    samples(_name, rounded_once(getattr(F, _name)))(lambda dtype, x: [] if dtype == torch.bool else [[x(2, 3)]])
samples("glu", rounded_once(lambda t, d: F.glu(t, d)))(floats_only(lambda dtype, x: [[x(3, 4), -1], [x(4, 3), 0]]))
samples("prelu", rounded_once(F.prelu))(floats_only(lambda dtype, x: [[x(2, 3, 2), x(3)], [x(2, 3), x(1)], [x(4), x()]]))
samples("rrelu", rounded_once(lambda t, a, b, training: F.rrelu(t, a, b, training)))(floats_only(lambda dtype, x: [[x(3, 4), 0.125, 0.5, False]]))

samples("positive", torch.positive)(lambda dtype, x: [] if dtype == torch.bool else [[x(2, 3)]])
for _name in ("deg2rad", "rad2deg"):
    samples(_name, getattr(torch, _name))(lambda dtype, x: [] if dtype.is_complex else [[x(2, 3)]])
for _name in ("add", "sub", "rsub"):  # alpha is a number of the dtype's kind
    samples(_name if _name == "rsub" else _name + "_alpha", rounded_once(lambda a, b, k, f=getattr(torch, _name): f(a, b, alpha=k.item() if isinstance(k, torch.Tensor) else k)))(
        lambda dtype, x: [] if dtype == torch.bool else [[x(2, 3), x(3), Weak(1.5) if dtype.is_floating_point or dtype.is_complex else torch.tensor(2)]])
samples("div_rounding_mode", lambda a, b, m: torch.div(a, b, rounding_mode=m))(
    lambda dtype, x: [] if dtype == torch.bool or dtype.is_complex else [[x(2, 3), x.positive(3), "trunc"], [x(2, 3), x.positive(3), "floor"]])
samples("round_decimals", rounded_once(lambda t, d: torch.round(t, decimals=d)))(lambda dtype, x: [[x(2, 3) * 10, 1], [x(2, 3) * 100, -1]] if dtype.is_floating_point else [[x(2, 3), 0]] if not dtype.is_complex and dtype != torch.bool else [])
samples("clamp_tensor", lambda t, a, b: torch.clamp(t, a, b))(
    lambda dtype, x: [] if dtype.is_complex or dtype == torch.bool else [[x(2, 3), x(3), x(2, 3)], [x(2, 3), None, x()], [x(2, 3), x(3), None]])
for _name in ("clamp_min", "clamp_max"):
    samples(_name, getattr(torch, _name))(lambda dtype, x: [] if dtype.is_complex else [[x(2, 3), x(3)]])
samples("heaviside", torch.heaviside)(lambda dtype, x: [] if dtype.is_complex else [[x(2, 3), x(3)], [torch.zeros(3, dtype=dtype), x(3)]])
samples("ldexp", torch.ldexp)(lambda dtype, x: [[x(2, 3), x(3)]])
samples("float_power", torch.float_power)(lambda dtype, x: [[x.positive(2, 3), x(3)]])
samples("sinc", rounded_once(torch.sinc))(lambda dtype, x: [[x(2, 3)], [torch.zeros(2, dtype=dtype)]])
samples("logit", rounded_once(lambda t, e: torch.logit(t, None if e < 0 else e)))(floats_only(lambda dtype, x: [[x(2, 3).sigmoid(), -1.0], [x(2, 3), 0.25]]))
samples("polygamma", torch.polygamma)(lambda dtype, x: [] if dtype.is_complex else [[n, x.positive(2, 3)] for n in (0, 1, 3)])
samples("mvlgamma", lambda t, p: torch.mvlgamma(t, p))(lambda dtype, x: [] if dtype.is_complex or dtype == torch.bool else [[x.positive(2, 3) + 2, 1], [x.positive(2, 3) + 2, 3]])
for _name in ("isposinf", "isneginf"):
    samples(_name, getattr(torch, _name))(lambda dtype, x: [] if dtype.is_complex else [[x(2, 3)]] + ([[torch.tensor([math.inf, -math.inf, math.nan, 0], dtype=dtype)]] if dtype.is_floating_point else []))
samples("isreal", torch.isreal)(lambda dtype, x: [[x(2, 3)]])
samples("isclose", lambda a, b, r, t, n: torch.isclose(a, b, r, t, n))(lambda dtype, x: [[x(2, 3), x(3), 0.3, 0.2, False], [x(2, 3), x(3), 0.0, 0.0, True]])
samples("isin", lambda a, b, u, i: torch.isin(a, b, assume_unique=u, invert=i))(lambda dtype, x: [] if dtype.is_complex or dtype in (torch.bool, torch.float16, torch.bfloat16) else [[x(3, 4), x(2, 2), False, False], [x(3, 4), x(5), False, True]])
samples("special_entr", rounded_once(torch.special.entr))(lambda dtype, x: [] if dtype.is_complex else [[x.positive(2, 3)]])
samples("special_xlog1py", rounded_once(torch.special.xlog1py))(lambda dtype, x: [] if dtype.is_complex else [[x(2, 3), x.positive(3)]])
samples("special_spherical_bessel_j0", torch.special.spherical_bessel_j0)(lambda dtype, x: [[x(2, 3)]] if dtype in (torch.float32, torch.float64) else [])
for _name in "tuvw":
    samples("special_shifted_chebyshev_polynomial_" + _name, getattr(torch.special, "shifted_chebyshev_polynomial_" + _name))(
        lambda dtype, x: [[x(2, 3).abs() / 2, x.ints(0, 6, 3).to(dtype)]] if dtype in (torch.float32, torch.float64) else [])
samples("frexp", torch.frexp)(floats_only(lambda dtype, x: [[x(2, 3)]] + ([[torch.zeros(2, dtype=dtype)]] if dtype == torch.float32 else [])))
samples("nextafter", torch.nextafter)(floats_only(lambda dtype, x: [[x(2, 3), x(3)], [torch.tensor([0.0, -0.0, 1, math.inf, -1, 2, math.nan], dtype=dtype), torch.tensor([1, -1, 1, 0, -2, -3, 0], dtype=dtype)]]))
samples("view_as_real", torch.view_as_real)(lambda dtype, x: [[x(2, 3)], [x()]] if dtype.is_complex else [])
samples("view_as_complex", torch.view_as_complex)(lambda dtype, x: [[x(3, 2)], [x(2)]] if dtype in (torch.float32, torch.float64) else [])
samples("real", torch.real)(lambda dtype, x: [[x(2, 3)]])
samples("imag", torch.imag)(lambda dtype, x: [[x(2, 3)]] if dtype.is_complex else [])
for _name in ("complex", "polar"):
    samples(_name, getattr(torch, _name))(lambda dtype, x: [[x.positive(2, 3), x(3)]] if dtype in (torch.float32, torch.float64) else [])
for _name in ("resolve_conj", "resolve_neg"):
    samples(_name, getattr(torch, _name))(lambda dtype, x: [[x(2, 3)]])

# ---- linear algebra: singular vectors of wide matrices have other signs in MKL, so those here are tall or square -------------------

def lapack(cases):
    """For composites: the dtypes that LAPACK has."""
    return lambda dtype, x: cases(dtype, x) if dtype in (torch.float32, torch.float64, torch.complex64, torch.complex128) else []


def definite(x, *shape):
    a = x(*shape)
    return a @ a.mH + torch.eye(shape[-1], dtype=a.dtype)


def regular(x, *shape):
    """Far from singular, and with singular values that differ."""
    return x(*shape) + torch.eye(*shape[-2:], dtype=x.dtype) * torch.arange(4, 4 + shape[-1]).to(x.dtype)


def factor(x, *shape, upper=False):
    l = torch.linalg.cholesky(definite(x, *shape))
    return l.mH.contiguous() if upper else l


def lu_cases(*rest):
    return lapack(lambda dtype, x: [[regular(x, *shape), *rest] for shape in ((3, 3), (2, 4, 3), (3, 4), (0, 2, 2), (2, 0))])


for _name in ("linalg_cholesky_ex", "linalg_cholesky"):
    samples(_name, (lambda t, u, c: torch.linalg.cholesky_ex(t, upper=u, check_errors=c)) if _name.endswith("ex") else lambda t, u: torch.linalg.cholesky(t, upper=u))(
        lapack(lambda dtype, x, rest=[False] if _name.endswith("ex") else []: [[definite(x, 3, 3), False, *rest], [definite(x, 2, 4, 4), True, *rest], [x(0, 0), False, *rest], [x(0, 2, 2), False, *rest]]))
samples("linalg_lu_factor_ex", lambda t, p, c: torch.linalg.lu_factor_ex(t, pivot=p, check_errors=c))(lu_cases(True, False))
samples("linalg_lu_factor", lambda t, p: torch.linalg.lu_factor(t, pivot=p))(lu_cases(True))
samples("lu_get_infos", lambda t, p: torch.lu(t, p, get_infos=True))(lu_cases(True))
samples("linalg_lu", lambda t, p: torch.linalg.lu(t, pivot=p))(lu_cases(True))


def factored(x, *shape):
    return list(torch.linalg.lu_factor(regular(x, *shape)))


samples("lu_unpack", lambda a, p, d, v: torch.lu_unpack(a, p, d, v))(lapack(lambda dtype, x: [factored(x, *shape) + [d, p] for shape, d, p in (
    ((3, 3), True, True), ((2, 4, 3), True, True), ((3, 4), True, False), *([((3, 3), False, True)] if dtype == torch.float32 else []))]))


def permutation(p, n, inverse):
    batch = p.shape[:-1]
    return torch.lu_unpack(torch.zeros(*batch, n, p.shape[-1]), p)[0].argmax(-1 if inverse else -2)


samples("lu_permutation", permutation)(lambda dtype, x: [[torch.tensor([3, 3, 4, 4], dtype=dtype), 4, i] for i in (False, True)] + [[torch.tensor([[2, 5], [1, 2]], dtype=dtype), 5, i] for i in (False, True)])
samples("geqrf", torch.geqrf)(lambda dtype, x: [[x(3, 3)], [x(2, 4, 3)], [x(2, 3)], [x(0, 2)]])


def householder(x, *shape):
    return list(torch.geqrf(x(*shape)))


samples("linalg_householder_product", torch.linalg.householder_product)(lapack(lambda dtype, x: [householder(x, 3, 3), householder(x, 2, 4, 3), [x(4, 3), x(2)]]))
samples("ormqr", lambda a, t, o, left, transpose: torch.ormqr(a, t, o, left, transpose))(lapack(lambda dtype, x: [
    householder(x, 4, 3) + [x(4, 2), True, False], householder(x, 4, 3) + [x(2, 4), False, False], householder(x, 2, 3, 3) + [x(2, 3, 2), True, True],
    householder(x, 2, 3) + [x(3, 2), False, True]]))
samples("linalg_qr", lambda t, mode: torch.linalg.qr(t, mode=mode))(lambda dtype, x: [[regular(x, 4, 3), "reduced"], [regular(x, 2, 3, 3), "complete"], [regular(x, 3, 4), "reduced"], [x(0, 2), "reduced"]])
samples("qr", lambda t, some: torch.linalg.qr(t, mode="reduced" if some else "complete"))(lapack(lambda dtype, x: [[regular(x, 3, 3), True], [regular(x, 3, 4), False]]))

samples("linalg_solve_triangular", lambda a, b, u, left, unit: torch.linalg.solve_triangular(a, b, upper=u, left=left, unitriangular=unit))(
    lambda dtype, x: [[regular(x, 3, 3), x(3, 2), True, True, False], [regular(x, 2, 3, 3), x(2, 3), False, False, False], [regular(x, 3, 3), x(2, 3, 2), False, True, True],
                      [regular(x, 3, 3), x(2, 1, 4, 3), True, False, True], [x(0, 0), x(0, 2), True, True, False]])
samples("triangular_solve", lambda b, a, u, t, unit: torch.triangular_solve(b, a, u, t, unit))(
    lapack(lambda dtype, x: [[x(3, 2), regular(x, 3, 3), True, False, False], [x(2, 3, 2), regular(x, 3, 3), False, True, False]]))
samples("cholesky_solve", torch.cholesky_solve)(lambda dtype, x: [[x(3, 2), factor(x, 3, 3), False], [x(2, 3, 1), factor(x, 3, 3, upper=True), True]])
samples("cholesky_inverse", torch.cholesky_inverse)(lapack(lambda dtype, x: [[factor(x, 3, 3), False], [factor(x, 2, 3, 3, upper=True), True]]))
samples("linalg_lu_solve", lambda a, p, b, left, adjoint: torch.linalg.lu_solve(a, p, b, left=left, adjoint=adjoint))(lapack(lambda dtype, x: [
    factored(x, 3, 3) + [x(3, 2), True, False], factored(x, 2, 3, 3) + [x(2, 4, 3), False, False], factored(x, 3, 3) + [x(3, 2), True, True], factored(x, 3, 3) + [x(2, 3), False, True]]))
samples("lu_small_solve", lambda *a: torch.linalg.lu_solve(*a).detach())(lapack(lambda dtype, x: [factored(x, 3, 3) + [x(3, 2)], factored(x, 2, 4, 4) + [x(2, 4, 1)]] if dtype in (torch.float32, torch.float64) else []))
samples("lu_solve", torch.lu_solve)(lapack(lambda dtype, x: [[x(3, 2)] + factored(x, 3, 3), [x(2, 3, 1)] + factored(x, 2, 3, 3)]))
for _name in ("linalg_solve_ex", "solve_matrix"):
    samples(_name, lambda a, b, left, check: torch.linalg.solve_ex(a, b, left=left, check_errors=check))(
        lapack(lambda dtype, x, more=_name[0] == "l": [[regular(x, 3, 3), x(3, 2), True, False], [regular(x, 2, 3, 3), x(2, 4, 3), False, True]] + ([[regular(x, 3, 3), x(3), True, False]] if more else [])))
samples("linalg_solve", lambda a, b, left: torch.linalg.solve(a, b, left=left))(lapack(lambda dtype, x: [[regular(x, 3, 3), x(3), True], [regular(x, 2, 3, 3), x(2, 3), True], [regular(x, 3, 3), x(2, 3), False]]))
samples("linalg_inv_ex", lambda t, check: torch.linalg.inv_ex(t, check_errors=check))(lambda dtype, x: [[regular(x, 3, 3), True], [regular(x, 2, 2, 2), False], [x(0, 0), False]])
samples("linalg_inv", torch.linalg.inv)(lapack(lambda dtype, x: [[regular(x, 3, 3)]]))
samples("linalg_slogdet", torch.linalg.slogdet)(lapack(lambda dtype, x: [[regular(x, 3, 3)], [regular(x, 2, 2, 2)], [x(0, 0)]]))
samples("linalg_det", torch.linalg.det)(lambda dtype, x: [[regular(x, 3, 3)], [regular(x, 2, 2, 2)], [x(0, 0)], [x(2, 0, 0)]])
samples("linalg_matrix_power", torch.linalg.matrix_power)(lapack(lambda dtype, x: [[regular(x, 3, 3), 0], [regular(x, 2, 2, 2), 1], [regular(x, 3, 3), 3], [regular(x, 2, 2, 2), -2]]))
samples("logdet", torch.logdet)(lapack(lambda dtype, x: [[definite(x, 3, 3)], [definite(x, 2, 2, 2)]]))

samples("linalg_svd", lambda t, full: torch.linalg.svd(t, full_matrices=full))(lambda dtype, x: [[regular(x, 3, 3), False], [regular(x, 2, 4, 2), False], [regular(x, 3, 3), True], [x(0, 2), True]])
samples("svd", lambda t, some, uv: torch.svd(t, some, uv))(lapack(lambda dtype, x: [[regular(x, 4, 3), True, True], [regular(x, 2, 3, 3), False, True], [regular(x, 3, 2), True, False]]))
for _name in ("linalg_svdvals", "svd_values"):
    samples(_name, torch.linalg.svdvals if _name[0] == "l" else lambda t: torch.linalg.svdvals(t.detach()))(lapack(lambda dtype, x: [[regular(x, 3, 3)], [regular(x, 2, 2, 4)], [x(0, 2)]]))
samples("svd_lowrank", lambda t, q, n, m: torch.svd_lowrank(t, q, n, m))(lapack(lambda dtype, x: [[regular(x, 4, 3), 3, 2, None], [regular(x, 2, 3, 3), 3, 1, x(3, 3)], [regular(x, 4, 3), 6, 2, None]]))
samples("pca_lowrank", lambda t, q, c, n: torch.pca_lowrank(t, q, c, n))(lapack(lambda dtype, x: [[regular(x, 5, 3), 3, True, 2], [regular(x, 4, 3), 3, False, 0]]))
samples("norm_nuc", lambda t, d, k: torch.norm(t, "nuc", d or None, k))(lapack(lambda dtype, x: [[regular(x, 3, 4), [], False], [regular(x, 2, 3, 3), [0, 2], True]]))
samples("linalg_eigh", lambda t, u: torch.linalg.eigh(t, u))(lambda dtype, x: [[definite(x, 3, 3), "L"], [definite(x, 2, 3, 3), "U"]])
for _name in ("linalg_eigvalsh", "eigh_values"):
    samples(_name, torch.linalg.eigvalsh if _name[0] == "l" else lambda t, u: torch.linalg.eigvalsh(t.detach(), u))(lapack(lambda dtype, x: [[definite(x, 3, 3), "L"], [definite(x, 2, 3, 3), "U"]]))
samples("linalg_pinv", lambda t, a, r, h: torch.linalg.pinv(t, atol=a.detach() if torch.is_tensor(a) else a, rtol=r, hermitian=h))(lambda dtype, x: [
    [regular(x, 4, 3), None, None, False], [regular(x, 2, 2, 3), Weak(0.01), None, False], [definite(x, 3, 3), None, Weak(0.001), True], [x(0, 2), None, None, False],
    [regular(x, 3, 3), torch.tensor([0.01, 100.0], dtype=dtype.to_real()), None, False]])


def lobpcg(a, k, b, start, n, ik, niter, tol, largest):
    """Of torch.lobpcg, whose vectors have no gradient here."""
    detached = [t.detach() if torch.is_tensor(t) else t for t in (a, b, start, ik)]
    x = torch.lobpcg(detached[0], k, detached[1], detached[2], n=n, iK=detached[3], niter=niter, tol=tol, largest=largest)[1]
    return (x * (a @ x)).sum(-2) / (x * (b @ x if b is not None else x)).sum(-2), x


samples("lobpcg", lobpcg)(lambda dtype, x: [] if dtype not in (torch.float32, torch.float64) else [
    [definite(x, 9, 9), 2, None, torch.randn(9, 3, dtype=dtype), 0, None, 100, 1e-6 if dtype == torch.float32 else 1e-14, True],
    [definite(x, 2, 9, 9), 1, definite(x, 2, 9, 9), torch.randn(2, 9, 2, dtype=dtype), 0, None, 100, 1e-6 if dtype == torch.float32 else 1e-14, False]])
samples("pinverse", torch.pinverse)(lapack(lambda dtype, x: [[regular(x, 3, 2), 1e-15]]))

# ---- the files -------------------------------------------------------------------------------------------------------------

UNJUDGED = {"empty", "empty_like", "empty_like_dtype", "empty_strided", "empty_permuted"}  # uninitialised memory
REFUSALS = ("not implemented", "not supported", "could not infer", "floating", "cast to the desired", "accumul", "unsupported", "does not support", "can only calculate", "expected scalar type")


def dtypes_of(ops, macro, args):
    """A row's set of dtypes: composites have none, so all of those that PyTorch takes are judged."""
    where = {"COMPOSITE": None, "COMPOSITE_OUT": None, "COMPOSED": None, "VIEW_COPY": None, "INTERNAL": 2, "INTERNAL_IN_PLACE": 2, "REDUCE": 2, "REDUCE_INTERNAL": 1, "REDUCE_INTERNAL1": 2}.get(macro, 3)
    return ops.SETS["ALL" if where is None else args[where]]


def record_row(ops, w, name, dtypes, generator):
    call = TORCH.get(name) or ops.torch_function(name)
    for dtype in dtypes:
        for args in SAMPLES[name](dtype, Draw(dtype, generator)):
            try:
                call(*[a.value if isinstance(a, (Weak, DefaultGenerator)) else a for a in args])
            except (RuntimeError, TypeError, NotImplementedError, IndexError, ValueError) as error:
                if not any(word in str(error) for word in REFUSALS):
                    print(f"  {name} {dtype}: torch refuses: {str(error).splitlines()[0][:100]}")
                continue
            w.record(name, call, args)


# ---- recurrent networks ----------------------------------------------------------------------------------------------

def halves_in_f32(f):
    """16-bit floats computed in f32 and rounded at the end, also those in lists."""
    def call(*args):
        dtype = args[0].dtype
        if dtype not in (torch.float16, torch.bfloat16):
            return f(*args)
        wide = lambda a: a.float() if isinstance(a, torch.Tensor) else [wide(i) for i in a] if isinstance(a, list) else a
        result = f(*(wide(a) for a in args))
        return result.to(dtype) if isinstance(result, torch.Tensor) else tuple(r.to(dtype) for r in result)
    return call


def small(x, *shape):
    return x(*shape) / 2


def params(x, gates, inputs, hidden, biases, layers, directions, projected=0):
    out = projected or hidden
    made = []
    for layer in range(layers):
        for _ in range(directions):
            made += [small(x, gates * hidden, inputs if layer == 0 else directions * out), small(x, gates * hidden, out)]
            made += [small(x, gates * hidden), small(x, gates * hidden)] if biases else []
            made += [small(x, projected, hidden)] if projected else []
    return made


for _name, _gates in (("lstm", 4), ("gru", 3), ("rnn_tanh", 1), ("rnn_relu", 1)):
    def networks(dtype, x, name=_name, gates=_gates):
        cases = []
        for layers, directions, biases, batch_first, projected in ((1, 1, True, False, 0), (2, 2, True, True, 0), (1, 2, False, False, 0), (2, 1, True, False, 2)):
            if projected and name != "lstm":
                continue
            first = [small(x, layers * directions, 2, projected or 3)] + ([small(x, layers * directions, 2, 3)] if name == "lstm" else [])
            cases.append([x(2, 4, 3) if batch_first else x(4, 2, 3), first if name == "lstm" else first[0], params(x, gates, 3, 3, biases, layers, directions, projected), biases,
                          layers, 0.0, False, directions == 2, batch_first])
        return cases
    samples(_name, halves_in_f32(getattr(torch, _name)))(floats_only(networks))
    samples(_name + "_cell", halves_in_f32(lambda i, h, *w, f=getattr(torch, _name + "_cell"): f(i, h, *w)))(floats_only(lambda dtype, x, name=_name, gates=_gates: [
        [x(*batch, 3), [small(x, *batch, 2), small(x, *batch, 2)] if name == "lstm" else small(x, *batch, 2), small(x, gates * 2, 3), small(x, gates * 2, 2),
         small(x, gates * 2) if biases else None, small(x, gates * 2) if biases else None] for batch, biases in (((2,), True), ((2,), False))]))

samples("binomial", lambda n, p, g: torch.binomial(n, p))(floats_only(lambda dtype, x: [
    [torch.tensor([0, 1, 3, 12, 40, 100, 60, 7.0]).to(dtype), torch.tensor([0.5, 0.25, 0.5, 0.75, 0.5, 0.25, 0.75, 1.0]).to(dtype), GENERATOR],
    [torch.tensor([[3], [40], [100.0]]).to(dtype), torch.tensor([[0.5, 0.25]]).to(dtype), GENERATOR]] if dtype.itemsize > 2 else []))
samples("binomial_draw", lambda n, p, g: torch.binomial(n, p))(floats_only(lambda dtype, x: [[torch.full((40,), 50.0, dtype=dtype), torch.full((40,), 0.4375, dtype=dtype), GENERATOR]] if dtype.itemsize > 2 else []))
samples("gumbel_softmax", lambda t, tau, hard, dim: F.gumbel_softmax(t, tau, hard, dim=dim))(
    floats_only(lambda dtype, x: [[x(3, 5), 1.0, False, -1], [x(3, 5), 0.5, True, 0]] if dtype.itemsize > 2 else []))
samples("frobenius_norm", rounded_once(lambda t, d, k: torch.frobenius_norm(t, d, k)))(lambda dtype, x: [[x(2, 3, 4), [0, 1], False], [x(2, 3), [1], True], [x(2, 3), [0, 1], False]] if dtype.is_floating_point or dtype.is_complex else [])
samples("norm_except_dim", rounded_once(torch.norm_except_dim))(floats_only(lambda dtype, x: [[x(2, 3, 4), 2, 0], [x(2, 3, 4), 2, 2], [x(2, 3, 4), 2, 1], [x(2, 3), 2, -1], [x(2, 3, 4), 1, 0]]))
samples("detach_copy", torch.detach_copy)(lambda dtype, x: [[x(2, 3)]])
samples("fill_diagonal_", lambda t, v, wrap: t.clone().fill_diagonal_(v, wrap))(lambda dtype, x: [[x(3, 3), 1.0, False], [x(2, 4), 1.0, False], [x(9, 3), 1.0, True], [x(9, 3), 1.0, False], [x(3, 3, 3), 1.0, False]])
samples("conv_tbc", rounded_once(torch.conv_tbc))(floats_only(lambda dtype, x: [[x(5, 2, 3), x(3, 3, 4), x(4), 1], [x(5, 2, 3), x(2, 3, 4), x(4), 0]]))
samples("convolution", rounded_once(lambda i, w, b, s, p, d, t, o, g: torch.convolution(i, w, b, s, p, d, t, o, g)))(floats_only(lambda dtype, x: [
    [x(2, 4, 6), x(4, 2, 3), x(4), [1], [1], [1], False, [0], 2], [x(1, 2, 5, 5), x(3, 2, 3, 3), None, [2, 1], [0, 1], [1, 1], False, [0, 0], 1],
    [x(1, 2, 4, 4), x(2, 3, 3, 3), x(3), [2, 2], [1, 1], [1, 1], True, [1, 1], 1]]))


def embedding_renorm(w, i, most, order):
    w = w.clone()
    torch.embedding_renorm_(w, i, most, order)
    return w


samples("embedding_renorm_", embedding_renorm)(floats_only(lambda dtype, x: [[x(5, 3), torch.tensor([0, 2, 2, 4]), 1.0, 2.0]] if dtype.itemsize > 2 else []))


def structured(ops):
    missing = []
    for family in ops.families():
        w = ops.Writer(f"ops_{family}.bin")
        generator = torch.Generator().manual_seed(11)
        for macro, args in ops.read_rows(os.path.join(ops.TABLE, family + ".def")):
            name = args[0] + "_copy" if macro == "VIEW_COPY" else args[0]
            if name in SAMPLES:
                record_row(ops, w, name, dtypes_of(ops, macro, args), generator)
            elif name not in UNJUDGED:
                missing.append(name)
        w.close()
    if missing:
        raise SystemExit("rows without samples in ops_structured.py: " + " ".join(missing))


# ---- parts of composed rows --------------------------------------------------------------------------------------------------


def pick(t, places, count):
    for d, list in zip(range(t.dim() - len(count), t.dim()), places.split(count)):
        t = t.index_select(d, list)
    return t


def taps(t, index, weight):
    """(B, C, n, i) at index (B or 1, K, O), weighted and summed over K."""
    b, k, o = index.shape
    at = index.expand(t.shape[0], k, o)
    rows = torch.stack([t[n][:, at[n].clamp(min=0)] for n in range(t.shape[0])])  # (B, C, K, O, i)
    factor = (torch.ones(b, k, o, dtype=t.dtype) if weight is None else weight) * (index >= 0)
    return (rows * factor.to(t.dtype)[:, None, :, :, None]).sum(2)


def taps_back(g, index, weight, n):
    one = torch.nn.functional.one_hot(index.clamp(min=0), n).to(g.dtype) * (index >= 0)[..., None]  # (b, K, O, n)
    one = one if weight is None else one * weight[..., None]
    return torch.einsum("bcoi,bon->bcni", g, one.sum(1).expand(g.shape[0], -1, -1))


def taps_dot(g, index, t):
    b, k, o = index.shape
    at = index.expand(t.shape[0], k, o)
    rows = torch.stack([t[n][:, at[n].clamp(min=0)] for n in range(t.shape[0])])
    each = (rows * g[:, :, None]).sum((1, 4)) * (index >= 0)
    return each if b == t.shape[0] else each.sum(0, keepdim=True)


def grid_taps(grid, size, curve, padding, corners, order):
    places, weights = [], []
    for d, n in enumerate(size):
        x = (grid[..., len(size) - 1 - d] + 1) * ((n - 1 if corners else n) / 2) - (0 if corners else 0.5)
        x = x.clamp(0, n - 1) if padding == ord("b") and curve < 2 else x
        base = (x.round() if curve == 0 else x.floor()).detach()
        t = x - base
        near = [1 + t, t, 1 - t, 2 - t]
        cubic = [-0.75 * ((near[0] - 5) * near[0] + 8) * near[0] + 3, (1.25 * t - 2.25) * t * t + 1, (1.25 * near[2] - 2.25) * near[2] ** 2 + 1, -0.75 * ((near[3] - 5) * near[3] + 8) * near[3] + 3]
        weights.append(([0 * t + 1], [1 - t, t], cubic)[curve])
        at = [base + k - int(curve == 2) for k in range(len(weights[-1]))]
        places.append([a.clamp(0, n - 1) if padding == ord("b") and curve == 2 else a.where((a >= 0) & (a < n), torch.full_like(a, -1)) for a in at])
    w, index = [grid[..., 0] * 0 + 1], [grid[..., 0].detach() * 0]
    for d, n in enumerate(size):
        index = [torch.where((i < 0) | (a < 0), -1.0, i * n + a) for i in index for a in places[d]]
        w = [v * u for v in w for u in weights[d]]
    return torch.stack(w, 1), torch.stack(index, 1).long()


def sampled(t, grid, curve, padding, corners):
    """grid_sample by grid_taps, which has second derivatives; images (N, C, in...)."""
    w, index = grid_taps(grid.flatten(1, -2), list(t.shape[2:]), curve, padding, corners, None)
    return taps(t.flatten(2)[..., None], index, w).reshape(*t.shape[:2], *grid.shape[1:-1])


def sampled_gradient(wanted, g, t, grid, curve, padding, corners):
    with torch.enable_grad():
        t, grid = (v if v.requires_grad else v.detach().requires_grad_() for v in (t, grid))
        return torch.autograd.grad(sampled(t, grid, curve, padding, corners), (t, grid)[wanted], g, create_graph=True, materialize_grads=True)[0]


def sampler_cases(dtype, x, arguments):
    if dtype not in (torch.float32, torch.float64):
        return []
    return [arguments(x, size, out) + [curve, ord(padding), corners] for size, out in (([3, 4], [2, 3]), ([2, 3, 2], [2, 1, 2])) for curve in (0, 1, 2) for padding in "zb" for corners in (False, True)]


def ctc_forward(x, path, steps, labels):
    """The recursion in logarithms; only the first result has a gradient."""
    low, every, all = torch.tensor(-1e30, dtype=x.dtype), [], []
    for n in range(path.shape[0]):
        end, p, rows = 2 * labels[n] + 1, path[n].tolist(), []
        for t in range(steps[n]):
            row = []
            for s in range(end):
                ways = [torch.zeros((), dtype=x.dtype) if s < 2 else low] if t == 0 else [rows[-1][s]] + ([rows[-1][s - 1]] if s > 0 else []) + (
                    [rows[-1][s - 2]] if s > 2 and s % 2 and p[s] != p[s - 2] else [])
                row.append(torch.logsumexp(torch.stack(ways), 0) + x[t, n, p[s]])
            rows.append(row)
        every.append(torch.logsumexp(torch.stack(rows[-1][-2:]), 0))
        grown = torch.full((x.shape[0], path.shape[1]), -math.inf, dtype=torch.float64)
        for t, row in enumerate(rows):
            grown[t, :end] = torch.stack(row).detach()
        all.append(torch.where(grown < -1e29, -math.inf, grown))
    return torch.stack(every).double(), torch.stack(all)


def ctc_backward(x, path, g, likely, alpha, steps, labels):
    with torch.enable_grad():
        leaf = x.detach().clone().requires_grad_()
        return torch.autograd.grad(ctc_forward(leaf, path, steps, labels)[0], leaf, g.double())[0]


CTC = [(4, 2, 3, [[0, 1, 0, 2, 0], [0, 2, 0, 0, 0]], [4, 3], [2, 1]), (5, 1, 2, [[0, 1, 0, 1, 0]], [4], [2]), (2, 1, 2, [[0]], [2], [0])]


def ctc_backward_cases(x):
    for t, n, c, path, steps, labels in CTC:
        case = [x(t, n, c), torch.tensor(path)]
        yield [*case, x(n), *ctc_forward(case[0].double(), case[1], steps, labels), steps, labels]


samples("euclidean", lambda a, b: F.pdist(a) if b is None else torch.cdist(a, b))(lambda dtype, x: [
    [x(2, 3, 2), x(2, 4, 2)], [x(26, 3), x(2, 3)], [x(4, 3), None], [x(2, 40), None], [x(1, 3), None]] if dtype in (torch.float32, torch.float64) else [])
samples("pick", pick)(lambda dtype, x: [[x(2, 3), torch.tensor([1, 0, 1, 0, 1, 2, 2]), [3, 4]], [x(2, 2, 3), torch.tensor([2, 0]), [2]]])
for _name, _call in (("taps", taps), ("taps_back", taps_back), ("taps_dot", taps_dot)):
    samples(_name, rounded_once(_call))(lambda dtype, x, name=_name: [
        {"taps": [x(2, c, 3, i), at, w], "taps_back": [x(2, c, at.shape[2], i), at, w, 3], "taps_dot": [x(2, c, at.shape[2], i), at, x(2, c, 3, i)]}[name]
        for c, i in ((9, 1), (2, 2)) for at in (x.ints(-1, 3, 2, 7, 2), x.ints(0, 3, 1, 2, 3)) for w in (x(*at.shape), None) if w is not None or name != "taps_dot"])
samples("grid_taps", with_statistics(grid_taps))(lambda dtype, x: [
    [x(2, 3, len(size)), size, curve, ord(padding), corners, [0] * len(size)] for size in ([3, 2], [2, 3, 2]) for curve in (0, 1, 2) for padding in "zb" for corners in (False, True)
    if dtype in (torch.float32, torch.float64)])
samples("grid_read", sampled)(lambda dtype, x: sampler_cases(dtype, x, lambda x, size, out: [x(2, 3, *size), x(2, *out, len(size))]))
samples("grid_read_back", lambda g, grid, size, *how: sampled_gradient(0, g, torch.zeros(*g.shape[:2], *size, dtype=g.dtype), grid, *how))(
    lambda dtype, x: sampler_cases(dtype, x, lambda x, size, out: [x(2, 3, *out), x(2, *out, len(size)), size]))
samples("grid_read_slope", lambda *a: sampled_gradient(1, *a))(
    lambda dtype, x: sampler_cases(dtype, x, lambda x, size, out: [x(2, 3, *out), x(2, 3, *size), x(2, *out, len(size))]))
samples("ctc_forward", ctc_forward)(lambda dtype, x: [
    [x(t, n, c), torch.tensor(path), steps, labels] for t, n, c, path, steps, labels in CTC] if dtype == torch.float64 else [])
samples("ctc_backward", ctc_backward)(lambda dtype, x: list(ctc_backward_cases(x)) if dtype in (torch.float32, torch.float64) else [])


def group_norm_forward(t, w, b, groups, eps):
    y, mean, rstd = torch.native_group_norm(t, w, b, t.shape[0], t.shape[1], t[0, 0].numel(), groups, eps)
    return y, mean.detach(), rstd.detach()


samples("group_norm_forward", with_statistics(group_norm_forward))(lambda dtype, x: [
    case for size, n in (((2, 4, 3), 2), ((1, 3, 2, 2), 1), ((2, 2, 5), 2)) for case in ([x(*size), x(size[1]), x(size[1]), n, 1e-5], [x(*size), None, None, n, 1e-3])])
samples("add_columns", rounded_once(lambda t, w: F.fold(t, w[10:], w[:2], w[2:4], w[4:6], w[6:8])))(lambda dtype, x: [
    [x(2, 8, 4), [2, 2, 1, 1, 0, 0, 2, 2, 2, 2, 4, 4]], [x(1, 6, 8), [3, 2, 1, 2, 1, 1, 2, 1, 2, 4, 4, 4]]])
