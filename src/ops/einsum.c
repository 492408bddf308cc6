/* torsh_einsum: an equation's letters become dims that all operands share, and pairs of operands are joined from left to right, each by
 * one batched product. Row: table/einsum.def. The order isn't searched: a caller who knows a better one gives the operands in it. */
#include "gradient.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/matmul.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/view.h>

#include <string.h>

#define REFUSE(status, ...) torsh__tensor_error(torsh__fail(status, __VA_ARGS__))

/* Letters are numbered A to Z, a to z, the order in which an output that isn't written has them. The dims of "..." come after. */
enum { LETTERS = 52, MOST_DIMS = TORSH__MAX_RANK, MOST_OPERANDS = 64, ELLIPSIS = -1 };

typedef struct subscript {
    int8_t letters[MOST_DIMS]; /* or ELLIPSIS */
    int count;
    bool ellipsis;
} subscript;

typedef struct plan {
    subscript input[MOST_OPERANDS], output;
    size_t inputs;
    int seen[LETTERS];    /* how often in the inputs */
    int ellipsis_ndim;    /* the most dims that an ellipsis stands for */
    int place[LETTERS];   /* the dim of each letter, -1: unused */
    int ellipsis_place;   /* the first dim of the ellipsis */
    int ndim, output_ndim; /* output dims come first */
    int64_t size[MOST_DIMS];
    size_t last[MOST_DIMS]; /* the last operand with that dim */
} plan;

static int letter_of(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : -1;
}

/* One operand's part of the text: up to a comma, "->" or the end. */
static torsh_status read_subscript(const char **text, subscript *s)
{
    const char *at = *text;
    s->count = 0;
    s->ellipsis = false;
    for (; *at && *at != ',' && *at != '-'; at++) {
        if (*at == ' ') continue;
        bool dots = strncmp(at, "...", 3) == 0;
        if (dots && s->ellipsis) return torsh__fail(TORSH_INVALID_ARGUMENT, "einsum: the equation has two ellipses in one operand");
        if (!dots && letter_of(*at) < 0)
            return torsh__fail(TORSH_INVALID_ARGUMENT, "einsum: the equation has a character that is no letter, at '%.20s'", at);
        if (s->count == MOST_DIMS) return torsh__fail(TORSH_INVALID_ARGUMENT, "einsum: the equation has an operand with more than %d letters", MOST_DIMS);
        s->letters[s->count++] = (int8_t)(dots ? ELLIPSIS : letter_of(*at));
        s->ellipsis |= dots;
        if (dots) at += 2;
    }
    *text = at;
    return TORSH_OK;
}

static torsh_status read_inputs(plan *e, const char **text, size_t operands)
{
    for (e->inputs = 0; e->inputs < operands; e->inputs++) {
        subscript *s = &e->input[e->inputs];
        torsh_status status = read_subscript(text, s);
        if (status) return status;
        for (int i = 0; i < s->count; i++)
            if (s->letters[i] != ELLIPSIS) e->seen[s->letters[i]]++;
        bool more = **text == ',';
        if (more != (e->inputs + 1 < operands))
            return torsh__fail(TORSH_INVALID_ARGUMENT, "einsum: the equation names %s operands than the %zu that were given", more ? "more" : "fewer", operands);
        *text += more;
    }
    return TORSH_OK;
}

/* What isn't written: the ellipsis, then each letter that is there once. */
static void imply_output(plan *e)
{
    subscript *s = &e->output;
    s->count = 0;
    s->ellipsis = true;
    s->letters[s->count++] = ELLIPSIS;
    for (int k = 0; k < LETTERS; k++)
        if (e->seen[k] == 1) s->letters[s->count++] = (int8_t)k;
}

static torsh_status read_equation(plan *e, const char *text, size_t operands)
{
    torsh_status status = read_inputs(e, &text, operands);
    if (status) return status;
    if (!*text) {
        imply_output(e);
        return TORSH_OK;
    }
    if (strncmp(text, "->", 2) != 0) return torsh__fail(TORSH_INVALID_ARGUMENT, "einsum: the equation has a '-' that isn't followed by '>'");
    text += 2;
    status = read_subscript(&text, &e->output);
    if (status) return status;
    if (*text) return torsh__fail(TORSH_INVALID_ARGUMENT, "einsum: the equation goes on after its output, at '%.20s'", text);
    return TORSH_OK;
}

