#!/usr/bin/env python3
"""Writes a C program that calls every function of the public headers wrongly. Usage: generate.py OUT.c HEADER...

The functions, enums, callbacks and kinds of handle are found in the headers, so a new one is covered by being declared. Every
call must come back. With a stale, made-up or wrong-kind handle in place of a good one, or an options struct of a `size` that
no release had, a maker must return an error value and a doer a status. misuse.h makes the good arguments."""
import os
import re
import sys

# How misuse.h's remake() gets a good handle of each kind, in this order. A kind that is missing here stops the build.
MAKERS = {
    "torsh_tensors": "torsh_tensors_make(tensors, 2)",
    "torsh_generator": "torsh_generator_make(1)",
    "torsh_hook": "torsh_register_hook(leaf_tensor, stub_torsh_gradient_hook, NULL, NULL)",
    "torsh_state_dict": "torsh_state_dict_make()",
    "torsh_module": "torsh_nn_linear(2, 2, true, TORSH_CPU)",
    "torsh_optimizer": "torsh_optim_sgd(torsh_nn_parameters(good_torsh_module), 0.1)",
    "torsh_scheduler": "torsh_lr_scheduler_step_lr(good_torsh_optimizer, 1, 0.5)",
    "torsh_dataset": "torsh_dataset_from_tensors(tensors, 2)",
    "torsh_loader": "torsh_loader_make(good_torsh_dataset, NULL)",
    "torsh_checkpoint": "torsh_checkpoint_make()",
}
HAND_MADE = {"torsh_tensor": "tensor", "torsh_scope": "(torsh_scope){0}"}
# Good values of structs that are no options.
STRUCTS = {"torsh_index_item": "((const torsh_index_item[2]){{TORSH_INDEX_INT}, {TORSH_INDEX_NEW_AXIS}})", "torsh_module_class": "&good_module_class", "torsh_autograd_function": "&good_autograd_function"}
SKIP = {"torsh_fail_allocations_after", "torsh_set_debug"}  # these would spoil the test itself
# How results that are no handles are given back.
GIVEN_BACK = {t + " *": "{{ %s *made = {}; if (made) made->deleter(made); }}" % t for t in ("DLManagedTensor", "DLManagedTensorVersioned")}
# What may be given a handle of any kind, or one that has gone.
LENIENT = {"torsh_scope_cleanup"}


def strip(text):
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    return re.sub(r"^\s*#.*?(?<!\\)$", " ", text, flags=re.M)


def prototypes(text):
    for match in re.finditer(r"TORSH_API\s+([^;{]+?)\b(torsh_\w+)\s*\(((?:[^()]|\([^()]*\)|\([^()]*\([^()]*\)[^()]*\))*)\)\s*;", text):
        yield " ".join(match.group(1).split()), match.group(2), match.group(3)


def split_parameters(text):
    parts, depth, current = [], 0, ""
    for c in text:
        depth += (c in "([") - (c in ")]")
        if c == "," and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += c
    parts.append(" ".join(current.split()))
    return [] if parts in ([""], ["void"]) else parts


def type_of(parameter):
    if "(*" in parameter:
        return "function"
    parameter = re.sub(r"\[[^\]]*\]", "*", parameter)
    match = re.match(r"(.*?)(\w+)(\**)$", " ".join(parameter.split()))
    return (match.group(1).strip() + match.group(3)).replace(" *", "*").strip() or parameter


