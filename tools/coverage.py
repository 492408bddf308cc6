#!/usr/bin/env python3
"""Which functions of PyTorch the library has: reads the public headers and PyTorch's own lists of its functions, and writes
docs/coverage.md, which the manual shows. Needs PyTorch. Usage: coverage.py [--check]   (--check writes nothing, and fails if the file is stale)"""
import glob
import os
import re
import sys
import warnings

import torch
from torch.overrides import get_ignored_functions, get_overridable_functions

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
FILE = os.path.join(ROOT, "docs", "coverage.md")
MODULES = [("torch", "torch.*"), ("Tensor", "Tensor methods"), ("torch.nn.functional", "torch.nn.functional.*"), ("torch.linalg", "torch.linalg.*"),
           ("torch.special", "torch.special.*"), ("torch.fft", "torch.fft.*")]

# Where names differ: what a C program calls instead.
INSTEAD = {
    "bfloat16 bool byte cdouble cfloat char double float half int long short type": "torsh_to_dtype",
    "cpu cuda to xpu mtia ipu": "torsh_to_device", "dim ndimension": "torsh_ndim", "element_size": "torsh_dtype_size", "data_ptr const_data_ptr": "torsh_data",
    "tolist numpy": "torsh_to_host", "is_complex": "torsh_dtype_is_complex", "is_floating_point": "torsh_dtype_is_floating_point",
    "get_device": "torsh_device_of", "nelement": "torsh_numel", "is_nonzero": "torsh_item", "resize": "torsh_resize_",
    "adaptive_max_pool1d_with_indices": "torsh_adaptive_max_pool1d", "adaptive_max_pool2d_with_indices": "torsh_adaptive_max_pool2d",
    "adaptive_max_pool3d_with_indices": "torsh_adaptive_max_pool3d", "fractional_max_pool2d_with_indices": "torsh_fractional_max_pool2d",
    "fractional_max_pool3d_with_indices": "torsh_fractional_max_pool3d", "matmul linalg_matmul": "torsh_matmul", "linalg_cross": "torsh_cross",
    "linalg_diagonal": "torsh_diagonal", "from_numpy frombuffer asarray as_tensor tensor": "torsh_from_data, torsh_from_blob", "save load": "torsh_save_safetensors",
    "requires_grad_": "torsh_set_requires_grad", "scalar_tensor": "torsh_scalar", "unfold": "torsh_unfold_dim; of images torsh_im2col",
    "is_grad_enabled set_grad_enabled no_grad": "torsh_set_grad_enabled", "__dlpack__": "torsh_to_dlpack",
    "linalg_vector_norm frobenius_norm": "torsh_norm", "linalg_slogdet": "torsh_linalg_slogdet", "native_norm": "torsh_norm",
}
# No function of the library does this, but a program gets there another way. Counted apart.
ANOTHER_WAY = {
    "is_same_size": "compare torsh_sizes", "storage untyped_storage": "torsh_storage_id tells storages apart", "from_file": "map the file; torsh_from_blob",
    "share_memory_": "fork() shares none; processes exchange files", "apply_ map_ map2_": "torsh_to_host, a loop, torsh_from_data",
}
# Names that are no function of a tensor library in C, and families that are not here yet. First match counts.
APART = [
    (r"fft|stft|istft", "fft: not yet"),
    (r"quantiz|^q_|qscheme|fbgemm|int_repr|dequantize|choose_qparams|fake_quant|fused_moving_avg", "quantization: not yet"),
    (r"sparse|coalesce|indices$|indices_copy$|^_?values|ccol_|crow_|col_indices|row_indices|_nnz|dense_dim|to_dense|_to_dense|^hsmm|^hspmm|^dsmm|^smm|^spmm|^s(s)?addmm|sspaddmm|saddmm|_dimI|_dimV|_mask_projection",
     "sparse: not yet"),
    (r"miopen|mkldnn|cudnn|batch_norm_(elemt|stats|gather|backward|update)|_nested|_sym_|^sym_|slice_inverse|_autocast|module_load|_clear_non", "PyTorch's own use"),
    (r"^linalg_|^det$|^matrix_power$|^lobpcg$", "linalg: not yet"),
    (r"is_(distributed|inference|neg|conj|pinned|shared|set_to|signed)|pin_memory|record_stream|storage_type|_is_view|dim_order|^set_$|resize_as$|is_set_to", "storage and layout: another model"),
    (r"autocast", "mixed precision: not yet"),
    (r"hash_tensor|chalf", "no u64, no complex of 16-bit parts"),
    (r"^__", "an operator: the function of its name"),
]


