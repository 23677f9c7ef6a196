"""`python -m bench.event_day`: a day of an event, on a server of its own and with the machines of examples/launcher.

At each start every room opens the deck of its talk. Before it late versions come; rooms are cut off, machines die and
are replaced, the server is killed (−9) while machines talk to it. Right is what is current, or a word why it
may not be. Wrong, and told with the exit code: another deck without a word, a room that is said to be ready and is not,
a version that was acknowledged and is not there.
"""

from __future__ import annotations

import shutil
import signal
import sys
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from bench.event_day.congress import Congress, Talk
from bench.processes import Server, free_port, say
from bench.report import table
from bench.stacks import ROOT, own_installation, shipped
from examples.launcher.launcher import Launcher, Refusal, hash_of

AT_ONCE = 4
"""An account's share of the server's threads; machines that ask beyond it are told to come again."""
GREEN = ("ready", "opened")


class Machine:
    """The launcher of a room, with a network that can be cut."""

    def __init__(self, home: Path, url: str, code: str) -> None:
        self.home, self.is_cut, self.is_dead = home, False, False
        self.launcher = Launcher(home, self.fetch, lambda path: None)
        while True:  # as whoever stands before it would
            try:
                self.launcher.enrol(url, code, home.name)
            except OSError as error:
                say(f"{home.name} is enrolled again: {error}")
                time.sleep(1)
            else:
                return

    def fetch(self, request: Any, timeout: float) -> Any:
        if self.is_cut:
            raise URLError("the network is cut")
        return urlopen(request, timeout=timeout)

    def turn(self) -> None:
        if not self.is_dead:
            try:
                self.launcher.sync()
                self.launcher.report()
            except (OSError, Refusal):
                pass  # its next turn comes

    def die(self) -> None:
        self.is_dead = True
        shutil.rmtree(self.home)


