"""Programs of loops over single numbers, for the family of C: languages with braces and no arrays of their own."""
