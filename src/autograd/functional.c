/* Jacobians and their products with vectors, as torch.autograd.functional has them: made of torsh_autograd_grad alone. Products with a
 * vector on the right come from two backward passes: v'J is linear in v, so its derivative by v, applied to u, is J u. */
#include "alloc.h"
#include "batched.h"
#include "dual.h"
#include "op.h"
#include "user_function.h"

#include <torsh/autograd.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/creation.h>
#include <torsh/ops/join.h>
#include <torsh/ops/view.h>

#include <string.h>

enum { MOST_INPUTS = 64 };

/* One call of the user's function: what it is differentiated by, and its result. */
typedef struct trial {
    torsh_tensor inputs[MOST_INPUTS];
    size_t count;
    bool create_graph;
    torsh_tensor output;
} trial;

static torsh_status first_error(const torsh_tensor *tensors, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (TORSH_FAILED(tensors[i])) return torsh_id_status(tensors[i].id);
    return TORSH_OK;
}

/* Inside vmap each sample is differentiated by an input of its own. Its elements need places of their own, or views would take them for one. */
static torsh_tensor own_input(torsh_tensor t)
{
    uint32_t levels = torsh__vmap_levels();
    return levels ? torsh__hide(torsh_clone(torsh__expose(t, levels)), levels) : t;
}

static torsh_status check_inputs(torsh_tensor_function *function, const torsh_tensor *inputs, size_t count)
{
    if (!function || (!inputs && count))
        return torsh__fail(TORSH_INVALID_ARGUMENT, "argument '%s' is NULL", function ? "inputs" : "function");
    if (count == 0 || count > MOST_INPUTS) return torsh__fail(TORSH_INVALID_ARGUMENT, "takes 1 to %d 'inputs'; %zu were given", MOST_INPUTS, count);
    return TORSH_OK;
}

/* With create_graph an input that tracks gradients stays itself, so that results lead back to what it was made of. */
static torsh_status begin(trial *t, torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t count, bool create_graph)
{
    torsh_status status = check_inputs(function, inputs, count);
    if (status) return status;
    t->count = count;
    t->create_graph = create_graph;
    for (size_t i = 0; i < count; i++) {
        t->inputs[i] = own_input(inputs[i]);
        if (create_graph && torsh_requires_grad(inputs[i])) continue;
        t->inputs[i] = torsh__cut(t->inputs[i]);
        status = TORSH_FAILED(t->inputs[i]) ? torsh_id_status(t->inputs[i].id) : torsh_set_requires_grad(t->inputs[i], true);
        if (status) return status;
    }
    t->output = torsh__user_function(function, context, t->inputs, count);
    return torsh_id_status(t->output.id);
}

/* Gradients of those of the outputs that track any, by the inputs; zeros where there is no way. */
static torsh_status pull(const torsh_tensor *outputs, size_t output_count, const torsh_tensor *inputs, size_t count, const torsh_tensor *weights,
                         bool create_graph, torsh_tensor *results)
{
    torsh_tensor tracked[MOST_INPUTS], weight[MOST_INPUTS];
    size_t n = 0;
    for (size_t i = 0; i < output_count; i++) {
        if (!torsh_requires_grad(outputs[i])) continue;
        tracked[n] = outputs[i];
        weight[n++] = weights[i];
    }
    if (n == 0) {
        for (size_t i = 0; i < count; i++) results[i] = torsh_zeros_like(inputs[i]);
        return first_error(results, count);
    }
    torsh_grad_options options = torsh_grad_defaults();
    options.retain_graph = true;
    options.create_graph = create_graph;
    options.materialize_grads = true;
    torsh_tensors list = torsh_autograd_grad(tracked, n, inputs, count, weight, &options);
    if (TORSH_FAILED(list)) return torsh_id_status(list.id);
    for (size_t i = 0; i < count; i++) results[i] = torsh_tensors_get(list, (int64_t)i);
    return first_error(results, count);
}

