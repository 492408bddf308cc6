/* vmap of every row: for each golden record three samples, made of the record's tensors by putting their elements in another order, must
 * give together what they give one by one, which other tests judge by PyTorch. With all tensors batched, the first alone, and all but it;
 * and gradients through vmap. */
#include "records.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SAMPLES = 3, MOST_TENSORS = 48 };
typedef enum which { ALL, FIRST, REST, WHICH } which;

typedef struct tally {
    long checks, failures, refused;
} tally;

/* A record's tensors, flattened: where each goes, and whether it differs by sample. */
typedef struct plan {
    const record *r;
    size_t count;
    struct { size_t argument, element; const golden *value; bool batched; } slot[MOST_TENSORS];
} plan;

static void report(tally *t, const record *r, const char *what, const char *problem)
{
    t->checks++;
    if (!*problem) return;
    if (t->failures++ < 400) print_error("%s, %s: %s\n", describe(r), what, problem);
}

static bool make_plan(plan *p, const record *r, which mode)
{
    bool any = false;
    p->r = r;
    p->count = 0;
    for (size_t i = 0; i < r->argument_count; i++) {
        const argument *a = &r->arguments[i];
        for (size_t k = 0; (a->kind == 'T' && k == 0) || (a->kind == 'L' && k < a->count); k++) {
            const golden *g = a->kind == 'T' ? &a->tensor : &a->list[k];
            if (g->rank == SIZE_MAX || g->rank >= 8 || p->count == MOST_TENSORS) continue;
            bool batched = mode == ALL || (mode == FIRST) == (p->count == 0);
            p->slot[p->count].argument = i;
            p->slot[p->count].element = k;
            p->slot[p->count].value = g;
            p->slot[p->count++].batched = batched;
            any |= batched;
        }
    }
    return any;
}

/* Sample 0 is g itself, 1 its elements from the end to the start, 2 each a place further. */
static torsh_tensor sample_of(const golden *g, int sample)
{
    size_t size = torsh_dtype_size(g->dtype), count = g->bytes / size;
    unsigned char *data = malloc(g->bytes + 1);
    for (size_t i = 0; i < count; i++) {
        size_t from = sample == 0 ? i : sample == 1 ? count - 1 - i : (i + 1) % count;
        memcpy(data + i * size, g->data + from * size, size);
    }
    torsh_tensor t = torsh_from_data(data, g->sizes, g->rank, g->dtype, TORSH_CPU);
    free(data);
    return t;
}

static void fill_values(const plan *p, const torsh_tensor *tensors, torsh_value *values, torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST])
{
    make_values(p->r, CONTIGUOUS, values, lists);
    for (size_t i = 0; i < p->count; i++) {
        size_t a = p->slot[i].argument;
        if (p->r->arguments[a].kind == 'L') lists[a][p->slot[i].element] = tensors[i];
        else values[a].handle = tensors[i].id;
    }
}

static torsh_tensors call_row(void *context, const torsh_tensor *inputs, size_t count)
{
    const plan *p = context;
    (void)count;
    torsh_value values[MOST_ARGUMENTS];
    torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST], results[MOST_RESULTS];
    fill_values(p, inputs, values, lists);
    size_t made = call(p->r, values, results);
    for (size_t i = 0; i < made; i++)
        if (TORSH_FAILED(results[i])) return (torsh_tensors){results[i].id};
    return torsh_tensors_make(results, made < MOST_RESULTS ? made : MOST_RESULTS);
}

/* t's elements as a golden; the memory is the caller's. */
static golden read_back(torsh_tensor t)
{
    golden g = {.dtype = torsh_dtype_of(t), .rank = (size_t)torsh_ndim(t)};
    for (size_t d = 0; d < g.rank; d++) g.sizes[d] = torsh_sizes(t)[d];
    g.bytes = (size_t)torsh_numel(t) * torsh_dtype_size(g.dtype);
    unsigned char *data = malloc(g.bytes + 1);
    torsh_to_host(t, data, g.bytes);
    g.data = data;
    return g;
}

