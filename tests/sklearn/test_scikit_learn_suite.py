"""scikit-learn's own tests of its networks, run on glassnet's classes in a process of their own."""

import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

PLUGIN = Path(__file__).with_name("swap_mlp.py")
# Cases of scikit-learn 1.9.1. Of the 59, six look at private attributes; five of those pass as they are, too.
PUBLIC, PRIVATE = 58, 1


def suite(folder: Path, *selected: str, **environment: str) -> tuple[dict[str, int], str]:
    """The counts that pytest's last line gives, and all it printed; our own configuration has no say there."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SKLEARN_"))}
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PLUGIN.parent), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-m", "pytest", "-p", PLUGIN.stem, "-p", "no:cacheprovider", "-c", os.devnull]
    command += [
        "--rootdir",
        str(folder),
        "-rf",
        "--tb=short",
        "--pyargs",
        "sklearn.neural_network.tests.test_mlp",
        *selected,
    ]
    result = subprocess.run(
        [*command, *selected], env={**env, **environment}, cwd=folder, capture_output=True, text=True, timeout=300
    )
    printed = result.stdout + result.stderr
    counts = re.findall(r"(\d+) (passed|failed|errors?|skipped|deselected|xfailed|xpassed)\b", printed.splitlines()[-1])
    return {what: int(number) for number, what in counts}, printed


def test_all_cases_pass(tmp_path: Path) -> None:
    counts, printed = suite(tmp_path)
    cases = sum(counts.values())
    assert cases == PUBLIC + PRIVATE, (
        f"scikit-learn {version('scikit-learn')} has {cases} cases, {PUBLIC + PRIVATE} were known: "
        f"look which are new, and whether they are private\n{printed}"
    )
    assert counts == {"passed": PUBLIC, "deselected": PRIVATE}, printed
    for name in ("MLPClassifier", "MLPRegressor"):
        fits = re.search(rf"swapped {name}: (\d+) fits", printed)
        assert fits is not None, printed
        assert int(fits[1]) >= 30, f"only {fits[1]} fits went through our {name}"


def test_the_suite_notices_when_our_class_is_wrong(tmp_path: Path) -> None:
    counts, printed = suite(tmp_path, "-k", "predict_proba or alpha", SWAP_MLP_DAMAGE="1")
    assert counts == {"failed": 3, "passed": 1, "deselected": PUBLIC + PRIVATE - 4}, printed
    failed = re.findall(r"^FAILED .*::(\w+)", printed, re.MULTILINE)
    assert sorted(failed) == [f"test_predict_proba_{kind}" for kind in ("binary", "multiclass", "multilabel")]
