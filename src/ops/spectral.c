/* Singular values, eigenvalues of Hermitian matrices, and what is made of them. Rows: table/spectral.def. Gradients are those of PyTorch's
 * FunctionsManual.cpp; A' is A's conjugate transpose. */
#include "dual.h"
#include "linalg.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/complex.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/linalg.h>
#include <torsh/ops/matmul.h>
#include <torsh/ops/pointwise.h>
#include <torsh/ops/random.h>
#include <torsh/ops/rearrange.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/view.h>

#include <math.h>
#include <string.h>

#define TABLE "spectral.def"
#include "declare_rows.h"

/* ---- gradients through vectors ------------------------------------------------------------------------------- */

static torsh_tensor skew(torsh_tensor t)
{
    return torsh_sub(t, torsh__adjoint(t));
}

static torsh_tensor as_row(torsh_tensor t)
{
    return torsh_unsqueeze(t, -2);
}

static torsh_tensor as_column(torsh_tensor t)
{
    return torsh_unsqueeze(t, -1);
}

static torsh_tensor diagonal_of(torsh_tensor t)
{
    return torsh_diagonal(t, 0, -2, -1);
}

static torsh_tensor as_diagonal(torsh_tensor t)
{
    return torsh_diag_embed(t, 0, -2, -1);
}

/* E_ij = x_j - x_i, and 1 on the diagonal, where what is divided by it is replaced. */
static torsh_tensor differences(torsh_tensor x)
{
    int64_t n = torsh_size(x, -1);
    return torsh_add(torsh_sub(as_row(x), as_column(x)), torsh__identity(x, n, n));
}

static torsh_tensor sum_of(torsh_tensor a, torsh_tensor b)
{
    return a.id && b.id ? torsh_add(a, b) : a.id ? a : b;
}

/* Complex vectors are unique but for a factor on the unit circle: a loss that depends on it has no gradient. `turn` (..., k) is how it
 * does, 0 if it doesn't; an error then. */
static torsh_status check_phase(const torsh__backward *b, torsh_tensor turn)
{
    if (b->node->apart) return TORSH_OK; /* forward mode gives any loss, to see how the gradient depends on it */
    bool same = true;
    torsh_tensor size = torsh_imag(turn);
    torsh_status status = torsh_allclose(size, torsh_zeros_like(size), 1e-2, 1e-2, false, &same);
    if (status || same) return status;
    return torsh__fail(TORSH_INVALID_ARGUMENT, "backward of %s: complex vectors are unique up to a factor e^(i phi), and the result depends on it, so 'input' has no gradient", torsh__node_name(b->node));
}

/* ---- singular values ----------------------------------------------------------------------------------------- */

static torsh_status infer_svd(torsh__call *c)
{
    torsh_status status = torsh__infer_matrix(c, 0, false);
    if (status) return status;
    const torsh_operand *v = &c->input[0]->view;
    int64_t m = v->sizes[v->ndim - 2], n = v->sizes[v->ndim - 1], k = m < n ? m : n;
    torsh_dtype real = torsh__dtype_to_real(c->compute);
    if (c->outputs == 1) {
        torsh__matrix_out(c, 0, real, 1, &k);
        return TORSH_OK;
    }
    bool full = c->values[1].i != 0;
    torsh__matrix_out(c, 0, c->compute, 2, (const int64_t[]){m, full ? m : k});
    torsh__matrix_out(c, 1, real, 1, &k);
    torsh__matrix_out(c, 2, c->compute, 2, (const int64_t[]){full ? n : k, n});
    return TORSH_OK;
}

