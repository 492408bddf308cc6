/* Data: datasets, loaders that hand out batches, and checkpoints in safetensors files.
 * Pictures, texts and their decoding are not here; training loops are the caller's. */
#ifndef TORSH_DATA_H
#define TORSH_DATA_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- datasets ------------------------------------------------------------------------------------------------ */

/* A dataset has a length and gives samples; a sample is one or more fields, each a tensor: mostly an input and a target.
 * Datasets don't change: what changes one makes another on top of it, which keeps it alive. */
enum { TORSH_MAX_FIELDS = 8 };

/* Sample i is element i of the first dimension of each tensor. The tensors are kept, not copied. */
TORSH_API torsh_dataset torsh_dataset_from_tensors(const torsh_tensor *tensors, size_t count);

/* Makes sample `index` into fields[0 .. field count). It runs on the loader's worker threads, several at a time. Handles made
 * in it are released after it. `seed` is a random number for this sample in this epoch, the same for any number of workers:
 * for random changes of the data. A status other than TORSH_OK goes to whoever asked for the sample, with the text of the
 * last library error of the callback, if there was one. */
typedef torsh_status torsh_sample_function(void *context, int64_t index, uint64_t seed, torsh_tensor *fields);

/* A dataset of `length` samples from the caller's function. release(context), if not NULL, is called when the dataset goes;
 * if the call fails, it is not called. */
TORSH_API torsh_dataset torsh_dataset_from_function(int64_t length, size_t fields, torsh_sample_function *get, void (*release)(void *context),
                                                    void *context);

/* Changes one sample's fields in place: fields[i] = a new tensor. Called as torsh_sample_function is. */
typedef torsh_status torsh_map_function(void *context, uint64_t seed, torsh_tensor *fields, size_t count);
TORSH_API torsh_dataset torsh_dataset_map(torsh_dataset dataset, torsh_map_function *apply, void (*release)(void *context), void *context);

/* Field 0, (C, ...) per sample, as (x - mean[c]) / std[c], in f32 if it was of integers; u8 is divided by 255 first, as
 * torchvision's ToTensor and Normalize do. channels is C, or 1 for one mean and std for all. */
TORSH_API torsh_dataset torsh_dataset_normalize(torsh_dataset dataset, const double *mean, const double *std, size_t channels);

/* The samples at the given indices, in that order. */
TORSH_API torsh_dataset torsh_dataset_subset(torsh_dataset dataset, const int64_t *indices, size_t count);
/* torch.utils.data.random_split: `count` parts of the given lengths, which add up to the dataset's; the same parts for the same
 * generator state. The null generator is the default one. */
TORSH_API torsh_status torsh_dataset_random_split(torsh_dataset dataset, const int64_t *lengths, size_t count, torsh_generator generator,
                                                  torsh_dataset *parts);

/* -1 on an unusable handle. */
TORSH_API int64_t torsh_dataset_size(torsh_dataset dataset);
TORSH_API int64_t torsh_dataset_fields(torsh_dataset dataset);
/* Sample `index`, with seed 0 for its random changes. `count` is the dataset's number of fields. */
TORSH_API torsh_status torsh_dataset_get(torsh_dataset dataset, int64_t index, torsh_tensor *fields, size_t count);

/* ---- known data sets ----------------------------------------------------------------------------------------- */

/* The array in an IDX file, the format of MNIST: http://yann.lecun.com/exdb/mnist, "FILE FORMATS". gzip-compressed files are
 * read if the library was built with zlib. TORSH_IO_ERROR if there is no such file, TORSH_FORMAT_ERROR if it is no IDX file. */
TORSH_API torsh_tensor torsh_idx_read(const char *path);

/* Fashion-MNIST, or any data set in files of MNIST's names: 60,000 samples to train or 10,000 to test with, of a picture
 * (1, 28, 28) u8 and a class i64. The files may end in .gz. directory NULL: where Debian's dataset-fashion-mnist puts it. */
TORSH_API torsh_dataset torsh_dataset_fashion_mnist(const char *directory, bool train);

/* `count` digits, drawn by a program with a wobbling pen: a picture (1, 8, 8) u8 and a class i64, 0 to 9 in turn. The same
 * on every machine for the same seed. For programs that have to run where no data set is installed. */
TORSH_API torsh_dataset torsh_dataset_digits(int64_t count, uint64_t seed);

/* ---- loaders ------------------------------------------------------------------------------------------------- */

