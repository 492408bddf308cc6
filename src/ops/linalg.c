/* Cholesky, LU and QR factorizations: shapes, gradients, and the rows made of them. Rows: table/linalg.def. Gradients are those of
 * PyTorch's FunctionsManual.cpp, in terms of the results, written with ops, so that their own gradients follow. A' is A's conjugate
 * transpose. */
#include "linalg.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/complex.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/creation.h>
#include <torsh/ops/index.h>
#include <torsh/ops/join.h>
#include <torsh/ops/linalg.h>
#include <torsh/ops/matmul.h>
#include <torsh/ops/rearrange.h>
#include <torsh/ops/view.h>

#include <string.h>

#define TABLE "linalg.def"
#include "declare_rows.h"

/* ---- what the files of linear algebra share ------------------------------------------------------------------ */

static torsh_status fail_shape(const char *op, const char *argument, int ndim, const int64_t *sizes, const char *rule)
{
    torsh__shape_text text;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: '%s' must %s; it is %s", op, argument, rule, torsh__shape_print(&text, ndim, sizes));
}

static torsh_status matrix_shape(const char *op, const char *argument, int ndim, const int64_t *sizes, bool square)
{
    if (ndim < 2) return fail_shape(op, argument, ndim, sizes, "have at least 2 dimensions");
    if (square && sizes[ndim - 1] != sizes[ndim - 2]) return fail_shape(op, argument, ndim, sizes, "be a square matrix or a batch of them");
    return TORSH_OK;
}

torsh_status torsh__infer_matrix(torsh__call *c, int i, bool square)
{
    const torsh_operand *v = &c->input[i]->view;
    torsh_status status = torsh__infer_device(c);
    c->compute = (torsh_dtype)v->dtype;
    if (status == TORSH_OK) status = torsh__require_dtype(c, c->compute);
    return status ? status : matrix_shape(torsh__call_name(c), c->op->info.params[i].name, v->ndim, v->sizes, square);
}

torsh_status torsh__check_matrix(const char *op, const char *argument, const torsh__shape *s, bool square)
{
    return matrix_shape(op, argument, s->ndim, s->sizes, square);
}

torsh_status torsh__check_dtypes(const char *op, const char *first, const torsh__shape *a, const char *second, const torsh__shape *b)
{
    if (a->dtype == b->dtype) return TORSH_OK;
    return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: '%s' is %s and '%s' is %s; they must have the same dtype", op, first, torsh_dtype_name(a->dtype), second, torsh_dtype_name(b->dtype));
}

torsh_status torsh__batch_dims(const char *op, const char *first, int a_ndim, const int64_t *a, const char *second, int b_ndim, const int64_t *b, int *ndim, int64_t *sizes)
{
    *ndim = a_ndim - 2;
    memcpy(sizes, a, (size_t)*ndim * sizeof *sizes);
    if (torsh__broadcast(ndim, sizes, b_ndim - 2, b)) return TORSH_OK;
    torsh__shape_text left, right;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: '%s' is %s and '%s' is %s; their batch dimensions don't broadcast", op, first, torsh__shape_print(&left, a_ndim, a), second, torsh__shape_print(&right, b_ndim, b));
}

void torsh__matrix_out(torsh__call *c, int o, torsh_dtype dtype, int tail_ndim, const int64_t *tail)
{
    const torsh_operand *v = &c->input[0]->view;
    torsh__spec *spec = torsh__out_spec(c, o, dtype, v->ndim - 2, v->sizes);
    for (int d = 0; d < tail_ndim; d++) spec->sizes[spec->ndim++] = tail[d];
}

torsh_tensor torsh__transposed(torsh_tensor t)
{
    return torsh_transpose(t, -2, -1);
}

torsh_tensor torsh__adjoint(torsh_tensor t)
{
    return torsh__conjugate(torsh__transposed(t));
}

torsh_tensor torsh__expand_batch(torsh_tensor t, int ndim, const int64_t *sizes)
{
    int64_t all[TORSH__MAX_RANK + 2];
    memcpy(all, sizes, (size_t)ndim * sizeof *all);
    all[ndim] = all[ndim + 1] = -1;
    return torsh_expand(t, all, (size_t)ndim + 2);
}

torsh_tensor torsh__rows(torsh_tensor t, int64_t n)
{
    return torsh_narrow(t, -2, 0, n);
}

