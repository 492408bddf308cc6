"""Padding, windows, resampling, and parts of rows that are composed."""
import math
import torch
import torch.nn.functional as F

from .core import *

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


# ---- parts of composed rows ----------------------------------------------------------------------------------------


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
