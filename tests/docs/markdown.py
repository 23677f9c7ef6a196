"""Fenced blocks of a Markdown file, and running those that are shell samples.

A ```sh block is run by bash, with what the blocks before it in the same file have set. The ```json or ```text block
that follows one is its expected output:

- json: every key and value shown must be there; more may be. "…" stands for any value that is not null,
  and a list that ends in "…" may go on.
- text: every line shown must be in the output, in this order; "…" stands for any characters.

Without one, the exit code alone decides. ```console blocks are for people: they are not run.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aether.settings import ROOT

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"`([\w/.]+\.\w+)`")
ANY = "…"


@dataclass(frozen=True)
class Block:
    file: Path
    line: int
    language: str
    text: str
    before: str
    """The line of prose above it."""

    @property
    def place(self) -> str:
        return f"{self.file.name}:{self.line}"

    @property
    def path(self) -> str:
        """The file that the line above names."""
        assert self.named_path, f"{self.place}: the line above the block names no file"
        return self.named_path

    @property
    def named_path(self) -> str:
        """The same; empty if it names none."""
        return str(["", *PATH.findall(self.before)][-1])


def blocks_of(name: str) -> list[Block]:
    file = ROOT / name
    text = file.read_text()
    found = []
    for match in FENCE.finditer(text):
        before = text[: match.start()].rstrip().rpartition("\n")[2]
        found.append(Block(file, text.count("\n", 0, match.start()) + 1, match[1], match[2], before))
    return found


@dataclass(frozen=True)
class Sample:
    """A shell block and the output that the document promises."""

    block: Block
    expected: Block | None


def samples_of(name: str) -> list[Sample]:
    blocks = blocks_of(name)
    after = [*blocks[1:], None]
    return [
        Sample(block, next_ if next_ and next_.language in ("json", "text") else None)
        for block, next_ in zip(blocks, after, strict=True)
        if block.language == "sh"
    ]


class Shell:
    """Runs blocks one after another in one directory; variables and functions stay."""

    def __init__(self, directory: Path, variables: dict[str, str]) -> None:
        self.directory = directory
        self.state = directory / ".shell-state"
        self.state.write_text("")
        self.variables = variables

    def run(self, block: Block) -> subprocess.CompletedProcess[str]:
        keep = f"{{ export -p; declare -f; }} > {self.state}"
        script = f"set -euo pipefail\nsource {self.state}\nset -a\n{block.text}\n{keep}\n"
        return subprocess.run(
            ["bash", "-c", script],
            cwd=self.directory,
            env={**os.environ, **self.variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    def problem(self, sample: Sample) -> str:
        """What is wrong with a sample; "" if it does what the document says."""
        answer = self.run(sample.block)
        said = f"answered:\n{answer.stdout[:2000]}{answer.stderr[:2000]}"
        if answer.returncode != 0:
            return f"{sample.block.place}: exit code {answer.returncode}\n{said}"
        if sample.expected is None:
            return ""
        if sample.expected.language == "text":
            problem = text_problem(sample.expected.text, answer.stdout)
        else:
            try:
                problem = json_problem(json.loads(sample.expected.text), json.loads(answer.stdout), "")
            except ValueError as error:
                problem = f"no JSON: {error}"
        return f"{sample.expected.place}: {problem}\n{said}" if problem else ""


def json_problem(expected: Any, found: Any, where: str) -> str:
    """The first difference; "" where `found` holds all that is expected."""
    if expected == ANY:
        return "" if found is not None else f"{where} is null"
    if isinstance(expected, dict) and isinstance(found, dict):
        for name, value in expected.items():
            if name not in found:
                return f"{where}.{name} is missing"
            if problem := json_problem(value, found[name], f"{where}.{name}"):
                return problem
        return ""
    if isinstance(expected, list) and isinstance(found, list):
        goes_on = expected[-1:] == [ANY]
        items = expected[:-1] if goes_on else expected
        if len(found) < len(items) or (not goes_on and len(found) != len(items)):
            return f"{where} has {len(found)} items, not {len(items)}"
        problems = (json_problem(a, b, f"{where}[{i}]") for i, (a, b) in enumerate(zip(items, found, strict=False)))
        return next(filter(None, problems), "")
    if isinstance(expected, str) and isinstance(found, str) and ANY in expected:
        return "" if fits(expected, found) else f"{where} is {found!r}, not {expected!r}"
    return "" if expected == found and type(expected) is type(found) else f"{where} is {found!r}, not {expected!r}"


def text_problem(expected: str, output: str) -> str:
    lines = iter(output.lstrip("\ufeff").replace("\r", "").splitlines())
    for wanted in expected.splitlines():
        if not any(fits(wanted, line) for line in lines):
            return f"the line {wanted!r} is missing"
    return ""


def fits(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split(ANY))), text, re.IGNORECASE) is not None
