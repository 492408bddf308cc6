/* Declares the internal doors torsh__<name> of one table, for gradients and composites that use them above the rows or in another family:
 *
 *   #define TABLE "join.def"
 *   #include "declare_rows.h"
 *
 * One table at a time, so that a new row recompiles only those who use its family. */
#include "rows.h"

#define UNARY(...)
#define UNARY1(...)
#define UNARY2(...)
#define UNARY3(...)
#define BINARY(...)
#define TERNARY(...)
#define TERNARY1(...)
#define MASKED(...)
#define INTERNAL_BINARY(name, ...) torsh_tensor torsh__##name(torsh_tensor input, torsh_tensor other);
#define INTERNAL_TERNARY(name, ...) torsh_tensor torsh__##name(torsh_tensor input, torsh_tensor tensor1, torsh_tensor tensor2);
#define OP(...)
#define VIEW(...)
#define COMPOSED(...)
#define VIEW_COPY(...)
#define COMPOSITE(...)
#define COMPOSITE_OUT(...)
#define INTERNAL(name, returns, dtypes, ...) ROW_TYPE_##returns torsh__##name(EACH_COMMA(ROW_DECLARE, __VA_ARGS__));
#define INTERNAL_IN_PLACE(name, returns, dtypes, ...) ROW_TYPE_##returns torsh__##name(EACH_COMMA(ROW_DECLARE, __VA_ARGS__));
#include TABLE
#undef TABLE
#include "undef_rows.h"
