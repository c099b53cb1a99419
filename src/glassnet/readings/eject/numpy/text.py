"""The parts of an ejected NumPy program that are the same for all networks; words in << >> are filled in."""

from __future__ import annotations

from glassnet.readings.eject.emitters import ARRAY_TITLES

ANSWERS = ("predict_proba", "outputs", "predict")

TITLES = ARRAY_TITLES
HEADING = "# --- <<title>> <<rule>>"
RULE = 100
GAPS = ("\n\n\n", "\n\n\n", "\n")

HEAD = '''
<<raw>>"""<<title>>

Made by glassnet <<version>>; it needs NumPy alone.

    python network.py    <<does>>

    from network import <<exported>>
    <<example>>
"""


<<imports>>
import numpy as np
'''

ROW = "<<row>>"

COLUMNS = """
# Each column, and how its values become inputs of the network.
COLUMNS = [
    <<columns>>
]
MISSING = {<<missing>>}  # count as missing
"""

CLASSES = "<<classes>>"
WEIGHTS = "<<arrays>>"
THETA = "<<theta>>\n<<views>>"

FORWARD = '''
def forward(x):
    """Encoded rows x (n, <<n_inputs>>) to predictions p (n, <<n_outputs>>)."""
    <<steps>>
    return p
'''

ENCODE_ARRAYS = '''
def encode(rows):
    """Rows of <<n_inputs>> numbers as an array (n, <<n_inputs>>)."""
    x = np.array(rows, dtype=<<dtype>>)
    if x.ndim == 1:
        x = x[None]  # one row
    if x.ndim != 2 or x.shape[1] != <<n_inputs>>:
        raise ValueError(f"rows must have <<n_inputs>> numbers each, got an array of shape {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError("rows must be finite numbers; fill or drop what is missing")
    return x
'''

ENCODE_TABLES = '''
def encode(rows):
    """Rows (a data frame, columns by name, dictionaries or one) as the network's inputs, (n, <<n_inputs>>)."""
    x = [[value for column in COLUMNS for value in inputs(column, row, k)] for k, row in enumerate(rows_of(rows))]
    return np.array(x, dtype=<<dtype>>).reshape(-1, <<n_inputs>>)


def rows_of(table):
    """Rows as dictionaries: of a data frame, of a dictionary of columns, of one row, of a list of rows."""
    if isinstance(table, dict):
        if not any(hasattr(value, "__len__") and not isinstance(value, str) for value in table.values()):
            return [table]  # one row
        there = list(table)
    elif hasattr(table, "to_pylist"):
        return rows_of({name: table[name].to_pylist() for name in table.schema.names})  # of pyarrow
    elif hasattr(table, "columns"):
        there = list(table.columns)
    else:
        return table
    for column in COLUMNS:
        check_column(column["name"], there, 0)
    columns = {column["name"]: list(table[column["name"]]) for column in COLUMNS}
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns must be equally long, got {lengths}")
    return [dict(zip(columns, cells)) for cells in zip(*columns.values())]


def check_column(name, there, k):
    """Refuse row k if the column is not there."""
    if name not in there:
        raise ValueError(f"row {k} has no column {name!r}; it needs {[item['name'] for item in COLUMNS]}")


def inputs(column, row, k):
    """What becomes of one cell of row k: a scaled number, or a 1 among 0s; and perhaps "is missing"."""
    name = column["name"]
    check_column(name, row, k)
    value = row[name].strip() if isinstance(row[name], str) else row[name]
    absent = value is None or type(value).__name__ == "NAType" or value != value
    absent = absent or (isinstance(value, str) and value in MISSING)
    <<cell>>
    <<ending>>
'''

ENDING = (
    'return found + [float(absent)] * column["missing"]',
    """
found += [float(absent)] * column["missing"]
levels = column["levels"]  # what becomes of 0 and of 1 in the last inputs
first = len(found) - len(levels)
return found[:first] + [level[int(flag)] for flag, level in zip(found[first:], levels)]
""",
)

NUMBER = '''
def number_of(value):
    """A number, or the one that a word says in plain digits: "1.5e3", but not "1_500" or "inf"."""
    if isinstance(value, str) and not set(value) <= set("0123456789.+-eE"):
        raise ValueError
    return float(str(value))
'''

