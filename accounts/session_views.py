"""Who is signed in where, and ending it: /v3/auth/sessions (contract section 2.5)."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from django.db.models import Q
from django.http import HttpResponse

from accounts import families, staff_sessions
from accounts.models import AdminSession, RefreshToken, User
from accounts.views import AuthView
from crud import ApiRequest
from kernel.errors import Invalid, NotFound, Refused
from kernel.ids import is_id
from tenancy.context import every_tenant
from tenancy.principal import Principal, Role


class SessionsView(AuthView):
    """Those of the caller; with `user_id`, for managers, of a user of the account. Guests and passcodes have none."""

    http_method_names = ["get", "head", "delete", "options"]
    parameter_names = ("user_id",)

    def get(self, request: ApiRequest) -> HttpResponse:
        user = self.user(request)
        return self.answer(sessions_of(user, request.principal.session_id) if user is not None else [])

    def delete(self, request: ApiRequest) -> HttpResponse:
        """End all of them but the one that asks, those of the admin too."""
        refuse_key_that_reads(request)
        user = self.user(request)
        return self.answer({"ended": end_all_of(user, request.principal.session_id) if user is not None else 0})

    def user(self, request: ApiRequest) -> User | None:
        asked = request.parameters.get("user_id")
        if asked is not None:
            return visible_user(request, asked)
        with every_tenant(reason="one's own sessions; a super user has no account"):
            found: User | None = User.objects.filter(pk=request.principal.user_id).first()
        return found


class UserSessionView(AuthView):
    http_method_names = ["delete", "options"]

    def delete(self, request: ApiRequest, session_id: str) -> HttpResponse:
        refuse_key_that_reads(request)
        links = RefreshToken.objects.filter(family=session_id, used_on=None, revoked_on=None)
        pages = AdminSession.objects.filter(public_id=session_id, ended_on=None)
        found: Any = links.first() or pages.first()
        if found is None or not may_end(request, found.user_id):
            raise NotFound("There is no such session.")
        families.end(family=session_id)
        staff_sessions.end(public_id=session_id)
        return self.answer({"ended": 1})


def refuse_key_that_reads(request: ApiRequest) -> None:
    if request.principal.read_only:
        raise Refused("This key may only read.")


def visible_user(request: ApiRequest, public_id: str) -> User:
    """The caller, or a user whom a manager manages. Raises Invalid, Refused, NotFound."""
    if not is_id(public_id):
        raise Invalid.field("user_id", "Give the id of a user.")
    own = public_id == request.principal.user_public_id
    if not own and not request.principal.may(Role.MANAGER):
        raise Refused("Only managers see the sessions of others.")
    user: User | None = managed_users(request.principal).filter(id_random=public_id).first()
    if user is None:
        raise NotFound("There is no such user.")
    return user


def may_end(request: ApiRequest, user_pk: int) -> bool:
    if user_pk == request.principal.user_id:
        return True
    return request.principal.may(Role.MANAGER) and bool(managed_users(request.principal).filter(pk=user_pk).exists())


def managed_users(principal: Principal) -> Any:
    """Of the active account, and none above a manager, but for super users and oneself."""
    users = User.objects.all()
    if principal.account_id is None and not principal.bypass:
        return users.filter(pk=principal.user_id)  # a super user who has named no account yet
    return users if principal.may(Role.SUPER) else users.filter(Q(super=False) | Q(pk=principal.user_id))


def sessions_of(user: User, current: str | None) -> list[dict[str, Any]]:
    """Those of apps and those of the admin, the one used last first."""
    rows = [*families.open_sessions(user.pk), *staff_sessions.open_sessions(user)]
    return sorted((described(row, current) for row in rows), key=itemgetter("last_used_on"), reverse=True)


def end_all_of(user: User, current: str | None) -> int:
    """But for the one with that id. Answers how many."""
    apps = [row.family for row in families.open_sessions(user.pk) if row.family != current]
    pages = [row.public_id for row in staff_sessions.open_sessions(user) if row.public_id != current]
    return families.end(family__in=apps) + staff_sessions.end(public_id__in=pages)


def described(row: RefreshToken | AdminSession, current: str | None) -> dict[str, Any]:
    if isinstance(row, AdminSession):
        public_id, device, began_on = row.public_id, f"Admin: {row.device}", row.created_on
    else:
        public_id, device, began_on = row.family, row.device or "", row.began_on or row.created_on
    return {
        "id": public_id,
        "device": device,
        "address": row.address or "",
        "created_on": began_on,
        "last_used_on": row.last_used_on or row.created_on,
        "current": public_id == current,
    }
