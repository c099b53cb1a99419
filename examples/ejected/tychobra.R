# A neural network, 3-4-1 (sigmoid, sigmoid), that predicts y.
#
# Made by glassnet 0.1.0. It needs R (4.0 or later) alone, no packages.
#   Rscript network.R      tests itself, trains, and shows what it then predicts
#   source("network.R")    to use it:
#     trained <- train(nn)
#     predict_rows(rows, trained$nn)  # rows is a matrix with 3 columns


# --- The data ------------------------------------------------------------------------------------

# A row is 3 numbers: x1, x2, x3


# --- The weights ---------------------------------------------------------------------------------

nn <- list()
nn$W1 <- matrix(c(  # (3, 4)
  #     0.637    0.2698   0.04097   0.01653
  #    0.8133    0.9128    0.6066    0.7295
  #    0.5436    0.9351    0.8159  0.002739
  0x1.461fd79fb385p-1, 0x1.1442f7e20b674p-2, 0x1.4fa7b529d9bdp-5, 0x1.0ec9ed84d0bcp-6,
  0x1.a064f4f059bcap-1, 0x1.d354b2f34c803p-1, 0x1.3698f6e301db6p-1, 0x1.758092bff1053p-1,
  0x1.165603cf43b8fp-1, 0x1.dec1d00f1ead7p-1, 0x1.a1b78e9a8e006p-1, 0x1.66f0d1577d2p-9
), ncol = 4, byrow = TRUE)
nn$W2 <- matrix(c(  # (4, 1)
  0x1.b6fdb17ec9cdep-1, 0x1.13220e71bcf2p-5,  #    0.8574   0.03359
  0x1.7595660f879fap-1, 0x1.67be224ec5c9p-3   #    0.7297    0.1757
), ncol = 1)


# --- The formulas --------------------------------------------------------------------------------

#' a = 1 / (1 + exp(-z)): any score becomes a number between 0 and 1, a probability.
sigmoid <- function(z) {
  exp(pmin(z, 0)) / (1 + exp(-abs(z)))
}

#' l = (y - s)^2: twice as far off costs four times as much.
squared <- function(y, s) {
  (s - y)^2
}

#' ds = 2(s - y): the farther off, the harder the pull; a 1/2 is there to make the 2 go away.
squared_backward <- function(y, s) {
  2 * (s - y)
}

#' dz = da*a*(1 - a): steepest at z = 0 (slope 1/4), flat where a is near 0 or 1.
sigmoid_backward <- function(da, z, a) {
  da * a * (1 - a)
}


# --- Forward: from numbers to a prediction -------------------------------------------------------

#' Encoded rows x (n, 3) to predictions p (n, 1)
forward <- function(x, nn) {
  z1 <- x %*% nn$W1   # (n, 4)
  a1 <- sigmoid(z1)   # (n, 4)
  z2 <- a1 %*% nn$W2  # (n, 1)
  a2 <- sigmoid(z2)   # (n, 1)
  p <- a2             # (n, 1)
  p
}


# --- Predict: from rows as you have them ---------------------------------------------------------

#' Rows of 3 numbers, a matrix or data frame (or one row, a vector), as a plain matrix (n, 3)
encode <- function(rows) {
  x <- if (is.null(dim(rows))) matrix(rows, nrow = 1) else unname(as.matrix(rows))
  if (!is.numeric(x) || length(dim(x)) != 2 || ncol(x) != 3) {
    stop("rows must have 3 numbers each, got ", typeof(x), " of ", paste(dim(x), collapse = " x "))
  }
  if (!all(is.finite(x))) {
    stop("rows must be finite numbers, and row ", which(!is.finite(x), arr.ind = TRUE)[1, 1],
         " is not; fill or drop what is missing")
  }
  x
}

#' The number predicted for each row
predict_rows <- function(rows, network = nn) {
  p <- forward(encode(rows), network)
  p[, 1]
}


# --- Training ------------------------------------------------------------------------------------

# The rows to train on, as `encode` gives them
X <- matrix(c(
  0, 0, 1,
  0, 1, 1,
  1, 0, 1,
  1, 1, 1
), ncol = 3, byrow = TRUE)
# What the network should say of each
Y <- matrix(c(0, 1, 1, 0), ncol = 1)

lr <- 1  # the learning rate

#' One step of training on the rows of a batch: the network after it, and the loss before
training_step <- function(nn, x, y) {
  # forward
  z1 <- x %*% nn$W1   # (n, 4)
  a1 <- sigmoid(z1)   # (n, 4)
  z2 <- a1 %*% nn$W2  # (n, 1)
  a2 <- sigmoid(z2)   # (n, 1)

  # the loss
  l <- squared(y, a2)  # (n, 1)
  L <- sum(l)  # the loss of the batch: sum over rows

  # backward
  da2 <- squared_backward(y, a2)        # (n, 1)
  dz2 <- sigmoid_backward(da2, z2, a2)  # (n, 1)
  dW2 <- t(a1) %*% dz2                  # (4, 1)  how the loss changes with W2, summed over the rows
  da1 <- dz2 %*% t(nn$W2)               # (n, 4)  passed back through layer 2 to its input
  dz1 <- sigmoid_backward(da1, z1, a1)  # (n, 4)
  dW1 <- t(x) %*% dz1                   # (3, 4)  how the loss changes with W1, summed over the rows

  # update
  nn$W1 <- nn$W1 - lr * dW1
  nn$W2 <- nn$W2 - lr * dW2

  list(nn = nn, loss = L)
}

