"""The paths of V1 and V2, and what stands for them in V3."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from kernel.ids import RESERVED, is_id

V1: Final = "/crud"
V2: Final = "/v2/crud"
V3: Final = "/v3/crud"

TYPE_NAME: Final = re.compile(r"[a-z0-9_]{1,64}")
READ: Final = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class OldRoute:
    prefix: str
    """V1 or V2."""
    template: str
    """What is counted and logged: it holds nothing that the caller wrote."""
    methods: tuple[str, ...] = ()
    path: str = ""
    """What follows /v3/crud/."""
    kind: str = ""
    """Of V3's route, as its router calls it: `list`, `detail` or `search`. Empty: there is no such route."""
    fqdn: str | None = None
    """The domain that is looked for."""

    @property
    def successor(self) -> str:
        return f"{V3}/{self.path}"


def old_route(prefix: str, path: str, *, searches: bool) -> OldRoute:
    """`path` is what follows the prefix, decoded. `searches`: the query string has a `jp`."""
    match path.removesuffix("/").split("/"):
        case ["site", "domain", fqdn] if prefix == V1:
            template = f"{prefix}/site/domain/{{fqdn}}"
            return OldRoute(prefix, template, READ, "site_domain/search", "search", fqdn)
        case [name, "list"] if TYPE_NAME.fullmatch(name):
            template = f"{prefix}/{{type}}/list"
            if searches:
                return OldRoute(prefix, template, READ, f"{name}/search", "search")
            return OldRoute(prefix, template, READ, f"{name}/", "list")
        case [name, public_id] if TYPE_NAME.fullmatch(name) and is_id(public_id) and public_id not in RESERVED:
            methods = (*READ, "PATCH", "DELETE")
            return OldRoute(prefix, f"{prefix}/{{type}}/{{id}}", methods, f"{name}/{public_id}", "detail")
        case [name] if TYPE_NAME.fullmatch(name):
            return OldRoute(prefix, f"{prefix}/{{type}}", ("POST",), f"{name}/", "list")
    return OldRoute(prefix, f"{prefix}/*")
