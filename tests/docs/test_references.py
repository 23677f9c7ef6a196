"""What the documents name is there: files, links, make targets, settings, operators, error categories."""

import re

import pytest

from aether.settings import ROOT, read
from crud.declare.fields import Kind
from crud.read.search.grammar import OPERATORS
from kernel import errors

PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "docs").glob("decisions/*.md"),
    ]
)
GUIDE = (ROOT / "docs/frontend_guide.md").read_text()
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
NAMED_FILE = re.compile(r"`((?:[\w.]+/)+(?:[\w.]+\.\w+)?)`")
MADE_BY_RUNNING = ("var/", "failed/")
ELSEWHERE = (
    *("migrations/0", "venue.py", "events/models/venue.py", "events/viewsets.py", "tests/events/"),
    *("actions/journal.py", "content/entry_upkeep.py", "tests/actions/test_journal.py", "tests/content/"),
)
"""Examples, and what the tutorials make."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
class TestPage:
    def test_its_links_lead_somewhere(self, page):
        targets = re.findall(r"\]\(([^)\s]+)\)", FENCED.sub("", page.read_text()))
        local = [target for target in targets if "://" not in target]
        broken = [target for target in local if not leads_somewhere(page, target)]
        assert broken == []

    def test_the_files_that_it_names_exist(self, page):
        named = NAMED_FILE.findall(FENCED.sub("", page.read_text()))
        wanted = [name for name in named if not name.startswith(MADE_BY_RUNNING) and name not in ELSEWHERE]
        assert [name for name in wanted if not (ROOT / name).exists()] == []

    def test_its_make_targets_exist(self, page):
        targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
        assert set(re.findall(r"\bmake ([a-z]+)\b", " ".join(code_of(page)))) - targets == set()

    def test_the_settings_that_it_names_exist(self, page):
        named = set(re.findall(r"\bAETHER_[A-Z_]+", page.read_text()))
        of_processes = set()
        for file in ("nginx/nginx.env", "compose.yml", "gunicorn.conf.py"):
            of_processes |= set(re.findall(r"\bAETHER_[A-Z_]+", (ROOT / "docker" / file).read_text()))
        assert named - read.names - of_processes - {"AETHER_ENV_FILE", "AETHER_WRITE_QUERY_COUNTS"} == set()

    def test_it_is_about_no_single_machine(self, page):
        assert re.findall(r"/(?:home|root|work|Users)/\w+", page.read_text()) == []


def code_of(page):
    text = page.read_text()
    return [*re.findall(r"`([^`\n]+)`", FENCED.sub("", text)), *FENCED.findall(text)]


def leads_somewhere(page, target):
    name, _, anchor = target.partition("#")
    file = page.parent / name if name else page
    return file.exists() and (not anchor or anchor in anchors_of(file))


def anchors_of(file):
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", file.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_decisions_are_short_and_listed():
    folder = ROOT / "docs/decisions"
    pages = [page for page in folder.iterdir() if page.name != "README.md"]
    assert [page.name for page in pages if len(page.read_text().splitlines()) >= 40] == []
    index = (folder / "README.md").read_text()
    assert [page.name for page in pages if f"({page.name})" not in index] == []


def rows_of(heading):
    """The cells of the first table below a heading of the guide."""
    below = GUIDE.split(f"\n{heading}\n", 1)[1]
    lines = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)[0].splitlines()
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return cells[0], cells[2:]


def test_the_table_of_operators_is_the_grammar():
    head, rows = rows_of("### Operators")
    shown = {Kind(kind): set() for column in head[1:] for kind in column.split(", ")}
    for names, *cells in rows:
        for column, cell in zip(head[1:], cells, strict=True):
            for kind in column.split(", "):
                shown[Kind(kind)].update(re.findall(r"`(\w+)`", names) if cell == "yes" else [])
    assert shown == {kind: set(operators) for kind, operators in OPERATORS.items() if not kind.write_only}


def test_the_table_of_errors_has_every_category():
    _, rows = rows_of("## Errors")
    shown = {(row[0].strip("`"), int(row[1])) for row in rows}
    known = {(error.category, error.status) for error in (errors.ApiError, *errors.ApiError.__subclasses__())}
    assert shown == known
