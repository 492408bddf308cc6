/* LAPACK behind one door: its functions by dtype, from a library that is opened when a row first asks for them. Nothing is linked, and
 * a program that needs no factorization never opens it. Matrices are column-major, sizes are 32-bit (the LP64 form that Debian's
 * liblapack3, OpenBLAS and MKL's single dynamic library have). An argument that LAPACK calls illegal may end the process (its
 * xerbla), so callers check all of them: no size is 0. */
#ifndef TORSH_BACKEND_CPU_LAPACK_H
#define TORSH_BACKEND_CPU_LAPACK_H

#include "status.h"

#include <stddef.h>
#include <stdint.h>

/* Elements are void: real and complex functions then have one type where their parameters are the same. A text's length comes last, as
 * gfortran passes it. */
typedef void torsh__lapack_trsm(const char *side, const char *uplo, const char *trans, const char *diag, const int32_t *m, const int32_t *n,
                                const void *alpha, const void *a, const int32_t *lda, void *b, const int32_t *ldb, size_t, size_t, size_t, size_t);
typedef void torsh__lapack_potrf(const char *uplo, const int32_t *n, void *a, const int32_t *lda, int32_t *info, size_t);
typedef void torsh__lapack_getrf(const int32_t *m, const int32_t *n, void *a, const int32_t *lda, int32_t *pivots, int32_t *info);
typedef void torsh__lapack_geqrf(const int32_t *m, const int32_t *n, void *a, const int32_t *lda, void *tau, void *work, const int32_t *lwork, int32_t *info);
typedef void torsh__lapack_gesdd(const char *job, const int32_t *m, const int32_t *n, void *a, const int32_t *lda, void *s, void *u, const int32_t *ldu,
                                 void *vt, const int32_t *ldvt, void *work, const int32_t *lwork, int32_t *iwork, int32_t *info, size_t);
typedef void torsh__lapack_gesdd_complex(const char *job, const int32_t *m, const int32_t *n, void *a, const int32_t *lda, void *s, void *u,
                                         const int32_t *ldu, void *vt, const int32_t *ldvt, void *work, const int32_t *lwork, void *rwork,
                                         int32_t *iwork, int32_t *info, size_t);
typedef void torsh__lapack_syevd(const char *job, const char *uplo, const int32_t *n, void *a, const int32_t *lda, void *w, void *work,
                                 const int32_t *lwork, int32_t *iwork, const int32_t *liwork, int32_t *info, size_t, size_t);
typedef void torsh__lapack_heevd(const char *job, const char *uplo, const int32_t *n, void *a, const int32_t *lda, void *w, void *work,
                                 const int32_t *lwork, void *rwork, const int32_t *lrwork, int32_t *iwork, const int32_t *liwork, int32_t *info, size_t,
                                 size_t);

/* A row of the table: f32, f64, c64 or c128. gesdd and syevd are NULL in complex rows, the other two in real ones. */
typedef struct torsh__lapack {
    torsh__lapack_trsm *trsm;
    torsh__lapack_potrf *potrf;
    torsh__lapack_getrf *getrf;
    torsh__lapack_geqrf *geqrf;
    torsh__lapack_gesdd *gesdd;
    torsh__lapack_gesdd_complex *gesdd_complex;
    torsh__lapack_syevd *syevd;
    torsh__lapack_heevd *heevd;
} torsh__lapack;

/* The functions for a dtype. NULL, with a TORSH_UNSUPPORTED error that names op and package, where no library can be opened. */
const torsh__lapack *torsh__lapack_of(torsh_dtype dtype, const char *op);

/* getrf of `count` row-major matrices in f32 or f64, for those with at most TORSH__SMALL_LU rows and columns (small_lu.c). */
enum { TORSH__SMALL_LU = 32 };
void torsh__small_factor(torsh_dtype dtype, void *a, int m, int n, int64_t count, int32_t *pivots, int32_t *info);

#endif
