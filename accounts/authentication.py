"""Who is calling: key, token and headers → Principal (contract section 2), for HTTP and websocket alike."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from rest_framework_simplejwt.authentication import JWTAuthentication

from accounts import standing, subjects, tokens
from accounts.peer import peer_address
from accounts.standing import AccountStanding, KeyStanding
from accounts.throttles import count_request
from accounts.tokens import Use
from kernel.errors import Invalid, Refused, Unauthenticated
from kernel.request_context import warn
from kernel.wording import GIVEN_TWICE
from tenancy.principal import Principal, Role

log = logging.getLogger("accounts.authentication")
BYPASS = "bypass"
KEY_REFUSED = "A valid API key is required (header x-aether-api-key)."
TOKEN_HEADER_IGNORED = "x-aether-api-token is not recognised and was ignored; see Authorization: Bearer."  # noqa: S105


@dataclass(slots=True)
class Credentials:
    """What a request says of its caller, wherever it came in."""

    api_key: str = ""
    account_id: str = ""
    no_account_id: str = ""
    bearer: str = ""
    jwt: list[str] = field(default_factory=list)
    origin: str = ""
    peer: str = ""
    route: str = ""
    keyless: bool = False
    """A download link: a valid token stands in for the key that it was minted under."""
    for_download: bool = False
    """Whether what is asked for is a file's bytes: there tokens for one file are good, too."""


def authenticate(credentials: Credentials, *, counted: bool = True) -> Principal:
    """Raises Refused (403) for the key and the context, Unauthenticated (401) for the token, Throttled, Invalid.

    `counted`: it is a request of the key's; not when an open socket's credentials are looked at again.
    """
    if alone := _by_bearer_alone(credentials):
        return alone
    claims = None
    uses = tokens.LINK if credentials.for_download else tokens.ENTRANCE
    if credentials.keyless and not credentials.api_key and (token := _token(credentials)):
        claims = tokens.read(token, uses)
        key = standing.key_standing_by_prefix(claims.get("key", ""))
    else:
        key = standing.key_standing(credentials.api_key) if credentials.api_key else None
    if key is None:
        raise Refused(KEY_REFUSED)
    token = _token(credentials)
    if not (claims and claims["use"] == Use.DOWNLOAD):  # a link is made to be followed from somewhere else
        _check_place(key, credentials)
    if key.rate_per_minute and counted:
        count_request(key.prefix, key.rate_per_minute)
    if token and claims is None:
        claims = tokens.read(token, uses)
    if credentials.account_id and credentials.no_account_id:
        raise Invalid("x-account-id and x-no-account-id exclude each other.")
    principal = _by_token(key, claims, credentials) if claims else _by_headers(key, credentials)
    if credentials.no_account_id:
        log.warning("bypass used: key %s on %s", key.prefix, credentials.route)
    return principal


def _by_bearer_alone(credentials: Credentials) -> Principal | None:
    """Whoever comes with a token that needs no key, and names its account itself: a device."""
    scheme, _, token = credentials.bearer.partition(" ")
    find = subjects.finder_of(token.strip()) if scheme.lower() == "bearer" else None
    if find is None:
        return None
    if credentials.api_key or credentials.account_id or credentials.no_account_id or credentials.jwt:
        raise Refused("This token goes alone: without a key, an account or another token.")
    principal = find(token.strip())
    if principal is None:
        raise Unauthenticated
    return principal


def _token(credentials: Credentials) -> str:
    if len(credentials.jwt) > 1:
        raise Invalid.field("jwt", GIVEN_TWICE)
    if credentials.bearer:
        scheme, _, token = credentials.bearer.partition(" ")
        if scheme.lower() != "bearer" or (credentials.jwt and credentials.jwt[0] != token):
            raise Unauthenticated
        return token.strip() or _bad_token()
    if credentials.jwt:
        return credentials.jwt[0] or _bad_token()
    return ""


def _bad_token() -> str:
    raise Unauthenticated


def _check_place(key: KeyStanding, credentials: Credentials) -> None:
    if key.origins and credentials.origin and credentials.origin not in key.origins:
        raise Refused("This key may not be used from that origin.")
    if key.networks:
        try:
            peer = ip_address(credentials.peer)
        except ValueError:
            raise Refused("This key may not be used from that network.") from None
        if not any(peer in network for network in key.networks):
            raise Refused("This key may not be used from that network.")


def _by_headers(key: KeyStanding, credentials: Credentials) -> Principal:
    if credentials.no_account_id:
        if credentials.no_account_id != BYPASS or not key.allow_bypass:
            raise Refused("This key may not act for all accounts.")
        return _of_key(key, key.role, None, bypass=True, masked=standing.masked_anywhere())
    if not credentials.account_id:
        return _of_key(key, Role.GUEST, None)
    account = _account(key, credentials.account_id)
    if key.subject_id and not key.publishable:
        return _of_subject_key(key, account)
    return _of_key(key, Role.GUEST if key.publishable else key.role, account)


