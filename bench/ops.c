/* One side of bench/ops.py: reads a call of an op a line, runs it for a moment, answers with the median nanoseconds of one call, or
 * with "-" and why it failed. A call is the op's name and its arguments:
 *     T:<dtype>:<fill>:<size>,...   a tensor of that dtype; fill: u uniform in [0.1, 0.9), g in [1.1, 1.9), n normal, p a permutation,
 *                                   l linspace from 0 to 1, a arange, o arange from 1, s 1 or -1, d 1/n everywhere and 2 more on the diagonal, x log probabilities along the last dim, k four class indices in a row
 *                                   and then -1, <k> integers below k
 *     W:<x>  a number as a tensor   N  absent   i:<k>  d:<x>  b:<0 or 1>  I:<k>,...  F:<x>,...  s:<text>  L:<tensor>;...  t  f32   t:<dtype>   D  CPU   g  default generator
 * Losses, which have options and are no rows of a table, are here by name with the numbers between tensors and options.
 * "list" answers with the names, kinds and parameter counts of all ops, and "." */
#include "op.h"

#include <torsh/torsh.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_SAMPLES = 512, MOST_ARGUMENTS = 16, MOST_LIST = 8, LINE = 4096 };
static const double LONGEST = 60e6; /* nanoseconds that a call is measured for */

typedef struct arguments {
    torsh_value values[MOST_ARGUMENTS];
    int64_t ints[MOST_ARGUMENTS][8];
    double doubles[MOST_ARGUMENTS][8];
    torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST];
    int count;
} arguments;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static size_t read_ints(const char *text, int64_t *to)
{
    size_t n = 0;
    while (*text && n < 8) {
        char *end;
        to[n] = strtoll(text, &end, 10);
        if (end == text) break;
        n++;
        text = *end == ',' ? end + 1 : end;
    }
    return n;
}

/* The dtype whose name the text begins with; i64 if there is none. */
static torsh_dtype find_dtype(const char *text)
{
    for (int d = 0; d < TORSH_DTYPE_COUNT; d++) {
        size_t length = strlen(torsh_dtype_name((torsh_dtype)d));
        if (strncmp(text, torsh_dtype_name((torsh_dtype)d), length) == 0 && (text[length] == ':' || text[length] == '\0')) return (torsh_dtype)d;
    }
    return TORSH_I64;
}

/* <dtype>:<fill>:<sizes> */
static torsh_tensor read_tensor(const char *text)
{
    int64_t sizes[8];
    const char *fill = strchr(text, ':') + 1;
    size_t rank = read_ints(strchr(fill, ':') + 1, sizes);
    torsh_tensor t;
    switch (*fill) {
    case 'u': t = torsh_add(torsh_mul(torsh_rand(sizes, rank, TORSH_F32, TORSH_CPU), torsh_number(0.8)), torsh_number(0.1)); break;
    case 'g': t = torsh_add(torsh_mul(torsh_rand(sizes, rank, TORSH_F32, TORSH_CPU), torsh_number(0.8)), torsh_number(1.1)); break;
    case 'n': t = torsh_randn(sizes, rank, TORSH_F32, TORSH_CPU); break;
    case 'p': t = torsh_randperm(sizes[0], TORSH_I64, TORSH_CPU); break;
    case 'l': t = torsh_linspace(0, 1, sizes[0], TORSH_F32, TORSH_CPU); break;
    case 'a': t = torsh_arange(0, (double)sizes[0], 1, TORSH_I64, TORSH_CPU); break;
    case 'o': t = torsh_arange(1, (double)sizes[0] + 1, 1, TORSH_I64, TORSH_CPU); break;
    case 'd': t = torsh_add(torsh_mul(torsh_eye(sizes[0], sizes[1], TORSH_F32, TORSH_CPU), torsh_number(2)), torsh_number(1.0 / (double)sizes[0])); break;
    case 's': t = torsh_sign(torsh_randn(sizes, rank, TORSH_F32, TORSH_CPU)); break;
    case 'k': t = torsh_where(torsh_lt(torsh_arange(0, (double)sizes[rank - 1], 1, TORSH_I64, TORSH_CPU), torsh_integer(4)), torsh_randint(0, sizes[rank - 1], sizes, rank, TORSH_I64, TORSH_CPU), torsh_integer(-1)); break;
    case 'x': t = torsh_log_softmax(torsh_randn(sizes, rank, TORSH_F32, TORSH_CPU), -1); break;
    default: t = torsh_randint(0, strtoll(fill, NULL, 10), sizes, rank, TORSH_I64, TORSH_CPU); break;
    }
    return torsh_to_dtype(t, find_dtype(text));
}

