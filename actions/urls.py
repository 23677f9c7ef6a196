"""Routes of all actions: every module of this package is imported, and registers what it declares."""

import re
from importlib import import_module
from pkgutil import iter_modules

from django.urls import re_path

import actions
from actions.action import Action
from actions.action import actions as registered
from actions.documentation import describe_actions
from actions.views import ActionView

for module in iter_modules(actions.__path__):
    if not module.ispkg:
        import_module(f"actions.{module.name}")


def pattern(action: Action) -> str:
    parts = re.split(r"\{(\w+)\}", action.path)
    route = "".join(
        f"(?P<{part}>{action.places.get(part, '[^/]+')})" if place else re.escape(part)
        for place, part in ((index % 2, part) for index, part in enumerate(parts))
    )
    return rf"^v3/action/{route}/?\Z"


by_pattern: dict[str, dict[str, Action]] = {}
for (_, method), action in registered.items():
    by_pattern.setdefault(pattern(action), {})[method] = action
for methods in by_pattern.values():
    describe_actions(methods)

urlpatterns = [re_path(route, ActionView.as_view(actions=methods)) for route, methods in by_pattern.items()]