torsh_tensor torsh__columns(torsh_tensor t, int64_t n)
{
    return torsh_narrow(t, -1, 0, n);
}

torsh_tensor torsh__identity(torsh_tensor t, int64_t m, int64_t n)
{
    return TORSH_FAILED(t) ? t : torsh_eye(m, n, torsh_dtype_of(t), torsh_device_of(t));
}

torsh_tensor torsh__permute_rows(torsh_tensor t, torsh_tensor pivots, bool inverse)
{
    torsh__shape s = torsh__shape_of(t);
    if (s.ndim < 2) return t;
    torsh_tensor order = torsh_unsqueeze(torsh__lu_permutation(pivots, s.sizes[s.ndim - 2], inverse), -1);
    return torsh_gather(t, -2, torsh_expand(order, s.sizes, (size_t)s.ndim));
}

torsh_tensor torsh__solve(torsh_tensor a, torsh_tensor b, unsigned how)
{
    return torsh_linalg_solve_triangular(a, b, how & TORSH__UPPER, !(how & TORSH__RIGHT), how & TORSH__UNIT);
}

/* ---- Cholesky ------------------------------------------------------------------------------------------------ */

torsh_status torsh__infer_same_and_info(torsh__call *c)
{
    torsh_status status = torsh__infer_matrix(c, 0, true);
    if (status) return status;
    torsh__out_spec(c, 0, c->compute, c->input[0]->view.ndim, c->input[0]->view.sizes);
    torsh__matrix_out(c, 1, TORSH_I32, 0, NULL);
    return TORSH_OK;
}

/* cholesky_backward: L'^-1 phi(L' g) L^-1, where phi takes the Hermitian half of the lower triangle. */
static void cholesky_gradient(torsh__backward *b)
{
    bool upper = b->node->values[1].i != 0;
    if (!b->g[0].id) return;
    torsh_tensor l = torsh__saved_output(b, 0), g = b->g[0];
    if (upper) l = torsh__adjoint(l), g = torsh__adjoint(g);
    torsh_tensor lh = torsh__adjoint(l), phi = torsh_tril(torsh_matmul(lh, g), 0);
    phi = torsh_mul(torsh_add(phi, torsh__adjoint(torsh_tril(phi, -1))), torsh_number(0.5));
    b->result[0] = torsh__solve(l, torsh__solve(lh, phi, TORSH__UPPER), TORSH__RIGHT);
}
static const torsh__impl impl_linalg_cholesky_ex = {.infer = torsh__infer_same_and_info, .gradient = cholesky_gradient, .saves = TORSH__SAVE_OUT(0)};

static torsh_tensor compose_linalg_cholesky(torsh_tensor input, bool upper)
{
    return torsh_linalg_cholesky_ex(input, upper, true).first;
}

/* ---- LU ------------------------------------------------------------------------------------------------------ */

static torsh_status infer_lu(torsh__call *c)
{
    torsh_status status = torsh__infer_matrix(c, 0, false);
    if (status) return status;
    if (!c->values[1].i) return torsh__fail(TORSH_UNSUPPORTED, "%s: without 'pivot' there is no factorization on the CPU", torsh__call_name(c));
    const torsh_operand *v = &c->input[0]->view;
    int64_t m = v->sizes[v->ndim - 2], n = v->sizes[v->ndim - 1], k = m < n ? m : n;
    torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    torsh__matrix_out(c, 1, TORSH_I32, 1, &k);
    torsh__matrix_out(c, 2, TORSH_I32, 0, NULL);
    return TORSH_OK;
}

/* lu_factor_ex_backward, whose three cases are one here. With k = min(m, n) and blocks of size k first, the square part of P'A has
 * the gradient L1'^-1 (tril(L1' g11 - g12 U2', -1) + triu(g11 U1' - L2' g21)) U1'^-1, what lies to its right L1'^-1 g12, what lies
 * below it g21 U1'^-1. */
