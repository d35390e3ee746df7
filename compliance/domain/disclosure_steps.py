"""What stands against a step of a disclosure, and who may begin one."""

from __future__ import annotations

from typing import Final

from compliance.domain.disclosure import HOUSE, SIGNERS, Fault
from compliance.domain.vocabulary import Role


def may_ask(role: Role, *, urgent: bool) -> bool:
    """An officer puts a request; a guard acts alone only where a life is in danger."""
    return role in SIGNERS or (urgent and role is Role.GUARD)


def _fault(code: str, article: str, zh: str, en: str) -> Fault:
    return Fault(code=code, field="", article=article, zh=zh, en=en)


NOT_YOURS: Final = _fault("not_yours", "PIPL 51(4)", "对外提供由负责人办理；危及生命的，门岗可先办。", "The officer sees to disclosures; a guard only where a life is in danger.")  # fmt: skip
NOTHING: Final = _fault(
    "nothing", HOUSE, "范围内没有可提供的记录。", "There is nothing to give in this scope."
)
NOT_IN_FORCE: Final = _fault("no_ground", "PIPL 34", "这一条现在没有效力，请核对法律依据。", "This article is not in force: check the ground.")  # fmt: skip
NOT_NOW: Final = _fault("not_now", HOUSE, "这一步现在办不了，请看登记表上的状态。", "This step cannot be taken now: see its state in the register.")  # fmt: skip
ANOTHER: Final = _fault("another", HOUSE, "须由另一位负责人签字，经办人不能自签。", "Another officer has to sign: nobody signs their own.")  # fmt: skip
ONE_OF_TWO: Final = _fault("one_of_two", HOUSE, "只有经办人和签字人可以取出。", "Only one of the two who signed may fetch it.")  # fmt: skip
ONCE: Final = _fault("once", HOUSE, "已经提供过，只提供一次；需要的请重新申请。", "It was given, and it is given once: ask anew if you must.")  # fmt: skip
NO_SUCH: Final = _fault("unknown", HOUSE, "没有这个编号。", "There is no such number.")
