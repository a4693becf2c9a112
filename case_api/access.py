"""Who may see a case, and how often one may guess.

All of a case is shown to who filed it and to who has its 查询码; the phone's last
four digits open the status only. Wrong proofs are counted durably, before the
answer is given, by identity and by case; an unknown code is evaluated, counted
and answered exactly as a wrong proof. The owner proves nothing, so no stranger's
guessing locks them out.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal

from sqlalchemy import Connection, RowMapping

from case_api import repository, words
from case_api.schemas import Proof, Viewer
from case_api.security import Secrets
from nlu.text.errors import NotFound, TooManyTries, Unprocessable
from nlu.text.normalise import normalise

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SHAPES = {"query_code": re.compile(r"[0-9]{6}"), "phone_tail": re.compile(r"[0-9]{4}")}
OFFER = "offer"
EVER = datetime(2000, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class Limits:
    """How often one may guess."""

    wrong_per_identity_hour: int = 5
    wrong_per_case_day: int = 10
    wrong_tails_per_case: int = 50
    """Ever: then the 13 bits of a phone's tail no longer open this case at all."""
    offers_per_identity_day: int = 5
    """Matters of others shown as similar: enough to file, too few to fish."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The outcome of one look at a case, decided inside the transaction that counted it."""

    case: RowMapping | None
    access: Literal["full", "status", "none", "paused"]
    retry_after: int = 0

    def allowed(self) -> RowMapping:
        """The case, or the one error that tells nothing."""
        if self.access == "paused":
            raise TooManyTries(words.TOO_MANY_PROOFS, retry_after=self.retry_after)
        if self.case is None or self.access == "none":
            raise NotFound(words.NOT_SHOWN)
        return self.case

    def allowed_in_full(self) -> RowMapping:
        """For changes: a phone tail is not enough."""
        case = self.allowed()
        if self.access != "full":
            raise NotFound(words.NOT_SHOWN)
        return case


class Access:
    """Decides what a viewer sees."""

    def __init__(self, secrets: Secrets, limits: Limits | None = None) -> None:
        self._secrets = secrets
        self._limits = limits or Limits()

    def look(
        self,
        connection: Connection,
        code: str,
        viewer: Viewer,
        proof: Proof | None,
        now: datetime,
    ) -> Seen:
        """What this viewer sees of this code; needs a writing transaction when there is a proof.

        Never raises for a refusal: the caller commits the attempt first, then asks `allowed`.
        """
        row = repository.case(connection, code)
        if row is not None and owns(row, viewer):
            return Seen(row, "full")
        if proof is None:
            return Seen(None, "none")
        value = self.value_of(proof)
        identity = self.identity(viewer)
        target = self._secrets.hash("target", code)
        repository.hold(connection, identity, target)
        paused = self._pause(connection, identity, target, now)
        if paused:
            return Seen(None, "paused", paused)
        passed = self._matches(connection, row, code, proof.kind, value, target)
        repository.add_attempt(connection, now, proof.kind, identity, target, passed)
        if row is None or not passed:
            if row is not None:
                self._tell_owner_once(connection, row, target, now)
            return Seen(None, "none")
        return Seen(row, "full" if proof.kind == "query_code" else "status")

    def offers_left(self, connection: Connection, viewer: Viewer, now: datetime) -> int:
        """How many matters of others may still be shown to them today."""
        identity = self.identity(viewer)
        shown = repository.attempts(connection, kinds=[OFFER], since=now - DAY, identity=identity)
        return max(0, self._limits.offers_per_identity_day - len(shown))

    def count_offer(self, connection: Connection, viewer: Viewer, code: str, now: datetime) -> None:
        target = self._secrets.hash("target", code)
        repository.add_attempt(connection, now, OFFER, self.identity(viewer), target, False)

    def identity(self, viewer: Viewer) -> bytes:
        return self._secrets.hash("identity", viewer.channel, viewer.account, viewer.citizen)

    @staticmethod
    def value_of(proof: Proof) -> str:
        """The digits shown; a value that cannot be one is told so, and not counted."""
        value = normalise(proof.value).replace(" ", "")
        if not SHAPES[proof.kind].fullmatch(value):
            raise Unprocessable(words.PROOF_SHAPE[proof.kind], field="proof.value")
        return value

    def _matches(
        self,
        connection: Connection,
        row: RowMapping | None,
        code: str,
        kind: str,
        value: str,
        target: bytes,
    ) -> bool:
        # The same work for a code that does not exist: it has a proof too, which nobody can show.
        expected_hash = row["query_hash"] if row is not None else bytes(32)
        right_code = hmac.compare_digest(self._secrets.query_hash(code, value), expected_hash)
        digits = re.sub(r"\D", "", (row["phone"] or "") if row is not None else "")
        right_tail = len(digits) >= 4 and hmac.compare_digest(digits[-4:], value)
        wrong_tails = repository.attempts(
            connection, kinds=["phone_tail"], since=EVER, target=target
        )
        if kind == "query_code":
            return right_code
        return right_tail and len(wrong_tails) < self._limits.wrong_tails_per_case

    def _pause(self, connection: Connection, identity: bytes, target: bytes, now: datetime) -> int:
        kinds = list(SHAPES)
        mine = repository.attempts(connection, kinds=kinds, since=now - HOUR, identity=identity)
        theirs = repository.attempts(connection, kinds=kinds, since=now - DAY, target=target)
        return max(
            _wait(mine, self._limits.wrong_per_identity_hour, HOUR, now),
            _wait(theirs, self._limits.wrong_per_case_day, DAY, now),
        )

    def _tell_owner_once(
        self, connection: Connection, row: RowMapping, target: bytes, now: datetime
    ) -> None:
        kinds = list(SHAPES)
        wrong = repository.attempts(connection, kinds=kinds, since=now - DAY, target=target)
        if len(wrong) < self._limits.wrong_per_case_day:
            return
        if not repository.has_event(connection, row["code"], "proofs_paused"):
            repository.add_event(
                connection,
                row["code"],
                now,
                "proofs_paused",
                visible=True,
                actor="system",
                words=words.EVENTS["proofs_paused"],
            )


def owns(row: RowMapping, viewer: Viewer) -> bool:
    """Filed by this very account, which the app had verified then and has verified now."""
    filer = (row["channel"], row["account"], row["citizen"])
    return bool(
        row["proven"] and viewer.owns and filer == (viewer.channel, viewer.account, viewer.citizen)
    )


def _wait(times: Sequence[datetime], limit: int, window: timedelta, now: datetime) -> int:
    """Seconds until fewer than `limit` of the attempts lie within the window."""
    if len(times) < limit:
        return 0
    return max(1, int((times[-limit] + window - now).total_seconds()) + 1)
