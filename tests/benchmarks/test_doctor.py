"""The doctor's patients, and how it is scored: by a doctor made up here, who knows what each line should come to."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import glassnet as gn

BENCHMARKS = str(Path(__file__).resolve().parents[2] / "benchmarks")
sys.path.append(BENCHMARKS)  # for these imports alone: its files have names like `doctor`
try:
    from accuracy.problems import problems
    from patients import plane, telling
    from patients.faults import FAULTS
    from patients.of_tables import drawn
    from patients.patient import CAUSES, VERDICTS, Case, Patient
    from patients.patients import patients
    from patients.plan import Frozen, Plan
    from patients.scoring import Answer, asked, best_pair, confusion, figures
    from patients.several import several
    from patients.sick import sick, sound_plan
    from patients.trained import checked, of_labels, of_numbers, score

    import doctor
finally:
    sys.path.remove(BENCHMARKS)


def patient(name="p", group="sick", truth=("sick",), causes=("loss",), **more):
    return Patient(name=name, group=group, about="", truth=truth, causes=tuple(causes), case=line_case, **more)


def line_case(draw, rate=0.1):
    X = np.random.default_rng(draw).standard_normal((60, 1))
    return Case(
        gn.Network(gn.Dense(1, weights="zeros"), loss="squared"),
        X,
        2.0 * X[:, 0],
        {"optimizer": gn.SGD(rate), "epochs": 20},
    )


def finding(verdict, *causes, repaired=False, **told):
    found = [SimpleNamespace(name=name, proven=proven) for name, proven in causes]
    return SimpleNamespace(verdict=verdict, causes=tuple(found), repaired=repaired, to_dict=lambda: told)


def answer(verdict, *names, repaired=False, seconds=1.0, **about):
    line = {"verdict": verdict, "found": [[name, True] for name in names], "repaired": repaired, "seconds": seconds}
    return Answer(patient(**about), line)


# the patients


def test_circles_are_two_rings_with_noise_between_them():
    X, y = plane.circles(np.random.default_rng(3), 20_000)
    radius = np.hypot(*X.T)
    assert radius[y == 0].mean() == pytest.approx(100, abs=1)  # 100·(1 + noise²/2)
    assert radius[y == 1].mean() == pytest.approx(80, abs=1)
    assert radius[y == 0].std() == pytest.approx(10, abs=0.5)


def test_blobs_are_clouds_of_one_spread_about_their_centres():
    centres = np.array([[1.0, 2.0], [-3.0, 5.0], [8.0, -8.0]])
    X, y = plane.blobs(np.random.default_rng(3), centres, 30_000)
    for k in range(3):
        assert X[y == k].mean(axis=0) == pytest.approx(100 * centres[k], abs=8)
        assert X[y == k].std(axis=0) == pytest.approx([200, 200], abs=5)


def test_every_patient_has_a_name_of_its_own_and_the_same_rows_each_time():
    for one in patients():
        assert one.half in ("dev", "kept")
    one = sick()[0]
    again = sick()[0]
    assert (one.case(0).X == again.case(0).X).all()
    assert (one.case(0).X != one.case(5).X).any()


def test_about_half_of_the_patients_are_kept_from_tuning():
    halves = [one.half for one in patients()]
    assert 0.35 < halves.count("kept") / len(halves) < 0.65


def test_rows_of_a_table_that_are_drawn_to_measure_are_never_trained_on():
    (wine,) = (one for one in problems() if not one.package)
    how = {"target": wine.target}
    draws = [drawn(Path("nowhere"), wine, gn.recipe("small"), how, draw) for draw in (0, 7, 1000)]
    rows = [{tuple(row) for row in zip(*(case.X.column(name) for name in case.X.names), strict=True)} for case in draws]
    everything = wine.load(Path("nowhere"))
    twice = len(everything) - len({*zip(*(everything.column(name) for name in everything.names), strict=True)})
    assert twice == 240  # wines that are in the table more than once
    assert rows[0] == rows[1]  # 1,119 rows, which all are taken
    assert len(draws[0].X) == round(0.7 * len(everything) - 0.5)
    assert len(draws[0].X) + len(draws[2].X) == len(everything)
    assert len(rows[0] & rows[2]) < twice


def test_a_sick_patient_and_the_mended_one_differ_in_the_fault_alone():
    found = {one.name: one for one in sick()}
    sick_case, mended = (found["rate times 1000 0"].case(0), found["rate times 1000 0"].mended(0))
    assert (sick_case.X == mended.X).all()
    assert sick_case.network == mended.network
    assert sick_case.settings["optimizer"].learning_rate == 1000 * mended.settings["optimizer"].learning_rate


def test_several_faults_are_all_there_and_none_undoes_another():
    for one in several():
        as_it_is, mended = one.case(0), one.mended(0)
        for alone in (case(0) for case in one.alone):
            assert differs(as_it_is, alone), one.name
            assert differs(mended, alone), one.name


def differs(one, other):
    rows = one.X.shape == other.X.shape and np.array_equal(one.X, other.X) and np.array_equal(one.y, other.y)
    return not (rows and (one.network, one.settings) == (other.network, other.settings))


def test_every_patient_says_what_it_is():
    for one in patients():
        assert one.about.endswith("."), one.name
        assert one.causes or one.group == "healthy", one.name
        assert one.source or one.group == "healthy", one.name


@pytest.mark.parametrize("one", [one for one in patients() if one.group == "real"], ids=lambda one: one.name)
def test_what_was_asked_and_the_answer_differ(one):
    assert differs(one.case(0), one.mended(0))
    for case in (one.case(0), one.mended(0)):
        gn.initialize(case.network, case.X, case.y, seed=0)


def test_faults_name_causes_that_there_are():
    assert {cause for fault in FAULTS for cause in fault.causes} <= {*CAUSES}
    with pytest.raises(ValueError, match="no cause, verdict or group is called 'gremlins'"):
        patient(causes=("gremlins",))


def test_a_plan_is_what_it_says():
    plan = Plan(data="circles", hidden=(5, 3), activation="tanh", output="sigmoid", loss="bce", optimizer="sgd", rate=1)
    X, _ = plan.rows(np.random.default_rng(0), np.zeros((3, 2)))
    assert X.mean(axis=0) == pytest.approx([0, 0])
    assert X.std(axis=0) == pytest.approx([1, 1])
    assert [layer.units for layer in plan.network().layers] == [5, 3, 1]
    assert sound_plan(np.random.default_rng(0), data="blobs").network().layers[-1].units == 3


def test_a_frozen_layer_stays_as_it_starts():
    network = gn.Network(Frozen(gn.Dense(5, "tanh")), gn.Dense(1), loss="squared")
    _, X, y, settings = line_case(0)
    before = gn.initialize(network, X, y, seed=7)
    after = gn.train(network, X, y, seed=7, progress=False, **settings)
    assert (before["W1"] == after["W1"]).all()
    assert (before["W2"] != after["W2"]).any()


# whether they are what they are said to be


def test_scores_are_0_for_who_always_says_the_same():
    assert of_labels(np.array([0, 0, 0, 1, 1, 2]), np.zeros(6)) == 0
    assert of_labels(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 0])) == 0.5
    assert of_numbers(np.array([1.0, 2.0, 6.0]), np.full(3, 3.0)) == pytest.approx(0)
    assert of_numbers(np.array([1.0, 3.0]), np.array([np.nan, 3.0])) == 0


def test_whole_numbers_are_classes_where_there_are_more_than_a_few_rows():
    says = SimpleNamespace(predict=lambda X: X * 0.9)  # numbers, not classes
    y = np.arange(30) % 3
    assert score(Case(None, y, y, {}), says) == 1
    assert score(Case(None, y[:6], y[:6], {}), says) == pytest.approx(1 - 0.01 * 10 / 6 / (4 / 6))  # R²


def test_a_fault_that_hurts_nobody_is_found_out():
    harmless = patient(mended=line_case)
    assert not checked(harmless, seeds=2)["true"]
    broken = Patient(
        name="b",
        group="sick",
        about="",
        truth=("sick",),
        causes=("learning rate too low",),
        case=lambda draw: line_case(draw, 1e-6),
        mended=line_case,
    )
    assert checked(broken, seeds=2)["true"]


def test_what_is_as_good_as_its_neighbours_is_healthy_and_what_is_not_is_found_out():
    def about(rate):
        def case(draw):
            return line_case(draw, rate)

        return Patient(name="n", group="healthy", about="", case=case)

    assert checked(about(0.1), seeds=2)["true"]
    assert not checked(about(1e-6), seeds=2)["true"]


# the score


def test_what_the_doctor_says_is_kept_in_a_line():
    line = asked(patient(), 3, lambda *case, **how: finding("sick", ("loss", True), ("leak", False), repaired=True))
    assert line["verdict"] == "sick"
    assert line["found"] == [["loss", True], ["leak", False]]
    assert line["repaired"]
    assert "error" not in line


def test_a_doctor_that_fails_has_found_nothing():
    def fails(*case, **how):
        raise RuntimeError("no idea")

    line = asked(patient(), 0, fails)
    assert (line["verdict"], line["found"], line["error"]) == ("none", [], "RuntimeError: no idea")


def test_a_cause_that_has_no_such_name_is_an_error():
    line = asked(patient(), 0, lambda *case, **how: finding("sick", ("gremlins", True)))
    assert line["error"] == "no cause is called gremlins"


def test_a_finding_that_is_no_json_is_an_error():
    line = asked(patient(), 0, lambda *case, **how: finding("healthy", array=np.zeros(2)))
    assert line["error"].startswith("TypeError")


def test_the_doctor_gets_what_train_would_get():
    seen = {}
    asked(patient(), 3, lambda network, X, y, **how: seen.update(how, X=X) or finding("healthy"))
    assert seen["epochs"] == 20
    assert (seen["X"] == line_case(3).X).all()


def test_the_main_cause_counts_among_the_first_two_named():
    first, second, third = (
        answer("sick", *names) for names in (["loss"], ["leak", "loss"], ["leak", "no bias", "loss"])
    )
    found = figures([first, second, third])
    assert (found["named"], found["named first"], found["right"]) == (2, 1, 3)
    assert confusion([first, second, third]) == {("loss", "leak"): 1}


def test_of_several_faults_all_are_to_be_named():
    faults = {"causes": ("loss", "leak", "no bias"), "faults": (("loss", "leak"), ("no bias",))}
    assert not answer("sick", "loss", "leak", **faults).named_all
    assert answer("sick", "loss", "batch size", "no bias", **faults).named_all


def test_changing_what_is_healthy_is_a_false_alarm_and_calling_it_luck_is_not():
    about = {"group": "healthy", "truth": ("healthy",), "causes": ()}
    verdicts = [answer(verdict, **about) for verdict in VERDICTS]
    assert [one.line["verdict"] for one in verdicts if one.false_alarm] == ["sick", "more"]
    assert not answer("more", truth=("more", "sick")).false_alarm


def test_luck_has_no_cause_and_more_is_one():
    about = {"truth": ("seed", "sick"), "causes": ("too few units",)}
    assert answer("seed", **about).named
    assert answer("seed", **about).repaired
    assert not answer("seed").named
    assert answer("more", truth=("more", "sick"), causes=("too few epochs",)).named_first
    assert not answer("sick", truth=("more", "sick"), causes=("too few epochs",)).named


def test_repairs_and_times_are_counted():
    found = figures(
        [answer("sick", repaired=True, seconds=3.0), answer("sick", seconds=1.0), answer("sick", seconds=9.0)]
    )
    assert (found["repaired"], found["median"], found["worst"]) == (1, 3.0, 9.0)


def test_an_answer_that_is_always_the_same_is_scored_beside():
    causes = [("output activation",), ("learning rate too low", "optimizer"), ("no bias",), ("no bias",)]
    assert figures([answer("sick", causes=one) for one in causes])["constant"] == 2
    assert best_pair([{*one} for one in causes])[0] == 3


def test_the_half_that_is_kept_is_told_in_numbers_only():
    names = [f"patient {k}" for k in range(20)]
    text = telling.page([answer("healthy", name=name) for name in names])
    halves = {name: patient(name=name).half for name in names}
    assert {*halves.values()} == {"dev", "kept"}
    assert all((f"{name}:" in text) == (half == "dev") for name, half in halves.items())


# the command


def test_the_command_goes_on_where_it_was_broken_off(tmp_path, monkeypatch, capsys):
    calls = []

    def diagnose(*case, **how):
        calls.append(case)
        return finding("sick", ("dead units", True), repaired=True)

    monkeypatch.setattr(gn, "diagnose", diagnose, raising=False)
    monkeypatch.setattr(doctor, "CHECKED", tmp_path / "none.jsonl")
    doctor.untrue.cache_clear()
    file = str(tmp_path / "doctor.jsonl")
    for name in ("dead start 1", "dead start"):
        monkeypatch.setattr(sys, "argv", ["doctor.py", "--only", "sick", "--name", name, "--json", file])
        doctor.main()
    doctor.untrue.cache_clear()
    assert len(calls) == 4
    assert "| sick" in capsys.readouterr().out


def test_a_line_that_training_prints_is_heard():
    assert not doctor.hinted(line_case(0))

    case = line_case(0)
    case.settings["callbacks"] = [lambda event, model: print("why? gn.diagnose(network, X, y)")]
    assert doctor.hinted(case)
