"""The sample client, run by Node against a live server that is restarted under it; the example page in a browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright._impl._driver import compute_driver_executable
from playwright.sync_api import sync_playwright

from aether.settings import ROOT
from tests.clients.typescript import PROJECT, compile_beside_the_client
from tests.docs.markdown import blocks_of
from tests.realtime.conftest import World
from tests.realtime.servers import Account

CLIENT = PROJECT / "src/aether_socket.ts"
NODE = compute_driver_executable()[0]
PROGRAM = """
import { AetherSocket } from './aether_socket.ts';
const say = (what: string, value: unknown = null) => console.log(JSON.stringify([what, value]));
const { WS: url = '', KEY: api_key = '', ACCOUNT: account_id } = process.env;
const socket = new AetherSocket({
  url,
  credentials: () => ({ api_key, account_id }),
  on_ready: () => { say('ready'); void socket.ask('join', { group: 'hall' }).then((answer) => say('joined', answer.type)); },
  on_frame: (frame) => say(frame.type, frame.payload ?? frame.category ?? null),
  on_resync: () => say('resync'),
  on_refused: (frame) => say('refused', frame.category),
});
const stop = socket.subscribe({ obj_type: 'journal' }, (change) => say('change', [change.action, change.data?.name]));
process.stdin.on('data', (line) => {
  if (String(line).startsWith('stop')) { stop(); void socket.ask('ping').then(() => say('stopped')); }
  else socket.close();
});
process.stdin.on('end', () => process.exit());
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client, the program above and the guide's, compiled as strictly as the clients are."""
    directory: Path = tmp_path_factory.mktemp("socket")
    guide = "".join(block.text for block in blocks_of("docs/websockets.md") if block.language == "ts")
    assert compile_beside_the_client({"program.ts": PROGRAM, "guide.ts": guide}, directory) == ""
    return directory / "dist"


class Program:
    """The client in a process of its own, which tells what it hears."""

    def __init__(self, built: Path, account: Account, key: str, name: str = "program.js") -> None:
        url = account.server.base.replace("http", "ws") + "/v3/ws"
        environment = os.environ | {"WS": url, "KEY": key, "ACCOUNT": account.id}
        self.process = subprocess.Popen(
            [NODE, name],
            cwd=built,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def until(self, what: str) -> list[Any]:
        """What it says up to this."""
        told = []
        for line in self.process.stdout or ():
            told.append(json.loads(line))
            if told[-1][0] == what:
                return told
        raise AssertionError(f"the program ended without {what!r}: {told}")

    def tell(self, word: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(word + "\n")

    def end(self) -> None:
        self.process.kill()
        self.process.wait(60)
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                stream.close()


@pytest.fixture
def programs() -> Iterator[list[Program]]:
    started: list[Program] = []
    yield started
    for program in started:
        program.end()


def test_the_client_is_short() -> None:
    assert len(CLIENT.read_text().splitlines()) <= 100


def test_the_pages_client_is_the_compiled_one(built: Path) -> None:
    """Renew it: npm run build in clients/typescript, and copy dist/aether_socket.js."""
    assert (ROOT / "examples/live/aether_socket.js").read_text() == (built / "aether_socket.js").read_text()


def test_it_hears_changes_and_messages_and_stops(north: Account, built: Path, programs: list[Program]) -> None:
    program = Program(built, north, north.keys["user"])
    programs.append(program)
    program.until("joined")
    journal = north.make("journal", name="seen")
    assert program.until("change")[-1] == ["change", ["created", "seen"]]
    with north.socket() as remote:
        remote.ask("join", group="hall")
        remote.ask("send", group="hall", payload={"go": 1})
        assert program.until("message")[-1] == ["message", {"go": 1}]
        program.tell("stop")
        program.until("stopped")
        north.call("PATCH", f"/v3/crud/journal/{journal['id']}", {"name": "unseen"})
        remote.ask("send", group="hall", payload="after it")
        assert program.until("message") == [["message", "after it"]]


def test_the_guides_program(north: Account, built: Path, programs: list[Program]) -> None:
    with north.socket() as remote:
        remote.ask("join", group="hall-1")
        program = Program(built, north, north.keys["user"], "guide.js")
        programs.append(program)
        assert remote.next("presence")["joined"]["name"] == "Kiosk"
        remote.ask("send", group="hall-1", payload="next")
        assert program.line() == "message next"
    assert program.line() == "presence undefined"
    north.make("journal", name="from the guide")
    assert program.line() == "created from the guide"


def test_it_gives_up_where_it_is_refused(north: Account, built: Path, programs: list[Program]) -> None:
    program = Program(built, north, "aes_nonsense")
    programs.append(program)
    assert program.until("refused")[-1] == ["refused", "permission"]


def test_the_page_shows_changes(world: World, north: Account) -> None:
    chromium = shutil.which("chromium")
    assert chromium, "Chromium is missing; `make test` installs it"
    complaints: list[str] = []
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        page = browser.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{world.pages}/index.html")
        page.fill("#url", world.server.base.replace("http", "ws") + "/v3/ws")
        page.fill("#key", north.keys["user"])
        page.fill("#account", north.id)
        page.click("button")
        page.get_by_text("watching").wait_for()
        name = "<img src=x onerror=alert(1)> Ä😀"
        journal = north.make("journal", name=name)
        row = page.locator("#changes tr").first
        row.wait_for()
        cells = row.locator("td").all_inner_texts()
        assert cells[1:3] == ["created", f"journal {journal['id']}"]
        assert cells[4] == name
        north.call("DELETE", f"/v3/crud/journal/{journal['id']}?method=delete")
        page.locator("#changes tr", has_text="deleted").wait_for()
        page.fill("#key", "aes_nonsense")
        page.click("button")
        page.get_by_text("A valid API key is required").wait_for()
        browser.close()
    assert complaints == []
