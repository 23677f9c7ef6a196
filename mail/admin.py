"""Mail in the admin: the outbox, who mails are from, and what they say, with a preview."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from crud.staff import ReadOnlyAdmin, StaffAdmin, principal_of
from mail.kinds import kinds
from mail.message import Logo
from mail.models import MailMessage, MailSender, MailTemplate
from mail.rendering import Words, preview, words_of
from mail.senders import sender_of
from mail.tasks import deliver
from tenancy.principal import Role

SERVER = ["host", "port", "security", "user", "password", "from_address"]
LARGEST_LOGO = 100_000
LOGOS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF87a": "gif", b"GIF89a": "gif"}


class ForManagers(StaffAdmin):
    """Rows of an account that is no object type: its managers' and super users'."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        principal = principal_of(request)
        return principal is not None and principal.may(Role.MANAGER)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    has_add_permission = has_module_permission
    has_change_permission = has_delete_permission = has_view_permission

    def is_for_all(self, request: HttpRequest) -> bool:
        return bool(request.principal.account_id is None)  # type: ignore[attr-defined]

    def get_list_display(self, request: HttpRequest) -> list[str]:
        columns = [str(name) for name in self.list_display]
        return columns if self.is_for_all(request) else [name for name in columns if name != "account"]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if self.is_for_all(request) else ["account"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fixed = ["account"] if obj is not None and self.is_for_all(request) else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change and not self.is_for_all(request):
            obj.account_id = request.principal.account_id  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)


class MailStateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in ("waiting", "sent", "given up")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        states: dict[str, dict[str, Any]] = {
            "waiting": {"sent_on": None, "given_up_on": None},
            "sent": {"sent_on__isnull": False},
            "given up": {"given_up_on__isnull": False},
        }
        return queryset.filter(**states.get(self.value() or "", {}))