def _of_subject_key(key: KeyStanding, account: AccountStanding) -> Principal:
    """A key that is bound to one object."""
    subject = subjects.of_key(key.role, key.subject_id)
    if subject is None or subject.account_id != account.id:
        raise Refused("What this key acts for is not there, or not enabled.")
    principal = _of_key(key, key.role, account)
    return replace(principal, subject=subject.id, subject_public_id=subject.public_id, subject_by_key=True)


def _account(key: KeyStanding, public_id: str) -> AccountStanding:
    account = standing.account_standing(public_id)
    if account is None or not key.may_act_for(account.id):
        raise Refused("This key may not act for that account.")
    return account


def _by_token(key: KeyStanding, claims: Mapping[str, Any], credentials: Credentials) -> Principal:
    minted_under = standing.key_standing_by_prefix(claims.get("key", ""))
    if minted_under is None:
        raise Unauthenticated
    subject = None
    if claims["use"] == Use.EXHIBITOR:
        found = subjects.of_token(claims)
        if found is None:
            raise Unauthenticated
        role, subject = found
    else:
        role = _role_of(claims)
    named = claims.get("account")
    if claims["use"] == Use.DOWNLOAD and (credentials.account_id not in ("", named) or credentials.no_account_id):
        raise Refused("The link is for another account.")
    if role is Role.SUPER and not (key.all_accounts and minted_under.all_accounts):
        # A key that is held to some accounts opens no other, whoever comes with it, or with what was minted under it.
        if credentials.no_account_id:
            raise Refused("This key may not act for all accounts.")
        if not credentials.account_id:
            raise Refused("This key acts for some accounts only; name one of them: x-account-id.")
        account = _account(key, credentials.account_id)
        if not minted_under.may_act_for(account.id):
            raise Refused("This key may not act for that account.")
        return _principal(key, Role.MANAGER, account, claims)
    if role is Role.SUPER:
        return _super(key, claims, credentials)
    if credentials.no_account_id:
        raise Refused("Only a super token may act for all accounts.")
    if credentials.account_id and credentials.account_id != named:
        raise Refused("The token is for another account.")
    of_token = standing.account_standing(named) if isinstance(named, str) else None
    if of_token is None:
        raise Unauthenticated
    account = of_token
    if not key.may_act_for(account.id) or not minted_under.may_act_for(account.id):
        raise Refused("This key may not act for that account.")
    principal = _principal(key, role, account, claims)
    if subject is None:
        return principal
    if subject.account_id != account.id:
        raise Unauthenticated
    rep_name = str(claims.get("rep", ""))
    return replace(
        principal,
        subject=subject.id,
        subject_public_id=subject.public_id,
        rep_name=rep_name,
        rep_by_passcode="passcode_id" in claims,
    )


def _super(key: KeyStanding, claims: Mapping[str, Any], credentials: Credentials) -> Principal:
    if credentials.no_account_id:
        if credentials.no_account_id != BYPASS:
            raise Refused("x-no-account-id takes the word bypass only.")
        principal = _principal(key, Role.SUPER, None, claims, bypass=True)
        return replace(principal, masked=standing.masked_anywhere())
    public_id = credentials.account_id or claims.get("account")
    account = standing.account_standing(public_id) if public_id else None
    if public_id and account is None:
        raise Refused("There is no such account.")
    return _principal(key, Role.SUPER, account, claims)


def _role_of(claims: Mapping[str, Any]) -> Role:
    """The token's role, at most what stands behind it now. Raises Unauthenticated when nothing does."""
    match claims["use"]:
        case Use.GUEST:
            if not standing.site_stands(claims.get("site", "")):
                raise Unauthenticated
            return Role.GUEST
        case Use.PASSCODE:
            fingerprint = standing.passcode_fingerprint(claims.get("site", ""), claims.get("role", ""))
            if fingerprint is None or fingerprint != claims.get("passcode"):
                raise Unauthenticated
            return Role.named(claims["role"])
        case Use.DOWNLOAD:
            return _role_of_link(claims)
        case _:
            user = standing.user_standing(claims["sub"])
            if user is None or claims.get("password") != user.password:
                raise Unauthenticated
            if standing.family_revoked(claims.get("family", "")):
                raise Unauthenticated
            return min(user.role, Role.named(claims["role"]))


def _role_of_link(claims: Mapping[str, Any]) -> Role:
    """A user's link ends with the user's standing, one of a passcode with the passcode."""
    if standing.family_revoked(claims.get("family", "")):
        raise Unauthenticated
    if "user" in claims:
        user = standing.user_standing(claims["user"])
        if user is None or claims.get("password") != user.password:
            raise Unauthenticated
    elif "passcode" in claims:
        now = standing.passcode_fingerprint(claims.get("site", ""), claims.get("passcode_role", ""))
        if now is None or now != claims["passcode"]:
            raise Unauthenticated
    elif "site" in claims and not standing.site_stands(claims["site"]):
        raise Unauthenticated
    return Role.GUEST if claims["role"] == Role.GUEST.label else Role.USER


