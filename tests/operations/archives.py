"""Archives that somebody has had their hands on."""

from __future__ import annotations

import json
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any


def rebuilt(path: Path, target: Path, change: Any) -> Path:
    """The archive anew, after `change(entries, manifest)`; every hash and size fits again."""
    with zipfile.ZipFile(path) as old:
        entries = {name: old.read(name) for name in old.namelist() if name != "manifest.json"}
        manifest = json.loads(old.read("manifest.json"))
    change(entries, manifest)
    manifest["entries"] = {n: {"size": len(d), "sha256": sha256(d).hexdigest()} for n, d in entries.items()}
    with zipfile.ZipFile(target, "w") as new:
        for name, data in entries.items():
            new.writestr(name, data)
        new.writestr("manifest.json", json.dumps(manifest))
    return target
