"""Arranging, indexing."""
import torch
import torch.nn.functional as F

from .core import *

samples("flip", torch.flip)(lambda dtype, x: [[x(2, 3), [0]], [x(2, 3, 2), [-1, 0]], [x(0, 3), [0]], [x(), []]])
samples("roll", lambda t, s, d: torch.roll(t, s, d))(lambda dtype, x: [[x(2, 3), [1], [1]], [x(2, 3), [4, -1], [0, -1]], [x(2, 3), [2], []], [x(0, 3), [1], [0]]])
samples("repeat", lambda t, n: t.repeat(n))(lambda dtype, x: [[x(2, 3), [2, 1]], [x(2), [2, 3]], [x(), [2]], [x(2), [0]]])
samples("tile", torch.tile)(lambda dtype, x: [[x(2, 3), [2]], [x(2), [2, 3]], [x(), [2]]])
samples("repeat_interleave", lambda t, n, d: torch.repeat_interleave(t, n, d))(lambda dtype, x: [[x(2, 3), 2, 0], [x(2, 3), 3, -1], [x(2), 0, 0]])
samples("gather", torch.gather)(lambda dtype, x: [[x(3, 4), 1, x.ints(0, 4, 3, 2)], [x(3, 4), 0, x.ints(0, 3, 2, 4)], [x(3, 2, 2), -1, x.ints(0, 2, 2, 2, 3)],
                                                  [x(3, 4), 1, x.ints(0, 4, 0, 2)], [x(), 0, x.ints(0, 1)], [x(3), 0, x.ints(0, 3, 5, dtype=torch.int32)]])


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
samples("index_add_times", rounded_once(lambda t, d, i, s, alpha: torch.index_add(t, d, i, s * alpha).detach()))(lambda dtype, x: [
    [x(3, 17), 0, x.ints(0, 3, 5), x(5, 17), 0.5], [x(3, 4), -1, x.ints(0, 4, 3), x(3, 3), -3.0], [x(2, 3, 16), 1, x.ints(0, 3, 4), x(2, 4, 16), 2.0], [x(3, 0), 0, x.ints(0, 3, 2), x(2, 0), 2.0]])
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
