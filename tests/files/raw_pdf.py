"""A PDF from its objects, so that each of them can be a lie."""

from __future__ import annotations

CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"


def pdf(*objects: bytes) -> bytes:
    data = b"%PDF-1.5\n"
    places = []
    for number, text in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, text)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(data))
    return data + head + table + end


def stream(content: bytes, names: bytes = b"") -> bytes:
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (names, len(content), content)


def page(content: bytes, *others: bytes, resources: bytes = b"", catalog: bytes = CATALOG) -> bytes:
    sheet = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<<%b>>>>" % resources
    return pdf(catalog, PAGES, sheet, content, *others)
