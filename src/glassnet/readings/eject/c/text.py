"""The parts of an ejected C program that are the same for all networks; words in << >> are filled in."""

from __future__ import annotations

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
        <<cell>>
        if (column->missing) x[k++] = is_missing ? <<one>> : <<zero>>;
    }
    return 1;
}
"""

NUMBER_CELL = """
/* a number, less its mean in training, in standard deviations; the median stands for a missing one */
const double number = row->numbers[column->place];
const int is_missing = isnan(number);
const double scaled = ((is_missing ? column->fill : number) - column->mean) / column->scale;
if (!isfinite(<<cast>>scaled)) return refused("a number is infinite, or too large to be scaled", c);
x[k++] = <<cast>>scaled;
"""

WORD_CELL = """
/* 1 for the word's category, 0 for the others; all 0 for a word that training did not have */
const char *word = row->words[column->place];
const int is_missing = is_missing_word(word);
for (int j = 0; j < column->n_categories; j++) {
    x[k++] = !is_missing && is_word(word, column->categories[j]) ? <<one>> : <<zero>>;
}
"""

BOTH_CELLS = """
int is_missing;
if (column->n_categories == 0) {
    /* a number, less its mean in training, in standard deviations; the median stands for a missing one */
    const double number = row->numbers[column->place];
    is_missing = isnan(number);
    const double scaled = ((is_missing ? column->fill : number) - column->mean) / column->scale;
    if (!isfinite(<<cast>>scaled)) return refused("a number is infinite, or too large to be scaled", c);
    x[k++] = <<cast>>scaled;
} else {
    /* 1 for the word's category, 0 for the others; all 0 for a word that training did not have */
    const char *word = row->words[column->place];
    is_missing = is_missing_word(word);
    for (int j = 0; j < column->n_categories; j++) {
        x[k++] = !is_missing && is_word(word, column->categories[j]) ? <<one>> : <<zero>>;
    }
}
"""

PREDICT_CLASSES = """
/* The class of a row, as its index in CLASSES, and <<what>>; -1 where the row is refused. */
int predict(<<row>>, real <<outputs>>[N_CLASSES])
{
    <<encode>>
    <<forward>>
    int best = 0;
    for (int k = 1; k < N_CLASSES; k++) {
        if (<<outputs>>[k] > <<outputs>>[best]) best = k;
    }
    return best;
}
"""

PREDICT_NUMBERS = """
/* <<what>>: 0, or -1 where the row is refused. */
int predict(<<row>>, real prediction[N_OUTPUTS])
{
    <<encode>>
    forward(<<x>>, prediction);
    <<units>>
    return 0;
}
"""

MAIN = """
#ifndef NETWORK_NO_MAIN

/* Rows, what glassnet says of them, and the scale of each: the largest number on the way. */
<<rows>>

/* Hold the program's answers against glassnet's. */
int main(void)
{
    double largest = 0.0;
    int same = 1;
    for (int i = 0; i < N_TESTED; i++) {
        real found[<<outputs>>];
        <<predict>>
        for (int k = 0; k < <<outputs>>; k++) {
            const double difference = fabs(<<widen>>found[k] - EXPECTED[i][k]) / SCALES[i];
            if (!(difference <= <<allowed>>)) same = 0;
            if (!(difference <= largest)) largest = difference;
        }
    }
    printf("%d rows predicted: largest difference %.1e, allowed <<allowed>>\\n", N_TESTED, largest);
    <<train>>
    printf(same ? "These are glassnet's numbers.\\n" : "THESE ARE NOT GLASSNET'S NUMBERS.\\n");
    return same ? 0 : 1;
}

#endif
"""

SQUARE = """
static real square(real z)
{
    return z * z;
}
"""

SIGN = """
/* -1, 0 or 1. */
static real sign(real z)
{
    return z > <<zero>> ? <<one>> : z < <<zero>> ? -<<one>> : z;
}
"""
