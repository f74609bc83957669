/* Convolutions over six steps with ReLUs and one linear head, forward and backward.
 *
 * What `models/inference/relu_stack.py` computes with numpy, for processors with vectors: sixteen
 * windows stand side by side in the lanes, so that each weight is read once for sixteen products,
 * zeros of the padding are never multiplied, and what a layer writes the next one finds in the
 * first cache. One bit a window and unit remembers which ReLUs were open. Plain GNU C, read by gcc
 * and clang on every processor; x86-64 has a version for each length of its vectors, and the best
 * that the processor knows is chosen as it runs.
 */
#if !defined(__GNUC__)
#error "vector extensions of GNU C are needed; without this file numpy computes"
#endif

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LANES 16 /* windows side by side */
#define STEPS 6
#define FEATURES 8
#define CELLS (STEPS * FEATURES)
#define CLASSES 3
#define MOST_LAYERS 8
#define BLOCKS 32 /* of sixteen windows, for which a member's weights stay in the first cache */
#define ALIGNED 64

/* As `models.inference.compiled` fills it. Weights of a layer: for each member, each tile of
 * outputs, each tap and each input, those of the tile side by side; past the last output 0. */
struct stack {
    int32_t members, layers;
    int32_t channels[MOST_LAYERS + 1]; /* of the window, then of each layer */
    int32_t kernels[MOST_LAYERS];
    const float *forward[MOST_LAYERS], *biases[MOST_LAYERS], *backward[MOST_LAYERS];
    const float *head;     /* (members, 3, 6 * channels), by step and then by channel */
    const float *constant; /* (3,) */
};

static inline int padded(int outputs, int tile) { return (outputs + tile - 1) / tile * tile; }

static inline int64_t weights_of(const struct stack *s, int layer, int tile)
{
    return (int64_t)padded(s->channels[layer + 1], tile) * s->kernels[layer] * s->channels[layer];
}

static inline int64_t slopes_of(const struct stack *s, int layer, int tile)
{
    return (int64_t)padded(s->channels[layer], tile) * s->kernels[layer] * s->channels[layer + 1];
}

/* Words of 32 bits that remember the open ReLUs of a layer, for each window. */
static inline int words_of(int channels) { return (STEPS * channels + 31) / 32; }

static inline int member_words(const struct stack *s)
{
    int words = 0;
    for (int layer = 1; layer <= s->layers; layer++)
        words += words_of(s->channels[layer]);
    return words;
}

static inline int64_t all_units(const struct stack *s)
{
    int64_t units = 0;
    for (int layer = 1; layer <= s->layers; layer++)
        units += STEPS * s->channels[layer];
    return units;
}

static float *room_for(int64_t floats)
{
    void *room;
    return posix_memalign(&room, ALIGNED, sizeof(float) * floats) ? NULL : room;
}

/* (n, width) to (blocks, width, 16): windows into the lanes, those past the last one 0. */
static void spread(const float *rows, int64_t n, float *lanes, int width)
{
    int64_t left = (LANES - n % LANES) % LANES;
    if (left)
        memset(lanes + n / LANES * width * LANES, 0, sizeof(float) * width * LANES);
    for (int64_t w = 0; w < n; w++)
        for (int i = 0; i < width; i++)
            lanes[(w / LANES * width + i) * LANES + w % LANES] = rows[w * width + i];
}

/* The way back. */
static void gather(const float *lanes, int64_t n, float *rows, int width)
{
    for (int64_t w = 0; w < n; w++)
        for (int i = 0; i < width; i++)
            rows[w * width + i] = lanes[(w / LANES * width + i) * LANES + w % LANES];
}

#define BYTES 16
#define TILE 4
#define FOR
#define VERSION(name) name##_plain
#include "relu_stack_version.h"

#if defined(__x86_64__)
#define BYTES 32
#define TILE 4
#define FOR __attribute__((target("avx2,fma")))
#define VERSION(name) name##_avx2
#include "relu_stack_version.h"

#define BYTES 64
#define TILE 8
#define FOR __attribute__((target("avx512f,prefer-vector-width=512")))
#define VERSION(name) name##_avx512
#include "relu_stack_version.h"
#endif

/* Which version this processor runs: 0 plain, 1 AVX2, 2 AVX-512. */
int tickerlens_version(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return 2;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return 1;
#endif
    return 0;
}

/* (n, 6, 8) windows to (n, 3) logits, and to the open ReLUs in `bits` unless that is NULL:
 * (blocks, members, words, 16), aligned to 64 bytes. Returns 1 if there is no memory. */
int tickerlens_trace(const struct stack *s, int version, const float *windows, int64_t n,
                     float *logits, int32_t *bits)
{
#if defined(__x86_64__)
    if (version == 2)
        return trace_avx512(s, windows, n, logits, bits);
    if (version == 1)
        return trace_avx2(s, windows, n, logits, bits);
#endif
    (void)version;
    return trace_plain(s, windows, n, logits, bits);
}

/* The bits of windows and their classes to the (n, 6, 8) slopes of the logits of these. */
int tickerlens_slopes(const struct stack *s, int version, const int32_t *bits,
                      const int64_t *classes, int64_t n, float *found)
{
#if defined(__x86_64__)
    if (version == 2)
        return slopes_avx512(s, bits, classes, n, found);
    if (version == 1)
        return slopes_avx2(s, bits, classes, n, found);
#endif
    (void)version;
    return slopes_plain(s, bits, classes, n, found);
}
