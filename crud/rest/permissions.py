"""Who may call a view. Instances are shared by threads: they raise what they have to say, and keep nothing."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission

from crud.read.resolve import missing
from crud.write.writer import demand
from kernel.errors import Refused


class IsCaller(BasePermission):
    """Whoever authentication let in. The default, so that a view without authentication says so itself."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return view.principal is not None


class ActsInAccount(BasePermission):
    """A caller with an account, one that may act for all, or a guest."""

    def has_permission(self, request: Any, view: Any) -> bool:
        principal = request.principal
        if principal.account_id is None and not principal.bypass and not principal.is_guest:
            raise Refused("Name the account to act in: x-account-id, or x-no-account-id: bypass.")
        return True


SAFE_METHODS = ("GET", "HEAD")
VERBS = {"list": "read", "retrieve": "read", "describe": "read", "create": "create", "partial_update": "update"}
SAY_IT_THEMSELVES = (None, "metadata", "search", "bulk", "destroy", "history")


class MayByRole(BasePermission):
    """The least role that a type asks for an action; keys that only read, and guests, write nothing.

    An action that an app adds asks for the role of its `verb`; without one for that of reading, if it is a GET, else of
    updating. `search` is open to everybody: who may not read the type finds nothing. `bulk` and `destroy` do what their
    body and parameters say, and the Writer asks for that; `history` is for administrators, whatever the type.
    """

    def has_permission(self, request: Any, view: Any) -> bool:
        principal = request.principal
        if view.action in ("list", "search"):
            for parent in view.parents:
                if not parent.object_type.readable_by(principal.access):
                    raise missing(parent.object_type, principal, parent.public_id)
        verb = verb_of(view, request.method)
        if verb and not view.object_type.may(verb, principal):
            if verb != "read" and view.parents:
                view.resolve_parents()  # a parent that is another's speaks first
            demand(view.object_type, principal, verb)
        return True


def verb_of(view: Any, method: str) -> str:
    if view.action in SAY_IT_THEMSELVES:
        return ""
    return VERBS.get(view.action) or view.verb or ("read" if method in SAFE_METHODS else "update")
