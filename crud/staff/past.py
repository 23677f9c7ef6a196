"""The past of an object for people: who changed what, by names, and a way to put it back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst

from crud.declare.fields import Field, Kind
from crud.declare.object_type import ObjectType, registry
from crud.models import ChangeLog
from crud.read.change_history import describe
from crud.staff.base import HISTORY_LENGTH, HistoryLine, brief, named
from crud.staff.exchange import inside
from crud.write.writer import Writer
from kernel.errors import ApiError
from kernel.request_context import caller_of
from tenancy.principal import Principal, acting_as


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a change, as the page shows it."""

    name: str
    label: str
    old: str
    new: str
    can_be_put_back: bool


@dataclass
class Past:
    """Entries of the change log about one object, the newest first, described for one principal."""

    object_type: ObjectType
    principal: Principal
    entries: list[ChangeLog]
    may_put_back: bool
    described: list[dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.described = describe(self.object_type, self.principal, self.entries)

    def lines(self) -> list[HistoryLine]:
        people = named((entry["principal"] for entry in self.described), self.principal)
        names = self._names()
        return [
            HistoryLine(
                shown["created_on"],
                people[shown["principal"]],
                shown["action"],
                entry_id=entry.pk,
                changes=list(self._changes(shown, names)),
            )
            for entry, shown in zip(self.entries, self.described, strict=True)
        ]

    def values_before(self, name: str) -> dict[str, Any]:
        """Of the only entry: what the fields held that may be written; of `name` alone, where it is given."""
        return {
            changed: old
            for changed, (old, _) in self.described[0]["changes"].items()
            if name in ("", changed) and self._can_be_put_back(self.described[0], changed)
        }

    def _changes(self, shown: dict[str, Any], names: dict[str, str]) -> Iterable[FieldChange]:
        for name, pair in shown["changes"].items():
            spec = self.object_type.fields[name]
            refers = spec.kind is Kind.REFERENCE
            old, new = (names.get(value, value) if refers and value is not None else value for value in pair)
            yield FieldChange(name, label_of(spec), brief(old), brief(new), self._can_be_put_back(shown, name))

    def _can_be_put_back(self, shown: dict[str, Any], name: str) -> bool:
        spec = self.object_type.fields[name]
        is_value = shown["action"] == "updated" and not spec.kind.write_only
        return self.may_put_back and is_value and spec.writable(self.principal)

    def _names(self) -> dict[str, str]:
        """Public id → name, of objects that are referred to and may be read. One query a type."""
        wanted: dict[str, set[str]] = {}
        for shown in self.described:
            for name, pair in shown["changes"].items():
                spec = self.object_type.fields[name]
                if spec.kind is Kind.REFERENCE and spec.refers_to in registry:
                    wanted.setdefault(spec.refers_to, set()).update(value for value in pair if value)
        names: dict[str, str] = {}
        for type_name, ids in wanted.items():
            related = registry[type_name]
            if related.readable_by(self.principal.access):
                names |= {
                    row.id_random: str(row) for row in related.rows(self.principal.access).filter(id_random__in=ids)
                }
        return names


def label_of(spec: Field) -> str:
    return "Id" if spec.name == "id" else str(capfirst(spec.model_field.verbose_name))


class PastMixin:
    """History of an object's page, and what puts a change back."""

    object_type: ObjectType
    object_history_template = "crud/history.html"

    def get_urls(self) -> list[URLPattern]:
        opts = self.opts  # type: ignore[attr-defined]
        view = self.admin_site.admin_view(self.put_back_view)  # type: ignore[attr-defined]
        name = f"{opts.app_label}_{opts.model_name}_put_back"
        return [path("<path:object_id>/put-back/", view, name=name), *super().get_urls()]  # type: ignore[misc]

    def history_lines(self, request: HttpRequest, row: Any) -> list[HistoryLine]:
        log = ChangeLog.objects.filter(obj_type=self.object_type.name, obj_id=row.id_random).order_by("-id")
        may_change = self.has_change_permission(request, row)  # type: ignore[attr-defined]
        return Past(self.object_type, caller_of(request), list(log[:HISTORY_LENGTH]), may_change).lines()

    def put_back_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What a change of the log has replaced is written again: a change of its own, by the API's rules."""
        row = self.get_object(request, unquote(object_id))  # type: ignore[attr-defined]
        if row is None or request.method != "POST":
            raise Http404
        if not self.has_change_permission(request, row):  # type: ignore[attr-defined]
            raise PermissionDenied
        number = request.POST.get("entry", "")
        log = ChangeLog.objects.filter(obj_type=self.object_type.name, obj_id=row.id_random, action="updated")
        entry = (
            log.filter(pk=int(number)).first() if number.isascii() and number.isdigit() and len(number) < 19 else None
        )
        if entry is None:
            raise Http404
        caller = caller_of(request)
        values = Past(self.object_type, caller, [entry], True).values_before(request.POST.get("field", ""))
        labels = ", ".join(label_of(self.object_type.fields[name]) for name in values)
        try:
            if values:
                acting, scope = inside(caller, getattr(row, "account_id", None) if caller.account_id is None else None)
                with scope, acting_as(acting):
                    Writer(self.object_type, acting).update(row.id_random, values)
        except ApiError as error:
            messages.error(request, f"Not put back: {told(error)}")
        else:
            text = f"Put back: {labels}." if values else "There is nothing in this change that can be put back."
            messages.add_message(request, messages.SUCCESS if values else messages.ERROR, text)
        opts = self.opts  # type: ignore[attr-defined]
        return HttpResponseRedirect(reverse(f"admin:{opts.app_label}_{opts.model_name}_history", args=[row.pk]))


def told(error: ApiError) -> str:
    fields = [f"{name}: {' '.join(texts)}" for name, texts in (error.fields or {}).items()]
    return " ".join(fields) or error.message
