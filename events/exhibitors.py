"""Who signs in for an exhibit, and whether they still may (contract section 8)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.hashers import check_password, make_password

from accounts import standing, subjects
from accounts.models.api_key import key_digest
from accounts.peer import peer_network
from accounts.short_memory import ShortMemory
from accounts.standing import fingerprint
from accounts.subjects import SubjectStanding
from accounts.throttles import GuessLimit, SiteGuessLimit
from accounts.tokens import Use
from events.models import EventExhibit, EventExhibitPasscode
from kernel.ids import is_id
from kernel.model_fields import is_easily_guessed
from kernel.request_context import warn
from tenancy.context import every_tenant
from tenancy.principal import Role

log = logging.getLogger("events.exhibitors")
MAX_SECRET: Final = 256


@dataclass(frozen=True, slots=True)
class SignedIn:
    exhibit: EventExhibit
    rep_name: str
    """Empty where the exhibit's own passcode was given."""
    passcode_id: str
    """Of a rep's passcode."""
    fingerprint: str


def find_exhibitor(exhibit_id: str, passcode: str, peer: str) -> SignedIn | None:
    """Whose passcode this is; None for a wrong one, and an exhibit that is not there, disabled or hidden.

    At most 5 wrong guesses an address and minute, and 50 an exhibit in 10 minutes. Raises Throttled, Unavailable.
    """
    network = peer_network(peer)
    limits = [GuessLimit("exhibit", exhibit_id, network), SiteGuessLimit(exhibit_id, network)]
    for limit in limits:
        limit.attempt()
    with every_tenant(reason="an exhibit's passcode names it, before an account is known"):
        exhibit = _standing_exhibits().filter(id_random=exhibit_id).first() if is_id(exhibit_id) else None
        rep = None
        if exhibit is not None:
            own = EventExhibitPasscode.objects.filter(event_exhibit_id=exhibit.pk)
            rep = own.filter(digest=key_digest(passcode[:MAX_SECRET])).first()
    stored = exhibit.passcode if exhibit is not None else None
    if stored:
        is_own = check_password(passcode[:MAX_SECRET], stored)
    else:
        make_password(passcode[:MAX_SECRET])  # takes as long as checking one
        is_own = False
    if exhibit is None or not (rep or is_own):
        log.warning("passcode refused: exhibit %s, from %s", exhibit.id_random if exhibit else "unknown", peer)
        return None
    for limit in limits:
        limit.succeeded()
    if rep is not None:
        return SignedIn(exhibit, rep.rep_name, rep.id_random, fingerprint(rep.digest))
    if is_easily_guessed(passcode):
        log.error("the passcode of exhibit %s is easily guessed: change it", exhibit.id_random)
        warn("This passcode is easily guessed. Ask who runs the event to change it.")
    return SignedIn(exhibit, "", "", fingerprint(stored or ""))


def _standing_exhibits() -> Any:
    """With what must be enabled for an exhibitor to come in."""
    shown = {"enable": True, "hide": False, "event__enable": True, "event__hide": False, "account__enable": True}
    return EventExhibit.objects.select_related("event", "account").filter(**shown)


_exhibits: ShortMemory[tuple[SubjectStanding, str] | None] = ShortMemory(name="exhibits")
standing.others.append(_exhibits)


def _standing(exhibit_id: str, passcode_id: str) -> tuple[SubjectStanding, str] | None:
    """The exhibit, and the fingerprint of what its tokens are made from."""

    def load() -> tuple[SubjectStanding, str] | None:
        with every_tenant(reason="whether an exhibit's token or key still stands, before an account is entered"):
            exhibit = _standing_exhibits().filter(id_random=exhibit_id).first()
            if exhibit is None:
                return None
            stored: str | None = exhibit.passcode
            if passcode_id:
                own = EventExhibitPasscode.objects.filter(event_exhibit_id=exhibit.pk, id_random=passcode_id)
                stored = own.values_list("digest", flat=True).first()
        standing = SubjectStanding(exhibit.pk, exhibit.id_random, exhibit.account_id)
        return standing, fingerprint(stored) if stored else ""

    return _exhibits.get((exhibit_id, passcode_id), load)


def standing_of_token(claims: Mapping[str, Any]) -> SubjectStanding | None:
    standing = _standing(str(claims.get("exhibit", "")), str(claims.get("passcode_id", "")))
    if standing is None or not standing[1] or standing[1] != claims.get("passcode"):
        return None
    return standing[0]


def standing_of_key(exhibit_id: str) -> SubjectStanding | None:
    standing = _standing(exhibit_id, "")
    return standing[0] if standing is not None else None


subjects.register(Role.EXHIBITOR, Use.EXHIBITOR, standing_of_token, standing_of_key)
