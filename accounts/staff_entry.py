"""How staff come in and back without an operator: /admin/password_reset/, /admin/set_password/, /admin/invitation/.

Links of mails carry the token behind the #, where no log and no other server sees it; static/accounts/token.js puts it
into the form. Opening a page uses nothing up, so that a mail program that looks at links does no harm.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import FormView
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from accounts import access_requests, one_time, standing
from accounts.access_requests import Wanted
from accounts.invitations import accept
from accounts.mailed_links import admin_of
from accounts.peer import peer_address, peer_network
from accounts.recovery_views import check_length, reset_password
from accounts.throttles import GuessLimit
from kernel.database_errors import TRANSLATED, translate
from kernel.errors import ApiError, Unauthenticated
from kernel.folding import fold
from kernel.internet_names import InternationalEmailValidator, normal_email
from kernel.transactions import in_transaction

LINK_IS_OVER = "This link is not good any more: it was used, or its time is over. Ask for a new one."


class EmailForm(forms.Form):
    email = forms.CharField(
        label="E-mail address", max_length=254, widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "email"})
    )

    def clean_email(self) -> str:
        email = normal_email(self.cleaned_data["email"])
        InternationalEmailValidator()(email)
        return email


class PasswordForm(forms.Form):
    token = forms.CharField(
        label="Code of the mail",
        max_length=4_096,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label="New password",
        strip=False,
        help_text=password_validators_help_text_html,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="The same again",
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("password") != given.get("again"):
            raise ValidationError({"again": "It is not the same as above."})
        return given


class InvitedForm(PasswordForm):
    username = forms.CharField(
        max_length=150,
        required=False,
        help_text="Empty: your e-mail address.",
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "username"}),
    )
    field_order = ["token", "username", "password", "again"]


@method_decorator(never_cache, name="dispatch")
class EntryView(FormView):  # type: ignore[type-arg]
    """A page for who is not signed in."""

    template_name = "admin/accounts/entry.html"
    title = ""
    button = ""
    done = ""
    refused = LINK_IS_OVER

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        context = super().get_context_data(**more)
        return {**admin.site.each_context(self.request), **context, "title": self.title, "button": self.button}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.work(form.cleaned_data)
        except Unauthenticated:
            form.add_error(None, self.refused)
        except (ApiError, *TRANSLATED) as error:
            refusal = translate(error, None)
            if refusal is None or refusal.http_status >= 500:
                raise
            for name, texts in (refusal.fields or {"": [refusal.message]}).items():
                form.add_error({"new": "password"}.get(name, name) if name in {"new", *form.fields} else None, texts)
        else:
            return self.finished()
        return self.form_invalid(form)

    def finished(self) -> HttpResponse:
        return self.render_to_response(
            {**admin.site.each_context(self.request), "title": self.title, "said": self.done}
        )

    def work(self, given: dict[str, Any]) -> None:
        raise NotImplementedError

    @property
    def peer(self) -> str:
        return peer_address(self.request.META)


class ForgottenView(EntryView):
    form_class = EmailForm
    title = "New password"
    button = "Send me a link"
    done = "If this is the address of a member of staff, a mail with a link is on its way. It is good for 30 minutes."

    def work(self, given: dict[str, Any]) -> None:
        GuessLimit(Wanted.STAFF_PASSWORD, fold(given["email"]), peer_network(self.peer)).attempt()
        access_requests.ask(Wanted.STAFF_PASSWORD, given["email"], origin=admin_of(self.request))


class SetPasswordView(EntryView):
    form_class = PasswordForm
    title = "Choose a password"
    button = "Save"
    done = "Your password is saved. Everywhere else you are signed out now."

    def work(self, given: dict[str, Any]) -> None:
        with one_time.counted(given["token"], self.peer):
            check_length("new", given["password"])
            in_transaction(lambda: reset_password(given["token"], given["password"], in_any_account))
        standing.forget()


class InvitationView(EntryView):
    form_class = InvitedForm
    title = "Welcome"
    button = "Come in"
    done = "You have a user now, and can sign in."

    def work(self, given: dict[str, Any]) -> None:
        with one_time.counted(given["token"], self.peer):
            check_length("password", given["password"])
            in_transaction(lambda: accept(given["token"], given["username"], given["password"], in_any_account))


def in_any_account(account_id: int | None) -> bool:
    """There is no key here that could open some only: whoever has the mail, has it."""
    return True


urlpatterns = [
    path("admin/password_reset/", ForgottenView.as_view(), name="admin_password_reset"),
    path("admin/set_password/", SetPasswordView.as_view()),
    path("admin/invitation/", InvitationView.as_view()),
]
