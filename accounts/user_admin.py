"""Users in the admin: inviting a colleague, and links by which somebody chooses a password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts import second_factor, standing
from accounts.access_requests import mail_first_password
from accounts.invitations import ROLES, invite, read_wish
from accounts.mailed_links import admin_of
from accounts.models import Account, User
from crud import registry
from crud.staff import EXPORT, ObjectAdmin, inside
from kernel.errors import ApiError
from kernel.request_context import caller_of
from kernel.transactions import in_transaction
from tenancy.principal import Principal, acting_as

CHANGELIST = "admin:accounts_user_changelist"


class InviteForm(forms.Form):
    email = forms.CharField(label="E-mail address", max_length=254, widget=UnfoldAdminTextInputWidget)
    name = forms.CharField(max_length=200, required=False, widget=UnfoldAdminTextInputWidget)
    role = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, principal: Principal, *args: Any) -> None:
        super().__init__(*args)
        roles = [(role.label, f"{role.label.capitalize()}: {does}") for role, does in ROLES.items()]
        self.fields["role"].choices = roles[: sum(role <= principal.role for role in ROLES)]  # type: ignore[attr-defined]
        if principal.account_id is None:
            accounts = registry["account"].rows(principal.access).order_by("name").values_list("pk", "name")
            choice = forms.TypedChoiceField(choices=accounts, coerce=int, widget=UnfoldAdminSelectWidget)
            self.fields = {"account": choice, **self.fields}


class UserAdmin(ObjectAdmin):
    actions_list = ["invite_link", "import_link", EXPORT]
    actions = [*ObjectAdmin.actions, "mail_password_links", "take_away_second_factor"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.invite_view)
        return [path("invite/", view, name="accounts_user_invite"), *super().get_urls()]

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and obj != request.user

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if obj.pk == request.user.pk and "password" in form.changed_data:
            update_session_auth_hash(request, obj)  # who changes their own password stays signed in
        transaction.on_commit(standing.forget)

    def has_invite_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "create")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sets = super().get_fieldsets(request, obj)
        return [*sets, ("Sessions", {"fields": ["sessions"]})] if obj is not None else sets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *(["sessions"] if obj is not None else [])]

    @admin.display(description="signed in")
    def sessions(self, user: User) -> str:
        address = f"{reverse('admin_sessions')}?user={user.id_random}"
        return format_html('<a href="{}">Where, and since when</a>', address)

    @action(description="Invite a colleague", url_path="invite-link", permissions=["invite"], icon="person_add")
    def invite_link(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:accounts_user_invite"))

    def invite_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_invite_permission(request):
            raise PermissionDenied
        principal = caller_of(request)
        form = InviteForm(principal, request.POST) if request.method == "POST" else InviteForm(principal)
        if request.method == "POST" and form.is_valid():
            try:
                self._invite(request, form.cleaned_data)
            except ApiError as error:
                for name, texts in (error.fields or {"": [error.message]}).items():
                    form.add_error(name if name in form.fields else None, texts)
            else:
                messages.success(request, f"An invitation to {form.cleaned_data['email']} is on its way.")
                return HttpResponseRedirect(reverse(CHANGELIST))
        context = {
            **self.admin_site.each_context(request),
            "title": "Invite a colleague",
            "opts": self.opts,
            "form": form,
        }
        return TemplateResponse(request, "admin/accounts/invite.html", context)

    def _invite(self, request: HttpRequest, given: dict[str, Any]) -> None:
        fields = {name: given[name] for name in ("email", "name", "role")} | {"site_id": ""}
        acting, scope = inside(caller_of(request), given.get("account"))
        with scope, acting_as(acting):
            wish = read_wish(fields, acting)
            account = Account.objects.get(pk=acting.account_id)
            in_transaction(lambda: invite(account, [wish], acting, admin_origin=admin_of(request)))

    @admin.action(description="Mail a link to choose a password", permissions=["change"])
    def mail_password_links(self, request: HttpRequest, queryset: Any) -> None:
        role, origin = caller_of(request).role, admin_of(request)
        users = list(queryset.select_related("account")[:1_000])
        sent = [user for user in users if mail_first_password(user, role, origin)]
        self.message_user(request, f"On their way: {len(sent)}.", messages.SUCCESS)
        if left := [user.username for user in users if user not in sent]:
            said = f"No link for {', '.join(left[:10])}: without an address, disabled, or asked for too often."
            self.message_user(request, said, messages.WARNING)

    @admin.action(description="Take away the second factor", permissions=["change"])
    def take_away_second_factor(self, request: HttpRequest, queryset: Any) -> None:
        """For who has lost phone and codes. Nobody does it to those above them."""
        role = caller_of(request).role
        users = [user for user in queryset.select_related("account")[:1_000] if user.role <= role]
        self.message_user(request, f"Taken away: {second_factor.take_away(users)}.", messages.SUCCESS)