/* What the singular vectors' gradients give between the vectors: ((U'gU skew) S + S (V'gV skew)) / E and the diagonal. */
static torsh_tensor svd_core(const torsh__backward *b, torsh_tensor u, torsh_tensor s, torsh_tensor vh, torsh_tensor gu, torsh_tensor gs, torsh_tensor gvh, torsh_status *status)
{
    torsh_tensor e = differences(torsh_square(s)), ret = {0}, turn = {0};
    bool complex = torsh__is_complex(u);
    torsh_tensor uu = gu.id ? skew(torsh_matmul(torsh__adjoint(u), gu)) : gu, vv = gvh.id ? skew(torsh_matmul(vh, torsh__adjoint(gvh))) : gvh;
    if (complex) {
        turn = sum_of(gu.id ? diagonal_of(uu) : gu, gvh.id ? diagonal_of(vv) : gvh);
        *status = check_phase(b, turn);
    }
    if (gu.id) ret = torsh_mul(uu, as_row(s));
    if (gvh.id) ret = sum_of(ret, torsh_mul(as_column(s), vv));
    ret = torsh_div(ret, e);
    if (gs.id) ret = torsh_add(ret, as_diagonal(gs));
    if (complex && gu.id && gvh.id) ret = torsh_add(ret, as_diagonal(torsh_div(diagonal_of(uu), torsh_mul(s, torsh_number(2)))));
    return ret;
}

/* svd_backward. */
static void svd_gradient(torsh__backward *b)
{
    torsh_status status = TORSH_OK;
    torsh_tensor u = torsh__saved_output(b, 0), s = torsh__saved_output(b, 1), vh = torsh__saved_output(b, 2), gu = b->g[0], gs = b->g[1], gvh = b->g[2];
    torsh__meta meta = torsh__input_meta(b, 0);
    int64_t m = meta.sizes[meta.ndim - 2], n = meta.sizes[meta.ndim - 1], k = m < n ? m : n;
    u = torsh__columns(u, k); /* of the full square ones the others have no gradient */
    vh = torsh__rows(vh, k);
    if (gu.id) gu = torsh__columns(gu, k);
    if (gvh.id) gvh = torsh__rows(gvh, k);
    if (!gu.id && !gvh.id) {
        b->result[0] = torsh_matmul(torsh_mul(u, as_row(gs)), vh);
        return;
    }
    torsh_tensor g = svd_core(b, u, s, vh, gu, gs, gvh, &status);
    if (status) {
        b->result[0] = torsh__tensor_error(status);
        return;
    }
    g = torsh_matmul(torsh_matmul(u, g), vh);
    if (m > k && gu.id) {
        torsh_tensor part = torsh_div(gu, as_row(s));
        part = torsh_sub(part, torsh_matmul(u, torsh_matmul(torsh__adjoint(u), part)));
        g = torsh_add(g, torsh_matmul(part, vh));
    }
    if (n > k && gvh.id) {
        torsh_tensor part = torsh_div(gvh, as_column(s));
        part = torsh_sub(part, torsh_matmul(torsh_matmul(part, torsh__adjoint(vh)), vh));
        g = torsh_add(g, torsh_matmul(u, part));
    }
    b->result[0] = g;
}
static const torsh__impl impl_linalg_svd = {.infer = infer_svd, .gradient = svd_gradient, .saves = TORSH__SAVE_OUT(0) | TORSH__SAVE_OUT(1) | TORSH__SAVE_OUT(2)};
static const torsh__impl impl_svd_values = {.infer = infer_svd, .flags = TORSH__CONSTANT};

/* The vectors are computed only where a gradient needs them. */
static torsh_tensor compose_linalg_svdvals(torsh_tensor input)
{
    return torsh__is_tracked(input) ? torsh_linalg_svd(input, false).second : torsh__svd_values(input);
}

