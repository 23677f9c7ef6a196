"""The address that a request really came from: X-Forwarded-For counts as far as our own proxies wrote it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.peer import peer_address

SOCKET = "198.51.100.9"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, None, SOCKET),
        (0, "192.0.2.1", SOCKET),
        (0, "127.0.0.1", SOCKET),
        (1, None, SOCKET),
        (1, "", SOCKET),
        (1, "192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.1, 192.0.2.1", "192.0.2.1"),
        (1, "127.0.0.1, 203.0.113.1,192.0.2.1", "192.0.2.1"),
        (2, "203.0.113.1, 192.0.2.1", "203.0.113.1"),
        (2, "x, 203.0.113.1, 192.0.2.1", "203.0.113.1"),
        (2, "192.0.2.1", SOCKET),
        (1, "192.0.2.1, nonsense", SOCKET),
        (1, "192.0.2.1:80", SOCKET),
        (1, " , ,", SOCKET),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        (1, "192.0.2.1,", "192.0.2.1"),
        (1, "999.0.2.1", SOCKET),
    ],
)
def test_as_many_hops_as_there_are_proxies(settings: Any, proxies: int, forwarded: str | None, expected: str) -> None:
    settings.AETHER_TRUSTED_PROXY_COUNT = proxies
    meta = {"REMOTE_ADDR": SOCKET} | ({} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded})
    assert peer_address(meta) == expected


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80), st.ip_addresses())
def test_nothing_that_a_client_wrote_is_believed(settings: Any, written: str, real: Any) -> None:
    """One proxy, which appends the address that it saw: whatever was there before does not matter."""
    settings.AETHER_TRUSTED_PROXY_COUNT = 1
    meta = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": f"{written}, {real}"}
    assert peer_address(meta) == str(real)


def test_other_headers_are_no_address(settings: Any) -> None:
    settings.AETHER_TRUSTED_PROXY_COUNT = 1
    for name in (
        "HTTP_X_REAL_IP",
        "HTTP_CLIENT_IP",
        "HTTP_FORWARDED",
        "HTTP_X_CLUSTER_CLIENT_IP",
        "HTTP_TRUE_CLIENT_IP",
    ):
        assert peer_address({"REMOTE_ADDR": SOCKET, name: "127.0.0.1"}) == SOCKET


def test_no_address_at_all() -> None:
    assert peer_address({}) == ""
