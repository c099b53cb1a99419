"""The commands, and how a command line is run."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

import typer

from glassnet.cli.calibrate import calibrate
from glassnet.cli.derivation import derivation
from glassnet.cli.diagnose import diagnose
from glassnet.cli.eject import eject
from glassnet.cli.evaluate import evaluate
from glassnet.cli.explain import explain
from glassnet.cli.failures import CODES
from glassnet.cli.lottery import lottery
from glassnet.cli.options import Command
from glassnet.cli.play import play
from glassnet.cli.predict import predict
from glassnet.cli.reproduce import reproduce
from glassnet.cli.running import running
from glassnet.cli.search import search
from glassnet.cli.summary import summary
from glassnet.cli.train import train
from glassnet.data.files.version import __version__

ABOUT = """Neural networks of glass: trained on your table, and every number open to look at.

Start with [bold]glassnet train penguins[/bold]: it trains on a built-in table, shows the score on rows it has
never seen, saves the model and a picture of the loss, and says what to try next."""


def paragraphs(text: str) -> str:
    """Text whose paragraphs are one line each, for the terminal to wrap.

    >>> paragraphs("One\\n    two.\\n\\n    Three.")
    'One two.\\n\\nThree.'
    """
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


app = typer.Typer(
    name="glassnet",
    help=paragraphs(ABOUT),
    epilog=CODES,
    rich_markup_mode="rich",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
# play reads its options by itself, without typer: here it is only listed
app.command("play", help=paragraphs(play.__doc__ or ""))(lambda: None)
for command in (
    train,
    calibrate,
    predict,
    evaluate,
    summary,
    derivation,
    explain,
    eject,
    diagnose,
    lottery,
    search,
    reproduce,
):
    app.command(cls=Command, help=paragraphs(command.__doc__ or ""))(command)


def show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        print(f"glassnet {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options before the command."""


def run(argv: list[str]) -> int:
    """Run a command line; its exit code. Errors become one line."""
    return running(argv, lambda: invoked(argv))


@cache
def commands() -> Any:
    """All commands with their options, as they are read."""
    return typer.main.get_command(app)


def invoked(argv: list[str]) -> Any:
    """What a command gives back. Not by typer's own `main`, which turns Ctrl-C and closed pipes into exits."""
    try:
        with commands().make_context("glassnet", [*argv] or ["--help"]) as context:
            return context.command.invoke(context)
    except typer.Exit as end:  # --help, --version
        return end.exit_code