/* J u for the Jacobian J of outputs by inputs. */
static torsh_status push(const torsh_tensor *outputs, size_t output_count, const torsh_tensor *inputs, size_t count, const torsh_tensor *u,
                         bool create_graph, torsh_tensor *results)
{
    torsh_tensor v[MOST_INPUTS], products[MOST_INPUTS];
    for (size_t i = 0; i < output_count; i++) {
        v[i] = torsh_zeros_like(outputs[i]);
        torsh_status status = TORSH_FAILED(v[i]) ? torsh_id_status(v[i].id) : torsh_set_requires_grad(v[i], true);
        if (status) return status;
    }
    torsh_status status = pull(outputs, output_count, inputs, count, v, true, products);
    return status ? status : pull(products, count, v, output_count, u, create_graph, results);
}

/* output's Jacobian by each input, (output's dims..., input's dims...): a backward pass for each element. */
static torsh_status jacobian_of(const trial *t, torsh_tensor output, torsh_tensor *results)
{
    int64_t numel = torsh_numel(output);
    int ndim = torsh_ndim(output);
    if (numel < 0) return torsh_id_status(output.id);
    if (torsh_dtype_is_complex(torsh_dtype_of(output))) return torsh__fail(TORSH_DTYPE_MISMATCH, "the function's result must be real; it is complex");
    size_t rows = (size_t)numel, bytes = (rows * t->count + 1) * sizeof(torsh_tensor);
    torsh_tensor *row = torsh__alloc_zero(bytes);
    if (!row) return TORSH_OUT_OF_MEMORY;
    torsh_tensor seeds = torsh_eye(numel, numel, torsh_dtype_of(output), torsh_device_of(output));
    torsh_status status = TORSH_OK;
    for (size_t i = 0; i < rows && status == TORSH_OK; i++) {
        torsh_tensor gradients[MOST_INPUTS], seed = torsh_reshape(torsh_select(seeds, 0, (int64_t)i), torsh_sizes(output), (size_t)ndim);
        status = pull(&output, 1, t->inputs, t->count, &seed, t->create_graph, gradients);
        for (size_t k = 0; k < t->count && status == TORSH_OK; k++) row[k * rows + i] = gradients[k];
    }
    for (size_t k = 0; k < t->count && status == TORSH_OK; k++) {
        int64_t sizes[2 * TORSH__MAX_RANK];
        int own = torsh_ndim(t->inputs[k]);
        memcpy(sizes, torsh_sizes(output), (size_t)ndim * sizeof *sizes);
        memcpy(sizes + ndim, torsh_sizes(t->inputs[k]), (size_t)own * sizeof *sizes);
        size_t rank = (size_t)ndim + (size_t)own;
        results[k] = rows ? torsh_reshape(torsh_stack(row + k * rows, rows, 0), sizes, rank)
                          : torsh_zeros(sizes, rank, torsh_dtype_of(t->inputs[k]), torsh_device_of(t->inputs[k]));
        status = torsh_id_status(results[k].id);
    }
    torsh__free(row, bytes);
    return status;
}

/* ---- results ------------------------------------------------------------------------------------------------- */

static torsh_tensor finished(const trial *t, torsh_tensor result)
{
    return t->create_graph ? result : torsh__cut(result);
}

/* The list of results and the output itself, if it is asked for, for the caller's scope. */
static torsh_tensors finish(const trial *t, torsh_status status, torsh_tensor *results, size_t count, torsh_tensor *output)
{
    torsh_tensor value = {0};
    for (size_t i = 0; i < count && status == TORSH_OK; i++) results[i] = finished(t, results[i]);
    if (status == TORSH_OK && output) status = torsh_id_status((value = finished(t, t->output)).id);
    torsh_tensors list = status ? (torsh_tensors){torsh__error_id(status)} : torsh_tensors_make(results, count);
    if (output) *output = TORSH_FAILED(list) ? (torsh_tensor){list.id} : value;
    if (TORSH_FAILED(list)) return list;
    if (output) torsh_keep(value);
    torsh_keep(list);
    return list;
}

