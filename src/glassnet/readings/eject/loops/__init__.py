"""Steps as loops over single numbers, for languages that have no arrays: C and JavaScript."""
