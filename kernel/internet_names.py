"""Host names and e-mail addresses in any script, in the form in which they are stored and compared."""

from __future__ import annotations

import re
from typing import Any, Final

import idna
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

LONGEST_HOST_NAME: Final = 253
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def normal_host_name(text: str) -> str:
    """A host name as it is stored: lower case, ASCII (IDNA), no dot at the end. Raises ValidationError."""
    name = text.strip().lower().removesuffix(".")
    try:
        if not name.isascii():
            name = idna.encode(name, uts46=True, std3_rules=True).decode()
        labels = name.split(".")
        for label in labels:
            if label.startswith("xn--"):
                idna.decode(label)
    except idna.IDNAError:
        labels = []
    if not labels or len(name) > LONGEST_HOST_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValidationError("Give a host name, such as www.example.org, without scheme, port or path.")
    return name


def shown_host_name(name: str) -> str:
    """A stored host name in its own script."""
    try:
        return idna.decode(name)
    except idna.IDNAError:
        return name


class InternationalEmailValidator(EmailValidator):
    """Letters of any script on both sides of the @ (RFC 6531)."""

    _ATOM: Final = r"[-!#$%&'*+/=?^_`{}|~0-9A-Z\u0080-\U0010ffff]+"
    user_regex = re.compile(rf"{_ATOM}(\.{_ATOM})*\Z|{EmailValidator.user_regex.pattern}", re.IGNORECASE)

    def __call__(self, value: Any) -> None:
        if not value.isascii() and (not value.isprintable() or any(map(str.isspace, value))):
            raise ValidationError(self.message, code=self.code, params={"value": value})
        super().__call__(value)

    def validate_domain_part(self, domain_part: str) -> bool:
        if domain_part.isascii():
            return bool(super().validate_domain_part(domain_part))
        try:
            return bool(super().validate_domain_part(normal_host_name(domain_part)))
        except ValidationError:
            return False


def normal_email(text: str) -> str:
    """An e-mail address as it is stored: without blanks around it."""
    return text.strip()
