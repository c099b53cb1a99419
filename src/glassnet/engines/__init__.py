"""Engines make a derivation run. Same rows in the same order, same formulas; only the order of sums may differ."""
