/* Distances, and what is normalised by a norm. Rows: table/distance.def; all are made of other ops. */
#include "composed.h"

#include <math.h>

/* The p-norm along dim, of complex numbers that of their absolute values. */
static torsh_tensor norm_of(torsh_tensor t, double p, int64_t dim, bool keepdim)
{
    return torsh_norm(torsh_dtype_is_complex(torsh_dtype_of(t)) ? torsh_abs(t) : t, p, &dim, 1, keepdim);
}

static torsh_tensor compose_normalize(torsh_tensor input, double p, int64_t dim, double eps)
{
    torsh_tensor x = torsh__widened(input);
    return torsh__narrowed(torsh_div(x, torsh_clamp(norm_of(x, p, dim, true), eps, INFINITY)), torsh_dtype_of(input));
}

/* Each vector by its own norm first, so that the product of two norms can't overflow (ATen/native/Distance.cpp). */
static torsh_tensor compose_cosine_similarity(torsh_tensor x1, torsh_tensor x2, int64_t dim, double eps)
{
    torsh_tensor product = torsh_mul(x1, x2); /* checks that they broadcast, and says the dtype */
    torsh__shape s = torsh__shape_of(product);
    torsh_tensor unit[2] = {x1, x2};
    if (TORSH_FAILED(product)) return product;
    if (!torsh_dtype_is_floating_point(s.dtype)) return torsh__refuse(TORSH_DTYPE_MISMATCH, "cosine_similarity: 'x1' and 'x2' must be floating point; one is %s", torsh_dtype_name(s.dtype));
    for (int i = 0; i < 2; i++) {
        torsh_tensor x = torsh_expand(torsh__widened(unit[i]), s.sizes, (size_t)s.ndim);
        unit[i] = torsh_div(x, torsh_clamp(norm_of(x, 2, dim, true), eps, INFINITY));
    }
    return torsh__narrowed(torsh_sum(torsh_mul(unit[0], unit[1]), &dim, 1, false), s.dtype);
}

static torsh_tensor compose_pairwise_distance(torsh_tensor x1, torsh_tensor x2, double p, double eps, bool keepdim)
{
    torsh_tensor difference = torsh_sub(x1, x2), apart = torsh_add(torsh__widened(difference), torsh_number(eps));
    torsh_dtype dtype = torsh_dtype_of(difference);
    torsh_tensor distance = norm_of(apart, p, -1, keepdim);
    return torsh_dtype_is_floating_point(dtype) ? torsh__narrowed(distance, dtype) : distance;
}

/* Row pairs i < j in order: two lists of row numbers, gathered. */
static torsh_tensor compose_pdist(torsh_tensor input, double p)
{
    torsh__shape s = torsh__shape_of(input);
    if (s.ndim != 2 || !torsh_dtype_is_floating_point(s.dtype))
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "pdist: 'input' must be a floating-point matrix; it is %s of %s", torsh_shape_text(input), torsh_dtype_name(s.dtype));
    if (!(p >= 0)) return torsh__refuse(TORSH_OUT_OF_RANGE, "pdist: p must not be negative; it is %g", p);
    if (s.sizes[0] > 1 << 24) return torsh__refuse(TORSH_OUT_OF_RANGE, "pdist: 'input' has %lld rows, too many to pair", (long long)s.sizes[0]);
    int64_t n = s.sizes[0], pairs = n * (n - 1) / 2, at = 0;
    torsh_tensor both = torsh_empty(TORSH_DIMS(2, pairs), TORSH_I64, TORSH_CPU);
    int64_t *rows = torsh_data(both);
    if (!rows && pairs) return both;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = i + 1; j < n; j++, at++) rows[at] = i, rows[pairs + at] = j;
    both = torsh_to_device(both, s.device);
    torsh_tensor first = torsh_select(both, 0, 0), second = torsh_select(both, 0, 1);
    torsh_tensor x = torsh__widened(input);
    return torsh__narrowed(norm_of(torsh_sub(torsh_index_select(x, 0, first), torsh_index_select(x, 0, second)), p, 1, false), s.dtype);
}

/* y[.., o] = sum over n, m of input1[.., n] weight[o, n, m] input2[.., m] + bias[o] */
static torsh_tensor compose_bilinear(torsh_tensor input1, torsh_tensor input2, torsh_tensor weight, torsh_tensor bias)
{
    torsh__shape a = torsh__shape_of(input1), b = torsh__shape_of(input2), w = torsh__shape_of(weight);
    if (w.ndim != 3 || a.ndim < 1 || !torsh__same_sizes(a.ndim - 1, a.sizes, b.ndim - 1, b.sizes) || a.sizes[a.ndim - 1] != w.sizes[1] ||
        b.sizes[b.ndim - 1] != w.sizes[2])
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "bilinear: 'input1' %s and 'input2' %s must be (..., n) and (..., m) with the same leading sizes, 'weight' %s (o, n, m)",
                             torsh_shape_text(input1), torsh_shape_text(input2), torsh_shape_text(weight));
    int64_t rows = w.sizes[1] ? a.numel / w.sizes[1] : 1, o = w.sizes[0], n = w.sizes[1], m = w.sizes[2];
    if (n == 0)
        for (int d = 0; d < a.ndim - 1; d++) rows *= a.sizes[d];
    torsh_tensor by_n = torsh_reshape(torsh_permute(torsh__widened(weight), TORSH_DIMS(1, 0, 2)), TORSH_DIMS(n, o * m));
    torsh_tensor half = torsh_reshape(torsh_matmul(torsh_reshape(torsh__widened(input1), TORSH_DIMS(rows, n)), by_n), TORSH_DIMS(rows, o, m));
    torsh_tensor y = torsh_matmul(half, torsh_reshape(torsh__widened(input2), TORSH_DIMS(rows, m, 1)));
    a.sizes[a.ndim - 1] = o;
    y = torsh_reshape(y, a.sizes, (size_t)a.ndim);
    return torsh__narrowed(bias.id ? torsh_add(y, torsh__widened(bias)) : y, a.dtype);
}

#include "define_rows.h"

#include "distance.def"