def download_token(principal: Principal, account_id: str, file_id: str, lifetime: timedelta) -> tuple[str, datetime]:
    """A token for the bytes of one file of an account (public ids), and when it expires.

    It dies with what it is made for: the key, the user and the session, or the passcode, or a guest's site.
    """
    claims: dict[str, Any] = {"role": Role.USER.label if principal.may(Role.USER) else Role.GUEST.label}
    if principal.user_public_id:
        user = standing.user_standing(principal.user_public_id)
        claims |= {"user": principal.user_public_id, "password": user.password if user else ""}
        claims |= {"family": principal.session_id}
    elif principal.site_public_id and principal.is_guest:
        claims |= {"site": principal.site_public_id}
    elif principal.site_public_id:
        role = principal.role.label
        claims |= {"site": principal.site_public_id, "passcode_role": role}
        claims |= {"passcode": standing.passcode_fingerprint(principal.site_public_id, role)}
    return tokens.make(Use.DOWNLOAD, file_id, lifetime, key=principal.key_prefix, account=account_id, **claims)


@lru_cache(maxsize=4_096)
def _of_key(
    key: KeyStanding,
    role: Role,
    account: AccountStanding | None,
    *,
    bypass: bool = False,
    masked: tuple[str, ...] = (),
) -> Principal:
    """Of a request without a token. It says nothing that its arguments don't, so it may be made once for many."""
    principal = _principal(key, role, account, bypass=bypass)
    return replace(principal, masked=masked) if masked else principal


def _principal(
    key: KeyStanding,
    role: Role,
    account: AccountStanding | None,
    claims: Mapping[str, Any] | None = None,
    *,
    bypass: bool = False,
) -> Principal:
    claims_use = claims["use"] if claims else None
    user = standing.user_standing(claims["sub"]) if claims and claims_use == Use.ACCESS else None
    return Principal(
        role=role,
        account_id=account.id if account else None,
        account_public_id=account.public_id if account else None,
        bypass=bypass,
        read_only=key.read_only or claims_use == Use.DOWNLOAD,
        key_id=key.id,
        key_prefix=key.prefix,
        key_name=key.name,
        user_id=user.id if user else None,
        user_public_id=user.public_id if user else None,
        session_id=claims.get("family") if claims and claims_use == Use.ACCESS else None,
        site_public_id=claims.get("site") if claims else None,
        only_file=claims["sub"] if claims and claims_use == Use.DOWNLOAD else None,
        masked=account.masked if account else (),
        time_zone=account.time_zone if account else "UTC",
        valid_until=_valid_until(key, claims),
        key_rate=key.rate_per_minute,
    )


def _valid_until(key: KeyStanding, claims: Mapping[str, Any] | None) -> datetime | None:
    moments = [key.expires_on] if key.expires_on else []
    if claims:
        moments.append(datetime.fromtimestamp(claims["exp"], UTC))
    return min(moments, default=None)


def credentials_of(
    meta: dict[str, Any], jwt: list[str], route: str, *, keyless: bool = False, for_download: bool = False
) -> Credentials:
    """The credentials in a WSGI environment."""
    return Credentials(
        api_key=meta.get("HTTP_X_AETHER_API_KEY", ""),
        account_id=meta.get("HTTP_X_ACCOUNT_ID", ""),
        no_account_id=meta.get("HTTP_X_NO_ACCOUNT_ID", ""),
        bearer=meta.get("HTTP_AUTHORIZATION", ""),
        jwt=jwt,
        origin=meta.get("HTTP_ORIGIN", ""),
        peer=peer_address(meta),
        route=route,
        keyless=keyless,
        for_download=for_download,
    )


class ApiAuthentication(JWTAuthentication):
    """What REST framework's settings name. `request.user` is the Principal: key, account and token together make it."""

    www_authenticate_realm = "aether"

    def __init__(self) -> None:
        """Nothing of the framework's own: whom a token names is for `accounts.standing`."""

    def authenticate(self, request: Any) -> tuple[Principal, str]:  # type: ignore[override]  # a principal is no user
        """Raises Refused (403), Unauthenticated (401), Invalid (400)."""
        asked = request._request
        meta, view, reads = asked.META, request.parser_context["view"], asked.method in ("GET", "HEAD")
        found = credentials_of(
            meta,
            asked.GET.getlist("jwt"),
            asked.path,
            keyless=reads and not meta.get("HTTP_X_AETHER_API_KEY") and view.keyless_download,
            for_download=reads and view.answers_bytes,
        )
        if "HTTP_X_AETHER_API_TOKEN" in meta:
            warn(TOKEN_HEADER_IGNORED)
        return authenticate(found, counted=False), found.bearer  # `accounts.throttles.KeyRate` counts

    def get_validated_token(self, raw_token: bytes) -> Any:
        """The claims, where somebody asks the framework's way. Raises Unauthenticated."""
        return tokens.verified(raw_token.decode("ascii", "replace"))
