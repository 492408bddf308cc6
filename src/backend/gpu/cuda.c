/* CUDA kernels from rows. Nothing is translated: a row's text is valid CUDA once T and the m_ functions are defined. */
#include "cuda.h"

#include <string.h>

typedef struct dtype_text { const char *name, *storage, *compute, *real, *lowest, *highest; } dtype_text;

static const dtype_text dtypes[TORSH_DTYPE_COUNT] = {
    [TORSH_BOOL] = {"bool", "bool", "bool", NULL, NULL, NULL},
    [TORSH_U8] = {"u8", "unsigned char", "unsigned char", NULL, "T(0)", "T(255)"},
    [TORSH_I8] = {"i8", "signed char", "signed char", NULL, "T(-128)", "T(127)"},
    [TORSH_I16] = {"i16", "short", "short", NULL, "T(-32768)", "T(32767)"},
    [TORSH_I32] = {"i32", "int", "int", NULL, "T(-2147483647 - 1)", "T(2147483647)"},
    [TORSH_I64] = {"i64", "i64", "i64", NULL, "T(-9223372036854775807LL - 1)", "T(9223372036854775807LL)"},
    [TORSH_F16] = {"f16", "f16", "float", "float", NULL, NULL},
    [TORSH_BF16] = {"bf16", "bf16", "float", "float", NULL, NULL},
    [TORSH_F32] = {"f32", "float", "float", "float", NULL, NULL},
    [TORSH_F64] = {"f64", "double", "double", "double", NULL, NULL},
    [TORSH_C64] = {"c64", "T", NULL, "float", NULL, NULL},
    [TORSH_C128] = {"c128", "T", NULL, "double", NULL, NULL},
};

/* at(w, k, i): the place of element i in operand k; dims go innermost first. */
static const char walks[] =
    "struct walk { i64 count; int rank; i64 sizes[8], offset[4], strides[4][8]; double p, q, r; };\n"
    "__device__ inline i64 at(const walk &w, int k, i64 i) { i64 place = w.offset[k];\n"
    "  for (int d = 0; d < w.rank; d++) { place += i % w.sizes[d] * w.strides[k][d]; i /= w.sizes[d]; } return place; }\n"
    "struct reduction { i64 count, length; int rank, inner; i64 sizes[8], inner_sizes[8], y_strides[8], a_strides[8], inner_strides[8], y_offset, a_offset; double p; };\n"
    "__device__ inline i64 at(int rank, const i64 *sizes, const i64 *strides, i64 i) { i64 place = 0;\n"
    "  for (int d = 0; d < rank; d++) { place += i % sizes[d] * strides[d]; i /= sizes[d]; } return place; }\n"
    /* what is joined where truths are counted: of type C instead of bool */
    "template <class V, class C> struct counted { typedef V type; }; template <class C> struct counted<bool, C> { typedef C type; };\n"
    "template <class C> struct counted<int, C> { typedef C type; };\n";

void torsh__gpu_cuda_prelude(gpu_text *out, torsh_dtype dtype)
{
    const dtype_text *d = &dtypes[dtype];
    torsh__gpu_print(out, "%s", torsh__cuda_common);
    if (d->real) torsh__gpu_print(out, "typedef %s R;\n", d->real);
    if (d->compute) torsh__gpu_print(out, "typedef %s T;\n", d->compute);
    if (d->lowest) torsh__gpu_print(out, "#define LOWEST %s\n#define HIGHEST %s\n", d->lowest, d->highest);
    if (dtype == TORSH_BOOL) torsh__gpu_print(out, "%s", torsh__cuda_bool);
    else if (d->lowest) torsh__gpu_print(out, "%s", torsh__cuda_int);
    else if (d->compute) torsh__gpu_print(out, "%s%s%s%s%s", torsh__cuda_float, torsh__cuda_float_more, torsh__cuda_float_special, torsh__cuda_float_polynomials, torsh__cuda_float_k);
    else torsh__gpu_print(out, "%s%s", torsh__cuda_complex, torsh__cuda_complex_more);
    torsh__gpu_print(out, "%s", walks);
}

