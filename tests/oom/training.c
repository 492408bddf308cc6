/* Two small trainings for the memory tests. */
#include "training.h"

static torsh_module make_mlp(void)
{
    return torsh_nn_sequential(TORSH_MODULES(torsh_nn_flatten(1, -1), torsh_nn_linear(64, 16, true, TORSH_CPU), torsh_nn_relu(), torsh_nn_dropout(0.25),
                                             torsh_nn_linear(16, 10, true, TORSH_CPU)));
}

static torsh_module make_cnn(void)
{
    return torsh_nn_sequential(TORSH_MODULES(torsh_nn_conv2d(1, 4, 3, 1, 1, true, TORSH_CPU), torsh_nn_batch_norm2d(4, TORSH_CPU), torsh_nn_relu(),
                                             torsh_nn_max_pool2d(2, 2, 0), torsh_nn_conv2d(4, 6, 3, 1, 1, true, TORSH_CPU), torsh_nn_relu(),
                                             torsh_nn_max_pool2d(2, 2, 0), torsh_nn_flatten(1, -1), torsh_nn_linear(24, 10, true, TORSH_CPU)));
}

torsh_status training_start(training *t, network which, int workers)
{
    double mean = 0.2, deviation = 0.4;
    t->model = which == MLP ? make_mlp() : make_cnn();
    t->optimizer = torsh_optim_adam(torsh_nn_parameters(t->model), 0.01);
    torsh_loader_options options = torsh_loader_defaults();
    options.batch_size = 4;
    options.shuffle = true;
    options.workers = workers;
    t->loader = torsh_loader_make(torsh_dataset_normalize(torsh_dataset_digits(16, 1), &mean, &deviation, 1), &options);
    torsh_status status = torsh_id_status(t->optimizer.id);
    return status ? status : torsh_id_status(t->loader.id);
}

torsh_status training_step(const training *t)
{
    TORSH_AUTO torsh_scope step = torsh_scope_open();
    torsh_batch batch;
    torsh_status status = torsh_loader_next(t->loader, &batch);
    if (status == TORSH_END) status = torsh_loader_next(t->loader, &batch);
    if (status) return status;
    torsh_tensor loss = torsh_cross_entropy(torsh_nn_forward(t->model, batch.input), batch.target, NULL);
    torsh_optim_zero_grad(t->optimizer);
    status = torsh_backward(loss);
    return status ? status : torsh_optim_step(t->optimizer);
}

torsh_status training_save(const training *t, const char *path)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_checkpoint file = torsh_checkpoint_make();
    torsh_status status = torsh_checkpoint_set_dict(file, "model", torsh_nn_state_dict(t->model));
    if (status == TORSH_OK) status = torsh_checkpoint_set_dict(file, "optimizer", torsh_optim_state_dict(t->optimizer));
    if (status == TORSH_OK) status = torsh_checkpoint_set(file, "loader", torsh_loader_state(t->loader));
    return status ? status : torsh_checkpoint_save(file, path);
}
