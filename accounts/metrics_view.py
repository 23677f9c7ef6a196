"""/metrics: what this machine's processes have counted, for the addresses in AETHER_METRICS_ALLOWED_NETWORKS."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST

from accounts.peer import peer_address
from crud import ApiRequest, OpenView, tasks_waiting
from kernel.errors import Refused
from kernel.metrics import exposition


class MetricsView(OpenView):
    http_method_names = ["get", "head", "options"]

    def get(self, request: ApiRequest) -> HttpResponse:
        if not may_read(request.META):
            raise Refused("This address may not read it.")
        return HttpResponse(
            exposition(tasks_waiting()), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"}
        )


def may_read(meta: dict[str, Any]) -> bool:
    if "HTTP_X_FORWARDED_FOR" in meta and not settings.AETHER_TRUSTED_PROXY_COUNT:
        return False  # the address is that of a proxy which nobody vouches for
    try:
        address = ip_address(peer_address(meta))
    except ValueError:  # a socket file
        return False
    return any(address in network for network in settings.AETHER_METRICS_ALLOWED_NETWORKS)
