"""Whatever is given wrongly to a command: one line that says so, the right exit code, and a folder as it was.

A new case is a line in one of the tables. What is wrong inside tables, arrays and model files has tables of its own, in
`tests/data/tables/test_bad_tables.py`, `tests/training/test_bad_inputs.py`, `tests/sklearn/test_bad_inputs.py` and
`tests/model/saving/test_broken_files.py`; requests that the page refuses are in `tests/playground/test_hostile.py`.
"""

import io
import json
import re
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest

from glassnet.cli import tables

ROWS = b"a,b,y\n" + b"".join(b"%d,%d,%d\n" % (k, k * k % 7, k % 3) for k in range(30))
TRAIN = ["train", "t.csv", "--target", "y", "--recipe", "small", "--epochs", 1, "--no-plot", "--quiet"]


def zipped(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "a,y\n1,2\n")
    return file.getvalue()


SAFETENSORS = (2).to_bytes(8, "little") + b"{}"

# what t.csv holds, and what is said of it; each is code 3
TABLES = {
    "empty": (b"", "t.csv is empty: no header and no rows"),
    "no rows": (b"a,y\n", "t.csv has a header and no rows"),
    "a ragged row": (b"a,y\n1,2\n1,2,3\n", "t.csv, line 3 has 3 fields, the header has 2"),
    "a cell without end": (b"a,y\n1," + b"x" * 131_073 + b"\n", "line 2: a cell is longer than 131,072 characters"),
    "Latin-1": (b"a,y\n1,x\n2,caf\xe9\n", "line 3, character 6: byte 0xE9 is not utf-8; .* --encoding latin-1"),
    "a column without a name": (b"a,,y\n1,2,3\n", "line 1: column 2 of the header has no name"),
    "a name twice": (b"a,a,y\n1,2,3\n", "column 2 of the header is 'a', and so is column 1"),
    "decimal commas": (b"a;y\n1,5;2\n2,25;3\n", "line 2: '1,5' in column 'a' looks like .* --decimal ,"),
    "infinity": (b"a,y\n1,2\ninf,3\n", "line 3: column 'a' is infinite"),
    "too large a number": (b"a,y\n1,2\n1e999,3\n", "line 3: column 'a' is infinite"),
    "no target": (b"a,yy\n1,2\n2,3\n", "t.csv has no column 'y'; the nearest is 'yy'"),
    "nothing but holes": (b"a,b,y\n,1,2\n,2,3\n", "column 'a' of t.csv is missing in every row .* --exclude 'a'"),
    "names of rows": (
        b"i,y\n" + b"".join(b"row%d,%d\n" % (k, k % 5) for k in range(60)),
        r"too many different ones .* 'i' \(\d+ different words in \d+ rows\).* --exclude 'i'",
    ),
    "half a gzip file": (b"\x1f\x8b\x08" + bytes(20), "t.csv is not a whole gzip file"),
    "a zip file": (zipped("t.csv"), "t.csv is a zip archive, not a table; unpack it"),
    "a zip file that climbs": (zipped("../../t.csv"), "t.csv is a zip archive, not a table; unpack it"),
    "a page of HTML": (
        b"\n<!DOCTYPE html><html><body>Not found</body></html>\n",
        "t.csv is a page of HTML or a document",
    ),
    "a document in XML": (
        b"<?xml version='1.0'?>\n<a/>\n",
        "t.csv is a page of HTML or a document in XML, not a table",
    ),
    "a model": (SAFETENSORS, "t.csv is a file of a model, not a table; were the two swapped"),
    "one word among numbers": (
        b"a,y\n" + b"".join(b"%b,%d\n" % (b"-" if k == 3 else b"%d" % k, k % 3) for k in range(12)),
        "most of them numbers, but '-' in t.csv, line 5: mend it, or say --missing '-'",
    ),
    "one word among many numbers": (
        b"a,y\n" + b"".join(b"%b,%d\n" % (b"#REF!" if k == 33 else b"%d" % (k % 9), k % 3) for k in range(90)),
        "'#REF!' in column 'a' is not a number, but .* are; mend 1 cell, or say --missing '#REF!' if it means missing",
    ),
    "hexadecimal": (b"a,y\n" + b"".join(b"0x%x,%d\n" % (k, k % 3) for k in range(12)), "line 2: write 0"),
    "Fortran's exponents": (b"a,y\n" + b"".join(b"%dd5,%d\n" % (k, k % 3) for k in range(12)), "line 2: write 0e5"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", r"does not look like text: it is a picture \(PNG\)"),
    "NUL": (b"a,y\n1,\0\n", "line 2 holds a NUL byte"),
    "one class": (b"a,y\n1,x\n2,x\n3,x\n", "target 'y' of t.csv has one class, 'x', in all 3 rows"),
}

# a table by its name, what it holds, and what is said of it; each is code 3
OTHERS = {
    "t.json": (b"", "t.json is empty; a table in JSON is a list of records"),
    "u.json": (b"null", "u.json, record 1 is null; a table in JSON is a list of records"),
    "v.json": (b"[1, 2]", "v.json, record 1 is 1; a table in JSON is a list of records"),
    "w.json": (b"[" * 1000 + b"]" * 1000, "w.json is nested too deep"),
    "t.jsonl": (b'{"a": 1, "y": 2}\n{"a":\n', "t.jsonl, line 2 is not JSON: Expecting value at character 6"),
    "u.jsonl": (b'{"a": 1, "y": 2}\n[1]\n', "u.jsonl, line 2 is .1.; a table in JSON is a list of records"),
    "t.parquet": (b"", "t.parquet is not Parquet, as its name says; it is empty"),
    "t.xlsx": (b"a,y\n1,2\n", "t.xlsx is not Excel, as its name says; it begins with b'a,y"),
    "t.feather": (b"ARROW1" + bytes(20), "t.feather does not look like text: it is a table in Arrow's format"),
    "t.npy": (b"\x93NUMPY\x01\0v\0" + bytes(20), "t.npy does not look like text: it is an array of NumPy"),
    "t.h5": (b"\x89HDF\r\n\x1a\n" + bytes(20), "t.h5 does not look like text: it is HDF5"),
    "t.pkl": (b"\x80\x05\x95" + bytes(20), "t.pkl does not look like text: it is a pickle, which can run code"),
    "t.gz": (b"\x1f\x8b\x08" + bytes(20), "t.gz is not a whole gzip file"),
}

# a row of t.csv, for a model of its columns a and b, and what is said of it; each is code 3
ROWS_TO_PREDICT = {
    "1_000,1": "line 2: '1_000' in column 'a' is not a number, .* mend the cell .write 1000., or leave it empty",
    "5%,1": "line 2: '5%' in column 'a' is not a number, .* mend the cell .write 5.",
    "true,1": "line 2: 'true' in column 'a' is not a number, and the column must be numbers",
    "2024-01-01,1": "line 2: '2024-01-01' in column 'a' is not a number",
    "inf,1": "line 2: column 'a' is infinite",
    "1,2,3": "line 2 has 3 fields, the header has 2",
    '"1,2': "line 2: a quotation mark opens a cell and none closes it",
    "1,\0": "line 2 holds a NUL byte",
    '"1,5",1': "line 2: '1,5' in column 'a' is not a number, .* --decimal ,",
}

# the file's content, or what is changed in its description, and what is said of it; each is code 4
MODELS = {
    "empty": (b"", "it has 0 bytes"),
    "text": (b"a,y\n1,2\n", r"this is text, not a model file; .* \(did you swap MODEL and TABLE\?\)"),
    "a pickle": (b"\x80\x05\x95" + bytes(20), "it is a pickle, which can run code when it is read"),
    "ONNX": (b"\x08\x07\x12\x04main" + bytes(20), "not a model file"),
    "a small gzip file": (b"\x1f\x8b\x08\0" + bytes(30), "not a model file: it is packed with gzip"),
    "a pickle of joblib": (b"x^k`\x99z\x91\x01" + bytes(30), "it is packed with zlib, as joblib packs pickles"),
    "an array": (b"\x93NUMPY\x01\x00v\x00{'descr': '<f8'}" + bytes(20), "it is an array of NumPy"),
    "a header beyond the file": (
        (2**62).to_bytes(8, "little") + b"{}",
        "announce a header of 4611686018427387904 bytes",
    ),
    "cut off": (lambda file: file[:-5], "truncated: the tensors take"),
    "bytes too many": (lambda file: file + b"xx", "bytes that belong to no tensor"),
    "no text": (lambda file: described(file, lambda text: 5), "'glassnet' must be a string, got 5"),
    "no JSON": (lambda file: described(file, lambda text: "{"), "not JSON"),
    "a list": (lambda file: described(file, lambda text: "[]"), "must be|got"),
    "a key twice": (lambda file: described(file, lambda text: '{"dtype":1,"dtype":1}'), "the key 'dtype' 2 times"),
    "NaN": (lambda file: described(file, lambda text: text.replace(":5", ":NaN", 1)), "NaN"),
    "a class of the system": (
        lambda file: described(file, lambda text: text.replace('"Dense"', '"os.system"', 1)),
        "layer must be a name of letters, digits and underscores, got 'os.system'",
    ),
    "a newer format": (
        lambda file: described(file, lambda text: re.sub(r'"format":\d+', '"format":999', text)),
        "999",
    ),
    "endlessly nested": (lambda file: described(file, lambda text: "[" * 90_000), "nested|deep"),
}

# the command and its option, and what is said; each is code 2
OPTIONS = {
    "train penguins --epochs": "'--epochs' requires an argument",
    "train penguins --epochs 1 --epochs 2": "--epochs is given 2 times; give it once",
    "train penguins --epochs -1": "--epochs must be >= 1, got -1",
    "train penguins --epochs 1e3": "--epochs.*got '1e3'",
    "train penguins --learning-rate -0.1": "--learning-rate must be > 0, got -0.1",
    "train penguins --learning-rate nan": "--learning-rate must be > 0, got nan",
    "train penguins --learning-rate inf": "--learning-rate must be > 0, got inf",
    "train penguins --batch-size -1": "--batch-size must be >= 0, got -1",
    "train penguins --batch-size 2.5": "--batch-size must be a whole number, or all, got '2.5'",
    "train penguins --optimizer adm": "unknown optimizer 'adm' .did you mean 'adam'",
    "train penguins --activation rleu": "unknown activation 'rleu' .did you mean 'relu'",
    "train penguins --loss sqared": "unknown loss 'sqared' .did you mean 'squared'",
    "train penguins --l2 -1": "--l2 must be >= 0, got -1",
    "train penguins --dropout 1": "--dropout must be >= 0 and < 1, got 1",
    "train penguins --hidden x": "--hidden must be whole numbers such as 16,8, got 'x'",
    "train penguins --hidden -3": "--hidden must be numbers >= 1, or 0 alone .* got '-3'",
    "train penguins --seed -1": "--seed must be >= 0, got -1",
    "train penguins --validation 2": "--validation must be a share of the rows, from 0 to below 1, got 2",
    "train penguins --patience -1": "--patience must be >= 0, got -1",
    "train penguins --cv 1": "--cv must be >= 2",
    "train penguins --time -1": "--time must be > 0 seconds, got -1",
    "train penguins --engine gpu": "unknown --engine 'gpu'; known are auto, compiled, numpy",
    "train penguins --kind nummer": "unknown --kind 'nummer' .did you mean 'number'",
    "train t.csv --encoding nix": "--encoding must be a text encoding Python knows",
    "train t.csv --delimiter ab": "--delimiter must be one character",
    "train t.csv --decimal x": '--decimal must be "." or ",", got \'x\'',
    "predict m.glass penguins --interval 1.5": "--interval must be a share of rows between 0 and 1",
    "explain m.glass penguins --row 0": "--row must be from 1 to 344",
    "eject m.glass numpy --dtype ,": "--dtype must be float32 or float64, got ','",
    f"train penguins --recipe small --epochs {10**20}": "--epochs must be a whole number below 2.63, got 1000000",
    f"train penguins --recipe small --patience {10**20}": "--patience must be a whole number below 2.63",
    f"train penguins --recipe small --batch-size {10**20}": "--batch-size must be a whole number below 2.63",
    f"train penguins --recipe ensemble --members {10**20}": "--members must be a whole number below 2.63",
    "train penguins --cv 999": "--cv must be at most",
    f"train penguins --memory {'9' * 400}": "--memory must be a number of bytes > 0, or text such as",
    "explain m.glass penguins --digits 99": "--digits must be a whole number from 2 to 17, got 99",
    "eject m.glass c --prefix 1": "--prefix must be letters, digits and _",
    f"search penguins --settings {10**20}": "--settings must be a whole number below 2.63",
    "eject m.glass cobol": "unknown language 'cobol'; known are c, ",
    "eject m.glass c --interval 0.9": "this model is not calibrated",
    "lottery xor --seeds 0": "--seeds must be >= 1, got 0",
    "search penguins --settings 0": "--settings must be >= 1, got 0",
    "search penguins --folds 1": "--cv must be >= 2, got 1",
    "search penguins --halving 1": "--halving must be >= 2, got 1",
    "search penguins --by acuracy": "unknown metric 'acuracy' .did you mean 'accuracy'",
    "search t.csv --journal t.csv": "--journal",
    "play penguins --port 99999999": "a port is a whole number from 0 to 65535",
    "predict m.glass penguins --rows": "no such option: --rows",
}

# the command, and what is said; each is code 5
FILES = {
    "train none.csv": "none.csv",
    "train http://localhost/t.csv": "files are read here, not addresses: download it first",
    "train broken.csv": "cannot read 'broken.csv': no such file",
    "train endless.csv": "cannot read 'endless.csv': too many levels of symbolic links",
    "predict broken.csv penguins": "cannot read 'broken.csv': no such file",
    "calibrate m.glass .": "cannot read '.': is a directory",
    "explain m.glass .": "cannot read '.': is a directory",
    "search none.csv": "cannot read 'none.csv': no such file",
    "evaluate m.glass none/*.csv": "cannot read 'none/.*.csv': no file matches the pattern",
    "diagnose none.csv": "no such file",
    "predict m.glass none.csv": "cannot read 'none.csv': no such file",
    "predict none.glass penguins": "cannot read 'none.glass': no such file",
    "summary .": "cannot read '.': is a directory; give the name of a file",
    "train penguins --epochs 1 --output .": "cannot write '.': is a directory",
    "train penguins --epochs 1 --output none/m.glass": "cannot write 'none/m.glass': no such folder",
    "train penguins --epochs 1 --output t.csv/m.glass": "cannot write 't.csv/m.glass': not a directory",
    f"train penguins --epochs 1 --output {'n' * 300}.glass": "file name too long; choose a shorter name",
    "predict m.glass penguins --quiet --output none/p.csv": "cannot write 'none/p.csv'",
    "eject m.glass c --output none/p.c": "cannot write 'none/p.c'",
    "explain m.glass penguins --row 1 --html none/p.html": "cannot write 'none/p.html'",
}


def described(file: bytes, change) -> bytes:
    """A model file whose description is another one."""
    end = 8 + int.from_bytes(file[:8], "little")
    header = json.loads(file[8:end])
    header["__metadata__"]["glassnet"] = change(header["__metadata__"]["glassnet"])
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + file[end:]


@pytest.fixture
def refused(glassnet, model, tmp_path):
    """That a command is refused: with this code, in these words, and with nothing written."""
    (tmp_path / "t.csv").write_bytes(ROWS)
    (tmp_path / "broken.csv").symlink_to("nowhere")
    (tmp_path / "endless.csv").symlink_to("endless.csv")

    def content():
        return {path: path.read_bytes() if path.is_file() else None for path in tmp_path.rglob("*")}

    def check(argv, code, words):
        before = content()
        result = glassnet(*argv)
        assert result.code == code, result.err
        assert re.search(words, result.error), result.error
        assert result.err == result.error + "\n"
        assert result.out == ""
        assert content() == before

    return check


@pytest.mark.parametrize("case", TABLES)
def test_a_table_that_cannot_be_learnt_from(case, refused, tmp_path):
    content, words = TABLES[case]
    (tmp_path / "t.csv").write_bytes(content)
    refused(TRAIN, 3, words)


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_file_by_another_name_that_cannot_be_learnt_from(name, more, glassnet, tmp_path):
    content, words = OTHERS[name]
    (tmp_path / name).write_bytes(content)
    result = glassnet("train", name, "--target", "y", *more)
    assert (result.code, [path.name for path in tmp_path.iterdir()]) == (3, [name])
    assert re.search(words, result.error), result.error
    assert (result.json["error"]["code"] if more else result.out) == (3 if more else "")


@pytest.mark.parametrize("row", ROWS_TO_PREDICT)
@pytest.mark.parametrize("memory", [[], ["--memory", "10B"]])
def test_a_row_that_cannot_be_predicted(row, memory, glassnet, numbers_file, tmp_path):
    (tmp_path / "t.csv").write_text(f"a,b\n{row}\n")
    result = glassnet("predict", numbers_file, "t.csv", *memory, "--output", "p.csv")
    assert (result.code, [path.name for path in tmp_path.iterdir()]) == (3, ["t.csv"])
    assert re.search(ROWS_TO_PREDICT[row], result.error), result.error
    assert result.out == ""


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no devices")
@pytest.mark.parametrize("command", ["train D", "predict m.glass D", "evaluate m.glass D", "predict D penguins"])
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom", "/dev/full"])
def test_a_device_without_end_is_refused(command, device, refused):
    is_model = command == "predict D penguins"
    words = "this is a device, not a model file" if is_model else "is a device and no table; give a file"
    refused(command.replace("D", device).split(), 4 if is_model else 3, words)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no devices")
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom"])
def test_no_more_than_the_beginning_is_taken_of_what_is_no_text(device, refused, monkeypatch):
    with open(device) as endless:
        monkeypatch.setattr(sys, "stdin", endless)
        refused(["predict", "m.glass", "-"], 3, "stdin.*(NUL|is not utf-8|does not look like text|longer than)")


def test_text_without_end_is_refused_before_it_fills_the_memory(refused, monkeypatch):
    class Endless:
        buffer = property(lambda self: self)
        closed = False
        came = 0

        def isatty(self):
            return False

        def read(self, size):
            self.came += size
            return b"1,2\n" * (size // 4)

    monkeypatch.setattr(sys, "stdin", Endless())
    monkeypatch.setattr(tables, "free_memory", lambda: 20_000_000)
    refused(["train", "-"], 3, r"standard input gave more than 0.003 GB, of which a table .* more memory than is free")
    assert sys.stdin.came < 4_000_000


@pytest.mark.parametrize("case", MODELS)
def test_a_file_that_is_no_model(case, refused, model):
    content, words = MODELS[case]
    model.write_bytes(content(model.read_bytes()) if callable(content) else content)
    refused(["predict", "m.glass", "penguins"], 4, words)


@pytest.mark.parametrize("command", OPTIONS)
def test_an_option_that_cannot_be(command, refused):
    refused(command.split(" "), 2, OPTIONS[command])


@pytest.mark.parametrize("command", FILES)
def test_a_file_that_cannot_be_read_or_written(command, refused):
    refused(command.split(" "), 5, FILES[command])


# what asks for much with few bytes; none may take 512 MB, or 2 seconds of the processor

MUCH = """
import re, sys, time
from pathlib import Path
from glassnet.cli import main
for argv in (["train", "bomb.csv.gz"], ["train", "bomb.jsonl.gz"], ["train", "bomb.parquet"], ["train", "bomb.xlsx"],
             ["train", "line.csv"], ["train", "braces.json"],
             ["summary", "header.glass"], ["summary", "tensor.glass"], ["summary", "deep.glass"]):
    start = time.process_time()
    print(argv[1], main(argv), time.process_time() - start)
most = re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())  # without what the parent process had
print("MB", 0, int(most[1]) / 1024)
"""


def gzip_of(content: bytes) -> bytes:
    packing = zlib.compressobj(1, wbits=31)
    return packing.compress(content) + packing.flush()


def parquet(rows: int) -> bytes:
    file = io.BytesIO()
    column = pyarrow.repeat(0.0, rows)
    pyarrow.parquet.write_table(pyarrow.table({"a": column, "y": column}), file)
    return file.getvalue()


def workbook(rows: int) -> bytes:
    """A workbook of 20 rows, as it says, and of millions more."""
    book, file, packed = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    for k in range(20):
        book.active.append([k, k % 3] if k else ["a", "y"])
    book.save(file)
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for name in source.namelist():
            more = b'<row r="21"><c r="A21"><v>1</v></c></row>' * rows if name.endswith("sheet1.xml") else b""
            out.writestr(name, source.read(name).replace(b"</sheetData>", more + b"</sheetData>"))
    return packed.getvalue()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_small_files_that_ask_for_much_are_refused_with_little(tmp_path):
    gzip = zlib.compressobj(1, wbits=31)
    bomb = (
        gzip.compress(b",".join(b"x%d" % k for k in range(500)) + b"\n" + (b"0," * 499 + b"0\n") * 101_000)
        + gzip.flush()
    )
    tensor = b'{"W1": {"dtype": "F64", "shape": [1099511627776], "data_offsets": [0, 8796093022208]}}'
    deep = b'{"__metadata__": {"glassnet": "' + b"[" * 90_000 + b'"}}'
    lines = gzip_of(b'{"a": 1, "y": 2}\n' * 6_500_000)
    files = {
        "bomb.csv.gz": bomb,
        "bomb.jsonl.gz": lines,
        "bomb.parquet": parquet(rows=15_000_000),
        "bomb.xlsx": workbook(rows=3_000_000),
        "line.csv": b"a,y\n" + b"1," * 2**23,
        "braces.json": b"[" * 2**20,
        "header.glass": (2**62).to_bytes(8, "little"),
        "tensor.glass": len(tensor).to_bytes(8, "little") + tensor,
        "deep.glass": len(deep).to_bytes(8, "little") + deep,
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    done = subprocess.run([sys.executable, "-c", MUCH], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    *lines, (_, _, megabytes) = (line.split() for line in done.stdout.splitlines())
    for name, code, seconds in lines:
        assert code == ("4" if name.endswith("glass") else "3"), done.stderr
        assert float(seconds) < 2, name
    assert done.stderr.count("\n") == len(lines) == len(files), done.stderr
    assert float(megabytes) < 512
    assert sorted(path.name for path in Path(tmp_path).iterdir()) == sorted(files)
