/* Pooling made of other ops. Rows: table/unpool.def. */
#include "alloc.h"
#include "composed.h"

#include <torsh/autograd.h>
#include <torsh/ops/activation.h>
#include <torsh/ops/arithmetic.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/index.h>
#include <torsh/ops/pooling.h>
#include <torsh/ops/random.h>
#include <torsh/ops/view.h>

#include <math.h>

#define TABLE "pooling.def"
#include "declare_rows.h"

typedef struct list {
    const int64_t *data;
    size_t count;
} list;

static int64_t number(list l, int d, int64_t absent)
{
    return l.count == 0 ? absent : l.data[l.count == 1 ? 0 : d];
}

static torsh_status check_list(const char *name, const char *param, list l, int dims, int64_t least)
{
    if (l.count > 1 && l.count != (size_t)dims) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: '%s' has %zu numbers; it takes 1 or %d", name, param, l.count, dims);
    for (size_t i = 0; i < l.count; i++)
        if (l.data[i] < least || l.data[i] > INT32_MAX)
            return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: '%s' holds %lld; it must be at least %lld and fit 31 bits", name, param, (long long)l.data[i], (long long)least);
    return TORSH_OK;
}

/* ---- max_unpool ------------------------------------------------------------------------------------------------ */

/* The sizes that pooling would have come from; output_size may be up to a stride away from that (torch/nn/functional.py _unpool_output_size). */
static torsh_status unpooled(const char *name, int dims, torsh__shape *s, list kernel, list stride, list padding, list wanted)
{
    int first = s->ndim - dims;
    torsh_status status = check_list(name, "kernel_size", kernel, dims, 1);
    if (status == TORSH_OK) status = check_list(name, "stride", stride, dims, 1);
    if (status == TORSH_OK) status = check_list(name, "padding", padding, dims, 0);
    if (status == TORSH_OK && kernel.count == 0) status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: 'kernel_size' is empty", name);
    if (wanted.count == (size_t)s->ndim) wanted = (list){wanted.data + first, (size_t)dims};
    if (status == TORSH_OK && wanted.count && wanted.count != (size_t)dims)
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: 'output_size' has %zu numbers; it takes %d", name, wanted.count, dims);
    for (int d = 0; d < dims && status == TORSH_OK; d++) {
        int64_t size = number(kernel, d, 1), step = number(stride, d, size), usual = (s->sizes[first + d] - 1) * step + size - 2 * number(padding, d, 0);
        int64_t out = wanted.count ? wanted.data[d] : usual;
        if (out < 1 || (wanted.count && (out <= usual - step || out >= usual + step)))
            status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: output_size %lld in dimension %d of 'input'; it must be positive and within a stride of %lld", name,
                                 (long long)out, d, (long long)usual);
        s->sizes[first + d] = out;
    }
    return status;
}

static torsh_tensor unpool(const char *name, int dims, torsh_tensor input, torsh_tensor indices, list kernel, list stride, list padding, list output_size)
{
    torsh__shape s = torsh__shape_of(input), at = torsh__shape_of(indices);
    if ((s.ndim != dims + 1 && s.ndim != dims + 2) || at.dtype != TORSH_I64 || !torsh__same_sizes(s.ndim, s.sizes, at.ndim, at.sizes))
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "%s: 'input' %s must have %d or %d dimensions, and 'indices' %s be i64 of its shape", name, torsh_shape_text(input),
                             dims + 1, dims + 2, torsh_shape_text(indices));
    int first = s.ndim - dims;
    for (int d = 1; d < s.ndim; d++)
        if (s.sizes[d] == 0) return torsh__refuse(TORSH_SHAPE_MISMATCH, "%s: 'input' %s is empty in a dimension that is not the batch", name, torsh_shape_text(input));
    int64_t planes = 1, from = 1, to = 1;
    for (int d = 0; d < s.ndim; d++) *(d < first ? &planes : &from) *= s.sizes[d];
    torsh_status status = unpooled(name, dims, &s, kernel, stride, padding, output_size);
    if (status) return torsh__tensor_error(status);
    for (int d = first; d < s.ndim; d++)
        if (__builtin_mul_overflow(to, s.sizes[d], &to)) return torsh__refuse(TORSH_OUT_OF_RANGE, "%s: output_size is too large for memory", name);
    torsh_tensor none = torsh_expand(torsh_zeros(TORSH_DIMS(1, 1), s.dtype, s.device), TORSH_DIMS(planes, to)); /* scatter makes the elements */
    torsh_tensor y = torsh_scatter(none, 1, torsh_reshape(indices, TORSH_DIMS(planes, from)), torsh_reshape(input, TORSH_DIMS(planes, from)));
    return torsh_reshape(y, s.sizes, (size_t)s.ndim);
}

