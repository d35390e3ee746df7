"""What is wrong with a pack, said so that an officer can mend it: where, by which rule, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from compliance.domain.errors import PolicyInvalid


class Severity(StrEnum):
    """An error refuses the pack; a warning needs the officer's signature; information needs nothing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One finding at one place. `article` is ``E`` where the rule is an engine choice and not law.

    `line` and `column` count from one, as editors do; both are 1 where a whole file is meant.
    """

    rule: str
    severity: Severity
    file: str
    line: int
    column: int
    article: str
    zh: str
    en: str
    instead: str = ""
    where: str = ""  # the place as a path, e.g. visitor.visitor_name.retention: what an acceptance names

    @property
    def is_law(self) -> bool:
        """Whether the law asks for it, or only this system: the two are told apart wherever a rule is printed."""
        return self.article != "E"

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def as_json(self) -> dict[str, str | int]:
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "article": self.article,
            "zh": self.zh,
            "en": self.en,
            "instead": self.instead,
        }


class PackInvalid(PolicyInvalid):
    """The policy pack has faults and was not loaded."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        errors = [fault for fault in faults if fault.severity is Severity.ERROR]
        shown = "; ".join(f"{fault.place} {fault.rule} {fault.zh}" for fault in errors[:20])
        more = f"; +{len(errors) - 20}" if len(errors) > 20 else ""
        super().__init__(f"{shown}{more}")


def in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """The faults as a reader meets them, each one once."""
    return tuple(
        sorted(set(faults), key=lambda fault: (fault.file, fault.line, fault.column, fault.rule, fault.zh))
    )
