"""Samples of <torsh/ops/loss.h>'s functions, which are no rows: their options follow the tensors, in the order that tests/ops/loss_test.c reads."""
import torch
import torch.nn.functional as F
from samples import Draw, rounded_once

REDUCTIONS = ("none", "mean", "sum")
DTYPES = (torch.float32, torch.float64, torch.bfloat16)


def weighted(f, reduction, weight):
    """PyTorch's functions take a weight for each element only in part: it multiplies the losses before they are reduced."""
    loss = f("none")
    if weight is not None:
        loss = loss * weight
    return loss if reduction == 0 else loss.mean() if reduction == 1 else loss.sum()


ELEMENTWISE = {
    "mse_loss": lambda a, b, r, p: F.mse_loss(a, b, reduction=r),
    "l1_loss": lambda a, b, r, p: F.l1_loss(a, b, reduction=r),
    "huber_loss": lambda a, b, r, p: F.huber_loss(a, b, delta=p, reduction=r),
    "smooth_l1_loss": lambda a, b, r, p: F.smooth_l1_loss(a, b, beta=p, reduction=r),
    "binary_cross_entropy": lambda a, b, r, p: F.binary_cross_entropy(a, b, reduction=r),
    "binary_cross_entropy_with_logits": lambda a, b, r, p: F.binary_cross_entropy_with_logits(a, b, reduction=r),
    "kl_div": lambda a, b, r, p: F.kl_div(a, b, log_target=bool(p), reduction=r),
}


def inputs(name, x):
    a, b = x(3, 4), x(3, 4)
    if name == "binary_cross_entropy":
        return torch.sigmoid(a), torch.sigmoid(b)
    if name.startswith("binary"):
        return a, torch.sigmoid(b)
    if name == "kl_div":
        return torch.log_softmax(a, 1), torch.log_softmax(b, 1)
    return a, b


def elementwise(w):
    generator = torch.Generator().manual_seed(21)
    for name, f in ELEMENTWISE.items():
        for dtype in DTYPES[:2]:
            x = Draw(dtype, generator)
            for reduction in (0, 1, 2):
                for parameter in (1.0, 0.5) if name in ("huber_loss", "smooth_l1_loss") else (0.0, 1.0) if name == "kl_div" else (0.0,):
                    for weight in (None, x.positive(3, 4), x.positive(4)):
                        a, b = inputs(name, x)
                        if name == "kl_div" and not parameter:
                            b = b.exp()
                        call = lambda a, b, wt, p, r, f=f: weighted(lambda how: f(a, b, how, p), r, None if wt is None else wt.detach())
                        w.record(name, call, [a, b, weight, parameter, reduction])


def classes(w):
    generator = torch.Generator().manual_seed(22)

    def cross_entropy(a, t, weight, smoothing, ignore, reduction):
        return F.cross_entropy(a, t, None if weight is None else weight.detach(), ignore_index=ignore, label_smoothing=smoothing, reduction=REDUCTIONS[reduction])

    def nll(a, t, weight, smoothing, ignore, reduction):
        return F.nll_loss(a, t, None if weight is None else weight.detach(), ignore_index=ignore, reduction=REDUCTIONS[reduction])

    for dtype in DTYPES:
        x = Draw(dtype, generator)
        for size, target, count in (((4, 5), (4,), 5), ((5,), (), 5), ((2, 5, 3), (2, 3), 5), ((3, 37), (3,), 37)):
            for reduction in (0, 1, 2):
                for weight, smoothing, ignore in ((None, 0.0, -100), (x.positive(count), 0.0, 1), (None, 0.2, -100), (x.positive(count), 0.1, 2)):
                    t = x.ints(0, count, *target)
                    if not target and t.item() == ignore:
                        t = (t + 1) % count
                    w.record("cross_entropy", rounded_once(cross_entropy), [x(*size), t, weight, smoothing, ignore, reduction])
                    if smoothing == 0:
                        w.record("nll_loss", rounded_once(nll), [x(*size), t, weight, 0.0, ignore, reduction])
                if dtype != torch.bfloat16:
                    for smoothing in (0.0, 0.2):
                        soft = torch.softmax(x(*size), 0 if len(size) == 1 else 1)
                        w.record("cross_entropy", rounded_once(cross_entropy), [x(*size), soft, None, smoothing, -100, reduction])
                        w.record("cross_entropy", rounded_once(cross_entropy), [x(*size), soft, x.positive(count), smoothing, -100, reduction])


