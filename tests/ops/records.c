#include "records.h"

#include <complex.h>
#include <glob.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the file ------------------------------------------------------------------------------------------------ */

typedef struct cursor {
    const unsigned char *at, *end;
} cursor;

static const unsigned char *take(cursor *c, size_t count)
{
    if ((size_t)(c->end - c->at) < count) {
        fprintf(stderr, "golden file is cut short\n");
        exit(1);
    }
    const unsigned char *start = c->at;
    c->at += count;
    return start;
}

static unsigned byte(cursor *c)
{
    return *take(c, 1);
}

static int64_t integer(cursor *c)
{
    int64_t value;
    memcpy(&value, take(c, 8), 8);
    return value;
}

static golden read_tensor(cursor *c)
{
    golden g = {.dtype = (torsh_dtype)byte(c)};
    g.rank = byte(c);
    g.bytes = torsh_dtype_size(g.dtype);
    for (size_t d = 0; d < g.rank; d++) {
        int32_t size;
        memcpy(&size, take(c, 4), 4);
        g.sizes[d] = size;
        g.bytes *= (size_t)size;
    }
    g.data = take(c, g.bytes);
    return g;
}

static argument read_argument(cursor *c)
{
    argument a = {.kind = (char)byte(c)};
    switch (a.kind) {
    case 'T': a.tensor = read_tensor(c); break;
    case 'W':
    case 'd': memcpy(&a.number, take(c, 8), 8); break;
    case 'i': a.ints[0] = integer(c); break;
    case 'b': a.ints[0] = byte(c); break;
    case 't': a.ints[0] = (signed char)byte(c); break;
    case 'F': /* the bits of a double are as long as an integer */
    case 'I':
        a.count = byte(c);
        for (size_t i = 0; i < a.count; i++) a.ints[i] = integer(c);
        break;
    case 's':
        a.count = byte(c);
        memcpy(a.text, take(c, a.count), a.count);
        break;
    case 'L':
        a.count = byte(c);
        for (size_t i = 0; i < a.count; i++) {
            if (byte(c) == 'T') a.list[i] = read_tensor(c);
            else a.list[i].rank = SIZE_MAX;
        }
        break;
    default: break; /* N, D, g */
    }
    return a;
}

static void read_record(cursor *c, record *r)
{
    memset(r, 0, sizeof *r);
    size_t length = byte(c);
    memcpy(r->name, take(c, length), length);
    r->argument_count = byte(c);
    for (size_t i = 0; i < r->argument_count; i++) r->arguments[i] = read_argument(c);
    r->result_count = byte(c);
    for (size_t i = 0; i < r->result_count; i++) r->results[i] = read_tensor(c);
    r->gradient_count = byte(c);
    for (size_t i = 0; i < r->gradient_count; i++) {
        r->gradients[i].argument = byte(c);
        r->gradients[i].element = byte(c);
        r->gradients[i].value = read_tensor(c);
    }
    r->op = torsh__op_find(r->name);
}

/* True, with the reason printed, for rows that LAPACK does, where there is none. */
static bool lacks_lapack(const char *path)
{
    static const char *const files[] = {"/ops_linalg.bin", "/ops_solve.bin", "/ops_spectral.bin", "/ops_lobpcg.bin"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (strstr(path, files[i]) && !torsh_lapack_library()) {
            printf("%s skipped: %s\n", files[i] + 1, torsh_last_error());
            return true;
        }
    return false;
}

/* Visits the records of one file. */
static long read_file(const char *path, void (*visit)(const record *r, void *context), void *context)
{
    FILE *stream = fopen(path, "rb");
    if (!stream) return -1;
    fseek(stream, 0, SEEK_END);
    long size = ftell(stream);
    rewind(stream);
    unsigned char *data = malloc((size_t)size);
    size_t got = data ? fread(data, 1, (size_t)size, stream) : 0;
    fclose(stream);
    record *r = malloc(sizeof *r);
    bool unavailable = lacks_lapack(path);
    long count = -1;
    if (r && got == (size_t)size && size >= 6 && memcmp(data, "TGLD1\n", 6) == 0) {
        cursor c = {data + 6, data + size};
        for (count = 0; c.at < c.end; count++) {
            read_record(&c, r);
            r->index = (size_t)count;
            r->unavailable = unavailable;
            visit(r, context);
        }
    }
    free(r);
    free(data);
    return count;
}

long each_record_of(const char *file, void (*visit)(const record *r, void *context), void *context)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", TORSH_GOLDEN_DIR, file);
    return read_file(path, visit, context);
}

