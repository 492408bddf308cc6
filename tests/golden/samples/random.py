"""Random numbers: both sides are seeded before each call."""
import torch
import torch.nn.functional as F

from .core import *

samples("rand", lambda size, dtype, device, g: torch.rand(size, dtype=dtype))(lambda dtype, x: [[[3, 7], dtype, CPU, GENERATOR], [[0], dtype, CPU, GENERATOR], [[], dtype, CPU, GENERATOR]])
samples("randn", lambda size, dtype, device, g: torch.randn(size, dtype=dtype))(lambda dtype, x: [[[3, 7], dtype, CPU, GENERATOR], [[5], dtype, CPU, GENERATOR], [[], dtype, CPU, GENERATOR]])
samples("randint", lambda low, high, size, dtype, device, g: torch.randint(low, high, size, dtype=dtype))(
    lambda dtype, x: [[0, 2, [9], dtype, CPU, GENERATOR]] + ([[1, 100, [2, 5], dtype, CPU, GENERATOR]] if dtype != torch.bool else []))
samples("randperm", lambda n, dtype, device, g: torch.randperm(n, dtype=dtype))(lambda dtype, x: [[n, dtype, CPU, GENERATOR] for n in (0, 1, 17)])
for _name in ("rand_like", "randn_like"):
    samples(_name, getattr(torch, _name))(lambda dtype, x: [[x(3, 6)], [x()]])
for _name in ("rand_like", "randn_like"):
    samples(_name + "_dtype", lambda t, d, f=getattr(torch, _name): f(t, dtype=d))(lambda dtype, x: [[x(3, 5), d] for d in (torch.float64, torch.float16)])
samples("randint_like_dtype", lambda t, low, high, d: torch.randint_like(t, low, high, dtype=d))(lambda dtype, x: [[x(3, 5), 0, 2, torch.int32]])
samples("normal_size", lambda m, s, n, d, device, g: torch.normal(m, s, n, dtype=d))(
    lambda dtype, x: [[0.5, 2.0, [3, 6], dtype, CPU, GENERATOR]] if dtype.is_floating_point else [])
samples("randint_like", lambda t, low, high: torch.randint_like(t, low, high))(lambda dtype, x: [[x(3, 5), 0, 2]])
samples("bernoulli", lambda t, g: torch.bernoulli(t))(lambda dtype, x: [[unit(x, 3, 5), GENERATOR]])
samples("poisson", lambda t, g: torch.poisson(t))(lambda dtype, x: [[x.positive(3, 5) * 8, GENERATOR]])
samples("normal", lambda m, s, g: torch.normal(m, s))(lambda dtype, x: [[x(3, 6), x.positive(3, 6), GENERATOR], [x(5), Weak(1.5), GENERATOR]])
samples("multinomial", lambda t, n, r, g: torch.multinomial(t, n, r))(
    lambda dtype, x: [[x.positive(6), 4, True, GENERATOR], [x.positive(2, 6), 3, False, GENERATOR], [x.positive(2, 6), 8, True, GENERATOR], [x.positive(6), 1, False, GENERATOR]])
for _name, _arguments in (("uniform_", (-1.5, 2.0)), ("normal_", (0.5, 2.0)), ("bernoulli_", (0.3,)), ("random_", ()), ("random_range_", (0, 2)),
                          ("exponential_", (1.5,)), ("geometric_", (0.4,)), ("cauchy_", (0.5, 2.0)), ("log_normal_", (0.1, 0.5))):
    samples(_name, lambda t, *a, f=getattr(torch.Tensor, _name.replace("_range", "")): f(t.clone(), *a[:-1]))(
        lambda dtype, x, a=_arguments: [[x(3, 7), *a, GENERATOR], [x(5), *a, GENERATOR]])
samples("native_dropout", torch.native_dropout)(lambda dtype, x: [[x(3, 6), 0.3, True], [x(5), 0.0, True], [x(4), 1.0, True], [x(4), 0.3, False]])
samples("native_dropout_backward", torch.ops.aten.native_dropout_backward)(
    lambda dtype, x: [] if dtype.is_complex or dtype == torch.bool else [[x(3, 4), x(3, 4, dtype=torch.bool), 1.25]])
for _name in ("dropout", "alpha_dropout"):
    samples(_name, getattr(torch, _name))(floats_only(lambda dtype, x: [[x(3, 6), 0.3, True], [x(5), 0.5, False], [x(4), 1.0, True]]))
for _name in ("feature_dropout", "feature_alpha_dropout"):
    samples(_name, getattr(torch, _name))(floats_only(lambda dtype, x: [[x(3, 6, 2), 0.3, True], [x(2, 3), 0.5, False]]))
samples("dropout1d", F.dropout1d)(floats_only(lambda dtype, x: [[x(3, 6, 2), 0.3, True], [x(6, 2), 0.5, True]]))
samples("dropout2d", F.dropout2d)(floats_only(lambda dtype, x: [[x(3, 6, 2, 2), 0.3, True]]))
samples("dropout3d", F.dropout3d)(floats_only(lambda dtype, x: [[x(3, 6, 2, 1, 2), 0.3, True], [x(6, 2, 1, 2), 0.5, True]]))
samples("dropout_backward", lambda g, m, s: torch.ops.aten.native_dropout_backward(g, m, s))(lambda dtype, x: [[x(3, 4), x(3, 4, dtype=torch.bool), 1.25]])
