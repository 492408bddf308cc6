"""More of what bench/ops.py times, beside cases.py: rows that are a form of another op (a dtype, a copy, a mask, a list), recurrent layers, windows of
signals, and what rests on LAPACK. Most are made by rule from the other's case. EXCLUDED names rows that nothing can time, and why."""
import torch
import torch.nn.functional as F

from cases import CASES, CLASSES, EACH, IMAGE, LINES, M, MASK, ROW, SPACE, U, V, case

HALF = "T:bf16:u:{m},{m}"
ZERO, ONE, TWO, TEN = (torch.tensor(float(x)) for x in (0, 1, 2, 10))  # a W: of ours is a tensor of no dims; this is PyTorch's, where it takes one

EXCLUDED = {}

# <op>_dtype: the op of bf16 in f32
for _name, _dims in (("sum", "I:1 b:0"), ("mean", "I:1 b:0"), ("prod", "I:1 b:0"), ("cumsum", "i:1"), ("cumprod", "i:1"), ("softmax", "i:1"), ("log_softmax", "i:1"), ("softmin", "i:1")):
    case(_name + "_dtype", f"{HALF} {_dims} t", lambda t, *rest, f=getattr(torch, _name, None) or getattr(F, _name): f(t, 1, dtype=rest[-1]))
for _name in ("zeros_like", "ones_like", "empty_like", "rand_like", "randn_like"):
    case(_name + "_dtype", HALF + " t", lambda t, d, f=getattr(torch, _name): f(t, dtype=d))
case("randint_like", M + " i:0 i:9", lambda t, a, b: torch.randint_like(t, a, b))
case("randint_like_dtype", M + " i:0 i:9 t:i64", lambda t, a, b, d: torch.randint_like(t, a, b, dtype=d))
case("to_dtype", M + " t:bf16", torch.Tensor.to)
case("to_device", M + " D", torch.Tensor.to)
case("to", M + " t:bf16 D", lambda t, dtype, d: t.to(d, dtype))
case("to_copy", M + " t D b:1", lambda t, dtype, d, c: t.to(d, dtype, copy=True))
case("type_as", f"{HALF} {M}")
# <op>_copy: the view's case, and elements
for _name in ("as_strided diagonal narrow permute squeeze unsqueeze view select slice split_with_sizes split").split():
    case(_name + "_copy", CASES[_name][0])
case("detach_copy resolve_conj resolve_neg atleast_1d atleast_2d atleast_3d", M)
for _dims in "123":
    case(f"atleast_{_dims}d_list", f"L:{V};{V}", lambda l, f=getattr(torch, f"atleast_{_dims}d"): f(l))
case("mH", M, lambda t: t.mH)
case("nonzero_list", MASK, lambda t: torch.nonzero(t, as_tuple=True))
case("nonzero_static", MASK + " i:{n} i:-1", lambda t, n, v: torch.nonzero_static(t, size=n, fill_value=v))
case("movedim_list", M + " I:0,1 I:1,0", torch.movedim)
case("tensor_split_indices", M + " I:2 i:0", lambda t, i, d: torch.tensor_split(t, tuple(i), d))
for _name in "hv":
    case(_name + "split_indices", M + " I:2", getattr(torch, _name + "split"))
case("dsplit", "T:f32:u:1,{m},{m} i:2")
case("dsplit_indices", "T:f32:u:1,{m},{m} I:2", torch.dsplit)
case("expand_as", "T:f32:u:1,{m} " + M)
case("reshape_as", f"{M} {V}")
case("as_strided_scatter", M + " T:f32:u:{m} I:{m} I:1 i:0")
case("fill", M + " W:2")
case("fill_diagonal_", M + " d:2 b:0")
# forms with numbers that are tensors
case("full_value", "I:{n} W:2 t D", lambda n, x, d, c: torch.full(n, TWO))
case("linspace_value", "W:0 W:1 i:{n} t D", lambda a, b, n, d, c: torch.linspace(ZERO, ONE, n))
case("logspace_value", "W:0 W:1 i:{n} d:10 t D", lambda a, b, n, base, d, c: torch.logspace(ZERO, ONE, n, base))
for _name in ("addmm", "baddbmm", "addmv", "addr", "addbmm"):
    case(_name + "_scaled", CASES[_name][0].rsplit(" ", 2)[0] + " W:1 W:2", CASES[_name][1])
