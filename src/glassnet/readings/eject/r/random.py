"""NumPy's random numbers in R, which has no whole numbers of 64 bits: limbs of 16 bits, each a plain number.

PCG64 (O'Neill, 2014) has a state of 128 bits. A step is state <- A * state + C; the 64 bits it gives are the halves of
the state, xor-ed and rotated by the state's highest bits. Steps can be taken many at a time: two are one with another
A and C. So a block of states grows by doubling.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645


def limbs(value: int, count: int) -> str:
    """A whole number in limbs of 16 bits, the lowest first."""
    return "c(" + ", ".join(f"0x{(value >> (16 * k)) & 0xFFFF:04x}" for k in range(count)) + ")"


def generator_words(state: Mapping[str, Any]) -> dict[str, str]:
    """The words of the generator's text: where it begins."""
    return {
        "multiplier": limbs(MULTIPLIER, 8),
        "increment": limbs(state["state"]["inc"], 8),
        "state": limbs(state["state"]["state"], 8),
        "half_bits": str(state["uinteger"]) if state["has_uint32"] else "NULL",
    }


GENERATOR = """
# NumPy's generator PCG64, so that the random numbers are the same. Its state has 128 bits, here
# eight limbs of 16 bits, the lowest first; a column for each of many states. A step is:
# state <- multiplier * state + increment.
multiplier <- <<multiplier>>
increment <- <<increment>>
generator <- new.env()

#' Put the generator where training begins
restart_generator <- function() {
  generator$state <- <<state>>
  generator$bits <- matrix(0, 4, 0)  # numbers of 64 bits drawn ahead, a column of four limbs each
  generator$half <- <<half_bits>>  # half of a number of 64 bits that is still to be used
}

#' a * b + c in limbs, without what goes beyond 128 bits; a may have many columns
multiply_add <- function(a, b, c) {
  a <- as.matrix(a)
  result <- matrix(c, 8, ncol(a))
  for (k in 1:8) {
    result[k:8, ] <- result[k:8, ] + a[1:(9 - k), , drop = FALSE] * b[k]
  }
  for (k in 1:7) {  # carry; the sums are below 2^36, so that nothing is lost
    result[k + 1, ] <- result[k + 1, ] + floor(result[k, ] / 2^16)
  }
  result %% 2^16
}

#' Draw at least so many numbers of 64 bits ahead
draw_ahead <- function(count) {
  states <- multiply_add(generator$state, multiplier, increment)
  a <- multiplier  # a * state + b takes as many steps at once as there are states
  b <- increment
  while (ncol(states) < count) {
    states <- cbind(states, multiply_add(states, a, b))
    b <- multiply_add(a, b, b)
    a <- multiply_add(a, a, 0)
  }
  generator$state <- states[, ncol(states)]
  mixed <- matrix(bitwXor(states[1:4, ], states[5:8, ]), 4)
  turn <- floor(states[8, ] / 2^10)  # the highest six bits: how far to turn to the right
  limb <- outer(0:3, turn %/% 16, "+")
  column <- col(mixed)
  low <- matrix(mixed[cbind(c(limb %% 4 + 1), c(column))], 4)
  high <- matrix(mixed[cbind(c((limb + 1) %% 4 + 1), c(column))], 4)
  shift <- rep(2^(turn %% 16), each = 4)
  generator$bits <- cbind(generator$bits, floor(low / shift) + (high * (2^16 / shift)) %% 2^16)
}

#' The next numbers of 64 bits, a column of four limbs each
next64 <- function(count) {
  if (ncol(generator$bits) < count) {
    draw_ahead(max(count, 256))
  }
  taken <- seq_len(count)
  bits <- generator$bits[, taken, drop = FALSE]
  generator$bits <- generator$bits[, -taken, drop = FALSE]
  bits
}
"""

NEXT32 = """
#' The next numbers of 32 bits: both halves of a number of 64 bits, the lower first
next32 <- function(count) {
  fresh <- ceiling((count - length(generator$half)) / 2)
  bits <- if (fresh > 0) next64(fresh) else matrix(0, 4, 0)
  numbers <- c(generator$half, rbind(bits[1, ] + 2^16 * bits[2, ], bits[3, ] + 2^16 * bits[4, ]))
  generator$half <- if (length(numbers) > count) numbers[count + 1]
  numbers[seq_len(count)]
}
"""

UNIFORM = (
    """
#' Numbers from 0 to 1, row by row: the highest 53 of 64 bits
uniform <- function(rows, columns) {
  bits <- next64(rows * columns)
  numbers <- floor(bits[1, ] / 2^11) + 2^5 * bits[2, ] + 2^21 * bits[3, ] + 2^37 * bits[4, ]
  matrix(numbers / 2^53, rows, columns, byrow = TRUE)
}
""",
    """
#' Numbers from 0 to 1 of single precision, row by row: the highest 24 of 32 bits
uniform <- function(rows, columns) {
  matrix(floor(next32(rows * columns) / 2^8) / 2^24, rows, columns, byrow = TRUE)
}
""",
)

PERMUTATION = """
#' 1 to n in a random order: each place, from the last on, changes with one before it or stays
permutation <- function(n) {
  order <- seq_len(n)
  for (i in rev(seq_len(n - 1))) {
    repeat {  # a number of as many bits as i has, until one is not beyond i
      j <- next32(1) %% 2^ceiling(log2(i + 1))
      if (j <= i) break
    }
    order[c(i, j) + 1] <- order[c(j, i) + 1]
  }
  order
}
"""
