"""Plays a script over the encrypted callback and notes what was wrong with what came back."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.replay.ageing import age
from bot.replay.script import ExpectedCase, Script, Step
from channels.wechat.sandbox import Phone, Sandbox

_BETWEEN_BURSTS = 0.15
"""Seconds between messages that are sent one right after the other."""
_LATEST = 20.0
NEVER = ("None", "null", "undefined", "Traceback", "Error", "{", "utter_", "say_", "……。")
"""Signs of a fault of ours: they may never be seen by anybody."""
_CASE_COLUMNS = ("category", "place", "phone", "name", "demand", "status")


@dataclass(slots=True)
class Line:
    """One exchange."""

    said: str
    heard: str
    faults: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Transcript:
    """All that was said in one conversation."""

    title: str
    lines: list[Line] = field(default_factory=list)
    cases: Sequence[Mapping[str, Any]] = ()
    faults: list[str] = field(default_factory=list)
    """What is wrong with the cases."""

    @property
    def all_faults(self) -> list[str]:
        """Of the lines and of the cases."""
        said = [
            f"“{line.said}” → “{line.heard}”: {fault}"
            for line in self.lines
            for fault in line.faults
        ]
        return said + self.faults

    def __str__(self) -> str:
        shown = [f"── {self.title} ──"]
        for line in self.lines:
            shown += [f"群众：{line.said}", *_indented(line.heard)]
            shown += [f"   ✗ {fault}" for fault in line.faults]
        for case in self.cases:
            shown.append(f"［登记］{case['category']}｜{case['place']}｜{case['text']}")
        return "\n".join(shown + [f"   ✗ {fault}" for fault in self.faults])


async def play(script: Script, sandbox: Sandbox, data_dir: Path) -> Transcript:
    """One conversation from its first word to the cases it leaves behind."""
    transcript = Transcript(script.title)
    for number, steps in enumerate(script.neighbours, start=1):
        neighbour = sandbox.citizen()
        for step in steps:
            line = await _one(step, neighbour, data_dir)
            line.said = f"（邻居 {number}）{line.said}"
            transcript.lines.append(line)
    phone = sandbox.citizen()
    for step in script.talk:
        line = await _one(step, phone, data_dir)
        line.faults += [f"不该有“{word}”" for word in (*script.never, *NEVER) if word in line.heard]
        transcript.lines.append(line)
    transcript.cases = await asyncio.to_thread(_cases_of, data_dir, phone.openid)
    transcript.faults = _compare(script.cases, transcript.cases)
    return transcript


async def _one(step: Step, phone: Phone, data_dir: Path) -> Line:
    if step.waits is not None:
        await asyncio.to_thread(age, data_dir, phone.openid, step.waits)
        return Line(f"（过了 {step.waits}）", "")
    said, heard = await _act(step, phone)
    line = Line(said, heard)
    line.faults += [f"该有“{word}”" for word in step.hears if word not in heard]
    if step.hears_one_of and not any(word in heard for word in step.hears_one_of):
        line.faults.append("该有其中之一：" + "、".join(step.hears_one_of))
    line.faults += [f"不该有“{word}”" for word in step.never if word in heard]
    return line


async def _act(step: Step, phone: Phone) -> tuple[str, str]:
    if step.bursts:
        return " ／ ".join(step.bursts), await _burst(step.bursts, phone)
    if step.pin is not None:
        pin = step.pin
        heard = await phone.sends_place(pin.label, pin.latitude, pin.longitude)
        return f"［位置：{pin.label}］", heard
    if step.scans is not None:
        return f"［扫码：{step.scans}］", await phone.scans(step.scans)
    if step.follows:
        return "［关注］", await phone.subscribes()
    if step.sends is not None:
        kind, _, words = (part.strip() for part in step.sends.partition(":"))
        if kind == "picture":
            return "［图片］", await phone.sends_picture()
        if kind == "video":
            return "［视频］", await phone.sends_video()
        return f"［语音］{words}", await phone.sends_voice(words)
    return step.says or "", await phone.says(step.says or "")


async def _burst(texts: Sequence[str], phone: Phone) -> str:
    before = len(phone.seen)
    sent = []
    for text in texts:
        sent.append(asyncio.create_task(phone.says(text)))
        await asyncio.sleep(_BETWEEN_BURSTS)
    await asyncio.wait(sent, timeout=_LATEST)
    return "\n".join(seen.text for seen in phone.seen[before:])


def _cases_of(data_dir: Path, openid: str) -> list[Mapping[str, Any]]:
    path = f"file:{data_dir / 'minsheng.db'}?mode=ro"
    with closing(sqlite3.connect(path, uri=True, timeout=10)) as base:
        base.row_factory = sqlite3.Row
        rows = base.execute("SELECT * FROM cases WHERE citizen = ? ORDER BY seq", (openid,))
        return [dict(row) for row in rows.fetchall()]


def _compare(expected: Sequence[ExpectedCase], found: Sequence[Mapping[str, Any]]) -> list[str]:
    if len(expected) != len(found):
        return [f"该有 {len(expected)} 件，实有 {len(found)} 件"]
    faults = []
    for number, (wanted, case) in enumerate(zip(expected, found, strict=True), start=1):
        for name in (*_CASE_COLUMNS, "anonymous", "urgent"):
            want, have = getattr(wanted, name), case[name]
            if isinstance(want, bool):
                have = bool(have)
            if want is not None and want != have:
                faults.append(f"第 {number} 件 {name}：该是“{want}”，却是“{have}”")
        told = case["text"]
        faults += [f"第 {number} 件里该有“{word}”" for word in wanted.text if word not in told]
        faults += [
            f"第 {number} 件里不该有“{word}”" for word in wanted.text_without if word in told
        ]
    return faults


def _indented(heard: str) -> list[str]:
    first, *rest = heard.splitlines() or ["（没有回话）"]
    return [f"民声：{first}", *(f"      {line}" for line in rest)]
