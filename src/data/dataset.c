/* Datasets: of tensors, of a function, subsets and splits. Those that change samples are in transforms.c. */
#include "dataset.h"
#include "alloc.h"

#include <torsh/ops/copy.h>
#include <torsh/ops/index.h>
#include <torsh/ops/join.h>
#include <torsh/ops/view.h>

#include <string.h>

/* ---- the object ---------------------------------------------------------------------------------------------- */

static void destroy(torsh__object *object)
{
    torsh__dataset *dataset = (torsh__dataset *)object;
    if (dataset->type->end) dataset->type->end(dataset);
    torsh__dataset_drop(dataset->inner); /* at most TORSH__DATASET_DEPTH deep */
    torsh__free(dataset, dataset->type->bytes);
}
const torsh__kind torsh__dataset_kind = {"dataset", destroy, NULL};

torsh__dataset *torsh__dataset_new(const torsh__dataset_type *type, torsh__dataset *inner, int64_t length, int fields, torsh_status *status)
{
    int depth = inner ? inner->depth + 1 : 1;
    if (depth > TORSH__DATASET_DEPTH) {
        *status = torsh__fail(TORSH_OUT_OF_RANGE, "dataset: more than %d datasets on top of each other", TORSH__DATASET_DEPTH);
        return NULL;
    }
    torsh__dataset *dataset = torsh__alloc_zero(type->bytes);
    *status = dataset ? TORSH_OK : TORSH_OUT_OF_MEMORY;
    if (!dataset) return NULL;
    torsh__object_init(&dataset->object, &torsh__dataset_kind);
    if (inner) torsh__retain(&inner->object);
    *dataset = (torsh__dataset){.object = dataset->object, .type = type, .inner = inner, .length = length, .fields = fields, .depth = depth};
    return dataset;
}

torsh__dataset *torsh__dataset_hold(torsh_dataset handle, const char *function, torsh_status *status)
{
    torsh__object *object = torsh__pin(handle.id, &torsh__dataset_kind, function, "dataset", status);
    if (!object) return NULL;
    torsh__retain(object);
    torsh__unpin(handle.id);
    return (torsh__dataset *)object;
}

torsh_dataset torsh__dataset_give(torsh__dataset *dataset, torsh_status status)
{
    if (dataset) return (torsh_dataset){torsh__handle_make(&dataset->object)};
    return (torsh_dataset){torsh__error_id(status ? status : TORSH_OUT_OF_MEMORY)};
}

torsh_status torsh__check_fields(const torsh_tensor *fields, int count, const char *function)
{
    for (int i = 0; i < count; i++) {
        torsh_status status = torsh_id_status(fields[i].id);
        if (status == TORSH_INVALID_HANDLE && fields[i].id == 0) return torsh__fail(status, "%s: field %d was left null", function, i);
        if (status) return status;
    }
    return TORSH_OK;
}

torsh_status torsh__dataset_one(const torsh__dataset *dataset, int64_t index, uint64_t seed, torsh_tensor *fields)
{
    torsh_status status = dataset->type->fetch(dataset, &(torsh__request){&index, &seed, 1}, fields);
    if (status) return status;
    for (int i = 0; i < dataset->fields; i++) fields[i] = torsh_select(fields[i], 0, 0);
    return torsh__check_fields(fields, dataset->fields, "dataset");
}

torsh_status torsh__stack_samples(const torsh_tensor *samples, int64_t count, size_t fields, torsh_tensor *batch)
{
    torsh_tensor *column = torsh__alloc((size_t)count * sizeof *column);
    if (!column) return TORSH_OUT_OF_MEMORY;
    for (size_t f = 0; f < fields; f++) {
        for (int64_t i = 0; i < count; i++) column[i] = samples[(size_t)i * fields + f];
        batch[f] = torsh_stack(column, (size_t)count, 0);
    }
    torsh__free(column, (size_t)count * sizeof *column);
    return torsh__check_fields(batch, (int)fields, "dataset");
}

/* ---- of tensors ---------------------------------------------------------------------------------------------- */

typedef struct tensor_dataset {
    torsh__dataset head;
    torsh__tensor *tensors[TORSH_MAX_FIELDS]; /* retained */
} tensor_dataset;

