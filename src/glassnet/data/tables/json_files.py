"""Tables in JSON: a list of records (`.json`), or a record a line (`.jsonl`), each an object of names and values.

Numbers, words, true, false and null are what a cell may hold; a name that a record lacks is missing in its row.
"""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glassnet.data.tables.text_lines import text_lines
from glassnet.data.tables.verbatim import Cell, Nested, Number, Row, Verbatim
from glassnet.data.tables.wording import counted, shown
from glassnet.errors import DataError

RECORDS, LINES = (".json",), (".jsonl", ".ndjson")
SHAPE = "a table in JSON is a list of records, [{name: value, …}, …], or one record"


def is_json(path: Path) -> bool:
    """Whether a file's name says that it is JSON, packed or not."""
    return _ending(path) in RECORDS + LINES


def _ending(path: Path) -> str:
    return Path(path.name.lower().removesuffix(".gz")).suffix


def json_columns(path: Path, encoding: str = "utf-8") -> tuple[dict[str, list[object]], NDArray[np.int64], str]:
    """The columns of a file by name, where its rows are, and what that counts: "line" or "row".

    Raises
    ------
    DataError
        The file is not JSON, or not such a table; the message says where.
    OSError
        The file cannot be opened.
    """
    records = _records(path, encoding)
    columns = {name: [_value(record.get(name)) for _, record in records] for name in _names(records, path)}
    unit = "line" if _ending(path) in LINES else "row"
    return columns, np.array([line for line, _ in records], dtype=np.int64), unit


def json_rows(path: Path, encoding: str = "utf-8") -> Verbatim:
    """The rows of a file as they stand in it."""
    records = _records(path, encoding)
    names = _names(records, path)
    rows = (Row(line, None, tuple(_cell(record.get(name)) for name in names)) for line, record in records)
    return Verbatim(names, ",", None, rows)


def _value(cell: Any) -> object:
    return float(cell) if isinstance(cell, Number) else cell


def _cell(value: Any) -> Cell:
    return Nested(_text(value)) if isinstance(value, (list, dict)) else value


def _text(value: Any) -> str:
    """A value as JSON, numbers with all their digits; those that JSON has no word for are null."""
    if isinstance(value, Number):
        return value if value[-1].isdigit() else "null"
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(name)}: {_text(inner)}" for name, inner in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def _names(records: list[tuple[int, dict[str, Any]]], path: Path) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name for _, record in records for name in record))
    if not names:
        raise DataError(f"{path.name} has no row with a value; {SHAPE}")
    return names


def _records(path: Path, encoding: str) -> list[tuple[int, dict[str, Any]]]:
    lines = text_lines(path, encoding)
    if _ending(path) in LINES:
        parsed = [(k, _parsed(line.rstrip("\r\n"), path, k)) for k, line in enumerate(lines, 1) if line.strip()]
    else:
        text = "".join(lines)
        if not text.strip():
            raise DataError(f"{path.name} is empty; {SHAPE}")
        whole = _parsed(text, path)
        parsed = list(enumerate(whole if isinstance(whole, list) else [whole], 1))
    unit = "line" if _ending(path) in LINES else "record"
    for k, record in parsed:
        if not isinstance(record, dict):
            raise DataError(f"{path.name}, {unit} {k} is {_text(record):.40}; {SHAPE}")
    if len(parsed) == 1 and all(isinstance(value, list) for value in parsed[0][1].values()) and parsed[0][1]:
        raise DataError(f"{path.name} holds {counted(len(parsed[0][1]), 'list')} by name; {SHAPE}")
    return parsed


def _parsed(text: str, path: Path, line: int | None = None) -> Any:
    where = path.name if line is None else f"{path.name}, line {line}"
    try:
        value = json.loads(
            text,
            parse_int=Number,
            parse_float=Number,
            parse_constant=Number,
            object_pairs_hook=partial(_record, where),
        )
        json.dumps(value if "\\u" in text else None, ensure_ascii=False).encode()
        return value
    except UnicodeEncodeError as error:
        lone = ascii(error.object[error.start])
        raise DataError(f"{where} holds {lone}, half of a character, which is no text") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, character {error.colno}" if line is None else f"character {error.colno}"
        raise DataError(f"{where} is not JSON: {error.msg.removesuffix(' at')} at {place}") from None
    except RecursionError:
        raise DataError(f"{where} is nested too deep; {SHAPE}") from None


def _record(where: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for name, value in pairs:
        if name in record:
            raise DataError(f"{where}: a record has {shown(name)} twice; names must differ: rename one")
        record[name] = value
    return record