static torsh_status check_vectors(const trial *t, const torsh_tensor *v, size_t count)
{
    if (!v || count != t->count) return torsh__fail(TORSH_INVALID_ARGUMENT, "argument 'v' must be %zu tensors, one for each input", t->count);
    for (size_t i = 0; i < count; i++) {
        int ndim = torsh_ndim(v[i]);
        if (ndim < 0) return torsh_id_status(v[i].id) ? torsh_id_status(v[i].id) : TORSH_INVALID_HANDLE;
        if (torsh_ndim(t->inputs[i]) < 0) return torsh_id_status(t->inputs[i].id) ? torsh_id_status(t->inputs[i].id) : TORSH_INVALID_HANDLE;
        if (!torsh__same_sizes(ndim, torsh_sizes(v[i]), torsh_ndim(t->inputs[i]), torsh_sizes(t->inputs[i])))
            return torsh__fail(TORSH_SHAPE_MISMATCH, "'v' %zu is %s; the input is %s", i, torsh_shape_text(v[i]), torsh_shape_text(t->inputs[i]));
    }
    return TORSH_OK;
}

/* The gradients of a function with one element as its result. */
static torsh_status gradients_of(const trial *t, torsh_tensor *gradients)
{
    if (torsh_numel(t->output) != 1)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "the function's result must have one element; it is %s", torsh_shape_text(t->output));
    torsh_tensor one = torsh_ones_like(t->output);
    return pull(&t->output, 1, t->inputs, t->count, &one, true, gradients);
}

/* ---- the functions ------------------------------------------------------------------------------------------- */

static torsh_tensors vjp(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t count, torsh_tensor v, bool create_graph,
                         torsh_tensor *output)
{
    trial t;
    torsh_tensor results[MOST_INPUTS];
    TORSH_AUTO torsh_scope scope = torsh_scope_open(), grad = torsh_enable_grad();
    torsh_status status = begin(&t, function, context, inputs, count, create_graph);
    if (status == TORSH_OK) status = pull(&t.output, 1, t.inputs, t.count, &v, create_graph, results);
    return finish(&t, status, results, count, output);
}

/* The function of dual tensors, in a level of its own. */
static torsh_status evaluate_duals(trial *t, torsh_tensor_function *function, void *context, const torsh_tensor *inputs, const torsh_tensor *v, torsh_tensor *tangent)
{
    torsh_tensor duals[MOST_INPUTS];
    TORSH_AUTO torsh_scope level = torsh_dual_level();
    if (torsh__is_error(level.id)) return torsh_id_status(level.id);
    for (size_t i = 0; i < t->count; i++) {
        duals[i] = torsh_make_dual(t->create_graph ? inputs[i] : torsh__cut(inputs[i]), v[i]);
        if (TORSH_FAILED(duals[i])) return torsh_id_status(duals[i].id);
    }
    torsh_dual result = torsh_unpack_dual(torsh__user_function(function, context, duals, t->count));
    t->output = result.primal;
    *tangent = TORSH_FAILED(result.primal) || result.tangent.id ? result.tangent : torsh_zeros_like(result.primal);
    return TORSH_FAILED(t->output) ? torsh_id_status(t->output.id) : torsh_id_status(tangent->id);
}

static torsh_tensors jvp(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t count, const torsh_tensor *v, size_t v_count,
                         bool create_graph, torsh_tensor *output)
{
    trial t = {.count = count, .create_graph = create_graph};
    torsh_tensor result;
    TORSH_AUTO torsh_scope scope = torsh_scope_open(), grad = torsh_set_grad_enabled(create_graph);
    torsh_status status = check_inputs(function, inputs, count);
    if (status == TORSH_OK) {
        memcpy(t.inputs, inputs, count * sizeof *inputs);
        status = check_vectors(&t, v, v_count);
    }
    if (status == TORSH_OK) status = evaluate_duals(&t, function, context, inputs, v, &result);
    return finish(&t, status, &result, 1, output);
}