long each_record(void (*visit)(const record *r, void *context), void *context)
{
    glob_t files;
    if (glob(TORSH_GOLDEN_DIR "/ops_*.bin", 0, NULL, &files) != 0) return -1;
    long count = 0;
    for (size_t i = 0; i < files.gl_pathc && count >= 0; i++) {
        long more = read_file(files.gl_pathv[i], visit, context);
        count = more < 0 ? -1 : count + more;
    }
    globfree(&files);
    return count;
}

/* ---- arguments ----------------------------------------------------------------------------------------------- */

torsh_tensor make_tensor(const golden *g, layout how)
{
    torsh_tensor plain = torsh_from_data(g->data, g->sizes, g->rank, g->dtype, TORSH_CPU);
    if (how == CONTIGUOUS || g->rank == 0) return plain;
    int64_t sizes[8], order[8];
    for (size_t d = 0; d < g->rank; d++) {
        sizes[d] = how == REVERSED ? g->sizes[g->rank - 1 - d] : g->sizes[d];
        order[d] = (int64_t)(g->rank - 1 - d);
    }
    torsh_tensor room, view;
    if (how == REVERSED) {
        room = torsh_zeros(sizes, g->rank, g->dtype, TORSH_CPU);
        view = torsh_permute(room, order, g->rank);
    } else { /* every second element, from the second on */
        sizes[g->rank - 1] = 2 * sizes[g->rank - 1] + 1;
        room = torsh_zeros(sizes, g->rank, g->dtype, TORSH_CPU);
        view = torsh_slice(room, -1, 1, INT64_MAX, 2);
    }
    return torsh_copy_(view, plain);
}

void make_values(const record *r, layout how, torsh_value *values, torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST])
{
    for (size_t i = 0; i < r->argument_count; i++) {
        const argument *a = &r->arguments[i];
        switch (a->kind) {
        case 'T': values[i].handle = make_tensor(&a->tensor, how).id; break;
        case 'W': values[i].handle = torsh_number(a->number).id; break;
        case 'i':
        case 'b':
        case 't': values[i].i = a->ints[0]; break;
        case 'd': values[i].f = a->number; break;
        case 'F':
        case 'I':
            values[i].list.data = a->ints;
            values[i].list.count = a->count;
            break;
        case 's': values[i].text = a->text; break;
        case 'D': values[i].i = TORSH_CPU; break;
        case 'L':
            for (size_t k = 0; k < a->count; k++)
                lists[i][k] = a->list[k].rank == SIZE_MAX ? (torsh_tensor){0} : make_tensor(&a->list[k], how);
            values[i].list.data = lists[i];
            values[i].list.count = a->count;
            break;
        default: values[i].handle = 0; break;
        }
    }
}

size_t call(const record *r, const torsh_value *values, torsh_tensor results[MOST_RESULTS])
{
    torsh_manual_seed(5);
    r->op->invoke(values, results);
    torsh_tensors list = {results[0].id};
    int64_t count = TORSH_FAILED(results[0]) ? -1 : torsh_tensors_size(list);
    if (count < 0) return (size_t)r->op->info.outputs; /* no list */
    for (int64_t i = 0; i < count && i < MOST_RESULTS; i++) results[i] = torsh_tensors_get(list, i);
    return (size_t)count;
}

bool only_in_place(const torsh__op *op)
{
    size_t length = strlen(op->info.name);
    return op->variants & TORSH__ONLY_IN_PLACE || op->info.name[length - 1] == '_';
}

/* ---- comparing ----------------------------------------------------------------------------------------------- */

static void tolerance(torsh_dtype dtype, double *relative, double *absolute)
{
    *absolute = 1e-5;
    switch (dtype) {
    case TORSH_F16: *relative = 1e-3; break;
    case TORSH_BF16: *relative = 1.6e-2; break;
    case TORSH_F32:
    case TORSH_C64: *relative = 1.3e-6; break;
    case TORSH_F64:
    case TORSH_C128: *relative = *absolute = 1e-7; break;
    default: *relative = *absolute = 0; break;
    }
}

static bool near_part(double have, double want, double relative, double absolute)
{
    if (isnan(want)) return isnan(have);
    if (isinf(want)) return have == want;
    return fabs(have - want) <= absolute + relative * fabs(want);
}

/* Elements as complex doubles. */
static double _Complex *widen(torsh_tensor t, size_t count)
{
    double _Complex *values = malloc((count + 1) * sizeof *values);
    torsh_tensor wide = torsh_to_dtype(t, TORSH_C128);
    if (values && torsh_to_host(wide, values, count * sizeof *values) == TORSH_OK) return values;
    free(values);
    return NULL;
}

