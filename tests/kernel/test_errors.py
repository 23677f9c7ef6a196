"""The table of answers: requests, and the one answer that both databases give to each (contract section 1).

The suite runs on SQLite and on MariaDB against this one table, so it also shows that they agree.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from kernel import errors
from kernel.errors import ApiError, shorten
from tests.conftest import Answer, Caller, Party
from tests.crud.examples import Examples
from tests.crud.reading import statements

# who METHOD path [body]. $names stand for ids: see `world`. A body is JSON, sent as it stands.
TABLE: dict[str, list[str]] = {
    "200": [
        "member GET journal",
        "member GET journal/$journal",
        "member GET journal/$journal/entry",
        "member GET journal/$journal/journal_entry/$entry",
        "member GET journal_entry/?order_by=-start_datetime,name&limit=1&inc_total=true",
        "member GET journal_entry/?name__like=%25e%25&enabled=all&hidden=all",
        "member GET journal_entry/?for_obj_type=account&for_obj_id=$account",
        "member POST journal/search {}",
        'member POST journal/search {"q": "%"}',
        'member POST journal/search {"and": [], "q": "nothing like that"}',
        'member POST journal/search {"and": [{"field": "name", "op": "==", "value": "x"}]}',
        'member POST journal/search {"and": [{"field": "id", "op": "eq", "value": 5}]}',
        'member POST journal/search {"and": [{"field": "id", "op": "in", "value": [5, "$foreign"]}]}',
        'member POST journal/search {"and": [{"field": "person_id", "op": "eq", "value": null}]}',
        'member POST journal_entry/search {"and": [{"field": "journal.name", "op": "is_not_null"}]}',
        'member POST journal/search {"not": {"or": [{"field": "sort", "op": "between", "value": [9, 1]}]}}',
        "member PATCH journal/$journal {}",
        'member PATCH journal/$journal {"name": "x", "enable": "true", "hide": 0, "priority": ""}',
        'member PATCH journal/$journal {"account_id": "$account"}',
        "member DELETE journal/$journal",
        "member DELETE journal/$journal?method=disable",
        "administrator GET journal/$journal/history",
        "guest GET event/$event",
        "guest POST journal/search {}",
        "guest POST event/search {}",
        "member POST journal/bulk {}",
        "member GET ",
        "member GET journal/schema",
        "visitor POST event/search {}",
    ],
    "201": [
        'member POST journal {"name": "y"}',
        'member POST journal/ {"name": "😀", "sort": -2147483647, "cfg_json": {"a": [1.5e300]}}',
        'member POST journal/$journal/entry {"name": "y", "start_datetime": "2026-05-01"}',
        'administrator POST page {"site_id": "$site", "name": "n", "path": "/taken "}',
    ],
    "400 validation 400": [
        "member POST journal ",
        "member POST journal []",
        "member POST journal null",
        'member POST journal "x"',
        'member POST journal {"name": "x"',
        'member POST journal {"name": "x", "name": "y"}',
        'member POST journal {"sort": NaN, "name": "x"}',
        'member POST journal {"sort": 1e400, "name": "x"}',
        'member POST journal {"sort": 1' + "0" * 60 + ', "name": "x"}',
        'member POST journal {"name": "\\ud800"}',
        'member POST journal {"name": "\\u0000"}',
        "member POST journal " + "[" * 100 + "]" * 100,
        "member POST journal {}",
        'member POST journal {"name": null}',
        'member POST journal {"name": ""}',
        'member POST journal {"name": 5}',
        'member POST journal {"name": ["x"]}',
        'member POST journal {"name": "' + "x" * 256 + '"}',
        'member POST journal {"name": "x", "sort": 2147483648}',
        'member POST journal {"name": "x", "sort": 9223372036854775808}',
        'member POST journal {"name": "x", "sort": 1.5}',
        'member POST journal {"name": "x", "sort": "1"}',
        'member POST journal {"name": "x", "enable": "perhaps"}',
        'member POST journal {"name": "x", "cfg_json": "{}"}',
        'member POST journal {"name": "x", "cfg_json": []}',
        'member POST journal {"name": "x", "id": "AAAAAAAAAAA"}',
        'member POST journal {"name": "x", "created_on": "2026-01-01"}',
        'member POST journal_entry {"name": "x"}',
        'member POST journal_entry {"journal_id": null}',
        'member POST journal_entry {"journal_id": "$journal", "start_datetime": "soon"}',
        'member POST journal_entry {"journal_id": "$journal", "start_datetime": "0001-01-01T00:00:00+14:00"}',
        'member POST journal_entry {"journal_id": "$journal", "start_datetime": "10000-01-01"}',
        'member POST journal_entry {"journal_id":"$journal","start_datetime":"2026-05-02","end_datetime":"2026-05-01"}',
        'member POST journal_entry {"journal_id": "$journal", "latitude": 91}',
        'member POST journal_entry {"journal_id": "$journal", "url": "javascript:alert(1)"}',
        'member POST journal_entry {"journal_id": "$journal", "start_time_zone": "Mars/Olympus"}',
        'member POST journal/$journal/entry {"journal_id": "$other"}',
        'manager POST contact {"email": "no address"}',
        'manager POST site_domain {"site_id": "$site", "fqdn": "no host name"}',
        'member PATCH journal/$journal {"name": null}',
        'member PATCH journal/$journal {"updated_on": "2026-01-01T00:00:00Z"}',
        "member PATCH journal/$journal []",
        "member DELETE journal/$journal?method=drop",
        "member DELETE journal/$journal?method=",
        "member DELETE journal/$journal?method=hide&method=hide",
        "member GET journal?limit=0",
        "member GET journal?limit=1001",
        "member GET journal?limit=x",
        "member GET journal?limit=1000000000000000000000000000000",
        "member GET journal?offset=-1",
        "member GET journal?offset=9223372036854775808",
        "member GET journal?limit=5&limit=5",
        "member GET journal?view=no_such",
        "member GET journal?enabled=yes",
        "member GET journal?order_by=",
        "member GET journal?order_by=notes",
        "member GET journal?order_by=name,name",
        "member GET journal?cursor=AAAA",
        "member GET journal?inc_no_such=true",
        "member GET journal?inc_total=perhaps",
        "member GET journal?sort=x",
        "member GET journal?sort__regex=1",
        "member GET journal?enable=perhaps",
        "member GET journal?for_obj_type=journal",
        "member GET journal?for_obj_type=no_such&for_obj_id=x",
        "member GET journal?name=%00",
        "member GET journal/$journal?limit=1",
        "member GET journal/$journal?view=no_such",
        "member POST journal/search []",
        'member POST journal/search {"where": []}',
        'member POST journal/search {"or": []}',
        'member POST journal/search {"and": null}',
        'member POST journal/search {"q": 5}',
        'member POST journal/search {"and": [{"field": "name", "op": "regex", "value": "(a+)+"}]}',
        'member POST journal/search {"and": [{"field": "name", "op": "eq", "value": 5}]}',
        'member POST journal/search {"and": [{"field": "sort", "op": "like", "value": "5"}]}',
        'member POST journal/search {"and": [{"field": "name", "op": "in", "value": "x"}]}',
        'member POST journal/search {"and": [{"field": "sort", "op": "between", "value": [1]}]}',
        'member POST journal/search {"and": [{"field": "sort", "op": "eq", "value": 9223372036854775808}]}',
        'member POST journal/bulk {"upsert": []}',
        'member POST journal/bulk {"create": [{"name": "x"}, {}]}',
        'member POST journal/bulk {"update": [{"name": "x"}]}',
    ],
    "400 database_schema 1054": [
        'member POST journal {"name": "x", "colour": "red"}',
        'member POST journal {"name": "x", "default_qry_str": "red"}',
        'member POST journal {"name": "x", "id_random": "AAAAAAAAAAA"}',
        'member PATCH journal/$journal {"colour": "red"}',
        "member GET journal?colour=red",
        "member GET journal?export=csv",
        "member GET journal?order_by=colour",
        "member GET journal?order_by=account__name",
        "member GET journal?fields=colour",
        'member POST journal/search {"and": [{"field": "colour", "op": "eq", "value": "red"}]}',
        'member POST journal/search {"and": [{"field": "account.cfg_json", "op": "is_null"}]}',
        'member POST journal/search {"not": {"field": "id_random", "op": "eq", "value": "x"}}',
        'manager POST user/search {"and": [{"field": "password", "op": "starts_with", "value": "s"}]}',
        'guest POST event/$event/session/search {"and": [{"field": "notes", "op": "is_null"}]}',
        'member POST journal/bulk {"create": [{"name": "x", "colour": "red"}]}',
    ],
    "400 database_duplicate 1062": [
        'administrator POST page {"site_id": "$site", "name": "n", "path": "/taken"}',
        'administrator POST page {"site_id": "$site", "name": "n", "path": "/TAKEN"}',
        'manager POST site_domain {"site_id": "$site", "fqdn": "NORTH.example.org."}',
        'manager POST site_domain {"site_id": "$site", "fqdn": "south.example.org"}',
        'manager POST user {"username": "North-User", "password": "correct horse battery"}',
        'administrator POST page/bulk {"create": [{"site_id": "$site", "name": "n", "path": "/taken"}]}',
    ],
    "400 database_constraint 1452": [
        'member POST journal_entry {"journal_id": "AAAAAAAAAAA"}',
        'member POST journal_entry {"journal_id": "$foreign"}',
        'member POST journal_entry {"journal_id": 1}',
        'member POST journal_entry {"journal_id": ""}',
        'member POST journal {"name": "x", "person_id": "$journal"}',
        'member POST journal {"name": "x", "account_id": "$foreign_account"}',
        'member PATCH journal/$journal {"account_id": "$foreign_account"}',
        'member PATCH journal_entry/$entry {"journal_id": "$foreign"}',
        'member POST hosted_file_link {"hosted_file_id":"$hosted","link_to_type":"journal","link_to_id":"$foreign"}',
        'member POST hosted_file_link {"hosted_file_id":"$hosted","link_to_type":"journal","link_to_id":"AAAAAAAAAAA"}',
        'member POST journal_entry/bulk {"create": [{"journal_id": "$foreign"}]}',
    ],
    "400 database_constraint 1451": [
        "administrator DELETE journal/$journal?method=delete",
        'administrator POST journal/bulk?method=delete {"delete": ["$journal"]}',
        "manager DELETE site/$site?method=delete",
    ],
    "401 authentication 401": [
        "bad_token GET journal",
        "bad_token GET no_such_type",
        "bad_token POST journal/search {}",
        "bad_token DELETE journal/$journal",
    ],
    "403 permission 403": [
        "nobody GET journal",
        "nobody GET no_such_type",
        "nobody PUT journal",
        "nobody OPTIONS journal",
        "unknown_key GET journal",
        "wrong_account GET journal",
        "guest GET journal",
        "guest GET journal/$journal",
        'guest POST journal {"name": "x"}',
        'guest PATCH event/$event {"name": "x"}',
        "guest DELETE event/$event",
        'read_only POST journal {"name": "x"}',
        'read_only PATCH journal/$journal {"name": "x"}',
        "read_only DELETE journal/$journal",
        'member POST event {"name": "x"}',
        'member PATCH event/$event {"name": "x"}',
        "member DELETE event/$event",
        "member DELETE journal/$other?method=delete",
        "member GET user",
        "member GET journal/$journal/history",
        "member GET journal/$foreign",
        "member GET journal/$foreign/entry",
        'member PATCH journal/$foreign {"name": "x"}',
        "member DELETE journal/$foreign",
        "administrator DELETE journal/$foreign?method=delete",
        'member POST journal/$foreign/entry {"name": "x"}',
        "administrator GET journal/$foreign/history",
        'administrator POST hosted_file {"filename": "x"}',
    ],
    "404 not_found 404": [
        "member GET journal/AAAAAAAAAAA",
        "member GET journal/1",
        "member GET journal/no%20id",
        "member GET journal/$$journal",
        'member PATCH journal/AAAAAAAAAAA {"name": "x"}',
        "member DELETE journal/AAAAAAAAAAA",
        "member GET journal/AAAAAAAAAAA/entry",
        "member GET journal/$other/entry/$entry",
        'member PATCH journal/$other/entry/$entry {"name": "x"}',
        "member DELETE journal/$other/entry/$entry",
        'member POST journal/AAAAAAAAAAA/entry {"name": "x"}',
        "administrator GET journal/AAAAAAAAAAA/history",
        "member GET journal//x",
    ],
    "404 database_schema 1146": [
        "member GET no_such_type",
        "member GET no_such_type/$journal",
        "member POST no_such_type/search {}",
        "member GET api_key",
        "member GET change_log",
        "member GET Journal",
        "member GET journal/$journal/event",
        "member GET journal/$journal/no_such_type",
        "member GET event/$event/presentation",
    ],
    "405 validation 405": [
        "member PUT journal/$journal {}",
        "member DELETE journal",
        "member PATCH journal {}",
        "member GET journal/search",
        "member HEAD journal/search",
        "member GET journal/bulk",
        "member POST journal/$journal {}",
        "member POST journal/schema {}",
        "member POST  {}",
        "administrator PATCH journal/$journal/history {}",
        "member TRACE journal",
        "member PROPFIND journal",
    ],
    "412 conflict 412": ["stale PATCH journal/$journal {}", "stale DELETE journal/$journal"],
    "413 payload_too_large 413": [
        'member POST journal/search {"and": [' + ", ".join(['{"field": "name", "op": "is_null"}'] * 201) + "]}",
        'member POST journal/search {"and": [{"field": "sort", "op": "in", "value": ' + json.dumps([1] * 1001) + "}]}",
        "member POST journal/search " + '{"and": [' * 11 + '{"field": "name", "op": "is_null"}' + "]}" * 11,
        'member POST journal/bulk {"delete": ' + json.dumps(["x"] * 1001) + "}",
        'member POST journal {"name": "x", "summary": "' + "x" * 2**20 + '"}',
    ],
}
REQUESTS = [(expected, line) for expected, lines in TABLE.items() for line in lines]


@pytest.fixture
def world(north: Party, south: Party) -> tuple[dict[str, Caller], dict[str, str]]:
    examples = Examples(north)
    north.administrator.create("page", site_id=north.site.id_random, name="n", path="/taken")
    ids = {
        "$$journal": examples.one("journal").swapcase(),
        "$journal": examples.one("journal"),
        "$entry": examples.one("journal_entry"),
        "$event": examples.one("event"),
        "$hosted": examples.one("hosted_file"),
        "$other": north.member.create("journal", name="other")["id"],
        "$site": north.site.id_random,
        "$account": north.id,
        "$foreign_account": south.id,
        "$foreign": south.member.create("journal", name="theirs")["id"],
    }
    # Tags are said to be stale against whatever is there.
    member = north.member
    callers = {
        "member": member,
        "administrator": north.administrator,
        "manager": north.manager,
        "guest": north.guest,
        "visitor": Caller({"x-aether-api-key": north.keys["publishable"]}),
        "nobody": Caller({"x-account-id": north.id}),
        "unknown_key": Caller({"x-aether-api-key": "aes_000000000000_x", "x-account-id": north.id}),
        "wrong_account": Caller(member.headers | {"x-account-id": south.id}),
        "read_only": Caller(member.headers | {"x-aether-api-key": north.keys["read_only"]}),
        "bad_token": Caller(member.headers | {"authorization": "Bearer x.y.z"}),
        "stale": member.with_headers(**{"if-match": '"0-0"'}),
    }
    return callers, ids


def ask(world: tuple[dict[str, Caller], dict[str, str]], line: str) -> Answer:
    callers, ids = world
    for name, public_id in ids.items():
        line = line.replace(name, public_id)
    who, method, path, *rest = line.split(" ", 3)
    body = rest[0].encode() or b" " if rest else None
    return callers[who](method, f"/v3/crud/{path}", body)


@pytest.mark.parametrize(("expected", "line"), REQUESTS, ids=[f"{e.split()[0]}: {line[:70]}" for e, line in REQUESTS])
def test_the_answer(expected: str, line: str, world: tuple[dict[str, Caller], dict[str, str]]) -> None:
    with statements() as sql:
        answer = ask(world, line)
    if answer.body is None:
        assert (str(answer.status), answer.raw.content) == (expected.split(maxsplit=1)[0], b"")  # HEAD
        return
    said = [str(answer.status)]
    if answer.status >= 400:
        said += map(str, answer.error)
        assert sorted(answer.body) == ["data", "meta"]
        assert answer.body["data"] is None
        details = answer.meta["details"]
        assert set(details) - {"fields", "row"} == {"category", "code", "message", "recoverable"}
        assert (answer.meta["success"], answer.meta["status_message"]) == (False, details["message"])
        assert written(sql) == [] or answer.error[1] in (1062, 1451)
        assert [word for word in LEAKS if word in answer.raw.content.decode() and word not in line] == []
    assert " ".join(said) == expected, answer.body


LEAKS = ["Traceback", "SELECT ", "INSERT ", "sqlite", "mysql", "MySQL", "django", "IntegrityError", "Exception", ".py"]
LEAKS += ["constraint failed", "Duplicate entry", "for key", "_random", "theirs", "aes_", "change_log", "foreign key"]


def written(sql: list[str]) -> list[str]:
    """The statements that write, but for the note that a key was used."""
    return [one for one in sql if one.startswith(("INSERT", "UPDATE", "DELETE")) and "last_used_on" not in one]


def test_the_table_has_every_line_of_the_contract() -> None:
    codes = {expected for expected in TABLE if " " in expected}
    # Where else a line is tested: 503 in test_read_plan and test_transactions, 429 below, 500 in test_envelope.
    assert len(codes) == 12
    assert len(REQUESTS) > 200


def test_too_many_requests(north: Party) -> None:
    from accounts.models import ApiKey  # the fixture's keys have no rate

    key = ApiKey.issue(name="slow", role="user", accounts=[north.account], rate_per_minute=2)[1]
    caller = Caller(north.member.headers | {"x-aether-api-key": key})
    answers = [caller.get("/v3/crud/journal/") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[2].error == ("throttled", 429)
    assert answers[2].meta["details"]["recoverable"] is True
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60


# --- the errors themselves


def error_classes() -> list[type[ApiError]]:
    return [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, ApiError)]


def test_every_category_is_one_of_the_contract() -> None:
    assert {cls.category for cls in error_classes()} == {
        *("validation", "database_schema", "database_duplicate", "database_constraint", "database_connection"),
        *(
            "authentication",
            "permission",
            "not_found",
            "conflict",
            "payload_too_large",
            "throttled",
            "storage",
            "upstream",
            "internal",
        ),
    }


def test_what_may_be_tried_again_says_when() -> None:
    for error in (errors.DatabaseAway(), errors.Throttled(7), errors.Unavailable()):
        assert error.details()["recoverable"] is True
        assert int(error.headers["Retry-After"]) > 0
    assert errors.Unauthenticated().headers["WWW-Authenticate"].startswith("Bearer")
    assert errors.MethodNotAllowed(["GET"]).headers["Allow"] == "GET"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("name", "name"),
        ("a\nb\x00c\x1bd", "a?b?c?d"),
        ("\u202eevil", "?evil"),
        ("x" * 64, "x" * 64),
        ("x" * 65, "x" * 63 + "…"),
        ("x" * 10**7, "x" * 63 + "…"),
        ("é😀", "é😀"),
        ("\ud800", "?"),
        (5, "5"),
    ],
)
def test_names_are_said_back_on_one_short_line(name: Any, said: str) -> None:
    assert shorten(name) == said
