"""Linear algebra. Singular vectors of wide matrices have other signs in MKL, so those here are tall or square."""
import torch

from .core import *


def lapack(cases):
    """For composites: the dtypes that LAPACK has."""
    return lambda dtype, x: cases(dtype, x) if dtype in (torch.float32, torch.float64, torch.complex64, torch.complex128) else []


def lu_cases(*rest):
    return lapack(lambda dtype, x: [[regular(x, *shape), *rest] for shape in ((3, 3), (2, 4, 3), (3, 4), (0, 2, 2), (2, 0))])


for _name in ("linalg_cholesky_ex", "linalg_cholesky"):
    samples(_name, (lambda t, u, c: torch.linalg.cholesky_ex(t, upper=u, check_errors=c)) if _name.endswith("ex") else lambda t, u: torch.linalg.cholesky(t, upper=u))(
        lapack(lambda dtype, x, rest=[False] if _name.endswith("ex") else []: [[definite(x, 3, 3), False, *rest], [definite(x, 2, 4, 4), True, *rest], [x(0, 0), False, *rest], [x(0, 2, 2), False, *rest]]))
samples("linalg_lu_factor_ex", lambda t, p, c: torch.linalg.lu_factor_ex(t, pivot=p, check_errors=c))(lu_cases(True, False))
samples("linalg_lu_factor", lambda t, p: torch.linalg.lu_factor(t, pivot=p))(lu_cases(True))
samples("lu_get_infos", lambda t, p: torch.lu(t, p, get_infos=True))(lu_cases(True))
samples("linalg_lu", lambda t, p: torch.linalg.lu(t, pivot=p))(lu_cases(True))


def factored(x, *shape):
    return list(torch.linalg.lu_factor(regular(x, *shape)))


samples("lu_unpack", lambda a, p, d, v: torch.lu_unpack(a, p, d, v))(lapack(lambda dtype, x: [factored(x, *shape) + [d, p] for shape, d, p in (
    ((3, 3), True, True), ((2, 4, 3), True, True), ((3, 4), True, False), *([((3, 3), False, True)] if dtype == torch.float32 else []))]))


def permutation(p, n, inverse):
    batch = p.shape[:-1]
    return torch.lu_unpack(torch.zeros(*batch, n, p.shape[-1]), p)[0].argmax(-1 if inverse else -2)


samples("lu_permutation", permutation)(lambda dtype, x: [[torch.tensor([3, 3, 4, 4], dtype=dtype), 4, i] for i in (False, True)] + [[torch.tensor([[2, 5], [1, 2]], dtype=dtype), 5, i] for i in (False, True)])
samples("geqrf", torch.geqrf)(lambda dtype, x: [[x(3, 3)], [x(2, 4, 3)], [x(2, 3)], [x(0, 2)]])


def householder(x, *shape):
    return list(torch.geqrf(x(*shape)))


samples("linalg_householder_product", torch.linalg.householder_product)(lapack(lambda dtype, x: [householder(x, 3, 3), householder(x, 2, 4, 3), [x(4, 3), x(2)]]))
samples("ormqr", lambda a, t, o, left, transpose: torch.ormqr(a, t, o, left, transpose))(lapack(lambda dtype, x: [
    householder(x, 4, 3) + [x(4, 2), True, False], householder(x, 4, 3) + [x(2, 4), False, False], householder(x, 2, 3, 3) + [x(2, 3, 2), True, True],
    householder(x, 2, 3) + [x(3, 2), False, True]]))
samples("linalg_qr", lambda t, mode: torch.linalg.qr(t, mode=mode))(lambda dtype, x: [[regular(x, 4, 3), "reduced"], [regular(x, 2, 3, 3), "complete"], [regular(x, 3, 4), "reduced"], [x(0, 2), "reduced"]])
samples("qr", lambda t, some: torch.linalg.qr(t, mode="reduced" if some else "complete"))(lapack(lambda dtype, x: [[regular(x, 3, 3), True], [regular(x, 3, 4), False]]))
samples("linalg_solve_triangular", lambda a, b, u, left, unit: torch.linalg.solve_triangular(a, b, upper=u, left=left, unitriangular=unit))(
    lambda dtype, x: [[regular(x, 3, 3), x(3, 2), True, True, False], [regular(x, 2, 3, 3), x(2, 3), False, False, False], [regular(x, 3, 3), x(2, 3, 2), False, True, True],
                      [regular(x, 3, 3), x(2, 1, 4, 3), True, False, True], [x(0, 0), x(0, 2), True, True, False]])
