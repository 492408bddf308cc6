"""Normalisation, softmax."""
import math
import torch
import torch.nn.functional as F

from .core import *


def layer_norm_forward(t, w, b, dims, eps, centered):
    shape = t.shape[t.dim() - dims:]
    if centered:
        return torch.native_layer_norm(t, shape, w, b, eps)
    square = t.detach().double().square().mean(list(range(t.dim() - dims, t.dim())), keepdim=True)
    return F.rms_norm(t, shape, w, eps), torch.zeros_like(square).to(t.dtype), (square + eps).rsqrt().to(t.dtype)


def rms_norm_backward(g, t, w, mean, rstd, dims):
    """As PyTorch's layer_norm_backward, whose mean of the gradient is 0 here."""
    own = list(range(t.dim() - dims, t.dim()))
    unit, h = (t - mean) * rstd, g if w is None else g * w
    others = list(range(t.dim() - dims))
    dw = g * unit
    return rstd * (h - unit * (h * unit).mean(own, keepdim=True)), dw.sum(others) if others else dw, g.sum(others) if others else g.clone()


def layer_norm_backward(g, t, w, mean, rstd, dims, centered):
    with torch.no_grad():
        shape = t.shape[t.dim() - dims:]
        if not centered:
            return rounded_all(g.dtype, rms_norm_backward, g, t, w, mean, rstd, dims)
        return rounded_all(g.dtype, torch.ops.aten.native_layer_norm_backward, g, t, shape, mean, rstd, w if w is not None else torch.ones(shape, dtype=g.dtype),
                           torch.zeros(shape, dtype=g.dtype), [True] * 3)


def statistics(dtype, x, *shape):
    """A mean and a variance or reciprocal deviation, as the rows give them."""
    wide = torch.float64 if dtype == torch.float64 else torch.float32
    return x(*shape).to(wide), x.positive(*shape).to(wide)


LAYER_NORMS = [((2, 3, 4), 1), ((2, 3, 4), 2), ((3, 5), 2), ((4,), 1), ((2, 67), 1), ((0, 3), 1)]
samples("layer_norm", rounded_once(F.layer_norm))(floats_only(lambda dtype, x: [
    case for size, n in LAYER_NORMS for case in ([x(*size), list(size[-n:]), x(*size[-n:]), x(*size[-n:]), 1e-5], [x(*size), list(size[-n:]), None, None, 1e-3])]))
samples("layer_norm_forward", with_statistics(layer_norm_forward))(lambda dtype, x: [
    case for size, n in LAYER_NORMS for case in ([x(*size), x(*size[-n:]), x(*size[-n:]), n, 1e-5, True], [x(*size), None, None, n, 1e-3, True])] + [
    [x(*size), w, None, n, 1e-3, False] for size, n in LAYER_NORMS for w in (x(*size[-n:]), None)])
samples("layer_norm_backward", layer_norm_backward)(lambda dtype, x: [
    [x(*size), x(*size), w, *statistics(dtype, x, *size[:-n], *[1] * n), n, centered] for centered in (True, False) for size, n in LAYER_NORMS for w in (x(*size[-n:]), None)])


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


# ---- softmax -------------------------------------------------------------------------------------------------------

SOFTMAXES = [((2, 3, 4), 1), ((2, 3, 4), -1), ((3, 5), 0), ((), 0), ((0, 3), 1), ((3, 0), 1), ((2, 37), 1), ((1,), -1)]
for _name in ("softmax", "log_softmax"):
    samples(_name, rounded_once(getattr(torch, _name)))(lambda dtype, x: [[x(*size) * 3, dim] for size, dim in SOFTMAXES] + [[torch.tensor([[-math.inf, 1, 2], [1, 1e4, 0]], dtype=dtype), 1]])
    samples(_name + "_backward", lambda g, y, dim, f=getattr(torch.ops.aten, f"_{_name}_backward_data"): f(g, y, dim, y.dtype))(
        lambda dtype, x, f=getattr(torch, _name): [[x(*size), f(x(*size), dim), dim] for size, dim in SOFTMAXES])
for _name in ("softmax", "log_softmax"):
    samples(_name + "_dtype", lambda t, dim, dtype, f=getattr(torch, _name): f(t, dim, dtype=dtype))(
        lambda dtype, x: [[x(2, 3), 1, torch.float64], [x(2, 3), 0, torch.float32]] if not dtype.is_complex else [])


# ---- normalisation, losses -----------------------------------------------------------------------------------------

samples("layer_norm", F.layer_norm)(lambda dtype, x: [[x(3, 4), [4], x(4), x(4), 1e-5], [x(2, 3, 4), [3, 4], x(3, 4), None, 1e-3], [x(2, 5), [5], None, None, 1e-5],
                                                      [x(0, 4), [4], None, None, 1e-5]] if dtype.is_floating_point else [])


# ---- normalisations made of others ---------------------------------------------------------------------------------

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
