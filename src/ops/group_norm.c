/* Normalisations made of others. Rows: table/group_norm.def. The fused rows that they use are in norm.c. */
#include "composed.h"
#include "dual.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/index.h>
#include <torsh/ops/join.h>
#include <torsh/ops/norm.h>
#include <torsh/ops/pointwise.h>
#include <torsh/ops/pooling.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/view.h>

#include <math.h>
#include <string.h>

#define TABLE "group_norm.def"
#include "declare_rows.h"
#define TABLE "norm.def"
#include "declare_rows.h"

static bool is_suffix(const torsh__shape *s, const int64_t *shape, size_t count)
{
    return count > 0 && count <= (size_t)s->ndim && memcmp(s->sizes + ((size_t)s->ndim - count), shape, count * sizeof *shape) == 0;
}

static torsh_status check_shape(const char *name, torsh_tensor input, const torsh__shape *s, const int64_t *shape, size_t count)
{
    if (is_suffix(s, shape, count)) return TORSH_OK;
    torsh__shape_text want;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: normalized_shape %s must be the last dimensions of 'input' %s", name,
                       torsh__shape_print(&want, count <= TORSH__MAX_RANK ? (int)count : 0, shape), torsh_shape_text(input));
}

static torsh_status check_floating(const char *name, const torsh__shape *s, bool complex_too)
{
    if (torsh_dtype_is_floating_point(s->dtype) || (complex_too && torsh_dtype_is_complex(s->dtype))) return TORSH_OK;
    return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: 'input' must be floating point; it is %s", name, torsh_dtype_name(s->dtype));
}

/* ---- groups of channels -------------------------------------------------------------------------------------- */

static torsh_status check_groups(const char *name, torsh_tensor input, const torsh__shape *s, int64_t groups, const torsh_tensor affine[2])
{
    torsh_status status = check_floating(name, s, false);
    if (status) return status;
    if (s->ndim < 2) return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'input' must be (N, C, ...); it is %s", name, torsh_shape_text(input));
    for (int d = 1; d < s->ndim; d++)
        if (s->sizes[d] == 0) return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'input' %s is empty in a dimension that is not the batch", name, torsh_shape_text(input));
    if (groups < 1 || s->sizes[1] % groups)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: the %lld channels of 'input' can't be cut into %lld groups", name, (long long)s->sizes[1], (long long)groups);
    for (int i = 0; i < 2; i++)
        if (affine[i].id && (torsh_ndim(affine[i]) != 1 || torsh_size(affine[i], 0) != s->sizes[1]))
            return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: '%s' is %s; it must have a number for each of the %lld channels of 'input'", name,
                               i ? "bias" : "weight", torsh_shape_text(affine[i]), (long long)s->sizes[1]);
    return TORSH_OK;
}

/* y with an axis for the channels: times weight, plus bias, by channel. */
static torsh_tensor affine(torsh_tensor y, torsh_tensor weight, torsh_tensor bias, int ndim)
{
    if (weight.id && bias.id) return torsh_addcmul(torsh__along(torsh__widened(bias), 1, ndim), y, torsh__along(torsh__widened(weight), 1, ndim), 1);
    if (weight.id) y = torsh_mul(y, torsh__along(torsh__widened(weight), 1, ndim));
    return bias.id ? torsh_add(y, torsh__along(torsh__widened(bias), 1, ndim)) : y;
}

static torsh_tensor compose_group_norm(torsh_tensor input, int64_t num_groups, torsh_tensor weight, torsh_tensor bias, double eps)
{
    torsh__shape s = torsh__shape_of(input);
    torsh_status status = check_groups("group_norm", input, &s, num_groups, (torsh_tensor[]){weight, bias});
    if (status) return torsh__tensor_error(status);
    return torsh__group_norm_forward(input, weight, bias, num_groups, eps).first;
}

