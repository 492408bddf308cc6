/* A parsed expression as WGSL: infix text, with the conversions between values and truths that C makes silently. */
#include "wgsl.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef struct printer {
    gpu_text *out;
    const gpu_expression *e;
    gpu_class which;
    char *problem;
    size_t size;
} printer;

static bool print(printer *p, int at, bool truth);

const char *torsh__gpu_wgsl_type(gpu_class which)
{
    return which == GPU_FLOAT ? "f32" : "i32";
}

static bool fail(printer *p, const char *what, const char *name)
{
    snprintf(p->problem, p->size, "%s %s", what, name);
    return false;
}

static void number(printer *p, double v)
{
    if (p->which == GPU_FLOAT && isnan(v)) torsh__gpu_print(p->out, "m_nan()");
    else if (p->which == GPU_FLOAT && v > (double)FLT_MAX) torsh__gpu_print(p->out, "m_inf()");
    else if (p->which == GPU_FLOAT) torsh__gpu_print(p->out, "%.9gf", v);
    else if (p->which == GPU_BOOL) torsh__gpu_print(p->out, "%d", v != 0);
    else torsh__gpu_print(p->out, "%.0f", v >= 2147483647 ? 2147483647 : trunc(v));
}

static bool name(printer *p, const gpu_node *n)
{
    static const char *const variables[] = {"a", "b", "c", "p", "q", "r", "acc", "n"};
    if (strcmp(n->name, "x") == 0) {
        torsh__gpu_print(p->out, "a");
        return true;
    }
    if (strcmp(n->name, "INFINITY") == 0 || strcmp(n->name, "NAN") == 0) {
        number(p, n->name[0] == 'I' ? (double)INFINITY : (double)NAN);
        return true;
    }
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        if (strcmp(n->name, variables[i]) == 0) {
            torsh__gpu_print(p->out, "%s", n->name);
            return true;
        }
    const gpu_function *f = torsh__gpu_function(n->name);
    if (!f || !f->takes || f->takes[0]) return fail(p, "no variable", n->name);
    if (!f->wgsl[p->which]) return fail(p, "no WGSL in this dtype for", n->name);
    torsh__gpu_print(p->out, "%s()", n->name);
    return true;
}

static bool call(printer *p, const gpu_node *n)
{
    if (strcmp(n->name, "m_c") == 0 && n->count == 1) return print(p, n->argument[0], false);
    const gpu_function *f = torsh__gpu_function(n->name);
    if (!f || !f->takes || !f->wgsl[p->which]) return fail(p, "no WGSL in this dtype for", n->name);
    if (n->count != (int)strlen(f->takes)) return fail(p, "wrong number of arguments for", n->name);
    torsh__gpu_print(p->out, "%s(", n->name);
    for (int i = 0; i < n->count; i++) {
        if (i) torsh__gpu_print(p->out, ", ");
        if (!print(p, n->argument[i], f->takes[i] == 't')) return false;
    }
    torsh__gpu_print(p->out, ")");
    return true;
}

static bool two(printer *p, const gpu_node *n, bool truth, const char *operator)
{
    torsh__gpu_print(p->out, "(");
    if (!print(p, n->argument[0], truth)) return false;
    torsh__gpu_print(p->out, " %s ", operator);
    if (!print(p, n->argument[1], truth)) return false;
    torsh__gpu_print(p->out, ")");
    return true;
}

static bool infix(printer *p, const gpu_node *n)
{
    char o = n->name[0];
    bool both = p->e->node[n->argument[0]].truth && p->e->node[n->argument[1]].truth;
    if (strcmp(n->name, "&&") == 0 || strcmp(n->name, "||") == 0) return two(p, n, true, n->name);
    if (strcmp(n->name, "!=") == 0) { /* a plain != may be compiled to one that is false for NaN */
        if (both) return two(p, n, true, "!=");
        torsh__gpu_print(p->out, "!");
        return two(p, n, false, "==");
    }
    if (strcmp(n->name, "==") == 0) return two(p, n, both, "==");
    if (strcmp(n->name, "<<") == 0 || strcmp(n->name, ">>") == 0) return fail(p, "no WGSL for", n->name);
    if (o == '&' || o == '|') return p->which == GPU_FLOAT && !both ? fail(p, "no WGSL in this dtype for", n->name) : two(p, n, both, n->name);
    if (o == '^') return both ? two(p, n, true, "!=") : p->which == GPU_FLOAT ? fail(p, "no WGSL in this dtype for", n->name) : two(p, n, false, "^");
    if (o == '%' && p->which == GPU_FLOAT) return fail(p, "no WGSL in this dtype for", n->name);
    return two(p, n, false, n->name);
}

