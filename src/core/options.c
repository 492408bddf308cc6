/* Options structs of any release's size. */
#include "options.h"

#include <string.h>

torsh_status torsh__take_options(const char *function, void *own, size_t size, size_t first, const void *given)
{
    if (!given) return TORSH_OK;
    size_t theirs;
    memcpy(&theirs, given, sizeof theirs);
    if (theirs < first)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: the options' size is %zu, but the least is %zu; start from what the _defaults function returns",
                           function, theirs, first);
    if (theirs > size)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: the options' size is %zu, but the most is %zu; start from what the _defaults function returns, "
                                                   "and use headers of this library's version (%s) or an older one",
                           function, theirs, size, torsh_version());
    memcpy(own, given, theirs);
    memcpy(own, &size, sizeof size);
    return TORSH_OK;
}
