#!/usr/bin/env python3
"""Makes the reference manual from what the code itself says: the public headers' prototypes and comments, the op tables (`torsh ops
--json`) and, as examples, the smallest golden record of each op, which PyTorch computed and the tests hold us to.
Usage: manual.py TORSH_COMMAND OUTPUT_DIR. Writes index.html (one page with a search box), coverage.html and man3/*.3; needs Python alone. A public
function without a description, an op without an example, or one that no header declares, is an error."""
import glob
import html
import json
import os
import re
import struct
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
DTYPES = ["bool", "u8", "i8", "i16", "i32", "i64", "f16", "bf16", "f32", "f64", "c64", "c128"]
FORMATS = ["?", "B", "b", "h", "i", "q", "e", "H", "f", "d", "ff", "dd"]
LARGEST = 24  # elements of a tensor that an example shows in full


# ---- headers ---------------------------------------------------------------------------------------------------------

class Entry:
    """Functions that one comment describes."""

    def __init__(self, header, preface, section, text):
        self.header, self.preface, self.section, self.text, self.prototypes = header, preface, section, text, []

    def names(self):
        return [re.search(r"(\w+)\(", p).group(1) for p in self.prototypes]


def comment_text(raw):
    lines = [re.sub(r"^\s*\*? ?", "", line).rstrip() for line in re.sub(r"^/\*+|\*/\s*$", "", raw.strip()).split("\n")]
    return "\n".join(lines).strip()


def read_header(path):
    """Entries in order. A comment right above prototypes describes them; one above a blank line describes those below it that have none. A ruled
    title opens a section; before the first one, the section of an op family's header is the first sentence in it."""
    text = open(path, encoding="utf-8").read()
    name = os.path.relpath(path, os.path.join(ROOT, "include", "torsh"))
    opening = comment_text(text[:text.index("*/")])
    section, _, preface = opening.partition(".") if os.path.dirname(name) else ("", "", opening)
    preface = preface.strip()
    entries, about, current = [], "", None
    for token in re.finditer(r"/\*.*?\*/|TORSH_API[^;{]*;|\n[ \t]*\n|#define[^\n]*(?:\\\n[^\n]*)*", text, flags=re.S):
        piece = token.group(0)
        if piece.startswith("/*"):
            title = re.match(r"/\* (?:====|----) (.*?) (?:=+|-+) \*/$", piece)
            if title:
                section, about, current = title.group(1), "", None
            elif text[token.end():].lstrip(" \t").startswith("\n\n"):
                about, current = comment_text(piece), None
            elif current and current.prototypes and "\n" not in text[text.rfind(";", 0, token.start()):token.start()]:
                current.text += ("\n" if current.text else "") + comment_text(piece)  # behind a prototype
            else:
                current = Entry(name, preface, section, comment_text(piece))
                entries.append(current)
        elif piece.startswith("TORSH_API"):
            if current is None:
                current = Entry(name, preface, section, about)
                entries.append(current)
            current.prototypes.append(re.sub(r"\s+", " ", piece[len("TORSH_API"):]).strip())
        elif not piece.startswith("#"):
            current = None
    return [e for e in entries if e.prototypes]


def conventions():
    """What holds for all ops: the opening comment of <torsh/ops.h>."""
    with open(os.path.join(ROOT, "include", "torsh", "ops.h"), encoding="utf-8") as f:
        return comment_text(f.read().split("*/")[0])


# ---- examples --------------------------------------------------------------------------------------------------------

