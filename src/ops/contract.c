/* Sums of products over chosen dims, made of the products in matmul.c. Rows: table/contract.def. einsum is in einsum.c. */
#include "composed.h"

#include <torsh/autograd.h>
#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/creation.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/index.h>
#include <torsh/ops/join.h>
#include <torsh/ops/matmul.h>
#include <torsh/ops/pointwise.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/scan.h>
#include <torsh/ops/view.h>

#include <math.h>

#define REFUSE(status, ...) torsh__tensor_error(torsh__fail(status, __VA_ARGS__))

/* ---- vectors ------------------------------------------------------------------------------------------------- */

static torsh_tensor compose_outer(torsh_tensor input, torsh_tensor vec2)
{
    int rows = torsh_ndim(input), columns = torsh_ndim(vec2);
    if (rows != 1 || columns != 1)
        return REFUSE(TORSH_SHAPE_MISMATCH, "outer: 'input' and 'vec2' must have 1 dimension; they have %d and %d", rows, columns);
    return torsh_mul(torsh_unsqueeze(input, -1), vec2);
}

static torsh_tensor compose_vdot(torsh_tensor input, torsh_tensor other)
{
    return torsh_dot(torsh__conjugate(input), other);
}

static torsh_tensor compose_inner(torsh_tensor input, torsh_tensor other)
{
    int left = torsh_ndim(input), right = torsh_ndim(other);
    if (left == 0 || right == 0) return torsh_mul(input, other);
    if (torsh_size(input, -1) != torsh_size(other, -1))
        return REFUSE(TORSH_SHAPE_MISMATCH, "inner: the last dimensions of 'input' (%lld) and 'other' (%lld) must be equal", (long long)torsh_size(input, -1),
                      (long long)torsh_size(other, -1));
    return torsh_tensordot(input, other, TORSH_DIMS(-1), TORSH_DIMS(-1));
}

/* c[i] = a[i + 1] b[i + 2] - a[i + 2] b[i + 1]. */
static torsh_tensor compose_cross(torsh_tensor input, torsh_tensor other, int64_t dim)
{
    int left = torsh_ndim(input), right = torsh_ndim(other);
    if (left != right)
        return REFUSE(TORSH_SHAPE_MISMATCH, "cross: 'input' and 'other' must have the same number of dimensions; they have %d and %d", left, right);
    if (dim < -left || dim >= left) return REFUSE(TORSH_OUT_OF_RANGE, "cross: dim %lld is out of range for %d dimensions", (long long)dim, left);
    if (torsh_size(input, dim) != 3 || torsh_size(other, dim) != 3)
        return REFUSE(TORSH_SHAPE_MISMATCH, "cross: dim %lld of 'input' and 'other' must have size 3; it has %lld and %lld", (long long)dim,
                      (long long)torsh_size(input, dim), (long long)torsh_size(other, dim));
    torsh_tensor a1 = torsh_roll(input, TORSH_DIMS(-1), TORSH_DIMS(dim)), b1 = torsh_roll(other, TORSH_DIMS(-1), TORSH_DIMS(dim));
    torsh_tensor c = torsh_mul(input, b1);
    if (TORSH_FAILED(c)) return c;
    torsh_dtype dtype = torsh_dtype_of(c);
    bool apart = torsh__dtypes[dtype].category <= TORSH__INTEGER || dtype == TORSH_F16 || dtype == TORSH_BF16; /* of integers -1 may be none; halves round both products */
    c = apart ? torsh_sub(c, torsh_mul(a1, other)) : torsh_addcmul(c, a1, other, -1);
    return torsh_roll(c, TORSH_DIMS(-1), TORSH_DIMS(dim)); /* c[i - 1], moved */
}

/* ---- any rank ------------------------------------------------------------------------------------------------ */

/* One factor of a kron, its sizes in turns with ones: (a0, 1, a1, 1, ...) or (1, b0, 1, b1, ...). `along`, if not 0: the last dim's
 * ones are that many copies instead, and joined with it. */
