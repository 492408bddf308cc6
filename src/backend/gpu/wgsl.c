/* Loads, stores, index arithmetic and the pointwise kernel in WGSL. */
#include "wgsl.h"

#include <string.h>

bool torsh__gpu_class(torsh_dtype compute, gpu_class *which)
{
    switch (compute) {
    case TORSH_F16:
    case TORSH_BF16:
    case TORSH_F32: *which = GPU_FLOAT; return true;
    case TORSH_U8:
    case TORSH_I8:
    case TORSH_I16:
    case TORSH_I32: *which = GPU_INT; return true;
    case TORSH_BOOL: *which = GPU_BOOL; return true;
    default: return false;
    }
}

bool torsh__gpu_storable(torsh_dtype dtype)
{
    return dtype >= 0 && dtype <= TORSH_F64;
}

int torsh__gpu_per_word(torsh_dtype dtype)
{
    switch (dtype) {
    case TORSH_BOOL:
    case TORSH_U8:
    case TORSH_I8: return 4;
    case TORSH_I16:
    case TORSH_F16:
    case TORSH_BF16: return 2;
    default: return 1;
    }
}

void torsh__gpu_wgsl_word(gpu_text *out, int index)
{
    torsh__gpu_print(out, "u.v[%d].%c", index / 4, "xyzw"[index % 4]);
}

/* ---- bindings ------------------------------------------------------------------------------------------------ */

/* Outputs narrower than a word that are not made a word at a time are merged into theirs atomically. */
static bool is_atomic(const gpu_form *form, int binding)
{
    return binding == form->operand[0].binding && !form->packed && torsh__gpu_per_word((torsh_dtype)form->operand[0].dtype) > 1;
}

void torsh__gpu_wgsl_bindings(gpu_text *out, const gpu_form *form)
{
    unsigned done = 0;
    torsh__gpu_print(out, "struct U { v: array<vec4<u32>, %d> }\n@group(0) @binding(0) var<uniform> u: U;\n", GPU_WORDS / 4);
    for (int k = 0; k < form->operands; k++) {
        int binding = form->operand[k].binding;
        if (form->operand[k].how != GPU_BUFFER || done >> binding & 1) continue;
        done |= 1u << binding;
        torsh__gpu_print(out, "@group(0) @binding(%d) var<storage, %s> b%d: array<%s>;\n", binding, k == 0 ? "read_write" : "read", binding,
                         is_atomic(form, binding) ? "atomic<u32>" : "u32");
    }
}

/* ---- loads --------------------------------------------------------------------------------------------------- */

/* f16 bits (a u32) to f32 and back, rounding to nearest even; f64 words to f32 (to nearest even, no subnormals) and back. */
static const char half_in[] = "fn half_in(h: u32) -> f32 { let e = (h >> 10u) & 31u; let m = h & 0x3ffu; let s = (h & 0x8000u) << 16u;\n"
                              "  let small = bitcast<u32>(f32(m) * 0x1p-24f); let big = (select(e + 112u, 255u, e == 31u) << 23u) | (m << 13u);\n"
                              "  return bitcast<f32>(select(big, small, e == 0u) | s); }\n";
static const char half_out[] = "fn half_out(f: f32) -> u32 { let u = bitcast<u32>(f); let s = (u >> 16u) & 0x8000u; let m = u & 0x7fffffffu;\n"
                               "  let normal = (m - 0x38000000u + 0xfffu + ((m >> 13u) & 1u)) >> 13u;\n"
                               "  let small = bitcast<u32>(bitcast<f32>(m) + 0.5) - 0x3f000000u;\n"
                               "  var h = select(normal, small, m < 0x38800000u); h = select(h, 0x7c00u, m >= 0x477ff000u);\n"
                               "  return select(h, 0x7e00u, m > 0x7f800000u) | s; }\n";
