"""`limit`: a bare WSGI function with hand-written SQL. What Python can do at all.

No key but one, no roles, no validation, no change log: it is no way to build the service, it is the measure.
"""

from __future__ import annotations

import os
import secrets
import threading
from datetime import datetime
from urllib.parse import parse_qs

import MySQLdb
import orjson
from MySQLdb.constants import FIELD_TYPE
from MySQLdb.converters import conversions

KEY = os.environ["BENCH_KEY"]
DATABASE = {"host": "127.0.0.1", "port": int(os.environ["BENCH_DB_PORT"]), "user": "root", "database": "aether"}
CONVERSIONS = {**conversions, FIELD_TYPE.DATETIME: datetime.fromisoformat}
OPTIONS = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z

COMMON = "enable hide priority sort group notes created_on updated_on".split()
# type → (relation, table) of its references, its own columns
TYPES = {
    "event_session": (
        [("event", "event"), ("event_location", "event_location"), ("poc_person", "person")],
        "code name description type_code start_datetime end_datetime external_id".split(),
    ),
    "journal_entry": (
        [("journal", "journal"), ("person", "person")],
        [
            *("name", "category_code", "content", "tags_json", "start_datetime", "end_datetime"),
            *("start_time_zone", "latitude", "longitude", "url"),
        ],
    ),
}
SEARCHED = "name", "category_code", "content", "url"
WRITABLE = {"enable", "hide", "priority", "sort", "group", "notes", *TYPES["journal_entry"][1]}
DEFAULTS = {"enable": True, "hide": False, "priority": False}
OPERATORS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def _reader(type_name):
    """SELECT … FROM … JOIN …, and the function that makes dicts of its rows."""
    references, own = TYPES[type_name]
    names = ["id", *(f"{relation}_id" for relation, _ in references), *COMMON, *own]
    columns = ["t.id_random", *(f"{r}.id_random" for r, _ in references), *(f"t.`{c}`" for c in [*COMMON, *own])]
    joins = "".join(f" LEFT JOIN {table} {r} ON {r}.id = t.{r}_id" for r, table in references)
    values = [f"v{i}" for i in range(len(names))]
    spelled = {"enable": "{} == 1", "hide": "{} == 1", "priority": "{} == 1", "tags_json": "{0} and Fragment({0})"}
    items = ", ".join(f"'{n}': {spelled.get(n, '{}').format(v)}" for n, v in zip(names, values, strict=True))
    build = eval(
        f"lambda rows, account: [{{'account_id': account, {items}}} for {', '.join(values)} in rows]",
        {"Fragment": orjson.Fragment},
    )
    return f"SELECT {', '.join(columns)} FROM {type_name} t{joins}", build


READERS = {name: _reader(name) for name in TYPES}
_local = threading.local()


def connection():
    try:
        return _local.connection
    except AttributeError:
        made = _local.connection = MySQLdb.connect(**DATABASE, charset="utf8mb4", conv=CONVERSIONS, autocommit=True)
        return made


def query(sql):
    c = connection()
    c.query(sql)
    result = c.store_result()
    return result.fetch_row(0) if result is not None else ()


def literal(value):
    if type(value) is bool or type(value) is int:
        return str(int(value))
    return connection().literal(value).decode()


ACCOUNTS = {public_id: key for key, public_id in query("SELECT id, id_random FROM account")}


def condition(node):
    for connector in ("and", "or"):
        if connector in node:
            return "(" + f" {connector} ".join([condition(child) for child in node[connector]]) + ")"
    column, operator, value = f"t.`{node['field']}`", node["op"], node["value"]
    if node["field"] not in WRITABLE:
        raise KeyError(node["field"])
    if operator == "contains":
        text = value.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        return f"{column} LIKE {literal(f'%{text}%')} ESCAPE '!'"
    return f"{column} {OPERATORS[operator]} {literal(value)}"


