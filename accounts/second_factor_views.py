"""/v3/auth/mfa: showing a second factor, setting it up, taking it away."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from accounts import second_factor
from accounts.models import User
from accounts.tokens import Use
from accounts.views import AuthView, read_fields
from crud import ApiRequest
from kernel.errors import Refused, Unauthenticated
from tenancy.context import every_tenant


class SecondFactorView(AuthView):
    def user_of_token(self, token: str, use: Use) -> tuple[User, str]:
        user, token_id = second_factor.user_of(token, use, self.place.key_prefix)
        if not user.super and not self.allows(user.account_id):
            raise Unauthenticated
        return user, token_id

    def user_of_session(self, request: ApiRequest) -> User:
        principal = request.principal
        if principal.session_id is None or principal.read_only:
            raise Refused("Only a user who is signed in has a second factor.")
        with every_tenant(reason="one's own second factor; a super user has no account"):
            user: User = User.objects.select_related("account").get(pk=principal.user_id)
        return user

    def enrolling(self, request: ApiRequest, token: str) -> tuple[User, str]:
        """Who sets one up: by the token of a sign-in that demands it, else who is signed in."""
        return self.user_of_token(token, Use.MFA_SETUP) if token else (self.user_of_session(request), "")


class MfaView(SecondFactorView):
    http_method_names = ["post", "delete", "options"]

    def post(self, request: ApiRequest) -> HttpResponse:
        """The second half of a sign-in."""
        fields = read_fields(request, "mfa_token", "code")
        user, token_id = self.user_of_token(fields["mfa_token"], Use.MFA)
        with second_factor.counted(user, self.peer, token_id):
            second_factor.check(user, fields["code"])
        second_factor.use_up(token_id)
        return self.answer(self.begin_session(user))

    def delete(self, request: ApiRequest) -> HttpResponse:
        """By a code. Where the account demands a second factor, the next sign-in asks for a new one."""
        code = read_fields(request, "code")["code"]
        user = self.user_of_session(request)
        with second_factor.counted(user, self.peer):
            second_factor.remove(user, code)
        return self.answer({"removed": True})


class MfaSetupView(SecondFactorView):
    def post(self, request: ApiRequest) -> HttpResponse:
        user, _ = self.enrolling(request, read_fields(request, "mfa_token")["mfa_token"])
        return self.answer(second_factor.set_up(user))


class MfaConfirmView(SecondFactorView):
    """By the first code of the app. Who could not sign in without it is signed in."""

    def post(self, request: ApiRequest) -> HttpResponse:
        fields = read_fields(request, "mfa_token", "code")
        user, token_id = self.enrolling(request, fields["mfa_token"])
        with second_factor.counted(user, self.peer, token_id):
            answer: dict[str, Any] = {"recovery_codes": second_factor.confirm(user, fields["code"])}
        if token_id:
            second_factor.use_up(token_id)
            answer |= self.begin_session(user)
        return self.answer(answer)