static torsh_status fetch_tensors(const torsh__dataset *dataset, const torsh__request *request, torsh_tensor *fields)
{
    const tensor_dataset *self = (const tensor_dataset *)dataset;
    torsh_tensor indices = torsh_from_data(request->indices, TORSH_DIMS(request->count), TORSH_I64, TORSH_CPU);
    for (int i = 0; i < dataset->fields; i++) {
        torsh_tensor all = torsh__tensor_share(self->tensors[i]);
        fields[i] = torsh_index_select(all, 0, torsh_to_device(indices, self->tensors[i]->view.device));
    }
    return torsh__check_fields(fields, dataset->fields, "dataset");
}

static void end_tensors(torsh__dataset *dataset)
{
    tensor_dataset *self = (tensor_dataset *)dataset;
    for (int i = 0; i < dataset->fields; i++)
        if (self->tensors[i]) torsh__tensor_drop(self->tensors[i]);
}

static const torsh__dataset_type tensors_type = {fetch_tensors, end_tensors, sizeof(tensor_dataset)};

torsh_dataset torsh_dataset_from_tensors(const torsh_tensor *tensors, size_t count)
{
    if (!tensors || count < 1 || count > TORSH_MAX_FIELDS)
        return torsh__dataset_give(NULL, torsh__fail(TORSH_INVALID_ARGUMENT, "dataset_from_tensors: takes 1 to %d tensors; %zu were given", TORSH_MAX_FIELDS, tensors ? count : 0));
    torsh_status status;
    torsh__dataset *dataset = torsh__dataset_new(&tensors_type, NULL, 0, (int)count, &status);
    for (size_t i = 0; i < count && status == TORSH_OK; i++) {
        torsh__tensor *t = torsh__tensor_hold(tensors[i], "dataset_from_tensors", "tensors", &status);
        if (!t) break;
        ((tensor_dataset *)dataset)->tensors[i] = t;
        if (t->view.ndim == 0) status = torsh__fail(TORSH_SHAPE_MISMATCH, "dataset_from_tensors: tensor %zu is 0-d; the first dimension counts the samples", i);
        else if (i == 0) dataset->length = t->view.sizes[0];
        else if (t->view.sizes[0] != dataset->length)
            status = torsh__fail(TORSH_SHAPE_MISMATCH, "dataset_from_tensors: tensor 0 has %lld samples, tensor %zu has %lld", (long long)dataset->length, i,
                                 (long long)t->view.sizes[0]);
    }
    if (status == TORSH_OK) return torsh__dataset_give(dataset, TORSH_OK);
    torsh__dataset_drop(dataset);
    return torsh__dataset_give(NULL, status);
}

/* ---- of a function ------------------------------------------------------------------------------------------- */

typedef struct function_dataset {
    torsh__dataset head;
    torsh_sample_function *get;
    void (*release)(void *context);
    void *context;
} function_dataset;

static torsh_status fetch_by_function(const torsh__dataset *dataset, const torsh__request *request, torsh_tensor *fields)
{
    const function_dataset *self = (const function_dataset *)dataset;
    size_t width = (size_t)dataset->fields, room = (size_t)request->count * width * sizeof(torsh_tensor);
    torsh_tensor *samples = torsh__alloc_zero(room);
    if (!samples) return TORSH_OUT_OF_MEMORY;
    torsh_status status = TORSH_OK;
    for (int64_t i = 0; i < request->count && status == TORSH_OK; i++) {
        torsh_tensor *sample = samples + (size_t)i * width;
        status = self->get(self->context, request->indices[i], request->seeds[i], sample);
        if (status == TORSH_OK) status = torsh__check_fields(sample, dataset->fields, "dataset_from_function");
    }
    if (status == TORSH_OK) status = torsh__stack_samples(samples, request->count, width, fields);
    torsh__free(samples, room);
    return status;
}

static void end_function(torsh__dataset *dataset)
{
    function_dataset *self = (function_dataset *)dataset;
    if (self->release) self->release(self->context);
}

static const torsh__dataset_type function_type = {fetch_by_function, end_function, sizeof(function_dataset)};

