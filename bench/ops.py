#!/usr/bin/env python3
"""Times every op of the tables against PyTorch at three sizes, 16, 16 Ki and 4 Mi elements, both sides in turn, f32, no gradients,
and writes the geometric mean of the ratios per size, and each op's, to bench/OPS.md. bench/ops.c is our side.
Usage: ops.py BUILD_DIR [--threads N] [--only REGEX] [--write]

A pointwise op needs nothing here if PyTorch has its name. Any other has a case in cases.py or variants.py; one without is named in the report."""
import argparse
import functools
import math
import os
import re
import statistics
import subprocess
import sys
import time
import warnings

import torch
import torch.nn.functional as F

from cases import CPU, M
from variants import CASES, EXCLUDED

HERE = os.path.dirname(os.path.abspath(__file__))
SIZES = {"16": 16, "16 Ki": 1 << 14, "4 Mi": 1 << 22}
LONGEST = 0.06
DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16, "i64": torch.int64, "bool": torch.bool, "i32": torch.int32, "f64": torch.float64, "c64": torch.complex64}
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
        answer = self.child.stdout.readline().strip() or "- it ended"
        return (None, answer[2:]) if answer.startswith("-") else (float(answer), "")


@functools.lru_cache(maxsize=12)
def made(text, place):
    """The tensor <dtype>:<fill>:<sizes> of that place in a call; most rows ask for the same few, and making 4 Mi random numbers takes longer than what is measured."""
    dtype, fill, sizes = text.split(":")
    shape = [int(s) for s in sizes.split(",")]
    fills = {"u": lambda: torch.rand(shape) * 0.8 + 0.1, "g": lambda: torch.rand(shape) * 0.8 + 1.1, "n": lambda: torch.randn(shape), "p": lambda: torch.randperm(shape[0]),
             "l": lambda: torch.linspace(0, 1, shape[0]), "a": lambda: torch.arange(shape[0]), "s": lambda: torch.randn(shape).sign(),
             "o": lambda: torch.arange(1, shape[0] + 1), "d": lambda: torch.full(shape, 1 / shape[0]) + 2 * torch.eye(*shape),
             "x": lambda: torch.randn(shape).log_softmax(-1), "k": lambda: torch.where(torch.arange(shape[-1]) < 4, torch.randint(0, shape[-1], shape), -1)}
    return fills.get(fill, lambda: torch.randint(0, int(fill), shape))().to(DTYPES[dtype])


