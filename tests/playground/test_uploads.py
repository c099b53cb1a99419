"""Tables that are dropped on the page."""

import pytest

from glassnet.errors import DataError
from glassnet.playground import uploads


def test_a_table_with_too_many_columns_is_refused_before_its_words_are_looked_at(monkeypatch):
    monkeypatch.delattr(uploads, "as_written")
    names, cells = (";".join(f"{k}{end}" for k in range(1, 2002)) for end in ("x", ",200"))
    with pytest.raises(DataError, match=r"t\.csv has 1 rows and 2,001 columns; the page takes 200,000 and 2,000"):
        uploads.read("t.csv", f"{names}\n{cells}\n".encode())
