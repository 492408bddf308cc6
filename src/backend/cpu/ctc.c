/* Connectionist temporal classification (Graves et al. 2006, eq. 6 to 16): sums over all alignments, in logarithms and f64, whose exponentials are
 * f32 where the probabilities are. */
#include "axis.h"
#include "families.h"

#include <math.h>
#include <string.h>

typedef struct job {
    bool f64;
    int64_t t, n, c, width;
    const char *log_probs;
    const int64_t *path, *steps, *labels;
    double *likely, *alpha; /* (N), (N, T, width) */
    const char *g;
    char *dx, *beta;
} job;

/* log(e^a + e^b + e^c) */
static double log_sum(const job *j, double a, double b, double c)
{
    double most = a > b ? a : b;
    most = most > c ? most : c;
    if (most == -INFINITY) return most;
    if (j->f64) return most + log(exp(a - most) + exp(b - most) + exp(c - most));
    float sum = 0;
    const double terms[3] = {a, b, c};
    for (int i = 0; i < 3; i++)
        if (terms[i] > -INFINITY) sum += terms[i] == most ? 1 : expf((float)(terms[i] - most));
    return sum == 1 ? most : most + (double)logf(sum);
}

static double load(const job *j, const char *data, int64_t i)
{
    return j->f64 ? ((const double *)(const void *)data)[i] : (double)((const float *)(const void *)data)[i];
}

static void store(const job *j, char *data, int64_t i, double value)
{
    if (j->f64) ((double *)(void *)data)[i] = value;
    else ((float *)(void *)data)[i] = (float)value;
}

/* May s be reached from s - 2: is it a label other than the one before? */
static bool skips(const int64_t *path, int64_t s)
{
    return s % 2 && s >= 3 && path[s] != path[s - 2];
}

static void sample(void *context, int64_t n)
{
    const job *j = context;
    const int64_t *path = j->path + n * j->width, end = 2 * j->labels[n] + 1, steps = j->steps[n];
    double *alpha = j->alpha + n * j->t * j->width;
    for (int64_t i = 0; i < j->t * j->width; i++) alpha[i] = -INFINITY;
    for (int64_t t = 0; t < steps; t++, alpha += j->width)
        for (int64_t s = 0; s < end; s++) {
            const double *a = alpha - j->width + s;
            double before = t == 0 ? s < 2 ? 0 : -INFINITY : log_sum(j, a[0], s > 0 ? a[-1] : -INFINITY, skips(path, s) ? a[-2] : -INFINITY);
            alpha[s] = before + load(j, j->log_probs, (t * j->n + n) * j->c + path[s]);
        }
    alpha -= j->width;
    j->likely[n] = steps == 0 ? end == 1 ? 0 : -INFINITY : log_sum(j, alpha[end - 1], end > 1 ? alpha[end - 2] : -INFINITY, -INFINITY);
}

/* The share of each class in each step, times g. beta is the same recursion from the end; it replaces alpha's next row by and by. */
static void sample_back(void *context, int64_t n)
{
    const job *j = context;
    const int64_t *path = j->path + n * j->width, end = 2 * j->labels[n] + 1, steps = j->steps[n];
    double likely = j->likely[n], g = load(j, j->g, n), *beta = (double *)(void *)j->beta + 2 * n * j->width, *next = beta + j->width;
    if (likely == -INFINITY) return;
    for (int64_t t = steps - 1; t >= 0; t--) {
        const double *alpha = j->alpha + (n * j->t + t) * j->width;
        int64_t at = (t * j->n + n) * j->c;
        for (int64_t s = end - 1; s >= 0; s--) {
            double after = s >= end - 2 ? 0 : -INFINITY;
            if (t < steps - 1) after = log_sum(j, next[s], s + 1 < end ? next[s + 1] : -INFINITY, s + 2 < end && skips(path, s + 2) ? next[s + 2] : -INFINITY);
            beta[s] = after + load(j, j->log_probs, at + path[s]);
            double share = alpha[s] + after - likely;
            store(j, j->dx, at + path[s], load(j, j->dx, at + path[s]) + g * (j->f64 ? exp(share) : (double)expf((float)share)));
        }
        double *swap = beta;
        beta = next, next = swap;
    }
}

/* ctc_forward (log_probs, path; steps, labels), ctc_backward (log_probs, path, grad, likely, alpha; steps, labels) */
static torsh_status run_ctc(const torsh_launch *launch, const void *data)
{
    (void)data;
    const bool backward = launch->inputs > 2;
    const torsh_operand *x = launch->input[0], *list = launch->input[1];
    const torsh_value *v = &launch->values[launch->inputs];
    torsh_dtype dtype = torsh__loop_dtype((int)launch->compute);
    job j = {.f64 = dtype == TORSH_F64, .t = x->sizes[0], .n = x->sizes[1], .c = x->sizes[2], .width = list->sizes[1], .steps = v[0].list.data, .labels = v[1].list.data};
    torsh__dense log_probs = {0}, path = {0}, g = {0}, likely = {0}, alpha = {0}, dx = {0};
    bool ok = torsh__dense_in(&log_probs, x, dtype) && torsh__dense_in(&path, list, TORSH_I64);
    size_t bytes = backward ? 2 * (size_t)list->numel * sizeof(double) : 0;
    if (backward)
        ok = ok && torsh__dense_in(&g, launch->input[2], dtype) && torsh__dense_in(&likely, launch->input[3], TORSH_F64) && torsh__dense_in(&alpha, launch->input[4], TORSH_F64) &&
             torsh__dense_out(&dx, launch->output[0], dtype) && (j.beta = torsh__alloc(bytes));
    else ok = ok && torsh__dense_out(&likely, launch->output[0], TORSH_F64) && torsh__dense_out(&alpha, launch->output[1], TORSH_F64);
    j.log_probs = log_probs.data, j.path = path.data, j.g = g.data, j.likely = likely.data, j.alpha = alpha.data, j.dx = dx.data;
    if (ok && backward) memset(dx.data, 0, (size_t)x->numel * torsh__dtypes[dtype].size);
    if (ok) torsh__parallel(j.n, backward ? sample_back : sample, &j);
    if (ok && backward) torsh__dense_store(&dx, launch->output[0]);
    else torsh__dense_done(&dx);
    torsh__free(j.beta, bytes);
    torsh__dense_done(&log_probs);
    torsh__dense_done(&path);
    torsh__dense_done(&g);
    torsh__dense_done(&likely);
    torsh__dense_done(&alpha);
    return ok ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

const torsh__cpu_kernel torsh__cpu_ctc_kernels[] = {
    {"ctc_forward", {run_ctc, NULL}},
    {"ctc_backward", {run_ctc, NULL}},
    {NULL, {NULL, NULL}},
};
