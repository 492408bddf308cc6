/* LAPACK is opened at run time: what a program sees with and without it.
 *
 *     lapack_test            with the system's; skipped where there is none
 *     lapack_test missing    TORSH_LAPACK names no library */
#include <torsh/torsh.h>

#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N = 60 };

static torsh_tensor random_matrix(int64_t rows, int64_t columns, torsh_dtype dtype)
{
    return torsh_randn(TORSH_DIMS(3, rows, columns), dtype, TORSH_CPU);
}

static void assert_near(torsh_tensor a, torsh_tensor b, double tolerance)
{
    bool same = false;
    assert_int_equal(torsh_allclose(a, b, tolerance, tolerance, false, &same), TORSH_OK);
    assert_true(same);
}

/* Each factorization multiplied together again. */
static void factors_make_the_matrix(void **state)
{
    static const torsh_dtype dtypes[] = {TORSH_F32, TORSH_F64, TORSH_C64, TORSH_C128};
    static const int64_t shapes[][2] = {{N, N}, {N, 2 * N}, {2 * N, N}, {N, N + 3}, {1, N}};
    (void)state;
    for (size_t d = 0; d < 4; d++)
        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
            TORSH_AUTO torsh_scope scope = torsh_scope_open();
            double tolerance = d % 2 ? 1e-11 : 2e-3;
            torsh_tensor a = random_matrix(shapes[s][0], shapes[s][1], dtypes[d]);
            torsh_triple svd = torsh_linalg_svd(a, false), lu = torsh_linalg_lu(a, true);
            torsh_pair qr = torsh_linalg_qr(a, "reduced");
            assert_near(torsh_matmul(torsh_mul(svd.first, torsh_unsqueeze(svd.second, -2)), svd.third), a, tolerance);
            assert_near(torsh_matmul(lu.first, torsh_matmul(lu.second, lu.third)), a, tolerance);
            assert_near(torsh_matmul(qr.first, qr.second), a, tolerance);
            assert_near(torsh_matmul(torsh_mH(qr.first), qr.first), torsh_eye(torsh_size(qr.first, -1), torsh_size(qr.first, -1), dtypes[d], TORSH_CPU), tolerance);
            torsh_tensor gram = torsh_matmul(a, torsh_mH(a));
            torsh_pair e = torsh_linalg_eigh(gram, "L");
            assert_near(torsh_matmul(torsh_mul(e.second, torsh_unsqueeze(e.first, -2)), torsh_mH(e.second)), gram, tolerance);
            torsh_tensor definite = torsh_add(gram, torsh_eye(shapes[s][0], shapes[s][0], dtypes[d], TORSH_CPU)), l = torsh_linalg_cholesky(definite, false);
            assert_near(torsh_matmul(l, torsh_mH(l)), definite, tolerance);
            assert_near(torsh_matmul(definite, torsh_cholesky_solve(a, l, false)), a, tolerance * 10);
        }
}

/* What LAPACK would end the process for, or never ends: not finite, singular, not positive-definite, too large. */
static void bad_matrices_are_errors(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor nan = torsh_full(TORSH_DIMS(5, 5), (double)NAN, TORSH_F64, TORSH_CPU), inf = torsh_full(TORSH_DIMS(5, 5), INFINITY, TORSH_F32, TORSH_CPU);
    assert_true(TORSH_FAILED(torsh_linalg_svd(nan, false).first));
    assert_non_null(strstr(torsh_last_error(), "linalg_svd: 'input'"));
    assert_true(TORSH_FAILED(torsh_linalg_svdvals(inf)));
    assert_true(TORSH_FAILED(torsh_linalg_eigh(inf, "L").first));
    assert_true(TORSH_FAILED(torsh_linalg_eigvalsh(nan, "U")));
    torsh_linalg_lu(nan, true);
    torsh_linalg_qr(nan, "reduced");
    torsh_tensor ones = torsh_ones(TORSH_DIMS(2, 3, 3), TORSH_F64, TORSH_CPU);
    assert_true(TORSH_FAILED(torsh_linalg_inv(ones)));
    assert_non_null(strstr(torsh_last_error(), "linalg_inv: "));
    assert_non_null(strstr(torsh_last_error(), "matrix 0 of the batch"));
    assert_true(TORSH_FAILED(torsh_linalg_cholesky(torsh_neg(ones), false)));
    assert_non_null(strstr(torsh_last_error(), "not positive-definite"));
    torsh_pair loose = torsh_linalg_cholesky_ex(torsh_neg(ones), false, false);
    int64_t info = 0;
    assert_int_equal(torsh_item_i64(torsh_amax(loose.second, TORSH_ALL_DIMS, false), &info), TORSH_OK);
    assert_int_equal(info, 1);
    assert_true(TORSH_FAILED(torsh_linalg_svdvals(torsh_expand(torsh_zeros(TORSH_DIMS(1, 1), TORSH_F32, TORSH_CPU), (const int64_t[]){(int64_t)1 << 33, 1}, 2))));
}

static void absence_is_an_error_by_name(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    assert_null(torsh_lapack_library());
    torsh_tensor a = torsh_ones(TORSH_DIMS(3, 3), TORSH_F32, TORSH_CPU), made[] = {torsh_linalg_cholesky(a, false), torsh_linalg_svdvals(a), torsh_cholesky_solve(a, a, false)};
    static const char *const names[] = {"linalg_cholesky: ", "linalg_svdvals: ", "cholesky_solve: "};
    for (size_t i = 0; i < 3; i++) {
        const char *text = torsh_id_error(made[i].id);
        assert_int_equal(torsh_id_status(made[i].id), TORSH_UNSUPPORTED);
        assert_int_equal(strncmp(text, names[i], strlen(names[i])), 0);
        assert_non_null(strstr(text, "liblapack3"));
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest missing[] = {cmocka_unit_test(absence_is_an_error_by_name)};
    const struct CMUnitTest present[] = {cmocka_unit_test(factors_make_the_matrix), cmocka_unit_test(bad_matrices_are_errors)};
    if (argc > 1 && strcmp(argv[1], "missing") == 0) return cmocka_run_group_tests(missing, NULL, NULL);
    if (!torsh_lapack_library()) {
        printf("skipped: %s\n", torsh_last_error());
        return 77;
    }
    return cmocka_run_group_tests(present, NULL, NULL);
}
