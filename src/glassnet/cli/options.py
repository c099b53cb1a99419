"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from glassnet.cli.failures import Usage

Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, for programs.", show_default=False)]
Force = Annotated[bool, typer.Option("--force", help="Replace a file of another kind.", show_default=False)]
ModelFile = Annotated[Path, typer.Argument(metavar="MODEL", help="A model file, as train saves it.", show_default=False)]

CSV = "CSV files"
Delimiter = Annotated[
    str | None,
    typer.Option("--delimiter", metavar="CHAR", help="What separates cells, e.g. ';' or tab. Found if not given.",
                 rich_help_panel=CSV, show_default=False),
]  # fmt: skip
Decimal = Annotated[
    str | None,
    typer.Option("--decimal", metavar="CHAR", help="The decimal sign: . or ,", rich_help_panel=CSV, show_default=False),
]
Missing = Annotated[
    list[str] | None,
    typer.Option("--missing", metavar="WORD", help="Also means missing, beside NA, nan, ? … (repeat).",
                 rich_help_panel=CSV, show_default=False),
]  # fmt: skip
Encoding = Annotated[
    str | None,
    typer.Option("--encoding", metavar="NAME", help="For instance latin-1; utf-8 if not given.", rich_help_panel=CSV,
                 show_default=False),
]  # fmt: skip


class Command(TyperCommand):
    """A command that refuses an option given twice, where the first would be forgotten."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As typer does, after a look for what comes twice."""
        given = args[: args.index("--")] if "--" in args else args
        for option in self.params:
            if getattr(option, "multiple", False) or getattr(option, "is_flag", False):
                continue
            names = [name for name in option.opts if name.startswith("-")]
            count = sum(arg == name or arg.startswith(f"{name}=") for arg in given for name in names)
            if count > 1:
                raise Usage(f"{names[0]} is given {count} times; give it once")
        return super().parse_args(ctx, args)
