/* Checking gradients against finite differences, as torch.autograd.gradcheck does in its slow mode: the whole Jacobian of
 * every output with respect to every input, central differences, complex numbers by parts. */
#include "alloc.h"
#include "op.h"
#include "options.h"
#include "user_function.h"

#include <torsh/autograd.h>
#include <torsh/ops/copy.h>

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#ifndef CMPLX /* glibc offers it to gcc alone */
#define CMPLX(real, imaginary) __builtin_complex((double)(real), (double)(imaginary))
#endif

enum { MAX_TENSORS = 32 };

/* The function under test with several outputs; for gradgradcheck, the gradients of the user's function. */
typedef struct subject {
    torsh_tensor_function *function;
    void *context;
    bool second;      /* outputs are gradients of `function`; its result's gradient is the last input */
    const char *name; /* for error texts */
} subject;

torsh_gradcheck_options torsh_gradcheck_defaults(void)
{
    return (torsh_gradcheck_options){sizeof(torsh_gradcheck_options), 1e-6, 1e-5, 1e-3, 0};
}

/* ---- calling -------------------------------------------------------------------------------------------------------- */

/* Gradients of the user's function for the inputs that require one. */
static torsh_status call_second(const subject *s, const torsh_tensor *inputs, size_t count, torsh_tensor *outputs, size_t *output_count)
{
    torsh_tensor tracked[MAX_TENSORS], copies[MAX_TENSORS];
    size_t n = 0;
    TORSH_AUTO torsh_scope grad = torsh_enable_grad();
    for (size_t i = 0; i + 1 < count; i++) {
        bool tracks = torsh_requires_grad(inputs[i]);
        copies[i] = inputs[i];
        if (tracks) tracked[n++] = inputs[i];
    }
    torsh_tensor result = torsh__user_function(s->function, s->context, copies, count - 1);
    torsh_grad_options o = torsh_grad_defaults();
    o.create_graph = true;
    o.materialize_grads = true;
    torsh_tensors list = torsh_autograd_grad(&result, 1, tracked, n, &inputs[count - 1], &o);
    for (size_t i = 0; i < n; i++) outputs[i] = torsh_tensors_get(list, (int64_t)i);
    *output_count = n;
    return torsh_id_status(list.id);
}

static torsh_status call(const subject *s, const torsh_tensor *inputs, size_t count, torsh_tensor *outputs, size_t *output_count)
{
    if (s->second) return call_second(s, inputs, count, outputs, output_count);
    *output_count = 1;
    outputs[0] = torsh__user_function(s->function, s->context, inputs, count);
    return torsh_id_status(outputs[0].id);
}

/* ---- numbers ---------------------------------------------------------------------------------------------------------- */

/* All elements as complex numbers in row-major order. */
static torsh_status read_all(torsh_tensor t, double complex *values, int64_t count)
{
    torsh_tensor wide = torsh_to_dtype(torsh_detach(t), TORSH_C128);
    return torsh_to_host(wide, values, (size_t)count * sizeof *values);
}

static torsh_tensor write_all(const double complex *values, torsh_tensor like)
{
    torsh_tensor t = torsh_from_data(values, torsh_sizes(like), (size_t)torsh_ndim(like), TORSH_C128, torsh_device_of(like));
    return torsh_to_dtype(t, torsh_dtype_of(like));
}

/* "[1, 0]" of the flat index. */
static const char *place(torsh__shape_text *text, torsh_tensor t, int64_t flat)
{
    int64_t at[TORSH__MAX_RANK];
    const int64_t *sizes = torsh_sizes(t);
    int ndim = torsh_ndim(t);
    for (int d = ndim - 1; d >= 0; d--) {
        at[d] = flat % sizes[d];
        flat /= sizes[d];
    }
    return torsh__shape_print(text, ndim, at);
}

/* ---- one check -------------------------------------------------------------------------------------------------------- */

typedef struct check {
    const subject *subject;
    const torsh_gradcheck_options *o;
    const torsh_tensor *inputs;
    size_t input_count, output_count;
    torsh_tensor outputs[MAX_TENSORS];
    int64_t output_offset[MAX_TENSORS + 1]; /* of each output's elements among all */
    double complex *plus, *minus;           /* all outputs' elements */
    double complex *numeric[2];             /* of one input element: by the real step, by the imaginary */
} check;

