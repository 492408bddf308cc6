/* A scope for each call of a function that the library was given. */
#include "user_function.h"
#include "list.h"

torsh_tensor torsh__user_function(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t count)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    if (torsh__is_error(scope.id)) return (torsh_tensor){scope.id};
    torsh_status status = TORSH_OK;
    torsh_tensor made = function(context, inputs, count);
    if (torsh__is_error(made.id)) return made;
    torsh__tensor *result = torsh__tensor_hold_any(made, "the function", "result", &status);
    torsh_scope_close(scope); /* and those above it */
    scope.id = 0;
    return result ? torsh__tensor_give(result) : torsh__tensor_error(status);
}

torsh_tensors torsh__user_function_list(torsh_tensors_function *function, void *context, const torsh_tensor *inputs, size_t count)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    if (torsh__is_error(scope.id)) return (torsh_tensors){scope.id};
    torsh_status status = TORSH_OK;
    torsh_tensors made = function(context, inputs, count);
    if (torsh__is_error(made.id)) return made;
    torsh__object *result = torsh__pin(made.id, &torsh__list_kind, "the function", "result", &status);
    if (result) {
        torsh__retain(result);
        torsh__unpin(made.id);
    }
    torsh_scope_close(scope);
    scope.id = 0;
    return (torsh_tensors){result ? torsh__handle_make(result) : torsh__error_id(status)};
}
