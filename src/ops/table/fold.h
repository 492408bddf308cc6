/* What torsh__scatter_fold_ and torsh_scatter_reduce do where several elements meet. */
#ifndef TORSH_OPS_TABLE_FOLD_H
#define TORSH_OPS_TABLE_FOLD_H

enum torsh__fold { TORSH__FOLD_PROD, TORSH__FOLD_MIN, TORSH__FOLD_MAX, TORSH__FOLD_SUM, TORSH__FOLD_MEAN };

#endif
