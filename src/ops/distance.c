/* Distances, and what is normalised by a norm. Rows: table/distance.def. */
#include "composed.h"

#include <torsh/ops/activation.h>
#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/distance.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/index.h>
#include <torsh/ops/join.h>
#include <torsh/ops/matmul.h>
#include <torsh/ops/rearrange.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/statistics.h>
#include <torsh/ops/view.h>

#include <math.h>

#define TABLE "distance.def"
#include "declare_rows.h"

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

/* The first by its own norm before all, so that no product of two norms can overflow (ATen/native/Distance.cpp divides both); the sum by the other. */
static torsh_tensor compose_cosine_similarity(torsh_tensor x1, torsh_tensor x2, int64_t dim, double eps)
{
    torsh__shape s = torsh__shape_of(x1), other = torsh__shape_of(x2);
    if (s.dtype != other.dtype || s.device != other.device || !torsh__broadcast(&s.ndim, s.sizes, other.ndim, other.sizes)) {
        torsh_tensor product = torsh_mul(x1, x2); /* says the dtype, or what is wrong */
        if (TORSH_FAILED(product)) return product;
        s = torsh__shape_of(product);
    }
    if (!torsh_dtype_is_floating_point(s.dtype)) return torsh__refuse(TORSH_DTYPE_MISMATCH, "cosine_similarity: 'x1' and 'x2' must be floating point; one is %s", torsh_dtype_name(s.dtype));
    torsh_tensor first = torsh_expand(torsh__widened(x1), s.sizes, (size_t)s.ndim), second = torsh_expand(torsh__widened(x2), s.sizes, (size_t)s.ndim);
    torsh_tensor unit = torsh_div(first, torsh_clamp(norm_of(first, 2, dim, true), eps, INFINITY)), product = torsh_mul(unit, second);
    torsh_release(unit);
    return torsh__narrowed(torsh_div(torsh__sum_of_own(product, dim), torsh_clamp(norm_of(second, 2, dim, false), eps, INFINITY)), s.dtype);
}

static torsh_tensor compose_pairwise_distance(torsh_tensor x1, torsh_tensor x2, double p, double eps, bool keepdim)
{
    torsh_tensor difference = torsh_sub(x1, x2), apart = torsh_add(torsh__widened(difference), torsh_number(eps));
    torsh_dtype dtype = torsh_dtype_of(difference);
    torsh_tensor distance = norm_of(apart, p, -1, keepdim);
    return torsh_dtype_is_floating_point(dtype) ? torsh__narrowed(distance, dtype) : distance;
}

/* ---- between all rows ---------------------------------------------------------------------------------------- */

enum { BY_PRODUCT = 25 }; /* more rows than this are done by a product of matrices, as PyTorch's use_mm_for_euclid_dist_if_necessary */

static bool by_product(int ndim, const int64_t *x1, const int64_t *x2)
{
    return x1[ndim - 2] > BY_PRODUCT || x2[ndim - 2] > BY_PRODUCT;
}

static torsh_status infer_euclidean(torsh__call *c)
{
    const torsh_operand *a = &c->input[0]->view, *b = c->input[1] ? &c->input[1]->view : NULL;
    torsh_status status = torsh__infer_device(c);
    if (status == TORSH_OK && b) status = torsh__require_same_dtype(c, 0, 1);
    c->compute = (torsh_dtype)a->dtype;
    if (status == TORSH_OK) status = torsh__require_dtype(c, c->compute);
    if (status == TORSH_OK) status = torsh__require_rank(c, 0, 2, b ? TORSH__MAX_RANK : 2);
    if (status) return status;
    int d = a->ndim;
    if (b && (b->ndim != d || !torsh__same_sizes(d - 2, a->sizes, d - 2, b->sizes) || a->sizes[d - 1] != b->sizes[d - 1]))
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'x1' and 'x2' must be (..., p, m) and (..., r, m)", torsh__call_name(c));
    torsh__spec *spec = torsh__out_spec(c, 0, c->compute, b ? d : 1, a->sizes);
    if (b) spec->sizes[d - 1] = b->sizes[d - 2];
    else spec->sizes[0] = a->sizes[0] * (a->sizes[0] - 1) / 2;
    return TORSH_OK;
}