case("index_add_alpha", f"{M} i:0 {ROW} {M} W:2", lambda t, d, i, s, a: torch.index_add(t, d, i, s, alpha=a))
case("max", M + " I: b:0", lambda t, d, k: torch.max(t))
case("min", M + " I: b:0", lambda t, d, k: torch.min(t))
# makers
case("range", "d:1 d:{n} d:1 t D", lambda a, b, s, d, c: torch.range(a, b, s))
case("empty_strided", "I:{m},{m} I:1,{m} t D", lambda n, s, d, c: torch.empty_strided(n, s))
case("empty_permuted", "I:{m},{m} I:1,0 t D", lambda n, p, d, c: torch.empty_permuted(n, p))
case("vander", "T:f32:u:{m} i:{m} b:0")
for _name in "bartlett blackman cosine exponential gaussian general_cosine general_hamming hamming hann kaiser nuttall".split():
    _numbers, _names = {"exponential": ("d:nan d:10 ", "center tau"), "gaussian": ("d:7 ", "std"), "general_cosine": ("F:0.4,0.3,0.2 ", "a"),
                        "general_hamming": ("d:0.5 ", "alpha"), "kaiser": ("d:12 ", "beta")}.get(_name, ("", ""))
    case("signal_windows_" + _name, f"i:{{n}} {_numbers}b:1 t D", lambda n, *rest, names=_names.split(), f=getattr(torch.signal.windows, _name): f(
        n, **{k: x for k, x in zip(names, rest) if x == x}))
for _name, _numbers in (("bartlett", ""), ("blackman", ""), ("hann", ""), ("hamming", "d:0.54 d:0.46 "), ("kaiser", "d:12 ")):
    case(_name + "_window", f"i:{{n}} b:1 {_numbers}t D", lambda n, p, *rest, f=getattr(torch, _name + "_window"): f(n, p, *rest[:-2]))
# randomness
case("normal_size", "d:0 d:1 I:{n} t D g", lambda a, b, n, d, c, g: torch.normal(a, b, n))
case("random_range_", M + " i:0 i:9 g", lambda t, a, b, g: t.random_(a, b))
case("binomial", f"T:f32:9:{{m}},{{m}} {M} g", lambda n, p, g: torch.binomial(n, p))
case("gumbel_softmax", U + " d:1 b:0 i:1")
case("native_dropout_backward", f"{M} {MASK} d:2", torch.ops.aten.native_dropout_backward)
# torch.masked
for _name in "sum prod amax amin mean logsumexp median argmax argmin cumsum cumprod softmax log_softmax softmin".split():
    _dim, _keep = "i:1" if _name in "median cumsum cumprod softmax log_softmax softmin" else "I:1", "" if "cum" in _name or "soft" in _name else "b:0 "
    case("masked_" + _name, f"{U} {_dim} {_keep}t {MASK}", lambda t, *rest, f=getattr(torch.masked, _name): f(t, 1, dtype=rest[-2], mask=rest[-1]))
case("masked_norm", f"{U} d:2 I:1 b:0 t {MASK}", lambda t, p, d, k, dtype, m: torch.masked.norm(t, p, 1, dtype=dtype, mask=m))
case("masked_normalize", f"{U} d:2 i:1 d:1e-12 t {MASK}", lambda t, p, d, e, dtype, m: torch.masked.normalize(t, p, 1, dtype=dtype, mask=m))
for _name in ("var", "std"):
    case("masked_" + _name, f"{U} I:1 d:1 b:0 t {MASK}", lambda t, d, c, k, dtype, m, f=getattr(torch.masked, _name): f(t, 1, True, dtype=dtype, mask=m))
