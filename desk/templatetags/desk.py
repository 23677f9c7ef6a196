"""Links to another page of the list that is looked at."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def at_page(context: Any, number: int) -> str:
    """The query string of this page with another number in it. Escaped by the template."""
    query = context["request"].GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"
