"""Tables: read, learnt from, and turned into arrays and back.

table = as_table("penguins.csv").known("species")
train, held_out = split_rows(table, 0.2, rng, stratify=table.column("species"))
contract = learn_contract(table.rows(train), "species")
X, T = contract.encode(table.rows(train)), contract.encode_target(table.rows(train))

What reads files (`csv_files`, `json_files`, `frame_files`) is imported when a file is named.
"""

from glassnet.data.tables.contract import DataContract
from glassnet.data.tables.learn import learn_contract
from glassnet.data.tables.reading import as_table
from glassnet.data.tables.split import split_rows
from glassnet.data.tables.table import Table
from glassnet.data.tables.target_kind import target_kind

__all__ = [
    "DataContract",
    "Table",
    "as_table",
    "learn_contract",
    "split_rows",
    "target_kind",
]
