/* What vmath_mpfr.c and special_mpfr.c are asked for: -i ISA, -s STRIDE, -n POINTS, -p PART/PARTS, names; and -w, -r FILE of the former. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *isa, *write, *read; /* or NULL */
    uint32_t stride;
    uint64_t points;
    size_t part, parts;
    char **names;
    int count; /* of names: none are all */
} options;

/* o has the defaults; the names are moved to the front of argv. */
static void read_options(options *o, int argc, char **argv)
{
    o->parts = 1;
    o->names = argv;
    for (int i = 1; i < argc; i++) {
        char *value = i + 1 < argc ? argv[i + 1] : argv[i];
        if (argv[i][0] != '-') {
            o->names[o->count++] = argv[i];
            continue;
        }
        switch (argv[i++][1]) {
        case 'i': o->isa = value; break;
        case 's': o->stride = (uint32_t)strtoul(value, NULL, 0); break;
        case 'n': o->points = strtoull(value, NULL, 0); break;
        case 'w': o->write = value; break;
        case 'r': o->read = value; break;
        case 'p':
            o->part = strtoul(value, NULL, 0);
            o->parts = strchr(value, '/') ? strtoul(strchr(value, '/') + 1, NULL, 0) : 1;
            break;
        default: fprintf(stderr, "no option %s\n", argv[i - 1]), exit(2);
        }
    }
    if (!o->stride || !o->parts || o->part >= o->parts) fprintf(stderr, "-s takes a stride, -p PART/PARTS with PART below PARTS\n"), exit(2);
}

/* Function number k. */
static int is_wanted(const options *o, const char *name, size_t k)
{
    for (int i = 0; i < o->count; i++)
        if (!strcmp(o->names[i], name)) return 1;
    return !o->count && k % o->parts == o->part;
}
