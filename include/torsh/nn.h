/* Modules: layers with named parameters, and networks made of them, with PyTorch's names, defaults, initial numbers and
 * state dicts. Optimizers are in <torsh/optim.h>, loss functions and other functions without parameters in <torsh/ops.h>.
 *
 * A module's handle belongs to the scope in which it was made, as any handle; a module lives on while another one holds it.
 * Several threads may run forward of one module at once; what changes a module (registering, loading, moving it) may not run
 * at the same time as anything else on it. An error made inside a forward begins with the module's path: "in module
 * Net.conv1: conv2d: ...". */
#ifndef TORSH_NN_H
#define TORSH_NN_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ==== modules ================================================================================================== */

/* ---- a module of one's own ---- */

/* Computes the module's result. Temporaries made in it are released after it; the result goes to the caller. */
typedef torsh_tensor torsh_module_forward(torsh_module self, const torsh_tensor *inputs, size_t count, void *user);

typedef struct torsh_module_class {
    const char *name;              /* "Net": for error texts and printing; copied */
    torsh_module_forward *forward;
    void (*destroy)(void *user);   /* called when the module goes; may be NULL */
} torsh_module_class;

/* A module without parameters and children: register them next. `user` is passed to forward and destroy; if the call fails,
 * destroy is not called.
 *
 *     static torsh_tensor forward(torsh_module self, const torsh_tensor *inputs, size_t count, void *user)
 *     {
 *         torsh_tensor x = torsh_relu(torsh_nn_forward(torsh_nn_child(self, "conv1"), inputs[0]));
 *         return torsh_nn_forward(torsh_nn_child(self, "fc"), torsh_flatten(x, 1, -1));
 *     }
 *     torsh_module net = torsh_nn_module(&(torsh_module_class){"Net", forward, NULL}, NULL);
 *     torsh_nn_register_module(net, "conv1", torsh_nn_conv2d(1, 8, 3, 1, 1, true, device));
 *     torsh_nn_register_module(net, "fc", torsh_nn_linear(6272, 10, true, device)); */
TORSH_API torsh_module torsh_nn_module(const torsh_module_class *module_class, void *user);
/* What torsh_nn_module was given; NULL for the library's own layers and on failure. */
TORSH_API void *torsh_nn_user(torsh_module module);

/* Names are not empty and hold no "."; a name that is taken by the same kind is replaced. The null tensor registers an absent
 * one, as None does. A parameter is a leaf of a floating-point or complex dtype and is made to require a gradient, unless it is
 * another module's parameter already. */
TORSH_API torsh_status torsh_nn_register_parameter(torsh_module module, const char *name, torsh_tensor parameter);
/* persistent: it is part of the state dict. */
TORSH_API torsh_status torsh_nn_register_buffer(torsh_module module, const char *name, torsh_tensor buffer, bool persistent);
/* TORSH_INVALID_ARGUMENT if the child holds the module itself. */
TORSH_API torsh_status torsh_nn_register_module(torsh_module module, const char *name, torsh_module child);

/* ---- forward ---- */

/* Calls the module with one input. An error from inside carries the module's path. */
TORSH_API torsh_tensor torsh_nn_forward(torsh_module module, torsh_tensor input);
TORSH_API torsh_tensor torsh_nn_forward_n(torsh_module module, const torsh_tensor *inputs, size_t count);

/* ---- parts ---- */
/* A path goes through children: "features.0.weight". TORSH_OUT_OF_RANGE if there is no such part. */

TORSH_API torsh_module torsh_nn_child(torsh_module module, const char *path);
TORSH_API torsh_tensor torsh_nn_parameter(torsh_module module, const char *path);
TORSH_API torsh_tensor torsh_nn_buffer(torsh_module module, const char *path);

/* Its direct children, in the order of their registration. -1 and NULL on failure; a name lives as long as the module. */
TORSH_API int64_t torsh_nn_child_count(torsh_module module);
TORSH_API const char *torsh_nn_child_name(torsh_module module, int64_t index);
TORSH_API torsh_module torsh_nn_child_at(torsh_module module, int64_t index);
/* The class: "Linear". NULL on failure; lives as long as the module. */
TORSH_API const char *torsh_nn_class_name(torsh_module module);

/* All parameters of it and the modules in it, in PyTorch's order, one that is shared only once. */
TORSH_API torsh_tensors torsh_nn_parameters(torsh_module module);
/* The same, and all buffers, with their paths as names. */
TORSH_API torsh_state_dict torsh_nn_named_parameters(torsh_module module);
TORSH_API torsh_state_dict torsh_nn_named_buffers(torsh_module module);
/* How many numbers the parameters hold; -1 on failure. */
TORSH_API int64_t torsh_nn_parameter_numel(torsh_module module);

