"""Is this person a member? Asked of Novi AMS from the server, remembered in the cache (contract section 8)."""

from __future__ import annotations

import logging
import re
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Final

from django.conf import settings
from django.utils import timezone

from accounts.fetch import FetchLimits, NoReply, Reply, get
from accounts.models import Account, AccountService
from accounts.novi_member import Member, admitted_statuses, member_of
from accounts.novi_memory import Memory
from accounts.single_flight import SingleFlight
from accounts.throttles import count_in_minute
from kernel.errors import Upstream
from tenancy.principal import Principal

log = logging.getLogger("accounts.novi")

UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
POLL_SECONDS: Final = 0.05
USUAL_WAIT: Final = 60
"""Novi counts by the minute."""
LONGEST_WAIT: Final = 3_600


@dataclass(frozen=True, slots=True)
class Service:
    base: str
    key: str
    admitted: frozenset[str] = admitted_statuses(None)
    """Which statuses make a member, as `novi_member.plain` spells them."""

    @property
    def digest(self) -> str:
        return sha256(f"{self.base}\0{self.key}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Failure:
    """What Novi said instead of a member, for everybody who waited for it."""

    message: str = "Novi is not available now; try again."
    status: int = 503
    retry_after: int | None = None

    def error(self) -> Upstream:
        return Upstream(self.message, self.status, retry_after=self.retry_after)


AWAY: Final = Failure()
BRIDGED: Final = (429, 503)
"""Novi knows the answer and can't give it now: its last one will do for a while."""
_flights: SingleFlight[Member | Failure] = SingleFlight()


def canonical(text: str) -> str | None:
    """A UUID in its usual 36 characters, in lower case; None for every other text."""
    return text.lower() if UUID.fullmatch(text) else None


def find_member(principal: Principal, uuid: str) -> tuple[Member, bool]:
    """The person, and whether the account admits it as a member. `uuid` is canonical; the account of the principal is
    active. Raises Upstream, and Throttled when the calls that the key may cause in a minute are used up.
    """
    service = service_of_account()
    memory = Memory(f"idaa:novi_member:{uuid}:{principal.account_public_id}:{service.digest}")
    end = time.monotonic() + settings.AETHER_NOVI_TOTAL_SECONDS
    answer: Member | Failure | None = memory.member()
    while answer is None:
        left = end - time.monotonic()
        if left <= 0:
            answer = memory.last_good() or AWAY
            break
        answer = _flights.run(memory.key, lambda: _ask_alone(service, uuid, memory, principal.key_prefix), left)
        answer = answer or memory.member()
    if isinstance(answer, Failure):
        raise answer.error()
    return answer, answer.is_admitted(service.admitted)


def service_of_account() -> Service:
    """That of the active account, else that of the settings. Raises Upstream if there is none."""
    own = AccountService.objects.filter(name=AccountService.Name.NOVI).values_list("base", "key").first()
    base, key = own or (settings.NOVI_API_BASE, settings.NOVI_API_KEY)
    if not base or not key:
        raise Upstream("Novi is not set up for this account.", recoverable=False)
    cfg_json = Account.objects.values_list("cfg_json", flat=True).first()
    return Service(base.rstrip("/"), key, admitted_statuses(cfg_json))


def _ask_alone(service: Service, uuid: str, memory: Memory, key_prefix: str) -> Member | Failure | None:
    """Ask, unless another process does so just now; its answer will be in the cache. None: look there."""
    if not memory.lock(int(settings.AETHER_NOVI_TOTAL_SECONDS) + 2):
        time.sleep(POLL_SECONDS)
        return None
    try:
        known = memory.member()
        if known is not None:
            return known
        limit = settings.AETHER_NOVI_CALLS_PER_MINUTE
        count_in_minute(f"novi:{key_prefix}", limit, "What this key may ask Novi in a minute is used up; wait.")
        answer = _ask(service, uuid)
        if isinstance(answer, Member):
            memory.keep(answer, admitted=answer.is_admitted(service.admitted))
        elif answer.status == 404:
            memory.forget()
        elif answer.status in BRIDGED:
            return memory.last_good() or answer
        return answer
    finally:
        memory.unlock()


def _ask(service: Service, uuid: str) -> Member | Failure:
    limits = FetchLimits(
        settings.AETHER_NOVI_CONNECT_SECONDS, settings.AETHER_NOVI_READ_SECONDS, settings.AETHER_NOVI_TOTAL_SECONDS
    )
    url = service.base + settings.AETHER_NOVI_PATH.replace("{uuid}", uuid)
    try:
        return _understood(get(url, f"Basic {service.key}", limits))
    except NoReply as error:
        log.warning("no answer from Novi: %s", error)
        return AWAY


def _understood(reply: Reply) -> Member | Failure:
    match reply.status:
        case 200:
            member = member_of(reply.body)
            if member is None:
                log.warning("Novi's answer of %s bytes is no member", len(reply.body))
            return member or AWAY
        case 404:
            return Failure("Novi knows no such member.", 404)
        case 429:
            wait = _wait(reply.headers.get("Retry-After", ""))
            log.warning("Novi takes no more requests for %s seconds", wait)
            return Failure("Novi takes no more requests now; wait.", 429, wait)
        case 401 | 403:
            log.error("Novi refuses our key (%s): check NOVI_API_KEY, or the account's service", reply.status)
            return Failure("Novi refuses this service; it is logged.", 502)
        case _:
            log.warning("Novi answered %s", reply.status)
            return AWAY


def _wait(retry_after: str) -> int:
    """Seconds, from seconds or from a date (RFC 9110)."""
    if re.fullmatch(r"[0-9]{1,9}", retry_after):
        seconds = int(retry_after)
    else:
        try:
            seconds = round((parsedate_to_datetime(retry_after) - timezone.now()).total_seconds())
        except (ValueError, TypeError, OverflowError):
            seconds = USUAL_WAIT
    return min(max(1, seconds), LONGEST_WAIT)
