"""Is this person a member? Asked of Novi AMS from the server, remembered in the cache (contract section 8)."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any, Final

import orjson
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from accounts.fetch import Limits, NoReply, Reply, get
from accounts.models import AccountService
from accounts.single_flight import SingleFlight
from accounts.throttles import CACHE_ERRORS, count_in_minute
from crud.errors import Throttled, Upstream
from tenancy.principal import Principal

log = logging.getLogger("accounts.novi")

ACTIVE_SECONDS: Final = 4 * 3_600
INACTIVE_SECONDS: Final = 5 * 60
POLL_SECONDS: Final = 0.05
LONGEST_WAIT: Final = 3_600
NAME_LENGTH: Final = 200
EMAIL_LENGTH: Final = 254
FIELDS: Final = ("Active", "FirstName", "LastName", "Name", "Email")
UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
AWAY: Final = "Novi is not available now; try again."


@dataclass(frozen=True, slots=True)
class Service:
    base: str
    key: str

    @property
    def digest(self) -> str:
        return sha256(f"{self.base}\0{self.key}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Member:
    active: bool
    display_name: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What Novi said: a member, or a failure to be raised by everybody who waited for it."""

    member: Member | None = None
    failure: Callable[[], Upstream] | None = None


_flights: SingleFlight[Outcome] = SingleFlight()


def canonical(text: str) -> str | None:
    """A UUID in its usual 36 characters, in lower case; None for every other text."""
    return text.lower() if UUID.fullmatch(text) else None


def service_of_account() -> Service:
    """That of the active account, else that of the settings. Raises Upstream if there is none."""
    own = AccountService.objects.filter(name=AccountService.Name.NOVI).values_list("base", "key").first()
    base, key = own or (settings.NOVI_API_BASE, settings.NOVI_API_KEY)
    if not base or not key:
        raise Upstream("Novi is not set up for this account.", recoverable=False)
    return Service(base.rstrip("/"), key)


def find_member(principal: Principal, uuid: str) -> Member:
    """`uuid` is canonical. Raises Upstream, and Throttled when the key's calls for the minute are used up."""
    service = service_of_account()
    memory = Memory(f"idaa:novi_member:{uuid}:{principal.account_public_id}:{service.digest}")
    end = time.monotonic() + settings.AETHER_NOVI_TOTAL_SECONDS
    while True:
        if found := memory.member():
            return found
        left = end - time.monotonic()
        outcome = _flights.run(memory.key, lambda: _ask_alone(service, uuid, memory, principal.key_prefix), left)
        if outcome is not None and outcome.member:
            return outcome.member
        if outcome is not None and outcome.failure:
            raise outcome.failure()
        if time.monotonic() >= end:
            raise Upstream(AWAY)


def _ask_alone(service: Service, uuid: str, memory: Memory, key_prefix: str) -> Outcome | None:
    """None if another process is just asking: its answer will be in the cache."""
    if not memory.lock():
        time.sleep(POLL_SECONDS)
        return None
    try:
        if found := memory.member():
            return Outcome(found)
        limit = settings.AETHER_NOVI_CALLS_PER_MINUTE
        count_in_minute(f"novi:{key_prefix}", limit, "This key's questions to Novi for the minute are used up.")
        outcome = _ask(service, uuid)
        if outcome.member:
            memory.keep(outcome.member)
        elif outcome.failure and outcome.failure().http_status == 404:
            memory.forget()
        return outcome
    finally:
        memory.unlock()


def _ask(service: Service, uuid: str) -> Outcome:
    limits = Limits(
        settings.AETHER_NOVI_CONNECT_SECONDS, settings.AETHER_NOVI_READ_SECONDS, settings.AETHER_NOVI_TOTAL_SECONDS
    )
    url = service.base + settings.AETHER_NOVI_PATH.replace("{uuid}", uuid)
    try:
        reply = get(url, f"Basic {service.key}", limits)
    except NoReply as error:
        log.warning("no answer from Novi: %s", error)
        return Outcome(failure=lambda: Upstream(AWAY))
    match reply.status:
        case 200:
            return _read(reply)
        case 404:
            return Outcome(failure=lambda: Upstream("Novi knows no such member.", 404))
        case 429:
            wait = _wait(reply.headers.get("Retry-After", ""))
            log.warning("Novi takes no more requests for %s seconds", wait)
            return Outcome(failure=lambda: Upstream("Novi takes no more requests now; wait.", 429, retry_after=wait))
        case 401 | 403:
            log.error("Novi refuses our key: %s. Check NOVI_API_KEY, or the account's service", reply.status)
            return Outcome(failure=lambda: Upstream("Novi refuses this service; it is logged.", 502))
    log.warning("Novi answered %s", reply.status)
    return Outcome(failure=lambda: Upstream(AWAY))


