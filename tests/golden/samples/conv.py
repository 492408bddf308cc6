"""Convolution, pooling."""
import torch
import torch.nn.functional as F

from .core import *


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


# ---- pooling -------------------------------------------------------------------------------------------------------

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
