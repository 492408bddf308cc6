/* Tensors as text, byte for byte as PyTorch prints them (torch/_tensor_str.py, 2.15). Two passes over the elements that will be
 * shown: the first finds the width and the notation that all of them share, the second writes. */
#include "alloc.h"
#include "fork.h"
#include "op.h"
#include "options.h"
#include "tape.h"

#include <ctype.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- options ------------------------------------------------------------------------------------------------- */

#define DEFAULTS {.size = sizeof(torsh_print_options), .precision = 4, .threshold = 1000, .edge_items = 3, .line_width = 80, .sci_mode = -1}
static torsh_print_options options = DEFAULTS;
static pthread_mutex_t options_lock = PTHREAD_MUTEX_INITIALIZER;
TORSH__HELD_ACROSS_FORK(options, &options_lock, 1, LEAF)

torsh_print_options torsh_print_defaults(void)
{
    return (torsh_print_options)DEFAULTS;
}

torsh_status torsh_set_print_options(const torsh_print_options *wanted)
{
    torsh_print_options o = torsh_print_defaults();
    torsh_status status = torsh__take_options("set_print_options", &o, sizeof o, sizeof o, wanted);
    if (status) return status;
    if (o.precision < 0 || o.precision > 100 || o.threshold < 0 || o.edge_items < 0 || o.line_width < 1 || o.sci_mode < -1 || o.sci_mode > 1)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "set_print_options: precision must be 0 to 100, threshold and edge_items not negative, line_width "
                                                   "positive, sci_mode -1, 0 or 1");
    pthread_mutex_lock(&options_lock);
    options = o;
    pthread_mutex_unlock(&options_lock);
    return TORSH_OK;
}

static torsh_print_options current_options(void)
{
    pthread_mutex_lock(&options_lock);
    torsh_print_options o = options;
    pthread_mutex_unlock(&options_lock);
    return o;
}

/* ---- text that grows ----------------------------------------------------------------------------------------- */

typedef struct text {
    char *data;
    size_t length, capacity;
    bool failed; /* no memory: what follows is lost */
} text;

static bool reserve(text *t, size_t more)
{
    if (t->failed) return false;
    if (t->length + more < t->capacity) return true;
    size_t capacity = (t->length + more) * 2 + 256;
    char *data = torsh__alloc(capacity);
    t->failed = !data;
    if (!data) return false;
    if (t->data) memcpy(data, t->data, t->length);
    torsh__free(t->data, t->capacity);
    t->data = data;
    t->capacity = capacity;
    return true;
}

static void put(text *t, const char *s, size_t length)
{
    if (!reserve(t, length)) return;
    memcpy(t->data + t->length, s, length);
    t->length += length;
}

static void puts_(text *t, const char *s)
{
    put(t, s, strlen(s));
}

static void put_times(text *t, char c, int64_t times)
{
    if (times <= 0 || !reserve(t, (size_t)times)) return;
    memset(t->data + t->length, c, (size_t)times);
    t->length += (size_t)times;
}

/* ---- numbers ------------------------------------------------------------------------------------------------- */

/* One element; the imaginary part of a real one is 0. */
typedef struct number {
    int64_t whole;
    double part[2];
} number;

static number read_number(const char *at, torsh_dtype dtype)
{
    number n = {0, {0, 0}};
    union {
        int16_t i16;
        int32_t i32;
        int64_t i64;
        torsh__f16 f16;
        torsh__bf16 bf16;
        float f32[2];
        double f64[2];
    } u;
    memcpy(&u, at, torsh__dtypes[dtype].size);
    switch (dtype) {
    case TORSH_BOOL: n.whole = *at != 0; break;
    case TORSH_U8: n.whole = (unsigned char)*at; break;
    case TORSH_I8: n.whole = (signed char)*at; break;
    case TORSH_I16: n.whole = u.i16; break;
    case TORSH_I32: n.whole = u.i32; break;
    case TORSH_I64: n.whole = u.i64; break;
    case TORSH_F16: n.part[0] = (double)torsh__f16_to_f32(u.f16); break;
    case TORSH_BF16: n.part[0] = (double)torsh__bf16_to_f32(u.bf16); break;
    case TORSH_F32: n.part[0] = (double)u.f32[0]; break;
    case TORSH_F64: n.part[0] = u.f64[0]; break;
    case TORSH_C64: n.part[0] = (double)u.f32[0], n.part[1] = (double)u.f32[1]; break;
    case TORSH_C128: n.part[0] = u.f64[0], n.part[1] = u.f64[1]; break;
    default: break;
    }
    return n;
}

