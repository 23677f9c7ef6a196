"""Pictures of hosted files, ready to be drawn: small enough for paper, and only of kinds that Pillow reads safely."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from PIL import Image
from reportlab.lib.utils import ImageReader

from files import store
from files.models import HostedFile

log = logging.getLogger("events")

KINDS: Final = ("PNG", "JPEG", "WEBP", "GIF")
MAX_PIXELS: Final = 50_000_000
MAX_SIDE: Final = 2_000
"""Pixels of the longer side in the document: 500 dpi on 100 mm."""


@dataclass(frozen=True, slots=True)
class Picture:
    reader: ImageReader
    width: int
    height: int


def pictures_of(account_id: int, public_ids: Iterable[str], background_key: int | None) -> dict[str, Picture]:
    """The pictures of the account by their public ids; "" is the background.

    What is missing, broken or no picture is left out, with a warning in the log: a badge without its logo can be
    worn, none at all can't.
    """
    files = HostedFile.objects.filter(account_id=account_id).exclude(hash_sha256=None)
    rows = [(row.id_random, row) for row in files.filter(id_random__in=set(public_ids))]
    if background_key is not None:
        rows += [("", row) for row in files.filter(pk=background_key)]
    pictures = {}
    for name, row in rows:
        picture = _open(row)
        if picture is not None:
            pictures[name] = picture
    return pictures


def _open(row: HostedFile) -> Picture | None:
    try:
        with store.local_file(str(row.hash_sha256)) as path, Image.open(path, formats=KINDS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError("it has too many pixels")
            image.draft("RGB", (MAX_SIDE, MAX_SIDE))
            image.thumbnail((MAX_SIDE, MAX_SIDE))
            copy = image.convert("RGBA" if image.has_transparency_data else "RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        log.warning("picture left out of a badge", extra={"hosted_file": row.id_random, "reason": str(error)})
        return None
    return Picture(ImageReader(copy), copy.width, copy.height)
