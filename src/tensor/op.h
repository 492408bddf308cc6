/* A row of the op tables at run time, and the record of one call of it.
 * door (pins, packs) -> infer (shapes, dtypes) -> launch (allocates, finds the kernel, runs it) -> record (the tape).
 * There is no second way to run an op. */
#ifndef TORSH_TENSOR_OP_H
#define TORSH_TENSOR_OP_H

#include "tensor.h"

enum { TORSH__MAX_OUTPUTS = 4, TORSH__INLINE_INPUTS = 6, TORSH__MAX_PARAMS = 16 };

typedef struct torsh__op torsh__op;

/* What infer says of one output. */
typedef struct torsh__spec {
    torsh_dtype dtype;
    int ndim;
    int64_t sizes[TORSH__MAX_RANK];
    int64_t strides[TORSH__MAX_RANK]; /* VIEW ops only */
    int64_t offset;                   /* VIEW ops only */
} torsh__spec;

typedef struct torsh__call {
    const torsh__op *op;
    torsh_value *values; /* by parameter; infer may normalise them (a negative dim) */
    int inputs, outputs;
    torsh__tensor **input; /* in parameter order, lists flattened; NULL where an optional one is absent */
    torsh__tensor *output[TORSH__MAX_OUTPUTS];
    bool in_place;  /* the result replaces input 0 */
    bool given_out; /* output[] came with the call (out=) */
    torsh__tensor *before; /* in place, recorded: a copy of input 0 from before, where the gradient needs it */
    torsh__tensor **aliases; /* by output: where to put a reference to the alias that is saved of it; NULL: nobody asks (dual.h) */
    torsh_device device;
    torsh_dtype compute;
    torsh__spec spec[TORSH__MAX_OUTPUTS];
} torsh__call;

/* Bits of torsh__impl.saves: TORSH__SAVE_IN(i) is the row's i-th tensor parameter, of which a list is one, whole;
 * TORSH__SAVE_OUT(i) the i-th output. A row has at most TORSH__MAX_PARAMS parameters, so the two don't meet. */
#define TORSH__SAVE_IN(i) (1u << (i))
#define TORSH__SAVE_OUT(i) (1u << (TORSH__MAX_PARAMS + (i)))
#define TORSH__READS_KNOWN (1u << 31)

/* What a gradient function works with. Handles made in it are released after it. */
typedef struct torsh__backward {
    torsh__node *node;
    const torsh_tensor *g; /* by output: its gradient; null where none came */
    torsh_tensor *result;  /* by input: where to put its gradient; leave null for none */
    uint64_t skip;         /* inputs whose gradient nobody asked for this time */
    bool freed;            /* the node's saved tensors are gone: reading one is an error */
} torsh__backward;

typedef enum torsh__promotion {
    TORSH__PROMOTE_SAME,     /* compute and give the promoted dtype */
    TORSH__PROMOTE_FLOATING, /* integers and bool become the default float dtype */
    TORSH__PROMOTE_NUMBERS,  /* SAME, but integers become the default float dtype if an attribute has a fraction */
    TORSH__PROMOTE_WHOLE,    /* SAME, but bool becomes i64 */
    TORSH__PROMOTE_BOOLEAN,  /* compute in the promoted dtype, give bool */
} torsh__promotion;

typedef torsh_tensor torsh__gradient_part(torsh_tensor g, torsh_tensor a, torsh_tensor b, torsh_tensor c, torsh_tensor y, double p, double q,
                                          double r);

/* Which forms a row has, beside the plain one. */
enum {
    TORSH__IN_PLACE = 1,      /* torsh_name_ exists */
    TORSH__OUT = 2,           /* torsh_name_out exists */
    TORSH__OUT_COPY = 4,      /* torsh_name_out exists: the plain form's result, copied */
    TORSH__ONLY_IN_PLACE = 8, /* fill_, copy_, normal_: there is no other form */
};

/* What is special about a row. */
enum {
    TORSH__CONSTANT = 1, /* the result never requires a gradient: comparisons, indices, makers */
    TORSH__RANDOM = 2,
    TORSH__UNJUDGED = 4,    /* results are uninitialised memory */
    TORSH__REAL_RESULT = 8, /* POINTWISE: of complex numbers the result is real */
    TORSH__READS_LATE = 16, /* reads inputs at places that it may have written before: out= can't be an input */
};

/* How a row takes samples that vmap has put together in one tensor with hidden dims in front (ops/batch.c). A rule may be refused by the
 * row's own checks: then the samples are taken one by one, which every row can. */
enum torsh__batching {
    TORSH__BATCH_EACH,      /* one by one */
    TORSH__BATCH_POINTWISE, /* broadcasts: all aligned at the right. Pointwise rows need not say so */
    TORSH__BATCH_MATRICES,  /* the same, of inputs of two dims or more */
    TORSH__BATCH_FIRST,     /* leading dims of input 0 are free, no other is batched. Params named dim* count its dims */
    TORSH__BATCH_ALL,       /* leading dims are free, and the same in all inputs. Params named dim* as above. Reductions need not say so */
    TORSH__BATCH_VIEW,      /* a view of the same elements in the same order */
    TORSH__BATCH_EXPAND,    /* the view with dims stretched */
    TORSH__BATCH_NEVER,     /* refused: it changes more than its first input */
    TORSH__BATCH_FOLD,      /* input 0 is (N, C, spatial dims...) or without N; the hidden dims become a part of N */
};

