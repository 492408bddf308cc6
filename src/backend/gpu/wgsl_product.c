/* Matrix products in WGSL: each invocation keeps a 4x4 block of the result in registers. No shared memory: barriers cost software
 * adapters more than the cache's second look-ups, which is where this runs first. */
#include "wgsl.h"

static void let_word(gpu_text *out, const char *name, int index, const char *type)
{
    torsh__gpu_print(out, "  let %s = ", name);
    if (type) torsh__gpu_print(out, "bitcast<%s>(", type);
    torsh__gpu_wgsl_word(out, index);
    torsh__gpu_print(out, type ? ");\n" : ";\n");
}

/* s0..s3, four results each, become the sums over k. */
static void sum_products(gpu_text *out, const gpu_form *form, gpu_class which)
{
    const char *type = torsh__gpu_wgsl_type(which);
    bool a_number = form->operand[1].how == GPU_UNIFORM;
    for (int i = 0; i < 4; i++) {
        torsh__gpu_print(out, "  var s%d = vec4<%s>(); let row%d = min(m0 + %du, m - 1u); let col%d = min(n0 + %du, n - 1u);\n", i, type, i, i, i, i);
        if (!a_number) torsh__gpu_print(out, "  let a%d = a + row%d * a_row;", i, i);
        torsh__gpu_print(out, "  let b%d_at = b + col%d * b_col;\n", i, i);
    }
    torsh__gpu_print(out, "  for (var k = ");
    torsh__gpu_wgsl_word(out, GPU_PRODUCT_FIRST_K);
    torsh__gpu_print(out, "; k < ");
    torsh__gpu_wgsl_word(out, GPU_PRODUCT_END_K);
    torsh__gpu_print(out, "; k++) {\n    let kb = k * b_row; let v = vec4<%s>(load_b(b0_at + kb), load_b(b1_at + kb), load_b(b2_at + kb), load_b(b3_at + kb));\n", type);
    if (!a_number) torsh__gpu_print(out, "    let ka = k * a_col;\n");
    for (int i = 0; i < 4; i++) {
        torsh__gpu_print(out, "    s%d = ", i);
        if (a_number) torsh__gpu_print(out, which == GPU_FLOAT ? "fma(vec4<f32>(a), v, s%d);\n" : "s%d + a * v;\n", i);
        else torsh__gpu_print(out, which == GPU_FLOAT ? "fma(vec4<f32>(load_a(a%d + ka)), v, s%d);\n" : "load_a(a%d + ka) * v + s%d;\n", i, i);
    }
    torsh__gpu_print(out, "  }\n");
}

bool torsh__gpu_wgsl_product(gpu_text *out, const gpu_form *form, char *problem, size_t size)
{
    static const char *const names[4] = {"c", "a", "b", "d"}, *const loads[4] = {"", "load_a", "load_b", "load_d"};
    gpu_class which = GPU_FLOAT;
    if (!torsh__gpu_class((torsh_dtype)form->compute, &which) || which == GPU_BOOL) {
        snprintf(problem, size, "WGSL has no product in this dtype");
        return false;
    }
    const char *type = torsh__gpu_wgsl_type(which), *variable[4];
    int strides[4], walked = 0, place[4] = {0}, number[4] = {0};
    int word = GPU_PRODUCT_SIZES + form->rank;
    for (int k = 0; k < form->operands; k++) {
        if (form->operand[k].how != GPU_BUFFER) continue;
        place[k] = word;
        variable[walked] = names[k];
        strides[walked++] = word + 3;
        word += 3 + form->rank;
    }
    for (int k = 1; k < form->operands; k++)
        if (form->operand[k].how == GPU_UNIFORM) number[k] = word++;
    torsh__gpu_wgsl_bindings(out, form);
    for (int k = 1; k < form->operands; k++)
        if (form->operand[k].how == GPU_BUFFER) torsh__gpu_wgsl_load(out, form, k, which, loads[k]);
    torsh__gpu_wgsl_store(out, form, 0, which, "store");
    torsh__gpu_print(out, "@compute @workgroup_size(64)\nfn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, "
                          "@builtin(local_invocation_index) lane: u32) {\n");
    let_word(out, "m", GPU_PRODUCT_M, NULL);
    let_word(out, "n", GPU_PRODUCT_N, NULL);
    let_word(out, "tiles", GPU_PRODUCT_TILES, NULL);
    let_word(out, "alpha", word, type);
    let_word(out, "beta", word + 1, type);
    torsh__gpu_print(out, "  let tile = group.x + group.y * groups.x; let m0 = tile / tiles * %du + lane / 8u * 4u; let n0 = tile %% tiles * %du + lane %% 8u * 4u;\n"
                          "  if (m0 >= m || n0 >= n) { return; }\n  let layer = group.z + ", GPU_TILE, GPU_TILE);
    torsh__gpu_wgsl_word(out, GPU_PRODUCT_FIRST_BATCH);
    torsh__gpu_print(out, ";\n");
    for (int k = 0; k < form->operands; k++) {
        if (form->operand[k].how == GPU_UNIFORM) let_word(out, names[k], number[k], type);
        if (form->operand[k].how != GPU_BUFFER) continue;
        torsh__gpu_print(out, "  var %s = ", names[k]);
        torsh__gpu_wgsl_word(out, place[k]);
        torsh__gpu_print(out, "; let %s_row = ", names[k]);
        torsh__gpu_wgsl_word(out, place[k] + 1);
        torsh__gpu_print(out, "; let %s_col = ", names[k]);
        torsh__gpu_wgsl_word(out, place[k] + 2);
        torsh__gpu_print(out, ";\n");
    }
    torsh__gpu_wgsl_walk(out, "layer", form->rank, GPU_PRODUCT_SIZES, walked, variable, strides);
    sum_products(out, form, which);
    torsh__gpu_print(out, "  for (var i = 0u; i < 4u; i++) { if (m0 + i < m) {\n"
                          "    let s = select(select(select(s3, s2, i == 2u), s1, i == 1u), s0, i == 0u);\n"
                          "    for (var j = 0u; j < 4u; j++) { if (n0 + j < n) {\n      var v = alpha * s[j];\n");
    if (form->operands > 3 && form->operand[3].how == GPU_BUFFER) torsh__gpu_print(out, "      v += beta * load_d(d + (m0 + i) * d_row + (n0 + j) * d_col);\n");
    else if (form->operands > 3) torsh__gpu_print(out, "      v += beta * d;\n");
    torsh__gpu_print(out, "      store(c + (m0 + i) * c_row + (n0 + j) * c_col, v); } } } }\n}\n");
    if (out->full) snprintf(problem, size, "the kernel's text is too long");
    return !out->full;
}
