"""A network on the page, from Python: `gn.play` in a script or a notebook, `gn.widget` in a notebook.

What is needed for it is imported when it is asked for: `import glassnet` stays quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from glassnet.errors import need
from glassnet.lines import notebook
from glassnet.model.keywords import keywords_of
from glassnet.model.model import Model
from glassnet.model.train import train
from glassnet.parts.network import Network
from glassnet.training.preparing import ColumnOptions

if TYPE_CHECKING:
    from glassnet.parts.literals import OptimizerName
    from glassnet.parts.optimizers import Optimizer


class PlayOptions(ColumnOptions, total=False):
    """The keywords of `train` that are chosen before the page is there; what else it has is chosen on it."""

    optimizer: OptimizerName | Optimizer | None
    epochs: int
    batch_size: int | None
    validation: Any
    seed: Any


@keywords_of(train, PlayOptions)
def play(
    network: Network | Model,
    X: Any,
    y: Any = None,
    *,
    port: int = 0,
    token: str | None = None,
    open_browser: bool = True,
    **options: Unpack[PlayOptions],
) -> Any:
    """Open a page on which a network trains before your eyes, and every number can be looked at, until Ctrl-C.

        gn.play(gn.Network(gn.Dense(8, "tanh"), gn.Dense()), X, y)
        gn.play(model, X, y)  # from where it is

    The page is on this machine alone, at the address that is printed. In a notebook it is shown there instead, as
    `widget` does.

    Parameters
    ----------
    network, X, y
        As for `train`. A model is shown as it is, and trained on from there; it stays as it was, the page has a copy.
    port
        Where the page is on this machine; 0: at a port that is free.
    token
        What opens the page, at the end of its address: at least 16 letters, digits, - and _. None: something new each
        time. The same one lets a page that is open go on after a restart, on the same port.
    open_browser
        Whether it is opened in a browser at once.
    **options
        As for `train`: `target` and what else is said about a table's columns, `optimizer`, `epochs`, `batch_size`,
        `validation`, `seed`.

    Returns
    -------
    In a notebook the widget, which is shown where it is a cell's last line; elsewhere None, after Ctrl-C.

    Raises
    ------
    DataError, ValueError, TypeError
        As `train` does.
    GlassnetError
        Another program listens on this port.
    ImportError
        It runs in a notebook, and anywidget is missing.
    """
    if notebook():
        return widget(network, X, y, **options)
    from glassnet.playground.serve import serve
    from glassnet.playground.session import Session

    serve(Session.of_model(network, X, y, **options).handle, port=port, token=token, open_browser=open_browser)
    return None


@keywords_of(train, PlayOptions)
def widget(network: Network | Model, X: Any, y: Any = None, **options: Unpack[PlayOptions]) -> Any:
    """Show the page of `play` in a notebook: in Jupyter, marimo, VS Code. It needs anywidget.

        gn.widget(network, X, y)

    It is no method of models, since it stands above them: it asks the doctor and the lottery, too.

    Parameters
    ----------
    network, X, y, **options
        As for `play`.

    Returns
    -------
    The widget, which is shown where it is a cell's last line.

    Raises
    ------
    ImportError
        anywidget is missing; the message says how to install it.
    DataError, ValueError, TypeError
        As `train` does.
    """
    need("widgets", "anywidget", "notebook")
    from glassnet.playground.session import Session
    from glassnet.playground.widget import PageWidget

    return PageWidget(Session.of_model(network, X, y, **options).handle)