/* Calls visit for each module in it, children first and itself last (its path is ""). A status other than TORSH_OK ends the
 * walk and is returned. */
typedef torsh_status torsh_module_visit(torsh_module module, const char *path, void *context);
TORSH_API torsh_status torsh_nn_apply(torsh_module module, torsh_module_visit *visit, void *context);

/* As PyTorch prints it. Writes at most `size` bytes with the end 0 and returns the length of the whole text; negative on failure. */
TORSH_API int64_t torsh_nn_format(torsh_module module, char *text, size_t size);

/* ---- state ---- */

/* Parameters and persistent buffers by path: the tensors themselves, detached, so they change with the module. */
TORSH_API torsh_state_dict torsh_nn_state_dict(torsh_module module);
/* Copies the values in; dtypes and devices are converted. strict: names must be the same on both sides. Sizes must agree in any
 * case. On failure nothing was changed and the text lists what is missing, unexpected or of another size, as PyTorch's does. */
TORSH_API torsh_status torsh_nn_load_state_dict(torsh_module module, torsh_state_dict dict, bool strict);

/* Train or evaluation mode, which dropout and batch norm heed; a new module is in train mode. */
TORSH_API torsh_status torsh_nn_train(torsh_module module, bool mode);
TORSH_API torsh_status torsh_nn_eval(torsh_module module);
TORSH_API bool torsh_nn_is_training(torsh_module module); /* false on an unusable handle */
TORSH_API torsh_status torsh_nn_requires_grad_(torsh_module module, bool requires_grad);
/* Gradients become absent, as in PyTorch. */
TORSH_API torsh_status torsh_nn_zero_grad(torsh_module module);

/* Moves or converts parameters, their gradients and buffers where they are: handles and optimizers see the moved ones.
 * to_dtype converts those of floating-point or complex dtypes only. */
TORSH_API torsh_status torsh_nn_to(torsh_module module, torsh_device device);
TORSH_API torsh_status torsh_nn_to_dtype(torsh_module module, torsh_dtype dtype);

/* Trades time for memory: what blocks of the network saved for backward is computed again there. Blocks are modules with
 * children of their own of which two or more of one class stand side by side (the layers of a transformer, the blocks of a
 * residual network); where there are none, the module as a whole, a Sequential in about sqrt(n) parts. */
TORSH_API torsh_status torsh_nn_set_gradient_checkpointing(torsh_module module, bool enable);

/* ---- hooks ---- */

/* Called before and after each forward of the module. A pre-hook may put other tensors in `inputs`; a hook returns the result
 * to go on with, mostly `output` itself. A hook that fails ends the forward. Remove it with torsh_nn_remove_hook. */
typedef torsh_status torsh_module_pre_hook(torsh_module module, torsh_tensor *inputs, size_t count, void *context);
typedef torsh_tensor torsh_module_hook(torsh_module module, const torsh_tensor *inputs, size_t count, torsh_tensor output, void *context);
TORSH_API torsh_status torsh_nn_register_forward_pre_hook(torsh_module module, torsh_module_pre_hook *hook, void *context);
TORSH_API torsh_status torsh_nn_register_forward_hook(torsh_module module, torsh_module_hook *hook, void *context);
/* Takes away the hooks of that function and context. TORSH_OUT_OF_RANGE if there is none. */
TORSH_API torsh_status torsh_nn_remove_forward_pre_hook(torsh_module module, torsh_module_pre_hook *hook, void *context);
TORSH_API torsh_status torsh_nn_remove_forward_hook(torsh_module module, torsh_module_hook *hook, void *context);

/* ==== layers =================================================================================================== */
/* Parameters are made on the CPU with the default dtype and PyTorch's numbers for the default generator's state, then moved to
 * the device. `options` NULL: the defaults, which are PyTorch's. */

/* ---- containers ---- */

/* The modules one after the other, named "0", "1", ... count may be 0. */
TORSH_API torsh_module torsh_nn_sequential(const torsh_module *modules, size_t count);
TORSH_API torsh_status torsh_nn_sequential_append(torsh_module sequential, torsh_module module);
/* torsh_nn_sequential(TORSH_MODULES(a, b, c)) */
#define TORSH_MODULES(...) TORSH_LIST(torsh_module, __VA_ARGS__)
TORSH_API torsh_module torsh_nn_identity(void);
TORSH_API torsh_module torsh_nn_flatten(int64_t start_dim, int64_t end_dim); /* PyTorch's defaults: 1 and -1 */

/* ---- linear ---- */

