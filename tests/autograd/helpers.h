/* What the autograd tests share. Each test file includes it once. */
#ifndef AUTOGRAD_HELPERS_H
#define AUTOGRAD_HELPERS_H

#include <torsh/autograd.h>
#include <torsh/ops.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static inline torsh_tensor vector(const double *values, size_t count)
{
    return torsh_from_slice(values, count, TORSH_DIMS((int64_t)count), TORSH_F64, TORSH_CPU);
}

static inline torsh_tensor leaf_of(const double *values, size_t count)
{
    torsh_tensor t = vector(values, count);
    assert_int_equal(torsh_set_requires_grad(t, true), TORSH_OK);
    return t;
}
#define VECTOR(...) vector(TORSH_VALUES(__VA_ARGS__))
#define LEAF(...) leaf_of(TORSH_VALUES(__VA_ARGS__))

static inline torsh_tensor total(torsh_tensor t)
{
    return torsh_sum(t, TORSH_ALL_DIMS, false);
}

static inline void ok(torsh_status status)
{
    if (status) print_message("%s\n", torsh_last_error());
    assert_int_equal(status, TORSH_OK);
}

/* The call failed with this status and a text that has these words. */
static inline void refused(torsh_status status, torsh_status want, const char *words)
{
    if (!strstr(torsh_last_error(), words)) print_message("the text is: %s\n", torsh_last_error());
    assert_int_equal(status, want);
    assert_non_null(strstr(torsh_last_error(), words));
}

static inline void equal(torsh_tensor t, const double *values, size_t count, int line)
{
    double have[64];
    if (torsh_numel(t) != (int64_t)count) fail_msg("line %d: %lld elements, expected %zu (%s)", line, (long long)torsh_numel(t), count, torsh_last_error());
    ok(torsh_to_host(torsh_to_dtype(torsh_detach(t), TORSH_F64), have, count * sizeof *have));
    for (size_t i = 0; i < count; i++) {
        double difference = have[i] - values[i], size = values[i] < 0 ? -values[i] : values[i];
        if (!(difference <= 1e-10 * (1 + size) && difference >= -1e-10 * (1 + size)))
            fail_msg("line %d: element %zu is %.17g, should be %.17g", line, i, have[i], values[i]);
    }
}
#define EQUAL(t, ...) equal(t, TORSH_VALUES(__VA_ARGS__), __LINE__)

#endif
