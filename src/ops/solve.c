/* Linear systems, inverses and determinants on the factorizations of linalg.c. Rows: table/solve.def. Gradients are those of PyTorch's
 * FunctionsManual.cpp; A' is A's conjugate transpose. */
#include "dual.h"
#include "linalg.h"

#include <torsh/autograd.h>
#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/complex.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/creation.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/linalg.h>
#include <torsh/ops/matmul.h>
#include <torsh/ops/pointwise.h>
#include <torsh/ops/rearrange.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/view.h>

#include <float.h>
#include <math.h>

#define TABLE "solve.def"
#include "declare_rows.h"

/* ---- triangular systems -------------------------------------------------------------------------------------- */

/* A X = B (or X A = B): A (..., n, n) and B (..., n, k) with batch dims that broadcast. */
static torsh_status infer_system(torsh__call *c, bool left)
{
    torsh_status status = torsh__infer_matrix(c, 1, false);
    if (status == TORSH_OK) status = torsh__infer_matrix(c, 0, true);
    if (status == TORSH_OK) status = torsh__require_same_dtype(c, 0, 1);
    if (status) return status;
    const torsh_operand *a = &c->input[0]->view, *b = &c->input[1]->view;
    torsh__spec *spec = torsh__out_spec(c, 0, c->compute, 0, NULL);
    int64_t n = a->sizes[a->ndim - 1], have = b->sizes[b->ndim - (left ? 2 : 1)];
    if (n != have) {
        torsh__shape_text x, y;
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: '%s' is %s and '%s' is %s; the second must have %lld %s", torsh__call_name(c), c->op->info.params[0].name,
                           torsh__shape_print(&x, a->ndim, a->sizes), c->op->info.params[1].name, torsh__shape_print(&y, b->ndim, b->sizes), (long long)n, left ? "rows" : "columns");
    }
    status = torsh__batch_dims(torsh__call_name(c), c->op->info.params[0].name, a->ndim, a->sizes, c->op->info.params[1].name, b->ndim, b->sizes, &spec->ndim, spec->sizes);
    spec->sizes[spec->ndim++] = b->sizes[b->ndim - 2];
    spec->sizes[spec->ndim++] = b->sizes[b->ndim - 1];
    return status;
}

static torsh_status infer_solve_triangular(torsh__call *c)
{
    return infer_system(c, c->values[3].i != 0);
}

/* t summed to the shape of input i. */
static torsh_tensor fit(const torsh__backward *b, int i, torsh_tensor t)
{
    torsh__meta meta = torsh__input_meta(b, i);
    return torsh__sum_to(t, meta.ndim, meta.sizes);
}

/* linalg_solve_triangular_backward: gB = A'^-1 g, gA = -gB X' within the triangle that is read. */
static void solve_triangular_gradient(torsh__backward *b)
{
    const torsh_value *v = b->node->values;
    bool upper = v[2].i != 0, left = v[3].i != 0, unit = v[4].i != 0;
    torsh_tensor gb = torsh_linalg_solve_triangular(torsh__adjoint(torsh__saved_input(b, 0)), b->g[0], !upper, left, unit);
    if (torsh__needs(b, 1)) b->result[1] = fit(b, 1, gb);
    if (!torsh__needs(b, 0)) return;
    torsh_tensor xh = torsh__adjoint(torsh__saved_output(b, 0)), ga = torsh_neg(left ? torsh_matmul(gb, xh) : torsh_matmul(xh, gb));
    b->result[0] = fit(b, 0, upper ? torsh_triu(ga, unit) : torsh_tril(ga, -(int64_t)unit));
}
static const torsh__impl impl_linalg_solve_triangular = {.infer = infer_solve_triangular, .gradient = solve_triangular_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0),
                                                         .reads = {TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0), TORSH__SAVE_IN(0)}};

static torsh_pair refuse_two(torsh_status status)
{
    torsh_tensor error = torsh__tensor_error(status);
    return (torsh_pair){error, error};
}

