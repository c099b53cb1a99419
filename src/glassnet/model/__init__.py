"""The face: a model, and what makes one."""
