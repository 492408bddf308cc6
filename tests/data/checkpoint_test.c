/* Checkpoints: what is saved comes back; files that are not what they claim are refused; a failed save leaves the old file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <torsh/data.h>
#include <torsh/ops.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/torsh-checkpoint-XXXXXX";
static char path[64];

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(directory)) return -1;
    snprintf(path, sizeof path, "%s/a.safetensors", directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(directory); /* fails if anything was left behind */
}

/* A file of a header text and `data` zero bytes. */
static void write_file(const char *header, uint64_t claimed, size_t data)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (int i = 0; i < 8; i++) fputc((int)(claimed >> 8 * i & 255), file);
    fputs(header, file);
    for (size_t i = 0; i < data; i++) fputc(0, file);
    fclose(file);
}

static torsh_status load_status(const char *header, size_t data)
{
    write_file(header, strlen(header), data);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    return torsh_id_status(torsh_load(path).id);
}

static void comes_back(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    static const torsh_dtype dtypes[] = {TORSH_BOOL, TORSH_U8, TORSH_I8, TORSH_I16, TORSH_I32, TORSH_I64, TORSH_F16, TORSH_BF16, TORSH_F32, TORSH_F64, TORSH_C64};
    enum { COUNT = sizeof dtypes / sizeof *dtypes };
    torsh_checkpoint checkpoint = torsh_checkpoint_make();
    char name[32];
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "t.%s", torsh_dtype_name(dtypes[i]));
        torsh_tensor t = torsh_from_slice(TORSH_VALUES(0, 1, 2, 3, 4, 5), TORSH_DIMS(2, 3), dtypes[i], TORSH_CPU);
        assert_int_equal(torsh_checkpoint_set(checkpoint, name, torsh_transpose(t, 0, 1)), TORSH_OK); /* not contiguous */
    }
    assert_int_equal(torsh_checkpoint_set(checkpoint, "scalar", torsh_scalar(7, TORSH_F64, TORSH_CPU)), TORSH_OK);
    assert_int_equal(torsh_checkpoint_set(checkpoint, "empty \"\\\n\xC3\xA9", torsh_zeros(TORSH_DIMS(0, 4), TORSH_F32, TORSH_CPU)), TORSH_OK);
    assert_int_equal(torsh_checkpoint_set_text(checkpoint, "note", "quote \" backslash \\ newline \n \xE2\x82\xAC"), TORSH_OK);
    assert_int_equal(torsh_checkpoint_save(checkpoint, path), TORSH_OK);

    torsh_checkpoint loaded = torsh_load(path);
#if TORSH_HAVE_JANSSON
    assert_int_equal(torsh_id_status(loaded.id), TORSH_OK);
    assert_int_equal(torsh_checkpoint_size(loaded), COUNT + 2);
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "t.%s", torsh_dtype_name(dtypes[i]));
        torsh_tensor t = torsh_checkpoint_get(loaded, name);
        assert_int_equal(torsh_dtype_of(t), dtypes[i]);
        assert_string_equal(torsh_shape_text(t), "[3, 2]");
        torsh_tensor element = torsh_select(torsh_select(t, 0, 2), 0, 1); /* 5, or true */
        double real, imaginary;
        assert_int_equal(torsh_item_c128(element, &real, &imaginary), TORSH_OK);
        assert_true(real == (dtypes[i] == TORSH_BOOL ? 1 : 5));
    }
    assert_true(torsh_item(torsh_checkpoint_get(loaded, "scalar")) == 7);
    assert_int_equal(torsh_ndim(torsh_checkpoint_get(loaded, "scalar")), 0);
    assert_string_equal(torsh_shape_text(torsh_checkpoint_get(loaded, "empty \"\\\n\xC3\xA9")), "[0, 4]");
    assert_string_equal(torsh_checkpoint_text(loaded, "note"), "quote \" backslash \\ newline \n \xE2\x82\xAC");
    assert_string_equal(torsh_checkpoint_text_key(loaded, 0), "note");
    assert_null(torsh_checkpoint_text(loaded, "other"));
    assert_int_equal(torsh_id_status(torsh_checkpoint_get(loaded, "other").id), TORSH_OUT_OF_RANGE);
    for (int64_t i = 0; i + 1 < torsh_checkpoint_size(loaded); i++) assert_true(strcmp(torsh_checkpoint_name(loaded, i), torsh_checkpoint_name(loaded, i + 1)) < 0);

    /* The file that is open may be written over: it is replaced, not changed. */
    assert_int_equal(torsh_checkpoint_set(loaded, "scalar", torsh_scalar(8, TORSH_F64, TORSH_CPU)), TORSH_OK);
    assert_int_equal(torsh_checkpoint_save(loaded, path), TORSH_OK);
    assert_true(torsh_item(torsh_checkpoint_get(torsh_load(path), "scalar")) == 8);
    assert_int_equal(torsh_dtype_of(torsh_checkpoint_get(torsh_load(path), "t.c64")), TORSH_C64);
