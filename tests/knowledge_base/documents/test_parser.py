"""What offices bring is read into articles and rows, each file in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from nlu.text.errors import Unprocessable

Parse = Callable[..., Any]

PAGE = """<!DOCTYPE html><html><head><title>网站 - 办法</title><script>var 第一条 = 1;</script>
</head><body><nav>首页 | 政策</nav><div class=top>当前位置</div><h1>路灯管理办法</h1>
<p>（2020年5月1日市政府第3次会议通过）</p><h2>第一章 总则</h2>
<p>第一条&nbsp;为了照亮道路，<b>制定</b>本办法。</p>
<div>第二条 路灯熄灭的，三日内修复。<br>第三条 收费标准如下：</div>
<table><tr><td>项目</td><td>金额</td></tr><tr><td>修理</td><td>0元</td></tr></table>
<footer>版权所有 第九条</footer></body></html>"""


async def test_markdown_in_a_child_gives_what_the_law_holds(law_of: Parse, laws: Path) -> None:
    told, articles = await law_of(laws / "路灯法(2019-01-01).md")
    assert (told["law"], told["version"], told["effective"], told["articles"]) == (
        "中华人民共和国路灯法",
        "2019-01-01",
        "2019-03-01",
        4,
    )
    assert told["history"] == ["2019年1月1日 第一次会议通过"]
    assert articles[1]["number"] == "第二条"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
async def test_plain_text_in_the_encodings_of_offices(
    encoding: str, law_of: Parse, tmp_path: Path
) -> None:
    path = tmp_path / "办法.txt"
    path.write_bytes("某政办〔2020〕5号\n路灯管理办法\n第一条 亮。\n第二条 省电。".encode(encoding))
    told, articles = await law_of(path)
    assert told["law"] == "路灯管理办法"
    assert [article["text"] for article in articles] == ["亮。", "省电。"]


async def test_a_web_page_without_its_menu_and_scripts(law_of: Parse, tmp_path: Path) -> None:
    path = tmp_path / "办法.html"
    path.write_text(PAGE, encoding="utf-8")
    told, articles = await law_of(path)
    assert (told["law"], told["version"]) == ("路灯管理办法", "2020-05-01")
    assert [(article["number"], article["chapter"]) for article in articles] == [
        ("第一条", "第一章 总则"),
        ("第二条", "第一章 总则"),
        ("第三条", "第一章 总则"),
    ]
    assert articles[0]["text"] == "为了照亮道路，制定本办法。"
    assert "修理 | 0元" in articles[2]["text"]


async def test_a_word_file_with_headings_and_a_table(law_of: Parse, tmp_path: Path) -> None:
    made = docx.Document()
    made.add_heading("路灯管理办法", 0)
    made.add_paragraph("2020年5月1日 市政府令第3号公布")
    made.add_heading("第一章 总则", 1)
    made.add_paragraph("第一条　为了照亮道路，制定本办法。")
    made.add_paragraph("第二条　收费标准：")
    table = made.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "修理", "0元"
    made.add_heading("附则", 1)
    made.add_paragraph("第三条　本办法自2020年6月1日起施行。")
    path = tmp_path / "路灯管理办法.docx"
    made.save(str(path))
    told, articles = await law_of(path)
    assert (told["law"], told["version"], told["effective"]) == (
        "路灯管理办法",
        "2020-05-01",
        "2020-06-01",
    )
    assert [article["chapter"] for article in articles] == ["第一章 总则", "第一章 总则", "附则"]
    assert articles[1]["text"] == "收费标准：\n修理 | 0元"


async def test_numbers_that_word_counts_by_itself_are_kept(
    law_of: Parse, make_word: Callable[..., Path]
) -> None:
    numbering = (
        '<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        '<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:start w:val="9"/>'
        '<w:numFmt w:val="chineseCounting"/><w:lvlText w:val="第%1条"/></w:lvl></w:abstractNum>'
        '<w:num w:numId="2"><w:abstractNumId w:val="7"/></w:num></w:numbering>'
    )
    number = '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="2"/></w:numPr></w:pPr>'
    body = "<w:p><w:r><w:t>路灯办法</w:t></w:r></w:p>" + "".join(
        f"<w:p>{number}<w:r><w:t>{text}</w:t></w:r><w:del><w:r><w:t>划掉</w:t></w:r></w:del></w:p>"
        for text in ("亮。", "省电。", "常修。")
    )
    _, articles = await law_of(make_word(body, numbering=numbering))
    assert [(article["number"], article["text"]) for article in articles] == [
        ("第九条", "亮。"),
        ("第十条", "省电。"),
        ("第十一条", "常修。"),
    ]


async def test_a_pdf_without_running_heads_and_page_numbers(
    law_of: Parse, make_pdf: Callable[..., Path]
) -> None:
    head = "某市人民政府公报"
    pages = [
        [head, "路灯管理办法", "第一条 为了照亮全市的大街小巷，方便群众夜间", "— 1 —"],
        [head, "出行，制定本办法。", "第二条 路灯熄灭的，养护单位应当自接到报告", "— 2 —"],
        [head, "之日起三日内修复。", "（一）先修主干道；", "（二）再修小巷。", "第 3 页 共 3 页"],
    ]
    told, articles = await law_of(make_pdf(pages))
    assert told["law"] == "路灯管理办法"
    assert [(article["number"], article["text"]) for article in articles] == [
        ("第一条", "为了照亮全市的大街小巷，方便群众夜间出行，制定本办法。"),
        (
            "第二条",
            "路灯熄灭的，养护单位应当自接到报告之日起三日内修复。\n（一）先修主干道；\n（二）再修小巷。",
        ),
    ]


async def test_a_pdf_with_indented_paragraphs_and_radicals_for_signs(
    law_of: Parse, make_pdf: Callable[..., Path]
) -> None:
    pages = [
        [
            "路灯⽤⼾办法",
            "　第⼀条 ⺠众可以报修路灯。",
            "　前款所说的路灯，是指照亮街巷、广场和公园",
            "的灯。",
            "　第⼆条 接到报修的单位应当在三日以内修好的",
            "应当告知报修⼈。",
        ]
    ]
    told, articles = await law_of(make_pdf(pages))
    assert told["law"] == "路灯用户办法"
    assert [(article["number"], article["text"]) for article in articles] == [
        ("第一条", "民众可以报修路灯。\n前款所说的路灯，是指照亮街巷、广场和公园的灯。"),
        ("第二条", "接到报修的单位应当在三日以内修好的应当告知报修人。"),
    ]


async def test_a_scanned_pdf_says_what_to_do(law_of: Parse, make_pdf: Callable[..., Path]) -> None:
    with pytest.raises(Unprocessable, match="扫描件"):
        await law_of(make_pdf([[], []]))


async def test_a_sheet_gives_texts_days_and_numbers_as_seen(rows_of: Parse, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["标题", "电话", "日期", "公式"])
    book.active.append(["修路灯", 12345, date(2026, 1, 2), "=1+1"])
    path = tmp_path / "表.xlsx"
    book.save(path)
    assert [row["cells"] for row in await rows_of(path)] == [
        ["标题", "电话", "日期", "公式"],
        ["修路灯", "12345", "2026-01-02", "=1+1"],
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
async def test_csv_in_every_dress(
    encoding: str, separator: str, rows_of: Parse, tmp_path: Path
) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes(f'标题{separator}内容\n甲{separator}"第一行\n第二行"\n'.encode(encoding))
    assert [row["cells"] for row in await rows_of(path)] == [
        ["标题", "内容"],
        ["甲", "第一行\n第二行"],
    ]


async def test_json_as_a_list_an_export_or_a_line_each(rows_of: Parse, tmp_path: Path) -> None:
    row = {"question": "甲"}
    path = tmp_path / "问答.json"
    for text in (json.dumps([row]), json.dumps({"faqs": [row]}), f"{json.dumps(row)}\n"):
        path.write_text(text, encoding="utf-8")
        assert [one["object"] for one in await rows_of(path)] == [row]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("旧.doc", "另存为 docx"),
        ("宏.docm", "宏"),
        ("包.rar", "zip"),
        ("图.png", "法规只收"),
        ("表.xlsx", "选错了地方"),
    ],
)
async def test_what_is_not_read_is_refused_kindly(
    name: str, words: str, law_of: Parse, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(b"x")
    with pytest.raises(Unprocessable, match=words):
        await law_of(path)
