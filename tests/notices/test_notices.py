"""Every notice × shipped policy × language × form, and everything that may not be missing or come alive in one."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pypdf import PdfReader

from compliance.domain.errors import NoticeIncomplete, PolicyInvalid
from compliance.domain.policy import FieldRule, Pack, Party, Text
from compliance.domain.schedule import Floor, Period, Start
from compliance.notices import moments as table
from compliance.notices import renderer
from compliance.notices.blocks import clean, read_blocks
from compliance.notices.renderer import collection_slots, languages, moments, render, site_slots
from compliance.policies.loader import load, shipped

PACK = load(shipped("residential"), version=3)
FINGERPRINT = "1a2b 3c4d 5e6f 7a8b 9c0d 1e2f 3a4b 5c6d"
FORMS = ("html", "txt", "pdf")
LAYOUTS = Path(renderer.__file__).parent / "layouts"
HOSTILE = '#import "a.typ" <script>alert(1)</script> {{ 7*7 }} {% x %} $x$ *b* \\u{41} ]] & "'


def with_address(pack: Pack, url: str = "https://yunshan.example") -> Pack:
    return replace(pack, site=replace(pack.site, public_url=url))


def slots_of(pack: Pack, category: str, lang: str = "zh") -> dict[str, object]:
    return collection_slots(
        pack,
        category,
        lang=lang,
        verifier_fingerprint=FINGERPRINT,
        now_day="2026-11-23",
    )


def with_rule(pack: Pack, category: str, name: str, **changes: object) -> Pack:
    policy = pack.categories[category]
    rule: FieldRule = replace(policy.fields[name], **changes)  # type: ignore[arg-type]
    changed = replace(policy, fields={**policy.fields, name: rule})
    return replace(pack, categories={**pack.categories, category: changed})


LETTERS: dict[str, dict[str, object]] = {
    "receipt": {
        "kind": "删除",
        "received_on": "2026-11-20",
        "due_on": "2026-11-25",
        "wall_on": "2026-12-11",
        "verified_by": "登记的手机号收到的验证码",
        "frozen": "有关记录暂停使用",
    },
    "letter_deletion": {
        "done_on": "2026-11-23",
        "count": 3,
        "backup_date": "2026-12-23",
        "erased": [{"category": "访客", "count": 2}, {"category": "车辆", "count": 1}],
        "systems": "门岗平板",
        "kept": [{"what": "报警记录1条", "law_ref": "保安条例25(2)", "until": "2026-12-01"}],
        "verifier_fingerprint": FINGERPRINT,
    },
    "letter_access": {
        "done_on": "2026-11-23",
        "purposes": "维护小区进出安全",
        "records": [
            {
                "title": "访客 2026-11-01",
                "rows": [{"label": "姓名", "value": "张三"}, {"label": "联系电话", "value": "199****0001"}],
                "source": "您本人在前台登记",
                "erase_on": "2026-12-02",
            }
        ],
        "withheld": ["住户的姓名（他人信息）"],
    },
    "refusal": {
        "kind": "删除",
        "reasons": [{"text": "无法确认申请人身份", "article": "个人信息保护法第五十条"}],
    },
    "emergency_over": {
        "event": "传染病疫情",
        "authority": "示例市人民政府",
        "document": "示例政府〔2026〕1号",
        "began_on": "2026-03-02 10:00",
        "ended_on": "2026-03-12 10:00",
        "kinds_said": "体温检测结果",
        "purpose": "应对已由政府宣布的突发事件",
        "count": "12条",
        "destroyed": "已于2026-03-12全部销毁",
        "ways_short": "来电或到前台",
    },
    "otp": {"code": "204816", "minutes": 10},
    "change": {
        "category": "访客",
        "changes": ["访客：保存期限由30天缩短为7天"],
        "effective_on": "2026-12-01",
        "ways_short": "来电或到前台",
        "version": "4",
    },
    "assessment": {
        "number": "A0B1C2D3",
        "state": "已批准",
        "causes": [{"article": "PIPL 55(1)", "what": "处理敏感个人信息：车牌号"}],
        "lawfulness": "目的明确，没有车牌无法计费",
        "lawfulness_said": ["车辆·车牌号：用于停车收费"],
        "effect": "可能反映行踪，影响有限",
        "effect_said": ["车辆·车牌号：长期积累可能反映行踪"],
        "measures": "加密、短期保存、到期删除",
        "measures_said": ["车辆·车牌号：加密保存30天"],
        "owner": "officer-1",
        "opinion": "风险可控，同意启用",
        "approved": "director-1 2026-11-23",
        "review_on": "2027-11-23",
        "keep_until": "2029-11-23",
        "scope_hash": "dc69f17c" * 8,
    },
}


def letter(moment: str, lang: str, pack: Pack = PACK) -> dict[str, object]:
    slots = site_slots(pack.site, lang=lang) | {"request_no": "Q-7K3M", "issued_on": "2026-11-23"}
    return slots | LETTERS[moment]


def text_of(document: bytes) -> str:
    pages = PdfReader(io.BytesIO(document)).pages
    return "\n".join(page.extract_text() for page in pages).replace("\u200b", "")


def squeezed(text: str) -> str:
    """Without spaces and line ends: a column breaks lines, a page sets a space between Han and Latin."""
    return re.sub(r"\s+", "", text)


class TestEveryNotice:
    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize("lang", ["zh", "en"])
    @pytest.mark.parametrize("moment", ["collection", "gate"])
    @pytest.mark.parametrize("category", sorted(PACK.categories))
    def test_a_notice_renders_for_every_shipped_policy(
        self, category: str, moment: str, lang: str, form: str
    ) -> None:
        slots = slots_of(PACK, category, lang)
        page = render(moment, lang=lang, slots=slots, form=form)  # type: ignore[arg-type]
        shown = text_of(page) if form == "pdf" else page.decode()
        assert squeezed(str(slots["controller_contact"])) in squeezed(shown)
        assert str(slots["short_digest"]) in squeezed(shown)

    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize("lang", ["zh", "en"])
    @pytest.mark.parametrize("moment", sorted(LETTERS))
    def test_a_letter_renders(self, moment: str, lang: str, form: str) -> None:
        page = render(moment, lang=lang, slots=letter(moment, lang), form=form)  # type: ignore[arg-type]
        shown = squeezed(text_of(page) if form == "pdf" else page.decode())
        marks = {
            "otp": "204816",
            "assessment": "dc69f17c" * 8,
            "change": "2026-12-01",
            "emergency_over": "2026-03-12",
        }
        assert marks.get(moment, "Q-7K3M") in shown

    @pytest.mark.parametrize("category", sorted(PACK.categories))
    def test_the_text_read_out_stammers_nowhere(self, category: str) -> None:
        said = render("gate", lang="zh", slots=slots_of(PACK, category), form="txt").decode()

        assert re.search(r"】为.+方式记录", squeezed(said))
        assert not re.search(r"为为|、、|；；|。。", said)

    def test_an_emergency_s_notice_claims_nothing_that_the_engine_cannot_know(self) -> None:
        """Who was told at the gate and who was not, nobody counted."""
        for lang, claim in (("zh", "未能逐一告知"), ("en", "no time to tell")):
            slots = letter("emergency_over", lang)
            assert claim not in render("emergency_over", lang=lang, slots=slots, form="txt").decode()

    def test_a_page_for_print_asks_the_server_for_no_icon(self) -> None:
        without = {
            layout.name
            for layout in LAYOUTS.glob("*.html")
            if '<link rel="icon" href="data:,">' not in layout.read_text(encoding="utf-8")
        }
        on_the_page = {"notice.html", "report.html", "difference.html"}

        assert without == on_the_page
        assert all((LAYOUTS / name).read_text().startswith('{% extends "page.html" %}') for name in without)

    def test_every_template_has_a_row_and_every_row_a_template_in_two_languages(self) -> None:
        assert set(moments()) == set(table.MANDATORY) == set(table.OPTIONAL)
        assert {moment: languages(moment) for moment in moments()} == dict.fromkeys(moments(), ("zh", "en"))

    @pytest.mark.parametrize("form", FORMS)
    def test_the_same_slots_give_the_same_bytes(self, form: str) -> None:
        slots = slots_of(with_address(PACK), "visitor")
        first = render("collection", lang="zh", slots=slots, form=form)  # type: ignore[arg-type]
        assert first == render("collection", lang="zh", slots=slots, form=form)  # type: ignore[arg-type]

    def test_a_pdf_embeds_its_fonts_and_calls_itself_an_archive(self) -> None:
        page = render("collection", lang="zh", slots=slots_of(PACK, "visitor"), form="pdf")
        assert b"pdfaid" in page
        fonts = PdfReader(io.BytesIO(page)).pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]
        assert {"NotoSansSC" in str(font.get_object()["/BaseFont"]) for font in fonts} == {True}

    def test_the_message_with_a_code_is_one_line(self) -> None:
        page = render("otp", lang="zh", slots=letter("otp", "zh"), form="txt").decode()
        assert page.count("\n") == 1


class TestArticle17:
    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize("category", sorted(PACK.categories))
    def test_every_field_is_told_with_its_purpose_basis_period_and_fate(
        self, category: str, form: str
    ) -> None:
        page = render("collection", lang="zh", slots=slots_of(PACK, category), form=form)  # type: ignore[arg-type]
        shown = squeezed(text_of(page) if form == "pdf" else page.decode())
        for rule in PACK.categories[category].fields.values():
            assert squeezed(rule.label.zh) in shown
            assert squeezed(rule.necessity) in shown
            assert squeezed(rule.retention.keep.zh) in shown

    def test_the_controller_the_officer_the_rights_and_the_complaints_are_told(self) -> None:
        page = render("collection", lang="zh", slots=slots_of(PACK, "visitor"), form="txt").decode()
        site = PACK.site
        for party in (site.controller, site.officer, site.complaints):
            assert party.name in page
            assert party.contact in page
        for word in ("查阅", "复制", "转移", "更正", "补充", "删除", "限制", "撤回同意", "投诉", "到期后"):
            assert word in page

    def test_a_required_field_on_consent_names_what_those_do_who_refuse(self) -> None:
        page = render("collection", lang="zh", slots=slots_of(PACK, "visitor"), form="txt").decode()
        assert "必填；不便提供的：由住户确认后放行，不登记姓名" in page

    def test_an_article_without_the_name_of_its_law_is_explained(self) -> None:
        for category in PACK.categories:
            page = render("collection", lang="zh", slots=slots_of(PACK, category), form="txt").decode()
            assert "未写明法律名称的，是《中华人民共和国个人信息保护法》" in page

    def test_kinds_are_a_table(self) -> None:
        page = render("collection", lang="zh", slots=slots_of(PACK, "visitor"), form="html").decode()
        rows = page.split("<tbody>")[1].split("</tbody>")[0].count("<tr>")
        assert rows == len(PACK.categories["visitor"].fields)

    def test_a_recipient_is_listed_with_its_purpose_and_fields(self) -> None:
        party = Party(
            name="示例停车有限公司", contact="0000-2000009", purpose="停车收费", fields=("visitor_phone",)
        )
        pack = replace(PACK, site=replace(PACK.site, recipients=(party,)))
        page = render("collection", lang="zh", slots=slots_of(pack, "visitor"), form="txt").decode()
        assert (
            "名称：示例停车有限公司\n联系方式：0000-2000009\n关系：接收方\n目的：停车收费\n信息：联系电话"
            in page
        )
        assert (
            "示例停车有限公司"
            not in render("collection", lang="zh", slots=slots_of(PACK, "visitor"), form="txt").decode()
        )

    def test_a_sensitive_field_tells_its_effect_on_the_person(self) -> None:
        page = render("collection", lang="zh", slots=slots_of(PACK, "vehicle"), form="txt").decode()
        assert "对您权益的影响" in page
        plain = render("collection", lang="zh", slots=slots_of(PACK, "visitor"), form="txt").decode()
        assert "对您权益的影响" not in plain

    def test_what_no_law_orders_stands_apart(self) -> None:
        page = render("collection", lang="zh", slots=slots_of(PACK, "visitor"), form="html").decode()
        lawful, ours = page.split('<h2 class="house">')
        assert "十五个工作日" in ours
        assert "十五个工作日" not in lawful

    def test_changed_retention_changes_the_notice_and_its_period(self) -> None:
        rule = PACK.categories["visitor"].fields["visitor_phone"]
        shorter = replace(rule.retention, keep=Period.parse("7d"))
        pack = with_rule(PACK, "visitor", "visitor_phone", retention=shorter)
        before = render("collection", lang="zh", slots=slots_of(PACK, "visitor"), form="txt").decode()
        after = render("collection", lang="zh", slots=slots_of(pack, "visitor"), form="txt").decode()
        assert "联系电话：自离开时间起7天" in after
        assert "联系电话：自离开时间起7天" not in before

    def test_a_statute_s_minimum_is_told_beside_the_period_and_not_in_it(self) -> None:
        rule = PACK.categories["visitor"].fields["visitor_phone"]
        floor = Floor(keep=Period.parse("60d"), law_ref="保安条例 25(2)")
        bound = replace(rule.retention, floor=floor)
        pack = with_rule(PACK, "visitor", "visitor_phone", retention=bound)
        policy = replace(pack.categories["visitor"], retentions=(rule.retention, bound))
        pack = replace(pack, categories={"visitor": policy})
        for lang, told in (
            ("zh", "依保安条例 25(2)，自离开时间起至少保存60天"),
            ("en", "stored for 60 days from Time of exit"),
        ):
            page = render("collection", lang=lang, slots=slots_of(pack, "visitor", lang), form="txt").decode()
            assert told in page

    def test_a_period_from_the_registration_says_so(self) -> None:
        rule = PACK.categories["visitor"].fields["visitor_phone"]
        start = Start.parse("collected_at")
        plain = replace(rule.retention, starts=start, or_else=start)
        page = render(
            "collection",
            lang="zh",
            slots=slots_of(with_rule(PACK, "visitor", "visitor_phone", retention=plain), "visitor"),
            form="txt",
        ).decode()
        assert "联系电话：自登记时间起30天\n" in page


class TestTheBlocks:
    def test_a_line_break_is_a_space_between_words_and_nothing_between_han(self) -> None:
        assert clean("two\n  words 汉\n字 \n") == "two words 汉字"

    def test_a_tag_that_no_form_can_write_is_refused(self) -> None:
        with pytest.raises(NoticeIncomplete, match="iframe"):
            read_blocks("<p>x</p><iframe></iframe>")

    def test_a_template_that_prints_what_nobody_declared_is_refused(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "otp.zh.j2").write_text(
            "<p>{{ controller }}{{ controller_contact }}{{ code }}{{ minutes }}{{ extra }}</p>"
        )
        (tmp_path / "otp.en.j2").write_text("<p>{{ controller }}</p>")
        monkeypatch.setattr(renderer, "HERE", tmp_path)
        monkeypatch.setattr(
            renderer,
            "_templates",
            Environment(loader=FileSystemLoader(tmp_path), undefined=StrictUndefined, autoescape=True),
        )
        renderer._template.cache_clear()
        with pytest.raises(NoticeIncomplete, match="extra"):
            render("otp", lang="zh", slots=letter("otp", "zh"), form="txt")
        with pytest.raises(NoticeIncomplete, match="does not print code, controller_contact, minutes"):
            render("otp", lang="en", slots=letter("otp", "en"), form="txt")
        renderer._template.cache_clear()


class TestWhatIsMissing:
    @pytest.mark.parametrize("moment", sorted(table.MANDATORY))
    def test_an_empty_mandatory_slot_stops_the_notice(self, moment: str) -> None:
        full = slots_of(PACK, "visitor") if moment in ("collection", "gate") else letter(moment, "zh")
        for slot in table.MANDATORY[moment]:
            for empty in (None, "", "  ", [], [""]):
                with pytest.raises(NoticeIncomplete, match=slot.name):
                    render(moment, lang="zh", slots=full | {slot.name: empty}, form="txt")
            lacking = {name: value for name, value in full.items() if name != slot.name}
            with pytest.raises(PolicyInvalid, match=slot.name):
                render(moment, lang="zh", slots=lacking, form="txt")

    def test_a_slot_that_no_notice_knows_is_refused(self) -> None:
        with pytest.raises(NoticeIncomplete, match="shoe_size"):
            render("gate", lang="zh", slots=slots_of(PACK, "visitor") | {"shoe_size": "43"}, form="txt")

    def test_an_unknown_moment_or_language_is_refused(self) -> None:
        with pytest.raises(NoticeIncomplete):
            render("birthday", lang="zh", slots={}, form="txt")
        with pytest.raises(NoticeIncomplete):
            render("gate", lang="fr", slots=slots_of(PACK, "visitor"), form="txt")

    def test_an_error_names_the_slot_and_never_a_value(self) -> None:
        slots = slots_of(PACK, "visitor") | {"officer_contact": "", "controller": "CANARY-NAME"}
        with pytest.raises(NoticeIncomplete) as caught:
            render("collection", lang="zh", slots=slots, form="txt")
        assert "officer_contact (PIPL 52(2))" in str(caught.value)
        assert "CANARY" not in str(caught.value)

    @pytest.mark.parametrize("gap", ["label", "why", "period", "basis", "fate"])
    def test_a_field_that_is_told_in_part_is_not_told(self, gap: str) -> None:
        slots = slots_of(PACK, "visitor")
        kinds = slots["kinds"]
        assert isinstance(kinds, list)
        with pytest.raises(NoticeIncomplete, match="kinds"):
            render(
                "collection", lang="zh", slots=slots | {"kinds": [*kinds, kinds[0] | {gap: ""}]}, form="txt"
            )

    def test_a_record_may_leave_a_row_blank(self) -> None:
        record = {"title": "访客", "rows": [{"label": "姓名", "value": ""}], "source": "", "erase_on": ""}
        slots = letter("letter_access", "zh") | {"records": [record]}
        assert "姓名：" in render("letter_access", lang="zh", slots=slots, form="txt").decode()

    def test_a_deletion_that_the_law_stops_does_not_say_that_it_deleted(self) -> None:
        kept = [{"what": "访客登记1条", "law_ref": "保安条例25(2)", "until": ""}]
        slots = letter("letter_deletion", "zh") | {"count": 0, "erased": [], "kept": kept}
        page = render("letter_deletion", lang="zh", slots=slots, form="txt").decode()
        assert "尚未删除" in page
        assert "已删除" not in page
        assert "访客登记1条，依保安条例25(2)须保存至法定期限届满，其间只存储和保护，不作他用。" in page

    def test_an_answer_that_found_nothing_needs_no_records(self) -> None:
        slots = letter("letter_access", "zh") | {"records": [], "none_found": True}
        assert "没有您的登记记录" in render("letter_access", lang="zh", slots=slots, form="txt").decode()


class TestHostileWords:
    @pytest.mark.parametrize("moment", ["collection", "gate"])
    def test_a_hostile_label_stays_text_in_html(self, moment: str) -> None:
        pack = with_rule(PACK, "visitor", "visitor_name", label=Text(zh=HOSTILE))
        page = render(moment, lang="zh", slots=slots_of(pack, "visitor"), form="html").decode()
        assert "<script" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}" in page

    def test_a_hostile_label_stays_text_in_pdf_and_text(self) -> None:
        pack = with_rule(PACK, "visitor", "visitor_name", label=Text(zh=HOSTILE))
        slots = slots_of(pack, "visitor")
        assert HOSTILE in render("collection", lang="zh", slots=slots, form="txt").decode()
        assert squeezed(HOSTILE) in squeezed(
            text_of(render("collection", lang="zh", slots=slots, form="pdf"))
        )

    def test_marks_that_turn_text_and_control_characters_are_dropped(self) -> None:
        pack = with_rule(PACK, "visitor", "visitor_name", label=Text(zh="姓\u202e\x00名\ud800"))
        for form in FORMS:
            page = render("collection", lang="zh", slots=slots_of(pack, "visitor"), form=form)  # type: ignore[arg-type]
            assert "姓名*" in squeezed(text_of(page) if form == "pdf" else page.decode())

    def test_a_link_that_is_no_web_address_is_refused(self) -> None:
        with pytest.raises(NoticeIncomplete, match="link"):
            render(
                "gate",
                lang="zh",
                slots=slots_of(PACK, "visitor") | {"link": "javascript:alert(1)"},
                form="html",
            )


class TestTheCode:
    def test_a_qr_code_is_printed_only_with_a_public_address(self) -> None:
        without = render("gate", lang="zh", slots=slots_of(PACK, "visitor"), form="html").decode()
        with_one = render(
            "gate", lang="zh", slots=slots_of(with_address(PACK), "visitor"), form="html"
        ).decode()
        assert "<svg" not in without
        assert "二维码" not in without
        assert "<svg" in with_one
        assert "https://yunshan.example/me?category=visitor" in with_one

    def test_a_page_asks_no_other_host_for_anything(self) -> None:
        page = render(
            "collection", lang="zh", slots=slots_of(with_address(PACK), "visitor"), form="html"
        ).decode()
        addresses = set(re.findall(r"https?://[^\s\"'<&]+", page))
        assert addresses == {"https://yunshan.example/me?category=visitor", "http://www.w3.org/2000/svg"}
        assert not re.search(r"\b(src|@import|url\()", page)
