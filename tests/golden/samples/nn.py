"""Embeddings, attention, recurrent networks, update steps of optimizers."""
import math
import torch
import torch.nn.functional as F

from .core import *


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


# ---- update steps of optimizers ------------------------------------------------------------------------------------


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


# ---- recurrent networks --------------------------------------------------------------------------------------------


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