class Headers:
    def __init__(self, text):
        self.handles = re.findall(r"typedef struct (torsh_\w+) \{ uint64_t id; \} \1;", text)
        self.enums = dict(re.findall(r"typedef enum (torsh_\w+) \{\s*(\w+)", text))
        self.callbacks = {n: (" ".join(r.split()), p) for r, n, p in re.findall(r"typedef ([\w\s]+?\*?)\s*(torsh_\w+)\(([^;]*)\);", text)}
        self.structs = {n: body for body, n in re.findall(r"typedef struct torsh_\w+ \{([^}]*)\} (torsh_\w+);", text)}
        self.prototypes = [p for p in prototypes(text) if p[1] not in SKIP]
        names = [p[1] for p in self.prototypes]
        for name, body in self.structs.items():
            if name.endswith("_options") and not (body.split()[:2] == ["size_t", "size;"] and name.replace("_options", "_defaults") in names):
                sys.exit("generate.py: %s must begin with size_t size and be made by %s" % (name, name.replace("_options", "_defaults")))
        unknown = [h for h in self.handles if h not in MAKERS and h not in HAND_MADE]
        if unknown:
            sys.exit("generate.py: MAKERS lacks a way to make " + ", ".join(unknown))

    def good_handle(self, kind):
        return HAND_MADE.get(kind) or "good_" + kind

    def values(self, kind):
        """(good, [(bad, must be refused)]) as C text."""
        if kind in self.handles:
            others = [h for h in self.handles if h != kind and h != "torsh_scope"][:2]
            bad = [("(%s){stale}" % kind, True), ("(%s){0x7FFFFFFFFFFFFFF}" % kind, True), ("(%s){0}" % kind, False)]
            bad += [("(%s){%s.id}" % (kind, self.good_handle(o)), True) for o in others]
            if kind == "torsh_tensor":
                bad += [(t, False) for t in ("complex_tensor", "bool_tensor", "empty_tensor", "scalar_tensor", "leaf_tensor")]
            return self.good_handle(kind), bad
        if kind in ("torsh_values", "torsh_pair", "torsh_triple"):
            return "(%s){tensor, tensor}" % kind, [("(%s){{stale}, tensor}" % kind, True), ("(%s){tensor, {stale}}" % kind, True), ("(%s){{0}, {0}}" % kind, False)]
        if kind in ("int64_t", "int", "int32_t"):
            wide = [("INT64_MAX", False), ("INT64_MIN", False)] if kind == "int64_t" else []
            return "1", [(v, False) for v in ("0", "-1", "INT32_MAX", "INT32_MIN")] + wide
        if kind in ("size_t", "uint64_t", "uint32_t", "unsigned"):
            return "1", [("0", False), ("2", False)]
        if kind in ("double", "float"):
            return "0.5", [(v, False) for v in ("NAN", "INFINITY", "-INFINITY", "-1", "0", "1e300")]
        if kind == "bool":
            return "true", [("false", False)]
        if kind == "torsh_device":
            return "TORSH_CPU", [(v, False) for v in ("77777", "-5", "TORSH_CUDA(200)", "TORSH_WEBGPU(200)")]
        if kind in self.enums:
            more = [("TORSH_BOOL", False), ("TORSH_C128", False)] if kind == "torsh_dtype" else []
            return "TORSH_F32" if kind == "torsh_dtype" else self.enums[kind], [("(%s)99" % kind, False), ("(%s)-7" % kind, False)] + more
        if kind == "function":
            return "NULL", []
        if kind.endswith("*"):
            return self.pointer(kind)
        sys.exit("generate.py: no values for " + kind)

    def pointer(self, kind):
        bare = kind.replace("const ", "").rstrip("*").strip()
        if kind == "const char*":
            return '"x"', [("NULL", False), ('""', False), ('"/nonexistent/file"', False), ("long_text", False)]
        if kind in ("const char*const*", "const char* const*"):
            return "names", [("NULL", False), ("no_names", False)]
        if bare in self.callbacks:
            return "stub_" + bare, [("NULL", False), ("failing_" + bare, False)]
        if bare in STRUCTS:
            return STRUCTS[bare], [("NULL", False), ("&(%s){0}" % bare, False)]
        if kind.startswith("const") and bare in self.structs and re.search(r"size_t size;", self.structs[bare]):
            return "NULL", [("&(%s){%s}" % (bare, size), True) for size in ("0", "sizeof(size_t)", "sizeof(%s) + 1" % bare, "SIZE_MAX")]
        if kind.startswith("const") and bare in self.handles:
            array = {"torsh_tensor": "tensors"}.get(bare, "(%s[2]){%s, %s}" % (bare, self.good_handle(bare), self.good_handle(bare)))
            stale = {"torsh_tensor": "stale_tensors"}.get(bare, "(%s[2]){{stale}, {stale}}" % bare)
            return array, [("NULL", False), (stale, False)]
        if kind == "const int64_t*":
            return "numbers", [("NULL", False), ("bad_numbers", False)]
        if kind == "const double*":
            return "doubles", [("NULL", False)]
        if bare == "torsh_function_context":
            return "NULL", []
        return "(void *)room", [("NULL", False)]


