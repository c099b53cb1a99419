#!/usr/bin/env python3
"""Write src/glassnet/datasets/digits.npz from the copy of the digits that scikit-learn has.

As small whole numbers they are 45 kB compressed; as text, in the file that scikit-learn has, 58 kB.
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

FILE = Path(__file__).parents[1] / "src/glassnet/datasets/digits.npz"

source = load_digits()
np.savez_compressed(FILE, pictures=source.images.astype(np.uint8), digits=source.target.astype(np.uint8))