static torsh_tensors jacobian(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t count, bool create_graph)
{
    trial t;
    torsh_tensor results[MOST_INPUTS];
    TORSH_AUTO torsh_scope scope = torsh_scope_open(), grad = torsh_enable_grad();
    torsh_status status = begin(&t, function, context, inputs, count, create_graph);
    if (status == TORSH_OK) status = jacobian_of(&t, t.output, results);
    return finish(&t, status, results, count, NULL);
}

static torsh_tensors hessian(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t count, bool create_graph)
{
    trial t;
    torsh_tensor gradients[MOST_INPUTS], results[MOST_INPUTS * MOST_INPUTS];
    TORSH_AUTO torsh_scope scope = torsh_scope_open(), grad = torsh_enable_grad();
    torsh_status status = begin(&t, function, context, inputs, count, create_graph);
    if (status == TORSH_OK) status = gradients_of(&t, gradients);
    for (size_t i = 0; i < count && status == TORSH_OK; i++) status = jacobian_of(&t, gradients[i], results + i * count);
    return finish(&t, status, results, status ? 0 : count * count, NULL);
}

static torsh_tensors hvp(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t count, const torsh_tensor *v, size_t v_count,
                         bool create_graph, bool left, torsh_tensor *output)
{
    trial t;
    torsh_tensor gradients[MOST_INPUTS], results[MOST_INPUTS];
    TORSH_AUTO torsh_scope scope = torsh_scope_open(), grad = torsh_enable_grad();
    torsh_status status = begin(&t, function, context, inputs, count, create_graph);
    if (status == TORSH_OK) status = check_vectors(&t, v, v_count);
    if (status == TORSH_OK) status = gradients_of(&t, gradients);
    if (status == TORSH_OK) status = (left ? pull : push)(gradients, t.count, t.inputs, t.count, v, create_graph, results);
    return finish(&t, status, results, count, output);
}

torsh_tensors torsh_vjp(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t input_count, torsh_tensor v,
                        bool create_graph, torsh_tensor *output)
{
    torsh__context named;
    torsh__context_enter(&named, "vjp: ");
    torsh_tensors results = vjp(function, context, inputs, input_count, v, create_graph, output);
    torsh__context_leave(&named);
    return results;
}

torsh_tensor torsh_jvp(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t input_count, const torsh_tensor *v,
                       size_t v_count, bool create_graph, torsh_tensor *output)
{
    torsh__context named;
    torsh__context_enter(&named, "jvp: ");
    torsh_tensors results = jvp(function, context, inputs, input_count, v, v_count, create_graph, output);
    torsh_tensor result = TORSH_FAILED(results) ? (torsh_tensor){results.id} : torsh_tensors_get(results, 0);
    if (!TORSH_FAILED(results)) torsh_release(results);
    torsh__context_leave(&named);
    return result;
}

torsh_tensors torsh_jacobian(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t input_count, bool create_graph)
{
    torsh__context named;
    torsh__context_enter(&named, "jacobian: ");
    torsh_tensors results = jacobian(function, context, inputs, input_count, create_graph);
    torsh__context_leave(&named);
    return results;
}

torsh_tensors torsh_hessian(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t input_count, bool create_graph)
{
    torsh__context named;
    torsh__context_enter(&named, "hessian: ");
    torsh_tensors results = hessian(function, context, inputs, input_count, create_graph);
    torsh__context_leave(&named);
    return results;
}

torsh_tensors torsh_hvp(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t input_count, const torsh_tensor *v,
                        size_t v_count, bool create_graph, torsh_tensor *output)
{
    torsh__context named;
    torsh__context_enter(&named, "hvp: ");
    torsh_tensors results = hvp(function, context, inputs, input_count, v, v_count, create_graph, false, output);
    torsh__context_leave(&named);
    return results;
}

torsh_tensors torsh_vhp(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t input_count, const torsh_tensor *v,
                        size_t v_count, bool create_graph, torsh_tensor *output)
{
    torsh__context named;
    torsh__context_enter(&named, "vhp: ");
    torsh_tensors results = hvp(function, context, inputs, input_count, v, v_count, create_graph, true, output);
    torsh__context_leave(&named);
    return results;
}
