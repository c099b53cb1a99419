"""The parts of an ejected R program that are the same for all networks; words in << >> are filled in."""

from __future__ import annotations

from glassnet.readings.eject.emitters import ARRAY_TITLES
from glassnet.readings.eject.r.random import GENERATOR as GENERATOR
from glassnet.readings.eject.r.random import NEXT32 as NEXT32
from glassnet.readings.eject.r.random import PERMUTATION as PERMUTATION
from glassnet.readings.eject.r.random import UNIFORM as UNIFORM

ANSWERS = ("predict_probabilities", "predict_outputs", "predict_rows")

TITLES = ARRAY_TITLES
HEADING = "# --- <<title>> <<rule>>"
RULE = 99
GAPS = ("\n\n\n", "\n\n", "\n\n")

HEAD = """
<<what>>
#
# Made by glassnet <<version>>. It needs R (4.0 or later) alone, no packages.
#   Rscript network.R      <<does>>
#   source("network.R")    to use it:
#     <<example>>
"""

ROW = "<<row>>"

COLUMNS = """
# Each column, and how its values become inputs of the network
columns <- list(
<<columns>>
)

# Words that say that a value is missing
missing_words <- <<missing>>
<<unit>>
"""

CLASSES = """
# The classes of <<ascii_target>>, in the order of the outputs
classes <- <<classes>>
"""

WEIGHTS = """
nn <- list()
<<arrays>>
"""
THETA = ""  # a network is a list of arrays

FORWARD = """
#' Encoded rows x (n, <<n_inputs>>) to predictions p (n, <<n_outputs>>)
forward <- function(x, nn) {
  <<steps>>
  p
}
"""

ENCODE_ARRAYS = """
#' Rows of <<n_inputs>> numbers, a matrix or data frame (or one row, a vector), as a plain matrix (n, <<n_inputs>>)
encode <- function(rows) {
  x <- if (is.null(dim(rows))) matrix(rows, nrow = 1) else unname(as.matrix(rows))
  if (!is.numeric(x) || length(dim(x)) != 2 || ncol(x) != <<n_inputs>>) {
    stop("rows must have <<n_inputs>> numbers each, got ", typeof(x), " of ", paste(dim(x), collapse = " x "))
  }
  if (!all(is.finite(x))) {
    stop("rows must be finite numbers, and row ", which(!is.finite(x), arr.ind = TRUE)[1, 1],
         " is not; fill or drop what is missing")
  }
  x
}
"""

ENCODE_TABLES = """
#' Rows, a data frame, as the network's inputs, a matrix (n, <<n_inputs>>)
encode <- function(rows) {
  if (!is.data.frame(rows)) {
    stop("rows must be a data frame with a column for each input, got ", class(rows)[1])
  }
  do.call(cbind, lapply(columns, function(column) {
    values <- values_of(rows, column$name)
    <<cell>>
  }))
}

#' One column: its numbers, or its words without blanks around them; NA where a value is missing
values_of <- function(rows, name) {
  k <- match(name, names(rows))
  if (is.na(k)) {
    mangled <- make.names(name) %in% names(rows)
    stop("there is no column ", quoted(name), "; there are ", toString(quoted(names(rows))),
         if (mangled) "; read.csv(..., check.names = FALSE) keeps names as they are")
  }
  values <- rows[[k]]
  <<own_dates>>
  if (is.numeric(values) && NCOL(values) == 1) {
    return(values)
  }
  if (!is.character(values) && !is.factor(values) && !is.logical(values)) {
    stop("column ", quoted(name), " must hold numbers or words, got ", class(values)[1])
  }
  if (is.logical(values)) {
    values <- c("False", "True")[values + 1]
  }
  words <- trimws(as.character(values), whitespace = BLANK)
  words[words %in% missing_words] <- NA
  words
}

BLANK <- "[\\\\h\\\\v\\\\x1c-\\\\x1f]"
PLAIN_NUMBER <- "^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$"

#' A text for an error message
quoted <- function(words) encodeString(words, quote = '"')
"""

NUMBER_INPUTS = """
#' <<about_numbers>>
number_inputs <- function(values, column) {
  if (is.character(values)) {
    odd <- which(!is.na(values) & !grepl(PLAIN_NUMBER, values))
    if (length(odd)) {
      stop("row ", odd[1], ": ", quoted(values[odd[1]]), " in column ", quoted(column$name),
           " is not a number")
    }
    values <- as.numeric(values)
  }
  absent <- is.na(values)
  scaled <- <<scaled>>
  odd <- which(!is.finite(scaled))
  if (length(odd)) {
    stop("row ", odd[1], ": ", values[odd[1]], " in column ", quoted(column$name), " is too large")
  }
  inputs <- matrix(scaled)
  <<ending>>
}
"""

