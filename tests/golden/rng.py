"""Writes rng.txt, what PyTorch's CPU generator gives, for tests/core/rng_test.c.

    python tests/golden/rng.py > tests/golden/rng.txt

One case a line, fields apart by one space:
    distribution dtype seed warm n a b state result
After seeding, `warm` 32-bit words and, if warm is odd, one scalar normal are drawn first. a and b are the parameters, as
int64 for integers and as C hex floats else; of bernoulli_p, a is the dtype of the probabilities (the number in torsh_dtype),
which are (i % 11) / 10. Of poisson the rates are (i % 23) * a, rounded to f32 and then to the dtype. Of multinomial, a is the
number of categories and b is 1 with replacement; there are two rows of n samples, and weight i of all is (i * 7 % 13) / 12 in
f32, rounded to the dtype. `state` is the FNV-1a hash (64 bit, hex) of the generator's saved bytes afterwards. `result` is the
array's bytes in hex for n <= 17, else '#' and their FNV-1a hash. dtype is torsh_dtype's number.
The f32 normals are those of PyTorch on x86-64 with AVX2 or AVX-512.
"""
import sys

import torch

DTYPES = {
    "bool": (0, torch.bool), "u8": (1, torch.uint8), "i8": (2, torch.int8), "i16": (3, torch.int16), "i32": (4, torch.int32),
    "i64": (5, torch.int64), "f16": (6, torch.float16), "bf16": (7, torch.bfloat16), "f32": (8, torch.float32),
    "f64": (9, torch.float64),
}
FLOATS = ("f16", "bf16", "f32", "f64")
SIZES = (1, 15, 16, 17, 40, 1000)
LARGE = 100003


