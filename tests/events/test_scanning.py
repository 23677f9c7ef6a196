"""Scans become leads: each once, in whatever order and however often they come."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from events.models import EventBadge, EventExhibit, EventExhibitScan, EventExhibitTracking
from tenancy.context import tenant
from tests.conftest import Answer, Caller, Party
from tests.events.test_exhibitors import Fair


@pytest.fixture
def fair(north: Party) -> Fair:
    return Fair(north)


def moment(minutes: float = 0) -> str:
    return (timezone.now() - timedelta(hours=1) + timedelta(minutes=minutes)).isoformat()


def badge(fair: Fair, **values: Any) -> EventBadge:
    with tenant(fair.party.account.pk):
        row = EventBadge(
            event=fair.event, full_name="Bea", email="bea@example.org", **{"allow_tracking": True, **values}
        )
        row.save()
        return row


def scan(fair: Fair, caller: Caller, *scans: Any, **headers: str) -> Answer:
    path = f"/v3/action/event_exhibit/{fair.exhibit['id']}/scan"
    return caller.post(path, {"scans": list(scans)}, **headers)


def outcomes(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [result["outcome"] for result in answer.data["results"]]


def one(code: str, ref: str, minutes: float = 0, **values: Any) -> dict[str, Any]:
    return {"code": code, "client_ref": ref, "captured_on": moment(minutes), **values}


def lead_of(fair: Fair, row: EventBadge) -> EventExhibitTracking:
    with tenant(fair.party.account.pk):
        found: EventExhibitTracking = EventExhibitTracking.objects.get(
            event_badge=row, event_exhibit__id_random=fair.exhibit["id"]
        )
        return found


def test_every_outcome(fair: Fair, south: Party) -> None:
    new, closed = badge(fair), badge(fair, allow_tracking=False)
    with tenant(fair.party.account.pk):
        stranger = Fair.__new__(Fair)
        other = type(fair.event)(name="Other fair")
        other.save()
        elsewhere = EventBadge(event=other, full_name="Cy")
        elsewhere.save()
    del stranger
    theirs = Fair(south)
    late = one(new.badge_token, "late")
    late["captured_on"] = (timezone.now() - timedelta(days=91)).isoformat()
    ahead = one(new.badge_token, "ahead")
    ahead["captured_on"] = (timezone.now() + timedelta(minutes=6)).isoformat()
    answer = scan(
        fair,
        fair.exhibitor(rep_name="Grace"),
        one(new.badge_token, "1", rating=3),
        one(new.badge_token, "2", 1, rating=5, tags=["hot"]),
        one(new.badge_token, "1"),
        one(closed.badge_token, "3"),
        one(new.id_random, "4"),
        one(new.consent_token, "5"),
        one(theirs.lead.event_badge.badge_token, "6"),
        one(elsewhere.badge_token, "7"),
        late,
        ahead,
        one(new.badge_token, "8", rating=101),
        one(new.badge_token, "9", exhibitor_notes="\x00"),
        one(new.badge_token, "10", exhibitor_notes="x" * 8193),
        {"code": new.badge_token},
        "nonsense",
        one(new.badge_token, "11", colour="red"),
        one(new.badge_token, "x" * 101),
        {"code": [], "client_ref": {}, "captured_on": [], "tags": 1},
    )
    assert outcomes(answer) == [
        *("created", "merged", "duplicate", "not_consented", "unknown_code", "unknown_code", "unknown_code"),
        *("other_event", "bad_time", "bad_time"),
        *("invalid",) * 8,
    ]
    results = answer.data["results"]
    assert set(results[10]["fields"]) == {"rating"}
    lead = lead_of(fair, new)
    assert (lead.rating, lead.tags_json, lead.captured_by, lead.scan_count) == (5, ["hot"], "Grace", 2)
    assert results[0]["event_exhibit_tracking_id"] == lead.id_random
    exhibitor = fair.exhibitor()
    shown = exhibitor.get(f"/v3/crud/event_exhibit_tracking/{lead.id_random}?inc_event_badge=true").data
    assert (shown["event_badge"]["email"], shown["client_ref"]) == ("bea@example.org", "1")
    masked = exhibitor.get(
        f"/v3/crud/event_exhibit_tracking/{results[3]['event_exhibit_tracking_id']}?inc_event_badge=true"
    )
    assert masked.data["event_badge"]["email"] is None


def test_who_may_scan(fair: Fair, south: Party) -> None:
    row = badge(fair)
    assert outcomes(scan(fair, fair.party.member, one(row.badge_token, "m"))) == ["created"]
    assert scan(fair, fair.crm(), one(row.badge_token, "k")).status == 403
    reader = Caller({"x-aether-api-key": fair.party.keys["read_only"], "x-account-id": fair.party.id})
    for caller in (fair.party.guest, fair.browser, reader, south.member):
        assert scan(fair, caller, one(row.badge_token, "n")).status == 403
    next_door = f"/v3/action/event_exhibit/{fair.other['id']}/scan"
    assert fair.exhibitor().post(next_door, {"scans": []}).status == 403


@pytest.mark.parametrize("body", [{}, [], {"scans": {}}, {"scans": [], "x": 1}, {"scans": None}])
def test_a_wrong_envelope_is_refused(fair: Fair, body: Any) -> None:
    path = f"/v3/action/event_exhibit/{fair.exhibit['id']}/scan"
    assert fair.exhibitor().post(path, body).status == 400


def test_too_many_and_wrong_clocks(fair: Fair) -> None:
    exhibitor = fair.exhibitor()
    assert scan(fair, exhibitor, *[{}] * 501).status == 413
    for text in ("soon", "nan", "1e99", "40000000"):
        assert scan(fair, exhibitor, **{"x-ae-clock-offset": text}).status == 400
    row = badge(fair)
    ahead = one(row.badge_token, "1")
    ahead["captured_on"] = (timezone.now() + timedelta(hours=5)).isoformat()
    assert outcomes(scan(fair, exhibitor, ahead, **{"x-ae-clock-offset": "18000.5"})) == ["created"]
    lead = lead_of(fair, row)
    assert lead.device_captured_on - lead.captured_on == timedelta(seconds=18000.5)
    assert abs(lead.captured_on - timezone.now()) < timedelta(minutes=1)


def test_any_order_gives_the_same_rows(fair: Fair) -> None:
    rows = [badge(fair) for _ in range(4)]
    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    scans = [
        {
            "code": rows[number % 4].badge_token,
            "client_ref": f"s{number:03}",
            "captured_on": (begin + timedelta(seconds=number // 2)).isoformat(),
            "captured_by": f"rep {number % 3}",
            "rating": number % 5,
            "exhibitor_notes": f"note {number} <b>&amp;</b>" if number % 3 == 0 else None,
            "responses_json": {f"q{number % 2}": number},
            "tags": [f"t{number % 4}", f"t{number % 3}"],
        }
        for number in range(60)
    ]
    columns = ("captured_on", "captured_by", "rating", "exhibitor_notes", "responses_json", "tags_json", "client_ref")

    def held() -> list[Any]:
        with tenant(fair.party.account.pk):
            leads = EventExhibitTracking.objects.filter(event_badge__in=rows).order_by("event_badge")
            return list(leads.values_list(*columns))

    ends = []
    for seed in range(3):
        mixed = scans * 2
        random.Random(seed).shuffle(mixed)
        for start in range(0, len(mixed), 17):
            scan(fair, fair.party.member, *mixed[start : start + 17])
        ends.append(held())
        with tenant(fair.party.account.pk):
            assert EventExhibitScan.objects.count() == 60
            EventExhibitTracking.objects.filter(event_badge__in=rows).delete()
    assert ends[0] == ends[1] == ends[2]
    assert len(ends[0]) == 4
    captured_on, captured_by, rating, notes, answers, tags, ref = ends[0][0]
    assert (captured_on, captured_by, ref, rating) == (begin, "rep 0", "s000", 56 % 5)
    assert answers == {"q0": 56}
    assert tags == ["t0", "t1", "t2"]
    assert notes.index("note 0") < notes.index("note 12") < notes.index("note 48")


def test_four_devices_send_the_same_scans_in_their_own_order(fair: Fair) -> None:
    rows, size = [badge(fair) for _ in range(5)], 125
    scans = [
        one(rows[number % 5].badge_token, f"s{number:03}", number / 20, rating=number % 5, exhibitor_notes=f"n{number}")
        for number in range(500)
    ]

    def held(send_all: Any) -> list[Any]:
        send_all()
        with tenant(fair.party.account.pk):
            leads = EventExhibitTracking.objects.filter(event_badge__in=rows).order_by("event_badge")
            columns = ("event_badge", "captured_on", "captured_by", "rating", "client_ref", "scan_count")
            found = [
                (*lead, sorted(notes.split("n"))) for *lead, notes in leads.values_list(*columns, "exhibitor_notes")
            ]
            assert EventExhibitScan.objects.count() == len(scans)
            leads.delete()
        return found

    def in_turn() -> None:
        for start in range(0, len(scans), size):
            scan(fair, exhibitor, *scans[start : start + size])

    def mixed() -> None:
        orders = [random.Random(seed).sample(scans * 2, 1_000) for seed in range(4)]
        for start in range(0, 1_000, size):
            for order in orders:
                assert scan(fair, exhibitor, *order[start : start + size]).status == 200

    exhibitor = fair.exhibitor(rep_name="Grace")
    once = held(in_turn)
    assert held(mixed) == once
    assert [lead[5] for lead in once] == [100] * 5


def test_a_change_by_hand_counts_as_of_its_moment(fair: Fair) -> None:
    row, exhibitor = badge(fair), fair.exhibitor()
    scan(fair, exhibitor, one(row.badge_token, "1", rating=1, responses_json={"a": 1, "b": 1}, exhibitor_notes="first"))
    path = f"/v3/crud/event_exhibit_tracking/{lead_of(fair, row).id_random}"
    assert (
        exhibitor.patch(path, {"rating": 4, "exhibitor_notes": "mine", "responses_json": {"a": 2}, "hide": True}).status
        == 200
    )
    scan(fair, exhibitor, one(row.badge_token, "2", 5, rating=2, responses_json={"b": 9}, exhibitor_notes="late news"))
    lead = lead_of(fair, row)
    assert (lead.rating, lead.responses_json, lead.hide) == (4, {"a": 2}, False)
    assert lead.exhibitor_notes.startswith("mine")
    assert "late news" in lead.exhibitor_notes
    history = fair.party.manager.get(f"{path}/history").data
    assert [entry["changes"]["scan_count"] for entry in history if "scan_count" in entry["changes"]] == [
        [1, 2],
        [None, 1],
    ]


def test_a_device_may_name_its_scan_as_changes_by_hand_are_named(fair: Fair) -> None:
    row, exhibitor = badge(fair), fair.exhibitor()
    scan(fair, exhibitor, one(row.badge_token, "hand:1"))
    lead = lead_of(fair, row)
    assert (lead.scan_count, lead.client_ref) == (1, "hand:1")
    path = f"/v3/crud/event_exhibit_tracking/{lead.id_random}"
    assert exhibitor.patch(path, {"rating": 5, "exhibitor_notes": "mine"}).status == 200
    scan(fair, exhibitor, one(row.badge_token, "2", 1, rating=1))
    lead = lead_of(fair, row)
    assert (lead.rating, lead.exhibitor_notes, lead.scan_count) == (5, "mine", 2)


def test_a_lead_from_before_keeps_what_it_said(fair: Fair) -> None:
    exhibitor, path = fair.exhibitor(), f"/v3/crud/event_exhibit_tracking/{fair.lead.id_random}"
    exhibitor.patch(path, {"rating": 5, "exhibitor_notes": "known"})
    scan(fair, exhibitor, one(fair.lead.event_badge.badge_token, "1", rating=1, exhibitor_notes="again"))
    lead = lead_of(fair, fair.lead.event_badge)
    assert lead.rating == 5
    assert lead.exhibitor_notes.startswith("known")
    assert "again" in lead.exhibitor_notes


def test_an_event_says_which_codes_count(fair: Fair) -> None:
    row, twin = badge(fair, external_id="E-1"), badge(fair, external_id="E-2")
    badge(fair, external_id="E-2")
    exhibitor = fair.exhibitor()
    codes = {"cfg_json": {"scan_codes": ["badge_token", "id", "external_id"]}}
    assert outcomes(scan(fair, exhibitor, one("E-1", "1"))) == ["unknown_code"]
    fair.party.administrator.patch(f"/v3/crud/event/{fair.event.id_random}", codes)
    found = scan(
        fair, exhibitor, one("E-1", "1"), one(row.id_random, "2", 1), one("E-2", "3"), one(twin.badge_token, "4")
    )
    assert outcomes(found) == ["created", "merged", "unknown_code", "created"]


def test_questions_are_checked(fair: Fair) -> None:
    questions = [
        {"code": "buys", "type": "boolean", "required": True},
        {"code": "when", "type": "choice", "options": ["now", {"code": "later", "label": "Later"}]},
        {
            "code": "what",
            "type": "multiple",
            "options": ["a", "b"],
            "required": True,
            "show_if": {"code": "buys", "answer": True},
        },
        {"code": "size", "type": "number"},
    ]
    staff, path = fair.party.administrator, f"/v3/crud/event_exhibit/{fair.exhibit['id']}"
    for wrong in (
        [{"code": "a", "options": [1]}],
        [{"code": "a", "required": "yes"}],
        [{"code": "a", "show_if": {"code": "b", "answer": 1}}],
        [{"code": "a"}, {"code": "a"}],
    ):
        assert staff.patch(path, {"leads_questions_json": wrong}).status == 400
    assert staff.patch(path, {"leads_questions_json": questions}).status == 200
    row, exhibitor = badge(fair), fair.exhibitor()
    answers = [
        ({"buys": False, "extra": [1]}, "created"),
        ({"buys": True}, "invalid"),
        ({"buys": True, "what": ["a", "z"]}, "invalid"),
        ({"buys": True, "what": ["a"], "when": "later", "size": 3}, "merged"),
        ({"buys": "yes"}, "invalid"),
        ({"buys": False, "when": "never"}, "invalid"),
        ({"buys": False, "size": True}, "invalid"),
    ]
    for number, (given, outcome) in enumerate(answers):
        answer = scan(fair, exhibitor, one(row.badge_token, f"q{number}", number, responses_json=given))
        assert outcomes(answer) == [outcome], given
    refused = exhibitor.patch(
        f"/v3/crud/event_exhibit_tracking/{lead_of(fair, row).id_random}",
        {"responses_json": {"buys": False, "when": "x"}},
    )
    assert refused.status == 400
    assert "when" in refused.meta["details"]["fields"]["responses_json"][0]


def test_the_summary(fair: Fair, south: Party) -> None:
    exhibitor = fair.exhibitor(rep_name="Grace")
    fair.party.administrator.patch(f"/v3/crud/event/{fair.event.id_random}", {"time_zone": "Europe/Paris"})
    at = "2026-05-01T09:30:00Z"
    with tenant(fair.party.account.pk):
        exhibit = EventExhibit.objects.get(id_random=fair.exhibit["id"])
        EventExhibitTracking(
            event_exhibit=exhibit, captured_on=datetime.fromisoformat(at), rating=4, captured_by="A"
        ).save()
        EventExhibitTracking(event_exhibit=exhibit, rating=4, hide=True).save()
    path = f"/v3/action/event_exhibit/{fair.exhibit['id']}/leads_summary"
    assert exhibitor.get(path).data == {
        "total": 3,
        "time_zone": "Europe/Paris",
        "by_hour": [{"hour": "2026-05-01T11:00:00+02:00", "count": 1}],
        "by_rep": [{"rep": None, "count": 2}, {"rep": "A", "count": 1}],
        "by_rating": [{"rating": 4, "count": 1}, {"rating": None, "count": 2}],
    }
    assert (fair.party.manager.get(path).status, fair.party.member.get(path).status) == (200, 403)
    for nobody in (fair.crm(), fair.party.guest, south.manager):
        assert nobody.get(path).status == 403