ABOUT_NUMBERS = {
    "standard": "A column of numbers, in standard deviations from its mean in training; a missing one becomes the\n"
    "#' <<filled>>",
    "robust": "A column of numbers, less its median in training, by the distance of its quartiles, smoothly held\n"
    "#' within -3 and 3; a missing one becomes the <<filled>>",
    "quantile": "A column of numbers, each as the normal quantile of its place among the values of training;\n"
    "#' a missing one becomes the <<filled>>",
}
SCALED_NUMBER = "ifelse(absent, column$fill, values)"
SCALE = {
    "standard": "(<<number>> - column$mean) / column$scale",
    "robust": "smooth_clip((<<number>> - column$median) / column$scale)",
    "quantile": "approx(column$values, column$normal, <<number>>, rule = 2)$y",
}
SMOOTH_CLIP = """
#' z / sqrt(1 + (z/3)^2): z where it is small, and never beyond -3 and 3
smooth_clip <- function(z) z / Mod(complex(real = 1, imaginary = z / 3))
"""

MISSING_TOO = "if (column$missing) cbind(inputs, 1 * absent) else inputs"
ENDING = (MISSING_TOO, f"with_levels({MISSING_TOO}, column$levels)")
WITH_LEVELS = """
#' The last inputs of a column are 0 or 1; for each, what becomes of 0 and of 1
with_levels <- function(inputs, levels) {
  for (j in seq_along(levels)) {
    k <- ncol(inputs) - length(levels) + j
    inputs[, k] <- levels[[j]][inputs[, k] + 1]
  }
  inputs
}
"""

CATEGORY_INPUTS = """
#' A column of words: 1 for its category, 0 for the others;
#' <<new_word>>
category_inputs <- function(values, column) {
  absent <- is.na(values)
  known <- column$categories
  if (is.numeric(values)) {  # a number stands for the category that says it
    known <- as.numeric(ifelse(grepl(PLAIN_NUMBER, known), known, NA))
  }
  <<truths>>
  code <- match(values, known, nomatch = 0)
  code[absent] <- 0
  inputs <- 1 * outer(code, seq_along(known), "==")
  <<other>>
  <<pair>>
  <<ending>>
}
"""

TRUTHS = """
is_truth <- function(words) grepl("^(true|false)$", words, ignore.case = TRUE, useBytes = TRUE)
spelt <- known[is_truth(known)]
truths <- is_truth(values) & !values %in% known  # in other capitals
values[truths] <- spelt[match(tolower(values[truths]), tolower(spelt))]
"""

OTHER = "if (isTRUE(column$other)) inputs <- cbind(inputs, 1 * (code == 0 & !absent))"

PAIR = "if (isTRUE(column$pair)) inputs <- matrix(code)  # two words share an input: 1, 2, and 0 for neither"

OWN_DATES = """
if (inherits(values, "Date")) values <- format(values, "%Y-%m-%d")
if (inherits(values, "POSIXt")) values <- format(values, "%Y-%m-%dT%H:%M:%OS6Z", tz = "UTC")
"""

DATE_INPUTS = """
DATE <- paste0("^(\\\\d{4}-\\\\d\\\\d-\\\\d\\\\d)",
               "(?:[T ]([01]\\\\d|2[0-3]):([0-5]\\\\d)(?::([0-5]\\\\d(?:[.,]\\\\d+)?))?",
               "(?:Z|([-+])([01]\\\\d|2[0-3])(?::?([0-5]\\\\d))?)?)?$")

#' Days from 1970-01-01 to dates, texts in ISO 8601 such as "2024-03-01T12:30"; NA for what is none
days_of <- function(words) {
  found <- regmatches(words, regexec(DATE, words, perl = TRUE))
  part <- function(k) {
    vapply(found, function(parts) if (length(parts) == 8) parts[k + 1] else NA_character_, "")
  }
  number <- function(k) {
    texts <- part(k)
    as.numeric(ifelse(texts == "", "0", sub(",", ".", texts)))
  }
  days <- as.numeric(as.Date(part(1), format = "%Y-%m-%d"))
  zone <- (60 * number(6) + number(7)) * ifelse(part(5) == "-", -1, 1)
  clock <- 60 * number(2) + number(3) - zone  # in minutes
  ifelse(part(1) < "0001", NA, days + (clock * 60 + number(4)) / 86400)
}

#' A column of dates: their days, scaled as numbers are; and their places on circles, once and twice round
#' in a period of days
date_inputs <- function(values, column) {
  absent <- is.na(values)
  days <- ifelse(absent, column$fill, days_of(as.character(values)))
  odd <- which(is.na(days))
  if (length(odd)) {
    stop("row ", odd[1], ": ", quoted(values[odd[1]]), " in column ", quoted(column$name),
         " is no date in ISO 8601")
  }
  inputs <- matrix(<<scaled_days>>)
  for (period in column$periods) {
    for (turns in 1:2) {
      rounds <- turns * days / period
      angle <- 2 * pi * (rounds - floor(rounds))
      inputs <- cbind(inputs, sin(angle), cos(angle))
    }
  }
  <<ending>>
}
"""

