"""A page of a PDF → a picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from files.child import Made, MediaError, run
from kernel.child import ChildLimits, program

PDF = "application/pdf"
KINDS = ("webp", "png")
LIMITS = ChildLimits(seconds=60, memory=2**30, output=2**28)
WORDS = {
    "encrypted": "The PDF is encrypted.",
    "page": "The PDF has no such page.",
    "size": "The page is too large.",
    "empty": "The page has no area.",
}


def convert(
    source: Path, content_type: str, place: Path, parameters: dict[str, Any], beat: Callable[[int | None], None]
) -> Made:
    """Render `page` of a PDF as `to_type`, its longer side at most `max_px`. Answers the file. Raises MediaError."""
    target = place / f"page.{parameters['to_type']}"
    settings = (parameters[name] for name in ("to_type", "page", "max_px"))
    command = program("files.render_pdf", source, target, *settings)
    outcome = run(command, place, LIMITS, beat=lambda: beat(None))
    if outcome.code != 0 or not target.exists():
        word = outcome.last_lines[-1] if outcome.last_lines else ""
        raise MediaError(WORDS.get(word, "The PDF can't be rendered."))
    return Made(target)