static void lu_gradient(torsh__backward *b)
{
    if (!b->g[0].id) return;
    torsh_tensor lu = torsh__saved_output(b, 0), pivots = torsh__saved_output(b, 1), g = b->g[0];
    int64_t m = torsh_size(lu, -2), n = torsh_size(lu, -1), k = m < n ? m : n;
    torsh_tensor lu11 = torsh__columns(torsh__rows(lu, k), k), g11 = torsh__columns(torsh__rows(g, k), k), factors = torsh__adjoint(lu11);
    torsh_tensor lower = torsh_add(torsh_tril(lu11, -1), torsh__identity(lu, k, k));
    torsh_tensor left = torsh_matmul(torsh__adjoint(lower), g11), right = torsh_matmul(g11, torsh__adjoint(torsh_triu(lu11, 0)));
    torsh_tensor g12 = {0}, g21 = {0};
    if (n > k) {
        g12 = torsh_narrow(g, -1, k, n - k);
        left = torsh_sub(left, torsh_matmul(g12, torsh__adjoint(torsh_narrow(lu, -1, k, n - k))));
    }
    if (m > k) {
        g21 = torsh_narrow(g, -2, k, m - k);
        right = torsh_sub(right, torsh_matmul(torsh__adjoint(torsh_narrow(lu, -2, k, m - k)), g21));
    }
    torsh_tensor core = torsh_add(torsh_tril(left, -1), torsh_triu(right, 0)), parts[2];
    core = torsh__solve(factors, torsh__solve(factors, core, TORSH__RIGHT), TORSH__UPPER | TORSH__UNIT);
    parts[0] = core;
    if (n > k) parts[1] = torsh__solve(factors, g12, TORSH__UPPER | TORSH__UNIT);
    else if (m > k) parts[1] = torsh__solve(factors, g21, TORSH__RIGHT);
    if (m != n) core = torsh_cat(parts, 2, n > k ? -1 : -2);
    b->result[0] = torsh__permute_rows(core, pivots, true);
}
static const torsh__impl impl_linalg_lu_factor_ex = {.infer = infer_lu, .gradient = lu_gradient, .saves = TORSH__SAVE_OUT(0) | TORSH__SAVE_OUT(1)};

static torsh_pair compose_linalg_lu_factor(torsh_tensor input, bool pivot)
{
    torsh_triple made = torsh_linalg_lu_factor_ex(input, pivot, true);
    return (torsh_pair){made.first, made.second};
}

static torsh_triple compose_lu_get_infos(torsh_tensor input, bool pivot)
{
    return torsh_linalg_lu_factor_ex(input, pivot, false);
}

static torsh_status infer_lu_permutation(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    torsh_status status = torsh__infer_device(c);
    c->compute = (torsh_dtype)v->dtype;
    if (status == TORSH_OK) status = torsh__require_dtype(c, c->compute);
    if (status == TORSH_OK) status = torsh__require_rank(c, 0, 1, TORSH__MAX_RANK);
    if (status) return status;
    if (c->values[1].i < v->sizes[v->ndim - 1])
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'pivots' holds %lld exchanges of %lld rows", torsh__call_name(c), (long long)v->sizes[v->ndim - 1], (long long)c->values[1].i);
    torsh__spec *spec = torsh__out_spec(c, 0, TORSH_I64, v->ndim, v->sizes);
    spec->sizes[spec->ndim - 1] = c->values[1].i;
    return TORSH_OK;
}
static const torsh__impl impl_lu_permutation = {.infer = infer_lu_permutation, .flags = TORSH__CONSTANT};

/* What was not asked for is a tensor without elements, as in PyTorch. */
static torsh_triple compose_lu_unpack(torsh_tensor data, torsh_tensor pivots, bool unpack_data, bool unpack_pivots)
{
    torsh__shape s = torsh__shape_of(data), p = torsh__shape_of(pivots);
    torsh_status status = torsh__check_matrix("lu_unpack", "LU_data", &s, false);
    if (status) return torsh__refuse_three(status);
    int64_t m = s.sizes[s.ndim - 2], n = s.sizes[s.ndim - 1], k = m < n ? m : n;
    if (p.dtype != TORSH_I32) return torsh__refuse_three(torsh__fail(TORSH_DTYPE_MISMATCH, "lu_unpack: 'LU_pivots' must be i32; it is %s", torsh_dtype_name(p.dtype)));
    torsh_tensor none = torsh_empty(TORSH_DIMS(0), s.dtype, s.device);
    torsh_triple made = {none, none, none};
    if (unpack_data) {
        made.second = torsh_add(torsh_tril(torsh__columns(data, k), -1), torsh__identity(data, m, k));
        made.third = torsh_triu(torsh__rows(data, k), 0);
    }
    if (!unpack_pivots) return made;
    if (p.ndim != s.ndim - 1 || !torsh__same_sizes(s.ndim - 2, s.sizes, p.ndim - 1, p.sizes) || p.sizes[p.ndim - 1] != k)
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "lu_unpack: 'LU_pivots' is %s, but 'LU_data' has %lld by batch", torsh_shape_text(pivots), (long long)k);
    if (status) return torsh__refuse_three(status);
    made.first = torsh__permute_rows(torsh__expand_batch(torsh__identity(data, m, m), s.ndim - 2, s.sizes), pivots, true);
    return made;
}