static torsh_tensor kron_side(torsh_tensor t, int64_t *sizes, int ndim, int64_t along, int own)
{
    int n = 2 * ndim, last = n - 2 + own, copies = n - 1 - own;
    torsh_tensor side = torsh_reshape(t, sizes, (size_t)n);
    if (along == 0) return side;
    sizes[copies] = along;
    side = torsh_expand(side, sizes, (size_t)n);
    sizes[n - 2] = sizes[last] * along;
    return torsh_reshape(side, sizes, (size_t)n - 1);
}

/* The product of both sides, the dims joined in pairs; the shorter shape is filled with ones at the left. Short last dims are
 * spread first where the rows are many: the product then runs along whole rows. */
static torsh_tensor compose_kron(torsh_tensor input, torsh_tensor other)
{
    enum { SHORT = 256, MANY = 4 };
    int left = torsh_ndim(input), right = torsh_ndim(other), ndim = left > right ? left : right;
    if (2 * ndim > TORSH__MAX_RANK) return REFUSE(TORSH_SHAPE_MISMATCH, "kron: 'input' or 'other' has more than %d dimensions", TORSH__MAX_RANK / 2);
    int64_t a[TORSH__MAX_RANK], b[TORSH__MAX_RANK], sizes[TORSH__MAX_RANK], rows_a = 1, rows_b = 1;
    for (int d = 0; d < ndim; d++) {
        int i = d - (ndim - left), j = d - (ndim - right);
        a[2 * d] = i < 0 ? 1 : torsh_size(input, i);
        b[2 * d + 1] = j < 0 ? 1 : torsh_size(other, j);
        a[2 * d + 1] = b[2 * d] = 1;
        if (__builtin_mul_overflow(a[2 * d], b[2 * d + 1], &sizes[d])) return REFUSE(TORSH_OUT_OF_RANGE, "kron: the result of 'input' and 'other' is too large");
        if (d + 1 < ndim) rows_a *= a[2 * d], rows_b *= b[2 * d + 1];
    }
    int64_t wide = ndim ? a[2 * ndim - 2] : 0, narrow = ndim ? b[2 * ndim - 1] : 0;
    bool spread = narrow > 0 && narrow < SHORT && wide > 1 && rows_a >= MANY && rows_b >= MANY;
    torsh_tensor x = kron_side(input, a, ndim, spread ? narrow : 0, 0), y = kron_side(other, b, ndim, spread ? wide : 0, 1);
    return torsh_reshape(torsh_mul(x, y), sizes, (size_t)ndim);
}

/* In t's own dtype, to which integers overflow as in products. */
static torsh_tensor sum_as(torsh_tensor t, const int64_t *dims, size_t count, bool keepdim)
{
    return torsh_to_dtype(torsh_sum(t, dims, count, keepdim), torsh_dtype_of(t));
}

/* Which dims of a tensor of that rank are named, and the others in order. False if one is out of range or named twice. */
static bool split_dims(int ndim, const int64_t *dims, size_t count, bool named[TORSH__MAX_RANK])
{
    for (int d = 0; d < ndim; d++) named[d] = false;
    for (size_t i = 0; i < count; i++) {
        int64_t d = dims[i] < 0 ? dims[i] + ndim : dims[i];
        if (d < 0 || d >= ndim || named[d]) return false;
        named[d] = true;
    }
    return true;
}

/* t with the named dims (in the given order) joined into one, `last` or first, and the others joined into another. Appends the
 * others' sizes to *sizes. */
static torsh_tensor as_matrix(torsh_tensor t, const int64_t *dims, size_t count, const bool *named, bool last, int64_t *sizes, size_t *rank)
{
    int ndim = torsh_ndim(t);
    if (ndim < 0) return t;
    int64_t order[TORSH__MAX_RANK], kept = 1, joined = 1;
    size_t others = 0, n = (size_t)ndim;
    for (int d = 0; d < ndim; d++) {
        if (named[d]) continue;
        order[(last ? 0 : count) + others++] = d;
        kept *= sizes[(*rank)++] = torsh_size(t, d);
    }
    for (size_t i = 0; i < count; i++) {
        order[(last ? others : 0) + i] = dims[i];
        joined *= torsh_size(t, dims[i]);
    }
    return torsh_reshape(torsh_permute(t, order, n), (const int64_t[]){last ? kept : joined, last ? joined : kept}, 2);
}

