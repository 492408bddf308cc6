/* Expands the rows that follow (an #include of one family's table) into doors, parameter lists and torsh__op_<name>. The
 * including file has defined impl_<name> for each OP, VIEW and INTERNAL, compose_<name> for each COMPOSED,
 * and torsh_<name> for each COMPOSITE and COMPOSITE_OUT. */
#include "rows.h"

#define ROW_DOOR(returns, name, variant, ...)                            \
    torsh_value arguments[] = {EACH_COMMA(ROW_PACK, __VA_ARGS__)};          \
    torsh_tensor results[ROW_OUTPUTS_##returns];                         \
    torsh__door(&torsh__op_##name, arguments, variant, NULL, results);      \
    return ROW_RETURN_##returns(results)
#define ROW_F(returns, symbol, name, ...) \
    ROW_TYPE_##returns symbol(EACH_COMMA(ROW_DECLARE, __VA_ARGS__)) { ROW_DOOR(returns, name, TORSH__FUNCTIONAL, __VA_ARGS__); }
#define ROW_I(returns, symbol, name, ...) \
    ROW_TYPE_##returns symbol(EACH_COMMA(ROW_DECLARE, __VA_ARGS__)) { ROW_DOOR(returns, name, TORSH__INPLACE_CALL, __VA_ARGS__); }
#define ROW_O(returns, symbol, name, ...)                                                  \
    ROW_TYPE_##returns symbol(EACH_COMMA(ROW_DECLARE, __VA_ARGS__), ROW_TYPE_##returns out) \
    {                                                                                      \
        torsh_value arguments[] = {EACH_COMMA(ROW_PACK, __VA_ARGS__)};                        \
        torsh_tensor results[ROW_OUTPUTS_##returns];                                       \
        torsh__door(&torsh__op_##name, arguments, TORSH__OUT_CALL, (const torsh_tensor *)(const void *)&out, results); \
        return ROW_RETURN_##returns(results);                                              \
    }

#define ROW_DOORS_F(returns, name, ...) ROW_F(returns, torsh_##name, name, __VA_ARGS__)
#define ROW_DOORS_FI(returns, name, ...) ROW_F(returns, torsh_##name, name, __VA_ARGS__) ROW_I(returns, torsh_##name##_, name, __VA_ARGS__)
#define ROW_DOORS_FO(returns, name, ...) ROW_F(returns, torsh_##name, name, __VA_ARGS__) ROW_O(returns, torsh_##name##_out, name, __VA_ARGS__)
#define ROW_DOORS_FT(returns, name, ...) ROW_DOORS_FO(returns, name, __VA_ARGS__)
#define ROW_DOORS_FIT(returns, name, ...) ROW_DOORS_FIO(returns, name, __VA_ARGS__)
#define ROW_DOORS_FIO(returns, name, ...) ROW_DOORS_FI(returns, name, __VA_ARGS__) ROW_O(returns, torsh_##name##_out, name, __VA_ARGS__)
#define ROW_DOORS_I(returns, name, ...) ROW_I(returns, torsh_##name, name, __VA_ARGS__)
#define ROW_DOORS_G(returns, name, ...) ROW_F(returns, torsh_##name##_with, name, __VA_ARGS__)
#define ROW_DOORS_GO(returns, name, ...) ROW_DOORS_G(returns, name, __VA_ARGS__) ROW_O(returns, torsh_##name##_with_out, name, __VA_ARGS__)
#define ROW_SYMBOL_F(name) torsh_##name
#define ROW_SYMBOL_FI(name) torsh_##name
#define ROW_SYMBOL_FO(name) torsh_##name
#define ROW_SYMBOL_FIO(name) torsh_##name
#define ROW_SYMBOL_FT(name) torsh_##name
#define ROW_SYMBOL_FIT(name) torsh_##name
#define ROW_SYMBOL_I(name) torsh_##name
#define ROW_SYMBOL_G(name) torsh_##name##_with
#define ROW_SYMBOL_GO(name) torsh_##name##_with
#define ROW_FLAGS_F 0
#define ROW_FLAGS_FI TORSH__IN_PLACE
#define ROW_FLAGS_FO TORSH__OUT
#define ROW_FLAGS_FIO TORSH__IN_PLACE | TORSH__OUT
#define ROW_FLAGS_FT TORSH__OUT | TORSH__OUT_COPY
#define ROW_FLAGS_FIT TORSH__IN_PLACE | TORSH__OUT | TORSH__OUT_COPY
#define ROW_FLAGS_I TORSH__ONLY_IN_PLACE
#define ROW_FLAGS_G 0
#define ROW_FLAGS_GO TORSH__OUT

#define ROW_BARE(...) __VA_ARGS__
#define ROW_OP(...) ROW_OP_(__VA_ARGS__) /* so that the symbol is expanded */
#define ROW_OP_(op, symbol, op_kind, returns, set, row_flags, row_how, row_kernels, ...)                                 \
    static const torsh_param params_##op[] = {EACH(ROW_PARAM, __VA_ARGS__)};                                           \
    static void invoke_##op(const torsh_value *values, torsh_tensor *results)                                          \
    {                                                                                                                    \
        ROW_STORE_##returns(results, symbol(EACH_COMMA(ROW_UNPACK, __VA_ARGS__)));                                       \
    }                                                                                                                    \
    const torsh__op torsh__op_##op = {                                                                                 \
        .info = {.name = #op, .kind = op_kind, .params = params_##op, .param_count = EACH_COUNT(__VA_ARGS__),        \
                 .outputs = ROW_OUTPUTS_##returns, .dtypes = set},                                                       \
        ROW_BARE row_how, .invoke = invoke_##op, .kernels = row_kernels, .function = #symbol, .variants = row_flags};

#define OP(name, variants, returns, set, ...)                                                       \
    extern const torsh__op torsh__op_##name;                                                        \
    static torsh__kernel_slot slots_##name[TORSH_DEVICE_KINDS];                                     \
    ROW_DOORS_##variants(returns, name, __VA_ARGS__)                                                \
    ROW_OP(name, ROW_SYMBOL_##variants(name), TORSH_OP_STRUCTURED, returns, ROW_SET_##set, ROW_FLAGS_##variants, (.impl = &impl_##name), slots_##name, __VA_ARGS__)
#define VIEW(name, variants, returns, set, ...)                                                     \
    extern const torsh__op torsh__op_##name;                                                        \
    ROW_DOORS_##variants(returns, name, __VA_ARGS__)                                                \
    ROW_OP(name, torsh_##name, TORSH_OP_VIEW, returns, ROW_SET_##set, ROW_FLAGS_##variants, (.impl = &impl_##name), NULL, __VA_ARGS__)
#define INTERNAL(name, returns, set, ...)                                                           \
    extern const torsh__op torsh__op_##name;                                                        \
    static torsh__kernel_slot slots_##name[TORSH_DEVICE_KINDS];                                     \
    ROW_F(returns, torsh__##name, name, __VA_ARGS__)                                                \
    ROW_OP(name, torsh__##name, TORSH_OP_STRUCTURED, returns, ROW_SET_##set, 0, (.impl = &impl_##name), slots_##name, __VA_ARGS__)
#define INTERNAL_IN_PLACE(name, returns, set, ...)                                                  \
    extern const torsh__op torsh__op_##name;                                                        \
    static torsh__kernel_slot slots_##name[TORSH_DEVICE_KINDS];                                     \
    ROW_I(returns, torsh__##name, name, __VA_ARGS__)                                                \
    ROW_OP(name, torsh__##name, TORSH_OP_STRUCTURED, returns, ROW_SET_##set, TORSH__ONLY_IN_PLACE, (.impl = &impl_##name), slots_##name, __VA_ARGS__)
#define COMPOSED(name, variants, returns, ...)                                                      \
    extern const torsh__op torsh__op_##name;                                                        \
    static void compose_values_##name(const torsh_value *values, torsh_tensor *results)             \
    {                                                                                               \
        ROW_STORE_##returns(results, compose_##name(EACH_COMMA(ROW_UNPACK, __VA_ARGS__)));          \
    }                                                                                               \
    ROW_DOORS_##variants(returns, name, __VA_ARGS__)                                                \
    ROW_OP(name, torsh_##name, TORSH_OP_COMPOSITE, returns, TORSH__SET_ALL, ROW_FLAGS_##variants, (.impl = &torsh__impl_of_composed, .compose = compose_values_##name), NULL, __VA_ARGS__)
#define VIEW_COPY(view, ...)                                                                        \
    static torsh_tensor compose_##view##_copy(EACH_COMMA(ROW_DECLARE, __VA_ARGS__)) { return torsh_clone(torsh_##view(EACH_COMMA(ROW_PASS, __VA_ARGS__))); } \
    COMPOSED(view##_copy, FT, TENSOR, __VA_ARGS__)
#define COMPOSITE(name, returns, ...)                                                               \
    extern const torsh__op torsh__op_##name;                                                        \
    ROW_OP(name, torsh_##name, TORSH_OP_COMPOSITE, returns, TORSH__SET_ALL, 0, (.impl = NULL), NULL, __VA_ARGS__)
#define COMPOSITE_OUT(name, returns, ...)                                                           \
    extern const torsh__op torsh__op_##name;                                                        \
    ROW_O(returns, torsh_##name##_out, name, __VA_ARGS__)                                           \
    ROW_OP(name, torsh_##name, TORSH_OP_COMPOSITE, returns, TORSH__SET_ALL, ROW_FLAGS_FT, (.impl = NULL), NULL, __VA_ARGS__)