def value(word, place=0):
    """PyTorch's form of one argument of bench/ops.c."""
    kind, _, rest = word.partition(":")
    if kind == "T":
        return made(rest, place).clone()
    if kind == "L":
        return [value(w, place + 16 * k) for k, w in enumerate(rest.split(";"))]
    if kind in "IF":
        return [(int if kind == "I" else float)(i) for i in rest.split(",") if i]
    return {"W": float, "d": float, "i": int, "b": lambda b: b == "1", "s": str, "N": lambda _: None, "t": lambda name: DTYPES[name or "f32"],
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
    at = {16: 0, 1 << 14: 1, 1 << 22: 2}[n]
    sides = {"c": (2, 8, 32), "d": (2, 4, 16), "v": (2, 16, 64), "batch": (1, 1, 32), "heads": (1, 2, 16), "classes": (4, 16, 4096), "words": (4, 128, 128), "width": (4, 64, 64),
             "steps": (4, 16, 512), "lines": (1, 16, 32), "cells": (4, 256, 16384), "hidden": (4, 64, 256), "f": (4, 128, 1024), "e": (4, 64, 256), "u": (4, 16, 64), "cs": (4, 40, 360)}
    one = {name: sizes[at] for name, sizes in sides.items()}
    c, hidden = one["c"], one["hidden"]
    s, line, v = math.isqrt(n // (c * c)), n // (c * c), one["v"]
    return {"n": n, "m": m, "h": m // 2, "o": m // 2 - 1, "q": n // 4, "half": n // 2, "s": s, "p": n // c, "l": line, "k": math.isqrt(m), "ss": s * s, "vvv": v * v * v,
            "s2": s // 2, "l2": line // 2, "v2": v // 2, "hidden3": 3 * hidden, "hidden4": 4 * hidden, **one}


def lapack(build):
    """The file name of the LAPACK that the library opens."""
    info = subprocess.run([os.path.join(build, "tools", "torsh"), "info"], capture_output=True, text=True).stdout
    found = re.search(r"LAPACK +(\S+)", info)
    return os.path.basename(found.group(1)) if found else "no LAPACK"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--write", action="store_true", help="write bench/OPS.md")
    parser.add_argument("--times", action="store_true", help="print microseconds, too")
    parser.add_argument("--rounds", help="compare.py's; run.sh gives both the same arguments")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", category=UserWarning)  # that PyTorch's form of a row is deprecated
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:options.threads])  # both sides on the same cores, which so never idle
    torch.set_num_threads(options.threads)
    torch.set_grad_enabled(False)
    side = Side(os.path.join(options.build, "bench", "bench_ops"), options.threads)
    rows, missing = [], []
    ops = [(name, kind, count, name) for name, kind, count in side.ops()]
    ops += [(name, "1", "0", name.partition("/")[0]) for name in CASES if "/" in name]
    for name, kind, count, op in ops:
        if options.only and not re.search(options.only, name):
            continue
        arguments, call = CASES.get(name, (None, None))
        if arguments is None and int(kind) == 0:
            arguments, call = " ".join([M] * int(count)), getattr(torch, name, None) or getattr(F, name, None)
        if name in EXCLUDED:
            continue
        if call is None:
            missing.append(name)
            continue
        ratios = []
        for n in SIZES.values():
            text = arguments.format(**numbers(n))
            ours, problem = side.time(op, text)
            if ours is None:
                missing.append(f"{name} ({problem})")
                break
            try:
                theirs = measure(bind(call, [value(w, i) for i, w in enumerate(text.split())]))
            except (RuntimeError, TypeError, ValueError, IndexError) as error:
                missing.append(f"{name} (PyTorch: {str(error).splitlines()[0][:80]})")
                break
            ratios.append((ours, theirs))
            if options.times:
                print(f"{name:24}{n:9}{ours / 1e3:14.1f}{theirs / 1e3:14.1f}", flush=True)
        if len(ratios) == len(SIZES):
            rows.append((name, ratios))
            print(f"{name:24}" + "".join(f"{b / a:9.2f}" for a, b in ratios), flush=True)
    report = [f"# Every op against PyTorch {torch.__version__.split('+')[0]}", "",
              f"`make bench`: {options.threads} thread(s), f32, no gradients, both sides in turn, medians; PyTorch's time divided by ours. PyTorch is called from Python, as its users do: that is most of the first column.", "",
              f"Matrices of factorizations and systems are 4, 128 and 1024 to a side, those of eigenvalues and singular values 4, 64 and 256; fractional pools and recurrent layers have sizes of their own, too (`numbers` in bench/ops.py). Ours are factored by {lapack(options.build)}, PyTorch's by MKL.", "",
              "| | " + " | ".join(f"{s} elements" for s in SIZES) + " |", "|---|" + "--:|" * len(SIZES)]
    report.append("| **geometric mean of %d ops** | " % len(rows) + " | ".join(f"**{geometric([r[i][1] / r[i][0] for _, r in rows]):.2f}×**" for i in range(len(SIZES))) + " |")
    for name, r in rows:
        report.append(f"| {name} | " + " | ".join(f"{b / a:.2f}×" for a, b in r) + " |")
    if missing:
        report += ["", "Not timed: " + ", ".join(missing) + "."]
    report += ["", *(f"Not timed: {name}, {reason}." for name, reason in EXCLUDED.items())] if EXCLUDED else []
    low = [f"{name} {s} {r[i][1] / r[i][0]:.2f}" for name, r in rows for i, s in enumerate(SIZES) if r[i][1] < 0.85 * r[i][0]]
    report += ["", f"Below 0.85×: {', '.join(low) or 'none'}."]
    print("\n".join(report[6:9] + report[-3:]))
    if options.write:
        with open(os.path.join(HERE, "OPS.md"), "w") as f:
            f.write("\n".join(report) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
