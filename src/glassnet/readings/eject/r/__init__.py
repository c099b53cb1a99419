"""A network as an R program."""