static const char brain_out[] = "fn brain_out(f: f32) -> u32 { let u = bitcast<u32>(f);\n"
                                "  return select((u + 0x7fffu + ((u >> 16u) & 1u)) >> 16u, 0x7fc0u, (u & 0x7fffffffu) > 0x7f800000u); }\n";
static const char double_in[] = "fn double_in(lo: u32, hi: u32) -> f32 { let s = hi & 0x80000000u; let e = i32((hi >> 20u) & 0x7ffu) - 896;\n"
                                "  let m = ((hi & 0xfffffu) << 3u) | (lo >> 29u); let rest = lo & 0x1fffffffu; let odd = m & 1u;\n"
                                "  let up = select(0u, 1u, rest > 0x10000000u || (rest == 0x10000000u && odd == 1u));\n"
                                "  var v = ((u32(clamp(e, 0, 255)) << 23u) | m) + up; v = select(v, 0u, e <= 0);\n"
                                "  v = select(v, select(0x7f800000u, 0x7fc00000u, e == 1151 && (m != 0u || rest != 0u)), e >= 255);\n"
                                "  return bitcast<f32>(v | s); }\n";
static const char double_out[] = "fn double_out(f: f32) -> vec2<u32> { let u = bitcast<u32>(f); let e = (u >> 23u) & 255u; let m = u & 0x7fffffu;\n"
                                 "  let x = select(select(e + 896u, 2047u, e == 255u), 0u, e == 0u);\n"
                                 "  return vec2<u32>(select(m << 29u, 0u, e == 0u), (u & 0x80000000u) | (x << 20u) | select(m >> 3u, 0u, e == 0u)); }\n";
static const char long_in[] = "fn long_in(lo: u32, hi: u32) -> f32 { let minus = (hi >> 31u) == 1u; let l = select(lo, ~lo + 1u, minus);\n"
                              "  let h = select(hi, ~hi + select(0u, 1u, lo == 0u), minus); let v = fma(f32(h), 0x1p32f, f32(l)); return select(v, -v, minus); }\n";
/* By magnitude: a negative number's low word would round up. */
static const char long_out[] = "fn long_out(f: f32) -> vec2<u32> { let a = abs(f); let h = floor(a * 0x1p-32f); let l = u32(a - h * 0x1p32f); let up = u32(h);\n"
                               "  return select(vec2<u32>(l, up), vec2<u32>(~l + 1u, ~up + select(0u, 1u, l == 0u)), f < 0.0); }\n";

/* A helper defined once per kernel, however many operands need it. */
static void helper(gpu_text *out, const char *text)
{
    char head[24];
    snprintf(head, sizeof head, "%.*s", (int)strcspn(text, "("), text);
    if (!strstr(out->data, head)) torsh__gpu_print(out, "%s", text);
}

/* Text for the word at `index` of the operand's buffer. */
typedef struct word_text { char text[96]; } word_text;

static word_text word_at(const gpu_form *form, int operand, const char *index)
{
    word_text w;
    int binding = form->operand[operand].binding;
    snprintf(w.text, sizeof w.text, is_atomic(form, binding) ? "atomicLoad(&b%d[%s])" : "b%d[%s]", binding, index);
    return w;
}

