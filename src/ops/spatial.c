/* Padding, sliding windows as columns, channels moved into space and back. Rows: table/spatial.def. */
#include "composed.h"

#include <torsh/ops/copy.h>
#include <torsh/ops/index.h>
#include <torsh/ops/rearrange.h>
#include <torsh/ops/spatial.h>
#include <torsh/ops/view.h>

#include <string.h>

#define TABLE "spatial.def"
#include "declare_rows.h"
#define TABLE "view.def"
#include "declare_rows.h"

/* ---- padding ------------------------------------------------------------------------------------------------- */

/* Where the element at place `at` of a padded dim comes from. Circular: what negative padding leaves, from low to high, goes round. */
static int64_t source_of(char mode, int64_t at, int64_t size, int64_t low, int64_t high)
{
    int64_t round = high - low;
    if (mode == 'c') return low + ((at - low) % round + round) % round;
    if (mode == 'e') return at < 0 ? 0 : at >= size ? size - 1 : at;
    return at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at;
}

static torsh_status infer_pick(torsh__call *c)
{
    const torsh_operand *x = &c->input[0]->view, *places = &c->input[1]->view;
    int count = (int)c->values[2].list.count;
    const int64_t *each = c->values[2].list.data;
    int64_t total = 0;
    for (int i = 0; i < count; i++) total += each[i];
    torsh_status status = torsh__infer_device(c);
    c->compute = (torsh_dtype)x->dtype;
    if (status == TORSH_OK && (count < 1 || count > x->ndim || places->dtype != TORSH_I64 || places->ndim != 1 || places->sizes[0] != total))
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'places' must be i64 with the elements of %d lists", torsh__call_name(c), count);
    if (status) return status;
    torsh__spec *spec = torsh__out_spec(c, 0, c->compute, x->ndim, x->sizes);
    memcpy(spec->sizes + x->ndim - count, each, (size_t)count * sizeof *spec->sizes);
    return torsh__numel(torsh__call_name(c), spec->sizes, spec->ndim, torsh__dtypes[c->compute].size, &(int64_t){0});
}

static void pick_gradient(torsh__backward *b)
{
    const torsh_value *count = &b->node->values[2];
    torsh__meta meta = torsh__input_meta(b, 0);
    torsh_tensor places = torsh__saved_input(b, 1), g = b->g[0];
    torsh__shape s = torsh__shape_of(g);
    int64_t first = 0;
    for (int d = s.ndim - (int)count->list.count; d < s.ndim; d++) {
        torsh_tensor list = torsh_narrow(places, 0, first, s.sizes[d]);
        first += s.sizes[d];
        s.sizes[d] = meta.sizes[d];
        g = torsh_index_add(torsh_zeros(s.sizes, (size_t)s.ndim, s.dtype, s.device), d, list, g);
    }
    b->result[0] = g;
}
static const torsh__impl impl_pick = {.infer = infer_pick, .gradient = pick_gradient, .saves = TORSH__SAVE_IN(1), .batch = TORSH__BATCH_FIRST, .forward = TORSH__FORWARD_LINEAR};

static char mode_of(const char *text)
{
    return strcmp(text, "constant") == 0 ? 'v' : strcmp(text, "reflect") == 0 ? 'r' : strcmp(text, "replicate") == 0 ? 'e' : strcmp(text, "circular") == 0 ? 'c' : 0;
}

static torsh_status check_pad(torsh_tensor input, const torsh__shape *s, char mode, int dim, int64_t before, int64_t after)
{
    int64_t size = s->sizes[dim], most = mode == 'r' ? size - 1 : mode == 'c' ? size : INT32_MAX;
    int64_t least = mode == 'c' ? -size : -INT32_MAX;
    bool fits = before >= least && after >= least && before <= most && after <= most && size > 0;
    if (!fits || size + before + after < 1 || (mode == 'c' && size + (before < 0 ? before : 0) + (after < 0 ? after : 0) < 1))
        return torsh__fail(TORSH_INVALID_ARGUMENT, "pad: dimension %d of 'input' %s can't get %lld elements before and %lld after it in this mode", dim,
                           torsh_shape_text(input), (long long)before, (long long)after);
    return TORSH_OK;
}

