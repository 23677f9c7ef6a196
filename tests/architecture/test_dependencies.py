"""What is installed is what was looked at: locks with hashes, and a dated page for what no lock names."""

from __future__ import annotations

import json
import re

import pytest

from aether.settings import ROOT

PAGE = (ROOT / "docs/dependency_audit.md").read_text()
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.mark.parametrize(
    "lock", [lock for lock in LOCKS if lock.with_suffix(".in").exists()], ids=lambda lock: lock.stem
)
def test_every_package_is_pinned_with_its_hashes(lock) -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"(?m)^#.*\n", "", lock.read_text()).strip())
    packages = [entry for entry in entries if not entry.startswith("-")]
    assert packages
    assert [
        entry.split()[0] for entry in packages if "==" not in entry.split()[0] or "--hash=sha256:" not in entry
    ] == []


@pytest.mark.parametrize("place", ["clients/typescript", "tests/e2e"])
def test_every_package_of_npm_has_its_hash(place: str) -> None:
    packages = json.loads((ROOT / place / "package-lock.json").read_text())["packages"]
    assert [name for name, told in packages.items() if name and not told.get("integrity")] == []


def test_the_audit_is_dated_and_names_what_no_lock_does() -> None:
    assert re.search(r"^## 20\d\d-\d\d-\d\d", PAGE, re.MULTILINE)
    script = (ROOT / "aether/static/unfold/js/alpine/alpine.js").read_text()
    version = re.search(r"Alpine\.js ([\d.]+)", script)
    assert version
    assert f"Alpine.js {version[1]}" in PAGE
    assert f'version:"{version[1]}"' in script or version[1] in script


def test_the_audit_looks_at_every_lock() -> None:
    script = (ROOT / "scripts/audit.sh").read_text()
    named = re.search(r"requirements/\{([\w,]+)\}", script)
    assert named
    assert set(named[1].split(",")) == {lock.stem for lock in LOCKS if lock.with_suffix(".in").exists()}
