"""What people read where the database has its names."""

from __future__ import annotations

from typing import Any, Final

WORDS: Final = {
    "json": "(JSON)",
    "mm": "(mm)",
    "sha256": "SHA-256",
    "url": "URL",
    "fqdn": "domain name (FQDN)",
    "cfg": "configuration",
    "obj": "object",
}


def name_in_plural(model: Any) -> None:
    """Django adds an "s" to any name."""
    opts = model._meta
    name = str(opts.verbose_name)
    if name.endswith("person"):
        opts.verbose_name_plural = name.removesuffix("person") + "people"
    elif name.endswith("y") and name[-2] not in "aeiou":
        opts.verbose_name_plural = name[:-1] + "ies"


def name_fields(model: Any) -> None:
    """For "start_datetime" it says "start", for "layout_json" "layout (JSON)"; names that a model gives, it keeps."""
    for field in model._meta.concrete_fields:
        words = field.name.split("_")
        if field.verbose_name == " ".join(words):
            spoken = [WORDS.get(word, word) for word in words if len(words) == 1 or word != "datetime"]
            field.verbose_name = " ".join(spoken)
