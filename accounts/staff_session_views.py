"""/admin/sessions/: where somebody is signed in, in the admin and in apps, and ending it there."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.views import View

from accounts import families, staff_sessions
from accounts.models import User
from accounts.session_views import end_all_of, managed_users, sessions_of
from tenancy.principal import Role


class StaffSessionsView(View):
    """One's own; with ?user=<id>, for managers, those of a user of the account."""

    @method_decorator(admin.site.admin_view)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        user = self._user(request)
        own = user.pk == request.principal.user_id  # type: ignore[attr-defined]
        context = {
            **admin.site.each_context(request),
            "title": "My sessions" if own else f"Sessions of {user.username}",
            "sessions": sessions_of(user, self._current(request)),
            "chosen": "" if own else user.id_random,
        }
        return TemplateResponse(request, "admin/accounts/sessions.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """`end`: the id of one; `end_others`: all but this one."""
        user, current = self._user(request), self._current(request)
        if request.POST.get("end_others"):
            ended = end_all_of(user, current)
        else:
            ended = end_one_of(user, request.POST.get("end", ""))
        messages.success(request, f"Sessions ended: {ended}.")
        return HttpResponseRedirect(request.get_full_path())

    def _current(self, request: HttpRequest) -> str | None:
        current: str | None = request.session.get(staff_sessions.NAME)
        return current

    def _user(self, request: HttpRequest) -> User:
        """Raises Http404, also for a user whom one does not manage."""
        principal = request.principal  # type: ignore[attr-defined]
        asked = request.GET.get("user") or principal.user_public_id
        if asked != principal.user_public_id and not principal.may(Role.MANAGER):
            raise Http404
        found: User | None = managed_users(principal).filter(id_random=asked).first()
        if found is None:
            raise Http404
        return found


def end_one_of(user: User, public_id: str) -> int:
    return families.end(family=public_id, user_id=user.pk) + staff_sessions.end(public_id=public_id, user_id=user.pk)


urlpatterns = [path("admin/sessions/", StaffSessionsView.as_view(), name="admin_sessions")]
