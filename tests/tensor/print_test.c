/* torsh_format against what PyTorch prints (tests/golden/repr.py). */
#include "tensor.h"

#include <torsh/torsh.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_RANK = 8 };

typedef struct sample {
    torsh_dtype dtype;
    int kind;
    torsh_print_options options;
    int rank;
    int64_t sizes[MOST_RANK];
    unsigned char *data;
    char *expected;
    size_t length;
} sample;

static int64_t number(FILE *f)
{
    long long value;
    if (fscanf(f, "%lld", &value) != 1) fail_msg("repr.txt is cut short");
    return value;
}

static void *need(size_t bytes)
{
    void *memory = malloc(bytes + 1);
    if (!memory) fail_msg("no memory");
    return memory;
}

static bool read_sample(FILE *f, sample *s)
{
    int dtype;
    size_t bytes;
    if (fscanf(f, "%d", &dtype) != 1) return false;
    s->dtype = (torsh_dtype)dtype;
    s->kind = (int)number(f);
    s->options = torsh_print_defaults();
    s->options.precision = (int)number(f);
    s->options.threshold = number(f);
    s->options.edge_items = (int)number(f);
    s->options.line_width = (int)number(f);
    s->options.sci_mode = (int)number(f);
    s->rank = (int)number(f);
    bytes = torsh_dtype_size(s->dtype);
    for (int d = 0; d < s->rank; d++) bytes *= (size_t)(s->sizes[d] = number(f));
    s->length = (size_t)number(f);
    s->data = need(bytes);
    s->expected = need(s->length);
    if (bytes == 0 && fscanf(f, " -") != 0) return false;
    for (size_t i = 0; i < bytes; i++) {
        unsigned value;
        if (fscanf(f, "%2x", &value) != 1) fail_msg("repr.txt is cut short");
        s->data[i] = (unsigned char)value;
    }
    if (fgetc(f) != '\n' || fread(s->expected, 1, s->length, f) != s->length) fail_msg("repr.txt is cut short");
    s->expected[s->length] = 0;
    return true;
}

static torsh_tensor make(const sample *s)
{
    torsh_tensor t = torsh_from_data(s->data, s->sizes, (size_t)s->rank, s->dtype, TORSH_CPU);
    if (s->kind) assert_int_equal(torsh_set_requires_grad(t, true), TORSH_OK);
    if (s->kind == 2) { /* modules make parameters; here the mark is enough */
        torsh_status status;
        torsh__tensor_pin(t, "make", "t", &status)->is_parameter = true;
        torsh__unpin(t.id);
    }
    if (s->kind == 3) t = torsh_mul(t, torsh_number(1));
    return t;
}

/* The same elements, the first dim stepping least. */
static torsh_tensor restride(torsh_tensor t)
{
    int last = torsh_ndim(t) - 1;
    return last < 1 ? t : torsh_transpose(torsh_contiguous(torsh_transpose(t, 0, last)), 0, last);
}

static long compare(torsh_tensor t, const sample *s)
{
    int64_t length = torsh_format(t, NULL, 0);
    char *text = need(length < 0 ? 0 : (size_t)length);
    assert_int_equal(torsh_format(t, text, (size_t)length + 1), length);
    bool same = strcmp(text, s->expected) == 0;
    if (!same) print_error("PyTorch prints\n%s\nwe print\n%s\n", s->expected, text);
    free(text);
    return !same;
}

static void prints_as_pytorch(void **state)
{
    (void)state;
    FILE *f = fopen(TORSH_GOLDEN_DIR "/repr.txt", "rb");
    assert_non_null(f);
    sample s;
    long failures = 0, count = 0;
    while (read_sample(f, &s)) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        assert_int_equal(torsh_set_print_options(&s.options), TORSH_OK);
        torsh_tensor t = make(&s);
        failures += compare(t, &s);
        if (s.kind == 0) failures += compare(restride(t), &s);
        count++;
        free(s.data);
        free(s.expected);
    }
    fclose(f);
    torsh_set_print_options(NULL);
    print_message("%ld tensors\n", count);
    assert_true(count > 200);
    assert_int_equal(failures, 0);
}

static void cuts_as_snprintf(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor t = torsh_ones(TORSH_DIMS(2), TORSH_F32, TORSH_CPU);
    char small[8], none[1] = {'x'};
    assert_int_equal(torsh_format(t, small, sizeof small), 16);
    assert_string_equal(small, "tensor(");
    assert_int_equal(torsh_format(t, none, 1), 16);
    assert_int_equal(none[0], 0);
    assert_int_equal(torsh_format(t, NULL, 0), 16);
    assert_int_equal(torsh_format(t, NULL, 5), -1);
    assert_int_equal(torsh_format((torsh_tensor){0}, small, sizeof small), -1);
    torsh_print_options bad = torsh_print_defaults();
    bad.precision = -1;
    assert_int_equal(torsh_set_print_options(&bad), TORSH_INVALID_ARGUMENT);
}

static void survives_want_of_memory(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor t = torsh_ones(TORSH_DIMS(30, 30), TORSH_F32, TORSH_CPU);
    int64_t length = -1;
    for (int64_t i = 0; length < 0 && i < 100; i++) {
        torsh_fail_allocations_after(i);
        length = torsh_format(t, NULL, 0);
        torsh_fail_allocations_after(-1);
    }
    assert_true(length > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(prints_as_pytorch), cmocka_unit_test(cuts_as_snprintf), cmocka_unit_test(survives_want_of_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