def stub(name, result, parameters, failing):
    """A callback that gives back what it can, or fails."""
    parts = split_parameters(parameters)
    names = [re.search(r"(\w+)\W*$", p).group(1) for p in parts]
    first = next((n for p, n in zip(parts, names) if re.match(r"const torsh_tensor \*", p)), None)
    one = next((n for p, n in zip(parts, names) if re.match(r"torsh_tensor \w", p)), None)
    if result == "torsh_status":
        value = "TORSH_IO_ERROR" if failing else "TORSH_OK"
    elif result == "torsh_tensor":
        value = "(torsh_tensor){stale}" if failing else "%s[0]" % first if first else one or "(torsh_tensor){0}"
    else:
        value = "" if result == "void" else "(%s){0}" % result
    unused = "".join("    (void)%s;\n" % n for n in names)
    return "static __attribute__((unused)) %s %s_%s(%s)\n{\n%s    return %s;\n}\n" % (result, "failing" if failing else "stub", name, parameters, unused, value)


class Program:
    def __init__(self, headers):
        self.headers, self.calls, self.bodies = headers, 0, []

    def call(self, result, name, arguments, refuse):
        self.calls += 1
        expression = "%s(%s)" % (name, ", ".join(arguments))
        refuse = refuse and name not in LENIENT
        if result == "void":
            return "    %s;" % expression
        if refuse and result in self.headers.handles:
            return '    refused("%s", %s.id);' % (name, expression)
        if refuse and result in ("torsh_values", "torsh_pair", "torsh_triple"):
            return '    refused("%s", %s.%s.id);' % (name, expression, "values" if result == "torsh_values" else "first")
        if refuse and result == "torsh_status":
            return '    refused_status("%s", %s);' % (name, expression)
        if result in GIVEN_BACK:
            return "    %s;" % GIVEN_BACK[result].format(expression)
        return "    (void)%s;" % expression

    def function(self, result, name, parameters):
        kinds = [type_of(p) for p in split_parameters(parameters)]
        choices = [self.headers.values(k) for k in kinds]
        good = [c[0] for c in choices]
        lines = ["static void call_%s(void)\n{\n    TORSH_AUTO torsh_scope scope = torsh_scope_open();\n    remake();" % name]
        if kinds:
            zeros = {"function": "NULL", "torsh_values": "(torsh_values){{0}, {0}}", "torsh_pair": "(torsh_pair){{0}, {0}}", "torsh_triple": "(torsh_triple){{0}, {0}, {0}}"}
            nothing = [zeros.get(k) or ("(%s){0}" % k if k in self.headers.handles else "NULL" if "*" in k else "(%s)0" % k) for k in kinds]
            lines += [self.call(result, name, nothing, False), "    remake();"]
        lines += [self.call(result, name, good, False), "    remake();"]
        for i, (_, bad) in enumerate(choices):
            for value, refuse in bad:
                lines += [self.call(result, name, good[:i] + [value] + good[i + 1:], refuse), "    remake();"]
        self.bodies.append((name, "\n".join(lines) + "\n}\n"))


def main():
    out, paths = sys.argv[1], sys.argv[2:]
    headers = Headers("\n".join(strip(open(h).read()) for h in paths))
    program = Program(headers)
    for result, name, parameters in headers.prototypes:
        program.function(result, name, parameters)
    kinds = [k for k in MAKERS if k in headers.handles]
    with open(out, "w") as f:
        f.write("/* Generated from the public headers by tests/misuse/generate.py. */\n")
        f.write("#include <torsh/torsh.h>\n#include <torsh/tools.h>\n")
        f.write('#include "misuse.h"\n\n')
        f.write("".join(stub(n, r, p, failing) + "\n" for n, (r, p) in headers.callbacks.items() for failing in (False, True)))
        f.write("".join("static %s good_%s;\n" % (k, k) for k in kinds))
        f.write("\nstatic void remake(void)\n{\n    remake_tensors();\n")
        f.write("".join("    good_%s = %s;\n" % (k, MAKERS[k]) for k in kinds))
        f.write("    check_good((const uint64_t[]){%s}, %d);\n}\n\n" % (", ".join("good_%s.id" % k for k in kinds), len(kinds)))
        f.write("".join(text + "\n" for _, text in program.bodies))
        f.write("int main(void)\n{\n    prepare();\n")
        f.write("".join('    announce("%s");\n    call_%s();\n    restore();\n' % (name, name) for name, _ in program.bodies))
        f.write("    return finish(%d, %d);\n}\n" % (len(program.bodies), program.calls))


main()
