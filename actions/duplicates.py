"""Before a petition is filed: has this citizen, or somebody else, told of the same matter?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from actions.draft import Draft
from actions.services import Choice, Outcome, Services, Turn
from case_api.schemas import Similar
from nlu.text.errors import Unavailable

_SURE_ENOUGH = 0.5
"""Asking costs a tap, not asking costs a second case: offered from even odds on."""
ADD, FOLLOW, DIFFERENT = "add", "follow", "different"


async def look(services: Services, turn: Turn, draft: Draft) -> list[dict[str, Any]]:
    """Earlier cases on the same matter, the citizen's own first; kept in the draft."""
    try:
        found = await services.cases.similar(draft.told, draft.place or "", turn.viewer)
    except Unavailable:
        # A petition is not held up by a search: the case API looks again when it registers it.
        return []
    same = [item for item in found if item.relation == "same" and item.probability >= _SURE_ENOUGH]
    same.sort(key=lambda item: (not item.mine, -item.probability))
    return [_keep(item) for item in same[:3]]


def _keep(item: Similar) -> dict[str, Any]:
    return {
        "code": item.code,
        "mine": item.mine,
        "status": item.status_label,
        "matter": f"{item.category}（{item.place}）" if item.place else item.category,
        "decision": None,
    }


def undecided(draft: Draft) -> dict[str, Any] | None:
    """The one match that is offered, unless the citizen has decided: one question, not three."""
    if not draft.matches or draft.matches[0]["decision"] is not None:
        return None
    return draft.matches[0]


def offer(services: Services, match: Mapping[str, Any], outcome: Outcome) -> None:
    """Ask what to do; another citizen's case is told by kind and rough place only, without code."""
    speech = services.speech
    if match["mine"]:
        text = speech("say_duplicate_mine", code=match["code"], status=match["status"])
    else:
        text = speech("say_duplicate_others", matter=match["matter"], status=match["status"])
    outcome.say(text, _choices(services, match))


def offer_again(services: Services, match: Mapping[str, Any], outcome: Outcome) -> None:
    """The answer was neither: name the two again."""
    choices = _choices(services, match)
    first, second = choices
    outcome.say(
        services.speech("say_choose_again", first=first.title, second=second.title), choices
    )


def read_decision(text: str, match: Mapping[str, Any]) -> str | None:
    """What the citizen decided, or None."""
    if any(
        word in text for word in ("单独", "另", "不一样", "不是一回事", "不同", "新的", "不是同")
    ):
        return DIFFERENT
    if match["mine"] and any(
        word in text for word in ("补充", "加到", "那一件", "加进去", "一回事", "同一")
    ):
        return ADD
    if not match["mine"] and any(
        word in text for word in ("附议", "关注", "跟进", "一起", "一回事", "同一", "一样")
    ):
        return FOLLOW
    return None


def _choices(services: Services, match: Mapping[str, Any]) -> Sequence[Choice]:
    first = "option_supplement" if match["mine"] else "option_follow"
    titles = services.speech(first), services.speech("option_separate")
    return tuple(Choice(title, title) for title in titles)
