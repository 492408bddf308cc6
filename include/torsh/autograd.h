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
/* Replaces the gradient: a tensor of t's shape, dtype and device that isn't t itself, or the null handle for none. A gradient that
 * leads back to t, by its history or its own gradients, keeps both alive until it is taken away, as in PyTorch. */
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
 * context once, when neither the graph nor a handle knows the hook any more, also if this call fails. Releasing the handle
 * doesn't remove the hook. */
TORSH_API torsh_hook torsh_register_hook(torsh_tensor t, torsh_gradient_hook *function, void *context, void (*destroy)(void *context));
/* Given a leaf whose gradient has just been added to. */
typedef torsh_status torsh_accumulated_hook(void *context, torsh_tensor leaf);
TORSH_API torsh_hook torsh_register_post_accumulate_grad_hook(torsh_tensor t, torsh_accumulated_hook *function, void *context,
                                                              void (*destroy)(void *context));
TORSH_API torsh_status torsh_hook_remove(torsh_hook hook);

/* ---- functions with a gradient of their own ---------------------------------------------------------------------- */

/* What a custom function knows of one call; valid inside its two functions. */
typedef struct torsh_function_context torsh_function_context;

typedef struct torsh_autograd_function {
    const char *name;    /* for error texts; static */
    size_t output_count; /* at least 1 */
    /* Fills outputs. Runs without recording; handles made in it are released after it. */
    torsh_status (*forward)(torsh_function_context *context, const torsh_tensor *inputs, size_t input_count, torsh_tensor *outputs);
    /* Fills grad_inputs from grad_outputs; a null handle means zero. Made of ops with gradients, it can be differentiated. */
    torsh_status (*backward)(torsh_function_context *context, const torsh_tensor *grad_outputs, torsh_tensor *grad_inputs);
    void (*destroy)(void *user); /* gets the user pointer once, when no graph needs it, also if the call fails; may be NULL */
} torsh_autograd_function;

/* Calls forward, and records a node if grad mode is on and an input requires a gradient. Returns the outputs. Null inputs are
 * passed on as they are. */
TORSH_API torsh_tensors torsh_autograd_apply(const torsh_autograd_function *function, void *user, const torsh_tensor *inputs, size_t input_count);
/* The same for a function with one output. */
TORSH_API torsh_tensor torsh_autograd_apply_one(const torsh_autograd_function *function, void *user, const torsh_tensor *inputs, size_t input_count);

/* The `user` that torsh_autograd_apply was called with. */
TORSH_API void *torsh_function_user(const torsh_function_context *context);
/* True if backward has to give a gradient of that input. */
TORSH_API bool torsh_function_needs(const torsh_function_context *context, size_t input);
/* In forward: keeps tensors (inputs, outputs or others) for backward. A change of them in place is noticed there. */
TORSH_API torsh_status torsh_function_save(torsh_function_context *context, const torsh_tensor *tensors, size_t count);
/* In backward: the tensor that was kept as the index-th. */
TORSH_API torsh_tensor torsh_function_saved(const torsh_function_context *context, size_t index);
/* In forward: that output gets no gradient. */
TORSH_API torsh_status torsh_function_mark_non_differentiable(torsh_function_context *context, size_t output);
/* In forward: that input was changed in place; it must be returned as an output. */
TORSH_API torsh_status torsh_function_mark_dirty(torsh_function_context *context, size_t input);
/* In forward: if false, an output's gradient that nobody made is the null handle in backward instead of zeros. */
TORSH_API torsh_status torsh_function_set_materialize_grads(torsh_function_context *context, bool materialize);

/* A function of tensors. Handles made in it are released by its caller, and scopes that it leaves open are closed; the result stays. */
typedef torsh_tensor torsh_tensor_function(void *context, const torsh_tensor *inputs, size_t input_count);

/* ---- forward mode -------------------------------------------------------------------------------------------------- */
/* torch.autograd.forward_ad: a dual tensor carries beside its elements a tangent, by which they change; each op computes its results' tangents as
 * it runs, and keeps nothing. Tangents are tensors: what tracks gradients gives them a history. torsh_no_grad doesn't stop forward mode.
 *
 * An op changes a tangent in place where it changes its tensor in place; views of a dual have views of its tangent. torsh_detach takes
 * tangents away, out= and torsh_autograd_apply refuse duals. Ops that have a gradient have a tangent. */

/* Opens a level, in which duals can be made; all tangents of it go when the scope closes:
 *   TORSH_AUTO torsh_scope level = torsh_dual_level();
 * A level is its thread's. Levels nest, at most 16: a dual of an inner one may have tangents of outer ones, and so may its tangent. */
TORSH_API torsh_scope torsh_dual_level(void);
/* A view of `primal`, without a tangent at the innermost level, which has that tangent: of its shape, dtype and device. */
TORSH_API torsh_tensor torsh_make_dual(torsh_tensor primal, torsh_tensor tangent);

typedef struct torsh_dual {
    torsh_tensor primal;  /* a view without a tangent at the innermost level, or the error value */
    torsh_tensor tangent; /* the null handle where there is none */
} torsh_dual;
TORSH_API torsh_dual torsh_unpack_dual(torsh_tensor t);

/* ---- Jacobians --------------------------------------------------------------------------------------------------- */
/* torch.autograd.functional: derivatives of function(context, inputs) at `inputs`, 1 to 64 floating-point tensors, which are left as they
 * are. In hessian, hvp and vhp every gradient that is needed has to have one itself. create_graph: the results can be differentiated, by inputs
 * that require gradients too. *output, if not NULL, gets the function's value. Inputs that the result doesn't depend on have zeros. They nest,
 * in each other and in levels of forward mode. */

