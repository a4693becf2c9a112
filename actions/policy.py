"""Policy questions: a curated answer or an article with its source, or an honest "I don't know"."""

from __future__ import annotations

from rasa_sdk.events import FollowupAction

from actions.answers import is_question, without_openers
from actions.base import CitizenAction, Heard
from actions.services import Choice, Outcome, Services, Turn
from knowledge_base.models import SearchResult

_A_STORY = 10


_NEAR = 0.05
"""Far below what is answered, but the right question is then mostly among the three nearest
(docs/quality.md 「政策检索」): the citizen, not the bot, says whether it is the one."""


async def refuse(
    services: Services, turn: Turn, outcome: Outcome, near: SearchResult | None = None
) -> None:
    """Say that there is no sure answer, keep the question for the curators, offer what is near."""
    await services.knowledge.record_unanswered(turn.text, turn.viewer.channel, "refused")
    hits = near.hits if near else ()
    titles = [hit.title for hit in hits if hit.kind == "faq" and hit.score >= _NEAR][:3]
    outcome.say(
        services.speech("say_policy_near" if titles else "say_policy_unknown"),
        [Choice(title, title) for title in titles],
    )


def say_hit(services: Services, result: SearchResult, outcome: Outcome) -> bool:
    """Say the best hit with its source, when it is good enough to be given to a citizen."""
    if not result.answered:
        return False
    best = result.hits[0]
    response = "say_policy_article" if best.kind == "article" else "say_policy_answer"
    outcome.say(
        services.speech(response, answer=best.answer.strip(), citation=best.citation),
    )
    return True


class AnswerPolicy(CitizenAction):
    """Answers a question asked outside of any task."""

    label = "action_answer_policy"

    async def handle(self, turn: Turn, heard: Heard) -> Outcome:
        outcome = Outcome()
        if len(without_openers(turn.text)) < 2:
            outcome.say(self.speech("say_policy_ask"))
            return outcome
        result = await self.services.knowledge.search(turn.text)
        if say_hit(self.services, result, outcome):
            return outcome
        if not is_question(turn.text) and len(without_openers(turn.text)) >= _A_STORY:
            # Nothing is asked and nothing answers it: somebody is telling what happened.
            outcome.events.append(FollowupAction("petition_form"))
            return outcome
        await refuse(self.services, turn, outcome, near=result)
        return outcome
