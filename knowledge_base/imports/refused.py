"""Files to fill in: the template of a sheet, and the rows that an import refused."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge_base.imports.columns import Column, columns_of
from knowledge_base.imports.records import JobRow, Kind
from knowledge_base.imports.workbooks import Sheet, Value, workbook
from knowledge_base.models import EntryKind

REASON = ("失败原因", 48)
PLACE = ("所在位置", 18)
NOTES = (
    ("怎么填", "每行一条。带 * 的列必须填；别的列没有就空着，也可以把整列删掉。"),
    ("第 2 行", "是例子，导入前请删掉或改掉。"),
    ("标题", "不能重复。已经有同名的，预览时会指出来，默认跳过；勾选后才会更新成新的草稿。"),
    ("导入以后", "新增和更新的都先是草稿，提交审核、通过后才用来答复群众。"),
    ("公式", "单元格里写 =1+1 会当成文字，不会计算。"),
    ("一次多少", "最多 20000 行。出错的行不影响别的行，最后可以下载一份写明原因的表格，改好再传。"),
)


def template(kind: EntryKind) -> bytes:
    """The sheet to fill in, with an example and explanations."""
    columns = columns_of(kind)
    name = "常见问答" if kind == "faq" else "典型案例"
    return workbook(
        [
            _sheet(name, columns, [[column.example for column in columns]]),
            Sheet(
                "填写说明",
                [("列", 16), ("怎么填", 90)],
                [
                    *((title, text) for title, text in NOTES),
                    *((column.title, column.hint) for column in columns),
                ],
            ),
        ]
    )


def refused_workbook(kind: Kind, rows: Sequence[JobRow]) -> bytes:
    """What was brought and not taken, and why; FAQs in the columns of their template."""
    if kind == "laws":
        listed: list[list[Value]] = [[row.name, row.reason] for row in rows]
        return workbook([Sheet("失败的文件", [("文件", 60), REASON], listed)])
    columns = columns_of("faq" if kind == "faq" else "precedent")
    found: list[list[Value]] = []
    for row in rows:
        cells = row.content.get("cells", {})
        place = row.content.get("place") or row.name
        found.append([row.reason, place, *(cells.get(column.title, "") for column in columns)])
    made = _sheet("失败的行", columns, found)
    return workbook(
        [
            Sheet(
                made.title,
                [REASON, PLACE, *made.columns],
                made.rows,
                [(at + 2, choices) for at, choices in made.choices],
                made.required,
            )
        ]
    )


def _sheet(title: str, columns: Sequence[Column], rows: Sequence[Sequence[Value]]) -> Sheet:
    return Sheet(
        title,
        [(column.title, column.width) for column in columns],
        rows,
        [(at, column.choices) for at, column in enumerate(columns, 1) if column.choices],
        [column.title for column in columns if column.required],
    )
