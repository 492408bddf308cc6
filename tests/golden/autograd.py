"""Expected gradients from PyTorch for tests/autograd: one line a case, "name: numbers". Each case is a program of a few
lines; the C tests do the same. Run with PyTorch installed:  python autograd.py > autograd.txt"""
import torch

torch.set_default_dtype(torch.float64)


def leaf(*sizes):
    n = 1
    for s in sizes:
        n *= s
    return (torch.arange(1, n + 1) * 0.25).reshape(sizes).requires_grad_()


def weights(t):
    return torch.arange(1, t.numel() + 1).reshape(t.shape) * 0.5


def finish(out, *leaves):
    (out * weights(out)).sum().backward()
    return [out] + [x.grad for x in leaves]


def inplace_on_view():
    x, w = leaf(3), leaf(2)
    b = x * 2
    v = b[0:2]
    v.mul_(w)
    return finish(b, x, w)


def inplace_on_view_read_other_view():
    x, w = leaf(3), leaf(2)
    b = x * 2
    v, u = b[0:2], b[1:3]
    v.mul_(w)
    return finish(u * u, x, w)


def inplace_on_base_read_view():
    x = leaf(3)
    b = x * 2
    v = b[1:3]
    b.mul_(b.detach() + 1)
    return finish(v * v, x)


def inplace_on_base_with_leaf():
    x, w = leaf(2, 3), leaf(3)
    b = x * 2
    v = b.t()
    b.add_(w)
    return finish(v.exp(), x, w)


def view_of_plain_base():
    w = leaf(2)
    x = torch.ones(3)
    v, u = x[0:2], x[1:3]
    v.mul_(w)
    return finish(u * x[0:2], w)


def view_of_view():
    x, w = leaf(2, 3, 2), leaf(3)
    b = x * 1
    v = b[0].t()[1]
    v.mul_(w)
    return finish(b * b, x, w)


def two_changes():
    x, w = leaf(4), leaf(2)
    b = x * 1
    v, u = b[0:2], b[1:3]
    v.mul_(w)
    u.add_(v * 2)
    v.mul_(u * 1)
    return finish(b, x, w)


def transposed_slice():
    x, w = leaf(3, 4), leaf(2, 2)
    b = x * 2
    v = b.t()[1:3, 0:3:2]
    v.mul_(w)
    return finish(b.sum(0), x, w)


def saved_output_in_place():
    x = leaf(4)
    b = x * 2
    b[1:3].exp_()
    return finish(b, x)


def fill_part():
    x, s = leaf(4), leaf(2)
    b = x * 2
    b[1:3].copy_(s)
    b[0:1].zero_()
    return finish(b * b, x, s)


def copy_broadcast():
    x, s = leaf(2, 3), leaf(3)
    b = x * 2
    b.copy_(s)
    return finish(b * b, s)


def in_place_chain():
    x = leaf(4)
    b = x * 2
    b.mul_(b.detach() * 1).add_(1).neg_().exp_()
    return finish(b, x)


def no_grad_change_of_view():
    x = leaf(3)
    b = x * 2
    v = b[0:2]
    with torch.no_grad():
        v.mul_(3)
    return finish(v + b[1:3], x)


def detached_change():
    x = leaf(3)
    b = x * 2
    d = b.detach()
    d.mul_(4)
    return finish(b + 1, x)


def expand_gradient():
    x = leaf(3, 1)
    return finish(x.expand(2, 3, 4) * 3, x)


def as_strided_overlap():
    x = leaf(4)
    return finish(x.as_strided((3, 2), (1, 1)), x)


def as_strided_gap():
    x = leaf(3, 4)
    return finish((x * 2).as_strided((2, 2), (5, 2), 1), x)


def as_strided_stride0():
    x = leaf(4)
    return finish((x * x).as_strided((3, 2, 2), (0, 1, 1), 1), x)


def as_strided_of_overlap():
    x = leaf(4)
    w = x.as_strided((3, 2), (1, 1))
    return finish((w * 1).as_strided((2, 2), (2, 1), 1) + w.as_strided((2, 2), (1, 2)), x)


def as_strided_of_expanded():
    x = leaf(3)
    e = x.expand(2, 3)
    return finish(e.as_strided((2, 2), (1, 1)), x)


def as_strided_double():
    x = leaf(4)
    y = (x * x).as_strided((3, 2), (1, 1))
    (g,) = torch.autograd.grad((y * y * weights(y)).sum(), x, create_graph=True)
    return finish(g, x)


def double_cubic():
    x = leaf(3)
    (g,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
    return finish(g, x)


def double_through_view_change():
    x, w = leaf(4), leaf(2)
    b = x * x
    b[1:3].mul_(w * w)
    (g,) = torch.autograd.grad((b * b).sum(), x, create_graph=True)
    return finish(g, x, w)


def double_in_place_saved_output():
    x = leaf(3)
    b = x * x
    b[0:2].exp_()
    (g,) = torch.autograd.grad(b.tanh().sum(), x, create_graph=True)
    return finish(g, x)


def third():
    x = leaf(3)
    y = (x.sin() * x.exp()).sum()
    for _ in range(2):
        (g,) = torch.autograd.grad(y, x, create_graph=True)
        y = (g * weights(g)).sum()
    y.backward()
    return [y, x.grad]


def shared_trunk():
    x, w = leaf(2, 3), leaf(3)
    h = (x * w).tanh()
    a, b = h.exp(), h * h
    return finish(a * b + h, x, w)


def broadcasting():
    x, w, s = leaf(2, 1, 3), leaf(4, 1), leaf()
    return finish(x * w + s / x, x, w, s)


def mixed_dtypes():
    x = leaf(3)
    w = torch.tensor([0.5, 2.0, 4.0], dtype=torch.float32, requires_grad=True)
    out = finish(x * w, x, w)
    assert out[2].dtype == torch.float32
    return out


def complex_real_mix():
    x = leaf(2)
    c = torch.tensor([1 + 2j, 3 - 1j], requires_grad=True)
    y = x * c
    (y * torch.tensor([1j, 2.0])).backward(torch.tensor([1 + 1j, 2 - 1j]))
    return [torch.view_as_real(y), x.grad, torch.view_as_real(c.grad)]


def backward_of_two():
    x = leaf(3)
    y, z = x * x, x.exp().sum()
    torch.autograd.backward([y, z], [weights(y), None])
    return [x.grad]


def grad_of_middle():
    x = leaf(3)
    h = x.exp()
    y = (h * h * x).sum()
    return list(torch.autograd.grad(y, [h, x]))


def accumulated():
    x = leaf(3)
    (x * x).sum().backward()
    (x * 3).sum().backward()
    return [x.grad]


for name, case in list(globals().items()):
    if callable(case) and getattr(case, "__module__", "") == "__main__" and name not in ("leaf", "weights", "finish"):
        numbers = torch.cat([t.detach().to(torch.float64).reshape(-1) for t in case()])
        print(f"{name}: " + " ".join(repr(v) for v in numbers.tolist()))
