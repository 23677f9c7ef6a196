"""The maintained sources of the global rows: ISO 3166 by pycountry, the tz database by tzdata.

tzdata's own files are read, not the server's: every server has the same names.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Final

from lookups.zones import zone_names


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """What a source says of one group. `priority` is what the row begins with; staff may change it."""

    code: str
    name: str
    facts: dict[str, Any] = field(default_factory=dict)
    priority: bool = False


def stable_id(lu_type: str, code: str) -> str:
    """A public id that is the same on every server."""
    attempt = 0
    while True:
        digest = hashlib.sha256(f"{lu_type}\n{code}\n{attempt}".encode()).digest()
        candidate = base64.urlsafe_b64encode(digest).decode()[:11]
        if candidate[0] not in "-_":
            return candidate
        attempt += 1


FIRST_COUNTRIES: Final = frozenset(
    (
        "AE AR AT AU BE BR CA CH CL CN CO CZ DE DK EG ES FI FR GB GR HK HU ID IE IL IN IT JP KE KR MX MY NG NL NO NZ "
        "PE PH PL PT RO SA SE SG TH TR TW UA US VN ZA"
    ).split()
)
"""Where most people come from who attend conferences; staff of an account choose their own."""
FIRST_SUBDIVISIONS: Final = frozenset({"US", "CA", "AU"})
"""The countries whose addresses name their subdivision."""


def countries() -> Iterator[SourceEntry]:
    import pycountry  # only the loader needs it, and it takes a while

    for country in pycountry.countries:
        name = getattr(country, "common_name", country.name)
        yield SourceEntry(
            country.alpha_2,
            name,
            {"alpha_3": country.alpha_3, "numeric": country.numeric},
            country.alpha_2 in FIRST_COUNTRIES,
        )


def country_subdivisions() -> Iterator[SourceEntry]:
    import pycountry  # as above

    for part in pycountry.subdivisions:
        facts = {"country_group": part.country_code, "type": part.type, "parent_group": part.parent_code}
        yield SourceEntry(part.code, part.name, facts, part.country_code in FIRST_SUBDIVISIONS)


def time_zones() -> Iterator[SourceEntry]:
    """Every zone and link. One zone for each clock that is in use now has priority, as zonenow.tab lists them."""
    folder = files("tzdata") / "zoneinfo"
    links = {}
    for line in (folder / "tzdata.zi").read_text(encoding="utf-8").splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "L":
            target, link = rest.split()
            links[link] = target
    table = (folder / "zonenow.tab").read_text(encoding="utf-8").splitlines()
    common = {line.split("\t")[2] for line in table if line and not line.startswith("#")}
    for name in sorted(zone_names()):
        yield SourceEntry(name, name.replace("_", " "), {"link_to": links.get(name)}, priority=name in common)


SOURCES: Final = {"country": countries, "country_subdivision": country_subdivisions, "time_zone": time_zones}
