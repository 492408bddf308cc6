/* REDUCTION rows in WGSL: each invocation joins a run of elements; with `spread` a workgroup joins what its invocations have. */
#include "wgsl.h"

#include <string.h>

static bool part(gpu_expression *e, const char *text, const char *what, char *problem, size_t size)
{
    if (torsh__gpu_parse(e, text)) return true;
    snprintf(problem, size, "%s: %s", what, e->problem);
    return false;
}

bool torsh__gpu_parse_reduction(gpu_reduction *r, const torsh_op_info *op, char *problem, size_t size)
{
    static const char *const joins[] = {"add", "mul", "max", "min", "or", "and"};
    int join = 0;
    if (!op->value || !op->identity || !op->finish || !op->join) {
        snprintf(problem, size, "the row has no text");
        return false;
    }
    while (join < 6 && strcmp(op->join, joins[join]) != 0) join++;
    if (join == 6) {
        snprintf(problem, size, "no join \"%s\"", op->join);
        return false;
    }
    r->join = (enum gpu_join)join;
    return part(&r->map, op->value, "value", problem, size) && part(&r->identity, op->identity, "identity", problem, size) &&
           part(&r->finish, op->finish, "finish", problem, size);
}

/* ---- accumulators ---------------------------------------------------------------------------------------------- */

typedef enum accumulator { PLAIN, TRUTH, LONG } accumulator;

/* any and all join truths. Sums and products that come out as i64 are made in 64 bits: of whole numbers, or counts of truths. */
static accumulator accumulator_of(const gpu_reduction *r, const gpu_form *form)
{
    gpu_class which = GPU_FLOAT;
    torsh__gpu_class((torsh_dtype)form->compute, &which);
    if (r->join >= GPU_OR) return TRUTH;
    const gpu_node *finish = &r->finish.node[r->finish.root];
    bool plain_finish = finish->kind == GPU_NAME && strcmp(finish->name, "acc") == 0;
    bool whole = which != GPU_FLOAT || r->map.node[r->map.root].truth;
    return form->operand[0].dtype == TORSH_I64 && r->join <= GPU_MUL && plain_finish && whole ? LONG : PLAIN;
}

int torsh__gpu_accumulator_words(const gpu_reduction *r, const gpu_form *form)
{
    return accumulator_of(r, form) == LONG ? 2 : 1;
}

static const char *type_of(accumulator a, gpu_class which)
{
    return a == LONG ? "vec2<u32>" : a == TRUTH ? "i32" : torsh__gpu_wgsl_type(which);
}

static const char long_text[] =
    "fn long_add(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> { let lo = a.x + b.x; return vec2<u32>(lo, a.y + b.y + select(0u, 1u, lo < a.x)); }\n"
    "fn high(a: u32, b: u32) -> u32 { let al = a & 65535u; let ah = a >> 16u; let bl = b & 65535u; let bh = b >> 16u;\n"
    "  let m = ah * bl + ((al * bl) >> 16u); let k = al * bh + (m & 65535u); return ah * bh + (m >> 16u) + (k >> 16u); }\n"
    "fn long_mul(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> { return vec2<u32>(a.x * b.x, high(a.x, b.x) + a.x * b.y + a.y * b.x); }\n";

static const char *join_text(enum gpu_join join, accumulator a)
{
    if (a == LONG) return join == GPU_ADD ? "long_add(s, t)" : "long_mul(s, t)";
    switch (join) {
    case GPU_ADD: return "s + t";
    case GPU_MUL: return "s * t";
    case GPU_MAX: return "m_max(s, t)";
    case GPU_MIN: return "m_min(s, t)";
    case GPU_OR: return "s | t";
    case GPU_AND: return "s & t";
    }
    return "s";
}

/* ---- pieces of the kernel ------------------------------------------------------------------------------------- */

typedef struct kernel {
    gpu_text *out;
    const gpu_reduction *r;
    const gpu_form *form;
    gpu_class which;
    accumulator acc;
    char *problem;
    size_t size;
    int sizes, inner_sizes, result, input, inner_strides, p; /* words */
} kernel;

enum { COUNT, LENGTH, PARTS, PART, TOTAL, FIRST_SIZE };

static void place_words(kernel *k)
{
    k->sizes = FIRST_SIZE;
    k->inner_sizes = k->sizes + k->form->rank;
    k->result = k->inner_sizes + k->form->inner;
    k->input = k->result + 1 + k->form->rank;
    k->inner_strides = k->input + 1 + k->form->rank;
    k->p = k->inner_strides + k->form->inner;
}

