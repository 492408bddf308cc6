/* Shape and dtype rules that many ops share. */
#include "op.h"

#include <torsh/ops/copy.h>

#include <math.h>
#include <string.h>

torsh__spec *torsh__out_spec(torsh__call *c, int output, torsh_dtype dtype, int ndim, const int64_t *sizes)
{
    torsh__spec *spec = &c->spec[output];
    spec->dtype = dtype;
    spec->ndim = ndim;
    if (ndim > 0 && sizes != spec->sizes) memcpy(spec->sizes, sizes, (size_t)ndim * sizeof *sizes);
    return spec;
}

int torsh__param_index(const torsh__op *op, const char *name)
{
    for (int i = 0; i < op->info.param_count; i++)
        if (strcmp(op->info.params[i].name, name) == 0) return i;
    return -1;
}

/* The name of the parameter that input i came with (for error texts). */
static const char *input_name(const torsh__call *c, int i)
{
    int seen = 0;
    for (int k = 0; k < c->op->info.param_count; k++) {
        const torsh_param *param = &c->op->info.params[k];
        if (param->kind == TORSH_PARAM_TENSORS) return param->name;
        if (param->kind != TORSH_PARAM_TENSOR && param->kind != TORSH_PARAM_OPTIONAL_TENSOR) continue;
        if (seen++ == i) return param->name;
    }
    return "input";
}

static torsh_dtype promote_known(torsh_dtype a, torsh_dtype b)
{
    return a == TORSH_DTYPE_DEFAULT ? b : b == TORSH_DTYPE_DEFAULT ? a : torsh_promote_types(a, b);
}

/* A lower priority raises the category, never the width (ATen/native/TypeProperties.cpp combine_categories). */
static torsh_dtype combine(torsh_dtype high, torsh_dtype low)
{
    if (high == TORSH_DTYPE_DEFAULT) return low;
    if (low == TORSH_DTYPE_DEFAULT || torsh_dtype_is_complex(high)) return high;
    if (torsh_dtype_is_floating_point(high)) return torsh_dtype_is_complex(low) ? torsh__dtype_to_complex(high) : high;
    if (high == TORSH_BOOL || torsh__dtypes[low].category > TORSH__INTEGER) return torsh_promote_types(high, low);
    return high;
}

torsh_dtype torsh__result_type(torsh__tensor *const *inputs, int first, int last)
{
    torsh_dtype dims = TORSH_DTYPE_DEFAULT, zero = TORSH_DTYPE_DEFAULT, weak = TORSH_DTYPE_DEFAULT;
    for (int i = first; i < last; i++) {
        const torsh__tensor *t = inputs[i];
        if (!t) continue;
        torsh_dtype dtype = torsh__dtype_of(t);
        if (t->view.ndim > 0) {
            dims = promote_known(dims, dtype);
        } else if (!t->weak) {
            zero = promote_known(zero, dtype);
        } else {
            if (torsh_dtype_is_complex(dtype)) dtype = torsh__dtype_to_complex(torsh_default_dtype());
            else if (torsh_dtype_is_floating_point(dtype)) dtype = torsh_default_dtype();
            weak = promote_known(weak, dtype);
        }
    }
    return combine(dims, combine(zero, weak));
}

torsh_status torsh__require_dtype(const torsh__call *c, torsh_dtype dtype)
{
    if (torsh__in_set(dtype, c->op->info.dtypes)) return TORSH_OK;
    int i = 0; /* which input has it, if one does */
    while (i < c->inputs && !(c->input[i] && torsh__dtype_of(c->input[i]) == dtype)) i++;
    return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: not defined for dtype %s (of '%s')", torsh__call_name(c), torsh_dtype_name(dtype), input_name(c, i < c->inputs ? i : 0));
}

torsh_status torsh__require_rank(const torsh__call *c, int i, int least, int most)
{
    const torsh__tensor *t = c->input[i];
    if (t->view.ndim >= least && t->view.ndim <= most) return TORSH_OK;
    torsh__shape_text text;
    torsh__shape_print(&text, t->view.ndim, t->view.sizes);
    if (least == most)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: '%s' must have %d dimensions; it is %s", torsh__call_name(c), input_name(c, i), least,
                           text.text);
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: '%s' must have %d to %d dimensions; it is %s", torsh__call_name(c), input_name(c, i), least,
                       most, text.text);
}

