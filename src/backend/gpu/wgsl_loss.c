/* Negative log likelihood by class indices in WGSL. */
#include "wgsl.h"

static void word(gpu_text *out, const char *name, int index)
{
    torsh__gpu_print(out, "  let %s = ", name);
    torsh__gpu_wgsl_word(out, index);
    torsh__gpu_print(out, ";\n");
}

static void head(gpu_text *out, const gpu_form *form, const char *const *access)
{
    torsh__gpu_print(out, "struct U { v: array<vec4<u32>, %d> }\n@group(0) @binding(0) var<uniform> u: U;\n", GPU_WORDS / 4);
    for (int b = 1; b <= 5; b++)
        if (access[b] && (b < 5 || form->packed)) torsh__gpu_print(out, "@group(0) @binding(%d) var<storage, %s> b%d: array<u32>;\n", b, access[b], b);
    torsh__gpu_print(out, "fn not_a_number() -> f32 { var bits = 0x7fc00000u; return bitcast<f32>(bits); }\n");
}

/* fn weight_of(t): of a target that counts. */
static void weight_function(gpu_text *out, const gpu_form *form)
{
    torsh__gpu_print(out, "fn weight_of(t: i32) -> f32 { ");
    if (form->packed) {
        torsh__gpu_print(out, "return bitcast<f32>(b5[u32(t) + ");
        torsh__gpu_wgsl_word(out, GPU_NLL_WEIGHT);
        torsh__gpu_print(out, "]); }\n");
    } else {
        torsh__gpu_print(out, "return 1.0; }\n");
    }
}

static void forward(gpu_text *out, const gpu_form *form)
{
    static const char *const access[6] = {NULL, "read_write", "read_write", "read", "read", "read"};
    head(out, form, access);
    torsh__gpu_wgsl_load(out, form, 4, GPU_INT, "target_at");
    weight_function(out, form);
    /* {loss, weight} of row i */
    torsh__gpu_print(out, "fn row(i: u32) -> vec2<f32> {\n");
    word(out, "classes", GPU_NLL_CLASSES);
    word(out, "rest", GPU_NLL_REST);
    word(out, "input", GPU_NLL_INPUT);
    word(out, "targets", GPU_NLL_TARGET);
    word(out, "ignore", GPU_NLL_IGNORE);
    torsh__gpu_print(out, "  let t = target_at(i + targets);\n  if (t == bitcast<i32>(ignore)) { return vec2<f32>(); }\n"
                          "  if (t < 0 || u32(t) >= classes) { return vec2<f32>(not_a_number()); }\n"
                          "  let x = bitcast<f32>(b3[input + (i / rest * classes + u32(t)) * rest + i %% rest]); let w = weight_of(t);\n"
                          "  return vec2<f32>(-w * x, w); }\n");
    if (form->spread) torsh__gpu_print(out, "var<workgroup> sums: array<vec2<f32>, %d>;\n", GPU_GROUP);
    torsh__gpu_print(out, "@compute @workgroup_size(%d)\nfn main(@builtin(global_invocation_id) g: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,\n"
                          "        @builtin(local_invocation_index) lane: u32) {\n", GPU_GROUP);
    word(out, "count", GPU_NLL_COUNT);
    word(out, "to", GPU_NLL_OUT);
    word(out, "total", GPU_NLL_TOTAL);
    if (!form->spread) {
        torsh__gpu_print(out, "  let i = g.x + g.y * (groups.x * %du); if (i == 0u) { b2[total] = 0u; }\n  if (i >= count) { return; }\n  b1[to + i] = bitcast<u32>(row(i).x);\n}\n", GPU_GROUP);
        return;
    }
    torsh__gpu_print(out, "  var sum = vec2<f32>();\n  for (var i = lane; i < count; i += %du) { sum += row(i); }\n  sums[lane] = sum; workgroupBarrier();\n"
                          "  for (var s = %du; s > 0u; s = s >> 1u) { if (lane < s) { sums[lane] += sums[lane + s]; } workgroupBarrier(); }\n"
                          "  if (lane == 0u) { let all = sums[0]; b2[total] = bitcast<u32>(all.y); b1[to] = bitcast<u32>(%s); }\n}\n", GPU_GROUP, GPU_GROUP / 2,
                     form->raw_in ? "all.x / all.y" : "all.x");
}

static void backward(gpu_text *out, const gpu_form *form)
{
    const char *const access[6] = {NULL, "read_write", "read", "read", form->raw_in ? "read" : NULL, "read"};
    head(out, form, access);
    torsh__gpu_wgsl_load(out, form, 3, GPU_INT, "target_at");
    weight_function(out, form);
    torsh__gpu_print(out, "@compute @workgroup_size(%d)\nfn main(@builtin(global_invocation_id) g: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {\n", GPU_GROUP);
    word(out, "count", GPU_NLL_COUNT); /* elements of the input */
    word(out, "classes", GPU_NLL_CLASSES);
    word(out, "rest", GPU_NLL_REST);
    word(out, "to", GPU_NLL_OUT);
    word(out, "grads", GPU_NLL_GRAD);
    word(out, "targets", GPU_NLL_TARGET);
    word(out, "ignore", GPU_NLL_IGNORE);
    torsh__gpu_print(out, "  let i = g.x + g.y * (groups.x * %du); if (i >= count) { return; }\n"
                          "  let c = i / rest %% classes; let row = i / rest / classes * rest + i %% rest; let t = target_at(row + targets);\n"
                          "  var v = 0.0;\n  if (t != bitcast<i32>(ignore)) {\n    if (t < 0 || u32(t) >= classes) { v = not_a_number(); }\n"
                          "    else if (u32(t) == c) { v = -weight_of(t) * bitcast<f32>(b2[grads%s]);", GPU_GROUP, form->spread ? "" : " + row");
    if (form->raw_in) {
        torsh__gpu_print(out, " v = v / bitcast<f32>(b4[");
        torsh__gpu_wgsl_word(out, GPU_NLL_TOTAL);
        torsh__gpu_print(out, "]);");
    }
    torsh__gpu_print(out, " } }\n  b1[to + i] = bitcast<u32>(v);\n}\n");
}

bool torsh__gpu_wgsl_nll(gpu_text *out, bool is_backward, const gpu_form *form, char *problem, size_t size)
{
    if (is_backward) backward(out, form);
    else forward(out, form);
    if (out->full) snprintf(problem, size, "the kernel's text is too long");
    return !out->full;
}