case("masked_logaddexp", f"{U} {U} t {MASK} {MASK}", lambda a, b, d, i, j: torch.masked.logaddexp(a, b, dtype=d, input_mask=i, other_mask=j))
# statistics, norms, products
case("trapz", M + " N d:1 i:1", lambda y, x, dx, d: torch.trapz(y, dx=dx, dim=d))
case("frobenius_norm", M + " I:1 b:0")
case("norm_except_dim", M + " i:2 i:0")
case("native_batch_norm", U + " T:f32:u:{m} T:f32:u:{m} N N b:1 d:0.1 d:1e-5")
case("native_group_norm", IMAGE + " T:f32:u:{c} T:f32:u:{c} i:{c} i:{c} i:{ss} i:2 d:1e-5")
case("histogram_bins", M + " T:f32:l:100 N b:0", lambda t, b, w, d: torch.histogram(t, b))
case("histogramdd", "T:f32:u:{half},2 I:10,10 F:0,1,0,1 N b:0", lambda t, b, r, w, d: torch.histogramdd(t, b, range=r))
case("histogramdd_bins", "T:f32:u:{half},2 L:T:f32:l:10;T:f32:l:10 N b:0", lambda t, b, w, d: torch.histogramdd(t, b))
case("cross", "T:f32:n:{q},3 T:f32:n:{q},3 i:1", lambda a, b, d: torch.cross(a, b, dim=d))
case("embedding_max_norm", f"{ROW} {M} i:-1 d:1 d:2 b:0", lambda i, w, p, n, o, s: F.embedding(i, w, None, n, o))
case("embedding_renorm_", f"{M} {ROW} d:1 d:2")
# windows
for _dims, _input, _weight in (("1", LINES, "{c},{c},3 T:f32:n:{c}"), ("2", IMAGE, "{c},{c},3,3 T:f32:n:{c}"), ("3", SPACE, "{d},{d},3,3,3 T:f32:n:{d}")):
    case(f"conv{_dims}d_padding", f"{_input} T:f32:n:{_weight} I:1 s:same I:1 i:1", getattr(F, f"conv{_dims}d"))
case("convolution", IMAGE + " T:f32:n:{c},{c},3,3 T:f32:n:{c} I:1,1 I:1,1 I:1,1 b:0 I:0,0 i:1")
case("conv_tbc", "T:f32:n:{l},{c},{c} T:f32:n:3,{c},{c} T:f32:n:{c} i:1")
for _dims, _pooled, _plane in (("1", "{c},{c},{l2}", "{l}"), ("2", "{c},{c},{s2},{s2}", "{ss}"), ("3", "1,{d},{v2},{v2},{v2}", "{vvv}")):
    case(f"max_unpool{_dims}d", f"T:f32:n:{_pooled} T:i64:{_plane}:{_pooled} I:2 I:2 I:0 I:", lambda t, i, *rest, f=getattr(F, f"max_unpool{_dims}d"): f(t, i, 2))
for _dims, _input in (("2", "T:f32:n:{c},1,{cs},{cs}"), ("3", "T:f32:n:1,{d},{u},{u},{u}")):
    case(f"fractional_max_pool{_dims}d", f"{_input} I:{','.join('2' * int(_dims))} I: F:{','.join(['0.5'] * int(_dims))} N",
         lambda t, k, o, r, s, f=getattr(F, f"fractional_max_pool{_dims}d"): f(t, k, output_ratio=r, return_indices=True))
case("grid_sampler", IMAGE + " T:f32:u:{c},{s},{s},2 i:0 i:0 b:0")
# recurrent layers: {steps} x {lines} vectors of {hidden}; cells: {cells} vectors
for _name, _gates in (("lstm", "{hidden4}"), ("gru", "{hidden3}"), ("rnn_tanh", "{hidden}"), ("rnn_relu", "{hidden}")):
    _state, _two = "T:f32:u:1,{lines},{hidden}", [f"T:f32:u:{_gates},{{hidden}}"] * 2 + [f"T:f32:u:{_gates}"] * 2
    case(_name, "T:f32:u:{steps},{lines},{hidden} " + (f"L:{_state};{_state}" if _name == "lstm" else _state) + f" L:{';'.join(_two)} b:1 i:1 d:0 b:0 b:0 b:0")
    _state = "T:f32:u:{cells},{hidden}"
    case(_name + "_cell", f"{_state} " + (f"L:{_state};{_state}" if _name == "lstm" else _state) + " " + " ".join(_two))
