"""The parts of an ejected C program that are the same for all networks; words in << >> are filled in."""

from __future__ import annotations

from glassnet.readings.eject.emitters import TITLES as TITLES

ANSWERS = ("probabilities", "scores", "prediction")

HEADING = "/* ---- <<title>> <<rule>> */"
RULE = 110
GAPS = ("\n\n", "\n\n", "\n\n")

HEAD = """
/*
 * <<title>>
 *
 * Made by glassnet <<version>>. C99: it needs the standard library alone, and allocates nothing.
 * <<sizes>>
 *
 * Compile and run it, and it <<does>>:
 *     cc -std=c99 -O2 network.c -lm -o network && ./network
 * To use it, include it in a file of your own:
 *     #define NETWORK_NO_MAIN
 *     #include "network.c"
 *     #include <stdio.h>
 *
 *     int main(void)
 *     {
 *         <<example>>
 *         return 0;
 *     }
 */

#include <math.h>
<<includes>>
#ifndef NETWORK_NO_MAIN
#include <stdio.h>
#endif

typedef <<type>> real;
"""

ROW = """
<<row>>
enum { <<counts>> };
"""

COLUMNS = """
enum { <<counts>> };

/* A row as you have it. */
typedef struct {
    <<row>>
} Row;

/* How each column becomes inputs of the network. */
typedef struct {
    const char *name;
    int place;   /* in the row's numbers or words */
    int missing; /* whether "is missing" is an input of its own */
    <<fields>>
} Column;

<<categories>>

static const Column COLUMNS[N_COLUMNS] = {
    <<columns>>
};

<<missing>>
"""

CLASSES = """
/* The classes of <<target>>. */
<<classes>>
"""

WEIGHTS = "<<arrays>>"

THETA = """
/* All that is learnt is one vector, theta; training changes it. */
<<theta>>

/* Each array is a part of it. */
<<views>>
"""

SIGN = "/*"
CALLED = {
    "forward": "forward_training",
    "loss": "loss_of_batch",
    "backward": "backward",
    "update": "update",
    "t": "steps_done",
    "epoch": "epochs_done",
}

OPERATIONS = {
    "square": """
static real square(real z)
{
    return z * z;
}
""",
    "sign": """
/* -1, 0 or 1. */
static real sign(real z)
{
    return z > <<zero>> ? <<one>> : z < <<zero>> ? -<<one>> : z;
}
""",
}

FORWARD = """
/* The network: from the inputs x of one row to its outputs p. */
static void forward(const real x[N_INPUTS], real p[N_OUTPUTS])
{
    <<steps>>
}
"""

REFUSED = """
/* What was wrong with the last row that was refused, and which of its <<places>> it was. */
const char *network_error = "";
int network_error_place = -1;

static int refused(const char *error, int place)
{
    network_error = error;
    network_error_place = place;
    return 0;
}
"""

ENCODE_ARRAYS = """
/* Whether the network can take a row: 1, or 0 and `network_error` says why not. */
static int check(const real row[N_INPUTS])
{
    for (int k = 0; k < N_INPUTS; k++) {
        if (!isfinite(row[k])) return refused("a number is infinite or NaN; fill or drop it", k);
    }
    return 1;
}
"""

DATE = """
/* The number that some digits say; -1 if they are none. */
static int digits(const char *text, int n)
{
    int number = 0;
    for (int k = 0; k < n; k++) {
        if (text[k] < '0' || text[k] > '9') return -1;
        number = 10 * number + (text[k] - '0');
    }
    return number;
}

/* Days from 1970-01-01 to a date in ISO 8601, such as "2024-03-01T12:30:59.5+01:00"; NAN for what is none. */
static double days_of(const char *text)
{
    static const int lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    while (is_blank(*text)) text++;
    const int year = digits(text, 4);
    if (year < 1 || text[4] != '-') return NAN;
    const int month = digits(text + 5, 2);
    if (month < 1 || month > 12 || text[7] != '-') return NAN;
    const int day = digits(text + 8, 2), is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day < 1 || day > lengths[month - 1] + (month == 2 && is_leap)) return NAN;
    text += 10;
    /* a year that begins in March ends with its leap day */
    const int y = year - (month < 3), m = month < 3 ? month + 9 : month - 3;
    const double days = 365.0 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 719469;
    int clock = 0; /* in minutes */
    double seconds = 0;
    if (*text == 'T' || (*text == ' ' && digits(text + 1, 1) >= 0)) {
        const int hours = digits(text + 1, 2);
        if (hours < 0 || hours > 23 || text[3] != ':') return NAN;
        const int minutes = digits(text + 4, 2);
        if (minutes < 0 || minutes > 59) return NAN;
        clock = 60 * hours + minutes;
        text += 6;
        if (*text == ':') {
            double number = digits(text + 1, 2), parts = 1;
            if (number < 0 || number > 59) return NAN;
            text += 3;
            if (*text == '.' || *text == ',') {
                if (digits(++text, 1) < 0) return NAN;
                for (; digits(text, 1) >= 0; text++) {
                    if (parts >= 1e12) continue; /* smaller than a double can tell */
                    number = 10 * number + digits(text, 1);
                    parts *= 10;
                }
            }
            seconds = number / parts;
        }
        if (*text == '+' || *text == '-') {
            const int sign = *text == '-' ? -1 : 1, zone_hours = digits(text + 1, 2);
            if (zone_hours < 0 || zone_hours > 23) return NAN;
            text += 3;
            int zone_minutes = 0;
            if (*text == ':' || digits(text, 1) >= 0) {
                if (*text == ':') text++;
                zone_minutes = digits(text, 2);
                if (zone_minutes < 0 || zone_minutes > 59) return NAN;
                text += 2;
            }
            clock -= sign * (60 * zone_hours + zone_minutes);
        } else if (*text == 'Z') {
            text++;
        }
    }
    while (is_blank(*text)) text++;
    return *text == '\\0' ? days + (clock * 60 + seconds) / 86400 : NAN;
}
"""

