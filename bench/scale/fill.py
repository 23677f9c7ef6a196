"""`python -m bench.scale.fill ROWS`, in the environment of the service on MariaDB: two million entries in minutes.

All of it is straight SQL, and the same each time. Accounts 1 to ACCOUNTS share the rows evenly, mixed as in real life.
Two joined after them: `late` with 20,000 entries, `small` with 72.
"""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass
from typing import Any

ACCOUNTS = 200
JOURNALS = 10
PERSONS = 50
"""Of each account."""
LATE, SMALL = ACCOUNTS + 1, ACCOUNTS + 2
LATE_ROWS, SMALL_ROWS = 20_000, 72
TABLES = ("account", "person", "journal", "journal_entry", "change_log")
COMMON = (
    "summit keynote panel workshop award dinner budget review travel badge speaker poster committee chapter renewal "
    "member sponsor agenda minutes abstract lounge shuttle catering archive"
).split()
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split()
CONTENT_WORDS = 12


@dataclass(frozen=True, slots=True)
class Own:
    """A range of keys of one table, and whose rows they are."""

    first: int
    count: int
    account: str
    """SQL of the account's key, from `n`."""


def number(salt: int) -> str:
    """SQL of a number that looks thrown, for row `n`."""
    return f"CRC32(CONCAT(n, '.{salt}'))"


def one_of(words: list[str], value: str) -> str:
    return f"ELT(1 + ({value}) MOD {len(words)}, {', '.join(map(repr, words))})"


def name() -> str:
    return f"CONCAT_WS(' ', {', '.join(one_of(COMMON, number(salt)) for salt in range(4))})"


def content() -> str:
    """Of two syllables a word, the first ones of the alphabet oftener than the others."""
    words = []
    for salt in range(10, 10 + CONTENT_WORDS):
        value = number(salt)
        words.append(f"CONCAT({one_of(SYLLABLES, value)}, {one_of(SYLLABLES, f'{value} DIV 20')}, 'n')")
    return f"CONCAT_WS(' ', {', '.join(words)})"


def moment(salt: int) -> str:
    return f"'2026-01-01' + INTERVAL {number(salt)} MOD 525600 MINUTE"


def public_id(prefix: str) -> str:
    return f"CONCAT('{prefix}', LPAD(CONV(n, 10, 36), 10, '0'))"


def columns_of(table: str, own: Own) -> dict[str, str]:
    """Column → SQL, from the row's key `n`."""
    account = own.account
    common = {
        "id": "n",
        "id_random": public_id(table[0].upper() if table != "journal_entry" else "E"),
        "account_id": account,
        "enable": f"{number(1)} MOD 20 > 0",
        "hide": f"{number(2)} MOD 20 = 0",
        "priority": "0",
        "sort": f"{number(3)} MOD 10",
        "created_on": moment(4),
        "updated_on": moment(5),
    }
    match table:
        case "account":
            del common["account_id"]
            code = f"CASE n WHEN {LATE} THEN 'late' WHEN {SMALL} THEN 'small' ELSE CONCAT('account-', n) END"
            return common | {"enable": "1", "hide": "0", "code": code, "name": code, "time_zone": "'UTC'"}
        case "person":
            given, family = (one_of(SYLLABLES, number(salt)) for salt in (6, 7))
            return common | {"given_name": given, "family_name": family, "full_name": f"CONCAT({given}, ' ', {family})"}
        case "journal":
            return common | {
                "enable": "1",
                "hide": "0",
                "name": name(),
                "default_qry_str": f"CONCAT(' ', {name()}, ' ')",
            }
        case "journal_entry":
            code = f"CONCAT('C', LPAD({number(8)} MOD 2000, 4, '0'))"
            words = f"CONCAT(' ', {name()}, ' ', LOWER({code}), ' ', {content()}, ' ')"
            own_journal = f"({account} - 1) * {JOURNALS} + 1 + {number(9)} MOD {JOURNALS}"
            own_person = f"({account} - 1) * {PERSONS} + 1 + {number(9)} MOD {PERSONS}"
            return common | {
                "journal_id": own_journal,
                "person_id": f"IF(n MOD 3 = 0, {own_person}, NULL)",
                "name": name(),
                "category_code": code,
                "content": content(),
                "start_datetime": moment(40),
                "default_qry_str": words,
            }
    return {
        "id": "n",
        "account_id": account,
        "obj_type": "'journal_entry'",
        "obj_id": public_id("E"),
        "action": "'created'",
        "changes_json": "'{}'",
        "principal": "'key:bench'",
        "request_id": "''",
        "created_on": moment(4),
    }


def parts_of(table: str, rows: int) -> list[Own]:
    match table:
        case "account":
            return [Own(1, SMALL, "n")]
        case "person" | "journal":
            each = PERSONS if table == "person" else JOURNALS
            return [Own(1, SMALL * each, f"((n - 1) DIV {each} + 1)")]
    return [
        Own(1, rows, f"(n MOD {ACCOUNTS} + 1)"),
        Own(rows + 1, LATE_ROWS, str(LATE)),
        Own(rows + LATE_ROWS + 1, SMALL_ROWS, str(SMALL)),
    ]


def fill(cursor: Any, table: str, rows: int) -> None:
    for own in parts_of(table, rows):
        values = columns_of(table, own)
        names = ", ".join(f"`{column}`" for column in values)
        cursor.execute(
            f"INSERT INTO `{table}` ({names}) SELECT {', '.join(values.values())} "
            f"FROM (SELECT seq AS n FROM seq_{own.first}_to_{own.first + own.count - 1}) keys_of_rows"
        )


def indexes_of(cursor: Any, table: str) -> list[tuple[str, str]]:
    """(definition, name) of those that are made faster once the rows are there."""
    cursor.execute(f"SHOW CREATE TABLE `{table}`")
    definition = cursor.fetchone()[1]
    return re.findall(r"^ +((?:FULLTEXT |UNIQUE )?KEY `([^`]+)` .+?),?$", definition, re.MULTILINE)


def main() -> None:
    import django

    django.setup()
    from django.db import connection

    rows = int(sys.argv[1])
    with connection.cursor() as cursor:
        cursor.execute("SET foreign_key_checks = 0, unique_checks = 0, max_statement_time = 0")
        for table in TABLES:
            began = time.monotonic()
            dropped = indexes_of(cursor, table)
            if dropped:
                cursor.execute(f"ALTER TABLE `{table}` " + ", ".join(f"DROP KEY `{key}`" for _, key in dropped))
            fill(cursor, table, rows)
            plain = [definition for definition, _ in dropped if not definition.startswith("FULLTEXT")]
            words = [definition for definition, _ in dropped if definition.startswith("FULLTEXT")]
            for together in filter(None, (plain, words)):
                cursor.execute(f"ALTER TABLE `{table}` " + ", ".join(f"ADD {definition}" for definition in together))
            cursor.execute(f"ANALYZE TABLE `{table}`")
            cursor.fetchall()
            print(f"{table}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
