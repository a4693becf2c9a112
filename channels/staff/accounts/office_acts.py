"""What in the office's own affairs a second person has to agree to: roles, and four eyes itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from channels.staff.accounts import settings as console_settings
from channels.staff.accounts.account_rules import Person, administrators
from channels.staff.accounts.accounts import Accounts
from channels.staff.accounts.proposal_rows import Change, Proposal
from channels.staff.accounts.proposals import Proposals
from channels.staff.accounts.settings import FOUR_EYES, ConsoleSettings
from channels.staff.roles import Right, checked, titles
from channels.staff.words import office as words
from channels.staff.words.proposals import TOGETHER
from knowledge_base.audit import Actor
from knowledge_base.database import Database
from nlu.text.errors import Conflict, Forbidden, Unprocessable

ROLES = "roles"
"""The act, and the switch that governs both acts here."""
SWITCHES = "switches"


class OfficeActs:
    """Changes accounts' roles and the settings, alone or by way of a proposal."""

    def __init__(self, database: Database, accounts: Accounts, proposals: Proposals) -> None:
        self._database = database
        self._accounts = accounts
        self._proposals = proposals
        proposals.register(ROLES, self._carry_out_roles, Right.MANAGE_ACCOUNTS)
        proposals.register(SWITCHES, self._carry_out_switches, Right.MANAGE_SETTINGS)

    async def needs_second(self) -> bool:
        """Whether roles are given out by two."""
        return await self._proposals.needed(ROLES)

    async def waiting(self, account: str) -> Proposal | None:
        """The change of roles that an account waits for."""
        return await self._proposals.opened(ROLES, words.ROLES_OF.format(account=account))

    async def add(self, name: str, person: Person, by: Actor, reason: str) -> tuple[str, bool]:
        """Make an account; its first password, and whether its roles wait for a second person."""
        later = await self.needs_second()
        if later and not reason:
            raise Unprocessable(words.REASON_NEEDED, field="reason")
        password = await self._accounts.add(name, person, by, roles_later=later)
        if later:
            name = name.strip().lower()
            await self._propose_roles(name, (), checked(person.roles), reason, by)
        return password, later

    async def change(self, name: str, person: Person, by: Actor, reason: str) -> bool:
        """Change an account; whether its roles wait for a second person."""
        now = (await self._accounts.get(name)).account.roles
        wanted = checked(person.roles)
        if set(now) == set(wanted) or not await self.needs_second():
            await self._accounts.change(name, person, by, reason)
            return False
        if by.name == name:
            raise Forbidden(words.OWN_ROLES)
        if not reason:
            raise Unprocessable(words.REASON_NEEDED, field="reason")
        if not wanted:
            raise Unprocessable(words.ROLE_NEEDED, field="roles")
        await self._propose_roles(name, now, wanted, reason, by)
        await self._accounts.change(name, replace(person, roles=now), by)
        return True

    async def save(self, wanted: ConsoleSettings, by: Actor, reason: str) -> bool:
        """Put settings in force; whether switching four eyes off waits for a second person."""
        console_settings.checked(wanted)
        now = await self._database.read(console_settings.read)
        turned_on = wanted.four_eyes[ROLES] and not now.four_eyes[ROLES]
        if turned_on and await self._database.read(administrators) < 2:
            raise Unprocessable(words.TWO_NEEDED, field="four_eyes")
        off = [name for name in FOUR_EYES if now.four_eyes[name] and not wanted.four_eyes[name]]
        if not off or not now.four_eyes[ROLES]:
            await console_settings.save(self._database, wanted, by, reason)
            return False
        if not reason:
            raise Unprocessable(words.REASON_NEEDED, field="reason")
        changes = [Change(FOUR_EYES[name], words.ON, words.OFF) for name in off]
        await self._proposals.propose(SWITCHES, words.SWITCH_OFF, {"off": off}, changes, reason, by)
        kept = {**wanted.four_eyes, **dict.fromkeys(off, True)}
        await console_settings.save(self._database, replace(wanted, four_eyes=kept), by, reason)
        return True

    async def _propose_roles(
        self, name: str, now: Sequence[str], wanted: Sequence[str], reason: str, by: Actor
    ) -> None:
        await self._proposals.propose(
            ROLES,
            words.ROLES_OF.format(account=name),
            {"account": name, "before": list(now), "roles": list(wanted)},
            [Change(words.ROLES, titles(now), titles(wanted))],
            reason,
            by,
        )

    async def _carry_out_roles(
        self, payload: Mapping[str, Any], maker: Actor, approver: Actor
    ) -> str:
        name, roles = str(payload["account"]), tuple(payload["roles"])
        account = (await self._accounts.get(name)).account
        if set(account.roles) != set(payload["before"]):
            raise Conflict(words.CHANGED_SINCE)
        person = Person(account.display_name, account.staff_number, roles)
        reason = TOGETHER.format(maker=maker.name, approver=approver.name)
        await self._accounts.change(name, person, approver, reason)
        return words.ROLES_CHANGED.format(account=name, roles=titles(roles))

    async def _carry_out_switches(
        self, payload: Mapping[str, Any], maker: Actor, approver: Actor
    ) -> str:
        off = [name for name in payload["off"] if name in FOUR_EYES]
        now = await self._database.read(console_settings.read)
        wanted = replace(now, four_eyes={**now.four_eyes, **dict.fromkeys(off, False)})
        reason = TOGETHER.format(maker=maker.name, approver=approver.name)
        await console_settings.save(self._database, wanted, approver, reason)
        return words.SWITCHED_OFF.format(names="、".join(FOUR_EYES[name] for name in off))
