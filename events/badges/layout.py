"""What a badge template's `layout_json` says. Lengths: millimetres from the upper left corner; type: points."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from events.badges.codes import TOO_LONG, holds
from kernel.ids import is_id

ELEMENT_TYPES: Final = ("text", "field", "qr", "image", "box")
FIELDS: Final = (
    *("id", "full_name", "full_name_override", "given_name", "family_name", "professional_title", "affiliations"),
    *("location", "email", "phone", "badge_type_code", "group", "external_id", "event_name", "badge_token"),
)
"""Of the badge; `full_name` is the override where there is one, `event_name` the name of its event."""
QR_FIELD: Final = "badge_token"
"""What a code holds that names nothing else: it tells who scans it nothing."""
MAX_ELEMENTS: Final = 200
MAX_LENGTH: Final = 1000
MAX_TEXT: Final = 1000
SIZES: Final = (4, 300)
COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}\Z")
HORIZONTAL: Final = ("start", "left", "center", "right")
VERTICAL: Final = ("top", "middle", "bottom")


@dataclass(frozen=True, slots=True)
class Element:
    type: str
    x: float
    y: float
    w: float
    h: float
    text: str = ""
    field: str = ""
    size: float = 12.0
    bold: bool = False
    italic: bool = False
    align: str = "start"
    valign: str = "top"
    colour: str = "#000000"
    fill: str = ""
    line: float = 0.0
    radius: float = 0.0
    hosted_file_id: str = ""


def elements_of(layout: Any, width: float, height: float) -> list[Element]:
    """The elements of a valid layout. What has no width or height reaches to the edge; both are of the badge, in mm."""
    elements = []
    for given in listed(layout):
        values = {name: given[name] for name in Element.__dataclass_fields__ if given.get(name) is not None}
        values.setdefault("colour", given.get("color") or ("" if given["type"] == "box" else "#000000"))
        values.setdefault("w", max(width - given["x"], 1.0))
        values.setdefault("h", max(height - given["y"], 1.0))
        if given["type"] == "qr" and not values.get("text") and not values.get("field"):
            values["field"] = QR_FIELD
        elements.append(Element(**values))
    return elements


def listed(layout: Any) -> list[Any]:
    """`{"elements": […]}`, or the list alone."""
    elements = layout.get("elements") if isinstance(layout, dict) else layout
    return elements if isinstance(elements, list) else []


def problem_of(layout: Any) -> str:
    """What is wrong with it, as a sentence; empty if nothing is."""
    elements = layout.get("elements") if isinstance(layout, dict) else layout
    if not isinstance(elements, list) or len(elements) > MAX_ELEMENTS:
        return f"Give a list of at most {MAX_ELEMENTS} elements."
    for number, element in enumerate(elements, start=1):
        if problem := _problem_of_element(element):
            return f"Element {number}: {problem}"
    return ""


def _problem_of_element(element: Any) -> str:
    if not isinstance(element, dict) or element.get("type") not in ELEMENT_TYPES:
        return f"type is one of {', '.join(ELEMENT_TYPES)}."
    if any(not _is_number(element.get(side), 0, MAX_LENGTH) for side in ("x", "y")):
        return f"x and y are numbers from 0 to {MAX_LENGTH}."
    for name, (fits, rule) in _RULES.items():
        if element.get(name) is not None and not fits(element[name]):
            return f"{name} {rule}."
    kind = element["type"]
    if kind == "text" and not (element.get("text") or element.get("field")):
        return "give text or field."
    if kind == "qr" and element.get("text") and not holds(element["text"]):
        return TOO_LONG
    if kind == "field" and not element.get("field"):
        return "give field."
    return "give hosted_file_id." if kind == "image" and not element.get("hosted_file_id") else ""


def _is_number(value: Any, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _is_colour(value: Any) -> bool:
    return isinstance(value, str) and bool(COLOUR.match(value))


_LENGTH: Final = (lambda value: _is_number(value, 0, MAX_LENGTH), f"is a number from 0 to {MAX_LENGTH}")
_FLAG: Final = (lambda value: isinstance(value, bool), "is true or false")
_TINT: Final = (_is_colour, "is a colour such as #1a2b3c")
_RULES: Final[dict[str, tuple[Any, str]]] = {
    **dict.fromkeys(("w", "h", "line", "radius"), _LENGTH),
    **dict.fromkeys(("bold", "italic"), _FLAG),
    **dict.fromkeys(("colour", "color", "fill"), _TINT),
    "size": (lambda value: _is_number(value, *SIZES), f"is a number from {SIZES[0]} to {SIZES[1]}"),
    "text": (lambda value: isinstance(value, str) and len(value) <= MAX_TEXT, f"is a text, at most {MAX_TEXT} long"),
    "field": (lambda value: value in FIELDS, f"is one of {', '.join(FIELDS)}"),
    "align": (lambda value: value in HORIZONTAL, f"is one of {', '.join(HORIZONTAL)}"),
    "valign": (lambda value: value in VERTICAL, f"is one of {', '.join(VERTICAL)}"),
    "hosted_file_id": (is_id, "is the id of a hosted file"),
}
