#!/usr/bin/env python3
"""Writes docs/accuracy.md from what vmath_mpfr and special_mpfr print when they walk over every f32 (tests/check-all.sh ulp).
Usage: accuracy.py LOG ... > docs/accuracy.md. A later line about a function replaces an earlier one; sampled functions are named below their table."""
import re
import sys

SETS = ("avx512", "avx2", "baseline")
WHOLE = 1 << 29  # points: fewer are a sample
LINE = re.compile(r"(?:ok|FAIL)\s+(\w+)\s+(\w+)\s+f32\s+max\s+([\d.]+) ULP\s+bound\s+([\d.]+).*\((\d+) points, \d+ over(; MPFR)?")

HEAD = """# Accuracy of functions of f32

The largest error, in units in the last place of the exact result, over all values of f32 in a function's domain, on each instruction set of x86-64, and the bound that the tests hold. `tests/check-all.sh` (its step `ulp`) walks
them again; it takes hours, and `build/tests/backend/vmath_mpfr -s 1 exp` a minute and a half; `tests/backend/accuracy.py` makes this table of what they print. The judges are libm in f64 and our f64 functions, themselves judged by MPFR,
which has the last word wherever they come near a bound (tests/backend/vmath_mpfr.c, special_mpfr.c). In f64 the same functions hold the bounds that their headers state, on samples judged by MPFR.

gelu has, left of -1, an absolute slack of 2<sup>-25</sup> \\|x\\| beside its bound, gelu_tanh everywhere; Bessel functions and others with zeros are measured in ULP of the scale that their headers name. `_far` is the form that
arguments far from 0 take, judged everywhere."""
TITLES = {False: "## Elementary functions and activations", True: "## Special functions and ops\n\nThrough their public functions."}


def main(paths):
    rows, sampled = {}, set()
    for path in paths:
        with open(path, encoding="utf-8") as log:
            for match in filter(None, map(LINE.match, log)):
                isa, name, most, bound, points, special = match.groups()
                if int(points) < WHOLE:
                    sampled.add((bool(special), name))
                else:
                    row = rows.setdefault((bool(special), name), {})
                    row[isa], row["bound"] = float(most), bound
    blocks = [HEAD]
    for special, title in TITLES.items():
        whole = {name: row for (kind, name), row in sorted(rows.items()) if kind == special and all(isa in row for isa in SETS)}
        lines = [f"| {name} | {row['bound']} | " + " | ".join(f"{row[isa]:.2f}" for isa in SETS) + " |" for name, row in whole.items()]
        left = sorted(name for kind, name in sampled if kind == special and name not in whole)
        blocks += [title, "\n".join(["| function | bound | AVX-512 | AVX2 | baseline |", "|---|--:|--:|--:|--:|"] + lines)]
        blocks += [f"Sampled: {', '.join(left)}."] if left else []
    print("\n\n".join(blocks))


if __name__ == "__main__":
    main(sys.argv[1:])
