"""Remarks as guards write them: what is found, what is left alone, and where."""

from datetime import date

import pytest

from compliance.detectors import scan

CLEAN = [
    "", "送快递到楼下", "访客一位，来看房，已通知业主", "三号楼一单元一二零一", "3-1-1201", "3号楼1单元1201室", "2026-03-01 18:00 来访",
    "2026/03/01 18:00-20:30 施工", "订单号 2026030118001234", "订单号 1234567890123456", "订单号 202613010000012345",
    "订单编号：100000199013010011", "快递单号 SF1234567890123", "运单号 YT1234567890123", "JD0123456789012", "取件码 12-3-4567",
    "价格 1500.00 元", "1380元", "共 3 人，2 大 1 小", "房费 12,000,000 元", "楼栋 1、3、5、7、9、11、13、15", "房间 1201、1202、1203、1204",
    "温度 26.5", "iPhone 15 Pro", "新款 update 已安装", "lollol OOOO", "川菜 A 套餐", "贵宾 B12", "请使用二维码", "微信支付 50 元",
    "2026-03-01 18:00, 3-1-1201", "14-2-1803 与 15-1-0201", "1302 1904 202 1203", "1302、1904、202", "15-1-1201 2026-03-01", "电梯 123456 号", "身份证已核对，当面归还", "护照已看", "10086", "400-000-0000",
]  # fmt: skip

FOUND = [
    ("身份证100000199001010011电话19400000001", [("resident_id", "certain"), ("mobile", "certain")]),
    ("房间二19400000001", [("mobile", "certain")]),
    ("幺九四零零零零零零零幺", [("mobile", "certain")]),
    ("一九四，〇〇〇〇，〇〇〇一", [("mobile", "certain")]),
    ("壹玖肆零零零零零零零壹", [("mobile", "certain")]),
    ("①⑨④⓪⓪⓪⓪⓪⓪⓪①", [("mobile", "certain")]),
    ("⑲④⓪⓪⓪⓪⓪⓪⓪①", [("mobile", "certain")]),
    ("❶❾❹⓿⓿⓿⓿⓿⓿⓿❶", [("mobile", "certain")]),
    ("⑴⑼⑷0000000⑴", [("mobile", "certain")]),
    ("1️⃣9️⃣4️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣1️⃣", [("mobile", "certain")]),
    ("194OOOO0001", [("mobile", "certain")]),
    ("l94oooo000I", [("mobile", "certain")]),
    ("𝟏𝟗𝟒𝟎𝟎𝟎𝟎𝟎𝟎𝟎𝟏", [("mobile", "certain")]),
    ("1-9-4-0-0-0-0-0-0-0-1", [("mobile", "certain")]),
    ("3-1-1201 194 0000 0001", [("mobile", "certain")]),
    ("1501 194 0000 0001", [("mobile", "certain")]),
    ("19400000001/15400000001", [("mobile", "certain"), ("mobile", "certain")]),
    ("tel19400000001", [("mobile", "certain")]),
    ("100000 19900101 002 X", [("resident_id", "certain")]),
    ("１０００００１９９００１０１００２Ｘ", [("resident_id", "certain")]),
    ("100000199001010O11", [("resident_id", "certain")]),
    ("身份证号 100000900101001", [("resident_id", "certain")]),
    ("110101199001010011", [("resident_id", "possible")]),
    ("6200000000000005", [("bank_card", "certain")]),
    ("9999990000000006", [("bank_card", "possible")]),
    ("护照号 E00000000", [("passport", "certain")]),
    ("E00000000", [("passport", "possible")]),
    ("京 A - 0 0 0 0 0", [("plate", "certain")]),
    ("加微信 test_visitor_01", [("wechat", "certain")]),
    ("微信19400000001", [("mobile", "certain")]),
    ("19400000001@example.com", [("mobile", "certain")]),
    ("QQ：9999999999", [("qq", "certain")]),
    ("卡号 9999990000000006", [("bank_card", "possible")]),
    ("车架号 LTEST00030T000001", [("vin", "possible")]),
    ("订单号 0000-2000000", [("landline", "possible")]),
    ("单号 00002000000", [("landline", "possible")]),
    ("单号 E00000000", []),
    ("单号 H00000000", []),
    ("单号 M00000000", []),
    ("单号 490154203237518", []),
    ("单号 110101199001010011", []),
    ("护照 abcdefg1，1201 室", []),
]


@pytest.mark.parametrize("text", CLEAN)
def test_a_clean_remark_has_no_certain_finding(text: str) -> None:
    assert [finding for finding in scan(text) if finding.certainty == "certain"] == []


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_a_remark_with_an_identifier_is_read_as_its_writer_meant_it(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert [(finding.kind, finding.certainty) for finding in scan(text)] == expected


def test_few_clean_remarks_have_a_possible_finding() -> None:
    assert sum(bool(scan(text)) for text in CLEAN) <= len(CLEAN) // 20


@pytest.mark.parametrize(
    "text",
    ["2194000000012", "194000000012", "00194000000011", "19400000001194000000011", "6219400000001123456"],
)
def test_eleven_digits_inside_a_longer_run_are_never_a_mobile(text: str) -> None:
    assert "mobile" not in {finding.kind for finding in scan(text)}


def test_a_span_points_to_the_original_text() -> None:
    text = "访客\u200b①⑨④\u200b0000 0001，车牌京Ａ·００００0。"
    spans = [text[finding.start : finding.end] for finding in scan(text)]
    assert spans == ["①⑨④\u200b0000 0001", "京Ａ·００００0"]


def test_a_finding_shows_no_value() -> None:
    (finding,) = scan("访客19400000001")
    assert "1940" not in repr(finding)


def test_the_day_of_writing_decides_whether_somebody_is_born_and_alive() -> None:
    child, old = "100000201506010033", "100000190001010010"
    assert [
        scan(child, today=date(2015, 5, 31))[0].certainty,
        scan(child, today=date(2015, 6, 1))[0].certainty,
    ] == ["possible", "certain"]
    assert [
        scan(old, today=date(2030, 12, 31))[0].certainty,
        scan(old, today=date(2031, 1, 1))[0].certainty,
    ] == ["certain", "possible"]


def test_nobody_is_born_in_a_year_that_is_far_off() -> None:
    """The groups of a list, with a word between, may add up to a right check character."""
    beside = "身份证100000199001010011，还有 100000 7508年 0419 9016"

    assert [beside[one.start : one.end] for one in scan(beside)] == ["100000199001010011"]