@admin.register(MailMessage)
class MailMessageAdmin(ReadOnlyAdmin):
    """What was sent to whom, and what went wrong. Not what it said: its links open something."""

    list_display = ["subject", "to", "account", "state", "tries", "last_error", "created_on", "sent_on"]
    list_filter = [MailStateFilter, "kind", "created_on"]
    list_select_related = ["account"]
    search_fields = ["to", "subject"]
    search_help_text = "Search addresses and subjects"
    ordering = ["-pk"]
    actions = ["send_now"]
    fields = [
        *("to", "subject", "kind", "account", "state", "tries", "last_error"),
        *("created_on", "due_on", "sent_on", "given_up_on", "id_random"),
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        principal = principal_of(request)
        return principal is not None and principal.may(Role.MANAGER)

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        return {name: action for name, action in actions.items() if name == "send_now"}

    @admin.display(description="state")
    def state(self, message: MailMessage) -> str:
        return message.state

    @admin.action(description="Try selected mails again now", permissions=["view"])
    def send_now(self, request: HttpRequest, queryset: Any) -> None:
        now = timezone.now()
        again = {"due_on": now, "queued_on": now, "given_up_on": None, "tries": 0}
        count = queryset.filter(sent_on=None).update(**again)
        deliver.after_commit()
        self.message_user(request, f"Queued again: {count}. What was sent is not sent twice.", messages.SUCCESS)


class SenderForm(forms.ModelForm):  # type: ignore[type-arg]
    new_logo = forms.FileField(
        label="logo",
        required=False,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": "image/png,image/jpeg,image/gif"}),
        help_text=f"PNG, JPEG or GIF of at most {LARGEST_LOGO // 1000} kB; it travels within each mail.",
    )
    without_logo = forms.BooleanField(label="Remove the logo", required=False, widget=UnfoldBooleanSwitchWidget)
    password = forms.CharField(
        required=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="It is not shown again; left empty it stays as it is.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.pop("password", None)

    def clean_password(self) -> str | None:
        password: str | None = self.cleaned_data["password"] or self.instance.password
        return password

    def clean_new_logo(self) -> Logo | None:
        file = self.cleaned_data["new_logo"]
        if not file:
            return None
        content = file.read(LARGEST_LOGO + 1)
        subtype = next((kind for magic, kind in LOGOS.items() if content.startswith(magic)), None)
        if subtype is None or len(content) > LARGEST_LOGO:
            raise ValidationError(f"Give a PNG, JPEG or GIF of at most {LARGEST_LOGO // 1000} kB.")
        return Logo(content, subtype)


@admin.register(MailSender)
class MailSenderAdmin(ForManagers):
    """Managers say who mails are from. The server is for super users: who names it decides whom this one calls."""

    form = SenderForm
    list_display = ["account", "name", "reply_to", "host", "updated_on"]
    list_select_related = ["account"]
    autocomplete_fields = ["account"]
    readonly_fields = ["logo_now"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        owner = ["account"] if self.is_for_all(request) else []
        sets: list[Any] = [
            (None, {"fields": [*owner, "name", "reply_to"]}),
            ("Logo", {"fields": ["logo_now", "new_logo", "without_logo"]}),
        ]
        return [*sets, ("Mail server of its own", {"fields": SERVER})] if self.is_for_all(request) else sets

    def has_add_permission(self, request: HttpRequest) -> bool:
        """An account has one."""
        allowed = super().has_add_permission(request)
        return allowed and (self.is_for_all(request) or not MailSender.objects.exists())

    @admin.display(description="logo now")
    def logo_now(self, sender: MailSender) -> str:
        logo = sender_of(sender.account).logo if sender.pk else None
        if logo is None:
            return "–"
        return format_html('<img src="{}" alt="The logo" style="max-height:64px;max-width:240px">', logo.data_url)

    def save_model(self, request: HttpRequest, obj: MailSender, form: Any, change: bool) -> None:
        logo: Logo | None = form.cleaned_data.get("new_logo")
        if logo is not None:
            obj.logo, obj.logo_type = logo.content, logo.subtype
        elif form.cleaned_data.get("without_logo"):
            obj.logo = obj.logo_type = None
        super().save_model(request, obj, form, change)


class TemplateForm(forms.ModelForm):  # type: ignore[type-arg]
    text = forms.CharField(widget=UnfoldAdminTextareaWidget(attrs={"rows": 14}), strip=False, max_length=20_000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            choices = [(name, kind.title) for name, kind in sorted(kinds().items())]
            self.fields["kind"] = forms.ChoiceField(choices=choices, widget=UnfoldAdminSelectWidget)
        self.fields["text"].help_text = "; ".join(
            f"{title}: {', '.join(f'{{{{ {name} }}}}' for name in sorted(names))}"
            for title, names in ((kind.title, kind.placeholders) for kind in kinds().values())
        )

    def clean_text(self) -> str:
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")


@admin.register(MailTemplate)
class MailTemplateAdmin(ForManagers):
    """How an account words its mails. A new one begins with the words that are in use."""

    form = TemplateForm
    list_display = ["title", "account", "subject", "updated_on"]
    list_select_related = ["account"]
    autocomplete_fields = ["account"]
    change_form_template = "admin/mail/template_form.html"

    class Media:
        js = ["mail/preview.js"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        owner = ["account"] if self.is_for_all(request) else []
        return [*owner, "kind", "subject", "text", "html"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *(["kind"] if obj is not None else [])]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """?kind=… begins with its words."""
        kind = kinds().get(request.GET.get("kind", ""), next(iter(kinds().values())))
        return {"kind": kind.name, "subject": kind.subject, "text": kind.text}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview_view)
        return [path("preview/", view, name="mail_mailtemplate_preview"), *super().get_urls()]

    @admin.display(description="mail", ordering="kind")
    def title(self, template: MailTemplate) -> str:
        return str(template)

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """The mail with what stands in the form now, and made-up values; nothing is kept."""
        if request.method != "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, request.POST.get("preview_of", "")) if request.POST.get("preview_of") else None
        account = row.account if row is not None else self._account(request)
        kind = kinds().get(row.kind if row is not None else request.POST.get("kind", ""))
        shown: dict[str, Any] = {"problem": "Choose the account and the mail first."}
        if account is not None and kind is not None:
            given = words_of(kind, account)
            texts = {name: request.POST.get(name, getattr(given, name)) for name in ("subject", "text", "html")}
            trial = MailTemplate(account=account, kind=kind.name, **texts)
            try:
                trial.clean()
                words = Words(trial.subject, trial.text, trial.html)
                shown = {"mail": preview(kind, words, account, sender_of(account).logo), "sender": sender_of(account)}
            except ValidationError as error:
                shown = {"problem": " ".join(error.messages)}
        return TemplateResponse(request, "admin/mail/preview.html", shown)

    def _account(self, request: HttpRequest) -> Any:
        """The one that a new template is for."""
        accounts: Any = MailTemplate._meta.get_field("account").related_model
        own = request.principal.account_id  # type: ignore[attr-defined]
        chosen = own if own is not None else request.POST.get("account", "")
        return accounts.objects.filter(pk=chosen).first() if str(chosen).isdigit() else None
