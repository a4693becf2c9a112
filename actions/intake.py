"""Taking a petition: everything told in one breath is kept, only what is missing is asked for."""

from __future__ import annotations

import re

from rasa_sdk.events import FollowupAction

from actions import duplicates, handoff, interruptions, two_matters
from actions.answers import (
    adds_to_case,
    is_anonymous,
    is_cancel,
    is_no,
    is_question,
    is_restart,
    is_resume,
    is_skip,
    is_submit,
    is_yes,
    without_openers,
)
from actions.base import Heard, TaskAction
from actions.corrections import correction_of, find_correction
from actions.draft import (
    CONFIRM,
    CONTACT,
    DUPLICATE,
    KIND,
    MATTER,
    SPLIT,
    Draft,
)
from actions.fields import TROUBLE, correct, fill
from actions.services import Choice, Outcome, Turn
from actions.submission import submit
from actions.summary import say_summary
from nlu.text.danger import is_figure
from nlu.text.errors import Unavailable

_SURE = 0.6
_PLEADS = re.compile(r"咋弄|咋办|咋整|怎么办|怎么弄|救|快来|快点")
_SAFE = re.compile(
    r"没事|安全|灭了|走了|下来了|出来了|捞(?:起|上)来|救(?:起|上|下|出)来|来人了|到了|反映|投诉|登记|已经"
)
_A_QUESTION = 40
_A_BREATH = 14
"""Who writes more than this has calmed down enough to be asked."""
_SAME_AS_BEFORE = re.compile(
    r"(?:上[回次]|之前|前[几些]天|原来)(?:我)?(?:说|反映|登记|交|报|提)(?:过)?的?(?:那)?(?:一)?(?:件|个|事).{0,12}"
    r"(?:加|补|并|放|算)"
)
_OWN_STORY = 8
"""So many characters of content of its own make a message a petition rather than an answer."""


