from __future__ import annotations

from channels.staff.pages.case_query import Address


def read(text: str) -> Address:
    return Address.parse(text, size=20)


def test_the_address_holds_the_whole_place_in_the_list() -> None:
    address = read("group=handled&office=县教育局&page=3&sort=-created&q=路灯")
    query = address.query()
    assert [status.value for status in query.status] == ["accepted", "in_progress", "extended"]
    assert (query.office, query.page, query.sort, query.q) == (("县教育局",), 3, "-created", "路灯")
    assert read(address.text()) == address


def test_what_nobody_could_have_chosen_is_left_out() -> None:
    address = read("status=nonsense&page=0&sort=phone&size=9999&since=gestern&x=1&urgent=1&page=2")
    query = address.query()
    assert (query.status, query.page, query.sort, query.size) == ((), 2, "due", 20)
    assert (query.since, query.urgent) == (None, True)


def test_days_are_those_of_the_office_and_the_last_one_counts_whole() -> None:
    query = read("since=2026-11-01&until=2026-11-02").query()
    assert query.since is not None
    assert query.until is not None
    assert query.since.isoformat() == "2026-11-01T00:00:00+08:00"
    assert query.until.isoformat() == "2026-11-03T00:00:00+08:00"


def test_a_second_click_on_a_heading_turns_the_order_round() -> None:
    assert "sort=-due" in read("sort=due&page=4").sorted_by("due")
    assert "page" not in read("sort=due&page=4").sorted_by("due")
    assert "sort=-created" in read("").sorted_by("created")
    assert "sort=created" in read("sort=-created").sorted_by("created")


def test_statuses_ticked_one_by_one_count_for_more_than_the_tab() -> None:
    query = read("group=handled&status=closed&status=answered").query()
    assert {status.value for status in query.status} == {"closed", "answered"}