static torsh_pair compose_triangular_solve(torsh_tensor input, torsh_tensor a, bool upper, bool transpose, bool unit)
{
    torsh__shape b = torsh__shape_of(input), s = torsh__shape_of(a);
    int ndim;
    int64_t batch[TORSH__MAX_RANK];
    torsh_status status = torsh__check_matrix("triangular_solve", "input", &b, false);
    if (status == TORSH_OK) status = torsh__check_matrix("triangular_solve", "A", &s, true);
    if (status == TORSH_OK) status = torsh__check_dtypes("triangular_solve", "input", &b, "A", &s);
    if (status == TORSH_OK && b.sizes[b.ndim - 2] != s.sizes[s.ndim - 1])
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "triangular_solve: 'input' is %s; it must have a row for each of the %lld of 'A'", torsh_shape_text(input), (long long)s.sizes[s.ndim - 1]);
    if (status == TORSH_OK) status = torsh__batch_dims("triangular_solve", "A", s.ndim, s.sizes, "input", b.ndim, b.sizes, &ndim, batch);
    if (status) return refuse_two(status);
    torsh_tensor x = torsh_linalg_solve_triangular(transpose ? torsh__transposed(a) : a, input, upper != transpose, true, unit);
    return (torsh_pair){x, torsh_clone(torsh__expand_batch(a, ndim, batch))};
}

/* ---- with Cholesky's factor ---------------------------------------------------------------------------------- */

/* Parameters: B first, then the factor. */
static torsh_status infer_cholesky_solve(torsh__call *c)
{
    torsh_status status = torsh__infer_matrix(c, 0, false);
    if (status == TORSH_OK) status = torsh__infer_matrix(c, 1, true);
    if (status == TORSH_OK) status = torsh__require_same_dtype(c, 0, 1);
    if (status) return status;
    const torsh_operand *b = &c->input[0]->view, *l = &c->input[1]->view;
    torsh__spec *spec = torsh__out_spec(c, 0, c->compute, 0, NULL);
    if (b->sizes[b->ndim - 2] != l->sizes[l->ndim - 1])
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'input' has %lld rows and 'input2' %lld; they must have as many", torsh__call_name(c), (long long)b->sizes[b->ndim - 2], (long long)l->sizes[l->ndim - 1]);
    status = torsh__batch_dims(torsh__call_name(c), "input", b->ndim, b->sizes, "input2", l->ndim, l->sizes, &spec->ndim, spec->sizes);
    spec->sizes[spec->ndim++] = b->sizes[b->ndim - 2];
    spec->sizes[spec->ndim++] = b->sizes[b->ndim - 1];
    return status;
}

static torsh_status run_cholesky_solve(torsh__call *c)
{
    bool upper = c->values[2].i != 0;
    torsh_tensor b = torsh__tensor_share(c->input[0]), l = torsh__tensor_share(c->input[1]), lh = torsh__adjoint(l);
    torsh_tensor x = upper ? torsh__solve(l, torsh__solve(lh, b, TORSH__LOWER), TORSH__UPPER) : torsh__solve(lh, torsh__solve(l, b, TORSH__LOWER), TORSH__UPPER);
    return torsh_id_status(torsh_copy_(torsh__tensor_share(c->output[0]), x).id);
}

/* cholesky_solve_backward: gB = A^-1 g, gL = -(gB X' + X gB') L, for which the factor counts as a whole matrix. */
static void cholesky_solve_gradient(torsh__backward *b)
{
    bool upper = b->node->values[2].i != 0;
    torsh_tensor l = torsh__saved_input(b, 1), gb = torsh_cholesky_solve(b->g[0], l, upper);
    if (torsh__needs(b, 0)) b->result[0] = fit(b, 0, gb);
    if (!torsh__needs(b, 1)) return;
    torsh_tensor half = torsh_matmul(gb, torsh__adjoint(torsh__saved_output(b, 0))), both = torsh_neg(torsh_add(half, torsh__adjoint(half)));
    b->result[1] = fit(b, 1, upper ? torsh_matmul(l, both) : torsh_matmul(both, l));
}
static const torsh__impl impl_cholesky_solve = {.infer = infer_cholesky_solve, .run = run_cholesky_solve, .gradient = cholesky_solve_gradient,
                                                .saves = TORSH__SAVE_IN(1) | TORSH__SAVE_OUT(0), .reads = {TORSH__SAVE_IN(1), TORSH__SAVE_IN(1) | TORSH__SAVE_OUT(0)}};

static torsh_tensor compose_cholesky_inverse(torsh_tensor input, bool upper)
{
    torsh__shape s = torsh__shape_of(input);
    torsh_status status = torsh__check_matrix("cholesky_inverse", "input", &s, true);
    if (status) return torsh__tensor_error(status);
    return torsh_cholesky_solve(torsh__identity(input, s.sizes[s.ndim - 1], s.sizes[s.ndim - 1]), input, upper);
}

