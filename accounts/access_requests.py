"""Mails that let somebody in: asked for by anybody, answered in the background, for whoever has the address."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any, Final

import idna
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from accounts import mails, one_time
from accounts.mailed_links import auth_settings, has_front_end
from accounts.models import AccessRequest, OneTimeToken, Site, User
from accounts.one_time import Purpose
from kernel.errors import Invalid
from kernel.folding import fold
from kernel.internet_names import InternationalEmailValidator, normal_email, normal_host_name
from kernel.transactions import in_transaction
from mail.outbox import Mail, put
from tenancy.context import every_tenant, tenant
from tenancy.principal import Role

log = logging.getLogger("accounts.sign_in")
Wanted = AccessRequest.Wanted
KINDS: Final = {
    Purpose.PASSWORD_RESET: mails.PASSWORD_RESET,
    Purpose.FIRST_PASSWORD: mails.FIRST_PASSWORD,
    Purpose.MAGIC_LINK: mails.MAGIC_LINK,
}
MOST_AN_HOUR: Final = 10
"""Mails of one purpose to one user: whoever asks for more fills a stranger's mailbox."""


def read_email(text: str) -> str:
    """Raises Invalid."""
    email = normal_email(text)
    try:
        InternationalEmailValidator()(email)
    except ValidationError:
        raise Invalid.field("email", "Give an e-mail address.") from None
    if len(email) > 254:
        raise Invalid.field("email", "Give an e-mail address.")
    return email


def ask(wanted: Wanted, email: str, *, site: Site | None = None, fqdn: str = "", origin: str = "") -> None:
    """Write it down. Workers look for such rows every few seconds and not at once: what they do then must not be told
    from how long the next answer takes."""
    AccessRequest.objects.create(wanted=wanted, email=email, site=site, fqdn=fqdn or None, origin=origin or None)


def answer_all() -> int:
    """Answer what was asked. Answers how many."""
    keys = list(AccessRequest.objects.order_by("pk").values_list("pk", flat=True)[:1_000])
    for key in keys:
        in_transaction(partial(_answer, key))
    return len(keys)


def _answer(key: int) -> None:
    asked = AccessRequest.objects.select_for_update().filter(pk=key).first()
    if asked is None:  # another worker was faster
        return
    AccessRequest.objects.filter(pk=key).delete()
    if asked.wanted == Wanted.STAFF_PASSWORD:
        for user in users_of(asked.email):
            if user.is_staff:
                mail_links(Purpose.PASSWORD_RESET, [user], f"request:{key}:{user.pk}", admin_origin=asked.origin)
        return
    with every_tenant(reason="the site at which a mail was asked for names the account"):
        site = Site.objects.select_related("account").filter(pk=asked.site_id, enable=True, hide=False).first()
    if site is None or not site.account.enable:
        return
    purpose = Purpose(asked.wanted)
    if purpose is Purpose.MAGIC_LINK and not allows_magic_links(site):
        return
    users = [user for user in users_of(asked.email) if user.account_id == site.account_id and not user.super]
    for number, box in enumerate(_by_mailbox(users)):
        mail_links(purpose, box, f"request:{key}:{number}", site=site, fqdn=asked.fqdn)


def allows_magic_links(site: Site) -> bool:
    return auth_settings(site).get("magic_link") is True


def users_of(email: str) -> list[User]:
    """Enabled users with this address, in whichever spelling of its domain, or with it as their name and no other."""
    spellings = _spellings(email)
    folded = {fold(spelling) for spelling in spellings}
    with every_tenant(reason="whose address it is, is asked before an account is known"):
        named = Q(email__in=spellings) | Q(email=None, username__in=spellings)
        users = list(User.objects.select_related("account").filter(named, enable=True, hide=False).order_by("pk")[:20])
    return [
        user
        for user in users
        if fold(user.email or user.username) in folded and (user.account is None or user.account.enable)
    ]


def _spellings(email: str) -> list[str]:
    local, _, domain = email.rpartition("@")
    found = [email]
    try:
        ascii_domain = normal_host_name(domain)
        found += [f"{local}@{ascii_domain}", f"{local}@{idna.decode(ascii_domain)}"]
    except (ValidationError, idna.IDNAError):
        pass
    return list(dict.fromkeys(found))


def _by_mailbox(users: Iterable[User]) -> list[list[User]]:
    """Those whose mails arrive at one place get one mail. By the stored address: a typed one may only look like it."""
    boxes: dict[str, list[User]] = {}
    for user in users:
        boxes.setdefault(_mailbox(user), []).append(user)
    return list(boxes.values())


def _mailbox(user: User) -> str:
    local, _, domain = (user.email or user.username).rpartition("@")
    return f"{local.lower()}@{normal_host_name(domain)}"


def mail_links(purpose: Purpose, users: list[User], cause: str, **place: Any) -> int:
    """One mail with a link for each of these users, who share an address. Answers how many links there are in it.
    Inside a transaction."""
    account = users[0].account if not users[0].super else None
    scope = tenant(account.pk) if account is not None else every_tenant(reason="a mail to a super user has no account")
    with scope:
        since = timezone.now() - timedelta(hours=1)
        lately = OneTimeToken.objects.filter(purpose=purpose, created_on__gt=since)
        wanted = [user for user in users if lately.filter(user=user).count() < MOST_AN_HOUR]
        rows = [one_time.prepare(purpose, account, user, **place) for user in wanted]
        for row in rows:
            row.save()
        if rows:
            values = {"tokens": [row.id_random for row in rows]}
            put(KINDS[purpose], account, [Mail(users[0].email or users[0].username, cause, values)])
    return len(rows)


def mail_first_password(user: User, role: Role, admin_origin: str) -> bool:
    """Mail a link by which a user chooses a password: one who came with a bundle has none. Inside a transaction.

    False where there is no way: no address, disabled, above the role of who asks, or too many of them lately.
    """
    if not user.email or not user.is_active or user.role > role:
        return False
    leads_to_admin = user.is_staff or not has_front_end(user.account, "reset")
    place = {"admin_origin": admin_origin or None} if leads_to_admin else {}
    cause = f"first password:{user.id_random}:{secrets.token_hex(8)}"
    return bool(mail_links(Purpose.FIRST_PASSWORD, [user], cause, **place))
