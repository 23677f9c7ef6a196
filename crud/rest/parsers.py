"""How a body becomes `request.data`."""

from __future__ import annotations

from typing import Any

from rest_framework.parsers import BaseParser

from kernel.json_body import read_json


class StrictJSONParser(BaseParser):
    """JSON without double keys, NaN or endless depth, of at most AETHER_MAX_BODY_BYTES."""

    media_type = "*/*"  # another type than application/json is refused by `read_json`: 400 here, and not 415

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return read_json(stream)
