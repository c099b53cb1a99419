"""A network as a C program."""