/* Without compute_uv U and V are zeros, the square ones, and `some` is not looked at. */
static torsh_triple compose_svd(torsh_tensor input, bool some, bool compute_uv)
{
    if (compute_uv) {
        torsh_triple made = torsh_linalg_svd(input, !some);
        made.third = torsh__adjoint(made.third);
        return made;
    }
    torsh_tensor s = compose_linalg_svdvals(input);
    torsh__shape shape = torsh__shape_of(input);
    torsh_triple made = {s, s, s};
    if (TORSH_FAILED(s)) return made;
    int64_t m = shape.sizes[shape.ndim - 2], n = shape.sizes[shape.ndim - 1];
    shape.sizes[shape.ndim - 1] = m;
    made.first = torsh_zeros(shape.sizes, (size_t)shape.ndim, shape.dtype, shape.device);
    shape.sizes[shape.ndim - 1] = shape.sizes[shape.ndim - 2] = n;
    made.third = torsh_zeros(shape.sizes, (size_t)shape.ndim, shape.dtype, shape.device);
    return made;
}

static torsh_tensor compose_norm_nuc(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim)
{
    torsh__shape s = torsh__shape_of(input);
    int64_t dims[2] = {-2, -1};
    int at[2];
    if (count != 0 && count != 2) return torsh__refuse(TORSH_INVALID_ARGUMENT, "norm_nuc: 'dim' has %zu elements; it must name the 2 dimensions of the matrices", count);
    if (count == 0 && s.ndim != 2) return torsh__refuse(TORSH_SHAPE_MISMATCH, "norm_nuc: 'input' must be a matrix where no 'dim' is given; it is %s", torsh_shape_text(input));
    if (count == 2) memcpy(dims, dim, sizeof dims);
    for (int i = 0; i < 2; i++) {
        torsh_status status = torsh__wrap_dim("norm_nuc", dims[i], s.ndim, &at[i]);
        if (status) return torsh__tensor_error(status);
    }
    if (at[0] == at[1]) return torsh__refuse(TORSH_INVALID_ARGUMENT, "norm_nuc: 'dim' names dimension %d twice", at[0]);
    const int64_t from[2] = {at[0], at[1]}, to[2] = {-2, -1}, last = -1;
    torsh_tensor norm = torsh_sum(compose_linalg_svdvals(torsh_movedim_list(input, from, 2, to, 2)), &last, 1, false);
    if (!keepdim) return norm;
    norm = torsh_unsqueeze(norm, at[0] < at[1] ? at[0] : at[1]);
    return torsh_unsqueeze(norm, at[0] < at[1] ? at[1] : at[0]);
}

/* ---- eigenvalues --------------------------------------------------------------------------------------------- */

static torsh_status infer_eigh(torsh__call *c)
{
    torsh_status status = torsh__infer_matrix(c, 0, true);
    if (status) return status;
    const torsh_operand *v = &c->input[0]->view;
    const char *text = c->values[1].text;
    if (strlen(text) != 1 || !strchr("ULul", *text)) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: UPLO is '%.20s'; it must be 'U' or 'L'", torsh__call_name(c), text);
    torsh__matrix_out(c, 0, torsh__dtype_to_real(c->compute), 1, &v->sizes[v->ndim - 1]);
    if (c->outputs > 1) torsh__out_spec(c, 1, c->compute, v->ndim, v->sizes);
    return TORSH_OK;
}

/* linalg_eig_backward of Hermitian matrices: V (diag(gL) + skew(V'gV) / 2 / E off the diagonal) V'. */
static void eigh_gradient(torsh__backward *b)
{
    torsh_tensor l = torsh__saved_output(b, 0), v = torsh__saved_output(b, 1), vh = torsh__adjoint(v), gl = b->g[0], gv = b->g[1];
    if (!gv.id) {
        b->result[0] = torsh_matmul(torsh_mul(v, as_row(gl)), vh);
        return;
    }
    torsh_tensor inner = torsh_mul(skew(torsh_matmul(vh, gv)), torsh_number(0.5)); /* what keeps V unitary */
    torsh_status status = torsh__is_complex(v) ? check_phase(b, diagonal_of(inner)) : TORSH_OK;
    if (status) {
        b->result[0] = torsh__tensor_error(status);
        return;
    }
    inner = torsh_div(torsh_sub(inner, as_diagonal(diagonal_of(inner))), differences(l));
    if (gl.id) inner = torsh_add(inner, as_diagonal(gl));
    b->result[0] = torsh_matmul(v, torsh_matmul(inner, vh));
}
static const torsh__impl impl_linalg_eigh = {.infer = infer_eigh, .gradient = eigh_gradient, .saves = TORSH__SAVE_OUT(0) | TORSH__SAVE_OUT(1)};
static const torsh__impl impl_eigh_values = {.infer = infer_eigh, .flags = TORSH__CONSTANT};