class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, layout):
        size = struct.calcsize("<" + layout)
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += size
        return values if len(values) > 1 else values[0]

    def text(self):
        length = self.take("B")
        self.at += length
        return self.data[self.at - length:self.at].decode()

    def tensor(self):
        dtype, rank = self.take("BB")
        sizes = [self.take("i") for _ in range(rank)]
        count = 1
        for s in sizes:
            count *= s
        layout = FORMATS[dtype]
        width = struct.calcsize("<" + layout)
        raw = self.data[self.at:self.at + count * width]
        self.at += count * width
        return dtype, sizes, count, raw

    def argument(self):
        kind = chr(self.take("B"))
        if kind == "T":
            return kind, self.tensor()
        if kind == "L":
            return kind, [self.argument() for _ in range(self.take("B"))]
        if kind == "I":
            return kind, [self.take("q") for _ in range(self.take("B"))]
        if kind == "F":
            return kind, [self.take("d") for _ in range(self.take("B"))]
        if kind == "s":
            return kind, self.text()
        return kind, {"W": "d", "b": "B", "i": "q", "d": "d", "t": "b"}.get(kind) and self.take({"W": "d", "b": "B", "i": "q", "d": "d", "t": "b"}[kind])

    def record(self):
        name = self.text()
        arguments = [self.argument() for _ in range(self.take("B"))]
        results = [self.tensor() for _ in range(self.take("B"))]
        for _ in range(self.take("B")):
            self.take("BB")
            self.tensor()
        return name, arguments, results


def records():
    for path in sorted(glob.glob(os.path.join(ROOT, "tests", "golden", "ops_*.bin"))):
        reader = Reader(open(path, "rb").read())
        reader.at = 6
        while reader.at < len(reader.data):
            yield reader.record()


def number(x):
    return f"{x:.4g}" if isinstance(x, float) else str(x)


def nested(values, sizes):
    if not sizes:
        return values[0]
    step = len(values) // sizes[0] if sizes[0] else 0
    return "[" + ", ".join(nested(values[i * step:(i + 1) * step], sizes[1:]) for i in range(sizes[0])) + "]"


def tensor_text(t):
    dtype, sizes, count, raw = t
    values = [v[0] if len(v) == 1 else f"{v[0]:.4g}{v[1]:+.4g}i" for v in struct.iter_unpack("<" + FORMATS[dtype], raw)] if raw else []
    values = [number(v).lower() if isinstance(v, bool) else number(v) for v in values]
    if count > LARGEST:
        return f"{DTYPES[dtype]} of shape {sizes}: {', '.join(values[:6])}, ..., {values[-1]}"
    return f"{DTYPES[dtype]} {nested(values, sizes) if count else 'of shape ' + str(sizes)}"


def argument_text(kind, value):
    if kind == "L":
        return "{" + ", ".join(tensor_text(v) if k == "T" else "none" for k, v in value) + "}"
    if kind == "T":
        return tensor_text(value)
    return {"N": "none", "g": "the default generator", "D": "cpu", "b": "true" if value else "false"}.get(kind) or \
        ("default" if kind == "t" and value < 0 else DTYPES[value] if kind == "t" else f'"{value}"' if kind == "s" else number(value))


def examples():
    """op -> the smallest record with elements, f32 and i64 preferred."""
    best = {}
    for name, arguments, results in records():
        tensors = [v for k, v in arguments if k == "T"] + [v for k, vs in arguments if k == "L" for kk, v in vs if kk == "T"] + results
        if any(t[0] == 7 for t in tensors):
            continue
        empty = any(t[2] == 0 for t in tensors) + (sum(t[2] for t in tensors) < 3)
        cost = (empty, any(t[2] > LARGEST for t in tensors), min((abs(t[0] - 8) for t in tensors), default=0), abs(sum(t[2] for t in tensors) - 8))
        if name not in best or cost < best[name][0]:
            best[name] = (cost, arguments, results)
    return {name: b[1:] for name, b in best.items()}


# ---- pages -----------------------------------------------------------------------------------------------------------

class Page:
    """An op with its variants, or functions that share a description."""

    def __init__(self, entry, name, prototypes, op, example):
        self.entry, self.name, self.prototypes, self.op, self.example = entry, name, prototypes, op, example

    def facts(self):
        op = self.op
        if not op:
            return []
        facts = [("kind", op["kind"]), ("dtypes", " ".join(op["dtypes"])), ("gradient", "of any order" if op["differentiable"] else "none")]
        if op["bool_result"]:
            facts.append(("result", "bool"))
        if op["random"]:
            facts.append(("random", "draws from a generator; the numbers are PyTorch's for the same seed"))
        if op.get("value"):
            facts.append(("value", op["value"]))
        return facts

    def example_lines(self):
        if not self.example:
            return []
        arguments, results = self.example
        lines = [f"{p['name']} = {argument_text(*a)}" for p, a in zip(self.op["params"], arguments)]
        return lines + [("result = " if len(results) == 1 else f"result {i} = ") + tensor_text(r) for i, r in enumerate(results)]


