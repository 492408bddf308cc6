/* Automatic differentiation: gradients of ops that were recorded because an input required one, as in PyTorch. */
#ifndef TORSH_AUTOGRAD_H
#define TORSH_AUTOGRAD_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- modes ------------------------------------------------------------------------------------------------------ */

/* Each opens a scope that owns no handles and whose closing restores the mode:
 *   TORSH_AUTO torsh_scope quiet = torsh_no_grad();
 * Modes are per thread; ops are recorded unless a scope says otherwise. */
TORSH_API torsh_scope torsh_no_grad(void);
TORSH_API torsh_scope torsh_enable_grad(void);
TORSH_API torsh_scope torsh_set_grad_enabled(bool enabled);
TORSH_API bool torsh_is_grad_enabled(void);

/* In this scope backward fails at the first gradient with a NaN, naming the forward op; ops that are recorded in it also
 * note the module that they were called in. Slow. */
TORSH_API torsh_scope torsh_detect_anomaly(bool enabled);

/* ---- what a tensor knows ---------------------------------------------------------------------------------------- */

/* True for a leaf that was asked to, and for what was computed from one. False on an unusable handle. */
TORSH_API bool torsh_requires_grad(torsh_tensor t);
/* For leaf tensors of a floating-point or complex dtype; returns after t's ops are recorded from now on. */
TORSH_API torsh_status torsh_set_requires_grad(torsh_tensor t, bool requires_grad);
/* True if t was not computed by a recorded op. False on an unusable handle. */
TORSH_API bool torsh_is_leaf(torsh_tensor t);

/* The accumulated gradient itself (a change of it is seen by t), as a handle in the innermost scope. The null handle, and
 * no error, if there is none. Tensors that are no leaf keep theirs after torsh_retain_grad. */
TORSH_API torsh_tensor torsh_grad(torsh_tensor t);
/* Replaces the gradient: a tensor of t's shape, dtype and device, or the null handle for none. */
TORSH_API torsh_status torsh_set_grad(torsh_tensor t, torsh_tensor grad);
/* Takes the gradient away: torsh_set_grad with the null handle. */
TORSH_API torsh_status torsh_zero_grad(torsh_tensor t);
/* Makes backward keep the gradient of a tensor that is no leaf. */
TORSH_API torsh_status torsh_retain_grad(torsh_tensor t);

/* A tensor on the same memory without history. */
TORSH_API torsh_tensor torsh_detach(torsh_tensor t);
/* Takes the history away from t itself and returns it. Not for views. */
TORSH_API torsh_tensor torsh_detach_(torsh_tensor t);

/* ---- backward --------------------------------------------------------------------------------------------------- */

/* Adds to the gradient of each leaf that the one-element tensor `loss` was computed from. What ops saved is freed, so a
 * second backward through the same ops fails. */
TORSH_API torsh_status torsh_backward(torsh_tensor loss);

typedef struct torsh_backward_options {
    size_t size;       /* set by torsh_backward_defaults */
    bool retain_graph; /* keep what ops saved, for another backward (false) */
    bool create_graph; /* record the backward itself, for higher derivatives; implies retain_graph (false) */
    const torsh_tensor *inputs; /* only these get gradients (NULL: every leaf) */
    size_t input_count;
} torsh_backward_options;
TORSH_API torsh_backward_options torsh_backward_defaults(void);
/* The same from several tensors. gradients[i] is that of tensors[i], of its shape, or null for a one-element tensor's 1;
 * gradients NULL: all are null. options NULL: the defaults. */
TORSH_API torsh_status torsh_backward_with(const torsh_tensor *tensors, size_t count, const torsh_tensor *gradients,
                                           const torsh_backward_options *options);

typedef struct torsh_grad_options {
    size_t size;       /* set by torsh_grad_defaults */
    bool retain_graph; /* false */
    bool create_graph; /* false */
    bool allow_unused; /* an input that no output depends on gets the null handle instead of an error (false) */
    bool materialize_grads; /* such an input gets zeros; implies allow_unused (false) */
} torsh_grad_options;
TORSH_API torsh_grad_options torsh_grad_defaults(void);
/* The gradients of the outputs' sum with respect to the inputs, one each, without touching any tensor's own gradient.
 * Inputs may be leaves or not. grad_outputs as in torsh_backward_with. A null gradient is the null handle in the list. */
TORSH_API torsh_tensors torsh_autograd_grad(const torsh_tensor *outputs, size_t output_count, const torsh_tensor *inputs, size_t input_count,
                                            const torsh_tensor *grad_outputs, const torsh_grad_options *options);

/* ---- hooks ------------------------------------------------------------------------------------------------------ */

/* Given the gradient of a tensor; returns another in its place, the null handle to leave it, or an error value to fail. */
typedef torsh_tensor torsh_gradient_hook(void *context, torsh_tensor gradient);
/* Called in the order of registration each time the gradient of t has been computed. destroy (may be NULL) gets the
 * context when neither the graph nor a handle knows the hook any more. Releasing the handle doesn't remove the hook. */
TORSH_API torsh_hook torsh_register_hook(torsh_tensor t, torsh_gradient_hook *function, void *context, void (*destroy)(void *context));
/* Given a leaf whose gradient has just been added to. */
typedef torsh_status torsh_accumulated_hook(void *context, torsh_tensor leaf);
TORSH_API torsh_hook torsh_register_post_accumulate_grad_hook(torsh_tensor t, torsh_accumulated_hook *function, void *context,
                                                              void (*destroy)(void *context));
TORSH_API torsh_status torsh_hook_remove(torsh_hook hook);

#ifdef __cplusplus
}
#endif

#endif
