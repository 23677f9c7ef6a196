"""What a mail says: the account's words, or those of its kind, with the values filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

from mail.kinds import MailKind, MailLink, kinds
from mail.message import LOGO, Logo
from mail.models import MailMessage, MailTemplate
from mail.placeholders import fill, fill_html, fill_line

LONGEST_SUBJECT = 255
BLANK_LINES = re.compile(r"\n{3,}")
"""Left by a value that is empty."""


@dataclass(frozen=True, slots=True)
class Words:
    subject: str
    text: str
    html: str | None


@dataclass(frozen=True, slots=True)
class Rendered:
    subject: str
    text: str
    html: str
    body: SafeString
    """Of the HTML, the part that is seen."""


def words_of(kind: MailKind, account: Any) -> Words:
    own = MailTemplate.objects.filter(account=account, kind=kind.name).first() if account is not None else None
    return Words(own.subject, own.text, own.html) if own else Words(kind.subject, kind.text, None)


def subject_of(kind: MailKind, words: Words, account: Any, values: Mapping[str, Any]) -> str:
    """As far as it is known before the mail is sent."""
    plain = {name: value for name, value in values.items() if isinstance(value, str)}
    return fill_line(words.subject, {**plain, "account": _name(account)})[:LONGEST_SUBJECT] or kind.title


def render(message: MailMessage, logo: Logo | None) -> Rendered:
    """Raises Lapsed, KeyError for a kind that is gone."""
    kind = kinds()[message.kind]
    account = message.account
    return fill_in(kind, words_of(kind, account), account, kind.values(message), f"cid:{LOGO}" if logo else "")


def preview(kind: MailKind, words: Words, account: Any, logo: Logo | None) -> Rendered:
    """With the samples of the kind."""
    samples = {name: [MailLink(text)] if text.startswith("https://") else text for name, text in kind.words.items()}
    return fill_in(kind, words, account, samples, logo.data_url if logo else "")


def fill_in(kind: MailKind, words: Words, account: Any, values: Mapping[str, Any], logo_source: str) -> Rendered:
    values = {"account": _name(account), **values}
    text = BLANK_LINES.sub("\n\n", fill(words.text, {name: _as_text(value) for name, value in values.items()}))
    marked = {name: _as_html(value) for name, value in values.items()}
    body = fill_html(words.html or _paragraphs(words.text), marked).replace("<p></p>", "")
    subject = subject_of(kind, words, account, values)
    page = {"subject": subject, "account": _name(account), "body": mark_safe(body), "logo": logo_source}  # noqa: S308
    inner = SafeString(render_to_string("mail/body.html", page))
    return Rendered(subject, text.strip() + "\n", render_to_string("mail/layout.html", page), inner)


def _name(account: Any) -> str:
    return str(account.name) if account is not None else "Aether"


def _as_text(value: Any) -> str:
    """Each link on a line of its own."""
    if not isinstance(value, list):
        return " ".join(str(value).split())
    return "\n\n".join(f"{link.title}:\n{link.address}" if link.title else link.address for link in value)


def _as_html(value: Any) -> SafeString:
    if not isinstance(value, list):
        return escape(value)
    lines = ((f"{link.title}: " if link.title else "", link.address, link.address) for link in value)
    return format_html_join(mark_safe("<br>"), '{}<a href="{}">{}</a>', lines)


def _paragraphs(text: str) -> str:
    blocks = [block.strip() for block in text.replace("\r\n", "\n").split("\n\n")]
    return format_html_join("\n", "<p>{}</p>", ((_lines(block),) for block in blocks if block))


def _lines(block: str) -> SafeString:
    return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in block.splitlines()))
