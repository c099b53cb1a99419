"""All patients."""

from __future__ import annotations

from pathlib import Path

from patients import asked, asked_classes, asked_curves, asked_gates, asked_training, lucky, odd
from patients.healthy import all_healthy
from patients.of_tables import of_tables
from patients.patient import Patient
from patients.several import several
from patients.sick import sick

GALLERIES = (asked_gates, asked_curves, asked_classes, asked_training)  # each puts its networks into `asked.ALL`


def patients(folder: Path | None = None) -> list[Patient]:
    """All of them; those that are tables only where there is a folder with the tables."""
    found = [
        *sick(),
        *several(),
        *asked.ALL,
        *all_healthy(),
        *odd.ALL,
        *lucky.ALL,
        *(of_tables(folder) if folder else []),
    ]
    if len({one.name for one in found}) < len(found):
        raise ValueError("two patients have the same name")
    return found