/* |a|^2 - 2 ab + |b|^2 as one product: (-2 a, |a|^2, 1) and (b, 1, |b|^2) (ATen/native/Distance.cpp). */
static torsh_status run_euclidean(torsh__call *c)
{
    if (!c->input[1] || !by_product(c->input[0]->view.ndim, c->input[0]->view.sizes, c->input[1]->view.sizes)) return torsh__launch(c);
    torsh_tensor side[2];
    for (int i = 0; i < 2; i++) {
        torsh_tensor x = torsh__widened(torsh__tensor_share(c->input[i])), square = torsh_sum(torsh_mul(x, x), TORSH_DIMS(-1), true), one = torsh_ones_like(square);
        torsh_tensor parts[3] = {i ? x : torsh_mul(x, torsh_number(-2)), i ? one : square, i ? square : one};
        side[i] = torsh_cat(parts, 3, -1);
    }
    side[1] = torsh_transpose(side[1], -2, -1);
    torsh_tensor to = torsh__tensor_share(c->output[0]);
    if (torsh_dtype_of(side[0]) != c->compute) return torsh_id_status(torsh_copy_(to, torsh_sqrt(torsh_relu(torsh_matmul(side[0], side[1])))).id);
    return torsh_id_status(torsh_sqrt_(torsh_relu_(torsh_matmul_out(side[0], side[1], to))).id);
}

/* (pairs) as (n, n), both triangles. */
static torsh_tensor in_matrix(torsh_tensor t, int64_t n)
{
    torsh_device device = torsh_device_of(t);
    torsh_tensor places = torsh_triu_indices(n, n, 1, TORSH_I64, device), whole = torsh_zeros(TORSH_DIMS(n, n), torsh_dtype_of(t), device);
    torsh_tensor list[2] = {torsh_select(places, 0, 0), torsh_select(places, 0, 1)};
    whole = torsh_index_put(whole, list, 2, t, false);
    return torsh_add(whole, torsh_transpose(whole, 0, 1));
}

/* sum over the other's rows of h (a - b), h = g / y */
static torsh_tensor pulled(torsh_tensor h, torsh_tensor a, torsh_tensor b, bool product)
{
    if (product) return torsh_sub(torsh_mul(a, torsh_sum(h, TORSH_DIMS(-1), true)), torsh_matmul(h, b));
    return torsh_sum(torsh_mul(torsh_sub(torsh_unsqueeze(a, -2), torsh_unsqueeze(b, -3)), torsh_unsqueeze(h, -1)), TORSH_DIMS(-2), false);
}

static void euclidean_gradient(torsh__backward *b)
{
    torsh_tensor x1 = torsh__saved_input(b, 0), x2 = torsh__saved_input(b, 1), y = torsh__saved_output(b, 0), same = torsh_eq(y, torsh_number(0));
    torsh_tensor h = torsh_where(same, torsh_number(0), torsh_div(b->g[0], torsh_where(same, torsh_number(1), y)));
    torsh__shape a = torsh__shape_of(x1), other = torsh__shape_of(x2);
    if (!x2.id) {
        b->result[0] = pulled(in_matrix(h, a.sizes[0]), x1, x1, false);
        return;
    }
    bool product = by_product(a.ndim, a.sizes, other.sizes);
    if (torsh__needs(b, 0)) b->result[0] = pulled(h, x1, x2, product);
    if (torsh__needs(b, 1)) b->result[1] = pulled(torsh_transpose(h, -2, -1), x2, x1, product);
}
static const torsh__impl impl_euclidean = {.infer = infer_euclidean, .run = run_euclidean, .gradient = euclidean_gradient,
                                           .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_IN(1) | TORSH__SAVE_OUT(0)};

