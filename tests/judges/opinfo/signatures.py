"""Binds the arguments of a PyTorch call to PyTorch's own parameter names: from the Python function's signature, else from the
schemas of the aten operator. Knows PyTorch's type names, no op. Relies on torch."""
import collections
import functools
import inspect

import torch

Bound = collections.namedtuple("Bound", "value default given")  # default: what PyTorch takes if nothing is given
NONE = inspect.Parameter.empty

# numpy's names, which PyTorch's Python functions take as well, and the names of the first tensor
ALIASES = {"self": "input", "x": "input", "axis": "dim", "keepdims": "keepdim"}


# How schemas write a dtype as a default: c10's numbers
SCALAR_TYPES = dict(enumerate([torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.float32, torch.float64,
                               torch.complex32, torch.complex64, torch.complex128, torch.bool]))


class NoSignature(Exception):
    """No signature of that name takes these arguments."""


def is_type(kind, value):
    """Does a schema's type take that Python value?"""
    if kind.startswith("Optional["):
        return value is None or is_type(kind[9:-1], value)
    if kind.startswith("List["):
        inner = kind[5:-1]
        return isinstance(value, (list, tuple, torch.Size)) and all(is_type(inner, v) for v in value)
    if kind == "Tensor":
        return isinstance(value, torch.Tensor)
    if kind == "number":
        return isinstance(value, (bool, int, float, complex)) or (isinstance(value, torch.Tensor) and value.dim() == 0)
    if kind in ("int", "SymInt"):
        return (isinstance(value, int) and not isinstance(value, bool)) or \
            (isinstance(value, torch.Tensor) and value.dim() == 0 and not value.is_floating_point() and not value.is_complex())
    if kind == "float":
        return isinstance(value, (int, float))
    if kind == "ScalarType":
        return isinstance(value, torch.dtype)
    return isinstance(value, {"bool": bool, "str": str, "Device": (torch.device, str), "Generator": torch.Generator, "Layout": torch.layout,
                              "MemoryFormat": torch.memory_format}.get(kind, ()))


@functools.lru_cache(None)
def schemas(name):
    """[(parameter, type, is a fixed-size list, default, keyword only)] of each overload that users call."""
    found = []
    for schema in torch._C._jit_get_schemas_for_operator("aten::" + name):
        if any(a.is_out for a in schema.arguments) or "Dimname" in str(schema) or schema.overload_name == "hacked_twin":
            continue
        found.append([(a.name, str(a.real_type), a.N is not None, default_of(a), a.kwarg_only) for a in schema.arguments])
    return found


def default_of(argument):
    if not argument.has_default_value():
        return NONE
    value = argument.default_value
    return SCALAR_TYPES.get(value) if "ScalarType" in str(argument.real_type) and value is not None else value


def bind_schema(schema, args, kwargs):
    """{name: Bound}, or None if the schema doesn't take these."""
    positional = [p for p in schema if not p[4]]
    if len(args) > len(positional):  # x.repeat(2, 3) stands for x.repeat((2, 3))
        last = len(positional) - 1
        if last < 1 or not positional[last][1].startswith("List["):
            return None
        args = list(args[:last]) + [list(args[last:])]
    if args and len(args) == len(positional) and positional[-1][1].startswith("List[") and is_type(positional[-1][1][5:-1], args[-1]):
        args = list(args[:-1]) + [[args[-1]]]  # as x.repeat(2)
    values = {p[0]: a for p, a in zip(positional, args)}
    names = {p[0] for p in schema}
    for name, value in kwargs.items():
        name = name if name in names else {"axis": "dim", "keepdims": "keepdim", "input": "self"}.get(name, name)
        if name not in names or name in values:
            return None
        values[name] = value
    bound = {}
    for name, kind, sized, default, _ in schema:
        if name in values:
            value = values[name]
            if not is_type(kind, value) and not (sized and "List[" in kind and is_type("int", value)):
                return None
            bound[ALIASES.get(name, name)] = Bound(value, default, True)
        elif default is NONE:
            return None
        else:
            bound[ALIASES.get(name, name)] = Bound(default, default, False)
    return bound


def python_signature(function):
    """The signature of a function of torch's own Python code, None for others."""
    if not inspect.isfunction(function) or function.__name__ == "<lambda>" or "testing" in function.__module__:
        return None
    signature = inspect.signature(function)
    return None if any(p.kind == p.VAR_KEYWORD for p in signature.parameters.values()) else signature


def of_name(name):
    return functools.reduce(lambda scope, part: getattr(scope, part, None), name.split("."), torch)


def bind_python(signature, args, kwargs):
    try:
        given = signature.bind(*args, **kwargs).arguments
    except TypeError as error:
        raise NoSignature(str(error)) from None
    bound = {}
    for name, p in signature.parameters.items():
        value = given.get(name, () if p.kind == p.VAR_POSITIONAL else p.default)
        if p.kind == p.VAR_POSITIONAL and len(value) == 1 and isinstance(value[0], (list, tuple)):
            value = value[0]
        bound[ALIASES.get(name, name)] = Bound(value, p.default, name in given)  # a parameter without default was given, or bind failed
    return bound


def bind_names(names, args, kwargs):
    """By a plain list of names, "name=default" where there is one."""
    bound = {}
    for name, default in names.items():
        if name in kwargs:
            bound[name] = Bound(kwargs[name], default, True)
        else:
            bound[name] = Bound(default, default, False)
    if len(args) > len(names) or set(kwargs) - set(names):
        raise NoSignature("arguments that the table doesn't name")
    for name, value in zip(names, args):
        bound[name] = Bound(value, bound[name].default, True)
    missing = [n for n, b in bound.items() if b.value is NONE]
    if missing:
        raise NoSignature(f"no {missing[0]}")
    return bound


def defaults(name):
    """{parameter: default} over all overloads, for parameters that the chosen one hasn't."""
    return {ALIASES.get(p, p): default for schema in schemas(name.rsplit(".", 1)[-1]) for p, _, _, default, _ in schema if default is not NONE}


def bind(name, function, args, kwargs, names=None):
    """{PyTorch's parameter name: Bound} for the call name(*args, **kwargs). names: {parameter: default} instead of PyTorch's own."""
    if names is not None:
        return bind_names(names, args, kwargs)
    for f in (function, of_name(name)):  # OpInfo may wrap torch's function in a lambda
        signature = python_signature(f)
        if signature is not None:
            return bind_python(signature, args, kwargs)
    kwargs = {n: v for n, v in kwargs.items() if n != "requires_grad"}
    for schema in schemas(name.rsplit(".", 1)[-1]) or schemas(name.replace(".", "_")):
        bound = bind_schema(schema, args, kwargs)
        if bound is not None:
            return bound
    raise NoSignature(f"no signature of {name} takes these arguments")
