"""Exhibitors: signing in by passcode, what is open to them, and what is not, at every door."""

from __future__ import annotations

from typing import Any

import pypdfium2
import pytest
from django.contrib.auth.hashers import make_password

from accounts import standing
from accounts.models import ApiKey
from events.models import Event, EventBadge, EventExhibit, EventExhibitPasscode, EventExhibitTracking, EventSession
from tenancy.context import every_tenant, tenant
from tests.conftest import Answer, Caller, Party

PASSCODE = "open-the-booth"
WORD = "canary"


class Fair:
    """Two exhibits of one account with a lead each: one's own, and the neighbour's."""

    def __init__(self, party: Party, **flags: Any) -> None:
        self.party = party
        self.own, self.neighbour = "", ""
        party.administrator.create("event", name="Fair")
        with tenant(party.account.pk):
            self.event = Event.objects.get()
            EventSession(event=self.event, name="Opening").save()
        self.exhibit = party.administrator.create(
            "event_exhibit", event_id=self.event.id_random, name="Own", passcode=PASSCODE, notes=WORD, **flags
        )
        self.other = party.administrator.create("event_exhibit", event_id=self.event.id_random, name="Next")
        self.lead, self.others_lead = self._lead(self.exhibit, True), self._lead(self.other, True)
        self.unshared = self._lead(self.exhibit, False)

    def _lead(self, exhibit: dict[str, Any], consents: bool) -> EventExhibitTracking:
        with tenant(self.party.account.pk):
            badge = EventBadge(
                event=self.event, full_name="Ada", email="ada@example.org", phone="+1", allow_tracking=consents
            )
            badge.save()
            row = EventExhibitTracking(
                event_exhibit=EventExhibit.objects.get(id_random=exhibit["id"]), event_badge=badge, notes=WORD
            )
            row.save()
            return row

    @property
    def browser(self) -> Caller:
        return Caller({"x-aether-api-key": self.party.keys["publishable"]})

    def sign_in(self, passcode: str = PASSCODE, **more: str) -> Answer:
        body = {"exhibit_id": self.exhibit["id"], "passcode": passcode, **more}
        return self.browser.post("/api/authenticate_exhibit", body)

    def exhibitor(self, passcode: str = PASSCODE, **more: str) -> Caller:
        answer = self.sign_in(passcode, **more)
        assert answer.status == 200, answer.body
        return self.browser.with_headers(authorization=f"Bearer {answer.data['jwt']}")

    def crm(self) -> Caller:
        key = ApiKey.issue(name="CRM", role="exhibitor", subject_id=self.exhibit["id"], accounts=[self.party.account])[
            1
        ]
        return Caller({"x-aether-api-key": key, "x-account-id": self.party.id})


@pytest.fixture
def fair(north: Party) -> Fair:
    return Fair(north)


def test_signing_in(fair: Fair) -> None:
    answer = fair.sign_in(rep_name="Grace")
    told = {name: answer.data[name] for name in ("account_id", "event_id", "exhibit_id", "rep_name", "role")}
    assert told == {
        "account_id": fair.party.id,
        "event_id": fair.event.id_random,
        "exhibit_id": fair.exhibit["id"],
        "rep_name": "Grace",
        "role": "exhibitor",
    }
    who = fair.exhibitor(rep_name="Grace").get("/v3/auth/whoami").data
    assert (who["role"], who["exhibit_id"], who["rep_name"]) == ("exhibitor", fair.exhibit["id"], "Grace")


