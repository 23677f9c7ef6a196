"""How a model says what the API shows of it: an ObjectType beside the model, as ModelAdmin is for the admin."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import Q

from crud.declare.fields import Field, fields_of
from crud.declare.indexes import add_sort_indexes
from crud.declare.rules import Mask, RowRule, Scope
from tenancy.principal import Access, Principal, Role

VERBS = ("read", "create", "update", "delete", "hard_delete")
BASE_PUBLIC = ("id", "account_id", "enable", "hide", "priority", "sort", "group", "created_on", "updated_on")


class ObjectType:
    """One object type of `/v3/crud`. Lists and tables, and few methods: `rows` (with `was_readable`) and `validate`."""

    model: ClassVar[Any]

    parents: ClassVar[list[str]] = []
    """Foreign keys of the model, by name, under which it is served: `event` → /v3/crud/event/{id}/<this>/."""
    alias: ClassVar[str] = ""
    """Its name under a parent: `session` for event_session."""
    title: ClassVar[str] = ""
    viewset: ClassVar[str] = ""
    """Its own subclass of ObjectViewSet, where it has verbs of its own: "events.viewsets.VenueViewSet"."""

    guests: ClassVar[bool] = False
    """Whether guests may read enabled, not hidden rows."""
    public: ClassVar[list[str]] = []
    """The fields that guests read (here, or through a relation in a view); the base columns come with them."""
    guest_lookup: ClassVar[str] = ""
    """Where set, guests find rows by one exact value of this field only, so that they can't list them."""
    public_branches: ClassVar[list[str]] = []
    """JSON fields, listed in `public` too, of which guests read the branch `public` alone: {"public": …}."""
    public_parents: ClassVar[list[str]] = []
    """Foreign keys whose row must be readable by guests too."""

    row_rules: ClassVar[list[RowRule]] = []
    """Rows that are not there for principals below some role."""
    masks: ClassVar[list[Mask]] = []
    """Fields of related rows that are blank when they are read through this type."""

    scopes: ClassVar[dict[str, Scope]] = {}
    """Role without a user (`exhibitor`, `device`) → what of the type is open to it."""

    versions_by: ClassVar[str] = ""
    """A boolean of the type, where several rows are versions of one thing: true of the current one. Lists, searches,
    exports, children and counts hold the current ones, unless `versions=all` is asked; by its id each is read."""

    generic_references: ClassVar[list[tuple[str, str]]] = []
    """Pairs of fields (type, public id) that together name an object of any type: ("link_to_type", "link_to_id")."""

    restricted: ClassVar[dict[str, str]] = {}
    """Field → the least role that reads or writes it."""
    own_only: ClassVar[list[str]] = []
    """Fields that are read of the object itself only, never through a relation to it."""
    read_only: ClassVar[list[str]] = []
    roles: ClassVar[dict[str, str]] = {}
    """Verb → least role. Missing ones: read `user`; create, update `administrator`; delete as update;
    hard_delete `administrator`, or as delete if that is more."""

    personal: ClassVar[list[str]] = []
    """The fields that say who or how somebody is, as reads name them: `erase_person` blanks them, in history too."""
    same_person: ClassVar[list[str]] = []
    """Foreign keys to rows about the same person: who is erased in one of them is in all."""

    search_text: ClassVar[list[str]] = []
    """The fields that `q` looks in."""
    sorted_by: ClassVar[list[str]] = []
    """The fields that people sort by besides the title: each has an index, made by `makemigrations` from here."""
    views: ClassVar[dict[str, list[str]]] = {}
    """View → `relation.field` added to the own columns: {"enriched": ["event.name"]}."""
    bytes_at: ClassVar[str] = ""
    """Where the bytes are of the file that an object stands for, with {id}; a browser that navigates is sent there."""
    flattened: ClassVar[list[str]] = []
    """Fields that `inc_<this>=true` repeats beside the nested object, as `<this>_<field>`, numbers as texts."""
    counts: ClassVar[list[str]] = []
    """Child types that the enriched view counts, as `<child>_count`."""

    def rows(self, access: Access) -> Any:
        """The rows that such a principal may read. Narrow it; never widen it."""
        rows = self.model.objects.all()
        for rule in self.rules_for(access):
            rows = rows.filter(**rule.only)
        if scope := self.scope_of(access):
            return rows.filter(scope.only(access))
        if not access.public_only:
            return rows
        if access.role < Role.GUEST:
            return rows.none()
        # In an account, authentication has seen that it is enabled.
        enabled = Q(account__enable=True) if self.guests and access.every_account else Q()
        return rows.filter(self.public_condition(), enabled)

    def was_readable(self, access: Access, state: dict[str, Any]) -> bool:
        """Whether such a principal could read a row that had these flags and references, its public parents and
        `row_rules` aside: asked of rows that are gone, or no longer what they were. Overridden wherever `rows` is; when
        in doubt, no."""
        if scope := self.scope_of(access):
            return scope.was(access, state)
        if access.role < Role.GUEST:
            return False
        return not access.public_only or (self.guests and bool(state["enable"]) and not state["hide"])

    def validate(self, row: Any, principal: Principal) -> None:
        """Last look at a row before it is written. Raise django's ValidationError to refuse it."""

    def already(self, row: Any) -> Any:
        """The row that holds already what a create would write again, changed to what else the new one says; None in
        most cases. The answer is that row then, with 200. Called in the transaction that would write."""
        return None

    def warnings(self, row: Any, changed: frozenset[str] | None) -> Iterable[str]:
        """What the writer of a row should know, though it is no error: sentences for `meta.warnings`. Asked after the
        row was saved; `changed`: its columns that were, None if it is new."""
        return ()

    # From here on: derived from the above.

    @cached_property
    def name(self) -> str:
        name: str = self.model._meta.db_table
        return name

    @cached_property
    def label(self) -> str:
        return self.title or self.name.replace("_", " ").capitalize()

    @cached_property
    def fields(self) -> dict[str, Field]:
        return fields_of(self)

    @cached_property
    def public_fields(self) -> frozenset[str]:
        return frozenset([*self.public, *BASE_PUBLIC]) if self.public else frozenset()

    @cached_property
    def default_rows(self) -> bool:
        return type(self).rows is ObjectType.rows

    def rules_for(self, access: Access) -> list[RowRule]:
        return [rule for rule in self.row_rules if rule.holds_for(access)]

    def scope_of(self, access: Access) -> Scope | None:
        return self.scopes.get(access.role.label) if self.scopes and access.role < Role.USER else None

    def public_only(self, access: Access) -> bool:
        """Whether such a principal reads of this type what guests read."""
        return access.public_only and self.scope_of(access) is None

    def narrowed(self, access: Access) -> bool:
        """Whether such a principal reads fewer rows than flags and public parents leave."""
        return not self.default_rows or bool(self.rules_for(access)) or self.scope_of(access) is not None

    def mask_of(self, relation: str, field_name: str, access: Access) -> Mask | None:
        return next((m for m in self.masks if m.relation == relation and m.covers(field_name, access)), None)

    def public_condition(self, prefix: str = "") -> Q:
        """What makes a row readable by guests, seen from `prefix` (a relation path ending in __)."""
        if not self.guests:
            return Q(pk__in=[])
        condition = Q(**{f"{prefix}enable": True, f"{prefix}hide": False})
        for parent in self.public_parents:
            condition &= self.related(parent).public_condition(f"{prefix}{parent}__")
        return condition

    def related(self, relation: str) -> ObjectType:
        """The type that a foreign key leads to."""
        return registry[self.model._meta.get_field(relation).related_model._meta.db_table]

    def least_role(self, verb: str) -> Role:
        if verb in self.roles:
            return Role.named(self.roles[verb])
        match verb:
            case "read":
                return Role.USER
            case "delete":
                return self.least_role("update")
            case "hard_delete":
                return max(Role.ADMINISTRATOR, self.least_role("delete"))
            case _:
                return Role.ADMINISTRATOR

    def restricted_role(self, field_name: str) -> Role:
        return Role.named(self.restricted.get(field_name, "guest"))

    def readable_by(self, access: Access) -> bool:
        """Whether the type itself is open to such a principal (its rows may still be few)."""
        if self.scope_of(access):
            return True
        if access.public_only:
            return self.guests and access.role >= Role.GUEST
        return access.role >= self.least_role("read")

    def may(self, verb: str, principal: Principal) -> bool:
        if verb == "read":
            return self.readable_by(principal.access)
        if principal.is_guest or principal.read_only:
            return False
        if scope := self.scope_of(principal.access):
            return bool(scope.writes if verb == "update" else scope.delete_methods if verb == "delete" else ())
        return principal.may(self.least_role(verb))


registry: dict[str, ObjectType] = {}
"""Object types by name. Filled while Django loads the models; closed to doubles."""


def register(declaration: type[ObjectType]) -> type[ObjectType]:
    object_type = declaration()
    if object_type.name in registry:
        raise ValueError(f"object type {object_type.name!r} is declared twice")
    registry[object_type.name] = object_type
    object_type.model.search_text = list(object_type.search_text)
    add_sort_indexes(object_type)
    return declaration


def children_of(parent: ObjectType) -> dict[str, tuple[ObjectType, str]]:
    """Name or alias in a path → (child type, the child's foreign key to this parent)."""
    children: dict[str, tuple[ObjectType, str]] = {}
    for child in registry.values():
        for relation in child.parents:
            if child.related(relation) is parent:
                for name in filter(None, (child.name, child.alias)):
                    children.setdefault(name, (child, relation))
    return children