/* ---- with LU's factors --------------------------------------------------------------------------------------- */

/* A = P L U: X = U^-1 L^-1 P' B, adjoint: P L'^-1 U'^-1 B. */
static torsh_tensor lu_apply(torsh_tensor lu, torsh_tensor pivots, torsh_tensor b, bool adjoint)
{
    if (!adjoint) return torsh__solve(lu, torsh__solve(lu, torsh__permute_rows(b, pivots, false), TORSH__LOWER | TORSH__UNIT), TORSH__UPPER);
    torsh_tensor h = torsh__adjoint(lu);
    return torsh__permute_rows(torsh__solve(h, torsh__solve(h, b, TORSH__LOWER), TORSH__UPPER | TORSH__UNIT), pivots, true);
}

static torsh_status check_lu(const char *op, const char *lu_name, torsh_tensor lu, const char *pivots_name, torsh_tensor pivots, torsh__shape *s)
{
    torsh__shape p = torsh__shape_of(pivots);
    *s = torsh__shape_of(lu);
    torsh_status status = torsh__check_matrix(op, lu_name, s, true);
    if (status) return status;
    if (p.dtype != TORSH_I32) return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: '%s' must be i32; it is %s", op, pivots_name, torsh_dtype_name(p.dtype));
    if (p.ndim == s->ndim - 1 && torsh__same_sizes(p.ndim, p.sizes, p.ndim, s->sizes)) return TORSH_OK;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: '%s' is %s; it must have a number for each row of '%s'", op, pivots_name, torsh_shape_text(pivots), lu_name);
}

static torsh_tensor lu_solve(const char *op, const char *const names[3], torsh_tensor lu, torsh_tensor pivots, torsh_tensor b, bool left, bool adjoint)
{
    torsh__shape s, o = torsh__shape_of(b);
    int ndim;
    int64_t batch[TORSH__MAX_RANK + 1];
    torsh_status status = check_lu(op, names[0], lu, names[1], pivots, &s);
    if (status == TORSH_OK) status = torsh__check_matrix(op, names[2], &o, false);
    if (status == TORSH_OK) status = torsh__check_dtypes(op, names[0], &s, names[2], &o);
    if (status == TORSH_OK && o.sizes[o.ndim - (left ? 2 : 1)] != s.sizes[s.ndim - 1])
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: '%s' is %s; it must have %lld %s as '%s'", op, names[2], torsh_shape_text(b), (long long)s.sizes[s.ndim - 1], left ? "rows" : "columns", names[0]);
    if (status == TORSH_OK) status = torsh__batch_dims(op, names[0], s.ndim, s.sizes, names[2], o.ndim, o.sizes, &ndim, batch);
    if (status) return torsh__tensor_error(status);
    b = torsh__expand_batch(b, ndim, batch);
    lu = torsh__expand_batch(lu, ndim, batch);
    batch[ndim] = s.sizes[s.ndim - 1];
    pivots = torsh_expand(pivots, batch, (size_t)ndim + 1);
    /* X A = B is A' X' = B' */
    return left ? lu_apply(lu, pivots, b, adjoint) : torsh__adjoint(lu_apply(lu, pivots, torsh__adjoint(b), !adjoint));
}

static torsh_tensor compose_linalg_lu_solve(torsh_tensor lu, torsh_tensor pivots, torsh_tensor b, bool left, bool adjoint)
{
    static const char *const names[] = {"LU", "pivots", "B"};
    return lu_solve("linalg_lu_solve", names, lu, pivots, b, left, adjoint);
}

static torsh_tensor compose_lu_solve(torsh_tensor input, torsh_tensor lu, torsh_tensor pivots)
{
    static const char *const names[] = {"LU_data", "LU_pivots", "input"};
    return lu_solve("lu_solve", names, lu, pivots, input, true, false);
}

/* ---- systems and inverses ------------------------------------------------------------------------------------ */

static torsh_status infer_solve(torsh__call *c)
{
    torsh_status status = infer_system(c, c->values[2].i != 0);
    if (status == TORSH_OK) torsh__matrix_out(c, 1, TORSH_I32, 0, NULL);
    return status;
}

enum { SMALL = 32 };

