"""Places in which a number could ride along although no field is for it, each found by an attack on the gate."""

from dataclasses import replace
from typing import Any

import pytest

from compliance.domain.collection import Admitted, Circumstances, Refused
from compliance.domain.formats import Unfit, read_value
from compliance.domain.policy import Pack
from compliance.domain.submission import Defaults, is_staff_id
from compliance.domain.vocabulary import FieldType
from compliance.policies.instruments import INSTRUMENTS
from compliance.services.judging import Judging
from compliance.services.lanes import Lanes
from tests.builders import MOBILE, START, a_rule, a_submission, codes, verdict, with_field

ID_NUMBER = "100000199001010011"


def fault(type: FieldType, value: object) -> str:
    with pytest.raises(Unfit) as refused:
        read_value(a_rule(type), value, START, INSTRUMENTS)
    return refused.value.code.value


@pytest.mark.parametrize("by", [f"staff-{ID_NUMBER}", f"x-{MOBILE}", "a-0571123456789", f"tel{MOBILE}-1"])
def test_a_staff_id_is_nobodys_number(by: str) -> None:
    assert is_staff_id("staff-20260315")
    assert not is_staff_id(by)


def test_who_read_the_notice_out_is_not_written_as_an_id_number() -> None:
    assert codes(verdict(notice={"mode": "oral", "by": f"x-{ID_NUMBER}"})) == {"malformed:notice"}


def test_who_checked_a_document_is_not_written_as_an_id_number() -> None:
    checked = {"type": "resident_id", "result": "pass", "time": START.isoformat()}

    assert read_value(a_rule(FieldType.VERIFICATION), {**checked, "by": "staff-7"}, START, INSTRUMENTS) == {
        **checked,
        "by": "staff-7",
    }
    assert fault(FieldType.VERIFICATION, {**checked, "by": f"x-{ID_NUMBER}"}) == "bad_format"


def test_the_reference_of_a_picture_is_no_number_of_a_person() -> None:
    picture = {"ref": "cam2-000017", "media_type": "image/jpeg"}

    assert read_value(a_rule(FieldType.ATTACHMENT), picture, START, INSTRUMENTS) == picture
    for number in (ID_NUMBER, MOBILE.replace("194", "138")):
        assert fault(FieldType.ATTACHMENT, {**picture, "ref": number}) == "identifier_in_text"


@pytest.mark.parametrize("char", ["¨", "´", "˚"])
def test_what_becomes_a_number_when_it_is_brought_into_form_is_found(char: str) -> None:
    # Kept, each of these is a blank and a mark that nobody sees; as it was sent, it stood between two short numbers.
    assert fault(FieldType.TEXT, f"138{char}00000000") == "identifier_in_text"


@pytest.mark.parametrize("name", ["〡〣〨〇〇〇〇〇〇〇〇", "➀➂➇张", "ↀ张", "𒐁𒐁𒐁𒐁"])
def test_signs_for_numbers_are_in_nobodys_name(name: str) -> None:
    assert fault(FieldType.PERSON_NAME, name) in ("bad_format", "identifier_in_text")


@pytest.mark.parametrize(("type", "value"), [(FieldType.TEXT, "王女士家"), (FieldType.PLATE, "京A00000")])
def test_a_count_lies_in_the_open_and_takes_no_words_of_anybody(type: FieldType, value: str) -> None:
    listed, written = a_rule(FieldType.CODE, name="gate", values=("北门",)), a_rule(type, name="gate")
    for rule, sent, counted in ((listed, "北门", "北门"), (written, value, "")):
        pack = with_field(rule)
        pack = replace(pack, categories={"visitor": replace(pack.categories["visitor"], tallies=True)})
        raw = a_submission(fields={"gate": sent})

        for found in (verdict(raw, pack=pack), quickly_decided(raw, pack)):
            assert isinstance(found, Admitted)
            assert found.cell is not None
            assert found.cell.gate == counted


def quickly_decided(raw: dict[str, Any], pack: Pack) -> Admitted | Refused:
    around = Circumstances(pack=pack, now=START, tools=INSTRUMENTS, notice_version=lambda *_: None)
    return Judging(Lanes(pack, INSTRUMENTS), around, Defaults()).decide(raw).verdict


def test_a_han_numeral_may_be_part_of_a_name() -> None:
    assert read_value(a_rule(FieldType.PERSON_NAME), "丁一", START, INSTRUMENTS) == "丁一"
