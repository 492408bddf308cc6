/* Which elements there are. */
#ifndef TORSH_SETS_OPS_H
#define TORSH_SETS_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* For each element of input the place in sorted_sequence (along its last dim; 1-D, or with input's other dims) before which it would go:
 * before its equals, with right behind them. i64, or i32. sorter, optional, gives the sequence's order if it isn't sorted.
 * bucketize is the same by 1-D boundaries. */
TORSH_API torsh_tensor torsh_searchsorted(torsh_tensor sorted_sequence, torsh_tensor input, bool out_int32, bool right, torsh_tensor sorter);
TORSH_API torsh_tensor torsh_searchsorted_out(torsh_tensor sorted_sequence, torsh_tensor input, bool out_int32, bool right, torsh_tensor sorter, torsh_tensor out);
TORSH_API torsh_tensor torsh_bucketize(torsh_tensor input, torsh_tensor boundaries, bool out_int32, bool right);
TORSH_API torsh_tensor torsh_bucketize_out(torsh_tensor input, torsh_tensor boundaries, bool out_int32, bool right, torsh_tensor out);
/* How often each number from 0 to the largest, or to minlength, is in input (1-D, not negative); or the sums of its weights. */
TORSH_API torsh_tensor torsh_bincount(torsh_tensor input, torsh_tensor weights, int64_t minlength);
/* Counts of input's elements in bins of equal width from min to max (equal ones: those of input), in input's dtype. */
TORSH_API torsh_tensor torsh_histc(torsh_tensor input, int64_t bins, double min, double max);
TORSH_API torsh_tensor torsh_histc_out(torsh_tensor input, int64_t bins, double min, double max, torsh_tensor out);
/* The same, weighted by the optional weight, and the edges; density: over the total and the widths. torsh_histogram_bins: between given edges. */
TORSH_API torsh_pair torsh_histogram(torsh_tensor input, int64_t bins, double min, double max, torsh_tensor weight, bool density);
TORSH_API torsh_pair torsh_histogram_out(torsh_tensor input, int64_t bins, double min, double max, torsh_tensor weight, bool density, torsh_pair out);
TORSH_API torsh_pair torsh_histogram_bins(torsh_tensor input, torsh_tensor bins, torsh_tensor weight, bool density);
TORSH_API torsh_pair torsh_histogram_bins_out(torsh_tensor input, torsh_tensor bins, torsh_tensor weight, bool density, torsh_pair out);
/* Counts of the points (..., dims) of input in a grid, and then the edges along each dim. bins: how many along each; range: none (each
 * dim's smallest and largest), or two numbers for each dim. torsh_histogramdd_bins: between given edges. */
TORSH_API torsh_tensors torsh_histogramdd(torsh_tensor input, const int64_t *bins, size_t bins_count, const double *range, size_t range_count,
                                          torsh_tensor weight, bool density);
TORSH_API torsh_tensors torsh_histogramdd_bins(torsh_tensor input, const torsh_tensor *bins, size_t bins_count, torsh_tensor weight, bool density);
/* The distinct elements in order, the place among them of each of input's, and how often each is there; of slices along dim, where one
 * is given (TORSH_ALL_DIMS: of elements). unique_consecutive: of each run of equal neighbours one, in input's order. */
TORSH_API torsh_triple torsh_unique(torsh_tensor input, const int64_t *dim, size_t count);
TORSH_API torsh_triple torsh_unique_consecutive(torsh_tensor input, const int64_t *dim, size_t count);
/* The combinations of r elements of a 1-D input, one a row, in order; with_replacement: each may come again. */
TORSH_API torsh_tensor torsh_combinations(torsh_tensor input, int64_t r, bool with_replacement);
/* All rows with one element of each of the 1-D tensors. */
TORSH_API torsh_tensor torsh_cartesian_prod(const torsh_tensor *tensors, size_t count);

#ifdef __cplusplus
}
#endif

#endif
