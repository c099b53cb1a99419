"""Large CSV files, in blocks of rows that hold nothing unusual.

Which blocks are usual is checked here, on their bytes: rows of as many cells as the header, text in UTF-8, quotation
marks only around whole cells. Whoever cuts such a block, cuts it into the same cells. At anything else the
reader gives up, and the careful one (`csv_files`) reads the file again from its start and says what is wrong.
"""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from glassnet.data.tables.text_lines import codec_of

BLOCK = 1 << 22  # bytes
_NEWLINE, _RETURN, _QUOTE = b'\n\r"'
_MARK = codecs.BOM_UTF8


class Unusual(Exception):
    """Something that the careful reader must look at."""


@dataclass(frozen=True, eq=False)
class Block:
    """Whole rows.

    Attributes
    ----------
    content
        Their text in UTF-8; rows end in LF.
    lines
        The line each begins on, (n,).
    """

    content: bytes
    lines: NDArray[np.int64]


def in_utf8(file: BinaryIO, encoding: str) -> Iterator[bytes]:
    """Yield the bytes of a file in UTF-8, without a byte order mark; UnicodeError where some are no text."""
    codec = codec_of(encoding)
    decoder = None if codec == "utf-8-sig" else codecs.getincrementaldecoder(codec)()
    first = True
    while read := file.read(BLOCK):
        content = read if decoder is None else decoder.decode(read).encode()
        yield content.removeprefix(_MARK) if first and decoder is None else content
        first = False
    if decoder is not None:
        yield decoder.decode(b"", final=True).encode()


def header_line(chunks: Iterator[bytes]) -> tuple[str, bytes]:
    """Return the first line, without its end, and what was read beyond it."""
    read = b""
    for chunk in chunks:
        read += chunk
        if read.find(b"\n") >= 0 or len(read) > BLOCK:
            break
    line, end, rest = read.partition(b"\n")
    line = line.removesuffix(b"\r")
    if not end or not line.strip() or b"\r" in line or b"\0" in line or line.count(b'"') % 2:
        raise Unusual
    return line.decode(), rest


def blocks(
    chunks: Iterator[bytes], rest: bytes, delimiter: str, width: int, *, by_count: bool = False
) -> Iterator[Block]:
    """Yield the rows after the header; `rest` are the bytes that were read beyond it.

    With `by_count` the cells of rows are counted together, where nothing is quoted: for who refuses a row of another
    width.
    """
    rows_in = _rows_by_count if by_count else _rows
    line = 2
    for chunk in chunks:
        content = rest + chunk
        filled = content.rstrip(b"\r\n")  # blank lines may be the file's last, which do not count
        end, starts, newlines = rows_in(filled, delimiter, width)
        if len(starts):
            yield Block(_checked(content[:end], width), line + starts)
            line += newlines
        elif len(content) > 2 * BLOCK:
            raise Unusual
        rest = content[end:]
    if rest := rest.rstrip(b"\r\n"):
        content = rest + b"\n"
        end, starts, _ = rows_in(content, delimiter, width)
        if end < len(content):
            raise Unusual
        yield Block(_checked(content, width), line + starts)


def _checked(content: bytes, width: int) -> bytes:
    """Return a block with LF as line end; Unusual or UnicodeError where it holds what needs a closer look."""
    if b"\0" in content or (width == 1 and (content.startswith((b"\n", b"\r")) or b"\n\n" in content)):
        raise Unusual
    if not content.isascii():
        content.decode()
    if b"\r" in content:
        if content.count(b"\r") > content.count(b"\r\n"):
            raise Unusual
        content = content.replace(b"\r\n", b"\n")
        if width == 1 and b"\n\n" in content:
            raise Unusual
    return content