/* Puts `count` samples, sample i's fields at samples[i * fields], together: batch[0 .. fields). Called as torsh_sample_function is. */
typedef torsh_status torsh_collate_function(void *context, const torsh_tensor *samples, int64_t count, size_t fields, torsh_tensor *batch);

typedef struct torsh_loader_options {
    size_t size;                    /* set by torsh_loader_defaults */
    int64_t batch_size;             /* 1 */
    bool shuffle;                   /* false: a new order for each epoch */
    bool drop_last;                 /* false: a last batch of fewer samples is left out */
    int workers;                    /* 0: threads that make batches ahead of their use; with 0 the calling thread makes them */
    int prefetch;                   /* 2: batches per worker that may wait */
    torsh_generator generator;      /* null: the default one */
    torsh_collate_function *collate; /* NULL: torsh_stack */
    void *collate_context;
} torsh_loader_options;
TORSH_API torsh_loader_options torsh_loader_defaults(void);

/* NULL options: the defaults. The batches, their order and their random changes are the same for any number of workers. With
 * shuffle the order is that of PyTorch's DataLoader for the same generator state: each epoch draws as it does. */
TORSH_API torsh_loader torsh_loader_make(torsh_dataset dataset, const torsh_loader_options *options);

typedef struct torsh_batch {
    torsh_tensor input;                   /* field 0, (samples, ...) */
    torsh_tensor target;                  /* field 1; null if there is none */
    torsh_tensor fields[TORSH_MAX_FIELDS]; /* all of them; null behind the last */
    int64_t size;                         /* samples */
    int64_t number;                       /* in this epoch, from 0 */
} torsh_batch;

/* The next batch; TORSH_END behind the last one of an epoch, and the call after that begins the next epoch. After an error the
 * next call goes on with the batch behind the one that failed. The handles belong to the innermost scope, so open one per
 * batch before the call:
 *
 *     for (;;) {
 *         TORSH_AUTO torsh_scope step = torsh_scope_open();
 *         torsh_batch batch;
 *         status = torsh_loader_next(loader, &batch);
 *         if (status != TORSH_OK) break;
 *         ...
 *     }
 *     if (status != TORSH_END) return status; */
TORSH_API torsh_status torsh_loader_next(torsh_loader loader, torsh_batch *batch);

/* Batches per epoch; -1 on an unusable handle. */
TORSH_API int64_t torsh_loader_size(torsh_loader loader);
/* Epochs that were begun, less one, and batches that the current one has given: 0 and 0 at first. -1 on an unusable handle. */
TORSH_API int64_t torsh_loader_epoch(torsh_loader loader);
TORSH_API int64_t torsh_loader_position(torsh_loader loader);
/* Leaves the current epoch: the next call of torsh_loader_next begins another. */
TORSH_API torsh_status torsh_loader_restart(torsh_loader loader);

/* Where the loader stands, order of the epoch included, as u8 values to save; and going on exactly there, with a loader made the
 * same way (workers and prefetch may differ). A generator that the loader draws from has to be saved besides. */
TORSH_API torsh_tensor torsh_loader_state(torsh_loader loader);
TORSH_API torsh_status torsh_loader_set_state(torsh_loader loader, torsh_tensor state);

/* ---- numpy's files ------------------------------------------------------------------------------------------- */

/* The array in a .npy file, on the CPU; of Fortran's order, its strides fall from the first dim. TORSH_UNSUPPORTED for elements that no
 * dtype has (objects, texts, records, unsigned integers over 8 bits), TORSH_FORMAT_ERROR naming what is wrong with the file. */
TORSH_API torsh_tensor torsh_npy_read(const char *path);
/* TORSH_UNSUPPORTED for bf16, which numpy hasn't. Replaces the file when it is whole, as torsh_save. */
TORSH_API torsh_status torsh_npy_write(const char *path, torsh_tensor t);
/* The arrays of a .npz file by name, in the file's order; members that are no arrays are left out. Compressed ones need zlib. */
TORSH_API torsh_state_dict torsh_npz_read(const char *path);
TORSH_API torsh_status torsh_npz_write(const char *path, torsh_state_dict dict, bool compressed);

/* ---- checkpoints --------------------------------------------------------------------------------------------- */

/* Tensors and texts by name, to be saved as, or loaded from, one safetensors file: https://github.com/huggingface/safetensors.
 * Names are UTF-8. Everything is listed in the order of the names' bytes. */
