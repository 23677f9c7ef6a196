"""What a request asks of a type besides its conditions on fields: shape, states, order, page (contract section 4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from crud.read.search.parser import Condition

DEFAULT_LIMIT = 100
MAX_LIMIT = 1_000
MAX_OFFSET = 2**31
MAX_CURSOR_LENGTH = 8_192
MAX_ORDER = 8
VERSIONS = ("current", "all")
STATES = {"enabled": ("enabled", "disabled", "all"), "hidden": ("not_hidden", "hidden", "all")}


@dataclass(slots=True)
class Parameters:
    view: str = "default"
    fields: tuple[str, ...] | None = None
    includes: tuple[str, ...] = ()
    enabled: str = "enabled"
    hidden: str = "not_hidden"
    versions: str = "current"
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    cursor: str = ""
    order: tuple[tuple[str, bool], ...] = ()
    for_object: tuple[str, str] | None = None
    with_total: bool = False
    filters: list[Condition] = field(default_factory=list)
