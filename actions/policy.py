"""Policy questions: a curated answer or an article with its source, or an honest "I don't know"."""

from __future__ import annotations

from actions.base import CitizenAction, Heard
from actions.services import Outcome, Services, Turn
from knowledge_base.search import SearchResult


async def answer(services: Services, turn: Turn, outcome: Outcome) -> bool:
    """Say the answer to this turn's question, or that there is none; True when answered."""
    result = await services.knowledge.search(turn.text)
    if not say_hit(services, result, outcome):
        await services.knowledge.record_unanswered(turn.text, turn.viewer.channel, "refused")
        outcome.say(services.speech("say_policy_unknown"))
        return False
    return True


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
        if len(turn.text) < 3:
            outcome.say(self.speech("say_policy_ask"))
        else:
            await answer(self.services, turn, outcome)
        return outcome
