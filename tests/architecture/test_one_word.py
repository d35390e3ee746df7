"""One word per idea in what people read (docs/glossary.md): the slip that names itself is the slip that is asked for."""

from __future__ import annotations

import pytest

from tests.architecture.source import ROOT

#: never said: what is said instead
INSTEAD = {"凭证": "登记回执", "政策": "规则", "审核和": "复核和"}
WRITTEN = sorted(
    str(path.relative_to(ROOT))
    for kind in ("py", "html", "j2", "js")
    for path in (ROOT / "compliance").rglob(f"*.{kind}")
    if "static" not in path.parts
)


@pytest.mark.parametrize("word", INSTEAD)
def test_what_people_read_has_one_word_for_it(word: str) -> None:
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path in WRITTEN}

    assert any(INSTEAD[word] in text for text in texts.values())
    assert [path for path, text in texts.items() if word in text] == []
