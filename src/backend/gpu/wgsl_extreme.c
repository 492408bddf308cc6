/* The place of each row's largest or smallest element in WGSL. */
#include "wgsl.h"

bool torsh__gpu_wgsl_extreme(gpu_text *out, bool largest, bool values, const gpu_form *form, char *problem, size_t size)
{
    static const char *const names[3] = {"yi", "ai", "pi"};
    gpu_class which = GPU_FLOAT;
    if (!torsh__gpu_class((torsh_dtype)form->compute, &which)) {
        snprintf(problem, size, "WGSL can't compare in this dtype");
        return false;
    }
    const char *type = torsh__gpu_wgsl_type(which), *nan = which == GPU_FLOAT ? "(bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u" : "false";
    int count = values ? 3 : 2, step = 0, strides[3], word = 2 + form->rank;
    torsh__gpu_wgsl_bindings(out, form);
    if (values) torsh__gpu_print(out, "@group(0) @binding(3) var<storage, read_write> b3: array<u32>;\n");
    torsh__gpu_wgsl_load(out, form, 1, which, "load_a");
    if (values) torsh__gpu_wgsl_store(out, form, 0, which, "store");
    /* Does (v, i) come before (w, j)? */
    torsh__gpu_print(out, "fn is_nan(v: %s) -> bool { return %s; }\n"
                          "fn before(v: %s, i: u32, w: %s, j: u32) -> bool { let n = is_nan(v); let m = is_nan(w);\n"
                          "  if (n || m) { return n && (!m || i < j); } return v %s w || (v == w && i < j); }\n", type, nan, type, type, largest ? ">" : "<");
    if (form->spread) torsh__gpu_print(out, "var<workgroup> tops: array<%s, %d>; var<workgroup> places: array<u32, %d>;\n", type, GPU_GROUP, GPU_GROUP);
    torsh__gpu_print(out, "@compute @workgroup_size(%d)\nfn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>,\n"
                          "        @builtin(local_invocation_index) index: u32) {\n  let which = group.x + group.y * groups.x; let length = u.v[0].y;\n", GPU_GROUP);
    if (form->spread) torsh__gpu_print(out, "  let lane = index; let there = which < u.v[0].x; let row = select(0u, which, there);\n");
    else torsh__gpu_print(out, "  let lane = 0u; let there = true; let row = which * %du + index; if (row >= u.v[0].x) { return; }\n", GPU_GROUP);
    for (int k = 0; k < count; k++) {
        torsh__gpu_print(out, "  var %s = ", names[k]);
        torsh__gpu_wgsl_word(out, word);
        torsh__gpu_print(out, ";\n");
        if (k == 1) step = ++word;
        strides[k] = word + 1;
        word += 1 + form->rank;
    }
    torsh__gpu_wgsl_walk(out, "row", form->rank, 2, count, names, strides);
    torsh__gpu_print(out, "  let step = ");
    torsh__gpu_wgsl_word(out, step);
    torsh__gpu_print(out, ";\n  var place = min(lane, length - 1u); var top = load_a(ai + place * step);\n"
                          "  for (var j = lane + %du; j < length; j += %du) { let v = load_a(ai + j * step); if (before(v, j, top, place)) { top = v; place = j; } }\n",
                     form->spread ? GPU_GROUP : 1, form->spread ? GPU_GROUP : 1);
    if (form->spread)
        torsh__gpu_print(out, "  tops[lane] = top; places[lane] = place; workgroupBarrier();\n"
                              "  for (var s = %du; s > 0u; s = s >> 1u) {\n"
                              "    if (lane < s && before(tops[lane + s], places[lane + s], tops[lane], places[lane])) { tops[lane] = tops[lane + s]; places[lane] = places[lane + s]; }\n"
                              "    workgroupBarrier(); }\n  top = tops[0]; place = places[0];\n", GPU_GROUP / 2);
    if (values) torsh__gpu_print(out, "  if (lane == 0u && there) { store(yi, top); b3[pi * 2u] = place; b3[pi * 2u + 1u] = 0u; }\n}\n");
    else torsh__gpu_print(out, "  if (lane == 0u && there) { b1[yi * 2u] = place; b1[yi * 2u + 1u] = 0u; }\n}\n");
    if (out->full) snprintf(problem, size, "the kernel's text is too long");
    return !out->full;
}
