from __future__ import annotations

import pytest

from files.filename import clean_filename, content_disposition, extension_of


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../x", "x"),
        ("/etc/passwd", "passwd"),
        ("..\\x.pdf", "x.pdf"),
        ("a\0.png", "a.png"),
        ("x\r\nSet-Cookie: a=b", "xSet-Cookie: a=b"),
        ("-rf", "-rf"),
        ("CON", "CON"),
        ("..", "file"),
        ("", "file"),
        ("slides\u202efdp.exe", "slidesfdp.exe"),
        ("😀" * 300 + ".pdf", "😀" * 251 + ".pdf"),
        ("\ud800.pdf", "?.pdf"),
    ],
)
def test_names(given: str, kept: str) -> None:
    assert clean_filename(given) == kept


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("plan.pdf", 'attachment; filename="plan.pdf"'),
        ('x"; filename="y', "attachment; filename=\"x_; filename=_y\"; filename*=UTF-8''x%22%3B%20filename%3D%22y"),
        ("Größe.pdf", "attachment; filename=\"Groe.pdf\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.pdf"),
        ("😀", "attachment; filename=\"file\"; filename*=UTF-8''%F0%9F%98%80"),
        ("50%.txt", "attachment; filename=\"50_.txt\"; filename*=UTF-8''50%25.txt"),
    ],
)
def test_the_header_holds_one_name(name: str, header: str) -> None:
    assert content_disposition(name, inline=False) == header


@pytest.mark.parametrize(("name", "extension"), [("A.PDF", "pdf"), ("a", None), (".profile", None), ("a.b c", None)])
def test_extensions(name: str, extension: object) -> None:
    assert extension_of(name) == extension
