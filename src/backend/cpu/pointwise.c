/* Runs a pointwise row: picks the loop of its compute dtype and walks the operands with it. */
#include "pointwise.h"
#include "copy_kernels.h"
#include "iterate.h"
#include "pointwise_kernels.h"
#include "special_kernels.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef struct row {
    const char *name;
    int index;
    bool masked;
    const char *divisor; /* "NONZERO" if input 1 must not be 0 where the row is an integer division, or NULL */
} row;

static const row rows[] = {
#define PLAIN(name) {#name, TORSH__ROW_##name, false, NULL},
#define PAIRED(name, second) {#name, TORSH__ROW_##name, false, #second},
#define UNARY(name, ...) PLAIN(name)
#define UNARY1(name, ...) PLAIN(name)
#define UNARY2(name, ...) PLAIN(name)
#define UNARY3(name, ...) PLAIN(name)
#define BINARY(name, set, result, domain_a, domain_b, ...) PAIRED(name, domain_b)
#define INTERNAL_BINARY(name, set, result, domain_a, domain_b, ...) PAIRED(name, domain_b)
#define INTERNAL_TERNARY(name, ...) PLAIN(name)
#define TERNARY(name, ...) PLAIN(name)
#define TERNARY1(name, ...) PLAIN(name)
#define MASKED(name, ...) {#name, TORSH__ROW_##name, true, NULL},
#include "pointwise.def"
#include "pointwise_rare.def"
#include "undef_rows.h"
};

const double torsh__no_attributes[3] = {0, 0, 0};

typedef struct job {
    torsh__pointwise_loop *loop;
    int inputs;
    const torsh__pointwise_one *with_one; /* the loop for a last input of one element, or NULL */
    int one;                              /* the operand that is one element in each chunk, or 0 */
    torsh_dtype compute; /* the loop's dtype */
    torsh_dtype round;   /* the op's dtype, which results are rounded to where both the loop and the output have another; else compute */
    double attributes[3];
} job;

static void chunk(void *context, int64_t n, void *const *data)
{
    const job *j = context;
    const void *input[3] = {data[1], j->inputs > 1 ? data[2] : NULL, j->inputs > 2 ? data[3] : NULL};
    if (j->one > 0 && j->one < j->inputs) { /* the single one to the last place */
        input[j->one - 1] = data[j->inputs];
        input[j->inputs - 1] = data[j->one];
    }
    (j->one ? j->with_one->loop : j->loop)(n, data[0], input[0], input[1], input[2], j->attributes);
    if (j->round == j->compute) return;
    const torsh__copy_table *copy = TORSH__ISA_PICK(torsh__copy);
    int64_t size = torsh__dtypes[j->compute].size;
    enum { PART = 256 };
    _Alignas(16) char rounded[PART * 16];
    for (char *at = data[0]; n > 0; n -= PART, at += PART * size) {
        int64_t part = n < PART ? n : PART, step = torsh__dtypes[j->round].size;
        copy->convert[j->compute][j->round](part, rounded, step, at, size);
        copy->convert[j->round][j->compute](part, at, size, rounded, step);
    }
}

static void read_attributes(const torsh_launch *launch, double *attributes)
{
    int count = 0;
    for (int i = 0; i < launch->op->param_count && count < 3; i++)
        if (launch->op->params[i].kind == TORSH_PARAM_DOUBLE) attributes[count++] = launch->values[i].f;
    while (count < 3) attributes[count++] = 0;
}

static torsh__pointwise_loop *listed(const torsh__special_table *table, int index, torsh_dtype dtype)
{
    int i = 0;
    while (table->list[i].loop && (table->list[i].row != index || table->list[i].dtype != dtype)) i++;
    return table->list[i].loop;
}

torsh__pointwise_loop *torsh__special_loop(int index, torsh_dtype dtype)
{
    torsh__pointwise_loop *loop = listed(TORSH__ISA_PICK(torsh__special), index, dtype);
    return loop ? loop : listed(TORSH__ISA_NARROW(torsh__special), index, dtype);
}

torsh__pointwise_loop *torsh__pointwise_loop_of(enum torsh__pointwise_row index, torsh_dtype dtype)
{
    torsh__pointwise_loop *loop = TORSH__ISA_PICK(torsh__pointwise)->loop[index][dtype];
    if (!loop) loop = TORSH__ISA_NARROW(torsh__pointwise)->loop[index][dtype];
    return loop || dtype != TORSH_C128 ? loop : torsh__pointwise_once[index].c128;
}

