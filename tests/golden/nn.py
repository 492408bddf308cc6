#!/usr/bin/env python3
"""Writes tests/golden/nn.txt: PyTorch's initial weights for a seed, forward and backward of modules, 20 steps of optimizers,
and learning rates of schedulers.

Run in an environment that has torch: python tests/golden/nn.py

A line is a key, a dtype (f32, f64, i64 or text), the rank, the sizes and the numbers in row-major order, as hex floats; or
for text the characters with \\n for a newline. Modules: <case>/p/<parameter> after construction with seed 42, <case>/x and /y,
and with the gradient 0.5 + (i % 7) / 7 for element i of y: <case>/gx, <case>/g/<parameter>; <case>/s/<name> is the state after.
"""
import copy
import os
import re
import torch
import torch.nn as nn

OUT = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "nn.txt"), "w")
NAMES = {torch.float32: "f32", torch.float64: "f64", torch.int64: "i64"}


def put(key, t):
    t = t.detach().contiguous()
    numbers = " ".join(re.sub(r"\.?0+p", "p", float(v).hex()) for v in t.flatten().tolist())
    OUT.write(f"{key} {NAMES[t.dtype]} {t.dim()} {' '.join(map(str, t.shape))} {numbers}\n")


def put_text(key, text):
    OUT.write(f"{key} text " + text.replace("\n", "\\n") + "\n")


def weights(y):
    return (0.5 + (torch.arange(y.numel(), dtype=torch.float64) % 7) / 7).to(y.dtype).reshape(y.shape)


def module(case, make, x, train=True, exact=False):
    """exact: the input's gradient in f64, where f32 leaves it to rounding."""
    torch.manual_seed(42)
    m = make()
    put_text(f"{case}/text", repr(m))
    for name, value in m.state_dict().items():
        put(f"{case}/p/{name}", value)
    m.train(train)
    floating = x.dtype.is_floating_point
    x = x.clone().requires_grad_(floating)
    torch.manual_seed(7)
    y = m(x)
    put(f"{case}/x", x)
    put(f"{case}/y", y)
    if y.requires_grad:
        y.backward(weights(y))
    if floating:
        if exact:
            wide, twin = x.detach().double().requires_grad_(), copy.deepcopy(m).double()
            y = twin(wide)
            y.backward(weights(y))
            x.grad = wide.grad.to(x.dtype)
        put(f"{case}/gx", x.grad)
    for name, p in m.named_parameters():
        put(f"{case}/g/{name}", p.grad)
    for name, value in m.named_buffers():
        put(f"{case}/s/{name}", value)


