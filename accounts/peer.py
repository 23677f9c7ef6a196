"""The address that a request really came from."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
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


def peer_network(address: str) -> str:
    """What guesses are counted by: an IPv4 address, or the /64 of an IPv6 address, as one person has all of that."""
    try:
        peer = ip_address(address)
    except ValueError:
        return address
    if not isinstance(peer, IPv6Address):
        return str(peer)
    return str(peer.ipv4_mapped or ip_network((peer, 64), strict=False))
