/* Calls of functions that the library was given. */
#ifndef TORSH_AUTOGRAD_USER_FUNCTION_H
#define TORSH_AUTOGRAD_USER_FUNCTION_H

#include "tensor.h"

#include <torsh/autograd.h>

/* Its result, a handle of the scope that is open now. What the function made beside it is released, and the scopes and modes that it left
 * open end. */
torsh_tensor torsh__user_function(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t count);
torsh_tensors torsh__user_function_list(torsh_tensors_function *function, void *context, const torsh_tensor *inputs, size_t count);

#endif