#else
    assert_int_equal(torsh_id_status(loaded.id), TORSH_UNSUPPORTED);
    assert_non_null(strstr(torsh_last_error(), "jansson"));
#endif
}

static void refuses_to_save(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor t = torsh_scalar(1, TORSH_F32, TORSH_CPU), z = torsh_scalar(1, TORSH_C128, TORSH_CPU);
    const char *names[] = {"a", "a"}, *reserved = "__metadata__", *broken = "\xFF", *one = "one", *none = NULL;
    assert_int_equal(torsh_save(path, names, TORSH_TENSORS(t, t)), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_save(path, &reserved, &t, 1), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_save(path, &broken, &t, 1), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_save(path, &none, &t, 1), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_save(path, NULL, &t, 1), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_save(NULL, &one, &t, 1), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_save("/no/such/directory/x", &one, &t, 1), TORSH_IO_ERROR);
    assert_int_equal(torsh_save(directory, &one, &t, 1), TORSH_IO_ERROR); /* a directory can't be replaced, nothing is left beside it */
    assert_int_equal(torsh_save(path, &one, &z, 1), TORSH_UNSUPPORTED);
    assert_int_equal(torsh_save(path, &one, &(torsh_tensor){0}, 1), TORSH_INVALID_HANDLE);
    assert_int_equal(torsh_id_status(torsh_load("/no/such/file").id), TORSH_IO_ERROR);
    assert_int_equal(torsh_id_status(torsh_load(directory).id), TORSH_IO_ERROR);
    assert_int_equal(torsh_id_status(torsh_load(NULL).id), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_checkpoint_size((torsh_checkpoint){0}), -1);
}

#if TORSH_HAVE_JANSSON
static void refuses_bad_files(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    static const struct { const char *header; size_t data; } bad[] = {
        {"", 0}, /* no JSON */
        {"[]", 0},
        {" {}", 0}, /* the format wants '{' first */
        {"{}", 1},  /* bytes behind the last tensor */
        {"{} x", 0},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}", 4},
        {"{\"a\":1}", 0},
        {"{\"a\":{}}", 0},
        {"{\"a\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4},
        {"{\"\xFF\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,5]}}", 5},            /* not the shape's size */
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 3},            /* past the end */
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", 4},            /* ends before it begins */
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", 8},            /* a hole */
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}", 0},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", 4},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}", 4},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}", 4},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,4]}}", 4},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,18446744073709551620]}}", 4},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[2,9223372036854775807],\"data_offsets\":[0,0]}}", 0},   /* wraps to -2 bytes */
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}}", 0}, /* wraps to 0 */
        {"{\"a\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,1]}}", 1},                     /* 12 bits */
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4}, /* overlap */
        {"{\"__metadata__\":[]}", 0},
        {"{\"__metadata__\":{\"a\":1}}", 0},
        {"{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        torsh_status status = load_status(bad[i].header, bad[i].data);
        if (status != TORSH_FORMAT_ERROR) fail_msg("case %zu (%s): %s", i, bad[i].header, torsh_status_name(status));
        assert_non_null(strstr(torsh_last_error(), path));
    }
    static const uint64_t lengths[] = {3, 1000, 100000001, UINT64_MAX, UINT64_MAX - 7, 1ull << 63};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        write_file("{}", lengths[i], 0);
        assert_int_equal(torsh_id_status(torsh_load(path).id), TORSH_FORMAT_ERROR);
    }
    for (long size = 0; size < 8; size++) {
        write_file("", 0, 0);
        assert_int_equal(truncate(path, size), 0);
        assert_int_equal(torsh_id_status(torsh_load(path).id), TORSH_FORMAT_ERROR);
    }
}