static torsh_status infer_lu_small_solve(torsh__call *c)
{
    const torsh_operand *lu = &c->input[0]->view, *pivots = &c->input[1]->view, *b = &c->input[2]->view;
    torsh_status status = torsh__infer_matrix(c, 2, false);
    if (status == TORSH_OK) status = torsh__infer_matrix(c, 0, true);
    if (status == TORSH_OK) status = torsh__require_same_dtype(c, 0, 2);
    if (status) return status;
    int n = lu->ndim;
    bool fits = (c->compute == TORSH_F32 || c->compute == TORSH_F64) && lu->sizes[n - 1] <= SMALL && pivots->dtype == TORSH_I32 && torsh__same_sizes(pivots->ndim, pivots->sizes, n - 1, lu->sizes)
             && torsh__same_sizes(b->ndim - 1, b->sizes, n - 1, lu->sizes);
    if (!fits) return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'LU' must be real, (..., n, n) with n at most %d, 'pivots' (..., n) and 'B' (..., n, k)", torsh__call_name(c), SMALL);
    torsh__out_spec(c, 0, c->compute, b->ndim, b->sizes);
    return TORSH_OK;
}
static const torsh__impl impl_lu_small_solve = {.infer = infer_lu_small_solve};

/* Both as an inverse, by the factorization of A. */
static torsh_status run_solve(torsh__call *c)
{
    bool inverse = c->inputs == 1;
    torsh_tensor a = torsh__tensor_share(c->input[0]), info = torsh__tensor_share(c->output[1]);
    torsh_triple lu = torsh_linalg_lu_factor_ex(a, true, c->values[c->op->info.param_count - 1].i != 0);
    torsh_tensor b = inverse ? torsh__identity(a, torsh_size(a, -1), torsh_size(a, -1)) : torsh__tensor_share(c->input[1]);
    bool left = inverse || c->values[2].i != 0, real = c->compute == TORSH_F32 || c->compute == TORSH_F64;
    torsh__shape out = torsh__shape_of(torsh__tensor_share(c->output[0])), s = torsh__shape_of(a);
    torsh_tensor x;
    if (real && left && s.sizes[s.ndim - 1] <= SMALL && torsh__same_sizes(out.ndim - 2, out.sizes, s.ndim - 2, s.sizes))
        x = torsh__lu_small_solve(lu.first, lu.second, torsh__expand_batch(b, out.ndim - 2, out.sizes));
    else
        x = torsh_linalg_lu_solve(lu.first, lu.second, b, left, false);
    torsh_status status = torsh_id_status(torsh_copy_(torsh__tensor_share(c->output[0]), x).id);
    return status ? status : torsh_id_status(torsh_copy_(info, lu.third).id);
}

/* linalg_solve_backward: gB = A'^-1 g, gA = -gB X'. */
static void solve_gradient(torsh__backward *b)
{
    bool left = b->node->values[2].i != 0;
    if (!b->g[0].id) return;
    torsh_tensor gb = torsh__solve_matrix(torsh__adjoint(torsh__saved_input(b, 0)), b->g[0], left, false).first, xh = torsh__adjoint(torsh__saved_output(b, 0));
    if (torsh__needs(b, 1)) b->result[1] = fit(b, 1, gb);
    if (torsh__needs(b, 0)) b->result[0] = fit(b, 0, torsh_neg(left ? torsh_matmul(gb, xh) : torsh_matmul(xh, gb)));
}
static const torsh__impl impl_solve_matrix = {.infer = infer_solve, .run = run_solve, .gradient = solve_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0)};

/* As PyTorch tells a batch of vectors: B has one dim, or A's batch dims and its rows are all of B's. */
static torsh_pair solve(const char *op, torsh_tensor input, torsh_tensor b, bool left, bool check_errors)
{
    torsh__shape a = torsh__shape_of(input), s = torsh__shape_of(b);
    torsh_status status = torsh__check_matrix(op, "input", &a, true);
    bool vector = s.ndim == 1 || (a.ndim - 1 == s.ndim && torsh__same_sizes(s.ndim, s.sizes, s.ndim, a.sizes));
    if (status == TORSH_OK && vector && !left) status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'B' is %s, vectors, which stand on the right of 'input' only", op, torsh_shape_text(b));
    if (status) return refuse_two(status);
    torsh_pair made = torsh__solve_matrix(input, vector ? torsh_unsqueeze(b, -1) : b, left, check_errors);
    if (vector) made.first = torsh_squeeze(made.first, TORSH_DIMS(-1));
    return made;
}

static torsh_pair compose_linalg_solve_ex(torsh_tensor input, torsh_tensor b, bool left, bool check_errors)
{
    return solve("linalg_solve_ex", input, b, left, check_errors);
}

