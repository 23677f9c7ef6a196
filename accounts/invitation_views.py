"""/v3/auth/invite and /v3/auth/invite/accept."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from accounts.invitations import MOST_AT_ONCE, Wish, accept, invite, read_wish
from accounts.models import Account, OneTimeToken
from accounts.recovery_views import TokenView, check_length
from accounts.views import AuthView, read_fields, read_object
from crud import ApiRequest
from kernel.errors import Invalid, Refused
from kernel.transactions import in_transaction
from tenancy.principal import Role

NAMES = ("email", "role", "site_id", "name")


class InviteView(AuthView):
    """For managers: one person, or up to a thousand at once."""

    def post(self, request: ApiRequest) -> HttpResponse:
        principal = request.principal
        if not principal.may(Role.MANAGER) or principal.read_only:
            raise Refused("Only managers invite people.")
        if principal.account_id is None:
            raise Invalid("Name the account to invite into: x-account-id.")
        return self.once(self._invite, request.data)

    def _invite(self) -> HttpResponse:
        wishes, are_many = self._wishes(self.request)
        rows = in_transaction(lambda: self._invited(wishes))
        told = [{"invitation_id": row.id_random, "expires_on": row.expires_on} for row in rows]
        return self.answer({"invitations": told} if are_many else told[0], 202)

    def _invited(self, wishes: list[Wish]) -> list[OneTimeToken]:
        account = Account.objects.get(pk=self.request.principal.account_id)
        return invite(account, wishes, self.request.principal)

    def _wishes(self, request: ApiRequest) -> tuple[list[Wish], bool]:
        """Raises Invalid, naming the entry of a list."""
        body: Any = request.data
        if not isinstance(body, dict) or "invitations" not in body:
            return [read_wish(read_fields(request, *NAMES), request.principal)], False
        listed = body["invitations"]
        if set(body) != {"invitations"} or not isinstance(listed, list) or not 1 <= len(listed) <= MOST_AT_ONCE:
            raise Invalid.field("invitations", f"Give a list of 1 to {MOST_AT_ONCE:,}, and nothing beside it.")
        wishes: dict[str, Wish] = {}
        for number, entry in enumerate(listed):
            try:
                wish = read_wish(read_object(entry, *NAMES), request.principal)
                if wishes.setdefault(wish.email.lower(), wish) is not wish:
                    raise Invalid.field("email", "It stands in the list twice.")
            except Invalid as error:
                raise Invalid.field(f"invitations.{number}", error.message) from None
        return list(wishes.values()), True


class InviteAcceptView(TokenView):
    """Makes the user, and answers as a login does."""

    def post(self, request: ApiRequest) -> HttpResponse:
        fields = read_fields(request, "token", "username", "password")
        with self.counted(fields["token"]):
            check_length("password", fields["password"])
            user = in_transaction(lambda: accept(fields["token"], fields["username"], fields["password"], self.opens))
        return self.signed_in(user, 201)