/* A copy of one that is kept, for that place in a call: most calls ask for the same few tensors, and random numbers take longer than what is measured. */
static torsh_tensor copy_of(const char *text, size_t place)
{
    static struct { char text[64]; size_t place; torsh_tensor tensor; } kept[12];
    static size_t next;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (kept[i].place == place && strcmp(kept[i].text, text) == 0) return torsh_clone(kept[i].tensor);
    torsh_tensor t = read_tensor(text);
    if (strlen(text) >= sizeof kept->text) return t;
    if (kept[next].tensor.id) torsh_release(kept[next].tensor);
    strcpy(kept[next].text, text);
    kept[next].place = place, kept[next].tensor = t;
    torsh_keep(t);
    next = (next + 1) % (sizeof kept / sizeof *kept);
    return torsh_clone(t);
}

static size_t read_doubles(char *text, double *to)
{
    size_t n = 0;
    for (char *one; n < 8 && (one = strtok_r(text, ",", &text));) to[n++] = atof(one);
    return n;
}

static void read_argument(arguments *a, char *text)
{
    int i = a->count++;
    torsh_value *v = &a->values[i];
    switch (*text) {
    case 'T': v->handle = copy_of(text + 2, (size_t)i).id; break;
    case 'W': v->handle = torsh_number(atof(text + 2)).id; break;
    case 'i':
    case 'b': v->i = strtoll(text + 2, NULL, 10); break;
    case 'd': v->f = atof(text + 2); break;
    case 't': v->i = text[1] ? find_dtype(text + 2) : TORSH_F32; break;
    case 'D': v->i = TORSH_CPU; break;
    case 's': v->text = text + 2; break;
    case 'I':
        v->list.count = read_ints(text + 2, a->ints[i]);
        v->list.data = a->ints[i];
        break;
    case 'F':
        v->list.count = read_doubles(text + 2, a->doubles[i]);
        v->list.data = a->doubles[i];
        break;
    case 'L':
        v->list.count = 0;
        v->list.data = a->lists[i];
        char *rest = text + 2;
        for (char *one; v->list.count < MOST_LIST && (one = strtok_r(rest, ";", &rest));) {
            a->lists[i][v->list.count] = copy_of(one + 2, (size_t)i + 16 * v->list.count);
            v->list.count++;
        }
        break;
    default: v->handle = 0; break;
    }
}

static int compare_doubles(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return a < b ? -1 : a > b;
}

/* ---- losses -------------------------------------------------------------------------------------------------- */

#define IN(i) ((torsh_tensor){v[i].handle})
#define LOSSES(LOSS)                                                                                                                      \
    LOSS(cross_entropy, 2, IN(0), IN(1))                                                                                                  \
    LOSS(nll_loss, 2, IN(0), IN(1))                                                                                                       \
    LOSS(mse_loss, 2, IN(0), IN(1))                                                                                                       \
    LOSS(l1_loss, 2, IN(0), IN(1))                                                                                                        \
    LOSS(huber_loss, 3, IN(0), IN(1), v[2].f)                                                                                             \
    LOSS(smooth_l1_loss, 3, IN(0), IN(1), v[2].f)                                                                                         \
    LOSS(binary_cross_entropy, 2, IN(0), IN(1))                                                                                           \
    LOSS(binary_cross_entropy_with_logits, 2, IN(0), IN(1))                                                                               \
    LOSS(kl_div, 2, IN(0), IN(1), false)                                                                                                  \
    LOSS(soft_margin_loss, 2, IN(0), IN(1))                                                                                               \
    LOSS(margin_ranking_loss, 4, IN(0), IN(1), IN(2), v[3].f)                                                                             \
    LOSS(hinge_embedding_loss, 3, IN(0), IN(1), v[2].f)                                                                                   \
    LOSS(multi_margin_loss, 2, IN(0), IN(1), 1, 1)                                                                                        \
    LOSS(multilabel_margin_loss, 2, IN(0), IN(1))                                                                                         \
    LOSS(multilabel_soft_margin_loss, 2, IN(0), IN(1))                                                                                    \
    LOSS(triplet_margin_loss, 3, IN(0), IN(1), IN(2), 1, 2, 1e-6, false)                                                                  \
    LOSS(cosine_embedding_loss, 4, IN(0), IN(1), IN(2), v[3].f)                                                                           \
    LOSS(gaussian_nll_loss, 3, IN(0), IN(1), IN(2), false, 1e-6)                                                                          \
    LOSS(poisson_nll_loss, 2, IN(0), IN(1), true, false, 1e-8)                                                                            \
    LOSS(ctc_loss, 5, IN(0), IN(1), v[2].list.data, v[2].list.count, v[3].list.data, v[3].list.count, v[4].i, false)