void torsh__gpu_wgsl_load(gpu_text *out, const gpu_form *form, int operand, gpu_class which, const char *name)
{
    torsh_dtype dtype = (torsh_dtype)form->operand[operand].dtype;
    int per = torsh__gpu_per_word(dtype);
    word_text w = word_at(form, operand, per == 4 ? "i >> 2u" : per == 2 ? "i >> 1u" : dtype == TORSH_I64 || dtype == TORSH_F64 ? "i * 2u" : "i");
    word_text upper = word_at(form, operand, "i * 2u + 1u");
    bool floating = dtype >= TORSH_F16; /* what v is: f32 or i32 */
    if (dtype == TORSH_F16) helper(out, half_in);
    if (dtype == TORSH_F64) helper(out, double_in);
    if (dtype == TORSH_I64 && which == GPU_FLOAT) helper(out, long_in);
    torsh__gpu_print(out, "fn %s(i: u32) -> %s { ", name, torsh__gpu_wgsl_type(which));
    switch (dtype) {
    case TORSH_BOOL:
    case TORSH_U8: torsh__gpu_print(out, "let v = i32((%s >> ((i & 3u) * 8u)) & 255u);", w.text); break;
    case TORSH_I8: torsh__gpu_print(out, "let v = bitcast<i32>(%s << (24u - (i & 3u) * 8u)) >> 24u;", w.text); break;
    case TORSH_I16: torsh__gpu_print(out, "let v = bitcast<i32>(%s << (16u - (i & 1u) * 16u)) >> 16u;", w.text); break;
    case TORSH_F16: torsh__gpu_print(out, "let v = half_in((%s >> ((i & 1u) * 16u)) & 65535u);", w.text); break;
    case TORSH_BF16: torsh__gpu_print(out, "let v = bitcast<f32>((%s >> ((i & 1u) * 16u)) << 16u);", w.text); break;
    case TORSH_I32: torsh__gpu_print(out, "let v = bitcast<i32>(%s);", w.text); break;
    case TORSH_F64: torsh__gpu_print(out, "let v = double_in(%s, %s);", w.text, upper.text); break;
    case TORSH_I64:
        floating = which == GPU_FLOAT;
        if (floating) torsh__gpu_print(out, "let v = long_in(%s, %s);", w.text, upper.text);
        else if (which == GPU_BOOL) torsh__gpu_print(out, "let v = bitcast<i32>(%s | %s);", w.text, upper.text);
        else torsh__gpu_print(out, "let v = bitcast<i32>(%s);", w.text);
        break;
    default: torsh__gpu_print(out, "let v = bitcast<f32>(%s);", w.text); break;
    }
    if (which == GPU_FLOAT) torsh__gpu_print(out, floating ? " return v; }\n" : " return f32(v); }\n");
    else if (which == GPU_BOOL) torsh__gpu_print(out, floating ? " return select(1, 0, v == 0.0); }\n" : " return select(1, 0, v == 0); }\n");
    else torsh__gpu_print(out, floating ? " return i32(v); }\n" : " return v; }\n");
}

/* ---- stores -------------------------------------------------------------------------------------------------- */

/* fn bits(v) -> u32: an element narrower than a word, in the word's low bits. */
static void narrow_bits(gpu_text *out, torsh_dtype dtype, gpu_class which)
{
    bool floating = which == GPU_FLOAT;
    if (dtype == TORSH_F16) helper(out, half_out);
    if (dtype == TORSH_BF16) helper(out, brain_out);
    torsh__gpu_print(out, "fn bits(v: %s) -> u32 { return ", torsh__gpu_wgsl_type(which));
    if (dtype == TORSH_BOOL) torsh__gpu_print(out, floating ? "select(1u, 0u, v == 0.0)" : "select(1u, 0u, v == 0)");
    else if (dtype == TORSH_F16) torsh__gpu_print(out, floating ? "half_out(v)" : "half_out(f32(v))");
    else if (dtype == TORSH_BF16) torsh__gpu_print(out, floating ? "brain_out(v)" : "brain_out(f32(v))");
    else torsh__gpu_print(out, "bitcast<u32>(i32(v)) & %s", torsh__gpu_per_word(dtype) == 4 ? "255u" : "65535u");
    torsh__gpu_print(out, "; }\n");
}

