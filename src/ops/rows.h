/* How rows of the structured tables expand, into doors here and into other things elsewhere.
 *
 *   OP(name, variants, returns, dtypes, params...)         kernels by name, impl_<name> says how to infer and differentiate
 *   VIEW(name, variants, returns, dtypes, params...)       no kernel: a view of the first input
 *   COMPOSED(name, variants, returns, params...)           static compose_<name> is written by hand in terms of other ops, whose intermediates
 *                                                          are released and whose errors are in the row's name. F, FI, FT, FIT
 *   VIEW_COPY(view, params...)                             <view>_copy, a COMPOSED row: a copy of what torsh_<view> gives; FT
 *   COMPOSITE(name, returns, params...)                    torsh_<name> is written by hand in terms of other ops
 *   COMPOSITE_OUT(name, returns, params...)                the same, and torsh_<name>_out copies its result
 *   INTERNAL(name, returns, dtypes, params...)             an OP whose door is torsh__<name>: hot gradients and the like
 *   INTERNAL_IN_PLACE(name_, returns, dtypes, params...)   the same, only in place
 *
 * variants  F: torsh_name. FI: and torsh_name_ (in place). FO: and torsh_name_out. FIO: all.
 *           FT, FIT: torsh_name_out copies the plain form's result, where a kernel writes fresh memory only
 *           I: only in place; the name ends in _
 *           GO: G, and torsh_name_with_out
 *           G: the door is torsh_name_with, whose last param is a generator; torsh_name without it is written by hand
 * returns   TENSOR, VALUES (torsh_values), PAIR (torsh_pair), TRIPLE (torsh_triple), TENSORS (torsh_tensors, composites only)
 * params    (TENSOR, input) (OPTIONAL_TENSOR, bias) (TENSORS, tensors) (INT, dim) (DOUBLE, eps) (BOOL, keepdim) (INTS, dims) (DOUBLES, scale)
 *           (DTYPE, dtype) (DEVICE, device) (TEXT, mode) (GENERATOR, generator), with PyTorch's names */
#ifndef TORSH_OPS_ROWS_H
#define TORSH_OPS_ROWS_H

#include "backends.h"
#include "for_each.h"
#include "op.h"

/* ---- params -------------------------------------------------------------------------------------------------- */

#define ROW_DECLARE(i, kind, name) ROW_DECLARE_##kind(name)
#define ROW_DECLARE_TENSOR(name) torsh_tensor name
#define ROW_DECLARE_OPTIONAL_TENSOR(name) torsh_tensor name
#define ROW_DECLARE_TENSORS(name) const torsh_tensor *name, size_t name##_count
#define ROW_DECLARE_INT(name) int64_t name
#define ROW_DECLARE_DOUBLE(name) double name
#define ROW_DECLARE_BOOL(name) bool name
#define ROW_DECLARE_INTS(name) const int64_t *name, size_t name##_count
#define ROW_DECLARE_DOUBLES(name) const double *name, size_t name##_count
#define ROW_DECLARE_DTYPE(name) torsh_dtype name
#define ROW_DECLARE_DEVICE(name) torsh_device name
#define ROW_DECLARE_TEXT(name) const char *name
#define ROW_DECLARE_GENERATOR(name) torsh_generator name

#define ROW_PACK(index, kind, name) ROW_PACK_##kind(name)
#define ROW_PACK_TENSOR(name) {.handle = (name).id}
#define ROW_PACK_OPTIONAL_TENSOR(name) {.handle = (name).id}
#define ROW_PACK_TENSORS(name) {.list = {name, name##_count}}
#define ROW_PACK_INT(name) {.i = name}
#define ROW_PACK_DOUBLE(name) {.f = name}
#define ROW_PACK_BOOL(name) {.i = name}
#define ROW_PACK_INTS(name) {.list = {name, name##_count}}
#define ROW_PACK_DOUBLES(name) {.list = {name, name##_count}}
#define ROW_PACK_DTYPE(name) {.i = name}
#define ROW_PACK_DEVICE(name) {.i = name}
#define ROW_PACK_TEXT(name) {.text = name}
#define ROW_PACK_GENERATOR(name) {.handle = (name).id}

