"""/api/authenticate_exhibit: an exhibitor's passcode for a token (contract section 8)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from accounts import tokens
from accounts.tokens import Use
from accounts.views import AuthView, read_fields
from crud import ApiRequest, ApiResponse
from events.exhibitors import find_exhibitor
from kernel.errors import Invalid, Unauthenticated
from kernel.wording import characters
from tenancy.principal import Role

MAX_NAME = 200


class ExhibitorView(AuthView):
    def post(self, request: ApiRequest) -> ApiResponse:
        fields = read_fields(request, "exhibit_id", "passcode", "rep_name")
        if not fields["exhibit_id"] or not fields["passcode"]:
            raise Invalid("Give exhibit_id and passcode.")
        if len(fields["rep_name"]) > MAX_NAME:
            raise Invalid.field("rep_name", characters(None, MAX_NAME))
        sign_in = find_exhibitor(fields["exhibit_id"], fields["passcode"], self.peer)
        if sign_in is None or not self.allows(sign_in.exhibit.account_id):
            raise Unauthenticated("The passcode is not right.")
        exhibit = sign_in.exhibit
        rep_name = sign_in.rep_name or fields["rep_name"].strip()
        account_id = exhibit.account.id_random
        token, expires_on = tokens.make(
            Use.EXHIBITOR,
            f"exhibit:{exhibit.id_random}",
            timedelta(hours=settings.AETHER_EXHIBITOR_TOKEN_HOURS),
            account=account_id,
            role=Role.EXHIBITOR.label,
            exhibit=exhibit.id_random,
            rep=rep_name or None,
            passcode_id=sign_in.passcode_id or None,
            passcode=sign_in.fingerprint,
            key=request.principal.key_prefix,
        )
        return self.answer(
            {
                "jwt": token,
                "expires_on": expires_on,
                "account_id": account_id,
                "event_id": exhibit.event.id_random,
                "exhibit_id": exhibit.id_random,
                "rep_name": rep_name or None,
                "role": Role.EXHIBITOR.label,
            }
        )
