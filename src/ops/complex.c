/* Complex numbers and their parts, as views where they can be. */
#include "composed.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/complex.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/join.h>
#include <torsh/ops/view.h>

#include <string.h>

static torsh_status infer_view_as_real(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    torsh_dtype dtype = (torsh_dtype)v->dtype, part = torsh__dtype_to_real(dtype);
    if (!torsh_dtype_is_complex(dtype))
        return torsh__fail(TORSH_DTYPE_MISMATCH, "view_as_real: 'input' must be complex; it is %s", torsh_dtype_name(dtype));
    if (v->ndim == TORSH__MAX_RANK) return torsh__fail(TORSH_SHAPE_MISMATCH, "view_as_real: 'input' has as many dimensions as a tensor can have");
    torsh__spec *spec = torsh__out_spec(c, 0, part, v->ndim, v->sizes);
    for (int d = 0; d < v->ndim; d++) spec->strides[d] = 2 * v->strides[d];
    spec->sizes[v->ndim] = 2;
    spec->strides[v->ndim] = 1;
    spec->ndim = v->ndim + 1;
    spec->offset = 2 * v->offset;
    c->device = v->device;
    c->compute = part;
    return TORSH_OK;
}

static void view_as_real_gradient(torsh__backward *b)
{
    b->result[0] = torsh_view_as_complex(torsh_contiguous(b->g[0]));
}
static const torsh__impl impl_view_as_real = {.infer = infer_view_as_real, .gradient = view_as_real_gradient};

static torsh_status infer_view_as_complex(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    torsh_dtype dtype = (torsh_dtype)v->dtype;
    if (dtype != TORSH_F32 && dtype != TORSH_F64)
        return torsh__fail(TORSH_DTYPE_MISMATCH, "view_as_complex: 'input' must be f32 or f64; it is %s", torsh_dtype_name(dtype));
    int last = v->ndim - 1;
    if (last < 0 || v->sizes[last] != 2) return torsh__fail(TORSH_SHAPE_MISMATCH, "view_as_complex: the last dimension of 'input' must have size 2");
    bool fits = v->strides[last] == 1 && v->offset % 2 == 0;
    for (int d = 0; d < last; d++) fits &= v->strides[d] % 2 == 0;
    if (!fits) return torsh__fail(TORSH_INVALID_ARGUMENT, "view_as_complex: 'input' must have its pairs side by side: stride 1 last, all others and the offset even");
    torsh__spec *spec = torsh__out_spec(c, 0, torsh__dtype_to_complex(dtype), last, v->sizes);
    for (int d = 0; d < last; d++) spec->strides[d] = v->strides[d] / 2;
    spec->offset = v->offset / 2;
    c->device = v->device;
    c->compute = spec->dtype;
    return TORSH_OK;
}

static void view_as_complex_gradient(torsh__backward *b)
{
    b->result[0] = torsh_view_as_real(b->g[0]);
}
static const torsh__impl impl_view_as_complex = {.infer = infer_view_as_complex, .gradient = view_as_complex_gradient};

static torsh_tensor compose_real(torsh_tensor input)
{
    if (!torsh_dtype_is_complex(torsh_dtype_of(input))) return torsh_share(input);
    return torsh_select(torsh_view_as_real(input), -1, 0);
}

static torsh_tensor compose_imag(torsh_tensor input)
{
    torsh_dtype dtype = torsh_dtype_of(input);
    if (!torsh_dtype_is_complex(dtype))
        return torsh__refuse(TORSH_DTYPE_MISMATCH, "imag: 'input' must be complex; it is %s", torsh_dtype_name(dtype));
    return torsh_select(torsh_view_as_real(input), -1, 1);
}

static torsh_status check_parts(const char *op, const char *first, torsh_dtype x, const char *second, torsh_dtype y)
{
    if (x != TORSH_F32 && x != TORSH_F64) return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: '%s' must be f32 or f64; it is %s", op, first, torsh_dtype_name(x));
    if (x != y) return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: '%s' is %s and '%s' is %s; they must have the same dtype", op, first, torsh_dtype_name(x), second, torsh_dtype_name(y));
    return TORSH_OK;
}

/* Where there is no kernel. */
static torsh_tensor join(torsh_tensor real, torsh_tensor imag)
{
    torsh__shape s = torsh__shape_of(real), t = torsh__shape_of(imag);
    if (!torsh__broadcast(&s.ndim, s.sizes, t.ndim, t.sizes)) return torsh_add(real, imag); /* which says so */
    torsh_tensor parts[] = {torsh_expand(real, s.sizes, (size_t)s.ndim), torsh_expand(imag, s.sizes, (size_t)s.ndim)};
    return torsh_view_as_complex(torsh_stack(parts, 2, -1));
}

static torsh_status infer_complex(torsh__call *c)
{
    torsh_status status = check_parts("complex", "real", torsh__dtype_of(c->input[0]), "imag", torsh__dtype_of(c->input[1]));
    if (status == TORSH_OK) status = torsh__infer_device(c);
    if (status == TORSH_OK) status = torsh__infer_broadcast(c, &c->spec[0]);
    c->compute = torsh__dtype_to_complex(torsh__dtype_of(c->input[0]));
    c->spec[0].dtype = c->compute;
    return status;
}

static torsh_status run_complex(torsh__call *c)
{
    if (c->device == TORSH_CPU) return torsh__launch(c);
    return torsh_id_status(torsh_copy_(torsh__tensor_share(c->output[0]), join(torsh__tensor_share(c->input[0]), torsh__tensor_share(c->input[1]))).id);
}

static void complex_gradient(torsh__backward *b)
{
    if (torsh__needs(b, 0)) b->result[0] = torsh_real(b->g[0]);
    if (torsh__needs(b, 1)) b->result[1] = torsh_imag(b->g[0]);
}
static const torsh__impl impl_complex = {.infer = infer_complex, .run = run_complex, .gradient = complex_gradient, .batch = TORSH__BATCH_POINTWISE};

static torsh_tensor compose_polar(torsh_tensor abs, torsh_tensor angle)
{
    torsh_status status = check_parts("polar", "abs", torsh_dtype_of(abs), "angle", torsh_dtype_of(angle));
    return status ? torsh__tensor_error(status) : torsh_complex(torsh_mul(abs, torsh_cos(angle)), torsh_mul(abs, torsh_sin(angle)));
}

static torsh_tensor compose_resolve_conj(torsh_tensor input)
{
    return torsh_share(input);
}

static torsh_tensor compose_resolve_neg(torsh_tensor input)
{
    return torsh_share(input);
}

#include "define_rows.h"
#include "complex.def"
