"""Timed one request at a time, of Aether alone: pages far behind a cursor (g), `q` in a large account (h), the first
requests of a server (k)."""

from __future__ import annotations

from statistics import median
from typing import Any

from bench.client import Client
from bench.database import MariaDb
from bench.processes import Server
from bench.report import table
from bench.seed import ACCOUNTS, COMMON_WORDS, RARE_WORDS, ROWS, Samples
from bench.workloads import WORKLOADS, Request

PAGE = 50
FAR_PAGE = 2_000
LARGE_ACCOUNT = ACCOUNTS + 1
LARGE_ACCOUNT_ID = "LargeAcc051"


def first_requests(server: Server, samples: Samples) -> str:
    """k: a server that nobody has asked anything yet."""
    client = Client(server.port, samples.key)
    rows = []
    for workload in WORKLOADS.values():
        if not workload.writes:
            request = next(workload.requests(samples))
            (first,), later = client.milliseconds(request, 1), client.milliseconds(request, 20)
            rows.append([workload.title, f"{first:.1f}", f"{median(later):.1f}"])
    client.close()
    return f"### k: first requests, {server.name}\n\n" + table(
        ["request", "ms, the first", "ms, median of later"], rows
    )


def deep_pages(server: Server, samples: Samples) -> str:
    """g: page 1 and page 2,000, the latter by cursor and, for comparison, by offset."""
    client = Client(server.port, samples.key)
    rows = []
    for order in ("", "-start_datetime"):
        path = f"journal_entry/?limit={PAGE}" + (f"&order_by={order}" if order else "")
        account = samples.accounts[0]
        cursor = walk(client, account, path)
        cases = [
            ("page 1", path, 300),
            (f"page {FAR_PAGE:,} by cursor", f"{path}&cursor={cursor}", 300),
            (f"page {FAR_PAGE:,} by offset", f"{path}&offset={PAGE * (FAR_PAGE - 1)}", 20),
        ]
        for title, address, times in cases:
            taken = client.milliseconds(Request("GET", address, account), times)
            rows.append(
                [f"by {order or 'id'}: {title}", f"{median(taken):.2f}", f"{taken[int(len(taken) * 0.99)]:.2f}"]
            )
    client.close()
    return "### g: deep pages of 50 entries\n\n" + table(["page", "ms, median", "ms, p99"], rows)


def walk(client: Client, account: str, path: str) -> str:
    """The cursor behind FAR_PAGE - 1 pages; the most of them are taken twenty at a time."""
    cursor, seen, taken = "", set(), 0
    while (left := FAR_PAGE - 1 - taken) > 0:
        together = min(20, left)
        address = path.replace(f"limit={PAGE}", f"limit={PAGE * together}")
        page = client.get(Request("GET", f"{address}&cursor={cursor}" if cursor else address, account))
        seen.update(row["id"] for row in page["data"])
        cursor, taken = page["meta"]["next_cursor"], taken + together
    if len(seen) != PAGE * (FAR_PAGE - 1):
        raise SystemExit("Between the pages a row came twice, or was left out.")
    return cursor


def word_search(server: Server, database: MariaDb, samples: Samples) -> str:
    """h: `q` in an account with 200,000 entries, and which index MariaDB takes for it."""
    fill_large_account(database)
    client = Client(server.port, samples.key)
    rare, frequent, other = RARE_WORDS[6_000], RARE_WORDS[0], COMMON_WORDS[0]
    phrase = database.query("SELECT content FROM journal_entry WHERE id = 77")[0][0].split()[3:6]
    cases = [
        ("a rare word", rare),
        ("the beginning of words", RARE_WORDS[3_000][:5]),
        ("a frequent word", frequent),
        ("two words", f"{rare} {other}"),
        ("two frequent words", f"{frequent} {other}"),
        ("a phrase", f'"{" ".join(phrase)}"'),
        ("no entry's word", "nowhere"),
    ]
    rows = []
    for title, q in cases:
        request = Request("POST", "journal_entry/search?limit=25", LARGE_ACCOUNT_ID, {"q": q})
        total = client.get(Request("POST", f"{request.path}&inc_total=true", LARGE_ACCOUNT_ID, request.body))
        plan = explained(database, client, request)
        taken = client.milliseconds(request, 30)
        rows.append([title, f"{total['meta']['total']:,}", f"{median(taken):.1f}", f"{taken[-1]:.1f}", plan])
    client.close()
    head = ["q", "found", "ms, median", "ms, longest", "EXPLAIN"]
    return "### h: q in an account with 200,000 entries\n\n" + table(head, rows)


def fill_large_account(database: MariaDb) -> None:
    """Every entry once more, for an account of its own."""
    for table_name, key, changed in (
        ("account", 1, {"id": str(LARGE_ACCOUNT), "id_random": f"'{LARGE_ACCOUNT_ID}'", "code": "'large'"}),
        ("journal", 1, {"id": "1000001", "id_random": "'LargeJour01'", "account_id": str(LARGE_ACCOUNT)}),
        (
            "journal_entry",
            None,
            {
                "id": "id + 10000000",
                "id_random": "CONCAT('L', LPAD(CONV(id, 10, 36), 10, '0'))",
                "account_id": str(LARGE_ACCOUNT),
                "journal_id": "1000001",
                "person_id": "NULL",
            },
        ),
    ):
        columns = [row[0] for row in database.query(f"SHOW COLUMNS FROM `{table_name}`")]
        values = ", ".join(changed.get(c, f"`{c}`") for c in columns)
        where = f"WHERE id = {key}" if key else f"WHERE id <= {ROWS[table_name]}"
        database.query(f"INSERT INTO `{table_name}` SELECT {values} FROM `{table_name}` {where}")
        database.query(f"ANALYZE TABLE `{table_name}`")


def explained(database: MariaDb, client: Client, request: Request) -> str:
    """How MariaDB finds the entries for the statement that the service sends."""
    database.query("SET GLOBAL log_output = 'TABLE'")
    database.query("TRUNCATE mysql.general_log")
    database.query("SET GLOBAL general_log = ON")
    try:
        client.get(request)
    finally:
        database.query("SET GLOBAL general_log = OFF")
    statements: list[Any] = database.query(
        "SELECT argument FROM mysql.general_log WHERE command_type IN ('Query', 'Execute') "
        "AND argument LIKE '%journal_entry%LIMIT%' AND argument NOT LIKE '%general_log%'"
    )
    text = statements[-1][0]
    text = text.decode() if isinstance(text, bytes) else text
    step = next(row for row in database.query(f"EXPLAIN {text}") if row[2] == "journal_entry")
    return f"{step[3]}: {step[5]}"
