"""Nothing that is printed ends in a UnicodeEncodeError, whatever letters the stream has."""

import os
import re
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.printable import REPLACING, in_encoding, register

STREAMS = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "cp437": {"PYTHONIOENCODING": "cp437"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}

MODEL = """\
import glassnet as gn
rows = {"größe ≥": [float(k) for k in range(20)], "日本": ["ä", "b"] * 10, "y": ["ja ½", "nein"] * 10}
network = gn.Network(gn.Dense(3, "gelu"), gn.LayerNorm(), gn.Dense())
model = gn.train(network, rows, target="y", epochs=3, seed=0, optimizer=gn.Adam(clip_norm=1.0), progress=True)
"""

LIBRARY = (
    MODEL
    + """\
from glassnet.data.tables import as_table
from glassnet.reproduce import reproduce

print(model, model.summary(), model.history, model.engine, model.optimizer, model.network, model.predictor())
print(model.derivation(), model.derivation(prediction=True), model.explain(as_table(rows).rows([0])))
print(repr(model.derivation()), [model.derivation()], model.explain(as_table(rows).rows([0]))["dW1"])
print(model.contract, model.contract.describe(), as_table(rows), model.picture())
print(model.source(), model.source("compiled"))
X, y = gn.datasets.moons(20)
print(gn.check_gradient(gn.Network(gn.Dense(3, "tanh"), gn.Dense()), X, y * 0.5))
for language in ("numpy", "r", "javascript", "c"):
    print(model.eject(language))
try:
    model.predict({"größe ≥": ["日本"], "日本": ["ä"]})
except gn.DataError as error:
    print(error)
reproduce("xor", seeds=1)
reproduce("tychobra", seeds=1)
"""
)


def run(argv, stream, cwd, **options):
    env = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHONIO"))}
    env |= STREAMS[stream]
    return subprocess.run([sys.executable, *map(str, argv)], cwd=cwd, env=env, capture_output=True, **options)


@pytest.mark.parametrize("stream", STREAMS)
def test_the_library_prints_anything(stream, tmp_path):
    (tmp_path / "prints.py").write_text(LIBRARY, encoding="utf-8")
    done = run(["prints.py"], stream, tmp_path)
    assert done.returncode == 0, done.stderr.decode("ascii", "replace")[-2000:]
    text = done.stdout.decode("ascii" if stream == "C" else stream)
    assert "── Forward ──" in text or "-- Forward --" in text
    assert "\\u25" not in done.stderr.decode("ascii", "replace")  # the bar of progress


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("printed")
    subprocess.run([sys.executable, "-c", f'{MODEL}model.save("m.glass")'], cwd=path, check=True, capture_output=True)
    rows = "".join(f"{k},{'äb'[k % 2]},{('ja ½', 'nein')[k % 2]}\n" for k in range(40))
    (path / "t.csv").write_text(f"größe ≥,日本,y\n{rows}", encoding="utf-8")
    (path / "odd.csv").write_text("größe ≥,日本\n日,語\n", encoding="utf-8")
    return path


COMMANDS = """\
import sys
from glassnet.cli import main
for line in sys.argv[1:]:
    code = main(line.split())
    for stream in (sys.stdout, sys.stderr):
        print(f"=== {code}", file=stream, flush=True)
"""


def commands(lines, stream, folder):
    """The exit code of each command, one after the other in one process, and the bytes of stdout and stderr."""
    done = run(["-c", COMMANDS, *lines], stream, folder)
    assert done.returncode == 0, done.stderr
    out, err = (re.split(rb"=== (\d+)\r?\n", text)[:-1] for text in (done.stdout, done.stderr))
    return list(zip(map(int, out[1::2]), out[::2], err[::2], strict=True))


PRINTED = {
    "--help": 0,
    "train --help": 0,
    "train t.csv --target y --epochs 3 --no-plot --output new.glass": 0,
    "summary m.glass": 0,
    "derivation m.glass": 0,
    "explain m.glass t.csv --row 2": 0,
    "evaluate m.glass t.csv": 0,
    "predict m.glass odd.csv": 3,
    "eject m.glass numpy --verify": 0,
}


@pytest.mark.parametrize("stream", ["cp1252", "C"])
def test_a_command_prints_anything(folder, stream):
    for (line, code), (found, out, err) in zip(PRINTED.items(), commands(PRINTED, stream, folder), strict=True):
        assert found == code, (line, err)
        assert b"Traceback" not in err, line
        assert out if code == 0 else err, line
        for text in (out, err):
            text.decode("ascii" if stream == "C" else stream)


def test_what_is_written_and_data_on_stdout_are_utf8_always(folder):
    names = ("d.txt", "d.html", "d.tex", "n.py")
    lines = ["predict m.glass t.csv --keep -q", *(f"derivation m.glass -o {name}" for name in names[:3])]
    predicted, *others = commands([*lines, "eject m.glass numpy -o n.py"], "C", folder)
    assert predicted[1].decode("utf-8").startswith("größe ≥,日本,y,predicted y,p(ja ½)")
    assert [code for code, *_ in others] == [0] * 4
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in names}
    assert "∂" in texts["d.txt"]
    assert "∂" in texts["d.html"]
    assert not texts["n.py"].isascii()


def test_a_program_that_is_printed_in_ascii_is_still_right(tmp_path):
    (tmp_path / "prints.py").write_text(MODEL + 'print(model.eject("numpy"))', encoding="utf-8")
    done = run(["prints.py"], "ascii", tmp_path)
    (tmp_path / "n.py").write_bytes(done.stdout)
    ran = subprocess.run([sys.executable, "-I", "n.py"], cwd=tmp_path, capture_output=True)
    assert ran.returncode == 0, ran.stderr


@given(st.text(), st.sampled_from(["ascii", "cp1252", "cp437", "latin-1", "cp932", "utf-8"]))
def test_any_text_can_be_encoded(text, encoding):
    register()
    found = in_encoding(text, encoding)
    found.encode(encoding)
    text.encode(encoding, REPLACING)
    kept = [letter for letter in text if unicodedata.category(letter) != "Cs" and letter.isascii()]
    assert len(found) >= len(kept)


def test_a_text_that_can_be_shown_stays():
    for text in ("R² ½ é", "plain"):
        assert in_encoding(text, "cp1252") == text
    assert in_encoding("── ∂L/∂W = Σ x̂ ₖ → ▁█ β₁ 10⁻⁵", "ascii") == "-- dL/dW = Sigma xhat _k -> _# beta1 10^-5"
