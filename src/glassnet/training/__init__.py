"""The training loop: batches through an engine, and events out of it."""