/* As the node's own type. */
static bool plain(printer *p, const gpu_node *n)
{
    switch (n->kind) {
    case GPU_NUMBER: number(p, n->number); return true;
    case GPU_NAME: return name(p, n);
    case GPU_CALL: return call(p, n);
    case GPU_INFIX: return infix(p, n);
    case GPU_PREFIX:
        if (n->name[0] == '~' && p->which != GPU_INT) return fail(p, "no WGSL in this dtype for", n->name);
        torsh__gpu_print(p->out, "(%s", n->name);
        if (!print(p, n->argument[0], n->name[0] == '!')) return false;
        torsh__gpu_print(p->out, ")");
        return true;
    case GPU_CHOICE:
        torsh__gpu_print(p->out, "select(");
        if (!print(p, n->argument[2], n->truth)) return false;
        torsh__gpu_print(p->out, ", ");
        if (!print(p, n->argument[1], n->truth)) return false;
        torsh__gpu_print(p->out, ", ");
        if (!print(p, n->argument[0], true)) return false;
        torsh__gpu_print(p->out, ")");
        return true;
    }
    return false;
}

/* Node `at` as what is wanted. The parser bounds the depth. */
static bool print(printer *p, int at, bool truth)
{
    const gpu_node *n = &p->e->node[at];
    const char *zero = p->which == GPU_FLOAT ? "0f" : "0", *one = p->which == GPU_FLOAT ? "1f" : "1";
    if (n->truth == truth) return plain(p, n);
    if (truth) {
        torsh__gpu_print(p->out, "!(");
        if (!plain(p, n)) return false;
        torsh__gpu_print(p->out, " == %s)", zero);
    } else {
        torsh__gpu_print(p->out, "select(%s, %s, ", zero, one);
        if (!plain(p, n)) return false;
        torsh__gpu_print(p->out, ")");
    }
    return true;
}

bool torsh__gpu_wgsl_expression(gpu_text *out, const gpu_expression *e, gpu_class which, bool truth, char *problem, size_t size)
{
    printer p = {out, e, which, problem, size};
    return print(&p, e->root, truth);
}

/* ---- the functions that expressions call ---------------------------------------------------------------------- */

enum { MOST_CALLED = 48 };

typedef struct called { const gpu_function *list[MOST_CALLED]; int count; } called;

static void call_once(called *c, const char *text, size_t length)
{
    char name[24];
    if (length >= sizeof name) return;
    memcpy(name, text, length);
    name[length] = 0;
    const gpu_function *f = torsh__gpu_function(name);
    if (!f) return;
    for (int i = 0; i < c->count; i++)
        if (c->list[i] == f) return;
    if (c->count < MOST_CALLED) c->list[c->count++] = f;
}

static void scan(called *c, const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    for (const char *at = strstr(text, "m_"); at; at = strstr(at, "m_")) {
        size_t length = strspn(at, letters);
        call_once(c, at, length);
        at += length;
    }
}

bool torsh__gpu_wgsl_functions(gpu_text *out, const gpu_expression *const *e, int count, gpu_class which, char *problem, size_t size)
{
    called c = {.count = 0};
    for (int k = 0; k < count; k++)
        for (int i = 0; i < e[k]->count; i++) {
            const gpu_node *n = &e[k]->node[i];
            if (n->kind == GPU_CALL || n->kind == GPU_NAME) call_once(&c, n->name, strlen(n->name));
            if (n->kind == GPU_NAME || n->kind == GPU_NUMBER) scan(&c, which == GPU_FLOAT && (n->name[0] == 'I' || n->number > (double)FLT_MAX) ? "m_inf" : n->name[0] == 'N' ? "m_nan" : "");
        }
    for (int i = 0; i < c.count; i++) { /* grows while it is walked: functions call functions */
        const char *text = c.list[i]->wgsl[which];
        if (!text) {
            snprintf(problem, size, "no WGSL in this dtype for %s", c.list[i]->name);
            return false;
        }
        torsh__gpu_print(out, "%s\n", text);
        scan(&c, text);
    }
    return true;
}
