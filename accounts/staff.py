"""The admin's door: staff act in their account, super users in every one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from django.contrib.auth import logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts import staff_second_factor, staff_sessions
from accounts.models import User
from accounts.request_rates import owner_of
from kernel import error_pages
from kernel.errors import Throttled
from kernel.fair_share import holding, take_place
from kernel.request_context import set_caller
from tenancy.context import every_tenant, tenant
from tenancy.principal import Principal, acting_as


def principal_of_user(user: User) -> Principal:
    with every_tenant(reason="read the account of the person who is signed in"):
        account = None if user.super else user.account
    return Principal(
        role=user.role,
        account_id=account.pk if account else None,
        account_public_id=account.id_random if account else None,
        bypass=user.super,
        key_name="admin",
        user_id=user.pk,
        user_public_id=user.id_random,
        time_zone=(account.time_zone if account else None) or "UTC",
    )


class StaffTenantMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        principal: Principal | None = None
        with ExitStack() as doors:
            if isinstance(user, User) and (what := staff_second_factor.awaited(request, user)):
                leads_to = staff_second_factor.hold(request, user, what)
                if leads_to is not None:
                    return leads_to
                user = request.user
            if isinstance(user, User) and not staff_sessions.is_open(request, user):
                logout(request)  # it was ended from elsewhere
                user = request.user
            if isinstance(user, User):
                principal = principal_of_user(user)
                set_caller(request, principal)
                doors.enter_context(acting_as(principal))
                if user.super:
                    doors.enter_context(every_tenant(reason="a super user in the admin sees every account"))
                elif principal.account_id is not None:
                    doors.enter_context(tenant(principal.account_id))
                doors.enter_context(timezone.override(principal.time_zone))  # moments are read and written in it
            elif request.method == "POST" and request.path.endswith("/login/"):
                doors.enter_context(every_tenant(reason="signing in to the admin; nobody is known yet"))
            return self._in_their_share(request, principal) if principal else self.get_response(request)

    def _in_their_share(self, request: HttpRequest, principal: Principal) -> HttpResponseBase:
        response = None
        try:
            place = take_place(owner_of(principal), principal.account_public_id or "")
        except Throttled as error:
            return error_pages.throttled(request, error)
        try:
            with holding(place):
                response = self.get_response(request)
            return response
        finally:
            place.leave_after(response)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """What turned out to be dear, while others of the account do likewise."""
        return error_pages.throttled(request, exception) if isinstance(exception, Throttled) else None