/* All outputs with one input replaced. */
static torsh_status evaluate(const check *c, size_t input, const double complex *values, double complex *results)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor inputs[MAX_TENSORS], outputs[MAX_TENSORS];
    size_t count;
    for (size_t i = 0; i < c->input_count; i++) {
        inputs[i] = i == input ? write_all(values, c->inputs[i]) : torsh_detach(c->inputs[i]);
        if (c->subject->second && torsh_requires_grad(c->inputs[i]) && i + 1 < c->input_count) torsh_set_requires_grad(inputs[i], true);
    }
    torsh_scope quiet = torsh_no_grad();
    torsh_status status = call(c->subject, inputs, c->input_count, outputs, &count);
    torsh_scope_close(quiet);
    if (status == TORSH_OK && count != c->output_count) status = torsh__fail(TORSH_AUTOGRAD_ERROR, "%s: the number of outputs changed", c->subject->name);
    for (size_t i = 0; i < count && status == TORSH_OK; i++) {
        int64_t numel = c->output_offset[i + 1] - c->output_offset[i];
        if (torsh_numel(outputs[i]) != numel) status = torsh__fail(TORSH_AUTOGRAD_ERROR, "%s: the shape of output %zu changed", c->subject->name, i);
        else status = read_all(outputs[i], results + c->output_offset[i], numel);
    }
    return status;
}

/* d outputs / d element by a step in one direction (1 or i). */
static torsh_status differentiate(const check *c, size_t input, double complex *values, int64_t element, double complex step, double complex *results)
{
    double complex old = values[element];
    values[element] = old + step;
    torsh_status status = evaluate(c, input, values, c->plus);
    values[element] = old - step;
    if (status == TORSH_OK) status = evaluate(c, input, values, c->minus);
    values[element] = old;
    for (int64_t k = 0; k < c->output_offset[c->output_count]; k++) results[k] = (c->plus[k] - c->minus[k]) / (2 * c->o->eps);
    return status;
}

static torsh_status compare(const check *c, size_t input, int64_t element, size_t output, int64_t k, int part, double complex analytic)
{
    double complex x = c->numeric[0][c->output_offset[output] + k], y = c->numeric[1][c->output_offset[output] + k];
    double complex numeric = part ? CMPLX(cimag(x), cimag(y)) : CMPLX(creal(x), creal(y));
    if (cabs(analytic - numeric) <= c->o->atol + c->o->rtol * cabs(numeric)) return TORSH_OK;
    if (isnan(creal(analytic)) && isnan(creal(numeric))) return TORSH_OK;
    torsh__shape_text a, b;
    char text[2][64];
    const double complex both[2] = {numeric, analytic};
    for (int i = 0; i < 2; i++)
        snprintf(text[i], sizeof text[i], torsh_dtype_is_complex(torsh_dtype_of(c->inputs[input])) ? "%.9g%+.9gi" : "%.9g", creal(both[i]), cimag(both[i]));
    return torsh__fail(TORSH_AUTOGRAD_ERROR,
                       "%s: the gradient of output %zu, element %s%s, with respect to input %zu, element %s: numeric %s, analytic %s", c->subject->name,
                       output, place(&a, c->outputs[output], k), part ? " (imaginary part)" : "", input, place(&b, c->inputs[input], element), text[0],
                       text[1]);
}

/* The analytic row of the Jacobian for output element k: gradients of all of an input's elements. */
static torsh_status analytic_row(const check *c, size_t input, size_t output, int64_t k, int part, double complex *row)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor y = c->outputs[output];
    int64_t numel = torsh_numel(y);
    size_t bytes = (size_t)numel * sizeof(double complex);
    double complex *seed = torsh__alloc_zero(bytes);
    if (!seed) return TORSH_OUT_OF_MEMORY;
    seed[k] = part ? CMPLX(0, 1) : 1;
    torsh_tensor g = write_all(seed, y);
    torsh__free(seed, bytes);
    torsh_grad_options o = torsh_grad_defaults();
    o.retain_graph = true;
    o.materialize_grads = true;
    torsh_tensors list = torsh_autograd_grad(&y, 1, &c->inputs[input], 1, &g, &o);
    torsh_tensor grad = torsh_tensors_get(list, 0);
    return read_all(grad, row, torsh_numel(c->inputs[input]));
}