static torsh_triple compose_linalg_lu(torsh_tensor input, bool pivot)
{
    torsh_triple lu = torsh_linalg_lu_factor_ex(input, pivot, false);
    return TORSH_FAILED(lu.first) ? lu : compose_lu_unpack(lu.first, lu.second, true, true);
}

/* ---- QR ------------------------------------------------------------------------------------------------------ */

static torsh_status infer_geqrf(torsh__call *c)
{
    torsh_status status = torsh__infer_matrix(c, 0, false);
    if (status) return status;
    const torsh_operand *v = &c->input[0]->view;
    int64_t m = v->sizes[v->ndim - 2], n = v->sizes[v->ndim - 1], k = m < n ? m : n;
    torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    torsh__matrix_out(c, 1, c->compute, 1, &k);
    return TORSH_OK;
}
static const torsh__impl impl_geqrf = {.infer = infer_geqrf};

/* Checks reflectors (..., m, n) and their factors tau (..., k). */
static torsh_status check_reflectors(const char *op, torsh_tensor input, const torsh__shape *s, const torsh__shape *tau)
{
    torsh_status status = torsh__check_matrix(op, "input", s, false);
    if (status == TORSH_OK) status = torsh__check_dtypes(op, "input", s, "tau", tau);
    if (status) return status;
    if (tau->ndim == s->ndim - 1 && torsh__same_sizes(s->ndim - 2, s->sizes, tau->ndim - 1, tau->sizes) && tau->sizes[tau->ndim - 1] <= s->sizes[s->ndim - 1] &&
        tau->sizes[tau->ndim - 1] <= s->sizes[s->ndim - 2])
        return TORSH_OK;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'tau' must hold a number for each reflector of 'input', which is %s", op, torsh_shape_text(input));
}

/* The reflectors v_i as columns: 1 on the diagonal, 0 above it. */
static torsh_tensor reflectors(torsh_tensor input, const torsh__shape *s, int64_t k)
{
    return torsh_add(torsh_tril(torsh__columns(input, k), -1), torsh__identity(input, s->sizes[s->ndim - 2], k));
}

/* H_1 ... H_k = I - V T V' with H_i = I - tau_i v_i v_i' and T = (I + D S)^-1 D, where D has tau on its diagonal and S is what of V'V lies
 * above it (Joffrain, Low, Quintana-Orti, van de Geijn, "Accumulating Householder transformations, revisited", 2006, with D on the other
 * side, so that tau may be 0). Gives D S; the triangular solver adds the diagonal. */
static torsh_tensor coupling(torsh_tensor v, torsh_tensor tau)
{
    return torsh_mul(torsh_unsqueeze(tau, -1), torsh_matmul(torsh__adjoint(v), v));
}

static torsh_tensor compose_linalg_householder_product(torsh_tensor input, torsh_tensor tau)
{
    static const char op[] = "linalg_householder_product";
    torsh__shape s = torsh__shape_of(input), t = torsh__shape_of(tau);
    torsh_status status = check_reflectors(op, input, &s, &t);
    if (status == TORSH_OK && s.sizes[s.ndim - 2] < s.sizes[s.ndim - 1]) status = fail_shape(op, "input", s.ndim, s.sizes, "not have more columns than rows");
    if (status) return torsh__tensor_error(status);
    int64_t m = s.sizes[s.ndim - 2], n = s.sizes[s.ndim - 1];
    torsh_tensor v = reflectors(input, &s, t.sizes[t.ndim - 1]);
    torsh_tensor right = torsh_mul(torsh_unsqueeze(tau, -1), torsh__adjoint(torsh__rows(v, n)));
    return torsh_sub(torsh__identity(input, m, n), torsh_matmul(v, torsh__solve(coupling(v, tau), right, TORSH__UPPER | TORSH__UNIT)));
}