/* The dims at which only one of the two has size 1 are summed first in the other. */
static torsh_tensor compose_tensordot(torsh_tensor input, torsh_tensor other, const int64_t *dims_input, size_t dims_input_count,
                                      const int64_t *dims_other, size_t dims_other_count)
{
    bool left[TORSH__MAX_RANK], right[TORSH__MAX_RANK];
    size_t count = dims_input_count, rank = 0;
    if (count != dims_other_count)
        return REFUSE(TORSH_INVALID_ARGUMENT, "tensordot: dims_input names %zu dimensions and dims_other %zu", count, dims_other_count);
    if (!split_dims(torsh_ndim(input), dims_input, count, left) || !split_dims(torsh_ndim(other), dims_other, count, right))
        return REFUSE(TORSH_OUT_OF_RANGE, "tensordot: dims_input or dims_other names a dimension that doesn't exist, or one twice");
    if ((size_t)(torsh_ndim(input) + torsh_ndim(other)) - 2 * count > TORSH__MAX_RANK)
        return REFUSE(TORSH_SHAPE_MISMATCH, "tensordot: 'input' and 'other' have too many dimensions");
    for (size_t i = 0; i < count; i++) {
        int64_t a = torsh_size(input, dims_input[i]), b = torsh_size(other, dims_other[i]);
        if (a == b) continue;
        if (a != 1 && b != 1)
            return REFUSE(TORSH_SHAPE_MISMATCH, "tensordot: dim %lld of 'input' has size %lld and dim %lld of 'other' %lld", (long long)dims_input[i], (long long)a,
                          (long long)dims_other[i], (long long)b);
        if (a == 1) other = sum_as(other, TORSH_DIMS(dims_other[i]), true);
        else input = sum_as(input, TORSH_DIMS(dims_input[i]), true);
        if (TORSH_FAILED(input) || TORSH_FAILED(other)) return TORSH_FAILED(input) ? input : other;
    }
    int64_t sizes[2 * TORSH__MAX_RANK];
    torsh_tensor a = as_matrix(input, dims_input, count, left, true, sizes, &rank);
    torsh_tensor b = as_matrix(other, dims_other, count, right, false, sizes, &rank);
    return torsh_reshape(torsh_mm(a, b), sizes, rank);
}

/* ---- beta * input + alpha * product -------------------------------------------------------------------------- */

static bool is_rank(const char *op, const char *name, torsh_tensor t, int ndim)
{
    if (torsh_ndim(t) == ndim) return true;
    torsh__fail(TORSH_SHAPE_MISMATCH, "%s: '%s' must have %d dimension%s; it is %s", op, name, ndim, ndim == 1 ? "" : "s", torsh_shape_text(t));
    return false;
}
/* A column each of input and vec. */
static torsh_tensor compose_addmv(torsh_tensor input, torsh_tensor mat, torsh_tensor vec, double beta, double alpha)
{
    if (!is_rank("addmv", "mat", mat, 2) || !is_rank("addmv", "vec", vec, 1) || (torsh_ndim(input) > 1 && !is_rank("addmv", "input", input, 1)))
        return torsh__tensor_error(TORSH_SHAPE_MISMATCH);
    return torsh_squeeze(torsh_addmm(torsh_unsqueeze(input, -1), mat, torsh_unsqueeze(vec, -1), beta, alpha), TORSH_DIMS(-1));
}

/* Does a sum of products round once in it? 16-bit floats round the product, too, and integers wrap. */
static bool is_exact(torsh_dtype dtype)
{
    return torsh__dtypes[dtype].category >= TORSH__FLOATING && dtype != TORSH_F16 && dtype != TORSH_BF16;
}

/* product + beta input; with beta 0 input counts by its shape alone. */
static torsh_tensor plus(torsh_tensor product, torsh_tensor input, bool counts, torsh_tensor beta)
{
    if (counts && torsh_dtype_of(input) == torsh_dtype_of(product) && is_exact(torsh_dtype_of(product)) && !torsh__is_tracked(beta)) return torsh_add_alpha(product, input, beta);
    if (counts) return torsh_add(product, torsh_mul(input, beta));
    torsh_tensor zero = torsh_zeros(NULL, 0, torsh_dtype_of(input), torsh_device_of(input));
    return torsh_add(product, torsh_expand(zero, torsh_sizes(input), (size_t)torsh_ndim(input)));
}

