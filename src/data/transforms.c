/* Datasets that change the samples of another one: normalize works on whole batches, map on one sample at a time. */
#include "alloc.h"
#include "dataset.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/view.h>

/* ---- normalize ----------------------------------------------------------------------------------------------- */

typedef struct normalize {
    torsh__dataset head;
    torsh__tensor *mean, *std; /* f64 (C) or (1), on the CPU */
} normalize;

static torsh_status fetch_normalized(const torsh__dataset *dataset, const torsh__request *request, torsh_tensor *fields)
{
    const normalize *self = (const normalize *)dataset;
    torsh_status status = dataset->inner->type->fetch(dataset->inner, request, fields);
    if (status) return status;
    torsh_tensor x = fields[0]; /* (samples, C, ...) */
    int ndim = torsh_ndim(x);
    int64_t channels = self->mean->view.sizes[0];
    if (ndim < 2 || (channels != 1 && torsh_size(x, 1) != channels))
        return torsh__fail(TORSH_SHAPE_MISMATCH, "dataset_normalize: %lld means for a batch of shape %s; its second dimension must be as many", (long long)channels,
                           torsh_shape_text(x));
    torsh_dtype dtype = torsh_dtype_of(x);
    bool bytes = dtype == TORSH_U8;
    if (!torsh_dtype_is_floating_point(dtype)) x = torsh_to_dtype(x, dtype = TORSH_F32);
    if (bytes) x = torsh_div(x, torsh_number(255));
    int64_t sizes[TORSH__MAX_RANK];
    for (int i = 0; i < ndim - 1; i++) sizes[i] = i ? 1 : channels;
    torsh_device device = torsh_device_of(x);
    torsh_tensor mean = torsh_to_device(torsh_to_dtype(torsh__tensor_share(self->mean), dtype), device);
    torsh_tensor std = torsh_to_device(torsh_to_dtype(torsh__tensor_share(self->std), dtype), device);
    x = torsh_sub(x, torsh_view(mean, sizes, (size_t)ndim - 1));
    fields[0] = torsh_div(x, torsh_view(std, sizes, (size_t)ndim - 1));
    return torsh__check_fields(fields, 1, "dataset_normalize");
}

static void end_normalize(torsh__dataset *dataset)
{
    normalize *self = (normalize *)dataset;
    if (self->mean) torsh__tensor_drop(self->mean);
    if (self->std) torsh__tensor_drop(self->std);
}

static const torsh__dataset_type normalize_type = {fetch_normalized, end_normalize, sizeof(normalize)};

static torsh__tensor *keep_values(const double *values, size_t count, torsh_status *status)
{
    torsh_tensor t = torsh_from_data(values, TORSH_DIMS((int64_t)count), TORSH_F64, TORSH_CPU);
    torsh__tensor *tensor = torsh__tensor_hold(t, "dataset_normalize", "mean", status);
    torsh_release(t);
    return tensor;
}

torsh_dataset torsh_dataset_normalize(torsh_dataset handle, const double *mean, const double *std, size_t channels)
{
    torsh_status status = TORSH_OK;
    if (!mean || !std || channels < 1)
        return torsh__dataset_give(NULL, torsh__fail(TORSH_INVALID_ARGUMENT, "dataset_normalize: needs at least one mean and one std"));
    for (size_t i = 0; i < channels; i++)
        if (!(std[i] > 0)) return torsh__dataset_give(NULL, torsh__fail(TORSH_INVALID_ARGUMENT, "dataset_normalize: std[%zu] is %g; it must be above 0", i, std[i]));
    torsh__dataset *inner = torsh__dataset_hold(handle, "dataset_normalize", &status);
    if (!inner) return torsh__dataset_give(NULL, status);
    torsh__dataset *dataset = torsh__dataset_new(&normalize_type, inner, inner->length, inner->fields, &status);
    torsh__dataset_drop(inner);
    if (!dataset) return torsh__dataset_give(NULL, status);
    normalize *self = (normalize *)dataset;
    self->mean = keep_values(mean, channels, &status);
    if (self->mean) self->std = keep_values(std, channels, &status);
    if (self->std) return torsh__dataset_give(dataset, TORSH_OK);
    torsh__dataset_drop(dataset);
    return torsh__dataset_give(NULL, status);
}

/* ---- map ----------------------------------------------------------------------------------------------------- */

typedef struct map {
    torsh__dataset head;
    torsh_map_function *apply;
    void (*release)(void *context);
    void *context;
} map;

static torsh_status fetch_mapped(const torsh__dataset *dataset, const torsh__request *request, torsh_tensor *fields)
{
    const map *self = (const map *)dataset;
    size_t width = (size_t)dataset->fields, room = (size_t)request->count * width * sizeof(torsh_tensor);
    torsh_tensor *samples = torsh__alloc_zero(room);
    if (!samples) return TORSH_OUT_OF_MEMORY;
    torsh_status status = TORSH_OK;
    for (int64_t i = 0; i < request->count && status == TORSH_OK; i++) {
        torsh_tensor *sample = samples + (size_t)i * width;
        status = torsh__dataset_one(dataset->inner, request->indices[i], request->seeds[i], sample);
        if (status == TORSH_OK) status = self->apply(self->context, request->seeds[i], sample, width);
        if (status == TORSH_OK) status = torsh__check_fields(sample, dataset->fields, "dataset_map");
    }
    if (status == TORSH_OK) status = torsh__stack_samples(samples, request->count, width, fields);
    torsh__free(samples, room);
    return status;
}

static void end_map(torsh__dataset *dataset)
{
    map *self = (map *)dataset;
    if (self->release) self->release(self->context);
}

static const torsh__dataset_type map_type = {fetch_mapped, end_map, sizeof(map)};

torsh_dataset torsh_dataset_map(torsh_dataset handle, torsh_map_function *apply, void (*release)(void *context), void *context)
{
    torsh_status status = TORSH_OK;
    if (!apply) return torsh__dataset_give(NULL, torsh__fail(TORSH_INVALID_ARGUMENT, "dataset_map: argument 'apply' is NULL"));
    torsh__dataset *inner = torsh__dataset_hold(handle, "dataset_map", &status);
    if (!inner) return torsh__dataset_give(NULL, status);
    torsh__dataset *dataset = torsh__dataset_new(&map_type, inner, inner->length, inner->fields, &status);
    torsh__dataset_drop(inner);
    if (!dataset) return torsh__dataset_give(NULL, status);
    map *self = (map *)dataset;
    self->apply = apply;
    self->context = context;
    torsh_dataset made = torsh__dataset_give(dataset, TORSH_OK);
    if (!TORSH_FAILED(made)) self->release = release;
    return made;
}
