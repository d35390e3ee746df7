"""What a page or a program shows as a digit is one, and what is cut out leaves nothing of it behind."""

import pytest

from compliance.detectors import scan
from compliance.detectors.encoded import PATTERN, decoded
from compliance.detectors.view import View
from compliance.guards.redaction import redacted

MOBILE, RESIDENT = "19400000001", "100000199001010011"


def each(form: str, text: str) -> str:
    return "".join(form.format(char, ord(char)) if char.isdigit() else char for char in text)


FORMS = {
    "decimal entities": "&#{1};",
    "decimal entities without their end": "&#{1} ",
    "padded entities": "&#{1:07};",
    "hexadecimal entities": "&#x{1:X};",
    "entities of entities": "&amp;#{1};",
    "full-width entities": "＆＃{1}；",
    "percent": "%{1:02x}",
    "percent of percent": "%25{1:02x}",
    "backslash u": "\\u{1:04x}",
    "backslash x": "\\x{1:02x}",
    "code points": "U+{1:04X} ",
    "tags": "<b>{0}</b>",
    "lines of a page": "{0}<br/>",
    "comments": "{0}<!-- -->",
    "hard spaces": "{0}&nbsp;",
    "no width": "{0}&zwnj;",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("number", [MOBILE, RESIDENT], ids=["mobile", "resident_id"])
def test_an_encoded_number_is_found_and_cut_out_whole(number: str, form: str) -> None:
    for written in (each(form, number), number[:3] + each(form, number[3:])):
        text = f"访客{written}已登记"
        (finding,) = [one for one in scan(text) if one.certainty == "certain"]
        kept = text[: finding.start] + text[finding.end :]
        assert not any(char.isdigit() for char in PATTERN.sub("", kept)), kept
        assert scan(kept) == ()


@pytest.mark.parametrize(
    "text",
    ["visitor%40example.com", "visitor&#64;example&#46;com", "visitor&commat;example&period;com", "京A&#48;&#48;000", "%E4%BA%ACA00001"],
)  # fmt: skip
def test_what_is_no_number_is_read_as_well(text: str) -> None:
    assert "certain" in {one.certainty for one in scan(text)}


@pytest.mark.parametrize(
    "text",
    ["打折20%，满100%退", "A&B公司，R&D部", "路径 C:\\new\\temp", "1<2，3>2", "50%31号前有效", "&#xFFFFFF; &#55296; &nosuch; %FF%FE", "U+ 1201"],
)  # fmt: skip
def test_what_only_looks_like_an_escape_is_let_in(text: str) -> None:
    assert [one for one in scan(text) if one.certainty == "certain"] == []


def test_a_text_without_an_escape_is_the_text_itself() -> None:
    view = View(text="三号楼1201")
    assert decoded(view) is view


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("&lt;b&gt;1", "1"), ("%E4%B8%80", "一"), ("\\u{0031}\\n2", "1 2"), ("1<br>2", "1\n2"), ("&#0;", "\x00"), ("%C3%28", "%C3%28"),
        ("0010X", "0010X"), ("0010✖", "0010X"), ("零二叉", "零二X"), ("叉车", "叉车"),
    ],
)  # fmt: skip
def test_an_escape_stands_for_its_character(written: str, read: str) -> None:
    assert decoded(View(text=written)).text == read


@pytest.mark.parametrize(
    "written",
    [
        "one nine four zero zero zero zero zero zero zero one", "yāo jiǔ sì líng líng líng líng líng líng líng yāo", "OneNineFourZeroZeroZeroZeroZeroZeroZeroOne",
        "1️⃣9️⃣4️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣1️⃣", "1̶9̶4̶0̶0̶0̶0̶0̶0̶0̶1̶", "⑲④⓪⓪⓪⓪⓪⓪⓪①", "1🤝9🤝4🤝0🤝0🤝0🤝0🤝0🤝0🤝0🤝1", "194加0000加0001", "1a9a4a0a0a0a0a0a0a0a1",
    ],
)  # fmt: skip
def test_nothing_of_a_number_stays_where_it_is_cut_out(written: str) -> None:
    assert redacted(f"访客{written}已登记") == "访客〔mobile〕已登记"
