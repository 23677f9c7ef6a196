"""Messages between the clients of one account, over the channel layer: one channel a process, one group an account."""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import suppress
from typing import Any

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from kernel.errors import Invalid, Refused, TooLarge
from realtime.client import Client
from realtime.presence import BEAT_SECONDS, Members, presence_store
from realtime.protocol import Frame, frame
from tenancy.principal import Role

log = logging.getLogger("realtime.groups")
GROUP_NAME = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)
MAX_GROUPS = 20
MAX_NAME = 100
RETRY_SECONDS = 1.0


class Groups:
    def __init__(self) -> None:
        self.layer: Any = get_channel_layer()
        self.store = presence_store()
        self._channel = ""
        self._ready = asyncio.Event()
        self._refresh = asyncio.Event()
        self._members: dict[tuple[int, str], dict[str, Client]] = {}
        """(account, group) → name of the client → the client, of this process."""
        self._accounts: dict[int, int] = {}
        """Account → how many memberships this process has in it."""

    # --- frames

    async def join(self, client: Client, asked: Frame) -> None:
        account, group = self._group(client, asked)
        name = asked.optional_text("name", most=MAX_NAME) or _name_of(client)
        asked.done()
        if group not in client.groups:
            if len(client.groups) >= MAX_GROUPS:
                raise TooLarge(f"At most {MAX_GROUPS} groups.")
            await self._listen_to(account)
            await self.store.join(account, group, client.name, name)
            client.groups[group] = name
            self._members.setdefault((account, group), {})[client.name] = client
            self._accounts[account] = self._accounts.get(account, 0) + 1
            await self._tell(account, "joined", group, client.name, {"client": client.name, "name": name})

    async def leave(self, client: Client, asked: Frame) -> None:
        account, group = self._group(client, asked)
        asked.done()
        if group not in client.groups:
            raise Invalid.field("group", "This socket is not in the group.")
        await self._leave(client, account, group)

    async def send(self, client: Client, asked: Frame) -> None:
        account, group = self._group(client, asked)
        payload = asked.anything("payload")
        asked.done()
        if client.principal is None or client.principal.read_only:
            raise Refused("This key may only read.")
        if group not in client.groups:
            raise Refused("Join the group first.")
        await self._tell(account, "message", group, client.name, payload)

    async def members(self, client: Client, asked: Frame) -> list[dict[str, str]]:
        account, group = self._group(client, asked)
        asked.done()
        members = await self.store.members(account, group)
        return [{"client": member, "name": name} for member, name in sorted(members.items())]

    def _group(self, client: Client, asked: Frame) -> tuple[int, str]:
        assert client.principal is not None
        assert client.principal.account_id is not None
        if not client.principal.may(Role.USER):
            raise Refused("Guests may not use groups.")
        group = asked.text("group")
        if not GROUP_NAME.fullmatch(group):
            raise Invalid.field("group", "Give 1 to 64 of the characters A-Z a-z 0-9 . _ : -")
        return client.principal.account_id, group

    async def leave_all(self, client: Client) -> None:
        """A socket is gone."""
        if client.principal is None or client.principal.account_id is None:
            return
        for group in tuple(client.groups):
            try:
                await self._leave(client, client.principal.account_id, group)
            except (RedisError, OSError):
                continue  # what the store still says of it, it forgets by itself

    async def _leave(self, client: Client, account: int, group: str) -> None:
        name = client.groups.pop(group)
        local = self._members[account, group]
        del local[client.name]
        if not local:
            del self._members[account, group]
        self._accounts[account] -= 1
        await self.store.leave(account, group, client.name)
        await self._tell(account, "left", group, client.name, {"client": client.name, "name": name})
        if not self._accounts.get(account):
            self._accounts.pop(account, None)
            await self.layer.group_discard(_layer_group(account), self._channel)

    # --- the channel layer

    async def _listen_to(self, account: int) -> None:
        await self._ready.wait()
        await self.layer.group_add(_layer_group(account), self._channel)

    async def _tell(self, account: int, what: str, group: str, client: str, payload: Any) -> None:
        message = {"type": what, "account": account, "group": group, "client": client, "payload": payload}
        await self.layer.group_send(_layer_group(account), message)

    async def run(self) -> None:
        beating = asyncio.create_task(self._beat())
        try:
            while True:
                try:
                    if not self._channel:
                        self._channel = await self.layer.new_channel()
                        self._ready.set()
                    self._hear(await self.layer.receive(self._channel))
                except (RedisError, OSError) as error:
                    log.warning("The channel layer is away: %s", type(error).__name__)
                    await asyncio.sleep(RETRY_SECONDS)
        finally:
            beating.cancel()

    def _hear(self, message: dict[str, Any]) -> None:
        members = self._members.get((message["account"], message["group"]))
        if not members:
            return
        match message["type"]:
            case "message":
                text = frame(
                    "message", group=message["group"], **{"from": message["client"]}, payload=message["payload"]
                )
            case what:
                text = frame("presence", group=message["group"], **{what: message["payload"]})
        for name, client in members.items():
            if name != message["client"]:
                client.socket.offer(text)

    # --- who is there

    def refresh(self) -> None:
        """Redis may have lost what it knew of our members: say it again now."""
        self._refresh.set()

    async def _beat(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._refresh.wait(), BEAT_SECONDS)
            self._refresh.clear()
            own: Members = {
                key: {name: client.groups[key[1]] for name, client in members.items()}
                for key, members in self._members.items()
            }
            try:
                for account, group, client, name in await self.store.beat(own):
                    await self._tell(account, "left", group, client, {"client": client, "name": name})
            except (RedisError, OSError) as error:
                log.warning("Who is present can't be told now: %s", type(error).__name__)


def _layer_group(account: int) -> str:
    return f"account.{account}"


def _name_of(client: Client) -> str:
    principal = client.principal
    return (principal.user_public_id or principal.key_name) if principal else ""
