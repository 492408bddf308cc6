/* For tools: the list of all ops as the tables have it. What `torsh ops` prints. */
#ifndef TORSH_TOOLS_H
#define TORSH_TOOLS_H

#include <torsh/backend.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct torsh_op_entry {
    const torsh_op_info *info; /* name, parameters, dtypes */
    const char *function;      /* "torsh_add" */
    bool plain;                /* torsh_add exists: false for what works in place only */
    bool in_place;             /* torsh_add_ exists */
    bool out;                  /* torsh_add_out exists */
    bool differentiable;       /* its result has a gradient */
    bool random;               /* it draws from a generator */
} torsh_op_entry;

/* How many ops there are, in the order of the tables. Those without a public function are not counted. */
TORSH_API int64_t torsh_op_count(void);
/* What entry->info and entry->function point to lives as long as the library. TORSH_OUT_OF_RANGE for an index outside. */
TORSH_API torsh_status torsh_op_at(int64_t index, torsh_op_entry *entry);
/* By name: "add". TORSH_OUT_OF_RANGE if there is none. */
TORSH_API torsh_status torsh_op_by_name(const char *name, torsh_op_entry *entry);

#ifdef __cplusplus
}
#endif

#endif
