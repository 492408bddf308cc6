/* Complex numbers. */
#ifndef TORSH_COMPLEX_OPS_H
#define TORSH_COMPLEX_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* f32 or f64 pairs as a last dim of size 2, and back: views. */
TORSH_API torsh_tensor torsh_view_as_real(torsh_tensor input);
TORSH_API torsh_tensor torsh_view_as_complex(torsh_tensor input);
/* The parts of complex numbers, as views; real numbers are their own real part. */
TORSH_API torsh_tensor torsh_real(torsh_tensor input);
TORSH_API torsh_tensor torsh_imag(torsh_tensor input);
/* real + i imag, and abs * e^(i angle); f32 or f64. */
TORSH_API torsh_tensor torsh_complex(torsh_tensor real, torsh_tensor imag);
TORSH_API torsh_tensor torsh_complex_out(torsh_tensor real, torsh_tensor imag, torsh_tensor out);
TORSH_API torsh_tensor torsh_polar(torsh_tensor abs, torsh_tensor angle);
TORSH_API torsh_tensor torsh_polar_out(torsh_tensor abs, torsh_tensor angle, torsh_tensor out);
/* input itself, as a view: tensors are never conjugated or negated lazily. */
TORSH_API torsh_tensor torsh_resolve_conj(torsh_tensor input);
TORSH_API torsh_tensor torsh_resolve_neg(torsh_tensor input);

#ifdef __cplusplus
}
#endif

#endif