/* Q x, or Q' x. */
static torsh_tensor reflect(torsh_tensor v, torsh_tensor tau, torsh_tensor x, bool transpose)
{
    torsh_tensor d = torsh_unsqueeze(tau, -1), y = torsh_matmul(torsh__adjoint(v), x), both = coupling(v, tau);
    if (transpose) y = torsh_mul(torsh__conjugate(d), torsh__solve(torsh__adjoint(both), y, TORSH__LOWER | TORSH__UNIT));
    else y = torsh__solve(both, torsh_mul(d, y), TORSH__UPPER | TORSH__UNIT);
    return torsh_sub(x, torsh_matmul(v, y));
}

static torsh_tensor compose_ormqr(torsh_tensor input, torsh_tensor tau, torsh_tensor other, bool left, bool transpose)
{
    torsh__shape s = torsh__shape_of(input), t = torsh__shape_of(tau), o = torsh__shape_of(other);
    torsh_status status = torsh__check_matrix("ormqr", "input", &s, false);
    if (status == TORSH_OK) status = torsh__check_matrix("ormqr", "other", &o, false);
    if (status == TORSH_OK) status = check_reflectors("ormqr", input, &s, &t);
    if (status == TORSH_OK) status = torsh__check_dtypes("ormqr", "input", &s, "other", &o);
    if (status) return torsh__tensor_error(status);
    int64_t m = s.sizes[s.ndim - 2], n = s.sizes[s.ndim - 1], k = t.sizes[t.ndim - 1];
    if (o.sizes[o.ndim - (left ? 2 : 1)] != m || k != (m < n ? m : n) || o.ndim != s.ndim || !torsh__same_sizes(s.ndim - 2, s.sizes, o.ndim - 2, o.sizes))
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "ormqr: 'other' is %s; its %s must be the %lld rows of 'input', its batch dimensions those of 'input', and 'tau' must hold %lld numbers, not %lld",
                             torsh_shape_text(other), left ? "rows" : "columns", (long long)m, (long long)(m < n ? m : n), (long long)k);
    torsh_tensor v = reflectors(input, &s, k);
    return left ? reflect(v, tau, other, transpose) : torsh__adjoint(reflect(v, tau, torsh__adjoint(other), !transpose));
}

enum mode { REDUCED, COMPLETE, ONLY_R };

static torsh_status mode_of(const char *op, const char *text, enum mode *mode)
{
    static const char *const names[] = {"reduced", "complete", "r"};
    for (*mode = REDUCED; *mode <= ONLY_R; ++*mode)
        if (strcmp(text, names[*mode]) == 0) return TORSH_OK;
    return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: mode is '%.40s'; it must be 'reduced', 'complete' or 'r'", op, text);
}

static torsh_status infer_qr(torsh__call *c)
{
    enum mode mode;
    torsh_status status = torsh__infer_matrix(c, 0, false);
    if (status == TORSH_OK) status = mode_of(torsh__call_name(c), c->values[1].text, &mode);
    if (status) return status;
    const torsh_operand *v = &c->input[0]->view;
    int64_t m = v->sizes[v->ndim - 2], n = v->sizes[v->ndim - 1], k = mode == COMPLETE || m < n ? m : n, q[2] = {m, k}, r[2] = {k, n}, none = 0;
    torsh__matrix_out(c, 0, c->compute, 2, q);
    if (mode == ONLY_R) torsh__out_spec(c, 0, c->compute, 1, &none);
    torsh__matrix_out(c, 1, c->compute, 2, r);
    return TORSH_OK;
}