SCALED = '''
def scaled(column, value, absent, k):
    """A number, <<how_scaled>>; the <<filled>> stands for a missing one."""
    try:
        number = column["fill"] if absent else number_of(value)
    except ValueError:
        raise ValueError(f"row {k}: {value!r} in column {column['name']!r} is not a number") from None
    result = <<scaled>>
    if not np.isfinite(result):
        raise ValueError(f"row {k}: {value!r} in column {column['name']!r} is too large")
    return result
'''

SCALED_NUMBER = "number"
SCALE = {
    "standard": '(<<number>> - column["mean"]) / column["scale"]',
    "robust": 'smooth_clip((<<number>> - column["median"]) / column["scale"])',
    "quantile": 'float(np.interp(<<number>>, column["values"], column["normal"]))',
}
SMOOTH_CLIP = '''
def smooth_clip(z):
    """z / sqrt(1 + (z/3)^2): z where it is small, and never beyond -3 and 3."""
    return z / float(np.hypot(1.0, z / 3.0))
'''

ONE_HOT = '''
def one_hot(column, value, absent):
    """1 for the word's category, 0 for the others; <<new_word>>."""
    if not isinstance(value, (str, bool, np.bool_)) and not absent:  # a number stands for the category that says it
        value = next((word for word in column["categories"] if is_number(word, value)), value)
    <<truths>>
    found = [float(not absent and str(value) == word) for word in column["categories"]]
    <<other>>
    <<pair>>
    return found


def is_number(word, value):
    """Whether a word says a number."""
    try:
        return number_of(word) == value
    except ValueError:
        return False
'''

TRUTHS = """
if str(value).lower() in ("true", "false") and str(value) not in column["categories"]:  # in other capitals
    value = next((word for word in column["categories"] if word.lower() == str(value).lower()), value)
"""

OTHER = """
if "other" in column:
    found.append(float(not absent and 1.0 not in found))
"""

PAIR = """
if column.get("pair"):  # its two words share an input: 1 is the first, 2 the second, 0 neither
    found = [found[0] + 2.0 * found[1]]
"""

DATE = '''
DATE = r"(\\d{4}-\\d\\d-\\d\\d)(?:[T ]([01]\\d|2[0-3]):([0-5]\\d)(?::([0-5]\\d(?:[.,]\\d+)?))?"
DATE += r"(?:Z|([+-])([01]\\d|2[0-3])(?::?([0-5]\\d))?)?)?"


def days_of(value):
    """Days from 1970-01-01 to a date: ISO 8601, such as "2024-03-01T12:30", or a date of Python's or NumPy's."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(timezone.utc)
    if isinstance(value, np.datetime64):
        value = np.datetime_as_string(value, unit="auto")  # 2024-03-01T05 as 2024-03-01T05:00
    found = re.fullmatch(DATE, value.isoformat() if isinstance(value, date) else str(value), re.ASCII)
    if found is None:
        raise ValueError
    day, hours, minutes, seconds, sign, zone_hours, zone_minutes = found.groups()
    days = date.fromisoformat(day).toordinal() - date(1970, 1, 1).toordinal()
    zone = (60 * int(zone_hours or 0) + int(zone_minutes or 0)) * (-1 if sign == "-" else 1)
    clock = 60 * int(hours or 0) + int(minutes or 0) - zone  # in minutes
    return days + (clock * 60 + float((seconds or "0").replace(",", "."))) / 86400
'''

DATE_INPUTS = '''
def date_inputs(column, value, absent, k):
    """A date: its day, scaled as a number is; its places on circles, once and twice round in a period."""
    try:
        days = column["fill"] if absent else days_of(value)
    except ValueError:
        raise ValueError(f"row {k}: {value!r} in column {column['name']!r} is no date in ISO 8601") from None
    found = [<<scaled_days>>]
    for period in column["periods"]:
        for turns in 1, 2:
            rounds = turns * days / period
            angle = 2 * np.pi * (rounds - np.floor(rounds))
            found += [np.sin(angle), np.cos(angle)]
    return found
'''