void torsh__gpu_cuda_pointwise(gpu_text *out, const torsh_op_info *op, torsh_dtype dtype)
{
    const char *storage = dtypes[dtype].storage;
    int inputs = 0;
    for (int i = 0; i < op->param_count; i++) inputs += op->params[i].kind == TORSH_PARAM_TENSOR;
    bool masked = inputs == 3 && strcmp(op->params[0].name, "condition") == 0;
    torsh__gpu_print(out, "extern \"C\" __global__ void torsh_%s_%s(walk w, %s *y", op->name, dtypes[dtype].name, op->to_bool ? "bool" : storage);
    for (int k = 0; k < inputs; k++) torsh__gpu_print(out, ", const %s *pointer_%c", masked && k == 0 ? "bool" : storage, 'a' + k);
    torsh__gpu_print(out, ") {\n  const T p = m_c(w.p), q = m_c(w.q), r = m_c(w.r);\n"
                          "  for (i64 i = blockIdx.x * (i64)blockDim.x + threadIdx.x; i < w.count; i += (i64)gridDim.x * blockDim.x) {\n");
    for (int k = 0; k < inputs; k++)
        torsh__gpu_print(out, "    const %s %c = load(pointer_%c, at(w, %d, i), %s());\n", masked && k == 0 ? "bool" : "T", 'a' + k, 'a' + k, k + 1, masked && k == 0 ? "bool" : "T");
    if (inputs == 1) torsh__gpu_print(out, "    const T &x = a; (void)x;\n");
    torsh__gpu_print(out, "    (void)p; (void)q; (void)r;\n    store(y, at(w, 0, i), %s(%s));\n  }\n}\n", op->to_bool ? "bool" : "T", op->value);
}

void torsh__gpu_cuda_reduction(gpu_text *out, const torsh_op_info *op, torsh_dtype dtype)
{
    const char *storage = dtypes[dtype].storage, *join = op->join;
    bool truth = strcmp(join, "or") == 0 || strcmp(join, "and") == 0, sums = strcmp(join, "add") == 0 || strcmp(join, "mul") == 0;
    bool whole = dtype <= TORSH_I64;
    torsh__gpu_print(out, "namespace row_%s {\n", op->name);
    torsh__gpu_print(out, "__device__ inline auto map(T x, T p) { (void)p; return %s; }\n", op->value);
    /* What is joined: truths; whole numbers in 64 bits; else what map gives, with truths counted in the real type. */
    if (truth) torsh__gpu_print(out, "typedef bool A;\n");
    else if (whole && sums) torsh__gpu_print(out, "typedef i64 A;\n");
    else if (whole) torsh__gpu_print(out, "typedef T A;\n");
    else torsh__gpu_print(out, "typedef counted<decltype(map(T(), T())), R>::type A;\n");
    const char *text = strcmp(join, "add") == 0 ? "s + t" : strcmp(join, "mul") == 0 ? "s * t" : strcmp(join, "max") == 0 ? "A(m_max(s, t))" : strcmp(join, "min") == 0 ? "A(m_min(s, t))"
                       : strcmp(join, "or") == 0 ? "s | t" : "s & t";
    torsh__gpu_print(out, "__device__ inline A join(A s, A t) { return %s; }\n__device__ inline A finish(A acc, A n, T p) { (void)n; (void)p; return A(%s); }\n", text, op->finish);
    torsh__gpu_print(out, "extern \"C\" __global__ void torsh_%s_%s(reduction w, %s *y, const %s *a) {\n  __shared__ char room[256 * sizeof(A)]; A *shared_acc = (A *)room;\n"
                          "  const T p = m_c(w.p);\n  for (i64 t = blockIdx.x; t < w.count; t += gridDim.x) {\n"
                          "    i64 base = w.a_offset + at(w.rank, w.sizes, w.a_strides, t);\n    A acc = A(%s);\n"
                          "    for (i64 j = threadIdx.x; j < w.length; j += 256) acc = join(acc, A(%smap(load(a, base + at(w.inner, w.inner_sizes, w.inner_strides, j), T()), p)%s));\n"
                          "    shared_acc[threadIdx.x] = acc; __syncthreads();\n"
                          "    for (int s = 128; s > 0; s >>= 1) { if (threadIdx.x < s) shared_acc[threadIdx.x] = join(shared_acc[threadIdx.x], shared_acc[threadIdx.x + s]); __syncthreads(); }\n"
                          "    if (threadIdx.x == 0) store(y, w.y_offset + at(w.rank, w.sizes, w.y_strides, t), finish(shared_acc[0], A(double(w.length)), p));\n    __syncthreads();\n  }\n}\n}\n",
                     op->name, dtypes[dtype].name, truth ? "bool" : whole && sums ? "i64" : whole ? storage : dtype == TORSH_F16 || dtype == TORSH_BF16 ? storage : "A", storage, op->identity, truth ? "(T(0) != " : "", truth ? ")" : "");
}