static torsh_tensor compose_linalg_solve(torsh_tensor input, torsh_tensor b, bool left)
{
    return solve("linalg_solve", input, b, left, true).first;
}

/* -A'^-1 g A'^-1 */
static void inv_gradient(torsh__backward *b)
{
    if (!b->g[0].id) return;
    torsh_tensor h = torsh__adjoint(torsh__saved_output(b, 0));
    b->result[0] = torsh_neg(torsh_matmul(h, torsh_matmul(b->g[0], h)));
}
static const torsh__impl impl_linalg_inv_ex = {.infer = torsh__infer_same_and_info, .run = run_solve, .gradient = inv_gradient, .saves = TORSH__SAVE_OUT(0)};

static torsh_tensor compose_linalg_inv(torsh_tensor input)
{
    return torsh_linalg_inv_ex(input, true).first;
}

/* ---- determinants -------------------------------------------------------------------------------------------- */

static torsh_status infer_slogdet(torsh__call *c)
{
    torsh_status status = torsh__infer_matrix(c, 0, true);
    if (status) return status;
    torsh__matrix_out(c, 0, c->compute, 0, NULL);
    torsh__matrix_out(c, 1, torsh__dtype_to_real(c->compute), 0, NULL);
    return TORSH_OK;
}

/* The sign of LU's permutation, (...), i64. */
static torsh_tensor permutation_sign(torsh_tensor pivots)
{
    static const int64_t last = -1;
    torsh_tensor places = torsh_arange(1, (double)torsh_size(pivots, -1) + 1, 1, TORSH_I32, torsh_device_of(pivots));
    torsh_tensor exchanges = torsh_sum(torsh_ne(pivots, places), &last, 1, false);
    return torsh_sub(torsh_integer(1), torsh_mul(torsh_remainder(exchanges, torsh_integer(2)), torsh_integer(2)));
}

static torsh_tensor determinant(torsh_tensor lu, torsh_tensor pivots)
{
    return torsh_mul(torsh_prod(torsh_diagonal(lu, 0, -2, -1), TORSH_DIMS(-1), false), permutation_sign(pivots));
}

/* The product of the signs of U's diagonal and of the exchanges; the sum of the logarithms of its sizes. */
static torsh_status run_slogdet(torsh__call *c)
{
    static const int64_t last = -1;
    torsh_triple lu = torsh_linalg_lu_factor_ex(torsh__tensor_share(c->input[0]), true, false);
    torsh_tensor diagonal = torsh_diagonal(lu.first, 0, -2, -1);
    torsh_tensor sign = torsh_mul(torsh_prod(torsh_sgn(diagonal), &last, 1, false), permutation_sign(lu.second));
    torsh_status status = torsh_id_status(torsh_copy_(torsh__tensor_share(c->output[0]), sign).id);
    if (status) return status;
    return torsh_id_status(torsh_copy_(torsh__tensor_share(c->output[1]), torsh_sum(torsh_log(torsh_abs(diagonal)), &last, 1, false)).id);
}

/* slogdet_backward: c A'^-1 with c = g of the logarithm and, for complex numbers, i Im(g of the sign times its conjugate). */
static void slogdet_gradient(torsh__backward *b)
{
    torsh_tensor a = torsh__saved_input(b, 0), c = b->g[1];
    bool complex = torsh__is_complex(a);
    if (c.id && complex) c = torsh_to_dtype(c, torsh_dtype_of(a));
    if (b->g[0].id && complex) {
        torsh_tensor turn = torsh_mul(torsh_imag(torsh_mul(b->g[0], torsh_conj(torsh__saved_output(b, 0)))), torsh_complex_number(0, 1));
        c = c.id ? torsh_add(c, turn) : turn;
    }
    if (!c.id) return;
    torsh_tensor unit = torsh__identity(a, torsh_size(a, -1), torsh_size(a, -1));
    b->result[0] = torsh__solve_matrix(torsh__adjoint(a), torsh_mul(torsh_unsqueeze(torsh_unsqueeze(c, -1), -1), unit), true, false).first;
}
static const torsh__impl impl_linalg_slogdet = {.infer = infer_slogdet, .run = run_slogdet, .gradient = slogdet_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0)};

