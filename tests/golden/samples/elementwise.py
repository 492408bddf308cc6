"""Activations, elementwise composites."""
import math
import torch
import torch.nn.functional as F

from .core import *

for _name in ("mish", "selu", "relu6"):
    samples(_name, rounded_once(getattr(F, _name)))(lambda dtype, x: [[x(2, 3)], [x()], [x(0, 2)]] if dtype.is_floating_point else [])
samples("softmin", lambda t, d: F.softmin(t, d))(floats_only(lambda dtype, x: [[x(2, 3), 1], [x(2, 3), 0]]))
samples("softmin_dtype", lambda t, d, to: F.softmin(t, d, dtype=to))(lambda dtype, x: [] if dtype.is_complex else [[x(2, 3), 1, torch.float64]])
samples("celu", rounded_once(lambda t, a: F.celu(t, a)))(floats_only(lambda dtype, x: [[x(2, 3), 1.3], [x(4), -0.7], [x(4), 1.0]]))
for _name in ("softsign", "tanhshrink"):
    samples(_name, rounded_once(getattr(F, _name)))(lambda dtype, x: [] if dtype == torch.bool else [[x(2, 3)]])
samples("glu", rounded_once(lambda t, d: F.glu(t, d)))(floats_only(lambda dtype, x: [[x(3, 4), -1], [x(4, 3), 0]]))
samples("prelu", rounded_once(F.prelu))(floats_only(lambda dtype, x: [[x(2, 3, 2), x(3)], [x(2, 3), x(1)], [x(4), x()]]))
samples("rrelu", rounded_once(lambda t, a, b, training: F.rrelu(t, a, b, training)))(floats_only(lambda dtype, x: [[x(3, 4), 0.125, 0.5, False]]))
samples("positive", torch.positive)(lambda dtype, x: [] if dtype == torch.bool else [[x(2, 3)]])
for _name in ("deg2rad", "rad2deg"):
    samples(_name, getattr(torch, _name))(lambda dtype, x: [] if dtype.is_complex else [[x(2, 3)]])
for _name in ("add", "sub", "rsub"):  # alpha is a number of the dtype's kind
    samples(_name if _name == "rsub" else _name + "_alpha", rounded_once(lambda a, b, k, f=getattr(torch, _name): f(a, b, alpha=k.item() if isinstance(k, torch.Tensor) else k)))(
        lambda dtype, x: [] if dtype == torch.bool else [[x(2, 3), x(3), Weak(1.5) if dtype.is_floating_point or dtype.is_complex else torch.tensor(2)]])
samples("div_rounding_mode", lambda a, b, m: torch.div(a, b, rounding_mode=m))(
    lambda dtype, x: [] if dtype == torch.bool or dtype.is_complex else [[x(2, 3), x.positive(3), "trunc"], [x(2, 3), x.positive(3), "floor"]])
samples("round_decimals", rounded_once(lambda t, d: torch.round(t, decimals=d)))(lambda dtype, x: [[x(2, 3) * 10, 1], [x(2, 3) * 100, -1]] if dtype.is_floating_point else [[x(2, 3), 0]] if not dtype.is_complex and dtype != torch.bool else [])
samples("clamp_tensor", lambda t, a, b: torch.clamp(t, a, b))(
    lambda dtype, x: [] if dtype.is_complex or dtype == torch.bool else [[x(2, 3), x(3), x(2, 3)], [x(2, 3), None, x()], [x(2, 3), x(3), None]])
for _name in ("clamp_min", "clamp_max"):
    samples(_name, getattr(torch, _name))(lambda dtype, x: [] if dtype.is_complex else [[x(2, 3), x(3)]])