samples("triangular_solve", lambda b, a, u, t, unit: torch.triangular_solve(b, a, u, t, unit))(
    lapack(lambda dtype, x: [[x(3, 2), regular(x, 3, 3), True, False, False], [x(2, 3, 2), regular(x, 3, 3), False, True, False]]))
samples("cholesky_solve", torch.cholesky_solve)(lambda dtype, x: [[x(3, 2), factor(x, 3, 3), False], [x(2, 3, 1), factor(x, 3, 3, upper=True), True]])
samples("cholesky_inverse", torch.cholesky_inverse)(lapack(lambda dtype, x: [[factor(x, 3, 3), False], [factor(x, 2, 3, 3, upper=True), True]]))
samples("linalg_lu_solve", lambda a, p, b, left, adjoint: torch.linalg.lu_solve(a, p, b, left=left, adjoint=adjoint))(lapack(lambda dtype, x: [
    factored(x, 3, 3) + [x(3, 2), True, False], factored(x, 2, 3, 3) + [x(2, 4, 3), False, False], factored(x, 3, 3) + [x(3, 2), True, True], factored(x, 3, 3) + [x(2, 3), False, True]]))
samples("lu_small_solve", lambda *a: torch.linalg.lu_solve(*a).detach())(lapack(lambda dtype, x: [factored(x, 3, 3) + [x(3, 2)], factored(x, 2, 4, 4) + [x(2, 4, 1)]] if dtype in (torch.float32, torch.float64) else []))
samples("lu_solve", torch.lu_solve)(lapack(lambda dtype, x: [[x(3, 2)] + factored(x, 3, 3), [x(2, 3, 1)] + factored(x, 2, 3, 3)]))
for _name in ("linalg_solve_ex", "solve_matrix"):
    samples(_name, lambda a, b, left, check: torch.linalg.solve_ex(a, b, left=left, check_errors=check))(
        lapack(lambda dtype, x, more=_name[0] == "l": [[regular(x, 3, 3), x(3, 2), True, False], [regular(x, 2, 3, 3), x(2, 4, 3), False, True]] + ([[regular(x, 3, 3), x(3), True, False]] if more else [])))
samples("linalg_solve", lambda a, b, left: torch.linalg.solve(a, b, left=left))(lapack(lambda dtype, x: [[regular(x, 3, 3), x(3), True], [regular(x, 2, 3, 3), x(2, 3), True], [regular(x, 3, 3), x(2, 3), False]]))
samples("linalg_inv_ex", lambda t, check: torch.linalg.inv_ex(t, check_errors=check))(lambda dtype, x: [[regular(x, 3, 3), True], [regular(x, 2, 2, 2), False], [x(0, 0), False]])
samples("linalg_inv", torch.linalg.inv)(lapack(lambda dtype, x: [[regular(x, 3, 3)]]))
samples("linalg_slogdet", torch.linalg.slogdet)(lapack(lambda dtype, x: [[regular(x, 3, 3)], [regular(x, 2, 2, 2)], [x(0, 0)]]))
samples("linalg_det", torch.linalg.det)(lambda dtype, x: [[regular(x, 3, 3)], [regular(x, 2, 2, 2)], [x(0, 0)], [x(2, 0, 0)]])
samples("linalg_matrix_power", torch.linalg.matrix_power)(lapack(lambda dtype, x: [[regular(x, 3, 3), 0], [regular(x, 2, 2, 2), 1], [regular(x, 3, 3), 3], [regular(x, 2, 2, 2), -2]]))
samples("logdet", torch.logdet)(lapack(lambda dtype, x: [[definite(x, 3, 3)], [definite(x, 2, 2, 2)]]))
samples("linalg_svd", lambda t, full: torch.linalg.svd(t, full_matrices=full))(lambda dtype, x: [[regular(x, 3, 3), False], [regular(x, 2, 4, 2), False], [regular(x, 3, 3), True], [x(0, 2), True]])
samples("svd", lambda t, some, uv: torch.svd(t, some, uv))(lapack(lambda dtype, x: [[regular(x, 4, 3), True, True], [regular(x, 2, 3, 3), False, True], [regular(x, 3, 2), True, False]]))
for _name in ("linalg_svdvals", "svd_values"):
    samples(_name, torch.linalg.svdvals if _name[0] == "l" else lambda t: torch.linalg.svdvals(t.detach()))(lapack(lambda dtype, x: [[regular(x, 3, 3)], [regular(x, 2, 2, 4)], [x(0, 2)]]))