def public_names():
    names = set()
    for header in glob.glob(os.path.join(ROOT, "include", "torsh", "**", "*.h"), recursive=True):
        text = open(header, encoding="utf-8").read()
        names |= set(re.findall(r"\b(torsh_\w+)\s*\(", text)) | set(re.findall(r"#define\s+(torsh_\w+)", text))
    return names


def pytorch_names():
    """{module: names}"""
    found = {module: set() for module, _ in MODULES}
    for owner, functions in get_overridable_functions().items():
        module = {"Tensor": "Tensor", "torch.functional": "torch"}.get(getattr(owner, "__name__", ""), getattr(owner, "__name__", ""))
        if module in found:
            found[module] |= {f.__name__ for f in functions if hasattr(f, "__name__")}
    makers = {f.__name__ for f in get_ignored_functions() if getattr(torch, getattr(f, "__name__", "-"), None) is f and type(f).__name__ == "builtin_function_or_method"}
    found["torch"] |= {m for m in makers if not re.match(r"_|set_|is_|get_|init|merge|autocast|clear|parse|import|cudnn|nnpack|segment|unify|wait|fork|read|vitals|compiled|sparse|quant", m)}
    return {m: {n for n in names if not n.startswith("_") or n.startswith("__dlpack__")} for m, names in found.items()}


def ours(name, module, public):
    """What C calls, or None."""
    plain = re.sub(r"^(linalg|special|fft)_", "", name)
    for candidate in (f"torsh_{name}", f"torsh_{module.split('.')[-1]}_{plain}"):
        if candidate in public:
            return candidate
    for names, instead in INSTEAD.items():
        if name in names.split():
            return instead
    return next((n for n in (f"torsh_{plain}_", f"torsh_{plain}_with", f"torsh_tensor_{plain}", f"torsh_{plain}1d") if n in public), None)


def another_way(name):
    return next((way for names, way in ANOTHER_WAY.items() if name in names.split()), None)


def apart(name):
    return next((reason for pattern, reason in APART if re.search(pattern, name)), "")


def report():
    public, names = public_names(), pytorch_names()
    lines = [f"# Coverage of PyTorch {torch.__version__.split('+')[0]}", "",
             "Written by `tools/coverage.py` from PyTorch's lists of its functions and our headers. Forms with other arguments (`_out`, `_dim`, `_dtype` ...) are not counted.",
             "Another way: no function "
             "does it, but the line says how a program gets there.", "",
             "| | there | another way | of | not here |", "|---|--:|--:|--:|---|"]
    sections = []
    for module, title in MODULES:
        rows = [(n, ours(n, module, public)) for n in sorted(names[module])]
        missing = {}
        for n, found in rows:
            if not found and not another_way(n):
                missing.setdefault(apart(n) or "missing", []).append(n)
        there = [n for n, found in rows if found]
        around = [n for n, found in rows if not found and another_way(n)]
        short = "; ".join(f"{len(v)} {k}" for k, v in sorted(missing.items(), key=lambda i: -len(i[1])))
        lines.append(f"| {title} | {len(there)} | {len(around)} | {len(rows)} | {short} |")
        sections += ["", f"## {title}", "", "| PyTorch | ToRSh |", "|---|---|"]
        for n, found in rows:
            sections.append(f"| {n} | {'`' + found + '`' if found else 'another way: ' + another_way(n) if another_way(n) else '– ' + (apart(n) or 'missing')} |")
    return "\n".join(lines + sections) + "\n"


def main():
    warnings.simplefilter("ignore")
    text = report()
    print("\n".join(text.split("\n")[4:12]))
    if "--check" in sys.argv:
        return text != open(FILE, encoding="utf-8").read()
    with open(FILE, "w", encoding="utf-8") as f:
        f.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
