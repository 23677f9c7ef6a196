"""A small client for the machine of a room: it enrols, keeps the room's files, reports, and opens them.

It needs Python 3.11 and the package `cryptography`, and shows how a launcher of your own goes about it (docs/rooms.md):

    python3 launcher.py --home ~/room enrol https://aether.example.org aee_… --name "Left lectern"
    python3 launcher.py --home ~/room run [--from /media/stick]

Bytes are kept by their hash in `bytes/`, and shown under the names that the manifest gives in `files/`. A manifest
counts only if the key that came with the enrolment has signed it and it is not older than the one before; so bytes
and manifests may come from anywhere.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

VERSION = "1.0"
SECONDS_APART = 10
TIMEOUT = 30
PIECE = 1 << 20
COMMANDS_REMEMBERED = 200


class Refusal(Exception):
    """Something that is not taken, or can't be done; the text says why."""


def verify(manifest: dict[str, Any], public_key: str, last_seq: int) -> None:
    """Raises Refusal for a manifest that is not signed by this key, or is older than the last one."""
    unsigned = {name: value for name, value in manifest.items() if name != "signature"}
    text = json.dumps(unsigned, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        signature = b64decode(manifest.get("signature") or "", validate=True)
        Ed25519PublicKey.from_public_bytes(b64decode(public_key)).verify(signature, text.encode())
    except (InvalidSignature, ValueError):
        raise Refusal("signature: the manifest is not signed by the key of this account") from None
    if manifest["seq"] < last_seq:
        raise Refusal("seq: the manifest is older than the one before")


@dataclass
class Room:
    """What the machine knows, kept in `room.json`."""

    url: str
    device_token: str
    event_id: str
    event_location_id: str
    public_key: str
    seq: int = 0
    cursor: str | None = None
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The entries of the manifest, by event_file_id."""
    done: list[str] = field(default_factory=list)
    """Commands that were carried out already: one may come twice."""

    def take(self, manifest: dict[str, Any]) -> None:
        """Follow a manifest: a whole one, or what has changed since the last. Raises Refusal, and changes nothing."""
        verify(manifest, self.public_key, self.seq)
        if manifest["event_id"] != self.event_id:
            raise Refusal("the manifest is of another event")
        if manifest["event_location_id"] != self.event_location_id:
            raise Refusal("the manifest is of another room")
        if manifest["since"] not in (None, self.cursor):
            raise Refusal("the manifest tells of changes to another one than the last")
        files = {} if manifest["since"] is None else dict(self.files)
        for entry in manifest["files"]:
            files.pop(entry["event_file_id"], None)
            if not entry["removed"]:
                name = entry["save_as"]
                if name in ("", ".", "..") or "/" in name or "\\" in name:
                    raise Refusal("the manifest has a name that leads elsewhere")
                files[entry["event_file_id"]] = entry
        self.files, self.seq, self.cursor = files, manifest["seq"], manifest["cursor"]


class Launcher:
    """One machine, with its folder.

    `fetch`: sends a request, as `urllib.request.urlopen` does; `show`: opens a file with its program.
    """

    def __init__(
        self, home: Path, fetch: Callable[..., Any] = urlopen, show: Callable[[Path], None] | None = None
    ) -> None:
        self.home, self.fetch, self.show = home, fetch, show or open_with_its_program
        self.bytes, self.shown = home / "bytes", home / "files"
        for folder in (home, self.bytes, self.shown):
            folder.mkdir(parents=True, exist_ok=True)
        self.opened: str | None = None
        self.heard_on: datetime | None = None
        """When the server last said which files there are to be."""
        self.room = self._load()
        self.check_bytes()

    # What is kept

    def _load(self) -> Room | None:
        kept = self.home / "room.json"
        return Room(**json.loads(kept.read_text())) if kept.exists() else None

    def _save(self) -> None:
        """Whole or not at all, for its owner's eyes: the token is in it."""
        fresh = self.home / "room.json.new"
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as out:
            json.dump(asdict(self.known), out)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(self.home / "room.json")

    @property
    def known(self) -> Room:
        if self.room is None:
            raise Refusal("this machine is not enrolled")
        return self.room

    def check_bytes(self) -> None:
        """What does not hash to its name any more is fetched anew."""
        for path in self.bytes.iterdir():
            if path.suffix != ".part" and hash_of(path) != path.name:
                path.unlink()

    @property
    def have(self) -> list[str]:
        return sorted(path.name for path in self.bytes.iterdir() if path.suffix != ".part")

    # Talking to the server

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        """Raises OSError: HTTPError for a refusal, others for no answer, half a one, or somebody else's."""
        try:
            with self._send(method, path, body) as answer:
                return json.loads(answer.read())["data"]
        except (HTTPException, ValueError, KeyError, TypeError) as error:
            raise OSError(f"what came is no answer of the server: {error!r}") from error

    def _send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.known.url + path, data, method=method)  # noqa: S310  (an address that staff gave)
        request.add_header("User-Agent", f"aether-launcher/{VERSION}")
        if self.known.device_token:
            request.add_header("Authorization", f"Bearer {self.known.device_token}")
        if data is not None:
            request.add_header("Content-Type", "application/json")
        for name, value in headers.items():
            request.add_header(name, value)
        return self.fetch(request, timeout=TIMEOUT)

    def enrol(self, url: str, token: str, name: str) -> None:
        """With the one-time code of the room. What a former room has left goes."""
        former, self.room = self.room, Room(url.rstrip("/"), "", "", "", "")
        said = {"token": token, "name": name, "platform": platform.platform()[:200], "version": VERSION}
        try:
            told = self._ask("POST", "/v3/device/enrol", said)
        except Exception:
            self.room = former
            raise
        place = (told["event_id"], told["event_location_id"])
        self.room = Room(self.known.url, told["device_token"], *place, told["manifest_key"]["public_key"])
        self._save()
        self.arrange()

    def rotate(self) -> None:
        self.known.device_token = self._ask("POST", "/v3/device/rotate")["device_token"]
        self._save()

    def report(self) -> Any:
        """What is here. Answers what the server says there is to do."""
        said = {
            "have": self.have,
            "opened": self.opened,
            "disk_free": shutil.disk_usage(self.home).free,
            "clock": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "version": VERSION,
        }
        return self._ask("POST", "/v3/device/report", said)

    def sync(self, near: Sequence[Path] = ()) -> list[str]:
        """Ask what there is to do, and do it: follow the manifest, fetch what is lacking, carry out commands.

        `near`: folders whose files are taken where their bytes are needed. Answers what went wrong, in words.
        """
        work = self._work()
        self.known.take(work["manifest"])
        self._save()
        self.heard_on = datetime.now(UTC)
        self.take_from(near)
        wanted = {entry["hash_sha256"]: entry["size"] for entry in self.known.files.values()}
        order = dict.fromkeys([*(digest for digest in work["prefetch"] if digest in wanted), *wanted])
        problems = []
        for digest in order:
            if not (self.bytes / digest).exists():
                try:
                    self.download(digest, wanted[digest])
                except (OSError, HTTPException, Refusal) as error:
                    problems.append(f"{digest[:12]}: {error}")
        problems += self.arrange()
        for message in work["messages"]:
            self._obey(message)
        return problems

    def _work(self) -> Any:
        """With what has changed since the last manifest; with all of it where the machine was moved to another room."""
        since = f"?since={self.known.cursor}" if self.known.cursor else ""
        work = self._ask("GET", f"/v3/device/work{since}")
        moved = work["manifest"]["event_location_id"] != self.known.event_location_id
        if moved:
            verify(work["manifest"], self.known.public_key, self.known.seq)
            self.known.event_location_id, self.known.cursor = work["manifest"]["event_location_id"], None
            whole = self._ask("GET", "/v3/device/work")
            work = {**whole, "messages": [*work["messages"], *whole["messages"]]}
        return work

    def download(self, digest: str, size: int) -> None:
        """Goes on where it broke off; what does not hash to its name is thrown away. Raises OSError, Refusal."""
        part = self.bytes / f"{digest}.part"
        begun = part.stat().st_size if part.exists() else 0
        if begun < size or not size:
            headers = {"Range": f"bytes={begun}-"} if begun else {}
            with self._send("GET", f"/v3/action/hosted_file/hash/{digest}/download", **headers) as answer:
                save(answer, part, append=answer.status == 206)
        if part.stat().st_size < size:
            raise OSError("the download broke off")
        if hash_of(part) != digest:
            part.unlink()
            raise Refusal("the bytes that came are not those of the manifest")
        part.replace(self.bytes / digest)

    def take_from(self, folders: Sequence[Path]) -> None:
        """Bytes that are near already, such as on a stick: by size first, then by hash."""
        lacking = {entry["hash_sha256"]: entry["size"] for entry in self.known.files.values()}
        lacking = {digest: size for digest, size in lacking.items() if not (self.bytes / digest).exists()}
        for path in files_below(folders):
            if path.stat().st_size in lacking.values() and (digest := hash_of(path)) in lacking:
                part = self.bytes / f"{digest}.part"
                shutil.copyfile(path, part)
                if hash_of(part) == digest:
                    part.replace(self.bytes / digest)

    def arrange(self) -> list[str]:
        """`files/` shows what the manifest lists and is here, under its names. What it no longer lists goes, a former
        version before the new one has come, too. Answers what a program holds open, in words."""
        entries = {entry["save_as"]: entry for entry in self.known.files.values()}
        problems = []
        for path in self.shown.iterdir():
            if path.name not in entries or hash_of(path) != entries[path.name]["hash_sha256"]:
                try:
                    path.unlink()
                except PermissionError:
                    problems.append(f"{path.name}: it is out of date, and held open by a program")
        for name, entry in entries.items():
            source, target = self.bytes / entry["hash_sha256"], self.shown / name
            if source.exists() and not target.exists():
                fresh = self.home / "arranging"
                shutil.copyfile(source, fresh)  # a copy: whoever edits it leaves the bytes as they are
                fresh.replace(target)
        needed = {entry["hash_sha256"] for entry in entries.values()}
        for path in self.bytes.iterdir():
            if path.name.removesuffix(".part") not in needed:
                path.unlink()
        return problems

    # Opening

    def open(self, event_file_id: str) -> Path:
        """Raises Refusal, which says why the room can't show it."""
        entry = self.known.files.get(event_file_id)
        if entry is None:
            raise Refusal("this room's manifest does not list that file")
        path: Path = self.shown / entry["save_as"]
        if not path.exists() or hash_of(path) != entry["hash_sha256"]:
            raise Refusal("its current version has not come yet")
        self.show(path)
        self.opened = entry["hash_sha256"]
        return path

    def open_current(self, event_presentation_id: str, slot: str = "slides") -> tuple[Path, str | None]:
        """The file of a talk, once the server was asked for the newest.

        Where it can't be asked, it is what is here, and words say so. Raises Refusal, which says why nothing is shown.
        """
        try:
            word = "; ".join(self.sync()) or None
        except OSError as error:
            since = f"since {self.heard_on:%H:%M:%S} UTC" if self.heard_on else "since this machine was started"
            word = f"not asked whether there is a newer version, {since}: {error}"
        place = (event_presentation_id, slot)
        talks = (one for one in self.known.files.values() if (one["event_presentation_id"], one["slot"]) == place)
        entry = next(talks, None)
        if entry is None:
            raise Refusal(f"this room's manifest lists no {slot} of that talk{f' ({word})' if word else ''}")
        return self.open(entry["event_file_id"]), word

    def _obey(self, message: dict[str, Any]) -> None:
        command_id = message["command_id"]
        said: dict[str, Any] = {"command_id": command_id, "ok": True}
        if command_id not in self.known.done:
            try:
                self._carry_out(message["command"], message.get("payload"))
            except Refusal as error:
                said |= {"ok": False, "message": str(error)}
            self.known.done = [*self.known.done, command_id][-COMMANDS_REMEMBERED:]
            self._save()
        self._ask("POST", "/v3/device/ack", said)

    def _carry_out(self, command: str, payload: Any) -> None:
        if command == "open":
            self.open(str(payload.get("event_file_id")) if isinstance(payload, dict) else "")
        elif command == "reload":
            self.check_bytes()
        elif command == "blank":
            self.opened = None
        elif command in ("message", "identify"):
            print(f"{command}: {payload if payload is not None else self.known.event_location_id}")
        else:
            raise Refusal("this launcher does not know that command")


