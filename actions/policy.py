"""Policy questions: a curated answer or an article with its source, or an honest "I don't know"."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk.events import FollowupAction

from actions.answers import is_question, wants_to_know, without_openers
from actions.base import CitizenAction, Heard
from actions.services import Choice, Outcome, Services, Turn
from knowledge_base import verdict
from knowledge_base.asked import Asker
from knowledge_base.models import SearchResult

_A_STORY = 10
_A_LONG_STORY = 16
_MOST_REGIONS = 8
"""Options that can be answered by one digit, with some to spare."""

_RESPONSES = {
    "faq": "say_policy_answer",
    "article": "say_policy_article",
    "precedent": "say_policy_precedent",
}


def asker(turn: Turn) -> Asker:
    """Whose question it is; only a keyed hash of this is kept."""
    return Asker(turn.viewer.channel, turn.viewer.account, turn.viewer.citizen)


def tells_a_story(text: str) -> bool:
    """「三号楼的电梯坏了四天，老人下不来」 is to be dealt with, not to be lectured on."""
    return not wants_to_know(text) and len(without_openers(text)) >= _A_LONG_STORY


def where(turn: Turn) -> str:
    """What may tell the region: a place that was sent, or the words themselves."""
    return f"{turn.place or ''} {turn.text}"


async def look_up(services: Services, turn: Turn) -> SearchResult:
    """Search with the rules of the citizen's region, where it is told."""
    return await services.knowledge.search(turn.text, place=where(turn))


async def refuse(
    services: Services, turn: Turn, outcome: Outcome, near: SearchResult | None = None
) -> None:
    """Say that there is no sure answer, keep the question for the curators, offer what is near."""
    titles = [hit.title for hit in verdict.offered(near)] if near else []
    await note_refused(services, turn, near, offered=bool(titles))
    outcome.say(
        services.speech("say_policy_near" if titles else "say_policy_unknown"),
        [Choice(title, title) for title in titles],
    )


async def note_refused(
    services: Services, turn: Turn, near: SearchResult | None, *, offered: bool = False
) -> None:
    """Keep a question that got no answer, for the curators."""
    await services.asked.note(
        asker(turn),
        turn.text,
        near or SearchResult(answered=False, hits=()),
        "offered" if offered else "refused",
        area=services.knowledge.area(where(turn)),
    )


async def say_hit(
    services: Services,
    turn: Turn,
    result: SearchResult,
    outcome: Outcome,
    *,
    votes: bool = True,
) -> bool:
    """Say the best hit with its source, when it is good enough to be given to a citizen.

    `votes` False: other options follow, and numbers must not mean two things.
    """
    if not result.answered:
        return False
    best = result.hits[0]
    if result.regions:
        _ask_region(services, turn, result.regions, outcome)
        return True
    area = services.knowledge.area(where(turn))
    await services.asked.note(asker(turn), turn.text, result, "answered", area=area)
    words = services.speech("option_useful"), services.speech("option_useless")
    outcome.say(
        services.speech(
            _RESPONSES[best.kind],
            title=best.title,
            answer=best.answer.strip(),
            citation=best.citation or services.speech("word_curated"),
            region=f"（{best.region}）" if best.region else "",
        ),
        [Choice(word, word) for word in words] if votes else (),
    )
    return True


def _ask_region(services: Services, turn: Turn, regions: Sequence[str], outcome: Outcome) -> None:
    """The rules differ from place to place: which one is it?"""
    outcome.say(
        services.speech("ask_policy_region"),
        [Choice(region, f"{region}：{turn.text}") for region in regions[:_MOST_REGIONS]],
    )


class AnswerPolicy(CitizenAction):
    """Answers a question asked outside of any task."""

    label = "action_answer_policy"

    async def handle(self, turn: Turn, heard: Heard) -> Outcome:
        outcome = Outcome()
        if len(without_openers(turn.text)) < 2:
            outcome.say(self.speech("say_policy_ask"))
            return outcome
        if tells_a_story(turn.text):
            outcome.events.append(FollowupAction("petition_form"))
            return outcome
        result = await look_up(self.services, turn)
        if await say_hit(self.services, turn, result, outcome):
            return outcome
        if not is_question(turn.text) and len(without_openers(turn.text)) >= _A_STORY:
            # Nothing is asked and nothing answers it: somebody is telling what happened.
            outcome.events.append(FollowupAction("petition_form"))
            return outcome
        await refuse(self.services, turn, outcome, near=result)
        return outcome
