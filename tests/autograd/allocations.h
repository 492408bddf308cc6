/* Every allocation of a piece of work fails once: the work must end as out of memory, or well, and leave nothing behind. */
#ifndef TORSH_TESTS_ALLOCATIONS_H
#define TORSH_TESTS_ALLOCATIONS_H

#include "helpers.h"

static void fail_each_allocation(torsh_status (*work)(void))
{
    assert_int_equal(work(), TORSH_OK);
    torsh_memory before, after;
    int64_t handles = torsh_live_handles();
    torsh_memory_stats(TORSH_CPU, &before);
    torsh_status status = TORSH_OUT_OF_MEMORY;
    for (int64_t point = 0; status == TORSH_OUT_OF_MEMORY && point < 1000000; point++) {
        torsh_fail_allocations_after(point);
        status = work();
        torsh_fail_allocations_after(-1);
        torsh_memory_stats(TORSH_CPU, &after);
        if (torsh_live_handles() != handles || after.used != before.used)
            fail_msg("allocation %lld: %lld handles and %lld bytes are left", (long long)point, (long long)(torsh_live_handles() - handles), (long long)(after.used - before.used));
    }
    assert_int_equal(status, TORSH_OK);
}

#endif