/* v'J, by input: v has the result's shape (the null handle: 1, for a result of one element). */
TORSH_API torsh_tensors torsh_vjp(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t input_count, torsh_tensor v,
                                  bool create_graph, torsh_tensor *output);
/* J v, of the result's shape: v has a tensor of each input's shape. In forward mode: one call of the function, in a level of its own, and without
 * create_graph inside torsh_no_grad. */
TORSH_API torsh_tensor torsh_jvp(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t input_count, const torsh_tensor *v,
                                 size_t v_count, bool create_graph, torsh_tensor *output);
/* J by input: (result's dims..., input's dims...). */
TORSH_API torsh_tensors torsh_jacobian(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t input_count,
                                       bool create_graph);
/* The second derivatives of a function with one element as its result: for inputs i and k, (i's dims..., k's dims...) at i * input_count + k. */
TORSH_API torsh_tensors torsh_hessian(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t input_count,
                                      bool create_graph);
/* H v and v'H, by input: the same for smooth functions, of which the second costs less. */
TORSH_API torsh_tensors torsh_hvp(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t input_count, const torsh_tensor *v,
                                  size_t v_count, bool create_graph, torsh_tensor *output);
TORSH_API torsh_tensors torsh_vhp(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t input_count, const torsh_tensor *v,
                                  size_t v_count, bool create_graph, torsh_tensor *output);

/* ---- vmap --------------------------------------------------------------------------------------------------------- */
/* torch.func.vmap: calls a function that is written for one sample once for all samples. Inside it a tensor that differs by sample has
 * the shape of one; the samples' dim is hidden. Most ops run for all samples at once, the others sample by sample. Calls nest, and gradients
 * go through in both orders: torsh_autograd_grad of what vmap gives, and torsh_vjp, torsh_jacobian, ... inside it, which give each sample's own.
 *
 * Inside, tensors that differ by sample can't be read (torsh_item, torsh_to_host, torsh_data, printing), saved, be an out= or take part in
 * torsh_backward; a tensor that is one for all samples can't be changed in place by one that differs. Functions whose result's shape depends
 * on the elements (torsh_nonzero) work as far as it is the same for all samples. */

/* What ops that draw random numbers do inside vmap. */
typedef enum torsh_vmap_randomness {
    TORSH_VMAP_ERROR,     /* fail */
    TORSH_VMAP_DIFFERENT, /* draw for each sample */
    TORSH_VMAP_SAME       /* draw once: the same numbers for all samples */
} torsh_vmap_randomness;

/* In in_dims: an input that is the same for all samples. In out_dims: a result that is. */
#define TORSH_VMAP_NONE INT64_MIN

typedef struct torsh_vmap_options {
    size_t size;            /* set by torsh_vmap_defaults */
    const int64_t *in_dims; /* which dim of each input counts the samples, or TORSH_VMAP_NONE; one number is for all inputs (NULL: 0) */
    size_t in_dim_count;
    const int64_t *out_dims; /* where that dim is in each result; one number is for all (NULL: 0) */
    size_t out_dim_count;
    torsh_vmap_randomness randomness; /* TORSH_VMAP_ERROR */
    int64_t chunk_size;               /* so many samples at a time at most, to save memory; 0: all at once */
} torsh_vmap_options;
TORSH_API torsh_vmap_options torsh_vmap_defaults(void);

/* A function of tensors with several results. */
typedef torsh_tensors torsh_tensors_function(void *context, const torsh_tensor *inputs, size_t input_count);

/* function(context, inputs) for each slice of `inputs` (1 or more) along their in_dims, which must be of one size; the results are stacked along
 * out_dims. options NULL: the defaults. Handles made by the function are released. At most 16 calls nest. */
TORSH_API torsh_tensor torsh_vmap(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t input_count,
                                  const torsh_vmap_options *options);
/* The same for a function with several results. */
TORSH_API torsh_tensors torsh_vmap_list(torsh_tensors_function *function, void *context, const torsh_tensor *inputs, size_t input_count,
                                        const torsh_vmap_options *options);

/* ---- checkpointing ----------------------------------------------------------------------------------------------- */

/* function(context, inputs), of which only the inputs are kept: backward calls it once more for what its ops need, with the
 * default random generator's state of the first call. It must do the same both times. destroy (may be NULL) gets the context
 * once, when no graph needs it any more, also if this call fails. (PyTorch: torch.utils.checkpoint with use_reentrant=False.) */
TORSH_API torsh_tensor torsh_autograd_checkpoint(torsh_tensor_function *function, void *context, void (*destroy)(void *context), const torsh_tensor *inputs,
                                        size_t input_count);

/* ---- checking gradients ------------------------------------------------------------------------------------------- */

typedef struct torsh_gradcheck_options {
    size_t size;       /* set by torsh_gradcheck_defaults */
    double eps;        /* step of the finite differences: 1e-6 */
    double atol, rtol; /* |analytic - numeric| may be atol + rtol * |numeric|: 1e-5, 1e-3 */
    double nondet_tol; /* how much two backward runs may differ: 0 */
} torsh_gradcheck_options;
TORSH_API torsh_gradcheck_options torsh_gradcheck_defaults(void);
/* Compares the gradients of function's result with finite differences, for each input that requires a gradient; those must be
 * f64 or c128. TORSH_AUTOGRAD_ERROR names the first input and element where they differ. Complex gradients follow PyTorch:
 * that of a real s with respect to x + iy is ds/dx + i ds/dy. options NULL: the defaults. */
TORSH_API torsh_status torsh_gradcheck(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t input_count,
                                       const torsh_gradcheck_options *options);
/* The same for the gradients as functions of the inputs and of the result's gradient. */
TORSH_API torsh_status torsh_gradgradcheck(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t input_count,
                                           const torsh_gradcheck_options *options);

#ifdef __cplusplus
}
#endif

#endif
