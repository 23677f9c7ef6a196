"""Making a bundle. Runs inside the account: `with tenant(account.pk)`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from django.db import connection, transaction

from crud import ObjectType, registry
from crud.declare.fields import Kind
from lookups.lookup_types import TYPES
from operations.archive import ArchiveWriter, moment
from operations.bundle import KIND, BundleError, carried, in_order, without_secrets
from operations.file_bytes import PREFIX, add_files
from operations.places import alone, backups, remove_drafts
from operations.server_keys import sign

log = logging.getLogger("operations.bundle")
Advance = Callable[[str, int], None]
Keys = dict[str, set[int]]
ASKED_AT_ONCE = 500
OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_APPEND_NEWLINE
LEADS_OUT_OF_THE_EVENT = {"account", "site", "person", "organization", "hosted_file", "user"}


@dataclass(frozen=True, slots=True)
class BundleFile:
    path: Path
    rows: int
    files: int
    missing: list[str]


def make_bundle(
    account: Any, event: Any = None, *, may_lack: bool = False, advance: Advance | None = None
) -> BundleFile:
    """Write a bundle of the account, or of one event with all that it refers to. Verified before it has its name.

    Raises BundleError where bytes of its files are missing (unless `may_lack`), Busy, OSError; nothing is left then.
    """
    directory = backups()
    with alone(directory):
        remove_drafts(directory)
        subject = event.id_random if event else account.id_random
        path = directory / f"{'event' if event else 'account'}-{subject}-{moment()}.bundle.zip"
        with ArchiveWriter(path, KIND, sign) as archive:
            counts, hashes = _add_rows(archive, event, advance)
            missing = list(add_files(archive, hashes))
            if missing and not may_lack:
                raise BundleError(f"The bytes of {len(missing)} files are missing or damaged, such as {missing[0]}.")
            manifest = archive.finish(
                {
                    "account_id": account.id_random,
                    "event_id": event.id_random if event else None,
                    "types": counts,
                    "missing_files": missing,
                }
            )
    files = sum(name.startswith(PREFIX) for name in manifest["entries"])
    log.info("bundle %s: %d rows, %d files", path.name, sum(counts.values()), files)
    return BundleFile(path, sum(counts.values()), files, missing)


def _add_rows(archive: ArchiveWriter, event: Any, advance: Advance | None) -> tuple[dict[str, int], list[str]]:
    """Answers the number of rows of each type, and the hashes of their files."""
    counts: dict[str, int] = {}
    hashes: set[str] = set()
    with as_of_one_moment():
        chosen = None if event is None else _of_event(event)
        for object_type in in_order():
            lines = _lines(object_type, None if chosen is None else chosen.get(object_type.name, set()), hashes, counts)
            archive.add(f"rows/{object_type.name}.jsonl", lines)
            if advance:
                advance(object_type.name, counts[object_type.name])
        for name, lookup in TYPES.items():
            archive.add(f"rows/{name}.jsonl", _lookup_lines(lookup, counts))
    return counts, sorted(hashes)


@contextmanager
def as_of_one_moment() -> Iterator[None]:
    """All that is read is of one moment, and nobody who writes has to wait."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "mysql":
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with transaction.atomic():
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")  # atomic() would lock the writers out
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _lines(object_type: ObjectType, keys: set[int] | None, hashes: set[str], counts: dict[str, int]) -> Iterator[bytes]:
    fields = carried(object_type)
    names = [field.name for field in fields]
    documents = [place for place, field in enumerate(fields) if field.kind is Kind.JSON]
    hash_at = names.index("hash_sha256") if "hash_sha256" in names else -1
    counts[object_type.name] = 0
    for values in _values(object_type, [field.path for field in fields], keys):
        row = list(values)
        for place in documents:
            row[place] = without_secrets(row[place])
        if hash_at >= 0 and row[hash_at]:
            hashes.add(row[hash_at])
        counts[object_type.name] += 1
        yield orjson.dumps(dict(zip(names, row, strict=True)), option=OPTIONS)


def _values(object_type: ObjectType, paths: list[str], keys: set[int] | None) -> Iterator[tuple[Any, ...]]:
    rows = object_type.model.objects.order_by("pk").values_list(*paths)
    if keys is None:
        yield from rows.iterator(chunk_size=2_000)
        return
    ordered = sorted(keys)
    for start in range(0, len(ordered), ASKED_AT_ONCE):
        yield from rows.filter(pk__in=ordered[start : start + ASKED_AT_ONCE])


def _lookup_lines(lookup: Any, counts: dict[str, int]) -> Iterator[bytes]:
    """The account's own rows of a lookup; the global ones come from `load_lookups` on every server."""
    names = ["id_random", "updated_on", *lookup.columns]
    counts[lookup.name] = 0
    account_id = registry["account"].model.objects.values_list("pk", flat=True).get()
    for values in lookup.model.objects.filter(account_id=account_id).order_by("pk").values_list(*names):
        counts[lookup.name] += 1
        yield orjson.dumps(dict(zip(["id", *names[1:]], values, strict=True)), option=OPTIONS)


# which rows belong to an event


def _of_event(event: Any) -> Keys:
    """Everything below the event, the links of its files, and whatever those refer to, up to the account."""
    chosen: Keys = {"event": {event.pk}}
    _add_below(chosen)
    while _add_referred(chosen) or _add_links(chosen):
        pass
    sites = chosen.get("site", set())
    domains = registry["site_domain"].model.objects.filter(site_id__in=sites)
    chosen["site_domain"] = set(domains.values_list("pk", flat=True))  # under which clients find the account
    _add_referred(chosen)
    return chosen


def _add_below(chosen: Keys) -> None:
    for object_type in in_order():
        if object_type.name == "event" or object_type.name in LEADS_OUT_OF_THE_EVENT:
            continue
        keys: set[int] = set()
        for relation in object_type.parents:
            parent = object_type.related(relation).name
            if parent in LEADS_OUT_OF_THE_EVENT:
                continue
            above = sorted(chosen.get(parent, ()))
            for start in range(0, len(above), ASKED_AT_ONCE):
                rows = object_type.model.objects.filter(**{f"{relation}__in": above[start : start + ASKED_AT_ONCE]})
                keys |= set(rows.values_list("pk", flat=True))
        if keys:
            chosen[object_type.name] = keys


def _add_referred(chosen: Keys) -> bool:
    """Add what the chosen rows refer to. Answers whether there was more."""
    before = sum(map(len, chosen.values()))
    for object_type in reversed(in_order()):
        references = [field for field in object_type.fields.values() if field.refers_to]
        attnames = [field.attname for field in references]
        if not attnames or object_type.name not in chosen:
            continue
        for values in _values(object_type, attnames, chosen[object_type.name]):
            for field, key in zip(references, values, strict=True):
                if key is not None:
                    assert field.refers_to is not None
                    chosen.setdefault(field.refers_to, set()).add(key)
    return sum(map(len, chosen.values())) > before


def _add_links(chosen: Keys) -> bool:
    """Add the links by which hosted files hang on chosen rows."""
    links = registry["hosted_file_link"].model.objects
    before = len(chosen.get("hosted_file_link", ()))
    for name, keys in list(chosen.items()):
        ids = [public_id for (public_id,) in _values(registry[name], ["id_random"], keys)]
        for start in range(0, len(ids), ASKED_AT_ONCE):
            rows = links.filter(link_to_type=name, link_to_id__in=ids[start : start + ASKED_AT_ONCE])
            chosen.setdefault("hosted_file_link", set()).update(rows.values_list("pk", flat=True))
    return len(chosen.get("hosted_file_link", ())) > before