def _rows(content: bytes, delimiter: str, width: int) -> tuple[int, NDArray[np.int64], int]:
    """Return where the last whole row ends, on which line each begins, counted from 0, and how many lines they take."""
    data = np.frombuffer(content, np.uint8)
    marks = (data == ord(delimiter)) | (data == _NEWLINE)
    is_quoted = b'"' in content
    if is_quoted:
        marks |= data == _QUOTE
    at = np.flatnonzero(marks)
    kinds = data[at]
    quotes = lines = at[:0]
    if is_quoted:
        lines = at[kinds == _NEWLINE]
        quotes, outside = _outside_quotes(kinds)
        quotes, at, kinds = at[quotes], at[outside], kinds[outside]
    ends = np.flatnonzero(kinds == _NEWLINE)  # of rows
    if not len(ends):
        return 0, ends, 0
    if not np.array_equal(ends, np.arange(width - 1, ends[-1] + 1, width)):
        raise Unusual  # a row of another width, a blank line
    _check_lengths(at[: ends[-1] + 1], at[ends])
    ends = at[ends]
    last = int(ends[-1])
    _check_quotes(data, quotes[quotes < last], delimiter)
    lines = lines[lines <= last]
    if len(lines) <= len(ends):  # no row has two
        return last + 1, np.arange(len(ends)), len(ends)
    inner = np.setdiff1d(lines, ends, assume_unique=True)
    if (data[inner - 1] == _RETURN).any():
        raise Unusual  # a cell with line ends of Windows keeps them
    return last + 1, np.searchsorted(lines, np.concatenate(([0], ends[:-1] + 1))), len(lines)


def _rows_by_count(content: bytes, delimiter: str, width: int) -> tuple[int, NDArray[np.int64], int]:
    """The same, by counting where nothing is quoted and no line is blank.

    As many delimiters as rows of this width have may also stand in rows that are too long and too short; who cuts a
    block sees that.
    """
    data = np.frombuffer(content, np.uint8)
    ends = np.flatnonzero(data == _NEWLINE)
    if len(ends) and width > 1 and b'"' not in content and b"\r" not in content:
        lengths = np.diff(ends, prepend=-1)
        is_whole = np.count_nonzero(data[: ends[-1]] == ord(delimiter)) == len(ends) * (width - 1)
        if is_whole and lengths.min() > 1 and lengths.max() <= csv.field_size_limit():
            return int(ends[-1]) + 1, np.arange(len(ends)), len(ends)
    return _rows(content, delimiter, width)


def _outside_quotes(kinds: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return which marks are quotation marks, and a mask of those that stand outside of quoted cells."""
    quotes = np.flatnonzero(kinds == _QUOTE)
    opening = quotes[0::2]
    closing = np.append(quotes, len(kinds) - 1)[1::2][: len(opening)]  # one that is open reaches to the end
    sizes = closing - opening + 1
    first = np.cumsum(sizes) - sizes
    outside = np.ones(len(kinds), np.bool_)
    outside[np.repeat(opening - first, sizes) + np.arange(sizes.sum())] = False
    return quotes, outside


def _check_lengths(marks: NDArray[np.intp], ends: NDArray[np.intp]) -> None:
    """Let cells pass that the careful reader would; only where a row is that long its cells are looked at."""
    for places in (ends, marks):
        if max(int(places[0]), int(np.diff(places).max(initial=0))) <= csv.field_size_limit():
            return
    raise Unusual


def _check_quotes(data: NDArray[np.uint8], quotes: NDArray[np.intp], delimiter: str) -> None:
    """Let quotation marks pass that open or close a whole cell, or stand twice inside one."""
    opening, closing = quotes[0::2], quotes[1::2]
    again = np.zeros(len(opening), np.bool_)  # the second of a pair
    again[1:] = opening[1:] == closing[:-1] + 1
    before = data[opening - 1]  # of the first byte the last one, which ends a row
    opens = again | (before == ord(delimiter)) | (before == _NEWLINE) | (opening == 0)
    after = data[closing + 1]
    closes = np.append(again[1:], False) | (after == ord(delimiter)) | (after == _NEWLINE) | (after == _RETURN)
    if not (opens.all() and closes.all()):
        raise Unusual
