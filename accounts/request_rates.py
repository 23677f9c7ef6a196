"""Throttles of REST framework: how many requests a minute a key may make, and an address."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from rest_framework.throttling import BaseThrottle

from accounts import standing
from accounts.peer import peer_address
from accounts.throttles import within_minute


class MinuteRate(BaseThrottle):
    """Counters with `incr`: REST framework's own throttles read and write a list, which two processes do at once."""

    def allow_request(self, request: Any, view: Any) -> bool:
        name, per_minute = self.limit(request, view)
        return not per_minute or within_minute(name, per_minute)

    def limit(self, request: Any, view: Any) -> tuple[str, int | None]:
        """What is counted, and how many a minute it may be; 0 or None: any number."""
        raise NotImplementedError

    def wait(self) -> float:
        return 60 - int(time.time()) % 60


class KeyRate(MinuteRate):
    """`rate_per_minute` of the key; requests that are refused for their token count, too."""

    def limit(self, request: Any, view: Any) -> tuple[str, int | None]:
        if view.principal is not None:
            key = standing.key_standing_by_prefix(view.principal.key_prefix)
        else:
            key = standing.key_standing(request._request.META.get("HTTP_X_AETHER_API_KEY", ""))
        return (key.prefix, key.rate_per_minute) if key else ("", None)


class AddressRate(MinuteRate):
    """AETHER_ADDRESS_RATE: for publishable keys, which all visitors of a site share."""

    def limit(self, request: Any, view: Any) -> tuple[str, int | None]:
        return f"address:{peer_address(request._request.META)}", settings.AETHER_ADDRESS_RATE
