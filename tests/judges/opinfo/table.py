"""The mapping table: OpInfo name -> our function, and what differs in its arguments. Only data.

An OpInfo that isn't listed maps by its name (nn.functional.gelu -> torsh_gelu, linalg.det -> torsh_linalg_det) and each of our
parameters takes PyTorch's argument of the same name. A row is a list of ways; the first whose `when` holds is taken.

  function  ours, without torsh_
  when      {PyTorch argument: value or one of the predicates below}; such arguments are used up
  args      {our parameter: constant or Of(PyTorch argument)}, where the names differ
  names     {PyTorch argument: default}, where PyTorch has no signature to ask
  in_place  False: PyTorch's in-place variant is no in-place form of ours (or ours is in-place itself)
  compare   "shape": the elements are not defined; "meant": only what OpInfo's sample says of the results is (meant.py); "places": indices may differ where the elements that they mean are equal
  tolerance {dtype: (atol, rtol)}, where PyTorch's own result is known no better; why stands at the row
  results   how many of our results PyTorch gives here, if not all; a tuple: which
"""
import math
import torch
from signatures import NONE



def INT(v):
    return isinstance(v, int) and not isinstance(v, bool)


def INT_OR_NONE(v):
    return v is None or INT(v)


def BOOL(v):
    return isinstance(v, bool)


def NUMBER_OR_NONE(v):
    return v is None or isinstance(v, (int, float))


def COMPLEX(v):
    return isinstance(v, complex)


class Of:
    """PyTorch's argument of that name; `none` (a constant or another Of) in place of None; an `attribute` of it; `each`: what the
    argument's value, or those in its list, stand for."""

    def __init__(self, name, none=None, attribute=None, each=None):
        self.name, self.none, self.attribute, self.each = name, none, attribute, each

    def value(self, bound):
        v = bound[self.name].value if self.name in bound else None
        if v is not None and self.attribute:
            v = getattr(v, self.attribute)
            v = v() if callable(v) else v
        if self.each is not None:
            v = [self.one(i) for i in v] if isinstance(v, (list, tuple)) else self.one(v)
        if v is None:
            return self.none.value(bound) if isinstance(self.none, Of) else self.none
        return v

    def one(self, v):
        return v if isinstance(v, torch.Tensor) else self.each.get(v, v)

    def clashes(self, bound):
        """Is PyTorch's value the very one that stands for another here?"""
        v = bound[self.name].value if self.name in bound else None
        stand_ins = list((self.each or {}).values()) + ([] if self.none is None or isinstance(self.none, Of) else [self.none])
        return any(i in stand_ins for i in (v if isinstance(v, (list, tuple)) else [v]) if isinstance(i, (int, float, str)))

    def names(self):
        return {self.name} | (self.none.names() if isinstance(self.none, Of) else set())


class Made(Of):
    """What a function of PyTorch's argument and of all of them makes of it."""

    def __init__(self, name, make):
        super().__init__(name)
        self.make = make

    def value(self, bound):
        return self.make(bound[self.name].value, {n: b.value for n, b in bound.items()})


class Product:
    """a b', made by our own ops: OpInfo's low-rank ops are functions of two factors."""

    def __init__(self, a, b):
        self.a, self.b = a, b

    def make(self, library, handle):
        return library.check(library.lib.torsh_matmul(handle(self.a), library.check(library.lib.torsh_transpose(handle(self.b), -2, -1))))


class Way:
    def __init__(self, function, when=None, args=None, names=None, in_place=True, compare="values", results=None, tolerance=None):
        self.function, self.when, self.args, self.names = function, when or {}, args or {}, names
        self.in_place, self.compare, self.results, self.tolerance = in_place, compare, results, tolerance or {}


ONE = {"input": NONE}
OWN_DTYPE = Of("dtype", none=Of("input", attribute="dtype"))
SWAPPED = {"input": Of("other"), "other": Of("input")}
CORRECTION = Of("unbiased", each={True: 1.0, False: 0.0})


