/* Parses the command line with getopt_long. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static bool whole(const char *text, int64_t least, int64_t most, int64_t *value)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    *value = number;
    return errno == 0 && end != text && *end == 0 && number >= least && number <= most;
}

static bool positive(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == 0 && *value > 0 && isfinite(*value);
}

/* One option; false if its value is no good. */
static bool take(int letter, const char *value, demo_options *options)
{
    int64_t number = 0;
    bool good = true;
    switch (letter) {
    case 'd': options->data = value; break;
    case 'o': options->out = value; break;
    case 'e': good = whole(value, 1, 10000, &options->epochs); break;
    case 'b': good = whole(value, 1, 100000, &options->batch); break;
    case 'l': good = positive(value, &options->lr); break;
    case 's':
        good = whole(value, 0, INT64_MAX, &number);
        options->seed = (uint64_t)number;
        break;
    case 't':
        good = whole(value, 1, 256, &number);
        options->threads = (int)number;
        break;
    case 'v': good = whole(value, 1, INT64_MAX, &options->save_every); break;
    case 'r': options->resume = true; break;
    default: good = false;
    }
    return good;
}

bool options_parse(int count, char **arguments, const char *help, demo_options *options, int *code)
{
    static const struct option names[] = {
        {"data", required_argument, NULL, 'd'},    {"out", required_argument, NULL, 'o'},
        {"epochs", required_argument, NULL, 'e'},  {"batch", required_argument, NULL, 'b'},
        {"lr", required_argument, NULL, 'l'},      {"seed", required_argument, NULL, 's'},
        {"threads", required_argument, NULL, 't'}, {"save-every", required_argument, NULL, 'v'},
        {"resume", no_argument, NULL, 'r'},        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    *options = (demo_options){.out = ".", .epochs = 5, .batch = 64, .save_every = 200, .lr = 1e-3, .seed = 1};
    *code = USAGE;
    int letter, index = 0;
    while ((letter = getopt_long(count, arguments, "h", names, &index)) != -1) {
        if (letter == 'h') {
            *code = fputs(help, stdout) < 0 ? FAILED : DONE;
            return false;
        }
        if (letter == '?') { /* getopt_long has said why */
            fprintf(stderr, "Try '%s --help'.\n", arguments[0]);
            return false;
        }
        if (!take(letter, optarg, options)) {
            fprintf(stderr, "%s: '%s' is no value for --%s\nTry '%s --help'.\n", arguments[0], optarg, names[index].name, arguments[0]);
            return false;
        }
    }
    if (optind < count) {
        fprintf(stderr, "%s: unexpected '%s'\nTry '%s --help'.\n", arguments[0], arguments[optind], arguments[0]);
        return false;
    }
    return true;
}

void options_recipe(const demo_options *options, const char *data_name, char *text, int size)
{
    snprintf(text, (size_t)size, "%s, --epochs %lld --batch %lld --lr %g --seed %llu", data_name, (long long)options->epochs, (long long)options->batch,
             options->lr, (unsigned long long)options->seed);
}