#define CALL(name, count, ...)                          \
    static torsh_tensor call_##name(const torsh_value *v) \
    {                                                   \
        return torsh_##name(__VA_ARGS__, NULL);         \
    }
LOSSES(CALL)

/* What is timed: an op, or a loss. */
typedef struct callee {
    const char *name;
    int count, outputs;
    torsh_tensor (*loss)(const torsh_value *v);
    const torsh__op *op;
} callee;

static const callee losses[] = {
#define ENTRY(name, count, ...) {#name, count, 1, call_##name, NULL},
    LOSSES(ENTRY)
};

/* ---- measuring ----------------------------------------------------------------------------------------------- */

/* Releases results that are new; an op in place returns its first argument. */
static torsh_status run(const callee *c, const arguments *a)
{
    torsh_tensor results[8] = {{0}};
    if (c->op) c->op->invoke(a->values, results);
    else results[0] = c->loss(a->values);
    torsh_status status = torsh_id_status(results[0].id);
    if (status != TORSH_OK) printf("- %.200s\n", torsh_id_error(results[0].id));
    for (int k = 0; k < c->outputs; k++)
        if (results[k].id != a->values[0].handle) torsh_release(results[k]);
    return status;
}

static void measure(const callee *c, const arguments *a)
{
    static double samples[MOST_SAMPLES];
    if (run(c, a) != TORSH_OK) return;
    double start = now(), once;
    if (run(c, a) != TORSH_OK) return;
    once = now() - start;
    int batch = once > 20e3 ? 1 : (int)(20e3 / (once + 20)) + 1, count = 0;
    for (double end = now() + LONGEST; count < MOST_SAMPLES && (count < 3 || now() < end); count++) {
        start = now();
        for (int i = 0; i < batch; i++) run(c, a);
        samples[count] = (now() - start) / batch;
    }
    qsort(samples, (size_t)count, sizeof *samples, compare_doubles);
    printf("%.1f\n", samples[count / 2]);
}

static callee find(const char *name)
{
    for (size_t i = 0; torsh__ops[i]; i++)
        if (strcmp(torsh__ops[i]->info.name, name) == 0) return (callee){name, torsh__ops[i]->info.param_count, torsh__ops[i]->info.outputs, NULL, torsh__ops[i]};
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++)
        if (strcmp(losses[i].name, name) == 0) return losses[i];
    return (callee){0};
}

int main(int argc, char **argv)
{
    static char line[LINE];
    torsh_set_num_threads(argc > 1 ? atoi(argv[1]) : 1);
    while (fgets(line, sizeof line, stdin)) {
        char *rest = line, *name = strtok_r(rest, " \n", &rest);
        if (!name) continue;
        if (strcmp(name, "list") == 0) {
            for (size_t i = 0; torsh__ops[i]; i++)
                if (torsh__ops[i]->function && strncmp(torsh__ops[i]->function, "torsh__", 7) != 0) printf("%s %d %d\n", torsh__ops[i]->info.name, (int)torsh__ops[i]->info.kind, torsh__ops[i]->info.param_count);
            for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) printf("%s 1 %d\n", losses[i].name, losses[i].count);
            puts(".");
        } else {
            TORSH_AUTO torsh_scope scope = torsh_scope_open();
            TORSH_AUTO torsh_scope quiet = torsh_no_grad(); /* owns no handles */
            callee c = find(name);
            arguments a = {.count = 0};
            for (char *word; (word = strtok_r(rest, " \n", &rest)) && a.count < MOST_ARGUMENTS;) read_argument(&a, word);
            if (!c.name) printf("- no such op\n");
            else if (a.count != c.count) printf("- %s has %d parameters\n", name, c.count);
            else measure(&c, &a);
        }
        fflush(stdout);
    }
    return 0;
}
