/* The CPU generator: Mersenne Twister mt19937 with PyTorch's seeding, order of draws and saved form.
 * Here are the state and its 32- and 64-bit draws; arrays are filled by backend/cpu/random.h.
 * Nothing here locks: whoever owns a state keeps its mutex. */
#ifndef TORSH_CORE_RNG_H
#define TORSH_CORE_RNG_H

#include <torsh/core.h>

enum {
    TORSH__RNG_WORDS = 624,
    TORSH__RNG_MIDDLE = 397,
    TORSH__RNG_STATE_BYTES = 5056 /* of the saved form, as torch.get_rng_state() */
};

typedef struct torsh__rng {
    uint64_t seed;
    int32_t left;  /* words until the next refill, plus one: 1 means that the next draw refills first */
    uint32_t next; /* index of the next word; next + left <= 625 */
    bool seeded;
    /* Box-Muller gives two normals at a time; the second waits here. PyTorch's CPU kernels use the f64 one alone, the f32
     * one is carried so that a state comes back as it was saved. */
    bool has_normal_f32, has_normal_f64;
    float normal_f32;
    double normal_f64;
    uint32_t word[TORSH__RNG_WORDS]; /* untempered */
} torsh__rng;

void torsh__rng_seed(torsh__rng *rng, uint64_t seed);

uint32_t torsh__rng_u32(torsh__rng *rng);
uint64_t torsh__rng_u64(torsh__rng *rng); /* two draws, the first is the high half */

/* A uniform f64 in [0, 1): one u64, its low 53 bits. */
double torsh__rng_uniform(torsh__rng *rng);
/* A normal f64 by Box-Muller, the scalar one of PyTorch: four words for two values, the second is kept. */
double torsh__rng_normal(torsh__rng *rng, double mean, double std);

/* The saved form, little-endian, the same bytes as torch.get_rng_state():
 *    0 u64 seed    8 i32 left    12 i32 seeded    16 u64 next    24 u64[624] words
 * 5016 f64 0    5024 f64 kept normal    5032 f64 0    5040 i32 it is there
 * 5048 f32 kept normal    5052 u8 it is there; all else is 0 */
void torsh__rng_save(const torsh__rng *rng, uint8_t state[TORSH__RNG_STATE_BYTES]);
/* TORSH_FORMAT_ERROR, and no change, if the bytes are no state of this generator. */
torsh_status torsh__rng_load(torsh__rng *rng, const uint8_t *state, size_t bytes);

/* The output function, and the recurrence for all 624 words. Inline so that kernels compile them for their instruction set.
 * Matsumoto and Nishimura, "Mersenne Twister", 1998. */
static inline uint32_t torsh__rng_temper(uint32_t y)
{
    y ^= y >> 11;
    y ^= y << 7 & 0x9D2C5680u;
    y ^= y << 15 & 0xEFC60000u;
    return y ^ y >> 18;
}

static inline uint32_t torsh__rng_twist(uint32_t high, uint32_t low)
{
    uint32_t mixed = (high & 0x80000000u) | (low & 0x7FFFFFFFu);
    return mixed >> 1 ^ ((0u - (low & 1u)) & 0x9908B0DFu);
}

static inline void torsh__rng_refill(uint32_t word[TORSH__RNG_WORDS])
{
    /* Two loops whose iterations depend on each other at a distance of 227 words or more, so that they vectorise. */
    enum { FIRST = TORSH__RNG_WORDS - TORSH__RNG_MIDDLE };
    for (int i = 0; i < FIRST; i++)
        word[i] = word[i + TORSH__RNG_MIDDLE] ^ torsh__rng_twist(word[i], word[i + 1]);
    for (int i = FIRST; i < TORSH__RNG_WORDS - 1; i++)
        word[i] = word[i - FIRST] ^ torsh__rng_twist(word[i], word[i + 1]);
    word[TORSH__RNG_WORDS - 1] = word[TORSH__RNG_MIDDLE - 1] ^ torsh__rng_twist(word[TORSH__RNG_WORDS - 1], word[0]);
}

#endif