static torsh_tensor compose_pad(torsh_tensor input, const int64_t *pad, size_t count, const char *mode, double value)
{
    torsh__shape s = torsh__shape_of(input);
    char how = mode_of(mode);
    if (!how) return torsh__refuse(TORSH_INVALID_ARGUMENT, "pad: mode '%s' is none of constant, reflect, replicate and circular", mode);
    if (count % 2 || count > 2 * (size_t)s.ndim)
        return torsh__refuse(TORSH_INVALID_ARGUMENT, "pad: 'pad' has %zu numbers; it takes two for each of up to %d dimensions", count, s.ndim);
    if (how == 'v') return torsh_constant_pad_nd(input, pad, count, torsh_number(value));
    int64_t out[TORSH__MAX_RANK], total = 0;
    size_t dims = count / 2;
    if (dims == 0) return torsh_clone(input);
    for (size_t i = 0; i < dims; i++) {
        int dim = s.ndim - 1 - (int)i;
        int64_t before = pad[2 * i], after = pad[2 * i + 1];
        torsh_status status = check_pad(input, &s, how, dim, before, after);
        if (status) return torsh__tensor_error(status);
        total += out[dims - 1 - i] = s.sizes[dim] + before + after;
    }
    torsh_tensor places = torsh_empty(&total, 1, TORSH_I64, TORSH_CPU);
    int64_t *place = torsh_data(places);
    if (!place) return places;
    for (size_t i = dims; i-- > 0;) {
        int64_t before = pad[2 * i], after = pad[2 * i + 1], size = s.sizes[s.ndim - 1 - (int)i];
        for (int64_t o = 0; o < out[dims - 1 - i]; o++) *place++ = source_of(how, o - before, size, before < 0 ? -before : 0, after < 0 ? size + after : size);
    }
    return torsh__pick(input, torsh_to_device(places, s.device), out, dims);
}

/* ---- windows as columns -------------------------------------------------------------------------------------- */

typedef struct windows {
    int64_t kernel[2], dilation[2], padding[2], stride[2], out[2], image[2];
} windows;

static torsh_status take_pair(const char *name, const char *param, const int64_t *list, size_t count, int64_t absent, int64_t least, int64_t pair[2])
{
    if (count > 2 || (count == 0 && absent < 0)) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: '%s' takes 1 or 2 numbers, not %zu", name, param, count);
    for (size_t d = 0; d < 2; d++) {
        pair[d] = count == 0 ? absent : list[count == 1 ? 0 : d];
        if (pair[d] < least || pair[d] > INT32_MAX)
            return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: '%s' holds %lld; it must be at least %lld and fit 31 bits", name, param, (long long)pair[d], (long long)least);
    }
    return TORSH_OK;
}

static torsh_status take_windows(const char *name, windows *w, const int64_t *kernel, size_t kernels, const int64_t *dilation, size_t dilations,
                                 const int64_t *padding, size_t paddings, const int64_t *stride, size_t strides, const int64_t *size)
{
    torsh_status status = take_pair(name, "kernel_size", kernel, kernels, -1, 1, w->kernel);
    if (status == TORSH_OK) status = take_pair(name, "dilation", dilation, dilations, 1, 1, w->dilation);
    if (status == TORSH_OK) status = take_pair(name, "padding", padding, paddings, 0, 0, w->padding);
    if (status == TORSH_OK) status = take_pair(name, "stride", stride, strides, 1, 1, w->stride);
    for (int d = 0; d < 2 && status == TORSH_OK; d++) {
        int64_t room = size[d] + 2 * w->padding[d] - w->dilation[d] * (w->kernel[d] - 1) - 1;
        w->out[d] = room < 0 ? 0 : room / w->stride[d] + 1;
        if (w->out[d] < 1) status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: no window of kernel_size %lld fits an image of size %lld", name, (long long)w->kernel[d], (long long)size[d]);
    }
    return status;
}

/* The strides of (n, c, kernel, kernel, out, out) in a padded image of `width` and of `height`. */
static void window_strides(const windows *w, int64_t channels, int64_t height, int64_t width, int64_t strides[6])
{
    int64_t all[6] = {channels * height * width, height * width, w->dilation[0] * width, w->dilation[1], w->stride[0] * width, w->stride[1]};
    memcpy(strides, all, sizeof all);
}

