"""Names: a class that one file tells of is not another thing in the next."""

from __future__ import annotations

import ast
from collections import defaultdict

from tests.architecture.test_escape_hatches import sources

BY_DJANGO = frozenset({"Command"})
"""Names that Django asks for."""


def test_a_class_name_stands_for_one_thing() -> None:
    places = defaultdict(list)
    for path, tree in sources():
        for node in ast.iter_child_nodes(tree):  # a class within another bears that one's name, too
            if isinstance(node, ast.ClassDef) and node.name not in BY_DJANGO:
                places[node.name].append(path)
    assert {name: files for name, files in places.items() if len(files) > 1} == {}