static torsh_status infer_group_norm_forward(torsh__call *c)
{
    const torsh_operand *x = &c->input[0]->view;
    int64_t groups = c->values[3].i, sizes[2] = {1, groups};
    torsh_status status = torsh__require_dtype(c, (torsh_dtype)x->dtype);
    if (status == TORSH_OK) status = torsh__require_rank(c, 0, 2, TORSH__MAX_RANK);
    if (status == TORSH_OK) status = torsh__infer_device(c);
    c->compute = (torsh_dtype)x->dtype;
    for (int i = 1; i < 3 && status == TORSH_OK; i++)
        if (c->input[i] && (c->input[i]->view.ndim != 1 || c->input[i]->view.sizes[0] != x->sizes[1]))
            status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: '%s' must have a number for each channel", torsh__call_name(c), i == 1 ? "weight" : "bias");
    if (status == TORSH_OK && (groups < 1 || x->sizes[1] % groups)) status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: groups must divide the channels", torsh__call_name(c));
    if (status) return status;
    sizes[0] = x->sizes[0];
    torsh__out_spec(c, 0, c->compute, x->ndim, x->sizes);
    for (int i = 1; i < 3; i++) torsh__out_spec(c, i, c->compute == TORSH_F64 ? TORSH_F64 : TORSH_F32, 2, sizes);
    return TORSH_OK;
}

/* By layer_norm's row over (N groups, all else), which has gradients of any order; what the weight scales comes before it. */
static void group_norm_gradient(torsh__backward *b)
{
    torsh_tensor x = torsh__saved_input(b, 0), weight = torsh__saved_input(b, 1), g = b->g[0], none = {0};
    if (!g.id) return;
    const torsh_value *v = b->node->values;
    torsh__shape s = torsh__shape_of(x);
    int64_t rows = s.sizes[0] * v[3].i, dims[TORSH__MAX_RANK];
    size_t count = 0;
    for (int d = 0; d < s.ndim; d++)
        if (d != 1) dims[count++] = d;
    torsh_tensor flat = torsh_reshape(torsh__widened(x), TORSH_DIMS(rows, rows ? s.numel / rows : 0)), wide = torsh__widened(g);
    if (torsh__needs(b, 2)) b->result[2] = torsh__narrowed(torsh_sum(wide, dims, count, false), s.dtype);
    if (torsh__needs(b, 1)) {
        torsh_tensor unit = torsh_reshape(torsh__layer_norm_forward(flat, none, none, 1, v[4].f, true).first, s.sizes, (size_t)s.ndim);
        b->result[1] = torsh__narrowed(torsh_sum(torsh_mul(wide, unit), dims, count, false), s.dtype);
    }
    if (!torsh__needs(b, 0)) return;
    if (weight.id) wide = torsh_mul(wide, torsh__along(torsh__widened(weight), 1, s.ndim));
    wide = torsh_reshape(wide, TORSH_DIMS(rows, rows ? s.numel / rows : 0));
    torsh_tensor mean = torsh__saved_output(b, 1), rstd = torsh__saved_output(b, 2), dx;
    if (!torsh__is_differentiating()) dx = torsh__layer_norm_backward(wide, flat, none, mean, rstd, 1, true).first;
    else {
        int64_t last = 1;
        torsh_tensor unit = torsh__layer_norm_forward(flat, none, none, 1, v[4].f, true).first;
        torsh_tensor centered = torsh_sub(flat, torsh_mean(flat, &last, 1, true));
        rstd = torsh_rsqrt(torsh_add(torsh_mean(torsh_square(centered), &last, 1, true), torsh_number(v[4].f)));
        torsh_tensor slope = torsh_mul(unit, torsh_mean(torsh_mul(wide, unit), &last, 1, true));
        dx = torsh_mul(rstd, torsh_sub(torsh_sub(wide, torsh_mean(wide, &last, 1, true)), slope));
    }
    b->result[0] = torsh__narrowed(torsh_reshape(dx, s.sizes, (size_t)s.ndim), s.dtype);
}
static const torsh__impl impl_group_norm_forward = {.infer = infer_group_norm_forward, .gradient = group_norm_gradient,
                                                    .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_IN(1) | TORSH__SAVE_OUT(1) | TORSH__SAVE_OUT(2)};

