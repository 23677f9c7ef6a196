"""What databases say → what clients read. MariaDB's codes, whichever database said it, and no word of its own."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.db.models import ProtectedError, RestrictedError

from accounts.models import SiteDomain
from content.models import Page
from crud.declare.object_type import registry
from kernel.database_errors import error_number, from_validation_error, is_lost, translate
from kernel.errors import ApiError, Invalid, NotFound
from tenancy.context import CrossTenantError, tenant
from tests.conftest import Party

WORDS = "secret value in table `page` of host db1"


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (IntegrityError(1062, f"Duplicate entry '{WORDS}' for key 'path'"), (400, "database_duplicate", 1062)),
        (IntegrityError("UNIQUE constraint failed: page.path"), (400, "database_duplicate", 1062)),
        (IntegrityError(1452, WORDS), (400, "database_constraint", 1452)),
        (IntegrityError(1216, WORDS), (400, "database_constraint", 1452)),
        (IntegrityError("FOREIGN KEY constraint failed"), (400, "database_constraint", 1452)),
        (IntegrityError(1451, WORDS), (400, "database_constraint", 1451)),
        (IntegrityError(1217, WORDS), (400, "database_constraint", 1451)),
        (ProtectedError(WORDS, set()), (400, "database_constraint", 1451)),
        (RestrictedError(WORDS, set()), (400, "database_constraint", 1451)),
        (CrossTenantError(WORDS), (400, "database_constraint", 1452)),
        (IntegrityError(1048, WORDS), (400, "validation", 400)),
        (IntegrityError("NOT NULL constraint failed: page.name"), (400, "validation", 400)),
        (IntegrityError(4025, WORDS), (400, "validation", 400)),
        (IntegrityError("CHECK constraint failed: x"), (400, "validation", 400)),
        (DataError(1406, WORDS), (400, "validation", 400)),
        (DataError(1264, WORDS), (400, "validation", 400)),
        (OperationalError(1366, WORDS), (400, "validation", 400)),
        (OperationalError(1292, WORDS), (400, "validation", 400)),
        (OperationalError(1153, WORDS), (400, "validation", 400)),
        (DataError(WORDS), (400, "validation", 400)),
        (OperationalError(2002, WORDS), (503, "database_connection", 2002)),
        (OperationalError(2003, WORDS), (503, "database_connection", 2003)),
        (OperationalError(2006, WORDS), (503, "database_connection", 2006)),
        (OperationalError(2013, WORDS), (503, "database_connection", 2013)),
        (OperationalError(1040, WORDS), (503, "database_connection", 1040)),
        (OperationalError(1205, WORDS), (503, "database_connection", 1205)),
        (OperationalError(1213, WORDS), (503, "database_connection", 1213)),
        (OperationalError(1020, WORDS), (503, "database_connection", 1020)),
        (OperationalError(1047, WORDS), (503, "database_connection", 1047)),
        (OperationalError(1180, WORDS), (503, "database_connection", 1180)),
        (OperationalError(1317, WORDS), (503, "database_connection", 1317)),
        (OperationalError(1969, WORDS), (503, "database_connection", 1969)),
        (OperationalError(3024, WORDS), (503, "database_connection", 3024)),
        (OperationalError(1021, WORDS), (507, "storage", 507)),
        (OperationalError(1114, WORDS), (507, "storage", 507)),
        (InterfaceError("connection already closed"), (503, "database_connection", 2006)),
        (OperationalError("database is locked"), (503, "database_connection", 1205)),
        (OperationalError("database table is locked"), (503, "database_connection", 1205)),
        (OperationalError("unable to open database file"), (503, "database_connection", 2002)),
        (OperationalError("database or disk is full"), (507, "storage", 507)),
        (OperationalError("interrupted"), (503, "database_connection", 1969)),
        (ValidationError(WORDS), (400, "validation", 400)),
        (NotFound(), (404, "not_found", 404)),
    ],
)
def test_translations(error: Exception, answer: tuple[int, str, int]) -> None:
    found = translate(error)
    assert found is not None
    assert (found.http_status, found.category, found.code) == answer
    assert WORDS not in str(found.details()) or isinstance(error, ValidationError)
    assert found.recoverable == (found.category in ("database_connection", "storage"))


@pytest.mark.parametrize(
    "error",
    [
        OperationalError(1064, WORDS),
        OperationalError("no such column: x"),
        DatabaseError(WORDS),
        KeyError("x"),
        OSError(),
    ],
)
def test_a_defect_is_not_excused(error: Exception) -> None:
    assert translate(error) is None


def test_which_connections_are_lost() -> None:
    assert is_lost(OperationalError(2006, "x"))
    assert is_lost(OperationalError(1047, "x"))
    assert is_lost(InterfaceError("x"))
    assert not is_lost(OperationalError(1213, "x"))
    assert not is_lost(IntegrityError(2006, "x"))
    assert error_number(OperationalError()) == 0


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("UNIQUE constraint failed: page.site_id, page.path", ["site_id", "path"]),
        ("UNIQUE constraint failed: page.id_random", ["id"]),
        ("UNIQUE constraint failed: index 'something'", []),
        ("Duplicate entry '5-/x' for key 'page_path_once_a_site'", ["site_id", "path"]),
        ("Duplicate entry '5-/x' for key 'page.page_path_once_a_site'", ["site_id", "path"]),
        ("Duplicate entry 'AAA' for key 'id_random'", ["id"]),
        ("Duplicate entry 'AAA' for key 'no_such_key'", []),
        ("Duplicate entry '5-a' for key 'id_random' for key 'page_path_once_a_site'", ["site_id", "path"]),
    ],
)
def test_a_double_names_the_fields_of_its_index_as_clients_know_them(text: str, fields: list[str]) -> None:
    error = IntegrityError(text) if text.startswith("UNIQUE") else IntegrityError(1062, text)
    found = translate(error, Page)
    assert found is not None
    assert sorted(found.fields or {}) == sorted(fields)
    assert found.code == 1062


def unique_columns(type_name: str) -> list[list[str]]:
    """The unique indexes of a type, in the names of its API."""
    model = registry[type_name].model
    single = [[field.attname] for field in model._meta.concrete_fields if field.unique and not field.primary_key]
    several = [[model._meta.get_field(name).attname for name in one.fields] for one in model._meta.constraints]
    return [sorted("id" if name == "id_random" else name for name in names) for names in [*single, *several]]


def test_unique_values_in_the_api_are_named(north: Party) -> None:
    """The very words of the database that serves."""
    assert {name: unique_columns(name) for name in sorted(registry) if unique_columns(name) != [["id"]]} == {
        "account": [["id"], ["code"]],
        "event_badge": [["id"], ["badge_token"], ["consent_token"]],  # which only the server gives
        "event_exhibit_tracking": [["id"], ["event_badge_id", "event_exhibit_id"]],
        "page": [["id"], ["path", "site_id"]],
        "site_domain": [["id"], ["fqdn"]],
        "user": [["id"], ["username"], ["email"]],
    }
    for values in ({"path": "/x' for key 'id_random"}, {"path": "/x"}):
        page = {"site_id": north.site.id_random, "name": "n"} | values
        north.administrator.create("page", **page)
        refused = north.administrator.post("/v3/crud/page/", page)
        assert refused.error == ("database_duplicate", 1062)
        assert sorted(refused.meta["details"]["fields"]) == ["path", "site_id"]
    refused = north.manager.post("/v3/crud/site_domain/", {"site_id": north.site.id_random, "fqdn": north.fqdn})
    assert list(refused.meta["details"]["fields"]) == ["fqdn"]


def raised(party: Party, work: Any) -> ApiError | None:
    with tenant(party.account.pk), pytest.raises(DatabaseError) as caught, transaction.atomic():
        work()
    return translate(caught.value, SiteDomain)


def test_what_this_database_really_says(north: Party) -> None:
    """Past every check of ours, straight at the database."""
    table = connection.ops.quote_name("site_domain")

    def sql(statement: str) -> Any:
        def work() -> None:
            with connection.cursor() as cursor:
                cursor.execute(statement)

        return work

    double = raised(north, lambda: SiteDomain(site=north.site, fqdn=north.fqdn).save())
    assert double is not None
    assert (double.code, list(double.fields or {})) == (1062, ["fqdn"])
    null = raised(north, sql(f"UPDATE {table} SET fqdn = NULL"))
    assert isinstance(null, Invalid)
    assert raised(north, sql(f"SELECT no_such_column FROM {table}")) is None
    assert raised(north, sql("SELEKT")) is None
    if connection.vendor == "mysql":
        long = raised(north, sql(f"UPDATE {table} SET fqdn = REPEAT('x', 300)"))
        assert isinstance(long, Invalid)
        assert raised(north, sql(f"UPDATE {table} SET site_id = 999999999")).code == 1452  # type: ignore[union-attr]
        assert raised(north, sql("DELETE FROM site")).code == 1451  # type: ignore[union-attr]
    else:
        assert connection.connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert isinstance(connection.connection, sqlite3.Connection)


def test_validation_errors_keep_their_fields() -> None:
    single = from_validation_error(ValidationError("Too odd."))
    assert (single.message, single.fields) == ("Too odd.", None)
    named = from_validation_error(ValidationError({"name": ["Too odd.", "Too long."], "sort": "Too big."}))
    assert (named.message, named.fields) == (
        "name: Too odd.",
        {"name": ["Too odd.", "Too long."], "sort": ["Too big."]},
    )
