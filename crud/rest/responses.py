"""What views answer with."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response


class ApiResponse(Response):
    """A response that says more in `meta` than each one does. `data` may be an orjson.Fragment.

    A plain Response is put into the envelope, too; it only has nothing to add.
    """

    _has_been_logged = True  # by the handler of exceptions, if it is one; Django would log it again

    def __init__(
        self, data: Any, status: int = 200, *, message: str = "", headers: dict[str, str] | None = None, **meta: Any
    ) -> None:
        super().__init__(data, status, headers=headers)
        self.message = message
        self.meta = meta