/* x1 (..., p, m), x2 (..., r, m): (..., p, r). */
static torsh_tensor compose_cdist(torsh_tensor x1, torsh_tensor x2, double p)
{
    torsh__shape a = torsh__shape_of(x1), b = torsh__shape_of(x2);
    if (a.ndim < 2 || b.ndim < 2)
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "cdist: 'x1' and 'x2' must have at least 2 dimensions; they have %d and %d", a.ndim, b.ndim);
    if (!torsh_dtype_is_floating_point(a.dtype) || !torsh_dtype_is_floating_point(b.dtype))
        return torsh__refuse(TORSH_DTYPE_MISMATCH, "cdist: 'x1' and 'x2' must be floating point; they are %s and %s", torsh_dtype_name(a.dtype), torsh_dtype_name(b.dtype));
    int64_t rows[2] = {a.sizes[a.ndim - 2], b.sizes[b.ndim - 2]}, m = a.sizes[a.ndim - 1];
    if (m != b.sizes[b.ndim - 1])
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "cdist: the last dimensions of 'x1' (%lld) and 'x2' (%lld) must be equal", (long long)m, (long long)b.sizes[b.ndim - 1]);
    if (!(p >= 0)) return torsh__refuse(TORSH_INVALID_ARGUMENT, "cdist: p must not be negative; it is %g", p);
    if (p != 2 || a.numel == 0 || b.numel == 0 || a.dtype != b.dtype) {
        torsh_tensor apart = torsh_sub(torsh_unsqueeze(x1, -2), torsh_unsqueeze(x2, -3));
        return m ? torsh_norm(apart, p, TORSH_DIMS(-1), false) : torsh_sum(apart, TORSH_DIMS(-1), false);
    }
    a.ndim -= 2, b.ndim -= 2;
    torsh__shape whole = a;
    if (!torsh__broadcast(&whole.ndim, whole.sizes, b.ndim, b.sizes)) return torsh_matmul(x1, torsh_transpose(x2, -2, -1)); /* says why not */
    whole.ndim += 2;
    whole.sizes[whole.ndim - 1] = m;
    torsh_tensor x[2] = {x1, x2};
    for (int i = 0; i < 2; i++) {
        whole.sizes[whole.ndim - 2] = rows[i];
        if (whole.ndim > 2) x[i] = torsh_expand(x[i], whole.sizes, (size_t)whole.ndim);
    }
    return torsh__euclidean(x[0], x[1]);
}

/* Row pairs i < j in order. */
static torsh_tensor compose_pdist(torsh_tensor input, double p)
{
    torsh__shape s = torsh__shape_of(input);
    if (s.ndim != 2 || !torsh_dtype_is_floating_point(s.dtype))
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "pdist: 'input' must be a floating-point matrix; it is %s of %s", torsh_shape_text(input), torsh_dtype_name(s.dtype));
    if (!(p >= 0)) return torsh__refuse(TORSH_OUT_OF_RANGE, "pdist: p must not be negative; it is %g", p);
    if (s.sizes[0] > 1 << 24) return torsh__refuse(TORSH_OUT_OF_RANGE, "pdist: 'input' has %lld rows, too many to pair", (long long)s.sizes[0]);
    if (p == 2) return torsh__euclidean(input, (torsh_tensor){0});
    torsh_tensor both = torsh_triu_indices(s.sizes[0], s.sizes[0], 1, TORSH_I64, s.device), x = torsh__widened(input);
    torsh_tensor apart = torsh_sub(torsh_index_select(x, 0, torsh_select(both, 0, 0)), torsh_index_select(x, 0, torsh_select(both, 0, 1)));
    return torsh__narrowed(torsh_norm(apart, p, TORSH_DIMS(1), false), s.dtype);
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
