/* The update steps of optimizers in WGSL, in the order of arithmetic of torch/optim/sgd.py and adam.py. */
#include "wgsl.h"

/* p, g and the state s, t, w at one element; what is assigned to them is stored. */
static const struct { const char *numbers[10]; } kinds[] = {
    [GPU_SGD] = {{"lr", "momentum", "add", "decay", "sign", "keep", "look"}},
    [GPU_ADAM] = {{"step_size", "add1", "beta2", "add2", "eps", "root", "coupled", "sign", "decay"}},
};
static const char *const names[5] = {"p", "g", "s", "t", "w"};

static void body(gpu_text *out, gpu_update kind, const gpu_form *form)
{
    if (kind == GPU_SGD) {
        torsh__gpu_print(out, "  var d = sign * g; if (decay != 0.0) { d += decay * p; }\n");
        if (form->operand[2].how == GPU_BUFFER) torsh__gpu_print(out, "  s = select(keep * s, 0.0, keep == 0.0) + add * d; p -= lr * select(s, d + look * s, look != 0.0);\n");
        else torsh__gpu_print(out, "  p -= lr * d;\n");
        return;
    }
    bool most = form->operand[4].how == GPU_BUFFER;
    torsh__gpu_print(out, "  let x = p * decay; var d = sign * g; if (coupled != 0.0) { d += coupled * x; }\n"
                          "  s += add1 * (d - s); t = beta2 * t + add2 * d * d;\n%s  p = x - step_size * s / (sqrt(%s) * root + eps);\n",
                     most ? "  w = select(t, w, w > t);\n" : "", most ? "w" : "t");
}

bool torsh__gpu_wgsl_update(gpu_text *out, gpu_update kind, const gpu_form *form, char *problem, size_t size)
{
    static const char *const index[5] = {"ip", "ig", "is", "it", "iw"};
    const char *variable[5];
    int strides[5], count = 0, word = 1 + form->rank;
    torsh__gpu_print(out, "struct U { v: array<vec4<u32>, %d> }\n@group(0) @binding(0) var<uniform> u: U;\n", GPU_WORDS / 4);
    for (int k = 0; k < form->operands; k++)
        if (form->operand[k].how == GPU_BUFFER)
            torsh__gpu_print(out, "@group(0) @binding(%d) var<storage, %s> b%d: array<f32>;\n", form->operand[k].binding, k == 1 ? "read" : "read_write", form->operand[k].binding);
    torsh__gpu_print(out, "@compute @workgroup_size(%d)\nfn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {\n"
                          "  let i = id.x + id.y * (groups.x * %du); if (i >= u.v[0].x) { return; }\n", GPU_GROUP, GPU_GROUP);
    for (int k = 0; k < form->operands; k++) {
        if (form->operand[k].how != GPU_BUFFER) continue;
        torsh__gpu_print(out, "  var %s = ", index[k]);
        torsh__gpu_wgsl_word(out, word);
        torsh__gpu_print(out, ";\n");
        variable[count] = index[k];
        strides[count++] = word + 1;
        word += 1 + form->rank;
    }
    torsh__gpu_wgsl_walk(out, "i", form->rank, 1, count, variable, strides);
    for (int k = 0; kinds[kind].numbers[k]; k++) {
        torsh__gpu_print(out, "  let %s = bitcast<f32>(", kinds[kind].numbers[k]);
        torsh__gpu_wgsl_word(out, word++);
        torsh__gpu_print(out, ");\n");
    }
    for (int k = 0; k < form->operands; k++)
        if (form->operand[k].how == GPU_BUFFER) torsh__gpu_print(out, "  %s %s = b%d[%s];\n", k == 1 ? "let" : "var", names[k], form->operand[k].binding, index[k]);
    body(out, kind, form);
    for (int k = 0; k < form->operands; k++)
        if (form->operand[k].how == GPU_BUFFER && k != 1) torsh__gpu_print(out, "  b%d[%s] = %s;\n", form->operand[k].binding, index[k], names[k]);
    torsh__gpu_print(out, "}\n");
    if (out->full) snprintf(problem, size, "the kernel's text is too long");
    return !out->full;
}