SAME_WORD = """
static int is_blank(char c)
{
    return c == ' ' || (c >= '\\t' && c <= '\\r') || (c >= '\\x1c' && c <= '\\x1f');
}

/* Whether a word, without blanks around it, is a given one. */
static int is_word(const char *word, const char *given)
{
    while (is_blank(*word)) word++;
    size_t length = strlen(word);
    while (length > 0 && is_blank(word[length - 1])) length--;
    return strlen(given) == length && memcmp(word, given, length) == 0;
}

static int is_missing_word(const char *word)
{
    if (word == NULL) return 1;
    for (int k = 0; k < N_MISSING; k++) {
        if (is_word(word, MISSING[k])) return 1;
    }
    return 0;
}
"""

ENCODE_TABLES = """
/* A row as the network's inputs: 1, or 0 and `network_error` says why not. */
static int encode(const Row *row, real x[N_INPUTS])
{
    if (row == NULL) return refused("there is no row", -1);
    int k = 0;
    for (int c = 0; c < N_COLUMNS; c++) {
        const Column *column = &COLUMNS[c];
        int is_missing;
        <<cell>>
        <<ending>>
    }
    return 1;
}
"""

SCALED_NUMBER = "(is_missing ? column->fill : number)"
SCALE = {
    "standard": "(<<number>> - column->mean) / column->scale",
    "robust": "smooth_clip((<<number>> - column->median) / column->scale)",
    "quantile": "normal_quantile(column, <<number>>)",
}
NORMAL_QUANTILE = """
/* What lies above a number on the lines between points (value, normal); beyond the first and the last, their own. */
static double normal_quantile(const Column *column, double number)
{
    const double (*points)[2] = column->points;
    const int last = column->n_points - 1;
    if (!(number > points[0][0])) return points[0][1];
    if (number >= points[last][0]) return points[last][1];
    int k = 1;
    while (points[k][0] <= number) k++;
    const double slope = (points[k][1] - points[k - 1][1]) / (points[k][0] - points[k - 1][0]);
    return points[k - 1][1] + (number - points[k - 1][0]) * slope;
}
"""
SMOOTH_CLIP = """
/* z / sqrt(1 + (z/3)^2): z where it is small, and never beyond -3 and 3. */
static double smooth_clip(double z)
{
    return z / hypot(1.0, z / 3.0);
}
"""

ENDING = (
    "if (column->missing) x[k++] = is_missing ? <<one>> : <<zero>>;",
    """
if (column->missing) x[k++] = is_missing ? <<one>> : <<zero>>;
for (int j = 0; j < column->n_levels; j++) { /* what becomes of 0 and of 1 in the last inputs */
    real *flag = &x[k - column->n_levels + j];
    *flag = <<cast>>column->levels[j][(int)*flag];
}
""",
)

NUMBER_CELL = """
/* a number, <<how_scaled>>; the <<filled>> stands for a missing one */
const double number = row->numbers[column->place];
is_missing = isnan(number);
const double scaled = <<scaled>>;
if (!isfinite(<<cast>>scaled)) return refused("a number is infinite, or too large to be scaled", c);
x[k++] = <<cast>>scaled;
"""

WORD_CELL = """
/* 1 for the word's category, 0 for the others; <<new_word>> */
const char *word = row->words[column->place];
is_missing = is_missing_word(word);
<<pair>>
for (int j = 0; <<unless_pair>>j < column->n_categories; j++) {
    x[k++] = !is_missing && is_word(word, column->categories[j]) ? <<one>> : <<zero>>;
}
<<other>>
"""

