"""Ops whose results are not unique: singular vectors may have the other sign, complex ones any phase. OpInfo's samples say what of
the results is defined (output_process_fn_grad), and only that is judged, with its first and second gradients; of the results themselves the
shapes and dtypes are. PyTorch computes what is defined of our results, too, and the gradients on its way back. Relies on torch."""
import torch

from bridge import Refused, Unfit
from compare import Difference, compare_tensors, tensors_in


def flat(value):
    return [t for item in value for t in flat(item)] if isinstance(value, (list, tuple)) else [value]


def plain(t):
    return torch.zeros(t.shape, dtype=t.dtype) if t._is_zerotensor() else t.detach().resolve_conj().contiguous()


def compare(want, have, process, tolerance):
    for w, h in zip(want, have):
        compare_tensors(w, h, tolerance, False)
    for w, h in zip(flat(process(tuple(want))), flat(process(tuple(have)))):
        compare_tensors(w, h, tolerance)


def gradients(judge, op, sample, plan, tolerance, note, seed):
    """As Judge.gradients."""
    function, _, values = plan
    process, library = sample.output_process_fn_grad, judge.library
    inputs = list({id(t): t for t in tensors_in([sample.input, sample.args, sample.kwargs]) if t.requires_grad}.values())
    noise = torch.Generator().manual_seed(1)
    torch.manual_seed(seed)
    try:
        outs = [o for o in flat(process(op.op(sample.input, *sample.args, **sample.kwargs))) if o.requires_grad]
        weights = [torch.randn(o.shape, dtype=o.dtype, generator=noise).requires_grad_() for o in outs]
        first = torch.autograd.grad(outs, inputs, weights, create_graph=True, allow_unused=True)
        pairs = [(i, g) for i, g in enumerate(first) if g is not None and g.requires_grad]
        seconds = [torch.randn(g.shape, dtype=g.dtype, generator=noise) for _, g in pairs]
        second = torch.autograd.grad([g for _, g in pairs], inputs + weights, seconds, allow_unused=True) if pairs else None
    except Exception:
        return  # PyTorch has no gradient for this sample
    column = "backward"
    try:
        handle = judge.handles()
        ours = [handle(t) for t in inputs]
        try:
            results = judge.call(function, values, handle)
        except (Refused, Unfit):
            return  # forward has said so
        leaves = [library.to_torch(r).requires_grad_() for r in results]
        made = torch.autograd.grad([o for o in flat(process(tuple(leaves))) if o.requires_grad], leaves, weights, create_graph=True, allow_unused=True)
        used = [i for i, m in enumerate(made) if m is not None]
        lost = [i for i in used if not library.requires_grad(results[i])]
        if lost:
            raise Difference("no gradient", f"result {lost[0]} doesn't track gradients")
        seeds = [handle(plain(made[i]).requires_grad_()) for i in used]
        roots = [results[i] for i in used]
        ours_first = library.gradients(roots, ours, seeds, True)
        judge.compare_gradients(inputs, first, ours_first, tolerance)
        note(column, None)
        if second is None:
            return
        column = "double backward"
        roots2, twos = [ours_first[i] for i, _ in pairs], [handle(s) for s in seconds]
        back = library.gradients(roots2, seeds, twos, True)
        # on from our seeds, through PyTorch's part, to our results and the weights; all that reaches our results goes back at once, as a part of
        # it may depend on the phase
        through = [(made[i], library.to_torch(b)) for i, b in zip(used, back) if b is not None and made[i].requires_grad]
        rest = torch.autograd.grad([m for m, _ in through], leaves + weights, [d for _, d in through], allow_unused=True) if through else [None] * len(leaves + weights)
        reached = [(r, handle(plain(g))) for r, g in zip(results, rest) if g is not None]
        have = library.gradients(roots2 + [r for r, _ in reached], ours, twos + [g for _, g in reached], False)
        have += [None if r is None else handle(plain(r)) for r in rest[len(leaves):]]
        judge.compare_gradients(inputs + weights, second, have, tolerance)
        note(column, None)
    except (Difference, Refused, Unfit) as difference:
        note(column, difference)