static const char *compare(torsh_tensor have, torsh_tensor want)
{
    golden g = read_back(want);
    const char *text = difference(have, &g);
    free((void *)(uintptr_t)g.data);
    return text;
}

static torsh_tensor seed_of(torsh_tensor like)
{
    size_t count = (size_t)torsh_numel(like);
    double *w = malloc((count + 1) * sizeof *w);
    for (size_t i = 0; i < count; i++) w[i] = 0.5 + (double)(i % 7) / 7;
    torsh_tensor t = torsh_from_slice(w, count, torsh_sizes(like), (size_t)torsh_ndim(like), torsh_dtype_of(like), TORSH_CPU);
    free(w);
    return t;
}

/* Inputs of one sample, or of all: stacked where they differ. */
static void make_inputs(const plan *p, int sample, torsh_tensor *inputs)
{
    for (size_t i = 0; i < p->count; i++) {
        const golden *g = p->slot[i].value;
        if (!p->slot[i].batched || sample >= 0) {
            inputs[i] = sample_of(g, p->slot[i].batched ? sample : 0);
            continue;
        }
        torsh_tensor parts[SAMPLES];
        for (int k = 0; k < SAMPLES; k++) parts[k] = sample_of(g, k);
        inputs[i] = torsh_stack(parts, SAMPLES, 0);
    }
}

/* Gradients of the results' weighted sum by the record's inputs; seeds are those of one sample, repeated for all. */
static torsh_tensors differentiate(const plan *p, torsh_tensors results, const torsh_tensor *leaves, const torsh_tensor *seeds, bool all)
{
    torsh_tensor outputs[MOST_RESULTS], weights[MOST_RESULTS];
    size_t count = 0;
    for (int64_t i = 0; i < torsh_tensors_size(results) && i < MOST_RESULTS; i++) {
        torsh_tensor y = torsh_tensors_get(results, i);
        if (!torsh_requires_grad(y)) continue;
        outputs[count] = y;
        weights[count++] = all ? torsh_expand(seeds[i], torsh_sizes(y), (size_t)torsh_ndim(y)) : seeds[i];
    }
    torsh_grad_options options = torsh_grad_defaults();
    options.materialize_grads = true;
    return torsh_autograd_grad(outputs, count, leaves, p->r->gradient_count, weights, &options);
}

/* Makes the tensors that the record has gradients of require them; in-place rows get copies of those. */
static void track(const plan *p, torsh_tensor *inputs, torsh_tensor *leaves)
{
    for (size_t i = 0; i < p->r->gradient_count; i++)
        for (size_t k = 0; k < p->count; k++) {
            if (p->slot[k].argument != p->r->gradients[i].argument || (p->r->arguments[p->slot[k].argument].kind == 'L' && p->slot[k].element != p->r->gradients[i].element)) continue;
            leaves[i] = inputs[k];
            torsh_set_requires_grad(leaves[i], true);
            if (only_in_place(p->r->op)) inputs[k] = torsh_clone(leaves[i]);
        }
}

/* Rows that write to tensors beside their results may be refused where those are one for all samples. */
static bool may_refuse(const record *r, torsh_tensors together)
{
    static const char *const names[] = {"fused_sgd_", "fused_adam_", "batch_norm", "native_batch_norm", "instance_norm", "embedding_max_norm"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(r->name, names[i]) == 0 && (strstr(torsh_id_error(together.id), "all samples of a vmap") || strstr(torsh_id_error(together.id), "changes several"))) return true;
    return false;
}

