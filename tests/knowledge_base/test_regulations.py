from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge_base.regulations import law_key, read_regulation, split_regulation
from nlu.text.errors import TooLarge, Unprocessable


def test_articles_keep_number_chapter_and_items(laws: Path) -> None:
    law = read_regulation(laws / "路灯法(2019-01-01).md")
    assert (law.law, law.version, law.effective) == (
        "中华人民共和国路灯法",
        date(2019, 1, 1),
        date(2019, 3, 1),
    )
    assert [article.number for article in law.articles] == [
        "第一条",
        "第二条",
        "第二条之一",
        "第三条",
    ]
    second = law.articles[1]
    assert second.chapter == "第二章 维护 / 第一节 修理"
    assert second.text.endswith("（二）修复的时间。")
    assert law.repeals == ("城市灯光条例",)


def test_plain_text_with_full_width_spaces_is_split_too() -> None:
    text = (
        "垃圾分类办法\n\n第一章　总则\n\n第一条　为了分类，制定本办法。\n"
        "第二章 附则\n第二条　本办法自公布之日起施行。"
    )
    law = split_regulation(text, Path("垃圾分类办法.txt"))
    assert law.law == "垃圾分类办法"
    assert [(article.chapter, article.number) for article in law.articles] == [
        ("第一章 总则", "第一条"),
        ("第二章 附则", "第二条"),
    ]


def test_a_text_without_articles_is_split_by_paragraphs() -> None:
    text = "# 关于路灯的意见\n\n2020年5月1日 发布\n\n<!-- INFO END -->\n\n要照亮。\n\n要省电。\n"
    law = split_regulation(text, Path("意见.md"))
    assert [(article.number, article.text) for article in law.articles] == [
        ("第1段", "要照亮。"),
        ("第2段", "要省电。"),
    ]
    assert law.version == date(2020, 5, 1)


def test_a_sentence_that_begins_with_a_reference_is_no_new_article() -> None:
    text = (
        "# 法\n<!-- INFO END -->\n第一条 甲。\n第一条、第二条规定的除外。\n"
        "第一条第二款另有规定的，从其规定。\n第二条 乙。"
    )
    law = split_regulation(text, Path("法.md"))
    assert [article.number for article in law.articles] == ["第一条", "第二条"]


def test_a_law_spread_over_files_keeps_its_parts() -> None:
    text = (
        "# 中华人民共和国民法典\n\n# 合同编\n\n2021年1月1日 施行\n\n"
        "<!-- INFO END -->\n\n## 第一章 一般规定\n\n第四百六十三条 本编调整合同。"
    )
    law = split_regulation(text, Path("民法典/合同编.md"))
    assert (law.law, law.part, law.effective) == (
        "中华人民共和国民法典",
        "合同编",
        date(2021, 1, 1),
    )


def test_the_region_comes_from_the_folder_or_is_told() -> None:
    text = "# 市路灯条例\n<!-- INFO END -->\n第一条 甲。"
    assert split_regulation(text, Path("上海地方法规/市/条例.md")).region == "上海"
    assert split_regulation(text, Path("条例.md"), "广东").region == "广东"


def test_a_repeal_of_one_article_does_not_end_the_law() -> None:
    text = (
        "# 法\n<!-- INFO END -->\n第一条 《灯法》第三条同时废止。"
        "《甲条例》和1990年发布的《乙条例》（试行）同时废止。"
    )
    assert split_regulation(text, Path("法.md")).repeals == ("甲条例", "乙条例")


def test_office_files_in_gb18030_are_read(tmp_path: Path) -> None:
    path = tmp_path / "路灯办法.txt"
    path.write_bytes("路灯办法\n第一条 亮。".encode("gb18030"))
    assert read_regulation(path).articles[0].text == "亮。"


def test_what_is_no_text_or_too_large_is_refused_in_words(tmp_path: Path) -> None:
    broken, empty, huge = tmp_path / "broken.md", tmp_path / "empty.md", tmp_path / "huge.md"
    broken.write_bytes(b"\xff\xfe\xfa\x81\x00\xff")
    empty.write_text("# 只有标题\n<!-- INFO END -->\n")
    huge.write_bytes(b"a" * 5_000_001)
    with pytest.raises(Unprocessable, match=r"broken\.md"):
        read_regulation(broken)
    with pytest.raises(Unprocessable, match="没有正文"):
        read_regulation(empty)
    with pytest.raises(TooLarge):
        read_regulation(huge)


def test_a_law_has_one_key_however_it_is_named() -> None:
    assert law_key("《中华人民共和国民法典》") == law_key("民法典")
    assert law_key("某某条例(2019年修正)") == law_key("某某条例")
    assert law_key("信访条例") != law_key("信访工作条例")
