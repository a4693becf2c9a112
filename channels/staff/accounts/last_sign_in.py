"""What an account's owner is told at the door: the last time, and who tried since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from channels.staff.accounts.records import moment
from channels.staff.accounts.tables import SIGN_INS
from knowledge_base.database import Database


@dataclass(frozen=True, slots=True)
class LastSignIn:
    """The sign-in before the present one."""

    at: datetime
    address: str
    wrong_since: int
    """Wrong tries between that one and the present one: somebody else's, perhaps."""


async def last_sign_in(database: Database, name: str) -> LastSignIn | None:
    """None at the first time."""

    def look(connection: Connection) -> LastSignIn | None:
        mine = sa.select(SIGN_INS).where(SIGN_INS.c.name == name).order_by(SIGN_INS.c.id.desc())
        two = connection.execute(mine.where(SIGN_INS.c.outcome == "in").limit(2)).all()
        if len(two) < 2:
            return None
        present, before = two
        wrong = connection.scalar(
            sa.select(sa.func.count()).where(
                SIGN_INS.c.name == name,
                SIGN_INS.c.outcome.in_(("wrong", "locked")),
                SIGN_INS.c.id > before.id,
                SIGN_INS.c.id < present.id,
            )
        )
        return LastSignIn(moment(before.at), before.address, wrong or 0)

    return await database.read(look)
