/* The index loops for each element size and dtype. Compiled once per instruction set. */
#include "index_kernels.h"
#include "dtype.h"

#include <string.h>

typedef struct wide {
    uint64_t part[2];
} wide;

#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)

#define ELEMENT uint8_t
#include "index_move.inc.c"
#define ELEMENT uint16_t
#include "index_move.inc.c"
#define ELEMENT uint32_t
#include "index_move.inc.c"
#define ELEMENT uint64_t
#include "index_move.inc.c"
#define ELEMENT wide
#include "index_move.inc.c"


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
#define ELEMENT torsh__f16
#define NAME f16
#define SUM(a, b) torsh__f32_to_f16(torsh__f16_to_f32(a) + torsh__f16_to_f32(b))
#include "index_add.inc.c"
#define ELEMENT torsh__bf16
#define NAME bf16
#define SUM(a, b) torsh__f32_to_bf16(torsh__bf16_to_f32(a) + torsh__bf16_to_f32(b))
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

const torsh__index_table TORSH__ISA_NAME(torsh__index) = {
    .gather = {gather_uint8_t, gather_uint16_t, gather_uint32_t, gather_uint64_t, gather_wide},
    .scatter = {scatter_uint8_t, scatter_uint16_t, scatter_uint32_t, scatter_uint64_t, scatter_wide},
    .add = {add_either, add_u8, add_u8, add_i16, add_i32, add_i64, add_f16, add_bf16, add_f32, add_f64, add_c64, add_c128},
};
