import subprocess
import sys

import pytest

from glassnet.readings.eject import LANGUAGES


def test_the_program_goes_to_stdout_and_runs(glassnet, model, tmp_path):
    result = glassnet("eject", model, "numpy")
    assert result.code == 0
    assert result.err == ""
    (tmp_path / "network.py").write_text(result.out)
    done = subprocess.run([sys.executable, "-I", "network.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0
    assert "5 rows predicted" in done.stdout


def test_verify_runs_it_and_says_how_far_apart_they_are(glassnet, model):
    result = glassnet("eject", model, "numpy", "--verify", "--rows", 7)
    assert result.code == 0
    assert "7 random rows, largest difference" in result.out
    assert result.out.endswith(": the same\n")


def test_a_program_that_trains_takes_its_rows_from_a_table(glassnet, model, tmp_path):
    result = glassnet(
        "eject", model, "numpy", "-o", "n.py", "--train", "penguins", "--epochs", 2, "--batch-size", 100, "--optimizer",
        "sgd", "--learning-rate", 0.5, "--no-shuffle", "--verify", "--json",
    )  # fmt: skip
    assert result.code == 0
    assert result.json["trains"] is True
    assert result.json["verified"]["passed"] is True
    assert result.json["verified"]["weights"] <= 1e-10
    text = (tmp_path / "n.py").read_text()
    assert result.json["bytes"] == len(text.encode())
    assert "lr = 0.5\n" in text
    assert "rng" not in text  # in their order: nothing is drawn


def test_an_ejected_program_is_replaced_and_another_file_is_not(glassnet, model, tmp_path):
    own = "import glassnet as gn\n\nprint('mine')\n"
    for language in LANGUAGES:
        for _ in range(2):
            assert glassnet("eject", model, language, "-o", "program").code == 0, language
    (tmp_path / "program").write_text(own)
    result = glassnet("eject", model, "numpy", "-o", "program")
    assert result.code == 5
    assert "not an ejected program" in result.error
    assert (tmp_path / "program").read_text() == own
    assert glassnet("eject", model, "numpy", "-o", "program", "--force").code == 0


def test_a_program_in_c_has_a_prefix_and_a_header(glassnet, model, tmp_path):
    result = glassnet("eject", model, "c", "-o", "penguins.c", "--prefix", "penguins_", "--header", "--json")
    assert result.code == 0
    assert result.json["header"] == "penguins.h"
    header = (tmp_path / "penguins.h").read_text()
    assert "int penguins_predict(" in header
    assert "what penguins.c offers" in header
    assert "int penguins_predict(" in (tmp_path / "penguins.c").read_text()
    (tmp_path / "penguins.h").write_text("#define MINE\n")
    again = glassnet("eject", model, "c", "-o", "other.c", "--prefix", "penguins_", "--header")
    assert (again.code, (tmp_path / "other.h").exists()) == (0, True)
    refused = glassnet("eject", model, "c", "-o", "penguins.c", "--header")
    assert refused.code == 5
    assert (tmp_path / "penguins.h").read_text() == "#define MINE\n"
    for options in (
        ["js", "-o", "p.mjs", "--header"],
        ["c", "--header"],
        ["r", "--prefix", "a_"],
        ["c", "--prefix", "1"],
    ):
        assert glassnet("eject", model, *options).code == 2, options


def test_inputs_that_had_to_be_renamed_are_told(glassnet, tmp_path):
    (tmp_path / "t.csv").write_text("a b,c,y\n" + "".join(f"{k},{k % 3},{k * 1.5}\n" for k in range(30)))
    assert glassnet("train", "t.csv", "--target", "y", "--epochs", 2, "-o", "t.glass", "--no-plot").code == 0
    result = glassnet("eject", "t.glass", "onnx", "-o", "t.onnx")
    assert "note: the column 'a b' is the input 'a_b'" in result.err
    assert glassnet("eject", "t.glass", "onnx", "-o", "t.onnx", "--json").json["renamed"] == {"a b": "a_b"}


@pytest.mark.parametrize(("name", "start"), [("js", "//"), ("python", '"""'), ("NumPy", '"""'), ("JavaScript", "//")])
def test_languages_have_other_names(glassnet, model, name, start):
    result = glassnet("eject", model, name)
    assert result.code == 0
    assert result.out.startswith(start) or "Made by glassnet" in result.out


def test_another_model_file_is_not_replaced(glassnet, model, tmp_path):
    (tmp_path / "other.glass").write_bytes((tmp_path / model).read_bytes())
    result = glassnet("eject", model, "c", "-o", "other.glass")
    assert result.code == 5
    assert (tmp_path / "other.glass").read_bytes() == (tmp_path / model).read_bytes()


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["cobol"], 2, "unknown language 'cobol'"),
        (["numpy", "--learning-rate", "0.1"], 2, "--train TABLE"),
        (["numpy", "--no-shuffle"], 2, "--train TABLE"),
        (["numpy", "--epochs", "3"], 2, "--train TABLE"),
        (["numpy", "--batch-size", "3"], 2, "--train TABLE"),
        (["numpy", "--rows", "3"], 2, "--verify"),
        (["numpy", "--decimal", ","], 2, "--train TABLE"),
        (["numpy", "--json"], 2, "--output or --verify"),
        (["numpy", "--dtype", "float16"], 2, "float32 or float64"),
        (["numpy", "--train", "xor"], 3, "no column 'species'"),
        (["numpy", "--train", "penguins", "--epochs", "0"], 2, "epochs must be"),
        (["onnx", "--train", "penguins"], 2, "do not train"),
        (["numpy", "--verify", "--rows", "0"], 2, "rows must be"),
        (["numpy", "--output", "no/such/folder.py"], 5, "no such folder"),
    ],
)
def test_options_that_make_no_sense_are_refused(glassnet, model, options, code, said):
    result = glassnet("eject", model, *options)
    assert result.code == code
    assert said in result.error


def test_a_tool_that_is_not_installed_is_named(glassnet, model, monkeypatch):
    monkeypatch.setenv("PATH", "")
    result = glassnet("eject", model, "r", "--verify")
    assert result.code == 5
    assert "Rscript" in result.error


def test_a_difference_has_its_own_exit_code(glassnet, model, monkeypatch):
    from glassnet.readings.eject.numpy import program as numpy_program

    honest = numpy_program.run

    def run(plan, program, rows):
        answers, tool = honest(plan, program, rows)
        answers.outputs[0] += 1e-9
        return answers, tool

    monkeypatch.setattr(numpy_program, "run", run)
    result = glassnet("eject", model, "numpy", "--verify")
    assert result.code == 6
    assert "NOT THE SAME" in result.out