#define UNPOOL(dims)                                                                                                                              \
    static torsh_tensor compose_max_unpool##dims##d(torsh_tensor input, torsh_tensor indices, const int64_t *kernel_size, size_t kernels, const int64_t *stride, \
                                                    size_t strides, const int64_t *padding, size_t paddings, const int64_t *output_size, size_t sizes) \
    {                                                                                                                                             \
        return unpool("max_unpool" #dims "d", dims, input, indices, (list){kernel_size, kernels}, (list){stride, strides}, (list){padding, paddings}, \
                      (list){output_size, sizes});                                                                                                \
    }
UNPOOL(1)
UNPOOL(2)
UNPOOL(3)

/* ---- fractional_max_pool ----------------------------------------------------------------------------------------- */

static torsh_values values_error(torsh_status status)
{
    return (torsh_values){torsh__tensor_error(status), torsh__tensor_error(status)};
}

/* How many windows there are; what is no number of windows becomes 0. */
static torsh_status fraction_sizes(const char *name, int dims, const torsh__shape *s, list size, const double *ratio, size_t ratios, int64_t out[3])
{
    if ((size.count > 0) == (ratios > 0) || (ratios > 1 && ratios != (size_t)dims))
        return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: takes either 'output_size' or 'output_ratio', with 1 or %d numbers", name, dims);
    torsh_status status = check_list(name, "output_size", size, dims, 1);
    for (int d = 0; d < dims && status == TORSH_OK; d++) {
        double wanted = ratios ? (double)s->sizes[s->ndim - dims + d] * ratio[ratios > 1 ? d : 0] : (double)number(size, d, 1);
        out[d] = wanted >= 1 && wanted < (double)INT32_MAX ? (int64_t)wanted : 0;
    }
    return status;
}

static torsh_values fractional(const char *name, int dims, torsh_tensor input, list kernel, list size, const double *ratio, size_t ratios, torsh_tensor samples)
{
    torsh__shape s = torsh__shape_of(input);
    int64_t out[3] = {0};
    torsh_status status = TORSH_OK;
    if ((s.ndim != dims + 1 && s.ndim != dims + 2) || !torsh_dtype_is_floating_point(s.dtype))
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'input' must be floating point with %d or %d dimensions; it is %s", name, dims + 1, dims + 2, torsh_shape_text(input));
    if (status == TORSH_OK) status = fraction_sizes(name, dims, &s, size, ratio, ratios, out);
    if (status) return values_error(status);
    bool batches = s.ndim > dims + 1;
    int64_t shape[3] = {batches ? s.sizes[0] : 1, s.sizes[batches], dims};
    if (samples.id) {
        torsh__shape r = torsh__shape_of(samples);
        if (!torsh__same_sizes(3, shape, r.ndim, r.sizes) || r.dtype != s.dtype)
            return values_error(torsh__fail(TORSH_SHAPE_MISMATCH, "%s: '_random_samples' must be (N, C, %d) of the dtype of 'input'", name, dims));
        if (torsh__is_tracked(samples)) samples = torsh_detach(samples);
        if (!batches) samples = torsh_select(samples, 0, 0);
    } else samples = torsh_rand(&shape[!batches], batches ? 3 : 2, s.dtype, s.device);
    return torsh__fractional_max_pool(input, samples, kernel.data, kernel.count, out, (size_t)dims, dims);
}

