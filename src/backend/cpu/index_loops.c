/* The index loops for each element size and dtype. Compiled once: chosen places don't vectorise, and whole slices are the pointwise loops' work. */
#include "index_loops.h"
#include "dtype.h"

#include <string.h>

typedef struct wide {
    uint64_t part[2];
} wide;

#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)

static inline int64_t index_at(const char *at)
{
    int64_t index;
    memcpy(&index, at, sizeof index);
    return index;
}

#define ELEMENT uint8_t
#include "index_gather.inc.c"
#define ELEMENT uint16_t
#include "index_gather.inc.c"
#define ELEMENT uint32_t
#include "index_gather.inc.c"
#define ELEMENT uint64_t
#include "index_gather.inc.c"
#define ELEMENT wide
#include "index_gather.inc.c"

static const double once[3] = {1, 0, 0}; /* addcmul's value; the other loops of slices read none */

#define ELEMENT uint8_t
#define NAME move1
#define SUM(a, b) ((void)(a), (b))
#include "index_add.inc.c"
#define ELEMENT uint16_t
#define NAME move2
#define SUM(a, b) ((void)(a), (b))
#include "index_add.inc.c"
#define ELEMENT uint32_t
#define NAME move4
#define SUM(a, b) ((void)(a), (b))
#include "index_add.inc.c"
#define ELEMENT uint64_t
#define NAME move8
#define SUM(a, b) ((void)(a), (b))
#include "index_add.inc.c"
#define ELEMENT wide
#define NAME move16
#define SUM(a, b) ((void)(a), (b))
#include "index_add.inc.c"

#define ELEMENT uint8_t
#define NAME either
#define SUM(a, b) ((uint8_t)((a) | (b)))
#include "index_add.inc.c"
#define ELEMENT uint8_t
#define NAME u8
#define SUM(a, b) ((uint8_t)((a) + (b)))
#include "index_add.inc.c"
#define ELEMENT uint16_t
#define NAME i16
#define SUM(a, b) ((uint16_t)((a) + (b)))
#include "index_add.inc.c"
#define ELEMENT uint32_t
#define NAME i32
#define SUM(a, b) ((a) + (b))
#include "index_add.inc.c"
#define ELEMENT uint64_t
#define NAME i64
#define SUM(a, b) ((a) + (b))
#include "index_add.inc.c"
#define ELEMENT float
#define NAME f32
#define SUM(a, b) ((a) + (b))
#include "index_add.inc.c"
#define ELEMENT double
#define NAME f64
#define SUM(a, b) ((a) + (b))
#include "index_add.inc.c"
#define ELEMENT torsh__c64
#define NAME c64
#define SUM(a, b) ((a) + (b))
#include "index_add.inc.c"
#define ELEMENT torsh__c128
#define NAME c128
#define SUM(a, b) ((a) + (b))
#include "index_add.inc.c"

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

const torsh__index_table torsh__index_loops = {
    .gather = {gather_uint8_t, gather_uint16_t, gather_uint32_t, gather_uint64_t, gather_wide},
    .scatter = {add_move1, add_move2, add_move4, add_move8, add_move16},
    .add = {[TORSH_BOOL] = add_either, [TORSH_U8] = add_u8, [TORSH_I8] = add_u8, [TORSH_I16] = add_i16, [TORSH_I32] = add_i32, [TORSH_I64] = add_i64,
            [TORSH_F32] = add_f32, [TORSH_F64] = add_f64, [TORSH_C64] = add_c64, [TORSH_C128] = add_c128},
    .fold = {
        [TORSH__FOLD_PROD] = {[TORSH_I64] = add_prod_i64, [TORSH_F32] = add_prod_f32, [TORSH_F64] = add_prod_f64, [TORSH_C128] = add_prod_c128},
        [TORSH__FOLD_MIN] = {[TORSH_I64] = add_min_i64, [TORSH_F32] = add_min_f32, [TORSH_F64] = add_min_f64},
        [TORSH__FOLD_MAX] = {[TORSH_I64] = add_max_i64, [TORSH_F32] = add_max_f32, [TORSH_F64] = add_max_f64},
    },
};