samples("heaviside", torch.heaviside)(lambda dtype, x: [] if dtype.is_complex else [[x(2, 3), x(3)], [torch.zeros(3, dtype=dtype), x(3)]])
samples("ldexp", torch.ldexp)(lambda dtype, x: [[x(2, 3), x(3)]])
samples("float_power", torch.float_power)(lambda dtype, x: [[x.positive(2, 3), x(3)]])
samples("sinc", rounded_once(torch.sinc))(lambda dtype, x: [[x(2, 3)], [torch.zeros(2, dtype=dtype)]])
samples("logit", rounded_once(lambda t, e: torch.logit(t, None if e < 0 else e)))(floats_only(lambda dtype, x: [[x(2, 3).sigmoid(), -1.0], [x(2, 3), 0.25]]))
samples("polygamma", torch.polygamma)(lambda dtype, x: [] if dtype.is_complex else [[n, x.positive(2, 3)] for n in (0, 1, 3)])
samples("mvlgamma", lambda t, p: torch.mvlgamma(t, p))(lambda dtype, x: [] if dtype.is_complex or dtype == torch.bool else [[x.positive(2, 3) + 2, 1], [x.positive(2, 3) + 2, 3]])
for _name in ("isposinf", "isneginf"):
    samples(_name, getattr(torch, _name))(lambda dtype, x: [] if dtype.is_complex else [[x(2, 3)]] + ([[torch.tensor([math.inf, -math.inf, math.nan, 0], dtype=dtype)]] if dtype.is_floating_point else []))
samples("isreal", torch.isreal)(lambda dtype, x: [[x(2, 3)]])
samples("isclose", lambda a, b, r, t, n: torch.isclose(a, b, r, t, n))(lambda dtype, x: [[x(2, 3), x(3), 0.3, 0.2, False], [x(2, 3), x(3), 0.0, 0.0, True]])
samples("isin", lambda a, b, u, i: torch.isin(a, b, assume_unique=u, invert=i))(lambda dtype, x: [] if dtype.is_complex or dtype in (torch.bool, torch.float16, torch.bfloat16) else [[x(3, 4), x(2, 2), False, False], [x(3, 4), x(5), False, True]])
samples("special_entr", rounded_once(torch.special.entr))(lambda dtype, x: [] if dtype.is_complex else [[x.positive(2, 3)]])
samples("special_spherical_bessel_j0", torch.special.spherical_bessel_j0)(lambda dtype, x: [[x(2, 3)]] if dtype in (torch.float32, torch.float64) else [])
for _name in "tuvw":
    samples("special_shifted_chebyshev_polynomial_" + _name, getattr(torch.special, "shifted_chebyshev_polynomial_" + _name))(
        lambda dtype, x: [[x(2, 3).abs() / 2, x.ints(0, 6, 3).to(dtype)]] if dtype in (torch.float32, torch.float64) else [])
samples("frexp", torch.frexp)(floats_only(lambda dtype, x: [[x(2, 3)]] + ([[torch.zeros(2, dtype=dtype)]] if dtype == torch.float32 else [])))
samples("nextafter", torch.nextafter)(floats_only(lambda dtype, x: [[x(2, 3), x(3)], [torch.tensor([0.0, -0.0, 1, math.inf, -1, 2, math.nan], dtype=dtype), torch.tensor([1, -1, 1, 0, -2, -3, 0], dtype=dtype)]]))
samples("view_as_real", torch.view_as_real)(lambda dtype, x: [[x(2, 3)], [x()]] if dtype.is_complex else [])
samples("view_as_complex", torch.view_as_complex)(lambda dtype, x: [[x(3, 2)], [x(2)]] if dtype in (torch.float32, torch.float64) else [])
samples("real", torch.real)(lambda dtype, x: [[x(2, 3)]])
samples("imag", torch.imag)(lambda dtype, x: [[x(2, 3)]] if dtype.is_complex else [])
for _name in ("complex", "polar"):
    samples(_name, getattr(torch, _name))(lambda dtype, x: [[x.positive(2, 3), x(3)]] if dtype in (torch.float32, torch.float64) else [])
for _name in ("resolve_conj", "resolve_neg"):
    samples(_name, getattr(torch, _name))(lambda dtype, x: [[x(2, 3)]])
