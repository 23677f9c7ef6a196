"""What a request of one account reads is in proportion to its own page, however many rows the other accounts have.

Counted by MariaDB (Handler_read…), as its estimates of tables decide how it goes through them: with the rows of
others it may find the primary key the shorter way to a sorted page, and walk through everybody's rows. SQLite tells how
it would go through a table (EXPLAIN QUERY PLAN).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import CharField, Model, TextField, UniqueConstraint
from django.test.utils import CaptureQueriesContext

from crud.declare.indexes import sort_indexed
from crud.declare.object_type import ObjectType, registry
from crud.read import account_size
from tenancy.context import tenant
from tests.contract.conftest import TYPES, Stage, Watched
from tests.contract.factory import World
from tests.crud.staff.pages import Staff, url

CROWD = 3_000
"""Rows of every type that another account has beside the few of the one that asks."""
ENOUGH = 400
"""Rows read for an answer of at most a handful of them, joins and counts of children included."""
COUNTED_IN_ALL = 3 * (CROWD + 10)
"""Keys that are counted beneath a list of all accounts' rows; no more than 10,000."""
ON_MARIADB = pytest.mark.skipif(connection.vendor != "mysql", reason="only MariaDB counts what it reads")


def multiply(row: Model, times: int) -> None:
    """Copies of a row by one statement, unlike each other only where a unique index wants it."""
    options = row._meta
    unique = {field.name for field in options.concrete_fields if field.unique}
    for constraint in options.constraints:
        if isinstance(constraint, UniqueConstraint) and not unique & set(constraint.fields):
            names = [name for name in constraint.fields if name != "account"]
            unique.add(next((n for n in names if isinstance(options.get_field(n), CharField | TextField)), names[-1]))
    columns, values = [], []
    for field in options.concrete_fields:
        if field.primary_key:
            continue
        column = connection.ops.quote_name(field.column)
        columns.append(column)
        if field.name not in unique:
            values.append(column)
        elif isinstance(field, CharField | TextField):
            # From another row of the same type, which has copies too, it differs by this row's own id.
            values.append(f"CONCAT('{row.pk % 1_000}x', seq)")
        else:
            values.append(f"{row.pk * 1_000_000} + seq")
    table = connection.ops.quote_name(options.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) "
            f"SELECT {', '.join(values)} FROM {table} JOIN seq_1_to_{times} WHERE id = {row.pk}"
        )


@pytest.fixture(scope="module")
def crowded(_stage_of_module: Stage) -> Stage:
    """South has thousands of everything, and North came early and late: its rows lie on both sides of them."""
    stage = _stage_of_module
    with connection.cursor() as cursor:
        cursor.execute("SET foreign_key_checks = 0, unique_checks = 0")
    for name in TYPES:
        if name != "account":
            multiply(stage.south.rows[name], CROWD)
    with connection.cursor() as cursor:
        cursor.execute("SET foreign_key_checks = 1, unique_checks = 1")
    for name in TYPES:
        if name != "account":
            stage.north.make(name)
    return stage


@pytest.fixture
def caller(crowded: Stage, stage: Stage) -> Watched:
    caller = crowded.caller("manager")
    assert caller.get("/v3/auth/whoami").status == 200  # what authentication remembers is remembered from here on
    return caller


def rows_read() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
        return sum(int(number) for _, number in cursor.fetchall())


def routes(object_type: ObjectType, north: World) -> Iterator[tuple[str, str, Any]]:
    base = f"/v3/crud/{object_type.name}"
    own = north.id(object_type.name)
    yield "GET", f"{base}/", None
    yield "GET", f"{base}/?limit=1", None
    yield "GET", f"{base}/?enabled=all&hidden=all", None
    yield "GET", f"{base}/?view=enriched", None
    yield "GET", f"{base}/?inc_total=true", None
    yield "GET", f"{base}/?offset=1001", None
    yield "GET", f"{base}/?order_by=-updated_on", None
    yield "GET", f"{base}/?order_by=created_on&limit=1", None
    yield "GET", f"{base}/{own}", None
    yield "GET", f"{base}/{own}?view=enriched", None
    yield "GET", f"{base}/{own}/history", None
    yield "POST", f"{base}/search", {"and": [{"field": "id", "op": "eq", "value": own}]}
    yield "POST", f"{base}/search", {"and": [{"field": "group", "op": "contains", "value": "nothing"}]}
    for name, field in object_type.fields.items():
        if sort_indexed(object_type, field):
            yield "GET", f"{base}/?order_by={name}&limit=1", None
    if object_type.search_text:
        yield "POST", f"{base}/search", {"q": "north"}
    for relation in object_type.parents:
        parent = object_type.related(relation)
        with tenant(north.party.account.pk):
            above = getattr(north.rows[object_type.name], relation)
        if above is not None:
            yield "GET", f"/v3/crud/{parent.name}/{above.id_random}/{object_type.name}/", None
            yield "GET", f"{base}/?for_obj_type={parent.name}&for_obj_id={above.id_random}", None
            yield "GET", f"/v3/crud/{parent.name}/{above.id_random}?view=enriched", None
            yield "GET", f"/v3/crud/{parent.name}/?view=enriched", None


@ON_MARIADB
@pytest.mark.parametrize("type_name", TYPES)
def test_an_account_pays_for_its_own_rows_only(
    type_name: str, crowded: Stage, caller: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_size, "LARGE", CROWD // 2)
    account_size.forget_sizes()
    dear = []
    for method, path, body in routes(registry[type_name], crowded.north):
        before = rows_read()
        answer = caller(method, path, body)
        read = rows_read() - before
        assert answer.status == 200, (path, answer.body)
        if read > ENOUGH:
            dear.append(f"{method} {path}: {read} rows")
    assert not dear, "\n".join(dear)


@ON_MARIADB
def test_the_admin_pays_for_a_page(crowded: Stage) -> None:
    """For staff of one account, and for a super user, whose lists hold everybody's rows."""
    dear = []
    for role, most in (("manager", ENOUGH), ("super", COUNTED_IN_ALL)):
        person = Staff(crowded.users[role]).sign_in()
        for type_name in TYPES:
            before = rows_read()
            answer = person.get(url(type_name))
            read = rows_read() - before
            if answer.status_code == 200 and read > most + ENOUGH:
                dear.append(f"{role} {type_name}: {read} rows")
    assert not dear, "\n".join(dear)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own words")
@pytest.mark.parametrize("type_name", TYPES)
def test_sqlite_goes_by_an_index_of_the_account(type_name: str, stage: Stage) -> None:
    """No statement of a list or search goes through a whole table, and no indexed order is sorted."""
    caller, wrong = stage.caller("manager"), []
    for method, path, body in routes(registry[type_name], stage.north):
        with CaptureQueriesContext(connection) as queries:
            assert caller(method, path, body).status == 200, path
        for sql in (query["sql"] for query in queries if query["sql"].startswith("SELECT")):
            steps = explained(sql)
            wrong += [f"{path}: {step}" for step in steps if re.match(r"SCAN (?!counted|\(subquery)", step)]
            if "order_by=" in path and "/search" not in path:
                wrong += [f"{path}: {step}" for step in steps if "TEMP B-TREE FOR ORDER BY" in step]
    assert not wrong, "\n".join(dict.fromkeys(wrong))


def explained(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql.replace('%', '%%')}", [])
        return [row[3] for row in cursor.fetchall()]
