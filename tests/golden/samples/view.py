"""Views, their other forms, joining and cutting."""
import torch

from .core import *

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


# ---- joining, cutting ----------------------------------------------------------------------------------------------

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


# ---- other forms of views, joins and choices -----------------------------------------------------------------------

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
