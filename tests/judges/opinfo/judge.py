"""Judges one OpInfo: every sample and dtype through ToRSh and through PyTorch. Knows what an OpInfo promises (dtypes, gradients,
variants, errors), no op. What differs is noted as (column, cause, detail); nothing is raised."""
import re
import time
import warnings

import torch
from torch.autograd import forward_ad
from torch.testing._internal.opinfo import core
from torch.testing._internal.opinfo.core import SampleInput

import meant
import signatures
import table
from bridge import DTYPES, INTEGERS, Refused, Unfit
from compare import NAMES, Difference, call_text, compare_tensors, map_tensors, tensors_in, tolerances
from finer import WIDE, Finer, widened
from result import Lacks, Result

SEED = 42  # what OpInfo's wrappers of random ops seed with
# Parameters about where and how PyTorch keeps a result; they mean nothing for ours.
IGNORED = {"layout", "memory_format", "pin_memory", "requires_grad", "inplace", "out", "names", "cudnn_enable", "non_blocking", "is_coalesced"}
STRIDED = (torch.int64, torch.float32, torch.float64)  # judged with strided tensors, too
# OpInfo's own inputs of small and large numbers, infinities and NaN, for elementwise ops; judged forward
EXTREMES = {core.UnaryUfuncInfo: (core.generate_elementwise_unary_small_value_tensors, core.generate_elementwise_unary_large_value_tensors,
                                  core.generate_elementwise_unary_extremal_value_tensors),
            core.BinaryUfuncInfo: (core.generate_elementwise_binary_small_value_tensors, core.generate_elementwise_binary_large_value_tensors,
                                   core.generate_elementwise_binary_extremal_value_tensors)}
OVERRULED = "finite differences refute PyTorch's gradient and confirm ours"
NULLABLE = ("callback", "dtype", "device", "generator", "ints", "doubles", "bool")


