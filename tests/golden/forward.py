#!/usr/bin/env python3
"""Writes forward.txt: what torch.func.jvp and torch.autograd.forward_ad give in the cases of tests/autograd/forward_test.c. A line is a name
and the result's elements.

    python tests/golden/forward.py
"""
import os

import torch
import torch.autograd.forward_ad as forward
import torch.nn.functional as F
from torch.func import grad, jvp, vmap

torch.set_default_dtype(torch.float64)


def data(start, *shape):
    n = torch.Size(shape).numel()
    return torch.sin(torch.arange(start, start + n, dtype=torch.float64) * 0.7).reshape(shape)


def classify(w, x):
    return F.cross_entropy(F.layer_norm(x @ w, (4,)), torch.tensor([0, 3, 1]))


def images(i, k, b):
    return F.max_pool2d(F.relu(F.conv2d(i, k, b, padding=1)), 2)


def curves(x):
    return torch.softmax(x, 1) + torch.log_softmax(x, 0) * torch.logsumexp(x, 1, keepdim=True)


def indexed(x, y):
    index = torch.tensor([[0, 2, 1], [1, 1, 0]])
    z = torch.cat([torch.gather(x, 1, index), y], 0).scatter_add(1, index, x)
    return F.pad(torch.cumsum(z, 0), (1, 1), value=2.0) * torch.prod(x) + x.amax()


def turned(z):
    return torch.view_as_real(torch.exp(z) * torch.sgn(z) + torch.abs(z) * torch.conj(z) + torch.angle(z))


def changed(x, y):
    z = x.clone()
    z[0].mul_(y).exp_()
    z[1].copy_(y)
    z[:, 1].add_(z[:, 2].clone())
    z.t_()
    return z * z


def filled(x, y):
    base = torch.zeros(2, 3)
    early = base[0]
    base[1].copy_(x)
    base[0].copy_(y)
    return torch.cat([base.flatten(), early * 2])


def normal(x, w, b):
    return F.batch_norm(x, torch.zeros(4), torch.ones(4), w, b, True)


def wave(x):
    return (torch.sin(x) * x.sum()).prod()


def slope(x, t):
    return jvp(wave, (x,), (t,))[1]


def cross(x, y):
    return jvp(lambda u: torch.sin(u) * x, (x,), (y,))[1]


cases = {}


def duals(name, f, *inputs, start=40):
    """By torch.autograd.forward_ad, which takes changes in place of tensors that have no tangent."""
    tangents = [torch.complex(data(start, *p.shape), data(start + 3, *p.shape)) if p.is_complex() else data(start + 7 * i, *p.shape) for i, p in enumerate(inputs)]
    with forward.dual_level():
        y = forward.unpack_dual(f(*map(forward.make_dual, inputs, tangents)))
        cases[name + "_value"], cases[name] = y.primal, y.tangent


duals("classify", classify, data(0, 5, 4), data(3, 3, 5))
duals("images", images, data(0, 2, 2, 4, 4), data(5, 3, 2, 3, 3), data(2, 3))
duals("curves", curves, data(0, 3, 4))
duals("indexed", indexed, data(0, 2, 3), data(9, 1, 3))
duals("turned", turned, torch.complex(data(1, 5), data(8, 5)))
duals("changed", changed, data(0, 2, 3), data(4, 3))
duals("filled", filled, data(0, 3), data(4, 3))
duals("normal", normal, data(0, 3, 4), data(2, 4), data(6, 4))
x, t, u = data(1, 3), data(5, 3), data(9, 3)
cases["hvp"] = jvp(grad(wave), (x,), (t,))[1]
assert torch.allclose(cases["hvp"], grad(slope)(x, t))
cases["twice"] = jvp(lambda p: slope(p, t), (x,), (u,))[1]
cases["thrice"] = jvp(lambda p: jvp(lambda q: slope(q, t), (p,), (u,))[1], (x,), (t,))[1]
cases["cross"] = jvp(cross, (x, t), (u, x))[1]
cases["samples"] = vmap(slope)(data(0, 4, 3), data(3, 4, 3))
cases["one_tangent"] = vmap(slope, in_dims=(0, None))(data(0, 4, 3), t)
cases["one_point"] = vmap(slope, in_dims=(None, 0))(x, data(3, 4, 3))
cases["through"] = jvp(vmap(wave), (data(0, 4, 3),), (data(3, 4, 3),))[1]
cases["between"] = vmap(lambda p, q: jvp(vmap(wave), (p,), (q,))[1])(data(0, 2, 4, 3), data(3, 2, 4, 3))
with forward.dual_level():
    leaf = x.clone().requires_grad_()
    y = wave(forward.make_dual(leaf, t))
    assert torch.allclose(forward.unpack_dual(torch.autograd.grad(y, leaf, retain_graph=True)[0]).tangent, cases["hvp"])
    assert torch.allclose(torch.autograd.grad(forward.unpack_dual(y).tangent, leaf)[0], cases["hvp"])

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "forward.txt"), "w") as out:
    for name, value in cases.items():
        shape = "x".join(map(str, value.shape)) or "-"
        out.write(name + " " + shape + " " + " ".join("%.17g" % v for v in value.detach().contiguous().flatten().tolist()) + "\n")
