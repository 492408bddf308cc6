#!/usr/bin/env python3
"""judge-opinfo: judges ToRSh by PyTorch's OpInfo data base and writes RESULTS.md beside this file.

usage: run.py BUILD_DIR [OpInfo names] [--jobs N] [--samples N] [--reference] [--tangents] [--timeout S]
              [--json FILE] [--no-write]

With names, only those (name or name.variant), failures in detail, and RESULTS.md stays as it is. The work is in worker.py, one
process per job; one that crashes or hangs is a failure of the op it was at, and a fresh one goes on with the next."""
import argparse
import json
import os
import select
import subprocess
import sys
import time

import report

HERE = os.path.dirname(os.path.abspath(__file__))


class Worker:
    def __init__(self, path, options):
        command = [sys.executable, os.path.join(HERE, "worker.py"), path, str(options.samples), "reference" if options.reference else "samples",
                   "tangents" if options.tangents else "all"]
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.buffer, self.op, self.at, self.since, self.hello = b"", None, "", time.time(), None

    def give(self, op):
        self.op, self.at, self.since = op, "start", time.time()
        self.child.stdin.write((op + "\n").encode())
        self.child.stdin.flush()

    def read(self):
        """Takes in what the child wrote. Returns a result, or None; "" where the child has ended."""
        data = os.read(self.child.stdout.fileno(), 1 << 20)
        if not data:
            return ""
        self.buffer += data
        *lines, self.buffer = self.buffer.split(b"\n")
        result = None
        for line in lines:
            word, _, rest = line.decode().partition(" ")
            if word == "at":
                self.at = rest
            elif word == "ready":
                self.hello = json.loads(rest)
            elif word == "done":
                result = json.loads(rest)
        return result

    def stop(self):
        self.child.kill()
        return self.child.wait()


def broken(op, at, cause, seconds):
    column = at.split(" ")[0]
    column = column if column in report.COLUMNS else "forward"
    failure = {"column": column, "cause": cause, "count": 1, "dtypes": [], "examples": [{"dtype": "", "sample": 0, "detail": "at " + at, "call": ""}]}
    return {"name": op, "status": "fail", "function": "", "counts": {c: [0, int(c == column)] for c in report.COLUMNS}, "dtypes": {}, "failures": [failure],
            "notes": [], "seconds": round(seconds, 1)}


def choose(known, names):
    """The OpInfos that names mean ("cumsum", "std.unbiased", "gelu" for nn.functional.gelu), and the names that mean none."""
    def means(name, key):
        return any(key == full or key.startswith(full + ".") for full in (name, "nn.functional." + name))
    wanted = [k for k in known if not names or any(means(n, k) for n in names)]
    return wanted, [n for n in names if not any(means(n, k) for k in known)]


def judge_all(path, names, options):
    """({name: result}, what a worker said of itself)."""
    results, workers = {}, [Worker(path, options)]
    todo, hello = None, None
    while todo is None or todo or any(w.op for w in workers):
        ready, _, _ = select.select([w.child.stdout for w in workers], [], [], 1.0)
        for w in list(workers):
            if w.child.stdout in ready:
                result = w.read()
            elif w.op and time.time() - w.since > options.timeout:
                result = broken(w.op, w.at, f"still running after {options.timeout} s", options.timeout)
                w.stop()
            else:
                continue
            if result == "":
                code = w.child.wait()
                if not w.op:
                    sys.exit(f"judge-opinfo: a worker ended at its start (exit status {code}); try {HERE}/worker.py by hand")
                result = broken(w.op, w.at, f"crash (signal {-code})" if code < 0 else f"worker ended with {code}", time.time() - w.since)
            if result:
                results[result["name"]] = result
                progress(result, len(results), hello)
                w.op = None
            if w.hello and todo is None:
                hello = w.hello
                todo, unknown = choose(hello["ops"], names)
                hello["wanted"] = len(todo)
                if unknown:
                    print("no such OpInfo:", " ".join(unknown))
                workers += [Worker(path, options) for _ in range(min(options.jobs, len(todo)) - 1)]
            if w.child.poll() is not None:
                workers[workers.index(w)] = Worker(path, options)
            elif w.hello and not w.op and todo:
                w.give(todo.pop(0))
    for w in workers:
        w.stop()
    return results, hello


def progress(result, count, hello):
    if result["status"] != "missing":
        print(f"[{count}/{hello['wanted']}] {result['name']}: {report.one_line(result)}", flush=True)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--samples", type=int, default=0, help="at most so many samples per dtype (0: all)")
    parser.add_argument("--reference", action="store_true", help="OpInfo's reference inputs: more shapes, NaN, infinities, extremes")
    parser.add_argument("--tangents", action="store_true", help="judge forward mode alone; RESULTS.md stays as it is")
    parser.add_argument("--timeout", type=float, default=300)
    parser.add_argument("--json")
    parser.add_argument("--no-write", action="store_true")
    options = parser.parse_args()
    path = os.path.abspath(os.path.join(options.build, "src", "libtorsh.so"))
    results, hello = judge_all(path, options.names, options)
    for name in hello["undefined"]:
        print("declared, but not in the library:", name)
    if options.names:
        for result in results.values():
            print(report.detail(result))
    json_path = options.json or os.path.join(options.build, "opinfo.json")
    with open(json_path, "w") as f:
        json.dump(results, f, indent=1)
    ordered = [results[n] for n in hello["ops"] if n in results]
    print(report.summary(ordered))
    if not options.names:
        print(report.causes(ordered))
        if not options.no_write and not options.tangents:
            with open(os.path.join(HERE, "RESULTS.md"), "w") as f:
                f.write(report.markdown(ordered, hello, options))


if __name__ == "__main__":
    main()
