"""Writes the records of the structured rows, a file for each table, from their samples (samples/). Used by ops.py."""
import os
import torch

from samples import SAMPLES, TORCH, DefaultGenerator, Draw, Weak

UNJUDGED = {"empty", "empty_like", "empty_like_dtype", "empty_strided", "empty_permuted"}  # uninitialised memory
REFUSALS = ("not implemented", "not supported", "could not infer", "floating", "cast to the desired", "accumul", "unsupported", "does not support", "can only calculate", "expected scalar type")


def dtypes_of(ops, macro, args):
    """A row's set of dtypes: composites have none, so all of those that PyTorch takes are judged."""
    where = {"COMPOSITE": None, "COMPOSITE_OUT": None, "COMPOSED": None, "VIEW_COPY": None, "INTERNAL": 2, "INTERNAL_IN_PLACE": 2, "REDUCE": 2, "REDUCE_INTERNAL": 1, "REDUCE_INTERNAL1": 2}.get(macro, 3)
    return ops.SETS["ALL" if where is None else args[where]]


def record_row(ops, w, name, dtypes, generator):
    call = TORCH.get(name) or ops.torch_function(name)
    for dtype in dtypes:
        for args in SAMPLES[name](dtype, Draw(dtype, generator)):
            try:
                call(*[a.value if isinstance(a, (Weak, DefaultGenerator)) else a for a in args])
            except (RuntimeError, TypeError, NotImplementedError, IndexError, ValueError) as error:
                if not any(word in str(error) for word in REFUSALS):
                    print(f"  {name} {dtype}: torch refuses: {str(error).splitlines()[0][:100]}")
                continue
            w.record(name, call, args)


def structured(ops):
    missing = []
    for family in ops.families():
        w = ops.Writer(f"ops_{family}.bin")
        generator = torch.Generator().manual_seed(11)
        for macro, args in ops.read_rows(os.path.join(ops.TABLE, family + ".def")):
            name = args[0] + "_copy" if macro == "VIEW_COPY" else args[0]
            if name in SAMPLES:
                record_row(ops, w, name, dtypes_of(ops, macro, args), generator)
            elif name not in UNJUDGED:
                missing.append(name)
        w.close()
    if missing:
        raise SystemExit("rows without samples in samples/: " + " ".join(missing))
