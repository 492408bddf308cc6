/* Wrong arguments for every row, made from the golden records: a dtype outside the row's set, floats where whole numbers or a mask
 * belong, shapes that don't fit each other, dims out of range, stale and null handles, another device. Each must be refused
 * with a text that begins with the op's name (a composite's may begin with the row that found the error), and fits 512 bytes.
 * PyTorch's own rules decide what a row must refuse; those listed in `takes` accept the case in question there, too. */
#include "records.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PER_ROW = 4, LONGEST = 512 };

typedef struct tally {
    long refused, failures;
    unsigned char *seen;          /* records per row */
    unsigned char *shape_refused; /* by row: a wrong shape was refused at least once */
    const char *only;
} tally;

static size_t row_of(const torsh__op *op)
{
    size_t row = 0;
    while (torsh__ops[row] != op) row++;
    return row;
}

/* Internal rows speak in the name of the function that they serve: "nll_loss: ...". */
static bool names_a_function(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return length > 2 && strncmp(text + length, ": ", 2) == 0;
}

static bool names_a_row(const char *text)
{
    for (size_t i = 0; torsh__ops[i]; i++) {
        size_t length = strlen(torsh__ops[i]->info.name);
        if (strncmp(text, torsh__ops[i]->info.name, length) == 0 && strchr(": (", text[length]) && text[length]) return true;
    }
    return false;
}

/* Judges the text of a refusal. */
static void judge(tally *t, const record *r, const char *what)
{
    const char *text = torsh_last_error(), *name = r->op->info.name;
    size_t length = strlen(name);
    bool named = strncmp(text, name, length) == 0 && (text[length] == ':' || text[length] == ' ');
    if (!named && r->op->info.kind == TORSH_OP_COMPOSITE) named = names_a_row(text);
    if (!named && strncmp(r->op->function, "torsh__", 7) == 0) named = names_a_function(text);
    t->refused++;
    if (named && strlen(text) < LONGEST) return;
    if (t->failures++ < 60) print_error("%s, %s: refused with \"%s\"\n", describe(r), what, text);
}

static void must_refuse(tally *t, const record *r, const torsh_value *values, const char *what)
{
    torsh_tensor results[MOST_RESULTS];
    call(r, values, results);
    if (TORSH_FAILED(results[0])) judge(t, r, what);
    else if (t->failures++ < 60) print_error("%s, %s: was accepted\n", describe(r), what);
}

/* True if refused. */
static bool may_refuse(tally *t, const record *r, const torsh_value *values, const char *what)
{
    torsh_tensor results[MOST_RESULTS];
    call(r, values, results);
    if (!TORSH_FAILED(results[0])) return false;
    judge(t, r, what);
    return true;
}

typedef struct arguments {
    torsh_value values[MOST_ARGUMENTS];
    torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST];
} arguments;

static bool floating(torsh_dtype dtype)
{
    return dtype >= TORSH_F16;
}

/* ---- dtypes -------------------------------------------------------------------------------------------------- */

/* All tensors of the first one's dtype in each dtype outside the row's set. Pointwise rows promote, so those are left to
 * integers and bool only where the result would be floating point anyway. */
static void wrong_dtypes(tally *t, const record *r)
{
    const torsh__op *op = r->op;
    const argument *first = NULL;
    for (size_t a = 0; a < r->argument_count && !first; a++)
        if (r->arguments[a].kind == 'T') first = &r->arguments[a];
    if (!first || op->info.kind == TORSH_OP_COMPOSITE || op->info.kind == TORSH_OP_VIEW) return;
    if (!(op->info.dtypes >> first->tensor.dtype & 1)) return; /* indices come first */
    for (int dtype = 0; dtype < TORSH_DTYPE_COUNT; dtype++) {
        if (op->info.dtypes >> dtype & 1) continue;
        if (op->info.kind == TORSH_OP_POINTWISE && op->impl->promotion != TORSH__PROMOTE_SAME && !torsh_dtype_is_complex((torsh_dtype)dtype)) continue;
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        arguments x;
        make_values(r, CONTIGUOUS, x.values, x.lists);
        bool all = true;
        for (size_t a = 0; a < r->argument_count; a++) {
            all &= r->arguments[a].kind != 'W';
            if (r->arguments[a].kind != 'T') continue;
            if (r->arguments[a].tensor.dtype == first->tensor.dtype) x.values[a].handle = torsh_ones(r->arguments[a].tensor.sizes, r->arguments[a].tensor.rank, (torsh_dtype)dtype, TORSH_CPU).id;
            else all = false;
        }
        char what[32];
        snprintf(what, sizeof what, "dtype %s", torsh_dtype_name((torsh_dtype)dtype));
        if (all) must_refuse(t, r, x.values, what);
        else may_refuse(t, r, x.values, what); /* another operand, or a number, may raise the dtype */
    }
}

