"""Samples of the pointwise rows where arithmetic has its edges: ends of ranges, infinities, NaN, signs of zero, branch cuts. tests/ops/edge_test.c
judges them more strictly than ordinary samples. Where PyTorch's vector and scalar loops disagree, neither is a judge, and the input is left out."""
import itertools, math
import torch

REAL = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -2.5, 3.0, -7.0, 100.0, -100.0, 1e-4, math.inf, -math.inf, math.nan]
FEW = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, -7.0, 100.0, math.inf, -math.inf, math.nan]
PARTS = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 100.0, -100.0, 1e-20, 1e30, math.inf, -math.inf, math.nan]
FEW_PARTS = [0.0, -0.0, -2.5, 1e-3, math.inf]
DIVISIONS = ("floor_divide", "remainder", "fmod")


def plain(x):
    return (x == 0) | ((x.abs() > 1e-3) & (x.abs() < 50))


LIMITS = {  # where PyTorch's answer is not taken, and why; vmath_mpfr judges most of it
    "gelu": lambda x: (x > -2) & (x < 1e4),  # oneDNN's gives NaN for infinities, infinity for the largest value, few digits far left
    "gelu_tanh": lambda x: x > -2,  # 1 + tanh(u) loses all digits
    "sigmoid": lambda x: True if x.dtype.is_complex else x > -90,  # results below the normal range are flushed
    "silu": lambda x: True if x.dtype.is_complex else x > -90,
    "acos": lambda x: (x.imag.abs() > 1e-15) | x.isnan() if x.dtype.is_complex else True,  # it subtracts asin from pi / 2
    "logaddexp2": lambda a, b: ~(torch.logaddexp2(a.double(), b.double()).abs() < 1e-3),  # next to 0 it has few digits
    "lgamma": lambda x: ~(torch.lgamma(x.double()).abs() < 1e-3),
    "digamma": lambda x: ~(torch.digamma(x.double()).abs() < 0.1),
    **{name: lambda a, b: plain(a) & plain(b) for name in ("special_zeta", "igamma", "igammac", *(f"special_{p}_polynomial_{k}" for p, kinds in (("chebyshev", "tuvw"), ("hermite", ("h", "he")), ("laguerre", "l"), ("legendre", "p")) for k in kinds))},  # few digits elsewhere, NaN for the largest
    **{f"special_{name}": lambda x: plain(x) for name in ("i0e", "i1e", "erfcx", "log_ndtr", "ndtri")},
    "special_ndtr": lambda x: ~((x < -1) & (x > -40)),  # special_mpfr judges that
    **{f"special_{scaled}modified_bessel_{name}": lambda x: plain(x) for scaled in ("", "scaled_") for name in ("k0", "k1")},
    "hardswish": lambda x: x.abs() < 1e37,  # in f64, which the baseline computes in, its product does not overflow
    "special_airy_ai": lambda x: plain(x) & (x > -2),  # PyTorch's has 6 digits left of that
    **{f"special_bessel_{name}": lambda x: plain(x) & (x.abs() < 2) for name in ("j0", "j1", "y0", "y1")},  # its series lose digits
    "lcm": lambda a, b: (a.double() * b.double()).abs() < torch.iinfo(a.dtype).max,  # beyond, it is what wraps
    "log1p": lambda x: (x.real != 0) & x.real.isfinite() & x.imag.isfinite() if x.dtype.is_complex else True,  # its vector loop gives NaN for infinities
    "erf": lambda x: (x == 0) | (x.abs() > 1e-37) | x.isnan(),  # the same, in bf16
    "fmax": lambda a, b: (a != 0) | (b != 0),  # C leaves open which of two zeros
    "fmin": lambda a, b: (a != 0) | (b != 0),
    "add": lambda a, b: not a.dtype.is_complex,  # b times the complex 1 first: infinities turn into NaN, -0 into 0
    "sub": lambda a, b: not a.dtype.is_complex,
}


def reals(dtype, few):
    f = torch.finfo(dtype)
    ends = [f.max, f.tiny, -f.tiny * f.eps, -f.max, -f.tiny, f.tiny * f.eps, 1 + f.eps, 1 - f.eps / 2]
    return torch.tensor(FEW + ends[:3] if few else REAL + ends, dtype=torch.float64).to(dtype)


