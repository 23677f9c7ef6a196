"""The places where code steps out of its account, each counted. A new one is read by somebody before it is added here."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aether.settings import ROOT

APPS = sorted(path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name not in ("tests", "bench"))

EVERY_TENANT = {
    "accounts/access_requests.py": 3,
    "accounts/families.py": 1,
    "accounts/invitations.py": 1,
    "accounts/mails.py": 1,
    "accounts/one_time.py": 3,
    "accounts/password_views.py": 1,
    "accounts/recovery_views.py": 3,
    "accounts/session_views.py": 1,
    "accounts/sign_in.py": 3,
    "accounts/second_factor.py": 1,
    "accounts/second_factor_views.py": 1,
    "accounts/staff.py": 3,
    "accounts/staff_second_factor.py": 2,
    "accounts/models/account.py": 1,
    "accounts/standing.py": 5,
    "accounts/tasks.py": 1,
    "accounts/last_login.py": 1,
    "accounts/views.py": 1,
    "demo/accounts.py": 2,
    "demo/sign_ins.py": 3,
    "aether/stock.py": 1,
    "crud/rest/views.py": 1,
    "crud/tables/export.py": 1,
    "crud/read/read_plan.py": 1,
    "crud/read/resolve.py": 1,
    "crud/tasks.py": 1,
    "mail/delivery.py": 3,
    "mail/tasks.py": 1,
    "operations/backup.py": 1,
    "files/store.py": 1,
    "files/sweep.py": 1,
    "files/tasks.py": 2,
    "lookups/management/commands/check_lookups.py": 1,
    "operations/bundle_import.py": 2,
    "operations/drop_folder.py": 1,
    "operations/ids.py": 3,
    "operations/installation.py": 3,
    "operations/management/commands/export_db.py": 2,
    "events/calendars.py": 1,
    "events/device_commands.py": 1,
    "events/devices.py": 2,
    "events/exhibitors.py": 2,
    "events/preflight_arrivals.py": 1,
    "events/readiness_alerts.py": 1,
    "events/tasks.py": 1,
    "events/upload_links.py": 1,
    "events/upload_mails.py": 1,
    "accounts/management/commands/create_api_key.py": 1,
    "tenancy/command.py": 1,
    "tenancy/models.py": 1,
}
"""File → how many times it calls `every_tenant(…)`. Migrations aside, which run before there is anybody."""

ROUND_THE_MANAGER = {
    "kernel/health.py": 1,  # SELECT 1
    "kernel/preparation.py": 2,  # GET_LOCK
    "kernel/text_indexes.py": 1,  # pragmas, and groups of rows of whichever account
    "crud/history.py": 1,  # the log of a write that has passed
    "kernel/statement.py": 1,  # the compiled plan, which is refused unless it is held to an account
    "aether/fast/mysql/base.py": 3,  # the same, by the driver, and START TRANSACTION
    "crud/publication.py": 2,  # keys and accounts of entries of the change log, to say that they were told
    "operations/time_limit.py": 1,  # the time limit of its connection
    "operations/bundle_export.py": 2,  # the transaction that a bundle is read in
    "operations/mariadb.py": 5,  # whole tables on their way out of a backup: names and counts, RENAME, DROP DATABASE
    "tenancy/models.py": 1,  # the INSERT of a row that was claimed
}
"""File → how many times it reaches the database by what no TenantManager sees."""

SEES_NO_MANAGER = frozenset(
    {"cursor", "query", "raw", "extra", "_raw_delete", "RawSQL", "DeleteQuery", "UpdateQuery", "QuerySet"}
)


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id, node
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr, node


def sources() -> Iterator[tuple[str, ast.AST]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text(), str(path))


def counted(names: frozenset[str]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for file, tree in sources():
        found[file] += sum(name in names for name, _ in calls(tree))
    return {file: count for file, count in sorted(found.items()) if count}


def test_who_may_see_every_account() -> None:
    assert counted(frozenset({"every_tenant"})) == EVERY_TENANT


def test_who_goes_round_the_manager() -> None:
    assert counted(SEES_NO_MANAGER) == ROUND_THE_MANAGER


def test_each_reason_is_a_sentence_of_its_own() -> None:
    """Written where it is used, so that it can be read there."""
    reasons: set[tuple[str, str]] = set()
    for file, tree in sources():
        for name, call in calls(tree):
            if name != "every_tenant":
                continue
            place = f"{file}:{call.lineno}"
            assert not call.args, place
            assert [keyword.arg for keyword in call.keywords] == ["reason"], place
            reason: Any = call.keywords[0].value
            assert isinstance(reason, ast.Constant), place
            assert len(str(reason.value).split()) >= 4, place
            reasons.add((file, str(reason.value)))
    copied = [text for text, count in Counter(text for _, text in reasons).items() if count > 1]
    assert copied == []


def test_the_scope_is_opened_by_its_two_doors_only() -> None:
    """Nobody sets the context variable itself, and nobody imports it."""
    for file, tree in sources():
        if file == "tenancy/context.py":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "tenancy.context":
                assert not [alias.name for alias in node.names if alias.name.startswith("_")], file
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("_scope", "_enter"), file


def test_the_count_sees_a_call(tmp_path: Path) -> None:
    """`counted` is what the two lists above rest on."""
    tree = ast.parse('with every_tenant(reason="x"):\n    context.every_tenant(reason="y")\n    connection.cursor()\n')
    assert [name for name, _ in calls(tree)] == ["every_tenant", "every_tenant", "cursor"]
