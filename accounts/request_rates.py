"""Throttles of REST framework: how many requests a minute a key may make, and an address; how many at once."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from rest_framework.throttling import BaseThrottle

from accounts import standing
from accounts.minute_counts import within_minute
from accounts.peer import peer_address
from kernel.fair_share import take_place
from tenancy.principal import Principal


class MinuteRate(BaseThrottle):
    """Counters with `incr`: REST framework's own throttles read and write a list, which two processes do at once."""

    def wait(self) -> float:
        return 60 - int(time.time()) % 60


class KeyRate(MinuteRate):
    """`rate_per_minute` of the key; requests that are refused for their token count, too."""

    def allow_request(self, request: Any, view: Any) -> bool:
        if principal := view.principal:
            prefix, rate = principal.key_prefix, principal.key_rate
        elif key := standing.key_standing(request._request.META.get("HTTP_X_AETHER_API_KEY", "")):
            prefix, rate = key.prefix, key.rate_per_minute
        else:
            return True
        return not rate or within_minute(prefix, rate)


class AddressRate(MinuteRate):
    """AETHER_ADDRESS_RATE, where it is set: for publishable keys, which all visitors of a site share."""

    def allow_request(self, request: Any, view: Any) -> bool:
        return within_minute(f"address:{peer_address(request._request.META)}", settings.AETHER_ADDRESS_RATE)


class FairShare(BaseThrottle):
    """How much one account may have at once of this process (kernel/fair_share.py)."""

    def allow_request(self, request: Any, view: Any) -> bool:
        """Raises Throttled, with the reason `busy`."""
        if (principal := view.principal) is not None:
            view.hold(take_place(owner_of(principal), principal.account_public_id or ""))
        return True


def owner_of(principal: Principal) -> str:
    """Whose share it is: the account's, else the key's, else, as for super users of the admin, the user's."""
    if principal.account_id is not None:
        return f"account:{principal.account_id}"
    return f"key:{principal.key_prefix}" if principal.key_prefix else f"user:{principal.user_id}"
