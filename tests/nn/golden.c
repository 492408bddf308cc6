#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static golden_line *lines;
static size_t line_count;

static void parse(char *text, golden_line *line)
{
    *line = (golden_line){.dtype = TORSH_F32};
    char *word = strtok(text, " ");
    snprintf(line->key, sizeof line->key, "%s", word);
    word = strtok(NULL, " ");
    if (strcmp(word, "text") == 0) {
        line->text = strdup(strtok(NULL, ""));
        return;
    }
    line->dtype = strcmp(word, "f32") == 0 ? TORSH_F32 : strcmp(word, "f64") == 0 ? TORSH_F64 : TORSH_I64;
    line->ndim = atoi(strtok(NULL, " "));
    line->count = 1;
    for (int d = 0; d < line->ndim; d++) {
        line->sizes[d] = atoll(strtok(NULL, " "));
        line->count *= (size_t)line->sizes[d];
    }
    line->numbers = malloc((line->count + 1) * sizeof *line->numbers);
    for (size_t i = 0; i < line->count; i++) line->numbers[i] = strtod(strtok(NULL, " "), NULL);
}

static void read_file(void)
{
    FILE *file = fopen(TORSH_GOLDEN_DIR "/nn.txt", "r");
    assert_non_null(file);
    char *text = NULL;
    size_t room = 0;
    ssize_t length;
    while ((length = getline(&text, &room, file)) > 0) {
        if (text[length - 1] == '\n') text[length - 1] = 0;
        lines = realloc(lines, (line_count + 1) * sizeof *lines);
        parse(text, &lines[line_count++]);
    }
    free(text);
    fclose(file);
}

const golden_line *golden_find(const char *name, const char *part)
{
    char key[120];
    if (!lines) read_file();
    snprintf(key, sizeof key, "%s/%s", name, part);
    for (size_t i = 0; i < line_count; i++)
        if (strcmp(lines[i].key, key) == 0) return &lines[i];
    return NULL;
}

const char *golden_case(size_t index)
{
    static char name[120];
    if (!lines) read_file();
    for (size_t i = 0; i < line_count; i++) {
        size_t length = strcspn(lines[i].key, "/");
        if (strcmp(lines[i].key + length, "/text") != 0 || index-- > 0) continue;
        snprintf(name, sizeof name, "%.*s", (int)length, lines[i].key);
        return name;
    }
    return NULL;
}

torsh_tensor golden_tensor(const golden_line *line)
{
    assert_non_null(line);
    return torsh_from_slice(line->numbers, line->count, line->sizes, (size_t)line->ndim, line->dtype, TORSH_CPU);
}

void check_ok(torsh_status status)
{
    if (status) fail_msg("%s: %s", torsh_status_name(status), torsh_last_error());
}

void golden_check(torsh_tensor t, const golden_line *line, double tolerance)
{
    assert_non_null(line);
    check_ok(torsh_id_status(t.id));
    assert_int_equal(torsh_dtype_of(t), line->dtype);
    assert_int_equal(torsh_ndim(t), line->ndim);
    for (int d = 0; d < line->ndim; d++) assert_int_equal(torsh_size(t, d), line->sizes[d]);
    torsh_tensor wide = torsh_to_dtype(t, TORSH_F64);
    double *have = malloc((line->count + 1) * sizeof *have);
    check_ok(torsh_to_host(wide, have, line->count * sizeof *have));
    for (size_t i = 0; i < line->count; i++) {
        double want = line->numbers[i];
        if (fabs(have[i] - want) <= tolerance * (1 + fabs(want)) || have[i] == want) continue;
        fail_msg("%s: element %zu is %.9g, PyTorch's is %.9g", line->key, i, have[i], want);
    }
    free(have);
    torsh_release(wide);
}