def converts_to(dtype):
    return [Way("to_dtype", args={"dtype": dtype}, names={"input": NONE, "memory_format": torch.preserve_format})]


def reversed_operator(function):
    return [Way(function, args=SWAPPED, names={"input": NONE, "other": NONE})]


def scaled_sum(function):
    """alpha, where it is given, makes another function of it."""
    return [Way(function + "_alpha", when={"alpha": lambda v: v is not None and v != 1}, args={"alpha": Of("alpha")}), Way(function)]


def spread(function):
    return [Way(function, when={"unbiased": BOOL}, args={"correction": CORRECTION}),
            Way(function, args={"correction": Of("correction", none=1.0)})]


def extreme(name, binary):
    return {f"{name}.reduction_with_dim": [Way(name + "_dim")], f"{name}.reduction_no_dim": [Way(name)], f"{name}.binary": [Way(binary)]}


def max_pool(n):
    names = {"input": NONE, "kernel_size": NONE, "stride": None, "padding": 0, "dilation": 1, "ceil_mode": False, "return_indices": False}
    return [Way(f"max_pool{n}d", when={"return_indices": False}, names=names), Way(f"max_pool{n}d_with_indices", when={"return_indices": True}, names=names)]


def adaptive_max_pool(n):
    names, args = {"input": NONE, "output_size": NONE, "return_indices": False}, {"output_size": Of("output_size", each={None: -1})}
    return [Way(f"adaptive_max_pool{n}d", when={"return_indices": False}, args=args, names=names, results=1),
            Way(f"adaptive_max_pool{n}d", when={"return_indices": True}, args=args, names=names)]


def SIDE(v):
    return isinstance(v, str)


def distinct(function):
    names = {"input": NONE, **({"sorted": True} if function == "unique" else {}), "return_inverse": False, "return_counts": False, "dim": None}
    return [Way(function, when={"sorted": BOOL, "return_inverse": inverse, "return_counts": counts} if "sorted" in names else {"return_inverse": inverse, "return_counts": counts},
                results=(0, *([1] if inverse else []), *([2] if counts else [])), names=names) for inverse in (False, True) for counts in (False, True)]


def histograms(function):
    ends = {"min": Made("range", lambda r, b: 0.0 if r is None else r[0]), "max": Made("range", lambda r, b: 0.0 if r is None else r[1])}
    return [Way(function, when={"bins": INT}, args={"bins": Of("bins"), **ends}), Way(function + "_bins")]


ROW_OR_NONE = Made("padding_idx", lambda v, b: -1 if v is None else v % len(b["weight"]) if -len(b["weight"]) <= v < 0 else v)


def embeddings():
    """`sparse` says how PyTorch keeps the gradient."""
    names = {"weight": NONE, "input": NONE, "padding_idx": None, "max_norm": None, "norm_type": 2.0, "scale_grad_by_freq": False, "sparse": False}
    args = {"padding_idx": ROW_OR_NONE}
    plain = {"max_norm": lambda v: v is None, "scale_grad_by_freq": lambda v: not v, "sparse": BOOL}
    return [Way("embedding", when=plain, args=args, names=names),
            Way("embedding_max_norm", when={"sparse": BOOL}, args={**args, "max_norm": Of("max_norm", none=math.inf)}, names=names)]


def fractional_max_pool(n):
    names = {"input": NONE, "kernel_size": NONE, "output_size": None, "output_ratio": None, "return_indices": False, "_random_samples": None}
    return [Way(f"fractional_max_pool{n}d", when={"return_indices": False}, names=names, results=1),
            Way(f"fractional_max_pool{n}d", when={"return_indices": True}, names=names)]


def unstable(function):
    return [Way(function, when={"stable": lambda v: not v}, compare="places"), Way(function)]


def either_scaled(function):
    """beta and alpha are doubles in C; complex ones go to a function of their own."""
    return [Way(function + "_scaled", when={"beta": COMPLEX}, args={"beta": Of("beta"), "alpha": Of("alpha")}), Way(function)]


