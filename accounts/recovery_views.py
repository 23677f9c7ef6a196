"""Coming back without an operator: a new password or a link to sign in, by mail (identity_and_desk: ways in)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils import timezone

from accounts import access_requests, one_time, standing
from accounts.access_requests import Wanted, allows_magic_links, read_email
from accounts.models import Site, SiteDomain, User
from accounts.one_time import Purpose
from accounts.password_views import set_password
from accounts.peer import peer_network
from accounts.sign_in import MAX_SECRET
from accounts.throttles import GuessLimit
from accounts.views import AuthView, read_fields
from crud import ApiRequest
from kernel.errors import Invalid, Unauthenticated
from kernel.folding import fold
from kernel.internet_names import normal_host_name
from kernel.transactions import in_transaction
from tenancy.context import every_tenant


class RequestView(AuthView):
    """Takes the wish for a mail, in the same words and the same time whoever has the address, if anybody."""

    wanted: Wanted
    names: tuple[str, ...] = ("email", "site_id", "fqdn")

    def post(self, request: ApiRequest) -> HttpResponse:
        fields = {"fqdn": "", **read_fields(request, *self.names)}
        if not fields["email"] or bool(fields["site_id"]) == bool(fields["fqdn"]):
            raise Invalid(f"Give email and {'either site_id or fqdn' if 'fqdn' in self.names else 'site_id'}.")
        email = read_email(fields["email"])
        GuessLimit(self.wanted, fold(email), peer_network(self.peer)).attempt()
        site, fqdn = site_asked_at(fields["site_id"], fields["fqdn"])
        if site is not None and not self.allows(site.account_id):
            site = None  # nobody of another account's is written to; who asks is not told
        access_requests.ask(self.wanted, email, site=site, fqdn=fqdn)
        return self.answer({"accepted": True}, 202)


def site_asked_at(site_id: str, fqdn: str) -> tuple[Site | None, str]:
    """The site, and its domain name if that was given."""
    visible = {"enable": True, "hide": False}
    with every_tenant(reason="a visitor names the site to come back to, before an account is known"):
        sites = Site.objects.select_related("account").filter(account__enable=True, **visible)
        if site_id:
            return sites.filter(id_random=site_id).first(), ""
        try:
            name = normal_host_name(fqdn)
        except ValidationError:
            return None, ""
        domains = SiteDomain.objects.filter(fqdn=name, **visible)
        return sites.filter(pk__in=domains.values("site_id")).first(), name


class PasswordResetView(RequestView):
    wanted = Wanted.PASSWORD_RESET


class MagicLinkView(RequestView):
    wanted = Wanted.MAGIC_LINK
    names = ("email", "site_id")


class TokenView(AuthView):
    """Takes a token that came by mail. Guesses at one are counted as those at a password are."""

    def counted(self, token: str) -> Any:
        return one_time.counted(token, self.peer)

    def opens(self, account_id: int | None) -> bool:
        """Super users come back through the admin."""
        return account_id is not None and self.allows(account_id)


class PasswordResetConfirmView(TokenView):
    """Once. Every session of the user ends; other links to the same user do, too."""

    def post(self, request: ApiRequest) -> HttpResponse:
        fields = read_fields(request, "token", "new")
        with self.counted(fields["token"]):
            check_length("new", fields["new"])
            in_transaction(lambda: reset_password(fields["token"], fields["new"], self.opens))
        standing.forget()
        return self.answer({"changed": True})


def reset_password(token: str, new: str, opens: Any) -> User:
    """Inside a transaction. Raises Unauthenticated, Invalid: then the token is good for another try."""
    row = one_time.locked(token, (Purpose.PASSWORD_RESET, Purpose.FIRST_PASSWORD), opens)
    user = one_time.user_of(row)
    with every_tenant(reason="the token says whose password it is; a super user has no account"):
        user.verified_on = user.verified_on or timezone.now()  # the mail came to them
        set_password(user, new)
    one_time.use_up(row)
    return user


def check_length(name: str, secret: str) -> None:
    """Before it is hashed. Raises Invalid."""
    if not secret or len(secret) > MAX_SECRET:
        raise Invalid.field(name, f"Give a text of 1 to {MAX_SECRET} characters.")


class MagicLinkConfirmView(TokenView):
    """Once, while the site still allows it. Answers as a login does."""

    def post(self, request: ApiRequest) -> HttpResponse:
        token = read_fields(request, "token")["token"]
        with self.counted(token):
            user = in_transaction(lambda: self._redeemed(token))
        return self.signed_in(user)

    def _redeemed(self, token: str) -> User:
        row = one_time.locked(token, (Purpose.MAGIC_LINK,), self.opens)
        user = one_time.user_of(row)
        with every_tenant(reason="the site of a link to sign in: it must allow such links still"):
            site = Site.objects.filter(pk=row.site_id, enable=True, hide=False).first()
            if site is None or not allows_magic_links(site) or user.super:
                raise Unauthenticated
            if user.verified_on is None:
                User.objects.filter(pk=user.pk).update(verified_on=timezone.now())
        one_time.use_up(row)
        return user