/* NaN for a negative determinant. */
static torsh_tensor compose_logdet(torsh_tensor input)
{
    torsh_pair d = torsh_linalg_slogdet(input);
    if (torsh__is_complex(d.first)) return torsh_add(torsh_log(d.first), d.second);
    return torsh_where(torsh_eq(d.first, torsh_number(-1)), torsh_number((double)NAN), d.second);
}

static torsh_status infer_det(torsh__call *c)
{
    torsh_status status = torsh__infer_matrix(c, 0, true);
    if (status == TORSH_OK) torsh__matrix_out(c, 0, c->compute, 0, NULL);
    return status;
}

static torsh_status run_det(torsh__call *c)
{
    torsh_triple lu = torsh_linalg_lu_factor_ex(torsh__tensor_share(c->input[0]), true, false);
    return torsh_id_status(torsh_copy_(torsh__tensor_share(c->output[0]), determinant(lu.first, lu.second)).id);
}

/* What stands for 0 where A (..., n, n) is singular, (..., 1, 1): a share of its largest element; of zeros the least number with an inverse. */
static torsh_tensor nudge(torsh_tensor a, double share)
{
    torsh_tensor largest = torsh_amax(torsh_abs(torsh_detach(a)), TORSH_DIMS(-2, -1), true);
    return torsh_clamp(torsh_mul(largest, torsh_number(share)), torsh_dtype_of(largest) == TORSH_F64 ? DBL_MIN : (double)FLT_MIN, INFINITY);
}

/* g det' A'^-1. A singular A is moved by little, so that its gradient is the one that its neighbours have: a pivot that is 0, by an ulp of A; for
 * gradients of this one, in which terms cancel, all of A, by half of the digits. */
static void det_gradient(torsh__backward *b)
{
    torsh_tensor a = torsh__saved_input(b, 0), det = torsh__saved_output(b, 0), unit = torsh__identity(a, torsh_size(a, -1), torsh_size(a, -1));
    double eps = torsh__dtype_to_real(torsh_dtype_of(a)) == TORSH_F64 ? DBL_EPSILON : (double)FLT_EPSILON;
    torsh_triple lu = {0};
    if (torsh_size(a, -1) == 0) {
        b->result[0] = torsh_zeros_like(a);
        return;
    }
    if (torsh__is_differentiating()) {
        torsh_tensor singular = torsh_unsqueeze(torsh_unsqueeze(torsh_eq(det, torsh_number(0)), -1), -1);
        a = torsh_add(a, torsh_mul(torsh_where(singular, nudge(a, sqrt(eps)), torsh_number(0)), unit));
        det = torsh_linalg_det(a);
    } else {
        lu = torsh_linalg_lu_factor_ex(a, true, false);
        torsh_tensor zero = torsh_eq(torsh_diagonal(lu.first, 0, -2, -1), torsh_number(0));
        lu.first = torsh_add(lu.first, torsh_diag_embed(torsh_where(zero, torsh_select(nudge(a, eps), -1, 0), torsh_number(0)), 0, -2, -1));
        det = determinant(lu.first, lu.second);
    }
    torsh_tensor right = torsh_mul(torsh_unsqueeze(torsh_unsqueeze(torsh_mul(b->g[0], torsh__conjugate(det)), -1), -1), unit);
    b->result[0] = lu.first.id ? torsh_linalg_lu_solve(lu.first, lu.second, right, true, true) : torsh__solve_matrix(torsh__adjoint(a), right, true, false).first;
}
static const torsh__impl impl_linalg_det = {.infer = infer_det, .run = run_det, .gradient = det_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0)};

/* By squaring; a negative power is the inverse's. */
static torsh_tensor compose_linalg_matrix_power(torsh_tensor input, int64_t n)
{
    torsh__shape s = torsh__shape_of(input);
    torsh_status status = torsh__check_matrix("linalg_matrix_power", "input", &s, true);
    if (status) return torsh__tensor_error(status);
    if (n == 0) return torsh_copy_(torsh_clone(input), torsh__identity(input, s.sizes[s.ndim - 1], s.sizes[s.ndim - 1]));
    torsh_tensor power = n < 0 ? torsh_linalg_inv(input) : torsh_clone(input), result = {0};
    for (uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n; rest && !TORSH_FAILED(power); rest >>= 1) {
        if (rest & 1) result = result.id ? torsh_matmul(result, power) : power;
        if (rest > 1) power = torsh_matmul(power, power);
    }
    return TORSH_FAILED(power) ? power : result;
}

#include "define_rows.h"

#include "solve.def"