/* All rows of one output and part, twice. */
static torsh_status analytic_rows(const check *c, size_t input, size_t output, int part, double complex *rows, double complex *again)
{
    int64_t columns = torsh_numel(c->inputs[input]), count = torsh_numel(c->outputs[output]);
    torsh_status status = TORSH_OK;
    for (int64_t k = 0; k < count && status == TORSH_OK; k++) {
        if (!torsh_requires_grad(c->outputs[output])) {
            memset(rows + k * columns, 0, (size_t)columns * sizeof *rows);
            continue;
        }
        status = analytic_row(c, input, output, k, part, rows + k * columns);
        if (status == TORSH_OK) status = analytic_row(c, input, output, k, part, again);
        torsh__shape_text text;
        for (int64_t j = 0; j < columns && status == TORSH_OK; j++)
            if (cabs(rows[k * columns + j] - again[j]) > c->o->nondet_tol)
                status = torsh__fail(TORSH_AUTOGRAD_ERROR, "%s: two backward runs gave different gradients of input %zu, element %s", c->subject->name,
                                     input, place(&text, c->inputs[input], j));
    }
    return status;
}

/* numeric against analytic, element by element of one input. `work` holds values, rows of both parts of all outputs, a row. */
static torsh_status check_elements(check *c, size_t input, double complex *values, double complex *rows[2], double complex *again)
{
    int64_t columns = torsh_numel(c->inputs[input]);
    bool is_complex = torsh_dtype_is_complex(torsh_dtype_of(c->inputs[input]));
    torsh_status status = read_all(c->inputs[input], values, columns);
    for (size_t o = 0; o < c->output_count && status == TORSH_OK; o++)
        for (int part = 0; part < 1 + torsh_dtype_is_complex(torsh_dtype_of(c->outputs[o])) && status == TORSH_OK; part++)
            status = analytic_rows(c, input, o, part, rows[part] + c->output_offset[o] * columns, again);
    for (int64_t j = 0; j < columns && status == TORSH_OK; j++) {
        status = differentiate(c, input, values, j, c->o->eps, c->numeric[0]);
        memset(c->numeric[1], 0, (size_t)c->output_offset[c->output_count] * sizeof **rows);
        if (status == TORSH_OK && is_complex) status = differentiate(c, input, values, j, c->o->eps * I, c->numeric[1]);
        for (size_t o = 0; o < c->output_count; o++) {
            int parts = 1 + torsh_dtype_is_complex(torsh_dtype_of(c->outputs[o]));
            for (int64_t k = 0; k < torsh_numel(c->outputs[o]); k++)
                for (int part = 0; part < parts && status == TORSH_OK; part++)
                    status = compare(c, input, j, o, k, part, rows[part][(c->output_offset[o] + k) * columns + j]);
        }
    }
    return status;
}

static torsh_status check_input(check *c, size_t input)
{
    int64_t columns = torsh_numel(c->inputs[input]), total = c->output_offset[c->output_count], count;
    if (__builtin_mul_overflow(total, columns, &count) || count > (int64_t)1 << 28)
        return torsh__fail(TORSH_OUT_OF_RANGE, "%s: the Jacobian of input %zu has too many elements; check smaller tensors", c->subject->name, input);
    size_t bytes = (size_t)(2 * columns + 2 * total * columns + 4 * total) * sizeof(double complex);
    double complex *block = torsh__alloc(bytes);
    if (!block) return TORSH_OUT_OF_MEMORY;
    double complex *values = block, *again = values + columns, *rows[2] = {again + columns, again + columns + total * columns};
    c->plus = rows[1] + total * columns;
    c->minus = c->plus + total;
    c->numeric[0] = c->minus + total;
    c->numeric[1] = c->numeric[0] + total;
    torsh_status status = check_elements(c, input, values, rows, again);
    torsh__free(block, bytes);
    return status;
}