def test_one_refusal_for_all_that_is_wrong(fair: Fair, south: Party) -> None:
    closed = fair.party.administrator.create(
        "event_exhibit", event_id=fair.event.id_random, name="Off", passcode=PASSCODE, enable=False
    )
    wrong = [
        {"exhibit_id": fair.exhibit["id"], "passcode": "guess"},
        {"exhibit_id": fair.other["id"], "passcode": PASSCODE},
        {"exhibit_id": closed["id"], "passcode": PASSCODE},
        {"exhibit_id": "nowhere0000", "passcode": PASSCODE},
        {"exhibit_id": "é" * 30, "passcode": "😀" * 300},
    ]
    answers = [fair.browser.post("/api/authenticate_exhibit", body) for body in wrong]
    stranger = Caller({"x-aether-api-key": south.keys["publishable"]})
    body = {"exhibit_id": fair.exhibit["id"], "passcode": PASSCODE}
    answers.append(stranger.post("/api/authenticate_exhibit", body))
    assert {answer.status for answer in answers} == {401}
    assert len({answer.meta["status_message"] for answer in answers}) == 1
    for body in ({}, {"exhibit_id": "x"}, {"exhibit_id": 1, "passcode": "x"}, [], {"passcode": PASSCODE, "a": "b"}):
        assert fair.browser.post("/api/authenticate_exhibit", body).status == 400


@pytest.mark.parametrize("weak", ["12345", "a", "password", "111111"])
def test_a_passcode_that_is_soon_guessed_is_refused_and_an_old_one_warned_about(fair: Fair, weak: str) -> None:
    path = f"/v3/crud/event_exhibit/{fair.exhibit['id']}"
    refused = fair.party.administrator.patch(path, {"passcode": weak})
    assert (refused.error, list(refused.meta["details"]["fields"])) == (("validation", 400), ["passcode"])
    assert fair.sign_in().meta.get("warnings") is None
    with every_tenant(reason="a test stores what was allowed once"):
        EventExhibit.objects.filter(id_random=fair.exhibit["id"]).update(passcode=make_password(weak))
    (warning,) = fair.sign_in(weak).meta["warnings"]
    assert "easily guessed" in warning


def test_guesses_are_counted(fair: Fair) -> None:
    assert [fair.sign_in("guess").status for _ in range(7)] == [401] * 5 + [429] * 2
    assert fair.sign_in().status == 429


def test_what_an_exhibitor_reads(fair: Fair) -> None:
    exhibitor = fair.exhibitor()
    assert exhibitor.get("/v3/crud/event_exhibit/").ids == [fair.exhibit["id"]]
    own = exhibitor.get(f"/v3/crud/event_exhibit/{fair.exhibit['id']}?view=enriched")
    assert own.status == 200
    assert "leads_questions_json" in own.data
    assert "notes" not in own.data
    assert own.data["event_exhibit_tracking_count"] == 2
    assert set(exhibitor.get("/v3/crud/event_exhibit_tracking/").ids) == {
        fair.lead.id_random,
        fair.unshared.id_random,
    }
    assert len(exhibitor.get(f"/v3/crud/event_exhibit/{fair.exhibit['id']}/tracking/").data) == 2
    assert exhibitor.get(f"/v3/crud/event_exhibit_tracking/{fair.others_lead.id_random}").status == 403
    assert exhibitor.get(f"/v3/crud/event_exhibit/{fair.other['id']}/tracking/").status == 403
    assert [row["name"] for row in exhibitor.get(f"/v3/crud/event/{fair.event.id_random}/session/").data] == ["Opening"]
    for closed in ("event_badge", "event_person", "person", "user", "event_badge_consent", "event_device"):
        assert exhibitor.get(f"/v3/crud/{closed}/").status == 403
        assert exhibitor.search(closed, {}).data == []
    text = str(exhibitor.get("/v3/crud/event_exhibit_tracking/?inc_event_badge=true&inc_event_exhibit=true").body)
    assert WORD not in text
    assert "token" not in text
    assert {kind["name"] for kind in exhibitor.get("/v3/crud/").data} >= {"event_exhibit", "event_exhibit_tracking"}
    assert "event_badge" not in {kind["name"] for kind in exhibitor.get("/v3/crud/").data}


