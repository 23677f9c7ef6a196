"""Upper layers import lower ones, never the reverse: the contract stands in pyproject.toml."""

from importlinter.cli import lint_imports

from aether.settings import ROOT


def test_layers_hold(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename="pyproject.toml", no_cache=True, no_logo=True) == 0