class Day:
    def __init__(self, flags: Namespace, doors: ExitStack) -> None:
        self.flags, self.dice = flags, Random(flags.seed)
        self.environment = doors.enter_context(own_installation(flags.database))
        self.directory = Path(doors.enter_context(TemporaryDirectory(prefix="aether-day.")))
        self.pool = doors.enter_context(ThreadPoolExecutor(AT_ONCE))
        self.port, self.number = free_port(), 0
        self.congress = Congress(self.environment, self.port, flags.rooms, flags.decks, self.dice)
        self.server = self.start_server()
        doors.callback(self.stop_server)
        say("The server runs; decks come in")
        for talk in self.congress.talks:
            self.congress.send_deck(talk, flags.size)
        say("Machines are enrolled")
        self.machines = [self.new_machine(room) for room in range(flags.rooms)]
        self.seconds: list[float] = []
        self.misses: list[str] = []
        self.wrong: list[str] = []

    def start_server(self) -> Server:
        log = self.directory / "server.log"
        server = Server("serve", shipped("uvicorn", self.port), self.port, log, self.environment, ROOT)
        server.wait_until_open()
        return server

    def stop_server(self) -> None:
        self.server.stop()

    def kill_server(self) -> None:
        self.server.process.send_signal(signal.SIGKILL)
        self.server.process.wait()
        self.server.stop()
        self.server = self.start_server()

    def new_machine(self, room: int) -> Machine:
        self.number += 1
        home = self.directory / f"machine {self.number}"
        return Machine(home, f"http://127.0.0.1:{self.port}", self.congress.code_for(room))

    def each(
        self, work: Callable[[Any], Any], items: Iterable[Any], meanwhile: Callable[[], None] | None = None
    ) -> Any:
        """So many at once as an account may; `meanwhile`, when a third of them are through."""
        futures = [self.pool.submit(work, item) for item in items]
        if meanwhile is not None:
            futures[len(futures) // 3].result()
            meanwhile()
        return [future.result() for future in futures]

    def round(self, meanwhile: Callable[[], None] | None = None) -> None:
        """A turn of every machine; then who became green is seen."""
        end = time.monotonic() + self.flags.beat
        self.each(Machine.turn, self.machines, meanwhile)
        states, now = self.congress.states(), time.monotonic()
        for talk in self.congress.talks:
            state, machine = states[talk.session], self.machines[talk.room]
            if state in GREEN and not machine.is_dead and talk.digest not in machine.launcher.have:
                self.wrong.append(f"talk {talk.id} is said to be {state}, its machine lacks the deck")
            if state in GREEN and not talk.is_green:
                talk.is_green = True
                self.seconds.append(now - talk.sent_at)
        time.sleep(max(0.0, end - time.monotonic()))

    def run(self) -> None:
        rooms, starts = self.flags.rooms, -(-self.flags.decks // self.flags.rooms)
        for _ in range(3):
            self.round()
        self.seconds.clear()  # the decks of the evening before
        kills = {starts * (number + 1) // (self.flags.kills + 1) for number in range(self.flags.kills)}
        rows = []
        for start in range(starts):
            talks = self.congress.talks[start * rooms : (start + 1) * rooms]
            for machine in self.machines[: self.flags.cut]:
                machine.is_cut = start in (starts // 3, starts // 3 + 1)
            late = self.late(start, starts, talks)
            self.each(lambda talk: self.congress.send_deck(talk, self.flags.size), late[::2])
            self.round(self.kill_server if start in kills else None)
            self.round()
            if start == starts // 2:
                for machine in self.machines[-self.flags.deaths :] if self.flags.deaths else []:
                    machine.die()
            self.each(lambda talk: self.congress.send_deck(talk, self.flags.size), late[1::2])  # at the last moment
            outcomes = Counter(self.each(lambda talk, start=start: self.open(start, talk), talks))
            rows.append([str(start + 1), *(str(outcomes[name]) for name in ("current", "told why not", "wrong"))])
            say(f"Start {start + 1} of {starts}: {dict(outcomes)}")
            for room, machine in enumerate(self.machines):
                if machine.is_dead:
                    self.machines[room] = self.new_machine(room)
        self.end(rows)

    def late(self, start: int, starts: int, talks: list[Talk]) -> list[Talk]:
        """Whose new version comes just before; of the rooms that are cut off, all."""
        many = self.flags.late * (start + 1) // starts - self.flags.late * start // starts
        cut = [talk for talk in talks if self.machines[talk.room].is_cut]
        return [*cut, *self.dice.sample([talk for talk in talks if talk not in cut], len(talks) - len(cut))][:many]

    def open(self, start: int, talk: Talk) -> str:
        machine, where = self.machines[talk.room], f"start {start + 1}, room {talk.room + 1}"
        if machine.is_dead:
            self.misses.append(f"{where}: the machine is dead")
            return "told why not"
        try:
            path, word = machine.launcher.open_current(talk.id)
        except Refusal as error:
            self.misses.append(f"{where}: {error}")
            return "told why not"
        if hash_of(path) == talk.digest:
            return "current"
        if word:
            self.misses.append(f"{where}: opened a former version and said: {word}")
            return "told why not"
        self.wrong.append(f"{where}: opened a former version without a word")
        return "wrong"

    def end(self, rows: list[list[str]]) -> None:
        for _ in range(5):
            self.round()
        self.wrong += [f"{talk.id} never became green" for talk in self.congress.talks if not talk.is_green]
        self.wrong += [f"lost: {one}" for one in self.congress.lost()]
        print(f"{self.flags.rooms} rooms, {self.congress.acknowledged} versions of {self.flags.decks} decks\n")
        print(table(["start", "rooms with the current deck", "that said why not", "wrong"], rows))
        print("\nMisses:\n" + "\n".join(f"- {miss}" for miss in self.misses or ["none"]))
        if self.seconds:
            print(f"\nSeconds to green: {median(self.seconds):.1f} (median), {max(self.seconds):.1f} (most)")
        print(f"\nWrong: {len(self.wrong)}" + "".join(f"\n- {one}" for one in self.wrong))


def main() -> None:
    parser = ArgumentParser(prog="python -m bench.event_day", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "mariadb"), default="sqlite")
    counts = {"rooms": 40, "decks": 300, "late": 30, "deaths": 3, "cut": 2, "kills": 2, "size": 100_000, "seed": 1}
    for name, default in counts.items():
        parser.add_argument(f"--{name}", type=int, default=default, help="default: %(default)s")
    parser.add_argument("--beat", type=float, default=10.0, help="seconds between two reports; default: %(default)s")
    with ExitStack() as doors:
        day = Day(parser.parse_args(), doors)
        day.run()
    sys.exit(bool(day.wrong))


if __name__ == "__main__":
    main()