def save(answer: Any, path: Path, *, append: bool) -> None:
    """What has come stays, if the rest does not."""
    with path.open("ab" if append else "wb") as out:
        while piece := answer.read(PIECE):
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())


def hash_of(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def files_below(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file())


def open_with_its_program(path: Path) -> None:
    if sys.platform == "win32":
        os.startfile(path)  # noqa: S606
        return
    program = "open" if sys.platform == "darwin" else "xdg-open"
    subprocess.Popen([program, str(path)])  # noqa: S603


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--home", type=Path, default=Path("room"))
    verbs = parser.add_subparsers(dest="verb", required=True)
    enrol = verbs.add_parser("enrol", help="with the one-time code of a room")
    enrol.add_argument("url")
    enrol.add_argument("token")
    enrol.add_argument("--name", default=platform.node() or "launcher")
    run = verbs.add_parser("run", help="keep the room's files, and report, until it is stopped")
    run.add_argument("--from", dest="near", type=Path, action="append", default=[], help="a folder with files, too")
    verbs.add_parser("rotate", help="ask for the next token")
    said = parser.parse_args()
    launcher = Launcher(said.home)
    if said.verb == "enrol":
        launcher.enrol(said.url, said.token, said.name)
    elif said.verb == "rotate":
        launcher.rotate()
    else:
        keep_on(launcher, said.near)


def keep_on(launcher: Launcher, near: Sequence[Path]) -> None:
    """Without a network the room goes on with what it has."""
    while True:
        try:
            for problem in launcher.sync(near):
                print(problem)
            launcher.report()
        except HTTPError as error:
            print(f"the server says {error.code}")
        except (OSError, Refusal) as error:
            print(error)
        time.sleep(SECONDS_APART)


if __name__ == "__main__":
    main()
