"""A petition while it is being told: what is known, what is still missing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from actions.answers import without_openers
from nlu.text.entities import Entity, find_entities
from nlu.text.places import find_places

KIND = "petition"
KEEPS = timedelta(days=7)
"""How long an unfinished petition is kept for its citizen to come back to."""
FRESH = timedelta(minutes=10)

MATTER, PLACE, OCCURRED_AT, DEMAND, CONTACT = "matter", "place", "occurred_at", "demand", "contact"
SPLIT, DUPLICATE, CONFIRM = "split", "duplicate", "confirm"
ASKED_IN_ORDER = (MATTER, PLACE, OCCURRED_AT, DEMAND, CONTACT)

MAX_MATTER = 4000
_MIN_MATTER = 4
_SELF_INTRODUCTION = re.compile(
    r"(?:我的?)?(?:联系)?(?:电话|手机号?码?|号码|联系方式)(?:号码)?\s*(?:是|为|[:：])?\s*$"
)
_EVERY = re.compile(r"每|天天|日日|夜夜|经常|一直")
"""「每晚」 says how often, not since when."""
_UNNAMED = re.compile(
    r"匿名|(?:不|别)(?:想|愿意?|方便|要)?(?:留|透露|公开)(?:我的?)?(?:电话|手机|号码|姓名|名字|身份)"
    r"|(?:请|替我|给我|帮我)保密|怕(?:被)?(?:打击)?报复"
    r"|(?:别|不要|不能|千万别|可别)(?:跟人|对外|让人|让他们)?(?:说|知道|透露|提)(?:出去)?(?:是)?(?:我|俺)(?!们?(?:的)?电话)"
    r"|不敢(?:留|说)(?:名|真名|姓名|电话)"
)
_NEVER_CALM = frozenset({"self_harm", "violence", "medical"})
_TELLS_WHAT = frozenset({"gas", "fire", "trapped", "traffic", "disaster"})
"""Dangers that the petition is about as well; despair and blows are not to be read back."""
_WISHING = re.compile(
    r"^(?:我们?|俺们?)?(?:希望|盼望|期望|恳请|恳求|请求|强烈要求|要求)(?:能够?)?(?!.{0,2}$)"
)
_ANNOUNCED = re.compile(r"^我[要想](?:反映|投诉|举报)(?:一下)?\s*[:：，,。]\s*")
_GREETING = re.compile(
    r"^(?:您好|你好|领导好?|各位领导|同志(?:们)?好?|尊敬的领导)[,，。!！:： ]*"
    r"(?:我[要想](?:反映|投诉|举报)(?:一下|个事|一个问题)?\s*[:：,，。])?\s*"
)
_LEFT_OVER = re.compile(
    r"(?:[,，。;； ]*(?:联系人|姓名|名字|联系电话|电话|手机号?|联系方式)\s*(?:是|为|[:：])?\s*)+$"
)
_JOINTS = re.compile(r"^[\s,，。.;；、:：]+|(?<=[,，。;；、])[\s,，。;；、]+")


@dataclass(slots=True)
class Draft:
    """What has been told so far; times as ISO text so that it goes into storage as it is."""

    id: str
    step: str = MATTER
    matter: str | None = None
    cry: str | None = None
    """Words of danger: they go along with the petition, and fill in nothing."""
    place: str | None = None
    occurred_at: str | None = None
    """As it was said."""
    occurred_on: str | None = None
    """ISO date or range, when it could be worked out."""
    demand: str | None = None
    phone: str | None = None
    anonymous: bool = False
    name: str | None = None
    pictures: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """Details that the citizen does not know or wish to give."""
    answered: list[str] = field(default_factory=list)
    """Details that were given when they were asked for."""
    asked_again: list[str] = field(default_factory=list)
    """Details asked for a second time, in other words; there is no third."""
    matches: list[dict[str, Any]] | None = None
    """Earlier cases on the same matter; None until looked for."""
    matters: list[str] = field(default_factory=list)
    """Troubles told in one message, until the citizen has said whether to part them."""
    later: list[str] = field(default_factory=list)
    """Told as well, to be registered when this one is."""
    danger: str | None = None
    in_danger: bool = False
    """The last that was heard is a cry: nothing is asked until it is calm."""
    touched_at: str = ""

    @classmethod
    def load(cls, stored: Mapping[str, Any] | None, now: datetime) -> Draft | None:
        """The stored draft, unless it is too old to mean anything."""
        if not stored:
            return None
        known = {item.name for item in fields(cls)}
        draft = cls(**{key: value for key, value in stored.items() if key in known})
        if draft.touched_at and now - datetime.fromisoformat(draft.touched_at) > KEEPS:
            return None
        return draft

    def is_fresh(self, now: datetime) -> bool:
        """Whether the citizen has spoken of it within minutes."""
        return bool(self.touched_at) and now - datetime.fromisoformat(self.touched_at) < FRESH

    def dump(self, now: datetime) -> dict[str, Any]:
        """For storage."""
        self.touched_at = now.isoformat()
        return asdict(self)

    def next(self) -> Draft | None:
        """The draft of what was told as well; who speaks need not be asked again."""
        if not self.later:
            return None
        return Draft(
            id=f"{self.id}+",
            phone=self.phone,
            name=self.name,
            anonymous=self.anonymous,
            later=self.later[1:],
        )

    def missing(self) -> str | None:
        """The next detail to ask for, in the order in which people tell things."""
        for name in ASKED_IN_ORDER:
            if name in self.skipped:
                continue
            if name == CONTACT:
                if not (self.phone or self.anonymous):
                    return name
            elif not (self.told if name == MATTER else getattr(self, name)):
                return name
        return None

    @property
    def told(self) -> str:
        """What happened; where only a cry was heard, the cry."""
        return self.matter or self.cry or ""

    @property
    def statement(self) -> str:
        """All that the office is to read."""
        return "\n".join(part for part in (self.matter, self.cry) if part)[:MAX_MATTER]

    def skip(self, name: str) -> None:
        """Not to be asked for again."""
        if name not in self.skipped:
            self.skipped.append(name)

    def is_cry(self, text: str, now: datetime, kind: str) -> bool:
        """Whether these words of danger only call for help.

        Who says since when, what for, or where to call tells a petition, however dangerous.
        """
        if kind in _NEVER_CALM:
            return True
        told = {entity.type for entity in find_entities(text, now)}
        return not told & {"date", "demand", "phone"}

    def hear_cry(self, text: str, now: datetime, kind: str | None) -> None:
        """Keep a cry for help as told; what else it holds is asked for once it is calm."""
        self.danger, self.in_danger = kind or self.danger or "crisis", True
        told = matter_in(text, ())
        if told and kind in _TELLS_WHAT:
            self.add(told)
        elif told:
            self.cry = told if self.cry is None else f"{self.cry}\n{told}"
        if not self.place:
            self.place = longest(find_entities(text, now), "place")

    def add(self, text: str) -> None:
        """One more thing that happened."""
        self.matter = (text if self.matter is None else f"{self.matter}\n{text}")[:MAX_MATTER]

    def listen(self, text: str, now: datetime, *, matter: bool) -> Sequence[Entity]:
        """Take every detail in the words; `matter`: the words themselves tell what happened."""
        entities = find_entities(text, now)
        told = matter_in(text, entities)
        if matter and told:
            self.add(told)
        for entity in entities:
            if entity.type == "phone" and not self.phone:
                self.phone, self.anonymous = entity.value, False
            elif entity.type == "name" and not self.name:
                self.name = entity.value
            elif entity.type == "date" and not self.occurred_at and not _EVERY.match(entity.text):
                self.occurred_at, self.occurred_on = entity.text, entity.value
            elif entity.type == "demand" and not self.demand:
                self.demand = _WISHING.sub("", entity.text)
        if not self.place:
            self.place = longest(entities, "place") or _somewhere(entities)
        if not self.phone and _UNNAMED.search(text):
            self.anonymous, self.name = True, None
        return entities


def _somewhere(entities: Sequence[Entity]) -> str | None:
    """A body whose name says where it is: 「中山北路百汇超市」, not 「顺兴鞋厂」."""
    names = [item.text for item in entities if item.type == "organisation"]
    return next((name for name in names if find_places(name, [])), None)


def longest(entities: Sequence[Entity], kind: str) -> str | None:
    """The longest mention of that kind: 「凤翔小区2号楼」 says more than 「小区」."""
    found = [entity.text for entity in entities if entity.type == kind]
    return max(found, key=len) if found else None


def matter_in(text: str, entities: Sequence[Entity]) -> str | None:
    """The words without who speaks and where to call; None when nothing is left to act on."""
    kept: list[str] = []
    position = 0
    for entity in sorted(entities, key=lambda item: item.start):
        if entity.type not in ("phone", "id_number", "name") or entity.start < position:
            continue
        before = _SELF_INTRODUCTION.sub("", text[position : entity.start])
        kept.append(re.sub(r"(?:我叫|我是|本人叫?|我的名字[叫是]|姓名[:：]?)$", "", before))
        position = entity.end
    kept.append(text[position:])
    words = _JOINTS.sub("", "".join(kept)).strip()
    if len(kept) > 1:
        # 「……。联系人：，电话：。」: the labels of what was taken out.
        words = _LEFT_OVER.sub("", words.rstrip("，,、；;。 "))
    words = words.rstrip("，,、；;")
    words = _ANNOUNCED.sub("", _GREETING.sub("", words))
    return words if len(without_openers(words)) >= _MIN_MATTER else None
