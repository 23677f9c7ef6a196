"""An input for a code of a lookup: it takes what is typed, and offers the codes and names of the account's list."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextInputWidget

from crud.declare.code_lists import code_lists
from tenancy.context import current_scope


class CodeInput(UnfoldAdminTextInputWidget):  # type: ignore[misc]
    def __init__(self, lookup: str) -> None:
        super().__init__(attrs={"autocomplete": "off"})
        self.lookup = lookup

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The list is asked when the page is made, for the account that staff are in."""
        list_id = f"{name}_codes"
        box = super().render(name, value, {**(attrs or {}), "list": list_id}, renderer)
        scope = current_scope()
        choices = code_lists[self.lookup].choices(scope if isinstance(scope, int) else None)
        options = format_html_join("", '<option value="{}">{}</option>', choices)
        return format_html('{}<datalist id="{}">{}</datalist>', box, list_id, options)
