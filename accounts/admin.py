"""Users and API keys in the admin; the other types of this app need nothing beyond `crud.admin`."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import DateTimeField
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextareaWidget

from accounts import standing
from accounts.models import AccountService, ApiKey, ApiKeyAccount, User
from accounts.user_admin import UserAdmin
from crud.staff import StaffAdmin, principal_of
from kernel.request_context import caller_of
from tenancy.principal import Role

FOR_SUPER_USERS = ("all_accounts", "allow_bypass")
HELP = {
    "kind": "A secret key stays on servers. A publishable one is in web pages, known to all, and reads as a guest.",
    "role": "The most that a request with this key may do.",
    "all_accounts": "For every account that there is, and the ones to come.",
    "allow_bypass": "Requests may do without an account, and see every one. For programs of the operator only.",
    "expires_on": "Empty: it does not expire.",
    "rate_per_minute": "Requests that it may send in a minute. Empty: as many as every key.",
}


class Lines(forms.CharField):
    """A list of texts, one a line."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        return [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != self.to_python(data)


class ApiKeyForm(forms.ModelForm):  # type: ignore[type-arg]
    allowed_origins = Lines(required=False, help_text="One a line: https://app.example.org. None: any origin.")
    allowed_networks = Lines(required=False, help_text="One a line: 192.0.2.0/24. None: any network.")

    def clean_allowed_origins(self) -> list[str]:
        origins: list[str] = self.cleaned_data["allowed_origins"]
        for origin in origins:
            parts = urlsplit(origin)
            if (
                parts.scheme not in {"http", "https"}
                or not parts.netloc
                or origin != f"{parts.scheme}://{parts.netloc}"
            ):
                raise ValidationError("Give origins as browsers send them: https://app.example.org.")
        return origins

    def clean_allowed_networks(self) -> list[str]:
        networks: list[str] = self.cleaned_data["allowed_networks"]
        for network in networks:
            try:
                ip_network(network)
            except ValueError:
                raise ValidationError("Give addresses or networks: 192.0.2.7, 192.0.2.0/24.") from None
        return networks


class AccountsInlineFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    @classmethod
    def get_default_prefix(cls) -> str:
        return "accounts"  # made from a hidden relation's name it would be empty


class AccountsInline(TabularInline):
    model = ApiKeyAccount
    formset = AccountsInlineFormSet
    autocomplete_fields = ["account"]
    extra = 1
    verbose_name = "account that the key may act for"
    verbose_name_plural = "accounts that the key may act for"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        principal = principal_of(request)
        return principal is not None and principal.may(Role.SUPER)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


@admin.register(ApiKey)
class ApiKeyAdmin(StaffAdmin):
    """Super users make any key; managers make, revoke and enable those that act for their account alone."""

    form = ApiKeyForm
    inlines = [AccountsInline]
    list_display = ["name", "prefix", "kind", "role", "read_only", "enable", "expires_on", "last_used_on"]
    list_filter = ["enable", "kind", "role", "expires_on"]
    search_fields = ["name", "prefix"]
    ordering = ["name"]
    actions = ["revoke", "enable_again"]
    fieldsets = [
        (None, {"fields": ["name", "kind", "role", "subject_id", "read_only", *FOR_SUPER_USERS]}),
        ("Limits", {"fields": ["enable", "expires_on", "rate_per_minute", "allowed_origins", "allowed_networks"]}),
        ("Record", {"fields": ["prefix", "created_on", "last_used_on"]}),
    ]
    readonly_fields = ["prefix", "created_on", "last_used_on"]

    def _manages(self, request: HttpRequest, least: Role = Role.MANAGER) -> bool:
        principal = principal_of(request)
        return principal is not None and principal.may(least)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._manages(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._manages(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._manages(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._manages(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._manages(request, Role.SUPER)  # a revoked key stays, so that its traces can be read

    def get_queryset(self, request: HttpRequest) -> Any:
        keys = super().get_queryset(request)
        own = caller_of(request).account_id
        if own is None:
            return keys
        links = ApiKeyAccount.objects
        keys = keys.filter(all_accounts=False, allow_bypass=False).exclude(role=ApiKey.KeyRole.SUPER)
        keys = keys.filter(pk__in=links.filter(account_id=own).values("api_key_id"))
        return keys.exclude(pk__in=links.exclude(account_id=own).values("api_key_id"))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)[: 3 if obj is not None else 2]
        if self._manages(request, Role.SUPER):
            return fieldsets
        return [
            (title, {"fields": [name for name in options["fields"] if name not in FOR_SUPER_USERS]})
            for title, options in fieldsets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *(["kind"] if obj is not None else [])]  # the key says it

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        help_text = HELP.get(db_field.name, "")
        if isinstance(db_field, DateTimeField):
            help_text += f" Time zone: {timezone.get_current_timezone_name()}."
        if help_text:
            kwargs["help_text"] = help_text
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "role":
            role = caller_of(request).role
            kwargs["choices"] = [choice for choice in db_field.choices if Role.named(choice[0]) <= role]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            account_id = caller_of(request).account_id
            key, request.made_key = ApiKey.issue(**form.cleaned_data)  # type: ignore[attr-defined]
            if account_id is not None:
                ApiKeyAccount.objects.create(api_key=key, account_id=account_id)
            obj.__dict__.update(key.__dict__)
        transaction.on_commit(standing.forget)

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: Any = None) -> HttpResponse:
        """The only page that ever shows the key; neither a cookie nor the session holds it."""
        return TemplateResponse(
            request,
            "admin/accounts/apikey/made.html",
            {
                **self.admin_site.each_context(request),
                "title": "The new API key",
                "opts": self.opts,
                "row": obj,
                "key": request.made_key,  # type: ignore[attr-defined]
            },
        )

    @admin.action(description="Revoke selected keys", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        self._set_enabled(request, queryset, False)

    @admin.action(description="Enable selected keys", permissions=["change"])
    def enable_again(self, request: HttpRequest, queryset: Any) -> None:
        self._set_enabled(request, queryset, True)

    def _set_enabled(self, request: HttpRequest, queryset: Any, enable: bool) -> None:
        rows = list(queryset.exclude(enable=enable))
        for row in rows:
            row.enable = enable
            row.save(update_fields=["enable"])
            self.log_change(request, row, "Enabled." if enable else "Revoked.")
        transaction.on_commit(standing.forget)
        self.message_user(request, f"Changed: {len(rows)}.", messages.SUCCESS)


class ServiceForm(forms.ModelForm):  # type: ignore[type-arg]
    key = forms.CharField(
        required=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="As the service shows it. It is not shown again; left empty it stays as it is.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.pop("key", None)

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"] or self.instance.key
        if not key:
            raise ValidationError("Give the key.")
        return key


@admin.register(AccountService)
class AccountServiceAdmin(StaffAdmin):
    """For super users alone: who sets the address decides whom this server calls."""

    form = ServiceForm
    list_display = ["account", "name", "base", "updated_on"]
    list_select_related = ["account"]
    autocomplete_fields = ["account"]
    fields = ["account", "name", "base", "key"]
    ordering = ["account__name"]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        principal = principal_of(request)
        return principal is not None and principal.may(Role.SUPER)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["account", "name"] if obj is not None else []


ApiKey._meta.verbose_name, ApiKey._meta.verbose_name_plural = "API key", "API keys"
admin.site.unregister(Group)  # Aether's roles are flags of the user
admin.site.unregister(User)
admin.site.register(User, UserAdmin)