def test_contact_data_comes_by_consent(fair: Fair) -> None:
    exhibitor = fair.exhibitor()
    answer = exhibitor.get(f"/v3/crud/event_exhibit_tracking/{fair.unshared.id_random}?inc_event_badge=true")
    assert answer.data["event_badge"]["full_name"] == "Ada"
    assert answer.data["event_badge"]["email"] is None
    assert answer.meta["masked"] == ["event_badge.location", "event_badge.email", "event_badge.phone"]
    answer = exhibitor.get(f"/v3/crud/event_exhibit_tracking/{fair.lead.id_random}?inc_event_badge=true")
    assert answer.data["event_badge"]["email"] == "ada@example.org"
    assert "masked" not in answer.meta
    for name in ("email", "consent_token", "badge_token", "external_id"):
        found = exhibitor.search(
            "event_exhibit_tracking", {"and": [{"field": f"event_badge.{name}", "op": "is_not_null"}]}
        )
        assert found.error == ("database_schema", 1054)


def test_an_account_names_more_fields(fair: Fair) -> None:
    path = f"/v3/crud/event_exhibit_tracking/{fair.unshared.id_random}?view=enriched"
    settings = {"cfg_json": {"lead_fields_by_consent": ["full_name", "id", 7, "no_such"]}}
    assert fair.party.manager.patch(f"/v3/crud/account/{fair.party.id}", settings).status == 200
    standing.forget()
    for caller in (fair.exhibitor(), fair.party.manager):
        answer = caller.get(path)
        assert answer.data["event_badge_full_name"] is None
        assert answer.data["event_badge_id"]
        assert answer.meta["masked"] == ["event_badge_full_name"]
        assert caller.get("/v3/crud/event_exhibit_tracking/?order_by=event_badge.full_name").status == 400
    export = f"/v3/action/event_exhibit/{fair.exhibit['id']}/tracking_export?return_file=false"
    text = b"".join(fair.party.manager.get(export).raw.streaming_content).decode()
    assert text.count('"full_name":"Ada"') == 1
    assert text.count('"full_name":null') == 1


def test_what_an_exhibitor_writes(fair: Fair) -> None:
    exhibitor, path = fair.exhibitor(), f"/v3/crud/event_exhibit_tracking/{fair.lead.id_random}"
    values = {
        "rating": 4,
        "exhibitor_notes": "<b>Hot</b>",
        "responses_json": {"a": 1},
        "tags_json": ["x"],
        "hide": True,
    }
    answer = exhibitor.patch(path, values)
    assert {name: answer.data[name] for name in values} == values
    for name in ("captured_by", "event_badge_id", "enable", "contact_shared", "notes", "event_exhibit_id"):
        refused = exhibitor.patch(path, {name: None})
        assert (refused.status, refused.error) == (400, ("validation", 400)), name
    assert exhibitor.delete(f"{path}?method=hide").status == 200
    for method in ("disable", "delete"):
        assert exhibitor.delete(f"{path}?method={method}").status == 403
    assert exhibitor.post("/v3/crud/event_exhibit_tracking/", {"event_exhibit_id": fair.exhibit["id"]}).status == 403
    assert exhibitor.post("/v3/crud/event_badge/", {"event_id": fair.event.id_random}).status == 403
    assert exhibitor.patch(f"/v3/crud/event_exhibit/{fair.exhibit['id']}", {"name": "x"}).status == 403
    theirs = f"/v3/crud/event_exhibit_tracking/{fair.others_lead.id_random}"
    assert exhibitor.patch(theirs, {"rating": 1}).status == 403
    assert exhibitor.get(f"{path}/history").status == 403
    bulk = exhibitor.post("/v3/crud/event_exhibit_tracking/bulk", {"update": [{"id": fair.others_lead.id_random}]})
    assert bulk.status == 403