/* How all elements (of one part, real or imaginary) are written. */
typedef struct format {
    bool floating, whole, scientific, boolean;
    int precision, width;
} format;

enum { LONGEST = 480 }; /* DBL_MAX in full, a hundred digits after the point, sign, point and end */

/* A double as Python's format() writes it: no sign on a NaN, the point whatever the locale. */
static int write_double(char *out, double value, int precision, bool scientific)
{
    if (isnan(value)) return snprintf(out, LONGEST, "nan");
    int length = snprintf(out, LONGEST, scientific ? "%.*e" : "%.*f", precision, value), made = 0;
    if (isinf(value)) return length;
    for (int i = 0; i < length; i++) {
        bool known = isdigit((unsigned char)out[i]) || strchr("+-e", out[i]);
        if (known) out[made++] = out[i];
        else if (made && out[made - 1] != '.') out[made++] = '.';
    }
    out[made] = 0;
    return made;
}

static int write_value(char *out, const format *f, int64_t whole, double value)
{
    if (f->boolean) return snprintf(out, LONGEST, whole ? "True" : "False");
    if (!f->floating) return snprintf(out, LONGEST, "%lld", (long long)whole);
    int length = write_double(out, value, f->whole && !f->scientific ? 0 : f->precision, f->scientific);
    if (f->whole && !f->scientific && isfinite(value)) out[length++] = '.';
    out[length] = 0;
    return length;
}

/* ---- the elements that are shown ----------------------------------------------------------------------------- */

typedef struct picture {
    const char *data;
    torsh_dtype dtype;
    int ndim;
    const int64_t *sizes, *strides;
    bool summarise;
    torsh_print_options o;
    format part[2];
} picture;

static bool is_cut(const picture *p, int d)
{
    return p->summarise && p->sizes[d] > 2 * (int64_t)p->o.edge_items;
}

/* Items of a dim: its elements, or those at both ends with an ellipsis between them. */
static int64_t item_count(const picture *p, int d)
{
    return is_cut(p, d) ? 2 * (int64_t)p->o.edge_items + 1 : p->sizes[d];
}

/* The element that item i is; -1 for the ellipsis. */
static int64_t item_index(const picture *p, int d, int64_t i)
{
    int64_t edge = p->o.edge_items;
    if (!is_cut(p, d) || i < edge) return i;
    return i == edge ? -1 : p->sizes[d] - (2 * edge + 1 - i);
}

static number number_at(const picture *p, int64_t offset)
{
    return read_number(p->data + offset * torsh__dtypes[p->dtype].size, p->dtype);
}

/* What the first pass finds out about one part. */
typedef struct survey {
    double least, most; /* of what is finite and not 0, absolute */
    bool any, whole;
    int width_fixed, width_whole, width_scientific, width_integer;
} survey;

static int longer(int a, int b)
{
    return a > b ? a : b;
}

static void survey_float(survey *s, double value, int precision)
{
    char out[LONGEST];
    double size = fabs(value);
    if (!isfinite(value) || value == 0) return;
    if (!s->any || size < s->least) s->least = size;
    if (!s->any || size > s->most) s->most = size;
    s->any = true;
    s->whole &= value == ceil(value);
    s->width_fixed = longer(s->width_fixed, write_double(out, value, precision, false));
    s->width_whole = longer(s->width_whole, write_double(out, value, 0, false) + 1);
    s->width_scientific = longer(s->width_scientific, write_double(out, value, precision, true));
}