IMPORTS = "import re\nfrom datetime import date, datetime, timezone\n\n"

CELL = {
    "numbers": "found = [scaled(column, value, absent, k)]",
    "words": "found = one_hot(column, value, absent)",
    "dates": "found = date_inputs(column, value, absent, k)",
}
EITHER = """
if <<condition>>:
    <<this>>
else:
    <<other>>
"""
IS_KIND = {"words": '"categories" in column', "dates": '"periods" in column'}

ENCODE: dict[str, tuple[str, ...]] = {
    "arrays": (ENCODE_ARRAYS,),
    "tables": (ENCODE_TABLES,),
    "numbers": (NUMBER, SCALED),
    "robust": (SMOOTH_CLIP,),
    "words": (NUMBER, ONE_HOT),
    "dates": (DATE, DATE_INPUTS),
}

OF_P = ("return forward(encode(rows))", "p = forward(encode(rows))\nreturn np.hstack([1 - p, p])")

PREDICT_CLASSES = '''
def <<outputs>>(rows):
    """The <<each>> class, (n, <<K>>), in the order of CLASSES."""
    <<of_p>>


def predict(rows):
    """The class of each row: the one with the largest output."""
    return [CLASSES[k] for k in <<outputs>>(rows).argmax(axis=1)]
'''

SAID = "decode(forward(encode(rows)))"
PREDICT_NUMBERS = '''
def predict(rows):
    """Of rows as you have them, <<what>>."""
    return <<said>>


def decode(p):
    """The network's outputs p as <<what>>."""
    return <<value>>
'''

ENDS = ("predict_interval", "predict_set")
TRUST: tuple[tuple[str, ...], tuple[str, ...]] = (
    (
        """
# Half of each interval, learnt from <<rows>> rows: WIDTHS[0] for predictions up to EDGES[0], then WIDTHS[1], …
<<edges>>
<<widths>>
""",
        '''
def predict_interval(rows):
    """Lower and upper ends of intervals, (n,) each: <<share>> of them hold the truth."""
    value = np.reshape(predict(rows), -1).astype(float)
    width = np.array(WIDTHS)[np.searchsorted(EDGES, value)]
    return value - width, value + width
''',
    ),
    (
        "LEAST = <<least>>  # a class is in the set from this probability on: learnt from <<rows>> rows",
        '''
def predict_set(rows):
    """Sets of the classes that may be each row's: <<share>> of them hold the true one."""
    p = <<outputs>>(rows)
    inside = (p >= LEAST) | (np.arange(<<K>>) == p.argmax(axis=1)[:, None])  # the predicted class always
    return [[CLASSES[k] for k in np.flatnonzero(row)] for row in inside]
''',
    ),
)

TRAINING = "# <<training>>"
CONSTANT = "<<name>> = <<value>>"
COUNTERS = {"t": "t = <<value>>  # steps done", "epoch": ""}  # the loop counts epochs
SETTINGS = "<<about_constants>>\n<<constants>>\n<<marks>>\n<<slots>>\n<<counters>>"

GENERATOR = """
rng = np.random.Generator(np.random.PCG64())
rng.bit_generator.state = {
    <<state>>
}
"""
HALF = NEXT32 = PERMUTATION = ""  # NumPy has them
UNIFORM = ("", "")

STEP = '''
def train_step(<<given>>):
    """One step of training on the rows of a batch; its loss L."""
    <<body>>
    return <<reported>>
'''

TRAIN = '''
def train(epochs=<<epochs>>):
    """Go through all rows so many times; the loss of each epoch."""
    <<globals>>
    losses = []
    for k in range(epochs):
        <<epoch>>
        losses.append(<<loss>>)
        if k % max(1, epochs // 10) == 0:
            print(f"Epoch {k} Loss: {losses[-1]:#.4g}")
    return losses
'''

BATCHES = """
<<order>>
loss = 0.0
for low in range(0, len(X), <<size>>):
    rows = <<rows>>
    <<counted>>
    loss += <<call>> * <<share>>
"""

