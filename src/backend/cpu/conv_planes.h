/* Zero-padded copies of planes in which every tap of a convolution is a constant offset.
 * With stride s, input coordinate o * s + t * d - p of tap t is position o + q of phase r, where r = t * d % s, q = t * d / s:
 * so the input is split into phases (every s-th element), and each behaves like a convolution of stride 1. Rows of a plane share
 * their padding: the zeros in front of a row are those behind the row before. */
#ifndef TORSH_BACKEND_CPU_CONV_PLANES_H
#define TORSH_BACKEND_CPU_CONV_PLANES_H

#include "conv.h"
#include "conv_kernels.h"

typedef struct torsh__conv_planes {
    const torsh__conv_dtype_kernels *kernels;
    int64_t size[TORSH__CONV_DIMS];   /* of the source; the innermost last, outer ones 1 where there are fewer dimensions */
    int64_t front[TORSH__CONV_DIMS];  /* zeros in front, in elements of the source; negative where the source starts before the planes do */
    int64_t step[TORSH__CONV_DIMS];   /* the stride */
    int64_t extent[TORSH__CONV_DIMS]; /* of a phase: coordinates 0 .. extent - 1 are read */
    int64_t phases[TORSH__CONV_DIMS]; /* phases kept */
    int64_t *phase[TORSH__CONV_DIMS]; /* which: phase[d][slot] = r; not owned */
    bool apart;                       /* what is beside a row isn't always zero, so that rows can't share it */
    int64_t pitch, depth;             /* elements between rows, and between slices of a phase */
    int64_t plane, channel;           /* elements of a phase, and of all phases of a channel */
} torsh__conv_planes;

/* Fills in pitch, depth, plane and channel from the rest. Rows are at least `width` elements. */
void torsh__conv_planes_lay_out(torsh__conv_planes *p, int64_t width);

/* Copies one channel of the source (in the dtype) to `to` (p->channel elements of the compute type). */
void torsh__conv_planes_fill(const torsh__conv_planes *p, const void *from, void *to);

/* The shape with three spatial dimensions. */
torsh__conv_shape torsh__conv_in_3d(const torsh__conv_shape *s);

/* Planes of the input of a convolution (in three dimensions) and the offset of each tap in them: offsets has
 * kernel[0] * kernel[1] * kernel[2] places, scratch kernel[0] + kernel[1] + kernel[2], which p goes on using. */
void torsh__conv_planes_of_input(torsh__conv_planes *p, const torsh__conv_shape *s, int64_t *offsets, int64_t *scratch);

#endif
