/* Trains a small convolutional network on Fashion-MNIST and writes a checkpoint and a report.
 *
 * The run can be interrupted at any moment, with Ctrl-C or by force, and started again with --resume: it goes on from its last
 * checkpoint and ends with the same bits as if nothing had happened. That works because one file holds everything that the
 * next step depends on: parameters, Adam's moments, the learning rate, the order of the pictures and the place in it, and the
 * random generator. The loss so far is in it too, for the report. */
#include "model.h"
#include "options.h"
#include "progress.h"
#include "report.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char help[] =
    "usage: train [options]\n"
    "\n"
    "Trains a network on Fashion-MNIST; writes OUT/fashion.safetensors and OUT/report.html.\n"
    "\n"
    "  --data DIR      where the data set is (default: where Debian's dataset-fashion-mnist puts it)\n"
    "  --epochs N      5: times through the training pictures\n"
    "  --batch N       64: pictures per step\n"
    "  --lr X          0.001: learning rate at the start; it falls to 0 in a straight line\n"
    "  --seed N        1: another seed, another run; the same seed, the same bits\n"
    "  --threads N     threads for each op (default: all cores); doesn't change the result\n"
    "  --out DIR       .: where the checkpoint and the report go\n"
    "  --save-every N  200: steps between checkpoints\n"
    "  --resume        go on from the checkpoint in OUT; the other options must be those of the first run\n"
    "  --help          this text\n"
    "\n"
    "Ctrl-C finishes the step and saves. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.\n";

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

typedef struct run {
    demo_options options;
    demo_data data;
    torsh_training training;  /* the model and all that trains it */
    torsh_tensor loss;        /* of each step so far: f32 (steps of the whole run) */
    torsh_tensor accuracy;    /* on the test pictures after each epoch: f64 (epochs) */
    int64_t steps, step;      /* of the whole run; done */
    int64_t epoch;            /* epochs done, evaluation included */
    progress progress;
    char recipe[200], checkpoint[4096], report[4096];
} run;

static int fail(const char *what)
{
    fprintf(stderr, "train: %s: %s\n", what, torsh_last_error());
    return FAILED;
}

/* ---- checkpoints --------------------------------------------------------------------------------------------- */

static torsh_status save(const run *r)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_checkpoint checkpoint = torsh_checkpoint_make();
    torsh_status status = torsh_checkpoint_set_training(checkpoint, &r->training);
    if (status == TORSH_OK) status = torsh_checkpoint_set_text(checkpoint, "recipe", r->recipe);
    if (status == TORSH_OK) status = torsh_checkpoint_set(checkpoint, "history.loss", r->loss);
    if (status == TORSH_OK) status = torsh_checkpoint_set(checkpoint, "history.accuracy", r->accuracy);
    if (status == TORSH_OK) status = torsh_checkpoint_set(checkpoint, "history.step", torsh_integer(r->step));
    if (status == TORSH_OK) status = torsh_checkpoint_set(checkpoint, "history.epoch", torsh_integer(r->epoch));
    return status ? status : torsh_checkpoint_save(checkpoint, r->checkpoint);
}

static torsh_status restore(run *r, torsh_checkpoint checkpoint)
{
    torsh_status status = torsh_checkpoint_restore_training(checkpoint, &r->training);
    if (status == TORSH_OK) status = torsh_item_i64(torsh_checkpoint_get(checkpoint, "history.step"), &r->step);
    if (status == TORSH_OK) status = torsh_item_i64(torsh_checkpoint_get(checkpoint, "history.epoch"), &r->epoch);
    if (status == TORSH_OK) status = torsh_id_status(torsh_copy_(r->loss, torsh_checkpoint_get(checkpoint, "history.loss")).id);
    if (status == TORSH_OK) status = torsh_id_status(torsh_copy_(r->accuracy, torsh_checkpoint_get(checkpoint, "history.accuracy")).id);
    return status;
}

/* Goes on from the checkpoint, if there is one. */
static int resume(run *r)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    struct stat stat_of_file;
    if (stat(r->checkpoint, &stat_of_file) != 0 && errno == ENOENT) {
        printf("no checkpoint at %s yet: starting from the beginning\n", r->checkpoint);
        return DONE;
    }
    torsh_checkpoint checkpoint = torsh_load(r->checkpoint);
    if (TORSH_FAILED(checkpoint)) return fail("resume");
    const char *recipe = torsh_checkpoint_text(checkpoint, "recipe");
    if (!recipe || strcmp(recipe, r->recipe) != 0) {
        fprintf(stderr, "train: the checkpoint is of another run\n  it:   %s\n  this: %s\n", recipe ? recipe : "unknown", r->recipe);
        return USAGE;
    }
    if (restore(r, checkpoint) != TORSH_OK) return fail("resume");
    printf("resuming behind step %lld of %lld\n", (long long)r->step, (long long)r->steps);
    return DONE;
}

/* ---- training ------------------------------------------------------------------------------------------------ */

/* One step on the loader's next batch. TORSH_END behind the last one of the epoch. */
static torsh_status train_step(run *r, double *value)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_batch batch;
    torsh_status status = torsh_loader_next(r->training.loader, &batch);
    if (status != TORSH_OK) return status;
    torsh_tensor scores = torsh_nn_forward(r->training.model, batch.input); /* (N, CLASSES) */
    torsh_tensor loss = torsh_cross_entropy(scores, batch.target, NULL);
    torsh_optim_zero_grad(r->training.optimizer);
    torsh_backward(loss);
    status = torsh_optim_step(r->training.optimizer); /* carries the first error of the step */
    if (status == TORSH_OK) status = torsh_lr_scheduler_step(r->training.scheduler);
    if (status == TORSH_OK) status = torsh_item_f64(loss, value);
    return status;
}

