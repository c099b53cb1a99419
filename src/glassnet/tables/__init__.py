"""Tables: read, learnt from, and turned into arrays and back.

table = as_table("penguins.csv").known("species")
train, held_out = split_rows(table, 0.2, rng, stratify=table.column("species"))
contract = learn_contract(table.rows(train), "species")
X, T = contract.encode(table.rows(train)), contract.encode_target(table.rows(train))
"""

from glassnet.tables.contract import DataContract
from glassnet.tables.csv_files import read_csv, save_csv, write_csv
from glassnet.tables.learn import learn_contract
from glassnet.tables.reading import as_table
from glassnet.tables.split import split_rows
from glassnet.tables.table import Table
from glassnet.tables.target_kind import target_kind

__all__ = [
    "DataContract",
    "Table",
    "as_table",
    "learn_contract",
    "read_csv",
    "save_csv",
    "split_rows",
    "target_kind",
    "write_csv",
]
