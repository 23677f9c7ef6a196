"""Model fields that say more about their values than Django's own do."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any, ClassVar, Final

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.db import models

from kernel.ids import new_id
from kernel.internet_names import InternationalEmailValidator, normal_email, normal_host_name

BINARY_COLLATION = "utf8mb4_nopad_bin"
"""The only one of MariaDB's that tells apart ids differing in case, accents, trailing blanks. SQLite's default does."""


TEXT_COLLATION_SQLITE = "aether_text"
"""Compares without case, as the server's utf8mb4_uca1400_nopad_as_ci does on MariaDB. See kernel.sqlite."""


class _Caseless:
    """Text compares without case on both databases; only SQLite must be told so column by column."""

    def db_parameters(self, connection: Any) -> Any:
        parameters = super().db_parameters(connection)  # type: ignore[misc]
        parameters["collation"] = TEXT_COLLATION_SQLITE if connection.vendor == "sqlite" else None
        return parameters


class TextCharField(_Caseless, models.CharField):  # type: ignore[type-arg]
    """Short text."""


class NormalTextField(TextCharField):
    """Short text that has one form in which it is stored and compared, whichever was typed. Give a subclass."""

    validators_of_form: ClassVar[list[Any]] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["validators"] = [*self.validators_of_form, *kwargs.get("validators", ())]
        super().__init__(*args, **kwargs)

    def normal_form(self, text: str) -> str:
        """Raises ValidationError for what has none."""
        raise NotImplementedError

    def deconstruct(self) -> Any:
        """To migrations it is a text: what is right in it says nothing of the column."""
        name, _, args, kwargs = super().deconstruct()
        kwargs.pop("validators", None)
        return name, f"{TextCharField.__module__}.TextCharField", args, kwargs


class HostNameField(NormalTextField):
    def normal_form(self, text: str) -> str:
        return normal_host_name(text)


class EmailField(NormalTextField):
    validators_of_form: ClassVar[list[Any]] = [InternationalEmailValidator()]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 254)
        super().__init__(*args, **kwargs)

    def normal_form(self, text: str) -> str:
        return normal_email(text)


class LookupField(TextCharField):
    """A code of a lookup, spelled as the account's effective list has it; see `crud.declare.code_lists`.

    `within`: the field with the code of what this is a part of, as a subdivision is of its country.
    """

    def __init__(self, lookup: str = "", within: str = "", **kwargs: Any) -> None:
        self.lookup, self.within = lookup, within
        super().__init__(**{"max_length": 64, **kwargs})

    def deconstruct(self) -> Any:
        """To migrations it is a text."""
        name, _, args, kwargs = super().deconstruct()
        return name, f"{TextCharField.__module__}.TextCharField", args, kwargs


class LongTextField(_Caseless, models.TextField):  # type: ignore[type-arg]
    """Text of up to 64 KiB on MariaDB (its `longtext` holds more; the API's limit is the body's)."""


class ExactCharField(models.CharField):  # type: ignore[type-arg]
    """Text that compares byte by byte on both databases: ids, hashes, digests."""

    def db_parameters(self, connection: Any) -> Any:
        parameters = super().db_parameters(connection)
        parameters["collation"] = BINARY_COLLATION if connection.vendor == "mysql" else None
        return parameters


class IdField(ExactCharField):
    """A public id."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 22)
        super().__init__(*args, **kwargs)


class OwnIdField(IdField):
    """The public id of the row itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"unique": True, "default": new_id, "editable": False}
        super().__init__(*args, **kwargs)


class HtmlField(LongTextField):
    """HTML. `ObjectRow.derive` makes it safe whenever a row is written, whoever writes it."""


class InternalField:
    """Mixed into fields of columns that follow from others: for the server's look-ups, in no answer and no log."""


class InternalCharField(InternalField, ExactCharField):
    pass


class InternalIntegerField(InternalField, models.BigIntegerField):  # type: ignore[type-arg]
    pass


class SearchTextField(InternalField, models.TextField):  # type: ignore[type-arg]
    """`default_qry_str`: the words of a row, folded, kept by `ObjectRow`. Compares byte by byte, as ids do."""

    def db_parameters(self, connection: Any) -> Any:
        parameters = super().db_parameters(connection)
        parameters["collation"] = BINARY_COLLATION if connection.vendor == "mysql" else None
        return parameters


class FullTextIndex(models.Index):
    """MariaDB's index of words. SQLite looks through the rows of an account, which is fast enough where it serves (see
    docs/decisions); there an index of the same name is empty."""

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **kwargs: Any) -> Any:
        statement = super().create_sql(model, schema_editor, using, **kwargs)
        if schema_editor.connection.vendor == "mysql":
            statement.template = statement.template.replace("CREATE INDEX", "CREATE FULLTEXT INDEX", 1)
        else:
            statement.template += " WHERE 0"
        return statement


class SecretField(models.CharField):  # type: ignore[type-arg]
    """A password or passcode. Clients write it in the clear; it is stored hashed and never read out.

    Its validators judge what clients write, before it is hashed.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 128)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("validators", None)  # they say nothing of the column
        return name, path, args, kwargs


class SecretsByRoleField(models.JSONField):
    """`{role: passcode}`, written in the clear, stored as `{role: hash}`, never read out."""


def hash_secrets_by_role(value: Any, roles: set[str]) -> dict[str, str]:
    """Raises ValidationError unless `value` maps some of `roles` to passcodes that are not soon guessed."""
    if not isinstance(value, dict) or not set(value) <= roles:
        raise ValidationError(f"Give an object with passcodes for some of: {', '.join(sorted(roles))}.")
    for passcode in value.values():
        validate_passcode(passcode)
    return {role: make_password(normal_secret(passcode)) for role, passcode in value.items()}


SHORTEST_PASSCODE: Final = 6


def validate_passcode(passcode: Any) -> None:
    if not isinstance(passcode, str) or not SHORTEST_PASSCODE <= len(passcode) <= 128:
        raise ValidationError(f"A passcode is a text of {SHORTEST_PASSCODE} to 128 characters.")
    if is_common(passcode):
        raise ValidationError("This passcode is among the first that anybody tries; choose another one.")


def is_easily_guessed(passcode: str) -> bool:
    """One that was stored before there was a rule."""
    return len(passcode) < SHORTEST_PASSCODE or is_common(passcode)


@cache
def _common_passwords() -> CommonPasswordValidator:
    return CommonPasswordValidator()


def is_common(secret: str) -> bool:
    """Whether it is in Django's list of common passwords, or one sign again and again."""
    try:
        _common_passwords().validate(secret)
    except ValidationError:
        return True
    return len(set(secret)) == 1


def normal_secret(secret: str) -> str:
    """A password or passcode in the one form that is hashed (NFKC): a Mac and a PC write the same letter apart."""
    return unicodedata.normalize("NFKC", secret)