# optimizers' steps
case("fused_sgd_", f"{M} {M} {M} d:0.1 d:0.9 d:0 d:0 b:0 b:0 b:0", lambda p, g, m, lr, mom, damp, decay, n, mx, first: torch._fused_sgd_(
    [p], [g], [m], weight_decay=decay, momentum=mom, lr=lr, dampening=damp, nesterov=n, maximize=mx, is_first_step=first))
case("fused_adam_", f"{M} {M} {M} {M} N i:10 d:0.1 d:0.9 d:0.99 d:0 d:1e-8 b:0 b:0", lambda p, g, a, b, m, step, lr, b1, b2, decay, eps, w, mx: torch._fused_adam_(
    [p], [g], [a], [b], [], [TEN], lr=lr, beta1=b1, beta2=b2, weight_decay=decay, eps=eps, amsgrad=False, maximize=mx))
# linear algebra: matrices of {f} x {f}; of {e} x {e} where an iteration seeks values. D: symmetric, eigenvalues about 2
G, D, E, PIVOTS, TAU = "T:f32:n:{f},{f}", "T:f32:d:{f},{f}", "T:f32:n:{e},{e}", "T:i32:o:{f}", "T:f32:g:{f}"
for _name, _arguments, _first in (
        ("linalg_cholesky", D + " b:0", 1), ("linalg_cholesky_ex", D + " b:0 b:0", 1), ("linalg_lu_factor", G + " b:1", 1), ("linalg_lu_factor_ex", G + " b:1 b:0", 1),
        ("linalg_lu", G + " b:1", 1), ("geqrf", G, 1), ("linalg_qr", G + " s:reduced", 2), ("linalg_householder_product", f"{D} {TAU}", 2),
        ("ormqr", f"{D} {TAU} {G} b:1 b:0", 3), ("triangular_solve", f"{G} {D} b:1 b:0 b:0", 2), ("cholesky_solve", f"{G} {D} b:0", 2), ("cholesky_inverse", D + " b:0", 1),
        ("linalg_lu_solve", f"{D} {PIVOTS} {G} b:1 b:0", 3), ("lu_solve", f"{G} {D} {PIVOTS}", 3), ("lu_unpack", f"{D} {PIVOTS} b:1 b:1", 2), ("linalg_solve", f"{G} {G} b:1", 2),
        ("linalg_solve_ex", f"{G} {G} b:1 b:0", 2), ("linalg_inv", G, 1), ("linalg_inv_ex", G + " b:0", 1), ("linalg_slogdet", G, 1), ("logdet", D, 1), ("linalg_det", G, 1), ("linalg_matrix_power", D + " i:3", 2),
        ("linalg_svdvals", E, 1), ("linalg_eigh", E + " s:L", 2), ("linalg_eigvalsh", E + " s:L", 2), ("linalg_pinv", E + " N N b:0", 1), ("pinverse", E + " d:1e-15", 2),
        ("svd_lowrank", E + " i:4 i:2 N", 3), ("pca_lowrank", E + " i:4 b:1 i:2", 4)):
    case(_name, _arguments, lambda *all, n=_first, f=getattr(torch.linalg, _name[7:]) if _name.startswith("linalg_") else getattr(torch, _name): f(*all[:n]))
case("linalg_svd", E + " b:0", torch.linalg.svd)
case("svd", E + " b:1 b:1")
case("qr", G + " b:1", lambda t, s: torch.linalg.qr(t))  # PyTorch has torch.qr no more
case("norm_nuc", E + " I:0,1 b:0", lambda t, d, k: torch.linalg.matrix_norm(t, "nuc", tuple(d), k))
case("linalg_solve_triangular", f"{D} {G} b:1 b:1 b:0", lambda a, b, u, l, o: torch.linalg.solve_triangular(a, b, upper=u))
case("lobpcg", D + " i:1 N N i:1 N i:5 d:1e-30 b:1", lambda a, k, b, x, n, ik, steps, tol, largest: torch.lobpcg(a, k, n=n, niter=steps, tol=tol))
case("lu_get_infos", G + " b:1", lambda t, p: torch.lu(t, get_infos=True))
