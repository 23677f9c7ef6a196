"""Hosted files with real bytes, and what they hang on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from PIL import Image

from demo import media
from demo.loader import Demo, NotThere, Rows
from demo.words import pick, slug, subject_of
from events.models import EventFile
from files import store
from files.models import HostedFile, HostedFileLink

DECKS = 8
POSTER, LOGO, BADGE_BACKGROUND, FLOOR_PLAN, PORTRAIT = 8, 9, 10, 11, 12
VIDEO, CONDUCT, BROCHURE, DRAFT, WITHDRAWN = 15, 16, 17, 18, 19
"""Their numbers among the ORIGINALS."""
VIDEO_SECONDS = 12
CONDUCT_RULES = [
    "1. Treat everybody with respect, on the stage and off it.",
    "2. Ask before you take pictures of people.",
    "3. Disagree with ideas, not with persons.",
    "4. Tell the staff if something feels wrong; they will help.",
]


@dataclass(frozen=True)
class Original:
    filename: str
    title: str
    content_type: str
    make: Callable[[Demo], bytes | None]


def deck_pages(demo: Demo, number: int) -> list[Image.Image]:
    colour, footer = demo.association.colour, demo.association.conference
    title = "Opening keynote" if number == 0 else subject_of(demo, number)
    dice = demo.dice("deck", number)
    lines = ["Why this matters now", "What we did", "What we found", "What we do on Monday"]
    return [
        media.slide(title, [footer, demo.association.venue], footer, colour),
        media.slide("Contents", lines, footer, colour),
        media.bars("Results by year", [dice.randint(15, 95) for _ in range(6)], footer, colour),
        media.slide("Thank you", ["Questions?"], footer, colour),
    ]


def deck(number: int) -> Callable[[Demo], bytes]:
    return lambda demo: media.pdf(deck_pages(demo, number))


def paper(title: str, lines: list[str]) -> Callable[[Demo], bytes]:
    return lambda demo: media.pdf([media.sheet(title, lines, demo.association.colour)])


def portrait(number: int) -> Callable[[Demo], bytes]:
    return lambda demo: media.jpeg(media.portrait(number, demo.association.colour))


def poster(demo: Demo) -> bytes:
    lines = [subject_of(demo, number) for number in range(12)]
    return media.png(media.sheet(demo.association.conference, lines, demo.association.colour))


def logo(demo: Demo) -> bytes:
    return media.png(media.logo(demo.association.short_name, demo.association.colour))


def badge_background(demo: Demo) -> bytes:
    return media.png(media.badge_background(demo.association.colour))


def floor_plan(demo: Demo) -> bytes:
    return media.jpeg(media.floor_plan(demo.association.rooms, demo.association.colour))


def conduct(demo: Demo) -> bytes:
    """Word for word the same in both accounts: one copy of the bytes, a row for each."""
    return media.pdf([media.sheet("Code of conduct", CONDUCT_RULES, media.INK)])


PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
ORIGINALS = (
    Original("opening-keynote.pdf", "Opening keynote", PDF, deck(0)),
    *(Original(f"slides-{number}.pdf", f"Slides {number}", PDF, deck(number)) for number in range(1, DECKS)),
    Original("programme-poster.png", "Poster of the programme", PNG, poster),
    Original("logo.png", "Logo", PNG, logo),
    Original("badge-background.png", "Badge background", PNG, badge_background),
    Original("floor-plan.jpg", "Floor plan", JPEG, floor_plan),
    *(Original(f"portrait-{number + 1}.jpg", "Portrait", JPEG, portrait(number)) for number in range(3)),
    Original("welcome.mp4", "Welcome film", "video/mp4", lambda demo: media.video(VIDEO_SECONDS)),
    Original("code-of-conduct.pdf", "Code of conduct", PDF, conduct),
    Original("Brochure – Größe & Preise.pdf", "Brochure", PDF, paper("Brochure", ["Sizes and prices on request."])),
    Original("draft-programme.pdf", "Programme, first draft", PDF, paper("Draft", ["Not for publication."])),
    Original("withdrawn.pdf", "Withdrawn by its author", PDF, deck(1)),
)


def original(demo: Demo, number: int) -> dict[str, Any]:
    source = ORIGINALS[number]
    data = source.make(demo)
    if data is None:
        raise NotThere  # the video, where there is no ffmpeg
    return kept(data) | described(source.filename, source.title, source.content_type)


def kept(data: bytes) -> dict[str, Any]:
    stored = store.put(data)
    return {"hash_sha256": stored.hash_sha256, "subdirectory_path": stored.subdirectory_path, "size": stored.size}


def described(filename: str, title: str, content_type: str) -> dict[str, Any]:
    extension = filename.rpartition(".")[2]
    return {"filename": filename, "extension": extension, "title": title, "content_type": content_type}


def slides(demo: Demo, number: int) -> dict[str, Any]:
    """What a presenter has uploaded: a name of its own, bytes that several have."""
    filename = f"{presentation_code(number)}-{slug(subject_of(demo, number))}.pdf"
    return decks(demo)[number % DECKS] | described(filename, subject_of(demo, number), PDF)


def presentation_code(number: int) -> str:
    return f"P{number + 1:03d}"


def decks(demo: Demo) -> dict[int, dict[str, Any]]:
    if not demo.decks:
        for number in range(DECKS):
            rows = HostedFile.objects.filter(pk=demo.key("hosted_file", number))
            demo.decks[number] = rows.values("hash_sha256", "subdirectory_path", "size").get()
    return demo.decks


def derived(demo: Demo, number: int) -> dict[str, Any]:
    """A conversion that worked, a clip that did not, one that still waits."""
    source = {"source_hosted_file_id": demo.key("hosted_file", VIDEO if number else 0)}
    if number == 0:
        return source | kept(preview(demo)) | described("automated_hosted_file_conversion.png", "First page", PNG)
    values = source | described("automated_hosted_file_clip_video.mp4", "Clip", "video/mp4")
    if number == 1:
        return values | {"status": "failed", "status_message": "The clip ends beyond the end of the video."}
    return values | {"status": "queued", "progress": 0}


def preview(demo: Demo) -> bytes:
    return media.png(deck_pages(demo, 0)[0])


def restore_bytes(demo: Demo) -> int:
    """Write again what is missing on the disk (the database was kept, the files were not). Answers how many."""
    makers = {demo.id("hosted_file", number): source.make for number, source in enumerate(ORIGINALS)}
    makers[demo.id("converted")] = preview
    restored = 0
    for public_id, digest in HostedFile.objects.filter(id_random__in=makers).values_list("id_random", "hash_sha256"):
        if digest is None or store.path_of(digest).exists():
            continue
        data = makers[public_id](demo)
        if data is not None and sha256(data).hexdigest() == digest:
            store.put(data)
            restored += 1
    return restored


# What they hang on. Each place: type, number of the object, and the references to it and what is above it.


def slides_in_place(demo: Demo, number: int) -> dict[str, Any]:
    """The slides of a presentation; every second presentation has some."""
    presentation = number * 2
    return place(demo, "event_presentation", presentation) | {
        "event_presentation_id": demo.key("event_presentation", presentation),
        "event_session_id": demo.key("event_session", presentation // 2),
        "event_id": demo.key("event"),
        "hosted_file_id": demo.key("slides", number),
        "filename": f"{presentation_code(number)}-{slug(subject_of(demo, number))}.pdf",
        "extension": "pdf",
        "title": subject_of(demo, number),
        "open_in": pick(("acrobat", "browser"), number),
        "approved": number % 4 != 1,
    }


def place(demo: Demo, for_type: str, number: int) -> dict[str, Any]:
    return {"for_type": for_type, "for_id": demo.id(for_type, number)}


PLACED = (
    ("event", 0, FLOOR_PLAN),
    ("event", 0, CONDUCT),
    ("event_session", 0, VIDEO),
    ("event_session", 0, 0),
    ("event_location", 0, FLOOR_PLAN),
    ("event_exhibit", 0, BROCHURE),
    ("event_exhibit", 1, BROCHURE),
    ("event_presenter", 0, PORTRAIT),
    ("event_presenter", 1, PORTRAIT + 1),
    ("event_presenter", 2, PORTRAIT + 2),
    ("event", 2, DRAFT),
)


def in_place(demo: Demo, number: int) -> dict[str, Any]:
    for_type, of, file = PLACED[number]
    source = ORIGINALS[file]
    references = {f"{for_type}_id": demo.key(for_type, of)}
    if for_type == "event_presenter":
        references |= {"event_presentation_id": demo.key("event_presentation", of)}
        references |= {"event_session_id": demo.key("event_session", of // 2)}
    if for_type != "event":
        references |= {"event_id": demo.key("event")}
    own = {
        "hosted_file_id": demo.key("hosted_file", file),
        "filename": source.filename,
        "extension": source.filename.rpartition(".")[2],
        "title": source.title,
        "approved": True,
    }
    return place(demo, for_type, of) | references | own


LINKED = (
    ("hosted_file", 0, "event_session", 0, "slides"),
    ("hosted_file", POSTER, "event", 0, "poster"),
    ("hosted_file", POSTER, "post", 0, "picture"),
    ("hosted_file", LOGO, "site", 0, "logo"),
    ("hosted_file", PORTRAIT, "event_presenter", 0, "portrait"),
    ("hosted_file", CONDUCT, "event", 0, "rules"),
    ("converted", 0, "event_session", 0, "preview"),
    ("hosted_file", DRAFT, "event", 2, "draft"),
    ("hosted_file", BROCHURE, "event_exhibit", 0, "brochure"),
    ("hosted_file", 2, "event_session", 1, "hidden slides"),
    ("hosted_file", 3, "event_session", 2, "old slides"),
)


def link(demo: Demo, number: int) -> dict[str, Any]:
    file_set, file, link_to_type, of, role_code = LINKED[number]
    return {
        "hosted_file_id": demo.key(file_set, file),
        "link_to_type": link_to_type,
        "link_to_id": demo.id(link_to_type, of),
        "role_code": role_code,
    }


FILES = [
    Rows(HostedFile, original, len(ORIGINALS), hidden=frozenset({DRAFT}), disabled=frozenset({WITHDRAWN})),
    Rows(HostedFile, slides, "slides", label="slides", hidden=frozenset({13}), disabled=frozenset({17})),
    Rows(HostedFile, derived, 3, label="converted"),
]
PLACES = [
    Rows(EventFile, slides_in_place, "slides", hidden=frozenset({9}), disabled=frozenset({11})),
    Rows(EventFile, in_place, len(PLACED), label="placed"),
    Rows(HostedFileLink, link, len(LINKED), hidden=frozenset({9}), disabled=frozenset({10})),
]
