"""Every hit: its line in the log, its headers, its count."""

from __future__ import annotations

import io
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from accounts.models import ApiKey
from aether.logs import JsonFormatter
from legacy import hits, notice
from legacy.hits import Hit, HitCount, HitCounter, save, today
from legacy.models import LegacyHit
from tests.background import wait_for
from tests.conftest import Caller, Party
from tests.crud.threads import at_once, shared_database
from tests.legacy.asking import PREFIXES, journals, jp

LINE = "!!! DEPRECATED ROUTE ACCESSED"


@pytest.fixture(autouse=True)
def counter(monkeypatch: pytest.MonkeyPatch) -> Iterator[HitCounter]:
    """A counter that has seen nothing yet."""
    fresh = HitCounter()
    monkeypatch.setattr(notice, "counter", fresh)
    monkeypatch.setattr("legacy.management.commands.legacy_report.counter", fresh)
    yield fresh
    if fresh._again is not None:
        fresh._again.cancel()


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[logging.LogRecord]]:
    caplog.set_level(logging.INFO)
    return lambda: [record for record in caplog.records if record.name.startswith("legacy")]


def counted() -> dict[tuple[str, ...], int]:
    rows = LegacyHit.objects.values_list("method", "route", "key_name", "hits")
    return {tuple(row[:3]): row[3] for row in rows}


def report(*arguments: str) -> Any:
    out = io.StringIO()
    call_command("legacy_report", *arguments, stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue()) if "--json" in arguments else out.getvalue()


# headers


@pytest.mark.django_db
def test_each_answer_names_its_successor(north: Party, settings: Any) -> None:
    (own,) = journals(north.manager, "J")
    cases = {
        "/v2/crud/journal/list": "/v3/crud/journal/",
        "/v2/crud/journal/list?jp={}": "/v3/crud/journal/search",
        f"/v2/crud/journal/{own}/": f"/v3/crud/journal/{own}",
        f"/crud/journal/{own}?tbl_alt=x": f"/v3/crud/journal/{own}",
        "/crud/bogus/list": "/v3/crud/bogus/",
        "/crud/site/domain/x.example": "/v3/crud/site_domain/search",
        "/v2/crud/a/b/c/d": "/v3/crud/",
        "/v2/crud/%0d%0aX-Evil:1/list": "/v3/crud/",
        '/v2/crud/a">b/list': "/v3/crud/",
        "/": "/v3/schema/",
    }
    for caller in (north.manager, Caller()):
        for path, successor in cases.items():
            answer = caller.get(path)
            assert answer.headers["Link"] == f'<{successor}>; rel="successor-version"', path
            assert answer.headers["Deprecation"] == "@1767225600"  # 2026-01-01
            assert "Sunset" not in answer.headers
            assert "X-Evil" not in answer.headers
    settings.AETHER_LEGACY_SUNSET = date(2027, 6, 30)
    for caller in (north.manager, Caller()):
        assert caller.get("/v2/crud/journal/list").headers["Sunset"] == "Wed, 30 Jun 2027 00:00:00 GMT"
    new = north.manager.get("/v3/crud/journal/")
    assert not {"Deprecation", "Sunset", "Link"} & set(new.headers)


# the log


@pytest.mark.django_db
def test_every_hit_has_its_line(north: Party, lines: Any) -> None:
    (own,) = journals(north.manager, "J")
    assert lines() == []
    for _ in range(2):
        north.manager.get(f"/v2/crud/journal/{own}?tbl_alt=enriched&jwt=")
    north.member.get("/crud/journal/list")
    Caller().get("/v2/crud/journal/list")
    assert [record.getMessage() for record in lines()] == [
        f"{LINE}: GET /v2/crud/{{type}}/{{id}}, key -, 1 today",  # the empty token was refused
        f"{LINE}: GET /v2/crud/{{type}}/{{id}}, key -, 2 today",
        f"{LINE}: GET /crud/{{type}}/list, key North user, 1 today",
        f"{LINE}: GET /v2/crud/{{type}}/list, key -, 1 today",
    ]
    assert {record.levelname for record in lines()} == {"WARNING"}
    assert json.loads(JsonFormatter().format(lines()[2]))["route"] == "/crud/{type}/list"


