/* Whole runs in checkpoints: what goes on from one has the bits of what never stopped; a part that is missing is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <torsh/torsh.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A network with dropout, which draws from the default generator, on random data in shuffled batches. */
static torsh_training make_run(torsh_generator generator)
{
    torsh_manual_seed(3);
    torsh_loader_options options = torsh_loader_defaults();
    options.batch_size = 4;
    options.shuffle = true;
    options.generator = generator;
    torsh_training run = {.generator = generator};
    torsh_dataset dataset = torsh_dataset_from_tensors(TORSH_TENSORS(torsh_randn(TORSH_DIMS(30, 5), TORSH_F32, TORSH_CPU), torsh_randint(0, 3, TORSH_DIMS(30), TORSH_I64, TORSH_CPU)));
    run.model = torsh_nn_sequential(TORSH_MODULES(torsh_nn_linear(5, 16, true, TORSH_CPU), torsh_nn_batch_norm1d(16, TORSH_CPU), torsh_nn_relu(),
                                                  torsh_nn_dropout(0.5), torsh_nn_linear(16, 3, true, TORSH_CPU)));
    run.optimizer = torsh_optim_adamw(torsh_nn_parameters(run.model), 0.01);
    run.scheduler = torsh_lr_scheduler_cosine_annealing_lr(run.optimizer, 30, 0);
    run.loader = torsh_loader_make(dataset, &options);
    return run;
}

static void train(const torsh_training *run, int steps, double *losses)
{
    for (int i = 0; i < steps;) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_batch batch;
        torsh_status status = torsh_loader_next(run->loader, &batch);
        if (status == TORSH_END) continue;
        assert_int_equal(status, TORSH_OK);
        torsh_tensor loss = torsh_cross_entropy(torsh_nn_forward(run->model, batch.input), batch.target, NULL);
        torsh_optim_zero_grad(run->optimizer);
        torsh_backward(loss);
        assert_int_equal(torsh_optim_step(run->optimizer), TORSH_OK);
        assert_int_equal(torsh_lr_scheduler_step(run->scheduler), TORSH_OK);
        losses[i++] = torsh_item(loss);
    }
}

static void goes_on_exactly(void **state)
{
    (void)state;
    char path[64];
    snprintf(path, sizeof path, "/tmp/torsh-training-%ld.st", (long)getpid());
    for (int own = 0; own < 2; own++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        double before[11], expected[20], got[20];
        torsh_training run = make_run(own ? torsh_generator_make(9) : (torsh_generator){0});
        train(&run, 11, before);
        torsh_checkpoint checkpoint = torsh_checkpoint_make();
        assert_int_equal(torsh_checkpoint_set_training(checkpoint, &run), TORSH_OK);
        assert_int_equal(torsh_checkpoint_save(checkpoint, path), TORSH_OK);
        train(&run, 20, expected);

        torsh_training again = make_run(own ? torsh_generator_make(1) : (torsh_generator){0});
        torsh_checkpoint loaded = torsh_load(path);
        torsh_status status = torsh_checkpoint_restore_training(loaded, &again);
        unlink(path);
        if (status == TORSH_UNSUPPORTED) skip(); /* built without jansson */
        assert_int_equal(status, TORSH_OK);
        train(&again, 20, got);
        assert_memory_equal(got, expected, sizeof expected);
        assert_true(torsh_checkpoint_has(loaded, "model.0.weight"));
    }
}

static void names_what_is_missing(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_training run = make_run((torsh_generator){0}), model = {.model = run.model}, loader = {.loader = run.loader};
    torsh_checkpoint checkpoint = torsh_checkpoint_make();
    assert_int_equal(torsh_checkpoint_set_training(checkpoint, &model), TORSH_OK);
    assert_int_equal(torsh_checkpoint_restore_training(checkpoint, &model), TORSH_OK);
    assert_int_equal(torsh_checkpoint_restore_training(checkpoint, &loader), TORSH_OUT_OF_RANGE);
    assert_non_null(strstr(torsh_last_error(), "'loader'"));
    assert_int_not_equal(torsh_checkpoint_restore_training(checkpoint, &run), TORSH_OK);
    assert_int_equal(torsh_checkpoint_set(checkpoint, "default_generator", torsh_scalar(1, TORSH_F32, TORSH_CPU)), TORSH_OK);
    assert_int_equal(torsh_checkpoint_restore_training(checkpoint, &model), TORSH_FORMAT_ERROR);
    assert_int_equal(torsh_checkpoint_set_training(checkpoint, NULL), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_checkpoint_set_training((torsh_checkpoint){0}, &model), TORSH_INVALID_HANDLE);

    /* A dict without a prefix is the whole file. */
    torsh_checkpoint bare = torsh_checkpoint_make();
    assert_int_equal(torsh_checkpoint_set_dict(bare, NULL, torsh_nn_state_dict(run.model)), TORSH_OK);
    assert_true(torsh_checkpoint_has(bare, "0.weight"));
    assert_int_equal(torsh_nn_load_state_dict(run.model, torsh_checkpoint_get_dict(bare, NULL), true), TORSH_OK);
    assert_int_equal(torsh_state_dict_size(torsh_checkpoint_get_dict(bare, "none")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(goes_on_exactly), cmocka_unit_test(names_what_is_missing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