/* The common dtype, as addr has it; both factors as a column and a row. */
static torsh_tensor compose_addr(torsh_tensor input, torsh_tensor vec1, torsh_tensor vec2, double beta, double alpha)
{
    if (!is_rank("addr", "vec1", vec1, 1) || !is_rank("addr", "vec2", vec2, 1)) return torsh__tensor_error(TORSH_SHAPE_MISMATCH);
    torsh_dtype dtype = torsh_promote_types(torsh_promote_types(torsh_dtype_of(input), torsh_dtype_of(vec1)), torsh_dtype_of(vec2));
    torsh_tensor column = torsh_unsqueeze(vec1, -1), row = torsh_unsqueeze(vec2, 0);
    torsh_tensor left = torsh_scalar(beta, dtype, TORSH_CPU), right = torsh_scalar(alpha, dtype, TORSH_CPU);
    if (dtype == TORSH_BOOL) return torsh_logical_or(torsh_logical_and(input, left), torsh_logical_and(torsh_logical_and(column, row), right));
    if (beta == 1 && is_exact(dtype)) return torsh_addcmul(input, column, row, alpha);
    torsh_tensor product = torsh_mul(torsh_mul(torsh_to_dtype(column, dtype), right), torsh_to_dtype(row, dtype));
    return plus(product, torsh_to_dtype(input, dtype), beta != 0, left);
}

/* (b, n, m) as (n, b m) and (b, m, p) as (b m, p): one product sums over the batch, too. */
static torsh_status join_batches(const char *op, torsh_tensor *batch1, torsh_tensor *batch2)
{
    if (!is_rank(op, "batch1", *batch1, 3) || !is_rank(op, "batch2", *batch2, 3)) return TORSH_SHAPE_MISMATCH;
    int64_t b = torsh_size(*batch1, 0), n = torsh_size(*batch1, 1), m = torsh_size(*batch1, 2), p = torsh_size(*batch2, 2);
    if (torsh_size(*batch2, 0) != b || torsh_size(*batch2, 1) != m)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'batch1' is %s, so 'batch2' must be [%lld, %lld, any]; it is %s", op, torsh_shape_text(*batch1), (long long)b,
                           (long long)m, torsh_shape_text(*batch2));
    *batch1 = torsh_reshape(torsh_transpose(*batch1, 0, 1), TORSH_DIMS(n, b * m));
    *batch2 = torsh_reshape(*batch2, TORSH_DIMS(b * m, p));
    return TORSH_OK;
}

static torsh_tensor compose_addbmm(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, double beta, double alpha)
{
    torsh_status status = join_batches("addbmm", &batch1, &batch2);
    return status ? torsh__tensor_error(status) : torsh_addmm(input, batch1, batch2, beta, alpha);
}

static torsh_tensor scaled_sum(torsh_tensor input, torsh_tensor product, torsh_tensor beta, torsh_tensor alpha)
{
    double real, imaginary;
    torsh_status status = torsh_item_c128(beta, &real, &imaginary);
    if (status) return torsh__tensor_error(status);
    return plus(alpha.id ? torsh_mul(product, alpha) : product, input, real != 0 || imaginary != 0, beta);
}

static torsh_tensor compose_addmm_scaled(torsh_tensor input, torsh_tensor mat1, torsh_tensor mat2, torsh_tensor beta, torsh_tensor alpha)
{
    return scaled_sum(input, torsh_mm(mat1, mat2), beta, alpha);
}

static torsh_tensor compose_baddbmm_scaled(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, torsh_tensor beta, torsh_tensor alpha)
{
    return scaled_sum(input, torsh_bmm(batch1, batch2), beta, alpha);
}

static torsh_tensor compose_addmv_scaled(torsh_tensor input, torsh_tensor mat, torsh_tensor vec, torsh_tensor beta, torsh_tensor alpha)
{
    return scaled_sum(input, torsh_mv(mat, vec), beta, alpha);
}

