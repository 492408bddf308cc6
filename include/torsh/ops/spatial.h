/* Padding, resampling. */
#ifndef TORSH_SPATIAL_OPS_H
#define TORSH_SPATIAL_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* pad: elements to add before and after, the last dim first; negative ones cut off. mode: "constant" (value), "reflect", "replicate" (the edge)
 * or "circular". */
TORSH_API torsh_tensor torsh_pad(torsh_tensor input, const int64_t *pad, size_t pad_count, const char *mode, double value);
/* torch.nn.functional.unfold: the windows of images (N, C, H, W) as columns (N, C * kernel, windows). fold adds columns up again. */
TORSH_API torsh_tensor torsh_im2col(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                    const int64_t *dilation, size_t dilation_count, const int64_t *padding, size_t padding_count,
                                    const int64_t *stride, size_t stride_count);
TORSH_API torsh_tensor torsh_fold(torsh_tensor input, const int64_t *output_size, size_t output_size_count,
                                  const int64_t *kernel_size, size_t kernel_size_count,
                                  const int64_t *dilation, size_t dilation_count, const int64_t *padding, size_t padding_count,
                                  const int64_t *stride, size_t stride_count);
/* (..., C r^2, H, W) to (..., C, H r, W r), and back. */
TORSH_API torsh_tensor torsh_pixel_shuffle(torsh_tensor input, int64_t upscale_factor);
TORSH_API torsh_tensor torsh_pixel_unshuffle(torsh_tensor input, int64_t downscale_factor);
/* The channels of (N, C, ...), seen as (groups, C / groups), in the order of (C / groups, groups). */
TORSH_API torsh_tensor torsh_channel_shuffle(torsh_tensor input, int64_t groups);
/* input (N, C, in...) at another size: `size`, or scale_factor times its own, each with a number per dim or one for all. mode: "nearest",
 * "nearest-exact", "linear", "bilinear", "trilinear", "bicubic" or "area". antialias: "bilinear" and "bicubic" only. u8, too. */
TORSH_API torsh_tensor torsh_interpolate(torsh_tensor input, const int64_t *size, size_t size_count,
                                         const double *scale_factor, size_t scale_factor_count, const char *mode,
                                         bool align_corners, bool recompute_scale_factor, bool antialias);
/* input (N, C, in...) at the points grid (N, out..., dims), whose coordinates, the innermost dim's first, run from -1 to 1. mode: "bilinear",
 * "nearest" or "bicubic"; padding_mode: "zeros", "border" or "reflection". */
TORSH_API torsh_tensor torsh_grid_sample(torsh_tensor input, torsh_tensor grid, const char *mode, const char *padding_mode,
                                         bool align_corners);
/* The same with numbers: interpolation_mode 0 bilinear, 1 nearest, 2 bicubic; padding_mode 0 zeros, 1 border, 2 reflection. */
TORSH_API torsh_tensor torsh_grid_sampler(torsh_tensor input, torsh_tensor grid, int64_t interpolation_mode, int64_t padding_mode,
                                          bool align_corners);
/* The points of a grid of size (N, C, out...), moved by theta (N, dims, dims + 1). */
TORSH_API torsh_tensor torsh_affine_grid(torsh_tensor theta, const int64_t *size, size_t size_count, bool align_corners);

#ifdef __cplusplus
}
#endif

#endif
