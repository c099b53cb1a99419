import pytest


def test_the_tutorials_own_experiments_beside_the_original(glassnet, tmp_path):
    argv = "reproduce xor --hidden 4 --activation tanh --learning-rate 1 --layers 2 --epochs 400 --seeds 9"
    result = glassnet(*argv.split(), "--plot", "p.png")
    assert result.code == 0, result.err
    lines = {" ".join(line[:24].split()): line[24:].split() for line in result.out.splitlines()}
    assert result.out.splitlines()[0].split() == ["the", "tutorial", "here"]
    assert lines["network"] == ["2-2-1", "2-4-4-1", "changed"]
    assert lines["hidden layers"] == ["sigmoid", "tanh", "changed"]
    assert lines["learning rate"] == ["0.1", "1", "changed"]
    assert lines["seed"] == ["42", "42"]
    assert lines["learnt"] == ["no", "yes"]
    assert lines["below 0.01"][0] == "never"
    assert "of 9" in " ".join(lines["seeds that learn"])
    assert max(map(len, result.out.splitlines())) <= 94
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    found = glassnet(*argv.split(), "--json")
    assert found.out.count("\n") == 1
    assert found.json["original"]["learned"] is False
    assert found.json["changed"]["hidden"] == [4, 4]
    assert found.json["seeds"] == 9


def test_tychobra_too_and_biases_can_be_had(glassnet):
    found = glassnet("reproduce", "tychobra", "--bias", "--hidden", "5,3", "--epochs", 1, "--seeds", 4, "--json").json
    assert found["changed"]["bias"] is True
    assert found["original"]["bias"] is False
    assert (
        glassnet("reproduce", "xor", "--no-bias", "--epochs", 1, "--seeds", 2, "--json").json["changed"]["bias"]
        is False
    )


def test_seeds_alone_change_how_many_are_tried_and_nothing_else(glassnet):
    assert "Of the seeds 0 to 2, " in glassnet("reproduce", "xor", "--seeds", 3).out


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--hidden", "four"], "--hidden must be whole numbers such as 16,8, got 'four'"),
        (["--activation", "tahn"], "did you mean 'tanh'"),
        (["--learning-rate", "-1"], "learning-rate must be > 0"),
        (["--seeds", "0"], "--seeds must be >= 1, got 0"),
        (["--hidden", "4,3", "--layers", "3"], "--layers must be 2"),
    ],
)
def test_what_makes_no_sense_is_one_line(glassnet, argv, words):
    result = glassnet("reproduce", "xor", *argv)
    assert result.code == 2
    assert words in result.error
    assert result.out == ""
