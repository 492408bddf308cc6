/* A few eigenpairs of a symmetric matrix by locally optimal block preconditioned conjugate gradients: Rayleigh-Ritz on the span of the
 * approximations X, their last changes P and the preconditioned residuals W (Knyazev 2001), with a basis that is kept orthonormal and drops
 * what adds nothing to it (Stathopoulos, Wu 2002; Duersch et al. 2018, sections 4.2 and 4.3). Row: table/lobpcg.def. */
#include "dual.h"
#include "linalg.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/extreme.h>
#include <torsh/ops/index.h>
#include <torsh/ops/join.h>
#include <torsh/ops/linalg.h>
#include <torsh/ops/matmul.h>
#include <torsh/ops/random.h>
#include <torsh/ops/rearrange.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/statistics.h>
#include <torsh/ops/view.h>

#include <math.h>

#define TABLE "lobpcg.def"
#include "declare_rows.h"

typedef struct problem {
    torsh_tensor a, b, ik; /* (m, m); b and ik may be absent: the identity */
    int64_t k, n, niter;   /* pairs asked for, columns of X */
    double tol, eps;
    bool largest;
} problem;

static torsh_tensor times(torsh_tensor matrix, torsh_tensor x)
{
    return matrix.id ? torsh_matmul(matrix, x) : x;
}

/* x'y of each pair of columns, (1, n) */
static torsh_tensor column_products(torsh_tensor x, torsh_tensor y)
{
    return torsh_sum(torsh_mul(x, y), TORSH_DIMS(-2), true);
}

static torsh_tensor norms(torsh_tensor x)
{
    return torsh_sqrt(column_products(x, x));
}

/* Columns with the span of u's and u'Bu = 1; directions that are lost in rounding are dropped, so there may be fewer, or none. */
static torsh_tensor orthonormal(const problem *p, torsh_tensor u)
{
    torsh_tensor gram = torsh_matmul(torsh__transposed(u), times(p->b, u)), d = torsh_diagonal(gram, 0, 0, 1);
    torsh_tensor scale = torsh_where(torsh_gt(d, torsh_number(0)), torsh_rsqrt(d), torsh_zeros_like(d));
    torsh_pair e = torsh_linalg_eigh(torsh_mul(torsh_mul(gram, scale), torsh_unsqueeze(scale, -1)), "L");
    int64_t all = torsh_size(u, -1);
    double least = 10 * (double)all * p->eps * torsh_item(torsh_amax(e.first, NULL, 0, false));
    double kept = torsh_item(torsh_sum(torsh_gt(e.first, torsh_number(least)), NULL, 0, false));
    if (!(kept >= 0)) return e.first; /* an error, which torsh_item made NaN */
    int64_t from = all - (int64_t)kept;
    torsh_tensor weights = torsh_narrow(torsh_mul(e.second, torsh_unsqueeze(scale, -1)), 1, from, all - from);
    return torsh_matmul(u, torsh_mul(weights, torsh_rsqrt(torsh_narrow(e.first, 0, from, all - from))));
}

/* u without what lies in x's span, orthonormal; twice, as the first time leaves what rounding adds. */
static torsh_tensor beside(const problem *p, torsh_tensor x, torsh_tensor u)
{
    for (int i = 0; i < 2 && !TORSH_FAILED(u) && torsh_size(u, -1) > 0; i++) {
        u = torsh_sub(u, torsh_matmul(x, torsh_matmul(torsh__transposed(times(p->b, x)), u)));
        u = orthonormal(p, u);
    }
    return u;
}

typedef struct step {
    torsh_tensor e, x, basis; /* (n), (m, n), and for the next step (m, up to 3n) that begins with x */
    bool done;
} step;

