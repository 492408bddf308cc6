#!/usr/bin/env python3
"""Times every op of the tables against PyTorch at three sizes, 16, 16 Ki and 4 Mi elements, both sides in turn, f32, no gradients,
and writes the geometric mean of the ratios per size, and each op's, to bench/OPS.md. bench/ops.c is our side.
Usage: ops.py BUILD_DIR [--threads N] [--only TEXT] [--write]

A pointwise op needs nothing here if PyTorch has its name. Any other has a case below: arguments in the notation of bench/ops.c, with {n}
elements, {m} x {m} of them, and PyTorch's call on the same arguments. An op without a case is named in the report."""
import argparse
import math
import os
import statistics
import subprocess
import sys
import time

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
SIZES = {"16": 16, "16 Ki": 1 << 14, "4 Mi": 1 << 22}
LONGEST = 0.06
CPU = torch.device("cpu")
V, M, U = "T:f32:u:{n}", "T:f32:u:{m},{m}", "T:f32:n:{m},{m}"
ROW = "T:i64:{m}:{m}"  # indices of rows
EACH = "T:i64:{m}:{m},{m}"
MASK = "T:bool:2:{m},{m}"
IMAGE = "T:f32:n:{c},{c},{s},{s}"  # c * c * s * s = n elements

CASES = {}


def case(names, arguments, call=None):
    for name in names.split():
        CASES[name] = (arguments, call or getattr(torch, name, None) or getattr(F, name, None) or getattr(torch.Tensor, name))


# creation and copies
for _name in ("zeros", "ones", "empty"):
    case(_name, "I:{n} t D", lambda n, d, c, f=getattr(torch, _name): f(n))
case("full", "I:{n} d:2.5 t D", lambda n, x, d, c: torch.full(n, x))
case("arange", "d:0 d:{n} d:1 t D", lambda a, b, s, d, c: torch.arange(a, b, s, dtype=d))
case("linspace", "d:0 d:1 i:{n} t D", lambda a, b, n, d, c: torch.linspace(a, b, n))
case("logspace", "d:0 d:1 i:{n} d:10 t D", lambda a, b, n, base, d, c: torch.logspace(a, b, n, base))
case("eye", "i:{m} i:{m} t D", lambda n, m, d, c: torch.eye(n, m))
case("tril triu", M + " i:0")
case("diag", "T:f32:u:{m} i:0")
case("zeros_like ones_like empty_like clone", M)
case("full_like", M + " d:2.5")
case("contiguous", M, lambda t: t.contiguous())
case("copy_", f"{M} {M}")
case("fill_", f"{M} W:2")
case("zero_", M)
# views
case("as_strided", M + " I:{m} I:1 i:0")
case("view reshape", M + " I:{n}")
case("permute", M + " I:1,0")
case("transpose", M + " i:0 i:1")
case("t", M)
case("expand", "T:f32:u:1,{m} I:{m},{m}")
case("squeeze", "T:f32:u:1,{n} I:0", lambda t, d: torch.squeeze(t, tuple(d)))
case("unsqueeze", M + " i:0")
case("flatten", M + " i:0 i:1")
case("select", M + " i:0 i:1")
case("slice", M + " i:0 i:1 i:3 i:1", lambda t, d, a, b, s: t[a:b:s])
case("narrow", M + " i:0 i:1 i:2")
case("diagonal", M + " i:0 i:0 i:1")
case("unflatten", V + " i:0 I:4,-1")
case("movedim", M + " i:0 i:1")
# reductions, scans, statistics: all elements, and along the last dim
for _name in ("sum", "nansum", "mean", "amax", "amin", "any", "all"):
    case(_name, M + " I:1 b:0", lambda t, d, k, f=getattr(torch, _name): f(t, d, k))
case("prod", M + " I:1 b:0", lambda t, d, k: torch.prod(t, d[0], k))
case("cumsum cumprod logcumsumexp cummax cummin", M + " i:1")
for _name in ("var", "std", "var_mean", "std_mean"):
    case(_name, M + " I:1 d:1 b:0", lambda t, d, c, k, f=getattr(torch, _name): f(t, d, correction=c, keepdim=k))
