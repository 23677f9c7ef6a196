from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from kernel.html import sanitise_html
from kernel.model_fields import ExactCharField, LongTextField, TextCharField
from mail.kinds import kinds
from mail.models.mail_sender import validate_one_line
from mail.placeholders import check, names_in
from tenancy.models import TenantRow

IN_A_TAG = re.compile(r"<[^>]*(\{\{|%7B%7B)", re.IGNORECASE)


class MailTemplate(TenantRow):
    """How an account words one kind of mail. Without a row, the kind's own words are used."""

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="+")
    kind = ExactCharField(max_length=40)
    subject = TextCharField(max_length=150, validators=[validate_one_line])
    text = LongTextField(max_length=20_000)
    html = LongTextField("HTML", max_length=50_000, null=True, blank=True, help_text="Empty: it is made from the text.")
    updated_on = models.DateTimeField(auto_now=True)

    class Meta(TenantRow.Meta):
        db_table = "mail_template"
        constraints = [models.UniqueConstraint(fields=["account", "kind"], name="mail_template_once")]

    def __str__(self) -> str:
        kind = kinds().get(self.kind)
        return kind.title if kind else self.kind

    def clean(self) -> None:
        kind = kinds().get(self.kind)
        if kind is None:
            raise ValidationError({"kind": f"Choose one of: {', '.join(sorted(kinds()))}."})
        self.html = sanitise_html(self.html) if self.html and self.html.strip() else None
        if self.html and IN_A_TAG.search(self.html):
            raise ValidationError({"html": "A placeholder can't stand within a tag; {{ link }} is a link already."})
        for name in ("subject", "text", "html"):
            needed = kind.needed if name != "subject" else ()
            if problem := check(getattr(self, name), kind.placeholders, needed):
                raise ValidationError({name: problem})
        if set(kind.needed) & set(names_in(self.subject)):
            raise ValidationError({"subject": "A link does not belong into the subject."})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.html = sanitise_html(self.html) if self.html else None
        super().save(*args, **kwargs)
