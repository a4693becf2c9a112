from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from case_api.candidates import columns, index, looking, terms
from case_api.candidates.index import Candidates, Case
from case_api.candidates.stored import Numbers

START = datetime(2026, 11, 22, 1, 0, tzinfo=timezone.utc)
DIMENSIONS = 32
TELLINGS = (
    ("楼下烤肉店每晚营业到三点，吵得睡不着", "凤翔小区2号楼"),
    ("村里自来水发黄有沙子", "石桥村"),
    ("暖气不热，屋里只有14度", "和平里5号楼"),
)


def vectors(count: int, seed: int = 0) -> NDArray[np.float32]:
    """Unit vectors, several around each centre."""
    chance = np.random.default_rng(seed)
    centres = np.random.default_rng(9).standard_normal((50, DIMENSIONS))
    rows = centres[chance.integers(0, 50, count)] + chance.standard_normal((count, DIMENSIONS)) / 2
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def case(seq: int, text: str = "", place: str = "", at: datetime = START) -> Case:
    return Case(seq, code(seq), at, terms.of(text or TELLINGS[seq % 3][0], place))


def code(seq: int) -> str:
    return f"MS-261122-{seq:05}-0"


def numbers(*seqs: int, withdrawn: tuple[int, ...] = ()) -> Numbers:
    """What the database would say."""
    codes = np.array([code(seq).encode() for seq in seqs], dtype=columns.CODE)
    return Numbers(np.array(seqs, np.uint32), codes, np.array(withdrawn, np.uint32))


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., Candidates]:
    """Candidates over one folder, as a process finds it."""

    def open_(encoder: str = "one", folder: str = "similar") -> Candidates:
        found = Candidates(DIMENSIONS, tmp_path / folder, encoder)
        found.load()
        return found

    return open_


Opened = Callable[..., Candidates]


def filled(candidates: Candidates) -> NDArray[np.float32]:
    rows = vectors(3)
    candidates.add([case(n + 1, *TELLINGS[n]) for n in range(3)], rows)
    return rows


def found(candidates: Candidates, text: str, place: str = "") -> list[int]:
    return [seq for seq, _ in candidates.near(terms.of(text, place), None, 60)]


def test_what_was_just_added_is_found_in_each_of_three_ways(opened: Opened) -> None:
    candidates = opened()
    rows = filled(candidates)
    told = terms.of("", "")
    assert candidates.near(told, rows[1], 5)[0] == (2, pytest.approx(1, abs=0.001))
    assert found(candidates, "烤肉店吵得很") == [1]
    assert found(candidates, "别的事", "和平里5栋") == [3]


def test_a_place_named_in_the_words_alone_is_found_too(opened: Opened) -> None:
    candidates = opened()
    filled(candidates)
    assert found(candidates, "石桥村的路坏了") == [2]


def test_of_equals_the_newest_come_first_and_what_is_too_old_does_not(opened: Opened) -> None:
    candidates = opened()
    days = [START + timedelta(days=n) for n in range(100)]
    cases = [case(n + 1, "路灯坏了", "凤翔小区", at) for n, at in enumerate(days)]
    candidates.add(cases, vectors(100))
    told = terms.of("路灯坏了", "凤翔小区")
    assert next(iter(candidates.near(told, None, 5)))[0] == 100
    late = {seq for seq, _ in candidates.near(told, vectors(1)[0], 60, days[90])}
    assert late
    assert min(late) >= 91


def test_a_restart_finds_the_same_as_before(opened: Opened) -> None:
    before = opened()
    rows = filled(before)
    before.tidy()
    after = opened()
    told = terms.of(*TELLINGS[0])
    assert len(after) == 3
    assert after.newest == 3
    assert after.waiting == 0
    assert after.near(told, rows[0], 60) == before.near(told, rows[0], 60)


@pytest.mark.parametrize("name", [*columns.COLUMNS, "current"])
def test_a_damaged_snapshot_counts_for_nothing_and_is_written_anew(
    opened: Opened, tmp_path: Path, name: str
) -> None:
    before = opened()
    filled(before)
    before.tidy()
    (path,) = (tmp_path / "similar").rglob(name)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x55
    path.write_bytes(data)
    after = opened()
    assert len(after) == 0
    filled(after)
    after.tidy()
    assert len(opened()) == 3


def test_a_snapshot_that_was_cut_short_counts_for_nothing(opened: Opened, tmp_path: Path) -> None:
    before = opened()
    filled(before)
    before.tidy()
    (path,) = (tmp_path / "similar").rglob("vectors")
    path.write_bytes(path.read_bytes()[:-10])
    assert len(opened()) == 0
    path.unlink()
    assert len(opened()) == 0


def test_a_snapshot_of_another_encoder_counts_for_nothing(opened: Opened) -> None:
    before = opened()
    filled(before)
    before.tidy()
    assert len(opened("two")) == 0


