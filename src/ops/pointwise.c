/* The pointwise rows as ops: doors, parameters, gradients. The rows themselves: table/pointwise.def. */
#include "gradient.h"

#include <torsh/ops/activation.h>
#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/pointwise.h>
#include <torsh/ops/special.h>

#include <float.h>
#include <math.h>

#define TABLE "pointwise.def"
#include "declare_rows.h"
#define TABLE "pointwise_rare.def"
#include "declare_rows.h"

#define SAVES_NONE 0
#define SAVES_A TORSH__SAVE_IN(0)
#define SAVES_B TORSH__SAVE_IN(1)
#define SAVES_AB (TORSH__SAVE_IN(0) | TORSH__SAVE_IN(1))
#define SAVES_BC (TORSH__SAVE_IN(1) | TORSH__SAVE_IN(2))
#define SAVES_ABC (SAVES_AB | TORSH__SAVE_IN(2))
#define SAVES_Y TORSH__SAVE_OUT(0)
#define SAVES_AY (SAVES_A | SAVES_Y)
#define SAVES_BY (SAVES_B | SAVES_Y)
#define SAVES_ABY (SAVES_AB | SAVES_Y)

#define FLAGS_SAME 0
#define FLAGS_NUMBERS 0
#define FLAGS_WHOLE 0
#define FLAGS_FLOATING 0
#define FLAGS_MODULUS TORSH__REAL_RESULT
#define FLAGS_ARGUMENT TORSH__REAL_RESULT
#define FLAGS_BOOLEAN TORSH__CONSTANT
#define PROMOTION_SAME TORSH__PROMOTE_SAME
#define PROMOTION_NUMBERS TORSH__PROMOTE_NUMBERS
#define PROMOTION_WHOLE TORSH__PROMOTE_WHOLE
#define PROMOTION_FLOATING TORSH__PROMOTE_FLOATING
#define PROMOTION_MODULUS TORSH__PROMOTE_SAME
#define PROMOTION_ARGUMENT TORSH__PROMOTE_FLOATING
#define PROMOTION_BOOLEAN TORSH__PROMOTE_BOOLEAN
#define TO_BOOL_SAME false
#define TO_BOOL_NUMBERS false
#define TO_BOOL_WHOLE false
#define TO_BOOL_FLOATING false
#define TO_BOOL_MODULUS false
#define TO_BOOL_ARGUMENT false
#define TO_BOOL_BOOLEAN true

/* ---- gradients ----------------------------------------------------------------------------------------------- */

static void differentiate(torsh__backward *b)
{
    const torsh__node *node = b->node;
    const torsh__impl *impl = node->op->impl;
    torsh_tensor in[3] = {{0}, {0}, {0}}, y = {0};
    double attribute[3] = {0, 0, 0};
    for (int i = 0; i < node->inputs && i < 3; i++)
        if (impl->saves & TORSH__SAVE_IN(i)) in[i] = torsh__saved_input(b, i);
    if (impl->saves & TORSH__SAVE_OUT(0)) y = torsh__saved_output(b, 0);
    for (int i = 0, k = 0; i < node->op->info.param_count && k < 3; i++)
        if (node->op->info.params[i].kind == TORSH_PARAM_DOUBLE) attribute[k++] = node->values[i].f;
    for (int i = 0; i < node->inputs && i < 3; i++)
        if (impl->pointwise->part[i] && torsh__needs(b, i))
            b->result[i] = impl->pointwise->part[i](b->g[0], in[0], in[1], in[2], y, attribute[0], attribute[1], attribute[2]);
}

/* where: its condition takes no part in promotion. */
static torsh_status infer_masked(torsh__call *c)
{
    torsh_dtype mask = torsh__dtype_of(c->input[0]);
    if (mask != TORSH_BOOL) return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: the condition must be bool; it is %s", torsh__call_name(c), torsh_dtype_name(mask));
    torsh_status status = torsh__infer_device(c);
    if (status == TORSH_OK) status = torsh__infer_broadcast(c, &c->spec[0]);
    if (status) return status;
    c->compute = torsh__result_type(c->input, 1, 3);
    c->spec[0].dtype = c->compute;
    return TORSH_OK;
}

