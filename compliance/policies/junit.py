"""Findings as JUnit XML, the form in which build servers show them: a suite for each file, a case for each finding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from compliance.policies.fault import Fault, Severity

# What XML 1.0 has no place for; a policy may quote anything.
_NOT_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def junit(found: Sequence[Fault], files: Sequence[str]) -> str:
    """The document. A file without a finding is one case that passed; accepted warnings pass, with their words kept."""
    suites = [_suite(file, [one for one in found if one.file == file]) for file in _all(found, files)]
    failed = sum(_fails(one) for one in found)
    cases = sum(max(1, suite.count("<testcase ")) for suite in suites)
    head = f'<testsuites name="policy check" tests="{cases}" failures="{failed}">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *suites, "</testsuites>", ""])


def _all(found: Sequence[Fault], files: Sequence[str]) -> list[str]:
    return sorted({*files, *(one.file for one in found)})


def _fails(one: Fault) -> bool:
    return one.severity is not Severity.INFO


def _suite(file: str, found: Sequence[Fault]) -> str:
    cases = [_case(one) for one in found] or [f'    <testcase classname={_attr(file)} name="no finding"/>']
    failures = sum(_fails(one) for one in found)
    head = f'  <testsuite name={_attr(file)} tests="{len(cases)}" failures="{failures}">'
    return "\n".join([head, *cases, "  </testsuite>"])


def _case(one: Fault) -> str:
    source = one.article if one.is_law else "本系统规则，非法律要求 / house rule, not law"
    text = _text(f"{one.place}\n{source}\n{one.zh}\n{one.en}\n{one.instead}".rstrip())
    head = f"    <testcase classname={_attr(one.file)} name={_attr(f'{one.rule} {one.place}')}>"
    if not _fails(one):
        return f"{head}<system-out>{text}</system-out></testcase>"
    return (
        f"{head}<failure type={_attr(one.severity.value)} message={_attr(one.zh)}>{text}</failure></testcase>"
    )


def _text(value: str) -> str:
    return escape(_NOT_XML.sub("�", value))


def _attr(value: str) -> str:
    return quoteattr(_NOT_XML.sub("�", value))
