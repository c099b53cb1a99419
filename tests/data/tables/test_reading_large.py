"""A large file is read by a library, and the table is the one that careful reading gives, cell by cell."""

import gzip
import io
import struct
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glassnet import lines
from glassnet.data.tables import csv_blocks, csv_files, csv_libraries, text_lines
from glassnet.data.tables.csv_files import read_csv
from glassnet.data.tables.csv_libraries import CUTS, Library, reads_numbers_as_python, tried
from glassnet.errors import DataError

LIBRARIES = [Library("csv", csv_libraries._csv, reads_numbers=False, refuses_ragged=True)]
for library_name in CUTS:
    try:
        LIBRARIES.append(tried(library_name))
    except ImportError:  # pyarrow, for instance, is not needed by anything else here
        continue


@contextmanager
def as_large(library, block=64):
    """Every file is a large one, read by this library in small blocks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_files, "LARGE", 0)
        patch.setattr(csv_files, "library", lambda: library)
        patch.setattr(csv_blocks, "BLOCK", block)
        yield


def told(path, **how):
    """What reading a file gives: the table's columns to the bit, or the error's words."""
    try:
        table = read_csv(path, **how)
    except DataError as error:
        return str(error)
    columns = {
        name: column.tobytes() if isinstance(column, np.ndarray) else column.tolist()
        for name, column in table.columns.items()
    }
    return columns, table.lines.tolist(), list(table.columns)


def check(path, **how):
    expected = told(path, **how)
    for library in LIBRARIES:
        for block in (16, 64, 1 << 20):
            with as_large(library, block):
                assert told(path, **how) == expected, (library.name, block, path.read_bytes())


NUMBERS = st.one_of(
    st.integers(-1000, 1000).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(0, 2**64 - 1).map(lambda bits: repr(struct.unpack("<d", struct.pack("<Q", bits))[0])),
    st.text("0123456789", min_size=1, max_size=25),
    st.tuples(st.text("0123456789", min_size=1, max_size=25), st.integers(-330, 330)).map(lambda t: f"0.{t[0]}e{t[1]}"),
    st.sampled_from(["1.", ".5", "+1", "-0", "1E+05", "007", "1e-400", "1e999", "9007199254740993"]),
)
GAPS = st.sampled_from(["", "NA", "NaN", "nan", "null", "?", '""', '"NA"', " ", " NA ", "N/A"])
ODD = st.sampled_from(
    ["1_000", "0x10", "inf", "-Infinity", "NAN", "-nan", "++inf", "1,5", "\uff11", "١", "1e", "--1", "true", " 1", "1 ",
     '" 2 "', "1\xa0", "\x1f1", "e", ".", "-999", "-999.0", " -999"]
)  # fmt: skip
TEXT = st.text("ab é\xa0\u2028\x85;,\t'\\", max_size=4)
QUOTED = st.text('ab,;\n\r"é ', max_size=6).map(lambda text: '"' + text.replace('"', '""') + '"')
SPOILT = st.sampled_from(['a"b', '"a"b', ' "a"', '"a" ', '"', "\0", "a\rb", "\ud800"])
CELL = {
    "numbers": NUMBERS | GAPS,
    "some words": NUMBERS | GAPS | ODD,
    "words": TEXT | GAPS | QUOTED,
    "anything": NUMBERS | GAPS | ODD | TEXT | QUOTED | SPOILT,
}


@st.composite
def files(draw):
    """The bytes of a file that is CSV, or nearly."""
    delimiter = draw(st.sampled_from(",,,;\t|"))
    kind = st.sampled_from(["numbers"] * 3 + ["words"] * 2 + ["some words", "anything"])
    kinds = draw(st.lists(kind, min_size=1, max_size=4))
    names = [draw(st.sampled_from([f"c{k}", f" c{k}", f'"c {k}"'])) for k in range(len(kinds))]
    rows = [[draw(CELL[kind]) for kind in kinds] for _ in range(draw(st.integers(0, 8)))]
    for row in rows:
        if draw(st.integers(0, 30)) == 0:
            row.append("x") if draw(st.booleans()) else row.pop()

    def line(row):
        return delimiter.join(cell if cell[:1] == '"' or delimiter not in cell else f'"{cell}"' for cell in row)

    lines = [delimiter.join(names), *map(line, rows)]
    for k in range(len(lines), 0, -1):
        if draw(st.integers(0, 40)) == 0:
            lines.insert(k, draw(st.sampled_from(["", " ", delimiter])))
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    text = "".join(line + (end if draw(st.integers(0, 30)) else "\n") for line in lines)
    text = text if draw(st.booleans()) else text.rstrip("\r\n")
    content = text.encode(draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "latin-1"])), errors="replace")
    return delimiter, content


HOW = [
    {},
    {},
    {"decimal": ","},
    {"decimal": ",", "thousands": "."},
    {"thousands": ","},
    {"missing": ["-999", "x"]},
    {"missing": []},
    {"encoding": "latin-1"},
]


@settings(deadline=None, max_examples=150)
@given(file=files(), how=st.sampled_from(HOW))
@example(file=(",", b"a\n\n1\n"), how={})
@example(file=(",", b'a,b\n1,"x\r\ny"\r\n2,z\r\n'), how={})
@example(file=(",", b"a,b\n1,NAN\n2,3\n"), how={})
@example(file=(",", b"a,b\n1,2\n2,x\n" * 9), how={})
@example(file=(",", b"a,b\n 1, 2\n-999, -999\n"), how={"missing": ["-999"]})
@example(file=(",", b"a,b\n1,2222222222\n-999,2\n"), how={"missing": ["-999"]})
def test_every_library_gives_the_table_or_the_error_of_careful_reading(file, how, tmp_path_factory):
    delimiter, content = file
    path = tmp_path_factory.getbasetemp() / "large.csv"
    path.write_bytes(content)
    if delimiter == "|" or how.get("decimal") == ",":
        how = {**how, "delimiter": delimiter if delimiter != "," else ";"}
    check(path, **how)


@settings(deadline=None, max_examples=80)
@given(content=st.text('a1.,"\n\r \0é', max_size=40).map(str.encode) | st.binary(max_size=40))
def test_any_bytes_give_the_table_or_the_error_of_careful_reading(content, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "any-large.csv"
    path.write_bytes(b"a,b\n" + content)
    check(path)


@pytest.mark.parametrize("library", LIBRARIES[1:], ids=lambda library: library.name)
def test_the_installed_libraries_read_numbers_to_the_bit(library):
    assert library.reads_numbers


def unlike_python(change):
    """A library that makes something else of some numbers."""

    def cut(content, delimiter, numeric, missing):
        rows = [line.split(delimiter) for line in content.decode().splitlines()]
        if not any(numeric):
            different = [sorted(set(column)) for column in zip(*rows, strict=True)]
            return [(np.array([texts.index(row[k]) for row in rows]), texts) for k, texts in enumerate(different)]
        return [np.array([change(row[0]) for row in rows]), None]

    return cut


CHANGES = {
    "inexact": lambda text: float(text) * (1 + 2e-16),
    "underscores": lambda text: float(text.replace("_", "")),
    "Fortran": lambda text: float(text.replace("d", "e")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_library_that_reads_numbers_otherwise_than_python_only_cuts_cells(change, tmp_path):
    cut = unlike_python(CHANGES[change])
    assert not reads_numbers_as_python(cut)
    path = tmp_path / "t.csv"
    path.write_text("a,b\n0.1,1_000\n0.2,1d5\n")
    expected = told(path)
    with as_large(Library("other", cut, reads_numbers=False, refuses_ragged=False)):
        assert told(path) == expected


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
def test_what_is_usual_is_read_by_the_library_and_not_again(library, tmp_path, monkeypatch):
    monkeypatch.setattr(csv_files, "_carefully", None)
    path = tmp_path / "t.csv"
    rows = "".join(f'{k},{k / 7!r},"w, {k % 3}","a ""b""\n{k % 2}",{"NA" if k % 5 else k}\n' for k in range(300))
    path.write_bytes(b"\xef\xbb\xbf" + f"n,x,w,q,g\n{rows}\n\n".replace("\n", "\n").encode())
    with as_large(library, 256):
        table = read_csv(path)
        assert np.array_equal(table.column("x"), np.arange(300) / 7)
        assert table.column("q")[3] == 'a "b"\n1'
        assert np.isnan(table.column("g")).sum() == 240
        assert table.lines.tolist() == list(range(2, 602, 2))
        path.write_bytes(gzip.compress(path.read_bytes().replace(b"\n", b"\r\n").replace(b'""b""\r\n', b'""b""')))
        assert read_csv(path).lines.tolist() == list(range(2, 302))
        path.write_bytes("x;é\n1;ö\n".encode("utf-16"))
        assert read_csv(path, encoding="utf-16").column("é")[0] == "ö"


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
def test_words_that_come_late_in_a_column_of_numbers_have_it_read_again(library, tmp_path, monkeypatch):
    monkeypatch.setattr(csv_files, "_carefully", None)
    path = tmp_path / "t.csv"
    path.write_text("zip,n\n" + "".join(f"0{k},{k}\n" for k in range(100)) + "K1A,7\n")
    with as_large(library, 64):
        table = read_csv(path)
    assert table.column("zip").tolist() == [*(f"0{k}" for k in range(100)), "K1A"]
    assert table.column("n").tolist() == [*range(100), 7]


def test_every_delimiter_is_found_by_itself_with_and_without_a_library(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    for delimiter in ",;\t|":
        path.write_text(delimiter.join(("a", '"b,;|"', "c d")) + "\n" + delimiter.join("1xy") + "\n")
        expected = told(path)
        assert expected[2] == ["a", "b,;|", "c d"]
        for library in LIBRARIES:
            with as_large(library), monkeypatch.context() as patch:
                patch.setattr(csv_files, "_carefully", None)
                assert told(path) == expected


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
@pytest.mark.parametrize("truths", [("true",), ("false", "true"), ("", "TRUE"), ("False", "?"), ('"True"', "")])
def test_truth_words_that_fill_a_block_of_numbers_are_words(library, truths, tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    for before in ("", "1"):
        rows = [f"{k},{before},{k % 2},false" for k in range(150)]
        rows += [f"{k},{truths[k % len(truths)]},{k % 2},false" for k in range(900)]
        path.write_text("id,flag,bit,word\n" + "\n".join(rows) + "\n")
        expected = told(path)
        with as_large(library, 512), monkeypatch.context() as patch:
            patch.setattr(csv_files, "_carefully", None)
            assert told(path) == expected


def test_words_that_come_late_are_read_carefully_as_well(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("zip\n" + "".join(f"0{k}\n" for k in range(15_000)) + "K1A\n")
    assert read_csv(path).column("zip").tolist() == [*(f"0{k}" for k in range(15_000)), "K1A"]


def test_where_no_library_is_there_or_works_python_cuts(monkeypatch):
    def broken(content, delimiter, numeric, missing):
        raise RuntimeError

    monkeypatch.setattr(csv_libraries, "CUTS", {"json": (broken,), "no_such_library": (broken,)})
    assert csv_libraries.library() == LIBRARIES[0]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def refuses(content, delimiter, numeric, missing):
    raise ValueError


CAREFUL = Library("careful", refuses, reads_numbers=False, refuses_ragged=False)


@pytest.mark.parametrize("library", [CAREFUL, *LIBRARIES], ids=lambda library: library.name)
def test_a_line_on_the_terminal_says_how_far_reading_is(library, tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "QUIET", 0.0)
    monkeypatch.setattr(lines, "REDRAW", 0.0)
    monkeypatch.setattr(text_lines, "TOLD", 10)
    path = tmp_path / "big.csv"
    path.write_text("a,b\n" + "1,x\n" * 20_000)
    for progress, shows in ((None, True), (False, False)):
        terminal = Terminal()
        monkeypatch.setattr("sys.stderr", terminal)
        with as_large(library, 1 << 10):
            read_csv(path, progress=progress)
        drawn = terminal.getvalue()
        assert ("\r\x1b[2Kreading big.csv: 100 %" in drawn) == shows
        assert ("\r\x1b[2Kread big.csv in " in drawn) == drawn.endswith(" s\n") == shows
    file = io.StringIO()
    monkeypatch.setattr("sys.stderr", file)
    read_csv(path)
    assert file.getvalue() == ""