/* nan_to_num: in place of a NaN among the numbers for infinities stand the dtype's ends. */
static torsh_status infer_ends(torsh__call *c)
{
    static const double largest[TORSH_DTYPE_COUNT] = {[TORSH_F16] = 65504, [TORSH_BF16] = 0x1.FEp127, [TORSH_F32] = FLT_MAX, [TORSH_F64] = DBL_MAX, [TORSH_C64] = FLT_MAX, [TORSH_C128] = DBL_MAX};
    torsh_status status = torsh__infer_pointwise(c);
    if (status) return status;
    if (isnan(c->values[2].f)) c->values[2].f = largest[c->compute];
    if (isnan(c->values[3].f)) c->values[3].f = -largest[c->compute];
    return TORSH_OK;
}

static torsh_status infer_interval(torsh__call *c)
{
    if (c->values[1].f > c->values[2].f)
        return torsh__fail(TORSH_OUT_OF_RANGE, "%s: min_val (%g) must not be above max_val (%g)", torsh__call_name(c), c->values[1].f, c->values[2].f);
    return torsh__infer_pointwise(c);
}

static torsh_status infer_lambd(torsh__call *c)
{
    if (!(c->values[1].f >= 0)) return torsh__fail(TORSH_OUT_OF_RANGE, "%s: lambd must not be negative; it is %g", torsh__call_name(c), c->values[1].f);
    return torsh__infer_pointwise(c);
}

/* What infers a unary row, where it isn't the rule. */
#define INFER_OF_softshrink , infer_lambd
#define INFER_OF_nan_to_num , infer_ends
#define INFER_OF_hardtanh , infer_interval
#define INFER(name) INFER_SECOND(INFER_OF_##name, torsh__infer_pointwise, )
/* What isn't the derivative by a complex number, nor real: its gradient is not its conjugate. */
#define FORWARD_OF_sgn , TORSH__FORWARD_TRANSPOSED
#define FORWARD(name) INFER_SECOND(FORWARD_OF_##name, TORSH__FORWARD_KIND, )
#define INFER_SECOND(...) INFER_SECOND_(__VA_ARGS__)
#define INFER_SECOND_(first, second, ...) second

/* Names that gradient expressions may use (table/pointwise.def). */
#define H(t) torsh__conjugate(t)
#define N(value) torsh_number(value)
#define ZERO ((torsh_tensor){0})
#define FLAT torsh_zeros_like(g)
#define PART(name, which, expression)                                                                                                       \
    static torsh_tensor which##_##name(torsh_tensor g, torsh_tensor a, torsh_tensor b, torsh_tensor c, torsh_tensor y, double p, double q, \
                                       double r)                                                                                            \
    {                                                                                                                                       \
        const torsh_tensor x = a;                                                                                                           \
        (void)g, (void)a, (void)b, (void)c, (void)y, (void)p, (void)q, (void)r, (void)x;                                                    \
        return expression;                                                                                                                  \
    }

/* ---- doors --------------------------------------------------------------------------------------------------- */