void torsh__gpu_wgsl_store(gpu_text *out, const gpu_form *form, int operand, gpu_class which, const char *name)
{
    const gpu_operand *o = &form->operand[operand];
    torsh_dtype dtype = (torsh_dtype)o->dtype;
    bool floating = which == GPU_FLOAT;
    int b = o->binding, per = torsh__gpu_per_word(dtype);
    if (per > 1) narrow_bits(out, dtype, which);
    if (per > 1 && form->packed) return; /* the kernel gathers words itself */
    if (dtype == TORSH_F64) helper(out, double_out);
    if (dtype == TORSH_I64 && floating) helper(out, long_out);
    torsh__gpu_print(out, "fn %s(i: u32, v: %s) { ", name, torsh__gpu_wgsl_type(which));
    if (per == 4) torsh__gpu_print(out, "let s = (i & 3u) * 8u; atomicAnd(&b%d[i >> 2u], ~(255u << s)); atomicOr(&b%d[i >> 2u], bits(v) << s);", b, b);
    else if (per == 2) torsh__gpu_print(out, "let s = (i & 1u) * 16u; atomicAnd(&b%d[i >> 1u], ~(65535u << s)); atomicOr(&b%d[i >> 1u], bits(v) << s);", b, b);
    else if (dtype == TORSH_F32) torsh__gpu_print(out, "b%d[i] = bitcast<u32>(%s);", b, floating ? "v" : "f32(v)");
    else if (dtype == TORSH_I32) torsh__gpu_print(out, "b%d[i] = bitcast<u32>(%s);", b, floating ? "i32(v)" : "v");
    else if (dtype == TORSH_F64) torsh__gpu_print(out, "let w = double_out(f32(v)); b%d[i * 2u] = w.x; b%d[i * 2u + 1u] = w.y;", b, b);
    else if (floating) torsh__gpu_print(out, "let w = long_out(trunc(v)); b%d[i * 2u] = w.x; b%d[i * 2u + 1u] = w.y;", b, b);
    else torsh__gpu_print(out, "b%d[i * 2u] = bitcast<u32>(v); b%d[i * 2u + 1u] = bitcast<u32>(v >> 31u);", b, b);
    torsh__gpu_print(out, " }\n");
}

void torsh__gpu_wgsl_walk(gpu_text *out, const char *index, int rank, int sizes, int variables, const char *const *variable, const int *strides)
{
    torsh__gpu_print(out, "  var rest_%s = %s;\n", index, index);
    for (int d = 0; d < rank; d++) {
        torsh__gpu_print(out, "  { ");
        if (d < rank - 1) {
            torsh__gpu_print(out, "let size = ");
            torsh__gpu_wgsl_word(out, sizes + d);
            torsh__gpu_print(out, "; let here = rest_%s %% size; rest_%s = rest_%s / size;", index, index, index);
        } else {
            torsh__gpu_print(out, "let here = rest_%s;", index); /* outermost: what is left */
        }
        for (int k = 0; k < variables; k++) {
            torsh__gpu_print(out, " %s += here * ", variable[k]);
            torsh__gpu_wgsl_word(out, strides[k] + d);
            torsh__gpu_print(out, ";");
        }
        torsh__gpu_print(out, " }\n");
    }
}

/* ---- the pointwise kernel ------------------------------------------------------------------------------------- */

static const char *const names[GPU_MOST_OPERANDS] = {"y", "a", "b", "c", "d", "e"};