TRIPLES = {  # by two tensors, a third one or None, and a number
    "soft_margin_loss": lambda a, b, c, p, r: F.soft_margin_loss(a, b, reduction=r),
    "margin_ranking_loss": lambda a, b, c, p, r: F.margin_ranking_loss(a, b, c, margin=p, reduction=r),
    "hinge_embedding_loss": lambda a, b, c, p, r: F.hinge_embedding_loss(a, b, margin=p, reduction=r),
    "multi_margin_loss": lambda a, b, c, p, r: F.multi_margin_loss(a, b, p=2, margin=p, weight=c, reduction=r),
    "multilabel_margin_loss": lambda a, b, c, p, r: F.multilabel_margin_loss(a, b, reduction=r),
    "multilabel_soft_margin_loss": lambda a, b, c, p, r: F.multilabel_soft_margin_loss(a, b, weight=c, reduction=r),
    "triplet_margin_loss": lambda a, b, c, p, r: F.triplet_margin_loss(a, b, c, margin=p, swap=p > 1, reduction=r),
    "cosine_embedding_loss": lambda a, b, c, p, r: F.cosine_embedding_loss(a, b, c, margin=p, reduction=r),
    "gaussian_nll_loss": lambda a, b, c, p, r: F.gaussian_nll_loss(a, b, c, full=p > 0.5, reduction=r),
    "poisson_nll_loss": lambda a, b, c, p, r: F.poisson_nll_loss(a, b, log_input=p > 0.5, full=True, reduction=r),
    "binary_cross_entropy_with_logits_pos_weight": lambda a, b, c, p, r: F.binary_cross_entropy_with_logits(a, b, pos_weight=c, reduction=r)}


def signs(x, *size):
    return x.ints(0, 2, *size).to(x.dtype) * 2 - 1


def triple(name, x):
    a, b, c = x(3, 4), signs(x, 3, 4), None
    if name in ("margin_ranking_loss", "cosine_embedding_loss"):
        b, c = x(3, 4), signs(x, *((3, 4) if name.startswith("margin") else (3,)))
    elif name == "triplet_margin_loss":
        b, c = x(3, 4), x(3, 4)
    elif name == "multi_margin_loss":
        b, c = x.ints(0, 4, 3), x.positive(4)
    elif name == "multilabel_margin_loss":
        b = torch.tensor([[1, 0, -1, 2], [3, -1, 0, 0], [-1, 1, 2, 3]])
    elif name == "multilabel_soft_margin_loss" or name.endswith("pos_weight"):
        b, c = torch.sigmoid(x(3, 4)), x.positive(4)
    elif name.endswith("nll_loss"):
        a, b, c = (x(3, 4), x(3, 4), x.positive(3, 4)) if name.startswith("gaussian") else (x.positive(3, 4), x.positive(3, 4), None)
    return a, b, c


def triples(w):
    generator = torch.Generator().manual_seed(23)
    for name, f in TRIPLES.items():
        for dtype in DTYPES[:2]:
            x = Draw(dtype, generator)
            for reduction in (0, 1, 2):
                for parameter in (0.3, 1.2):
                    a, b, c = triple(name, x)
                    both = name in ("margin_ranking_loss", "triplet_margin_loss", "cosine_embedding_loss", "gaussian_nll_loss")
                    call = lambda a, b, c, p, r, f=f, both=both: f(a, b if both else b.detach(), None if c is None else c.detach(), p, REDUCTIONS[r])
                    w.record(name, call, [a, b, c, parameter, reduction])


def losses(ops):
    w = ops.Writer("losses.bin")
    elementwise(w)
    triples(w)
    classes(w)
    w.close()
