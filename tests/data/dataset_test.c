/* Datasets: of tensors, of functions, subsets, splits, transforms; IDX files good and bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <torsh/data.h>
#include <torsh/ops.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static torsh_dataset counting(int64_t n)
{
    torsh_tensor x = torsh_reshape(torsh_arange(0, (double)n * 2, 1, TORSH_F32, TORSH_CPU), TORSH_DIMS(n, 2));
    return torsh_dataset_from_tensors(TORSH_TENSORS(x, torsh_arange(0, (double)n, 1, TORSH_I64, TORSH_CPU)));
}

static double at(torsh_dataset dataset, int64_t index, int field)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor fields[TORSH_MAX_FIELDS];
    if (torsh_dataset_get(dataset, index, fields, (size_t)torsh_dataset_fields(dataset)) != TORSH_OK) return -1;
    return torsh_item(torsh_sum(fields[field], TORSH_ALL_DIMS, false));
}

static void of_tensors(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_dataset dataset = counting(5);
    assert_int_equal(torsh_dataset_size(dataset), 5);
    assert_int_equal(torsh_dataset_fields(dataset), 2);
    torsh_tensor fields[2];
    assert_int_equal(torsh_dataset_get(dataset, 3, fields, 2), TORSH_OK);
    assert_string_equal(torsh_shape_text(fields[0]), "[2]");
    assert_int_equal(torsh_ndim(fields[1]), 0);
    assert_true(at(dataset, 3, 0) == 13 && at(dataset, 3, 1) == 3);
    assert_int_equal(torsh_dataset_get(dataset, 5, fields, 2), TORSH_OUT_OF_RANGE);
    assert_int_equal(torsh_dataset_get(dataset, -1, fields, 2), TORSH_OUT_OF_RANGE);
    assert_int_equal(torsh_dataset_get(dataset, 0, fields, 1), TORSH_INVALID_ARGUMENT);

    /* Strides other than row-major. */
    torsh_tensor x = torsh_t(torsh_reshape(torsh_arange(0, 6, 1, TORSH_F32, TORSH_CPU), TORSH_DIMS(2, 3)));
    assert_true(at(torsh_dataset_from_tensors(&x, 1), 2, 0) == 2 + 5);

    torsh_tensor short_one = torsh_zeros(TORSH_DIMS(4), TORSH_F32, TORSH_CPU), scalar = torsh_scalar(0, TORSH_F32, TORSH_CPU);
    assert_int_equal(torsh_id_status(torsh_dataset_from_tensors(TORSH_TENSORS(x, short_one)).id), TORSH_SHAPE_MISMATCH);
    assert_int_equal(torsh_id_status(torsh_dataset_from_tensors(&scalar, 1).id), TORSH_SHAPE_MISMATCH);
    assert_int_equal(torsh_id_status(torsh_dataset_from_tensors(&x, 0).id), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_id_status(torsh_dataset_from_tensors(&(torsh_tensor){0}, 1).id), TORSH_INVALID_HANDLE);
}

static int released;

static void count_release(void *context)
{
    (void)context;
    released++;
}

static torsh_status squares(void *context, int64_t index, uint64_t seed, torsh_tensor *fields)
{
    (void)seed;
    if (index == 7) return TORSH_CANCELLED;
    if (index != 8) fields[0] = torsh_scalar((double)(index * index) + *(double *)context, TORSH_F64, TORSH_CPU);
    return TORSH_OK;
}

static void of_a_function(void **state)
{
    (void)state;
    double add = 0.5;
    torsh_dataset dataset = torsh_dataset_from_function(9, 1, squares, count_release, &add);
    torsh_tensor field;
    assert_true(at(dataset, 3, 0) == 9.5);
    assert_int_equal(torsh_dataset_get(dataset, 7, &field, 1), TORSH_CANCELLED);
    assert_int_equal(torsh_dataset_get(dataset, 8, &field, 1), TORSH_INVALID_HANDLE); /* left null */
    torsh_dataset part = torsh_dataset_subset(dataset, TORSH_DIMS(2, 2, 0));
    torsh_release(dataset);
    assert_int_equal(released, 0); /* the subset keeps it */
    assert_true(at(part, 0, 0) == 4.5 && at(part, 1, 0) == 4.5 && at(part, 2, 0) == 0.5);
    torsh_release(part);
    assert_int_equal(released, 1);
    assert_true(TORSH_FAILED(torsh_dataset_from_function(-1, 1, squares, count_release, NULL)));
    assert_true(TORSH_FAILED(torsh_dataset_from_function(1, 1, NULL, count_release, NULL)));
    assert_int_equal(released, 1);
}

/* random_split(range(10), [6, 4], generator=torch.Generator().manual_seed(42)) in PyTorch 2.15. */
static void splits_as_pytorch(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    static const double expected[10] = {2, 6, 1, 8, 4, 5, 0, 9, 3, 7};
    const int64_t lengths[] = {6, 4}, wrong[] = {6, 5};
    torsh_dataset parts[2];
    assert_int_equal(torsh_dataset_random_split(counting(10), lengths, 2, torsh_generator_make(42), parts), TORSH_OK);
    for (int i = 0; i < 10; i++) assert_true(at(parts[i / 6], i % 6, 1) == expected[i]);
    assert_int_equal(torsh_dataset_random_split(counting(10), wrong, 2, (torsh_generator){0}, parts), TORSH_INVALID_ARGUMENT);
}