case("logsumexp", M + " I:1 b:0")
case("norm", M + " d:2 I:1 b:0", lambda t, p, d, k: torch.linalg.vector_norm(t, p, d, k))
case("count_nonzero", M + " I:1")
for _name in ("argmax", "argmin"):
    case(_name, M + " I:1 b:0", lambda t, d, k, f=getattr(torch, _name): f(t, d[0], k))
for _name in ("max", "min"):
    case(_name + "_dim", M + " i:1 b:0", getattr(torch, _name))
case("aminmax", M + " I:1 b:0", lambda t, d, k: torch.aminmax(t, dim=d[0], keepdim=k))
case("softmax log_softmax", U + " i:1")
case("layer_norm", U + " I:{m} T:f32:u:{m} T:f32:u:{m} d:1e-5")
case("batch_norm", U + " N N T:f32:u:{m} T:f32:u:{m} b:1 d:0.1 d:1e-5", F.batch_norm)
# order
case("sort", U + " i:1 b:0 b:0", lambda t, d, down, stable: torch.sort(t, d, down))
case("argsort", U + " i:1 b:0 b:0", lambda t, d, down, stable: torch.argsort(t, d, down))
case("topk", U + " i:2 i:1 b:1 b:1")
case("kthvalue", U + " i:2 i:1 b:0")
# products
case("matmul mm", f"{U} {U}")
case("bmm", "T:f32:n:4,{h},{h} T:f32:n:4,{h},{h}")
case("mv", U + " T:f32:n:{m}")
case("dot", "T:f32:n:{n} T:f32:n:{n}")
case("outer", "T:f32:n:{m} T:f32:n:{m}")
case("addmm", f"{U} {U} {U} d:1 d:1", lambda a, b, c, beta, alpha: torch.addmm(a, b, c, beta=beta, alpha=alpha))
case("baddbmm", "T:f32:n:4,{h},{h} T:f32:n:4,{h},{h} T:f32:n:4,{h},{h} d:1 d:1", lambda a, b, c, beta, alpha: torch.baddbmm(a, b, c, beta=beta, alpha=alpha))
case("linear", f"{U} {U} T:f32:n:{{m}}")
case("conv1d", "T:f32:n:1,{c},{p} T:f32:n:{c},{c},3 T:f32:n:{c} I:1 I:1 I:1 i:1")
case("conv2d", IMAGE + " T:f32:n:{c},{c},3,3 T:f32:n:{c} I:1,1 I:1,1 I:1,1 i:1")
case("conv_transpose2d", IMAGE + " T:f32:n:{c},{c},3,3 T:f32:n:{c} I:1,1 I:1,1 I:0,0 i:1 I:1,1")
case("max_pool2d", IMAGE + " I:2,2 I:2,2 I:0,0 I:1,1 b:0")
case("avg_pool2d", IMAGE + " I:2,2 I:2,2 I:0,0 b:0 b:1 i:0", lambda t, k, s, p, c, i, o: F.avg_pool2d(t, k, s, p, c, i, o or None))
case("adaptive_avg_pool2d adaptive_max_pool2d", IMAGE + " I:2,2")
# joining, indexing
case("cat stack", f"L:{M};{M} i:0")
case("hstack vstack", f"L:{M};{M}")
case("split", M + " i:2 i:0")
case("chunk tensor_split", M + " i:2 i:0")
case("unbind", "T:f32:u:4,{q} i:0")
case("gather", f"{M} i:1 {EACH}")
case("take_along_dim", f"{M} {EACH} i:1")
case("scatter scatter_add", f"{M} i:1 {EACH} {M}")
case("index_select", f"{M} i:0 {ROW}")
case("index_add index_copy", f"{M} i:0 {ROW} {M}")
case("index_fill", f"{M} i:0 {ROW} W:2", lambda t, d, i, x: torch.index_fill(t, d, i, x))
case("embedding", f"{ROW} {M} i:-1", lambda i, w, padding: F.embedding(i, w))
case("take", f"{M} {EACH}")
case("one_hot", "T:i64:4:{q} i:4")
case("masked_fill", f"{M} {MASK} W:2", lambda t, m, x: torch.masked_fill(t, m, x))
case("masked_scatter", f"{M} {MASK} {M}")
case("masked_select", f"{M} {MASK}")
case("nonzero", MASK)
case("where", f"{MASK} {M} {M}")
case("flip", M + " I:1")
case("roll", M + " I:3 I:1")
case("repeat tile", M + " I:2,1")
case("repeat_interleave", M + " i:2 i:1")
# randomness
for _name in ("rand", "randn"):
    case(_name + "_with", "I:{n} t D g", lambda n, d, c, g, f=getattr(torch, _name): f(n))