const char *difference(torsh_tensor have, const golden *want)
{
    static char text[256];
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    if (TORSH_FAILED(have)) {
        snprintf(text, sizeof text, "failed: %.200s", torsh_id_error(have.id));
        return text;
    }
    torsh__shape_text shape;
    torsh__shape_print(&shape, (int)want->rank, want->sizes);
    if (torsh_dtype_of(have) != want->dtype || strcmp(shape.text, torsh_shape_text(have)) != 0) {
        snprintf(text, sizeof text, "is %s %s, must be %s %s", torsh_dtype_name(torsh_dtype_of(have)), torsh_shape_text(have),
                 torsh_dtype_name(want->dtype), shape.text);
        return text;
    }
    size_t count = (size_t)torsh_numel(have);
    if (want->dtype == TORSH_I64) { /* doubles don't hold every i64 */
        int64_t *whole = malloc(want->bytes + 1);
        bool same = whole && torsh_to_host(have, whole, want->bytes) == TORSH_OK && memcmp(whole, want->data, want->bytes) == 0;
        for (size_t i = 0; !same && whole && i < count; i++) {
            int64_t expected;
            memcpy(&expected, want->data + i * 8, 8);
            if (whole[i] != expected) {
                snprintf(text, sizeof text, "element %zu is %lld, must be %lld", i, (long long)whole[i], (long long)expected);
                break;
            }
        }
        free(whole);
        return same ? "" : text;
    }
    torsh_tensor expected = torsh_from_data(want->data, want->sizes, want->rank, want->dtype, TORSH_CPU);
    double _Complex *a = widen(have, count), *b = widen(expected, count);
    double relative, absolute;
    tolerance(want->dtype, &relative, &absolute);
    const char *result = a && b ? "" : "could not be read";
    for (size_t i = 0; a && b && i < count; i++) {
        if (near_part(creal(a[i]), creal(b[i]), relative, absolute) && near_part(cimag(a[i]), cimag(b[i]), relative, absolute)) continue;
        snprintf(text, sizeof text, "element %zu is %.9g%+.9gi, must be %.9g%+.9gi", i, creal(a[i]), cimag(a[i]), creal(b[i]), cimag(b[i]));
        result = text;
        break;
    }
    free(a);
    free(b);
    return result;
}

bool has_free_phase(const record *r)
{
    static const char *const rows[] = {"linalg_svd", "svd", "svd_lowrank", "pca_lowrank", "linalg_eigh", "lobpcg"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i], r->name) == 0) return true;
    return false;
}

const char *difference_of_sizes(torsh_tensor have, const golden *want)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    if (!TORSH_FAILED(have) && torsh_dtype_of(have) != want->dtype) return difference(have, want);
    torsh_tensor sizes = torsh_abs(make_tensor(want, CONTIGUOUS));
    golden real = *want;
    real.dtype = torsh_dtype_of(sizes);
    real.bytes = (size_t)torsh_numel(sizes) * torsh_dtype_size(real.dtype);
    unsigned char *data = malloc(real.bytes + 1);
    if (!data || torsh_to_host(sizes, data, real.bytes) != TORSH_OK) real.rank = 0;
    real.data = data;
    const char *problem = difference(torsh_abs(have), &real);
    free(data);
    return problem;
}

const char *describe(const record *r)
{
    static char text[256];
    size_t used = (size_t)snprintf(text, sizeof text, "%s(", r->name);
    for (size_t i = 0; i < r->argument_count && used < 180; i++) {
        const argument *a = &r->arguments[i];
        torsh__shape_text shape;
        const char *comma = i ? ", " : "";
        if (a->kind == 'T')
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s%.40s", comma, torsh_dtype_name(a->tensor.dtype),
                                     torsh__shape_print(&shape, (int)a->tensor.rank, a->tensor.sizes));
        else if (a->kind == 'i' || a->kind == 'b' || a->kind == 't')
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%lld", comma, (long long)a->ints[0]);
        else if (a->kind == 'I')
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%.40s", comma, torsh__shape_print(&shape, (int)a->count, a->ints));
        else if (a->kind == 'd' || a->kind == 'W') used += (size_t)snprintf(text + used, sizeof text - used, "%s%g", comma, a->number);
        else used += (size_t)snprintf(text + used, sizeof text - used, "%s%c", comma, a->kind);
    }
    snprintf(text + used, sizeof text - used, ") #%zu", r->index);
    return text;
}
