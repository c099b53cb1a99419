"""The lines of a text file, unpacked where it is gzip, and refused early where it is not text.

Whatever ends a line (LF, CR, CR LF, or the CR CR LF some programs leave behind) ends it here. A wrong byte is
reported with its line, and a small file that unpacks into a huge one is refused before it fills the memory.
"""

import codecs
import gzip
import io
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from glassnet.data.files.foreign import START, first_in_zip, foreign_kind, is_markup, is_safetensors
from glassnet.data.files.pipes import named, open_to_read
from glassnet.errors import DataError

LONGEST_LINE = 1 << 24  # characters
TOLD = 10_000  # lines between two looks at how far it is
UNPACKED_LIMIT, RATIO_LIMIT = 100_000_000, 100  # refused where both are passed
NO_TEXT = "this does not look like text, such as CSV; save the table as CSV in UTF-8"
OTHER_ENCODING = "save the file as UTF-8, or say which encoding it has, such as encoding='latin-1'"
GZIP_MAGIC = b"\x1f\x8b"
PARQUET_MAGIC, EXCEL_MAGIC = b"PAR1", b"PK\x03\x04"
_IN_EXCEL = ("[Content_Types].xml", "_rels/", "docProps/", "xl/")  # one of these comes first in a workbook
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")  # what no text in ASCII, UTF-8 or Latin-1 has


def text_lines(path: Path, encoding: str = "utf-8", tell: Callable[[BinaryIO], None] | None = None) -> Iterator[str]:
    """Yield the lines of a file, plain or gzip, each with its line end; `tell` is shown the file now and then.

    Raises
    ------
    DataError
        It is a table in Parquet or Excel; a byte is not in the encoding, or is NUL; a line is too long; the
        gzip data is damaged or unpacks to more than a hundred times its size and more than 100 MB; the file
        changed while it was read.
    OSError
        The file cannot be opened, as Python words it.
    """
    codec = codec_of(encoding)
    with unpacked(path) as (file, packed):
        start = file.peek(8192)
        is_binary = _CONTROLS.search(start)
        if is_binary and (packed_name := first_in_zip(start)) and not packed_name.startswith(_IN_EXCEL):
            raise DataError(f"{path.name} is a zip archive, not a table; unpack it and give the file that is in it")
        for magic, kind, suffix in (PARQUET_MAGIC, "Parquet", ".parquet"), (EXCEL_MAGIC, "Excel", ".xlsx"):
            if is_binary and start.startswith(magic):
                raise DataError(
                    f"{path.name} is no text, it begins as {kind} does; such a table has a name in {suffix}"
                )
        if is_safetensors(start):
            raise DataError(f"{path.name} is a file of a model, not a table; were the two swapped?")
        if is_markup(start):
            raise DataError(
                f"{path.name} is a page of HTML or a document in XML, not a table; get the file itself, or save the "
                "table as CSV in UTF-8"
            )
        if (is_binary or start.startswith(b"%PDF")) and (kind := foreign_kind(start[:START])):
            raise DataError(
                f"{path.name} does not look like text: it is {kind}; save the table as CSV in UTF-8, or unpack it"
            )
        text = io.TextIOWrapper(cast(BinaryIO, file), codec, errors="surrogateescape", newline="")
        try:
            wrong = f"not {encoding}; {NO_TEXT if is_binary else OTHER_ENCODING}"
            for number, line in enumerate(_checked_lines(text, path.name, wrong)):
                if tell and number % TOLD == 0:
                    tell(packed)
                yield line
        except UnicodeError as error:
            raise DataError(f"{path.name} is not {encoding} text: {error}; say which it is") from None


@contextmanager
def unpacked(path: Path) -> Iterator[tuple[io.BufferedReader | gzip.GzipFile, BinaryIO]]:
    """The bytes of a file, unpacked and to be read once, and the file itself; the errors are those of `text_lines`."""
    with named(path), open_to_read(path) as file:
        before = os.fstat(file.fileno())
        packed = file.peek(2)[:2] == GZIP_MAGIC
        try:
            if packed:
                _check_unpacked_size(file, path.name, before.st_size)
            yield gzip.GzipFile(fileobj=file) if packed else file, file
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataError(f"{path.name} is not a whole gzip file: {error}; copy it again") from None
        after = os.fstat(file.fileno())
        if stat.S_ISREG(before.st_mode) and (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise DataError(f"{path.name} changed while it was read; read it again when it is written")


def codec_of(encoding: str) -> str:
    """The codec of that name; ValueError for what is none of text."""
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)
    except (LookupError, TypeError, ValueError):  # unknown, no text, a NUL in it
        allowed = "a text encoding Python knows, like 'latin-1'"
        raise ValueError(f"encoding must be {allowed}, got {encoding!r:.60}") from None
    return "utf-8-sig" if name == "utf-8" else name  # a byte order mark is no part of the first name


def _checked_lines(text: io.TextIOWrapper, source: str, wrong: str) -> Iterator[str]:
    number, previous = 0, ""
    while line := text.readline(LONGEST_LINE):
        torn = line == "\r\n" and previous.endswith("\r")  # the second half of a CR CR LF
        previous = line
        if torn:
            continue
        number += 1
        if len(line) == LONGEST_LINE:
            raise DataError(f"{source}, line {number} is longer than {LONGEST_LINE:,} characters; a row is one line")
        if "\0" in line:
            raise DataError(
                f"{source}, line {number} holds a NUL byte; {NO_TEXT} (a file in UTF-16 is read with encoding='utf-16')"
            )
        if not line.isascii():
            _check_bytes(line, f"{source}, line {number}", wrong)
        yield line


def _check_bytes(line: str, where: str, wrong: str) -> None:
    """Refuse a line with a byte that could not be decoded, which surrogateescape left as U+DC80 to U+DCFF."""
    for position, character in enumerate(line, 1):
        if "\udc80" <= character <= "\udcff":
            raise DataError(f"{where}, character {position}: byte 0x{ord(character) - 0xDC00:02X} is {wrong}")


def _check_unpacked_size(file: BinaryIO, source: str, packed_size: int) -> None:
    """Refuse a gzip bomb before a line of it is read, having unpacked no more than the limit."""
    unpacked = 0
    with gzip.GzipFile(fileobj=file) as content:
        while block := content.read(1 << 20):
            unpacked += len(block)
            if unpacked > max(UNPACKED_LIMIT, RATIO_LIMIT * packed_size):
                raise DataError(
                    f"{source} is {packed_size:,} bytes and unpacks to over {unpacked:,}, more than "
                    f"{RATIO_LIMIT} times as many; if you trust it, unpack it first and read the plain file"
                )
    file.seek(0)
