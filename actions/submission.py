"""Filing the petition: once, whatever happens in between."""

from __future__ import annotations

from actions.draft import Draft
from actions.services import Outcome, Services, Turn
from case_api.schemas import AttachmentIn, Choice, CreatedCase, NewCase
from nlu.text.errors import Conflict, Unavailable, Unprocessable

_BY_HAND = "人工分办"
"""The case API's office for what no rule and no model can place with confidence."""


async def submit(services: Services, turn: Turn, draft: Draft, outcome: Outcome) -> bool:
    """File it and tell the code; False when the case API cannot be reached (nothing is lost)."""
    try:
        # One draft is one case: a repeated turn, or a second "提交", gets the same code back.
        created = await services.cases.create(_case(turn, draft), f"intake-{draft.id}")
    except Unprocessable:
        # It was filed, the answer was lost, and the citizen changed a word since: what is told
        # now is filed too. Two linked cases are better than words that nobody reads.
        draft.id = f"{draft.id}-{turn.row}"
        return await submit(services, turn, draft, outcome)
    except (Unavailable, Conflict):
        outcome.say(services.speech("say_service_down"))
        return False
    outcome.say(
        services.speech(
            "say_submitted",
            code=created.code,
            query_code=created.query_code,
            routed=_routed(services, created),
            next_step=created.due_text,
        )
    )
    if draft.danger or created.urgent:
        outcome.say(services.speech("say_submitted_danger"))
    return True


def _routed(services: Services, created: CreatedCase) -> str:
    if created.office == _BY_HAND:
        return services.speech("say_routed_by_hand")
    return services.speech("say_routed", category=created.category, office=created.office)


def _case(turn: Turn, draft: Draft) -> NewCase:
    return NewCase(
        text=draft.statement,
        place=draft.place or "",
        channel=turn.viewer.channel,
        account=turn.viewer.account,
        citizen=turn.viewer.citizen,
        owns=turn.viewer.owns,
        occurred_at=draft.occurred_at,
        demand=draft.demand,
        name=None if draft.anonymous else draft.name,
        phone=None if draft.anonymous else draft.phone,
        anonymous=draft.anonymous,
        urgent=draft.danger is not None,
        attachments=tuple(AttachmentIn(kind="image", reference=item) for item in draft.pictures),
        links=tuple(
            Choice(code=match["code"], decision=match["decision"] or "different")
            for match in draft.matches or ()
        ),
    )
