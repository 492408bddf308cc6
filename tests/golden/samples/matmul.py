"""Matrix products."""
import math
import torch
import torch.nn.functional as F

from .core import *

samples("matmul", torch.matmul)(lambda dtype, x: [[x(3), x(3)], [x(2, 3), x(3)], [x(3), x(3, 2)], [x(2, 3), x(3, 4)], [x(2, 2, 3), x(3, 2)],
                                                  [x(2, 1, 2, 3), x(3, 3, 2)], [x(3), x(2, 3, 2)], [x(0, 3), x(3, 2)], [x(2, 0), x(0, 3)]])
samples("mm", torch.mm)(lambda dtype, x: [[x(2, 3), x(3, 4)], [x(17, 19), x(19, 5)]])
samples("bmm", torch.bmm)(lambda dtype, x: [[x(2, 2, 3), x(2, 3, 4)]])
samples("mv", torch.mv)(lambda dtype, x: [[x(2, 3), x(3)]])
samples("dot", torch.dot)(lambda dtype, x: [[x(5), x(5)]])
samples("outer", torch.outer)(lambda dtype, x: [[x(2), x(3)]])


def scaled(f):
    """Integer tensors take integer factors."""
    return lambda a, b, c, beta, alpha: f(a, b, c, beta=beta if a.is_floating_point() or a.is_complex() else int(beta),
                                          alpha=alpha if a.is_floating_point() or a.is_complex() else int(alpha))


samples("addmm", scaled(torch.addmm))(lambda dtype, x: [[x(2, 4), x(2, 3), x(3, 4), 1.0, 1.0], [x(4), x(2, 3), x(3, 4), 2.0, 3.0], [x(2, 1), x(2, 3), x(3, 4), 0.0, 1.0]])
samples("baddbmm", scaled(torch.baddbmm))(lambda dtype, x: [[x(2, 2, 4), x(2, 2, 3), x(2, 3, 4), 1.0, 2.0]])
samples("vdot", torch.vdot)(lambda dtype, x: [[x(3), x(3)]])
samples("inner", torch.inner)(lambda dtype, x: [[x(2, 3), x(4, 3)], [x(3), x(3)], [x(), x(2, 2)]])
samples("kron", torch.kron)(lambda dtype, x: [[x(2, 3), x(3, 2)], [x(2), x(2, 1, 3)]])
samples("cross", torch.cross)(lambda dtype, x: [[x(2, 3), x(2, 3), 1], [x(3, 2), x(3, 1), 0]])
samples("tensordot", lambda a, b, i, j: torch.tensordot(a, b, (i, j)))(
    lambda dtype, x: [[x(2, 3, 4), x(4, 3, 2), [1, 2], [1, 0]], [x(2, 1), x(3, 2), [-1], [-1]], [x(2), x(3), [], []]])
samples("einsum", lambda equation, t: torch.einsum(equation, t))(
    lambda dtype, x: [["bij,bjk->bik", [x(2, 2, 3), x(2, 3, 2)]], ["ij->ji", [x(2, 3)]], ["ii->i", [x(3, 3)]], ["ij,jk,kl", [x(2, 3), x(3, 2), x(2, 2)]],
                      ["...ik, ...k -> ...i", [x(2, 2, 3), x(3)]], ["i,j", [x(2), x(3)]], ["ij,kj->k", [x(2, 3), x(2, 1)]]])
samples("chain_matmul", lambda t: torch.chain_matmul(*t))(lambda dtype, x: [[[x(2, 3), x(3, 4), x(4, 1), x(1, 2)]], [[x(2, 3), x(3, 2)]]])
samples("linalg_multi_dot", torch.linalg.multi_dot)(lambda dtype, x: [[[x(2, 3), x(3, 4), x(4, 1)]], [[x(3), x(3, 4), x(4)]]])
samples("linalg_vecdot", lambda a, b, d: torch.linalg.vecdot(a, b, dim=d))(lambda dtype, x: [[x(2, 3), x(2, 3), -1], [x(2, 3), x(2, 1), 0]])


def vander(a, n, increasing):
    """torch.vander itself has no gradient: it changes in place what its own backward needs."""
    n = len(a) if n < 0 else n
    if n < 2:
        return torch.vander(a, n, increasing)
    columns = torch.linalg.vander(a if a.is_floating_point() or a.is_complex() else a.long(), N=n)
    return columns if increasing else columns.flip(-1)


samples("vander", vander)(lambda dtype, x: [[x(3), -1, False], [x(3), 4, True], [x(2), 1, False], [x(0), -1, False]] if dtype.itemsize > 2 or not dtype.is_floating_point else [])
samples("linalg_vander", lambda a, n: torch.linalg.vander(a, N=n))(lambda dtype, x: [[x(3), 4], [x(2, 2), 2]])
samples("cdist", torch.cdist)(lambda dtype, x: [[x(2, 3, 2), x(2, 4, 2), p] for p in (1.0, 2.0, 3.0, math.inf)] + [[x(3, 2), x(2, 2), 1.5]])
samples("matrix_exp", rounded_once(torch.matrix_exp))(lambda dtype, x: [[x(3, 3)], [x(2, 2, 2) * torch.tensor([0.1, 2.0], dtype=dtype).reshape(2, 1, 1)]])
samples("addmv", scaled(torch.addmv))(lambda dtype, x: [[x(2), x(2, 3), x(3), 1.0, 1.0], [x(1), x(2, 3), x(3), 2.0, 3.0], [x(), x(2, 3), x(3), 0.0, 1.0]])
samples("addr", scaled(torch.addr))(lambda dtype, x: [[x(2, 3), x(2), x(3), 1.0, 1.0], [x(3), x(2), x(3), 2.0, 3.0]] if dtype != torch.bool else [[x(2, 3), x(2), x(3), 1.0, 1.0]])
samples("addbmm", rounded_once(lambda a, b, c, beta, alpha: scaled(torch.addbmm)(a, b, c, beta, alpha)))(lambda dtype, x: [[x(2, 4), x(2, 2, 3), x(2, 3, 4), 1.0, 1.0], [x(4), x(2, 2, 3), x(2, 3, 4), 2.0, 3.0]])


def factors(f):
    """PyTorch takes the factors as numbers; they have no gradient."""
    return lambda a, b, c, beta, alpha: f(a, b, c, beta=beta.item(), alpha=alpha.item())


for _name, _shapes in (("addmm", ((2, 4), (2, 3), (3, 4))), ("baddbmm", ((2, 4), (2, 2, 3), (2, 3, 4))), ("addmv", ((2,), (2, 3), (3,))),
                       ("addr", ((2, 3), (2,), (3,))), ("addbmm", ((2, 4), (2, 2, 3), (2, 3, 4)))):
    samples(_name + "_scaled", factors(getattr(torch, _name)))(
        lambda dtype, x, s=_shapes: [[*(x(*n) for n in s), torch.tensor(2 - 1j, dtype=torch.complex64), torch.tensor(0.5j, dtype=torch.complex64)]] if dtype.is_complex else [])
samples("linear", F.linear)(lambda dtype, x: [[x(2, 3), x(4, 3), x(4)], [x(2, 3), x(4, 3), None], [x(3), x(4, 3), x(4)], [x(2, 2, 3), x(4, 3), x(4)]])
samples("linear_backward", lambda g, t: (g.reshape(-1, g.shape[-1]).T @ t.reshape(-1, t.shape[-1]), g.reshape(-1, g.shape[-1]).sum(0, dtype=g.dtype)))(
    lambda dtype, x: [[x(2, 4), x(2, 3)]])
