"""No file needs, while it is imported, a file that needs it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.architecture.test_escape_hatches import sources


def module_of(path: str) -> str:
    return ".".join(Path(path).with_suffix("").parts).removesuffix(".__init__")


def imported(node: ast.AST) -> Iterator[str]:
    """What is imported as the file is read: not within functions, and not for types alone."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                continue
            case ast.If(test=test) if "TYPE_CHECKING" in ast.unparse(test):
                continue
            case _:
                yield from imported(child)


def known(name: str, modules: set[str]) -> str | None:
    """The file: a module, or the one that a name is imported from."""
    return name if name in modules else parent if (parent := name.rpartition(".")[0]) in modules else None


def graph(trees: dict[str, ast.AST]) -> dict[str, set[str]]:
    modules = set(trees)
    return {
        module: {found for name in imported(tree) if (found := known(name, modules))} - {module}
        for module, tree in trees.items()
    }


def test_no_ring() -> None:
    TopologicalSorter(graph({module_of(path): tree for path, tree in sources()})).prepare()


def test_a_ring_is_seen() -> None:
    ring = {"a": ast.parse("from b import x"), "b": ast.parse("class B:\n    import c"), "c": ast.parse("import a")}
    with pytest.raises(CycleError):
        TopologicalSorter(graph(ring)).prepare()
    ring["c"] = ast.parse("def later():\n    import a")
    TopologicalSorter(graph(ring)).prepare()