/* f32 for each index or mask that stands beside floats. */
static void float_indices(tally *t, const record *r)
{
    bool floats = false;
    for (size_t a = 0; a < r->argument_count; a++) floats |= r->arguments[a].kind == 'T' && floating(r->arguments[a].tensor.dtype);
    if (!floats || (r->op->info.kind == TORSH_OP_POINTWISE && strcmp(r->name, "where") != 0)) return;
    if (strcmp(r->name, "copy_") == 0 || strcmp(r->name, "type_as") == 0) return;
    for (size_t a = 0; a < r->argument_count; a++) {
        if (r->arguments[a].kind != 'T' || floating(r->arguments[a].tensor.dtype)) continue;
        if (strcmp(r->op->info.params[a].name, "attn_mask") == 0) continue; /* a float one is added */
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        arguments x;
        make_values(r, CONTIGUOUS, x.values, x.lists);
        x.values[a].handle = torsh_to_dtype((torsh_tensor){x.values[a].handle}, TORSH_F32).id;
        must_refuse(t, r, x.values, "f32 as index or mask");
    }
}

/* ---- shapes -------------------------------------------------------------------------------------------------- */

/* Each tensor in turn with other sizes and with two more dims; 5 more elements never broadcast with what was. */
static void wrong_shapes(tally *t, const record *r)
{
    for (size_t a = 0; a < r->argument_count; a++) {
        const golden *g = &r->arguments[a].tensor;
        if (r->arguments[a].kind != 'T') continue;
        for (int more_dims = 0; more_dims < 2; more_dims++) {
            int64_t sizes[10] = {7, 7};
            for (size_t d = 0; d < g->rank; d++) sizes[d + (more_dims ? 2 : 0)] = g->sizes[d] + (more_dims ? 0 : 5);
            TORSH_AUTO torsh_scope scope = torsh_scope_open();
            arguments x;
            make_values(r, CONTIGUOUS, x.values, x.lists);
            x.values[a].handle = torsh_ones(sizes, g->rank + (more_dims ? 2 : 0), g->dtype, TORSH_CPU).id;
            if (may_refuse(t, r, x.values, more_dims ? "two more dims" : "other sizes")) t->shape_refused[row_of(r->op)] = 1;
        }
    }
}

/* ---- dims ---------------------------------------------------------------------------------------------------- */

static void wrong_dims(tally *t, const record *r)
{
    static const char *const names[] = {"dim", "dim0", "dim1", "dim2", "dims", "source", "destination", "start_dim", "end_dim"};
    for (int p = 0; p < r->op->info.param_count; p++) {
        const torsh_param *param = &r->op->info.params[p];
        bool is_dim = false;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) is_dim |= strcmp(param->name, names[i]) == 0;
        if (!is_dim || (param->kind != TORSH_PARAM_INT && param->kind != TORSH_PARAM_INTS) || strcmp(r->name, "tile") == 0) continue;
        if (strncmp(r->name, "layer_norm", 10) == 0 && param->kind == TORSH_PARAM_INT) continue; /* how many */
        for (int64_t wrong = -77; wrong <= 77; wrong += 154) {
            TORSH_AUTO torsh_scope scope = torsh_scope_open();
            arguments x;
            make_values(r, CONTIGUOUS, x.values, x.lists);
            if (param->kind == TORSH_PARAM_INT) x.values[p].i = wrong;
            else x.values[p].list.data = &wrong, x.values[p].list.count = 1;
            must_refuse(t, r, x.values, "a dim out of range");
        }
    }
}

/* ---- handles, devices ---------------------------------------------------------------------------------------- */