static format choose_format(const survey *s, const picture *p)
{
    format f = {.floating = torsh__dtypes[p->dtype].category >= TORSH__FLOATING, .whole = true, .boolean = p->dtype == TORSH_BOOL, .precision = p->o.precision, .width = 1};
    if (!f.floating) {
        f.width = longer(1, s->width_integer);
        return f;
    }
    if (!s->any) return f;
    f.whole = s->whole;
    f.scientific = p->o.sci_mode >= 0 ? p->o.sci_mode == 1 : s->most / s->least > 1000.0 || s->most > 1.0e8 || s->least < 1.0e-4;
    f.width = longer(1, f.scientific ? s->width_scientific : f.whole ? s->width_whole : s->width_fixed);
    return f;
}

/* Sets the formats from every element that will be shown. */
static void survey_all(picture *p)
{
    survey s[2] = {{.whole = true}, {.whole = true}};
    int64_t item[TORSH__MAX_RANK] = {0}, offset;
    char out[LONGEST];
    bool more = true;
    for (int d = 0; d < p->ndim; d++) more &= item_count(p, d) > 0;
    while (more) {
        bool shown = true;
        offset = 0;
        for (int d = 0; d < p->ndim; d++) {
            int64_t index = item_index(p, d, item[d]);
            shown &= index >= 0;
            offset += index * p->strides[d];
        }
        if (shown) {
            number n = number_at(p, offset);
            format integer = {.boolean = p->dtype == TORSH_BOOL};
            if (torsh__dtypes[p->dtype].category <= TORSH__INTEGER) s[0].width_integer = longer(s[0].width_integer, write_value(out, &integer, n.whole, 0));
            for (int k = 0; k < 2; k++) survey_float(&s[k], n.part[k], p->o.precision);
        }
        more = false;
        for (int d = p->ndim; d-- > 0 && !more;) {
            more = ++item[d] < item_count(p, d);
            if (!more) item[d] = 0;
        }
    }
    for (int k = 0; k < 2; k++) p->part[k] = choose_format(&s[k], p);
}

/* ---- writing ------------------------------------------------------------------------------------------------- */

static void put_number(text *t, const picture *p, int64_t offset)
{
    char out[LONGEST];
    number n = number_at(p, offset);
    int length = write_value(out, &p->part[0], n.whole, n.part[0]);
    put_times(t, ' ', p->part[0].width - length);
    put(t, out, (size_t)length);
    if (torsh__dtypes[p->dtype].category != TORSH__COMPLEX) return;
    length = write_value(out, &p->part[1], 0, n.part[1]); /* its padding is stripped: the sign stands close */
    if (out[0] != '-' && out[0] != '+') puts_(t, "+");
    put(t, out, (size_t)length);
    puts_(t, "j");
}

/* The innermost dim, broken into lines. */
static void put_vector(text *t, const picture *p, int64_t offset, int64_t indent)
{
    int d = p->ndim - 1;
    bool complex = torsh__dtypes[p->dtype].category == TORSH__COMPLEX;
    int64_t each = p->part[0].width + 2 + (complex ? p->part[1].width + 1 : 0), room = p->o.line_width - indent, per_line = room > 0 ? room / each : 0;
    if (per_line < 1) per_line = 1;
    puts_(t, "[");
    for (int64_t i = 0, count = item_count(p, d); i < count; i++) {
        int64_t index = item_index(p, d, i);
        if (i && i % per_line == 0) {
            puts_(t, ",\n");
            put_times(t, ' ', indent + 1);
        } else if (i) {
            puts_(t, ", ");
        }
        if (index < 0) puts_(t, p->o.edge_items ? " ..." : "...");
        else put_number(t, p, offset + index * p->strides[d]);
    }
    puts_(t, "]");
}

