/* Activations that are other ops (table/activation.def); the hot ones are rows of table/pointwise.def. */
#include "composed.h"

#include <torsh/ops/activation.h>
#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/index.h>
#include <torsh/ops/pointwise.h>
#include <torsh/ops/random.h>
#include <torsh/ops/softmax.h>
#include <torsh/ops/view.h>

#include <math.h>

#define TABLE "pointwise_rare.def"
#include "declare_rows.h"

#define N(value) torsh_number(value)

/* Its f32 form if it is a 16-bit float; an error if it is no float. */
static torsh_tensor floats(const char *op, torsh_tensor input)
{
    torsh_dtype dtype = torsh_dtype_of(input);
    if (!torsh_dtype_is_floating_point(dtype))
        return torsh__refuse(TORSH_DTYPE_MISMATCH, "%s: not defined for dtype %s of 'input'", op, torsh_dtype_name(dtype));
    return torsh__widened(input);
}

static torsh_tensor like(torsh_tensor input, torsh_tensor result)
{
    return torsh__narrowed(result, torsh_dtype_of(input));
}

static torsh_tensor compose_softmin(torsh_tensor input, int64_t dim)
{
    return torsh_softmax(torsh_neg(input), dim);
}

static torsh_tensor compose_softmin_dtype(torsh_tensor input, int64_t dim, torsh_dtype dtype)
{
    if (torsh_dtype_is_floating_point(torsh_dtype_of(input))) return torsh_softmax(torsh_neg(torsh_to_dtype(input, dtype)), dim); /* the sign is exact in both */
    return torsh_softmax(torsh_to_dtype(torsh_neg(input), dtype), dim);
}

static torsh_tensor compose_relu6(torsh_tensor input)
{
    return torsh_hardtanh(input, 0, 6);
}

static torsh_tensor compose_mish(torsh_tensor input)
{
    torsh_tensor x = floats("mish", input);
    return like(input, torsh_mul(x, torsh_tanh(torsh_softplus(x, 1, 20))));
}

static torsh_tensor compose_selu(torsh_tensor input)
{
    torsh_tensor x = floats("selu", input);
    return like(input, torsh_mul(torsh_elu(x, 1.6732632423543772848170429916717), N(1.0507009873554804934193349852946)));
}

static torsh_tensor compose_celu(torsh_tensor input, double alpha)
{
    if (alpha == 0) return torsh__refuse(TORSH_OUT_OF_RANGE, "celu: alpha can't be 0");
    torsh_tensor x = floats("celu", input), left;
    if (alpha == 1) return like(input, torsh_elu(x, 1));
    if (alpha > 0) left = torsh_elu(torsh_div(x, N(alpha)), 1);
    else left = torsh_expm1(torsh_div(torsh_clamp(x, -(double)INFINITY, 0), N(alpha))); /* clamped, so that the other side stays finite */
    return like(input, torsh_where(torsh_gt(x, N(0)), x, torsh_mul(left, N(alpha))));
}

static torsh_tensor compose_softsign(torsh_tensor input)
{
    return torsh_div(input, torsh_add(torsh_abs(input), torsh_integer(1)));
}

static torsh_tensor compose_tanhshrink(torsh_tensor input)
{
    torsh_tensor x = torsh__widened(input);
    torsh_tensor result = torsh_sub(x, torsh_tanh(x));
    return torsh_dtype_is_floating_point(torsh_dtype_of(input)) ? like(input, result) : result;
}

static torsh_tensor compose_glu(torsh_tensor input, int64_t dim)
{
    int64_t size = torsh_ndim(input) > 0 ? torsh_size(input, dim) : 0;
    if (torsh_ndim(input) == 0) return torsh__refuse(TORSH_SHAPE_MISMATCH, "glu: 'input' is 0-d; it must have a dimension to halve");
    if (size % 2) return torsh__refuse(TORSH_SHAPE_MISMATCH, "glu: 'input' has %lld elements along dim %lld, which can't be halved", (long long)size, (long long)dim);
    return torsh__gated(torsh_narrow(input, dim, 0, size / 2), torsh_narrow(input, dim, size / 2, size / 2));
}

static torsh_tensor compose_prelu(torsh_tensor input, torsh_tensor weight)
{
    int ndim = torsh_ndim(input);
    int64_t slopes = torsh_numel(weight), channels = ndim > 1 ? torsh_size(input, 1) : 1;
    if (torsh_dtype_of(input) != torsh_dtype_of(weight))
        return torsh__refuse(TORSH_DTYPE_MISMATCH, "prelu: 'input' and 'weight' must have the same dtype");
    if (torsh_ndim(weight) > 1)
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "prelu: 'weight' must be 0-d or 1-d; it has %d dimensions", torsh_ndim(weight));
    if (slopes != 1 && (ndim == 0 || slopes != channels))
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "prelu: 'weight' has %lld elements; it must have 1 or one per channel of 'input' (%lld)",
                             (long long)slopes, (long long)channels);
    return torsh__rectified(input, slopes != 1 ? torsh__along(weight, 1, ndim) : torsh_reshape(weight, NULL, 0));
}

/* Training: each element that isn't positive draws its slope from [lower, upper), in f64 and in the order of memory, as PyTorch does;
 * else it is their mean. */
static torsh_tensor compose_rrelu(torsh_tensor input, double lower, double upper, bool training)
{
    if (!(lower <= upper)) return torsh__refuse(TORSH_OUT_OF_RANGE, "rrelu: lower (%g) must not be above upper (%g)", lower, upper);
    torsh_tensor x = floats("rrelu", input);
    if (!training) return like(input, torsh_leaky_relu(x, (lower + upper) / 2));
    torsh_tensor mask = torsh_le(x, N(0)), drawn = torsh_to_dtype(torsh_masked_select(torsh_zeros_like(x), mask), TORSH_F64);
    drawn = torsh_to_dtype(torsh_uniform_(drawn, lower, upper, (torsh_generator){0}), torsh_dtype_of(x));
    return like(input, torsh_mul(x, torsh_masked_scatter(torsh_ones_like(x), mask, drawn)));
}

#include "define_rows.h"
#include "activation.def"
