#!/usr/bin/env python3
"""Writes vmap.txt: what torch.func gives in the cases of tests/autograd/vmap_test.c. A line is a name and the result's elements.

    python tests/golden/vmap.py
"""
import os

import torch
from torch.func import grad, hessian, jacrev, vjp, vmap
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def data(start, *shape):
    n = torch.Size(shape).numel()
    return torch.sin(torch.arange(start, start + n, dtype=torch.float64) * 0.7).reshape(shape)


def loss(w, b, x, t):
    return ((torch.tanh(x @ w + b) - t) ** 2).sum()


def wave(x):
    return torch.sin(x) * x.sum()


def meet(x, y):
    return (x * y).sum() + x.max()


def classify(w, x, t):
    return F.cross_entropy(F.layer_norm(x @ w, (4,)), t)


cases = {}
cases["dot"] = vmap(torch.dot)(data(0, 3, 4), data(5, 3, 4))
cases["dims"] = vmap(lambda x, w: w @ x, in_dims=(1, None), out_dims=1)(data(0, 4, 3), data(7, 2, 4))
cases["negative_dims"] = vmap(lambda x: x.sum(0), in_dims=-2, out_dims=-1)(data(0, 2, 3, 4))
cases["nested"] = vmap(vmap(meet, in_dims=(None, 0)), in_dims=(0, None))(data(0, 3, 4), data(3, 5, 4))
w, b, x, t = data(0, 3, 2), data(9, 2), data(4, 5, 3), data(1, 5, 2)
each = vmap(grad(loss, argnums=(0, 1)), in_dims=(None, None, 0, 0))(w, b, x, t)
cases["sample_gradient_w"], cases["sample_gradient_b"] = each
cases["jacobian_by_vmap"] = vmap(vjp(wave, data(0, 4))[1])(torch.eye(4))[0]
cases["jacobians"] = vmap(jacrev(wave))(data(0, 3, 4))
cases["hessians"] = vmap(hessian(lambda v: torch.exp(v).prod()))(data(0, 3, 3))
leaf = data(0, 3, 2).requires_grad_()
total = vmap(loss, in_dims=(None, None, 0, 0))(leaf, b, x, t).sum()
cases["gradient_through"] = torch.autograd.grad(total, leaf)[0]
deep = data(0, 3, 4).requires_grad_()
cases["gradient_of_nested"] = torch.autograd.grad(vmap(vmap(meet, in_dims=(None, 0)), in_dims=(0, None))(deep, data(3, 5, 4)).sum(), deep)[0]
cases["classify"] = vmap(grad(classify), in_dims=(None, 0, 0))(data(2, 3, 4), data(0, 5, 3), torch.tensor([0, 3, 1, 2, 3]))
cases["conv_weights"] = vmap(lambda i, k: F.conv2d(i, k, padding=1))(data(0, 3, 2, 2, 4, 4), data(8, 3, 3, 2, 3, 3))
cases["conv_images"] = vmap(lambda i, k: F.max_pool2d(F.conv2d(i, k), 2), in_dims=(0, None))(data(0, 3, 2, 5, 5), data(8, 3, 2, 2, 2))
cases["in_place"] = vmap(lambda v, u: v.clone().mul_(u).cumsum(0))(data(0, 3, 4), data(2, 3, 4))
low, high = vmap(lambda v: (v.amin(0), v * 2), out_dims=(0, 1))(data(0, 3, 4))
cases["two_results"], cases["two_results_second"] = low, high
cases["chunks"] = vmap(wave, chunk_size=2)(data(0, 5, 3))
for name in ("different", "same"):
    torch.manual_seed(5)
    cases["rand_" + name] = vmap(lambda v: v + torch.rand(3), randomness=name)(data(0, 4, 3))
    torch.manual_seed(5)
    cases["dropout_" + name] = vmap(lambda v: F.dropout(v, 0.5), randomness=name)(data(0, 4, 6))
torch.manual_seed(5)
cases["randn_different"] = vmap(lambda v: v + torch.randn(3, 4), randomness="different")(data(0, 5, 1, 1))

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "vmap.txt"), "w") as out:
    for name, value in cases.items():
        shape = "x".join(map(str, value.shape))
        out.write(name + " " + shape + " " + " ".join("%.17g" % v for v in value.detach().contiguous().flatten().tolist()) + "\n")
