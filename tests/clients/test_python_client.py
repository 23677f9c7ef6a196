"""The Python client, against the application itself: typed objects, sessions, files, refusals, and what is sent again."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from aether.settings import ROOT
from crud.describe.openapi import document_json
from tests.conftest import PASSWORD, Party
from tests.docs.markdown import blocks_of

httpx = pytest.importorskip("httpx", reason="it comes with requirements/test.txt")
PROJECT = ROOT / "clients/python"
sys.path.insert(0, str(PROJECT))

import aether_client as ae  # noqa: E402  (from the path above)
from aether_client import types  # noqa: E402


@pytest.fixture
def make(north: Party) -> Iterator[Callable[..., ae.AetherClient]]:
    """A client of the application in this process, on the test's own connection."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)

    def one(key: str = "manager", **more: Any) -> ae.AetherClient:
        http = httpx.Client(transport=httpx.WSGITransport(app=WSGIHandler()))
        settings = {"account_id": north.id, "retries": 0} | more
        return ae.AetherClient("http://testserver", api_key=north.keys[key], http=http, **settings)

    yield one
    for signal in signals:
        signal.connect(close_old_connections)


def test_objects_from_making_to_deleting(make: Any) -> None:
    client = make()
    journal = client.create(types.journal, {"name": "First"}).data
    assert (journal["name"], journal["enable"]) == ("First", True)
    for number in range(5):
        client.create_nested("journal", journal["id"], "entry", {"name": f"E{number}", "sort": number})
    found = client.search("journal_entry", {"and": [{"field": "sort", "op": "gte", "value": 3}]}, order_by="-sort")
    assert [row["name"] for row in found.data] == ["E4", "E3"]
    assert [row["name"] for row in client.all(types.journal_entry, order_by="sort", limit=2)] == [
        f"E{number}" for number in range(5)
    ]
    got = client.get(types.journal, journal["id"], view="enriched", inc_account=True).data
    assert (got["journal_entry_count"], got["account"]["name"]) == (5, "North")
    assert client.update("journal", journal["id"], {"name": "Second"}).data["name"] == "Second"
    with pytest.raises(ae.ConflictError):
        client.update("journal", journal["id"], {"name": "Third"}, if_match='"old"')
    bulk = client.bulk("journal", create=[{"name": "a"}, {"name": "b"}], delete=[], update=[]).data
    assert [row["name"] for row in bulk["created"]] == ["a", "b"]
    assert client.delete("journal", bulk["created"][0]["id"], "delete").meta["success"]
    with pytest.raises(ae.NotFoundError):
        client.get("journal", bulk["created"][0]["id"])
    assert "name" in json.dumps(client.schema("journal").data)
    with client.export("journal_entry", "csv", order_by="sort") as chunks:
        assert b"E0" in b"".join(chunks)


def test_refusals_are_classes_and_say_what_is_wrong(make: Any, south: Party) -> None:
    client = make()
    with pytest.raises(ae.ValidationError) as refused:
        client.create("journal", {"name": "x", "nam": "y"})
    assert (refused.value.status, list(refused.value.fields), refused.value.recoverable) == (400, ["nam"], False)
    assert refused.value.request_id
    theirs = south.manager.create("journal", name="theirs")["id"]
    with pytest.raises(ae.PermissionDeniedError):
        client.get("journal", theirs)
    with pytest.raises(ae.ConstraintError):
        client.create("journal_entry", {"name": "x", "journal_id": theirs})
    for wrong in ("", "..", "."):
        with pytest.raises(ValueError, match="Give a type and an id"):
            client.get("journal", wrong)
    with pytest.raises(ae.NotFoundError):
        client.get("journal", "../event/x")


def test_a_session_is_kept_renewed_once_and_ended(make: Any, tmp_path: Path, time_machine: Any) -> None:
    place = ae.FileStorage(tmp_path / "session.json")
    client = make("publishable", account_id=None, storage=place)
    with pytest.raises(ae.AuthenticationError):
        client.session.login("wrong", username="north-user")
    session = client.session.login(PASSWORD, username="north-user")
    assert isinstance(session, ae.Session)
    assert (tmp_path / "session.json").stat().st_mode & 0o777 == 0o600
    assert make("publishable", account_id=None, storage=place).session.current == session
    assert client.search("journal").meta["success"]

    time_machine.move_to(datetime.now(UTC) + timedelta(days=1))  # the access token is over
    assert client.search("journal").meta["success"]
    renewed = client.session.current
    assert renewed is not None
    assert renewed.refresh != session.refresh
    assert client.session.renew(session.access) is True  # by whoever was faster
    assert client.session.current == renewed
    client.session.logout()
    assert client.session.current is None
    assert not (tmp_path / "session.json").exists()


def test_one_refresh_for_all_threads() -> None:
    refreshed: list[str] = []

    def answer(request: Any) -> Any:
        if request.url.path == "/below/v3/auth/refresh":
            refreshed.append(json.loads(request.content)["refresh"])
            pair = {"access": "new", "refresh": "r2", "expires_on": "2099-01-01T00:00:00Z", "account_id": "A"}
            return httpx.Response(200, json={"data": pair, "meta": {}})
        status = 200 if request.headers["authorization"] == "Bearer new" else 401
        details = {"category": "authentication", "recoverable": False}
        return httpx.Response(status, json={"data": {"id": "x"}, "meta": {"details": details}})

    storage = ae.MemoryStorage()
    old = {"kind": "user", "access": "old", "refresh": "r1", "expires_on": "2099-01-01T00:00:00Z"}
    storage.write(json.dumps(old | {"account_id": "A", "details": {}}))
    http = httpx.Client(transport=httpx.MockTransport(answer))
    client = ae.AetherClient("http://server/below/", api_key="aep_x", storage=storage, http=http)
    with ThreadPoolExecutor(5) as pool:
        found = list(pool.map(lambda _: client.get("journal", "x").data["id"], range(10)))
    assert (found, refreshed) == (["x"] * 10, ["r1"])
    storage.write(json.dumps(old | {"account_id": "A", "details": {}}))
    with client.download("x") as chunks:
        assert b'"id":' in b"".join(chunks)
    assert refreshed == ["r1", "r1"]


