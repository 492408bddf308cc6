/* The CPU generator's state: seeding, single draws, saving and loading. See rng.h.
 * PyTorch's counterparts: ATen/core/MT19937RNGEngine.h, ATen/CPUGeneratorImpl.cpp, ATen/core/DistributionsHelper.h (2.15). */
#include "rng.h"

#include "status.h"

#include <math.h>
#include <string.h>

void torsh__rng_seed(torsh__rng *rng, uint64_t seed)
{
    *rng = (torsh__rng){.seed = seed, .left = 1, .seeded = true};
    rng->word[0] = (uint32_t)seed;
    for (uint32_t i = 1; i < TORSH__RNG_WORDS; i++)
        rng->word[i] = 1812433253u * (rng->word[i - 1] ^ rng->word[i - 1] >> 30) + i;
}

uint32_t torsh__rng_u32(torsh__rng *rng)
{
    if (--rng->left == 0) {
        torsh__rng_refill(rng->word);
        rng->left = TORSH__RNG_WORDS;
        rng->next = 0;
    }
    return torsh__rng_temper(rng->word[rng->next++]);
}

uint64_t torsh__rng_u64(torsh__rng *rng)
{
    uint64_t high = torsh__rng_u32(rng);
    return high << 32 | torsh__rng_u32(rng);
}

double torsh__rng_uniform(torsh__rng *rng)
{
    return (double)(torsh__rng_u64(rng) & (((uint64_t)1 << 53) - 1)) * 0x1p-53;
}

double torsh__rng_normal(torsh__rng *rng, double mean, double std)
{
    double value = rng->normal_f64;
    if (!rng->has_normal_f64) {
        double angle = 6.283185307179586 * torsh__rng_uniform(rng);
        double radius = sqrt(-2.0 * log1p(-torsh__rng_uniform(rng)));
        rng->normal_f64 = radius * sin(angle);
        value = radius * cos(angle);
    }
    rng->has_normal_f64 = !rng->has_normal_f64;
    /* PyTorch's AVX2 and AVX-512 builds contract this sum; fma gives the same bits everywhere. */
    return fma(value, std, mean);
}

static void put(uint8_t *at, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) at[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t get(const uint8_t *at, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++) value |= (uint64_t)at[i] << 8 * i;
    return value;
}

enum { /* offsets of the saved form */
    AT_SEED = 0,
    AT_LEFT = 8,
    AT_SEEDED = 12,
    AT_NEXT = 16,
    AT_WORDS = 24,
    AT_NORMAL_F64 = 5024,
    AT_HAS_NORMAL_F64 = 5040,
    AT_NORMAL_F32 = 5048,
    AT_HAS_NORMAL_F32 = 5052
};

void torsh__rng_save(const torsh__rng *rng, uint8_t state[TORSH__RNG_STATE_BYTES])
{
    memset(state, 0, TORSH__RNG_STATE_BYTES);
    put(state + AT_SEED, rng->seed, 8);
    put(state + AT_LEFT, (uint32_t)rng->left, 4);
    put(state + AT_SEEDED, rng->seeded, 4);
    put(state + AT_NEXT, rng->next, 8);
    for (int i = 0; i < TORSH__RNG_WORDS; i++) put(state + AT_WORDS + 8 * i, rng->word[i], 8);
    if (rng->has_normal_f64) {
        uint64_t bits;
        memcpy(&bits, &rng->normal_f64, sizeof bits);
        put(state + AT_NORMAL_F64, bits, 8);
        state[AT_HAS_NORMAL_F64] = 1;
    }
    if (rng->has_normal_f32) {
        uint32_t bits;
        memcpy(&bits, &rng->normal_f32, sizeof bits);
        put(state + AT_NORMAL_F32, bits, 4);
        state[AT_HAS_NORMAL_F32] = 1;
    }
}

torsh_status torsh__rng_load(torsh__rng *rng, const uint8_t *state, size_t bytes)
{
    if (!state || bytes != TORSH__RNG_STATE_BYTES)
        return torsh__fail(TORSH_FORMAT_ERROR, "generator state: %zu bytes, expected %d", state ? bytes : (size_t)0,
                           TORSH__RNG_STATE_BYTES);
    uint64_t left = get(state + AT_LEFT, 4), next = get(state + AT_NEXT, 8), seeded = get(state + AT_SEEDED, 4);
    bool valid = seeded != 0 && left >= 1 && left <= TORSH__RNG_WORDS && next <= TORSH__RNG_WORDS && next + left <= TORSH__RNG_WORDS + 1;
    if (!valid)
        return torsh__fail(TORSH_FORMAT_ERROR, "generator state: position out of range; the bytes are not a saved mt19937 state");
    torsh__rng loaded = {.seed = get(state + AT_SEED, 8), .left = (int32_t)left, .next = (uint32_t)next, .seeded = true};
    for (int i = 0; i < TORSH__RNG_WORDS; i++) loaded.word[i] = (uint32_t)get(state + AT_WORDS + 8 * i, 8);
    loaded.has_normal_f64 = get(state + AT_HAS_NORMAL_F64, 4) != 0;
    loaded.has_normal_f32 = state[AT_HAS_NORMAL_F32] != 0;
    uint64_t wide = loaded.has_normal_f64 ? get(state + AT_NORMAL_F64, 8) : 0;
    uint32_t narrow = loaded.has_normal_f32 ? (uint32_t)get(state + AT_NORMAL_F32, 4) : 0;
    memcpy(&loaded.normal_f64, &wide, sizeof wide);
    memcpy(&loaded.normal_f32, &narrow, sizeof narrow);
    *rng = loaded;
    return TORSH_OK;
}