static void word(const kernel *k, const char *before, int index, const char *after)
{
    torsh__gpu_print(k->out, "%s", before);
    torsh__gpu_wgsl_word(k->out, index);
    torsh__gpu_print(k->out, "%s", after);
}

static void let_p(const kernel *k)
{
    torsh__gpu_print(k->out, "  let p = bitcast<%s>(", torsh__gpu_wgsl_type(k->which));
    word(k, "", k->p, ");\n");
}

/* fn element(base, j) -> accumulator: what element j of a result adds. */
static bool element(const kernel *k)
{
    const char *type = type_of(k->acc, k->which);
    torsh__gpu_print(k->out, "fn element(base: u32, j: u32) -> %s {\n", type);
    if (k->form->raw_in) {
        int b = k->form->operand[1].binding;
        if (k->acc == LONG) torsh__gpu_print(k->out, "  let at = (base + j) * 2u; return vec2<u32>(b%d[at], b%d[at + 1u]); }\n", b, b);
        else torsh__gpu_print(k->out, "  return bitcast<%s>(b%d[base + j]); }\n", type, b);
        return true;
    }
    const char *variable = "at";
    torsh__gpu_print(k->out, "  var at = base;\n");
    torsh__gpu_wgsl_walk(k->out, "j", k->form->inner, k->inner_sizes, 1, &variable, &k->inner_strides);
    torsh__gpu_print(k->out, "  let a = load_a(at);\n");
    let_p(k);
    bool truth = k->r->map.node[k->r->map.root].truth;
    if (k->acc == TRUTH || (k->acc == LONG && truth)) torsh__gpu_print(k->out, "  let v = select(0, 1, ");
    else torsh__gpu_print(k->out, "  let v = (");
    if (!torsh__gpu_wgsl_expression(k->out, &k->r->map, k->which, k->acc == TRUTH || (k->acc == LONG && truth), k->problem, k->size)) return false;
    torsh__gpu_print(k->out, k->acc == LONG ? ");\n  return vec2<u32>(bitcast<u32>(v), bitcast<u32>(v >> 31u)); }\n" : ");\n  return v; }\n");
    return true;
}

static bool identity(const kernel *k)
{
    torsh__gpu_print(k->out, "fn identity() -> %s { return ", type_of(k->acc, k->which));
    if (k->acc == LONG) torsh__gpu_print(k->out, "vec2<u32>(%s, 0u)", k->r->join == GPU_MUL ? "1u" : "0u");
    else if (!torsh__gpu_wgsl_expression(k->out, &k->r->identity, k->acc == TRUTH ? GPU_BOOL : k->which, false, k->problem, k->size)) return false;
    torsh__gpu_print(k->out, "; }\n");
    return true;
}

/* fn finish(t, acc): the result of accumulator t, stored. */
static bool finish(const kernel *k)
{
    int b = k->form->operand[0].binding;
    torsh__gpu_print(k->out, "fn finish(t: u32, acc: %s) {\n", type_of(k->acc, k->which));
    if (k->form->raw_out) {
        if (k->acc == LONG) torsh__gpu_print(k->out, "  b%d[t * 2u] = acc.x; b%d[t * 2u + 1u] = acc.y; }\n", b, b);
        else torsh__gpu_print(k->out, "  b%d[t] = bitcast<u32>(acc); }\n", b);
        return true;
    }
    const char *variable = "at";
    int strides = k->result + 1;
    word(k, "  var at = ", k->result, ";\n");
    torsh__gpu_wgsl_walk(k->out, "t", k->form->rank, k->sizes, 1, &variable, &strides);
    if (k->acc == LONG) {
        torsh__gpu_print(k->out, "  b%d[at * 2u] = acc.x; b%d[at * 2u + 1u] = acc.y; }\n", b, b);
        return true;
    }
    torsh__gpu_print(k->out, "  let n = %s(", torsh__gpu_wgsl_type(k->which));
    word(k, "", TOTAL, ");\n");
    let_p(k);
    torsh__gpu_print(k->out, "  store(at, ");
    if (!torsh__gpu_wgsl_expression(k->out, &k->r->finish, k->acc == TRUTH ? GPU_BOOL : k->which, false, k->problem, k->size)) return false;
    torsh__gpu_print(k->out, "); }\n");
    return true;
}