/* How many dims each ellipsis stands for; their most is kept. */
static torsh_status count_ellipsis(plan *e, const torsh_tensor *operands)
{
    for (size_t i = 0; i < e->inputs; i++) {
        const subscript *s = &e->input[i];
        int hidden = torsh_ndim(operands[i]) - (s->count - s->ellipsis);
        if (hidden < 0 || (hidden > 0 && !s->ellipsis))
            return torsh__fail(TORSH_SHAPE_MISMATCH, "einsum: operand %zu of 'operands' is %s, but the equation gives it %d dimensions", i,
                               torsh_shape_text(operands[i]), s->count - s->ellipsis);
        if (s->ellipsis && hidden > e->ellipsis_ndim) e->ellipsis_ndim = hidden;
    }
    return TORSH_OK;
}

/* Dims of the output first, in its order, then those that are summed. */
static torsh_status place_dims(plan *e)
{
    e->ndim = 0;
    e->ellipsis_place = -1;
    for (int k = 0; k < LETTERS; k++) e->place[k] = -1;
    for (int i = 0; i < e->output.count; i++) {
        int k = e->output.letters[i];
        if (k == ELLIPSIS) {
            e->ellipsis_place = e->ndim;
            e->ndim += e->ellipsis_ndim;
        } else if (e->place[k] >= 0 || !e->seen[k]) {
            return torsh__fail(TORSH_INVALID_ARGUMENT, "einsum: the equation's output has '%c' %s", k < 26 ? 'A' + k : 'a' + k - 26,
                               e->place[k] >= 0 ? "twice" : "which no operand has");
        } else {
            e->place[k] = e->ndim++;
        }
    }
    e->output_ndim = e->ndim;
    if (e->ellipsis_place < 0) {
        e->ellipsis_place = e->ndim;
        e->ndim += e->ellipsis_ndim;
    }
    for (int k = 0; k < LETTERS; k++)
        if (e->seen[k] && e->place[k] < 0) e->place[k] = e->ndim++;
    if (e->ndim <= MOST_DIMS) return TORSH_OK;
    return torsh__fail(TORSH_INVALID_ARGUMENT, "einsum: the equation has %d dimensions in all; %d are the most", e->ndim, MOST_DIMS);
}

/* The operand with a dim for each of the equation's, of size 1 where it has none; a letter that it has twice is its diagonal. */
static torsh_tensor spread(plan *e, torsh_tensor t, size_t number)
{
    const subscript *s = &e->input[number];
    int hidden = torsh_ndim(t) - (s->count - s->ellipsis), at = 0;
    int64_t order[MOST_DIMS];
    int from[MOST_DIMS]; /* by the equation's dim: t's dim, -1 */
    for (int d = 0; d < e->ndim; d++) from[d] = -1;
    for (int i = 0; i < s->count; i++) {
        int k = s->letters[i];
        if (k == ELLIPSIS) {
            for (int h = 0; h < hidden; h++) from[e->ellipsis_place + e->ellipsis_ndim - hidden + h] = at++;
            continue;
        }
        int d = e->place[k];
        if (from[d] < 0) {
            from[d] = at++;
            continue;
        }
        if (torsh_size(t, from[d]) != torsh_size(t, at))
            return REFUSE(TORSH_SHAPE_MISMATCH, "einsum: operand %zu of 'operands' has sizes %lld and %lld for one letter", number,
                          (long long)torsh_size(t, from[d]), (long long)torsh_size(t, at));
        t = torsh_movedim(torsh_diagonal(t, 0, from[d], at), -1, from[d]);
        if (TORSH_FAILED(t)) return t;
    }
    size_t own = 0;
    for (int d = 0; d < e->ndim; d++)
        if (from[d] >= 0) order[own++] = from[d];
    t = torsh_permute(t, order, own);
    for (int d = 0; d < e->ndim; d++) {
        if (from[d] < 0) {
            t = torsh_unsqueeze(t, d);
            continue;
        }
        int64_t size = torsh_size(t, d);
        if (e->size[d] != 1 && size != 1 && size != e->size[d])
            return REFUSE(TORSH_SHAPE_MISMATCH, "einsum: operand %zu of 'operands' has size %lld where another has %lld", number, (long long)size,
                          (long long)e->size[d]);
        if (e->size[d] == 1) e->size[d] = size;
        e->last[d] = number;
    }
    return t;
}

/* The product of a and b, both of all dims, with the dims marked in `summed` summed: a as (both, a's, summed), b as (both, summed,
 * b's), one bmm; without any to sum a plain product. A dim that only one of them has is summed beforehand. */