/* What a pointwise row says of each input. */
typedef struct torsh__pointwise {
    torsh__gradient_part *part[3];
    const char *expression[3]; /* the same as its row says it, which tells what it reads */
    _Atomic uint32_t *reads; /* by part, once found out: bits of `saves`, and TORSH__READS_KNOWN */
    const char *domain[3];   /* where tests draw inputs from */
} torsh__pointwise;

/* How a row's tangents come from its inputs' (autograd/forward.c). */
enum torsh__forward {
    TORSH__FORWARD_KIND,       /* what the row's kind gives: SELF for pointwise rows, LINEAR for views, else TRANSPOSED */
    TORSH__FORWARD_TRANSPOSED, /* the gradient of its gradient, which any row has that has a gradient */
    TORSH__FORWARD_SELF,       /* each input's Jacobian is symmetric, so the tangent's gradient is its tangent */
    TORSH__FORWARD_LINEAR,     /* the row of the tangents */
    TORSH__FORWARD_PRODUCT,    /* linear in input 0 and in input 1; a third one is added */
};

/* How an op works, beside what its row says. */
typedef struct torsh__impl {
    torsh_status (*infer)(torsh__call *call);
    torsh_status (*run)(torsh__call *call); /* in place of a device's kernel: fills the outputs by other ops, grad mode off */
    void (*gradient)(torsh__backward *backward); /* NULL: asking for a gradient is an error, unless CONSTANT */
    /* How many numbers the gradient wants to know of the call that its arguments don't say; writes them unless room is NULL. */
    int (*notes)(const torsh__call *call, int64_t *room);
    uint32_t saves;
    uint32_t reads[3]; /* what of `saves` the gradient of each input reads; all 0: everything */
    uint8_t flags;
    uint8_t batch;                 /* enum torsh__batching */
    uint8_t forward;               /* enum torsh__forward */
    uint8_t linear;                /* FORWARD_LINEAR: bit i for each tensor parameter that it is linear in, together; 0: the first alone */
    void (*batched)(const torsh_value *values, torsh_tensor *results); /* where that rule doesn't fit: the same by ops that broadcast; or NULL */
    uint8_t promotion;                  /* POINTWISE */
    const torsh__pointwise *pointwise; /* POINTWISE; NULL for others */
} torsh__impl;

struct torsh__op {
    torsh_op_info info;
    const torsh__impl *impl;
    void (*compose)(const torsh_value *values, torsh_tensor *results); /* COMPOSED rows, whose impl is empty; NULL for others */
    void (*invoke)(const torsh_value *values, torsh_tensor *results); /* the public function, by packed arguments */
    struct torsh__kernel_slot *kernels; /* by device kind; NULL for VIEW and COMPOSITE */
    const char *function;               /* the public function's name */
    uint8_t variants;                   /* TORSH__IN_PLACE, TORSH__OUT, TORSH__ONLY_IN_PLACE */
};

extern const torsh__impl torsh__impl_of_composed;

/* Every row of every table, ended by NULL. */
extern const torsh__op *const torsh__ops[];
const torsh__op *torsh__op_find(const char *name);

/* ---- the call path (call.c) ---------------------------------------------------------------------------------- */

/* One functional, in-place or out= call. `out` gives the out tensors, or NULL. Results are handles or error values. */
enum torsh__variant { TORSH__FUNCTIONAL, TORSH__INPLACE_CALL, TORSH__OUT_CALL };
void torsh__door(const torsh__op *op, torsh_value *values, enum torsh__variant variant, const torsh_tensor *out, torsh_tensor *results);

/* One-tensor ops by name with a second argument, for this layer, which lies below the doors. */
torsh_tensor torsh__call_unary(const char *op, torsh_tensor t, torsh_value second);
/* Runs a call whose inputs are set; fills call->output with references that the caller drops (in place: input 0 retained). */
torsh_status torsh__run(torsh__call *call);
/* The device's kernel on the call's operands: for run functions that need other ops in some cases only. */
torsh_status torsh__launch(torsh__call *call);

/* ---- for infer functions (infer.c) --------------------------------------------------------------------------- */

/* What error texts call it: the row's name, or that of the composed row that it is a part of. */
const char *torsh__call_name(const torsh__call *call);
torsh__spec *torsh__out_spec(torsh__call *call, int output, torsh_dtype dtype, int ndim, const int64_t *sizes);
/* torch.result_type over inputs [first, last): dims beat 0-d beat weak scalars, by category. */
torsh_dtype torsh__result_type(torsh__tensor *const *inputs, int first, int last);
/* Sets call->device from the inputs; fails if they disagree. */
torsh_status torsh__infer_device(torsh__call *call);
/* The inputs' common shape into spec (sizes and ndim). */
torsh_status torsh__infer_broadcast(torsh__call *call, torsh__spec *spec);
/* Broadcast and promotion for a pointwise call: sets spec[0], compute. */
torsh_status torsh__infer_pointwise(torsh__call *call);
/* Fails unless the dtype is in the op's set. */
torsh_status torsh__require_dtype(const torsh__call *call, torsh_dtype dtype);
/* Fails unless input i has between `least` and `most` dims. */
torsh_status torsh__require_rank(const torsh__call *call, int i, int least, int most);
/* Fails unless inputs i and j have the same dtype. */
torsh_status torsh__require_same_dtype(const torsh__call *call, int i, int j);
/* Index of a parameter's name in the row: -1 if there is none. */
int torsh__param_index(const torsh__op *op, const char *name);

#endif
