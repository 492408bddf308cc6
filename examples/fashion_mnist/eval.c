/* Loads the checkpoint that train wrote and says how many test pictures the network gets right. */
#include "model.h"
#include "options.h"

#include <stdio.h>
#include <string.h>

static const char help[] = "usage: eval [--data DIR] [--threads N] [--out DIR]\n"
                           "\n"
                           "Evaluates the network in OUT/fashion.safetensors on the test pictures.\n"
                           "Exit codes: 0 done, 1 failed, 2 wrong usage.\n";

static int fail(const char *what)
{
    fprintf(stderr, "eval: %s: %s\n", what, torsh_last_error());
    return FAILED;
}

int main(int count, char **arguments)
{
    demo_options options;
    int code;
    if (!options_parse(count, arguments, help, &options, &code)) return code;
    char path[4096];
    snprintf(path, sizeof path, "%s/fashion.safetensors", options.out);

    TORSH_AUTO torsh_scope all = torsh_scope_open();
    if (options.threads) torsh_set_num_threads(options.threads);
    demo_data data;
    evaluation result;
    if (demo_open(options.data, &data) != TORSH_OK) return fail("data");
    torsh_module network = demo_network(data.side);
    torsh_checkpoint checkpoint = torsh_load(path);
    if (torsh_nn_load_state_dict(network, torsh_checkpoint_get_dict(checkpoint, "model"), true) != TORSH_OK) return fail("loading");
    if (demo_evaluate(network, data.test, &result) != TORSH_OK) return fail("evaluating");

    printf("%.2f %% of %lld test pictures right\n", 100.0 * (double)result.correct / (double)result.count, (long long)result.count);
    for (int c = 0; c < CLASSES; c++) {
        int64_t row = 0;
        for (int p = 0; p < CLASSES; p++) row += result.confusion[c][p];
        printf("  %-9s %.1f %%\n", data.classes[c], row ? 100.0 * (double)result.confusion[c][c] / (double)row : 0.0);
    }
    return DONE;
}
