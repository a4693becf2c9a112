"""A request sent twice is done once, and answered twice with the same words."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from case_api import repository, words
from case_api.security import Secrets
from knowledge_base.database import Database
from nlu.text.errors import Conflict, Unprocessable

Work = Callable[[Connection], bytes]
Prepare = Callable[[], Awaitable[Work]]


class Idempotency:
    """Replays stored answers; an answer and what it speaks of are committed together."""

    def __init__(self, database: Database, secrets: Secrets, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._secrets = secrets
        self._clock = clock
        self._in_flight: set[bytes] = set()

    async def once(self, scope: str, key: str, body: str, prepare: Prepare) -> bytes:
        """The answer to this key: done now, or replayed.

        `prepare` does what needs no transaction and returns what does. The same key
        with another body is refused (422), one that is being worked on too (409).
        """
        request = Request(self._secrets, scope, key, body)
        if request.id in self._in_flight:
            raise Conflict(words.KEY_BUSY)
        self._in_flight.add(request.id)
        try:
            return await self._run(request, prepare)
        finally:
            self._in_flight.discard(request.id)

    async def _run(self, request: Request, prepare: Prepare) -> bytes:
        known = await self._database.read(lambda c: request.stored(c, self._clock()))
        if known is not None:
            return known
        work = await prepare()

        def transaction(connection: Connection) -> bytes:
            # Looked up again: another process may have been quicker.
            known = request.stored(connection, self._clock())
            if known is not None:
                return known
            answer = work(connection)
            request.store(connection, answer, self._clock())
            return answer

        try:
            return await self._database.write(transaction)
        except IntegrityError:
            # PostgreSQL: both inserted the key at once, and the other one won.
            await asyncio.sleep(0)
            known = await self._database.read(lambda c: request.stored(c, self._clock()))
            if known is None:
                raise
            return known


class Request:
    """One key within its scope."""

    def __init__(self, secrets: Secrets, scope: str, key: str, body: str) -> None:
        self.id = secrets.hash("idempotency", scope, key)
        self._secrets = secrets
        self._scope = scope
        self._key = key
        self._body = hashlib.sha256(secrets.hash("body", body)).digest()

    def stored(self, connection: Connection, now: datetime) -> bytes | None:
        row = repository.stored_answer(connection, self.id, now)
        if row is None:
            return None
        answer = self._secrets.unseal(self._scope, self._key, row["answer"])
        if row["body"] != self._body or answer is None:
            raise Unprocessable(words.KEY_REUSED, field="Idempotency-Key")
        return answer

    def store(self, connection: Connection, answer: bytes, now: datetime) -> None:
        sealed = self._secrets.seal(self._scope, self._key, answer)
        repository.store_answer(connection, self.id, self._body, sealed, now)
