/* The CPU generator against PyTorch's numbers: tests/golden/rng.txt (its form is told in rng.py), on every instruction set and
 * any number of threads, and the saved state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "random.h"

#include <inttypes.h>
#include <math.h>
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

static void do_poisson(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const parameters *p)
{
    double *rates = malloc((size_t)n * sizeof *rates); /* big enough for every dtype */
    for (int64_t i = 0; i < n; i++) {
        float rate = (float)((float)(i % 23) * (float)p->a);
        if (dtype == TORSH_F64) rates[i] = (double)rate;
        if (dtype == TORSH_F32) ((float *)rates)[i] = rate;
        if (dtype == TORSH_F16) ((torsh__f16 *)rates)[i] = torsh__f32_to_f16(rate);
        if (dtype == TORSH_BF16) ((torsh__bf16 *)rates)[i] = torsh__f32_to_bf16(rate);
    }
    torsh__fill_poisson(rng, dtype, out, n, rates);
    free(rates);
}

static void do_multinomial(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const parameters *p)
{
    int64_t categories = p->i;
    double *weights = malloc((size_t)(2 * categories) * sizeof *weights);
    for (int64_t i = 0; i < 2 * categories; i++) {
        float weight = (float)(i * 7 % 13) / 12.0f;
        if (dtype == TORSH_F64) weights[i] = (double)weight;
        if (dtype == TORSH_F32) ((float *)weights)[i] = weight;
        if (dtype == TORSH_F16) ((torsh__f16 *)weights)[i] = torsh__f32_to_f16(weight);
        if (dtype == TORSH_BF16) ((torsh__bf16 *)weights)[i] = torsh__f32_to_bf16(weight);
    }
    assert_int_equal(torsh__multinomial(rng, dtype, weights, 2, categories, n, p->j != 0, out), TORSH_OK);
    free(weights);
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
    {"randperm", do_randperm},       {"poisson", do_poisson},       {"multinomial", do_multinomial},
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

    bool is_multinomial = strcmp(name, "multinomial") == 0;
    size_t size = (size_t)n * (is_multinomial ? 2 * sizeof(int64_t) : torsh_dtype_size((torsh_dtype)dtype));
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

static void gives_the_same_for_any_number_of_threads(void **fixture)
{
    (void)fixture;
    enum { N = 1000003 };
    static double one[N], many[N];
    for (torsh_dtype dtype = TORSH_F16; dtype <= TORSH_F64; dtype++) {
        torsh__rng a, b;
        torsh__rng_seed(&a, 5);
        torsh__rng_seed(&b, 5);
        torsh_set_num_threads(1);
        torsh__fill_normal(&a, dtype, one, N, 0.5, 2);
        torsh_set_num_threads(7);
        torsh__fill_normal(&b, dtype, many, N, 0.5, 2);
        assert_memory_equal(one, many, N * torsh_dtype_size(dtype));
        assert_memory_equal(&a, &b, sizeof a);
    }
}

static void works_without_scratch_memory(void **fixture)
{
    (void)fixture;
    enum { N = 300000 };
    static float with[N], without[N];
    torsh__rng a, b;
    torsh__rng_seed(&a, 6);
    torsh__rng_seed(&b, 6);
    torsh_set_num_threads(4);
    torsh__fill_normal(&a, TORSH_F32, with, N, 0, 1);
    torsh_fail_allocations_after(0);
    torsh__fill_normal(&b, TORSH_F32, without, N, 0, 1);
    int64_t sample;
    torsh_status status = torsh__multinomial(&b, TORSH_F32, with, 1, 10, 1, false, &sample);
    torsh_fail_allocations_after(-1);
    assert_memory_equal(with, without, sizeof with);
    assert_int_equal(status, TORSH_OUT_OF_MEMORY);
}

static void resumes_from_a_saved_state(void **fixture)
{
    (void)fixture;
    for (int drawn = 0; drawn < 1300; drawn += 13) {
        torsh__rng a, b;
        uint8_t state[TORSH__RNG_STATE_BYTES], again[TORSH__RNG_STATE_BYTES];
        torsh__rng_seed(&a, (uint64_t)drawn << 40);
        for (int i = 0; i < drawn; i++) (void)torsh__rng_u32(&a);
        if (drawn % 2) (void)torsh__rng_normal(&a, 0, 1);
        torsh__rng_save(&a, state);
        torsh__rng_seed(&b, 1);
        assert_int_equal(torsh__rng_load(&b, state, sizeof state), TORSH_OK);
        torsh__rng_save(&b, again);
        assert_memory_equal(state, again, sizeof state);
        for (int i = 0; i < 5; i++) assert_true(torsh__rng_normal(&a, 1, 2) == torsh__rng_normal(&b, 1, 2));
        assert_true(torsh__rng_u64(&a) == torsh__rng_u64(&b));
    }
}

static void refuses_what_is_no_state(void **fixture)
{
    (void)fixture;
    static const struct {
        int at;
        uint8_t low, high;
    } spoiled[] = {
        {8, 0, 0},     /* left 0 */
        {8, 0x71, 2},  /* left 625 */
        {12, 0, 0},    /* not seeded */
        {16, 0x71, 2}, /* next 625 */
        {16, 0x70, 2}, /* next 624 with left 623: past the end */
        {23, 0x80, 0}, /* next 2^63 */
    };
    torsh__rng rng, before;
    uint8_t state[TORSH__RNG_STATE_BYTES];
    torsh__rng_seed(&rng, 3);
    for (int i = 0; i < 2; i++) (void)torsh__rng_u32(&rng);
    before = rng;
    for (size_t i = 0; i < sizeof spoiled / sizeof *spoiled; i++) {
        torsh__rng_save(&rng, state);
        state[spoiled[i].at] = spoiled[i].low;
        state[spoiled[i].at + 1] = spoiled[i].high;
        assert_int_equal(torsh__rng_load(&rng, state, sizeof state), TORSH_FORMAT_ERROR);
    }
    assert_int_equal(torsh__rng_load(&rng, state, sizeof state - 1), TORSH_FORMAT_ERROR);
    assert_int_equal(torsh__rng_load(&rng, NULL, 0), TORSH_FORMAT_ERROR);
    assert_memory_equal(&rng, &before, sizeof rng);
}

static void refuses_impossible_weights(void **fixture)
{
    (void)fixture;
    torsh__rng rng;
    torsh__rng_seed(&rng, 3);
    int64_t out[8];
    const double good[] = {1, 2, 0}, negative[] = {1, -1, 0}, none[] = {0, 0, 0}, endless[] = {1, HUGE_VAL, 0}, odd[] = {1, NAN, 0};
    const double *bad[] = {negative, none, endless, odd};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(torsh__multinomial(&rng, TORSH_F64, bad[i], 1, 3, 2, true, out), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh__multinomial(&rng, TORSH_F64, good, 1, 3, 4, false, out), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh__multinomial(&rng, TORSH_F64, good, 1, 3, 0, true, out), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh__multinomial(&rng, TORSH_I64, good, 1, 3, 1, true, out), TORSH_DTYPE_MISMATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_pytorchs_numbers),
        cmocka_unit_test(gives_the_same_for_any_number_of_threads),
        cmocka_unit_test(works_without_scratch_memory),
        cmocka_unit_test(resumes_from_a_saved_state),
        cmocka_unit_test(refuses_what_is_no_state),
        cmocka_unit_test(refuses_impossible_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