TRUTHS = ""
OTHER = """
if (column->other) {
    int known = is_missing;
    for (int j = 1; j <= column->n_categories; j++) known = known || x[k - j] > 0;
    x[k++] = known ? <<zero>> : <<one>>;
}
"""

PAIR = """
if (column->pair) { /* two words share an input: 1 is the first, 2 the second, 0 neither */
    x[k++] = <<zero>>;
    for (int j = 0; !is_missing && j < 2; j++) {
        if (is_word(word, column->categories[j])) x[k - 1] = <<cast>>(j + 1);
    }
}
"""

DATE_CELL = """
/* a date: its day, as a number is; and its places on circles, once and twice round in a period of days */
const char *date = row->dates[column->place];
is_missing = is_missing_word(date);
const double days = is_missing ? column->fill : days_of(date);
if (isnan(days)) return refused("a date is not in ISO 8601, such as 2024-03-01T12:30", c);
x[k++] = <<cast>>(<<scaled_days>>);
for (int j = 0; j < column->n_periods; j++) {
    for (int turns = 1; turns <= 2; turns++) {
        const double rounds = turns * days / column->periods[j];
        const double angle = 6.283185307179586 * (rounds - floor(rounds));
        x[k++] = <<cast>>sin(angle);
        x[k++] = <<cast>>cos(angle);
    }
}
"""

CELL = {"numbers": NUMBER_CELL, "words": WORD_CELL, "dates": DATE_CELL}
EITHER = """
if (<<condition>>) {
    <<this>>
} else {
    <<other>>
}
"""
IS_KIND = {"words": "column->n_categories > 0", "dates": "column->is_date"}

ENCODE: dict[str, tuple[str, ...]] = {
    "arrays": (REFUSED, ENCODE_ARRAYS),
    "words": (SAME_WORD,),
    "dates": (SAME_WORD, DATE),
    "numbers": (),
    "robust": (SMOOTH_CLIP,),
    "quantile": (NORMAL_QUANTILE,),
    "tables": (REFUSED, ENCODE_TABLES),
}

OF_P = (
    "forward(<<x>>, <<outputs>>);",
    """
real p[N_OUTPUTS];
forward(<<x>>, p);
<<outputs>>[0] = <<one>> - p[0];
<<outputs>>[1] = p[0];
""",
)

PREDICT_CLASSES = """
/* The class of a row, as its index in CLASSES, and the <<each>>; -1 where the row is refused. */
int predict(<<given>>, real <<outputs>>[N_CLASSES])
{
    <<encode>>
    <<of_p>>
    int best = 0;
    for (int k = 1; k < N_CLASSES; k++) {
        if (<<outputs>>[k] > <<outputs>>[best]) best = k;
    }
    return best;
}
"""

PREDICT_NUMBERS = """
/* What is predicted for a row, <<target>><<in_unit>>: 0, or -1 where the row is refused. */
int predict(<<given>>, real prediction[N_OUTPUTS])
{
    <<encode>>
    forward(<<x>>, prediction);
    <<units>>
    return 0;
}
"""

ENDS = ("predict_interval", "predict_set")
TRUST: tuple[tuple[str, ...], tuple[str, ...]] = (
    (
        """
/* Half of each interval, learnt from <<rows>> rows: WIDTHS[0] for predictions up to EDGES[0], then WIDTHS[1], ... */
enum { N_WIDTHS = <<bins>> };
<<edges>>
<<widths>>

/* The ends of an interval, which holds the truth for <<share>> of rows: 0, or -1 where the row is refused. */
int predict_interval(<<given>>, real ends[2])
{
    real prediction[N_OUTPUTS];
    if (predict(row, prediction) != 0) return -1;
    int k = 0;
    while (k < N_WIDTHS - 1 && <<widen>>prediction[0] > EDGES[k]) k++;
    ends[0] = prediction[0] - <<cast>>WIDTHS[k];
    ends[1] = prediction[0] + <<cast>>WIDTHS[k];
    return 0;
}
""",
    ),
    (
        """
/* A class is in the set from this probability on: learnt from <<rows>> rows. */
static const double LEAST = <<least>>;

/* Which classes may be a row's, 1 or 0 for each: the true one is among them for <<share>> of rows. It gives the class
   that is predicted, as its index in CLASSES, or -1 where the row is refused. */
int predict_set(<<given>>, int members[N_CLASSES])
{
    real p[N_CLASSES];
    const int best = predict(row, p);
    if (best < 0) return -1;
    for (int k = 0; k < N_CLASSES; k++) members[k] = <<widen>>p[k] >= LEAST || k == best;
    return best;
}
""",
    ),
)

