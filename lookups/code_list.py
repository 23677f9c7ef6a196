"""The lookups as lists of codes that fields of objects take; see `crud.declare.code_lists`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from crud import registry
from lookups.folding import fold
from lookups.load import new_row
from lookups.lookup_types import TYPES, LookupType
from lookups.shelf import Item, Shelf, item_of, shelf_for
from lookups.sources import SOURCES
from tenancy.principal import current_principal


@dataclass(frozen=True)
class LookupCodes:
    """The rows of a type that are enabled and not hidden, as an account sees them."""

    lookup_type: LookupType

    def spelled(self, account_id: int | None, text: str) -> str | None:
        item = self._item(account_id, text)
        return str(item.data["code"]) if item else None

    def meant(self, account_id: int | None, text: str, within: str) -> str | None:
        shelf, folded = self._shelf(account_id), fold(text)
        country = _group_of_country(account_id, within) if within else ""
        items = [item for item in shelf.named(folded, None) if _in_use(item) and country in ("", item.country)]
        if items:
            return str(min(items, key=lambda item: item.keys.index(folded)).data["code"])
        own = (item for item in shelf.winners if country and item.country == country and item.ending == folded)
        return next((str(item.data["code"]) for item in own if _in_use(item)), None)

    def is_part(self, account_id: int | None, code: str, within: str) -> bool:
        item = self._item(account_id, code)
        return item is not None and item.country == _group_of_country(account_id, within)

    def choices(self, account_id: int | None) -> list[tuple[str, str]]:
        return [(i.data["code"], i.data["name"]) for i in self._shelf(account_id).winners if _in_use(i)]

    def _item(self, account_id: int | None, text: str) -> Item | None:
        folded = fold(text)
        named = self._shelf(account_id).named(folded, None)
        return next((item for item in named if item.keys[0] == folded and _in_use(item)), None)

    def _shelf(self, account_id: int | None) -> Shelf:
        shelf = shelf_for(self.lookup_type, account_id, _public_id(account_id))
        return shelf if shelf.candidates else _unloaded(self.lookup_type.name)


def _in_use(item: Item) -> bool:
    return bool(item.data["enable"] and not item.data["hide"])


def _group_of_country(account_id: int | None, code: str) -> str:
    """As the subdivisions' items have it; of a code that no country has, itself."""
    item = LookupCodes(TYPES["country"])._item(account_id, code)
    return item.group if item else code.casefold()


def _public_id(account_id: int | None) -> str | None:
    """What the account's own rows show as theirs."""
    if account_id is None:
        return None
    principal = current_principal()
    if principal.account_id == account_id and principal.account_public_id:
        return principal.account_public_id
    model = registry["account"].model
    public_id: str | None = model.objects.filter(pk=account_id).values_list("id_random", flat=True).first()
    return public_id


@cache
def _unloaded(lu_type: str) -> Shelf:
    """What `manage.py load_lookups` will bring, where it has not run yet."""
    lookup_type = TYPES[lu_type]
    items = [item_of(lookup_type, new_row(lookup_type, entry), None, {}) for entry in SOURCES[lu_type]()]
    items.sort(key=lambda item: item.order)
    return Shelf(("", ""), items, winners=items)


LISTS = {name: LookupCodes(lookup_type) for name, lookup_type in TYPES.items()}
