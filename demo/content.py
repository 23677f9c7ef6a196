"""Journals, pages, posts and archives."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from content.models import Archive, ArchiveContent, Journal, JournalEntry, Page, Post, PostComment
from demo.files import FLOOR_PLAN, LOGO, POSTER
from demo.loader import Demo, Rows
from demo.words import html, paragraph, pick, subject_of

JOURNALS = ("Conference diary", "Board meetings", "Site visits", "Private notes", "Journal of 2019")
CATEGORIES = ("meeting", "call", "visit", "idea")
PLACES = ((39.7392, -104.9903), (51.3397, 12.3731), (47.3769, 8.5417))
TOPICS = ("news", "congress", "members", "jobs")
FILES = (0, POSTER, LOGO, FLOOR_PLAN, 4)
ARCHIVES = ("Photographs", "Founding documents", "Papers under review", "Duplicates")


def journal(demo: Demo, number: int) -> dict[str, Any]:
    return {
        "person_id": demo.key("person", number) if number % 2 else None,
        "name": JOURNALS[number],
        "type_code": pick(("diary", "minutes"), number),
        "summary": f"{JOURNALS[number]} of {demo.association.short_name}.",
        "description": html(paragraph(number)),
        "cfg_json": {"colour": "#3366aa", "reminders": number == 0},
    }


def entry(demo: Demo, number: int) -> dict[str, Any]:
    start = demo.moment(-90 + number % 90, 8 * 60 + number * 25 % 600)
    subject = subject_of(demo, number)
    latitude, longitude = pick(PLACES, number)
    return {
        "journal_id": demo.key("journal", number % 3),
        "person_id": demo.key("person", number % demo.sizes.people) if number % 3 == 0 else None,
        "name": f"Annual meeting: {subject}" if number % 6 == 0 else subject,
        "category_code": pick(CATEGORIES, number),
        "content": markdown(subject, number),
        "tags_json": [pick(CATEGORIES, number), "follow-up"] if number % 2 else None,
        "start_datetime": start,
        "end_datetime": start + timedelta(minutes=45) if number % 4 else None,
        "start_time_zone": demo.association.time_zone,
        "latitude": latitude if number % 3 == 0 else None,
        "longitude": longitude if number % 3 == 0 else None,
        "url": f"https://{demo.association.fqdn}/entry/{number}" if number % 5 == 0 else None,
        "priority": number % 20 == 0,
    }


def markdown(subject: str, number: int) -> str:
    steps = "\n".join(f"- [{'x' if step % 2 else ' '}] {paragraph(number + step, 1)}" for step in range(3))
    return f"## {subject}\n\n{paragraph(number, 4)}\n\n{steps}\n\n> **Next:** {paragraph(number + 4, 1)}"


def hidden_journals_entry(demo: Demo, number: int) -> dict[str, Any]:
    of = number + 3
    return entry(demo, number) | {"journal_id": demo.key("journal", of), "name": f"Entry of {JOURNALS[of]}"}


def page(demo: Demo, number: int) -> dict[str, Any]:
    name, path = (
        ("Home", "/"),
        ("About us", "/about"),
        ("Programme", "/congress/programme"),
        ("Imprint", "/imprint"),
        ("New home page", "/draft"),
        ("Congress 2019", "/2019"),
    )[number]
    about = f"{demo.association.name} {demo.association.purpose}."
    return {
        "site_id": demo.key("site"),
        "name": name,
        "path": path,
        "title": f"{name} – {demo.association.short_name}",
        "description": html(paragraph(number, 1)),
        "content": f"<h2>{name}</h2>" + html(about, paragraph(number, 4)),
        "template_code": "landing" if number == 0 else "text",
        "sort": number,
    }


def post(demo: Demo, number: int) -> dict[str, Any]:
    title = f"{demo.association.conference}: registration is open" if number == 0 else subject_of(demo, number + 4)
    link = f'<a href="https://{demo.association.fqdn}/about">About us</a>'
    return {
        "site_id": demo.key("site"),
        "person_id": demo.key("person", number),
        "title": title,
        "name": title,
        "content": html(paragraph(number, 4), f"Read more: {link}."),
        "topic_code": pick(TOPICS, number),
        "published_on": demo.moment(-7 * number - 1, 10 * 60),
        "external_id": f"POST-{number + 1}",
    }


def comment(demo: Demo, number: int) -> dict[str, Any]:
    return {
        "post_id": demo.key("post", number % 12),  # the hidden and the disabled post have some too
        "person_id": demo.key("person", number + 5),
        "name": pick(("Thank you", "A question", "I disagree"), number),
        "content": html(paragraph(number + 3, 2)),
    }


def archive(demo: Demo, number: int) -> dict[str, Any]:
    return {
        "site_id": demo.key("site"),
        "name": ARCHIVES[number],
        "description": html(paragraph(number, 2)),
        "code": ARCHIVES[number].split()[0].lower(),
    }


def archive_content(demo: Demo, number: int) -> dict[str, Any]:
    return {
        "archive_id": demo.key("archive", number % 4),
        "hosted_file_id": demo.key("hosted_file", FILES[number]) if number < len(FILES) else None,
        "name": f"{pick(ARCHIVES, number)}, no. {number + 1}",
        "description": html(paragraph(number, 1)),
        "type_code": "document" if number % 2 else "photograph",
        "url": f"https://{demo.association.fqdn}/archive/{number}" if number >= len(FILES) else None,
        "original_datetime": demo.moment(-365 * (number + 3), 12 * 60),
        "credit": f"{demo.association.short_name} archive",
    }


CONTENT = [
    Rows(Journal, journal, len(JOURNALS), hidden=frozenset({3}), disabled=frozenset({4})),
    Rows(JournalEntry, entry, "entries", hidden=frozenset({7}), disabled=frozenset({14})),
    Rows(JournalEntry, hidden_journals_entry, 2, label="hidden_journals_entry"),
    Rows(Page, page, 6, hidden=frozenset({4}), disabled=frozenset({5})),
    Rows(Post, post, 12, hidden=frozenset({10}), disabled=frozenset({11})),
    Rows(PostComment, comment, 24, hidden=frozenset({13}), disabled=frozenset({14})),
    Rows(Archive, archive, len(ARCHIVES), hidden=frozenset({2}), disabled=frozenset({3})),
    Rows(ArchiveContent, archive_content, 16, hidden=frozenset({8}), disabled=frozenset({9})),
]
