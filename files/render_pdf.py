"""One page of a PDF as a picture. It runs in a child: a hostile PDF ends that process, and no other.

SOURCE TARGET webp|png PAGE MAX_PX. Answers what went wrong, if anything did, as one word: encrypted, broken, page,
size, empty.
"""

PIXELS = 50_000_000
POINTS = 14_400
"""200 inches: what PDF itself allows a page to measure."""
DPI = 300


def main(source: str, target: str, kind: str, page_number: str, longest_side: str) -> str:
    import pypdfium2
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = PIXELS
    page, max_px = int(page_number), int(longest_side)
    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        return "encrypted" if "password" in str(error).lower() else "broken"
    if not 1 <= page <= len(document):
        return "page"
    document.init_forms()  # else fields that were filled in stay empty
    try:
        sheet = document[page - 1]
        width, height = sheet.get_size()
        if not (width and height):  # what is cut out of it lies beside it: viewers then show all of it
            sheet.set_cropbox(*sheet.get_mediabox())
            sheet = document[page - 1]
            width, height = sheet.get_size()
        if not (width > 0 and height > 0):
            return "empty"
        if max(width, height) > POINTS:
            return "size"
        scale = min(max_px / max(width, height), DPI / 72) * (1 - 1e-9)  # a side is rounded up
        if width * height * scale * scale > PIXELS:
            return "size"
        picture = sheet.render(scale=scale, may_draw_forms=True).to_pil()
    except pypdfium2.PdfiumError:
        return "broken"
    if kind == "webp":
        picture.save(target, "WEBP", quality=85, method=4)
    else:
        picture.save(target, "PNG")
    return ""