static void wrong_handles(tally *t, const record *r)
{
    for (size_t a = 0; a < r->argument_count; a++) {
        if (r->arguments[a].kind != 'T') continue;
        for (int null = 0; null < 2; null++) {
            if (null && r->op->info.params[a].kind == TORSH_PARAM_OPTIONAL_TENSOR) continue;
            TORSH_AUTO torsh_scope scope = torsh_scope_open();
            arguments x;
            make_values(r, CONTIGUOUS, x.values, x.lists);
            if (null) x.values[a].handle = 0;
            else torsh_release_id(x.values[a].handle);
            must_refuse(t, r, x.values, null ? "a null tensor" : "a released tensor");
        }
    }
}

static void wrong_device(tally *t, const record *r, torsh_device device)
{
    for (size_t a = 1; a < r->argument_count; a++) {
        if (r->arguments[a].kind != 'T' || r->arguments[0].kind != 'T' || r->arguments[a].tensor.rank == 0 || r->arguments[a].tensor.dtype != TORSH_F32) continue;
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        arguments x;
        make_values(r, CONTIGUOUS, x.values, x.lists);
        torsh_tensor moved = torsh_to_device((torsh_tensor){x.values[a].handle}, device);
        if (TORSH_FAILED(moved) || strcmp(r->name, "copy_") == 0) continue;
        x.values[a].handle = moved.id;
        must_refuse(t, r, x.values, "a tensor on another device");
    }
}

/* ---- the tests ----------------------------------------------------------------------------------------------- */

static void check(const record *r, void *context)
{
    tally *t = context;
    if (!r->op || r->unavailable || (t->only && strcmp(t->only, r->name) != 0)) return;
    size_t row = row_of(r->op);
    bool big = r->argument_count > 0 && r->arguments[0].kind == 'T' && r->arguments[0].tensor.rank > 0 && r->arguments[0].tensor.bytes > 0;
    const argument *first = &r->arguments[0];
    if (t->seen[row] >= PER_ROW || (first->kind == 'T' && first->tensor.dtype != TORSH_F32 && first->tensor.dtype != TORSH_I64 && first->tensor.dtype != TORSH_BOOL)) return;
    if (r->argument_count > 0 && first->kind == 'T' && !big) return; /* 0-d and empty ones are forgiven much */
    t->seen[row]++;
    wrong_dtypes(t, r);
    float_indices(t, r);
    wrong_shapes(t, r);
    wrong_dims(t, r);
    wrong_handles(t, r);
    if (torsh_device_available(TORSH_WEBGPU(0))) wrong_device(t, r, TORSH_WEBGPU(0));
}

/* Rows of several tensors that take any shapes: what they are. */
static const char *const takes[] = {
    "meshgrid", "take",     /* any shapes */
    "index_select",         /* any number of indices; a matrix of them is refused */
    "outer", "isin", "kron",
    "type_as",              /* its dtype alone is asked for */
};

static void wrong_arguments_are_refused(void **state)
{
    size_t rows = 0;
    while (torsh__ops[rows]) rows++;
    tally t = {.seen = calloc(rows, 1), .shape_refused = calloc(rows, 1), .only = *state};
    int64_t handles = torsh_live_handles();
    torsh_set_memory_limit(TORSH_CPU, 64 << 20);
    assert_true(each_record(check, &t) > 0);
    assert_int_equal(torsh_live_handles(), handles);
    for (size_t i = 0; i < rows; i++) {
        int tensors = 0;
        const torsh__op *op = torsh__ops[i];
        for (int p = 0; p < op->info.param_count; p++) tensors += op->info.params[p].kind == TORSH_PARAM_TENSOR;
        bool any = false;
        for (size_t k = 0; k < sizeof takes / sizeof *takes; k++) any |= strcmp(takes[k], op->info.name) == 0;
        if (tensors < 2 || t.shape_refused[i] || any || !t.seen[i]) continue;
        print_error("%s refuses no shape\n", op->info.name);
        t.failures++;
    }
    free(t.seen);
    free(t.shape_refused);
    print_message("%ld wrong calls refused, %ld failures; other devices: %s\n", t.refused, t.failures,
                  torsh_device_available(TORSH_WEBGPU(0)) ? "webgpu" : "none here");
    assert_int_equal(t.failures, 0);
}

/* error_test [row] */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(wrong_arguments_are_refused, argc > 1 ? argv[1] : NULL)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