/* (..., in_features) to (..., out_features). Parameters: weight (out, in), bias (out). */
TORSH_API torsh_module torsh_nn_linear(int64_t in_features, int64_t out_features, bool bias, torsh_device device);
/* i64 indices of any shape to (..., embedding_dim). Parameter: weight (num_embeddings, embedding_dim). */
TORSH_API torsh_module torsh_nn_embedding(int64_t num_embeddings, int64_t embedding_dim, torsh_device device);
/* The row padding_idx starts as zero and gets no gradient; negative counts from the end. */
TORSH_API torsh_module torsh_nn_embedding_padded(int64_t num_embeddings, int64_t embedding_dim, int64_t padding_idx, torsh_device device);

/* ---- convolution ---- */

/* (N, in_channels, H, W) to (N, out_channels, ...). Parameters: weight (out, in / groups, kernel, kernel), bias (out). */
TORSH_API torsh_module torsh_nn_conv2d(int64_t in_channels, int64_t out_channels, int64_t kernel_size, int64_t stride, int64_t padding, bool bias,
                                       torsh_device device);
typedef enum torsh_padding_mode { TORSH_PADDING_ZEROS = 0 } torsh_padding_mode;
/* Per spatial dim, height first; conv1d reads the first of each. */
typedef struct torsh_conv_options {
    size_t size;               /* set by torsh_conv_defaults */
    int64_t stride[3];         /* 1 */
    int64_t padding[3];        /* 0 */
    int64_t dilation[3];       /* 1 */
    int64_t output_padding[3]; /* 0: transposed convolution only */
    int64_t groups;            /* 1 */
    bool bias;                 /* true */
    torsh_padding_mode padding_mode;
} torsh_conv_options;
TORSH_API torsh_conv_options torsh_conv_defaults(void);
/* kernel_size: as many numbers as the convolution has spatial dims. */
TORSH_API torsh_module torsh_nn_conv1d_with(int64_t in_channels, int64_t out_channels, const int64_t *kernel_size, size_t count,
                                            const torsh_conv_options *options, torsh_device device);
TORSH_API torsh_module torsh_nn_conv2d_with(int64_t in_channels, int64_t out_channels, const int64_t *kernel_size, size_t count,
                                            const torsh_conv_options *options, torsh_device device);
TORSH_API torsh_module torsh_nn_conv_transpose2d_with(int64_t in_channels, int64_t out_channels, const int64_t *kernel_size, size_t count,
                                                      const torsh_conv_options *options, torsh_device device);

/* ---- pooling ---- */

/* stride 0: that of the kernel. */
TORSH_API torsh_module torsh_nn_max_pool2d(int64_t kernel_size, int64_t stride, int64_t padding);
TORSH_API torsh_module torsh_nn_avg_pool2d(int64_t kernel_size, int64_t stride, int64_t padding);
typedef struct torsh_pool_options {
    size_t size;              /* set by torsh_pool_defaults */
    int64_t stride[2];        /* 0: that of the kernel */
    int64_t padding[2];       /* 0 */
    int64_t dilation[2];      /* 1: maximum only */
    bool ceil_mode;           /* false */
    bool count_include_pad;   /* true: average only */
    int64_t divisor_override; /* 0: none; average only */
} torsh_pool_options;
TORSH_API torsh_pool_options torsh_pool_defaults(void);
TORSH_API torsh_module torsh_nn_max_pool2d_with(const int64_t *kernel_size, size_t count, const torsh_pool_options *options);
TORSH_API torsh_module torsh_nn_avg_pool2d_with(const int64_t *kernel_size, size_t count, const torsh_pool_options *options);
TORSH_API torsh_module torsh_nn_adaptive_avg_pool2d(int64_t height, int64_t width);
TORSH_API torsh_module torsh_nn_adaptive_max_pool2d(int64_t height, int64_t width);

/* ---- normalisation ---- */

/* Over (N, C) or (N, C, L); over (N, C, H, W). Parameters weight, bias (C); buffers running_mean, running_var, num_batches_tracked. */
TORSH_API torsh_module torsh_nn_batch_norm1d(int64_t num_features, torsh_device device);
TORSH_API torsh_module torsh_nn_batch_norm2d(int64_t num_features, torsh_device device);
typedef struct torsh_batch_norm_options {
    size_t size;              /* set by torsh_batch_norm_defaults */
    double eps;               /* 1e-5 */
    double momentum;          /* 0.1; negative: the mean of all batches, PyTorch's momentum=None */
    bool affine;              /* true: has a weight, and a bias if the next is true too */
    bool bias;                /* true */
    bool track_running_stats; /* true */
} torsh_batch_norm_options;
TORSH_API torsh_batch_norm_options torsh_batch_norm_defaults(void);
TORSH_API torsh_module torsh_nn_batch_norm1d_with(int64_t num_features, const torsh_batch_norm_options *options, torsh_device device);
TORSH_API torsh_module torsh_nn_batch_norm2d_with(int64_t num_features, const torsh_batch_norm_options *options, torsh_device device);

