#!/usr/bin/env python3
"""Runs the same work in ToRSh (bench/side.c, a child process) and in PyTorch (here), in turn, with the same number of threads,
and writes medians, ratios and limits as one markdown table, bench/RESULTS.md. Usage: compare.py BUILD_DIR [--rounds N] [--threads N]
[--only TEXT] [--write]"""
import argparse
import os
import resource
import statistics
import subprocess
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))


def uniform(*shape, dtype=torch.float32):
    return torch.rand(shape, dtype=dtype) + 0.1


def step(model, shape, lr=1e-3):
    x, y = torch.randn(shape), torch.randint(0, 10, (shape[0],))
    adam = torch.optim.Adam(model.parameters(), lr)

    def run():
        adam.zero_grad()
        F.cross_entropy(model(x), y).backward()
        adam.step()
    return run


def mlp():
    return step(nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10)), (64, 784))


def cnn():
    return step(nn.Sequential(nn.Conv2d(1, 32, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(2),
                              nn.Flatten(), nn.Linear(64 * 7 * 7, 128), nn.ReLU(), nn.Linear(128, 10)), (64, 1, 28, 28))


def tiny_linear():
    layer, x = nn.Linear(8, 8), torch.randn(4, 8)
    return lambda: F.relu(layer(x)).sum().backward()


def adam_8m():
    p = torch.randn(8_000_000).requires_grad_()
    p.grad = torch.randn(8_000_000)
    adam = torch.optim.Adam([p], 1e-3, fused=True)
    return adam.step


def unary(f, n=1_000_000):
    def setup():
        x = uniform(n)
        return lambda: f(x)
    return setup


def binary(f, n=1_000_000):
    def setup():
        x, y = uniform(n), uniform(n)
        return lambda: f(x, y)
    return setup


def square(f, n, dtype=torch.float32):
    def setup():
        x, y = torch.randn(n, n, dtype=dtype), torch.randn(n, n, dtype=dtype)
        return lambda: f(x, y)
    return setup


def mul_grad():
    x, y = uniform(1).requires_grad_(), uniform(1)
    return lambda: torch.mul(x, y)


def where():
    x, y = uniform(1_000_000), uniform(1_000_000)
    mask = x > y
    return lambda: torch.where(mask, x, y)


def rows(f):
    def setup():
        x, w, b = torch.randn(512, 1024), torch.ones(1024), torch.zeros(1024)
        return lambda: f(x, w, b)
    return setup


# name: (setup, bar, work for the limit: ("flops32"|"flops64"|"bytes", amount) or None, grad mode)
CASES = {
    "add 1": (binary(torch.add, 1), 8, None, False),
    "mul 1 grad": (mul_grad, 8, None, True),
    "linear+relu+sum fwd+bwd": (tiny_linear, 10, None, True),
    "sgemm 256": (square(torch.matmul, 256), 1.9, ("flops32", 2 * 256 ** 3), False),
    "sgemm 1024": (square(torch.matmul, 1024), 1.9, ("flops32", 2 * 1024 ** 3), False),
    "dgemm 1024": (square(torch.matmul, 1024, torch.float64), 1.7, ("flops64", 2 * 1024 ** 3), False),
    "exp 1M": (unary(torch.exp), 1.5, ("bytes", 8e6), False),
    "log 1M": (unary(torch.log), 1.5, ("bytes", 8e6), False),
    "tanh 1M": (unary(torch.tanh), 4, ("bytes", 8e6), False),
    "sin 1M": (unary(torch.sin), 1.5, ("bytes", 8e6), False),
    "erf 1M": (unary(torch.erf), 1.5, ("bytes", 8e6), False),
    "pow 1M": (binary(torch.pow), 4, ("bytes", 12e6), False),
    "sigmoid 1M": (unary(torch.sigmoid), 1, ("bytes", 8e6), False),
    "gelu 1M": (unary(F.gelu), 1, ("bytes", 8e6), False),
    "add 1M": (binary(torch.add), 1, ("bytes", 12e6), False),
    "sum 1M": (unary(torch.sum), 1, ("bytes", 4e6), False),
    "softmax 512x1024": (rows(lambda x, w, b: torch.softmax(x, 1)), 1, ("bytes", 4 * 2 * 512 * 1024), False),
    "layer_norm 512x1024": (rows(lambda x, w, b: F.layer_norm(x, (1024,), w, b)), 1, ("bytes", 4 * 2 * 512 * 1024), False),
    "transpose copy 2048": (square(lambda x, y: x.t().contiguous(), 2048), 2, ("bytes", 8 * 2048 ** 2), False),
    "var dim 1 of 2048x2048": (square(lambda x, y: x.var(1), 2048), 10, ("bytes", 4 * 2048 ** 2), False),
    "where 1M": (where, 10, ("bytes", 13e6), False),
    "cumsum 1M": (unary(lambda x: torch.cumsum(x, 0)), 1, ("bytes", 8e6), False),
    "argmax 1M": (unary(torch.argmax), 1, ("bytes", 4e6), False),
    "MLP step": (mlp, 2.5, ("flops32", 2 * 64 * (784 * 512 * 2 + 512 * 256 * 3 + 256 * 10 * 3)), True),
    "CNN step": (cnn, 1.5, ("flops32", 2 * 64 * (784 * 9 * 32 * 2 + 196 * 288 * 64 * 3 + 3136 * 128 * 3 + 1280 * 3)), True),
    "Adam 8M": (adam_8m, 1, ("bytes", 8e6 * 4 * 7), True),
}


def time_torch(run, budget=0.15):
    run()
    start = time.perf_counter()
    run()
    once = time.perf_counter() - start
    batch = 1 if once > 20e-6 else int(20e-6 / max(once, 20e-9)) + 1
    samples, end = [], time.perf_counter() + budget
    while True:
        start = time.perf_counter()
        for _ in range(batch):
            run()
        stop = time.perf_counter()
        samples.append((stop - start) / batch)
        if stop > end:
            return statistics.median(samples) * 1e9


class Side:
    def __init__(self, path):
        self.child = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, line):
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()

    def time(self, name):
        self.say(name)
        return float(self.child.stdout.readline())


