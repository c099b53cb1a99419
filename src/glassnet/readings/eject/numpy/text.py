"""The parts of an ejected NumPy program that are the same for all networks; words in << >> are filled in."""

from __future__ import annotations

RULE = 100  # characters


def section(title: str) -> str:
    """A heading.

    >>> section("The data")[:20]
    '# --- The data -----'
    """
    return f"# --- {title} ".ljust(RULE, "-")


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
    """Rows, a list of dictionaries (or one), as the network's inputs, an array (n, <<n_inputs>>)."""
    rows = [rows] if isinstance(rows, dict) else rows
    x = [[value for column in COLUMNS for value in inputs(column, row, k)] for k, row in enumerate(rows)]
    return np.array(x, dtype=<<dtype>>).reshape(-1, <<n_inputs>>)


def inputs(column, row, k):
    """What becomes of one cell of row k: a scaled number, or a 1 among 0s; and perhaps "is missing"."""
    name = column["name"]
    if name not in row:
        raise ValueError(f"row {k} has no column {name!r}; it needs {[item['name'] for item in COLUMNS]}")
    value = row[name].strip() if isinstance(row[name], str) else row[name]
    absent = value is None or value != value or (isinstance(value, str) and value in MISSING)
    found = one_hot(column, value, absent) if "categories" in column else [scaled(column, value, absent, k)]
    return found + [float(absent)] * column["missing"]
'''

NUMBER = '''
def number_of(value):
    """A number, or the one that a word says in plain digits: "1.5e3", but not "1_500" or "inf"."""
    if isinstance(value, str) and not set(value) <= set("0123456789.+-eE"):
        raise ValueError
    return float(str(value))
'''

SCALED = '''
def scaled(column, value, absent, k):
    """A number, less its mean in training, in standard deviations; the median stands for a missing one."""
    try:
        number = column["fill"] if absent else number_of(value)
    except ValueError:
        raise ValueError(f"row {k}: {value!r} in column {column['name']!r} is not a number") from None
    result = (number - column["mean"]) / column["scale"]
    if not np.isfinite(result):
        raise ValueError(f"row {k}: {value!r} in column {column['name']!r} is too large")
    return result
'''

ONE_HOT = '''
def one_hot(column, value, absent):
    """1 for the word's category, 0 for the others; all 0 for a word that training did not have."""
    if not isinstance(value, (str, bool)) and not absent:  # a number stands for the category that says it
        value = next((word for word in column["categories"] if is_number(word, value)), value)
    return [float(not absent and str(value) == word) for word in column["categories"]]


def is_number(word, value):
    """Whether a word says a number."""
    try:
        return number_of(word) == value
    except ValueError:
        return False
'''

PREDICT_CLASSES = '''
def <<outputs>>(rows):
    """<<what>>, (n, <<K>>), in the order of CLASSES."""
    <<forward>>


def predict(rows):
    """The class of each row: the one with the largest output."""
    return [CLASSES[k] for k in <<outputs>>(rows).argmax(axis=1)]
'''

PREDICT_NUMBERS = '''
def predict(rows):
    """Of rows as you have them, <<what>>."""
    return decode(forward(encode(rows)))


def decode(p):
    """The network's outputs p as <<what>>."""
    return <<value>>
'''

STEP = '''
def train_step(<<arguments>>):
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
    loss += train_step(<<given>>) * <<share>>
"""

SELF_TEST = '''
def self_test():
    """Hold the program's answers to ROWS against glassnet's."""
    found = np.reshape(<<answers>>(ROWS), (len(ROWS), -1))
    difference = (np.abs(found - EXPECTED).max(axis=1) / SCALES).max()
    print(f"{len(ROWS)} rows predicted: largest difference {difference:.1e}, allowed <<allowed>>")
    <<classes>>
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
    print(f"trained to loss {loss:#.4g}: largest difference {difference:.1e}, allowed <<allowed>>")
    assert difference <= <<allowed>>, "these are not glassnet's numbers"
'''

SHOW = '''
def show():
    """What the network now says of its first rows, beside what it should."""
    p, y = <<p>>, <<y>>
    for predicted, wanted in zip(p[:10], y[:10]):
        print("predicted", <<predicted>>, " wanted", <<wanted>>)
'''