/* With statistics that have gradients, so of plain ops. */
static torsh_triple compose_native_group_norm(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, int64_t N, int64_t C, int64_t HxW, int64_t group, double eps)
{
    torsh__shape s = torsh__shape_of(input);
    torsh_status status = check_groups("native_group_norm", input, &s, group, (torsh_tensor[]){weight, bias});
    if (status == TORSH_OK && (N != s.sizes[0] || C != s.sizes[1] || HxW < 1 || (s.numel && HxW != s.numel / (N * C))))
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "native_group_norm: N, C and HxW must be the sizes of 'input' %s", torsh_shape_text(input));
    if (status) return (torsh_triple){torsh__tensor_error(status), torsh__tensor_error(status), torsh__tensor_error(status)};
    if (!torsh__is_tracked(input) && (!weight.id || torsh_dtype_of(weight) == s.dtype) && (!bias.id || torsh_dtype_of(bias) == s.dtype)) {
        torsh_triple r = torsh__group_norm_forward(input, weight, bias, group, eps);
        return (torsh_triple){r.first, torsh__narrowed(r.second, s.dtype), torsh__narrowed(r.third, s.dtype)};
    }
    int64_t last = 2;
    torsh_tensor x = torsh_reshape(torsh__widened(input), TORSH_DIMS(N, group, C / group * HxW));
    torsh_tensor mean = torsh_mean(x, &last, 1, true), centered = torsh_sub(x, mean);
    torsh_tensor rstd = torsh_rsqrt(torsh_add(torsh_mean(torsh_square(centered), &last, 1, true), torsh_number(eps)));
    torsh_tensor y = affine(torsh_reshape(torsh_mul(centered, rstd), s.sizes, (size_t)s.ndim), weight, bias, s.ndim);
    return (torsh_triple){torsh__narrowed(y, s.dtype), torsh__narrowed(torsh_squeeze(mean, &last, 1), s.dtype), torsh__narrowed(torsh_squeeze(rstd, &last, 1), s.dtype)};
}

/* (1, N C, ...) in batch_norm's hands; the running statistics get the mean of what each sample leaves of them. */
static torsh_tensor compose_instance_norm(torsh_tensor input, torsh_tensor running_mean, torsh_tensor running_var, torsh_tensor weight, torsh_tensor bias,
                                          bool use_input_stats, double momentum, double eps)
{
    torsh__shape s = torsh__shape_of(input);
    if (s.ndim < 2 || !torsh_dtype_is_floating_point(s.dtype))
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "instance_norm: 'input' must be floating-point (N, C, ...); it is %s of %s", torsh_shape_text(input), torsh_dtype_name(s.dtype));
    if (!use_input_stats && (!running_mean.id || !running_var.id))
        return torsh__refuse(TORSH_INVALID_ARGUMENT, "instance_norm: running_mean and running_var are needed without use_input_stats");
    int64_t n = s.sizes[0], c = s.sizes[1], first = 0;
    if (use_input_stats && s.numel && s.numel == n * c)
        return torsh__refuse(TORSH_INVALID_ARGUMENT, "instance_norm: 'input' %s needs more than one element per channel", torsh_shape_text(input));
    torsh_tensor repeated[4] = {running_mean, running_var, torsh__widened(weight), torsh__widened(bias)};
    for (int i = 0; i < 4; i++)
        if (repeated[i].id) repeated[i] = torsh_repeat(repeated[i], &n, 1);
    torsh__shape flat = s;
    flat.sizes[0] = 1;
    flat.sizes[1] = n * c;
    torsh_tensor y = torsh_batch_norm(torsh_reshape(torsh__widened(input), flat.sizes, (size_t)flat.ndim), repeated[0], repeated[1], repeated[2], repeated[3],
                                      use_input_stats, momentum, eps);
    torsh_tensor running[2] = {running_mean, running_var};
    for (int i = 0; i < 2 && use_input_stats && !TORSH_FAILED(y); i++)
        if (running[i].id) {
            torsh_tensor done = torsh_copy_(running[i], torsh_mean(torsh_reshape(repeated[i], TORSH_DIMS(n, c)), &first, 1, false));
            if (TORSH_FAILED(done)) return done;
        }
    return torsh__narrowed(torsh_reshape(y, s.sizes, (size_t)s.ndim), s.dtype);
}

/* ---- root mean square, local response ------------------------------------------------------------------------ */