def test_a_file_needs_the_flag(fair: Fair) -> None:
    exhibitor = fair.exhibitor()
    export = f"/v3/action/event_exhibit/{fair.exhibit['id']}/tracking_export?file_type=csv"
    below = f"/v3/crud/event_exhibit/{fair.exhibit['id']}/tracking/search?export=csv"
    for closed in (False, True):
        fair.party.manager.patch(f"/v3/crud/event_exhibit/{fair.exhibit['id']}", {"leads_api_access": closed})
        expected = 200 if closed else 403
        whole = "/v3/crud/event_exhibit_tracking/search?export=csv"
        for answer in (exhibitor.get(export), exhibitor.post(whole, {}), exhibitor.post(below, {})):
            list(answer.raw)  # an export has a place among the few that run at once until its reader is done
            assert answer.status == expected
    theirs = export.replace(fair.exhibit["id"], fair.other["id"])
    assert exhibitor.get(theirs).status == 403


def test_a_key_for_a_crm_needs_the_flag(fair: Fair) -> None:
    crm = fair.crm()
    path = f"/v3/crud/event_exhibit_tracking/{fair.lead.id_random}"
    assert crm.get("/v3/auth/whoami").data["exhibit_id"] == fair.exhibit["id"]
    assert (crm.get("/v3/crud/event_exhibit_tracking/").data, crm.get(path).status) == ([], 403)
    assert crm.post("/v3/crud/event_exhibit_tracking/search?export=csv", {}).status == 403
    fair.party.manager.patch(f"/v3/crud/event_exhibit/{fair.exhibit['id']}", {"leads_api_access": True})
    assert len(crm.get("/v3/crud/event_exhibit_tracking/").data) == 2
    assert crm.patch(path, {"rating": 2}).status == 200
    fair.party.manager.patch(f"/v3/crud/event_exhibit/{fair.exhibit['id']}", {"enable": False})
    standing.forget()
    assert crm.get("/v3/crud/event_exhibit_tracking/").status == 403


def test_tokens_end_with_what_they_are_made_from(fair: Fair) -> None:
    path = "/v3/crud/event_exhibit_tracking/"
    with tenant(fair.party.account.pk):
        exhibit = EventExhibit.objects.get(id_random=fair.exhibit["id"])
        rep, passcode = EventExhibitPasscode.issue(exhibit, "Grace", "test")
    by_rep, by_own = fair.exhibitor(passcode, rep_name="Mallory"), fair.exhibitor()
    assert by_rep.get("/v3/auth/whoami").data["rep_name"] == "Grace"
    fair.party.manager.patch(f"/v3/crud/event_exhibit/{fair.exhibit['id']}", {"passcode": "another-one"})
    standing.forget()
    assert (by_own.get(path).status, by_rep.get(path).status) == (401, 200)
    with tenant(fair.party.account.pk):
        rep.delete()
    standing.forget()
    assert by_rep.get(path).status == 401
    again = fair.exhibitor("another-one")
    fair.party.manager.patch(f"/v3/crud/event/{fair.event.id_random}", {"hide": True})
    standing.forget()
    assert again.get(path).status == 401
    assert fair.sign_in("another-one").status == 401


def test_a_withdrawal_is_a_change_of_the_lead(fair: Fair) -> None:
    badge = fair.lead.event_badge
    fair.party.administrator.patch(f"/v3/crud/event_badge/{badge.id_random}", {"allow_tracking": False})
    path = f"/v3/crud/event_exhibit_tracking/{fair.lead.id_random}?inc_event_badge=true"
    assert fair.exhibitor().get(path).data["event_badge"]["email"] is None
    ledger = fair.party.administrator.get(f"/v3/crud/event_badge/{badge.id_random}/consent/").data
    assert [(row["share"], row["how"], row["event_exhibit_id"]) for row in ledger] == [
        (True, "created", None),
        (False, "staff", None),
    ]
    assert fair.party.member.get("/v3/crud/event_badge_consent/").status == 403
    for method, target, body in (
        ("POST", "", {"event_badge_id": badge.id_random, "how": "staff", "share": True}),
        ("PATCH", f"{ledger[0]['id']}", {"share": False}),
        ("DELETE", f"{ledger[0]['id']}?method=delete", None),
    ):
        assert fair.party.manager(method, f"/v3/crud/event_badge_consent/{target}", body).status == 403


