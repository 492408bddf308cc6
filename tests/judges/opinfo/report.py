"""What judge-opinfo prints and writes: coverage by family, causes with the number of OpInfos each costs, a row per OpInfo."""
import collections

COLUMNS = ("forward", "backward", "double backward", "tangents", "in-place", "out", "errors")
APART = ("linalg", "special", "fft", "masked", "signal", "sparse")
CUDA_ONLY = ("nn.functional.batch_norm.without_cudnn",)  # has no dtype on the CPU
FAMILIES = ("torch", "nn.functional") + APART + ("private",)


def family(name):
    if name in CUDA_ONLY:
        return "private"
    first = name.split(".")[0]
    if first in APART:
        return first
    if name.startswith("nn.functional."):
        return "nn.functional"
    last = name.split(".")
    private = first.startswith("jiterator") or (first.startswith("_") and not first.endswith("__")) or first == "torch" or any(p.startswith("_") and not p.endswith("_") for p in last)
    return "private" if private else "torch"


def mark(counts):
    passed, failed = counts
    return "" if not passed and not failed else "ok" if not failed else f"{failed} of {passed + failed} ✗"


def short(failure):
    dtypes = failure["dtypes"]
    where = "" if not dtypes or len(dtypes) > 5 else f" ({' '.join(dtypes)})"
    column = "" if failure["column"] == "forward" else failure["column"] + ": "
    return column + failure["cause"] + where


def reason(result):
    if result["status"] == "missing":
        return "missing"
    if result["status"] == "nothing":
        return "no sample that PyTorch computes"
    failures = sorted(result["failures"], key=lambda f: -f["count"])
    text = "; ".join(short(f) for f in failures[:4])
    return text + (f"; and {len(failures) - 4} more" if len(failures) > 4 else "")


def one_line(result):
    return f"{result['status']} {result['seconds']} s {reason(result)}"


def detail(result):
    lines = [f"\n==== {result['name']} ({result['function'] or 'no function'}): {result['status']}, {result['seconds']} s"]
    lines += [f"  {c}: {p} passed, {f} failed" for c, (p, f) in result["counts"].items() if p or f]
    lines += ["  note: " + n for n in result["notes"]]
    for failure in result["failures"]:
        lines.append(f"  -- {failure['column']}: {failure['cause']} ({failure['count']} times; {' '.join(failure['dtypes'])})")
        for e in failure["examples"]:
            lines.append(f"     {e['dtype']} sample {e['sample']}: {e['detail']}")
            lines.append(f"       {e['call']}")
    return "\n".join(lines)


def tally(results):
    """{family: [passing, mapped, all]}"""
    counts = {f: [0, 0, 0] for f in FAMILIES}
    for r in results:
        row = counts[family(r["name"])]
        row[0] += r["status"] == "pass"
        row[1] += r["status"] != "missing"
        row[2] += 1
    return {f: c for f, c in counts.items() if c[2]}


def summary(results):
    return "\n".join(f"{f:14} {p:4} fully passing, {m:4} there, of {n}" for f, (p, m, n) in tally(results).items())


def cause_rows(results):
    """[(cause, column, OpInfos that it costs, those that nothing else stops, names)]"""
    found = collections.defaultdict(list)
    for r in results:
        keys = {(f["column"], f["cause"]) for f in r["failures"]}
        for key in keys:
            found[key].append((r["name"], len(keys) == 1))
    rows = [(cause, column, len(names), sum(alone for _, alone in names), [n for n, _ in names]) for (column, cause), names in found.items()]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def causes(results):
    return "\n".join(f"{n:4} {alone:4} {column}: {cause}  [{' '.join(names[:6])}{' …' if len(names) > 6 else ''}]"
                     for cause, column, n, alone, names in cause_rows(results))


def escape(text):
    return text.replace("|", "\\|").replace("\n", " ")


def markdown(results, hello, options):
    refuted = [r["name"] for r in results if any(n.startswith("finite differences") for n in r["notes"])] or ["nowhere"]
    out = ["# ToRSh judged by PyTorch's OpInfo data base", "",
           f"Written by `make judge-opinfo` with PyTorch {hello['torch']}: every sample input (and OpInfo's extreme values for elementwise ops) of every dtype that both have"
           + (f" (at most {options.samples} samples per dtype)" if options.samples else "") + ", forward against PyTorch,",
           "first and second gradients, and forward mode's tangents, in f64 and c128, in-place and `out=` forms, and PyTorch's error inputs, which must be refused with a text that names the op",
           "and an argument. An OpInfo passes if all of that does. Tolerances are PyTorch's own, with OpInfo's overrides; where a result in f16, bf16, f32 or c64 is",
           "farther from PyTorch's than that, PyTorch's result for the same inputs in f64 decides. Strides and memory formats are not compared.",
           "Where a gradient of PyTorch's is not that of its function, finite differences of the function decide: " + ", ".join(refuted) + ".", "",
           "| family | fully passing | there | all | share |", "|---|--:|--:|--:|--:|"]
    out += [f"| {f} | {p} | {m} | {n} | {100 * p / n:.1f} % |" for f, (p, m, n) in tally(results).items()]
    out += ["", "`torch` is `torch.*`, Tensor's methods and its operators; `private` is what PyTorch keeps to itself or has for CUDA alone (jiterator).", "", "## Causes", "",
            "How many OpInfos a cause stops, and how many of them nothing else stops.", "", "| OpInfos | alone | where | cause | such as |", "|--:|--:|---|---|---|"]
    out += [f"| {n} | {alone} | {column} | {escape(cause)} | {', '.join(names[:3])} |" for cause, column, n, alone, names in cause_rows(results) if n > 1]
    for f in FAMILIES:
        rows = [r for r in results if family(r["name"]) == f]
        present = [r for r in rows if r["status"] != "missing"]
        if not rows:
            continue
        out += ["", f"## {f}", ""]
        if present:
            out += ["| OpInfo | forward | backward | double backward | tangents | in-place | out | dtypes | errors | what is wrong |", "|---|---|---|---|---|---|---|---|---|---|"]
            for r in present:
                c, bad = {k: mark(v) for k, v in r["counts"].items()}, [d for d, ok in r["dtypes"].items() if not ok]
                dtypes = f"{len(r['dtypes']) - len(bad)} of {len(r['dtypes'])}"
                out.append(f"| {r['name']} | {c['forward']} | {c['backward']} | {c['double backward']} | {c['tangents']} | {c['in-place']} | {c['out']} | {dtypes} | "
                           f"{c['errors']} | {escape(reason(r)) if r['status'] != 'pass' else ''} |")
        missing = [r["name"] for r in rows if r["status"] == "missing"]
        if missing:
            out += ["", f"Missing ({len(missing)}): " + ", ".join(missing) + "."]
    return "\n".join(out) + "\n"