torsh_dataset torsh_dataset_from_function(int64_t length, size_t fields, torsh_sample_function *get, void (*release)(void *context), void *context)
{
    if (!get || length < 0 || fields < 1 || fields > TORSH_MAX_FIELDS)
        return torsh__dataset_give(NULL, torsh__fail(TORSH_INVALID_ARGUMENT, "dataset_from_function: needs a function, a length from 0 up and 1 to %d fields", TORSH_MAX_FIELDS));
    torsh_status status;
    torsh__dataset *dataset = torsh__dataset_new(&function_type, NULL, length, (int)fields, &status);
    if (!dataset) return torsh__dataset_give(NULL, status);
    function_dataset *self = (function_dataset *)dataset;
    self->get = get;
    self->context = context;
    torsh_dataset handle = torsh__dataset_give(dataset, TORSH_OK);
    if (!TORSH_FAILED(handle)) self->release = release;
    return handle;
}

/* ---- subsets and splits -------------------------------------------------------------------------------------- */

typedef struct subset {
    torsh__dataset head;
    int64_t *indices; /* head.length of them */
} subset;

static torsh_status fetch_subset(const torsh__dataset *dataset, const torsh__request *request, torsh_tensor *fields)
{
    const subset *self = (const subset *)dataset;
    size_t room = (size_t)request->count * sizeof(int64_t);
    int64_t *indices = torsh__alloc(room);
    if (!indices) return TORSH_OUT_OF_MEMORY;
    for (int64_t i = 0; i < request->count; i++) indices[i] = self->indices[request->indices[i]];
    torsh_status status = dataset->inner->type->fetch(dataset->inner, &(torsh__request){indices, request->seeds, request->count}, fields);
    torsh__free(indices, room);
    return status;
}

static void end_subset(torsh__dataset *dataset)
{
    torsh__free(((subset *)dataset)->indices, (size_t)dataset->length * sizeof(int64_t));
}

static const torsh__dataset_type subset_type = {fetch_subset, end_subset, sizeof(subset)};

/* The indices are copied and have been checked. */
static torsh__dataset *make_subset(torsh__dataset *inner, const int64_t *indices, int64_t count, torsh_status *status)
{
    torsh__dataset *dataset = torsh__dataset_new(&subset_type, inner, 0, inner->fields, status);
    if (!dataset) return NULL;
    int64_t *copy = torsh__alloc((size_t)count * sizeof *copy);
    if (!copy) {
        *status = TORSH_OUT_OF_MEMORY;
        torsh__dataset_drop(dataset);
        return NULL;
    }
    if (count) memcpy(copy, indices, (size_t)count * sizeof *copy);
    ((subset *)dataset)->indices = copy;
    dataset->length = count;
    return dataset;
}

torsh_dataset torsh_dataset_subset(torsh_dataset handle, const int64_t *indices, size_t count)
{
    torsh_status status = TORSH_OK;
    if (!indices && count) return torsh__dataset_give(NULL, torsh__fail(TORSH_INVALID_ARGUMENT, "dataset_subset: argument 'indices' is NULL"));
    torsh__dataset *inner = torsh__dataset_hold(handle, "dataset_subset", &status);
    if (!inner) return torsh__dataset_give(NULL, status);
    for (size_t i = 0; i < count && status == TORSH_OK; i++)
        if (indices[i] < 0 || indices[i] >= inner->length)
            status = torsh__fail(TORSH_OUT_OF_RANGE, "dataset_subset: index %lld is out of range for %lld samples", (long long)indices[i], (long long)inner->length);
    torsh__dataset *dataset = status ? NULL : make_subset(inner, indices, (int64_t)count, &status);
    torsh__dataset_drop(inner);
    return torsh__dataset_give(dataset, status);
}

/* PyTorch's randperm (aten/src/ATen/native/TensorFactories.cpp): a Fisher-Yates shuffle of 32-bit draws, or from UINT32_MAX / 20
 * elements on an inside-out one of 64-bit draws. */
