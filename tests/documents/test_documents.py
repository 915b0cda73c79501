"""The printed documents, read back: every fact, no other ticket's, what is missing, and how they print."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from docx.shared import Cm

from aid.clock import FixedClock
from aid.documents.content import HandedIn
from aid.documents.documents import Documents
from aid.documents.docx_file import BODY, FALLBACKS, HEAD, TITLE
from aid.documents.errors import NoDocument
from aid.documents.forms import load_forms
from tests.documents.conftest import FACTS, KINDS, KNOWLEDGE, ticket_of


def opened(content: bytes) -> Document:
    return docx.Document(io.BytesIO(content))


def words(content: bytes) -> str:
    """Everything that stands in the document, paragraph by paragraph."""
    return "\n".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for p in opened(content).element.body.iter(qn("w:p")))


def rows(content: bytes) -> dict[str, str]:
    """The rows of the tables of facts: label and value."""
    tables = opened(content).tables[:-1]
    return {row.cells[0].paragraphs[0].text: row.cells[1].text for table in tables for row in table.rows[1:]}


def materials(content: bytes) -> dict[str, str]:
    return {row.cells[1].text: row.cells[2].text for row in opened(content).tables[-1].rows[1:]}


def runs(document: Document) -> Iterator[Any]:
    yield from document.element.body.iter(qn("w:r"))
    yield from document.sections[0].footer._element.iter(qn("w:r"))


SAID = {"holder": "普通许可的被许可人", "sued": "不清楚", "leaves_on": "2026年11月25日", "help": "看看算不算侵权", "willing": "还没问，不清楚"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_fact_of_the_ticket_stands_in_full_and_none_of_another(documents: Documents, kind: str) -> None:
    said = words(documents.make(ticket_of(kind)))
    for key, value in FACTS[kind].items():
        if value and "#" not in key:
            assert SAID.get(key, value) in said, key
    for other in set(KINDS) - {kind}:
        for key in ("name", "phone"):
            assert FACTS[other][key] not in said
    assert "ABC34DEF" not in said  # the lookup code stays between the person and the center
    assert ticket_of(kind).number in said


def test_an_expo_stands_with_its_full_name(documents: Documents) -> None:
    assert rows(documents.make(ticket_of("expo_complaint")))["展会"] == "长春国际汽车博览会"


def test_a_missing_fact_leaves_room_to_write(documents: Documents) -> None:
    document = opened(documents.make(ticket_of("mediation_request", sought="-")))
    row = next(r for table in document.tables for r in table.rows if r.cells[0].text == "希望对方怎么做")
    assert row.cells[1].text == ""
    assert row.height is not None
    assert row.height > Cm(2.4)


def test_what_was_left_out_unknown_or_kept_on_his_word_is_named(documents: Documents) -> None:
    said = words(documents.make(ticket_of("aid_application")))
    assert "权利号码：ZL202330123456.8，号码未核对，以证书为准" in said
    assert "对方名称：没有填" in said
    assert "ZL202330123456.8（号码未核对，以证书为准）" in said
    said = words(documents.make(ticket_of("mediation_request")))
    assert "对方愿不愿意调解：登记时选的是“还没问，不清楚”" in said
    assert "有没有打官司：" not in said


def test_when_everything_was_said_nothing_is_named(documents: Documents) -> None:
    ticket = ticket_of("mediation_request", willing="愿意", place="朝阳区")
    assert "各项都已填写" in words(documents.make(ticket))


def test_what_was_told_for_another_kind_is_not_lost(documents: Documents) -> None:
    content = documents.make(ticket_of("mediation_request"))
    assert rows(content)["对方展位"] == "A3馆B12"
    assert "登记时另外说到的" in words(content)


def test_the_materials_follow_the_facts(documents: Documents) -> None:
    def named(**facts: str) -> str:
        return " ".join(materials(documents.make(ticket_of("aid_application", **facts))))

    assert "营业执照" in named(applicant="企业")
    assert "身份证复印件" in named(applicant="个人")
    assert "营业执照" not in named(applicant="个人")
    assert "商标注册证" in named(right_kind="商标")
    assert "专利证书" not in named(right_kind="商标")
    assert "评价报告" in " ".join(materials(documents.make(ticket_of("adjudication_request"))))
    assert "评价报告" not in " ".join(materials(documents.make(ticket_of("adjudication_request", right_kind="发明专利"))))


def test_handed_in_papers_are_told_from_those_still_missing(documents: Documents) -> None:
    papers = [HandedIn("证书.jpg", date(2026, 11, 23), "patent"), HandedIn("现场.mp4", date(2026, 11, 24))]
    found = materials(documents.make(ticket_of("aid_application"), papers))
    there = [name for name, status in found.items() if "已交" in status]
    assert there == ["专利证书，和专利仍然有效的证明", "已收到、还没有归类：现场.mp4"]
    assert "2026年11月23日 收到：证书.jpg" in found["专利证书，和专利仍然有效的证明"]
    missing = [name for name, status in found.items() if status == "还缺"]
    assert missing == ["营业执照复印件", "事实和证据：照片、合同、聊天记录、公证书等"]
    assert found["委托书和代办人的身份证明（自己来办的不用交）"] == "需要的才交"


def test_the_law_in_force_on_the_day_is_cited(documents: Documents, clock: FixedClock) -> None:
    ticket = ticket_of("expo_complaint", right_kind="商标")
    before = words(documents.make(ticket))
    assert "商标法（2019修正）第六十条" in before
    assert "第七十四条" not in before
    clock.advance(timedelta(days=60))
    after = words(documents.make(ticket))
    assert "商标法（2026修订）第七十四条" in after
    assert "2019修正" not in after


def test_a_condition_that_is_not_met_is_told(documents: Documents) -> None:
    assert "不能单独提" in words(documents.make(ticket_of("adjudication_request")))
    assert "依法不能调解" in words(documents.make(ticket_of("mediation_request", willing="不愿意")))
    assert "依法不能调解" not in words(documents.make(ticket_of("mediation_request")))


@pytest.mark.parametrize("kind", KINDS)
def test_where_to_hand_in_names_the_receiver_and_the_national_lines_and_no_other_number(documents: Documents, kind: str) -> None:
    said = words(documents.make(ticket_of(kind)))
    place = said[said.index("交到哪里") :]
    assert "12345（政务服务" in place
    assert "12315（消费投诉" in place
    assert ("维权援助分中心（对口：" in place) == (kind in ("expo_complaint", "mediation_request"))
    assert "地址：" not in place
    assert set(re.findall(r"(?<!\d)\d{5,}(?!\d)", place)) <= {"12345", "12315"}


def test_an_anonymous_or_consentless_ticket_claims_no_consent(documents: Documents) -> None:
    ticket = replace(ticket_of("aid_application"), consent_at=None, consent_version=None)
    assert "个人信息告知" in words(documents.make(ticket_of("aid_application")))
    assert "个人信息告知" not in words(documents.make(ticket))


@pytest.mark.parametrize("kind", KINDS)
def test_it_prints_on_a4_with_chinese_fonts_and_counted_pages(documents: Documents, kind: str) -> None:
    document = opened(documents.make(ticket_of(kind)))
    section = document.sections[0]
    assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (21.0, 29.7)
    assert min(section.left_margin.cm, section.right_margin.cm, section.top_margin.cm, section.bottom_margin.cm) > 2
    fonts = [run.find(qn("w:rPr")).find(qn("w:rFonts")).get(qn("w:eastAsia")) for run in runs(document)]
    assert set(fonts) == {TITLE, HEAD, BODY}
    footer = section.footer._element
    assert [t.text.strip() for t in footer.iter(qn("w:instrText"))] == ["PAGE", "NUMPAGES"]
    assert "".join(t.text for t in footer.iter(qn("w:t"))) == "第 1 页 共 1 页"


@pytest.mark.parametrize("kind", KINDS)
def test_no_row_breaks_and_a_tables_head_comes_again(documents: Documents, kind: str) -> None:
    for table in opened(documents.make(ticket_of(kind))).tables:
        assert table._tbl.tblPr.find(qn("w:tblStyle")) is not None
        for number, row in enumerate(table.rows):
            properties = row._tr.trPr
            assert properties.find(qn("w:cantSplit")) is not None
            assert (properties.find(qn("w:tblHeader")) is not None) == (number == 0)
            last = number == len(table.rows) - 1
            assert all(p.paragraph_format.keep_with_next is not last for cell in row.cells for p in cell.paragraphs)


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_a_line_to_sign_and_one_for_the_date(documents: Documents, kind: str) -> None:
    lines = [p.text for p in opened(documents.make(ticket_of(kind))).paragraphs]
    signed = next(n for n, line in enumerate(lines) if "（签名或者盖章）：＿" in line)
    assert "年＿＿月＿＿日" in lines[signed + 1]


def test_fonts_to_fall_back_on_stand_in_the_file(documents: Documents) -> None:
    with zipfile.ZipFile(io.BytesIO(documents.make(ticket_of("aid_application")))) as file:
        table = file.read("word/fontTable.xml").decode()
        assert "docProps/thumbnail.jpeg" not in file.namelist()
    for name, others in FALLBACKS.items():
        assert f'w:name="{name}"><w:altName w:val="{others}"/>' in table


def test_the_same_ticket_at_the_same_moment_gives_the_same_bytes(documents: Documents, clock: FixedClock) -> None:
    first = documents.make(ticket_of("aid_application"))
    assert documents.make(ticket_of("aid_application")) == first
    properties = opened(first).core_properties
    assert (properties.author, properties.revision) == ("小援", 1)
    assert properties.created.isoformat().startswith("2026-11-24T10:30:00")
    clock.advance(timedelta(minutes=1))
    assert documents.make(ticket_of("aid_application")) != first


def test_signs_that_xml_refuses_do_not_stop_it(documents: Documents) -> None:
    assert "一二 & <三>" in words(documents.make(ticket_of("aid_application", story="一\x0b二 & <三>\x00")))


def test_a_kind_without_a_document_is_told(documents: Documents) -> None:
    ticket = replace(ticket_of("aid_application"), kind="service_complaint")
    assert not documents.has("service_complaint")
    with pytest.raises(NoDocument, match="service_complaint"):
        documents.make(ticket)


def test_the_documents_are_the_four_and_name_their_file(documents: Documents) -> None:
    assert sorted(load_forms(KNOWLEDGE)) == KINDS
    assert documents.name(ticket_of("expo_complaint")) == "展会知识产权投诉书-CC-2026-000003.docx"
    assert "evidence" in documents.materials("expo_complaint")