static torsh_tensor compose_addr_scaled(torsh_tensor input, torsh_tensor vec1, torsh_tensor vec2, torsh_tensor beta, torsh_tensor alpha)
{
    torsh_dtype dtype = torsh_dtype_of(vec1);
    if (dtype != torsh_dtype_of(vec2) || !is_exact(dtype)) return scaled_sum(input, torsh_outer(vec1, vec2), beta, alpha);
    double real = 0, imaginary = 0;
    torsh_tensor times = torsh_mul(vec1, alpha);
    bool whole = !torsh__is_tracked(beta) && torsh_item_c128(beta, &real, &imaginary) == TORSH_OK && real == 1 && imaginary == 0;
    if (whole && torsh_dtype_of(input) == dtype) return torsh_addcmul(input, torsh_unsqueeze(times, -1), vec2, 1);
    return scaled_sum(input, torsh_outer(times, vec2), beta, (torsh_tensor){0});
}

static torsh_tensor compose_addbmm_scaled(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, torsh_tensor beta, torsh_tensor alpha)
{
    torsh_status status = join_batches("addbmm_scaled", &batch1, &batch2);
    return status ? torsh__tensor_error(status) : scaled_sum(input, torsh_mm(batch1, batch2), beta, alpha);
}

/* ---- distances, chains, exponentials ------------------------------------------------------------------------- */

enum { MOST_CHAIN = 32 };

/* The cheapest order of a chain's products, by its sizes: from[i][j] is where matrices i to j are cut (Cormen et al., 15.2). */
static void plan_chain(size_t n, const double *size, uint8_t from[MOST_CHAIN][MOST_CHAIN])
{
    double cost[MOST_CHAIN][MOST_CHAIN];
    for (size_t i = 0; i < n; i++) cost[i][i] = 0;
    for (size_t length = 1; length < n; length++)
        for (size_t i = 0; i + length < n; i++) {
            size_t j = i + length;
            cost[i][j] = (double)INFINITY;
            for (size_t k = i; k < j; k++) {
                double c = cost[i][k] + cost[k + 1][j] + size[i] * size[k + 1] * size[j + 1];
                if (c >= cost[i][j]) continue;
                cost[i][j] = c;
                from[i][j] = (uint8_t)k;
            }
        }
}

/* Walks the plan without recursion: the products of longer runs need those of shorter ones. */
static torsh_tensor multiply_chain(const torsh_tensor *matrices, size_t n, uint8_t from[MOST_CHAIN][MOST_CHAIN])
{
    struct { uint8_t i, j; bool ready; } stack[2 * MOST_CHAIN + 2];
    torsh_tensor done[MOST_CHAIN];
    size_t depth = 0, made = 0;
    stack[depth].i = 0;
    stack[depth].j = (uint8_t)(n - 1);
    stack[depth++].ready = false;
    while (depth > 0) {
        uint8_t i = stack[depth - 1].i, j = stack[depth - 1].j;
        if (i == j) {
            done[made++] = matrices[i];
            depth--;
        } else if (stack[depth - 1].ready) {
            made--;
            done[made - 1] = torsh_mm(done[made - 1], done[made]);
            depth--;
        } else {
            uint8_t k = from[i][j];
            stack[depth - 1].ready = true;
            stack[depth].i = (uint8_t)(k + 1);
            stack[depth].j = j;
            stack[depth++].ready = false;
            stack[depth].i = i;
            stack[depth].j = k;
            stack[depth++].ready = false;
        }
    }
    return done[0];
}

static torsh_tensor compose_chain_matmul(const torsh_tensor *matrices, size_t matrices_count)
{
    double size[MOST_CHAIN + 1];
    uint8_t from[MOST_CHAIN][MOST_CHAIN];
    if (matrices_count == 0 || matrices_count > MOST_CHAIN)
        return REFUSE(TORSH_INVALID_ARGUMENT, "chain_matmul: takes 1 to %d matrices; %zu were given", MOST_CHAIN, matrices_count);
    for (size_t i = 0; i < matrices_count; i++) {
        if (torsh_ndim(matrices[i]) != 2)
            return REFUSE(TORSH_SHAPE_MISMATCH, "chain_matmul: each of 'matrices' must have 2 dimensions; one is %s", torsh_shape_text(matrices[i]));
        size[i] = (double)torsh_size(matrices[i], 0);
        size[i + 1] = (double)torsh_size(matrices[i], 1);
    }
    if (matrices_count == 1) return torsh_share(matrices[0]);
    plan_chain(matrices_count, size, from);
    return multiply_chain(matrices, matrices_count, from);
}

