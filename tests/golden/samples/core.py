"""What the files beside it share: the lists that samples() fills, random values, and how PyTorch's answers are rounded."""
import torch
import warnings

warnings.filterwarnings("ignore", ".*degrees of freedom.*")
SAMPLES = {}
TORCH = {}
CPU = torch.device("cpu")
ALL = (torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16, torch.float32, torch.float64,
       torch.complex64, torch.complex128)


class Weak:
    """A Python number where ToRSh takes torsh_number."""

    def __init__(self, value):
        self.value = value


class DefaultGenerator:
    """Where a row has a generator; both sides are seeded before each call."""
    value = None


def samples(name, call=None):
    """Registers a function (dtype, x) -> argument lists, x(shape...) drawing elements in [-2, 2], x.positive, x.ints."""

    def register(function):
        SAMPLES[name] = function
        if call:
            TORCH[name] = call
        return function

    return register


class Draw:
    def __init__(self, dtype, generator):
        self.dtype, self.generator = dtype, generator

    def __call__(self, *shape, dtype=None):
        dtype = dtype or self.dtype
        u = torch.rand(shape, generator=self.generator, dtype=torch.float64) * 4 - 2
        if dtype == torch.bool:
            return u > 0
        if dtype.is_complex:
            return torch.complex(u, torch.rand(shape, generator=self.generator, dtype=torch.float64) - 0.5).to(dtype)
        if dtype.is_floating_point:
            return u.to(dtype)
        u = (u * 3).round()
        return (u.abs() if dtype == torch.uint8 else u).to(dtype)

    def positive(self, *shape):
        x = self(*shape)
        return x if x.dtype == torch.bool else (x.abs() + torch.ones((), dtype=x.dtype)).to(x.dtype)

    def ints(self, low, high, *shape, dtype=torch.int64):
        return torch.randint(low, high, shape, generator=self.generator).to(dtype)


def rounded_once(f):
    """16-bit floats computed in f32 and rounded at the end: some paths of PyTorch (col2im, gradients of mean pooling, log_softmax,
    index_put with accumulate) round in between, which is less exact than ours."""
    def call(first, *rest):
        if first.dtype not in (torch.float16, torch.bfloat16):
            return f(first, *rest)
        return f(*(a.float() if isinstance(a, torch.Tensor) and a.is_floating_point() else a for a in (first, *rest))).to(first.dtype)
    return call


def floats_only(cases):
    """For composites, which have no set of dtypes: PyTorch takes more here than ToRSh offers."""
    return lambda dtype, x: cases(dtype, x) if dtype.is_floating_point else []


DIMS = [[[], False], [[0], False], [[-1], True], [[0, 2], False]]


def reduced(f, all_dims=True):
    """PyTorch's reduction by (input, dims, keepdim); no dims: all."""
    return lambda t, d, k: f(t, tuple(d) if d else tuple(range(t.dim())), k) if all_dims else f(t, d[0], k)


def reduction(name, call, zero=True):
    samples(name, call)(lambda dtype, x: [[x(2, 3, 4)] + a for a in DIMS] + ([[x(), [], False], [x(3, 0), [1], False]] if zero else []))


def with_statistics(f):
    """16-bit floats have f32 statistics here: everything in f32, the first result rounded."""
    def call(first, *rest):
        if first.dtype not in (torch.float16, torch.bfloat16):
            return f(first, *rest)
        results = f(*(a.float() if isinstance(a, torch.Tensor) else a for a in (first, *rest)))
        return (results[0].to(first.dtype), *results[1:])
    return call


def rounded_all(dtype, f, *args):
    """Results of a function of 16-bit floats that is computed in f32."""
    half = dtype in (torch.float16, torch.bfloat16)
    results = f(*(a.float() if half and isinstance(a, torch.Tensor) and a.is_floating_point() else a for a in args))
    return tuple(r.to(dtype) for r in results) if half else tuple(results)


def unequal(x, *shape):
    """Without equal elements, whose order PyTorch leaves open."""
    count = 1
    for n in shape:
        count *= n
    return torch.randperm(count, generator=x.generator).reshape(shape).to(x.dtype)


def some(x, *shape):
    """A mask with at least one true in each row and column."""
    mask = x(*shape, dtype=torch.bool)
    mask.view(-1)[::2] = True
    return mask


def distinct(generator_ints, n, rows):
    """Index rows without repetitions, so that the result does not depend on an order."""
    return torch.stack([torch.randperm(n, generator=generator_ints) for _ in range(rows)])


GENERATOR = DefaultGenerator()


def unit(x, *shape):
    t = x(*shape)
    return (t.double().abs() / 2).to(t.dtype)


def definite(x, *shape):
    a = x(*shape)
    return a @ a.mH + torch.eye(shape[-1], dtype=a.dtype)


def regular(x, *shape):
    """Far from singular, and with singular values that differ."""
    return x(*shape) + torch.eye(*shape[-2:], dtype=x.dtype) * torch.arange(4, 4 + shape[-1]).to(x.dtype)


def factor(x, *shape, upper=False):
    l = torch.linalg.cholesky(definite(x, *shape))
    return l.mH.contiguous() if upper else l


def small(x, *shape):
    return x(*shape) / 2
