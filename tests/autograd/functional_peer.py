#!/usr/bin/env python3
"""torsh_vjp, jvp, jacobian, hessian, hvp and vhp against torch.autograd.functional, on functions written once for both.

    python tests/autograd/functional_peer.py build/src/libtorsh.so

Skipped (77) where torch is missing.
"""
import sys

try:
    import ctypes as c  # Debian's python3-minimal lacks it
    import torch
    import torch.autograd.functional as reference
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)


class Handle(c.Structure):
    _fields_ = [("id", c.c_uint64)]


FUNCTION = c.CFUNCTYPE(c.c_uint64, c.c_void_p, c.POINTER(Handle), c.c_size_t)  # a struct of one u64 is returned as a u64
F64, C128 = 9, 11
lib = c.CDLL(sys.argv[1])
lib.torsh_last_error.restype = c.c_char_p
lib.torsh_live_handles.restype = lib.torsh_tensors_size.restype = lib.torsh_size.restype = c.c_int64
LIST = [FUNCTION, c.c_void_p, c.POINTER(Handle), c.c_size_t]
SIGNATURES = {"vjp": LIST + [Handle, c.c_bool, c.POINTER(Handle)], "jvp": LIST + [c.POINTER(Handle), c.c_size_t, c.c_bool, c.POINTER(Handle)],
              "jacobian": LIST + [c.c_bool], "hessian": LIST + [c.c_bool],
              "hvp": LIST + [c.POINTER(Handle), c.c_size_t, c.c_bool, c.POINTER(Handle)],
              "vhp": LIST + [c.POINTER(Handle), c.c_size_t, c.c_bool, c.POINTER(Handle)],
              "from_data": [c.c_void_p, c.POINTER(c.c_int64), c.c_size_t, c.c_int, c.c_int32], "tensors_get": [Handle, c.c_int64],
              "sum": [Handle, c.c_void_p, c.c_size_t, c.c_bool], "number": [c.c_double], "scope_open": []}
for name, arguments in SIGNATURES.items():
    getattr(lib, "torsh_" + name).argtypes, getattr(lib, "torsh_" + name).restype = arguments, Handle
for name in ("sin", "exp", "square", "relu", "mul", "add", "matmul", "pow", "tanh"):
    function = getattr(lib, "torsh_" + name)
    function.argtypes, function.restype = [Handle] * (2 if name in ("mul", "add", "matmul", "pow") else 1), Handle
lib.torsh_to_host.argtypes = [Handle, c.c_void_p, c.c_size_t]
lib.torsh_set_requires_grad.argtypes = [Handle, c.c_bool]
lib.torsh_scope_close.argtypes = lib.torsh_tensors_size.argtypes = lib.torsh_ndim.argtypes = lib.torsh_dtype_of.argtypes = [Handle]
lib.torsh_size.argtypes = [Handle, c.c_int64]
lib.torsh_keep_id.argtypes = [c.c_uint64]


class Ours:
    """The ops that the functions below use, on handles."""

    def __getattr__(self, name):
        return lambda *a: getattr(lib, "torsh_" + name)(*(lib.torsh_number(v) if isinstance(v, float) else v for v in a))

    def sum(self, t):
        return lib.torsh_sum(t, None, 0, False)


def failed(handle):
    return handle.id >> 60 == 15


def check(condition, what):
    if not condition:
        sys.exit(f"{what}: {lib.torsh_last_error().decode()}")


def handle(t):
    t = t.detach().contiguous()
    made = lib.torsh_from_data(c.c_void_p(t.data_ptr() or 1), (c.c_int64 * max(t.dim(), 1))(*t.shape), t.dim(), C128 if t.is_complex() else F64, 0)
    check(not failed(made), "from_data")
    return made


def read(h):
    check(not failed(h), "a result")
    out = torch.empty([lib.torsh_size(h, d) for d in range(lib.torsh_ndim(h))], dtype=torch.complex128 if lib.torsh_dtype_of(h) == C128 else torch.float64)
    check(lib.torsh_to_host(h, c.c_void_p(out.data_ptr() or 1), out.numel() * out.element_size()) == 0, "to_host")
    return out


def items(list_):
    check(not failed(list_), "a list")
    return [read(lib.torsh_tensors_get(list_, i)) for i in range(lib.torsh_tensors_size(list_))]


def same(ours, theirs, what):
    theirs = list(theirs) if isinstance(theirs, (tuple, list)) else [theirs]
    check(len(ours) == len(theirs), f"{what}: {len(ours)} results, not {len(theirs)}")
    for o, t in zip(ours, theirs):
        check(o.shape == t.shape and torch.allclose(o, t.detach(), rtol=1e-10, atol=1e-12), f"{what}: {o} is not {t}")