#' Go through all rows so many times; the trained network and the loss of each epoch
train <- function(nn, epochs = 1500) {
  losses <- numeric(epochs)
  for (k in seq_len(epochs)) {
    result <- training_step(nn, X, Y)
    nn <- result$nn
    losses[k] <- result$loss
    if ((k - 1) %% max(1, epochs %/% 10) == 0) {
      cat(sprintf("epoch %d: loss %.4g\n", k, losses[k]))
    }
  }
  list(nn = nn, losses = losses)
}


# --- Self-test -----------------------------------------------------------------------------------

test_rows <- matrix(c(
  #    0.1257   -0.1321    0.6404
  #    0.1049   -0.5357    0.3616
  #     1.304    0.9471   -0.7037
  #    -1.265   -0.6233   0.04133
  #    -2.325   -0.2188    -1.246
  0x1.017ed89db8441p-3, -0x1.0e8cfe9bd45ccp-3, 0x1.47e57a468b06dp-1,
  0x1.adabbec84d4fp-4, -0x1.1243418e643edp-1, 0x1.7245f95ced1e6p-2,
  0x1.4dd2f26bd103cp+0, 0x1.e4e7cbc69bca3p-1, -0x1.684ffc1daaf28p-1,
  -0x1.43f2a959cc8bbp+0, -0x1.3f1dd4920f4fbp-1, 0x1.528adc38b0ce3p-5,
  -0x1.299a9bc1a2383p+1, -0x1.c015d809d257ep-3, -0x1.3ef405142e27ep+0
), ncol = 3, byrow = TRUE)
expected <- c(
  0x1.7af5932c04e4dp-1, 0x1.657b9ea2b8f66p-1, 0x1.873ce10890535p-1,  #    0.7402    0.6982    0.7641
  0x1.455b6448a7467p-1, 0x1.28d7bc6d9cb7p-1                          #    0.6355    0.5798
)
# The largest number on the way to each row's answer: what rounding may change is measured by it
scales <- c(
  0x1.0bf958c9685a3p+0, 1, 0x1.37e0119e4623ap+0,  #     1.047         1     1.218
  0x1.4a5ae9e1a5c4ep+0, 0x1.2b089f0fb5599p+1      #      1.29     2.336
)

#' Hold the program's answers to `test_rows` against glassnet's
self_test <- function() {
  found <- unname(predict_rows(test_rows))
  difference <- max(abs(found - expected) / scales)
  cat(sprintf(
    "%d rows predicted: largest difference %.1e, allowed %g\n", length(scales), difference, 1e-12
  ))
  if (!isTRUE(difference <= 1e-12)) {
    stop("these are not glassnet's numbers")
  }
}

# What glassnet ends with
expected_nn <- list()
expected_nn$W1 <- matrix(c(
  0x1.609ee63fa480bp+2, -0x1.c4fd3902b0f1dp+1, 0x1.386d0bf61a881p+1, 0x1.190afa22a7c41p+2,
  0x1.9298fa7a62721p+2, 0x1.53a1afdae8fd7p+2, -0x1.fec3c15e180c1p-2, 0x1.58fcc73be51ep+1,
  -0x1.1b139afd3019cp+1, 0x1.e2889c9c8e935p+0, -0x1.3a98c8246f141p-1, -0x1.5172faf4a6631p+2
), ncol = 4, byrow = TRUE)
expected_nn$W2 <- matrix(c(
  0x1.3664307f842f8p+3, -0x1.2ed837cc87d54p+2, -0x1.3266c8055fa17p+1, -0x1.02ed7ba3ddd6ap+3
), ncol = 1)
checked <- c(1, 151, 301, 451, 601, 751, 901, 1051, 1201, 1351, 1500)  # epochs
expected_losses <- c(
  0x1.551d14fd70bc3p+0, 0x1.dbcbe241e8657p-2, 0x1.108dfa305c7cap-5,  #     1.332    0.4646   0.03327
  0x1.849da5ff2e868p-7, 0x1.bb772025b1e38p-8, 0x1.2f8fe74d6f8d8p-8,  #   0.01186  0.006767  0.004632
  0x1.c8c46d57c96e9p-9, 0x1.6bf12a089dedp-9, 0x1.2d550c5656a43p-9,   #  0.003485  0.002777  0.002299
  0x1.006ef2ebd9c2ap-9, 0x1.bde7cd676f16ep-10                        #  0.001956  0.001701
)

#' Hold a trained network and the losses on the way against glassnet's
training_test <- function(trained) {
  numbers <- unlist(trained$nn[names(expected_nn)])
  wanted <- unlist(expected_nn)
  difference <- max(
    abs(numbers - wanted) / max(1, abs(wanted)),
    abs(trained$losses[checked] - expected_losses) / max(1, abs(expected_losses))
  )
  cat(sprintf(
    "weights and losses of training: largest difference %.1e, allowed %g\n", difference, 1e-10
  ))
  if (!isTRUE(difference <= 1e-10)) {
    stop("these are not glassnet's numbers")
  }
}

if (sys.nframe() == 0L) {  # run by Rscript, not by source()
  self_test()
  trained <- train(nn)
  training_test(trained)
  print(data.frame(
    Predicted = round(forward(X, trained$nn)[, 1], 3),
    Actual = Y[, 1]
  ))
}
