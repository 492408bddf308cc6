/* Initial values, with torch.nn.init's arithmetic in its order, so that the numbers are PyTorch's. */
#include "init.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/random.h>
#include <torsh/ops/reduce.h>

#include <math.h>

static const torsh_generator the_default = {0};

/* ---- for layers ---------------------------------------------------------------------------------------------- */

static torsh_tensor fill(torsh_tensor t, torsh__start start)
{
    if (start.fill == TORSH__FILL_UNIFORM) return torsh_uniform_(t, start.a, start.b, the_default);
    if (start.fill == TORSH__FILL_NORMAL) return torsh_normal_(t, start.a, start.b, the_default);
    return start.a == 0 ? torsh_zero_(t) : torsh_nn_init_constant_(t, start.a);
}

torsh_status torsh__module_make_tensor(torsh__module *m, torsh__slot_kind kind, const char *name, const int64_t *sizes, size_t ndim,
                                       torsh_dtype dtype, torsh__start start, torsh_device device)
{
    torsh_tensor made = torsh_empty(sizes, ndim, dtype, TORSH_CPU), filled = fill(made, start);
    torsh_tensor placed = device == TORSH_CPU ? filled : torsh_to_device(filled, device);
    torsh_status status = torsh_id_status(placed.id);
    if (status == TORSH_OK) status = torsh__module_put(m, kind, name, placed);
    if (placed.id != made.id) torsh_release(placed);
    torsh_release(made);
    return status;
}

/* gain / sqrt(fan) * sqrt(3), with the gain of a leaky relu of slope sqrt(5) (torch/nn/modules/linear.py reset_parameters). */
torsh__start torsh__start_weight(int64_t fan_in)
{
    double slope = sqrt(5.0), gain = sqrt(2.0 / (1 + slope * slope)), std = gain / sqrt((double)fan_in), bound = sqrt(3.0) * std;
    return fan_in > 0 ? (torsh__start){TORSH__FILL_UNIFORM, -bound, bound} : (torsh__start){TORSH__FILL_CONSTANT, 0, 0};
}

torsh__start torsh__start_bias(int64_t fan_in)
{
    double bound = fan_in > 0 ? 1 / sqrt((double)fan_in) : 0;
    return (torsh__start){TORSH__FILL_UNIFORM, -bound, bound};
}

/* ---- torch.nn.init ------------------------------------------------------------------------------------------- */

/* No grad mode for what follows in the block. */
static torsh_scope quiet_scope(void)
{
    torsh_scope scope = torsh__scope_open(true);
    if (!torsh__is_error(scope.id)) torsh__thread_get()->modes.grad = false;
    return scope;
}

/* The tensor, or the error of what was done to it. */
static torsh_tensor done(torsh_tensor tensor, torsh_tensor result)
{
    return torsh__is_error(result.id) ? result : tensor;
}

torsh_tensor torsh_nn_init_uniform_(torsh_tensor tensor, double low, double high)
{
    TORSH_AUTO torsh_scope scope = quiet_scope();
    return torsh__is_error(scope.id) ? (torsh_tensor){scope.id} : done(tensor, torsh_uniform_(tensor, low, high, the_default));
}

torsh_tensor torsh_nn_init_normal_(torsh_tensor tensor, double mean, double std)
{
    TORSH_AUTO torsh_scope scope = quiet_scope();
    return torsh__is_error(scope.id) ? (torsh_tensor){scope.id} : done(tensor, torsh_normal_(tensor, mean, std, the_default));
}

torsh_tensor torsh_nn_init_constant_(torsh_tensor tensor, double value)
{
    TORSH_AUTO torsh_scope scope = quiet_scope();
    return torsh__is_error(scope.id) ? (torsh_tensor){scope.id} : done(tensor, torsh_fill_(tensor, torsh_number(value)));
}

torsh_tensor torsh_nn_init_zeros_(torsh_tensor tensor)
{
    return torsh_nn_init_constant_(tensor, 0);
}

torsh_tensor torsh_nn_init_ones_(torsh_tensor tensor)
{
    return torsh_nn_init_constant_(tensor, 1);
}

/* (out, in, kernel...): in and out, each times the kernel's size. */
static torsh_status fans(const char *name, torsh_tensor tensor, double *fan_in, double *fan_out)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_pin(tensor, name, "tensor", &status);
    if (!t) return status;
    if (t->view.ndim < 2)
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: a tensor of %d dimension(s) has no fan in and out; it needs 2 at least", name, t->view.ndim);
    double field = 1;
    for (int d = 2; d < t->view.ndim; d++) field *= (double)t->view.sizes[d];
    if (status == TORSH_OK) {
        *fan_in = (double)t->view.sizes[1] * field;
        *fan_out = (double)t->view.sizes[0] * field;
    }
    torsh__unpin(tensor.id);
    return status;
}

double torsh_nn_init_calculate_gain(torsh_gain nonlinearity, double a)
{
    switch (nonlinearity) {
    case TORSH_GAIN_LINEAR:
    case TORSH_GAIN_SIGMOID: return 1;
    case TORSH_GAIN_TANH: return 5.0 / 3;
    case TORSH_GAIN_RELU: return sqrt(2.0);
    case TORSH_GAIN_LEAKY_RELU: return sqrt(2.0 / (1 + a * a));
    case TORSH_GAIN_SELU: return 3.0 / 4;
    }
    torsh__fail(TORSH_INVALID_ARGUMENT, "nn_init_calculate_gain: %d is no nonlinearity", (int)nonlinearity);
    return NAN;
}

torsh_tensor torsh_nn_init_xavier_uniform_(torsh_tensor tensor, double gain)
{
    double in, out;
    torsh_status status = fans("nn_init_xavier_uniform_", tensor, &in, &out);
    if (status) return torsh__tensor_error(status);
    double bound = sqrt(3.0) * (gain * sqrt(2.0 / (in + out)));
    return torsh_nn_init_uniform_(tensor, -bound, bound);
}

