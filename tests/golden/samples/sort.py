"""Order, largest and smallest, which elements there are."""
import math
import torch

from .core import *

samples("sort", lambda t, d, down, stable: torch.sort(t, dim=d, descending=down, stable=True))(
    lambda dtype, x: [[x(3, 6), 1, False, True], [x(4, 2, 3), 0, True, True], [x(3, 5), -1, True, False], [x(), 0, False, True], [x(0, 3), 1, False, True]]
    + ([[torch.tensor([1.0, float("nan"), -0.0, 0.0, float("inf"), -1.0, float("-inf")], dtype=dtype), 0, down, True] for down in (False, True)] if dtype.is_floating_point else []))
samples("argsort", lambda t, d, down, stable: torch.argsort(t, dim=d, descending=down, stable=True))(lambda dtype, x: [[x(3, 6), 1, False, True], [x(3, 6), 0, True, True]])
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


# ---- which elements there are --------------------------------------------------------------------------------------

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