static torsh_tensor compose_rms_norm(torsh_tensor input, const int64_t *normalized_shape, size_t count, torsh_tensor weight, double eps)
{
    torsh__shape s = torsh__shape_of(input);
    torsh_status status = check_floating("rms_norm", &s, true);
    if (status == TORSH_OK) status = check_shape("rms_norm", input, &s, normalized_shape, count);
    if (status == TORSH_OK && weight.id) {
        torsh__shape w = torsh__shape_of(weight);
        if (!torsh__same_sizes(w.ndim, w.sizes, (int)count, normalized_shape))
            status = torsh__fail(TORSH_SHAPE_MISMATCH, "rms_norm: 'weight' is %s; it must be of the shape normalized_shape", torsh_shape_text(weight));
    }
    if (status) return torsh__tensor_error(status);
    if (isnan(eps)) eps = s.dtype == TORSH_F64 || s.dtype == TORSH_C128 ? 0x1p-52 : 0x1p-23;
    if (s.device == TORSH_CPU && torsh_dtype_is_floating_point(s.dtype) && (!weight.id || torsh_dtype_of(weight) == s.dtype)) { /* in one pass */
        torsh_triple r = torsh__layer_norm_forward(input, weight, (torsh_tensor){0}, (int64_t)count, eps, false);
        return r.first;
    }
    int64_t dims[TORSH__MAX_RANK];
    for (size_t d = 0; d < count; d++) dims[d] = (int64_t)d - (int64_t)count;
    torsh_tensor x = torsh__widened(input);
    torsh_tensor y = torsh_mul(x, torsh_rsqrt(torsh_add(torsh_mean(torsh_mul(x, x), dims, count, true), torsh_number(eps))));
    return torsh__narrowed(weight.id ? torsh_mul(y, torsh__widened(weight)) : y, s.dtype);
}

/* x / (k + alpha mean(x^2 over `size` channels around))^beta: the mean is that of avg_pool2d over (channels, all else). */
static torsh_tensor compose_local_response_norm(torsh_tensor input, int64_t size, double alpha, double beta, double k)
{
    torsh__shape s = torsh__shape_of(input);
    if (s.ndim < 3 || size < 1)
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "local_response_norm: 'input' %s must have 3 dimensions or more, and size (%lld) be positive", torsh_shape_text(input), (long long)size);
    if (s.numel == 0) return input;
    int64_t n = s.sizes[0], c = s.sizes[1], rest = s.numel / (n * c), before = size / 2, after = (size - 1) / 2;
    torsh_tensor x = torsh__widened(input);
    torsh_dtype wide = torsh_dtype_of(x);
    torsh_tensor square = torsh_reshape(torsh_mul(x, x), TORSH_DIMS(n, 1, c, rest));
    torsh_tensor parts[3] = {torsh_zeros(TORSH_DIMS(n, 1, before, rest), wide, s.device), square, torsh_zeros(TORSH_DIMS(n, 1, after, rest), wide, s.device)};
    torsh_tensor mean = torsh_avg_pool2d(torsh_cat(parts, 3, 2), TORSH_DIMS(size, 1), TORSH_DIMS(1), TORSH_NO_DIMS, false, true, 0);
    torsh_tensor divisor = torsh_pow(torsh_add(torsh_mul(torsh_reshape(mean, s.sizes, (size_t)s.ndim), torsh_number(alpha)), torsh_number(k)), torsh_number(beta));
    torsh_tensor y = torsh_div(x, divisor);
    return torsh_dtype_is_floating_point(s.dtype) ? torsh__narrowed(y, s.dtype) : y;
}

static torsh_triple compose_native_layer_norm(torsh_tensor input, const int64_t *normalized_shape, size_t count, torsh_tensor weight, torsh_tensor bias, double eps)
{
    torsh__shape s = torsh__shape_of(input);
    torsh_status status = check_shape("native_layer_norm", input, &s, normalized_shape, count);
    if (status) return (torsh_triple){torsh__tensor_error(status), torsh__tensor_error(status), torsh__tensor_error(status)};
    torsh_triple r = torsh__layer_norm_forward(input, weight, bias, (int64_t)count, eps, true);
    return (torsh_triple){r.first, torsh__narrowed(r.second, s.dtype), torsh__narrowed(r.third, s.dtype)};
}

#include "define_rows.h"

#include "group_norm.def"