case("randint_with", "i:0 i:9 I:{n} t D g", lambda a, b, n, d, c, g: torch.randint(a, b, n, dtype=d))
case("randperm_with", "i:{n} t D g", lambda n, d, c, g: torch.randperm(n, dtype=d))
case("rand_like randn_like", M)
for _name in ("bernoulli", "poisson"):
    case(_name, M + " g", lambda t, g, f=getattr(torch, _name): f(t))
case("uniform_", M + " d:0 d:1 g", lambda t, a, b, g: t.uniform_(a, b))
case("normal_", M + " d:0 d:1 g", lambda t, a, b, g: t.normal_(a, b))
case("exponential_", M + " d:1 g", lambda t, a, g: t.exponential_(a))
case("dropout", M + " d:0.5 b:1", F.dropout)
# pointwise ops whose arguments are more than tensors
for _name in ("addcmul", "addcdiv"):
    case(_name, f"{M} {M} {M} d:0.5", lambda a, b, c, v, f=getattr(torch, _name): f(a, b, c, value=v))
case("lerp", f"{M} {M} {M}")
case("clamp", M + " d:0.2 d:0.7")
case("nan_to_num", M + " d:0 d:1 d:-1")
case("gelu", U)
case("gelu_tanh", U, lambda t: F.gelu(t, approximate="tanh"))
case("leaky_relu", U + " d:0.01")
case("elu", U + " d:1")
case("softplus", U + " d:1 d:20")
case("hardtanh", U + " d:-1 d:1")
case("logsigmoid", U, F.logsigmoid)
case("bitwise_and bitwise_or bitwise_xor", f"{EACH} {EACH}")
case("bitwise_not", EACH)
case("pow", f"{M} {M}")
case("acosh", "T:i64:99:{m},{m}", lambda t: torch.acosh(t))