static void entry(const kernel *k)
{
    const char *variable = "base";
    int strides = k->input + 1;
    gpu_text *out = k->out;
    if (k->form->spread) torsh__gpu_print(out, "var<workgroup> shared_acc: array<%s, %d>;\n", type_of(k->acc, k->which), GPU_GROUP);
    torsh__gpu_print(out, "fn start_of(t: u32) -> u32 {\n");
    if (k->form->raw_in) {
        word(k, "  return t * ", LENGTH, "; }\n");
    } else {
        word(k, "  var base = ", k->input, ";\n");
        torsh__gpu_wgsl_walk(out, "t", k->form->rank, k->sizes, 1, &variable, &strides);
        torsh__gpu_print(out, "  return base; }\n");
    }
    torsh__gpu_print(out, "@compute @workgroup_size(%d)\nfn main(@builtin(global_invocation_id) g: vec3<u32>, @builtin(local_invocation_index) lane: u32,\n"
                          "        @builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {\n", GPU_GROUP);
    word(k, "  let count = ", COUNT, ";");
    word(k, " let length = ", LENGTH, ";\n");
    if (!k->form->spread) {
        torsh__gpu_print(out, "  let t = g.x + g.y * (groups.x * %du); if (t >= count) { return; }\n"
                              "  let base = start_of(t); var acc = identity();\n"
                              "  for (var j = 0u; j < length; j++) { acc = join(acc, element(base, j)); }\n  finish(t, acc);\n}\n", GPU_GROUP);
        return;
    }
    word(k, "  let parts = ", PARTS, ";");
    word(k, " let part = ", PART, ";\n");
    torsh__gpu_print(out, "  let which = group.x + group.y * groups.x; let there = which < count * parts;\n"
                          "  let t = select(0u, which / parts, there); let base = start_of(t); let first = (which %% parts) * part;\n"
                          "  let end = select(0u, min(first + part, length), there); var acc = identity();\n"
                          "  for (var j = first + lane; j < end; j += %du) { acc = join(acc, element(base, j)); }\n"
                          "  shared_acc[lane] = acc; workgroupBarrier();\n"
                          "  for (var s = %du; s > 0u; s = s >> 1u) {\n"
                          "    if (lane < s) { shared_acc[lane] = join(shared_acc[lane], shared_acc[lane + s]); }\n    workgroupBarrier(); }\n"
                          "  if (lane == 0u && there) { finish(which, shared_acc[0]); }\n}\n", GPU_GROUP, GPU_GROUP / 2);
}

bool torsh__gpu_wgsl_reduction(gpu_text *out, const gpu_reduction *r, const gpu_form *form, char *problem, size_t size)
{
    kernel k = {.out = out, .r = r, .form = form, .problem = problem, .size = size};
    if (!torsh__gpu_class((torsh_dtype)form->compute, &k.which)) {
        snprintf(problem, size, "WGSL can't compute in this dtype");
        return false;
    }
    k.acc = accumulator_of(r, form);
    place_words(&k);
    torsh__gpu_wgsl_bindings(out, form);
    if (!form->raw_in) torsh__gpu_wgsl_load(out, form, 1, k.which, "load_a");
    if (!form->raw_out && k.acc != LONG) torsh__gpu_wgsl_store(out, form, 0, k.acc == TRUTH ? GPU_BOOL : k.which, "store");
    if (k.acc == LONG) torsh__gpu_print(out, "%s", long_text);
    const gpu_expression *texts[4] = {&r->map, &r->identity, &r->finish};
    gpu_expression join = {.count = 0};
    if (k.acc == PLAIN && (r->join == GPU_MAX || r->join == GPU_MIN)) torsh__gpu_parse(&join, r->join == GPU_MAX ? "m_max(a, b)" : "m_min(a, b)");
    texts[3] = &join;
    if (!torsh__gpu_wgsl_functions(out, texts, 4, k.which, problem, size)) return false;
    torsh__gpu_print(out, "fn join(s: %s, t: %s) -> %s { return %s; }\n", type_of(k.acc, k.which), type_of(k.acc, k.which), type_of(k.acc, k.which),
                     join_text(r->join, k.acc));
    if (!identity(&k) || !element(&k) || !finish(&k)) return false;
    entry(&k);
    if (out->full) snprintf(problem, size, "the kernel's text is too long");
    return !out->full;
}
