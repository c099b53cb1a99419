"""The way of one number: from a cell of a CSV file to an ejected program, and the functions that take it there."""

import inspect
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import glassnet as gn
from glassnet.data.tables import learn_contract
from glassnet.data.tables.csv_files import read_csv
from glassnet.data.tables.number_column import NumberColumn
from glassnet.data.tables.scaling import Standard
from glassnet.derivation.derive import derive
from glassnet.engines.numpy import training_source
from glassnet.parts.layers import Dense
from glassnet.parts.parameters import Layout
from glassnet.readings.eject import Ejected, eject
from glassnet.readings.explain import explain
from glassnet.training.loop import Run

CSV = """\
temperature,sold
24.5,131
18.0,64
29.5,225
21.0,110
15.5,41
26.0,168
"""


def at(function: Callable[..., Any], *lines: str) -> None:
    """Where the number is: the file and the name of a function, and what came of it."""
    file = Path(inspect.getfile(function)).relative_to(Path(gn.__file__).parent)
    print(f"{file}: {function.__qualname__}", *(f"    {line.strip()}" for line in lines), sep="\n")


with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "ice.csv"
    path.write_text(CSV)
    table = read_csv(path)
cell = table.column("temperature")[0]
at(read_csv, f"the cell in line 2: {cell}")

contract = learn_contract(table, "sold")
column = contract.features[0]
assert isinstance(column, NumberColumn)
assert isinstance(column.scaling, Standard)
mean, scale = column.scaling.mean, column.scaling.scale
at(learn_contract, f"temperature: mean {mean:.4g}, scale {scale:.4g}")

x = contract.encode(table)
at(NumberColumn.encode, f"x[0, 0] = ({cell} - {mean:.4g}) / {scale:.4g} = {x[0, 0]:.4g}")

network = gn.Network(gn.Dense(2, "tanh"), gn.Dense(1), loss="squared")
layout = network.layout(n_inputs=1)
at(Layout.array_at, f"its first weight: theta[0] of {layout.size}, which is {layout.array_at(0)}")

derivation = derive(network, 1, gn.SGD(0.1))
at(Dense.forward, *inspect.getsource(Dense.forward).splitlines()[2:4])
at(derive, derivation["z1"].formula, derivation["dW1"].formula, derivation["theta_new"].formula)

code = training_source(derivation).text.splitlines()
at(training_source, *(line for line in code if "out=z1" in line))

model = gn.train(network, table, target="sold", optimizer=gn.SGD(0.1), epochs=200, batch_size=None, seed=7)
first, last = model.history["loss"][0], model.history["loss"][-1]
at(Run.events, f"epoch 1: loss {first:.4g}", f"epoch {model.epochs}: loss {last:.4g}")

number = model.explain(table.rows([0]))["z1"][0, 0]
weight, bias = model["W1"][0, 0], model["b1"][0]
at(explain, f"z1[0, 0] = {number.formula}", f"= {x[0, 0]:.4g} * {weight:.4g} + {bias:.4g} = {float(number):.4g}")

at(type(model.contract).decode, f"sold: {model.predict(table)[0]:.4g}")

program = model.eject("c")
at(eject, *(line for line in str(program).splitlines() if "W1[j]" in line or '"temperature"' in line))
check = model.eject("numpy").verify()
at(Ejected.verify, f"another hundred rows, by the program and by the model: {'the same' if check.passed else check}")