/* The rest of an epoch. TORSH_CANCELLED after Ctrl-C. */
static torsh_status train_epoch(run *r)
{
    float *losses = torsh_data(r->loss);
    int64_t steps = torsh_loader_size(r->training.loader);
    progress_pause(&r->progress);
    for (;;) {
        double loss;
        torsh_status status = train_step(r, &loss);
        if (status != TORSH_OK) return status == TORSH_END ? TORSH_OK : status;
        losses[r->step++] = (float)loss;
        progress_step(&r->progress, r->epoch, r->step - 1 - r->epoch * steps, loss);
        if (interrupted || r->step % r->options.save_every == 0) status = save(r);
        if (status != TORSH_OK) return status;
        if (interrupted) return TORSH_CANCELLED;
    }
}

static torsh_status evaluate(run *r, evaluation *result)
{
    torsh_status status = demo_evaluate(r->training.model, r->data.test, result);
    if (status != TORSH_OK) return status;
    double accuracy = (double)result->correct / (double)result->count;
    progress_clear(&r->progress);
    printf("epoch %lld: %.2f %% of %lld test pictures right\n", (long long)r->epoch + 1, 100 * accuracy, (long long)result->count);
    ((double *)torsh_data(r->accuracy))[r->epoch++] = accuracy;
    return save(r);
}

static int train(run *r)
{
    evaluation last = {0};
    torsh_status status = TORSH_OK;
    if (r->epoch == r->options.epochs) status = demo_evaluate(r->training.model, r->data.test, &last); /* it was finished already */
    while (r->epoch < r->options.epochs && status == TORSH_OK) {
        status = train_epoch(r);
        if (status == TORSH_OK) status = evaluate(r, &last);
    }
    if (status == TORSH_CANCELLED) {
        progress_clear(&r->progress);
        printf("interrupted behind step %lld; go on with --resume\n", (long long)r->step);
        return INTERRUPTED;
    }
    if (status != TORSH_OK) return fail("training");

    const demo_report report = {&r->data, r->recipe, torsh_data(r->loss), r->steps, torsh_data(r->accuracy), r->epoch, &last};
    if (report_write(&report, r->report) != TORSH_OK) {
        fprintf(stderr, "train: %s: %s\n", r->report, strerror(errno));
        return FAILED;
    }
    printf("%.2f %% of the test pictures right; wrote %s and %s\n", 100.0 * (double)last.correct / (double)last.count, r->checkpoint, r->report);
    return DONE;
}

/* ---- setting up ---------------------------------------------------------------------------------------------- */

static torsh_status set_up(run *r)
{
    torsh_status status = demo_open(r->options.data, &r->data);
    if (status != TORSH_OK) return status;
    if (r->options.threads) torsh_set_num_threads(r->options.threads);
    torsh_manual_seed(r->options.seed); /* the first weights and the order of the pictures come from it */

    torsh_loader_options loading = torsh_loader_defaults();
    loading.batch_size = r->options.batch;
    loading.shuffle = true;
    torsh_training *t = &r->training;
    t->loader = torsh_loader_make(r->data.train, &loading);
    t->model = demo_network(r->data.side);
    t->optimizer = torsh_optim_adam(torsh_nn_parameters(t->model), r->options.lr);
    r->steps = torsh_loader_size(t->loader) * r->options.epochs;
    t->scheduler = torsh_lr_scheduler_linear_lr(t->optimizer, 1, 0, r->steps);
    r->loss = torsh_zeros(TORSH_DIMS(r->steps), TORSH_F32, TORSH_CPU);
    r->accuracy = torsh_zeros(TORSH_DIMS(r->options.epochs), TORSH_F64, TORSH_CPU);
    r->progress = progress_start(r->options.epochs, torsh_loader_size(t->loader), r->options.batch);
    options_recipe(&r->options, r->data.name, r->recipe, sizeof r->recipe);
    if (TORSH_FAILED(r->accuracy)) return torsh_id_status(r->accuracy.id);
    return TORSH_FAILED(t->scheduler) ? torsh_id_status(t->scheduler.id) : torsh_id_status(r->loss.id);
}

int main(int count, char **arguments)
{
    static run r;
    int code;
    setvbuf(stdout, NULL, _IOLBF, 0); /* lines come at once, in a file too */
    if (!options_parse(count, arguments, help, &r.options, &code)) return code;
    if (mkdir(r.options.out, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "train: %s: %s\n", r.options.out, strerror(errno));
        return FAILED;
    }
    snprintf(r.checkpoint, sizeof r.checkpoint, "%s/fashion.safetensors", r.options.out);
    snprintf(r.report, sizeof r.report, "%s/report.html", r.options.out);
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND}; /* a second Ctrl-C ends at once */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);

    TORSH_AUTO torsh_scope all = torsh_scope_open();
    if (set_up(&r) != TORSH_OK) return fail("setting up");
    printf("%s; %lld parameters\n", r.recipe, (long long)torsh_nn_parameter_numel(r.training.model));
    code = r.options.resume ? resume(&r) : DONE;
    return code == DONE ? train(&r) : code;
}
