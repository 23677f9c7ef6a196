"""/admin/person_data/: what an account holds of one person, for managers: found, exported, erased with a certificate.

The same as the commands `export_person` and `erase_person`.
"""

from __future__ import annotations

import hashlib
import json
import logging
from contextlib import ExitStack
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.views import View

from accounts.models import Account
from crud import registry
from crud.staff import inside, principal_of
from operations.erasure import MAX_ROWS, NOT_COVERED, Dossier, TooManyRows, blanked, dossier, erase, exported
from tenancy.principal import Principal, Role, acting_as

log = logging.getLogger("operations.erasure")
TYPES: Final = ("person", "event_person", "event_badge")
"""Besides an address, what a person can be named by."""
CONFIRMATION: Final = "ERASE"


class PersonPage(View):
    principal: Principal
    account: Account | None

    def dispatch(self, request: HttpRequest, *args: Any, **places: Any) -> HttpResponseBase:
        principal = principal_of(request)
        if principal is None or not principal.may(Role.MANAGER):
            raise PermissionDenied
        self.account = account = self._account(principal)
        if account is None:
            self.principal = principal
            return self._page({"problem": "Choose an account."} if request.method == "POST" else {})
        with ExitStack() as doors:
            self.principal, scope = inside(principal, account.pk if principal.account_id is None else None)
            doors.enter_context(scope)
            doors.enter_context(acting_as(self.principal))
            return super().dispatch(request, *args, **places)

    def _account(self, principal: Principal) -> Account | None:
        """Their own; a super user names one."""
        named = self.request.POST.get("account", "") or self.request.GET.get("account", "")
        own = {"pk": principal.account_id} if principal.account_id is not None else {"id_random": named[:22]}
        account: Account | None = Account.objects.filter(**own).first()
        return account

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self._page(self._found() if request.GET.get("email") or request.GET.get("id") else {})

    def post(self, request: HttpRequest) -> HttpResponseBase:
        values = self._found()
        known: Dossier | None = values.get("known")
        if known is None or "find" in request.POST:
            return self._page(values)
        if "export" in request.POST:
            text = json.dumps(exported(known), indent=2, ensure_ascii=False, cls=DjangoJSONEncoder)
            headers = {
                "Content-Disposition": 'attachment; filename="person.json"',
                "Cache-Control": "private, no-store",
            }
            return HttpResponse(text, content_type="application/json", headers=headers)
        if request.POST.get("confirmation", "").strip() != CONFIRMATION:
            return self._page(values | {"problem": f"Type {CONFIRMATION} to erase; nothing was changed."})
        if request.POST.get("seen") != values["seen"]:
            return self._page(values | {"problem": "What is held of the person has changed; look again."})
        assert self.account is not None
        certificate = {"account_id": self.account.id_random} | erase(known)
        log.info("person_data: %s rows of the account %s erased", len(known.rows), self.account.id_random)
        shown = json.dumps(certificate, indent=2, ensure_ascii=False, cls=DjangoJSONEncoder)
        return self._page({"certificate": shown, "erased_rows": len(known.rows)})

    def _found(self) -> dict[str, Any]:
        """By an address, or by the type and id of one object."""
        asked = self.request.POST if self.request.method == "POST" else self.request.GET
        email, type_name, public_id = (asked.get(name, "").strip()[:320] for name in ("email", "type", "id"))
        values: dict[str, Any] = {"email": email, "type": type_name, "id": public_id}
        row = None
        if public_id:
            model = registry[type_name].model if type_name in TYPES else None
            row = model.objects.filter(id_random=public_id).first() if model else None
            if row is None:
                return values | {"problem": "The account has no such object."}
        if not email and row is None:
            return values | {"problem": "Give an address, or the id of an object."}
        try:
            known = dossier(email=email or None, row=row)
        except TooManyRows:
            return values | {"problem": f"More than {MAX_ROWS:,} rows: that is no one person. Begin with a badge."}
        if not known.rows:
            return values | {"problem": "Nobody in the account has this address."}
        return values | {"known": known, "lines": list(_lines(known)), "seen": _digest(known)}

    def _page(self, values: dict[str, Any]) -> HttpResponse:
        is_super = self.principal.account_id is None or self.principal.bypass
        context = {
            **admin.site.each_context(self.request),
            "title": "A person's data",
            "account": self.account,
            "accounts": Account.objects.order_by("name").only("id_random", "name")[:500] if is_super else [],
            "types": [(name, registry[name].label) for name in TYPES],
            "not_covered": NOT_COVERED,
            "confirmation": CONFIRMATION,
            **values,
        }
        status = 400 if values.get("problem") and self.request.method == "POST" else 200
        return render(self.request, "operations/person_data.html", context, status=status)


def _lines(known: Dossier) -> Any:
    """(type, what it is called, its form, what forms call the fields that would be blanked)."""
    for (name, key), row in sorted(known.rows.items()):
        opts = row._meta
        place = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[key])
        yield registry[name].label, str(row), place, [str(field.verbose_name) for field in blanked(name, row)]


def _digest(known: Dossier) -> str:
    """Of what was looked at, so that nobody else's rows are erased unseen."""
    return hashlib.sha256(repr(sorted(known.rows)).encode()).hexdigest()


urlpatterns: list[URLPattern] = [
    path("admin/person_data/", admin.site.admin_view(PersonPage.as_view()), name="person_data"),
]