static torsh_tensor compose_linalg_eigvalsh(torsh_tensor input, const char *uplo)
{
    return torsh__is_tracked(input) ? torsh_linalg_eigh(input, uplo).first : torsh__eigh_values(input, uplo);
}

/* ---- low rank ------------------------------------------------------------------------------------------------ */

enum { MOST_ROUNDS = 1000 }; /* a handful is enough; each leaves a few tensors until the end */

static torsh_tensor orthonormal(torsh_tensor x)
{
    return torsh_linalg_qr(x, "reduced").first;
}

/* (a - m) x; m may be absent. */
static torsh_tensor apply(torsh_tensor a, torsh_tensor m, torsh_tensor x)
{
    torsh_tensor y = torsh_matmul(a, x);
    return m.id ? torsh_sub(y, torsh_matmul(m, x)) : y;
}

/* Halko, Martinsson, Tropp, "Finding structure with randomness", 2009, algorithms 4.4 and 5.1, as torch/_lowrank.py has them. */
static torsh_triple low_rank(torsh_tensor a, int64_t q, int64_t niter, torsh_tensor m)
{
    bool wide = torsh_size(a, -2) < torsh_size(a, -1);
    if (wide) a = torsh__adjoint(a), m = m.id ? torsh__adjoint(m) : m;
    torsh_tensor ah = torsh__adjoint(a), mh = m.id ? torsh__adjoint(m) : m;
    torsh_tensor basis = orthonormal(apply(a, m, torsh_randn(TORSH_DIMS(torsh_size(a, -1), q), torsh_dtype_of(a), torsh_device_of(a))));
    for (int64_t i = 0; i < niter; i++) basis = orthonormal(apply(a, m, orthonormal(apply(ah, mh, basis))));
    torsh_tensor bh = torsh__adjoint(basis), small = torsh_matmul(bh, a);
    if (m.id) small = torsh_sub(small, torsh_matmul(bh, m));
    torsh_triple made = torsh_linalg_svd(small, false);
    torsh_tensor u = torsh_matmul(basis, made.first), v = torsh__adjoint(made.third);
    return wide ? (torsh_triple){v, made.second, u} : (torsh_triple){u, made.second, v};
}

static torsh_status check_low_rank(const char *op, const torsh__shape *s, int64_t q, int64_t most, int64_t niter)
{
    torsh_status status = torsh__check_matrix(op, "input", s, false);
    if (status) return status;
    if (!torsh__in_set(s->dtype, ROW_SET_LAPACK)) return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: not defined for dtype %s (of 'input')", op, torsh_dtype_name(s->dtype));
    if (q < 0) return torsh__fail(TORSH_OUT_OF_RANGE, "%s: q is %lld; it must not be negative", op, (long long)q);
    if (q > most) return torsh__fail(TORSH_OUT_OF_RANGE, "%s: q is %lld; it must be 0 to %lld, the smaller side of 'input'", op, (long long)q, (long long)most);
    return niter < 0 || niter > MOST_ROUNDS ? torsh__fail(TORSH_OUT_OF_RANGE, "%s: niter is %lld; it must be 0 to %d", op, (long long)niter, MOST_ROUNDS) : TORSH_OK;
}

