"""Columns of dates: what is one, what becomes of it, what cannot be read; from files, dictionaries and data frames."""

import datetime as dt
import math
import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import glassnet as gn
from glassnet.data.tables import DataContract, as_table, learn_contract
from glassnet.data.tables.dates import days_of, days_of_text, days_of_texts, text_of_days
from glassnet.errors import DataError, ModelFileError

EPOCH = dt.datetime(1970, 1, 1)
ZONES = st.sampled_from([None, dt.UTC, *(dt.timezone(dt.timedelta(minutes=m)) for m in (60, -330, 765, -1))])

TEXTS = st.one_of(
    st.dates().map(str),
    st.datetimes(timezones=ZONES).map(str),
    st.datetimes().map(lambda when: when.isoformat(timespec="seconds")),
    st.datetimes().map(lambda when: f"{when.isoformat(timespec='minutes')}+05"),
    st.text(max_size=20),
    st.from_regex(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?\Z"),
)
UNITS = st.sampled_from(["minutes", "seconds", "auto"])

# texts


@settings(deadline=None, max_examples=200)
@given(
    when=st.datetimes(min_value=dt.datetime(1, 1, 2), timezones=ZONES),
    unit=st.sampled_from(["minutes", "seconds", "auto"]),
)
def test_a_time_is_read_as_python_reads_it(when, unit):
    text = when.isoformat(timespec=unit)
    meant = dt.datetime.fromisoformat(text)
    in_utc = meant if meant.tzinfo is None else (meant - meant.utcoffset()).replace(tzinfo=None)
    found = days_of_text(text)
    assert found == pytest.approx((in_utc - EPOCH) / dt.timedelta(days=1), rel=1e-15, abs=1e-15)
    assert days_of_text(text.replace("T", " ")) == found
    assert days_of_text(text.replace("+00:00", "Z")) == found


@given(day=st.dates())
def test_a_day_is_read_as_python_reads_it(day):
    assert days_of_text(day.isoformat()) == (day - EPOCH.date()).days
    assert text_of_days((day - EPOCH.date()).days) == f"{day.year:04}-{day:%m-%d}"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("1970-01-01", 0.0),
        ("1969-12-31T12:00", -0.5),
        ("2024-02-29", 19782.0),
        ("2024-03-01T06:00:00.000", 19783.25),
        ("2024-03-01T06:00:00,75", 19783.25 + 0.75 / 86400),
        ("2024-03-01 06:00Z", 19783.25),
        ("2024-03-01T06:00+0130", 19783.1875),
        ("2024-03-01T06:00-01", 19783.0 + 7 / 24),
    ],
)
def test_dates_worked_by_hand(text, days):
    assert days_of_text(text) == days