CELL = {
    "numbers": "number_inputs(values, column)",
    "words": "category_inputs(values, column)",
    "dates": "date_inputs(values, column)",
}
EITHER = """
if (<<condition>>) {
  <<this>>
} else {
  <<other>>
}
"""
IS_KIND = {"words": "!is.null(column$categories)", "dates": "!is.null(column$periods)"}

ENCODE: dict[str, tuple[str, ...]] = {
    "arrays": (ENCODE_ARRAYS,),
    "tables": (ENCODE_TABLES,),
    "numbers": (NUMBER_INPUTS,),
    "robust": (SMOOTH_CLIP,),
    "levels": (WITH_LEVELS,),
    "words": (CATEGORY_INPUTS,),
    "dates": (DATE_INPUTS,),
}

OF_P = ("", "p <- cbind(1 - p, p)")

PREDICT_CLASSES = """
#' The <<each>> class: a matrix (n, <<K>>), its columns named by class
<<outputs>> <- function(rows, network = nn) {
  p <- forward(encode(rows), network)
  <<of_p>>
  colnames(p) <- classes
  p
}

#' The class of each row: the one with the largest output
predict_rows <- function(rows, network = nn) {
  classes[apply(<<outputs>>(rows, network), 1, which.max)]
}
"""

PREDICT_NUMBERS = """
#' <<what>>
predict_rows <- function(rows, network = nn) {
  p <- forward(encode(rows), network)
  <<result>>
}
"""

ENDS = ("predict_interval", "predict_sets")
TRUST: tuple[tuple[str, ...], tuple[str, ...]] = (
    (
        """
# Half of each interval, learnt from <<rows>> rows: the first for predictions up to the first edge, then the next
interval_edges <- <<edges>>
interval_widths <- <<widths>>
""",
        """
#' Lower and upper ends of intervals, a matrix (n, 2): <<share>> of them hold the truth
predict_interval <- function(rows, network = nn) {
  value <- predict_rows(rows, network)
  width <- interval_widths[findInterval(value, interval_edges, left.open = TRUE) + 1]
  cbind(lower = value - width, upper = value + width)
}
""",
    ),
    (
        """
# A class is in the set from this probability on: learnt from <<rows>> rows
least <- <<least>>
""",
        """
#' Sets of the classes that may be each row's, a list: <<share>> of them hold the true one
predict_sets <- function(rows, network = nn) {
  p <- <<outputs>>(rows, network)
  lapply(seq_len(nrow(p)), function(i) {
    classes[p[i, ] >= least | seq_along(classes) == which.max(p[i, ])]
  })
}
""",
    ),
)

TRAINING = ""
CONSTANT = "<<name>> <- <<value>>"
COUNTERS = {"t": "optimizer$t <- <<value>>  # steps done", "epoch": ""}  # the loop counts epochs
SETTINGS = """
<<constants>>
<<learnt>>
<<marks>>
<<remembers>>
<<slots>>
<<counters>>
"""
HALF = ""  # in the generator itself

STEP = """
#' One step of training on the rows of a batch: the network after it, and the loss before
training_step <- function(<<given>>) {
  <<body>>

  list(<<result>>)
}
"""

TRAIN = """
#' Go through all rows so many times; the trained network and the loss of each epoch
train <- function(nn, epochs = <<epochs>><<memory>>) {
  <<begin>>
  losses <- numeric(epochs)
  for (k in seq_len(epochs)) {
    <<epoch>>
    if ((k - 1) %% max(1, epochs %/% 10) == 0) {
      cat(sprintf("epoch %d: loss %.4g\\n", k, losses[k]))
    }
  }
  list(nn = nn, losses = losses)
}
"""