/* As chain_matmul; a vector at either end is a row or a column whose dim goes again. */
static torsh_tensor compose_linalg_multi_dot(const torsh_tensor *tensors, size_t tensors_count)
{
    torsh_tensor matrices[MOST_CHAIN];
    if (tensors_count < 2 || tensors_count > MOST_CHAIN)
        return REFUSE(TORSH_INVALID_ARGUMENT, "linalg_multi_dot: 'tensors' must be 2 to %d matrices; %zu were given", MOST_CHAIN, tensors_count);
    size_t last = tensors_count - 1;
    bool row = torsh_ndim(tensors[0]) == 1, column = torsh_ndim(tensors[last]) == 1;
    for (size_t i = 0; i <= last; i++) {
        if (torsh_ndim(tensors[i]) != 2 && !(row && i == 0) && !(column && i == last))
            return REFUSE(TORSH_SHAPE_MISMATCH, "linalg_multi_dot: 'tensors' must be matrices, but for a vector at either end; %zu is %s", i, torsh_shape_text(tensors[i]));
        matrices[i] = tensors[i];
    }
    if (row) matrices[0] = torsh_unsqueeze(tensors[0], 0);
    if (column) matrices[last] = torsh_unsqueeze(tensors[last], 1);
    torsh_tensor product = compose_chain_matmul(matrices, tensors_count);
    if (column) product = torsh_squeeze(product, TORSH_DIMS(1));
    return row ? torsh_squeeze(product, TORSH_DIMS(0)) : product;
}

static torsh_tensor compose_linalg_vecdot(torsh_tensor x, torsh_tensor y, int64_t dim)
{
    torsh_dtype dtype = torsh_dtype_of(x);
    if (!torsh_dtype_is_floating_point(dtype) && !torsh_dtype_is_complex(dtype))
        return REFUSE(TORSH_DTYPE_MISMATCH, "linalg_vecdot: 'x' must be floating point or complex; it is %s", torsh_dtype_name(dtype));
    return torsh_sum(torsh_mul(torsh__conjugate(x), y), TORSH_DIMS(dim), false);
}

/* Running products of x along a new last dim, after a one. */
static torsh_tensor compose_linalg_vander(torsh_tensor x, int64_t n)
{
    if (torsh_ndim(x) == 0) x = torsh_unsqueeze(x, 0);
    int ndim = torsh_ndim(x);
    int64_t sizes[TORSH__MAX_RANK];
    if (ndim < 0) return x;
    if (ndim == TORSH__MAX_RANK) return REFUSE(TORSH_SHAPE_MISMATCH, "linalg_vander: 'x' has too many dimensions");
    if (n < 2) return REFUSE(TORSH_INVALID_ARGUMENT, "linalg_vander: n must be greater than 1; it is %lld", (long long)n);
    for (int d = 0; d < ndim; d++) sizes[d] = torsh_size(x, d);
    size_t rank = (size_t)ndim + 1;
    sizes[ndim] = 1;
    torsh_tensor ones = torsh_ones(sizes, rank, torsh_dtype_of(x), torsh_device_of(x));
    sizes[ndim] = n - 1;
    return torsh_cat(TORSH_TENSORS(ones, torsh_cumprod(torsh_expand(torsh_unsqueeze(x, -1), sizes, rank), -1)), -1);
}

