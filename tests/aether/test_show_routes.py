"""`manage.py show_routes` prints every route of the API."""

from __future__ import annotations

import re
from io import StringIO

from django.core.management import call_command
from django.urls import resolve

from crud.describe.openapi import document


def shown(*arguments: str) -> list[tuple[str, str, str]]:
    out = StringIO()
    call_command("show_routes", *arguments, stdout=out)
    return [tuple(re.split(r" {2,}", line)) for line in out.getvalue().splitlines()]  # type: ignore[misc]


def test_a_line_says_methods_path_and_view() -> None:
    lines = shown("/v3/crud/journal")
    assert ("GET, POST", "/v3/crud/journal/", "JournalViewSet.list/create") in lines
    assert (
        "GET, PATCH, DELETE",
        "/v3/crud/journal/{journal_id}/entry/{id}",
        "JournalEntryViewSet.retrieve/partial_update/destroy",
    ) in lines
    assert {path.split("/")[3] for _, path, _ in lines} == {"journal", "journal_entry"}
    assert ("DELETE", "/v3/action/hosted_file/{id}", "Remove") in shown("/v3/action/hosted_file/{id}")


def test_every_line_is_served_and_everything_described_has_its_line() -> None:
    lines = {path.rstrip("/"): methods.split(", ") for methods, path, _ in shown()}
    for path in lines:
        sample = re.sub(r"\{\w+\}", lambda place: "a" * 64 if place[0] == "{sha256}" else "AAAAAAAAAAA", path)
        resolve(sample or "/")
    nameless = {re.sub(r"\{\w+\}", "{}", path): methods for path, methods in lines.items()}
    for path, item in document()["paths"].items():
        verbs = {verb.upper() for verb in item if verb in ("get", "post", "patch", "delete")}
        path = re.sub("/v3/lookup/[a-z_]+", "/v3/lookup/{}", path)
        assert verbs <= set(nameless[re.sub(r"\{\w+\}", "{}", path).rstrip("/")]), path
