"""The lines of what mariadb-dump writes, and no others: a dump goes to the server only as far as it looks like one.

The client writes each row on a line of its own, with line ends in texts escaped. So lines can be told apart without
understanding SQL: what is no CREATE TABLE, no row of plain values and none of the settings that it begins and ends
with is refused, be it a command of the client, GRANT, SET GLOBAL, a trigger, or LOAD_FILE() in place of a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Final

LONGEST_LINE: Final = 2**26
BATCH: Final = 2**18

COMMENT: Final = re.compile(rb"--[ -~\x80-\xff\t]*|--|", re.DOTALL)
SANDBOX: Final = b"/*M!999999\\- enable the sandbox mode */"
SETTING: Final = re.compile(
    rb"/\*!\d{5} SET (?:NAMES utf8mb4|TIME_ZONE='\+00:00'|@OLD_\w+=@@\w+(?:, \w+=(?:0|'NO_AUTO_VALUE_ON_ZERO'))?"
    rb"|\w+=@OLD_\w+|@saved_cs_client\s+= @@character_set_client|character_set_client = (?:utf8mb4|@saved_cs_client))"
    rb"\s*\*/;"
)
DROP: Final = re.compile(rb"DROP TABLE IF EXISTS `\w+`;")
CREATE: Final = re.compile(rb"CREATE TABLE `(\w+)` \(")
INSERT: Final = re.compile(rb"INSERT INTO `(\w+)` VALUES")
QUOTED: Final = re.compile(rb"'(?:[^'\\]|\\.|'')*+'|`[^`]*+`", re.DOTALL)
DEFINITION: Final = re.compile(rb"[ \w(),=.<>+*-]*+")
"""A line within CREATE TABLE, once what is quoted is taken out."""
NO_DEFINITION: Final = re.compile(rb"\b(?:select|union|load_file|sleep|benchmark|directory|connection)\b|--", re.I)
END_OF_TABLE: Final = re.compile(rb"\) ENGINE=InnoDB[ \w=]*(?: COMMENT='(?:[^'\\]|\\.|'')*+')?;")
VALUE: Final = rb"(?:NULL|-?\d++(?:\.\d++)?(?:e[+-]?\d++)?|0x[0-9A-Fa-f]++|(?:_binary )?'(?:[^'\\]|\\.)*+')"
ROW: Final = re.compile(rb"\(" + VALUE + rb"(?:," + VALUE + rb")*+\)([,;])", re.DOTALL)
END: Final = b"-- Dump completed"


class NotADump(Exception):
    """A line that mariadb-dump does not write, or not for the tables of this project."""


class DumpLines:
    def __init__(self, counts: dict[str, int]) -> None:
        self.counts = counts
        """Table → rows; filled in as the lines go by."""
        self.complete = False
        self._within = ""
        self._table = ""
        self._number = 0

    def checked(self, source: IO[bytes]) -> Iterator[bytes]:
        """The same bytes, a few lines at a time. Raises NotADump before a line goes by that does not belong there."""
        batch, size = [], 0
        while line := source.readline(LONGEST_LINE):
            self._number += 1
            self._look_at(line.removesuffix(b"\n"))
            batch.append(line)
            size += len(line)
            if size > BATCH:
                yield b"".join(batch)
                batch, size = [], 0
        yield b"".join(batch)

    def _look_at(self, line: bytes) -> None:
        if self._within == "insert":
            match = ROW.fullmatch(line)
            if match is None:
                raise self._refused()
            self.counts[self._table] += 1
            if match[1] == b";":
                self._within = ""
        elif self._within == "create":
            if END_OF_TABLE.fullmatch(line) and b"DIRECTORY" not in line:
                self._within = ""
                return
            bare = QUOTED.sub(b"x", line)
            if not DEFINITION.fullmatch(bare) or NO_DEFINITION.search(bare):
                raise self._refused()
        elif match := INSERT.fullmatch(line):
            self._begin("insert", match[1])
        elif match := CREATE.fullmatch(line):
            self._begin("create", match[1])
        elif COMMENT.fullmatch(line):
            self.complete = self.complete or line.startswith(END)
        elif not (line.rstrip() == SANDBOX or SETTING.fullmatch(line) or DROP.fullmatch(line)):
            raise self._refused()

    def _begin(self, what: str, table: bytes) -> None:
        self._within, self._table = what, table.decode()
        self.counts.setdefault(self._table, 0)

    def _refused(self) -> NotADump:
        return NotADump(f"Line {self._number} of the dump is none that mariadb-dump writes.")