def test_only_we_may_read_what_lies_on_disk(opened: Opened, tmp_path: Path) -> None:
    candidates = opened()
    filled(candidates)
    candidates.tidy()
    for path in (tmp_path / "similar", *(tmp_path / "similar").rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize("written", [False, True])
def test_a_removed_case_is_not_found_again_and_leaves_the_disk(
    opened: Opened, tmp_path: Path, written: bool
) -> None:
    candidates = opened()
    rows = filled(candidates)
    if written:
        candidates.tidy()
    assert candidates.remove(code(1))
    assert not candidates.remove(code(77))
    told = terms.of(*TELLINGS[0])
    assert 1 not in dict(candidates.near(told, rows[0], 60))
    candidates.tidy()
    again = opened()
    assert 1 not in dict(again.near(told, rows[0], 60))
    assert 1 in again, "it must not be taken in again"
    assert len(again) == 2
    stored = b"".join(p.read_bytes() for p in (tmp_path / "similar").rglob("*") if p.is_file())
    assert code(2).encode() in stored
    assert code(1).encode() not in stored
    assert rows[0].astype(np.float16).tobytes() not in stored


def test_two_processes_write_one_snapshot_between_them(opened: Opened) -> None:
    one, other = opened(), opened()
    filled(one)
    filled(other)
    other.add([case(4, "电梯坏了", "金桂苑")], vectors(1, 4))
    one.tidy()
    other.tidy()
    one.add([case(4, "电梯坏了", "金桂苑")], vectors(1, 4))
    one.remove(code(2))
    one.tidy()
    other.tidy()
    for candidates in (one, other, opened()):
        assert found(candidates, "电梯坏了") == [4]
        assert found(candidates, "自来水发黄") == []
    assert len(opened()) == 3


def test_what_the_database_does_not_hold_is_forgotten(opened: Opened) -> None:
    candidates = opened()
    filled(candidates)
    candidates.agree(candidates.parts, numbers(1, 3, 4, withdrawn=(3,)))
    assert [n for n in (1, 2, 3) if found(candidates, *TELLINGS[n - 1]) == [n]] == [1]
    candidates.tidy()
    assert len(opened()) == 1


@pytest.mark.parametrize("stored", [numbers(1, 2), numbers()])
def test_a_database_brought_back_from_a_backup_starts_afresh(
    opened: Opened, stored: Numbers
) -> None:
    candidates = opened()
    filled(candidates)
    candidates.tidy()
    candidates.agree(candidates.parts, stored)
    assert len(candidates) == 0
    assert 3 not in candidates
    candidates.tidy()
    assert len(opened()) == 0


def test_numbers_that_stand_for_other_cases_mean_another_database(opened: Opened) -> None:
    candidates = opened()
    filled(candidates)
    other = numbers(1, 2, 3)
    other.codes[1] = b"MS-261122-99999-9"
    candidates.agree(candidates.parts, other)
    assert len(candidates) == 0


def test_many_get_inverted_lists_and_grow_and_shrink(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "PLAIN_UP_TO", 2_000)
    monkeypatch.setattr(index, "PLAIN_UP_TO", 2_000)
    rows = vectors(6_000, 3)
    candidates = opened()
    for start in range(0, 4_000, 1_000):
        seqs = range(start, start + 1_000)
        candidates.add([case(seq + 1) for seq in seqs], rows[start : start + 1_000])
        candidates.tidy()
    assert [bool(part.lists) for part in candidates.parts] == [True, False]
    candidates.add([case(seq + 1) for seq in range(4_000, 6_000)], rows[4_000:])
    candidates.remove(code(1))
    candidates.tidy()
    again = opened()
    assert [(len(part), bool(part.lists)) for part in again.parts] == [(5_999, True)]
    right = 0
    for query in vectors(50, 5):
        best = set((np.argsort(-(rows[1:] @ query))[:20] + 2).tolist())
        right += len(best & set(looking.by_meaning(again.parts, query, 20).tolist()))
    assert right / 1_000 >= 0.98
    again.remove(code(2))
    again.tidy()
    assert len(again) == 5_999, "a large set is written again only when that is asked for"
    again.tidy(thorough=True)
    assert len(again) == 5_998
    assert 2 not in dict(again.near(terms.of("", ""), rows[1], 20))


def test_the_old_ones_leave_the_disk(opened: Opened) -> None:
    candidates = opened()
    times = [START - timedelta(days=400), START]
    candidates.add([case(n + 1, at=at) for n, at in enumerate(times)], vectors(2))
    candidates.tidy(START - timedelta(days=365))
    assert len(opened()) == 1


def test_when_the_disk_is_full_nothing_is_lost(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidates = opened()
    filled(candidates)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(columns, "_store", full)
        with pytest.raises(OSError, match="No space"):
            candidates.tidy()
    assert found(candidates, "烤肉店吵得很") == [1]
    assert candidates.waiting == 3
    candidates.tidy()
    assert len(opened()) == 3


def test_what_is_being_written_down_is_found_meanwhile(opened: Opened) -> None:
    candidates = opened()
    rows = vectors(600, 6)
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            candidates.tidy()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for seq in range(1, 601):
            candidates.add([case(seq)], rows[seq - 1 : seq])
            for known in (seq, (seq + 1) // 2):
                assert known in dict(candidates.near(terms.of("", ""), rows[known - 1], 20))
    finally:
        done.set()
        writer.join()
    candidates.tidy()
    assert len(opened()) == 600


def test_without_an_encoder_words_and_places_are_kept_all_the_same(tmp_path: Path) -> None:
    before = Candidates(0, tmp_path / "words", "none")
    before.add([case(n + 1, *TELLINGS[n]) for n in range(3)], None)
    before.tidy()
    after = Candidates(0, tmp_path / "words", "none")
    after.load()
    assert after.near(terms.of("烤肉店吵得很", ""), None, 60) == [(1, 0.0)]
