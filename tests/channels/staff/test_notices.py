from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from case_api.desk_schemas import Sheet
from channels.staff import notices
from channels.staff.words import cases
from channels.staff.words import notices as words

AT = datetime(2026, 3, 5, 1, 0, tzinfo=timezone.utc)


def case(status: str, *events: tuple[str, str], **fields: Any) -> Sheet:
    usual: dict[str, Any] = {
        "code": "MS-260305-7K3QF-X",
        "created_at": AT,
        "updated_at": AT,
        "channel": "wechat",
        "category": "噪音扰民",
        "office": "县城市管理局",
        "status": status,
        "status_label": cases.STATUS[status],
        "urgent": False,
        "place": "凤翔小区",
        "text": "楼下烤肉店太吵",
        "due": AT,
        "clock": "notice",
        "clock_name": "受理告知",
        "article": "第二十三条",
        "colour": "ok",
        "days_left": 15,
        "followers": 0,
        "confidence": 1.0,
        "proven": True,
        "name": "马**",
        "phone": "135****1187",
        "anonymous": False,
        "demand": None,
        "occurred_at": None,
        "attachments": [],
        "masked": False,
        "due_text": "",
        "sum": {
            "name": "受理告知",
            "text": "2026年3月5日登记 + 15日 = 2026年3月20日",
            "source": "《信访工作条例》第二十三条",
            "rule": "当日不计",
        },
        "accepted_at": None,
        "answered_at": None,
        "extended_days": 0,
        "answer": None,
        "stars": None,
        "moves": [],
        "takers": [],
        "links": [],
        "events": [
            {
                "id": number,
                "at": AT,
                "kind": kind,
                "visible": True,
                "actor": "staff:刘慧",
                "text": text,
                "statement": None,
            }
            for number, (kind, text) in enumerate(events)
        ],
        "looks": [],
    }
    return Sheet.model_validate({**usual, **fields})


@pytest.mark.parametrize("status", cases.STATUS)
def test_every_state_has_its_sheet_and_what_it_has_to_tell_is_written(status: str) -> None:
    found = notices.kinds(case(status))
    assert "sheet" in found
    for kind in found:
        paper = notices.write(kind, case(status), {})
        assert paper.title == words.TITLES[kind]
        assert "{" not in "".join(paper.paragraphs)


def test_a_refusal_is_printed_with_its_reason_and_masked_unless_asked_otherwise() -> None:
    refused = case("not_accepted", ("not_accepted", "县城市管理局不予受理：已由法院审理"), sum=None)
    paper = notices.write("refuse", refused, {})
    assert "已由法院审理" in paper.paragraphs
    assert paper.to == "马**："
    assert notices.write("refuse", refused, {"姓名": "马志强"}).to == "马志强："
    assert paper.day == "2026年3月5日"


def test_the_sum_behind_the_date_is_printed_on_the_notice() -> None:
    told = "".join(notices.write("register", case("registered"), {}).paragraphs)
    assert "2026年3月5日登记 + 15日 = 2026年3月20日（依据《信访工作条例》第二十三条）" in told


def test_an_answer_keeps_its_paragraphs_and_tells_of_the_review() -> None:
    answered = case("answered", answer="一、已核实。\n二、已整改。")
    paragraphs = notices.write("answer", answered, {}).paragraphs
    assert list(paragraphs[2:4]) == ["一、已核实。", "二、已整改。"]
    assert "复查" in paragraphs[4]


def test_the_working_sheet_leaves_room_for_the_leaders_words() -> None:
    paper = notices.write("sheet", case("registered", ("registered", "已登记")), {})
    assert ("联系电话", "135****1187") in paper.facts
    assert paper.events == [("2026-03-05 09:00", "已登记（刘慧）")]
    assert "领导批示" in paper.blanks
