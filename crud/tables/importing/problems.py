"""What is wrong with a file that was to be imported, and where."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.errors import Invalid, shorten

MOST_SAID = 20


@dataclass(frozen=True, slots=True, order=True)
class RowError:
    row: int
    """As the spreadsheet counts: the headings are row 1. 0: the file as a whole."""
    column: str
    """Its heading; "" for the row as a whole."""
    message: str
    cell: str = ""
    """What the cell says, as a person sees it; "" where that is nothing, or not to be told."""

    def __str__(self) -> str:
        place = ", ".join(filter(None, [f"row {self.row}" if self.row else "", self.column]))
        sentence = f"{place}: {self.message}" if place else self.message
        return f"{sentence} The cell says “{shorten(self.cell)}”." if self.cell else sentence


def rows_with(errors: list[RowError]) -> int:
    """How many rows below the headings they are about."""
    return len({error.row for error in errors if error.row > 1})


class ImportRefused(Invalid):
    """Nothing was written. `errors` says why, row by row."""

    def __init__(self, errors: list[RowError]) -> None:
        summary = "; ".join(map(str, errors[:MOST_SAID]))
        more = f"; and {len(errors) - MOST_SAID} more" if len(errors) > MOST_SAID else ""
        super().__init__(f"{summary}{more}")
        self.errors = errors


def refuse_file(message: str) -> ImportRefused:
    return ImportRefused([RowError(0, "", message)])