static void check_mode(const record *r, which mode, tally *t)
{
    static const char *const names[WHICH] = {"all batched", "the first batched", "all but the first batched"};
    plan p;
    if (!make_plan(&p, r, mode) || (mode == REST && only_in_place(r->op))) return;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    bool gradients = r->gradient_count > 0;
    torsh_tensor inputs[MOST_TENSORS], leaves[MOST_GRADIENTS], one[MOST_TENSORS], ones[SAMPLES][MOST_GRADIENTS], seeds[MOST_RESULTS];
    torsh_tensors each[SAMPLES], each_gradients[SAMPLES];
    bool works = true;
    for (int k = 0; k < SAMPLES && works; k++) {
        make_inputs(&p, k, one);
        if (gradients) track(&p, one, ones[k]);
        each[k] = call_row(&p, one, p.count);
        works = !TORSH_FAILED(each[k]);
        for (int64_t i = 0; works && i < torsh_tensors_size(each[k]); i++) {
            torsh_tensor first = torsh_tensors_get(each[0], i), y = torsh_tensors_get(each[k], i);
            works = torsh_tensors_size(each[0]) == torsh_tensors_size(each[k]) && strcmp(torsh_shape_text(first), torsh_shape_text(y)) == 0;
        }
    }
    make_inputs(&p, -1, inputs);
    if (gradients) track(&p, inputs, leaves);
    int64_t dims[MOST_TENSORS];
    for (size_t i = 0; i < p.count; i++) dims[i] = p.slot[i].batched ? 0 : TORSH_VMAP_NONE;
    torsh_vmap_options options = torsh_vmap_defaults();
    options.in_dims = dims;
    options.in_dim_count = p.count;
    torsh_tensors together = torsh_vmap_list(call_row, &p, inputs, p.count, &options);
    if (!works) {
        t->refused++;
        report(t, r, names[mode], TORSH_FAILED(together) ? "" : "works for samples that fail or differ in shape one by one");
        return;
    }
    if (TORSH_FAILED(together) && may_refuse(r, together)) {
        t->refused++;
        return;
    }
    if (TORSH_FAILED(together)) {
        report(t, r, names[mode], torsh_id_error(together.id));
        return;
    }
    for (int k = 0; k < SAMPLES; k++)
        for (int64_t i = 0; i < torsh_tensors_size(each[k]); i++)
            report(t, r, names[mode], compare(torsh_select(torsh_tensors_get(together, i), 0, k), torsh_tensors_get(each[k], i)));
    if (!gradients || mode != ALL) return;
    for (int64_t i = 0; i < torsh_tensors_size(each[0]) && i < MOST_RESULTS; i++) seeds[i] = seed_of(torsh_tensors_get(each[0], i));
    for (int k = 0; k < SAMPLES; k++) each_gradients[k] = differentiate(&p, each[k], ones[k], seeds, false);
    torsh_tensors all = differentiate(&p, together, leaves, seeds, true);
    if (TORSH_FAILED(each_gradients[0])) return;
    for (int k = 0; k < SAMPLES; k++)
        for (int64_t i = 0; i < (int64_t)r->gradient_count; i++) {
            torsh_tensor have = TORSH_FAILED(all) ? (torsh_tensor){all.id} : torsh_select(torsh_tensors_get(all, i), 0, k);
            report(t, r, "gradient", compare(have, torsh_tensors_get(each_gradients[k], i)));
        }
}

static bool is_random(const torsh__op *op)
{
    if (op->impl && !op->compose) return (op->impl->flags & (TORSH__RANDOM | TORSH__UNJUDGED)) != 0;
    return strncmp(op->info.name, "rand", 4) == 0 || strncmp(op->info.name, "empty", 5) == 0 || strstr(op->info.name, "dropout") || strcmp(op->info.name, "rrelu") == 0 || strcmp(op->info.name, "binomial") == 0 || strcmp(op->info.name, "gumbel_softmax") == 0 ||
           strstr(op->info.name, "fractional") || strstr(op->info.name, "lowrank") || strcmp(op->info.name, "normal_size") == 0;
}

static void check(const record *r, void *context)
{
    if (!r->op || r->unavailable || is_random(r->op)) return;
    for (which mode = ALL; mode < WHICH; mode++) check_mode(r, mode, context);
}

static void rows_give_for_all_samples_what_they_give_for_each(void **state)
{
    (void)state;
    tally t = {0};
    int64_t handles = torsh_live_handles();
    assert_true(each_record(check, &t) > 0);
    assert_int_equal(torsh_live_handles(), handles);
    print_message("%ld checks, %ld of samples that can't be put together, %ld failures\n", t.checks, t.refused, t.failures);
    assert_int_equal(t.failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_give_for_all_samples_what_they_give_for_each)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
