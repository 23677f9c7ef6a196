"""Where the links of mails lead: to the account's front end, or to the admin."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest

from accounts import one_time
from accounts.models import OneTimeToken, Site, SiteDomain
from accounts.one_time import Purpose
from accounts.validators import is_place
from mail.kinds import Lapsed, MailLink

KINDS: Final = {
    Purpose.PASSWORD_RESET: "reset",
    Purpose.FIRST_PASSWORD: "reset",
    Purpose.MAGIC_LINK: "magic",
    Purpose.INVITATION: "invite",
}
STAFF_PAGES: Final = {"reset": "/admin/set_password/", "invite": "/admin/invitation/"}


def link_to(row: OneTimeToken, title: str = "") -> MailLink:
    """With a token whose time begins now. In the scope of its account. Raises Lapsed where there is no place for it."""
    return MailLink(f"{place_of(row)}#token={one_time.mint(row)}", title)


def place_of(row: OneTimeToken) -> str:
    kind = KINDS[Purpose(row.purpose)]
    if row.admin_origin is not None and kind in STAFF_PAGES:
        return f"{row.admin_origin}{STAFF_PAGES[kind]}"
    chosen = auth_settings(row.account).get(f"{kind}_url")
    if isinstance(chosen, str) and is_place(chosen):
        return chosen
    if fqdn := row.fqdn or fqdn_of(row.account, row.site):
        return f"https://{fqdn}/auth/{kind}"
    if settings.AETHER_PUBLIC_URL and kind in STAFF_PAGES:
        return settings.AETHER_PUBLIC_URL + STAFF_PAGES[kind]
    raise Lapsed(f"The account has no domain name and no cfg_json.auth.{kind}_url: there is no page to link to.")


def has_front_end(account: Any, kind: str) -> bool:
    """Whether a link of this kind has a page outside the admin."""
    return is_place(str(auth_settings(account).get(f"{kind}_url", ""))) or fqdn_of(account, None) is not None


def admin_of(request: HttpRequest | None) -> str:
    """Where the admin is, without a path; empty where nobody knows."""
    if settings.AETHER_PUBLIC_URL or request is None:
        return str(settings.AETHER_PUBLIC_URL)
    return f"{request.scheme}://{request.get_host()}"


def fqdn_of(account: Any, site: Site | None) -> str | None:
    """The first domain name of a site, or of the account; None for none."""
    if account is None:
        return None
    visible = {"enable": True, "hide": False, "site__enable": True, "site__hide": False}
    domains = SiteDomain.objects.filter(account=account, **visible)
    if site is not None:
        domains = domains.filter(site=site)
    found: str | None = domains.order_by("-is_primary", "pk").values_list("fqdn", flat=True).first()
    return found


def auth_settings(row: Any) -> dict[str, Any]:
    """`cfg_json.auth` of an account or a site."""
    cfg = row.cfg_json if row is not None else None
    found = cfg.get("auth") if isinstance(cfg, dict) else None
    return found if isinstance(found, dict) else {}
