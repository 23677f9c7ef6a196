"""Django's admin, made from the same declarations as the API: every registered ObjectType has its pages here.

What staff may see and do is what the API would let them: `ObjectType.may`, `rows`, `fields`, `validate`; the account
is the active tenant's. Here are only the pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSplitDateTimeWidget, UnfoldAdminTextareaWidget

from crud.declare.fields import Field, Kind
from crud.declare.indexes import title_field
from crud.declare.object_type import ObjectType, registry
from crud.read.search.compiler import words_condition
from crud.staff.base import StaffAdmin, principal_of
from crud.staff.code_input import CodeInput
from crud.staff.exchange import ExchangeMixin
from crud.staff.family import PREFIX, children_html, parent_filters
from crud.staff.forms import JsonText, LocalMoment, LongText, ObjectForm, ShortText, secret_inputs
from crud.staff.past import PastMixin
from crud.staff.stale_form import SEEN
from kernel.database_errors import translate
from kernel.errors import TooLarge
from kernel.ids import is_id
from kernel.model_fields import LookupField
from kernel.request_context import caller_of

STANDING = ("enable", "hide", "priority", "sort", "group", "notes")
STATES = {"in use": "success", "hidden": "warning", "disabled": "danger"}
KEPT = ("public_id", "created_on", "updated_on")
MAX_COLUMNS = 4
MAX_SELECTED = 1_000
NAMED_BLOCKERS = 10


class ObjectAdmin(ExchangeMixin, PastMixin, StaffAdmin):
    """The pages of one object type. Register a model with it, or with a subclass, and nothing else is needed."""

    form = ObjectForm
    search_fields = ["id_random__exact"]
    search_help_text = "Search ids and texts"
    actions = [
        *("enable_selected", "disable_selected", "hide_selected", "show_selected"),
        *("export_xlsx", "export_csv"),
    ]
    formfield_overrides: ClassVar[Any] = {
        models.CharField: {"form_class": ShortText},
        models.DateTimeField: {"form_class": LocalMoment, "widget": UnfoldAdminSplitDateTimeWidget},
        models.TextField: {"form_class": LongText, "widget": UnfoldAdminTextareaWidget},
        models.JSONField: {"form_class": JsonText, "widget": UnfoldAdminTextareaWidget(attrs={"spellcheck": "false"})},
    }

    def __init__(self, model: Any, admin_site: admin.AdminSite) -> None:
        self.object_type = registry[model._meta.db_table]
        self.title_column = _title_column(self.object_type)
        self.has_account = any(field.name == "account" for field in model._meta.concrete_fields)
        self.references = [
            spec.model_field.name
            for spec in self.object_type.fields.values()
            if spec.refers_to in registry and spec.name != "account_id"
        ]
        super().__init__(model, admin_site)

    # --- who may

    def may(self, request: HttpRequest, verb: str) -> bool:
        principal = principal_of(request)
        return principal is not None and self.object_type.may(verb, principal)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "read")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "read")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "create")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "read") and self.may(request, "update")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "read") and self.may(request, "hard_delete")

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = self.object_type.rows(caller_of(request).access)
        return rows.order_by(*self.get_ordering(request))

    # --- the list

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """The row of that id, or what the API's `q` finds."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if is_id(term) and (row := queryset.filter(id_random=term)).exists():
            return row, False
        return queryset.filter(words_condition(self.object_type, term)), False

    def get_ordering(self, request: HttpRequest) -> Any:
        """Of all accounts the newest first: no index holds the rows of all by their last change. What belongs to one
        parent is a programme, where it has a start."""
        if self._spans_accounts(request):
            return ["-id"]
        by_start = "start_datetime" in self.object_type.sorted_by
        if by_start and any(request.GET.get(f"{PREFIX}{relation}") for relation in self.object_type.parents):
            return ["start_datetime"]
        return ["-updated_on"]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns = [spec.model_field.name for spec in self._columns(request)]
        code = ["code"] if "code" in columns else []
        columns = [name for name in columns if name not in code][:MAX_COLUMNS]
        owner = ["account"] if self._spans_accounts(request) else []
        return [self.title_column, *code, "public_id", *owner, *columns, "state", "updated_on"]

    def get_list_select_related(self, request: HttpRequest) -> list[str]:
        return []  # see get_changelist_instance

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The rows of a page first, then what they refer to: in one statement with them, MariaDB may begin at the
        parents, and sort all their rows for one page."""
        changes = super().get_changelist_instance(request)
        shown = [name for name in ("account", *self.references) if name in changes.list_display]
        changes.result_list = changes.result_list.prefetch_related(*shown)
        return changes

    def narrowings(self, request: HttpRequest) -> list[str]:
        spans = ["choose one account in the filter"] if self._spans_accounts(request) else []
        parents = [self.object_type.related(name).label.lower() for name in self.object_type.parents]
        above = [f"open the list from the page of one {parent}" for parent in parents if parent != "account"]
        return [*spans, *above, "choose a range of dates in the filter"]

    def get_list_filter(self, request: HttpRequest) -> Any:
        own = [
            spec.model_field.name
            for spec in self._readable(request)
            if spec.kind in (Kind.BOOLEAN, Kind.DATETIME, Kind.DATE) or spec.model_field.choices
        ]
        first = ["enable", "hide", *(["account"] if self._spans_accounts(request) else [])]
        return [*first, *(name for name in own if name not in first), *parent_filters(self.object_type)]

    def _columns(self, request: HttpRequest) -> Iterator[Field]:
        """Parents, then what is dated, searched or chosen."""
        object_type = self.object_type
        specs = [spec for spec in self._readable(request) if spec.model_field.name not in (*STANDING, *KEPT)]
        yield from (spec for spec in specs if spec.model_field.name in object_type.parents)
        for spec in sorted(specs, key=lambda spec: spec.kind is not Kind.DATETIME):
            searched = spec.name in object_type.search_text and spec.kind in (Kind.TEXT, Kind.EXACT)
            short = searched and (spec.model_field.max_length or 1_000) < 400
            if spec.name != self._title() and (
                short or spec.kind in (Kind.BOOLEAN, Kind.DATETIME) or spec.model_field.choices
            ):
                yield spec

    def _title(self) -> str:
        return title_field(self.model) or ""

    def _readable(self, request: HttpRequest) -> Iterator[Field]:
        """The fields whose values this principal may see: own ones, and references to types that it may read."""
        principal = caller_of(request)
        for spec in self.object_type.fields.values():
            related = registry.get(spec.refers_to or "")
            open_to_it = spec.kind is not Kind.REFERENCE or (related is not None and related.may("read", principal))
            if spec.name not in ("id", "account_id") and spec.readable(principal.access) and open_to_it:
                yield spec

    def _spans_accounts(self, request: HttpRequest) -> bool:
        return self.has_account and caller_of(request).account_id is None

    @admin.display(description="id", ordering="id_random")
    def public_id(self, row: Any) -> str:
        public_id: str = row.id_random
        return public_id

    @display(description="state", ordering="enable", label=STATES)  # type: ignore[untyped-decorator]
    def state(self, row: Any) -> str:
        if not row.enable:
            return "disabled"
        return "hidden" if row.hide else "in use"

    @admin.display(description="objects")
    def below(self, row: Any) -> str:
        html: str = row.children_html
        return html

    @admin.action(description="Enable selected %(verbose_name_plural)s", permissions=["change"])
    def enable_selected(self, request: HttpRequest, queryset: Any) -> None:
        self._set_selected(request, queryset, enable=True)

    @admin.action(description="Disable selected %(verbose_name_plural)s", permissions=["change"])
    def disable_selected(self, request: HttpRequest, queryset: Any) -> None:
        self._set_selected(request, queryset, enable=False)

    @admin.action(description="Hide selected %(verbose_name_plural)s", permissions=["change"])
    def hide_selected(self, request: HttpRequest, queryset: Any) -> None:
        self._set_selected(request, queryset, hide=True)

    @admin.action(description="Show selected %(verbose_name_plural)s", permissions=["change"])
    def show_selected(self, request: HttpRequest, queryset: Any) -> None:
        self._set_selected(request, queryset, hide=False)

    def _set_selected(self, request: HttpRequest, queryset: Any, **values: bool) -> None:
        _refuse_too_many(queryset)
        changed = 0
        for row in queryset:
            for name, value in values.items():
                setattr(row, name, value)
            if row.changes():
                self.object_type.validate(row, caller_of(request))
                row.save()
                changed += 1
        self.message_user(request, f"Changed: {changed}.", messages.SUCCESS)

    # --- the form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return []
        owner = ["account"] if self._spans_accounts(request) else []
        return [*owner, *(spec.model_field.name for spec in self._shown_only(request, obj)), *KEPT, "below"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        names = ["account"] if self._spans_accounts(request) else []
        shown = {spec.name for spec in self._shown_only(request, obj)} if obj is not None else set()
        written = {spec.name for spec in self._written(request, obj)}
        for spec in self.object_type.fields.values():
            if spec.kind.write_only and spec.name in written:
                names += secret_inputs(spec, obj)
            elif spec.name in shown | written:
                names.append(spec.model_field.name)
        standing = [name for name in names if name in STANDING]
        sets = [
            (None, {"fields": [name for name in names if name not in STANDING]}),
            ("Standing", {"fields": standing}),
        ]
        if obj is None:
            return sets
        if not hasattr(obj, "children_html"):  # asked for more than once a page
            obj.children_html = children_html(self.object_type, obj, caller_of(request))
        family = [("Belongs to it", {"fields": ["below"]})] if obj.children_html else []
        seen = [SEEN] if self.has_change_permission(request, obj) else []
        return [*sets, *family, ("Record", {"fields": [*KEPT, *seen]})]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        declared: dict[str, Any] = {
            "object_type": self.object_type,
            "principal": caller_of(request),
            "refusal": getattr(request, "refusal", None),
        }
        if obj is None and self._spans_accounts(request):
            declared["account"] = self._account_choice(request)
        written = list(self._written(request, obj))
        for spec in written:
            if spec.kind.write_only:
                declared |= secret_inputs(spec, obj)
        kwargs["fields"] = [spec.model_field.name for spec in written if not spec.kind.write_only]
        kwargs["form"] = type(self.form.__name__, (self.form,), declared)
        return super().get_form(request, obj, change, **kwargs)

    def _written(self, request: HttpRequest, obj: Any) -> Iterator[Field]:
        """The fields with an input."""
        allowed = self.has_add_permission(request) if obj is None else self.has_change_permission(request, obj)
        if not allowed:
            return
        principal = caller_of(request)
        readable = {spec.name for spec in self._readable(request)}
        for spec in self.object_type.fields.values():
            visible = spec.kind.write_only or spec.name in readable
            if visible and spec.writable(principal) and spec.model_field.editable:
                yield spec

    def _shown_only(self, request: HttpRequest, obj: Any) -> Iterator[Field]:
        """The fields without one."""
        written = {spec.name for spec in self._written(request, obj)}
        for spec in self._readable(request):
            if spec.name not in written and spec.model_field.name not in KEPT:
                yield spec

    def _account_choice(self, request: HttpRequest) -> forms.Field:
        model_field = self.model._meta.get_field("account")
        return forms.ModelChoiceField(
            queryset=registry["account"].rows(caller_of(request).access),
            widget=AutocompleteSelect(model_field, self.admin_site),
            required=not model_field.null,
        )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(formfield, LongText) and db_field.null:
            formfield.empty_value = None
        if isinstance(db_field, LookupField) and formfield is not None:
            formfield.widget = CodeInput(db_field.lookup)
        if isinstance(formfield, LocalMoment):
            formfield.help_text = f"{formfield.help_text} Time zone: {timezone.get_current_timezone_name()}.".strip()
        return formfield

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        return self.references

    def get_field_queryset(self, db: Any, db_field: Any, request: HttpRequest) -> Any:
        related = registry.get(db_field.related_model._meta.db_table)
        return related.rows(caller_of(request).access) if related else None

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and form.theirs:
            labels = ", ".join(str(form[name].label) for name in form.theirs)
            self.message_user(request, f"Changed by somebody else meanwhile, and kept: {labels}.", messages.WARNING)

    def answer_failure(self, request: HttpRequest, error: Exception, view: Callable[[], Any]) -> Any:
        """A name that another account has taken, say: it comes back as an error of the form."""
        refusal = translate(error, self.model)
        if refusal is None or refusal.http_status >= 500 or request.method != "POST":
            raise error
        request.refusal = refusal  # type: ignore[attr-defined]
        return view()

    # --- deleting

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Like Django's, but held to what this principal may read, and without loading all that stands in the way."""
        _refuse_too_many(objs)
        rows = list(objs)
        blockers: list[str] = []
        counts = {str(self.opts.verbose_name_plural): len(rows)}
        for relation in self.opts.get_fields(include_hidden=True):
            if not isinstance(relation, models.ManyToOneRel):
                continue
            related = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": rows})
            if relation.on_delete is models.CASCADE:
                counts[str(relation.related_model._meta.verbose_name_plural)] = related.count()
            else:
                blockers += self._named(request, related)
        allowed = all(self.has_delete_permission(request, row) for row in rows)
        names = [self._link(row) for row in rows]
        missing = set() if allowed else {str(self.opts.verbose_name)}
        return names, {name: count for name, count in counts.items() if count}, missing, blockers

    def _named(self, request: HttpRequest, related: Any) -> Iterator[str]:
        """Some of the rows that refer to those to be deleted; only their type, if they are not to be read."""
        object_type = registry.get(related.model._meta.db_table)
        principal = caller_of(request)
        keys = list(related.values_list("pk", flat=True)[: NAMED_BLOCKERS + 1])
        visible = {}
        if object_type is not None and object_type.may("read", principal):
            visible = object_type.rows(principal.access).in_bulk(keys[:NAMED_BLOCKERS])
        for key in keys[:NAMED_BLOCKERS]:
            kind = str(capfirst(related.model._meta.verbose_name))
            yield self._link(visible[key]) if key in visible else kind
        if len(keys) > NAMED_BLOCKERS:
            yield f"… and more {related.model._meta.verbose_name_plural}"

    def _link(self, row: Any) -> str:
        opts = row._meta
        address = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=(quote(row.pk),))
        return format_html('{}: <a href="{}">{}</a>', capfirst(opts.verbose_name), address, row)


def _title_column(object_type: ObjectType) -> Callable[[Any], str]:
    name = title_field(object_type.model)

    @admin.display(description=object_type.label, ordering=name)
    def title(row: Any) -> str:
        return str(row)

    return title


def _refuse_too_many(rows: Any) -> None:
    count = rows.order_by()[: MAX_SELECTED + 1].count() if isinstance(rows, models.QuerySet) else len(rows)
    if count > MAX_SELECTED:
        raise TooLarge(f"Choose at most {MAX_SELECTED} at once.")