def show(ns):
    return f"{ns:.0f} ns" if ns < 1e4 else f"{ns / 1e3:.1f} µs" if ns < 1e6 else f"{ns / 1e6:.2f} ms"


def start_up(build):
    """Start to first op (process and all), resident memory, library size."""
    program = os.path.join(build, "bench", "bench_side")
    times = []
    for _ in range(15):
        start = time.perf_counter()
        subprocess.run([program, "--first-op"], stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - start)
    child = subprocess.run(["/usr/bin/env", "python3", "-c",
                            "import resource,subprocess,sys;subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL);print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
                            program, "--first-op"], capture_output=True, text=True)
    library = os.path.realpath(os.path.join(build, "src", "libtorsh.so"))
    stripped = os.path.join(build, "bench", "stripped.so")
    subprocess.run(["strip", "-o", stripped, library], check=True)
    return statistics.median(times) * 1e3, int(child.stdout) / 1024, os.path.getsize(stripped) / 1e6


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md")
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:options.threads])  # both sides on the same cores, which so never idle
    side = Side(os.path.join(options.build, "bench", "bench_side"))
    side.say(f"threads {options.threads}")
    torch.set_num_threads(options.threads)
    limits = [float(v) for v in subprocess.run([os.path.join(options.build, "bench", "bench_limits")], capture_output=True, text=True).stdout.split()]
    peak = dict(zip(("flops32", "flops64", "bytes"), limits))
    lines = ["| work | ToRSh | PyTorch | ratio | bar | limit | share of limit |", "|---|--:|--:|--:|--:|--:|--:|"]
    print(lines[0], lines[1], sep="\n")
    for name, (setup, bar, work, grad) in CASES.items():
        if options.only not in name:
            continue
        torch.manual_seed(1)
        run = setup()
        ours, theirs = [], []
        with torch.set_grad_enabled(grad):
            for _ in range(options.rounds):
                ours.append(side.time(name))
                theirs.append(time_torch(run))
        mine, other = statistics.median(ours), statistics.median(theirs)
        ratio = statistics.median(t / o for t, o in zip(theirs, ours))
        limit = work[1] / peak[work[0]] / options.threads if work and work[0] != "bytes" else work[1] / peak["bytes"] if work else None
        mark = "" if ratio >= bar else " **below**"
        lines.append(f"| {name} | {show(mine)} | {show(other)} | {ratio:.2f}× | ≥ {bar}×{mark} | {show(limit * 1e9) if limit else ''} | "
                     f"{100 * limit * 1e9 / mine:.0f} % |" if limit else f"| {name} | {show(mine)} | {show(other)} | {ratio:.2f}× | ≥ {bar}×{mark} | | |")
        print(lines[-1], flush=True)
    if not options.only:
        ms, mb, size = start_up(options.build)
        for text in (f"| start to first op | {ms:.1f} ms | | | ≤ 5 ms | | |", f"| resident memory after it | {mb:.1f} MB | | | ≤ 20 MB | | |",
                     f"| libtorsh.so, stripped | {size:.2f} MB | | | ≤ 3 MB | | |"):
            lines.append(text)
            print(text)
    if options.write:
        cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "unknown")
        with open(os.path.join(HERE, "RESULTS.md"), "w") as f:
            f.write(f"# Speed against PyTorch {torch.__version__.split('+')[0]}\n\n`make bench` on {cpu}, {os.cpu_count()} cores, {options.threads} thread(s), "
                    f"{options.rounds} rounds, both sides in turn; medians, the ratio is the median of the rounds' ratios. "
                    f"Limits measured in the same run: {peak['flops32'] / 1e9:.0f} GFLOP/s f32, {peak['flops64'] / 1e9:.0f} GFLOP/s f64 (FMA, one core), "
                    f"{peak['bytes'] / 1e9:.0f} GB/s (copy of 64 MB, one core; work that stays in cache can be faster).\n\n" + "\n".join(lines) + "\n")


main()