EPOCH = ("<<counted>>", BATCHES)
SHARE = {
    "n": "len(X[rows])",
    "N": "len(X)",
    "sum(w)": "ROW_WEIGHTS[rows].sum()",
    "W": "ROW_WEIGHTS.sum()",
}

SELF_TEST = '''
def self_test():
    """Hold the program's answers to ROWS against glassnet's."""
    found = np.reshape(<<outputs>>(ROWS), (len(ROWS), -1))
    difference = (np.abs(found - EXPECTED).max(axis=1) / SCALES).max()
    print(f"{len(ROWS)} rows predicted: largest difference {difference:.1e}, allowed <<allowed>>")
    <<classes_test>>
    assert difference <= <<allowed>>, "these are not glassnet's numbers"
'''

CLASSES_TEST = """
assert predict(ROWS) == EXPECTED_CLASSES, "these are not glassnet's classes"
"""

TRAINING_TEST = '''
def training_test():
    """Train, and hold the last loss and all weights against glassnet's."""
    loss = train()[-1]
    <<weights>>
    difference = max(np.abs(trained - EXPECTED_WEIGHTS).max() / max(1.0, np.abs(EXPECTED_WEIGHTS).max()),
                     abs(loss - EXPECTED_LOSS) / max(1.0, abs(EXPECTED_LOSS)))
    print(f"trained to loss {loss:#.4g}: largest difference {difference:.1e}, allowed <<allowed_after>>")
    assert difference <= <<allowed_after>>, "these are not glassnet's numbers"


def show():
    """What the network now says of its first rows, beside what it should."""
    p, y = <<p>>, <<y>>
    for predicted, wanted in zip(p[:10], y[:10]):
        print("predicted", <<predicted>>, " wanted", <<wanted>>)
'''

TEST = [
    """
# Rows, what glassnet says of them, and the scale of each: the largest number on the way.
<<tested>>
""",
    SELF_TEST,
    "<<trained>>",
    "<<training_test>>",
    """
if __name__ == "__main__":
    self_test()
    <<main>>
""",
]

# Formulas of one's own may not have a name that is a word of these
BY_BLOCKS = {
    "times_blocks": '''
def times_blocks(h, W, d):
    """Each of the d blocks of columns of h (n, d·k) times its own block of rows of W (d·k, m): (n, d·m)."""
    n, k, m = len(h), len(W) // d, W.shape[1]
    blocks = h.reshape(n, d, k).swapaxes(0, 1) @ W.reshape(d, k, m)  # (d, n, m)
    return blocks.swapaxes(0, 1).reshape(n, d * m)
''',
    "times_blocks_T": '''
def times_blocks_T(dz, W, d):
    """Each of the d blocks of columns of dz (n, d·m) times its own block of W (d·k, m), transposed: (n, d·k)."""
    n, k, m = len(dz), len(W) // d, W.shape[1]
    blocks = dz.reshape(n, d, m).swapaxes(0, 1) @ W.reshape(d, k, m).swapaxes(1, 2)  # (d, n, k)
    return blocks.swapaxes(0, 1).reshape(n, d * k)
''',
    "blocks_of": '''
def blocks_of(h, dz, d):
    """Each of the d blocks of columns of h (n, d·k), transposed, times the same block of dz (n, d·m): (d·k, m)."""
    n, k, m = len(h), h.shape[1] // d, dz.shape[1] // d
    blocks = h.reshape(n, d, k).transpose(1, 2, 0) @ dz.reshape(n, d, m).swapaxes(0, 1)  # (d, k, m)
    return blocks.reshape(d * k, m)
''',
}

CODE = (
    *BY_BLOCKS.values(),
    *(ENCODE_ARRAYS, ENCODE_TABLES, NUMBER, SCALED, ONE_HOT, DATE, DATE_INPUTS, IMPORTS, *CELL.values()),
    *(SMOOTH_CLIP, *SCALE.values(), PAIR, *ENDING, SAID),
    *(*IS_KIND.values(), PREDICT_CLASSES, PREDICT_NUMBERS),
    *(STEP, TRAIN, BATCHES, SELF_TEST, CLASSES_TEST, TRAINING_TEST),
    *(text for texts in TRUST for text in texts),
)
