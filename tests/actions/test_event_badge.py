"""GET /v3/action/event_badge/{id}/render and …/event_badge_template/{id}/render."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from events.models import Event, EventBadge, EventBadgeTemplate
from files import store
from files.models import HostedFile
from tenancy.context import tenant
from tests.conftest import Answer, Caller, Party

LAYOUT = [
    {"type": "box", "x": 0, "y": 0, "w": 80, "h": 10, "fill": "#0000ff"},
    {"type": "field", "field": "full_name", "x": 5, "y": 15, "w": 50, "h": 10, "size": 20, "bold": True},
    {"type": "qr", "field": "id", "x": 58, "y": 28, "w": 20, "h": 20},
]
POINTS = 72 / 25.4


class Desk:
    """A registration desk: an event, a template, badges."""

    def __init__(self, party: Party, layout: Any = LAYOUT) -> None:
        self.party = party
        with tenant(party.account.pk):
            self.event = Event(name="Congress")
            self.event.save()
            self.template = EventBadgeTemplate(
                event=self.event, name="Plain", width_mm=80, height_mm=50, layout_json=layout
            )
            self.template.save()

    def badge(self, **values: Any) -> EventBadge:
        with tenant(self.party.account.pk):
            row = EventBadge(event=self.event, **{"event_badge_template": self.template, **values})
            row.save()
            return row

    def picture(self, colour: str) -> HostedFile:
        target = io.BytesIO()
        Image.new("RGB", (40, 40), colour).save(target, "PNG")
        kept = store.put(target.getvalue())
        with tenant(self.party.account.pk):
            row = HostedFile(filename="p.png", hash_sha256=kept.hash_sha256, size=kept.size)
            row.save()
            return row

    def sheet(self, query: str = "") -> str:
        return f"/v3/action/event_badge_template/{self.template.id_random}/render{query}"


def render(badge: EventBadge, query: str = "") -> str:
    return f"/v3/action/event_badge/{badge.id_random}/render{query}"


@pytest.fixture
def desk(north: Party, settings: Any, tmp_path: Any) -> Desk:
    settings.AETHER_HOME = tmp_path
    return Desk(north)


def pdf(answer: Answer) -> Any:
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == "application/pdf"
    return pypdfium2.PdfDocument(answer.raw.content)


def png(answer: Answer) -> Image.Image:
    assert answer.status == 200, answer.body
    assert answer.headers["Content-Type"] == "image/png"
    return Image.open(io.BytesIO(answer.raw.content)).convert("RGB")


def at(image: Image.Image, x: float, y: float, width: float = 80.0) -> tuple[int, ...]:
    """The colour at a place in mm."""
    scale = image.width / width
    return image.getpixel((int(x * scale), int(y * scale)))  # type: ignore[return-value]


def dark(image: Image.Image, box: tuple[float, float, float, float]) -> int:
    """How many dark pixels there are in a box in mm."""
    scale = image.width / 80
    left, top, right, bottom = (int(side * scale) for side in box)
    pixels = image.crop((left, top, right, bottom)).convert("L")
    return sum(pixels.histogram()[:128])


def test_a_badge_is_as_large_as_its_template_and_drawn_as_it_says(desk: Desk, north: Party) -> None:
    badge = desk.badge(given_name="Ada", family_name="Lovelace")
    answer = north.member.get(render(badge))
    page = pdf(answer)[0]
    assert (page.get_width(), page.get_height()) == pytest.approx((80 * POINTS, 50 * POINTS), abs=0.01)
    assert answer.headers["Cache-Control"] == "private, no-store"

    image = png(north.member.get(render(badge, "?to_type=png&dpi=127")))
    assert image.size == pytest.approx((400, 250), abs=1)
    assert at(image, 40, 5) == (0, 0, 255)
    assert at(image, 40, 45) == (255, 255, 255)
    assert dark(image, (5, 15, 55, 25)) > 200
    assert dark(image, (58, 28, 78, 48)) > 1_000
    nameless = desk.badge()
    assert dark(png(north.member.get(render(nameless, "?to_type=png&dpi=127"))), (5, 15, 55, 25)) == 0


def test_the_override_is_what_stands_there(desk: Desk, north: Party) -> None:
    long, short = desk.badge(full_name="Ada Lovelace"), desk.badge(full_name="A", full_name_override="Ada Lovelace")
    images = [png(north.member.get(render(badge, "?to_type=png"))).crop((0, 0, 600, 300)) for badge in (long, short)]
    assert images[0].tobytes() == images[1].tobytes()


def test_the_code_says_the_id(desk: Desk, north: Party) -> None:
    """Another id, another code; the same badge, the same bytes."""
    first, second = desk.badge(full_name="Same"), desk.badge(full_name="Same")
    assert north.member.get(render(first)).raw.content == north.member.get(render(first)).raw.content
    assert north.member.get(render(first)).raw.content != north.member.get(render(second)).raw.content


def test_prints_are_counted_and_previews_are_not(desk: Desk, north: Party) -> None:
    badge = desk.badge(full_name="Ada")
    path = f"/v3/crud/event_badge/{badge.id_random}"
    for query, method in (("", "GET"), ("?to_type=png", "GET"), ("?print=true", "HEAD"), ("?print=false", "GET")):
        assert north.member(method, render(badge, query)).status == 200
    assert north.member.get(render(badge, "?print=true"), sec_purpose="prefetch").status == 200
    assert north.member.get(path).data["print_count"] == 0
    for _ in range(2):
        assert north.member.get(render(badge, "?print=true")).status == 200
    printed = north.member.get(path).data
    assert printed["print_count"] == 2
    assert printed["first_printed_on"] < printed["last_printed_on"]
    entry = north.administrator.get(f"{path}/history").data[0]
    assert entry["changes"]["print_count"] == [1, 2]


def test_a_key_that_only_reads_previews_and_does_not_print(desk: Desk, north: Party) -> None:
    badge = desk.badge(full_name="Ada")
    reader = Caller({"x-aether-api-key": north.keys["read_only"], "x-account-id": north.id})
    assert reader.get(render(badge)).status == 200
    assert reader.get(render(badge, "?print=true")).error == ("permission", 403)
    assert reader.get(desk.sheet("?print=true")).error == ("permission", 403)
    assert north.member.get(f"/v3/crud/event_badge/{badge.id_random}").data["print_count"] == 0


def test_nobody_else_sees_a_badge(desk: Desk, north: Party, south: Party, visitor: Caller) -> None:
    badge = desk.badge(full_name="Ada")
    others = Desk(south)
    for path in (render(badge), render(badge, "?print=true"), desk.sheet(), desk.sheet("?sample=true")):
        for caller in (visitor, north.guest, south.member, south.manager, Caller()):
            assert caller.get(path).error == ("permission", 403), path
    assert north.member.get(f"/v3/crud/event_badge/{badge.id_random}").data["print_count"] == 0
    for query in (f"?event_badge_template_id={others.template.id_random}", "?event_badge_template_id=unknownIdXX"):
        assert north.member.get(render(badge, query)).status in (403, 404)
    theirs = others.badge(full_name="Canary")
    assert north.member.get(desk.sheet(f"?badge_ids={badge.id_random},{theirs.id_random}")).status == 403
    assert north.member.get(desk.sheet(f"?badge_ids={badge.id_random},unknownIdXX")).status == 404
    assert north.member.get(render(badge).replace(badge.id_random, "unknownIdXX")).status == 404


def test_pictures_are_drawn_and_another_accounts_are_not(desk: Desk, north: Party, south: Party) -> None:
    own, theirs = desk.picture("#00ff00"), Desk(south).picture("#ff0000")
    with tenant(north.account.pk):
        desk.template.background_hosted_file = own
        desk.template.save()
    path = render(desk.badge(), "?to_type=png&dpi=127")
    assert at(png(north.member.get(path)), 40, 45) == (0, 255, 0)
    element = {"type": "image", "x": 0, "y": 40, "w": 10, "h": 10}
    for picture, colour in ((own, (0, 255, 0)), (theirs, (255, 255, 255))):
        with tenant(north.account.pk):
            desk.template.layout_json = [element | {"hosted_file_id": picture.id_random}]
            desk.template.background_hosted_file = None
            desk.template.save()
        assert at(png(north.member.get(path)), 5, 45) == colour
    store.path_of(str(own.hash_sha256)).write_bytes(b"no picture")
    assert north.member.get(path).status == 200


def test_sheets(desk: Desk, north: Party, django_assert_max_num_queries: Any) -> None:
    names = [f"Person {number:02}" for number in range(23)]
    badges = [desk.badge(family_name=name) for name in names]
    desk.badge(family_name="Hidden", hide=True)
    desk.badge(family_name="Off", enable=False)
    desk.badge(family_name="Elsewhere", event_badge_template=None)
    with django_assert_max_num_queries(12):
        document = pdf(north.member.get(desk.sheet()))
    assert len(document) == 3  # ten on a sheet of A4
    assert (document[0].get_width(), document[0].get_height()) == pytest.approx((210 * POINTS, 297 * POINTS), abs=0.01)
    for query, pages in (
        ("?paper=badge", 23),
        ("?paper=letter&limit=10", 1),
        ("?offset=20", 1),
        ("?sample=true&paper=badge", 1),
        (f"?paper=badge&badge_ids={badges[4].id_random},{badges[2].id_random}", 2),
    ):
        assert len(pdf(north.member.get(desk.sheet(query)))) == pages, query
    assert png(north.member.get(desk.sheet("?to_type=png&dpi=72&page=3"))).size[1] == pytest.approx(842, abs=2)
    assert north.member.get(desk.sheet("?to_type=png&page=4")).error == ("not_found", 404)


def test_a_sheet_counts_what_is_on_it(desk: Desk, north: Party) -> None:
    badges = [desk.badge(family_name=f"P{number}") for number in range(3)]
    north.member.get(desk.sheet("?print=true&limit=2"))
    counts = [north.member.get(f"/v3/crud/event_badge/{b.id_random}").data["print_count"] for b in badges]
    assert counts == [1, 1, 0]
    assert len(pdf(north.member.get(desk.sheet("?only_unprinted=true&paper=badge")))) == 1
    assert north.member.get(desk.sheet("?sample=true&print=true")).status == 200
    assert len(pdf(north.member.get(desk.sheet("?only_unprinted=true&paper=badge&print=true")))) == 1
    assert north.member.get(desk.sheet("?only_unprinted=true")).status == 200  # an empty document is one, too


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?to_type=svg", "to_type"),
        ("?dpi=20", "dpi"),
        ("?dpi=x", "dpi"),
        ("?print=perhaps", "print"),
        ("?event_badge_template_id=%00", "event_badge_template_id"),
        ("?colour=red", "colour"),
    ],
)
def test_wrong_arguments_are_refused(desk: Desk, north: Party, query: str, field: str) -> None:
    answer = north.member.get(render(desk.badge(), query))
    assert answer.error == ("validation", 400)
    assert list(answer.meta["details"]["fields"]) == [field]


def test_a_badge_without_a_template_and_paper_too_small(desk: Desk, north: Party) -> None:
    bare = desk.badge(event_badge_template=None)
    assert north.member.get(render(bare)).error == ("validation", 400)
    assert north.member.get(render(bare, f"?event_badge_template_id={desk.template.id_random}")).status == 200
    with tenant(north.account.pk):
        desk.template.width_mm = 400
        desk.template.save()
    assert list(north.member.get(desk.sheet()).meta["details"]["fields"]) == ["paper"]
    too_many = ",".join(["unknownIdXX"] * 501)
    assert north.member.get(desk.sheet(f"?badge_ids={too_many}")).error == ("payload_too_large", 413)


@pytest.mark.parametrize(
    "element",
    [
        {"type": "text", "x": 1, "y": 1},
        {"type": "field", "field": "passcode", "x": 1, "y": 1},
        {"type": "field", "field": ["id"], "x": 1, "y": 1},
        {"type": "text", "text": "a", "x": 1, "y": 1, "colour": "red;"},
        {"type": "text", "text": "a", "x": 1, "y": 1, "size": 10_000},
        {"type": "text", "text": "a", "x": 1, "y": 1, "w": True},
        {"type": "text", "text": {"a": 1}, "x": 1, "y": 1},
        {"type": "image", "x": 1, "y": 1, "hosted_file_id": "../../etc"},
        {"type": "circle", "x": 1, "y": 1},
        "text",
    ],
)
def test_a_layout_that_can_not_be_drawn_is_not_kept(north: Party, element: Any) -> None:
    event = north.manager.create("event", name="Congress")
    body = {"event_id": event["id"], "name": "T", "layout_json": {"elements": [element]}}
    answer = north.manager.post("/v3/crud/event_badge_template/", body)
    assert answer.error == ("validation", 400)
    assert list(answer.meta["details"]["fields"]) == ["layout_json"]


ODD: list[Callable[[], Any]] = [
    lambda: {"type": "text", "text": "\x00\u202e😀" + "W" * 900, "x": 0, "y": 0, "w": 0, "h": 0, "size": 300},
    lambda: {"type": "box", "x": 1000, "y": 1000, "w": 1000, "h": 1000, "fill": "#ffffff", "radius": 1000},
    lambda: {"type": "qr", "text": "x" * 1000, "x": 0, "y": 0, "w": 0, "h": 0},
    lambda: {"type": "field", "field": "full_name", "x": 79, "y": 49, "italic": True, "align": "right"},
]


@pytest.mark.parametrize("element", ODD)
def test_an_odd_layout_is_drawn_all_the_same(north: Party, element: Callable[[], Any]) -> None:
    desk = Desk(north, {"elements": [element()]})
    assert len(pdf(north.member.get(render(desk.badge(full_name="Ada"))))) == 1


CODES = [
    {"type": "qr", "field": "affiliations", "x": 5, "y": 5, "w": 20, "h": 20},
    {"type": "field", "field": "full_name", "x": 30, "y": 5, "w": 40, "h": 10},
]


def test_a_badge_whose_code_can_not_be_drawn_does_not_stop_the_others(desk: Desk, north: Party) -> None:
    own = Desk(north, CODES)
    good = [own.badge(full_name=name, affiliations="한" * 700) for name in ("A", "B")]
    bad = own.badge(full_name="Too Long", affiliations="한" * 1_000)
    answer = north.member.get(own.sheet("?print=true"))
    sheets = pdf(answer)
    assert bad.id_random in answer.headers["X-Aether-Warnings"]
    assert len(sheets) == 2, "the second one lists what is left out"
    assert bad.id_random in sheets[1].get_textpage().get_text_range()
    with tenant(north.account.pk):
        counts = dict(EventBadge.objects.values_list("id_random", "print_count"))
    assert counts == {good[0].id_random: 1, good[1].id_random: 1, bad.id_random: 0}
    assert len(pdf(north.member.get(own.sheet("?paper=badge")))) == 2
    for path in (render(bad), render(bad, "?to_type=png"), own.sheet(f"?badge_ids={bad.id_random}")):
        refused = north.member.get(path)
        assert refused.status == 400
        assert refused.meta["details"]["message"].startswith(
            f"Badge {bad.id_random}: Element 1 (affiliations): The text"
        )


def test_a_code_of_a_layout_is_held_to_what_it_holds(north: Party) -> None:
    desk = Desk(north)
    for text, status in (("한글" * 500, 400), ("x" * 1_000, 200), ("1" * 1_000, 200)):
        layout = [{"type": "qr", "text": text, "x": 0, "y": 0}]
        path = f"/v3/crud/event_badge_template/{desk.template.id_random}"
        assert north.administrator.patch(path, {"layout_json": layout}).status == status


def test_what_takes_too_long_is_refused(desk: Desk, north: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("events.badges.budget.SECONDS", 0.0)
    answer = north.member.get(render(desk.badge(full_name="Ada")))
    assert (answer.status, answer.meta["details"]["message"]) == (
        400,
        "These badges take too long to draw; ask for fewer with limit, or simplify the layout.",
    )


def test_letters_that_no_font_has_are_told(desk: Desk, north: Party) -> None:
    answer = north.member.get(render(desk.badge(full_name="Ada \ue000")))
    assert answer.headers["X-Aether-Warnings"] == "no font has: U+E000"
    assert "X-Aether-Warnings" not in north.member.get(render(desk.badge(full_name="Ada"))).headers