@pytest.mark.django_db
def test_a_flood_with_evil_bytes_leaves_the_log_whole(north: Party, lines: Any, caplog: Any) -> None:
    """LEG-06."""
    name = "Evil\r\n\x1b[31mkey\u2028name\u202e"
    _, key = ApiKey.issue(name=name, role="user", accounts=[north.account])
    evil = Caller({"x-aether-api-key": key, "x-account-id": north.id, "user-agent": "a\x1b[2J'\"\r\n"})
    paths = (
        "/v2/crud/%0d%0a%1b[31mFAKE/list",
        "/v2/crud/journal/list?q=%0d%0a2026-01-01 CRITICAL fake&password=hunter2&jwt=eyJhbGciOiJIUzI1NiJ9.e30.x",
        "/crud/journal/%22%27%1b",
        "/crud/site/domain/%0a%0a",
    )
    for path in paths:
        for _ in range(250):
            evil.get(path)
    said = lines()
    assert 0 < len(said) <= 4 * hits.LINES_A_MINUTE * 2  # a minute may end while the flood goes on
    for record in said:
        message = record.getMessage()
        assert message.startswith(f"{LINE}: GET ")
        assert message.isprintable(), message
        line = JsonFormatter().format(record)
        assert "\n" not in line
        assert json.loads(line)["message"] == message
        for secret in ("hunter2", "eyJ", key, "FAKE", "CRITICAL"):
            assert secret not in line
    whole = [JsonFormatter().format(record) for record in caplog.records]
    assert [line for line in whole if "\n" in line or "\x1b" in line or not json.loads(line)] == []
    assert sum(counted().values()) == 1_000
    last = max(record.hits_today for record in said if "{fqdn}" in record.getMessage())
    assert last >= hits.LINES_A_MINUTE