def integers(dtype):
    i = torch.iinfo(dtype)
    values = [0, 1, 2, 3, 10, 31, 63, i.max, i.max - 1, i.min, i.min + 1]
    if i.min < 0:
        values += [-1, -2, -3, -7]
    return torch.tensor([v for v in values if i.min <= v <= i.max], dtype=dtype)


def complexes(dtype, parts):
    return torch.tensor([complex(a, b) for a, b in itertools.product(parts, parts)], dtype=dtype)


def pairs(a, b):
    return a.repeat_interleave(len(b)), b.repeat(len(a))


def same(a, b):
    """Elementwise: equal, both NaN, or near, with the sign of zero."""
    if a.is_complex():
        a, b = torch.view_as_real(a), torch.view_as_real(b)
        return same(a, b).all(-1)
    if not a.dtype.is_floating_point:
        return a == b
    a, b = a.double(), b.double()
    near = (a - b).abs() <= 1e-3 * a.abs()
    return (a.isnan() & b.isnan()) | (((a == b) | near) & (a.signbit() == b.signbit()))


def keep_agreed(call, inputs):
    """The inputs without those of which PyTorch has two opinions: one long vector, and single elements."""
    whole = call(*inputs)
    single = torch.stack([call(*(t[i:i + 1] for t in inputs))[0] for i in range(len(whole))])
    agreed = same(whole, single)
    return [t[agreed] for t in inputs]


def operands(name, dtype, arity):
    if dtype.is_complex:
        if arity == 1:
            return [complexes(dtype, PARTS)]
        return pairs(complexes(dtype, FEW_PARTS), complexes(dtype, FEW_PARTS))
    x = reals(dtype, arity > 1) if dtype.is_floating_point else integers(dtype)
    if arity == 1:
        return [x]
    a, b = pairs(x, x)
    if not dtype.is_floating_point and name in DIVISIONS:  # PyTorch raises for 0, and dies of the least value by -1
        fine = (b != 0) & ~((b == -1) & (a == torch.iinfo(dtype).min))
        a, b = a[fine], b[fine]
    if name in ("gcd", "lcm") and dtype.is_signed:  # it dies of the least value
        fine = (a != torch.iinfo(dtype).min) & (b != torch.iinfo(dtype).min)
        a, b = a[fine], b[fine]
    return [a, b]


def edges(ops):
    w = ops.Writer("edges.bin")
    for macro, args in ops.pointwise_rows():
        name, attributes = args[0], ops.ATTRIBUTES.get(args[0], ())
        if not (macro.startswith("UNARY") or macro == "BINARY"):
            continue
        arity = 1 if macro[0] == "U" else 2
        dtypes = args[1 + len(attributes)] if macro[-1].isdigit() else args[1]
        call = ops.torch_function(name)
        for dtype in ops.SETS[dtypes]:
            if dtype == torch.bool:
                continue
            inputs = operands(name, dtype, arity)
            if name in LIMITS:
                fine = LIMITS[name](*inputs) & torch.ones(len(inputs[0]), dtype=torch.bool)
                inputs = [t[fine] for t in inputs]
            if len(inputs[0]) == 0:
                continue
            f = lambda *t: call(*t, *attributes)
            try:
                f(*inputs)
            except (RuntimeError, TypeError) as error:
                if "not implemented for" not in str(error) and "not supported" not in str(error):
                    print(f"  {name} {dtype}: torch refuses: {str(error).splitlines()[0][:90]}")
                continue
            before = len(inputs[0])
            inputs = keep_agreed(f, inputs)
            if dtype == torch.complex64 and dtypes in ("FC", "REALC", "FLOATX", "FLOATXB"):  # functions that we compute in c128
                rounded, result = f, f(*inputs).dtype
                f = lambda *t: rounded(*(x.to(torch.complex128) for x in t)).to(result)
                agreed = same(rounded(*inputs), f(*inputs))
                inputs = [t[agreed] for t in inputs]
            if len(inputs[0]) < before:
                print(f"  {name} {dtype}: {before - len(inputs[0])} of {before} left out")
            w.record(name, lambda *t: f(*t[:arity]), inputs + list(attributes), grad=False)
    w.close()
