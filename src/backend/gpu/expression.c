/* Precedence climbing over the text of a row's value. Nesting is bounded, so a hostile row is refused, not a stack overflow. */
#include "expression.h"
#include "functions.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct parser {
    gpu_expression *out;
    const char *at;
    int depth;
} parser;

static short choice(parser *p);

static short fail(parser *p, const char *what)
{
    if (!p->out->problem[0]) snprintf(p->out->problem, sizeof p->out->problem, "%s at \"%.24s\"", what, p->at);
    return -1;
}

static void skip(parser *p)
{
    while (isspace((unsigned char)*p->at)) p->at++;
}

static short add(parser *p, gpu_node_kind kind, const char *name, size_t length)
{
    if (p->out->count == GPU_MOST_NODES) return fail(p, "too long");
    if (length >= sizeof p->out->node[0].name) return fail(p, "too long a name");
    gpu_node *n = &p->out->node[p->out->count];
    memset(n, 0, sizeof *n);
    n->kind = kind;
    memcpy(n->name, name, length);
    return (short)p->out->count++;
}

static bool take(parser *p, char c)
{
    skip(p);
    if (*p->at != c) return false;
    p->at++;
    return true;
}

/* ---- operands ------------------------------------------------------------------------------------------------ */

static short number(parser *p)
{
    char *end;
    double value = strtod(p->at, &end);
    if (end == p->at) return fail(p, "no operand");
    p->at = end;
    while (*p->at && strchr("fFuUlL", *p->at)) p->at++;
    short n = add(p, GPU_NUMBER, "", 0);
    if (n >= 0) p->out->node[n].number = value;
    return n;
}

static short call(parser *p, const char *name, size_t length)
{
    short n = add(p, GPU_CALL, name, length);
    while (n >= 0 && !take(p, ')')) {
        if (p->out->node[n].count == GPU_MOST_ARGUMENTS) return fail(p, "too many arguments");
        if (p->out->node[n].count > 0 && !take(p, ',')) return fail(p, "no , or )");
        short argument = choice(p);
        if (argument < 0) return -1;
        p->out->node[n].argument[p->out->node[n].count++] = argument;
    }
    if (n < 0) return n;
    const gpu_function *f = torsh__gpu_function(p->out->node[n].name);
    p->out->node[n].truth = f && f->truth;
    return n;
}

static short operand(parser *p)
{
    skip(p);
    if (take(p, '(')) {
        short inner = choice(p);
        if (inner >= 0 && !take(p, ')')) return fail(p, "no )");
        return inner;
    }
    if (*p->at && strchr("-!~+", *p->at)) {
        char operator = *p->at++;
        if (++p->depth > GPU_MOST_DEPTH) return fail(p, "nested too deep");
        short inner = operand(p);
        p->depth--;
        if (inner < 0 || operator== '+') return inner;
        short n = add(p, GPU_PREFIX, &operator, 1);
        if (n < 0) return n;
        p->out->node[n].count = 1;
        p->out->node[n].argument[0] = inner;
        p->out->node[n].truth = operator== '!';
        return n;
    }
    if (isalpha((unsigned char)*p->at) || *p->at == '_') {
        const char *name = p->at;
        while (isalnum((unsigned char)*p->at) || *p->at == '_') p->at++;
        size_t length = (size_t)(p->at - name);
        return take(p, '(') ? call(p, name, length) : add(p, GPU_NAME, name, length);
    }
    return number(p);
}

/* ---- operators ----------------------------------------------------------------------------------------------- */

/* C's table, loosest first; longer spellings before their beginnings. */
static const struct { const char *text; int level; } operators[] = {
    {"||", 1}, {"&&", 2}, {"|", 3},  {"^", 4},  {"&", 5}, {"==", 6}, {"!=", 6}, {"<<", 8}, {">>", 8}, {"<=", 7},
    {">=", 7}, {"<", 7},  {">", 7},  {"+", 9},  {"-", 9}, {"*", 10}, {"/", 10}, {"%", 10},
};

static int find_operator(const char *at)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (strncmp(at, operators[i].text, strlen(operators[i].text)) == 0) return (int)i;
    return -1;
}

static bool gives_truth(const parser *p, int level, short left, short right)
{
    bool both = p->out->node[left].truth && p->out->node[right].truth;
    return level <= 2 || level == 6 || level == 7 || (level <= 5 && both);
}

static short infix(parser *p, int least)
{
    short left = operand(p);
    while (left >= 0) {
        skip(p);
        int which = find_operator(p->at);
        if (which < 0 || operators[which].level < least) return left;
        const char *text = operators[which].text;
        int level = operators[which].level;
        p->at += strlen(text);
        if (++p->depth > GPU_MOST_DEPTH) return fail(p, "nested too deep");
        short right = infix(p, level + 1);
        p->depth--;
        if (right < 0) return -1;
        short n = add(p, GPU_INFIX, text, strlen(text));
        if (n < 0) return n;
        gpu_node *node = &p->out->node[n];
        node->count = 2;
        node->argument[0] = left;
        node->argument[1] = right;
        node->truth = gives_truth(p, level, left, right);
        left = n;
    }
    return left;
}

static short choice(parser *p)
{
    if (++p->depth > GPU_MOST_DEPTH) return fail(p, "nested too deep");
    short condition = infix(p, 1);
    if (condition >= 0 && take(p, '?')) {
        short yes = choice(p);
        if (yes >= 0 && !take(p, ':')) return fail(p, "no :");
        short no = yes >= 0 ? choice(p) : (short)-1;
        short n = no >= 0 ? add(p, GPU_CHOICE, "?", 1) : (short)-1;
        if (n < 0) return n;
        gpu_node *node = &p->out->node[n];
        node->count = 3;
        node->argument[0] = condition;
        node->argument[1] = yes;
        node->argument[2] = no;
        node->truth = p->out->node[yes].truth && p->out->node[no].truth;
        condition = n;
    }
    p->depth--;
    return condition;
}

bool torsh__gpu_parse(gpu_expression *expression, const char *text)
{
    parser p = {expression, text, 0};
    expression->count = 0;
    expression->problem[0] = 0;
    short root = choice(&p);
    skip(&p);
    if (root >= 0 && *p.at) root = fail(&p, "more text");
    expression->root = root;
    return root >= 0;
}

bool torsh__gpu_uses(const gpu_expression *expression, const char *name)
{
    for (int i = 0; i < expression->count; i++)
        if (expression->node[i].kind == GPU_NAME && strcmp(expression->node[i].name, name) == 0) return true;
    return false;
}