def application(environ, start_response):
    account = environ.get("HTTP_X_ACCOUNT_ID")
    scope = ACCOUNTS.get(account)
    if scope is None or environ.get("HTTP_X_AETHER_API_KEY") != KEY:
        return respond(start_response, "403 Forbidden", None)
    parts = [part for part in environ["PATH_INFO"].split("/") if part][2:]
    match environ["REQUEST_METHOD"], parts:
        case "GET", [type_name, public_id]:
            return one(start_response, "200 OK", type_name, public_id, account, scope)
        case "GET", [type_name]:
            return page(start_response, environ, type_name, "1", account, scope)
        case "GET", [parent, public_id, type_name]:
            where = f"{parent}.id_random = {literal(public_id)}"
            return page(start_response, environ, type_name, where, account, scope)
        case "POST", [type_name, "search"]:
            return page(start_response, environ, type_name, condition(body_of(environ)), account, scope)
        case "POST", ["journal_entry"]:
            public_id = create(body_of(environ), scope)
            return one(start_response, "201 Created", "journal_entry", public_id, account, scope)
        case "PATCH", ["journal_entry", public_id]:
            update(public_id, body_of(environ), scope)
            return one(start_response, "200 OK", "journal_entry", public_id, account, scope)
    return respond(start_response, "404 Not Found", None)


def one(start_response, status, type_name, public_id, account, scope):
    select, build = READERS[type_name]
    rows = query(f"{select} WHERE t.id_random = {literal(public_id)} AND t.account_id = {scope}")
    if not rows:
        return respond(start_response, "404 Not Found", None)
    return respond(start_response, status, build(rows, account)[0])


def page(start_response, environ, type_name, where, account, scope):
    select, build = READERS[type_name]
    asked = parse_qs(environ.get("QUERY_STRING", ""))
    limit, offset = int(asked.get("limit", ("100",))[0]), int(asked.get("offset", ("0",))[0])
    where = f"t.account_id = {scope} AND t.enable = 1 AND t.hide = 0 AND {where}"
    rows = query(f"{select} WHERE {where} ORDER BY t.id LIMIT {limit} OFFSET {offset}")
    return respond(start_response, "200 OK", build(rows, account), count=len(rows), limit=limit, offset=offset)


def create(body, scope):
    parents = query(f"SELECT id FROM journal WHERE id_random = {literal(body['journal_id'])} AND account_id = {scope}")
    values = {name: stored(name, value) for name, value in (DEFAULTS | body).items() if name in WRITABLE}
    public_id = secrets.token_urlsafe(8)
    text = " ".join(filter(None, map(body.get, SEARCHED))).lower()
    columns = "".join(f", `{name}`" for name in values)
    now = "UTC_TIMESTAMP(6)"
    query(
        "INSERT INTO journal_entry "
        f"(id_random, account_id, journal_id, created_on, updated_on, default_qry_str{columns}) "
        f"VALUES ({literal(public_id)}, {scope}, {parents[0][0]}, {now}, {now}, {literal(f' {text} ')}, "
        f"{', '.join(values.values())})"
    )
    return public_id


def update(public_id, body, scope):
    changes = "".join(f"`{name}` = {stored(name, value)}, " for name, value in body.items() if name in WRITABLE)
    query(
        f"UPDATE journal_entry SET {changes}updated_on = UTC_TIMESTAMP(6), "
        f"default_qry_str = CONCAT(' ', LOWER(CONCAT_WS(' ', {', '.join(SEARCHED)})), ' ') "
        f"WHERE id_random = {literal(public_id)} AND account_id = {scope}"
    )


def stored(name, value):
    if name.endswith("_json"):
        value = orjson.dumps(value).decode()
    return literal(value.removesuffix("Z") if name.endswith("_datetime") else value)


def body_of(environ):
    return orjson.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))


def respond(start_response, status, data, **meta):
    code = int(status[:3])
    described = {"success": code < 400, "status_code": code, "status_message": status[4:], **meta}
    body = orjson.dumps({"data": data, "meta": described}, option=OPTIONS)
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]  # the list that granian has its fastest way for