def test_a_replay_shows_what_holds_now(fair: Fair) -> None:
    path = f"/v3/crud/event_exhibit_tracking/{fair.lead.id_random}?inc_event_badge=true"
    caller = fair.party.manager.with_headers(**{"idempotency-key": "once"})
    assert caller.patch(path, {"rating": 5}).data["event_badge"]["email"]
    fair.party.manager.patch(f"/v3/crud/event_badge/{fair.lead.event_badge.id_random}", {"allow_tracking": False})
    again = caller.patch(path, {"rating": 5})
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.data["event_badge"]["email"] is None


def test_a_deleted_lead_keeps_its_rule(fair: Fair) -> None:
    path = f"/v3/crud/event_exhibit_tracking/{fair.lead.id_random}"
    assert fair.party.manager.delete(f"{path}?method=delete").status == 200
    assert fair.party.administrator.get(f"{path}/history").status == 403
    assert fair.party.manager.get(f"{path}/history").status == 200


def test_a_taken_pair_tells_nothing(fair: Fair) -> None:
    body = {"event_exhibit_id": fair.exhibit["id"], "event_badge_id": fair.lead.event_badge.id_random}
    assert fair.party.member.post("/v3/crud/event_exhibit_tracking/", body).status == 403


def test_a_token_is_good_for_nothing_else(fair: Fair) -> None:
    token = fair.sign_in().data["jwt"]
    for path, body in (("/v3/auth/refresh", {"refresh": token}), ("/v3/auth/logout", {"refresh": token})):
        assert fair.browser.post(path, body).status == 401


def test_passcodes_for_the_people_of_an_exhibit(fair: Fair, south: Party) -> None:
    path = f"/v3/action/event_exhibit/{fair.exhibit['id']}/passcodes"
    staff = fair.party.administrator
    made = staff.post(path, {"reps": ["Grace", "Ada"]})
    assert made.status == 201
    listed = staff.get(path).data
    assert [row["rep_name"] for row in listed] == ["Grace", "Ada"]
    assert all("passcode" not in row for row in listed)
    exhibitor = fair.exhibitor(made.data[0]["passcode"])
    assert exhibitor.get("/v3/auth/whoami").data["rep_name"] == "Grace"
    for nobody in (fair.party.member, fair.party.guest, exhibitor, south.administrator):
        assert nobody.get(path).status == 403
        assert nobody.post(path, {"reps": ["x"]}).status == 403
        assert nobody.delete(f"{path}/{listed[0]['id']}").status == 403
    elsewhere = path.replace(fair.exhibit["id"], fair.other["id"])
    assert staff.delete(f"{elsewhere}/{listed[0]['id']}").status == 404
    assert staff.delete(f"{path}/{listed[0]['id']}").status == 200
    standing.forget()
    assert exhibitor.get("/v3/crud/event_exhibit/").status == 401
    assert fair.sign_in(made.data[0]["passcode"]).status == 401
    assert fair.sign_in(made.data[1]["passcode"]).status == 200
    for wrong in ({}, [], {"reps": []}, {"reps": [1]}, {"reps": ["\x00"]}, {"reps": [" "]}, {"reps": ["a"], "x": 1}):
        assert staff.post(path, wrong).status == 400, wrong
    assert staff.post(path, {"reps": ["x"] * 201}).status == 413


def test_cards_sign_in(fair: Fair) -> None:
    path = f"/v3/action/event_exhibit/{fair.exhibit['id']}/passcodes"
    answer = fair.party.administrator.post(path, {"reps": ["Grace Hopper"], "to_type": "pdf"})
    assert (answer.status, answer.headers["Content-Type"]) == (201, "application/pdf")
    document = pypdfium2.PdfDocument(answer.raw.content)
    text = document[0].get_textpage().get_text_range()
    assert "Grace Hopper" in text
    passcode = next(word for word in text.split() if len(word) == 12 and word.isupper())
    assert fair.sign_in(passcode).data["rep_name"] == "Grace Hopper"