@pytest.mark.django_db
def test_a_new_minute_has_lines_again(counter: HitCounter, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [600.0]
    monkeypatch.setattr(hits.time, "monotonic", lambda: now[0])
    hit = Hit(today(), "/", "GET", "", "")
    told = [counter.add(hit) for _ in range(hits.LINES_A_MINUTE + 5)]
    assert [place.has_line for place in told] == [True] * hits.LINES_A_MINUTE + [False] * 5
    assert [place.number for place in told if place.is_last] == [hits.LINES_A_MINUTE]
    now[0] += 60
    assert counter.add(hit) == HitCount(hits.LINES_A_MINUTE + 6, has_line=True, is_last=False, left_out=5)
    assert counter.add(hit).left_out == 0
    tomorrow = Hit(today() + timedelta(days=1), "/", "GET", "", "")
    assert counter.add(tomorrow) == HitCount(1, has_line=True, is_last=False, left_out=0)


@pytest.mark.django_db
def test_the_log_says_that_it_leaves_out_lines(north: Party, lines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hits, "LINES_A_MINUTE", 2)
    minute = [600.0]
    monkeypatch.setattr(hits.time, "monotonic", lambda: minute[0])
    for _ in range(5):
        north.manager.get("/v2/crud/journal/list")
    minute[0] += 60
    north.manager.get("/v2/crud/journal/list")
    head = f"{LINE}: GET /v2/crud/{{type}}/list, key North manager"
    assert [record.getMessage() for record in lines()] == [
        f"{head}, 1 today",
        f"{head}, 2 today; the others of this minute are counted, and not logged",
        f"{head}, 6 today; 3 lines before it were left out",
    ]
    assert sum(counted().values()) == 6


# the count


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_hit_is_counted_by_day_route_method_and_key(north: Party, prefix: str) -> None:
    (own,) = journals(north.manager, "J")
    for _ in range(3):
        north.manager.get(f"{prefix}/journal/{own}")
    north.manager.get(f"{prefix}/event/nowhere0000")
    north.manager.patch(f"{prefix}/journal/{own}", {"bogus": 1})
    north.member.get(f"{prefix}/journal/list")
    north.member.get(f"{prefix}/journal/list{jp({})}")
    north.member("PROPFIND", f"{prefix}/journal/list")
    north.member.get(f"{prefix}/never/was/one")
    Caller().get(f"{prefix}/journal/list")
    Caller().get("/")
    Caller({"accept": "text/html"}).get("/")
    north.manager.get(f"/v3/crud/journal/{own}")
    assert counted() == {
        ("GET", f"{prefix}/{{type}}/{{id}}", "North manager"): 4,
        ("PATCH", f"{prefix}/{{type}}/{{id}}", "North manager"): 1,
        ("GET", f"{prefix}/{{type}}/list", "North user"): 2,
        ("other", f"{prefix}/{{type}}/list", "North user"): 1,
        ("GET", f"{prefix}/*", "North user"): 1,
        ("GET", f"{prefix}/{{type}}/list", ""): 1,
        ("GET", "/", ""): 1,
    }
    assert set(LegacyHit.objects.values_list("day", flat=True)) == {today()}


@pytest.mark.django_db
def test_a_hit_costs_one_small_statement(north: Party, django_assert_num_queries: Any) -> None:
    (own,) = journals(north.manager, "J")
    for path in (f"/v3/crud/journal/{own}", f"/v2/crud/journal/{own}"):
        north.manager.get(path)
    with django_assert_num_queries(1):
        north.manager.get(f"/v3/crud/journal/{own}")
    with django_assert_num_queries(4) as asked:  # the same, and an UPDATE in a transaction (here: a savepoint)
        north.manager.get(f"/v2/crud/journal/{own}")
    told = [query["sql"].split()[0] for query in asked.captured_queries]
    assert told == ["SELECT", "SAVEPOINT", "UPDATE", "RELEASE"]


@pytest.mark.django_db
def test_what_can_not_be_written_waits(
    north: Party, counter: HitCounter, monkeypatch: pytest.MonkeyPatch, lines: Any
) -> None:
    now = [1_000.0]
    monkeypatch.setattr(hits.time, "monotonic", lambda: now[0])
    attempts = []

    def fail(batch: Counter[Hit]) -> None:
        attempts.append(batch.total())
        raise OperationalError(2006, "away with the secret")

    with monkeypatch.context() as broken:
        broken.setattr(hits, "save", fail)
        for _ in range(3):
            assert north.manager.get("/v2/crud/journal/list").status == 200
        assert set(attempts) == {1}  # then it pauses, and nobody waits for the database
        assert counted() == {}
        now[0] += hits.PAUSE
        assert north.manager.get("/v2/crud/journal/list").status == 200
        assert attempts[-1] == 4
    warned = [record.getMessage() for record in lines() if record.name == "legacy.hits"]
    assert warned == [f"{n} hits of old routes wait to be written: OperationalError" for n in (1, 4)]
    assert counted() == {}
    counter.write_all()  # the end of the process
    assert list(counted().values()) == [4]
    assert north.manager.get("/v2/crud/journal/list").status == 200


def test_what_could_not_be_written_is_written_without_another_call(
    counter: HitCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: Counter[Hit] = Counter()
    failures = [OperationalError(2006, "away"), OperationalError(2006, "away")]

    def save_at_last(batch: Counter[Hit]) -> None:
        if failures:
            raise failures.pop()
        written.update(batch)

    monkeypatch.setattr(hits, "PAUSE", 0.01)
    monkeypatch.setattr(hits, "in_transaction", lambda work: work())
    monkeypatch.setattr(hits, "save", save_at_last)
    hit = Hit(today(), "/", "GET", "", "")
    counter.add(hit)
    counter.write()
    assert wait_for(lambda: written[hit], "the count") == 1


@pytest.mark.django_db
def test_a_row_that_another_process_made_first(monkeypatch: pytest.MonkeyPatch) -> None:
    hit = Hit(today(), "/", "GET", "", "")
    save(Counter({hit: 2}))
    real, missed = type(LegacyHit.objects.none()).update, []

    def update(rows: Any, **changes: Any) -> int:
        if not missed:
            missed.append(1)
            return 0  # as if the row came into being only after this
        return real(rows, **changes)

    monkeypatch.setattr(type(LegacyHit.objects.none()), "update", update)
    save(Counter({hit: 3}))
    assert (missed, list(LegacyHit.objects.values_list("hits", flat=True))) == ([1], [5])


@pytest.mark.django_db(transaction=True)
def test_counts_are_exact_with_fifty_threads(counter: HitCounter, tmp_path: Path) -> None:
    found = [Hit(today(), route, "GET", str(number % 5), "") for number, route in enumerate("abcdefghij")]

    def work(number: int) -> Callable[[], None]:
        def run() -> None:
            for step in range(20):
                counter.add(found[(number + step) % len(found)])
                counter.write()

        return run

    with shared_database(tmp_path) as connect:
        at_once(connect, [work(number) for number in range(50)])
        counter.write_all()
        rows = dict(LegacyHit.objects.values_list("route", "hits"))
    assert rows == {hit.route: 100 for hit in found}


@pytest.mark.django_db(transaction=True)
def test_two_processes_count_together(tmp_path: Path) -> None:
    """Two counters, as two processes have them: their writers do meet in the database."""
    hit = [Hit(today(), route, "GET", "", "") for route in "abc"]
    counters = [HitCounter(), HitCounter()]

    def work(number: int) -> Callable[[], None]:
        def run() -> None:
            for step in range(30):
                counters[number % 2].add(hit[(number + step) % 3])
                counters[number % 2].write_all()

        return run

    with shared_database(tmp_path) as connect:
        at_once(connect, [work(number) for number in range(8)])
        for each in counters:
            each.write_all()
        rows = dict(LegacyHit.objects.values_list("route", "hits"))
    assert rows == {"a": 80, "b": 80, "c": 80}


def test_a_thread_goes_home_after_a_while(counter: HitCounter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others keep the writer busy; it does not serve them for ever, and nothing is lost."""
    hit = Hit(today(), "/", "GET", "", "")
    written: Counter[Hit] = Counter()

    def busy(batch: Counter[Hit]) -> None:
        written.update(batch)
        counter.add(hit)
        counter.write()  # another caller, who finds the writer at work

    monkeypatch.setattr(hits, "in_transaction", lambda work: work())
    monkeypatch.setattr(hits, "save", busy)
    counter.add(hit)
    counter.write()
    assert written[hit] == hits.ROUNDS
    monkeypatch.setattr(hits, "save", written.update)
    counter.write()
    assert written[hit] == hits.ROUNDS + 1


# the report


@pytest.fixture
def week(db: None) -> None:
    for ago, route, prefix, name, count in (
        (0, "/v2/crud/{type}/list", "aaa", "Launcher", 5),
        (6, "/v2/crud/{type}/list", "aaa", "Launcher", 7),
        (7, "/v2/crud/{type}/list", "aaa", "Launcher", 100),
        (1, "/crud/{type}/{id}", "bbb", "Old\x1bkiosk", 3),
        (40, "/", "", "", 1_000),
    ):
        save(Counter({Hit(today() - timedelta(days=ago), route, "GET", prefix, name): count}))


@pytest.mark.usefixtures("week")
def test_the_report_says_who_calls_what() -> None:
    rows = report("--json", "--days", "7")
    assert [(row["hits"], row["key_prefix"], row["key_name"], row["route"]) for row in rows] == [
        (12, "aaa", "Launcher", "/v2/crud/{type}/list"),
        (3, "bbb", "Old\x1bkiosk", "/crud/{type}/{id}"),
    ]
    first, last = today() - timedelta(days=6), today()
    assert (rows[0]["first_day"], rows[0]["last_day"]) == (first.isoformat(), last.isoformat())
    assert rows[0]["method"] == "GET"
    assert [row["hits"] for row in report("--json")] == [112, 3]
    assert [row["hits"] for row in report("--json", "--days", "365")] == [1_000, 112, 3]


@pytest.mark.usefixtures("week")
def test_the_report_for_people() -> None:
    text = report("--days", "7")
    head, launcher, kiosk = [line.split() for line in text.splitlines()]
    assert head == ["hits", "key_prefix", "key_name", "method", "route", "first_day", "last_day"]
    assert (launcher[0], launcher[2], kiosk[2]) == ("12", "Launcher", "Old?kiosk")


@pytest.mark.django_db
def test_the_report_without_calls_and_with_a_wrong_number() -> None:
    assert report("--json") == []
    assert len(report().splitlines()) == 1
    for days in ("0", "-1", "99999999999"):
        with pytest.raises(CommandError):
            report("--days", days)


@pytest.mark.django_db
def test_the_report_writes_first_what_waits(counter: HitCounter) -> None:
    counter.add(Hit(today(), "/", "GET", "", ""))
    assert [row["hits"] for row in report("--json")] == [1]