static torsh_triple compose_svd_lowrank(torsh_tensor input, int64_t q, int64_t niter, torsh_tensor m)
{
    torsh__shape s = torsh__shape_of(input), subtracted = torsh__shape_of(m);
    torsh_status status = check_low_rank("svd_lowrank", &s, q, INT64_MAX, niter);
    if (status == TORSH_OK && m.id) status = torsh__check_dtypes("svd_lowrank", "input", &s, "M", &subtracted);
    if (status == TORSH_OK && !torsh__broadcasts_to(&subtracted, s.ndim, s.sizes))
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "svd_lowrank: 'M' is %s; it must broadcast to 'input', which is %s", torsh_shape_text(m), torsh_shape_text(input));
    if (status) return torsh__refuse_three(status);
    return low_rank(input, q, niter, m.id ? torsh_expand(m, s.sizes, (size_t)s.ndim) : m);
}

static torsh_triple compose_pca_lowrank(torsh_tensor input, int64_t q, bool center, int64_t niter)
{
    static const int64_t rows = -2;
    torsh__shape s = torsh__shape_of(input);
    int64_t rows_there = s.ndim < 2 ? 0 : s.sizes[s.ndim - 2], columns = s.ndim < 2 ? 0 : s.sizes[s.ndim - 1];
    torsh_status status = check_low_rank("pca_lowrank", &s, q, rows_there < columns ? rows_there : columns, niter);
    if (status) return torsh__refuse_three(status);
    return low_rank(center ? torsh_sub(input, torsh_mean(input, &rows, 1, true)) : input, q, niter, (torsh_tensor){0});
}

/* ---- pseudo-inverses ----------------------------------------------------------------------------------------- */

/* atol and rtol may bring batch dims of their own. */
static torsh_status stretch_batch(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    int64_t sizes[TORSH__MAX_RANK], m = v->sizes[v->ndim - 2], n = v->sizes[v->ndim - 1];
    int ndim = v->ndim - 2;
    memcpy(sizes, v->sizes, (size_t)ndim * sizeof *sizes);
    for (int i = 1; i < 3; i++) {
        if (!c->input[i]) continue;
        const torsh_operand *t = &c->input[i]->view;
        torsh__shape_text own, input;
        if (!torsh__broadcast(&ndim, sizes, t->ndim, t->sizes) || ndim + 2 > TORSH__MAX_RANK)
            return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: '%s' is %s; it must broadcast with the batch dimensions of 'input', which is %s", torsh__call_name(c),
                               i == 1 ? "atol" : "rtol", torsh__shape_print(&own, t->ndim, t->sizes), torsh__shape_print(&input, v->ndim, v->sizes));
    }
    sizes[ndim] = n;
    sizes[ndim + 1] = m;
    torsh__out_spec(c, 0, c->compute, ndim + 2, sizes);
    return TORSH_OK;
}

static torsh_status infer_pinv(torsh__call *c)
{
    torsh_status status = torsh__infer_matrix(c, 0, c->values[3].i != 0);
    if (status) return status;
    const torsh_operand *v = &c->input[0]->view;
    for (int i = 1; i < 3; i++)
        if (c->input[i] && torsh_dtype_is_complex(torsh__dtype_of(c->input[i])))
            return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: '%s' must be real; it is %s", torsh__call_name(c), i == 1 ? "atol" : "rtol", torsh_dtype_name(torsh__dtype_of(c->input[i])));
    torsh__matrix_out(c, 0, c->compute, 2, (const int64_t[]){v->sizes[v->ndim - 1], v->sizes[v->ndim - 2]});
    return v->numel ? stretch_batch(c) : TORSH_OK;
}

/* What is smaller than this counts as 0: the larger of atol and rtol times the largest; by default max(m, n) times the distance of 1
 * from the next number, relative. */
