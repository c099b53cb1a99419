"""The decision map as it is seen: of two classes, from its colours."""

import numpy as np
from scipy import ndimage

RED, BLUE = 0, 2


def classes_of(picture: tuple[int, int, bytes]) -> np.ndarray:
    """Where the picture is rather blue (1) and where rather orange (0), row by row from above."""
    width, height, data = picture
    colours = np.frombuffer(data, np.uint8).reshape(height, width, 4).astype(int)
    return (colours[..., BLUE] > colours[..., RED]).astype(int)


def regions_of(classes: np.ndarray) -> int:
    """How many connected regions of one class there are that take a hundredth of the picture or more."""
    found = 0
    for k in (0, 1):
        labels, _ = ndimage.label(classes == k)
        found += int((np.bincount(labels.ravel())[1:] >= 0.01 * classes.size).sum())
    return found