def callback(f):
    ours = Ours()

    def call(context, inputs, count):
        made = f(ours, *[Handle(inputs[i].id) for i in range(count)])
        return made.id
    return FUNCTION(call)


x, y, w = torch.randn(2, 3, dtype=torch.float64), torch.randn(3, 2, dtype=torch.float64), torch.randn(3, dtype=torch.float64)
CASES = [(lambda o, a, b: o.mul(o.sin(o.matmul(a, b)), o.exp(o.matmul(a, b))), (x, y)),
         (lambda o, a: o.tanh(o.square(a)), (w,)),
         (lambda o, a, b: o.square(a), (x, w)),  # one input isn't used
         (lambda o, a, b: o.add(a, b), (x, w)),  # linear
         (lambda o, a: o.mul(o.matmul(a, a), 2.0), (w,))]
SCALARS = [(lambda o, a, b: o.sum(o.mul(o.sin(o.matmul(a, b)), o.exp(o.matmul(a, b)))), (x, y)),
           (lambda o, a, b: o.sum(o.pow(a, 3.0)), (w, x)), (lambda o, a: o.sum(a), (x,)), (lambda o, a: o.sum(o.relu(a)), (x,))]
Torch = torch


def general(f, inputs):
    g, theirs = callback(f), lambda *a: f(Torch, *a)
    ours = (Handle * len(inputs))(*map(handle, inputs))
    value = theirs(*inputs)
    v, u = torch.randn_like(value), [torch.randn_like(i) for i in inputs]
    output = Handle()
    found = items(lib.torsh_vjp(g, None, ours, len(inputs), handle(v), False, c.byref(output)))
    out, want = reference.vjp(theirs, inputs, v)
    same([read(output)], out, "vjp's output")
    same(found, want, "vjp")
    found = lib.torsh_jvp(g, None, ours, len(inputs), (Handle * len(u))(*map(handle, u)), len(u), False, c.byref(output))
    same([read(found)], reference.jvp(theirs, inputs, tuple(u))[1], "jvp")
    same(items(lib.torsh_jacobian(g, None, ours, len(inputs), False)), reference.jacobian(theirs, inputs), "jacobian")


def of_scalars(f, inputs):
    g, theirs = callback(f), lambda *a: f(Torch, *a)
    ours = (Handle * len(inputs))(*map(handle, inputs))
    u = [torch.randn_like(i) for i in inputs]
    vectors = (Handle * len(u))(*map(handle, u))
    want = reference.hessian(theirs, inputs)
    same(items(lib.torsh_hessian(g, None, ours, len(inputs), False)), [h for row in want for h in row], "hessian")
    same(items(lib.torsh_hvp(g, None, ours, len(inputs), vectors, len(u), False, None)), reference.hvp(theirs, inputs, tuple(u))[1], "hvp")
    same(items(lib.torsh_vhp(g, None, ours, len(inputs), vectors, len(u), False, None)), reference.vhp(theirs, inputs, tuple(u))[1], "vhp")


def create_graph():
    """A Jacobian that is differentiated again."""
    f = CASES[1][0]
    g, a = callback(f), handle(w)
    lib.torsh_set_requires_grad(a, True)
    outer = callback(lambda o, t: lib.torsh_tensors_get(lib.torsh_jacobian(g, None, (Handle * 1)(t), 1, True), 0))
    ours = items(lib.torsh_jacobian(outer, None, (Handle * 1)(a), 1, False))
    theirs = reference.jacobian(lambda t: reference.jacobian(lambda s: f(Torch, s), t, create_graph=True), w)
    same(ours, theirs, "the Jacobian of a Jacobian")


def refusals():
    g, a = callback(CASES[0][0]), (Handle * 2)(handle(x), handle(y))
    check(failed(lib.torsh_hessian(g, None, a, 2, False)) and b"hessian: " in lib.torsh_last_error(), "a matrix has no Hessian")
    check(failed(lib.torsh_jvp(g, None, a, 2, a, 1, False, None)) and b"'v'" in lib.torsh_last_error(), "too few vectors")
    check(failed(lib.torsh_jacobian(g, None, a, 0, False)), "no inputs")


scope = lib.torsh_scope_open()
for case in CASES:
    general(*case)
for case in SCALARS:
    of_scalars(*case)
create_graph()
refusals()
lib.torsh_scope_close(scope)
check(lib.torsh_live_handles() == 0, f"{lib.torsh_live_handles()} handles are left")
print("functional:", len(CASES) + len(SCALARS), "functions")
