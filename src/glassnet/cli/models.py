"""Model files as the commands take them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from glassnet.errors import DataError

if TYPE_CHECKING:
    from glassnet.model import Model
    from glassnet.tables import DataContract


def load(path: Path) -> Model:
    """The model in a file; ModelFileError or OSError say why there is none."""
    from glassnet.saving import load

    return load(path)


def of_tables(model: Model, path: Path) -> DataContract:
    """What the model knows about tables; DataError for one that was trained on arrays."""
    from glassnet.tables import DataContract

    if not isinstance(model.contract, DataContract):
        raise DataError(
            f"{path} was trained on arrays, whose columns have no names, so it cannot read a table; "
            f'use it in Python: gn.load("{path}").predict(X)'
        )
    return model.contract