def test_the_attendee_sees_and_decides(fair: Fair, south: Party) -> None:
    browser, badge = fair.party.guest, fair.lead.event_badge
    path = f"/v3/action/event_badge/{badge.consent_token}"
    lead = f"/v3/crud/event_exhibit_tracking/{fair.lead.id_random}?inc_event_badge=true"
    seen = browser.get(f"{path}/scans")
    assert seen.data["badge"] == {"full_name": "Ada"}
    assert seen.data["scans"] == [
        {
            "exhibit_id": fair.exhibit["id"],
            "exhibit_name": "Own",
            "captured_on": None,
            "share": True,
            "fields": ["full_name", "email", "phone"],
        }
    ]
    tag = fair.exhibitor().get(lead).headers["ETag"]
    answer = browser.post(f"{path}/consent", {"exhibit_id": fair.exhibit["id"], "share": False})
    assert (answer.data["scans"][0]["share"], answer.data["scans"][0]["fields"]) == (False, ["full_name"])
    again = fair.exhibitor().get(lead, **{"if-none-match": tag})
    assert (again.status, again.data["event_badge"]["email"]) == (200, None)
    # Staff can't lift it; the attendee can, for all that come too.
    for value in (False, True):
        fair.party.administrator.patch(f"/v3/crud/event_badge/{badge.id_random}", {"allow_tracking": value})
    assert fair.exhibitor().get(lead).data["event_badge"]["email"] is None
    browser.post(f"{path}/consent", {"exhibit_id": "all", "share": True})
    assert fair.exhibitor().get(lead).data["event_badge"]["email"] == "ada@example.org"
    ledger = fair.party.administrator.get(f"/v3/crud/event_badge/{badge.id_random}/consent/?view=enriched").data
    assert [(row["how"], row["share"]) for row in ledger] == [
        ("created", True),
        ("attendee", False),
        ("staff", False),
        ("staff", True),
        ("attendee", True),
    ]
    for token in (badge.badge_token, "x" * 24, badge.id_random):
        assert browser.get(f"/v3/action/event_badge/{token}/scans").status == 404
        assert (
            browser.post(f"/v3/action/event_badge/{token}/consent", {"exhibit_id": "all", "share": True}).status == 404
        )
    assert south.guest.get(f"{path}/scans").status == 404
    assert fair.browser.get(f"{path}/scans").status == 404
    for wrong in ({}, [], {"exhibit_id": "all"}, {"exhibit_id": 1, "share": True}, {"exhibit_id": "no", "share": True}):
        assert browser.post(f"{path}/consent", wrong).status == 400


def test_tokens_of_a_badge(fair: Fair, south: Party) -> None:
    badge = fair.lead.event_badge
    path = f"/v3/crud/event_badge/{badge.id_random}"
    shown = fair.party.member.get(path).data
    assert len(shown["badge_token"]) >= 20
    assert "consent_token" not in shown
    assert fair.party.administrator.get(path).data["consent_token"] == badge.consent_token
    assert fair.party.administrator.patch(path, {"badge_token": "x" * 24}).status == 400
    for verb, name in (("rotate_token", "badge_token"), ("rotate_consent_token", "consent_token")):
        action = f"/v3/action/event_badge/{badge.id_random}/{verb}"
        for nobody in (fair.party.member, fair.exhibitor(), fair.party.guest, south.administrator):
            assert nobody.post(action, {}).status == 403
        rotated = fair.party.administrator.post(action, {}).data
        assert rotated[name] == fair.party.administrator.get(path).data[name] != getattr(badge, name)
    gone = f"/v3/action/event_badge/{badge.consent_token}/scans"
    assert fair.party.guest.get(gone).status == 404
