/* The computation itself, included by relu_stack.c once for each length of vectors.
 *
 * BYTES is that length, TILE how many outputs' sums its registers hold, FOR what functions are
 * compiled for, and VERSION(name) how they are called. Vectors that are longer than the processor's
 * own would do without all this, but what compilers make of them goes through memory.
 */
#define FLOATS VERSION(floats)
#define INTS VERSION(ints)
#define PARTS ((int)(4 * LANES / BYTES)) /* vectors that hold the lanes of one number */
#define EACH_PART _Pragma("GCC unroll 4") for (int p = 0; p < PARTS; p++)
#define EACH_OUTPUT _Pragma("GCC unroll 8") for (int o = 0; o < TILE; o++)
#define BIT(unit) ((int32_t)(1u << ((unit) % 32)))

typedef float FLOATS __attribute__((vector_size(BYTES)));
typedef int32_t INTS __attribute__((vector_size(BYTES)));

/* Sums of one tile of outputs at one step; zeros beyond the first and last step are left out. */
FOR static inline __attribute__((always_inline)) void VERSION(sum_tile)(
    const FLOATS *in, int inputs, int kernel, int step, const float *weights,
    FLOATS sums[TILE][PARTS])
{
    int first = step - kernel / 2 < 0 ? kernel / 2 - step : 0;
    int last = step + kernel / 2 >= STEPS ? STEPS - 1 - step + kernel / 2 : kernel - 1;
    const FLOATS *x = in + (step + first - kernel / 2) * inputs * PARTS;
    const float *w = weights + first * inputs * TILE;
    /* Inputs of neighbouring steps stand in a row, and so do the weights of neighbouring taps. */
    for (int i = 0; i < (last - first + 1) * inputs; i++, x += PARTS, w += TILE)
        EACH_OUTPUT EACH_PART sums[o][p] += x[p] * w[o];
}

/* One layer forward: out = max(sums + bias, 0); `bits` remembers where it is above 0. */
FOR static void VERSION(layer_forward)(const FLOATS *in, FLOATS *out, INTS *bits, int inputs,
                                       int outputs, int kernel, const float *weights,
                                       const float *bias)
{
    int unit = 0;
    memset(bits, 0, 4 * LANES * words_of(outputs));
    for (int step = 0; step < STEPS; step++)
        for (int t = 0; t < outputs; t += TILE) {
            FLOATS sums[TILE][PARTS];
            EACH_OUTPUT EACH_PART sums[o][p] = (FLOATS){0} + bias[t + o];
            VERSION(sum_tile)(in, inputs, kernel, step, weights + t * kernel * inputs, sums);
            EACH_OUTPUT if (t + o < outputs)
            {
                EACH_PART
                {
                    FLOATS sum = sums[o][p];
                    /* What is no number stays none, so that who asked sees it. */
                    out[unit * PARTS + p] = (FLOATS)((INTS)sum & ~(sum < 0));
                    bits[unit / 32 * PARTS + p] |= (sum > 0) & BIT(unit);
                }
                unit++;
            }
        }
}

/* One layer backward: the slopes of its inputs, where `bits` say that these count; without them
 * the slopes are added to what is there. */
FOR static void VERSION(layer_backward)(const FLOATS *in, FLOATS *out, const INTS *bits, int inputs,
                                        int outputs, int kernel, const float *weights)
{
    int unit = 0;
    for (int step = 0; step < STEPS; step++)
        for (int t = 0; t < outputs; t += TILE) {
            FLOATS sums[TILE][PARTS];
            EACH_OUTPUT EACH_PART sums[o][p] = (FLOATS){0};
            VERSION(sum_tile)(in, inputs, kernel, step, weights + t * kernel * inputs, sums);
            EACH_OUTPUT if (t + o < outputs)
            {
                EACH_PART
                {
                    if (bits == NULL)
                        out[unit * PARTS + p] += sums[o][p];
                    else
                        out[unit * PARTS + p] = (FLOATS)(
                            (INTS)sums[o][p] & ((bits[unit / 32 * PARTS + p] & BIT(unit)) != 0));
                }
                unit++;
            }
        }
}

FOR static void VERSION(member_forward)(const struct stack *s, int member, const FLOATS *cells,
                                        FLOATS *room, INTS *bits, FLOATS *logits)
{
    const FLOATS *in = cells;
    for (int layer = 0; layer < s->layers; layer++) {
        int inputs = s->channels[layer], outputs = s->channels[layer + 1];
        VERSION(layer_forward)(in, room, bits, inputs, outputs, s->kernels[layer],
                               s->forward[layer] + member * weights_of(s, layer, TILE),
                               s->biases[layer] + member * padded(outputs, TILE));
        bits += words_of(outputs) * PARTS;
        in = room;
        room += STEPS * outputs * PARTS;
    }
    int units = STEPS * s->channels[s->layers];
    const float *head = s->head + (int64_t)member * CLASSES * units;
    FLOATS sums[CLASSES][PARTS] = {{{0}}};
    for (int unit = 0; unit < units; unit++)
        for (int c = 0; c < CLASSES; c++)
            EACH_PART sums[c][p] += in[unit * PARTS + p] * head[c * units + unit];
    for (int c = 0; c < CLASSES; c++)
        EACH_PART logits[c * PARTS + p] += sums[c][p];
}