static void accepts_odd_files(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    assert_int_equal(load_status("{}", 0), TORSH_OK);
    assert_int_equal(load_status("{}      ", 0), TORSH_OK);
    assert_int_equal(load_status("{\"a\":{\"dtype\":\"F32\",\"shape\":[0,9223372036854775807],\"data_offsets\":[0,0]}}", 0), TORSH_OK);
    /* Unaligned: one byte, then an f32. Dtypes that tensors lack are refused only when they are asked for. */
    assert_int_equal(load_status("{\"b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[1,5]},\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[1],\"data_offsets\":[0,1]}}", 5), TORSH_OK);
    torsh_checkpoint odd = torsh_load(path);
    assert_true(torsh_item(torsh_checkpoint_get(odd, "b")) == 0);
    assert_int_equal(torsh_id_status(torsh_checkpoint_get(odd, "a").id), TORSH_UNSUPPORTED);
    assert_non_null(strstr(torsh_last_error(), "F8_E4M3"));
    assert_int_equal(torsh_checkpoint_save(odd, path), TORSH_OK); /* but they can be passed on */
    assert_int_equal(torsh_checkpoint_size(torsh_load(path)), 2);
    /* Shorter since it was opened: an error, no crash. */
    odd = torsh_load(path);
    assert_int_equal(truncate(path, 100), 0);
    assert_int_equal(torsh_id_status(torsh_checkpoint_get(odd, "b").id), TORSH_IO_ERROR);
    /* A bool is 0 or 1, whatever the file says. */
    const char *two = "{\"a\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[0,2]}}\x02";
    write_file(two, strlen(two) - 1, 1);
    torsh_tensor truth = torsh_checkpoint_get(torsh_load(path), "a");
    assert_int_equal(((uint8_t *)torsh_data(truth))[0], 1);
    assert_int_equal(((uint8_t *)torsh_data(truth))[1], 0);
}

/* 64 sizes are a tensor, 65 an error. */
static void limits_the_rank(void **state)
{
    (void)state;
    for (int ndim = 64; ndim <= 65; ndim++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        char header[400];
        int at = sprintf(header, "{\"a\":{\"dtype\":\"U8\",\"shape\":[1");
        for (int i = 1; i < ndim; i++) at += sprintf(header + at, ",1");
        sprintf(header + at, "],\"data_offsets\":[0,1]}}");
        assert_int_equal(load_status(header, 1), TORSH_OK);
        assert_int_equal(torsh_id_status(torsh_checkpoint_get(torsh_load(path), "a").id), ndim == 64 ? TORSH_OK : TORSH_UNSUPPORTED);
    }
}

/* An allocation failing at any place gives TORSH_OUT_OF_MEMORY and leaks nothing. */
static void survives_failing_allocations(void **state)
{
    (void)state;
    const char *names[] = {"a", "b"};
    torsh_tensor t = torsh_from_slice(TORSH_VALUES(1, 2, 3, 4), TORSH_DIMS(2, 2), TORSH_F32, TORSH_CPU), u = torsh_transpose(t, 0, 1);
    int64_t live = torsh_live_handles();
    torsh_status status = TORSH_OUT_OF_MEMORY;
    for (int64_t n = 0; status != TORSH_OK; n++) {
        assert_true(n < 1000);
        torsh_fail_allocations_after(n);
        status = torsh_save(path, names, TORSH_TENSORS(t, u));
        torsh_fail_allocations_after(-1);
        assert_true(status == TORSH_OK || status == TORSH_OUT_OF_MEMORY);
        assert_int_equal(torsh_live_handles(), live);
    }
    status = TORSH_OUT_OF_MEMORY;
    for (int64_t n = 0; status != TORSH_OK; n++) {
        assert_true(n < 1000);
        torsh_fail_allocations_after(n);
        torsh_checkpoint checkpoint = torsh_load(path);
        torsh_tensor b = torsh_checkpoint_get(checkpoint, "b");
        status = torsh_id_status(b.id);
        torsh_fail_allocations_after(-1);
        assert_true(status == TORSH_OK || status == TORSH_OUT_OF_MEMORY);
        torsh_release(b);
        torsh_release(checkpoint);
        assert_int_equal(torsh_live_handles(), live);
    }
    torsh_release(t);
    torsh_release(u);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(refuses_to_save),
#if TORSH_HAVE_JANSSON
        cmocka_unit_test(refuses_bad_files),
        cmocka_unit_test(accepts_odd_files),
        cmocka_unit_test(limits_the_rank),
        cmocka_unit_test(survives_failing_allocations),
#endif
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
