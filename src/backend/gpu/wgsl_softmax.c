/* Softmax, log-softmax and their gradients in WGSL: a maximum and a sum over each row, then the row's values. */
#include "wgsl.h"

/* What is summed over the row, and what comes out, from a, b (at an element), top (the row's maximum) and sum. */
static const struct { const char *summed, *value; bool top; int operands; } kinds[] = {
    [GPU_SOFTMAX] = {"m_exp(a - top)", "m_exp(a - top) / sum", true, 2},
    [GPU_LOG_SOFTMAX] = {"m_exp(a - top)", "a - top - m_log(sum)", true, 2},
    [GPU_SOFTMAX_BACKWARD] = {"a * b", "b * (a - sum)", false, 3},
    [GPU_LOG_SOFTMAX_BACKWARD] = {"a", "a - m_exp(b) * sum", false, 3},
};

/* Statements: `name` becomes the join of `value` over the row. */
static void over_row(gpu_text *out, const gpu_form *form, const char *name, const char *start, const char *value, const char *join, const char *loads)
{
    torsh__gpu_print(out, "  var %s = %s;\n  for (var j = lane; j < length; j += %du) { %s let v = %s; %s = %s; }\n", name, start, form->spread ? GPU_GROUP : 1, loads,
                     value, name, join);
    if (!form->spread) return;
    torsh__gpu_print(out, "  shared_values[lane] = %s; workgroupBarrier();\n"
                          "  for (var s = %du; s > 0u; s = s >> 1u) {\n"
                          "    if (lane < s) { let v = shared_values[lane + s]; %s = shared_values[lane]; shared_values[lane] = %s; }\n    workgroupBarrier(); }\n"
                          "  %s = shared_values[0]; workgroupBarrier();\n", name, GPU_GROUP / 2, name, join, name);
}

bool torsh__gpu_wgsl_softmax(gpu_text *out, gpu_softmax kind, const gpu_form *form, char *problem, size_t size)
{
    static const char *const names[3] = {"yi", "ai", "bi"}, *const load_names[3] = {"", "load_a", "load_b"};
    int sizes = 2, word = sizes + form->rank, strides[3], count = form->operands;
    gpu_class which = GPU_FLOAT;
    if (!torsh__gpu_class((torsh_dtype)form->compute, &which) || which != GPU_FLOAT) {
        snprintf(problem, size, "WGSL can't compute in this dtype");
        return false;
    }
    torsh__gpu_wgsl_bindings(out, form);
    for (int k = 1; k < count; k++) torsh__gpu_wgsl_load(out, form, k, which, load_names[k]);
    torsh__gpu_wgsl_store(out, form, 0, which, "store");
    gpu_expression uses[3];
    const gpu_expression *used[3] = {&uses[0], &uses[1], &uses[2]};
    if (!torsh__gpu_parse(&uses[0], "m_exp(x)") || !torsh__gpu_parse(&uses[1], "m_log(x)") || !torsh__gpu_parse(&uses[2], "m_max(a, m_lowest)")) return false;
    if (!torsh__gpu_wgsl_functions(out, used, 3, which, problem, size)) return false;
    if (form->spread) torsh__gpu_print(out, "var<workgroup> shared_values: array<f32, %d>;\n", GPU_GROUP);
    torsh__gpu_print(out, "@compute @workgroup_size(%d)\nfn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,\n"
                          "        @builtin(local_invocation_index) index: u32) {\n  let which = group.x + group.y * groups.x;\n", GPU_GROUP);
    if (form->spread) torsh__gpu_print(out, "  let lane = index; let there = which < u.v[0].x; let row = select(0u, which, there); let length = select(0u, u.v[0].y, there);\n");
    else torsh__gpu_print(out, "  let lane = 0u; let row = which * %du + index; if (row >= u.v[0].x) { return; } let length = u.v[0].y;\n", GPU_GROUP);
    for (int k = 0; k < count; k++) {
        torsh__gpu_print(out, "  var %s = ", names[k]);
        torsh__gpu_wgsl_word(out, word);
        torsh__gpu_print(out, "; let %s_step = ", names[k]);
        torsh__gpu_wgsl_word(out, word + 1);
        torsh__gpu_print(out, ";\n");
        strides[k] = word + 2;
        word += 2 + form->rank;
    }
    torsh__gpu_wgsl_walk(out, "row", form->rank, sizes, count, names, strides);
    const char *loads = kinds[kind].operands == 3 ? "let a = load_a(ai + j * ai_step); let b = load_b(bi + j * bi_step);" : "let a = load_a(ai + j * ai_step);";
    if (kinds[kind].top) over_row(out, form, "top", "m_lowest()", "a", "m_max(top, v)", loads);
    over_row(out, form, "sum", "0.0", kinds[kind].summed, "sum + v", loads);
    torsh__gpu_print(out, "  for (var j = lane; j < length; j += %du) { %s store(yi + j * yi_step, %s); }\n}\n", form->spread ? GPU_GROUP : 1, loads, kinds[kind].value);
    if (out->full) snprintf(problem, size, "the kernel's text is too long");
    return !out->full;
}
