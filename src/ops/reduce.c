/* The REDUCE rows as ops: doors, shapes, gradients. The rows themselves: table/reduce.def. */
#include "reduce.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/index.h>
#include <torsh/ops/join.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/scan.h>
#include <torsh/ops/view.h>

#define TABLE "reduce.def"
#include "declare_rows.h"

#define INTS(values, i) ((const int64_t *)(values)[i].list.data)
#define COUNT(values, i) ((values)[i].list.count)

/* ---- shapes -------------------------------------------------------------------------------------------------- */

void torsh__reduced_sizes(torsh__spec *spec, const torsh_operand *v, uint64_t mask, bool keepdim)
{
    spec->ndim = 0;
    for (int d = 0; d < v->ndim; d++) {
        bool reduced = mask >> d & 1;
        if (!reduced || keepdim) spec->sizes[spec->ndim++] = reduced ? 1 : v->sizes[d];
    }
}

torsh_status torsh__require_elements(const torsh__call *c, const torsh_operand *v, uint64_t mask)
{
    for (int d = 0; d < v->ndim; d++)
        if ((mask >> d & 1) && v->sizes[d] == 0)
            return torsh__fail(TORSH_OUT_OF_RANGE, "%s: dim %d of 'input' has no elements, and there is no result for none", torsh__call_name(c), d);
    return TORSH_OK;
}

enum result { RESULT_WIDE, RESULT_SAME, RESULT_TRUTH, RESULT_COUNT, RESULT_MODULUS };

static torsh_dtype result_dtype(enum result result, torsh_dtype dtype)
{
    switch (result) {
    case RESULT_WIDE: return torsh__dtypes[dtype].category <= TORSH__INTEGER ? TORSH_I64 : dtype;
    case RESULT_TRUTH: return dtype == TORSH_U8 ? TORSH_U8 : TORSH_BOOL;
    case RESULT_COUNT: return TORSH_I64;
    case RESULT_MODULUS: return torsh__dtype_to_real(dtype);
    case RESULT_SAME: break;
    }
    return dtype;
}

static torsh_status infer(torsh__call *c, enum result result, bool has_identity)
{
    const torsh_operand *v = &c->input[0]->view;
    uint64_t mask;
    torsh_dtype dtype = (torsh_dtype)v->dtype;
    torsh_status status = torsh__require_dtype(c, dtype);
    if (status == TORSH_OK) status = torsh__wrap_dims(torsh__call_name(c), INTS(c->values, 1), COUNT(c->values, 1), v->ndim, &mask);
    if (status == TORSH_OK && !has_identity) status = torsh__require_elements(c, v, mask);
    if (status) return status;
    c->device = v->device;
    c->compute = dtype;
    c->spec[0].dtype = result_dtype(result, dtype);
    torsh__reduced_sizes(&c->spec[0], v, mask, c->values[2].i != 0);
    return TORSH_OK;
}

/* ---- gradients ----------------------------------------------------------------------------------------------- */

typedef struct reduction {
    torsh_tensor g, x, y; /* g and y shaped as with keepdim; x and y where they are saved */
    const int64_t *sizes; /* of x */
    size_t ndim;
    const int64_t *dims; /* reduced */
    size_t count;
    double n;
} reduction;

torsh_tensor torsh__keep_dims(torsh_tensor t, const torsh__meta *input, uint64_t mask)
{
    int64_t sizes[TORSH__MAX_RANK];
    for (int d = 0; d < input->ndim; d++) sizes[d] = mask >> d & 1 ? 1 : input->sizes[d];
    return torsh_view(t, sizes, (size_t)input->ndim);
}

