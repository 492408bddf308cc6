"""Reductions, scans, statistics; masked ones."""
import math
import torch

from .core import *

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


# ---- masked --------------------------------------------------------------------------------------------------------

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