static torsh_tensor threshold(const torsh__call *c, torsh_tensor sizes)
{
    static const int64_t last = -1;
    const torsh_operand *v = &c->input[0]->view;
    int64_t m = v->sizes[v->ndim - 2], n = v->sizes[v->ndim - 1];
    bool narrow = c->compute == TORSH_F32 || c->compute == TORSH_C64;
    torsh_tensor atol = c->input[1] ? torsh__tensor_share(c->input[1]) : torsh_number(0), rtol, largest = torsh_amax(sizes, &last, 1, true);
    if (c->input[2]) rtol = torsh__tensor_share(c->input[2]);
    else rtol = torsh_number((double)(m > n ? m : n) * (narrow ? 1.1920928955078125e-07 : 2.220446049250313e-16));
    if (!c->input[2] && c->input[1]) rtol = torsh_where(torsh_gt(atol, torsh_number(0)), torsh_number(0), rtol);
    if (torsh_ndim(atol) > 0) atol = torsh_unsqueeze(atol, -1);
    if (torsh_ndim(rtol) > 0) rtol = torsh_unsqueeze(rtol, -1);
    return torsh_maximum(atol, torsh_mul(rtol, largest));
}

static torsh_status run_pinv(torsh__call *c)
{
    torsh_tensor a = torsh__tensor_share(c->input[0]), out = torsh__tensor_share(c->output[0]), u, s, vh;
    if (c->input[0]->view.numel == 0) return torsh_id_status(torsh_zero_(out).id);
    if (c->values[3].i) {
        torsh_pair e = torsh_linalg_eigh(a, "L");
        u = e.second;
        s = e.first;
        vh = torsh__adjoint(e.second);
    } else {
        torsh_triple d = torsh_linalg_svd(a, false);
        u = d.first;
        s = d.second;
        vh = d.third;
    }
    torsh_tensor size = torsh_abs(s), inverse = torsh_where(torsh_gt(size, threshold(c, size)), torsh_reciprocal(s), torsh_number(0));
    return torsh_id_status(torsh_copy_(out, torsh_matmul(torsh_mul(torsh__adjoint(vh), as_row(inverse)), torsh__adjoint(u))).id);
}

/* pinv_backward, with P the pseudo-inverse; the order of products keeps them small. */
static void pinv_gradient(torsh__backward *b)
{
    torsh_tensor a = torsh__saved_input(b, 0), p = torsh__saved_output(b, 0), ph = torsh__adjoint(p), gh = torsh__adjoint(b->g[0]), g;
    if (torsh_size(a, -2) <= torsh_size(a, -1)) {
        torsh_tensor k = torsh_matmul(gh, p), kph = torsh_matmul(k, ph);
        g = torsh_sub(kph, torsh__adjoint(torsh_matmul(p, k)));
        g = torsh_sub(g, torsh_matmul(torsh_matmul(a, p), kph));
        g = torsh_add(g, torsh_matmul(torsh_matmul(ph, p), torsh_sub(gh, torsh_matmul(k, a))));
    } else {
        torsh_tensor k = torsh_matmul(p, gh), phk = torsh_matmul(ph, k);
        g = torsh_sub(phk, torsh__adjoint(torsh_matmul(k, p)));
        g = torsh_add(g, torsh_matmul(torsh_matmul(torsh_sub(gh, torsh_matmul(a, k)), p), ph));
        g = torsh_sub(g, torsh_matmul(torsh_matmul(phk, p), a));
    }
    torsh__meta input = torsh__input_meta(b, 0);
    b->result[0] = torsh__sum_to(g, input.ndim, input.sizes);
}
static const torsh__impl impl_linalg_pinv = {.infer = infer_pinv, .run = run_pinv, .gradient = pinv_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0)};

static torsh_tensor compose_pinverse(torsh_tensor input, double rcond)
{
    return torsh_linalg_pinv(input, (torsh_tensor){0}, torsh_number(rcond), false);
}

#include "define_rows.h"

#include "spectral.def"
