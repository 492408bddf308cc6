/* Small helpers for gradient expressions. */
#ifndef TORSH_OPS_GRADIENT_H
#define TORSH_OPS_GRADIENT_H

#include "rows.h"
#include "tape.h"

/* A new handle of a real tensor; none of a complex one or an error, which conj's kernel and door are left with. */
torsh_tensor torsh__real_itself(torsh_tensor t);
/* The conjugate; a real tensor's own handle. */
torsh_tensor torsh__conjugate(torsh_tensor t);
/* t in another dtype; TORSH_DTYPE_DEFAULT leaves it as it is: for rows with PyTorch's dtype=. */
torsh_tensor torsh__as_dtype(torsh_tensor t, torsh_dtype dtype);
/* sum over the dims that broadcasting to `like`'s shape added or stretched. */
torsh_tensor torsh__sum_to(torsh_tensor t, int ndim, const int64_t *sizes);

/* g where the mask is true, else 0. */
torsh_tensor torsh__mask_grad(torsh_tensor g, torsh_tensor mask);
/* maximum, minimum: all of g where picked, half of it where equal. */
torsh_tensor torsh__pick_grad(torsh_tensor g, torsh_tensor picked, torsh_tensor equal);
torsh_tensor torsh__pow_grad_base(torsh_tensor g, torsh_tensor a, torsh_tensor b);
torsh_tensor torsh__pow_grad_exponent(torsh_tensor g, torsh_tensor a, torsh_tensor b, torsh_tensor y);
torsh_tensor torsh__gelu_curve(torsh_tensor g, torsh_tensor a, torsh_tensor b);
torsh_tensor torsh__gelu_tanh_grad(torsh_tensor g, torsh_tensor x);
torsh_tensor torsh__silu_grad(torsh_tensor g, torsh_tensor x);
torsh_tensor torsh__abs_grad(torsh_tensor g, torsh_tensor x);
torsh_tensor torsh__sgn_grad(torsh_tensor g, torsh_tensor x, torsh_tensor y);
torsh_tensor torsh__angle_grad(torsh_tensor g, torsh_tensor x);
/* d/dx of P(a, x): x^(a-1) e^-x / gamma(a). */
torsh_tensor torsh__igamma_slope(torsh_tensor a, torsh_tensor x);
/* An error: the gradient of this argument isn't there (PyTorch hasn't it either). */
torsh_tensor torsh__no_gradient(const char *op, const char *argument);

#endif
