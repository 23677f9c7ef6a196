"""Tokens over HTTP: /api/authenticate_passcode and /v3/auth/… (contract section 2.5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts import families, second_factor, standing, tokens
from accounts.authentication import Credentials, authenticate
from accounts.last_login import note_sign_in
from accounts.models import RefreshToken, Site, SiteDomain, User
from accounts.peer import peer_address
from accounts.sign_in import find_passcode_role, find_user
from accounts.tokens import Use
from crud import ApiRequest, ApiResponse, ApiView
from kernel.errors import Invalid, NotFound, Unauthenticated
from kernel.internet_names import normal_host_name
from kernel.query_parameters import refuse_unknown
from kernel.wording import NUL, TEXT, characters, known_names
from tenancy.context import every_tenant

REFRESH_USES = frozenset({Use.REFRESH})


LONGEST = 8_192
"""Characters of any text of a sign-in. A password has its own, lower bound."""


def read_fields(request: ApiRequest, *names: str) -> dict[str, str]:
    """The named texts of the body; others are refused. Missing ones are empty."""
    return read_object(request.data, *names)


def read_object(body: Any, *names: str) -> dict[str, str]:
    if not isinstance(body, dict):
        raise Invalid("The body must be an object.")
    for name, value in body.items():
        if name not in names:
            raise Invalid.field(name, known_names(names))
        if not isinstance(value, str):
            raise Invalid.field(name, TEXT)
        if "\x00" in value:
            raise Invalid.field(name, NUL)
        if len(value) > LONGEST:
            raise Invalid.field(name, characters(None, LONGEST))
    return {name: body.get(name, "") for name in names}


class AuthView(ApiView):
    """Needs the entry ticket; an account is what it hands out."""

    http_method_names = ["post", "options"]
    parameter_names: tuple[str, ...] = ()
    """The query parameters that it takes."""

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        refuse_unknown(request.parameters, *self.parameter_names)
        self.key = standing.key_standing(request.META.get("HTTP_X_AETHER_API_KEY", ""))

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Cache-Control"] = "private, no-store"  # it may hold a token: RFC 6749, section 5.1
        return response

    def allows(self, account_id: int | None) -> bool:
        return self.key is not None and self.key.may_act_for(account_id)

    def signed_in(self, user: User, status: int = 200) -> ApiResponse:
        """The answer to who has just shown that they are this user, by whichever way: a pair of tokens, or what is
        still to be done for one."""
        if (due := second_factor.due(user)) is not None:
            return self.answer(second_factor.challenge(due, user, self.place.key_prefix), status)
        return self.answer(self.begin_session(user), status)

    def begin_session(self, user: User) -> dict[str, Any]:
        """For who has shown all that is asked of them."""
        note_sign_in(user)
        return families.begin(user, self.place)

    @property
    def peer(self) -> str:
        return peer_address(self.request.META)

    @property
    def place(self) -> families.SignInPlace:
        return families.SignInPlace.of(self.request.META, self.request.principal.key_prefix)


class PasscodeView(AuthView):
    def post(self, request: ApiRequest) -> ApiResponse:
        fields = read_fields(request, "site_id", "passcode")
        if not fields["site_id"] or not fields["passcode"]:
            raise Invalid("Give site_id and passcode.")
        found = find_passcode_role(fields["site_id"], fields["passcode"], self.peer)
        if found is None or not self.allows(found[0].account_id):
            raise Unauthenticated("The passcode is not right.")
        site, role = found
        token, expires_on = tokens.make(
            Use.PASSCODE,
            f"site:{site.id_random}",
            timedelta(hours=settings.AETHER_PASSCODE_TOKEN_HOURS),
            account=site.account.id_random,
            site=site.id_random,
            role=role.label,
            passcode=standing.passcode_fingerprint(site.id_random, role.label),
            key=request.principal.key_prefix,
        )
        flags = {flag.label: role >= flag for flag in tokens.FLAGS}
        places = {"account_id": site.account.id_random, "site_id": site.id_random}
        return self.answer({"jwt": token, "expires_on": expires_on, **places, **flags})


class GuestView(AuthView):
    def post(self, request: ApiRequest) -> ApiResponse:
        fields = read_fields(request, "site_id", "fqdn")
        if bool(fields["site_id"]) == bool(fields["fqdn"]):
            raise Invalid("Give either site_id or fqdn.")
        site = _public_site(fields["site_id"], fields["fqdn"])
        if site is None or not self.allows(site.account_id):
            raise NotFound("There is no such site.")
        token, expires_on = tokens.make(
            Use.GUEST,
            "guest",
            timedelta(hours=settings.AETHER_GUEST_TOKEN_HOURS),
            account=site.account.id_random,
            site=site.id_random,
            key=request.principal.key_prefix,
        )
        places = {"account_id": site.account.id_random, "site_id": site.id_random}
        return self.answer({"jwt": token, "expires_on": expires_on, **places})


def _public_site(site_id: str, fqdn: str) -> Site | None:
    visible = {"enable": True, "hide": False}
    with every_tenant(reason="a visitor names a site, before an account is known"):
        sites: QuerySet[Site] = Site.objects.select_related("account").filter(account__enable=True, **visible)
        if site_id:
            return sites.filter(id_random=site_id).first()
        try:
            domains = SiteDomain.objects.filter(fqdn=normal_host_name(fqdn), **visible)
        except ValidationError:
            return None
        return sites.filter(pk__in=domains.values("site_id")).first()


class LoginView(AuthView):
    def post(self, request: ApiRequest) -> ApiResponse:
        fields = read_fields(request, "username", "email", "password")
        if bool(fields["username"]) == bool(fields["email"]) or not fields["password"]:
            raise Invalid("Give username or email, and password.")
        user = find_user(fields["username"] or fields["email"], fields["password"], self.peer)
        if user is None or not (user.super or self.allows(user.account_id)):
            raise Unauthenticated("The name or the password is not right.")
        return self.signed_in(user)


class RefreshView(AuthView):
    def post(self, request: ApiRequest) -> ApiResponse:
        refresh = read_fields(request, "refresh")["refresh"]
        return self.answer(
            families.rotate(refresh, self.place, lambda user: user.super or self.allows(user.account_id))
        )


class VerifyView(AuthView):
    def post(self, request: ApiRequest) -> ApiResponse:
        token = read_fields(request, "token")["token"]
        claims = tokens.read(token, tokens.ENTRANCE | REFRESH_USES)
        if claims["use"] == Use.REFRESH:
            row = RefreshToken.objects.filter(jti=claims.get("id"), used_on=None, revoked_on=None).first()
            if row is None or not families.is_current(row, claims, families.user_of(row)):
                raise Unauthenticated
        else:
            authenticate(Credentials(api_key=request.META["HTTP_X_AETHER_API_KEY"], jwt=[token], peer=self.peer))
        expires_on = datetime.fromtimestamp(claims["exp"], UTC)
        return self.answer({"valid": True, "use": claims["use"], "expires_on": expires_on})


class LogoutView(AuthView):
    def post(self, request: ApiRequest) -> ApiResponse:
        claims = tokens.read(read_fields(request, "refresh")["refresh"], REFRESH_USES)
        families.end(family=claims.get("family", ""))
        return self.answer({"logged_out": True})


class WhoamiView(ApiView):
    http_method_names = ["get", "head", "options"]

    def get(self, request: ApiRequest) -> ApiResponse:
        refuse_unknown(request.parameters)
        principal = request.principal
        return self.answer(
            {
                "key": {"name": principal.key_name, "prefix": principal.key_prefix, "read_only": principal.read_only},
                "account_id": principal.account_public_id,
                "user_id": principal.user_public_id,
                "site_id": principal.site_public_id,
                "exhibit_id": principal.subject_public_id,
                "rep_name": principal.rep_name or None,
                "role": principal.role.label,
                "guest": principal.is_guest,
                "bypass": principal.bypass,
                **{flag.label: principal.may(flag) for flag in tokens.FLAGS},
            }
        )
