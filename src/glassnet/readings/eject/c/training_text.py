"""The parts of an ejected C program that trains, the same for all networks; words in << >> are filled in."""

from __future__ import annotations

PCG64 = """
/* NumPy's generator of random numbers, PCG64: a state of 128 bits, in two halves, that is multiplied at each step. */
static uint64_t state_high = UINT64_C(<<state_high>>), state_low = UINT64_C(<<state_low>>);
<<half>>

/* The upper 64 bits of a product. */
static uint64_t product_high(uint64_t a, uint64_t b)
{
    const uint64_t mask = UINT64_C(0xffffffff);
    const uint64_t low = (a & mask) * (b & mask);
    const uint64_t middle = (a >> 32) * (b & mask) + (low >> 32);
    const uint64_t other = (a & mask) * (b >> 32) + (middle & mask);
    return (a >> 32) * (b >> 32) + (middle >> 32) + (other >> 32);
}

/* 64 random bits. */
static uint64_t next64(void)
{
    const uint64_t times_high = UINT64_C(0x2360ed051fc65da4), times_low = UINT64_C(0x4385df649fccf645);
    const uint64_t plus_high = UINT64_C(<<plus_high>>), plus_low = UINT64_C(<<plus_low>>);
    state_high = state_high * times_low + state_low * times_high + product_high(state_low, times_low);
    state_low = state_low * times_low + plus_low;
    state_high += plus_high + (state_low < plus_low ? 1u : 0u);
    const uint64_t mixed = state_high ^ state_low;
    const unsigned turn = (unsigned)(state_high >> 58);
    return mixed >> turn | mixed << ((64u - turn) & 63u);
}
"""

NEXT32 = """
/* 32 random bits: the lower half of 64, and with the next call the upper half. */
static uint32_t next32(void)
{
    has_half = !has_half;
    if (!has_half) return half;
    const uint64_t both = next64();
    half = (uint32_t)(both >> 32);
    return (uint32_t)(both & UINT64_C(0xffffffff));
}
"""

UNIFORM_DOUBLE = """
/* A random number from 0 to 1. */
static real uniform(void)
{
    return (real)((double)(next64() >> 11) * 0x1p-53);
}
"""

UNIFORM_SINGLE = """
/* A random number from 0 to 1. */
static real uniform(void)
{
    return (real)(next32() >> 8) * <<unit>>;
}
"""

PERMUTATION = """
/* The rows in a new order: each place, from the last, changes with a random one before it or itself. */
static void shuffle_rows(int order[N_ROWS])
{
    for (int i = 0; i < N_ROWS; i++) order[i] = i;
    for (int i = N_ROWS - 1; i > 0; i--) {
        uint32_t mask = (uint32_t)i;
        for (int shift = 1; shift < 32; shift *= 2) mask |= mask >> shift;
        uint32_t j = next32() & mask;
        while (j > (uint32_t)i) j = next32() & mask;
        const int held = order[i];
        order[i] = order[j];
        order[j] = held;
    }
}
"""

TRAIN = """
/* Go through all rows so many times; the loss of the last time. */
double train(int epochs)
{
    <<order>>
    double loss = 0.0;
    for (int e = 0; e < epochs; e++) {
        <<shuffle>>
        <<batches>>
        <<counted>>
    }
    return loss;
}
"""

ONE_BATCH = """
<<calls>>
"""

MANY_BATCHES = """
loss = 0.0;
for (int batch = 0; batch < N_BATCHES; batch++) {
    const int first = batch * BATCH;
    const int n = N_ROWS - first < BATCH ? N_ROWS - first : BATCH;
    <<gather>>
    <<calls>>
}
"""

TRAINING_TEST = """
int seen = 0;
largest = 0.0;
for (int epoch = 0; epoch < EPOCHS; epoch++) {
    const double loss = train(1);
    if (seen < N_LOSSES && EXPECTED_LOSSES[seen].epoch == epoch) {
        const double expected = EXPECTED_LOSSES[seen++].loss;
        const double difference = fabs(loss - expected) / fmax(1.0, fabs(expected));
        if (!(difference <= <<allowed>>)) same = 0;
        if (!(difference <= largest)) largest = difference;
        printf("epoch %d: loss %.6g\\n", epoch, loss);
    }
}
for (int k = 0; k < N_PARAMETERS; k++) {
    const double difference = fabs(<<widen>>theta[k] - EXPECTED_THETA[k]) / LARGEST_THETA;
    if (!(difference <= <<allowed>>)) same = 0;
    if (!(difference <= largest)) largest = difference;
}
printf("trained: largest difference of a loss or weight %.1e, allowed <<allowed>>\\n", largest);
"""