def _read(reply: Reply) -> Outcome:
    member = member_of(reply.body)
    if member is None:
        log.warning("Novi's answer is no member: %s bytes", len(reply.body))
        return Outcome(failure=lambda: Upstream(AWAY))
    return Outcome(member)


def member_of(body: bytes) -> Member | None:
    """None for an answer that says nothing of a member."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if isinstance(said, dict) and isinstance(said.get("data"), dict):
        said = said["data"]
    if not isinstance(said, dict) or not set(FIELDS) & said.keys():
        return None
    first, last, name, email = (_words(said.get(field)) for field in ("FirstName", "LastName", "Name", "Email"))
    shown = f"{first[: NAME_LENGTH - 3]} {last[0]}." if first and last else name or first or last
    return Member(said.get("Active") is True, shown[:NAME_LENGTH] or None, _email(email))


def _words(value: Any) -> str:
    """A text on one line, without characters that nobody sees."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c if c.isprintable() or c == "\u200d" else " " for c in value).split(" ")).strip()


def _email(text: str) -> str | None:
    """Novi turns a plus into a blank; no address has blanks."""
    return text.replace(" ", "+") if 0 < len(text) <= EMAIL_LENGTH else None


def _wait(retry_after: str) -> int:
    """Seconds, from seconds or from a date (RFC 9110)."""
    if re.fullmatch(r"[0-9]{1,9}", retry_after):
        seconds = int(retry_after)
    else:
        try:
            seconds = int((parsedate_to_datetime(retry_after) - timezone.now()).total_seconds()) + 1
        except (ValueError, TypeError):
            seconds = 60  # its quota is one a minute
    return min(max(1, seconds), LONGEST_WAIT)


class Memory:
    """What the cache holds of one member. Once the cache has failed, this one call goes on without it."""

    def __init__(self, key: str) -> None:
        self.key = key
        self._away = False
        self._token = secrets.token_hex(8)

    def member(self) -> Member | None:
        """Anything that is not what we put there counts as nothing."""
        try:
            stored = self._try(lambda: cache.get(self.key), None)
        except Exception:  # noqa: BLE001  (the cache's own reader may raise anything over what it does not know)
            return None
        if not isinstance(stored, dict) or stored.keys() != {"active", "display_name", "email"}:
            return None
        texts = (stored["display_name"], stored["email"])
        if type(stored["active"]) is not bool or not all(text is None or _is_short(text) for text in texts):
            return None
        return Member(**stored)

    def keep(self, member: Member) -> None:
        seconds = ACTIVE_SECONDS if member.active else INACTIVE_SECONDS
        self._try(lambda: cache.set(self.key, asdict(member), seconds), None)

    def forget(self) -> None:
        self._try(lambda: cache.delete(self.key), None)

    def lock(self) -> bool:
        """Between processes. It ends by itself, should its holder die."""
        seconds = int(settings.AETHER_NOVI_TOTAL_SECONDS) + 2
        return bool(self._try(lambda: cache.add(f"{self.key}:lock", self._token, seconds), True))

    def unlock(self) -> None:
        if self._try(lambda: cache.get(f"{self.key}:lock"), None) == self._token:
            self._try(lambda: cache.delete(f"{self.key}:lock"), None)

    def _try(self, work: Callable[[], Any], otherwise: Any) -> Any:
        if self._away:
            return otherwise
        try:
            return work()
        except CACHE_ERRORS:
            self._away = True
            return otherwise


def _is_short(text: object) -> bool:
    return isinstance(text, str) and len(text) <= max(NAME_LENGTH, EMAIL_LENGTH)