class Judge:
    def __init__(self, library, samples=0, reference_inputs=False, at=lambda text: None, only_tangents=False):
        self.library, self.limit, self.reference_inputs, self.at, self.only_tangents = library, samples, reference_inputs, at, only_tangents

    # ---- one call ------------------------------------------------------------------------------------------------------

    def ways(self, op):
        """The table's row for op; None if we don't have it."""
        for key in (op.formatted_key, op.name):
            if key in table.TABLE:
                return [w for w in table.TABLE[key] if self.library.function(w.function)] or None
        plain = op.name[len("nn.functional."):] if op.name.startswith("nn.functional.") else op.name
        function = self.library.function(plain.replace(".", "_"))
        return [table.Way(function.name[len("torsh_"):])] if function else None

    def choose(self, ways, bound):
        for way in ways:
            if all((test(bound[n].value if n in bound else None) if callable(test) else n in bound and type(bound[n].value) is type(test) and
                    bound[n].value == test) for n, test in way.when.items()):
                return way
        raise Lacks("no function for these arguments")

    @staticmethod
    def source(source, bound):
        return source.value(bound) if isinstance(source, table.Of) else source

    def values(self, function, way, bound, defaults):
        """{our parameter: value} of the call. The first parameter is the first one whatever PyTorch calls it."""
        used, values = set(way.when), {}
        names = [p.name for p in function.params]
        if bound and names and names[0] not in bound and names[0] not in way.args and next(iter(bound)) not in names:
            bound = {names[0] if i == 0 else n: b for i, (n, b) in enumerate(bound.items())}
        sources = {n for s in way.args.values() if isinstance(s, table.Of) for n in s.names()}
        for p in function.params:
            if p.kind == "result":
                continue
            if p.kind is None:
                raise Lacks(f"the bridge can't fill `{p.name}` ({p.ctype.cname})")
            if p.kind == "options":
                fields = [f.name for f in self.library.options_fields(p)]
                values[p.name] = {n: self.source(way.args.get(n, table.Of(n)), bound) for n in fields
                                  if n in way.args or (n in bound and bound[n].value is not None)}
                used.update(fields)
                continue
            if p.name in way.args:
                values[p.name] = self.source(way.args[p.name], bound)
            elif p.name in bound:
                values[p.name] = bound[p.name].value
                used.add(p.name)
            elif p.name in defaults or p.optional or p.kind in NULLABLE:
                values[p.name] = defaults.get(p.name)
            else:
                raise Lacks(f"PyTorch gives no `{p.name}`")
            if values[p.name] is None and p.kind == "bool":
                values[p.name] = False
            if values[p.name] is None and not (p.optional or p.kind in NULLABLE):
                raise Lacks(f"`{p.name}` can't be None")
        for name, b in bound.items():
            if name in used or name in sources or name in IGNORED or not b.given:
                continue
            if b.value is None or (type(b.value) in (bool, int, float, str) and b.value == b.default) or \
                    b.value in (torch.strided, torch.preserve_format, torch.contiguous_format, torch.device("cpu"), "cpu"):
                continue
            raise Lacks(f"no parameter `{name}`")
        return values

    def plan(self, op, ways, sample):
        """(function, way, values) for a sample."""
        args = (sample.input,) + tuple(sample.args)
        bound = signatures.bind(op.name, op.op, args, sample.kwargs, ways[0].names)
        way = self.choose(ways, bound)
        self.process = sample.output_process_fn_grad
        function = self.library.function(way.function)
        names = {p.name for p in function.params}
        for name, b in bound.items():  # a keyword that the plain function lacks: torsh_<op>_<keyword>
            if b.given and b.value is not None and name not in names and name not in way.when and self.library.function(f"{way.function}_{name}"):
                function = self.library.function(f"{way.function}_{name}")
        return function, way, self.values(function, way, bound, signatures.defaults(op.name))

    def variant(self, function, suffix):
        return self.library.functions.get(function.name + suffix)

    def handles(self, storages=None):
        """A function that turns each torch.Tensor into one handle, the same for the same tensor."""
        made, storages = {}, {} if storages is None else storages

        def handle(t):
            if id(t) not in made:
                made[id(t)] = (self.library.from_torch(t, storages), t)
            return made[id(t)][0]
        handle.made = made
        return handle

    def call(self, function, values, handle):
        self.library.lib.torsh_manual_seed(SEED)
        made = {n: v.make(self.library, handle) if isinstance(v, table.Product) else v for n, v in values.items()}
        return self.library.call(function, made, handle)

    def read(self, results):
        return [self.library.to_torch(r) if isinstance(r, self.library.ffi.CData) else r for r in results]

    def reference(self, f, sample):
        """What PyTorch gives for clones of the sample, and the clones. None if it refuses, or gives a dtype that we haven't."""
        clones = {}

        def clone(t):
            if id(t) not in clones:
                whole = t.is_contiguous() and t.untyped_storage().nbytes() == t.numel() * t.element_size()
                clones[id(t)] = t.detach().clone() if whole else self.clone_strided(t)
                clones[id(t)].first_version = clones[id(t)]._version
            return clones[id(t)]
        inputs = map_tensors((sample.input, sample.args, sample.kwargs), clone)
        torch.manual_seed(SEED)
        try:
            result = f(inputs[0], *inputs[1], **inputs[2])
        except Exception:
            return None, None
        known = all(t.dtype in DTYPES for t in tensors_in(result))  # complex32 isn't ours
        return (result, clones) if known else (None, None)

    @staticmethod
    def clone_strided(t):
        t = t.detach()
        if t.is_conj() or t.is_neg() or t.layout != torch.strided:
            return t.clone()
        flat = torch.empty(0, dtype=t.dtype).set_(t.untyped_storage().clone())
        return flat.as_strided(t.shape, t.stride(), t.storage_offset())

    @staticmethod
    def flat(result):
        if isinstance(result, (list, tuple)) and not isinstance(result, torch.Size):
            return [r for item in result for r in Judge.flat(item)]
        return [result]

    @staticmethod
    def elements_at(values, index):
        """The elements of the call's input that an index along its dim means; -1s if it is outside."""
        x, dim = values["input"].detach(), values.get("dim", -1)
        if x.dim() == 0:
            return x.reshape(1)[index.clamp(0, 0)]
        size = x.shape[dim]
        if ((index < 0) | (index >= size)).any():
            return torch.full(index.shape, -1)
        whole = index.dim() == x.dim()
        taken = x.gather(dim, index if whole else index.unsqueeze(dim))
        return taken if whole else taken.squeeze(dim)

    def compare(self, want, have, tolerance, way, values):
        want = self.flat(want)
        have = [have[i] for i in way.results] if isinstance(way.results, tuple) else have[:way.results]
        if len(want) == 1 and isinstance(want[0], complex) and len(have) == 2:
            have = [complex(*have)]  # two numbers in C
        if len(want) != len(have):
            raise Difference("number of results differs", f"{len(have)}, not {len(want)}")
        if way.compare == "meant":
            return meant.compare(want, have, self.process, tolerance)
        for w, h in zip(want, have):
            if isinstance(w, torch.Tensor):
                if not isinstance(h, torch.Tensor):
                    h = torch.tensor(h, dtype=w.dtype)
                if way.compare == "places" and w.dtype == torch.int64 and w.shape == h.shape:
                    w, h = (self.elements_at(values, i) for i in (w, h))
                compare_tensors(w, h, tolerance, way.compare == "values")
            else:
                h = h.item() if isinstance(h, torch.Tensor) and h.numel() == 1 else h
                if w != h and not (w != w and h != h):
                    raise Difference("values differ", f"{h!r}, not {w!r}")

    # ---- the columns ---------------------------------------------------------------------------------------------------

    def compare_or_double(self, op, sample, want, have, tolerance, way, values):
        """As compare. Where PyTorch's own rounding is what differs, its result for the same inputs in f64 decides."""
        try:
            self.compare(want, have, tolerance, way, values)
        except Difference:
            flat = self.flat(want)
            if not any(isinstance(w, torch.Tensor) and w.dtype in WIDE for w in flat):
                raise
            exact, _ = self.reference(op.op, sample.transform(lambda t: WIDE.get(t, t) if isinstance(t, torch.dtype) else t.to(WIDE.get(t.dtype, t.dtype))))
            if exact is None:
                raise
            exact, allowed = self.flat(exact), dict(tolerance)
            for e, w in zip(exact, flat):  # as far from it as twice PyTorch's own distance
                if isinstance(w, torch.Tensor) and w.dtype in WIDE and w.numel() and e.shape == w.shape:
                    atol, rtol = tolerance[w.dtype]
                    distance = (e - w).abs()
                    allowed[w.dtype] = (max(atol, allowed[w.dtype][0], 2 * distance[distance.isfinite()].max().item() if distance.isfinite().any() else 0), rtol)
            exact = [e.to(w.dtype) if isinstance(w, torch.Tensor) and w.dtype in WIDE else e for e, w in zip(exact, flat)]
            self.compare(exact, have, allowed, way, values)

    def forward(self, op, sample, plan, tolerance):
        """Returns PyTorch's result for the variants; None if PyTorch refuses the sample."""
        function, way, values = plan
        handle = self.handles()
        for t in tensors_in([[v.a, v.b] if isinstance(v, table.Product) else v for v in values.values()]):
            handle(t)  # before PyTorch may change them
        want, clones = self.reference(op.op, sample)
        if want is None:
            return None
        have = self.read(self.call(function, values, handle))
        self.compare_or_double(op, sample, want, have, tolerance, way, values)
        if way.compare == "values":
            want = have if len(have) == len(self.flat(want)) else want  # the variants are held to the same numbers
        for key, (h, t) in handle.made.items():
            if key in clones and clones[key]._version != clones[key].first_version:
                try:
                    compare_tensors(clones[key], self.library.to_torch(h), tolerance)
                except Difference as d:
                    raise Difference("changed argument: " + d.cause, d.text) from None
        return want

    def in_place(self, op, sample, plan, plain, tolerance):
        function, way, values = plan
        first = next((p for p in function.params if p.kind == "tensor"), None)
        if first is None or not isinstance(sample.input, torch.Tensor):
            return False
        variant = self.variant(function, "_")
        want, clones = self.reference(op.get_inplace(), sample)
        if variant is None:
            if want is None:
                return False
            raise Difference("no in-place variant", function.name + "_")
        if want is not None and clones[id(sample.input)].shape != sample.input.shape:
            return False  # PyTorch resized it, which we don't (ARCHITECTURE.md)
        handle = self.handles()
        target = handle(sample.input)
        try:
            have = self.call(variant, values, handle)
            if want is None:
                raise Difference("in place: accepted what PyTorch refuses")
        except (Refused, Unfit):
            if want is None:
                return True
            raise
        have = [self.library.to_torch(target)] + self.read(have[:1])
        changed = clones[id(sample.input)]
        try:
            self.compare([changed, changed], have, tolerance, way, values)
        except Difference:  # as the plain form, which has been judged
            if isinstance(plain, list) and len(plain) == 1 and plain[0].dtype == have[0].dtype == changed.dtype:
                self.compare([plain[0], plain[0]], have, tolerance, way, values)
            else:
                raise
        return True

    def out(self, op, sample, plan, want, tolerance):
        function, way, values = plan
        variant = self.variant(function, "_out")
        plain, want = want, self.flat(want)
        if not all(isinstance(w, torch.Tensor) for w in want):
            return False
        if variant is None:
            room = [torch.empty_like(w) for w in want]
            room = room[0] if len(want) == 1 and not isinstance(plain, (list, tuple)) else type(plain)(room) if type(plain) in (list, tuple) else tuple(room)
            if self.reference(lambda *args, **kwargs: op.op(*args, **kwargs, out=room), sample)[1] is None:
                return False  # PyTorch has none for these arguments
            raise Difference("no out= variant", function.name + "_out")
        outs = variant.params[len(function.params):]
        pair = len(outs) == 1 and outs[0].kind in ("pair", "tensors")
        if len(want if outs[0].kind == "tensors" else outs[0].ctype.fields if pair else outs) != len(want):
            raise Difference("out=: number of outputs differs", f"{len(outs)}, not {len(want)}")
        for strides in (1, 2):
            targets = [torch.ones(*w.shape, strides, dtype=w.dtype)[..., 0] for w in want]
            handle = self.handles()
            have = self.call(variant, {**values, **({outs[0].name: targets} if pair else {p.name: t for p, t in zip(outs, targets)})}, handle)
            self.compare(want, [self.library.to_torch(handle(t)) for t in targets], tolerance, way, values)
            if have:  # not a status alone
                self.compare(want, self.read(have), tolerance, way, values)
        if len(want) == 1 and not pair and way.compare == "values":
            for dtype in (torch.int64, torch.float64):
                self.out_of_dtype(op, sample, plan, (variant, outs[0].name), torch.zeros(want[0].shape, dtype=dtype), want[0], tolerance)
        return True

    def out_of_dtype(self, op, sample, plan, variant, target, plain, tolerance):
        """An out= of another dtype: taken where PyTorch takes it and the dtypes' categories allow it, refused where neither does.
        (PyTorch has ops that refuse a wider one, and ops that cut fractions off without a word.)"""
        (function, way, values), (variant, name) = plan, variant
        dtype = plain.dtype
        want, _ = self.reference(lambda *args, **kwargs: op.op(*args, **kwargs, out=target.clone()), sample)
        if (want is not None) != torch.can_cast(dtype, target.dtype):
            return
        try:
            have = self.call(variant, {**values, name: target}, self.handles())
        except Refused:
            if want is not None:
                raise
            return
        if want is None:
            raise Difference("out=: accepted what PyTorch refuses", f"a result of dtype {NAMES[target.dtype]}")
        have, allowed = self.read(have), {**tolerance, torch.float64: tolerance.get(dtype, (0, 0))}
        try:
            self.compare(want, have, allowed, way, values)
        except Difference:
            self.compare([plain.to(target.dtype)], have, allowed, way, values)  # PyTorch may round more often on this way

    def gradients(self, op, sample, plan, tolerance, note, f=None, variant=None):
        """First and second gradients; note(column, difference or None). With f and variant: of the in-place form."""
        function, way, values = plan
        if way.compare == "meant":
            return meant.gradients(self, op, sample, plan, tolerance, note, SEED)
        inputs = [t for t in tensors_in([sample.input, sample.args, sample.kwargs]) if t.requires_grad]
        inputs = list({id(t): t for t in inputs}.values())

        def outputs(sample):
            torch.manual_seed(SEED)
            return self.flat((f or op.op)(sample.input if f is None else sample.input.clone(), *sample.args, **sample.kwargs))
        try:
            outs = outputs(sample)
            tracked = [i for i, o in enumerate(outs) if isinstance(o, torch.Tensor) and o.requires_grad]
            if not inputs or not tracked:
                return
            noise = torch.Generator().manual_seed(1)
            weights = [torch.randn(outs[i].shape, dtype=outs[i].dtype, generator=noise).requires_grad_() for i in tracked]
            first = torch.autograd.grad([outs[i] for i in tracked], inputs, weights, create_graph=op.supports_gradgrad, allow_unused=True)
        except Exception:
            return  # PyTorch has no gradient for this sample
        column = "backward"
        try:
            handle = self.handles()
            ours = [handle(t) for t in inputs]
            if variant is not None:
                source = next(v for v in values.values() if isinstance(v, torch.Tensor))
                handle.made[id(source)] = (self.call(self.library.function("clone"), {"input": sample.input}, handle)[0], source)
            try:
                results = self.call(variant or function, values, handle)
            except (Refused, Unfit):
                return  # forward or in-place has said so
            lost = [i for i in tracked if i >= len(results) or not (self.library.requires_grad(results[i]) or self.is_constant(outs[i], inputs))]
            if not lost:  # what PyTorch tracks though no input reaches it has no gradient to compare
                kept = [k for k, i in enumerate(tracked) if self.library.requires_grad(results[i])]
                tracked, weights = [tracked[k] for k in kept], [weights[k] for k in kept]
            if lost:
                raise Difference("no gradient", f"result {lost[0]} doesn't track gradients")
            seeds = [handle(w) for w in weights]
            ours_first = self.library.gradients([results[i] for i in tracked], ours, seeds, op.supports_gradgrad)

            def finer(sample):
                each = list({id(t): t for t in tensors_in([sample.input, sample.args, sample.kwargs]) if t.requires_grad}.values())
                return Finer(lambda: [outputs(sample)[i] for i in tracked], each, [widened(w) for w in weights])

            def same(wide):
                return sample.transform(lambda t: widened(t) if isinstance(t, torch.Tensor) else t) if wide else sample
            of_this = self.agree(inputs, first, ours_first, tolerance, lambda wide: finer(same(wide)))
            note(column, None)
            if not op.supports_gradgrad or not of_this:
                return
            column = "double backward"
            pairs = [(g, o) for g, o in zip(first, ours_first) if g is not None and g.requires_grad]
            if not pairs:
                return
            seconds = [torch.randn(g.shape, dtype=g.dtype, generator=noise) for g, _ in pairs]
            try:
                want = torch.autograd.grad([g for g, _ in pairs], inputs + weights, seconds, allow_unused=True)
            except Exception:
                return
            known = [(o, s) for (_, o), s in zip(pairs, seconds) if o is not None and self.library.requires_grad(o)]
            have = self.library.gradients([o for o, _ in known], ours + seeds, [handle(s) for _, s in known], False) if known else \
                [None] * len(want)

            def finest(wide):
                made = finer(same(wide))
                made.seconds = [widened(s) for s in seconds]
                return made
            self.agree(inputs + weights, want, have, tolerance, finest)
            note(column, None)
        except (Difference, Refused, Unfit, Lacks) as difference:
            note(column, difference)

    def tangents(self, op, sample, plan, tolerance, note):
        """Forward mode: the results' tangents against torch.autograd.forward_ad."""
        function, way, values = plan
        inputs = list({id(t): t for t in tensors_in([sample.input, sample.args, sample.kwargs]) if t.requires_grad}.values())
        noise = torch.Generator().manual_seed(1)
        directions = {id(t): torch.randn(t.shape, dtype=t.dtype, generator=noise) for t in inputs}
        if any(t.dtype in WIDE for t in tensors_in([sample.input, sample.args, sample.kwargs])):
            tolerance = {t: max(v, tolerance[torch.float32]) for t, v in tolerance.items()}
        if "masked" not in op.gradcheck_wrapper.__name__:  # directions in which a Hermitian or triangular matrix stays so
            given = ((sample.input,) + tuple(sample.args), sample.kwargs)
            args, kwargs = map_tensors(given, lambda t: directions.get(id(t), t))
            shaped = tensors_in(op.gradcheck_wrapper(lambda *a, **k: (a, k), *args, **kwargs))
            directions = {id(t): s.contiguous() for t, s in zip(tensors_in(given), shaped) if id(t) in directions}
        with forward_ad.dual_level():
            def dual(t):
                return forward_ad.make_dual(t.detach(), directions[id(t)]) if id(t) in directions else t
            try:
                torch.manual_seed(SEED)
                call = map_tensors((sample.input, sample.args, sample.kwargs), dual)
                outs = self.flat(op.op(call[0], *call[1], **call[2]))
                want = [forward_ad.unpack_dual(o) if isinstance(o, torch.Tensor) else None for o in outs]
            except Exception:
                return  # PyTorch has no tangent for this sample
            if not inputs or way.compare == "meant" or not any(w is not None and w.tangent is not None for w in want):
                return
            want = [None if w is None or w.tangent is None else w.tangent.detach().resolve_conj().clone() for w in want]
        handle = self.handles()
        with self.library.level():
            try:
                for t in inputs:
                    made = self.library.lib.torsh_make_dual(handle(t), self.library.from_torch(directions[id(t)]))
                    handle.made[id(t)] = (self.library.check(made), t)
                try:
                    results = self.call(function, values, handle)
                except (Refused, Unfit) as difference:
                    return note("tangents", difference) if isinstance(difference, Refused) else None
                have = [self.library.tangent(results[i]) if w is not None and i < len(results) else None for i, w in enumerate(want)]
                have = [torch.zeros(w.shape, dtype=w.dtype) if h is None and w is not None else h for h, w in zip(have, want)]
                try:
                    for w, h in zip(want, have):
                        if w is not None:
                            compare_tensors(w, h, tolerance)
                except Difference:
                    if not self.refuted(op, sample, directions, want, have):
                        raise
                    self.overruled += 1
                note("tangents", None)
            except (Difference, Refused, Unfit, Lacks) as difference:
                note("tangents", difference)

    def refuted(self, op, sample, directions, want, have, step=1e-5):
        """Do finite differences of PyTorch's function refute its tangents and confirm ours?"""
        def at(sign):
            torch.manual_seed(SEED)
            args = map_tensors((sample.input, sample.args, sample.kwargs), lambda t: t.detach() + sign * step * directions[id(t)] if id(t) in directions else t)
            return self.flat(op.op(args[0], *args[1], **args[2]))
        for w, h, high, low in zip(want, have, at(1), at(-1)):
            if w is None:
                continue
            slope = (high - low) / (2 * step)
            if h.shape != w.shape or not torch.allclose(h, slope, 1e-5, 1e-6) and (h - slope).abs().max() > 0.1 * (w - slope).abs().max():
                return False
        return True

    def agree(self, inputs, want, have, tolerance, finer):
        """Compares gradients. Where they differ, PyTorch's for the same inputs in f64 decide, or finite differences that refute PyTorch's: then False."""
        try:
            self.compare_gradients(inputs, want, have, tolerance)
        except Difference as difference:
            if difference.cause != "gradient: values differ":
                raise
            read = [None if h is None else self.library.to_torch(h) for h in have]
            if not any(t.dtype in WIDE for t in inputs):
                if not finer(False).confirms(want, read):
                    raise
                self.overruled += 1
                return False
            exact = finer(True).gradients()
            if exact is None:
                raise
            for t, w, h, e in zip(inputs, want, read, exact):
                if w is None or e is None or t.dtype not in WIDE:
                    continue
                distance = (e - w.detach()).abs()
                atol, rtol = tolerance[t.dtype]
                compare_tensors(e.to(t.dtype), torch.zeros_like(w) if h is None else h, {t.dtype: (max(atol, 2 * distance.max().item()), rtol)})
            self.compare_gradients([t for t in inputs if t.dtype not in WIDE], *([v for v, t in zip(values, inputs) if t.dtype not in WIDE] for values in (want, have)), tolerance)
        return True

    @staticmethod
    def is_constant(out, inputs):
        found = torch.autograd.grad(out, inputs, torch.ones_like(out), retain_graph=True, allow_unused=True)
        return all(g is None or not g.any() for g in found)

    def compare_gradients(self, inputs, want, have, tolerance):
        for i, (t, w, h) in enumerate(zip(inputs, want, have)):
            if w is None and h is None:
                continue
            w = torch.zeros_like(t) if w is None else w.to_dense() if w.layout != torch.strided else w
            h = torch.zeros(t.shape, dtype=t.dtype) if h is None else self.library.to_torch(h)
            try:
                compare_tensors(w, h, tolerance)
            except Difference as d:
                raise Difference("gradient: " + d.cause, f"of input {i}: {d.text}") from None

    def error(self, op, ways, sample):
        """One error input: refused, with a text that names the op and an argument. False where it says nothing about ours: it can't be
        written in C, or Python's type check refuses it (which C's compiler does), or PyTorch takes it after all."""
        try:
            op.op(*map_tensors((sample.input,) + tuple(sample.args), torch.clone), **map_tensors(sample.kwargs, torch.clone))
            return False
        except (TypeError, AttributeError):
            return False
        except Exception:
            pass
        try:
            if sample.kwargs.get("layout", torch.strided) != torch.strided:
                return False
            out = sample.kwargs.get("out")
            function, way, values = self.plan(op, ways, sample)
            bound = signatures.bind(op.name, op.op, (sample.input,) + tuple(sample.args), sample.kwargs, ways[0].names)
            if any(isinstance(s, table.Of) and s.clashes(bound) for s in way.args.values()):
                return False
            if out is not None:
                function = self.variant(function, "_out")
                if function is None:
                    raise Lacks("no out= variant")
                names = [p.name for p in function.params if p.name not in values]
                pair = isinstance(out, (list, tuple)) and len(names) == 1
                values.update({names[0]: out} if pair else zip(names, out if isinstance(out, (list, tuple)) else [out]))
            handle = self.handles()
            try:
                for t in tensors_in(list(values.values())):
                    handle(t)
            except Refused:
                return False  # such a tensor can't be made
            self.call(function, values, handle)
        except (Unfit, Lacks, signatures.NoSignature):
            return False  # can't be written in C at all
        except Refused as refused:
            text = refused.text
            plain = function.name[len("torsh_"):]
            words = set(re.findall(r"\w+", text))
            if not text.startswith((plain.rstrip("_"), re.sub("_out$", "", plain), op.name.split(".")[-1])):
                raise Difference("error text doesn't name the op", text) from None
            names = {p.name for p in function.params} | {f.name for p in function.params if p.kind == "options" for f in self.library.options_fields(p)}
            if not words & names:
                raise Difference("error text names no argument", text) from None
            return True
        raise Difference("accepted what PyTorch refuses")

    # ---- an OpInfo -----------------------------------------------------------------------------------------------------

    def samples(self, op, dtype, requires_grad):
        """(number, sample) of each, for some dtypes also with tensors whose elements lie apart."""
        make = op.reference_inputs if self.reference_inputs else op.sample_inputs
        for i, sample in enumerate(make("cpu", dtype, requires_grad=requires_grad)):
            if self.limit and i >= self.limit:
                return
            yield str(i), sample
            if dtype in STRIDED:
                try:
                    yield f"{i} strided", sample.noncontiguous()
                except Exception:
                    pass  # PyTorch can't make it so
        for make in () if requires_grad or self.reference_inputs else EXTREMES.get(type(op), ()):
            for sample in make(op, device="cpu", dtype=dtype, requires_grad=False) if dtype.is_floating_point else ():
                yield "extreme", sample

    def run(self, op):
        """The result as a dict, ready for json."""
        started, result = time.time(), Result(op)
        self.overruled = 0
        ways = self.ways(op)
        if ways is None:
            return result.done("missing", started)
        result.function = "torsh_" + ways[0].function
        tolerance = {**tolerances(op), **ways[0].tolerance}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for dtype in DTYPES:
                if dtype in op.supported_dtypes("cpu"):
                    self.run_dtype(op, ways, dtype, tolerance, result)
            if not self.only_tangents:
                self.run_errors(op, ways, result)
        if self.overruled:
            result.notes.append(f"{OVERRULED} {self.overruled} times")
        return result.done("judged", started)

    def run_dtype(self, op, ways, dtype, tolerance, result):
        differentiable = dtype in (torch.float64, torch.complex128) and op.supports_autograd and dtype in op.supported_backward_dtypes("cpu")
        try:
            samples = list(self.samples(op, dtype, False))
        except Exception as error:
            result.notes.append(f"no samples of {NAMES[dtype]}: {str(error)[:80]}")
            return
        for i, sample in samples if not self.only_tangents else ():
            self.run_sample(op, ways, dtype, i, sample, tolerance, result)
        if differentiable:
            for i, sample in self.samples(op, dtype, True):
                self.run_gradients(op, ways, dtype, i, sample, tolerance, result)

    def run_sample(self, op, ways, dtype, i, sample, tolerance, result):
        where = {"dtype": NAMES[dtype], "sample": i, "call": lambda: call_text(op.name, (sample.input,) + tuple(sample.args), sample.kwargs)}
        self.at(f"forward {NAMES[dtype]} sample {i}")
        with self.library.scope():
            try:
                plan = self.plan(op, ways, sample)
                want = self.forward(op, sample, plan, tolerance)
            except (Difference, Refused, Unfit, Lacks, signatures.NoSignature) as difference:
                want = self.reference(op.op, sample)[0]
                undefined = i == "extreme" and isinstance(want, torch.Tensor) and want.dtype in INTEGERS  # an infinity as an integer
                if want is not None and not undefined:
                    result.note("forward", difference, where)
                return
            if want is None:
                return
            result.note("forward", None, where)
            if i == "extreme":
                return
        for column, wanted, run in (("in-place", op.get_inplace() is not None and plan[1].in_place and not plan[0].name.endswith("_"),
                                     lambda: self.in_place(op, sample, plan, want, tolerance)),
                                    ("out", op.supports_out, lambda: self.out(op, sample, plan, want, tolerance))):
            if not wanted:
                continue
            self.at(f"{column} {NAMES[dtype]} sample {i}")
            with self.library.scope():
                try:
                    if run():
                        result.note(column, None, where)
                except (Difference, Refused, Unfit, Lacks) as difference:
                    result.note(column, difference, where)

    def run_gradients(self, op, ways, dtype, i, sample, tolerance, result):
        where = {"dtype": NAMES[dtype], "sample": i, "call": lambda: call_text(op.name, (sample.input,) + tuple(sample.args), sample.kwargs)}
        try:
            plan = self.plan(op, ways, sample)
        except (Lacks, Unfit, signatures.NoSignature):
            return  # forward has said so
        if op.supports_forward_ad:
            self.at(f"tangents {NAMES[dtype]} sample {i}")
            with self.library.scope():
                self.tangents(op, sample, plan, tolerance, lambda column, d: result.note(column, d, where))
        if self.only_tangents:
            return
        self.at(f"backward {NAMES[dtype]} sample {i}")
        with self.library.scope():
            self.gradients(op, sample, plan, tolerance, lambda column, d: result.note(column, d, where))
        variant = self.variant(plan[0], "_")
        if variant is not None and isinstance(sample.input, torch.Tensor):  # in place it is a clone, whose defaults may be others
            plan = self.plan(op, ways, SampleInput(sample.input.detach().clone(), args=sample.args, kwargs=sample.kwargs))
        if op.get_inplace() is None or not op.supports_inplace_autograd or sample.broadcasts_input or variant is None or not plan[1].in_place:
            return
        if not isinstance(sample.input, torch.Tensor):
            return
        self.at(f"in-place backward {NAMES[dtype]} sample {i}")
        with self.library.scope():
            self.gradients(op, sample, plan, tolerance, lambda _, d: result.note("in-place", d, where), op.get_inplace(), variant)

    def run_errors(self, op, ways, result):
        if op.error_inputs_func is None:
            return
        for i, error in enumerate(op.error_inputs("cpu")):
            sample = error.sample_input
            where = {"dtype": "", "sample": i, "call": lambda: call_text(op.name, (sample.input,) + tuple(sample.args), sample.kwargs) +
                     f"  # {error.error_type.__name__}: {error.error_regex}"}
            self.at(f"errors case {i}")
            with self.library.scope():
                try:
                    if self.error(op, ways, sample):
                        result.note("errors", None, where)
                except Difference as difference:
                    result.note("errors", difference, where)
