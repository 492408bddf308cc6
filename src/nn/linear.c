/* Linear, Embedding, Identity, Flatten. */
#include "layers.h"

#include <torsh/ops/copy.h>
#include <torsh/ops/index.h>
#include <torsh/ops/matmul.h>
#include <torsh/ops/view.h>

/* ---- Linear -------------------------------------------------------------------------------------------------- */

typedef struct linear {
    int64_t in, out;
    bool bias;
} linear;

static torsh_tensor linear_forward(torsh__module *m, const torsh_tensor *inputs)
{
    torsh_tensor own[2];
    torsh__module_tensors(m, 2, own);
    return torsh_linear(inputs[0], own[0], own[1]);
}

static void linear_describe(const torsh__module *m, char *text, size_t size)
{
    const linear *l = m->user;
    snprintf(text, size, "in_features=%lld, out_features=%lld, bias=%s", (long long)l->in, (long long)l->out, torsh__truth(l->bias));
}

static const torsh__layer linear_layer = {.name = "Linear", .forward = linear_forward, .inputs = 1, .options_size = sizeof(linear), .describe = linear_describe};

torsh_module torsh_nn_linear(int64_t in_features, int64_t out_features, bool bias, torsh_device device)
{
    torsh__module *m = torsh__module_make(&linear_layer);
    if (!m) return torsh__module_give(NULL, TORSH_OUT_OF_MEMORY);
    *(linear *)m->user = (linear){in_features, out_features, bias};
    int64_t sizes[2] = {out_features, in_features};
    torsh__start start = out_features > 0 ? torsh__start_weight(in_features) : (torsh__start){TORSH__FILL_CONSTANT, 0, 0};
    torsh_status status = torsh__module_make_tensor(m, TORSH__PARAMETER, "weight", sizes, 2, TORSH_DTYPE_DEFAULT, start, device);
    if (status == TORSH_OK && bias)
        status = torsh__module_make_tensor(m, TORSH__PARAMETER, "bias", sizes, 1, TORSH_DTYPE_DEFAULT, torsh__start_bias(in_features), device);
    if (status == TORSH_OK && !bias) status = torsh__module_put(m, TORSH__PARAMETER, "bias", (torsh_tensor){0});
    return torsh__module_give(m, status);
}

/* ---- Embedding ----------------------------------------------------------------------------------------------- */

typedef struct embedding {
    int64_t rows, width, padding; /* padding: -1 is none */
} embedding;

static torsh_tensor embedding_forward(torsh__module *m, const torsh_tensor *inputs)
{
    const embedding *e = m->user;
    torsh_tensor weight;
    torsh__module_tensors(m, 1, &weight);
    return torsh_embedding(inputs[0], weight, e->padding);
}

static void embedding_describe(const torsh__module *m, char *text, size_t size)
{
    const embedding *e = m->user;
    int used = snprintf(text, size, "%lld, %lld", (long long)e->rows, (long long)e->width);
    if (e->padding >= 0) snprintf(text + used, size - (size_t)used, ", padding_idx=%lld", (long long)e->padding);
}

static const torsh__layer embedding_layer = {.name = "Embedding", .forward = embedding_forward, .inputs = 1, .options_size = sizeof(embedding),
                                             .describe = embedding_describe};

/* The row of the padding starts as zero. */
static torsh_status clear_row(torsh__module *m, int64_t row)
{
    torsh_tensor weight;
    torsh__module_tensors(m, 1, &weight);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    return torsh_id_status(torsh_zero_(torsh_select(torsh_detach(weight), 0, row)).id);
}

static torsh_module make_embedding(int64_t rows, int64_t width, int64_t padding, torsh_device device)
{
    torsh__module *m = torsh__module_make(&embedding_layer);
    if (!m) return torsh__module_give(NULL, TORSH_OUT_OF_MEMORY);
    *(embedding *)m->user = (embedding){rows, width, padding};
    torsh__start start = {TORSH__FILL_NORMAL, 0, 1};
    torsh_status status = torsh__module_make_tensor(m, TORSH__PARAMETER, "weight", TORSH_DIMS(rows, width), TORSH_DTYPE_DEFAULT, start, device);
    if (status == TORSH_OK && padding >= 0) status = clear_row(m, padding);
    return torsh__module_give(m, status);
}

torsh_module torsh_nn_embedding(int64_t num_embeddings, int64_t embedding_dim, torsh_device device)
{
    return make_embedding(num_embeddings, embedding_dim, -1, device);
}

torsh_module torsh_nn_embedding_padded(int64_t num_embeddings, int64_t embedding_dim, int64_t padding_idx, torsh_device device)
{
    if (padding_idx < -num_embeddings || padding_idx >= num_embeddings)
        return torsh__module_give(NULL, torsh__fail(TORSH_OUT_OF_RANGE, "Embedding: padding_idx (%lld) must be within num_embeddings (%lld)",
                                                    (long long)padding_idx, (long long)num_embeddings));
    return make_embedding(num_embeddings, embedding_dim, padding_idx < 0 ? padding_idx + num_embeddings : padding_idx, device);
}

/* ---- Identity, Flatten --------------------------------------------------------------------------------------- */

static torsh_tensor identity_forward(torsh__module *m, const torsh_tensor *inputs)
{
    (void)m;
    return torsh_share(inputs[0]);
}

static const torsh__layer identity_layer = {.name = "Identity", .forward = identity_forward, .inputs = 1};

torsh_module torsh_nn_identity(void)
{
    return torsh__module_give(torsh__module_make(&identity_layer), TORSH_OK);
}

typedef struct flatten {
    int64_t start, end;
} flatten;

static torsh_tensor flatten_forward(torsh__module *m, const torsh_tensor *inputs)
{
    const flatten *f = m->user;
    return torsh_flatten(inputs[0], f->start, f->end);
}

static void flatten_describe(const torsh__module *m, char *text, size_t size)
{
    const flatten *f = m->user;
    snprintf(text, size, "start_dim=%lld, end_dim=%lld", (long long)f->start, (long long)f->end);
}

static const torsh__layer flatten_layer = {.name = "Flatten", .forward = flatten_forward, .inputs = 1, .options_size = sizeof(flatten), .describe = flatten_describe};

torsh_module torsh_nn_flatten(int64_t start_dim, int64_t end_dim)
{
    torsh__module *m = torsh__module_make(&flatten_layer);
    if (m) *(flatten *)m->user = (flatten){start_dim, end_dim};
    return torsh__module_give(m, TORSH_OK);
}