torsh_tensor torsh_nn_init_xavier_normal_(torsh_tensor tensor, double gain)
{
    double in, out;
    torsh_status status = fans("nn_init_xavier_normal_", tensor, &in, &out);
    if (status) return torsh__tensor_error(status);
    return torsh_nn_init_normal_(tensor, 0, gain * sqrt(2.0 / (in + out)));
}

/* gain / sqrt(fan); NaN with *status set. 0 for a tensor without elements, which needs none. */
static double kaiming_std(const char *name, torsh_tensor tensor, double a, torsh_fan mode, torsh_gain nonlinearity, torsh_status *status)
{
    double in = 0, out = 0, gain = torsh_nn_init_calculate_gain(nonlinearity, a);
    *status = gain == gain ? fans(name, tensor, &in, &out) : TORSH_INVALID_ARGUMENT;
    if (*status == TORSH_OK && mode != TORSH_FAN_IN && mode != TORSH_FAN_OUT)
        *status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: %d is neither TORSH_FAN_IN nor TORSH_FAN_OUT", name, (int)mode);
    if (*status) return NAN;
    return in == 0 || out == 0 ? 0 : gain / sqrt(mode == TORSH_FAN_IN ? in : out);
}

torsh_tensor torsh_nn_init_kaiming_uniform_(torsh_tensor tensor, double a, torsh_fan mode, torsh_gain nonlinearity)
{
    torsh_status status;
    double std = kaiming_std("nn_init_kaiming_uniform_", tensor, a, mode, nonlinearity, &status);
    if (status) return torsh__tensor_error(status);
    double bound = sqrt(3.0) * std;
    return std == 0 ? tensor : torsh_nn_init_uniform_(tensor, -bound, bound);
}

torsh_tensor torsh_nn_init_kaiming_normal_(torsh_tensor tensor, double a, torsh_fan mode, torsh_gain nonlinearity)
{
    torsh_status status;
    double std = kaiming_std("nn_init_kaiming_normal_", tensor, a, mode, nonlinearity, &status);
    if (status) return torsh__tensor_error(status);
    return std == 0 ? tensor : torsh_nn_init_normal_(tensor, 0, std);
}

/* ---- normal, cut off ----------------------------------------------------------------------------------------- */

static bool any(torsh_tensor mask, torsh_status *status)
{
    double value = 0;
    torsh_tensor found = torsh_any(mask, TORSH_ALL_DIMS, false);
    *status = torsh_item_f64(found, &value);
    return *status == TORSH_OK && value != 0;
}

/* Drawn again where they fall outside. */
static torsh_status redraw_outside(torsh_tensor t, double mean, double std, double low, double high)
{
    torsh_status status = TORSH_OK;
    torsh_tensor result = torsh_normal_(t, mean, std, the_default);
    for (;;) {
        torsh_tensor mask = torsh_logical_or(torsh_lt(result, torsh_number(low)), torsh_gt(result, torsh_number(high)));
        if (!any(mask, &status)) break;
        result = torsh_where(mask, torsh_normal_(torsh_empty_like(result), mean, std, the_default), result);
    }
    if (status == TORSH_OK && result.id != t.id) status = torsh_id_status(torsh_copy_(t, result).id);
    return status;
}

/* Uniform candidates, each accepted with the probability that the density there is of its peak. */
static torsh_status reject_uniform(torsh_tensor t, double mean, double std, double low, double high)
{
    torsh_status status = TORSH_OK;
    double mode = mean < high ? mean : high;
    if (mode < low) mode = low;
    double peak = -0.5 * (((mode - mean) / std) * ((mode - mean) / std));
    torsh_tensor candidates = torsh_empty_like(t), accept = torsh_empty_like(t);
    torsh_tensor result = torsh_uniform_(t, low, high, the_default), pending = {0};
    torsh_copy_(candidates, t);
    for (bool first = true;; first = false) {
        if (!first) {
            torsh_uniform_(candidates, low, high, the_default);
            result = torsh_where(pending, candidates, result);
        }
        torsh_tensor z = torsh_div_(torsh_sub_(candidates, torsh_number(mean)), torsh_number(std));
        torsh_tensor log_density = torsh_sub_(torsh_mul_(torsh_square(z), torsh_number(-0.5)), torsh_number(peak));
        torsh_tensor refused = torsh_gt(torsh_log(torsh_uniform_(accept, 0, 1, the_default)), log_density);
        pending = first ? refused : torsh_where(pending, refused, pending);
        if (!any(pending, &status)) break;
    }
    if (status == TORSH_OK && result.id != t.id) status = torsh_id_status(torsh_copy_(t, result).id);
    return status;
}

static double normal_cdf(double x)
{
    return (1.0 + erf(x / sqrt(2.0))) / 2.0;
}

torsh_tensor torsh_nn_init_trunc_normal_(torsh_tensor tensor, double mean, double std, double low, double high)
{
    if (!(std > 0) || !(low < high))
        return torsh__tensor_error(torsh__fail(TORSH_INVALID_ARGUMENT, "nn_init_trunc_normal_: std (%g) must be positive and low (%g) below high (%g)", std, low, high));
    TORSH_AUTO torsh_scope scope = quiet_scope();
    if (torsh__is_error(scope.id)) return (torsh_tensor){scope.id};
    double inside = normal_cdf((high - mean) / std) - normal_cdf((low - mean) / std);
    torsh_status status = inside > 0.3 ? redraw_outside(tensor, mean, std, low, high) : reject_uniform(tensor, mean, std, low, high);
    return status ? torsh__tensor_error(status) : tensor;
}