/* Brackets and separators of the outer dims, without recursion: `item` is the position in each open one. */
static void put_elements(text *t, const picture *p, int64_t indent)
{
    int64_t item[TORSH__MAX_RANK];
    int depth = 0;
    if (p->ndim == 0) {
        put_number(t, p, 0);
        return;
    }
    item[0] = 0;
    if (p->ndim > 1) puts_(t, "[");
    while (depth >= 0) {
        if (depth == p->ndim - 1) {
            int64_t offset = 0;
            for (int d = 0; d < depth; d++) offset += item_index(p, d, item[d]) * p->strides[d];
            put_vector(t, p, offset, indent + depth);
            if (--depth >= 0) item[depth]++;
            continue;
        }
        if (item[depth] == item_count(p, depth)) {
            puts_(t, "]");
            if (--depth >= 0) item[depth]++;
            continue;
        }
        if (item[depth] > 0) {
            puts_(t, ",");
            put_times(t, '\n', p->ndim - depth - 1);
            put_times(t, ' ', indent + depth + 1);
        }
        if (item_index(p, depth, item[depth]) < 0) {
            puts_(t, "...");
            item[depth]++;
            continue;
        }
        depth++;
        item[depth] = 0;
        if (depth < p->ndim - 1) puts_(t, "[");
    }
}

/* ---- what follows the elements ------------------------------------------------------------------------------- */

typedef struct tail {
    text *t;
    int64_t indent, last_line;
    int line_width;
} tail;

static void put_suffix(tail *s, const char *suffix)
{
    int64_t length = (int64_t)strlen(suffix);
    if (s->last_line + length + 2 > s->line_width) {
        puts_(s->t, ",\n");
        put_times(s->t, ' ', s->indent);
        s->last_line = s->indent + length;
    } else {
        puts_(s->t, ", ");
        s->last_line += length + 2;
    }
    puts_(s->t, suffix);
}

static void put_size(tail *s, const torsh_operand *v)
{
    char out[32 + 22 * TORSH__MAX_RANK];
    size_t used = (size_t)snprintf(out, sizeof out, "size=(");
    for (int d = 0; d < v->ndim; d++)
        used += (size_t)snprintf(out + used, sizeof out - used, d || v->ndim == 1 ? (d ? ", %lld" : "%lld,") : "%lld", (long long)v->sizes[d]);
    snprintf(out + used, sizeof out - used, ")");
    put_suffix(s, out);
}

static void put_dtype(tail *s, torsh_dtype dtype)
{
    char out[48];
    snprintf(out, sizeof out, "dtype=torch.%s", torsh__dtypes[dtype].torch_name);
    put_suffix(s, out);
}

/* Rows whose gradient PyTorch calls otherwise. */
static const struct {
    const char *op, *shown;
} renamed[] = {{"convert", "to_copy"}, {"index_lead", "index"}, {"index_put_lead_", "index_put"}};

/* "index_select" as "IndexSelectBackward0". */
static void put_gradient(tail *s, const torsh__node *node)
{
    char out[128] = "grad_fn=<";
    const char *name = torsh__node_name(node);
    size_t used = strlen(out);
    bool upper = true;
    for (size_t i = 0; node->op && i < sizeof renamed / sizeof *renamed; i++)
        if (strcmp(name, renamed[i].op) == 0) name = renamed[i].shown;
    for (; *name && used < sizeof out - 16; name++) {
        if (node->op && *name == '_') {
            upper = true;
            continue;
        }
        out[used++] = node->op && upper ? (char)toupper((unsigned char)*name) : *name;
        upper = false;
    }
    snprintf(out + used, sizeof out - used, node->op ? "Backward0>" : ">");
    put_suffix(s, out);
}

