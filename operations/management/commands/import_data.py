"""`manage.py import_data`: a spreadsheet → objects of one type."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from crud import ImportOutcome, ImportPlan, ImportRefused, ObjectType, RowError, plan_import, registry, rows_with
from kernel.errors import ApiError
from operations.importing import operator_of
from tenancy.command import AetherCommand
from tenancy.principal import acting_as

log = logging.getLogger("crud.tables.importing")


class Command(AetherCommand):
    help = (
        "Makes and changes objects of one type from a CSV or XLSX file, by the rules of the API. The first row names\n"
        "the fields; a row meets its object by id, external_id or code; event_session_code and the like name what it\n"
        "refers to. Nothing is written unless every row is right. See docs/importing.md."
    )
    example = (
        "manage.py import_data event_session sessions.xlsx --account 7Qx2b9TfLm0 --set event_code=AM26\n"
        "  manage.py import_data event_presenter speakers.csv --account nsc --map 'Last name=family_name' --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("type", metavar="TYPE", help="the object type, as event_session")
        parser.add_argument("file", metavar="FILE", type=Path, help="ending in .csv or .xlsx")
        parser.add_argument("--account", required=True, metavar="ID", help="id or code of the account")
        parser.add_argument(
            "--map", nargs="+", action="extend", metavar="HEADING=FIELD", help="what a heading of the file stands for"
        )
        parser.add_argument(
            "--set", nargs="+", action="extend", metavar="FIELD=VALUE", help="as if every row had this column"
        )
        parser.add_argument(
            "--sheet", default="", metavar="NAME", help="of a workbook: a sheet's name, or its number from 1"
        )
        parser.add_argument("--ignore-extra", action="store_true", help="pass over columns that are no fields")
        parser.add_argument("--partial", action="store_true", help="write the rows that are right")
        parser.add_argument("--dry-run", action="store_true", help="check everything, write nothing")

    def handle(self, *, type: str, file: Path, account: str, dry_run: bool, **options: Any) -> None:  # noqa: A002
        object_type = registry.get(type)
        if object_type is None:
            raise CommandError(f"There is no object type {type!r}. Known: {', '.join(sorted(registry))}.")
        with self.in_account(account) as row:
            principal = operator_of(row)
            with acting_as(principal):
                try:
                    self.run(object_type, principal, file, dry_run, options)
                except ImportRefused as error:
                    self.complain(error)
                    raise CommandError(f"{problems(error.errors)}; nothing was written.") from error
                except ApiError as error:
                    raise CommandError(f"{error.message} Nothing was written.") from error

    def run(self, object_type: ObjectType, principal: Any, file: Path, dry_run: bool, options: dict[str, Any]) -> None:
        try:
            with file.open("rb") as stream:
                plan = plan_import(
                    object_type,
                    principal,
                    stream,
                    file.name,
                    mapping=pairs("--map", options["map"]),
                    fixed=pairs("--set", options["set"]),
                    ignore_extra=options["ignore_extra"],
                    partial=options["partial"],
                    sheet=options["sheet"],
                )
        except OSError as error:
            raise CommandError(f"Cannot read {file}: {error.strerror}.") from error
        for note in plan.notes:
            self.say(note)
        if dry_run:
            self.foretell(plan)
            return
        with self.progress(plan.row_count) as advance:
            outcome = plan.apply(advance)
        self.tell(object_type, file, outcome, plan.row_count)

    def foretell(self, plan: ImportPlan) -> None:
        if plan.errors:
            raise ImportRefused(plan.errors)
        counts = {action: sum(c.action == action for c in plan.changes) for action in ("create", "update", "none")}
        self.say(
            f"Would make {counts['create']:,}, change {counts['update']:,} and leave {counts['none']:,} as they are. "
            "Nothing was written."
        )

    def tell(self, object_type: ObjectType, file: Path, outcome: ImportOutcome, row_count: int) -> None:
        words = f"{outcome.created:,} made, {outcome.updated:,} changed, {outcome.unchanged:,} as they were"
        log.info("import_data %s: %s", object_type.name, words)
        for error in outcome.refused:
            self.say(str(error))
        self.say(f"{object_type.name}: {words}.")
        if outcome.refused:
            rows = f"{rows_with(outcome.refused):,} of {row_count:,} rows of {file.name}"
            raise CommandError(f"{rows} were left out, for the reasons above.")

    def complain(self, error: ImportRefused) -> None:
        for problem in error.errors:
            self.say(str(problem))


def problems(errors: list[RowError]) -> str:
    """`3 problems in 2 rows`; the rows are told where they are not as many."""
    number, rows = len(errors), rows_with(errors)
    told = f"{number:,} problem{'s' if number > 1 else ''}"
    return f"{told} in {rows:,} row{'s' if rows > 1 else ''}" if rows not in (0, number) else told


def pairs(option: str, given: list[str] | None) -> dict[str, str]:
    by_name = {}
    for text in given or []:
        name, equals, value = text.rpartition("=") if option == "--map" else text.partition("=")
        if not (name and equals and value):
            raise CommandError(f"{option} takes NAME=VALUE, not {text!r}.")
        by_name[name] = value
    return by_name
