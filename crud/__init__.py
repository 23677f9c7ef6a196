"""The engine for object types. It knows no domain: types are declared beside their models.

This is its face: what apps may import. Besides it they may import `crud.declare` and `crud.models` (to declare types),
`crud.staff` (pages of the admin to inherit from) and `crud.describe.openapi` (to describe routes of their own); nothing
deeper. import-linter holds it. Names are loaded when they are first asked for, as Django imports this package before
there are models.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crud.background.rounds import worker_looks_round as worker_looks_round
    from crud.background.task import SingleTask as SingleTask
    from crud.background.task import Task as Task
    from crud.background.task import TenantTask as TenantTask
    from crud.background.task_queue import tasks_waiting as tasks_waiting
    from crud.declare.object_type import ObjectType as ObjectType
    from crud.declare.object_type import register as register
    from crud.declare.object_type import registry as registry
    from crud.describe.discovery import ID_SCHEMA as ID_SCHEMA
    from crud.describe.discovery import VALUE_SCHEMAS as VALUE_SCHEMAS
    from crud.describe.discovery import nullable_schema as nullable_schema
    from crud.history import Change as Change
    from crud.history import objects_changed as objects_changed
    from crud.history import personal_values_hidden as personal_values_hidden
    from crud.history import recorded as recorded
    from crud.publication import mark_published as mark_published
    from crud.publication import publish_within_process as publish_within_process
    from crud.publication import unpublished_entries as unpublished_entries
    from crud.read.account_query import AccountQuery as AccountQuery
    from crud.read.account_query import instance as instance
    from crud.read.page import read_one as read_one
    from crud.read.page import way_up as way_up
    from crud.read.parameters import Parameters as Parameters
    from crud.read.read_plan import Read as Read
    from crud.read.read_plan import by_keys as by_keys
    from crud.read.read_plan import plan as plan
    from crud.read.resolve import ANOTHER_ACCOUNTS as ANOTHER_ACCOUNTS
    from crud.read.resolve import key_of as key_of
    from crud.read.resolve import missing as missing
    from crud.read.resolve import resolve as resolve
    from crud.read.resolve import resolve_reference as resolve_reference
    from crud.read.search.compiler import padded_length as padded_length
    from crud.read.search.grammar import MAX_Q_LENGTH as MAX_Q_LENGTH
    from crud.rest.requests import ApiRequest as ApiRequest
    from crud.rest.responses import ApiResponse as ApiResponse
    from crud.rest.routers import FoundRoute as FoundRoute
    from crud.rest.routers import ObjectResolver as ObjectResolver
    from crud.rest.to_bytes import leads_to_bytes as leads_to_bytes
    from crud.rest.urls import route as route
    from crud.rest.views import ApiView as ApiView
    from crud.rest.views import OpenView as OpenView
    from crud.rest.viewsets import ObjectViewSet as ObjectViewSet
    from crud.tables.export import WRITERS as WRITERS
    from crud.tables.export import Table as Table
    from crud.tables.export import as_now as as_now
    from crud.tables.export import client_gone as client_gone
    from crud.tables.export import file_response as file_response
    from crud.tables.importing.cell_values import quoted as quoted
    from crud.tables.importing.columns import LEAVE_OUT as LEAVE_OUT
    from crud.tables.importing.plan import ImportOutcome as ImportOutcome
    from crud.tables.importing.plan import ImportPlan as ImportPlan
    from crud.tables.importing.plan import plan_import as plan_import
    from crud.tables.importing.problems import ImportRefused as ImportRefused
    from crud.tables.importing.problems import RowError as RowError
    from crud.tables.importing.problems import rows_with as rows_with
    from crud.tasks import delete_in_parts as delete_in_parts
    from crud.write.idempotency import KEPT as KEPT
    from crud.write.idempotency import answer_once as answer_once
    from crud.write.payload import PayloadReader as PayloadReader
    from crud.write.row_writer import METHODS as METHODS
    from crud.write.row_writer import RowWriter as RowWriter
    from crud.write.writer import Writer as Writer

FACE = {
    "crud.background.rounds": ("worker_looks_round",),
    "crud.background.task": ("SingleTask", "Task", "TenantTask"),
    "crud.background.task_queue": ("tasks_waiting",),
    "crud.declare.object_type": ("ObjectType", "register", "registry"),
    "crud.describe.discovery": ("ID_SCHEMA", "VALUE_SCHEMAS", "nullable_schema"),
    "crud.history": ("Change", "objects_changed", "personal_values_hidden", "recorded"),
    "crud.publication": ("mark_published", "publish_within_process", "unpublished_entries"),
    "crud.read.account_query": ("AccountQuery", "instance"),
    "crud.read.page": ("read_one", "way_up"),
    "crud.read.parameters": ("Parameters",),
    "crud.read.read_plan": ("Read", "by_keys", "plan"),
    "crud.read.resolve": ("ANOTHER_ACCOUNTS", "key_of", "missing", "resolve", "resolve_reference"),
    "crud.read.search.compiler": ("padded_length",),
    "crud.read.search.grammar": ("MAX_Q_LENGTH",),
    "crud.rest.requests": ("ApiRequest",),
    "crud.rest.responses": ("ApiResponse",),
    "crud.rest.routers": ("FoundRoute", "ObjectResolver"),
    "crud.rest.to_bytes": ("leads_to_bytes",),
    "crud.rest.urls": ("route",),
    "crud.rest.views": ("ApiView", "OpenView"),
    "crud.rest.viewsets": ("ObjectViewSet",),
    "crud.tables.export": ("WRITERS", "Table", "as_now", "client_gone", "file_response"),
    "crud.tables.importing.cell_values": ("quoted",),
    "crud.tables.importing.columns": ("LEAVE_OUT",),
    "crud.tables.importing.plan": ("ImportPlan", "ImportOutcome", "plan_import"),
    "crud.tables.importing.problems": ("ImportRefused", "RowError", "rows_with"),
    "crud.tasks": ("delete_in_parts",),
    "crud.write.idempotency": ("KEPT", "answer_once"),
    "crud.write.payload": ("PayloadReader",),
    "crud.write.row_writer": ("METHODS", "RowWriter"),
    "crud.write.writer": ("Writer",),
}
"""Module → the names that apps take from it."""

_MODULES = {name: module for module, names in FACE.items() for name in names}


def __getattr__(name: str) -> Any:
    if (module := _MODULES.get(name)) is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(module), name)
    return value
