/* The list of all rows, from the tables. The only place where all ops meet. */
#include "rows.h"

#include <string.h>

#define ROW_EXTERN(name) extern const torsh__op torsh__op_##name;
#define ROW_POINTER(name) &torsh__op_##name,

#define UNARY(name, ...) ROW_EXTERN(name)
#define UNARY1(name, ...) ROW_EXTERN(name)
#define UNARY2(name, ...) ROW_EXTERN(name)
#define UNARY3(name, ...) ROW_EXTERN(name)
#define BINARY(name, ...) ROW_EXTERN(name)
#define INTERNAL_BINARY(name, ...) ROW_EXTERN(name)
#define INTERNAL_TERNARY(name, ...) ROW_EXTERN(name)
#define TERNARY(name, ...) ROW_EXTERN(name)
#define TERNARY1(name, ...) ROW_EXTERN(name)
#define MASKED(name, ...) ROW_EXTERN(name)
#define OP(name, ...) ROW_EXTERN(name)
#define VIEW(name, ...) ROW_EXTERN(name)
#define COMPOSED(name, ...) ROW_EXTERN(name)
#define VIEW_COPY(view, ...) ROW_EXTERN(view##_copy)
#define COMPOSITE(name, ...) ROW_EXTERN(name)
#define COMPOSITE_OUT(name, ...) ROW_EXTERN(name)
#define INTERNAL(name, ...) ROW_EXTERN(name)
#define INTERNAL_IN_PLACE(name, ...) ROW_EXTERN(name)
#include "pointwise.def"
#include "pointwise_rare.def"
#include "structured.def"
#include "undef_rows.h"

#define UNARY(name, ...) ROW_POINTER(name)
#define UNARY1(name, ...) ROW_POINTER(name)
#define UNARY2(name, ...) ROW_POINTER(name)
#define UNARY3(name, ...) ROW_POINTER(name)
#define BINARY(name, ...) ROW_POINTER(name)
#define INTERNAL_BINARY(name, ...) ROW_POINTER(name)
#define INTERNAL_TERNARY(name, ...) ROW_POINTER(name)
#define TERNARY(name, ...) ROW_POINTER(name)
#define TERNARY1(name, ...) ROW_POINTER(name)
#define MASKED(name, ...) ROW_POINTER(name)
#define OP(name, ...) ROW_POINTER(name)
#define VIEW(name, ...) ROW_POINTER(name)
#define COMPOSED(name, ...) ROW_POINTER(name)
#define VIEW_COPY(view, ...) ROW_POINTER(view##_copy)
#define COMPOSITE(name, ...) ROW_POINTER(name)
#define COMPOSITE_OUT(name, ...) ROW_POINTER(name)
#define INTERNAL(name, ...) ROW_POINTER(name)
#define INTERNAL_IN_PLACE(name, ...) ROW_POINTER(name)
const torsh__op *const torsh__ops[] = {
#include "pointwise.def"
#include "pointwise_rare.def"
#include "structured.def"
    NULL,
};

const torsh__op *torsh__op_find(const char *name)
{
    for (const torsh__op *const *op = torsh__ops; *op; op++)
        if (strcmp((*op)->info.name, name) == 0) return *op;
    return NULL;
}