/* F.unfold: a strided view of the padded image, copied. */
static torsh_tensor compose_im2col(torsh_tensor input, const int64_t *kernel_size, size_t kernels, const int64_t *dilation, size_t dilations,
                                   const int64_t *padding, size_t paddings, const int64_t *stride, size_t strides)
{
    torsh__shape s = torsh__shape_of(input);
    windows w;
    int first = s.ndim - 2;
    if (s.ndim < 3 || s.ndim > 4) return torsh__refuse(TORSH_SHAPE_MISMATCH, "im2col: 'input' must be (C, H, W) or (N, C, H, W); it is %s", torsh_shape_text(input));
    torsh_status status = take_windows("im2col", &w, kernel_size, kernels, dilation, dilations, padding, paddings, stride, strides, &s.sizes[first]);
    if (status) return torsh__tensor_error(status);
    int64_t n = s.ndim == 4 ? s.sizes[0] : 1, c = s.sizes[first - 1], step[6];
    torsh_tensor x = torsh_contiguous(torsh_pad(input, TORSH_DIMS(w.padding[1], w.padding[1], w.padding[0], w.padding[0]), "constant", 0));
    window_strides(&w, c, s.sizes[first] + 2 * w.padding[0], s.sizes[first + 1] + 2 * w.padding[1], step);
    torsh_tensor view = torsh_as_strided(x, TORSH_DIMS(n, c, w.kernel[0], w.kernel[1], w.out[0], w.out[1]), step, 6, torsh_storage_offset(x));
    torsh_tensor columns = torsh_reshape(view, TORSH_DIMS(n, c * w.kernel[0] * w.kernel[1], w.out[0] * w.out[1]));
    return s.ndim == 4 ? columns : torsh_reshape(columns, TORSH_DIMS(c * w.kernel[0] * w.kernel[1], w.out[0] * w.out[1]));
}

static torsh_status infer_add_columns(torsh__call *c)
{
    const torsh_operand *x = &c->input[0]->view;
    const int64_t *w = c->values[1].list.data;
    torsh_status status = torsh__require_dtype(c, (torsh_dtype)x->dtype);
    bool fits = x->ndim == 3 && c->values[1].list.count == sizeof(windows) / sizeof *w && w[0] > 0 && w[1] > 0 && w[8] > 0 && w[9] > 0 && x->sizes[1] % (w[0] * w[1]) == 0 && x->sizes[2] == w[8] * w[9];
    if (status == TORSH_OK && !fits) status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'input' must be (N, C taps, windows)", torsh__call_name(c));
    if (status) return status;
    c->device = x->device;
    c->compute = (torsh_dtype)x->dtype;
    const int64_t sizes[4] = {x->sizes[0], x->sizes[1] / (w[0] * w[1]), w[10], w[11]};
    torsh__out_spec(c, 0, c->compute, 4, sizes);
    return torsh__numel(torsh__call_name(c), sizes, 4, torsh__dtypes[c->compute].size, &(int64_t){0});
}

static void add_columns_gradient(torsh__backward *b)
{
    const int64_t *w = b->node->values[1].list.data;
    b->result[0] = torsh_im2col(b->g[0], w, 2, w + 2, 2, w + 4, 2, w + 6, 2);
}
static const torsh__impl impl_add_columns = {.infer = infer_add_columns, .gradient = add_columns_gradient, .forward = TORSH__FORWARD_LINEAR};

/* The gradient of im2col: columns added up where their windows lie. */
static torsh_tensor compose_fold(torsh_tensor input, const int64_t *output_size, size_t outputs, const int64_t *kernel_size, size_t kernels,
                                 const int64_t *dilation, size_t dilations, const int64_t *padding, size_t paddings, const int64_t *stride, size_t strides)
{
    torsh__shape s = torsh__shape_of(input);
    windows w;
    int64_t out[2];
    torsh_status status = take_pair("fold", "output_size", output_size, outputs, -1, 1, out);
    if (status == TORSH_OK) status = take_windows("fold", &w, kernel_size, kernels, dilation, dilations, padding, paddings, stride, strides, out);
    if (status) return torsh__tensor_error(status);
    int64_t taps = w.kernel[0] * w.kernel[1], places = w.out[0] * w.out[1];
    if (s.ndim < 2 || s.ndim > 3 || s.sizes[s.ndim - 2] % taps || s.sizes[s.ndim - 1] != places)
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "fold: 'input' must be (N, C %lld, %lld) for these windows; it is %s", (long long)taps, (long long)places, torsh_shape_text(input));
    int64_t n = s.ndim == 3 ? s.sizes[0] : 1, c = s.sizes[s.ndim - 2] / taps, height = out[0] + 2 * w.padding[0], width = out[1] + 2 * w.padding[1], step[6];
    if (torsh_dtype_is_floating_point(s.dtype)) {
        memcpy(w.image, out, sizeof out);
        torsh_tensor image = torsh__add_columns(torsh_reshape(torsh__widened(input), TORSH_DIMS(n, c * taps, places)), (const int64_t *)(const void *)&w, sizeof w / sizeof *w.kernel);
        return torsh__narrowed(s.ndim == 3 ? image : torsh_squeeze(image, TORSH_DIMS(0)), s.dtype);
    }
    window_strides(&w, c, height, width, step);
    torsh_tensor x = torsh_contiguous(torsh_reshape(torsh__widened(input), TORSH_DIMS(n, c, w.kernel[0], w.kernel[1], w.out[0], w.out[1])));
    torsh_tensor whole = torsh__restride(x, step, 6, 0, TORSH_DIMS(n, c, height, width), TORSH_DIMS(c * height * width, height * width, width, 1), 0, true);
    torsh_tensor y = torsh_slice(torsh_slice(whole, 2, w.padding[0], w.padding[0] + out[0], 1), 3, w.padding[1], w.padding[1] + out[1], 1);
    return torsh__narrowed(torsh_contiguous(s.ndim == 3 ? y : torsh_squeeze(y, TORSH_DIMS(0))), s.dtype);
}

