"""/admin/second_factor/: the second half of a sign-in to the admin; and setting a second factor up, or taking it away.

Until its second half is shown, a sign-in is nobody's: the middleware puts an anonymous user in its place.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, Final

import segno
from django import forms
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts import second_factor, staff_sessions
from accounts.models import SecondFactor, User
from accounts.second_factor import Due
from accounts.staff_entry import EntryView
from tenancy.context import every_tenant

NAME: Final = "second_factor"
"""In Django's session: the key of the user who has shown it."""


def awaited(request: HttpRequest, user: User) -> Due | None:
    """What a sign-in lacks that has shown a password. Asked until it is noted as one (accounts/staff_sessions.py)."""
    if staff_sessions.NAME in request.session or request.session.get(NAME) == user.pk:
        return None
    with every_tenant(reason="what the account of who signs in demands; a super user has none"):
        return second_factor.due(user)


def hold(request: HttpRequest, user: User, what: Due) -> HttpResponseBase | None:
    """Nobody is signed in yet. Answers where the page of the password leads to."""
    request.awaiting = (user, what)  # type: ignore[attr-defined]
    request.user = AnonymousUser()
    if request.method == "GET" and request.path == reverse("admin:login"):
        return HttpResponseRedirect(f"{reverse('second_factor')}?{urlencode({'next': request.GET.get('next', '')})}")
    return None


class CodeForm(forms.Form):
    code = forms.CharField(
        max_length=64,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "one-time-code", "spellcheck": "false", "autofocus": True}
        ),
    )


class SecondFactorPage(EntryView):
    form_class = CodeForm
    template_name = "admin/accounts/second_factor.html"
    refused = second_factor.WRONG
    title = "Second factor"
    user: User
    what: Due | None
    """What a sign-in lacks; None for who is signed in."""
    recovery_codes: list[str] | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **places: Any) -> HttpResponseBase:
        awaiting: tuple[User, Due] | None = getattr(request, "awaiting", None)
        user, self.what = awaiting or (request.user, None)
        if not isinstance(user, User):
            return HttpResponseRedirect(reverse("admin:index"))
        if request.method == "POST" and "leave" in request.POST:
            logout(request)
            return HttpResponseRedirect(reverse("admin:login"))
        with ExitStack() as doors:
            if awaiting:
                doors.enter_context(every_tenant(reason="the account of who signs in; a super user has none"))
            self.user = User.objects.select_related("account").get(pk=user.pk)
            self.has_one = SecondFactor.objects.filter(user_id=user.pk).exclude(confirmed_on=None).exists()
            response = super().dispatch(request, *args, **places)
            return response.render() if hasattr(response, "render") else response

    @property
    def button(self) -> str:  # type: ignore[override]
        if not self.has_one:
            return "Set it up"
        return "Go on" if self.what else "Take it away"

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        context = super().get_context_data(**more) | {"what": self.what, "has_one": self.has_one}
        if not self.has_one and self.recovery_codes is None:
            shown = second_factor.begun(self.user) or second_factor.set_up(self.user)
            qr = segno.make_qr(shown["otpauth_url"], error="m").svg_data_uri(scale=4, border=4)
            context |= {"secret": shown["secret"], "qr": qr}
        return context

    def work(self, given: dict[str, Any]) -> None:
        with second_factor.counted(self.user, self.peer):
            if not self.has_one:
                self.recovery_codes = second_factor.confirm(self.user, given["code"])
            elif self.what:
                second_factor.check(self.user, given["code"])
            else:
                second_factor.remove(self.user, given["code"])
        if self.what:
            self.request.session.cycle_key()
            self.request.session[NAME] = self.user.pk

    def finished(self) -> HttpResponse:
        if self.recovery_codes is None:
            return HttpResponseRedirect(self._next())
        context = self.get_context_data(form=None, recovery_codes=self.recovery_codes, next=self._next())
        return self.render_to_response(context)

    def _next(self) -> str:
        asked = self.request.GET.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(asked, {self.request.get_host()}, self.request.is_secure())
        return asked if is_ours else reverse("admin:index")


urlpatterns = [path("admin/second_factor/", SecondFactorPage.as_view(), name="second_factor")]