/* Rayleigh-Ritz on the basis; scale: of A and of B, for a tolerance that is relative to them. */
static step improve(const problem *p, torsh_tensor basis, const double scale[2])
{
    step s = {.done = false};
    torsh_pair ritz = torsh_linalg_eigh(torsh_matmul(torsh__transposed(basis), torsh_matmul(p->a, basis)), "L");
    if (p->largest) ritz = (torsh_pair){torsh_flip(ritz.first, TORSH_DIMS(0)), torsh_flip(ritz.second, TORSH_DIMS(1))};
    torsh_tensor chosen = torsh_narrow(ritz.second, 1, 0, p->n);
    s.e = torsh_narrow(ritz.first, 0, 0, p->n), s.x = torsh_matmul(basis, chosen);
    torsh_tensor residual = torsh_sub(torsh_matmul(p->a, s.x), torsh_mul(times(p->b, s.x), s.e));
    torsh_tensor size = torsh_mul(norms(s.x), torsh_add(torsh_mul(torsh_abs(s.e), torsh_number(scale[1])), torsh_number(scale[0])));
    double worst = torsh_item(torsh_amax(torsh_div(torsh_narrow(norms(residual), 1, 0, p->k), torsh_narrow(size, 1, 0, p->k)), NULL, 0, false));
    int64_t columns = torsh_size(basis, -1), more = columns - p->n;
    torsh_tensor sides[2] = {times(p->ik, residual), {0}};
    if (more > 0) sides[1] = torsh_matmul(torsh_narrow(basis, 1, p->n, more), torsh_narrow(chosen, 0, p->n, more));
    torsh_tensor next[2] = {s.x, beside(p, s.x, more > 0 ? torsh_cat(sides, 2, 1) : sides[0])};
    s.basis = torsh_cat(next, 2, 1);
    s.done = worst < p->tol || torsh_size(next[1], -1) < 1; /* or nothing is left to look at */
    return s;
}

/* The pairs of one matrix. What a step makes beside its results ends with it. */
static torsh_pair solve(const problem *p, torsh_tensor x)
{
    double scale[2] = {1, 1}, size = torsh_item(torsh_norm(x, 2, NULL, 0, false));
    if (size > 0) scale[0] = torsh_item(torsh_norm(torsh_matmul(p->a, x), 2, NULL, 0, false)) / size;
    if (size > 0 && p->b.id) scale[1] = torsh_item(torsh_norm(times(p->b, x), 2, NULL, 0, false)) / size;
    torsh_tensor basis = orthonormal(p, x);
    if (!TORSH_FAILED(basis) && torsh_size(basis, -1) < p->n)
        basis = torsh__refuse(TORSH_INVALID_ARGUMENT, "lobpcg: the columns of 'X' are not linearly independent");
    step s = {basis, basis, basis, false};
    for (int64_t i = 0; !s.done && !TORSH_FAILED(s.basis) && (p->niter < 0 || i <= p->niter); i++) {
        torsh_scope inner = torsh_scope_open();
        if (torsh__is_error(inner.id)) return (torsh_pair){{inner.id}, {inner.id}};
        step next = improve(p, s.basis, scale);
        torsh_keep(next.e), torsh_keep(next.x), torsh_keep(next.basis);
        torsh_scope_close(inner);
        if (i > 0) torsh_release(s.e), torsh_release(s.x), torsh_release(s.basis);
        s = next;
    }
    if (TORSH_FAILED(s.basis)) return (torsh_pair){s.basis, s.basis};
    return (torsh_pair){torsh_narrow(s.e, 0, 0, p->k), torsh_narrow(s.x, 1, 0, p->k)};
}