/* ---- channels and space -------------------------------------------------------------------------------------- */

/* The leading dims as one: (batch, C, H, W). Fails for fewer than 3 dims or a factor that isn't positive. */
static torsh_status image_of(const char *name, torsh_tensor input, const char *param, int64_t factor, torsh__shape *s, int64_t dims[4])
{
    *s = torsh__shape_of(input);
    if (s->ndim < 3) return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'input' must have 3 dimensions or more; it is %s", name, torsh_shape_text(input));
    if (factor < 1 || factor > INT16_MAX) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: %s must be positive and fit 15 bits; it is %lld", name, param, (long long)factor);
    dims[0] = 1;
    for (int d = 0; d < s->ndim - 3; d++) dims[0] *= s->sizes[d];
    memcpy(dims + 1, s->sizes + s->ndim - 3, 3 * sizeof *dims);
    return TORSH_OK;
}

static torsh_tensor image_back(torsh_tensor t, torsh__shape *s, int64_t channels, int64_t height, int64_t width)
{
    int64_t *last = s->sizes + s->ndim - 3;
    last[0] = channels, last[1] = height, last[2] = width;
    return torsh_reshape(torsh_contiguous(t), s->sizes, (size_t)s->ndim);
}

static torsh_tensor compose_pixel_shuffle(torsh_tensor input, int64_t upscale_factor)
{
    torsh__shape s;
    int64_t d[4], r = upscale_factor;
    torsh_status status = image_of("pixel_shuffle", input, "upscale_factor", r, &s, d);
    if (status == TORSH_OK && d[1] % (r * r))
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "pixel_shuffle: the %lld channels of 'input' are no multiple of upscale_factor squared", (long long)d[1]);
    if (status) return torsh__tensor_error(status);
    torsh_tensor parts = torsh_reshape(input, TORSH_DIMS(d[0], d[1] / (r * r), r, r, d[2], d[3]));
    return image_back(torsh_permute(parts, TORSH_DIMS(0, 1, 4, 2, 5, 3)), &s, d[1] / (r * r), d[2] * r, d[3] * r);
}

static torsh_tensor compose_pixel_unshuffle(torsh_tensor input, int64_t downscale_factor)
{
    torsh__shape s;
    int64_t d[4], r = downscale_factor;
    torsh_status status = image_of("pixel_unshuffle", input, "downscale_factor", r, &s, d);
    if (status == TORSH_OK && (d[2] % r || d[3] % r))
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "pixel_unshuffle: the image of 'input' %s can't be cut by downscale_factor %lld", torsh_shape_text(input), (long long)r);
    if (status) return torsh__tensor_error(status);
    torsh_tensor parts = torsh_reshape(input, TORSH_DIMS(d[0], d[1], d[2] / r, r, d[3] / r, r));
    return image_back(torsh_permute(parts, TORSH_DIMS(0, 1, 3, 5, 2, 4)), &s, d[1] * r * r, d[2] / r, d[3] / r);
}

static torsh_tensor compose_channel_shuffle(torsh_tensor input, int64_t groups)
{
    torsh__shape s = torsh__shape_of(input);
    if (s.ndim < 3) return torsh__refuse(TORSH_SHAPE_MISMATCH, "channel_shuffle: 'input' must be (N, C, ...); it is %s", torsh_shape_text(input));
    if (groups < 1 || s.sizes[1] % groups)
        return torsh__refuse(TORSH_INVALID_ARGUMENT, "channel_shuffle: the %lld channels of 'input' can't be cut into %lld groups", (long long)s.sizes[1], (long long)groups);
    int64_t each = s.sizes[1] / groups, rest = 1;
    for (int d = 2; d < s.ndim; d++) rest *= s.sizes[d];
    torsh_tensor parts = torsh_reshape(input, TORSH_DIMS(s.sizes[0], groups, each, rest));
    return torsh_reshape(torsh_contiguous(torsh_transpose(parts, 1, 2)), s.sizes, (size_t)s.ndim);
}

#include "define_rows.h"

#include "spatial.def"