TRAINING = """
<<training>>
enum { N_ROWS = <<n_rows>>, BATCH = <<size>>, N_PARAMETERS = <<n_parameters>>, EPOCHS = <<epochs>><<batches>> };
"""

CONSTANT = "static const double <<name>> = <<value>>;"
COUNTERS = {"t": "static int steps_done = <<value>>;", "epoch": "static int epochs_done = <<value>>;"}
NUMBER = "static double <<name>>;"
MARK = "<<name>>(<<index>>)"
SETTINGS = "<<constants>>\n<<marks>>\n<<slots>>\n<<counters>>"

GENERATOR = """
/* NumPy's generator of random numbers, PCG64: a state of 128 bits, in two halves, that is multiplied at each step. */
static uint64_t state_high = UINT64_C(<<state_high>>);
static uint64_t state_low = UINT64_C(<<state_low>>);
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

HALF = """
static int has_half = <<has_half>>;
static uint32_t half = <<half_bits>>u;
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

UNIFORM = (
    """
/* A random number from 0 to 1. */
static real uniform(void)
{
    return (real)((double)(next64() >> 11) * 0x1p-53);
}
""",
    """
/* A random number from 0 to 1. */
static real uniform(void)
{
    return (real)(next32() >> 8) * <<unit>>;
}
""",
)

ORDER = ("static int order[N_ROWS];", "shuffle_rows(order);")

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

ARRAYS = """
static real g[<<n_parameters>>]; /* the gradient, in the order of theta; its parts: */
<<views>>

/* What is computed on the way. */
<<on_the_way>>
"""

TRAIN = """
/* Go through all rows so many times; the loss of the last time. */
double train(int epochs)
{
    <<order>>
    double loss = 0.0;
    for (int e = 0; e < epochs; e++) {
        <<shuffle>>
        <<epoch>>
        <<counted>>
    }
    return loss;
}
"""

EPOCH = (
    "<<calls>>",
    """
loss = 0.0;
for (int batch = 0; batch < N_BATCHES; batch++) {
    const int first = batch * BATCH;
    const int n = N_ROWS - first < BATCH ? N_ROWS - first : BATCH;
    <<gather>>
    <<calls>>
}
""",
)
PART_OF_EPOCH = "epochs_done + (double)batch / N_BATCHES"
SHARE = {"n": "(double)n", "N": "N_ROWS"}

CLASSES_TEST = "if (best != EXPECTED_CLASS[i]) same = 0;"

TRAINING_TEST = """
int seen = 0;
largest = 0.0;
for (int epoch = 0; epoch < EPOCHS; epoch++) {
    const double loss = train(1);
    if (seen < N_LOSSES && EXPECTED_LOSSES[seen].epoch == epoch) {
        const double expected = EXPECTED_LOSSES[seen++].loss;
        const double difference = fabs(loss - expected) / fmax(1.0, fabs(expected));
        if (!(difference <= <<allowed_after>>)) same = 0;
        if (!(difference <= largest)) largest = difference;
        printf("epoch %d: loss %.6g\\n", epoch, loss);
    }
}
for (int k = 0; k < N_PARAMETERS; k++) {
    const double difference = fabs(<<widen>>theta[k] - EXPECTED_THETA[k]) / LARGEST_THETA;
    if (!(difference <= <<allowed_after>>)) same = 0;
    if (!(difference <= largest)) largest = difference;
}
printf("trained: largest difference of a loss or weight %.1e, allowed <<allowed_after>>\\n", largest);
"""

TEST = [
    """
#ifndef NETWORK_NO_MAIN

/* Rows, what glassnet says of them, and the scale of each: the largest number on the way. */
<<tested>>
<<trained>>

/* Hold the program's answers against glassnet's. */
int main(void)
{
    double largest = 0.0;
    int same = 1;
    for (int i = 0; i < N_TESTED; i++) {
        real found[<<width>>];
        <<predicted>>
        <<classes_test>>
        for (int k = 0; k < <<width>>; k++) {
            const double difference = fabs(<<widen>>found[k] - EXPECTED[i][k]) / SCALES[i];
            if (!(difference <= <<allowed>>)) same = 0;
            if (!(difference <= largest)) largest = difference;
        }
    }
    printf("%d rows predicted: largest difference %.1e, allowed <<allowed>>\\n", N_TESTED, largest);
    <<training_test>>
    printf(same ? "These are glassnet's numbers.\\n" : "THESE ARE NOT GLASSNET'S NUMBERS.\\n");
    return same ? 0 : 1;
}

#endif
""",
]
