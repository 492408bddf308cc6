/* A data set that needs no files: digits drawn as strokes with a wobbling pen, 8 x 8 pixels.
 * Only sums, products and square roots, which every machine rounds alike, so the pictures are the same everywhere. */
#include "dataset.h"

#include <torsh/data.h>

#include <math.h>

enum { SIDE = 8, MOST_POINTS = 12, MOST_DIGITS = 1 << 24 };

/* Points of a stroke in a square of 100 x 100, y downwards. */
typedef struct glyph {
    int count;
    uint8_t point[MOST_POINTS][2];
} glyph;

static const glyph glyphs[10] = {
    {9, {{50, 5}, {25, 15}, {15, 50}, {25, 85}, {50, 95}, {75, 85}, {85, 50}, {75, 15}, {50, 5}}},
    {3, {{30, 25}, {55, 5}, {55, 95}}},
    {6, {{18, 25}, {45, 5}, {78, 20}, {70, 50}, {18, 95}, {85, 95}}},
    {9, {{20, 12}, {50, 5}, {78, 22}, {68, 44}, {42, 48}, {72, 54}, {80, 78}, {50, 95}, {18, 86}}},
    {4, {{68, 95}, {68, 5}, {15, 66}, {88, 66}}},
    {8, {{80, 5}, {25, 5}, {22, 45}, {55, 40}, {80, 58}, {74, 85}, {45, 95}, {18, 86}}},
    {9, {{72, 8}, {42, 14}, {20, 48}, {20, 78}, {45, 95}, {76, 84}, {78, 62}, {52, 50}, {24, 62}}},
    {3, {{15, 5}, {85, 5}, {42, 95}}},
    {11, {{50, 48}, {24, 30}, {34, 8}, {66, 8}, {76, 30}, {50, 48}, {20, 70}, {32, 94}, {68, 94}, {80, 70}, {50, 48}}},
    {8, {{76, 36}, {50, 50}, {24, 36}, {28, 12}, {55, 5}, {76, 22}, {76, 36}, {62, 95}}},
};

/* Uniform in [-1, 1). */
static float wobble(torsh__rng *rng)
{
    return (float)(torsh__rng_u32(rng) >> 8) * 0x1p-23f - 1.0f;
}

static float square_distance(float x, float y, const float a[2], const float b[2])
{
    float dx = b[0] - a[0], dy = b[1] - a[1], length = dx * dx + dy * dy;
    float t = length > 0 ? ((x - a[0]) * dx + (y - a[1]) * dy) / length : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    float ex = x - (a[0] + t * dx), ey = y - (a[1] + t * dy);
    return ex * ex + ey * ey;
}

static void draw(torsh__rng *rng, int digit, uint8_t *pixels)
{
    const glyph *g = &glyphs[digit];
    float p[MOST_POINTS][2];
    float wide = 5.2f + 0.9f * wobble(rng), high = 6.2f + 0.8f * wobble(rng), slant = 0.25f * wobble(rng);
    float right = 4.0f + 0.7f * wobble(rng), down = 4.0f + 0.5f * wobble(rng), pen = 0.55f + 0.15f * wobble(rng);
    for (int i = 0; i < g->count; i++) {
        float x = (float)g->point[i][0] / 100 - 0.5f + 0.05f * wobble(rng), y = (float)g->point[i][1] / 100 - 0.5f + 0.05f * wobble(rng);
        p[i][0] = right + wide * (x - slant * y);
        p[i][1] = down + high * y;
    }
    for (int at = 0; at < SIDE * SIDE; at++) {
        float x = (float)(at % SIDE) + 0.5f, y = (float)(at / SIDE) + 0.5f, nearest = 1e9f;
        for (int i = 0; i + 1 < g->count; i++) {
            float d = square_distance(x, y, p[i], p[i + 1]);
            nearest = d < nearest ? d : nearest;
        }
        float ink = 1.0f - (sqrtf(nearest) - pen) / 0.8f; /* full inside the pen's width, fading over 0.8 pixels */
        ink = (ink < 0 ? 0 : ink > 1 ? 1 : ink) * 240.0f + 12.0f * wobble(rng);
        pixels[at] = (uint8_t)(ink < 0 ? 0 : ink > 255 ? 255 : ink);
    }
}

torsh_dataset torsh_dataset_digits(int64_t count, uint64_t seed)
{
    if (count < 0 || count > MOST_DIGITS)
        return torsh__dataset_give(NULL, torsh__fail(TORSH_OUT_OF_RANGE, "dataset_digits: %lld digits; use 0 to %d", (long long)count, MOST_DIGITS));
    const int64_t sizes[] = {count, 1, SIDE, SIDE};
    torsh__tensor *pictures = torsh__tensor_make(TORSH_U8, 4, sizes, TORSH_CPU), *labels = pictures ? torsh__tensor_make(TORSH_I64, 1, sizes, TORSH_CPU) : NULL;
    if (!labels) {
        if (pictures) torsh__tensor_drop(pictures);
        return torsh__dataset_give(NULL, TORSH_OUT_OF_MEMORY);
    }
    torsh__rng rng;
    torsh__rng_seed(&rng, seed);
    for (int64_t i = 0; i < count; i++) {
        draw(&rng, (int)(i % 10), (uint8_t *)pictures->view.memory + i * SIDE * SIDE);
        ((int64_t *)labels->view.memory)[i] = i % 10;
    }
    torsh_tensor fields[] = {torsh__tensor_give(pictures), torsh__tensor_give(labels)};
    torsh_dataset dataset = torsh_dataset_from_tensors(fields, 2);
    torsh_release(fields[0]);
    torsh_release(fields[1]);
    return dataset;
}