static void put_suffixes(tail *s, torsh__tensor *t, const picture *p)
{
    const torsh_operand *v = &t->view;
    torsh_dtype dtype = (torsh_dtype)v->dtype, usual = torsh_default_dtype();
    torsh_status status = TORSH_OK;
    if (v->device != TORSH_CPU) {
        char out[64];
        snprintf(out, sizeof out, "device='%s'", torsh_device_name(v->device));
        put_suffix(s, out);
    }
    if (v->numel == 0) {
        if (v->ndim != 1) put_size(s, v);
        if (dtype != usual) put_dtype(s, dtype);
    } else {
        bool plain = dtype == usual || dtype == (usual == TORSH_F64 ? TORSH_C128 : TORSH_C64) || dtype == TORSH_I64 || dtype == TORSH_BOOL;
        if (!p->o.edge_items) put_size(s, v);
        if (!plain) put_dtype(s, dtype);
    }
    if (t->base) status = torsh__view_refresh(t);
    if (status) put_suffix(s, "grad_fn=<Invalid>");
    else if (t->grad_fn) put_gradient(s, t->grad_fn);
    else if (t->requires_grad) put_suffix(s, "requires_grad=True");
}

/* ---- the whole ----------------------------------------------------------------------------------------------- */

/* t's elements where the CPU can read them: `seen` is t itself or a copy, a reference either way. */
static torsh_status bring(torsh_tensor handle, torsh__tensor *t, torsh__tensor **seen)
{
    torsh_status status = TORSH_OK;
    if (t->view.device == TORSH_CPU) {
        torsh__tensor_retain(t);
        *seen = t;
        return TORSH_OK;
    }
    torsh__modes *modes = &torsh__thread_get()->modes;
    bool grad = modes->grad;
    modes->grad = false;
    torsh_tensor copy = torsh__call_unary("to_device", handle, (torsh_value){.i = TORSH_CPU});
    modes->grad = grad;
    *seen = torsh__tensor_hold(copy, "format", "t", &status);
    torsh_release(copy);
    return status;
}

static torsh_status describe(text *out, torsh_tensor handle)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_hold(handle, "format", "t", &status), *seen = NULL;
    if (!t) return status;
    status = bring(handle, t, &seen);
    if (status == TORSH_OK) {
        const char *prefix = t->is_parameter ? "Parameter containing:\ntensor(" : "tensor(";
        size_t start = t->is_parameter ? strlen("Parameter containing:\n") : 0;
        const torsh_operand *v = &seen->view;
        picture p = {.data = torsh__data(seen), .dtype = (torsh_dtype)v->dtype, .ndim = v->ndim, .sizes = v->sizes, .strides = v->strides, .o = current_options()};
        p.summarise = v->numel > p.o.threshold;
        puts_(out, prefix);
        int64_t indent = (int64_t)strlen("tensor(");
        if (v->numel == 0) {
            puts_(out, "[]");
        } else {
            survey_all(&p);
            put_elements(out, &p, indent);
        }
        size_t line = out->length;
        while (line > start && !out->failed && out->data[line - 1] != '\n') line--;
        /* PyTorch counts from the line break, and from before the start if there is none. */
        tail s = {.t = out, .indent = indent, .last_line = (int64_t)(out->length - line) + 2, .line_width = p.o.line_width};
        put_suffixes(&s, t, &p);
        puts_(out, ")");
        torsh__tensor_drop(seen);
    }
    torsh__tensor_drop(t);
    return status ? status : out->failed ? TORSH_OUT_OF_MEMORY : TORSH_OK;
}

int64_t torsh_format(torsh_tensor t, char *out, size_t size)
{
    text made = {0};
    int64_t length = -1;
    if (!out && size) {
        torsh__fail(TORSH_INVALID_ARGUMENT, "format: argument 'text' is NULL but its size is %zu", size);
        return -1;
    }
    if (describe(&made, t) == TORSH_OK) {
        length = (int64_t)made.length;
        size_t shown = made.length < size ? made.length : size ? size - 1 : 0;
        if (shown) memcpy(out, made.data, shown);
        if (size) out[shown] = 0;
    }
    torsh__free(made.data, made.capacity);
    return length;
}

torsh_status torsh_print(torsh_tensor t)
{
    text made = {0};
    torsh_status status = describe(&made, t);
    if (status == TORSH_OK && (fwrite(made.data, 1, made.length, stdout) != made.length || putchar('\n') == EOF))
        status = torsh__fail(TORSH_IO_ERROR, "print: standard output could not be written");
    torsh__free(made.data, made.capacity);
    return status;
}