def variants_of(op):
    return {op["function"] + s for s in ("", "_", "_out")}


def pages(entries, ops, samples):
    by_function = {f: op for op in ops for f in variants_of(op)}
    made, seen = [], set()
    for entry in entries:
        groups = {}
        for prototype, function in zip(entry.prototypes, entry.names()):
            op = by_function.get(function)
            groups.setdefault(op["function"] if op else entry.names()[0] if not any(n in by_function for n in entry.names()) else function, []).append((prototype, op))
        for name, members in groups.items():
            op = members[0][1]
            seen.update(re.search(r"(\w+)\(", p).group(1) for p, _ in members)
            made.append(Page(entry, name, [p for p, _ in members], op, samples.get(op["name"]) if op else None))
    lost = [op["function"] for op in ops if not variants_of(op) & seen]
    return made, lost


STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222;background:#fff}
input{font:inherit;width:100%;padding:.4em;box-sizing:border-box;position:sticky;top:0}
article{border-top:1px solid #ccc;padding:.6em 0}h2{margin:1.6em 0 .2em}h3{margin:.2em 0;font-family:monospace}
pre{background:#f4f4f4;padding:.6em;overflow-x:auto;margin:.4em 0}dl{display:grid;grid-template-columns:7em 1fr;margin:.3em 0}dt{color:#666}dd{margin:0}
@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}pre,input{background:#262626;color:#ddd}article{border-color:#444}}"""
SCRIPT = """const q=document.querySelector('input'),all=[...document.querySelectorAll('article')],heads=[...document.querySelectorAll('section')];
q.oninput=()=>{const w=q.value.toLowerCase().split(/\\s+/);for(const a of all)a.hidden=!w.every(x=>a.dataset.words.includes(x));
for(const h of heads)h.hidden=![...h.querySelectorAll('article')].some(a=>!a.hidden)}"""


def write_html(path, made, version):
    out = [f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>ToRSh {version}</title><style>{STYLE}</style>",
           f"<h1>ToRSh {version}: reference</h1><p>{len(made)} entries, {sum(1 for p in made if p.op)} of them ops. Examples are results of PyTorch that the tests compare with. "
           "<a href=coverage.html>What of PyTorch is here</a>.</p>", f"<p>{html.escape(conventions())}</p>",
           "<input placeholder='Search: a name, a word of a description, a dtype' aria-label=Search autofocus>"]
    last = None
    for p in made:
        head = (p.entry.header, p.entry.section)
        if head != last:
            preface = f"<p>{html.escape(p.entry.preface)}</p>" if not last or last[0] != head[0] else ""
            out.append(("</section>" if last else "") + f"<section><h2>{html.escape(p.entry.section or p.entry.header)}</h2><p>&lt;torsh/{p.entry.header}&gt;</p>{preface}")
            last = head
        words = html.escape(" ".join([p.name, p.entry.text, " ".join(p.prototypes)] + [f"{k} {v}" for k, v in p.facts()]).lower(), quote=True)
        out.append(f'<article id="{p.name}" data-words="{words}"><h3><a href="#{p.name}">{p.name}</a></h3>'
                   f"<pre>{html.escape(chr(10).join(p.prototypes))}</pre><p>{html.escape(p.entry.text)}</p>")
        if p.facts():
            out.append("<dl>" + "".join(f"<dt>{k}</dt><dd>{html.escape(v)}</dd>" for k, v in p.facts()) + "</dl>")
        if p.example_lines():
            out.append(f"<pre>{html.escape(chr(10).join(p.example_lines()))}</pre>")
        out.append("</article>")
    out.append(f"</section><script>{SCRIPT}</script></html>")
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(out) + "\n")


def write_coverage(path, made, version):
    """docs/coverage.md, which tools/coverage.py writes, as a page; functions link to their entries."""
    pages_by_name = {re.search(r"(\w+)\(", line).group(1): p.name for p in made for line in p.prototypes if "(" in line}
    pages_by_name.update({p.name: p.name for p in made})

    def cell(text):
        def link(m):
            page = pages_by_name.get(m.group(1))
            return f'<a href="index.html#{page}">{m.group(1)}</a>' if page else m.group(1)
        return re.sub(r"`(\w+)`", link, html.escape(text, quote=False))

    out = [f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>ToRSh {version}: coverage</title><style>{STYLE}</style>"]
    table = False
    with open(os.path.join(ROOT, "docs", "coverage.md"), encoding="utf-8") as f:
        lines = f.read().split("\n")
    for line in lines:
        row = line.startswith("|")
        if row != table:
            out.append("<table>" if row else "</table>")
            table = row
        if row and not re.match(r"[|:-]+$", line):
            out.append("<tr>" + "".join(f"<td>{cell(c.strip())}</td>" for c in line.strip("|").split("|")) + "</tr>")
        elif line.startswith("#"):
            level = len(line) - len(line.lstrip("#"))
            out.append(f"<h{level}>{html.escape(line.lstrip('# '))}</h{level}>")
        elif line and not row:
            out.append(f"<p>{cell(line)}</p>")
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(out) + ("</table>" if table else "") + "</html>\n")


def roff(text):
    lines = text.replace("\\", "\\e").replace("-", "\\-").split("\n")
    return "\n".join(("\\&" + line) if line[:1] in (".", "'") else line for line in lines)


def write_man(folder, page, version):
    first = page.entry.text.split("\n")[0].split(". ")[0].rstrip(".")
    out = [f'.TH {page.name} 3 "" "ToRSh {version}" "ToRSh"', ".SH NAME", f"{page.name} \\- {roff(first)}", ".SH SYNOPSIS", ".nf", f"#include <torsh/{page.entry.header}>", ""]
    out += [roff(p) for p in page.prototypes] + [".fi", ".SH DESCRIPTION", roff(page.entry.text)]
    for key, value in page.facts():
        out += [".TP", f".B {key}", roff(value)]
    if page.example_lines():
        out += [".SH EXAMPLE", ".nf"] + [roff(line) for line in page.example_lines()] + [".fi"]
    if page.entry.preface:
        out += [".SH NOTES", roff(page.entry.preface)]
    out += [".SH SEE ALSO", ".BR torsh (1)"]
    with open(os.path.join(folder, page.name + ".3"), "w", encoding="utf-8") as f:
        f.write("\n".join(out) + "\n")
    for prototype in page.prototypes:
        other = re.search(r"(\w+)\(", prototype).group(1)
        if other != page.name:
            with open(os.path.join(folder, other + ".3"), "w", encoding="utf-8") as f:
                f.write(f".so man3/{page.name}.3\n")


def main():
    command, folder = sys.argv[1:3]
    ops = json.loads(subprocess.run([command, "ops", "--json"], capture_output=True, text=True, check=True).stdout)
    version = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    entries = [e for path in sorted(glob.glob(os.path.join(ROOT, "include", "torsh", "**", "*.h"), recursive=True)) for e in read_header(path)]
    made, lost = pages(entries, ops, examples())
    silent = [p.name for p in made if not p.entry.text]
    bare = [p.name for p in made if p.op and not p.example and not p.op["name"].startswith("empty")]  # empty's results are whatever was there
    os.makedirs(os.path.join(folder, "man3"), exist_ok=True)
    write_html(os.path.join(folder, "index.html"), made, version)
    write_coverage(os.path.join(folder, "coverage.html"), made, version)
    for page in made:
        write_man(os.path.join(folder, "man3"), page, version)
    print(f"{folder}/index.html: {len(made)} entries, {sum(1 for p in made if p.op)} ops, {sum(1 for p in made if p.example)} with an example")
    for what, names in (("no header declares", lost), ("no description of", silent), ("no example of", bare)):
        if names:
            print(f"{what}: {' '.join(names)}", file=sys.stderr)
    return 1 if lost or silent or bare else 0


if __name__ == "__main__":
    sys.exit(main())
