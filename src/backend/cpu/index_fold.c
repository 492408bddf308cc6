/* Loops of scatter_fold_: a product, a minimum or a maximum at places that an index chooses, in i64, f32, f64 and (the product) c128. Compiled once:
 * chosen places don't vectorise. */
#include "index_fold.h"
#include "dtype.h"

#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)
/* NaN stays, once met. The inner choice is one instruction, which takes b if either is NaN; the outer one is a branch that is guessed. */
#define SMALLER(a, b) ((a) != (a) ? (a) : (a) < (b) ? (a) : (b))
#define LARGER(a, b) ((a) != (a) ? (a) : (a) > (b) ? (a) : (b))

#define ELEMENT int64_t
#define NAME prod_i64
#define SUM(a, b) ((int64_t)((uint64_t)(a) * (uint64_t)(b)))
#include "index_add.inc.c"
#define ELEMENT int64_t
#define NAME min_i64
#define SUM(a, b) ((a) <= (b) ? (a) : (b))
#include "index_add.inc.c"
#define ELEMENT int64_t
#define NAME max_i64
#define SUM(a, b) ((a) >= (b) ? (a) : (b))
#include "index_add.inc.c"
#define ELEMENT float
#define NAME prod_f32
#define SUM(a, b) ((a) * (b))
#include "index_add.inc.c"
#define ELEMENT float
#define NAME min_f32
#define SUM(a, b) SMALLER(a, b)
#include "index_add.inc.c"
#define ELEMENT float
#define NAME max_f32
#define SUM(a, b) LARGER(a, b)
#include "index_add.inc.c"
#define ELEMENT double
#define NAME prod_f64
#define SUM(a, b) ((a) * (b))
#include "index_add.inc.c"
#define ELEMENT double
#define NAME min_f64
#define SUM(a, b) SMALLER(a, b)
#include "index_add.inc.c"
#define ELEMENT double
#define NAME max_f64
#define SUM(a, b) LARGER(a, b)
#include "index_add.inc.c"

#define ELEMENT torsh__c128
#define NAME prod_c128
#define SUM(a, b) ((a) * (b))
#include "index_add.inc.c"

torsh__index_loop *torsh__fold_loop(torsh_dtype dtype, enum torsh__fold mode)
{
    static torsh__index_loop *const loops[3][4] = {
        [TORSH__FOLD_PROD] = {add_prod_i64, add_prod_f32, add_prod_f64, add_prod_c128},
        [TORSH__FOLD_MIN] = {add_min_i64, add_min_f32, add_min_f64},
        [TORSH__FOLD_MAX] = {add_max_i64, add_max_f32, add_max_f64},
    };
    return loops[mode][dtype == TORSH_I64 ? 0 : dtype == TORSH_F32 ? 1 : dtype == TORSH_F64 ? 2 : 3];
}
