#!/usr/bin/env python3
"""Writes a C program that calls every function of the public headers wrongly. Usage: generate.py OUT.c HEADER...

The functions are found in the headers, so a new one is covered by being declared. Every call must come back. With a stale,
made-up or wrong-kind handle in place of a good one, a maker must return an error value and a doer a status."""
import re
import sys

HANDLE = re.compile(r"torsh_(tensor|tensors|generator|hook|module|optimizer|scheduler|dataset|loader|scope|checkpoint|state_dict|\w+)$")


def prototypes(text):
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"^\s*#.*?(?<!\\)$", " ", text, flags=re.M)
    for match in re.finditer(r"TORSH_API\s+([^;{]+?)\b(torsh_\w+)\s*\(((?:[^()]|\([^()]*\)|\([^()]*\([^()]*\)[^()]*\))*)\)\s*;", text):
        yield " ".join(match.group(1).split()), match.group(2), match.group(3)


def handles(text):
    return re.findall(r"typedef struct (torsh_\w+) \{ uint64_t id; \} \1;", text)


def split_parameters(text):
    parts, depth, current = [], 0, ""
    for c in text:
        depth += (c in "([") - (c in ")]")
        if c == "," and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += c
    parts.append(current.strip())
    return [] if parts in ([""], ["void"]) else parts


def type_of(parameter):
    if "(*" in parameter:
        return "function"
    parameter = re.sub(r"\[[^\]]*\]", "*", parameter)
    match = re.match(r"(.*?)(\w+)(\**)$", parameter)
    base = (match.group(1).strip() + match.group(3)).replace(" *", "*").strip()
    return base or parameter


def values(kind, handle_types):
    """(good, bad values) as C text; bad ones that must be refused are marked."""
    if kind in handle_types:
        wrong = [("(%s){stale}" % kind, True), ("(%s){0x7FFFFFFFFFFFFFF}" % kind, True), ("(%s){0}" % kind, False)]
        if kind != "torsh_tensor":
            wrong.append(("(%s){tensor.id}" % kind, True))
        else:
            wrong += [("(%s){list.id}" % kind, True), ("complex_tensor", False), ("bool_tensor", False), ("empty_tensor", False), ("scalar_tensor", False)]
        return ("tensor" if kind == "torsh_tensor" else "list" if kind == "torsh_tensors" else "(%s){0}" % kind), wrong
    if kind in ("int64_t", "int", "int32_t"):
        return "1", [("-1", False), ("INT32_MAX", False), ("INT32_MIN", False)] + ([("INT64_MAX", False), ("INT64_MIN", False)] if kind == "int64_t" else [])
    if kind in ("size_t", "uint64_t", "uint32_t", "unsigned"):
        return "1", [("0", False), ("2", False)]
    if kind in ("double", "float"):
        return "0.5", [("NAN", False), ("INFINITY", False), ("-1", False), ("0", False)]
    if kind == "bool":
        return "true", [("false", False)]
    if kind == "torsh_dtype":
        return "TORSH_F32", [("(torsh_dtype)99", False), ("(torsh_dtype)-7", False), ("TORSH_BOOL", False), ("TORSH_C128", False)]
    if kind == "torsh_device":
        return "TORSH_CPU", [("77777", False), ("-5", False), ("TORSH_CUDA(200)", False)]
    if kind == "torsh_status":
        return "TORSH_OK", [("(torsh_status)99", False)]
    if kind == "const char*":
        return '"x"', [("NULL", False), ('""', False), ('"/nonexistent/file"', False)]
    if kind == "const torsh_tensor*":
        return "tensors", [("NULL", False), ("stale_tensors", False)]
    if kind == "const int64_t*":
        return "numbers", [("NULL", False), ("bad_numbers", False)]
    if kind == "const double*":
        return "doubles", [("NULL", False)]
    return "NULL", []


SKIP = {"torsh_fail_allocations_after", "torsh_set_debug", "torsh_from_blob", "torsh_from_data", "torsh_to_host"}  # these take raw memory, or silence tests


def main():
    out, headers = sys.argv[1], sys.argv[2:]
    text = "\n".join(open(h).read() for h in headers)
    handle_types = set(handles(text))
    body, count, calls = [], 0, 0
    for result, name, parameters in prototypes(text):
        if name in SKIP:
            continue
        kinds = [type_of(p) for p in split_parameters(parameters)]
        choices = [values(k, handle_types) for k in kinds]
        good = [c[0] for c in choices]
        count += 1

        def call(arguments, refuse):
            nonlocal calls
            calls += 1
            expression = "%s(%s)" % (name, ", ".join(arguments))
            if result == "void":
                return "    %s;" % expression
            if refuse and result in handle_types:
                return '    refused("%s", %s.id);' % (name, expression)
            if refuse and result == "torsh_status":
                return '    refused_status("%s", %s);' % (name, expression)
            return "    (void)%s;" % expression
        lines = ["static void call_%s(void)\n{\n    TORSH_AUTO torsh_scope scope = torsh_scope_open();\n    remake();" % name]
        if kinds:
            nothing = ["(%s){0}" % k if k in handle_types else "NULL" if "*" in k or k == "function" else "0" for k in kinds]
            nothing = ["(%s)0" % k if n == "0" and k.startswith("torsh_") else n for n, k in zip(nothing, kinds)]
            lines.append(call(nothing, False))
        for i, (_, bad) in enumerate(choices):
            for value, refuse in bad:
                arguments = list(good)
                arguments[i] = value
                lines.append(call(arguments, refuse and name not in ("torsh_scope_cleanup",)))
                lines.append("    remake();")
        lines.append("}\n")
        body.append(("\n".join(lines), name))
    with open(out, "w") as f:
        f.write('/* Generated from the public headers by tests/misuse/generate.py. */\n#include "misuse.h"\n\n')
        for text_, _ in body:
            f.write(text_ + "\n")
        f.write("int main(void)\n{\n    prepare();\n")
        for _, name in body:
            f.write('    announce("%s");\n    call_%s();\n' % (name, name))
        f.write("    return finish(%d, %d);\n}\n" % (count, calls))


main()