static torsh_status run_qr(torsh__call *c)
{
    torsh_tensor a = torsh__tensor_share(c->input[0]);
    torsh_pair qr = torsh_geqrf(a);
    const torsh__spec *r = &c->spec[1];
    int64_t m = torsh_size(a, -2), rows = r->sizes[r->ndim - 2];
    torsh_tensor done = torsh_copy_(torsh__tensor_share(c->output[1]), torsh__rows(torsh_triu(qr.first, 0), rows));
    if (TORSH_FAILED(done) || c->spec[0].ndim == 1) return torsh_id_status(done.id); /* R alone was asked for */
    torsh__shape s = torsh__shape_of(qr.first);
    torsh_tensor v = reflectors(qr.first, &s, torsh_size(qr.second, -1)), d = torsh_unsqueeze(qr.second, -1);
    torsh_tensor right = torsh_mul(d, torsh__adjoint(torsh__rows(v, rows)));
    torsh_tensor q = torsh_sub(torsh__identity(a, m, rows), torsh_matmul(v, torsh__solve(coupling(v, qr.second), right, TORSH__UPPER | TORSH__UNIT)));
    return torsh_id_status(torsh_copy_(torsh__tensor_share(c->output[0]), q).id);
}

/* x + x', half of it on the diagonal, which is then real. */
static torsh_tensor hermitian_sum(torsh_tensor x)
{
    torsh_tensor strict = torsh_triu(x, 1), diagonal = torsh_diagonal(x, 0, -2, -1);
    if (torsh__is_complex(x)) diagonal = torsh_to_dtype(torsh_real(diagonal), torsh_dtype_of(x));
    return torsh_add(torsh_add(strict, torsh__adjoint(strict)), torsh_diag_embed(diagonal, 0, -2, -1));
}

/* linalg_qr_backward: (gQ + Q hermitian(triu(gR R' - Q' gQ))) R'^-1. A wide matrix is [A1 A2] = Q [R1 R2]: with R2 = Q' A2, gQ has a part
 * A2 gR2', and A2 the gradient Q gR2; the rest is the square case. */
static void qr_gradient(torsh__backward *b)
{
    enum mode mode;
    if (mode_of("linalg_qr", b->node->values[1].text, &mode) != TORSH_OK) return;
    torsh__meta meta = torsh__input_meta(b, 0);
    int64_t m = meta.sizes[meta.ndim - 2], n = meta.sizes[meta.ndim - 1];
    if (mode == ONLY_R || (mode == COMPLETE && m > n)) {
        b->result[0] = torsh__refuse(TORSH_UNSUPPORTED, "backward of linalg_qr: there is no gradient where mode is %s", mode == ONLY_R ? "'r'" : "'complete' and 'input' has more rows than columns");
        return;
    }
    torsh_tensor q = torsh__saved_output(b, 0), r = torsh__saved_output(b, 1), gq = b->g[0], gr = b->g[1], right = {0};
    if (m < n) {
        if (gr.id) {
            torsh_tensor gr2 = torsh_narrow(gr, -1, m, n - m);
            right = torsh_matmul(q, gr2);
            torsh_tensor part = torsh_matmul(torsh_matmul(q, torsh_narrow(r, -1, m, n - m)), torsh__adjoint(gr2));
            gq = gq.id ? torsh_add(gq, part) : part;
            gr = torsh__columns(gr, m);
        }
        r = torsh__columns(r, m);
    }
    torsh_tensor middle = {0};
    if (gr.id) middle = torsh_matmul(gr, torsh__adjoint(r));
    if (gq.id) {
        torsh_tensor part = torsh_matmul(torsh__adjoint(q), gq);
        middle = gr.id ? torsh_sub(middle, part) : torsh_neg(part);
    }
    torsh_tensor g = torsh_matmul(q, hermitian_sum(torsh_triu(middle, 0)));
    if (gq.id) g = torsh_add(gq, g);
    g = torsh__solve(torsh__adjoint(r), g, TORSH__LOWER | TORSH__RIGHT);
    if (m < n) {
        if (!right.id) right = torsh_zeros_like(torsh_matmul(q, torsh_narrow(torsh__saved_output(b, 1), -1, m, n - m)));
        g = torsh_cat((const torsh_tensor[]){g, right}, 2, -1);
    }
    b->result[0] = g;
}
static const torsh__impl impl_linalg_qr = {.infer = infer_qr, .run = run_qr, .gradient = qr_gradient, .saves = TORSH__SAVE_OUT(0) | TORSH__SAVE_OUT(1)};

static torsh_pair compose_qr(torsh_tensor input, bool some)
{
    return torsh_linalg_qr(input, some ? "reduced" : "complete");
}

#include "define_rows.h"

#include "linalg.def"