/* Columns x^(N-1) ... x^0, or the other way round if increasing; N is the length of x unless given. Integers become i64. */
static torsh_tensor compose_vander(torsh_tensor x, int64_t N, bool increasing)
{
    if (torsh_ndim(x) != 1) return REFUSE(TORSH_SHAPE_MISMATCH, "vander: 'x' must have one dimension; it is %s", torsh_shape_text(x));
    if (N < -1) return REFUSE(TORSH_OUT_OF_RANGE, "vander: N must not be negative (or -1, the length of 'x'); it is %lld", (long long)N);
    int64_t rows = torsh_numel(x), columns = N < 0 ? rows : N;
    torsh_dtype dtype = torsh_dtype_of(x);
    if (!torsh_dtype_is_floating_point(dtype) && !torsh_dtype_is_complex(dtype)) x = torsh_to_dtype(x, TORSH_I64);
    torsh_tensor powers = torsh_ones(TORSH_DIMS(rows, columns < 1 ? columns : 1), torsh_dtype_of(x), torsh_device_of(x));
    if (columns > 1) powers = torsh_cat(TORSH_TENSORS(powers, torsh_cumprod(torsh_expand(torsh_unsqueeze(x, 1), TORSH_DIMS(rows, columns - 1)), 1)), 1);
    int64_t last = 1;
    return increasing ? powers : torsh_flip(powers, &last, 1);
}

/* The Taylor polynomial of degree 18 by four powers (Paterson, Stockmeyer 1973). At a 1-norm of 1 its error is below 2^-57. */
static torsh_tensor taylor(torsh_tensor a, torsh_tensor eye)
{
    torsh_tensor power[4] = {eye, a}, sum = {0};
    double factor[19] = {1};
    for (int i = 1; i <= 18; i++) factor[i] = factor[i - 1] / i;
    power[2] = torsh_matmul(a, a);
    power[3] = torsh_matmul(power[2], a);
    torsh_tensor fourth = torsh_matmul(power[2], power[2]);
    for (int block = 4; block >= 0; block--) {
        torsh_tensor part = {0};
        for (int k = 0; k < 4 && 4 * block + k <= 18; k++) {
            torsh_tensor term = torsh_mul(power[k], torsh_number(factor[4 * block + k]));
            part = k ? torsh_add(part, term) : term;
        }
        sum = block == 4 ? part : torsh_add(torsh_matmul(fourth, sum), part);
    }
    return sum;
}

/* Scaling and squaring: exp(A) = exp(A / 2^s)^(2^s), where s is each matrix's own. Squarings that a matrix doesn't need go over the
 * identity, so that they can't overflow. */
static torsh_tensor compose_matrix_exp(torsh_tensor input)
{
    int ndim = torsh_ndim(input);
    torsh_dtype dtype = torsh_dtype_of(input);
    if (ndim < 2 || torsh_size(input, -1) != torsh_size(input, -2))
        return REFUSE(TORSH_SHAPE_MISMATCH, "matrix_exp: 'input' must be square matrices; it is %s", torsh_shape_text(input));
    if (!torsh_dtype_is_floating_point(dtype) && !torsh_dtype_is_complex(dtype))
        return REFUSE(TORSH_DTYPE_MISMATCH, "matrix_exp: 'input' must be floating point or complex; it is %s", torsh_dtype_name(dtype));
    if (torsh_numel(input) == 0) return torsh_clone(input);
    if (dtype == TORSH_F16 || dtype == TORSH_BF16) return torsh_to_dtype(torsh_matrix_exp(torsh_to_dtype(input, TORSH_F32)), dtype);
    int64_t n = torsh_size(input, -1);
    torsh_tensor norm = torsh_amax(torsh_sum(torsh_abs(torsh_detach(input)), TORSH_DIMS(-2), true), TORSH_DIMS(-1), true);
    torsh_tensor steps = torsh_clamp(torsh_ceil(torsh_log2(norm)), 0, 1100);
    double most = torsh_item(torsh_amax(steps, NULL, 0, false));
    if (!(most < 1100)) most = 0; /* an infinity or a NaN, which reaches the result by itself */
    torsh_tensor eye = torsh_eye(n, n, dtype, torsh_device_of(input));
    torsh_tensor x = taylor(torsh_mul(input, torsh_exp2(torsh_neg(steps))), eye);
    for (int k = 0; k < most; k++) {
        torsh_tensor active = torsh_gt(steps, torsh_number(k)), base = torsh_where(active, x, eye);
        x = torsh_where(active, torsh_matmul(base, base), x);
    }
    return x;
}

#include "define_rows.h"

#include "contract.def"