#define DOOR(name, variant, out) \
    torsh_tensor result; \
    torsh__door(&torsh__op_##name, values, variant, out, &result); \
    return result
#define DOORS(name, prefix, ...) \
    torsh_tensor prefix##name(EACH_COMMA(ROW_DECLARE, __VA_ARGS__)) { torsh_tensor itself = SHORTCUT(name); if (itself.id) return itself; torsh_value values[] = {EACH_COMMA(ROW_PACK, __VA_ARGS__)}; DOOR(name, TORSH__FUNCTIONAL, NULL); }
#define DOORS_IN_PLACE(name, ...) \
    torsh_tensor torsh_##name##_(EACH_COMMA(ROW_DECLARE, __VA_ARGS__)) { torsh_value values[] = {EACH_COMMA(ROW_PACK, __VA_ARGS__)}; DOOR(name, TORSH__INPLACE_CALL, NULL); }
#define DOORS_OUT(name, ...) \
    torsh_tensor torsh_##name##_out(EACH_COMMA(ROW_DECLARE, __VA_ARGS__), torsh_tensor out) { torsh_value values[] = {EACH_COMMA(ROW_PACK, __VA_ARGS__)}; DOOR(name, TORSH__OUT_CALL, &out); }

/* What every row has: parameters, implementation, descriptor. */
#define DESCRIBE(op, prefix, row_variants, set, result, row_infer, row_saves, parts, part_texts, domains, text, ...)                                      \
    static const torsh_param params_##op[] = {EACH(ROW_PARAM, __VA_ARGS__)};                                                                 \
    static torsh__kernel_slot slots_##op[TORSH_DEVICE_KINDS];                                                                                \
    static _Atomic uint32_t reads_##op[3];                                                                                                    \
    static const torsh__pointwise pointwise_##op = {.part = parts, .expression = part_texts, .reads = reads_##op, .domain = domains};                 \
    static const torsh__impl impl_##op = {.infer = row_infer, .gradient = differentiate, .forward = FORWARD(op), .saves = SAVES_##row_saves, .flags = FLAGS_##result,  \
                                           .promotion = PROMOTION_##result, .pointwise = &pointwise_##op};                                               \
    static void invoke_##op(const torsh_value *values, torsh_tensor *results) { results[0] = prefix##op(EACH_COMMA(ROW_UNPACK, __VA_ARGS__)); } \
    const torsh__op torsh__op_##op = {                                                                                                       \
        .info = {.name = #op, .kind = TORSH_OP_POINTWISE, .params = params_##op, .param_count = EACH_COUNT(__VA_ARGS__), .outputs = 1,     \
                 .value = text, .dtypes = ROW_SET_##set, .to_bool = TO_BOOL_##result},                                                         \
        .impl = &impl_##op, .invoke = invoke_##op, .kernels = slots_##op, .function = #prefix #op, .variants = row_variants};

#define LIST(...) {__VA_ARGS__}
/* What a plain call gives without the door, where that is anything: the conjugate of a real tensor is the tensor itself, as in PyTorch. */
#define SHORTCUT_OF_conj , torsh__real_itself(input)
#define SHORTCUT(name) INFER_SECOND(SHORTCUT_OF_##name, (torsh_tensor){0}, )
#define PUBLIC(name, ...) \
    extern const torsh__op torsh__op_##name; \
    DOORS(name, torsh_, __VA_ARGS__) DOORS_IN_PLACE(name, __VA_ARGS__) DOORS_OUT(name, __VA_ARGS__)
#define BOTH TORSH__IN_PLACE | TORSH__OUT

#define UNARY_ROW(name, set, result, domain, saves, value, grad, ...)  \
    PUBLIC(name, __VA_ARGS__)                                          \
    PART(name, a, grad)                                                \
    DESCRIBE(name, torsh_, BOTH, set, result, INFER(name), saves, LIST(a_##name), LIST(#grad), LIST(#domain), value, __VA_ARGS__)
#define UNARY(name, set, result, domain, saves, value, grad) UNARY_ROW(name, set, result, domain, saves, #value, grad, (TENSOR, input))
#define UNARY1(name, s, set, result, domain, saves, value, grad) UNARY_ROW(name, set, result, domain, saves, #value, grad, (TENSOR, input), (DOUBLE, s))
#define UNARY2(name, s, t, set, result, domain, saves, value, grad) \
    UNARY_ROW(name, set, result, domain, saves, #value, grad, (TENSOR, input), (DOUBLE, s), (DOUBLE, t))
#define UNARY3(name, s, t, u, set, result, domain, saves, value, grad) \
    UNARY_ROW(name, set, result, domain, saves, #value, grad, (TENSOR, input), (DOUBLE, s), (DOUBLE, t), (DOUBLE, u))
#define BINARY_PARTS(name, grad_a, grad_b) PART(name, a, grad_a) PART(name, b, grad_b)
#define BINARY(name, set, result, domain_a, domain_b, saves, value, grad_a, grad_b)  \
    PUBLIC(name, (TENSOR, input), (TENSOR, other))                                   \
    BINARY_PARTS(name, grad_a, grad_b)                                               \
    DESCRIBE(name, torsh_, BOTH, set, result, torsh__infer_pointwise, saves, LIST(a_##name, b_##name), LIST(#grad_a, #grad_b), LIST(#domain_a, #domain_b), #value, (TENSOR, input), (TENSOR, other))
#define INTERNAL_BINARY(name, set, result, domain_a, domain_b, saves, value, grad_a, grad_b)  \
    extern const torsh__op torsh__op_##name;                                                  \
    DOORS(name, torsh__, (TENSOR, input), (TENSOR, other))                                    \
    BINARY_PARTS(name, grad_a, grad_b)                                                        \
    DESCRIBE(name, torsh__, 0, set, result, torsh__infer_pointwise, saves, LIST(a_##name, b_##name), LIST(#grad_a, #grad_b), LIST(#domain_a, #domain_b), #value, (TENSOR, input), (TENSOR, other))
#define INTERNAL_TERNARY(name, set, result, da, db, dc, saves, value, ga, gb, gc)            \
    extern const torsh__op torsh__op_##name;                                                 \
    DOORS(name, torsh__, (TENSOR, input), (TENSOR, tensor1), (TENSOR, tensor2))              \
    BINARY_PARTS(name, ga, gb)                                                               \
    PART(name, c, gc)                                                                        \
    DESCRIBE(name, torsh__, 0, set, result, torsh__infer_pointwise, saves, LIST(a_##name, b_##name, c_##name), LIST(#ga, #gb, #gc), LIST(#da, #db, #dc), #value, (TENSOR, input), (TENSOR, tensor1), (TENSOR, tensor2))
#define TERNARY_ROW(name, set, result, da, db, dc, saves, value, ga, gb, gc, row_infer, ...)  \
    PUBLIC(name, __VA_ARGS__)                                                                \
    BINARY_PARTS(name, ga, gb)                                                               \
    PART(name, c, gc)                                                                        \
    DESCRIBE(name, torsh_, BOTH, set, result, row_infer, saves, LIST(a_##name, b_##name, c_##name), LIST(#ga, #gb, #gc), LIST(#da, #db, #dc), value, __VA_ARGS__)
#define TERNARY(name, set, result, da, db, dc, saves, value, ga, gb, gc) \
    TERNARY_ROW(name, set, result, da, db, dc, saves, #value, ga, gb, gc, torsh__infer_pointwise, (TENSOR, input), (TENSOR, end), (TENSOR, weight))
#define TERNARY1(name, s, set, result, da, db, dc, saves, value, ga, gb, gc) \
    TERNARY_ROW(name, set, result, da, db, dc, saves, #value, ga, gb, gc, torsh__infer_pointwise, (TENSOR, input), (TENSOR, tensor1), (TENSOR, tensor2), (DOUBLE, s))
#define MASKED(name, set, result, db, dc, saves, value, gb, gc) \
    TERNARY_ROW(name, set, result, BOOL, db, dc, saves, #value, ZERO, gb, gc, infer_masked, (TENSOR, condition), (TENSOR, input), (TENSOR, other))
#include "pointwise.def"
#include "pointwise_rare.def"
#include "undef_rows.h"
