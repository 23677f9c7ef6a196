"""The address that a request really came from."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from django.conf import settings


def peer_address(meta: dict[str, Any]) -> str:
    """The client's address: X-Forwarded-For is believed only as far as AETHER_TRUSTED_PROXY_COUNT proxies wrote it."""
    count = settings.AETHER_TRUSTED_PROXY_COUNT
    if count:
        hops = [part.strip() for part in meta.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if len(hops) >= count:
            try:
                return str(ip_address(hops[-count]))
            except ValueError:
                pass
    return str(meta.get("REMOTE_ADDR", ""))