static torsh_status check_dtypes(const subject *s, const torsh_tensor *inputs, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        torsh_dtype dtype = torsh_dtype_of(inputs[i]);
        if (dtype == TORSH_DTYPE_DEFAULT) return torsh_id_status(inputs[i].id);
        if (!torsh_requires_grad(inputs[i])) continue;
        any = true;
        if (dtype != TORSH_F64 && dtype != TORSH_C128)
            return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: input %zu requires a gradient and is %s; differences need f64 or c128", s->name, i,
                               torsh_dtype_name(dtype));
    }
    return any ? TORSH_OK : torsh__fail(TORSH_INVALID_ARGUMENT, "%s: no input requires a gradient", s->name);
}

static torsh_status run(const subject *s, const torsh_tensor *inputs, size_t count, const torsh_gradcheck_options *o)
{
    torsh_status status = check_dtypes(s, inputs, count);
    if (status) return status;
    check c = {.subject = s, .o = o, .inputs = inputs, .input_count = count};
    TORSH_AUTO torsh_scope grad = torsh_enable_grad();
    status = call(s, inputs, count, c.outputs, &c.output_count);
    for (size_t i = 0; i < c.output_count && status == TORSH_OK; i++) {
        int64_t numel = torsh_numel(c.outputs[i]);
        if (numel < 0) return torsh_id_status(c.outputs[i].id);
        c.output_offset[i + 1] = c.output_offset[i] + numel;
    }
    for (size_t i = 0; i < count && status == TORSH_OK; i++)
        if (torsh_requires_grad(inputs[i])) status = check_input(&c, i);
    return status;
}

/* ---- doors ---------------------------------------------------------------------------------------------------------- */

static torsh_status check_call(const char *name, torsh_tensor_function *function, const torsh_tensor *inputs, size_t count,
                               torsh_gradcheck_options *o, const torsh_gradcheck_options *given)
{
    *o = torsh_gradcheck_defaults();
    torsh_status status = torsh__take_options(name, o, sizeof *o, sizeof *o, given);
    if (status) return status;
    if (!function || !inputs || count == 0 || count >= MAX_TENSORS)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: needs a function and 1 to %d inputs", name, MAX_TENSORS - 1);
    if (!(o->eps > 0)) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: eps must be positive", name);
    return TORSH_OK;
}

torsh_status torsh_gradcheck(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t input_count,
                             const torsh_gradcheck_options *options)
{
    torsh_gradcheck_options o;
    torsh_status status = check_call("gradcheck", function, inputs, input_count, &o, options);
    if (status) return status;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    subject s = {.function = function, .context = context, .name = "gradcheck"};
    return run(&s, inputs, input_count, &o);
}

/* A gradient for y: numbers of no pattern between -1 and 1 (Knuth's multiplicative hash of the index). */
static torsh_tensor some_gradient(torsh_tensor y)
{
    int64_t numel = torsh_numel(y);
    if (numel < 0) return y;
    size_t bytes = (size_t)numel * sizeof(double complex);
    double complex *values = torsh__alloc(bytes);
    if (!values) return torsh__tensor_error(TORSH_OUT_OF_MEMORY);
    for (int64_t i = 0; i < numel; i++) {
        uint32_t a = (uint32_t)(2 * i + 1) * 2654435761u, b = (uint32_t)(2 * i + 2) * 2654435761u;
        values[i] = CMPLX(a / 2147483648.0 - 1, b / 2147483648.0 - 1);
    }
    torsh_tensor g = write_all(values, y);
    torsh__free(values, bytes);
    torsh_set_requires_grad(g, true);
    return g;
}

torsh_status torsh_gradgradcheck(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t input_count,
                                 const torsh_gradcheck_options *options)
{
    torsh_gradcheck_options o;
    torsh_status status = check_call("gradgradcheck", function, inputs, input_count, &o, options);
    if (status) return status;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor all[MAX_TENSORS];
    memcpy(all, inputs, input_count * sizeof *all);
    all[input_count] = some_gradient(torsh__user_function(function, context, inputs, input_count));
    subject s = {.function = function, .context = context, .second = true, .name = "gradgradcheck"};
    return run(&s, all, input_count + 1, &o);
}