/* fn value(i) of the class that is stored: element i of the result; `i0` becomes its place in the output. */
static bool value_function(gpu_text *out, const gpu_expression *value, bool to_bool, const gpu_form *form, gpu_class which, char *problem, size_t size)
{
    static const char *const index[GPU_MOST_OPERANDS] = {"i0", "i1", "i2", "i3", "i4", "i5"};
    const char *type = torsh__gpu_wgsl_type(which);
    int sizes = 1, word = sizes + form->rank, count = 0, strides[GPU_MOST_OPERANDS];
    const char *variable[GPU_MOST_OPERANDS];
    torsh__gpu_print(out, "var<private> place: u32;\nfn value(i: u32) -> %s {\n", torsh__gpu_wgsl_type(to_bool ? GPU_BOOL : which));
    for (int k = 0; k < form->operands; k++) {
        if (form->operand[k].how != GPU_BUFFER) continue;
        torsh__gpu_print(out, "  var %s = ", index[k]);
        torsh__gpu_wgsl_word(out, word);
        torsh__gpu_print(out, ";\n");
        variable[count] = index[k];
        strides[count++] = word + 1;
        word += 1 + form->rank;
    }
    torsh__gpu_wgsl_walk(out, "i", form->rank, sizes, count, variable, strides);
    torsh__gpu_print(out, "  place = i0;\n");
    for (int k = 1; k < form->operands; k++) {
        if (form->operand[k].how == GPU_BUFFER) torsh__gpu_print(out, "  let %s = load_%s(%s);\n", names[k], names[k], index[k]);
        if (form->operand[k].how != GPU_UNIFORM) continue;
        torsh__gpu_print(out, "  let %s = bitcast<%s>(", names[k], type);
        torsh__gpu_wgsl_word(out, word++);
        torsh__gpu_print(out, ");\n");
    }
    for (int k = 0; k < 3; k++) {
        torsh__gpu_print(out, "  let %c = bitcast<%s>(", "pqr"[k], type);
        torsh__gpu_wgsl_word(out, word++);
        torsh__gpu_print(out, ");\n");
    }
    torsh__gpu_print(out, to_bool ? "  return select(0, 1, " : "  return (");
    if (!torsh__gpu_wgsl_expression(out, value, which, to_bool, problem, size)) return false;
    torsh__gpu_print(out, ");\n}\n");
    return true;
}

bool torsh__gpu_wgsl_pointwise(gpu_text *out, const gpu_expression *value, bool to_bool, const gpu_form *form, char *problem, size_t size)
{
    gpu_class which = GPU_FLOAT;
    if (!torsh__gpu_class((torsh_dtype)form->compute, &which)) {
        snprintf(problem, size, "WGSL can't compute in this dtype");
        return false;
    }
    torsh__gpu_wgsl_bindings(out, form);
    for (int k = 1; k < form->operands; k++) {
        char name[16];
        snprintf(name, sizeof name, "load_%s", names[k]);
        if (form->operand[k].how == GPU_BUFFER) torsh__gpu_wgsl_load(out, form, k, which, name);
    }
    torsh__gpu_wgsl_store(out, form, 0, to_bool ? GPU_BOOL : which, "store");
    if (!torsh__gpu_wgsl_functions(out, &value, 1, which, problem, size)) return false;
    if (!value_function(out, value, to_bool, form, which, problem, size)) return false;
    torsh__gpu_print(out, "@compute @workgroup_size(%d)\nfn main(@builtin(global_invocation_id) g: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {\n"
                          "  let t = g.x + g.y * (groups.x * %du); let count = u.v[0].x;\n", GPU_GROUP, GPU_GROUP);
    int per = torsh__gpu_per_word((torsh_dtype)form->operand[0].dtype), b = form->operand[0].binding;
    if (per > 1 && form->packed) {
        torsh__gpu_print(out, "  if (t * %du >= count) { return; }\n  var word = 0u; var mask = 0u; var at = 0u;\n"
                              "  for (var j = 0u; j < %du; j++) { let i = t * %du + j; if (i < count) {\n"
                              "    let v = bits(value(i)); if (j == 0u) { at = place; }\n"
                              "    word |= v << (j * %du); mask |= %s << (j * %du); } }\n"
                              "  let w = at / %du; if (mask == 0xffffffffu) { b%d[w] = word; } else { b%d[w] = (b%d[w] & ~mask) | word; }\n}\n",
                         per, per, per, 32 / per, per == 4 ? "255u" : "65535u", 32 / per, per, b, b, b);
    } else {
        torsh__gpu_print(out, "  if (t >= count) { return; }\n  let v = value(t);\n  store(place, v);\n}\n");
    }
    if (out->full) snprintf(problem, size, "the kernel's text is too long");
    return !out->full;
}