static torsh_status swap(void *context, uint64_t seed, torsh_tensor *fields, size_t count)
{
    (void)context, (void)seed;
    torsh_tensor first = fields[0];
    fields[0] = fields[count - 1];
    fields[count - 1] = torsh_mul(first, torsh_number(10));
    return TORSH_OK;
}

static void transforms(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_dataset mapped = torsh_dataset_map(counting(4), swap, NULL, NULL);
    assert_true(at(mapped, 2, 0) == 2 && at(mapped, 2, 1) == 90);

    const double mean[] = {0.5, 0.25}, std[] = {0.5, 0.125}, zero[] = {1, 0};
    torsh_tensor pictures = torsh_full(TORSH_DIMS(3, 2, 1, 1), 255, TORSH_U8, TORSH_CPU);
    torsh_dataset normal = torsh_dataset_normalize(torsh_dataset_from_tensors(&pictures, 1), mean, std, 2);
    torsh_tensor field;
    assert_int_equal(torsh_dataset_get(normal, 1, &field, 1), TORSH_OK);
    assert_int_equal(torsh_dtype_of(field), TORSH_F32);
    assert_string_equal(torsh_shape_text(field), "[2, 1, 1]");
    const float *values = torsh_data(field);
    assert_true(values[0] == 1.0f && values[1] == 6.0f);
    assert_int_equal(torsh_dataset_get(torsh_dataset_normalize(counting(4), mean, std, 1), 0, &field, 1), TORSH_INVALID_ARGUMENT);
    assert_true(TORSH_FAILED(torsh_dataset_normalize(normal, mean, zero, 2)));
    torsh_dataset deep = normal;
    for (int i = 0; i < 100; i++) deep = torsh_dataset_map(deep, swap, NULL, NULL);
    assert_int_equal(torsh_id_status(deep.id), TORSH_OUT_OF_RANGE);
}

static torsh_status read_bytes(const char *bytes, size_t count)
{
    char path[] = "/tmp/torsh-idx-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0 && write(file, bytes, count) == (ssize_t)count);
    close(file);
    torsh_tensor t = torsh_idx_read(path);
    torsh_status status = torsh_id_status(t.id);
    unlink(path);
    torsh_release(t);
    return status;
}

static void idx_files(void **state)
{
    (void)state;
    assert_int_equal(read_bytes("\0\0\x08\x01\0\0\0\x02\x05\x06", 10), TORSH_OK);
    assert_int_equal(read_bytes("\0\0\x0C\x02\0\0\0\x01\0\0\0\x01\0\0\1\2", 16), TORSH_OK);
    assert_int_equal(read_bytes("\0\0\x08\0\x09", 5), TORSH_OK); /* 0-d */
    assert_int_equal(read_bytes("", 0), TORSH_FORMAT_ERROR);
    assert_int_equal(read_bytes("\0\0\x08\x01\0\0\0\x02\x05", 9), TORSH_FORMAT_ERROR);
    assert_int_equal(read_bytes("\0\0\x07\x01\0\0\0\x01\x05", 9), TORSH_FORMAT_ERROR);
    assert_int_equal(read_bytes("\1\0\x08\x01\0\0\0\x01\x05", 9), TORSH_FORMAT_ERROR);
    assert_int_equal(read_bytes("\0\0\x08\xFF\0\0\0\x01", 8), TORSH_FORMAT_ERROR);
    assert_int_equal(read_bytes("\0\0\x08\x02\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 12), TORSH_OUT_OF_RANGE);
    assert_int_equal(read_bytes("\0\0\x08\x02\x0F\xFF\xFF\xFF\0\0\0\x02", 12), TORSH_FORMAT_ERROR); /* promises 512 MB */
    torsh_status packed = read_bytes("\x1F\x8B\x08\x01garbage", 11);
    assert_true(packed == TORSH_FORMAT_ERROR || packed == TORSH_UNSUPPORTED); /* unsupported: built without zlib */
    assert_int_equal(torsh_id_status(torsh_idx_read("/no/such/file").id), TORSH_IO_ERROR);
    assert_int_equal(torsh_id_status(torsh_dataset_fashion_mnist("/no/such/directory", true).id), TORSH_IO_ERROR);
}

static void digits(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_dataset a = torsh_dataset_digits(30, 1), b = torsh_dataset_digits(40, 1), c = torsh_dataset_digits(30, 2);
    assert_true(at(a, 17, 1) == 7);
    assert_true(at(a, 17, 0) == at(b, 17, 0) && at(a, 17, 0) != at(c, 17, 0));
    torsh_tensor fields[2];
    assert_int_equal(torsh_dataset_get(a, 0, fields, 2), TORSH_OK);
    assert_string_equal(torsh_shape_text(fields[0]), "[1, 8, 8]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_tensors), cmocka_unit_test(of_a_function), cmocka_unit_test(splits_as_pytorch),
        cmocka_unit_test(transforms), cmocka_unit_test(idx_files),     cmocka_unit_test(digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