#define ROW_UNPACK(index, kind, name) ROW_UNPACK_##kind(values[index])
#define ROW_UNPACK_TENSOR(v) ((torsh_tensor){(v).handle})
#define ROW_UNPACK_OPTIONAL_TENSOR(v) ((torsh_tensor){(v).handle})
#define ROW_UNPACK_TENSORS(v) (v).list.data, (v).list.count
#define ROW_UNPACK_INT(v) (v).i
#define ROW_UNPACK_DOUBLE(v) (v).f
#define ROW_UNPACK_BOOL(v) ((v).i != 0)
#define ROW_UNPACK_INTS(v) (v).list.data, (v).list.count
#define ROW_UNPACK_DOUBLES(v) (v).list.data, (v).list.count
#define ROW_UNPACK_DTYPE(v) ((torsh_dtype)(v).i)
#define ROW_UNPACK_DEVICE(v) ((torsh_device)(v).i)
#define ROW_UNPACK_TEXT(v) (v).text
#define ROW_UNPACK_GENERATOR(v) ((torsh_generator){(v).handle})

#define ROW_PASS(index, kind, name) ROW_PASS_##kind(name)
#define ROW_PASS_TENSOR(name) name
#define ROW_PASS_OPTIONAL_TENSOR(name) name
#define ROW_PASS_TENSORS(name) name, name##_count
#define ROW_PASS_INT(name) name
#define ROW_PASS_DOUBLE(name) name
#define ROW_PASS_BOOL(name) name
#define ROW_PASS_INTS(name) name, name##_count
#define ROW_PASS_DTYPE(name) name
#define ROW_PASS_DEVICE(name) name
#define ROW_PASS_TEXT(name) name
#define ROW_PASS_GENERATOR(name) name

#define ROW_PARAM(index, kind, name) {TORSH_PARAM_##kind, #name},

/* ---- results ------------------------------------------------------------------------------------------------- */

#define ROW_TYPE_TENSOR torsh_tensor
#define ROW_TYPE_VALUES torsh_values
#define ROW_TYPE_PAIR torsh_pair
#define ROW_TYPE_TRIPLE torsh_triple
#define ROW_TYPE_TENSORS torsh_tensors
#define ROW_OUTPUTS_TENSOR 1
#define ROW_OUTPUTS_VALUES 2
#define ROW_OUTPUTS_PAIR 2
#define ROW_OUTPUTS_TRIPLE 3
#define ROW_OUTPUTS_TENSORS 1
#define ROW_RETURN_TENSOR(r) (r)[0]
#define ROW_RETURN_VALUES(r) ((torsh_values){(r)[0], (r)[1]})
#define ROW_RETURN_PAIR(r) ((torsh_pair){(r)[0], (r)[1]})
#define ROW_RETURN_TRIPLE(r) ((torsh_triple){(r)[0], (r)[1], (r)[2]})
#define ROW_STORE_TENSOR(r, call) (r)[0] = (call)
#define ROW_STORE_TENSORS(r, call) (r)[0] = (torsh_tensor){(call).id} /* the list's handle */
#define ROW_STORE_VALUES(r, call) torsh_values result = (call); (r)[0] = result.values; (r)[1] = result.indices
#define ROW_STORE_PAIR(r, call) torsh_pair result = (call); (r)[0] = result.first; (r)[1] = result.second
#define ROW_STORE_TRIPLE(r, call) torsh_triple result = (call); (r)[0] = result.first; (r)[1] = result.second; (r)[2] = result.third

/* dtype sets by name */
#define ROW_SET_ALL TORSH__SET_ALL
#define ROW_SET_BOOL TORSH__SET_BOOL
#define ROW_SET_FLOAT TORSH__SET_FLOAT
#define ROW_SET_FLOAT_I64 (TORSH__SET_FLOAT | 1u << TORSH_I64)
#define ROW_SET_FC_I64 (TORSH__SET_FLOAT | TORSH__SET_COMPLEX | 1u << TORSH_I64)
#define ROW_SET_FC (TORSH__SET_FLOAT | TORSH__SET_COMPLEX)
#define ROW_SET_LAPACK (1u << TORSH_F32 | 1u << TORSH_F64 | TORSH__SET_COMPLEX)
#define ROW_SET_I32 (1u << TORSH_I32)
#define ROW_SET_INT TORSH__SET_INT
#define ROW_SET_INTB (TORSH__SET_INT | TORSH__SET_BOOL)
#define ROW_SET_REAL TORSH__SET_REAL
#define ROW_SET_REALB (TORSH__SET_REAL | TORSH__SET_BOOL)
#define ROW_SET_NUM TORSH__SET_NUMBER
#define ROW_SET_FLOATI TORSH__SET_REAL
#define ROW_SET_FLOATB (TORSH__SET_REAL | TORSH__SET_BOOL)
#define ROW_SET_FLOATX TORSH__SET_NUMBER
#define ROW_SET_FLOATXB TORSH__SET_ALL
#define ROW_SET_FLOATW TORSH__SET_FLOAT
#define ROW_SET_REALW TORSH__SET_REAL
#define ROW_SET_REALC TORSH__SET_NUMBER
#define ROW_SET_NUMB TORSH__SET_ALL

#endif
