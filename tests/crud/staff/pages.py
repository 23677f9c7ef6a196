"""Staff at the admin's pages: signing in, opening a form, sending it as a browser would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from accounts.models import User
from crud.declare.object_type import registry
from tests.conftest import PASSWORD

REFUSED = (302, 403)


def url(type_name: str, page: str = "changelist", *key: Any) -> str:
    """The address of a page, spelled out: tests should notice when one moves."""
    opts = registry[type_name].model._meta
    base = f"/admin/{opts.app_label}/{opts.model_name}/"
    match page:
        case "changelist":
            return base
        case "add":
            return f"{base}add/"
        case _:
            return f"{base}{key[0]}/{page}/"


class Form(HTMLParser):
    """What a browser would send of the page's main form if nobody touched it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.names: set[str] = set()
        self._inside = False
        self._select: str | None = None
        self._textarea: tuple[str, list[str]] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("id", "").endswith("_form") and given.get("id") != "logout-form"
        if not self._inside:
            return
        name = given.get("name", "")
        if name and tag in ("input", "select", "textarea"):
            self.names.add(name)
        if tag == "input" and name and not name.startswith(("_", "csrf")):
            kind = given.get("type", "text")
            if kind not in ("submit", "button") and (kind not in ("checkbox", "radio") or "checked" in given):
                self.values.setdefault(name, []).append(given.get("value", "on" if kind == "checkbox" else ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.values.setdefault(self._select, []).append(given.get("value", ""))
        elif tag == "textarea":
            self._textarea = (name, [])

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._textarea[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        elif tag == "textarea" and self._textarea:
            name, parts = self._textarea
            text = "".join(parts).removeprefix("\r\n").removeprefix("\n")
            self.values[name] = [text.replace("\r\n", "\n").replace("\n", "\r\n")]
            self._textarea = None
        elif tag == "form":
            self._inside = False


@dataclass
class Staff:
    """Somebody signed in to the admin. No page may hold a word of `strangers`."""

    user: User
    strangers: frozenset[str] = frozenset()
    client: Client = field(default_factory=lambda: Client(raise_request_exception=True))

    def sign_in(self) -> Staff:
        response = self.client.post("/admin/login/", {"username": self.user.username, "password": PASSWORD})
        assert response.status_code == 302, response.content.decode()
        return self

    def get(self, path: str, data: Any = None) -> Any:
        return self._watched(path, data, self.client.get(path, data))

    def post(self, path: str, data: Any) -> Any:
        return self._watched(path, data, self.client.post(path, data))

    def form(self, path: str) -> Form:
        response = self.get(path)
        assert response.status_code == 200, (path, response.status_code)
        return Form(response.content.decode())

    def save(self, path: str, **changes: Any) -> Any:
        """Open a form, change some inputs, send it."""
        return self.post(path, self.form(path).values | changes)

    def _watched(self, path: str, data: Any, response: Any) -> Any:
        said = f"{response.content.decode()} {dict(response.headers)}"
        leaked = [word for word in self.strangers if word in said and word not in f"{path} {data}"]
        assert not leaked, f"{path}: the page holds {leaked} of another account"
        return response


def errors(response: Any) -> dict[str, list[str]]:
    """The errors of the form that came back."""
    assert response.status_code == 200, (response.status_code, response.headers.get("Location"))
    found: dict[str, list[str]] = response.context["adminform"].form.errors
    return found


def messages(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def pages(type_name: str, key: Any) -> Iterator[str]:
    """Every page about one object."""
    for page in ("change", "history", "delete"):
        yield url(type_name, page, key)