def modules():
    torch.manual_seed(0)
    flat, image, rows = torch.randn(3, 5), torch.randn(2, 4, 6, 5), torch.randn(2, 3, 4)
    module("linear", lambda: nn.Linear(5, 4), flat)
    module("linear_plain", lambda: nn.Linear(4, 3, bias=False), rows)
    module("conv2d", lambda: nn.Conv2d(4, 3, 3, 1, 1), image)
    module("conv2d_options", lambda: nn.Conv2d(4, 6, (3, 2), (2, 1), (1, 0), (1, 2), 2, False), image)
    module("conv1d", lambda: nn.Conv1d(3, 2, 3, stride=2, padding=1), rows)
    module("conv_transpose2d", lambda: nn.ConvTranspose2d(4, 2, 3, 2, 1, output_padding=1), image)
    module("max_pool2d", lambda: nn.MaxPool2d(2), image)
    module("avg_pool2d", lambda: nn.AvgPool2d(3, 2, 1), image)
    module("adaptive_avg_pool2d", lambda: nn.AdaptiveAvgPool2d((2, 3)), image)
    module("adaptive_max_pool2d", lambda: nn.AdaptiveMaxPool2d((2, 3)), image)
    module("batch_norm1d", lambda: nn.BatchNorm1d(5), flat)
    module("batch_norm2d", lambda: nn.BatchNorm2d(4), image)
    module("batch_norm2d_eval", lambda: nn.BatchNorm2d(4), image, False)
    module("batch_norm2d_mean", lambda: nn.BatchNorm2d(4, momentum=None, affine=False), image)
    scales = torch.tensor([1e-18, 1e-6, 1e3, 1e17]).reshape(1, 4, 1, 1)
    module("batch_norm2d_extreme", lambda: nn.BatchNorm2d(4, momentum=None, affine=False), image * scales, exact=True)
    module("layer_norm", lambda: nn.LayerNorm((3, 4)), rows)
    module("embedding", lambda: nn.Embedding(6, 3), torch.tensor([[1, 4], [0, 4]]))
    module("embedding_padded", lambda: nn.Embedding(6, 3, padding_idx=4), torch.tensor([[1, 4], [0, 5]]))
    module("dropout", lambda: nn.Dropout(0.3), flat)
    module("dropout_eval", lambda: nn.Dropout(0.3), flat, False)
    for case, make in {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "gelu": nn.GELU, "gelu_tanh": lambda: nn.GELU("tanh"),
                       "silu": nn.SiLU, "leaky_relu": nn.LeakyReLU, "elu": nn.ELU, "softplus": nn.Softplus, "hardtanh": nn.Hardtanh,
                       "softmax": lambda: nn.Softmax(1), "log_softmax": lambda: nn.LogSoftmax(-1), "identity": nn.Identity,
                       "flatten": nn.Flatten}.items():
        module(case, make, rows)
    module("network", lambda: nn.Sequential(nn.Conv2d(4, 3, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                                            nn.Sequential(nn.Linear(18, 5), nn.Tanh()), nn.Linear(5, 2)), image)


def initialisers():
    i = nn.init
    for case, fill in {
        "uniform": lambda t: i.uniform_(t, -1, 2), "normal": lambda t: i.normal_(t, 1, 2), "constant": lambda t: i.constant_(t, 3),
        "xavier_uniform": lambda t: i.xavier_uniform_(t, 1.5), "xavier_normal": i.xavier_normal_, "kaiming_uniform": i.kaiming_uniform_,
        "kaiming_normal": lambda t: i.kaiming_normal_(t, mode="fan_out", nonlinearity="relu"),
        "trunc_normal": lambda t: i.trunc_normal_(t, 0, 1, -1, 1), "trunc_normal_tail": lambda t: i.trunc_normal_(t, 0, 1, 2, 3),
    }.items():
        torch.manual_seed(9)
        put(f"init/{case}", fill(torch.empty(4, 3, 3)))


def start(j):
    return ((j * 5) % 7 - 3) / 2


def gradient(step, j):
    return ((step * 7 + j * 3) % 11 - 5) / 4


def optimizer(case, make):
    p = torch.tensor([start(j) for j in range(6)]).reshape(2, 3).requires_grad_(True)
    o = make([p])
    track = []
    for step in range(20):
        p.grad = torch.tensor([gradient(step, j) for j in range(6)]).reshape(2, 3)
        o.step()
        track.append(p.detach().clone())
    put(f"optim/{case}", torch.stack(track))


def optimizers():
    sgd, adam, adamw = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW
    optimizer("sgd", lambda p: sgd(p, lr=0.1))
    optimizer("sgd_momentum", lambda p: sgd(p, lr=0.1, momentum=0.9))
    optimizer("sgd_dampening", lambda p: sgd(p, lr=0.1, momentum=0.9, dampening=0.1))
    optimizer("sgd_nesterov", lambda p: sgd(p, lr=0.1, momentum=0.9, nesterov=True))
    optimizer("sgd_decay", lambda p: sgd(p, lr=0.1, weight_decay=0.1, maximize=True))
    for name, kind in (("adam", adam), ("adamw", adamw)):
        optimizer(name, lambda p: kind(p, lr=0.01))
        optimizer(name + "_betas", lambda p: kind(p, lr=0.01, betas=(0.8, 0.99), eps=1e-3))
        optimizer(name + "_decay", lambda p: kind(p, lr=0.01, weight_decay=0.1, maximize=True))
        optimizer(name + "_amsgrad", lambda p: kind(p, lr=0.01, amsgrad=True))


def scheduler(case, make):
    o = torch.optim.SGD([{"params": [torch.zeros(1)], "lr": 0.5}, {"params": [torch.zeros(1)], "lr": 0.25}], lr=0.5, momentum=0.9)
    s = make(o)
    o.step()
    rates = []
    for i in range(30):
        rates.append([g["lr"] for g in o.param_groups] + [o.param_groups[0]["momentum"]])
        if i < 29:
            s.step()
    put(f"schedule/{case}", torch.tensor(rates, dtype=torch.float64))


def schedulers():
    s = torch.optim.lr_scheduler
    scheduler("step", lambda o: s.StepLR(o, 7, 0.3))
    scheduler("exponential", lambda o: s.ExponentialLR(o, 0.9))
    scheduler("cosine", lambda o: s.CosineAnnealingLR(o, 10, 0.01))
    scheduler("linear", lambda o: s.LinearLR(o, 1.0 / 3, 1.0, 5))
    scheduler("one_cycle", lambda o: s.OneCycleLR(o, 0.7, 30))
    scheduler("one_cycle_linear", lambda o: s.OneCycleLR(o, 0.7, 30, three_phase=True, anneal_strategy="linear", pct_start=0.4))


modules()
initialisers()
optimizers()
schedulers()
