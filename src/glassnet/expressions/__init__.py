"""The language that formulas turn into when they are traced: expressions, their slopes, their notation."""
