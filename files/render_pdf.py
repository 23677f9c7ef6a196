"""One page of a PDF as a picture. A program of its own: a hostile PDF ends this process, and no other.

python -I render_pdf.py PARENT SOURCE TARGET webp|png PAGE MAX_PX, where PARENT is the process that it ends with.
Writes what went wrong, if anything did, as one word: encrypted, broken, page, size.
"""

import ctypes
import os
import signal
import sys

PIXELS = 50_000_000
POINTS = 14_400
"""200 inches: what PDF itself allows a page to measure."""
DPI = 300


PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Without it nobody ends this process when its time is up. On Linux; elsewhere the processor's limit does.

    Linux means the thread that started this process: in files/child.py that thread waits for it.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before
        os.kill(os.getpid(), signal.SIGKILL)


def main(source: str, target: str, kind: str, page: int, max_px: int) -> str:
    import pypdfium2
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = PIXELS
    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        return "encrypted" if "password" in str(error).lower() else "broken"
    if not 1 <= page <= len(document):
        return "page"
    try:
        sheet = document[page - 1]
        width, height = sheet.get_size()
        if not (0 < width <= POINTS and 0 < height <= POINTS):
            return "size"
        scale = min(max_px / max(width, height), DPI / 72) * (1 - 1e-9)  # a side is rounded up
        if width * height * scale * scale > PIXELS:
            return "size"
        picture = sheet.render(scale=scale, may_draw_forms=False).to_pil()
    except pypdfium2.PdfiumError:
        return "broken"
    if kind == "webp":
        picture.save(target, "WEBP", quality=85, method=4)
    else:
        picture.save(target, "PNG")
    return ""


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    word = main(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]), int(sys.argv[6]))
    print(word, flush=True)  # noqa: T201  (its answer)
    sys.exit(1 if word else 0)
