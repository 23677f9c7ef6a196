"""The samples of docs/lookups.md, run in order."""

from __future__ import annotations

import json

import pytest

from tests.docs.markdown import blocks_of, json_problem

DOCUMENT = "docs/lookups.md"


@pytest.mark.usefixtures("world")
def test_the_samples_answer_what_the_document_says(north, journal_of):
    ids = {"$SITE": north.site.id_random, "$JOURNAL": journal_of(north)}

    def filled(text):
        for name, value in ids.items():
            text = text.replace(name, value)
        return text

    answer, checked = None, 0
    for block in blocks_of(DOCUMENT):
        text = filled(block.text)
        if block.language == "http":
            line, _, body = text.partition("\n")
            method, path = line.split(" ", 1)
            answer = north.manager(method, path, json.loads(body) if body else None)
            assert answer.status in (200, 201), (block.place, answer.body)
        else:
            assert block.language == "json", block.place
            assert json_problem(json.loads(text), answer.body, block.place) == ""
            checked += 1
    assert checked == 6