WHOLE = """
<<result>>
<<keep>>
losses[k] <- result$loss
"""

BATCHES = """
<<order>>
for (low in seq(1, nrow(X), by = <<size>>)) {
  rows <- <<rows>>
  <<done>>
  <<result>>
  <<keep>>
  losses[k] <- losses[k] + result$loss<<times_share>>
}
"""

EPOCH = (WHOLE, BATCHES)
SHARE = {
    "n": "length(rows)",
    "N": "nrow(X)",
    "sum(w)": "sum(row_weights[rows, ])",
    "W": "sum(row_weights)",
}

SELF_TEST = """
#' Hold the program's answers to `test_rows` against glassnet's
self_test <- function() {
  found <- unname(<<outputs>>(test_rows))
  difference <- max(abs(found - expected) / scales)
  cat(sprintf(
    "%d rows predicted: largest difference %.1e, allowed %g\\n", length(scales), difference, <<allowed>>
  ))
  if (!isTRUE(difference <= <<allowed>>)) {
    stop("these are not glassnet's numbers")
  }
  <<classes_test>>
}
"""

CLASSES_TEST = """
if (!identical(predict_rows(test_rows), expected_classes)) {
  stop("these are not glassnet's classes")
}
"""

TRAINING_TEST = """
#' Hold a trained network and the losses on the way against glassnet's
training_test <- function(trained) {
  numbers <- unlist(trained$nn[names(expected_nn)])
  wanted <- unlist(expected_nn)
  difference <- max(
    abs(numbers - wanted) / max(1, abs(wanted)),
    abs(trained$losses[checked] - expected_losses) / max(1, abs(expected_losses))
  )
  cat(sprintf(
    "weights and losses of training: largest difference %.1e, allowed %g\\n", difference, <<allowed_after>>
  ))
  if (!isTRUE(difference <= <<allowed_after>>)) {
    stop("these are not glassnet's numbers")
  }
}
"""

MAIN = """
if (sys.nframe() == 0L) {  # run by Rscript, not by source()
  self_test()
  <<main>>
}
"""

MAIN_TRAINING = """
trained <- train(nn)
training_test(trained)
<<shown>>
"""

TEST = ["<<tested>>", SELF_TEST, "<<trained>>", "<<training_test>>", MAIN]

# Formulas may not have a name that is a word of these
BY_BLOCKS = {
    "times_blocks": """
#' Each of the d blocks of columns of h (n, d*k) times its own block of rows of W (d*k, m): (n, d*m)
times_blocks <- function(h, W, d) {
  k <- nrow(W) %/% d
  do.call(cbind, lapply(seq_len(d) - 1, function(j) {
    own <- j * k + seq_len(k)
    h[, own, drop = FALSE] %*% W[own, , drop = FALSE]
  }))
}
""",
    "times_blocks_T": """
#' Each of the d blocks of columns of dz (n, d*m) times its own block of rows of W (d*k, m), transposed: (n, d*k)
times_blocks_T <- function(dz, W, d) {
  k <- nrow(W) %/% d
  m <- ncol(W)
  do.call(cbind, lapply(seq_len(d) - 1, function(j) {
    dz[, j * m + seq_len(m), drop = FALSE] %*% t(W[j * k + seq_len(k), , drop = FALSE])
  }))
}
""",
    "blocks_of": """
#' Each of the d blocks of columns of h (n, d*k), transposed, times the same block of dz (n, d*m): (d*k, m)
blocks_of <- function(h, dz, d) {
  k <- ncol(h) %/% d
  m <- ncol(dz) %/% d
  do.call(rbind, lapply(seq_len(d) - 1, function(j) {
    t(h[, j * k + seq_len(k), drop = FALSE]) %*% dz[, j * m + seq_len(m), drop = FALSE]
  }))
}
""",
}

CODE = (
    *BY_BLOCKS.values(),
    *(ENCODE_ARRAYS, ENCODE_TABLES, NUMBER_INPUTS, CATEGORY_INPUTS, DATE_INPUTS, PREDICT_CLASSES, PREDICT_NUMBERS),
    *(text for texts in TRUST for text in texts),
    *(STEP, TRAIN, WHOLE, BATCHES, SELF_TEST, CLASSES_TEST, TRAINING_TEST, MAIN, MAIN_TRAINING),
    *(GENERATOR, NEXT32, *UNIFORM, PERMUTATION, SMOOTH_CLIP, *SCALE.values(), WITH_LEVELS, PAIR, *ENDING),
)