def contracted(dims, bound):
    """tensordot's dims as its two lists."""
    if isinstance(dims, int):
        ndim = bound["input"].dim()
        return list(range(ndim - dims, ndim)), list(range(dims))
    return dims


def of_dtype(function, **args):
    return [Way(function, when={"dtype": lambda v: v is None}, args=args), Way(function + "_dtype", args=args)]


TABLE = {
    # ---- pointwise ----
    "clamp": [Way("clamp", when={"min": NUMBER_OR_NONE, "max": NUMBER_OR_NONE}, args={"min": Of("min", none=-math.inf), "max": Of("max", none=math.inf)}),
              Way("clamp_tensor")],
    "add": scaled_sum("add"), "sub": scaled_sum("sub"),
    "rsub": [Way("rsub", args={"alpha": Of("alpha", none=1)})],
    "logit": [Way("logit", args={"eps": Of("eps", none=math.nan)})],
    "nan_to_num": [Way("nan_to_num", args={"nan": Of("nan", none=0.0), "posinf": Of("posinf", none=math.nan), "neginf": Of("neginf", none=math.nan)})],
    **{f"round.decimals_{d}": [Way("round_decimals")] for d in ("0", "3", "neg_3")},
    **{name: [Way("polygamma", names={"input": NONE, "n": NONE})] for name in ("polygamma", "special.polygamma.special_polygamma_n_0")},
    **{f"special.{p}_polynomial_{k}": [Way(f"special_{p}_polynomial_{k}", args={"other": Of("n")})] for p, kinds in (
        ("chebyshev", "tuvw"), ("hermite", ("h", "he")), ("laguerre", "l"), ("legendre", "p")) for k in kinds},
    **{f"special.modified_bessel_i{n}": [Way(name)] for n, name in enumerate(("i0", "special_i1"))},
    "nn.functional.softmin": [Way("softmin")], "nn.functional.softmin.with_dtype": [Way("softmin_dtype")],
    "conj_physical": [Way("conj")],
    "div.floor_rounding": [Way("div_rounding_mode")],
    "div.trunc_rounding": [Way("div_rounding_mode")],
    "pow": [Way("pow", args={"other": Of("exponent")})],
    "nn.functional.logsigmoid": [Way("logsigmoid", names=ONE)],
    "where": [Way("where", names={"input": NONE, "condition": NONE, "other": NONE})],  # OpInfo's order
    "true_divide": [Way("div")],
    "__radd__": reversed_operator("add"),
    "__rdiv__": reversed_operator("div"),
    "__rmul__": reversed_operator("mul"),
    "__rsub__": reversed_operator("sub"),
    "__rpow__": reversed_operator("pow"),
    "__rmod__": reversed_operator("remainder"),
    "__rand__": reversed_operator("bitwise_and"),
    "__ror__": reversed_operator("bitwise_or"),
    "__rxor__": reversed_operator("bitwise_xor"),
    "__rmatmul__": reversed_operator("matmul"),
    "nn.functional.gelu": [Way("gelu", when={"approximate": "none"}), Way("gelu_tanh", when={"approximate": "tanh"})],

    # ---- reductions ----
    "std": spread("std"), "std.unbiased": spread("std"), "var": spread("var"), "var.unbiased": spread("var"),
    "std_mean": spread("std_mean"), "std_mean.unbiased": spread("std_mean"), "var_mean": spread("var_mean"), "var_mean.unbiased": spread("var_mean"),
    **{f"norm{v}": [Way("norm", args={"p": Of("p", none=2.0, each={"fro": 2.0})})] for v in ("", ".fro", ".inf")},
    **extreme("max", "maximum"), **extreme("min", "minimum"),
    **{name: [Way(name + "_dim", when={"dim": INT}, compare="places"), Way(name)] for name in ("median", "nanmedian")},
    "mode": [Way("mode", compare="places")],
    "dist": [Way("dist", args={"p": Of("p", none=2.0)})],
    **{name: [Way(name, args={"x": Of("input"), "dx": Of("dx", none=1.0)})] for name in ("trapezoid", "trapz", "cumulative_trapezoid")},
    "gradient": [Way("gradient", names={"input": NONE, "spacing": None, "dim": None, "edge_order": 1},
                     args={"spacing": Made("spacing", lambda s, b: [] if s is None else s if isinstance(s, (list, tuple)) else [s] * (b["input"].dim() if b["dim"] is None else 1 if isinstance(b["dim"], int) else len(b["dim"])))})],
    "searchsorted": [Way("searchsorted", when={"side": SIDE}, args={"right": Made("side", lambda s, b: s == "right"), "sorted_sequence": Of("sorted_sequence"), "input": Of("input")}),
                     Way("searchsorted")],
    "histogram": histograms("histogram"),
    "histogramdd": [Way("histogramdd_bins", when={"bins": lambda v: isinstance(v, (list, tuple)) and isinstance(v[0], torch.Tensor)}, args={"bins": Of("bins")}),
                    Way("histogramdd", args={"bins": Made("bins", lambda n, b: [n] * b["input"].shape[-1] if isinstance(n, int) else n)})],
    "unique": distinct("unique"), "unique_consecutive": distinct("unique_consecutive"),
    "combinations": [Way("combinations")],

    **{f"masked.{name}": [Way(f"masked_{name}", when={"unbiased": BOOL}, args={"correction": CORRECTION}),
                          Way(f"masked_{name}", when={"unbiased": lambda v: v is None}, args={"correction": Of("correction", none=1.0)})] for name in ("var", "std")},

    # ---- products ----
    **{name: either_scaled(name) for name in ("addmm", "baddbmm", "addmv", "addr", "addbmm")},
    "addmm.decomposed": either_scaled("addmm"),
    "ger": [Way("outer")],
    "cross": [Way("cross", args={"dim": Made("dim", lambda dim, b: next(d for d, n in enumerate(b["input"].shape) if n == 3) if dim is None else dim)})],
    "linalg.diagonal": [Way("diagonal")],
    "linalg.multi_dot": [Way("linalg_multi_dot", names={"tensors": NONE})],
    "linalg.vander": [Way("linalg_vander", args={"n": Made("N", lambda n, b: next(iter(b.values())).shape[-1] if n is None else n)})],
    "linalg.cross": [Way("cross", args={"dim": Of("dim", none=-1)})],
    "tensordot": [Way("tensordot", names={"input": NONE, "other": NONE, "dims": 2},
                      args={"dims_input": Made("dims", lambda d, b: contracted(d, b)[0]), "dims_other": Made("dims", lambda d, b: contracted(d, b)[1])})],
    "einsum": [Way("einsum", names={"operands": NONE, "equation": NONE})],
    "cdist": [Way("cdist", when={"compute_mode": SIDE}, names={"x1": NONE, "x2": NONE, "p": 2.0, "compute_mode": "use_mm_for_euclid_dist_if_necessary"})],

    # ---- linear algebra ----
    "lu": [Way(f, when={"get_infos": infos}, names={"input": NONE, "pivot": True, "get_infos": False}) for f, infos in (("lu_get_infos", True), ("linalg_lu_factor", False))],
    "ormqr": [Way("ormqr", names={"input": NONE, "tau": NONE, "other": NONE, "left": True, "transpose": False})],
    "svd": [Way("svd", compare="meant")],
    "linalg.svd": [Way("linalg_svd", compare="meant", names={"input": NONE, "full_matrices": True})],
    "linalg.eigh": [Way("linalg_eigh", compare="meant", names={"input": NONE, "UPLO": "L"})],
    "linalg.lu_solve": [Way("linalg_lu_solve", names={"LU": NONE, "pivots": NONE, "B": NONE, "left": True, "adjoint": False})],
    # second gradients go through five QRs of matrices of low rank: PyTorch's own move by 2e-7 where an input moves by 1e-15, and OpInfo's row
    # says that it should allow 1e-4
    **{name: [Way(name, tolerance={torch.complex128: (1e-6, 1e-6)}, when={"b": lambda v: True}, args={"input": Made("input", lambda a, bound: Product(a, bound["b"]))}, compare="meant",
                  names={"input": NONE, "b": NONE, **rest})]
       for name, rest in (("svd_lowrank", {"q": 6, "niter": 2, "M": None}), ("pca_lowrank", {"q": None, "center": True, "niter": 2}))},
    "norm.nuc": [Way("norm_nuc", when={"p": "nuc"}, names={"input": NONE, "p": "nuc", "dim": None, "keepdim": False})],

    # ---- makers, conversions ----
    **{name: converts_to(dtype) for name, dtype in {
        "bfloat16": torch.bfloat16, "bool": torch.bool, "byte": torch.uint8, "char": torch.int8, "double": torch.float64, "float": torch.float32,
        "half": torch.float16, "int": torch.int32, "long": torch.int64, "short": torch.int16, "cdouble": torch.complex128, "cfloat": torch.complex64}.items()},
    "to": [Way("to_copy", when={"copy": True}, args={"dtype": Of("dtype", none=Of("other", attribute="dtype")), "copy": True}), Way("to", args={"dtype": Of("dtype", none=Of("other", attribute="dtype"))})],
    # PyTorch tells the dtype from the kind of Python number, which C's double hasn't; a caller in C says it
    "arange": [Way("arange", when={n: INT_OR_NONE for n in ("start", "end", "step")},
                   args={"start": Of("start", none=0), "end": Of("end"), "step": Of("step", none=1), "dtype": Of("dtype", none=torch.int64)}),
               Way("arange", args={"start": Of("start", none=0), "step": Of("step", none=1)})],
    "full": [Way("full", when={"fill_value": BOOL}, args={"fill_value": Of("fill_value"), "dtype": Of("dtype", none=torch.bool)}), Way("full_value")],
    "full_like": [Way("full_like_value")],
    "signal.windows.exponential": [Way("signal_windows_exponential", args={"center": Of("center", none=math.nan)})],
    "eye": [Way("eye", args={"m": Of("m", none=Of("n"))})],
    "empty": [Way("empty", compare="shape")],
    "empty_like": [Way("empty_like_dtype", compare="shape")],
    "zeros_like": [Way("zeros_like_dtype")],
    "ones_like": [Way("ones_like_dtype")],
    **{f"{name}space{v}": [Way(f"{name}space_value")] for name in ("lin", "log") for v in ("", ".tensor_overload")},
    "empty_strided": [Way("empty_strided", compare="shape")],
    "empty_permuted": [Way("empty_permuted", compare="shape")],
    "new_empty_strided": [Way("empty_strided", args={"dtype": OWN_DTYPE}, compare="shape")],
    "new_empty": [Way("empty", args={"dtype": OWN_DTYPE}, compare="shape")],
    "new_zeros": [Way("zeros", args={"dtype": OWN_DTYPE})],
    "new_ones": [Way("ones", args={"dtype": OWN_DTYPE})],
    "new_full": [Way("full_value", args={"dtype": OWN_DTYPE})],
    "scalar_tensor": [Way("scalar", args={"value": Of("s")})],
    "meshgrid.variadic_tensors": [Way("meshgrid", args={"indexing": Of("indexing", none="ij")})],
    "meshgrid.list_of_tensors": [Way("meshgrid", args={"indexing": Of("indexing", none="ij")})],

    # ---- views, joining, choosing ----
    "T": [Way("t", names=ONE)],
    "mT": [Way("transpose", args={"dim0": -2, "dim1": -1}, names=ONE)],
    "broadcast_to": [Way("expand")],
    "expand_as": [Way("expand", args={"size": Of("other", attribute="shape")})],
    "reshape_as": [Way("reshape", args={"shape": Of("other", attribute="shape")})],
    "view_as": [Way("view", args={"size": Of("other", attribute="shape")})],
    "as_strided": [Way("as_strided", args={"storage_offset": Of("storage_offset", none=Of("input", attribute="storage_offset"))})],
    "as_strided.partial_views": [Way("as_strided", args={"storage_offset": Of("storage_offset", none=Of("input", attribute="storage_offset"))})],
    **{f"as_strided_{name}": [Way(f"as_strided_{name}", args={"storage_offset": Of("storage_offset", none=Of("input", attribute="storage_offset"))})]
       for name in ("copy", "scatter")},
    "unfold": [Way("unfold_dim")],
    "H": [Way("mH", names=ONE)],
    **{f"{d}split": [Way(f"{d}split", when={"sections": INT}), Way(f"{d}split_indices")] for d in "hvd"},
    **{f"atleast_{n}d": [Way(f"atleast_{n}d", when={"input": lambda v: isinstance(v, torch.Tensor)}, names=ONE),
                         Way(f"atleast_{n}d_list", args={"tensors": Of("input")}, names=ONE)] for n in (1, 2, 3)},
    "tensor_split": [Way("tensor_split", when={"sections": lambda v: v is not None}), Way("tensor_split_indices", when={"indices": lambda v: v is not None}),
                     Way("tensor_split", when={"tensor_indices_or_sections": lambda v: isinstance(v, torch.Tensor) and v.dim() == 0}, args={"sections": Of("tensor_indices_or_sections")}),
                     Way("tensor_split_indices", args={"indices": Of("tensor_indices_or_sections")})],
    "movedim": [Way("movedim", when={"source": INT}), Way("movedim_list")],
    "mH": [Way("mH", names=ONE)],
    "slice_scatter": [Way("slice_scatter", args={"start": Of("start", none=0), "end": Of("end", none=2**63 - 1)})],
    "slice": [Way("slice", args={"start": Of("start", none=0), "end": Of("end", none=2**63 - 1)})],
    "split": [Way("split", args={"split_size": Of("split_size_or_sections")})],
    "split.list_args": [Way("split_with_sizes", args={"split_sizes": Of("split_size_or_sections")})],
    "unsafe_chunk": [Way("chunk")],
    "resize_": [Way("resize_", args={"input": Made("input", lambda t, b: t.clone())}, names={"input": NONE, "size": NONE})],  # OpInfo's resizes a clone
    "resize_as_": [Way("resize_as_", args={"input": Made("input", lambda t, b: t.clone())}, names={"input": NONE, "the_template": NONE})],
    "unsafe_split": [Way("split")],
    "sort": unstable("sort"), "argsort": unstable("argsort"), "topk": [Way("topk", compare="places")], "kthvalue": [Way("kthvalue", compare="places")],
    "__getitem__": [Way("getitem", names={"input": NONE, "items": NONE})],
    "nonzero": [Way("nonzero", when={"as_tuple": False}, names={"input": NONE, "as_tuple": False}), Way("nonzero_list", when={"as_tuple": True})],
    "item": [Way("item_c128", when={"input": lambda v: v.is_complex()}, args={"t": Of("input")}, names=ONE),
             Way("item_f64", when={"input": lambda v: v.is_floating_point()}, args={"t": Of("input")}), Way("item_i64", args={"t": Of("input")})],
    **{f"{name}.{how}": [Way(name)] for name in ("scatter_reduce", "index_reduce") for how in ("sum", "prod", "mean", "amin", "amax")},
    "index_add": [Way("index_add", when={"alpha": 1}), Way("index_add_alpha")],
    "take_along_dim": [Way("take_along_dim", args={"dim": Of("dim", none=-2**63)})],
    "repeat_interleave": [Way("repeat_interleave_tensor", args={"output_size": Of("output_size", none=-1)})],
    "scatter": [Way("scatter_reduce", when={"reduce": lambda v: v is not None},
                    args={"src": Of("src", none=Of("value")), "include_self": True, "reduce": Of("reduce", each={"add": "sum", "multiply": "prod"})}),
                Way("scatter", args={"src": Of("src", none=Of("value"))})],

    # ---- nn.functional ----
    **{f"nn.functional.adaptive_avg_pool{n}d": [Way(f"adaptive_avg_pool{n}d", args={"output_size": Of("output_size", each={None: -1})})] for n in (1, 2, 3)},
    **{f"nn.functional.adaptive_max_pool{n}d": adaptive_max_pool(n) for n in (1, 2, 3)},
    **{f"nn.functional.max_pool{n}d": max_pool(n) for n in (1, 2, 3)},
    **{f"nn.functional.fractional_max_pool{n}d": fractional_max_pool(n) for n in (2, 3)},
    **{f"nn.functional.avg_pool{n}d": [Way(f"avg_pool{n}d", args={"divisor_override": Of("divisor_override", none=0)})] for n in (2, 3)},
    **{f"nn.functional.conv{n}d": [Way(f"conv{n}d_padding", when={"padding": lambda v: isinstance(v, str)}), Way(f"conv{n}d")] for n in (1, 2, 3)},
    "nn.functional.linear_cross_entropy": [
        Way("linear_cross_entropy_linear_bias", when={"linear_bias": lambda v: v is not None, "options": lambda v: True}),
        Way("linear_cross_entropy", when={"options": lambda v: True})],
    "_native_batch_norm_legit": [Way("native_batch_norm")],
    "nn.functional.pad": [Way("pad", args={"value": Of("value", none=0.0)})],
    "nn.functional.unfold": [Way("im2col")],
    **{f"grid_sampler_{n}d": [Way("grid_sampler")] for n in (2, 3)},
    "nn.functional.upsample_nearest": [Way("interpolate", args={"mode": "nearest"})],
    "nn.functional.upsample_bilinear": [Way("interpolate", args={"mode": "bilinear", "align_corners": True})],
    "nn.functional.rms_norm": [Way("rms_norm", args={"eps": Of("eps", none=math.nan)})],
    "nn.functional.binary_cross_entropy_with_logits": [
        Way("binary_cross_entropy_with_logits_pos_weight", when={"pos_weight": lambda v: v is not None}), Way("binary_cross_entropy_with_logits")],
    "nn.functional.triplet_margin_with_distance_loss": [
        Way("triplet_margin_with_distance_loss", when={"distance_function": lambda v: v is None or isinstance(v, torch.nn.PairwiseDistance)}, args={"distance": None, "context": None})],
    "nn.functional.embedding": embeddings(),
    "nn.functional.embedding_bag": [Way("embedding_bag", when={"sparse": BOOL}, args={"max_norm": Of("max_norm", none=math.inf), "padding_idx": ROW_OR_NONE}, names={
        "weight": NONE, "input": NONE, "offsets": None, "max_norm": None, "norm_type": 2.0, "scale_grad_by_freq": False, "mode": "mean", "sparse": False,
        "per_sample_weights": None, "include_last_offset": False, "padding_idx": None})],
    "nn.functional.scaled_dot_product_attention": [Way("scaled_dot_product_attention", args={"scale": Of("scale", none=math.nan)})],
    "nn.functional.ctc_loss": [Way("ctc_loss", args={name: Made(name, lambda v, b: v.tolist() if isinstance(v, torch.Tensor) and v.dim() else v)
                                                     for name in ("input_lengths", "target_lengths")})],
    "nn.functional.feature_alpha_dropout.with_train": [Way("feature_alpha_dropout")],
    "nn.functional.feature_alpha_dropout.without_train": [Way("feature_alpha_dropout")],

    # ---- random numbers: PyTorch's op is the in-place one ----
    **{name: [Way(name + "_", in_place=False)] for name in ("cauchy", "exponential", "geometric", "log_normal", "uniform")},
    "normal.in_place": [Way("normal_", in_place=False, names={"input": NONE, "mean": 0.0, "std": 1.0})],
    "normal.number_mean": [Way("normal", when={"size": lambda v: v is None}, names={"std": NONE, "mean": NONE, "size": None, "dtype": None, "device": None, "layout": None}),
                           Way("normal_size")],
    "randint": [Way("randint", args={"low": Of("low", none=0)}), Way("randint_with", args={"low": Of("low", none=0)})],
    "randint_like": of_dtype("randint_like", low=Of("low", none=0)),
    "rand_like": of_dtype("rand_like"), "randn_like": of_dtype("randn_like"),
    "randn": [Way("randn_with")],
}