def test_signing_out_ends_it_here_whatever_the_server_says() -> None:
    busy = {"meta": {"details": {"category": "throttled", "recoverable": True}}}
    http = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(429, json=busy)))
    storage = ae.MemoryStorage()
    kept = {"kind": "user", "access": "a", "refresh": "r", "expires_on": "2099-01-01T00:00:00Z"}
    storage.write(json.dumps(kept | {"account_id": "A", "details": {}}))
    client = ae.AetherClient("http://server", api_key="aep_x", storage=storage, http=http, retries=0)
    client.session.logout()
    assert client.session.current is None


def test_a_refusal_that_another_process_has_outrun_signs_nobody_out() -> None:
    storage = ae.MemoryStorage()
    kept = {"kind": "user", "refresh": "r", "expires_on": "2099-01-01T00:00:00Z", "account_id": "A", "details": {}}

    def refuse(request: Any) -> Any:
        storage.write(json.dumps(kept | {"access": "new", "refresh": "r2"}))
        return httpx.Response(401, json={"meta": {"details": {"category": "authentication"}}})

    storage.write(json.dumps(kept | {"access": "old"}))
    http = httpx.Client(transport=httpx.MockTransport(refuse))
    client = ae.AetherClient("http://server", api_key="aep_x", storage=storage, http=http)
    assert client.session.renew("old") is True
    assert client.session.token() == "new"


def test_sent_again_is_only_what_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("aether_client.transport.time.sleep", pauses.append)
    asked: list[tuple[str, str | None]] = []

    def answer(request: Any) -> Any:
        asked.append((request.method, request.headers.get("idempotency-key")))
        if len(asked) == 2:
            raise httpx.ConnectError("away")
        details = {"category": "database_connection", "recoverable": True}
        return httpx.Response(503, headers={"retry-after": "7"}, json={"meta": {"details": details}})

    client = ae.AetherClient("http://server", api_key="aes_x", http=httpx.Client(transport=httpx.MockTransport(answer)))
    for work, times in (
        (lambda: client.get("journal", "x"), 3),
        (lambda: client.search("journal"), 3),
        (lambda: client.create("journal", {}), 3),
        (lambda: client.update("journal", "x", {}), 1),
        (lambda: client.delete("journal", "x"), 1),
    ):
        asked.clear()
        with pytest.raises(ae.UnavailableError):
            work()
        assert len(asked) == times
        assert len(set(asked)) == 1  # a creation's key too
    assert set(pauses) == {7.0, 0.25}


@pytest.mark.usefixtures("own_store")
def test_files_in_and_out(make: Any, tmp_path: Path) -> None:
    client = make()
    (tmp_path / "ü.txt").write_bytes(b"Handout" * 1_000)
    stored = client.upload(tmp_path / "ü.txt", fields={"title": "Handout"}).data
    stored = stored[0] if isinstance(stored, list) else stored
    assert (stored["filename"], stored["title"]) == ("ü.txt", "Handout")
    with client.download(stored["id"]) as chunks:
        assert b"".join(chunks) == b"Handout" * 1_000
    with client.download(stored["id"], start=6_993) as chunks:
        assert b"".join(chunks) == b"Handout"
    with pytest.raises(ae.NotFoundError), client.download("nowhere0000") as chunks:
        b"".join(chunks)


def test_the_samples_of_the_readme_run(
    make: Any, north: Party, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = north.manager.create("event", name="Meeting", code="m")["id"]
    north.manager.create("event_session", event_id=event, name="Opening", start_datetime="2026-05-01T09:00:00Z")
    monkeypatch.chdir(tmp_path)
    client = make()
    monkeypatch.setattr(ae, "AetherClient", lambda base_url, **settings: client)
    samples = [block.text for block in blocks_of("clients/python/README.md") if block.language == "python"]
    assert len(samples) >= 2
    for sample in samples:
        exec(compile(sample, "README.md", "exec"), {"__name__": "sample", "event_id": event})


def test_the_types_are_those_of_the_api(tmp_path: Path) -> None:
    """After a change of the types: python clients/python/generate.py ADDRESS"""
    document, made = tmp_path / "openapi.json", tmp_path / "types.py"
    document.write_bytes(document_json())
    subprocess.run([sys.executable, PROJECT / "generate.py", document, made], check=True)
    assert made.read_text() == (PROJECT / "aether_client/types.py").read_text()


def test_one_version_everywhere() -> None:
    texts = [(ROOT / "pyproject.toml"), PROJECT / "pyproject.toml", PROJECT / "aether_client/__init__.py"]
    versions = {re.search(r'^_*version_* = "([\d.]+)"', path.read_text(), re.MULTILINE)[1] for path in texts}  # type: ignore[index]
    versions.add(json.loads((ROOT / "clients/typescript/package.json").read_text())["version"])
    versions.add(json.loads(document_json())["info"]["version"])
    assert len(versions) == 1, versions