static torsh_status check(const problem *p, const torsh__shape *a, const torsh_tensor others[3])
{
    static const char *const names[3] = {"B", "X", "iK"};
    torsh_status status = torsh__check_matrix("lobpcg", "A", a, true);
    if (status == TORSH_OK && a->dtype != TORSH_F32 && a->dtype != TORSH_F64)
        status = torsh__fail(TORSH_DTYPE_MISMATCH, "lobpcg: 'A' must be f32 or f64; it is %s", torsh_dtype_name(a->dtype));
    for (int i = 0; i < 3 && status == TORSH_OK; i++) {
        if (!others[i].id) continue;
        torsh__shape s = torsh__shape_of(others[i]);
        status = torsh__check_dtypes("lobpcg", "A", a, names[i], &s);
        if (status) break;
        if (s.ndim != a->ndim || !torsh__same_sizes(s.ndim - 1, s.sizes, a->ndim - 1, a->sizes) || (i != 1 && s.sizes[s.ndim - 1] != a->sizes[a->ndim - 1]))
            status = torsh__fail(TORSH_SHAPE_MISMATCH, "lobpcg: '%s' is %s, which doesn't go with 'A'", names[i], torsh_shape_text(others[i]));
    }
    if (status == TORSH_OK && (p->k < 1 || p->n < p->k || p->n > a->sizes[a->ndim - 1]))
        status = torsh__fail(TORSH_OUT_OF_RANGE, "lobpcg: k is %lld and there are %lld vectors; it takes 1 <= k <= vectors <= %lld, the size of 'A'", (long long)p->k,
                             (long long)p->n, (long long)a->sizes[a->ndim - 1]);
    return status;
}

/* Eigenvalues again, as quotients x'Ax / x'Bx, whose gradients by A and B are the eigenvalues'. */
static torsh_pair compose_lobpcg(torsh_tensor a, int64_t k, torsh_tensor b, torsh_tensor x, int64_t n, torsh_tensor ik, int64_t niter, double tol, bool largest)
{
    torsh__shape s = torsh__shape_of(a);
    int64_t m = s.ndim < 2 ? 0 : s.sizes[s.ndim - 1], matrices = m ? s.numel / (m * m) : 0;
    problem p = {.k = k, .n = x.id ? torsh_size(x, -1) : n, .niter = niter, .eps = s.dtype == TORSH_F64 ? 0x1p-52 : 0x1p-23, .largest = largest};
    p.tol = tol > 0 ? tol : sqrt(p.eps);
    torsh_status status = check(&p, &s, (torsh_tensor[]){b, x, ik});
    if (status) return (torsh_pair){torsh__tensor_error(status), torsh__tensor_error(status)};
    torsh_tensor vectors;
    s.sizes[s.ndim - 1] = k;
    {
        TORSH_AUTO torsh_scope constants = torsh__scope_open(true);
        if (torsh__is_error(constants.id)) return (torsh_pair){{constants.id}, {constants.id}};
        torsh__constant_mode();
        int64_t square[3] = {matrices, m, m}, tall[3] = {matrices, m, p.n}, found[3] = {matrices, m, k};
        torsh_tensor all[4] = {torsh_reshape(a, square, 3), b, x.id ? torsh_reshape(x, tall, 3) : torsh_randn(tall, 3, s.dtype, s.device), ik};
        if (b.id) all[1] = torsh_reshape(b, square, 3);
        if (ik.id) all[3] = torsh_reshape(ik, square, 3);
        vectors = torsh_empty(found, 3, s.dtype, s.device);
        for (int64_t i = 0; i < matrices && !TORSH_FAILED(vectors); i++) {
            p.a = torsh_select(all[0], 0, i);
            if (b.id) p.b = torsh_select(all[1], 0, i);
            if (ik.id) p.ik = torsh_select(all[3], 0, i);
            torsh_tensor done = torsh_copy_(torsh_select(vectors, 0, i), solve(&p, torsh_select(all[2], 0, i)).second);
            if (TORSH_FAILED(done)) vectors = done;
        }
        vectors = torsh_reshape(vectors, s.sizes, (size_t)s.ndim);
        torsh_keep(vectors);
    }
    torsh_tensor values = torsh_div(column_products(vectors, torsh_matmul(a, vectors)), column_products(vectors, times(b, vectors)));
    return (torsh_pair){torsh_squeeze(values, TORSH_DIMS(-2)), vectors};
}

#include "define_rows.h"

#include "lobpcg.def"