class Side:
    def __init__(self, path, threads):
        self.child = subprocess.Popen([path, str(threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()

    def ops(self):
        self.ask("list")
        return [line.split() for line in iter(lambda: self.child.stdout.readline().strip(), ".")]

    def time(self, name, arguments):
        self.ask(f"{name} {arguments}")
        answer = self.child.stdout.readline().strip()
        return (None, answer[2:]) if answer.startswith("-") else (float(answer), "")


def value(word):
    """PyTorch's form of one argument of bench/ops.c."""
    kind, _, rest = word.partition(":")
    if kind == "T":
        dtype, fill, sizes = rest.split(":")
        shape = [int(s) for s in sizes.split(",")]
        if fill == "u":
            return torch.rand(shape) * 0.8 + 0.1
        if fill == "n":
            return torch.randn(shape)
        t = torch.randperm(shape[0]) if fill == "p" else torch.randint(0, int(fill), shape)
        return t.to({"f32": torch.float32, "i64": torch.int64, "bool": torch.bool}[dtype])
    if kind == "L":
        return [value(w) for w in rest.split(";")]
    if kind == "I":
        return [int(i) for i in rest.split(",")]
    return {"W": float, "d": float, "i": int, "b": lambda b: b == "1", "s": str, "N": lambda _: None, "t": lambda _: torch.float32,
            "D": lambda _: CPU, "g": lambda _: None}[kind](rest)


def measure(run):
    run()
    start = time.perf_counter()
    run()
    once = time.perf_counter() - start
    batch = 1 if once > 20e-6 else int(20e-6 / max(once, 20e-9)) + 1
    samples, end = [], time.perf_counter() + LONGEST
    while len(samples) < 3 or (time.perf_counter() < end and len(samples) < 512):
        start = time.perf_counter()
        for _ in range(batch):
            run()
        samples.append((time.perf_counter() - start) / batch)
    return statistics.median(samples) * 1e9


def bind(call, values):
    """Fewer Python layers in the loop: a call with its arguments, as a user would write it."""
    if len(values) == 1:
        a = values[0]
        return lambda: call(a)
    if len(values) == 2:
        a, b = values
        return lambda: call(a, b)
    return lambda: call(*values)


def geometric(ratios):
    return math.exp(sum(math.log(r) for r in ratios) / len(ratios)) if ratios else float("nan")


def numbers(n):
    m = math.isqrt(n)
    c = {16: 2, 1 << 14: 8, 1 << 22: 32}[n]
    return {"n": n, "m": m, "h": m // 2, "q": n // 4, "c": c, "s": math.isqrt(n // (c * c)), "p": n // c}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--write", action="store_true", help="write bench/OPS.md")
    parser.add_argument("--rounds", help="compare.py's; run.sh gives both the same arguments")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_grad_enabled(False)
    side = Side(os.path.join(options.build, "bench", "bench_ops"), options.threads)
    rows, missing = [], []
    for name, kind, count in side.ops():
        if options.only and options.only not in name:
            continue
        arguments, call = CASES.get(name, (None, None))
        if arguments is None and int(kind) == 0:
            arguments, call = " ".join([M] * int(count)), getattr(torch, name, None) or getattr(F, name, None)
        if call is None:
            missing.append(name)
            continue
        ratios = []
        for n in SIZES.values():
            text = arguments.format(**numbers(n))
            ours, problem = side.time(name, text)
            if ours is None:
                missing.append(f"{name} ({problem})")
                break
            try:
                theirs = measure(bind(call, [value(w) for w in text.split()]))
            except (RuntimeError, TypeError, ValueError) as error:
                missing.append(f"{name} (PyTorch: {str(error).splitlines()[0][:80]})")
                break
            ratios.append((ours, theirs))
        if len(ratios) == len(SIZES):
            rows.append((name, ratios))
            print(f"{name:24}" + "".join(f"{b / a:9.2f}" for a, b in ratios), flush=True)
    report = [f"# Every op against PyTorch {torch.__version__.split('+')[0]}", "",
              f"`make bench`: {options.threads} thread(s), f32, no gradients, both sides in turn, medians; PyTorch's time divided by ours. PyTorch is called from Python, as its users do: that is most of the first column.", "",
              "| | " + " | ".join(f"{s} elements" for s in SIZES) + " |", "|---|" + "--:|" * len(SIZES)]
    report.append("| **geometric mean of %d ops** | " % len(rows) + " | ".join(f"**{geometric([r[i][1] / r[i][0] for _, r in rows]):.2f}×**" for i in range(len(SIZES))) + " |")
    for name, r in rows:
        report.append(f"| {name} | " + " | ".join(f"{b / a:.2f}×" for a, b in r) + " |")
    if missing:
        report += ["", "Not timed: " + ", ".join(missing) + "."]
    low = [f"{name} {s} {r[i][1] / r[i][0]:.2f}" for name, r in rows for i, s in enumerate(SIZES) if r[i][1] < 0.7 * r[i][0]]
    report += ["", f"Below 0.7×: {', '.join(low) or 'none'}."]
    print("\n".join(report[4:7] + report[-3:]))
    if options.write:
        with open(os.path.join(HERE, "OPS.md"), "w") as f:
            f.write("\n".join(report) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
