"""What is known of data before there is a network: arrays, tables, and the files that hold models."""