static void differentiate(torsh__backward *b, torsh_tensor (*part)(const reduction *r))
{
    const torsh__node *node = b->node;
    const torsh_value *values = node->values;
    torsh__meta meta = torsh__input_meta(b, 0);
    int64_t dims[TORSH__MAX_RANK];
    uint64_t mask = 0;
    torsh__wrap_dims(node->op->info.name, INTS(values, 1), COUNT(values, 1), meta.ndim, &mask);
    reduction r = {.g = b->g[0], .sizes = meta.sizes, .ndim = (size_t)meta.ndim, .dims = dims, .n = 1};
    for (int d = 0; d < meta.ndim; d++) {
        if (!(mask >> d & 1)) continue;
        dims[r.count++] = d;
        r.n *= (double)meta.sizes[d];
    }
    if (node->op->impl->saves & TORSH__SAVE_IN(0)) r.x = torsh__saved_input(b, 0);
    if (node->op->impl->saves & TORSH__SAVE_OUT(0)) r.y = torsh__saved_output(b, 0);
    if (!values[2].i && r.count) {
        r.g = torsh__keep_dims(r.g, &meta, mask);
        if (r.y.id) r.y = torsh__keep_dims(r.y, &meta, mask);
    }
    b->result[0] = part(&r);
}

torsh_tensor torsh__share_grad(torsh_tensor g, torsh_tensor mask, const int64_t *dims, size_t count)
{
    torsh_tensor winners = count ? torsh_sum(mask, dims, count, true) : torsh_to_dtype(mask, TORSH_I64);
    return torsh__mask_grad(torsh_div(g, winners), mask);
}

/* Along the last dim: the product of all that comes before each element. */
static torsh_tensor products_before(torsh_tensor t)
{
    torsh_tensor one = torsh_ones_like(torsh_narrow(t, -1, 0, 1)), rest = torsh_narrow(t, -1, 0, torsh_size(t, -1) - 1);
    return torsh_cumprod(torsh_cat(TORSH_TENSORS(one, rest), -1), -1);
}

/* For each element the product of the others in its slice, without a division: the reduced dims become one, the last. */
static torsh_tensor products_of_others(torsh_tensor x, const int64_t *dims, size_t count)
{
    int64_t order[TORSH__MAX_RANK], back[TORSH__MAX_RANK], last = -1;
    int64_t ndim = torsh_ndim(x), kept = 0;
    for (int64_t d = 0, k = 0; d < ndim; d++) {
        bool reduced = k < (int64_t)count && dims[k] == d;
        int64_t place = reduced ? ndim - (int64_t)count + k++ : kept++;
        order[place] = d;
        back[d] = place;
    }
    torsh_tensor apart = torsh_permute(x, order, (size_t)ndim), flat = torsh_flatten(apart, kept, -1);
    torsh_tensor after = torsh_flip(products_before(torsh_flip(flat, &last, 1)), &last, 1);
    torsh_tensor others = torsh_reshape(torsh_mul(products_before(flat), after), torsh_sizes(apart), (size_t)ndim);
    return torsh_permute(others, back, (size_t)ndim);
}

/* g times the product of the other elements: y / x where nothing is zero (FunctionsManual.cpp prod_backward, which reads on the
 * host, too, whether something is). */
static torsh_tensor prod_grad(torsh_tensor g, torsh_tensor x, torsh_tensor y, const int64_t *dims, size_t count)
{
    int64_t zeros = 0;
    if (count == 0) return g;
    torsh_status status = torsh_item_i64(torsh_any(torsh_eq(x, torsh_number(0)), TORSH_ALL_DIMS, false), &zeros);
    if (status) return torsh__tensor_error(status);
    return torsh_mul(g, torsh__conjugate(zeros ? products_of_others(x, dims, count) : torsh_div(y, x)));
}

/* Names that gradient expressions may use (table/reduce.def). */
#define N(value) torsh_number(value)
#define SPREAD(t) torsh_expand(t, r->sizes, r->ndim)
#define DIMS r->dims, r->count
#define NO_GRADIENT ((torsh_tensor){0})
#define torsh__prod_grad prod_grad
#define PART(name, expression)                             \
    static torsh_tensor part_##name(const reduction *r)    \
    {                                                      \
        const torsh_tensor g = r->g, x = r->x, y = r->y;   \
        const double n = r->n;                   \
        (void)g, (void)x, (void)y, (void)n;                \
        return expression;                                 \
    }                                                      \
    static void gradient_##name(torsh__backward *b) { differentiate(b, part_##name); }