@pytest.mark.parametrize(
    "text",
    [
        *("", "2024", "2024-03", "20240301", "2024-3-1", "24-03-01", "2024/03/01", "01.03.2024", "soon", "2024-W10-5"),
        *("2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "0000-01-01", "2024-03-01T"),
        *("2024-03-01T24:00", "2024-03-01T12:60", "2024-03-01T12:30:60", "2024-03-01T12", "2024-03-01Z"),
        *("2024-03-01T12:30+24:00", "2024-03-01T12:30+01:60", "2024-03-01T12:30:", "2024-03-01T12:30:59."),
        *("2024-03-01T12:30 UTC", "x2024-03-01", "2024-03-01x", "２０２４-03-01", "-2024-03-01", "2024-03-01T1:30"),
    ],
)
def test_what_is_no_date_is_none(text):
    assert days_of_text(text) is None
    assert np.isnan(days_of_texts([text, "2024-01-01", text[:-1]])[0])


@settings(deadline=None, max_examples=100)
@given(
    texts=st.lists(
        st.one_of(TEXTS, st.from_regex(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?\Z"))
    )
)
def test_many_are_read_as_each_is(texts):
    each = [math.nan if (days := days_of_text(text)) is None else days for text in texts]
    np.testing.assert_array_equal(days_of_texts(texts), each)


# what is learnt

N = 60
rng = np.random.default_rng(8)
Y = rng.normal(size=N)


def days(start, step, n=N):
    return [(EPOCH + dt.timedelta(days=float(start + step * k))).isoformat(timespec="minutes") for k in range(n)]


def only_days(start, step):
    return [text[:10] for text in days(start, step)]


def learn(values, **options):
    return learn_contract(as_table({"when": values, "x": Y**2, "y": Y}), "y", **options)


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        (only_days(19000, 10), ("year", "week")),
        (only_days(19000, 7), ("year",)),
        (only_days(19723, 0.4), ("week",)),  # January 2024
        (["2024-01-05"] * 30 + ["2023-01-05"] * 30, ("week",)),
        (["2024-01-05"] * 30 + ["2024-02-02"] * 30, ("year",)),
        (days(19000, 9.37), ("year", "week", "day")),
        ([f"{text[:10]}T08:15:30" for text in days(19000, 3)], ("year", "week")),
        ([f"{text[:10]}T08:15:30.3+05:00" for text in days(19000, 3)], ("year", "week")),
        ([f"2024-01-05T{k % 24:02}:00" for k in range(N)], ("day",)),
        (["2024-01-05"] * N, ()),
    ],
    ids=[
        "days",
        "weekly",
        "a month",
        "yearly",
        "a weekday",
        "times",
        "one time",
        "one time, zone",
        "a day",
        "one date",
    ],
)
def test_only_parts_that_vary_become_inputs(values, parts):
    column = learn(values).features[0]
    assert column.parts == parts
    waves = [f"when time of {part} {wave}" for part in parts for wave in ("sin", "cos", "sin2", "cos2")]
    assert column.input_names == ("when", *waves)


def test_inputs_worked_by_hand():
    contract = learn(days(19723, 0.75))
    spread = np.std(19723 + 0.75 * np.arange(N))
    new = as_table({"when": ["1970-01-08T06:00", "2024-03-01T18:00:00+01:00"], "x": [0, 0]})
    X = contract.encode(new)
    for row, day in zip(X, (7.25, 19783 + 17 / 24), strict=True):
        angles = [2 * math.pi * turns * day / period for period in (365.2425, 7, 1) for turns in (1, 2)]
        waves = [wave(angle) for angle in angles for wave in (math.sin, math.cos)]
        mean = 19723 + 0.75 * (N - 1) / 2
        np.testing.assert_allclose(row[:-1], [(day - mean) / spread, *waves], rtol=1e-9, atol=1e-9)


def test_it_is_said_what_becomes_of_dates():
    contract = learn(days(19723, 0.75))
    assert (
        "when: dates, 2024-01-01 to 2024-02-14T06:00; read as days, and as places on circles: "
        "time of year (the month), time of week (the weekday), time of day (the hour)"
    ) in contract.notes
    described = contract.describe()
    assert (
        "when    date    2024-01-01 to 2024-02-14T06:00  days, time of year, time of week, time of day  2024-01-22"
        in described
    )
    assert "when: 2024-01-05 in every row, which tells nothing" in learn(["2024-01-05"] * N).notes


@pytest.mark.parametrize(("absent", "indicator"), [(0, False), (1, False), (3, True), (20, True)])
def test_missing_dates_are_filled_with_a_date_that_there_is(absent, indicator):
    values = only_days(19000, 1)
    contract = learn([None] * absent + values[absent:])
    column = contract.features[0]
    assert column.indicator is indicator
    assert text_of_days(column.fill) == values[absent + (N - absent - 1) // 2]
    gap, there = contract.encode(as_table({"when": [None, text_of_days(column.fill)], "x": [0, 0]}))
    size = len(column.input_names)
    assert gap[: size - indicator].tolist() == there[: size - indicator].tolist()
    if indicator:
        assert (gap[size - 1], there[size - 1]) == (1, 0)
        assert column.input_names[-1] == "when missing"
    if absent:
        said = f"when: {absent} of 60 values missing, filled with the median, {text_of_days(column.fill)}"
        assert [note for note in contract.notes if note.startswith(said)]


def test_a_model_without_scaling_counts_days_from_the_first():
    contract = learn(only_days(19000, 1), scale=False)
    assert contract.encode(as_table({"when": ["2022-01-08", "2022-01-15"], "x": [0, 0]}))[:, 0].tolist() == [0, 7]


def test_dates_outside_training_and_missing_ones_are_said():
    contract = learn(only_days(19723, 1))
    new = as_table({"when": ["2023-12-31", "2024-02-01", None, "2025-01-01T12:00"], "x": [0.1] * 4})
    assert contract.remarks(new) == [
        "when: 2 dates lie outside 2024-01-01 to 2024-02-29, what was seen in training "
        "(the first: 2023-12-31 in row 1)",
        "when: 1 date is missing and counts as 2024-01-30, the median in training",
    ]
    assert contract.remarks(as_table({"when": only_days(19723, 1), "x": Y**2})) == []


# what cannot be read

NO_DATE = (
    "is not a date, and the column must be dates, like 2024-03-01, 2024-03-01T12:30 or 2024-03-01T12:30:59.5+01:00; "
    "mend the cell, or leave it empty"
)


@pytest.mark.parametrize("bad", ["2024-02-30", "2024-3-1", "soon", "01.03.2024", "12", "2024-03-01T25:00"])
@pytest.mark.parametrize("n", [6, N])
def test_a_date_that_cannot_be_read_is_refused_with_row_and_column(tmp_path, bad, n):
    path = tmp_path / "t.csv"
    cells = only_days(19000, 1)[:n]
    cells[3] = bad
    path.write_text("\n".join(["when,y", *(f"{cell},{y}" for cell, y in zip(cells, Y, strict=False))]))
    with pytest.raises(DataError, match=re.escape(f"t.csv, line 5: {bad!r} in column 'when' {NO_DATE}")):
        learn_contract(as_table(path), "y")
    contract = learn_contract(as_table(path, missing=[bad]), "y")
    with pytest.raises(DataError, match=re.escape(f"t.csv, line 5: {bad!r} in column 'when' {NO_DATE}")):
        contract.encode(as_table(path))


def test_numbers_where_dates_must_be_are_refused_and_nothing_at_all_is_missing():
    contract = learn(only_days(19000, 1))
    with pytest.raises(DataError, match=re.escape(f"dictionary, row 2: '20240301' in column 'when' {NO_DATE}")):
        contract.encode(as_table({"when": [None, 20240301], "x": [0, 0]}))
    gap = contract.encode(as_table({"when": [None, None], "x": [0, 0]}))
    assert gap[0, 0] == gap[1, 0] == contract.features[0].scaling(contract.features[0].fill)


def test_few_dates_among_words_are_words_and_categories_stay_words():
    assert learn(["2024-01-05", "never", "later"] * 20).features[0].categories == ("2024-01-05", "later", "never")
    quarters = ["2024-01-01", "2024-04-01", "2024-07-01"] * 20
    assert len(learn(quarters, categories=["when"]).features[0].categories) == 3


def test_dates_in_another_form_are_refused_with_the_form_that_is_read():
    german = [f"{text[8:10]}.{text[5:7]}.{text[:4]}" for text in only_days(19000, 1)]
    with pytest.raises(
        DataError, match=r"'when' \(60 different words in 60 rows, dates\? write them like 2024-03-01\)"
    ):
        learn(german)


def test_dates_are_not_predicted():
    table = as_table({"when": only_days(19000, 1), "y": Y})
    with pytest.raises(DataError, match=r"too many to be classes.* dates are learnt from and not predicted: choose"):
        learn_contract(table, "when")


# dates of others


def frames():
    times = [dt.datetime(2024, 1, 1, 6, 30) + dt.timedelta(hours=31 * k) for k in range(N)]
    texts = [time.isoformat(sep=" ") for time in times]
    berlin = pd.Series(times).dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin")
    polars = pl.Series(times).dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Tokyo")
    return {
        "text": texts,
        "datetime": times,
        "aware": [time.replace(tzinfo=dt.timezone(dt.timedelta(hours=2))) + dt.timedelta(hours=2) for time in times],
        "datetime64[s]": np.array(times, "M8[s]"),
        "datetime64 objects": list(np.array(times, "M8[us]")),
        "Timestamp": list(pd.Series(times)),
        "pandas": pd.DataFrame({"when": times, "x": Y**2, "y": Y}),
        "pandas ns": pd.DataFrame({"when": pd.Series(times, dtype="datetime64[ns]"), "x": Y**2, "y": Y}),
        "pandas, zone": pd.DataFrame({"when": berlin, "x": Y**2, "y": Y}),
        "pandas, objects": pd.DataFrame({"when": pd.Series(times, dtype=object), "x": Y**2, "y": Y}),
        "polars": pl.DataFrame({"when": times, "x": Y**2, "y": Y}),
        "polars ms": pl.DataFrame({"when": pl.Series(times, dtype=pl.Datetime("ms")), "x": Y**2, "y": Y}),
        "polars, zone": pl.DataFrame({"when": polars, "x": Y**2, "y": Y}),
    }


FRAMES = frames()


@pytest.mark.parametrize("kind", FRAMES)
def test_dates_of_python_and_of_data_frames_are_the_same_as_texts(kind):
    given_as = FRAMES[kind]
    data = given_as if isinstance(given_as, (pd.DataFrame, pl.DataFrame)) else {"when": given_as, "x": Y**2, "y": Y}
    contract = learn(FRAMES["text"])
    table = as_table(data)
    assert learn_contract(table, "y") == contract
    assert contract.encode(table).tolist() == contract.encode(as_table({"when": FRAMES["text"], "x": Y**2})).tolist()


@pytest.mark.parametrize(
    "values",
    [
        [dt.date(2024, 3, 1), None],
        np.array(["2024-03-01", "NaT"], "M8[D]"),
        pd.Series([pd.Timestamp("2024-03-01"), pd.NaT]),
        pl.Series([dt.date(2024, 3, 1), None]),
        [np.datetime64("2024-03-01"), np.datetime64("NaT")],
        [pd.Timestamp("2024-03-01"), pd.NaT],
    ],
    ids=["date", "numpy", "pandas", "polars", "datetime64", "Timestamp"],
)
def test_what_is_missing_among_dates_is_missing(values):
    of_dictionary = as_table({"when": values, "x": [1, 2]})
    assert days_only(of_dictionary) == ["2024-03-01", None]
    if isinstance(values, pd.Series):
        assert days_only(as_table(pd.DataFrame({"when": values}))) == ["2024-03-01", None]
    if isinstance(values, pl.Series):
        assert days_only(as_table(pl.DataFrame({"when": values}))) == ["2024-03-01", None]


def days_only(table):
    return [word and word.removesuffix("T00:00:00") for word in table.column("when").tolist()]


def test_one_row_may_hold_a_date():
    model = gn.initialize(gn.Network(gn.Dense()), {"when": FRAMES["text"], "x": Y**2, "y": Y}, target="y", seed=0)
    expected = model.predict({"when": "2024-01-20T08:00", "x": 0.5})
    for when in (dt.datetime(2024, 1, 20, 8), pd.Timestamp("2024-01-20T08:00"), np.datetime64("2024-01-20T08:00")):
        assert model.predict({"when": when, "x": 0.5}) == expected
    text = str(model.explain({"when": dt.date(2024, 1, 20), "x": 0.5}))
    assert "2024-01-20 in days from 1970" in " ".join(text.split())


COARSE = {"h": "2024-03-01T05:00", "D": "2024-03-01", "W": "2024-02-29", "M": "2024-03-01", "Y": "2024-01-01"}


@pytest.mark.parametrize("unit", [*COARSE, "m", "s", "ms", "us", "ns"])
def test_dates_of_numpy_of_every_unit_are_read_alone_as_in_an_array(unit):
    text = COARSE.get(unit, "2024-03-01T05:06")
    dates = np.array([text, "NaT"], f"M8[{unit}]")
    alone, together = as_table({"when": list(dates)}), as_table({"when": dates})
    assert days_of(alone, "when")[0] == days_of(together, "when")[0] == days_of_text(text)
    assert alone.missing("when").tolist() == [False, True]
    assert alone.column("when").tolist() == together.column("when").tolist() or unit not in COARSE


# files


def test_a_saved_model_reads_dates(tmp_path):
    table = {"when": FRAMES["text"], "x": Y**2, "y": Y}
    model = gn.train(gn.Network(gn.Dense(3, "tanh"), gn.Dense()), table, target="y", epochs=2, seed=0, engine="numpy")
    model.save(tmp_path / "m.glass")
    loaded = gn.load(tmp_path / "m.glass")
    assert loaded.contract == model.contract
    assert loaded.predict(table).tolist() == model.predict(table).tolist()


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (
            "parts",
            ["day", "week"],
            "parts of column 'when' must be some of 'year', 'week', 'day', in this order",
        ),
        ("parts", ["month"], "parts of column 'when' must be some of 'year', 'week', 'day', in this order"),
        ("parts", ["day", "day"], "contract: parts of column 'when' must be some of"),
        ("parts", "day", "contract.features[0].parts must be a list, got 'day'"),
        ("scale", 0, "contract: scale of column 'when' must be > 0"),
        ("low", 1e300, "contract.features[0].low must be days from 1970-01-01 to a date, got 1e+300"),
        ("fill", -1e6, "contract.features[0].fill must be days from 1970-01-01 to a date, got -1000000.0"),
        ("indicator", 1, "contract.features[0].indicator must be true or false"),
    ],
)
def test_json_that_is_no_column_of_dates_is_refused(key, value, message):
    data = learn(FRAMES["text"]).to_json()
    assert DataContract.from_json(data).to_json() == data
    data["features"][0][key] = value
    with pytest.raises(ModelFileError, match=re.escape(message)):
        DataContract.from_json(data)