samples("svd_lowrank", lambda t, q, n, m: torch.svd_lowrank(t, q, n, m))(lapack(lambda dtype, x: [[regular(x, 4, 3), 3, 2, None], [regular(x, 2, 3, 3), 3, 1, x(3, 3)], [regular(x, 4, 3), 6, 2, None]]))
samples("pca_lowrank", lambda t, q, c, n: torch.pca_lowrank(t, q, c, n))(lapack(lambda dtype, x: [[regular(x, 5, 3), 3, True, 2], [regular(x, 4, 3), 3, False, 0]]))
samples("norm_nuc", lambda t, d, k: torch.norm(t, "nuc", d or None, k))(lapack(lambda dtype, x: [[regular(x, 3, 4), [], False], [regular(x, 2, 3, 3), [0, 2], True]]))
samples("linalg_eigh", lambda t, u: torch.linalg.eigh(t, u))(lambda dtype, x: [[definite(x, 3, 3), "L"], [definite(x, 2, 3, 3), "U"]])
for _name in ("linalg_eigvalsh", "eigh_values"):
    samples(_name, torch.linalg.eigvalsh if _name[0] == "l" else lambda t, u: torch.linalg.eigvalsh(t.detach(), u))(lapack(lambda dtype, x: [[definite(x, 3, 3), "L"], [definite(x, 2, 3, 3), "U"]]))
samples("linalg_pinv", lambda t, a, r, h: torch.linalg.pinv(t, atol=a.detach() if torch.is_tensor(a) else a, rtol=r, hermitian=h))(lambda dtype, x: [
    [regular(x, 4, 3), None, None, False], [regular(x, 2, 2, 3), Weak(0.01), None, False], [definite(x, 3, 3), None, Weak(0.001), True], [x(0, 2), None, None, False],
    [regular(x, 3, 3), torch.tensor([0.01, 100.0], dtype=dtype.to_real()), None, False]])


def lobpcg(a, k, b, start, n, ik, niter, tol, largest):
    """Of torch.lobpcg, whose vectors have no gradient here."""
    detached = [t.detach() if torch.is_tensor(t) else t for t in (a, b, start, ik)]
    x = torch.lobpcg(detached[0], k, detached[1], detached[2], n=n, iK=detached[3], niter=niter, tol=tol, largest=largest)[1]
    return (x * (a @ x)).sum(-2) / (x * (b @ x if b is not None else x)).sum(-2), x


samples("lobpcg", lobpcg)(lambda dtype, x: [] if dtype not in (torch.float32, torch.float64) else [
    [definite(x, 9, 9), 2, None, torch.randn(9, 3, dtype=dtype), 0, None, 100, 1e-6 if dtype == torch.float32 else 1e-14, True],
    [definite(x, 2, 9, 9), 1, definite(x, 2, 9, 9), torch.randn(2, 9, 2, dtype=dtype), 0, None, 100, 1e-6 if dtype == torch.float32 else 1e-14, False]])
samples("pinverse", torch.pinverse)(lapack(lambda dtype, x: [[regular(x, 3, 2), 1e-15]]))