def fnv(data):
    h = 0xCBF29CE484222325
    for byte in data:
        h = (h ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{h:016x}"


def raw(tensor):
    return torch.empty(tensor.numel(), dtype=tensor.dtype).copy_(tensor.reshape(-1)).view(torch.uint8).numpy().tobytes()


def number(x):
    return str(x) if isinstance(x, int) else float(x).hex()


def case(distribution, dtype, n, a, b, draw, seed=None, warm=0):
    seed = (n * 2654435761 + len(distribution)) & 0xFFFFFFFFFFFF if seed is None else seed
    generator = torch.Generator().manual_seed(seed)
    if warm:
        torch.empty(warm, dtype=torch.uint8).random_(generator=generator)
    if warm % 2:
        torch.empty(1, dtype=torch.float64).normal_(generator=generator)
    tensor = draw(torch.empty(n, dtype=DTYPES[dtype][1]), generator)
    data = raw(tensor)
    state = fnv(raw(generator.get_state()))
    result = data.hex() if n <= 17 else "#" + fnv(data)
    print(distribution, DTYPES[dtype][0], seed, warm, n, number(a), number(b), state, result)


def floats(distribution, parameters, draw, dtypes=FLOATS):
    for dtype in dtypes:
        for k, n in enumerate(SIZES + (LARGE,)):
            a, b = parameters[k % len(parameters)]
            case(distribution, dtype, n, a, b, lambda t, g: draw(t, a, b, g), warm=(0, 1, 623, 625)[k % 4])


def main():
    print("# written by rng.py with torch", torch.__version__, torch.backends.cpu.get_cpu_capability())
    floats("uniform", [(0.0, 1.0), (-1.3, 2.9), (0.1, 0.7)], lambda t, a, b, g: t.uniform_(a, b, generator=g))
    floats("normal", [(0.0, 1.0), (1.7, 2.3)], lambda t, a, b, g: t.normal_(a, b, generator=g))
    floats("normal_scalar", [(0.0, 1.0), (1.7, 2.3)],
           lambda t, a, b, g: torch.empty(2 * t.numel(), dtype=t.dtype)[::2].normal_(a, b, generator=g))
    floats("exponential", [(1.0, 0.0), (0.37, 0.0)], lambda t, a, b, g: t.exponential_(a, generator=g))
    floats("cauchy", [(0.0, 1.0), (1.5, 0.3)], lambda t, a, b, g: t.cauchy_(a, b, generator=g))
    floats("log_normal", [(1.0, 2.0), (0.3, 0.7)], lambda t, a, b, g: t.log_normal_(a, b, generator=g))
    floats("geometric", [(0.3, 0.0), (0.9, 0.0)], lambda t, a, b, g: t.geometric_(a, generator=g),
           ("u8", "i8", "i16", "i32", "i64") + FLOATS)
    floats("bernoulli", [(0.5, 0.0), (0.1, 0.0), (0.0, 0.0), (1.0, 0.0), (0.9, 0.0)],
           lambda t, a, b, g: t.bernoulli_(a, generator=g), tuple(DTYPES))
    for p_dtype in FLOATS:
        code, kind = DTYPES[p_dtype]
        floats("bernoulli_p", [(code, 0)],
               lambda t, a, b, g: t.bernoulli_(((torch.arange(t.numel()) % 11) / 10.0).double().to(kind)
                                               if p_dtype == "f64" else ((torch.arange(t.numel()) % 11) / 10.0).to(kind), generator=g),
               ("bool", "i64", "f16", "bf16", "f32", "f64"))
    floats("random", [(0, 0)], lambda t, a, b, g: t.random_(generator=g), tuple(DTYPES))
    bounds = {"bool": [(0, 2)], "u8": [(0, 10), (3, 256)], "i8": [(-128, 128), (-5, 6)], "i16": [(-7, 30000)],
              "i32": [(0, 1), (-5, 1 << 28), (0, (1 << 28) - 1), (-(1 << 31), (1 << 31) - 1), (0, 3)],
              "i64": [(0, 10), (0, 1 << 28), (-3, (1 << 28) - 4), (0, 1 << 40), (-(1 << 62), 1 << 62), (0, (1 << 63) - 1), (7, 8)],
              "f16": [(0, 10), (-2000, 2000)], "bf16": [(0, 10), (-200, 200)], "f32": [(0, 10), (0, 1 << 24), (0, (1 << 39) + 1001)],
              "f64": [(0, 10), (0, 1 << 52)]}
    for dtype, pairs in bounds.items():
        floats("randint", pairs, lambda t, a, b, g: t.random_(a, b, generator=g), (dtype,))
    for dtype in ("i64", "f64", "f32", "bf16"):
        floats("random_all", [(0, 0)], lambda t, a, b, g: t.random_(-(1 << 63), None, generator=g), (dtype,))
    floats("poisson", [(0.37, 0.0), (7.5, 0.0), (90.0, 0.0)],
           lambda t, a, b, g: torch.poisson((torch.arange(t.numel()) % 23 * a).float().to(t.dtype), generator=g))
    for dtype in FLOATS:
        for categories, n, replacement in ((10, 1, 0), (1000, 1, 1), (257, 40, 1), (1000, 1000, 1), (30, 20, 0), (1000, 200, 0)):
            if n > 1 and not replacement and dtype in ("f16", "bf16"):
                continue  # equal keys: their order is that of an unstable sort
            weights = (torch.arange(2 * categories) * 7 % 13 / 12).to(DTYPES[dtype][1]).view(2, categories)
            case("multinomial", dtype, n, categories, replacement,
                 lambda t, g: torch.multinomial(weights, n, bool(replacement), generator=g), warm=n % 3)
    for dtype in ("u8", "i8", "i16", "i32", "i64") + FLOATS:
        most = {"u8": 255, "i8": 127, "i16": 1000, "f16": 1000, "bf16": 255}.get(dtype, LARGE)
        for n in [n for n in (0, 2) + SIZES + (LARGE,) if n <= most]:
            case("randperm", dtype, n, 0, 0, lambda t, g: torch.randperm(n, dtype=t.dtype, generator=g), warm=n % 3)


main()