/* compute becomes what the loop computes in. */
static torsh__pointwise_loop *find_loop(int index, torsh_dtype *compute)
{
    uint8_t kind = torsh__dtypes[*compute].category;
    torsh__pointwise_loop *loop = index < TORSH__ROW_HOT ? torsh__pointwise_loop_of((enum torsh__pointwise_row)index, *compute) : NULL;
    torsh_dtype widest = kind == TORSH__COMPLEX ? TORSH_C128 : kind == TORSH__FLOATING ? TORSH_F64 : TORSH_I64;
    if (index >= TORSH__ROW_HOT) {
        loop = torsh__special_loop(index, *compute);
        if (loop) return loop;
        loop = torsh__special_loop(index, widest);
        if (loop) *compute = widest;
    }
    if (loop) return loop;
    const torsh__pointwise_wide *wide = index < TORSH__ROW_HOT ? &torsh__pointwise_once[index] : &torsh__pointwise_rare[index - TORSH__ROW_HOT];
    loop = kind == TORSH__COMPLEX ? wide->c128 : kind == TORSH__FLOATING ? wide->f64 : wide->i64;
    *compute = widest;
    return loop;
}

const torsh__pointwise_one *torsh__pointwise_one_of(int index, torsh_dtype dtype)
{
    const torsh__pointwise_one *one = TORSH__ISA_PICK(torsh__pointwise)->one;
    while (one->loop && (one->row != index || one->dtype != dtype)) one++;
    return one->loop ? one : NULL;
}

enum { WORTH_ONE = 1024 }; /* elements for which a row's form with a single input is looked up */

static void find_zero(void *context, int64_t n, void *const *data)
{
    _Atomic bool *found = context;
    if (memchr(data[0], 0, (size_t)n)) atomic_store_explicit(found, true, memory_order_relaxed);
}

/* PyTorch's ZeroDivisionError. The loops themselves give 0, so that nothing traps. */
static torsh_status check_divisor(const torsh_launch *launch)
{
    _Atomic bool found = false;
    const torsh_operand *divisor = launch->input[1];
    if (launch->output[0]->numel > 0) torsh__iterate(0, 1, &divisor, (const torsh_dtype[]){TORSH_BOOL}, find_zero, &found);
    return found ? torsh__fail(TORSH_INVALID_ARGUMENT, "%s: integer division by zero: 'other' has an element that is 0", launch->op->name) : TORSH_OK;
}

static torsh_status run(const torsh_launch *launch, const void *data)
{
    const row *r = data;
    torsh_dtype compute = launch->compute;
    if (compute == TORSH_F16 || compute == TORSH_BF16) compute = TORSH_F32;
    job j = {.inputs = launch->inputs, .loop = find_loop(r->index, &compute)};
    j.compute = compute;
    torsh_dtype out = torsh__operand_dtype(launch->output[0]);
    bool modulus = torsh_dtype_is_complex(compute) && !torsh_dtype_is_complex(out); /* only real parts are stored */
    j.round = out == launch->compute || launch->op->to_bool || modulus ? compute : launch->compute;
    if (!j.loop) return torsh__fail(TORSH_UNSUPPORTED, "%s: no cpu kernel for dtype %s", launch->op->name, torsh_dtype_name(launch->compute));
    if (torsh__dtypes[launch->compute].category == TORSH__INTEGER && r->divisor && strcmp(r->divisor, "NONZERO") == 0) {
        torsh_status status = check_divisor(launch);
        if (status) return status;
    }
    read_attributes(launch, j.attributes);
    const torsh_operand *operands[4] = {launch->output[0]};
    torsh_dtype dtypes[4] = {launch->op->to_bool ? TORSH_BOOL : compute, compute, compute, compute};
    for (int i = 0; i < launch->inputs; i++) operands[i + 1] = launch->input[i];
    if (r->masked) dtypes[1] = TORSH_BOOL;
    if (launch->output[0]->numel >= WORTH_ONE) j.with_one = torsh__pointwise_one_of(r->index, compute);
    unsigned last = 1u << launch->inputs, may = !j.with_one ? 0 : j.with_one->swaps ? last | last >> 1 : last;
    torsh__iterate_one(1, launch->inputs, operands, dtypes, chunk, &j, may, &j.one);
    return TORSH_OK;
}

torsh_kernel torsh__cpu_pointwise(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0) return (torsh_kernel){run, &rows[i]};
    return (torsh_kernel){NULL, NULL};
}