torsh_status torsh__require_same_dtype(const torsh__call *c, int i, int j)
{
    torsh_dtype a = torsh__dtype_of(c->input[i]), b = torsh__dtype_of(c->input[j]);
    if (a == b) return TORSH_OK;
    return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: '%s' is %s and '%s' is %s; they must have the same dtype", torsh__call_name(c),
                       input_name(c, i), torsh_dtype_name(a), input_name(c, j), torsh_dtype_name(b));
}

torsh_status torsh__infer_device(torsh__call *c)
{
    const torsh__tensor *first = NULL;
    for (int i = 0; i < c->inputs; i++) {
        const torsh__tensor *t = c->input[i];
        if (!t) continue;
        /* A 0-d tensor on the CPU goes with any device, as in PyTorch. */
        if (!first || (first->view.ndim == 0 && first->view.device == TORSH_CPU)) {
            first = t;
            continue;
        }
        if (t->view.device == first->view.device || (t->view.ndim == 0 && t->view.device == TORSH_CPU)) continue;
        char other[32];
        strncpy(other, torsh_device_name(first->view.device), sizeof other - 1);
        other[sizeof other - 1] = 0;
        return torsh__fail(TORSH_DEVICE_MISMATCH, "%s: '%s' is on %s and another input on %s; move one with torsh_to_device", torsh__call_name(c),
                           input_name(c, i), torsh_device_name(t->view.device), other);
    }
    if (first) c->device = first->view.device;
    return TORSH_OK;
}

torsh_status torsh__infer_broadcast(torsh__call *c, torsh__spec *spec)
{
    const torsh__tensor *a = c->input[0];
    spec->ndim = a->view.ndim;
    for (int d = 0; d < spec->ndim; d++) spec->sizes[d] = a->view.sizes[d];
    for (int i = 1; i < c->inputs; i++) {
        const torsh__tensor *t = c->input[i];
        if (!t || torsh__broadcast(&spec->ndim, spec->sizes, t->view.ndim, t->view.sizes)) continue;
        torsh__shape_text left, right;
        return torsh__fail(TORSH_SHAPE_MISMATCH,
                           "%s: '%s' is %s and '%s' is %s; they don't broadcast: aligned at the right, each pair of sizes must be equal or hold a 1",
                           torsh__call_name(c), input_name(c, 0), torsh__shape_print(&left, spec->ndim, spec->sizes), input_name(c, i),
                           torsh__shape_print(&right, t->view.ndim, t->view.sizes));
    }
    return TORSH_OK;
}

static bool has_fraction(const torsh__call *c)
{
    for (int i = 0; i < c->op->info.param_count; i++) {
        double value = c->values[i].f;
        if (c->op->info.params[i].kind == TORSH_PARAM_DOUBLE && isfinite(value) && value != floor(value)) return true;
    }
    return false;
}

torsh_status torsh__infer_pointwise(torsh__call *c)
{
    torsh_status status = torsh__infer_device(c);
    if (status) return status;
    torsh__spec *spec = &c->spec[0];
    if ((status = torsh__infer_broadcast(c, spec)) != TORSH_OK) return status;
    torsh_dtype dtype = torsh__dtype_of(c->input[0]);
    if (c->inputs > 1) {
        const torsh__tensor *b = c->input[1];
        if (c->inputs > 2 || torsh__dtype_of(b) != dtype || c->input[0]->weak || b->weak) dtype = torsh__result_type(c->input, 0, c->inputs);
    }
    if (torsh__dtypes[dtype].category < TORSH__FLOATING) {
        uint8_t rule = c->op->impl->promotion;
        if (rule == TORSH__PROMOTE_FLOATING || (rule == TORSH__PROMOTE_NUMBERS && has_fraction(c))) dtype = torsh_default_dtype();
        if (rule == TORSH__PROMOTE_WHOLE && dtype == TORSH_BOOL) dtype = TORSH_I64;
    }
    if ((status = torsh__require_dtype(c, dtype)) != TORSH_OK) return status;
    c->compute = dtype;
    spec->dtype = c->op->info.to_bool ? TORSH_BOOL : dtype;
    if (torsh__dtypes[dtype].category == TORSH__COMPLEX && c->op->impl->flags & TORSH__REAL_RESULT) {
        spec->dtype = torsh__dtype_to_real(dtype);
        if (c->device != TORSH_CPU) return torsh__fail(TORSH_UNSUPPORTED, "%s: no kernel for complex 'input' on %s", torsh__call_name(c), torsh_device_name(c->device));
        if (c->in_place) return torsh__fail(TORSH_DTYPE_MISMATCH, "%s (in place): the result is real and can't replace 'input', which is %s", torsh__call_name(c), torsh_dtype_name(dtype));
    }
    return TORSH_OK;
}
