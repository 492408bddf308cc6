"""Who is right where gradients differ: PyTorch's own in f64, for inputs of narrower dtypes; finite differences of PyTorch's function,
where they refute its gradient (it has ops whose gradient, or gradient's gradient, is another function's). No op is known here."""
import itertools

import torch

WIDE = {torch.float16: torch.float64, torch.bfloat16: torch.float64, torch.float32: torch.float64, torch.complex64: torch.complex128}
STEP, RTOL, ATOL, LIMIT = 1e-6, 1e-3, 1e-5, 1500  # the first three as gradcheck's; elements in all that are worth it


def product(weights, values):
    """Re <weights, values>, whose gradient by PyTorch's convention is what autograd gives for these weights."""
    total = torch.zeros((), dtype=torch.float64)
    for w, v in zip(weights, values):
        if v is not None:
            total = total + (w.conj() * v).real.sum()
    return total


class Finer:
    """outputs(): the differentiated outputs for what `inputs` hold now; weights and seconds: the gradients of first and second order's outputs."""

    def __init__(self, outputs, inputs, weights):
        self.outputs, self.inputs, self.weights, self.seconds = outputs, inputs, weights, None

    def slopes(self):
        """The first gradients that PyTorch tracks further."""
        first = torch.autograd.grad(self.outputs(), self.inputs, self.weights, create_graph=True, allow_unused=True)
        return [g for g in first if g is not None and g.requires_grad]

    def gradients(self):
        """PyTorch's; None if it has none."""
        try:
            if self.seconds is None:
                return torch.autograd.grad(self.outputs(), self.inputs, self.weights, allow_unused=True)
            return torch.autograd.grad(self.slopes(), self.inputs + self.weights, self.seconds, allow_unused=True)
        except Exception:
            return None

    def loss(self):
        if self.seconds is None:
            with torch.no_grad():
                return product(self.weights, self.outputs()).item()
        return product(self.seconds, self.slopes()).item()

    def differences(self, t):
        """dLoss/dt, for complex t as dLoss/dRe + i dLoss/dIm."""
        made, data = torch.zeros(t.shape, dtype=t.dtype), t.data
        for at in itertools.product(*map(range, t.shape)):
            for unit in (1, 1j) if t.is_complex() else (1,):
                old, ends = data[at].clone(), []
                for way in (STEP, -STEP):
                    data[at] = old + way * unit
                    ends.append(self.loss())
                data[at] = old
                made[at] += unit * (ends[0] - ends[1]) / (2 * STEP)
        return made

    def confirms(self, want, have):
        """True if the differences refute PyTorch's gradients, want, and agree with ours, have."""
        over = self.inputs + (self.weights if self.seconds is not None else [])
        if any(t.dtype not in (torch.float64, torch.complex128) for t in over) or sum(t.numel() for t in over) > LIMIT:
            return False
        try:
            made = [self.differences(t) for t in over]
        except Exception:
            return False

        def agree(gradients):
            return all(torch.allclose(m, torch.zeros_like(m) if g is None else g.detach(), rtol=RTOL, atol=ATOL) for m, g in zip(made, gradients))
        return agree(have) and not agree(want)


def widened(t):
    wide = t.detach().to(WIDE.get(t.dtype, t.dtype))
    return wide.requires_grad_() if t.requires_grad else wide