/* ---- doors --------------------------------------------------------------------------------------------------- */

#include "define_rows.h"

#define SAVES_NONE 0
#define SAVES_A TORSH__SAVE_IN(0)
#define SAVES_AY (TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0))
#define FLAGS_WIDE 0
#define FLAGS_SAME 0
#define FLAGS_MODULUS 0
#define FLAGS_TRUTH TORSH__CONSTANT
#define FLAGS_COUNT TORSH__CONSTANT
/* A join of an infinite identity is none for the caller. */
#define HAS_IDENTITY_ADD true
#define HAS_IDENTITY_MUL true
#define HAS_IDENTITY_OR true
#define HAS_IDENTITY_AND true
#define HAS_IDENTITY_MAX false
#define HAS_IDENTITY_MIN false
#define TEXT_ADD "add"
#define TEXT_MUL "mul"
#define TEXT_OR "or"
#define TEXT_AND "and"
#define TEXT_MAX "max"
#define TEXT_MIN "min"

#define DESCRIBE(op, symbol, row_variants, set, result, row_saves, map, row_join, identity_text, finish_text, ...)                            \
    static torsh_status infer_##op(torsh__call *c) { return infer(c, RESULT_##result, HAS_IDENTITY_##row_join); }                         \
    static const torsh__impl impl_##op = {.infer = infer_##op, .gradient = gradient_##op, .saves = SAVES_##row_saves, .flags = FLAGS_##result,  \
                                           .forward = SAVES_##row_saves || RESULT_##result > RESULT_SAME ? TORSH__FORWARD_KIND : TORSH__FORWARD_LINEAR}; \
    static const torsh_param params_##op[] = {EACH(ROW_PARAM, __VA_ARGS__)};                                                              \
    static torsh__kernel_slot slots_##op[TORSH_DEVICE_KINDS];                                                                             \
    static void invoke_##op(const torsh_value *values, torsh_tensor *results) { results[0] = symbol(EACH_COMMA(ROW_UNPACK, __VA_ARGS__)); } \
    const torsh__op torsh__op_##op = {                                                                                                    \
        .info = {.name = #op, .kind = TORSH_OP_REDUCTION, .params = params_##op, .param_count = EACH_COUNT(__VA_ARGS__), .outputs = 1,   \
                 .value = map, .identity = identity_text, .join = TEXT_##row_join, .finish = finish_text, .dtypes = ROW_SET_##set},         \
        .impl = &impl_##op, .invoke = invoke_##op, .kernels = slots_##op, .function = #symbol, .variants = ROW_FLAGS_##row_variants};

#define PARAMS (TENSOR, input), (INTS, dim), (BOOL, keepdim)
#define REDUCE(name, variants, set, load, acc, result, saves, map, join, identity, finish, grad) \
    PART(name, grad)                                                                              \
    extern const torsh__op torsh__op_##name;                                                      \
    ROW_DOORS_##variants(TENSOR, name, PARAMS)                                                    \
    DESCRIBE(name, torsh_##name, variants, set, result, saves, #map, join, #identity, #finish, PARAMS)
#define INTERNAL_ROW(name, set, result, saves, map, join, identity, finish, grad, ...)  \
    PART(name, grad)                                                                    \
    extern const torsh__op torsh__op_##name;                                            \
    ROW_F(TENSOR, torsh__##name, name, __VA_ARGS__)                                     \
    DESCRIBE(name, torsh__##name, F, set, result, saves, map, join, identity, finish, __VA_ARGS__)
#define REDUCE_INTERNAL(name, set, load, acc, result, saves, map, join, identity, finish, grad) \
    INTERNAL_ROW(name, set, result, saves, #map, join, #identity, #finish, grad, PARAMS)
#include "reduce.def"