typedef struct torsh_checkpoint { uint64_t id; } torsh_checkpoint;

/* Writes one file with the named tensors. As all saving here: to a temporary file in the same directory, which replaces `path`
 * when it is on the disk, so a crash leaves the old file or the new one. TORSH_UNSUPPORTED for c128, which the format lacks. */
TORSH_API torsh_status torsh_save(const char *path, const char *const *names, const torsh_tensor *tensors, size_t count);

/* Opens a file and checks all of its header; tensors are read when they are asked for. Needs jansson: TORSH_UNSUPPORTED if the
 * library was built without it. TORSH_IO_ERROR, or TORSH_FORMAT_ERROR naming what is wrong with the file. */
TORSH_API torsh_checkpoint torsh_load(const char *path);

/* An empty one, to fill and save. */
TORSH_API torsh_checkpoint torsh_checkpoint_make(void);
/* Keeps the tensor, not a copy: what it holds when the checkpoint is saved counts. Replaces one of the same name. */
TORSH_API torsh_status torsh_checkpoint_set(torsh_checkpoint checkpoint, const char *name, torsh_tensor tensor);
TORSH_API torsh_status torsh_checkpoint_set_text(torsh_checkpoint checkpoint, const char *key, const char *value);
TORSH_API torsh_status torsh_checkpoint_save(torsh_checkpoint checkpoint, const char *path);

/* From a file: read anew, on the CPU. TORSH_OUT_OF_RANGE if there is none of that name, TORSH_UNSUPPORTED for dtypes that
 * tensors don't have (8-bit floats, unsigned integers over 8 bits). */
TORSH_API torsh_tensor torsh_checkpoint_get(torsh_checkpoint checkpoint, const char *name);
TORSH_API bool torsh_checkpoint_has(torsh_checkpoint checkpoint, const char *name);
/* NULL if there is no such text. Valid while the checkpoint lives and the text isn't replaced, as the names below. */
TORSH_API const char *torsh_checkpoint_text(torsh_checkpoint checkpoint, const char *key);
TORSH_API int64_t torsh_checkpoint_size(torsh_checkpoint checkpoint); /* tensors; -1 on an unusable handle */
TORSH_API const char *torsh_checkpoint_name(torsh_checkpoint checkpoint, int64_t index);
TORSH_API int64_t torsh_checkpoint_text_count(torsh_checkpoint checkpoint);
TORSH_API const char *torsh_checkpoint_text_key(torsh_checkpoint checkpoint, int64_t index);

/* A state dict's tensors under the names "prefix.name", and those of such names as a state dict again, read from the file.
 * prefix NULL: the names as they are, as in files of weights alone. */
TORSH_API torsh_status torsh_checkpoint_set_dict(torsh_checkpoint checkpoint, const char *prefix, torsh_state_dict dict);
TORSH_API torsh_state_dict torsh_checkpoint_get_dict(torsh_checkpoint checkpoint, const char *prefix);

/* A generator's state as it is now, as u8 values; and putting it back. The null generator is the default one. */
TORSH_API torsh_status torsh_checkpoint_set_generator(torsh_checkpoint checkpoint, const char *name, torsh_generator generator);
TORSH_API torsh_status torsh_checkpoint_restore_generator(torsh_checkpoint checkpoint, const char *name, torsh_generator generator);

/* All that a training run needs to go on with the same bits as if it had never stopped; null handles are left out. The default
 * generator is part of it in any case. */
typedef struct torsh_training {
    torsh_module model;         /* saved as "model.<path>" */
    torsh_optimizer optimizer;  /* "optimizer.<name>" */
    torsh_scheduler scheduler;  /* "scheduler.<name>" */
    torsh_loader loader;        /* "loader" */
    torsh_generator generator;  /* "generator": the loader's, if it has one of its own; the default one is "default_generator" */
} torsh_training;
/* Puts it into the checkpoint, next to whatever else the program wants to keep there. Save before anything changes. */
TORSH_API torsh_status torsh_checkpoint_set_training(torsh_checkpoint checkpoint, const torsh_training *training);
/* Into a model, an optimizer and so on that were made the same way. TORSH_OUT_OF_RANGE if the checkpoint lacks a part. After a
 * failure some parts may have been restored and others not. */
TORSH_API torsh_status torsh_checkpoint_restore_training(torsh_checkpoint checkpoint, const torsh_training *training);

#ifdef __cplusplus
}
#endif

#endif
