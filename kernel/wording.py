"""What is said of a value that is not as it should be: one wording for one misfit, wherever a client meets it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

GIVEN_TWICE: Final = "It is given more than once."
HALF_A_PAIR: Final = "A text can't contain half of a surrogate pair."
NOT_A_CURSOR: Final = "It is not a cursor of this list."
NUL: Final = "A text can't contain the character NUL."
NUMBER: Final = "Give a number."
REQUIRED: Final = "It is required."
TEXT: Final = "Give a text."
TRUE_OR_FALSE: Final = "Give true or false."
WHOLE_NUMBER: Final = "Give a whole number."


def between(least: Any, most: Any) -> str:
    """The bounds of a number or a date, both allowed; None: there is none at that side."""
    if least is None:
        return f"It must be at most {most}."
    return f"It must be at least {least}." if most is None else f"It must be between {least} and {most}."


def characters(least: int | None, most: int | None) -> str:
    """The bounds of a text's length."""
    if not least:
        return f"It must have at most {most} characters."
    return (
        f"It must have at least {least} characters." if most is None else f"It must have {least} to {most} characters."
    )


def one_of(choices: Iterable[object]) -> str:
    return f"It must be one of: {', '.join(map(str, choices))}."


def known_names(names: Iterable[str]) -> str:
    """Of a key that nothing is done with."""
    return f"There is no such field. Known: {', '.join(names)}."
