"""A network read as steps: forward, loss, backward, update, each with its formula, its shape and its reason."""
