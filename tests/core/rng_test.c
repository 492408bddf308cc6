/* The CPU generator against PyTorch's numbers: tests/golden/rng.txt (its form is told in rng.py), on every instruction set and
 * any number of threads, and the saved state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_LINE = 4096 };

typedef struct parameters {
    double a, b;
    int64_t i, j;
    const char *name;
} parameters;

typedef void fill_case(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const parameters *p);

static void do_uniform(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const parameters *p)
{
    torsh__fill_uniform(rng, dtype, out, n, p->a, p->b);
}

static void do_normal(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const parameters *p)
{
    torsh__fill_normal(rng, dtype, out, n, p->a, p->b);
}

static void do_normal_scalar(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const parameters *p)
{
    torsh__fill_normal_scalar(rng, dtype, out, n, p->a, p->b);
}

static void do_exponential(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const parameters *p)
{
    torsh__fill_exponential(rng, dtype, out, n, p->a);
}

static void do_cauchy(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const parameters *p)
{
    torsh__fill_cauchy(rng, dtype, out, n, p->a, p->b);
}

static void do_log_normal(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const parameters *p)
{
    torsh__fill_log_normal(rng, dtype, out, n, p->a, p->b);
}

static void do_geometric(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const parameters *p)
{
    torsh__fill_geometric(rng, dtype, out, n, p->a);
}

static void do_bernoulli(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const parameters *p)
{
    torsh__fill_bernoulli(rng, dtype, out, n, p->a);
}

static void do_bernoulli_p(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const parameters *p)
{
    torsh_dtype p_dtype = (torsh_dtype)p->i;
    double *wide = malloc((size_t)n * sizeof *wide);
    float *narrow = malloc((size_t)n * sizeof *narrow);
    uint16_t *half = malloc((size_t)n * sizeof *half);
    for (int64_t i = 0; i < n; i++) {
        narrow[i] = (float)(i % 11) / 10.0f;
        wide[i] = (double)narrow[i];
        half[i] = p_dtype == TORSH_F16 ? torsh__f32_to_f16(narrow[i]).bits : torsh__f32_to_bf16(narrow[i]).bits;
    }
    const void *array = p_dtype == TORSH_F64 ? (void *)wide : p_dtype == TORSH_F32 ? (void *)narrow : (void *)half;
    torsh__fill_bernoulli_array(rng, dtype, out, n, p_dtype, array);
    free(wide);
    free(narrow);
    free(half);
}

static void do_random(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const parameters *p)
{
    (void)p;
    torsh__fill_random(rng, dtype, out, n);
}

static void do_randint(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const parameters *p)
{
    torsh__fill_randint(rng, dtype, out, n, p->i, (uint64_t)p->j - (uint64_t)p->i);
}

static void do_random_all(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const parameters *p)
{
    (void)p;
    torsh__fill_randint(rng, dtype, out, n, 0, 0);
}

static void do_randperm(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const parameters *p)
{
    (void)p;
    torsh__fill_randperm(rng, dtype, out, n);
}

static const struct {
    const char *name;
    fill_case *fill;
} distributions[] = {
    {"uniform", do_uniform},         {"normal", do_normal},         {"normal_scalar", do_normal_scalar},
    {"exponential", do_exponential}, {"cauchy", do_cauchy},         {"log_normal", do_log_normal},
    {"geometric", do_geometric},     {"bernoulli", do_bernoulli},   {"bernoulli_p", do_bernoulli_p},
    {"random", do_random},           {"randint", do_randint},       {"random_all", do_random_all},
    {"randperm", do_randperm},
};

static uint64_t fnv(const uint8_t *bytes, size_t n)
{
    uint64_t hash = 0xCBF29CE484222325u;
    for (size_t i = 0; i < n; i++) hash = (hash ^ bytes[i]) * 0x100000001B3u;
    return hash;
}

static void result_text(char *text, const uint8_t *bytes, size_t size, int64_t n)
{
    if (n > 17) {
        sprintf(text, "#%016" PRIx64, fnv(bytes, size));
        return;
    }
    text[0] = 0;
    for (size_t i = 0; i < size; i++) sprintf(text + 2 * i, "%02x", bytes[i]);
}

/* True if the line's case gives the state and the array that PyTorch gave. */
static bool case_agrees(const char *line)
{
    char name[32], a[64], b[64], expected[1024] = "", got[1024];
    int dtype = 0;
    uint64_t seed = 0, expected_state = 0;
    int64_t warm = 0, n = 0;
    int fields = sscanf(line, "%31s %d %" SCNu64 " %" SCNd64 " %" SCNd64 " %63s %63s %" SCNx64 " %1023s", name, &dtype, &seed, &warm,
                        &n, a, b, &expected_state, expected);
    assert_true(fields >= 8);
    parameters p = {strtod(a, NULL), strtod(b, NULL), strtoll(a, NULL, 10), strtoll(b, NULL, 10), name};
    torsh__rng rng;
    torsh__rng_seed(&rng, seed);
    for (int64_t i = 0; i < warm; i++) (void)torsh__rng_u32(&rng);
    if (warm % 2) (void)torsh__rng_normal(&rng, 0, 1);

    size_t size = (size_t)n * torsh_dtype_size((torsh_dtype)dtype);
    uint8_t *out = calloc(size + 1, 1), state[TORSH__RNG_STATE_BYTES];
    fill_case *fill = NULL;
    for (size_t i = 0; i < sizeof distributions / sizeof *distributions; i++)
        if (strcmp(distributions[i].name, name) == 0) fill = distributions[i].fill;
    assert_non_null(fill);
    fill(&rng, (torsh_dtype)dtype, out, n, &p);
    result_text(got, out, size, n);
    torsh__rng_save(&rng, state);
    bool agrees = strcmp(got, expected) == 0 && fnv(state, sizeof state) == expected_state;
    if (!agrees) print_error("%sgot %016" PRIx64 " %s\n", line, fnv(state, sizeof state), got);
    free(out);
    return agrees;
}

static void gives_pytorchs_numbers(void **fixture)
{
    (void)fixture;
    FILE *file = fopen(TORSH_GOLDEN_DIR "/rng.txt", "r");
    assert_non_null(file);
    char line[LONGEST_LINE];
    int cases = 0, wrong = 0;
    while (fgets(line, sizeof line, file)) {
        if (line[0] == '#') continue;
        cases++;
        wrong += !case_agrees(line);
    }
    fclose(file);
    assert_true(cases > 500);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_pytorchs_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
