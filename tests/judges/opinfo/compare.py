"""Tensors in samples, their text, and when two results are the same. Relies on torch."""
import torch
from torch.testing._internal.common_device_type import precisionOverride, toleranceOverride

from bridge import DTYPES

NAMES = {d: n for d, n in zip(DTYPES, "bool u8 i8 i16 i32 i64 f16 bf16 f32 f64 c64 c128".split())}
TOLERANCE = {torch.float16: (1e-5, 1e-3), torch.bfloat16: (1e-5, 1.6e-2), torch.float32: (1e-5, 1.3e-6), torch.float64: (1e-7, 1e-7),
             torch.complex64: (1e-5, 1.3e-6), torch.complex128: (1e-7, 1e-7)}  # (atol, rtol)


class Difference(Exception):
    def __init__(self, cause, text=""):
        super().__init__(cause, text)
        self.cause, self.text = cause, text


# ---- tensors in samples ------------------------------------------------------------------------------------------------

def tensors_in(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [t for v in value for t in tensors_in(v)] if isinstance(value, (list, tuple)) else []


def map_tensors(value, f):
    if isinstance(value, torch.Tensor):
        return f(value)
    if isinstance(value, dict):
        return {k: map_tensors(v, f) for k, v in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(map_tensors(v, f) for v in value))
    return type(value)(map_tensors(v, f) for v in value) if type(value) in (list, tuple) else value


def text_of(value, full=40):
    """A Python expression for value; big tensors by shape only."""
    if isinstance(value, torch.Tensor):
        dtype = str(value.dtype)
        strides = "" if value.is_contiguous() else f".as_strided({tuple(value.shape)}, {value.stride()})"
        if value.numel() > full:
            return f"make_tensor({tuple(value.shape)}, dtype={dtype}, device='cpu'){strides}"
        made = f"torch.tensor({value.detach().tolist()}, dtype={dtype})" + (f".reshape({tuple(value.shape)})" if value.numel() == 0 else "")
        return made + strides
    if isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
        inner = ", ".join(text_of(v, full) for v in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"
    return f"{value.real}+{value.imag}j" if isinstance(value, complex) else repr(value)


def call_text(name, args, kwargs):
    shown = [text_of(a) for a in args] + [f"{k}={text_of(v)}" for k, v in kwargs.items()]
    return f"{name if name.startswith('torch.') else 'torch.' + name}({', '.join(shown)})"


# ---- comparing ---------------------------------------------------------------------------------------------------------

def tolerances(op):
    """{dtype: (atol, rtol)}: the usual ones, widened by what OpInfo overrides for the CPU in any of PyTorch's tests."""
    wide = dict(TOLERANCE)

    def widen(dtype, atol, rtol):
        have = wide.get(dtype, (0, 0))
        wide[dtype] = (max(have[0], atol), max(have[1], rtol))
    for info in op.decorators:
        if getattr(info, "device_type", None) not in (None, "cpu"):
            continue
        for d in getattr(info, "decorators", [info]):
            for dtype, t in (d.d.items() if isinstance(d, (toleranceOverride, precisionOverride)) else ()):
                widen(dtype, *((t.atol, t.rtol) if isinstance(d, toleranceOverride) else (t, 0)))
    return wide


def compare_tensors(want, have, tolerance, values=True):
    want = want.detach().resolve_conj().resolve_neg()
    if want.dtype != have.dtype:
        raise Difference(f"result is {NAMES[have.dtype]}, not {NAMES.get(want.dtype, want.dtype)}")
    if want.shape != have.shape:
        raise Difference("shape differs", f"{list(have.shape)}, not {list(want.shape)}")
    if not values:
        return
    atol, rtol = tolerance.get(want.dtype, (0, 0))
    if want.numel() and not torch.allclose(have, want, rtol=rtol, atol=atol, equal_nan=True) if want.dtype in TOLERANCE else not torch.equal(have, want):
        bad = (~torch.isclose(have, want, rtol=rtol, atol=atol, equal_nan=True)).nonzero()
        at = tuple(bad[0].tolist())
        raise Difference("values differ", f"{len(bad)} of {want.numel()}; at {list(at)} {have[at].item()!r}, not {want[at].item()!r}")