class Intake(TaskAction):
    """Moves the petition forward by one message; the petition itself is kept in the app."""

    label = "validate_petition_form"
    slot = "petition_step"
    takes_asides = True
    gives_way = False

    async def handle(self, turn: Turn, heard: Heard) -> Outcome:
        outcome = Outcome()
        draft = Draft.load(await self.services.desk.draft(turn, KIND), turn.received_at)
        if draft is None and adds_to_case(turn.text) and await self._has_cases(turn):
            outcome.events.append(FollowupAction("supplement_form"))
            return self.leave(outcome, turn)
        if draft is None and _only_asks(turn):
            outcome.events.append(FollowupAction("action_answer_policy"))
            return self.leave(outcome, turn)
        if draft is None:
            return await self._first(turn, Draft(id=str(turn.row)), outcome)
        if heard.entering and self._is_new_story(turn, heard, draft):
            # What was left half told is not lost: it comes after this one.
            unfinished = [one for one in (draft.matter, *draft.later) if one]
            return await self._first(turn, Draft(id=str(turn.row), later=unfinished), outcome)
        if self._is_cry(turn, draft) or self._surely_cries(turn, heard):
            return await self._danger(turn, draft, outcome)
        draft.danger = turn.danger or draft.danger
        if draft.in_danger and not self._is_calm(turn, draft):
            outcome.say(self.speech("say_crisis_stay"))
            draft.hear_cry(turn.text, turn.received_at, None)
            return self._keep(outcome, turn, draft)
        draft.in_danger = False
        if heard.aside:
            return await self._advance(turn, draft, outcome)
        if self._may_cry(turn, heard):
            await handoff.warn(self.services, turn, outcome)
        if heard.entering and draft.step == CONFIRM and is_submit(turn.text):
            return await self._confirm(turn, heard, draft, outcome)
        if heard.entering and (_only_comes_back(turn) or heard.intent == "check_progress"):
            if draft.told:
                outcome.say(self.speech("say_draft_found", matter=draft.told[:60]))
            return await self._advance(turn, draft, outcome)
        if is_cancel(turn.text):
            outcome.say(self.speech("say_cancelled"))
            return await self._next(turn, draft, outcome)
        if is_restart(turn.text):
            outcome.say(self.speech("say_restarted"))
            anew = Draft(id=str(turn.row), later=draft.later)
            return await self._first(turn, anew, outcome)
        if turn.pictures:
            draft.pictures += [item for item in turn.pictures if item not in draft.pictures]
            outcome.say(self.speech("say_picture_kept"))
            return await self._advance(turn, draft, outcome)
        if draft.step == SPLIT:
            return await self._part(turn, draft, outcome)
        if draft.step not in (DUPLICATE, CONFIRM) and self._corrects(turn, draft, outcome):
            return await self._advance(turn, draft, outcome)
        if _SAME_AS_BEFORE.search(turn.text) and await self._joins_earlier(turn, draft, outcome):
            return await self._next(turn, draft, outcome)
        if await interruptions.take(self.services, turn, heard, draft, outcome):
            return await self._advance(turn, draft, outcome, resumed=True)
        if draft.step == DUPLICATE:
            return await self._decide(turn, draft, outcome)
        if draft.step == CONFIRM:
            return await self._confirm(turn, heard, draft, outcome)
        return await self._answered(turn, draft, outcome)

    def _is_new_story(self, turn: Turn, heard: Heard, draft: Draft) -> bool:
        told = len(without_openers(turn.text)) >= _OWN_STORY
        # Another matter begins only where the last one waits for its last word; an unfinished
        # one takes up what is said next, even an hour later.
        return heard.intent == "report_issue" and told and draft.matter is not None

    def _is_cry(self, turn: Turn, draft: Draft) -> bool:
        kind = turn.danger
        return kind is not None and draft.is_cry(turn.text, turn.received_at, kind)

    def _may_cry(self, turn: Turn, heard: Heard) -> bool:
        sure = heard.confidence >= _SURE
        return heard.intent == "crisis" and sure and not heard.entering and not is_figure(turn.text)

    def _surely_cries(self, turn: Turn, heard: Heard) -> bool:
        return self._may_cry(turn, heard) and heard.confidence >= handoff.SURELY_DANGER

    def _is_calm(self, turn: Turn, draft: Draft) -> bool:
        """Whether the danger of a moment ago is over, as far as words tell."""
        if not draft.is_fresh(turn.received_at) or _SAFE.search(turn.text):
            return True
        return len(turn.text) > _A_BREATH and not _PLEADS.search(turn.text)

    async def _danger(self, turn: Turn, draft: Draft, outcome: Outcome) -> Outcome:
        """Somebody may be in danger: nothing is asked now, and the cry fills in no field."""
        if turn.danger is not None:
            outcome.say(self.speech("say_crisis_then"))
        else:
            # Rasa heard what the rules did not: the app has not spoken yet.
            await handoff.tell_of_danger(self.services, turn, outcome)
        draft.hear_cry(turn.text, turn.received_at, turn.danger)
        return self._keep(outcome, turn, draft)

    async def _first(self, turn: Turn, draft: Draft, outcome: Outcome) -> Outcome:
        draft.place = turn.place
        draft.pictures = list(turn.pictures)
        if self._is_cry(turn, draft):
            return await self._danger(turn, draft, outcome)
        draft.danger = turn.danger
        if not (is_resume(turn.text) or is_restart(turn.text)):
            draft.listen(turn.text, turn.received_at, matter=True)
        if draft.anonymous:
            outcome.say(self.speech("say_secret"))
        if turn.place and not turn.text:
            outcome.say(self.speech("say_scan_welcome", place=turn.place))
            return self._keep(outcome, turn, draft)
        if draft.pictures and not draft.told:
            outcome.say(self.speech("say_picture_first"))
            return self._keep(outcome, turn, draft)
        return await self._told(turn, draft, outcome)

    async def _told(self, turn: Turn, draft: Draft, outcome: Outcome) -> Outcome:
        """The matter has just been told: is it one?"""
        if draft.matter is not None:
            draft.matters = await two_matters.tell_apart(self.services, draft.matter, draft.place)
        return await self._advance(turn, draft, outcome)

    async def _part(self, turn: Turn, draft: Draft, outcome: Outcome) -> Outcome:
        decision = two_matters.read_decision(turn.text)
        if decision is None and SPLIT not in draft.asked_again:
            draft.asked_again.append(SPLIT)
            draft.listen(turn.text, turn.received_at, matter=False)
            two_matters.offer(self.services, draft.matters, outcome, again=True)
            return self._keep(outcome, turn, draft)
        if decision == two_matters.APART:
            first, *others = draft.matters
            draft.later = [*others, *draft.later]
            draft.matter = draft.place = draft.occurred_at = draft.occurred_on = draft.demand = None
            draft.listen(first, turn.received_at, matter=True)
        draft.matters = []
        return await self._advance(turn, draft, outcome)

    async def _answered(self, turn: Turn, draft: Draft, outcome: Outcome) -> Outcome:
        if not fill(self.speech, draft, turn, outcome):
            return self._keep(outcome, turn, draft)
        if draft.step == MATTER:
            return await self._told(turn, draft, outcome)
        return await self._advance(turn, draft, outcome)

    def _corrects(self, turn: Turn, draft: Draft, outcome: Outcome) -> bool:
        """Whether the message corrects something told before; it is corrected then."""
        if draft.step == MATTER or is_question(turn.text):
            return False
        correction = find_correction(turn.text) or correction_of(draft, turn.text)
        if correction is None:
            return False
        correct(self.speech, draft, correction, turn, outcome)
        return True

    async def _advance(
        self, turn: Turn, draft: Draft, outcome: Outcome, *, resumed: bool = False
    ) -> Outcome:
        """Ask for what is missing; with nothing missing, look for duplicates, then sum up."""
        if draft.matters:
            draft.step = SPLIT
            two_matters.offer(self.services, draft.matters, outcome)
            return self._keep(outcome, turn, draft)
        missing = draft.missing()
        if missing is not None:
            draft.step = missing
            if resumed and draft.told:
                outcome.say(self.speech("say_resume"))
            outcome.say(self.speech(f"ask_{missing}"), self._answers(missing))
            return self._keep(outcome, turn, draft)
        if draft.matches is None:
            draft.matches = await duplicates.look(self.services, turn, draft)
        match = duplicates.undecided(draft)
        if match is not None:
            draft.step = DUPLICATE
            duplicates.offer(self.services, match, outcome)
            return self._keep(outcome, turn, draft)
        draft.step = CONFIRM
        say_summary(self.speech, draft, outcome, self._answers(CONFIRM))
        return self._keep(outcome, turn, draft)

    def _answers(self, step: str) -> tuple[Choice, ...]:
        if step == CONTACT:
            return (self.choice("word_anonymous"),)
        if step == CONFIRM:
            return (self.choice("option_submit"), self.choice("option_cancel"))
        return ()

    async def _has_cases(self, turn: Turn) -> bool:
        return any(case.code for case in await self.services.cases.mine(turn.viewer))

    async def _joins_earlier(self, turn: Turn, draft: Draft, outcome: Outcome) -> bool:
        """「就是我上回说的那件」: added to it, where it is plain which one is meant."""
        mine = [case for case in await self.services.cases.mine(turn.viewer) if case.code]
        found = await duplicates.look(self.services, turn, draft)
        codes = [str(one["code"]) for one in found if one["mine"]]
        code = codes[0] if codes else str(mine[0].code) if len(mine) == 1 else None
        if code is None:
            return False
        await self.services.cases.supplement(
            code, turn.viewer, draft.statement, f"intake-{draft.id}"
        )
        outcome.say(self.speech("say_supplemented_instead", code=code))
        return True

    async def _decide(self, turn: Turn, draft: Draft, outcome: Outcome) -> Outcome:
        match = duplicates.undecided(draft)
        assert match is not None
        decision = duplicates.read_decision(turn.text, match)
        if is_question(turn.text) and not is_yes(turn.text):
            outcome.say(
                self.speech("say_what_is_following" if not match["mine"] else "say_what_is_adding")
            )
            decision = None
        if decision is None:
            duplicates.offer_again(self.services, match, outcome)
            return self._keep(outcome, turn, draft)
        match["decision"] = decision
        if decision == duplicates.ADD:
            code = str(match["code"])
            try:
                await self.services.cases.supplement(
                    code, turn.viewer, draft.statement, f"intake-{draft.id}"
                )
            except Unavailable:
                match["decision"] = None
                outcome.say(self.speech("say_service_down"))
                return self._keep(outcome, turn, draft)
            outcome.say(self.speech("say_supplemented_instead", code=code))
            return await self._next(turn, draft, outcome)
        return await self._advance(turn, draft, outcome)

    async def _confirm(self, turn: Turn, heard: Heard, draft: Draft, outcome: Outcome) -> Outcome:
        # Only the citizen's own plain yes, in this very message, files a petition.
        if is_yes(turn.text):
            if await submit(self.services, turn, draft, outcome):
                return await self._next(turn, draft, outcome)
            return self._keep(outcome, turn, draft)
        correction = find_correction(turn.text) or correction_of(draft, turn.text)
        if correction is not None:
            if correct(self.speech, draft, correction, turn, outcome):
                say_summary(self.speech, draft, outcome, self._answers(CONFIRM))
            return self._keep(outcome, turn, draft)
        if is_no(turn.text):
            outcome.say(self.speech("say_correct_what"))
        elif heard.intent == "affirm" or is_skip(turn.text) or is_anonymous(turn.text):
            if is_anonymous(turn.text):
                draft.phone, draft.name, draft.anonymous = None, None, True
                outcome.say(self.speech("say_anonymous_note"))
                say_summary(self.speech, draft, outcome, self._answers(CONFIRM))
            else:
                outcome.say(self.speech("say_confirm_again"), self._answers(CONFIRM))
        else:
            before = draft.matter
            phone, draft.phone = draft.phone, None
            draft.listen(turn.text, turn.received_at, matter=True)
            draft.phone = draft.phone or phone
            if draft.matter == before and draft.phone == phone:
                outcome.say(self.speech("say_confirm_again"), self._answers(CONFIRM))
            else:
                outcome.say(self.speech("say_appended"))
                say_summary(self.speech, draft, outcome, self._answers(CONFIRM))
        return self._keep(outcome, turn, draft)

    async def _next(self, turn: Turn, draft: Draft, outcome: Outcome) -> Outcome:
        """What was told as well comes now; with nothing left, the task is done."""
        following = draft.next()
        if following is None:
            return self._end(outcome, turn)
        following.listen(draft.later[0], turn.received_at, matter=True)
        outcome.say(self.speech("say_next_matter", matter=draft.later[0][:60]))
        return await self._advance(turn, following, outcome)

    def _keep(self, outcome: Outcome, turn: Turn, draft: Draft) -> Outcome:
        outcome.drafts[KIND] = draft.dump(turn.received_at)
        return self.stay(outcome, turn)

    def _end(self, outcome: Outcome, turn: Turn) -> Outcome:
        outcome.drafts[KIND] = None
        return self.leave(outcome, turn)


def _only_asks(turn: Turn) -> bool:
    """「图书馆周一开门吗，我电话…」 tells of no trouble, though a number is left."""
    short = len(turn.text) <= _A_QUESTION and not (turn.pictures or turn.place or turn.danger)
    own = len(without_openers(turn.text)) >= _OWN_STORY
    return short and own and is_question(turn.text) and not TROUBLE.search(turn.text)


def _only_comes_back(turn: Turn) -> bool:
    """「继续」, 「我要投诉」: takes the thread up again and answers nothing."""
    if turn.pictures or turn.place:
        return False
    return (
        is_resume(turn.text)
        or is_yes(turn.text)
        or is_no(turn.text)
        or len(without_openers(turn.text)) < 2
    )
