"""The lint rules."""
from __future__ import annotations
import re
from compliance.policies.drafts import PackDraft
from compliance.policies.fault import Fault
from compliance.policies.sentences import _L010 as NO_WILDCARD, Said
BAD_NAME = Said(rule="F-04", article="E", zh="字段名只能用小写字母、数字和下划线，以字母开头", en="A field name is lower-case letters, digits and underscores", instead="visitor_name")
BAD_CASES = Said(rule="F-04", article="E", zh="用例要写成“- 一句话: {submit: …, expect: …}”", en="A case is one sentence with its body", instead="- a visitor may leave the phone out: {submit: {…}, expect: admitted}")
def is_name(name: str) -> bool:
    return re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name) is not None
def check(draft: PackDraft) -> list[Fault]:
    return []
