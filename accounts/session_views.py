"""Who is signed in where, and ending it: /v3/auth/sessions (contract section 2.5)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpResponse

from accounts import families
from accounts.models import RefreshToken, User
from accounts.views import AuthView
from crud import ApiRequest
from kernel.errors import Invalid, NotFound, Refused
from kernel.ids import is_id
from tenancy.principal import Role


class SessionsView(AuthView):
    """Those of the caller; with `user_id`, for managers, of a user of the account. Guests and passcodes have none."""

    http_method_names = ["get", "head", "delete", "options"]
    parameter_names = ("user_id",)

    def get(self, request: ApiRequest) -> HttpResponse:
        return self.answer([described(link, request.principal.session_id) for link in self.links(request)])

    def delete(self, request: ApiRequest) -> HttpResponse:
        """End all of them but the one that asks."""
        refuse_key_that_reads(request)
        others = [link.family for link in self.links(request) if link.family != request.principal.session_id]
        return self.answer({"ended": families.end(family__in=others)})

    def links(self, request: ApiRequest) -> list[RefreshToken]:
        asked = request.parameters.get("user_id")
        user = visible_user(request, asked) if asked is not None else None
        user_pk = user.pk if user is not None else request.principal.user_id
        return list(families.open_sessions(user_pk)) if user_pk is not None else []


class SessionView(AuthView):
    http_method_names = ["delete", "options"]

    def delete(self, request: ApiRequest, session_id: str) -> HttpResponse:
        refuse_key_that_reads(request)
        link = RefreshToken.objects.filter(family=session_id, used_on=None, revoked_on=None).first()
        if link is None or not may_end(request, link):
            raise NotFound("There is no such session.")
        families.end(family=link.family)
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
    user: User | None = managed_users(request).filter(id_random=public_id).first()
    if user is None:
        raise NotFound("There is no such user.")
    return user


def may_end(request: ApiRequest, link: RefreshToken) -> bool:
    if link.user_id == request.principal.user_id:
        return True
    return request.principal.may(Role.MANAGER) and bool(managed_users(request).filter(pk=link.user_id).exists())


def managed_users(request: ApiRequest) -> Any:
    """Of the active account, and none above a manager, but for super users and oneself."""
    principal = request.principal
    users = User.objects.all()
    if principal.account_id is None and not principal.bypass:
        return users.filter(pk=principal.user_id)  # a super user who has named no account yet
    return users if principal.may(Role.SUPER) else users.filter(Q(super=False) | Q(pk=principal.user_id))


def described(link: RefreshToken, current: str | None) -> dict[str, Any]:
    return {
        "id": link.family,
        "device": link.device or "",
        "address": link.address or "",
        "created_on": link.began_on or link.created_on,
        "last_used_on": link.last_used_on or link.created_on,
        "current": link.family == current,
    }
