/* Generators as objects: seeds, saved states, sharing between threads, and what random ops do with them. That the numbers are
 * PyTorch's is golden_test's matter. */
#include <torsh/torsh.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COUNT = 40000 };

static torsh_tensor draw(torsh_generator generator)
{
    return torsh_randn_with(TORSH_DIMS(COUNT), TORSH_F32, TORSH_CPU, generator);
}

static bool equal(torsh_tensor a, torsh_tensor b)
{
    size_t bytes = (size_t)torsh_numel(a) * torsh_dtype_size(torsh_dtype_of(a));
    return torsh_numel(a) == torsh_numel(b) && memcmp(torsh_data(a), torsh_data(b), bytes) == 0;
}

static void streams_follow_their_seed(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_generator own = torsh_generator_make(7);
    uint64_t seed = 0;
    torsh_manual_seed(7);
    torsh_tensor first = draw(own);
    assert_true(equal(first, draw(TORSH_DEFAULT_GENERATOR)));
    assert_false(equal(first, draw(own)));
    assert_int_equal(torsh_generator_set_seed(own, 7), TORSH_OK);
    assert_true(equal(first, draw(own)));
    assert_int_equal(torsh_generator_seed(own, &seed), TORSH_OK);
    assert_int_equal(seed, 7);
}

static void states_resume(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_generator own = torsh_generator_make(1);
    unsigned char saved[TORSH_GENERATOR_STATE_BYTES], broken[TORSH_GENERATOR_STATE_BYTES];
    torsh_rand_with(TORSH_DIMS(3), TORSH_F64, TORSH_CPU, own);
    torsh_normal_(torsh_zeros(TORSH_DIMS(5), TORSH_F64, TORSH_CPU), 0, 1, own); /* leaves one of a pair of normals behind */
    assert_int_equal(torsh_generator_get_state(own, saved, sizeof saved), TORSH_OK);
    torsh_tensor next = torsh_randn_with(TORSH_DIMS(5), TORSH_F64, TORSH_CPU, own);
    torsh_generator other = torsh_generator_make(99);
    assert_int_equal(torsh_generator_set_state(other, saved, sizeof saved), TORSH_OK);
    assert_true(equal(next, torsh_randn_with(TORSH_DIMS(5), TORSH_F64, TORSH_CPU, other)));

    memset(broken, 0xFF, sizeof broken);
    assert_int_equal(torsh_generator_set_state(other, broken, sizeof broken), TORSH_FORMAT_ERROR);
    assert_int_equal(torsh_generator_set_state(other, saved, 10), TORSH_FORMAT_ERROR);
    assert_int_equal(torsh_generator_get_state(other, saved, 10), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_generator_get_state(other, NULL, sizeof saved), TORSH_INVALID_ARGUMENT);
}

static void misuse_is_an_error(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_generator gone = torsh_generator_make(1);
    torsh_tensor t = torsh_zeros(TORSH_DIMS(3), TORSH_F32, TORSH_CPU);
    torsh_release(gone);
    assert_int_equal(torsh_id_status(draw(gone).id), TORSH_INVALID_HANDLE);
    assert_int_equal(torsh_id_status(torsh_uniform_(t, 0, 1, gone).id), TORSH_INVALID_HANDLE);
    assert_int_equal(torsh_id_status(torsh_uniform_(t, 0, 1, (torsh_generator){t.id}).id), TORSH_INVALID_HANDLE);
    assert_int_equal(torsh_tensor_version(t), 0);
    assert_int_equal(torsh_id_status(torsh_uniform_(t, 1, 0, TORSH_DEFAULT_GENERATOR).id), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_id_status(torsh_bernoulli_(t, 1.5, TORSH_DEFAULT_GENERATOR).id), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_id_status(torsh_bernoulli(torsh_full(TORSH_DIMS(2), 2, TORSH_F32, TORSH_CPU), TORSH_DEFAULT_GENERATOR).id), TORSH_OUT_OF_RANGE);
    assert_int_equal(torsh_id_status(torsh_randint(5, 5, TORSH_DIMS(2), TORSH_I64, TORSH_CPU).id), TORSH_OUT_OF_RANGE);
    assert_int_equal(torsh_id_status(torsh_randint(0, 1000, TORSH_DIMS(2), TORSH_U8, TORSH_CPU).id), TORSH_OUT_OF_RANGE);
    assert_int_equal(torsh_id_status(torsh_dropout(t, -0.1, true).id), TORSH_INVALID_ARGUMENT);
}

static void threads_do_not_change_numbers(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    int threads = torsh_num_threads();
    torsh_tensor x = torsh_ones(TORSH_DIMS(300, 1000), TORSH_F32, TORSH_CPU), one[2], many[2];
    torsh_set_num_threads(1);
    torsh_manual_seed(3);
    one[0] = draw(TORSH_DEFAULT_GENERATOR);
    one[1] = torsh_dropout(x, 0.3, true);
    torsh_set_num_threads(4);
    torsh_manual_seed(3);
    many[0] = draw(TORSH_DEFAULT_GENERATOR);
    many[1] = torsh_dropout(x, 0.3, true);
    torsh_set_num_threads(threads);
    assert_true(equal(one[0], many[0]));
    assert_true(equal(one[1], many[1]));
}

static void *draw_some(void *generator)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    for (int i = 0; i < 100; i++)
        if (TORSH_FAILED(torsh_randint_with(0, 1 << 20, TORSH_DIMS(10), TORSH_I32, TORSH_CPU, *(torsh_generator *)generator))) return generator;
    return NULL;
}

/* Threads that share a generator each get numbers that no other gets: after them it stands where one thread would have left it. */
static void generators_are_shared(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_generator shared = torsh_generator_make(11), alone = torsh_generator_make(11);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, draw_some, &shared), 0);
    for (int i = 0; i < 4; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    for (int i = 0; i < 4; i++) assert_null(draw_some(&alone));
    assert_true(equal(draw(shared), draw(alone)));
}

static void dropout_keeps_its_mask(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = torsh_ones(TORSH_DIMS(100, 100), TORSH_F32, TORSH_CPU);
    torsh_set_requires_grad(x, true);
    torsh_manual_seed(5);
    torsh_tensor y = torsh_dropout(x, 0.25, true);
    assert_int_equal(torsh_backward(torsh_sum(y, TORSH_ALL_DIMS, false)), TORSH_OK);
    assert_true(equal(torsh_grad(x), y)); /* of ones, both are the noise itself */
    double kept = torsh_item(torsh_sum(torsh_ne(y, torsh_number(0)), TORSH_ALL_DIMS, false));
    assert_true(kept > 7200 && kept < 7800);
    assert_int_equal(torsh_storage_id(torsh_dropout(x, 0.25, false)), torsh_storage_id(x));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_follow_their_seed), cmocka_unit_test(states_resume),         cmocka_unit_test(misuse_is_an_error),
        cmocka_unit_test(threads_do_not_change_numbers), cmocka_unit_test(generators_are_shared), cmocka_unit_test(dropout_keeps_its_mask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
