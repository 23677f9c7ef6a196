"""`crud` is what apps import of the engine; its names are listed twice, for the type checker and for the interpreter."""

import ast
from importlib import import_module
from pathlib import Path

import crud


def test_both_lists_name_the_same() -> None:
    tree = ast.parse(Path(str(crud.__file__)).read_text())
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    typed = {
        (node.module, alias.name) for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert typed == {(module, name) for module, names in crud.FACE.items() for name in names}


def test_each_name_is_what_its_module_calls_so() -> None:
    for module, names in crud.FACE.items():
        for name in names:
            assert getattr(crud, name) is getattr(import_module(module), name), name