/* Over the last dims, whose sizes are normalized_shape. Parameters: weight, bias of that shape. */
TORSH_API torsh_module torsh_nn_layer_norm(const int64_t *normalized_shape, size_t count, torsh_device device);
typedef struct torsh_layer_norm_options {
    size_t size;             /* set by torsh_layer_norm_defaults */
    double eps;              /* 1e-5 */
    bool elementwise_affine; /* true */
    bool bias;               /* true */
} torsh_layer_norm_options;
TORSH_API torsh_layer_norm_options torsh_layer_norm_defaults(void);
TORSH_API torsh_module torsh_nn_layer_norm_with(const int64_t *normalized_shape, size_t count, const torsh_layer_norm_options *options,
                                                torsh_device device);

/* ---- dropout and activations ---- */

TORSH_API torsh_module torsh_nn_dropout(double p);
TORSH_API torsh_module torsh_nn_relu(void);
TORSH_API torsh_module torsh_nn_sigmoid(void);
TORSH_API torsh_module torsh_nn_tanh(void);
TORSH_API torsh_module torsh_nn_gelu(void);      /* exact */
TORSH_API torsh_module torsh_nn_gelu_tanh(void); /* approximate="tanh" */
TORSH_API torsh_module torsh_nn_silu(void);
TORSH_API torsh_module torsh_nn_leaky_relu(double negative_slope);     /* 0.01 */
TORSH_API torsh_module torsh_nn_elu(double alpha);                     /* 1 */
TORSH_API torsh_module torsh_nn_softplus(double beta, double threshold); /* 1, 20 */
TORSH_API torsh_module torsh_nn_hardtanh(double min_val, double max_val); /* -1, 1 */
TORSH_API torsh_module torsh_nn_softmax(int64_t dim);
TORSH_API torsh_module torsh_nn_log_softmax(int64_t dim);

/* ==== initial values =========================================================================================== */
/* In place, whether or not the tensor requires a gradient; return the tensor. PyTorch's numbers for PyTorch's seed. */

typedef enum torsh_fan { TORSH_FAN_IN = 0, TORSH_FAN_OUT = 1 } torsh_fan;
/* What calculate_gain knows. `a` below is the negative slope of TORSH_GAIN_LEAKY_RELU. */
typedef enum torsh_gain {
    TORSH_GAIN_LINEAR = 0,
    TORSH_GAIN_SIGMOID = 1,
    TORSH_GAIN_TANH = 2,
    TORSH_GAIN_RELU = 3,
    TORSH_GAIN_LEAKY_RELU = 4, /* what kaiming's defaults are, with a = 0 */
    TORSH_GAIN_SELU = 5
} torsh_gain;
TORSH_API double torsh_nn_init_calculate_gain(torsh_gain nonlinearity, double a); /* NaN for an unknown one */
TORSH_API torsh_tensor torsh_nn_init_uniform_(torsh_tensor tensor, double low, double high);
TORSH_API torsh_tensor torsh_nn_init_normal_(torsh_tensor tensor, double mean, double std);
TORSH_API torsh_tensor torsh_nn_init_trunc_normal_(torsh_tensor tensor, double mean, double std, double low, double high);
TORSH_API torsh_tensor torsh_nn_init_constant_(torsh_tensor tensor, double value);
TORSH_API torsh_tensor torsh_nn_init_zeros_(torsh_tensor tensor);
TORSH_API torsh_tensor torsh_nn_init_ones_(torsh_tensor tensor);
TORSH_API torsh_tensor torsh_nn_init_xavier_uniform_(torsh_tensor tensor, double gain);
TORSH_API torsh_tensor torsh_nn_init_xavier_normal_(torsh_tensor tensor, double gain);
TORSH_API torsh_tensor torsh_nn_init_kaiming_uniform_(torsh_tensor tensor, double a, torsh_fan mode, torsh_gain nonlinearity);
TORSH_API torsh_tensor torsh_nn_init_kaiming_normal_(torsh_tensor tensor, double a, torsh_fan mode, torsh_gain nonlinearity);

/* ==== gradients as a whole ===================================================================================== */

/* torch.nn.utils: scales all gradients so that their common norm is at most max_norm. `norm`, if not NULL, gets the norm from
 * before. norm_type 2 is usual; INFINITY is allowed. */
TORSH_API torsh_status torsh_nn_utils_clip_grad_norm_(torsh_tensors parameters, double max_norm, double norm_type, double *norm);
TORSH_API torsh_status torsh_nn_utils_clip_grad_value_(torsh_tensors parameters, double clip_value);

#ifdef __cplusplus
}
#endif

#endif
