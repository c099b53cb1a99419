"""Data to learn on: the two tutorials' four rows, points in the plane drawn with a seed, penguins, and
handwritten digits.

Each dataset is a function; `named` returns any of them as a table, by its name, for the command line.
"""

from glassnet.datasets.birds import penguins
from glassnet.datasets.by_name import NAMES, named
from glassnet.datasets.handwriting import digits
from glassnet.datasets.logic import tychobra, xor
from glassnet.datasets.plane import circles, moons, spirals

__all__ = ["NAMES", "circles", "digits", "moons", "named", "penguins", "spirals", "tychobra", "xor"]
