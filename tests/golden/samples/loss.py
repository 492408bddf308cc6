"""Losses, distances."""
import math
import torch
import torch.nn.functional as F

from .core import *

REDUCTIONS = ("none", "mean", "sum")


def nll_forward(t, target, weight, reduction, ignore):
    weight = None if weight is None else weight.detach()
    w = (torch.ones(t.shape[min(t.dim() - 1, 1)], dtype=t.dtype) if weight is None else weight)[target.clamp(min=0).clamp(max=t.shape[min(t.dim() - 1, 1)] - 1)]
    return F.nll_loss(t, target, weight, ignore_index=ignore, reduction=REDUCTIONS[reduction]), torch.where(target == ignore, torch.zeros_like(w), w).sum().detach()


def nll_backward(g, t, target, weight, total, reduction, ignore):
    weight = None if weight is None else weight.detach()
    leaf = torch.zeros_like(t).requires_grad_()
    loss = F.nll_loss(leaf, target, weight, ignore_index=ignore, reduction=REDUCTIONS[reduction])
    return torch.autograd.grad(loss, leaf, g, create_graph=g.requires_grad)[0]


NLLS = [((4, 5), (4,), 5), ((5,), (), 5), ((2, 5, 3), (2, 3), 5), ((2, 4, 2, 3), (2, 2, 3), 4)]


def nll_cases(x):
    for size, targets, classes in NLLS:
        for reduction in (0, 1, 2):
            for weight in (None, x.positive(classes)):
                yield x(*size), x.ints(0, classes, *targets), weight, reduction, -100 if weight is None else 1


def nll_backward_cases(x):
    for t, target, weight, reduction, ignore in nll_cases(x):
        if t.dim() == 1 and target.item() == ignore:
            continue  # 0 / 0
        loss, total = nll_forward(t, target, weight, reduction, ignore)
        yield [x(*loss.shape), t, target, weight, total, reduction, ignore]


def multilabel_margin(t, target):
    losses = F.multilabel_margin_loss(t.reshape(-1, t.shape[-1]), target.reshape(-1, t.shape[-1]), reduction="none")
    return losses.reshape(t.shape[:-1])


def multilabel_margin_slope(t, target):
    with torch.enable_grad():
        leaf = t.detach().clone().requires_grad_()
        return torch.autograd.grad(multilabel_margin(leaf, target).sum(), leaf)[0]


for _name, _call in (("multilabel_margin_forward", multilabel_margin), ("multilabel_margin_slope", multilabel_margin_slope)):
    samples(_name, rounded_once(_call))(lambda dtype, x: [
        [x(4), torch.tensor([2, 0, -1, 1])], [x(3, 5), torch.tensor([[1, -1, 0, 2, 3], [-1, 2, 0, 0, 0], [4, 0, 3, 2, 1]])], [x(1, 2, 3), torch.tensor([[[0, 0, -1], [2, 1, -1]]])],
        [x(2, 40), torch.where(torch.arange(40) < 3, x.ints(0, 40, 2, 40), -1)]])
samples("nll_forward", lambda *a: rounded_all(a[0].dtype, nll_forward, *a))(lambda dtype, x: [list(case) for case in nll_cases(x)])
samples("nll_backward", rounded_once(nll_backward))(lambda dtype, x: list(nll_backward_cases(x)))


# ---- distances -----------------------------------------------------------------------------------------------------

samples("normalize", rounded_once(F.normalize))(lambda dtype, x: [[x(2, 3), 2.0, 1, 1e-12], [x(2, 3, 2), 1.0, 0, 1e-12], [x(2, 3), 3.0, -1, 2.0]] if dtype.is_floating_point or dtype.is_complex else [])
samples("cosine_similarity", rounded_once(F.cosine_similarity))(floats_only(lambda dtype, x: [[x(2, 3), x(2, 3), 1, 1e-8], [x(2, 3, 2), x(3, 2), 0, 1e-8], [x(4), x(4), 0, 1e-6]]))
samples("pairwise_distance", rounded_once(F.pairwise_distance))(floats_only(lambda dtype, x: [[x(2, 3), x(2, 3), 2.0, 1e-6, False], [x(2, 3), x(3), 1.0, 1e-6, True], [x(4), x(4), 3.0, 0.1, False]]))
samples("pdist", F.pdist)(floats_only(lambda dtype, x: [[x(4, 3), 2.0], [x(3, 2), 1.0], [x(3, 4), math.inf], [x(1, 3), 2.0], [x(0, 3), 2.0]]))
samples("bilinear", rounded_once(F.bilinear))(floats_only(lambda dtype, x: [[x(2, 3), x(2, 4), x(5, 3, 4), x(5)], [x(2, 2, 3), x(2, 2, 2), x(1, 3, 2), None], [x(3), x(2), x(2, 3, 2), x(2)]]))