static torsh_tensor join(torsh_tensor a, torsh_tensor b, int ndim, const bool *summed)
{
    if (TORSH_FAILED(a) || TORSH_FAILED(b)) return TORSH_FAILED(a) ? a : b;
    enum { BOTH, LEFT, SUMMED, RIGHT, KINDS };
    int64_t order[KINDS][MOST_DIMS], sizes[KINDS][MOST_DIMS], product[KINDS] = {1, 1, 1, 1};
    size_t count[KINDS] = {0};
    for (int d = 0; d < ndim; d++) {
        int64_t left = torsh_size(a, d), right = torsh_size(b, d);
        bool alone = (left == 1) != (right == 1);
        if (summed[d] && alone && left != 1) a = torsh_sum(a, TORSH_DIMS(d), true), left = 1;
        if (summed[d] && alone && right != 1) b = torsh_sum(b, TORSH_DIMS(d), true), right = 1;
        int kind = left != 1 && right != 1 ? (summed[d] ? SUMMED : BOTH) : right != 1 ? RIGHT : LEFT;
        order[kind][count[kind]] = d;
        product[kind] *= sizes[kind][count[kind]++] = left != 1 ? left : right;
    }
    if (count[SUMMED] == 0) return torsh_mul(a, b);
    int64_t left[MOST_DIMS], right[MOST_DIMS], result[MOST_DIMS], back[MOST_DIMS];
    const int left_order[] = {BOTH, LEFT, SUMMED, RIGHT}, right_order[] = {BOTH, SUMMED, RIGHT, LEFT}, result_order[] = {BOTH, LEFT, RIGHT, SUMMED};
    size_t l = 0, r = 0, m = 0;
    for (int k = 0; k < KINDS; k++) {
        for (size_t i = 0; i < count[left_order[k]]; i++) left[l++] = order[left_order[k]][i];
        for (size_t i = 0; i < count[right_order[k]]; i++) right[r++] = order[right_order[k]][i];
        for (size_t i = 0; i < count[result_order[k]]; i++) {
            back[order[result_order[k]][i]] = (int64_t)m;
            result[m++] = result_order[k] == SUMMED ? 1 : sizes[result_order[k]][i];
        }
    }
    if (torsh_dtype_of(a) != torsh_dtype_of(b)) { /* sums of integers are i64 */
        torsh_dtype dtype = torsh_promote_types(torsh_dtype_of(a), torsh_dtype_of(b));
        a = torsh_to_dtype(a, dtype);
        b = torsh_to_dtype(b, dtype);
    }
    a = torsh_reshape(torsh_permute(a, left, l), TORSH_DIMS(product[BOTH], product[LEFT], product[SUMMED]));
    b = torsh_reshape(torsh_permute(b, right, r), TORSH_DIMS(product[BOTH], product[SUMMED], product[RIGHT]));
    return torsh_permute(torsh_reshape(torsh_bmm(a, b), result, m), back, m);
}

static torsh_tensor contract(plan *e, torsh_tensor *spreads)
{
    torsh_tensor t = spreads[0];
    bool summed[MOST_DIMS];
    int64_t left[MOST_DIMS];
    size_t count = 0;
    for (size_t i = 1; i < e->inputs; i++) {
        for (int d = 0; d < e->ndim; d++) summed[d] = d >= e->output_ndim && e->last[d] <= i;
        t = join(t, spreads[i], e->ndim, summed);
    }
    for (int d = e->output_ndim; d < e->ndim; d++) left[count++] = d;
    if (count == 0) return t;
    return e->inputs > 1 ? torsh_squeeze(t, left, count) : torsh_sum(t, left, count, false);
}

static torsh_tensor compose_einsum(const char *text, const torsh_tensor *operands, size_t operands_count)
{
    plan e;
    torsh_tensor spreads[MOST_OPERANDS];
    if (operands_count == 0 || operands_count > MOST_OPERANDS)
        return REFUSE(TORSH_INVALID_ARGUMENT, "einsum: 'operands' must be 1 to %d tensors; %zu were given", MOST_OPERANDS, operands_count);
    memset(&e, 0, sizeof e);
    torsh_status status = read_equation(&e, text, operands_count);
    if (status == TORSH_OK) status = count_ellipsis(&e, operands);
    if (status == TORSH_OK) status = place_dims(&e);
    if (status) return torsh__tensor_error(status);
    for (int d = 0; d < e.ndim; d++) e.size[d] = 1;
    for (size_t i = 0; i < operands_count; i++) {
        spreads[i] = spread(&e, operands[i], i);
        if (TORSH_FAILED(spreads[i])) return spreads[i];
    }
    return contract(&e, spreads);
}

#include "define_rows.h"

#include "einsum.def"
