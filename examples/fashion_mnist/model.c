/* The network and its data. */
#include "model.h"

#include <stdio.h>

static const char *const clothes[CLASSES] = {"T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Boot"};
static const char *const digits[CLASSES] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};

torsh_status demo_open(const char *directory, demo_data *data)
{
    double mean = 0.2860, std = 0.3530; /* of Fashion-MNIST's training pictures */
    *data = (demo_data){.name = "Fashion-MNIST", .classes = clothes, .side = 28};
    torsh_dataset train = torsh_dataset_fashion_mnist(directory, true);
    data->pictures = torsh_dataset_fashion_mnist(directory, false);
    if (torsh_id_status(train.id) == TORSH_IO_ERROR || torsh_id_status(data->pictures.id) == TORSH_IO_ERROR) {
        fprintf(stderr, "Fashion-MNIST is not there (%s),\nso these are digits that the library draws itself. Debian has the data: apt install dataset-fashion-mnist\n",
                torsh_last_error());
        *data = (demo_data){.name = "drawn digits", .classes = digits, .side = 8};
        train = torsh_dataset_digits(4000, 1);
        data->pictures = torsh_dataset_digits(1000, 2);
        mean = 0.35;
        std = 0.40;
    }
    data->train = torsh_dataset_normalize(train, &mean, &std, 1);
    data->test = torsh_dataset_normalize(data->pictures, &mean, &std, 1);
    return TORSH_FAILED(data->train) ? torsh_id_status(data->train.id) : torsh_id_status(data->test.id);
}

torsh_module demo_network(int64_t side)
{
    int64_t left = side / 4; /* after two poolings */
    return torsh_nn_sequential(TORSH_MODULES(
        torsh_nn_conv2d(1, 32, 3, 1, 1, true, TORSH_CPU),  /* (N, 32, side, side) */
        torsh_nn_relu(),
        torsh_nn_max_pool2d(2, 0, 0),                      /* (N, 32, side / 2, side / 2) */
        torsh_nn_conv2d(32, 64, 3, 1, 1, true, TORSH_CPU), /* (N, 64, side / 2, side / 2) */
        torsh_nn_relu(),
        torsh_nn_max_pool2d(2, 0, 0),                      /* (N, 64, side / 4, side / 4) */
        torsh_nn_flatten(1, -1),
        torsh_nn_linear(64 * left * left, 128, true, TORSH_CPU),
        torsh_nn_relu(),
        torsh_nn_linear(128, CLASSES, true, TORSH_CPU)));
}

/* Counts one batch's predictions. */
static torsh_status count_batch(const torsh_batch *batch, torsh_tensor scores, evaluation *result)
{
    torsh_tensor predicted = torsh_argmax(scores, TORSH_DIMS(1), false); /* (N) */
    const int64_t *guess = torsh_data(predicted), *truth = torsh_data(batch->target);
    if (!guess || !truth) return TORSH_FAILED(predicted) ? torsh_id_status(predicted.id) : torsh_id_status(batch->target.id);
    for (int64_t i = 0; i < batch->size; i++) {
        if (result->count < SHOWN) result->predicted[result->count] = guess[i];
        result->count++;
        result->correct += guess[i] == truth[i];
        result->confusion[truth[i]][guess[i]]++;
    }
    return TORSH_OK;
}

torsh_status demo_evaluate(torsh_module network, torsh_dataset test, evaluation *result)
{
    TORSH_AUTO torsh_scope all = torsh_scope_open();
    TORSH_AUTO torsh_scope quiet = torsh_no_grad();
    *result = (evaluation){0};
    torsh_loader_options options = torsh_loader_defaults();
    options.batch_size = 500;
    torsh_loader loader = torsh_loader_make(test, &options);
    torsh_status status = torsh_nn_eval(network);
    while (status == TORSH_OK) {
        TORSH_AUTO torsh_scope step = torsh_scope_open();
        torsh_batch batch;
        status = torsh_loader_next(loader, &batch);
        if (status == TORSH_OK) status = count_batch(&batch, torsh_nn_forward(network, batch.input), result);
    }
    if (status == TORSH_END) status = torsh_nn_train(network, true);
    return status;
}