FOR static void VERSION(member_backward)(const struct stack *s, int member, const INTS *bits,
                                         const INTS *is_class, FLOATS *room, FLOATS *other,
                                         FLOATS *cells)
{
    int channels = s->channels[s->layers], units = STEPS * channels;
    const float *head = s->head + (int64_t)member * CLASSES * units;
    bits += (member_words(s) - words_of(channels)) * PARTS;
    for (int unit = 0; unit < units; unit++)
        EACH_PART
        {
            INTS slope = {0}, open = (bits[unit / 32 * PARTS + p] & BIT(unit)) != 0;
            for (int c = 0; c < CLASSES; c++)
                slope |= (INTS)((FLOATS){0} + head[c * units + unit]) & is_class[c * PARTS + p];
            room[unit * PARTS + p] = (FLOATS)(slope & open);
        }
    for (int layer = s->layers - 1; layer >= 0; layer--) {
        int inputs = s->channels[layer + 1], outputs = s->channels[layer];
        if (layer > 0)
            bits -= words_of(outputs) * PARTS;
        VERSION(layer_backward)(room, layer > 0 ? other : cells, layer > 0 ? bits : NULL, inputs,
                                outputs, s->kernels[layer],
                                s->backward[layer] + member * slopes_of(s, layer, TILE));
        FLOATS *swap = room;
        room = other, other = swap;
    }
}

FOR static int VERSION(trace)(const struct stack *s, const float *windows, int64_t n, float *logits,
                              int32_t *bits)
{
    int64_t words = member_words(s), block = LANES * BLOCKS;
    float *room = room_for((all_units(s) + words + BLOCKS * (CELLS + CLASSES)) * LANES);
    if (room == NULL)
        return 1;
    float *cells = room + all_units(s) * LANES, *answers = cells + BLOCKS * CELLS * LANES;
    float *unused = answers + BLOCKS * CLASSES * LANES;
    for (int64_t start = 0; start < n; start += block) {
        int64_t here = n - start < block ? n - start : block, blocks = (here + LANES - 1) / LANES;
        spread(windows + start * CELLS, here, cells, CELLS);
        for (int64_t i = 0; i < blocks * CLASSES * LANES; i++)
            answers[i] = s->constant[i / LANES % CLASSES];
        for (int member = 0; member < s->members; member++)
            for (int64_t b = 0; b < blocks; b++) {
                int64_t place = ((start / LANES + b) * s->members + member) * words * LANES;
                VERSION(member_forward)(s, member, (const FLOATS *)(cells + b * CELLS * LANES),
                                        (FLOATS *)room,
                                        (INTS *)(bits == NULL ? (int32_t *)unused : bits + place),
                                        (FLOATS *)(answers + b * CLASSES * LANES));
            }
        gather(answers, here, logits + start * CLASSES, CLASSES);
    }
    free(room);
    return 0;
}

FOR static int VERSION(slopes)(const struct stack *s, const int32_t *bits, const int64_t *classes,
                               int64_t n, float *found)
{
    int64_t words = member_words(s), block = LANES * BLOCKS, most = all_units(s) * LANES;
    float *room = room_for(2 * most + BLOCKS * (CELLS + CLASSES) * LANES);
    if (room == NULL)
        return 1;
    float *cells = room + 2 * most;
    int32_t *is_class = (int32_t *)(cells + BLOCKS * CELLS * LANES);
    for (int64_t start = 0; start < n; start += block) {
        int64_t here = n - start < block ? n - start : block, blocks = (here + LANES - 1) / LANES;
        memset(cells, 0, sizeof(float) * blocks * CELLS * LANES);
        memset(is_class, 0, sizeof(int32_t) * blocks * CLASSES * LANES);
        for (int64_t w = 0; w < here; w++)
            is_class[(w / LANES * CLASSES + classes[start + w]) * LANES + w % LANES] = -1;
        for (int member = 0; member < s->members; member++)
            for (int64_t b = 0; b < blocks; b++) {
                int64_t place = ((start / LANES + b) * s->members + member) * words * LANES;
                VERSION(member_backward)(s, member, (const INTS *)(bits + place),
                                         (const INTS *)(is_class + b * CLASSES * LANES),
                                         (FLOATS *)room, (FLOATS *)(room + most),
                                         (FLOATS *)(cells + b * CELLS * LANES));
            }
        gather(cells, here, found + start * CELLS, CELLS);
    }
    free(room);
    return 0;
}

#undef FLOATS
#undef INTS
#undef PARTS
#undef EACH_PART
#undef EACH_OUTPUT
#undef BIT
#undef BYTES
#undef TILE
#undef FOR
#undef VERSION