void torsh__permutation(torsh__rng *rng, int64_t *order, int64_t n)
{
    bool large = n >= UINT32_MAX / 20;
    for (int64_t i = 0; i < n; i++) {
        order[i] = i;
        if (!large) continue;
        int64_t other = (int64_t)(torsh__rng_u64(rng) % (uint64_t)(i + 1));
        order[i] = order[other];
        order[other] = i;
    }
    for (int64_t i = 0; i < n - 1 && !large; i++) {
        int64_t other = i + (int64_t)(torsh__rng_u32(rng) % (uint64_t)(n - i)), kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
}

static torsh_status split(torsh__dataset *inner, const int64_t *lengths, size_t count, torsh_generator generator, torsh_dataset *parts)
{
    torsh_status status = TORSH_OK;
    size_t room = (size_t)inner->length * sizeof(int64_t);
    int64_t *order = torsh__alloc(room), at = 0;
    if (!order) return TORSH_OUT_OF_MEMORY;
    torsh__generator *g = torsh__generator_lock(generator, "dataset_random_split", &status);
    if (g) {
        torsh__permutation(&g->rng, order, inner->length);
        torsh__generator_unlock(generator, g);
    }
    for (size_t i = 0; i < count && status == TORSH_OK; at += lengths[i++]) {
        torsh__dataset *part = make_subset(inner, order + at, lengths[i], &status);
        if (!part) break;
        parts[i] = torsh__dataset_give(part, TORSH_OK);
        status = torsh_id_status(parts[i].id);
    }
    torsh__free(order, room);
    return status;
}

torsh_status torsh_dataset_random_split(torsh_dataset handle, const int64_t *lengths, size_t count, torsh_generator generator, torsh_dataset *parts)
{
    torsh_status status = TORSH_OK;
    if (!lengths || !parts) return torsh__fail(TORSH_INVALID_ARGUMENT, "dataset_random_split: argument '%s' is NULL", lengths ? "parts" : "lengths");
    torsh__dataset *inner = torsh__dataset_hold(handle, "dataset_random_split", &status);
    if (!inner) return status;
    int64_t left = inner->length;
    for (size_t i = 0; i < count && left >= 0; i++) left = lengths[i] < 0 || lengths[i] > left ? -1 : left - lengths[i];
    if (left != 0) status = torsh__fail(TORSH_INVALID_ARGUMENT, "dataset_random_split: the lengths must add up to the dataset's %lld samples", (long long)inner->length);
    for (size_t i = 0; i < count; i++) parts[i] = (torsh_dataset){0};
    if (status == TORSH_OK) status = split(inner, lengths, count, generator, parts);
    for (size_t i = 0; i < count && status; i++) {
        torsh_release(parts[i]);
        parts[i] = (torsh_dataset){0};
    }
    torsh__dataset_drop(inner);
    return status;
}

/* ---- asking -------------------------------------------------------------------------------------------------- */

int64_t torsh_dataset_size(torsh_dataset handle)
{
    torsh_status status;
    const torsh__dataset *dataset = (const torsh__dataset *)torsh__pin(handle.id, &torsh__dataset_kind, "dataset_size", "dataset", &status);
    if (!dataset) return -1;
    int64_t length = dataset->length;
    torsh__unpin(handle.id);
    return length;
}

int64_t torsh_dataset_fields(torsh_dataset handle)
{
    torsh_status status;
    const torsh__dataset *dataset = (const torsh__dataset *)torsh__pin(handle.id, &torsh__dataset_kind, "dataset_fields", "dataset", &status);
    if (!dataset) return -1;
    int fields = dataset->fields;
    torsh__unpin(handle.id);
    return fields;
}

torsh_status torsh_dataset_get(torsh_dataset handle, int64_t index, torsh_tensor *fields, size_t count)
{
    torsh_status status = TORSH_OK;
    torsh_tensor found[TORSH_MAX_FIELDS] = {{0}};
    if (!fields) return torsh__fail(TORSH_INVALID_ARGUMENT, "dataset_get: argument 'fields' is NULL");
    torsh__dataset *dataset = torsh__dataset_hold(handle, "dataset_get", &status);
    if (!dataset) return status;
    if (count != (size_t)dataset->fields) status = torsh__fail(TORSH_INVALID_ARGUMENT, "dataset_get: samples have %d fields; count is %zu", dataset->fields, count);
    else if (index < 0 || index >= dataset->length)
        status = torsh__fail(TORSH_OUT_OF_RANGE, "dataset_get: index %lld is out of range for %lld samples", (long long)index, (long long)dataset->length);
    torsh_scope scope = torsh_scope_open();
    if (status == TORSH_OK && torsh__is_error(scope.id)) status = torsh__error_status(scope.id);
    if (status == TORSH_OK) status = torsh__dataset_one(dataset, index, 0, found);
    for (size_t i = 0; i < count && status == TORSH_OK; i++) status = torsh_keep(found[i]);
    torsh_scope_close(scope);
    if (status == TORSH_OK) memcpy(fields, found, count * sizeof *fields);
    torsh__dataset_drop(dataset);
    return status;
}