static torsh_values compose_fractional_max_pool2d(torsh_tensor input, const int64_t *kernel_size, size_t kernels, const int64_t *output_size, size_t sizes,
                                                  const double *output_ratio, size_t ratios, torsh_tensor samples)
{
    return fractional("fractional_max_pool2d", 2, input, (list){kernel_size, kernels}, (list){output_size, sizes}, output_ratio, ratios, samples);
}

static torsh_values compose_fractional_max_pool3d(torsh_tensor input, const int64_t *kernel_size, size_t kernels, const int64_t *output_size, size_t sizes,
                                                  const double *output_ratio, size_t ratios, torsh_tensor samples)
{
    return fractional("fractional_max_pool3d", 3, input, (list){kernel_size, kernels}, (list){output_size, sizes}, output_ratio, ratios, samples);
}

/* ---- lp_pool ------------------------------------------------------------------------------------------------------ */

/* (sum of x^p over the window)^(1/p), 0 where the sum is negative, as PyTorch has it. */
static torsh_tensor powers(double p, int64_t window, torsh_tensor mean, torsh_dtype dtype)
{
    torsh_tensor sum = torsh_mul(torsh_mul(torsh_sign(mean), torsh_relu(torsh_abs(mean))), torsh_number((double)window));
    return torsh__narrowed(p == 2 ? torsh_sqrt(sum) : torsh_pow(sum, torsh_number(1 / p)), dtype);
}

static torsh_tensor lp_pool(const char *name, int dims, torsh_tensor input, double p, list kernel, list stride, bool ceil_mode)
{
    int64_t window = 1;
    torsh_status status = check_list(name, "kernel_size", kernel, dims, 1);
    if (status == TORSH_OK && (kernel.count == 0 || p == 0)) status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: 'kernel_size' is empty or norm_type 0", name);
    if (status) return torsh__tensor_error(status);
    for (int d = 0; d < dims; d++) window *= number(kernel, d, 1);
    if (isinf(p)) { /* the largest, or smallest, magnitude */
        static torsh_tensor (*const pools[3])(torsh_tensor, const int64_t *, size_t, const int64_t *, size_t, const int64_t *, size_t, const int64_t *, size_t, bool) = {
            torsh_max_pool1d, torsh_max_pool2d, torsh_max_pool3d};
        torsh_tensor size = torsh_abs(input);
        torsh_tensor y = pools[dims - 1](p > 0 ? size : torsh_neg(size), kernel.data, kernel.count, stride.data, stride.count, TORSH_NO_DIMS, TORSH_NO_DIMS, ceil_mode);
        return p > 0 ? y : torsh_neg(y);
    }
    torsh_tensor wide = torsh__widened(input), x = p == 2 && torsh_dtype_is_floating_point(torsh_dtype_of(wide)) ? torsh_mul(wide, wide) : torsh_pow(wide, torsh_number(p)), mean;
    if (dims == 1) mean = torsh_avg_pool1d(x, kernel.data, kernel.count, stride.data, stride.count, TORSH_NO_DIMS, ceil_mode, true);
    else mean = (dims == 2 ? torsh_avg_pool2d : torsh_avg_pool3d)(x, kernel.data, kernel.count, stride.data, stride.count, TORSH_NO_DIMS, ceil_mode, true, 0);
    return powers(p, window, mean, torsh_dtype_of(input));
}

#define LP_POOL(dims)                                                                                                                    \
    static torsh_tensor compose_lp_pool##dims##d(torsh_tensor input, double norm_type, const int64_t *kernel_size, size_t kernels, const int64_t *stride, \
                                                 size_t strides, bool ceil_mode)                                                         \
    {                                                                                                                                    \
        return lp_pool("lp_pool" #dims "d", dims, input, norm_type, (list){kernel_size, kernels}, (list){stride, strides}, ceil_mode);   \
    }
LP_POOL(1)
LP_POOL(2)
LP_POOL(3)

#include "define_rows.h"

#include "unpool.def"
