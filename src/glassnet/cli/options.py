"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from glassnet.cli.failures import Usage
from glassnet.cli.option_names import understood


def option(metavar: str, text: str, *names: str, panel: str | None = None, shown: bool = False) -> Any:
    """An option with a value: what its value is called, its help, its names, the box it stands in."""
    return typer.Option(*names, metavar=metavar, help=text, rich_help_panel=panel, show_default=shown)


def flag(text: str, *names: str, panel: str | None = None) -> Any:
    """An option without a value."""
    return typer.Option(*names, metavar="", help=text, rich_help_panel=panel, show_default=False)


def argument(metavar: str, text: str) -> Any:
    """An argument that must be given."""
    return typer.Argument(metavar=metavar, help=text, show_default=False)


CSV = "CSV files"

Json = Annotated[bool, flag("One JSON object on stdout, for programs.", "--json")]
Force = Annotated[bool, flag("Replace a file of another kind.", "--force")]
ModelFile = Annotated[Path, argument("MODEL", "A model file, as train saves it.")]
Delimiter = Annotated[str | None, option("CHAR", "What separates cells: ';' or tab. Found if not given.", panel=CSV)]
Decimal = Annotated[str | None, option("CHAR", "The decimal sign, . or ,", panel=CSV)]
Thousands = Annotated[
    str | None, option("CHAR", "What separates groups of three digits: , . ' or a space; none.", panel=CSV)
]
Missing = Annotated[list[str] | None, option("WORD", "Also means missing, beside NA, nan, ? … (repeat).", panel=CSV)]
Memory = Annotated[
    str | None,
    option(
        "SIZE", "What a table may take of it, 500MB: a larger one is read part by part. Default: 3/5 of what is free."
    ),
]
Encoding = Annotated[str | None, option("NAME", "For instance latin-1; utf-8 if not given.", panel=CSV)]


class Command(TyperCommand):
    """A command that says which value is wrong, and refuses an option given twice: one of them would be forgotten."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As typer does, with these two; options of other libraries are understood."""
        names = [
            name for option in self.params for name in (*option.opts, *option.secondary_opts) if name.startswith("--")
        ]
        given, others = understood(args, [*names, "--help"], ctx.command_path, options_with_values(self))
        args = [*given, *others]
        for name, values in values_by_option(self, given).items():
            if len(values) > 1:
                raise Usage(f"{name} is given {len(values)} times; give it once")
        try:
            return super().parse_args(ctx, list(args))
        except typer.BadParameter as error:
            name = error.param.opts[0] if error.param is not None else ""
            values = values_by_option(self, given).get(name, [])
            if values and values[0] is not None and repr(values[0]) not in error.message:
                error.message = f"{error.message.rstrip('.')}, got {values[0]!r}"
            raise


def values_by_option(command: TyperCommand, args: list[str]) -> dict[str, list[str | None]]:
    """For each option that takes one value, the values it is given."""
    found: dict[str, list[str | None]] = {}
    options, words = options_with_values(command), iter(args)
    for arg in words:
        name, equals, value = arg.partition("=") if arg.startswith("--") else (arg, "", "")
        if name in options:
            given = value if equals else next(words, None)
            if not getattr(options[name], "multiple", False):
                found.setdefault(options[name].opts[0], []).append(given)
    return found


def options_with_values(command: TyperCommand) -> dict[str, Any]:
    """The options that a value follows, by each of their names."""
    return {
        name: option
        for option in command.params
        for name in option.opts
        if name.startswith("-") and not getattr(option, "is_flag", False)
    }
