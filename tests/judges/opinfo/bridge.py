"""ToRSh's public headers as Python functions: what a stranger's binding would be. It knows kinds of C parameters, no op.

The headers go through the C preprocessor (system headers left out: cffi knows those types), cffi reads the prototypes for the
calls, pycparser the parameters' names. (const int64_t *dim, size_t count) is one list parameter, (const struct *options) is
filled by its fields' names on top of what its _defaults function gives. Relies on cffi, pycparser, torch and a C compiler."""
import collections
import glob
import os
import subprocess
import tempfile

import cffi
import pycparser
import torch
from pycparser import c_ast

HERE = os.path.dirname(os.path.abspath(__file__))
INCLUDE = os.path.join(HERE, "..", "..", "..", "include")
DTYPES = [torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16, torch.float32,
          torch.float64, torch.complex64, torch.complex128]  # in the order of torsh_dtype
INTEGERS = DTYPES[1:6]

# kind: tensor tensors ints doubles int double bool dtype device text generator enum options, pair (a struct of tensors); result: where a number is put
Param = collections.namedtuple("Param", "name kind optional ctype")


LISTS = ("ints", "tensors", "doubles", "items")


class Refused(Exception):
    """The library returned an error: its status and text."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status, self.text = status, text


class Unfit(Exception):
    """A Python value that the parameter's C type can't carry."""

    def __init__(self, param, value, why):
        super().__init__(f"`{param.name}` ({param.kind}) can't be {type(value).__name__}" if param else why)
        self.detail = f"{str(value)[:60]}: {why}" if param else why


def preprocess():
    """The text of all public headers, without what they include of the system."""
    with tempfile.TemporaryDirectory() as empty:
        for name in ("stdbool.h", "stddef.h", "stdint.h", "stdio.h"):
            open(os.path.join(empty, name), "w").close()
        source = "".join(f"#include <torsh/{os.path.basename(h)}>\n" for h in sorted(glob.glob(os.path.join(INCLUDE, "torsh", "*.h"))))  # ops.h has the families' 
        command = [os.environ.get("CC", "cc"), "-E", "-P", "-nostdinc", "-I", empty, "-I", INCLUDE, "-x", "c", "-"]
        return subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout


def parameter_names(text):
    """function -> names of its parameters."""
    known = "".join(f"typedef {c} {n};\n" for c, n in (("long", "int64_t"), ("unsigned long", "uint64_t"), ("int", "int32_t"),
                    ("unsigned", "uint32_t"), ("short", "int16_t"), ("unsigned short", "uint16_t"), ("unsigned char", "uint8_t"), ("unsigned long", "size_t"), ("_Bool", "bool")))
    names = {}
    for node in pycparser.CParser().parse(known + text).ext:
        if isinstance(node, c_ast.Decl) and isinstance(node.type, c_ast.FuncDecl):
            args = node.type.args.params if node.type.args else []
            names[node.name] = [getattr(a, "name", None) for a in args]
    return names


class Function:
    def __init__(self, library, name, names):
        self.library, self.name = library, name
        self.pointer = getattr(library.lib, name)
        ctype = library.ffi.typeof(self.pointer)
        self.result, self.params = ctype.result, []
        optional = library.optional.get(name, set())
        args, i = ctype.args, 0
        while i < len(args):
            kind = library.kind_of(args[i], args[i + 1] if i + 1 < len(args) else None)
            self.params.append(Param(names[i], kind, names[i] in optional, args[i]))
            i += 2 if kind in LISTS else 1

    def __repr__(self):
        return self.name


class Library:
    """The shared library at `path`. Handles are made in a scope: `with library.scope():`."""

    def __init__(self, path):
        text = preprocess()
        self.ffi = cffi.FFI()
        self.ffi.cdef(text)
        self.lib = self.ffi.dlopen(path)
        self.optional, self.kept = {}, []
        names = parameter_names(text)
        self.read_inventory()
        self.functions, self.undefined = {}, []  # undefined: declared, not in the library
        for name in names:
            try:
                self.functions[name] = Function(self, name, names[name])
            except AttributeError:
                self.undefined.append(name)

    def read_inventory(self):
        """The library's own list of ops says which tensors may be absent."""
        entry = self.ffi.new("torsh_op_entry *")
        for i in range(self.lib.torsh_op_count()):
            self.lib.torsh_op_at(i, entry)
            info, function = entry.info, self.ffi.string(entry.function).decode()
            absent = {self.ffi.string(p.name).decode() for p in info.params[0:info.param_count] if p.kind == self.lib.TORSH_PARAM_OPTIONAL_TENSOR}
            for suffix in ("", "_", "_out"):
                self.optional[function + suffix] = absent

    def function(self, name):
        return self.functions.get("torsh_" + name)

    def kind_of(self, ctype, following):
        counted = following is not None and following.cname == "size_t"
        if ctype.kind == "pointer":
            item = ctype.item
            if counted and item.cname in ("int64_t", "double"):
                return "ints" if item.cname == "int64_t" else "doubles"
            if counted and item.cname == "torsh_tensor":
                return "tensors"
            if counted and item.cname == "torsh_index_item":
                return "items"
            if item.cname in ("int64_t", "double", "_Bool"):
                return "result"
            if item.cname == "char":
                return "text"
            if item.cname == "void":
                return "callback"
            return "options" if item.cname.endswith("_options") else None
        if ctype.kind == "struct" and len(ctype.fields) > 1 and all(f.type.cname == "torsh_tensor" for _, f in ctype.fields):
            return "pair"
        if ctype.kind == "function":
            return "callback"
        if ctype.kind == "enum":
            return "dtype" if ctype.cname == "torsh_dtype" else "enum"
        return {"torsh_tensor": "tensor", "torsh_generator": "generator", "int64_t": "int", "uint64_t": "int", "int": "int", "double": "double",
                "_Bool": "bool", "int32_t": "device"}.get(ctype.cname)

    # ---- handles ---------------------------------------------------------------------------------------------------

    def scope(self):
        return _Scope(self, self.lib.torsh_scope_open)

    def level(self):
        """A level of forward mode."""
        return _Scope(self, self.lib.torsh_dual_level)

    def tangent(self, handle):
        """That of a handle as a torch.Tensor; None if there is none."""
        made = self.lib.torsh_unpack_dual(handle)
        self.check(made.primal)
        return self.to_torch(made.tangent) if made.tangent.id else None

    def check(self, handle):
        status = self.lib.torsh_id_status(handle.id)
        if status:
            name = self.ffi.string(self.lib.torsh_status_name(status)).decode()
            raise Refused(name, self.ffi.string(self.lib.torsh_id_error(handle.id)).decode(errors="replace"))
        return handle

    def check_status(self, status):
        if status:
            raise Refused(self.ffi.string(self.lib.torsh_status_name(status)).decode(), self.ffi.string(self.lib.torsh_last_error()).decode(errors="replace"))

    def null(self):
        return self.ffi.new("torsh_tensor *")[0]

    # ---- tensors both ways -----------------------------------------------------------------------------------------

    def from_torch(self, t, storages=None):
        """A copy of t with its strides. Tensors that share memory do so here, too, if they are given the same dict `storages`."""
        if t.dtype not in DTYPES or t.layout != torch.strided or t.device.type != "cpu":
            raise Unfit(None, t, f"a tensor of dtype {t.dtype}, layout {t.layout}, device {t.device.type}")
        requires_grad = t.requires_grad
        t = t.detach().resolve_conj().resolve_neg()
        dtype, size = DTYPES.index(t.dtype), t.element_size()
        storage = t.untyped_storage()
        if t.is_contiguous() and t.storage_offset() == 0 and storage.nbytes() == t.numel() * size and storages is None:
            handle = self.make(t, dtype, t.shape)
        else:
            storages = {} if storages is None else storages
            key = (storage.data_ptr(), dtype)
            if key not in storages or not storage.data_ptr():
                count = max([0] + [t.storage_offset() + 1 + sum((n - 1) * s for n, s in zip(t.shape, t.stride()))] if t.numel() else [0])
                count = max(count, storage.nbytes() // size)
                flat = torch.empty(0, dtype=t.dtype).set_(storage, 0, (count,), (1,))
                storages[key] = self.make(flat, dtype, flat.shape), storage  # kept, so that its address isn't another's meanwhile
            handle = self.check(self.lib.torsh_as_strided(storages[key][0], list(t.shape), t.dim(), list(t.stride()), t.dim(), t.storage_offset()))
        if requires_grad:
            self.check_status(self.lib.torsh_set_requires_grad(handle, True))
        return handle

    def make(self, t, dtype, shape):
        data = self.ffi.cast("void *", t.data_ptr()) if t.numel() else self.ffi.new("char[16]")
        return self.check(self.lib.torsh_from_data(data, list(shape), len(shape), dtype, 0))

    def to_torch(self, handle):
        self.check(handle)
        ndim = self.lib.torsh_ndim(handle)
        shape = [self.lib.torsh_size(handle, d) for d in range(ndim)]
        out = torch.empty(shape, dtype=DTYPES[self.lib.torsh_dtype_of(handle)])
        room = self.ffi.cast("void *", out.data_ptr()) if out.numel() else self.ffi.new("char[16]")
        self.check_status(self.lib.torsh_to_host(handle, room, out.numel() * out.element_size()))
        return out

    def number(self, value):
        if isinstance(value, bool):
            return self.check(self.lib.torsh_scalar(value, 0, 0))
        if isinstance(value, int):
            return self.check(self.lib.torsh_integer(value))
        if isinstance(value, float):
            return self.check(self.lib.torsh_number(value))
        return self.check(self.lib.torsh_complex_number(value.real, value.imag))

    # ---- calls -----------------------------------------------------------------------------------------------------

    def argument(self, param, value, tensor):
        """The C arguments (one or two) that carry value; `tensor` turns a torch.Tensor into a handle."""
        kind = param.kind
        fit = getattr(self, "as_" + kind)
        try:
            return fit(param, value, tensor)
        except (TypeError, OverflowError, ValueError) as error:
            raise Unfit(param, value, str(error)) from None

    def as_tensor(self, param, value, tensor):
        if value is None:
            return [self.null()]
        if isinstance(value, torch.Tensor):
            return [tensor(value)]
        if isinstance(value, (bool, int, float, complex)):
            return [self.number(value)]
        if isinstance(value, self.ffi.CData):
            return [value]
        raise TypeError("not a tensor or a number")

    def as_callback(self, param, value, tensor):
        """A C function, or its context: only the default, NULL."""
        if value is not None:
            raise TypeError("a Python function")
        return [self.ffi.NULL]

    def as_pair(self, param, value, tensor):
        made = self.ffi.new(param.ctype.cname + " *")
        for (name, _), v in zip(param.ctype.fields, value):
            setattr(made, name, tensor(v))
        return [made[0]]

    def as_tensors(self, param, value, tensor):
        if isinstance(value, torch.Tensor) or not isinstance(value, (list, tuple)):
            raise TypeError("not a list of tensors")
        items = [self.as_tensor(param, v, tensor)[0] for v in value]
        return [self.ffi.new("torsh_tensor[]", items or 1), len(items)]

    def as_ints(self, param, value, tensor):
        if value is None:
            return [self.ffi.NULL, 0]
        if isinstance(value, torch.Tensor) and value.dim() == 1:
            value = value.tolist()
        if isinstance(value, (int, torch.Tensor)):
            value = [value]
        items = [self.as_int(param, v, tensor)[0] for v in value]
        return [self.ffi.new("int64_t[]", items or 1), len(items)]

    def as_items(self, param, value, tensor):
        """What stands in Python's x[...]."""
        items = self.ffi.new("torsh_index_item[]", max(len(value), 1) if isinstance(value, tuple) else 1)
        values = value if isinstance(value, tuple) else (value,)
        for item, v in zip(items, values):
            if isinstance(v, slice):
                item.kind, item.start, item.step = self.lib.TORSH_INDEX_SLICE, v.start or 0, 1 if v.step is None else v.step
                item.end = 2**63 - 1 if v.stop is None else v.stop
            elif v is None or v is Ellipsis:
                item.kind = self.lib.TORSH_INDEX_NEW_AXIS if v is None else self.lib.TORSH_INDEX_ELLIPSIS
            elif isinstance(v, int) and not isinstance(v, bool):
                item.kind, item.start = self.lib.TORSH_INDEX_INT, v
            else:
                item.kind, item.tensor = self.lib.TORSH_INDEX_TENSOR, tensor(v if isinstance(v, torch.Tensor) else torch.tensor(v))
        return [items, len(values)]

    def as_doubles(self, param, value, tensor):
        if value is None:
            return [self.ffi.NULL, 0]
        items = [float(v) for v in (value if isinstance(value, (list, tuple)) else [value])]
        return [self.ffi.new("double[]", items or 1), len(items)]

    def as_int(self, param, value, tensor):
        if isinstance(value, torch.Tensor) and value.dim() == 0 and value.dtype in INTEGERS:
            value = value.item()
        if not isinstance(value, int):
            raise TypeError("not a whole number")
        return [int(value)]

    def as_double(self, param, value, tensor):
        if isinstance(value, torch.Tensor) and value.dim() == 0 and not value.requires_grad:
            value = value.item()
        if not isinstance(value, (int, float)):
            raise TypeError("not a real number")
        return [float(value)]

    def as_bool(self, param, value, tensor):
        if not isinstance(value, int):
            raise TypeError("not a bool")
        return [bool(value)]

    def as_dtype(self, param, value, tensor):
        if value is None:
            return [self.lib.TORSH_DTYPE_DEFAULT]
        if value not in DTYPES:
            raise TypeError("no such dtype")
        return [DTYPES.index(value)]

    def as_device(self, param, value, tensor):
        if value is not None and torch.device(value).type != "cpu":
            raise TypeError("not the CPU")
        return [0]

    def as_text(self, param, value, tensor):
        if value is None:
            return [self.ffi.NULL]
        return [self.ffi.new("char[]", value.encode())]

    def as_generator(self, param, value, tensor):
        if value is not None:
            raise TypeError("only the default generator is carried")
        return [self.ffi.new("torsh_generator *")[0]]

    def as_enum(self, param, value, tensor):
        if isinstance(value, str):
            prefix = "TORSH_"
            for number, name in param.ctype.elements.items():
                if name == prefix + value.upper():
                    return [number]
            raise TypeError("no such enumerator")
        return [int(value)]

    def options_fields(self, param):
        """The fields of an options parameter, as parameters; a list's count goes with its pointer."""
        fields = param.ctype.item.fields
        types = [f.type for _, f in fields] + [None]
        made = [Param(n, self.kind_of(f.type, types[i + 1]), False, f.type) for i, (n, f) in enumerate(fields)]
        return [p for i, p in enumerate(made) if p.name != "size" and not (i and made[i - 1].kind in LISTS)]

    def as_options(self, param, value, tensor):
        """value: {field: value}."""
        if not value:
            return [self.ffi.NULL]
        struct = param.ctype.item
        made = self.ffi.new(param.ctype, getattr(self.lib, struct.cname[:-len("_options")] + "_defaults")())
        names = [n for n, _ in struct.fields] + [None]
        for field in self.options_fields(param):
            if field.name in value:
                parts = self.argument(field, value[field.name], tensor)
                self.kept.append(parts)  # a field that points doesn't keep what it points to
                for name, part in zip(names[names.index(field.name):], parts):
                    setattr(made, name, part)
        return [made]

    def call(self, function, values, tensor):
        """values: {parameter: Python value}. Returns a list of tensor handles, or a list with one Python scalar."""
        self.kept, arguments, places = [], [], []
        for p in function.params:
            if p.kind == "result":
                places.append(self.ffi.new(p.ctype))
                arguments.append(places[-1])
            else:
                arguments += self.argument(p, values[p.name], tensor)
        results = self.results(function, function.pointer(*arguments))
        return results + [place[0] for place in places]

    def results(self, function, raw):
        cname = function.result.cname
        if cname == "torsh_tensor":
            return [self.check(raw)]
        if cname == "torsh_tensors":
            return self.elements(raw)
        if cname == "torsh_status":
            self.check_status(raw)
            return []
        if function.result.kind == "struct":
            fields = [getattr(raw, name) for name, _ in function.result.fields]
            return [self.check(self.ffi.new("torsh_tensor *", f)[0]) for f in fields]  # copies: raw goes
        return [raw]

    def elements(self, handles):
        self.check(handles)
        return [self.lib.torsh_tensors_get(handles, i) for i in range(self.lib.torsh_tensors_size(handles))]

    def requires_grad(self, handle):
        return bool(self.lib.torsh_requires_grad(handle))

    def gradients(self, outputs, inputs, grad_outputs, create_graph):
        """torch.autograd.grad(..., allow_unused=True); None for a gradient that isn't there."""
        options = self.ffi.new("torsh_grad_options *", self.lib.torsh_grad_defaults())
        options.create_graph, options.allow_unused = create_graph, True
        made = self.lib.torsh_autograd_grad(outputs, len(outputs), inputs, len(inputs), grad_outputs, options)
        return [g if g.id else None for g in self.elements(made)]


class _Scope:
    def __init__(self, library, open_it):
        self.library, self.open_it = library, open_it

    def __enter__(self):
        self.id = self.open_it()

    def __exit__(self, *_):
        self.library.lib.torsh_scope_close(self.id)
