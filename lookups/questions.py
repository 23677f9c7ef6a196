"""What a client asks for: the parameters of list and resolve, read strictly."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.http import QueryDict

from crud import MAX_Q_LENGTH, key_of, registry
from crud.declare.values import parse_boolean
from kernel.errors import BadReference, Invalid
from kernel.ids import is_id
from kernel.query_parameters import JWT, refuse_unknown, single_values
from kernel.wording import TRUE_OR_FALSE, characters
from lookups.folding import fold
from lookups.lookup_types import TYPES, LookupType
from lookups.shelf import ForObject, shelf_for
from tenancy.principal import Principal, Role

log = logging.getLogger("lookups")

WHERE: Final = frozenset({"site_id", "for_type", "for_id"})
LIST: Final = WHERE | {"only_priority", "include_disabled"}
RESOLVE: Final = WHERE | {"q"}


@dataclass(frozen=True, slots=True)
class Question:
    only_priority: bool = False
    include_disabled: bool = False
    allowed: frozenset[str] | None = None
    """The groups that the site's policy lets through; None: all."""
    for_object: ForObject | None = None
    country: str | None = None
    """The group of the country whose subdivisions are wanted."""
    q: str = ""


def read_question(query: QueryDict, lookup_type: LookupType, principal: Principal, known: frozenset[str]) -> Question:
    """Raises Invalid for unknown, doubled and unreadable parameters, BadReference for ids of no object."""
    given = {name: text for name, text in single_values(query).items() if name != JWT}
    if lookup_type.name == "country_subdivision":
        known |= {"country"}
    refuse_unknown(given, *known)
    return Question(
        only_priority=_flag(given, "only_priority"),
        include_disabled=_flag(given, "include_disabled"),
        allowed=_policy(lookup_type, principal, given["site_id"]) if "site_id" in given else None,
        for_object=_for_object(principal, given.get("for_type"), given.get("for_id")),
        country=_country(principal, given["country"]) if "country" in given else None,
        q=_q(given["q"]) if "q" in given else "",
    )


def _flag(given: dict[str, str], name: str) -> bool:
    try:
        return parse_boolean(given.get(name, "false"))
    except ValidationError:
        raise Invalid.field(name, TRUE_OR_FALSE) from None


def _q(text: str) -> str:
    if len(text) > MAX_Q_LENGTH:
        raise Invalid.field("q", characters(None, MAX_Q_LENGTH))
    return fold(text)


def _policy(lookup_type: LookupType, principal: Principal, site_id: str) -> frozenset[str] | None:
    """The whitelist of a site of the account. Guests need it too, though they read no site: it is made for them."""
    if not is_id(site_id) or (principal.account_id is None and not principal.bypass):
        raise BadReference("site_id")
    sites = registry["site"].model.objects.filter(id_random=site_id)
    if not principal.may(Role.USER):
        sites = sites.filter(enable=True, hide=False)
    stored = list(sites.values_list("cfg_json", flat=True))
    if not stored:
        raise BadReference("site_id")
    return policy_of(stored[0], lookup_type.name, site_id)


def policy_of(cfg_json: Any, lu_type: str, site_id: str) -> frozenset[str] | None:
    """None, all groups, where the site has no policy or one that can't be read: that is logged, and hides nothing."""
    policies = cfg_json.get("lookup_policy") if isinstance(cfg_json, dict) else None
    if policies is None:
        return None
    groups = policies.get(lu_type) if isinstance(policies, dict) else policies
    if groups is None:
        return None
    if not isinstance(policies, dict) or not isinstance(groups, list) or not all(isinstance(g, str) for g in groups):
        log.warning("site %s: lookup_policy.%s is no list of texts; it is ignored", site_id, lu_type)
        return None
    return frozenset(group.casefold() for group in groups)


def _for_object(principal: Principal, for_type: str | None, for_id: str | None) -> ForObject | None:
    if for_type is None and for_id is None:
        return None
    if for_type is None or for_id is None:
        raise Invalid.field("for_id", "for_type and for_id go together.")
    if for_type not in registry:
        raise Invalid.field("for_type", "There is no such object type.")
    if key_of(registry[for_type], principal, for_id) is None:
        raise BadReference("for_id")
    return for_type, for_id


def _country(principal: Principal, text: str) -> str:
    """The group of a country by its group or code; a name that no country has has no subdivisions either."""
    folded = fold(text[:MAX_Q_LENGTH])
    shelf = shelf_for(TYPES["country"], principal.account_id, principal.account_public_id)
    countries = [item for item in shelf.named(folded, None) if folded in item.keys[:2]]
    countries.sort(key=lambda item: item.keys[1] != folded)
    return countries[0].group if countries else folded
