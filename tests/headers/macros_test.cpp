/* The same program as C++. */
#include "macros_test.c"
