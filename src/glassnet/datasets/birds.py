"""The Palmer penguins: 344 birds of three species, with numbers, words and missing values."""

from pathlib import Path

from glassnet.data.tables import Table

PENGUINS_CSV = Path(__file__).with_name("penguins.csv")


def penguins() -> Table:
    """Return the penguins as a table; what is predicted from it is usually `species`.

    Columns: species, island, bill_length_mm, bill_depth_mm, flipper_length_mm, body_mass_g, sex, year (of the
    observation, 2007 to 2009). Two birds have no measurements, eleven no sex.

    Source: palmerpenguins (A. M. Horst, A. P. Hill, K. B. Gorman, 2020), measured by Dr. Kristen Gorman and
    Palmer Station, Antarctica LTER. Licence: CC0.
    """
    from glassnet.data.tables.csv_files import read_csv

    return read_csv(PENGUINS_CSV)
