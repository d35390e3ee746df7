"""A folder of YAML into a checked pack, or every fault of every file at once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path as Folder
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from compliance.domain.policy import CategoryPolicy, Never, Pack
from compliance.policies import build, lint, terms
from compliance.policies.acceptance import settle
from compliance.policies.drafts import CaseDraft, CategoryDraft, PackDraft, SiteDraft
from compliance.policies.fault import Fault, PackInvalid, Severity, in_order
from compliance.policies.never import never_list
from compliance.policies.schema import CategoryHead, CollectionCase, FieldFile, RetentionCase
from compliance.policies.sentences import fault, faults_of
from compliance.policies.site_schema import SiteFile
from compliance.policies.source import Path, Source, read
from compliance.policies.words import BAD_CASES, BAD_NAME, NO_WILDCARD

M = TypeVar("M", bound=BaseModel)
NAME = re.compile(terms.NAME)
HERE = Folder(__file__).parent
SITE = "site.yaml"
_BESIDE_THE_HEAD = ("fields", "cases", "emergency")
LARGEST_FILE = 1_000_000  # bytes; the longest shipped category has under twenty thousand
MOST_FILES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPack(Pack):
    """A pack with the cases at the foot of its files, and the warnings that nobody has accepted yet."""

    cases: tuple[CaseDraft, ...] = ()
    warnings: tuple[Fault, ...] = ()


def shipped(name: str) -> Folder:
    """The folder of a pack that comes with the package."""
    return HERE / name


def load(folder: Folder, version: int = 0, day: date | None = None) -> LoadedPack:
    """Read and check a folder as of a day; raises `PackInvalid` with every fault.

    Without a day, rules that need one keep still, and no acceptance of a warning counts.
    """
    files, faults = _read_folder(folder)
    return _checked(folder.name, files, faults, version, day, judged=True)


def load_text(
    files: Mapping[str, str], version: int = 0, name: str = "", day: date | None = None
) -> LoadedPack:
    """Read a pack that was kept as text; raises `PackInvalid`. A published one (`version` > 0) is not judged again."""
    return _checked(name, files, [], version, day, judged=version == 0)


def read_files(folder: Folder) -> dict[str, str]:
    """The files of a pack by name, as `load_text` takes them; raises `PackInvalid` for what cannot be read."""
    files, faults = _read_folder(folder)
    if faults:
        raise PackInvalid(in_order(faults))
    return files


def findings(folder: Folder, day: date | None = None) -> tuple[Fault, ...]:
    """Every error and warning of a folder, in reading order, and as information what was accepted; nothing is raised."""
    files, faults = _read_folder(folder)
    draft, found = _draft(files, day)
    return in_order(settle([*faults, *found, *lint.check(draft)], draft.site))


def findings_in(files: Mapping[str, str], day: date | None = None) -> tuple[Fault, ...]:
    """The same of a pack that is kept as text, such as a draft."""
    draft, found = _draft(files, day)
    return in_order(settle([*found, *lint.check(draft)], draft.site))


def digest(files: Mapping[str, str]) -> str:
    """SHA-256 over the canonical (name, content) pairs: what a notice, a record and the ledger cite."""
    canonical = json.dumps(sorted(files.items()), ensure_ascii=True, separators=(",", ":"))
    return sha256(canonical.encode("ascii")).hexdigest()


def _checked(
    name: str,
    files: Mapping[str, str],
    faults: list[Fault],
    version: int,
    day: date | None,
    *,
    judged: bool,
) -> LoadedPack:
    draft, found = _draft(files, day)
    # What was published stays readable: a rule that a later release brings must not cut records off from the version
    # they were collected under. The rules judge a pack before it is published.
    rules = lint.check(draft) if judged else ()
    every = in_order(settle([*faults, *found, *rules], draft.site if judged else None))
    if any(one.severity is Severity.ERROR for one in every) or draft.site is None:
        raise PackInvalid(every)
    return LoadedPack(
        name=name,
        version=version,
        digest=digest(files),
        site=build.site(draft.site.file),
        categories=_categories(draft, version, draft.site.file),
        never=dict(_never()),
        emergencies=build.emergencies(draft.site.file),
        cases=tuple(case for category in draft.categories for case in category.cases),
        warnings=tuple(one for one in every if one.severity is Severity.WARNING),
    )


def _categories(draft: PackDraft, version: int, site: SiteFile) -> dict[str, CategoryPolicy]:
    """By name, in the order in which people meet them: those that the site shows first, then the rest."""
    built = (
        build.category(category.head, category.fields, version, category.emergency, site.emergencies)
        for category in draft.categories
        if category.head is not None
    )
    named = {policy.category: policy for policy in built}
    return {name: named[name] for name in sorted(named, key=lambda name: _shown(name, site.shown_first))}


def _shown(name: str, first: list[str]) -> tuple[int, str]:
    return (first.index(name) if name in first else len(first), name)


@cache
def _never() -> Mapping[str, Never]:
    return {name: entry.never for name, entry in never_list().items()}


def _read_folder(folder: Folder) -> tuple[dict[str, str], list[Fault]]:
    files: dict[str, str] = {}
    faults: list[Fault] = []
    paths = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if len(paths) > MOST_FILES:
        zh, en = f"文件过多（超过{MOST_FILES}个）", f"More than {MOST_FILES} files"
        return {}, [_file_fault(folder.name, zh, en, "拆分成多个目录 / use several packs")]
    for path in paths:
        if path.stat().st_size > LARGEST_FILE:
            zh, en = "文件超过 1 MB，未读取", "The file is over 1 MB and was not read"
            faults.append(_file_fault(path.name, zh, en, "拆分文件 / split the file"))
            continue
        try:
            files[path.name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            zh, en = "不是 UTF-8 文本文件，无法读取", "This is not a UTF-8 text file"
            faults.append(_file_fault(path.name, zh, en, "另存为 UTF-8 文本 / save as UTF-8 text"))
    return files, faults


def _file_fault(file: str, zh: str, en: str, instead: str) -> Fault:
    return Fault(
        rule="F-01",
        severity=Severity.ERROR,
        file=file,
        line=1,
        column=1,
        article="E",
        zh=zh,
        en=en,
        instead=instead,
    )


def _draft(files: Mapping[str, str], day: date | None) -> tuple[PackDraft, list[Fault]]:
    faults: list[Fault] = []
    site: SiteDraft | None = None
    categories: list[CategoryDraft] = []
    if SITE not in files:
        faults.append(
            _file_fault(SITE, "缺少 site.yaml", "There is no site.yaml", "新建 site.yaml / create it")
        )
    for name, content in sorted(files.items()):
        if len(content.encode("utf-8", "surrogatepass")) > LARGEST_FILE:
            zh, en = "文件超过 1 MB，未读取", "The file is over 1 MB and was not read"
            faults.append(_file_fault(name, zh, en, "拆分文件 / split the file"))
            continue
        source = read(name, content)
        faults += source.faults
        if not isinstance(source.value, dict):
            if not source.faults:
                zh, en = "文件为空，或不是键值结构", "The file is empty, or is not a mapping"
                faults.append(_file_fault(name, zh, en, "category: …"))
        elif name == SITE:
            written = _validate(SiteFile, source.value, source, (), faults)
            site = SiteDraft(source=source, file=written, day=day) if written else None
        else:
            categories.append(_category_draft(source, faults, day))
    draft = PackDraft(site=site, categories=tuple(categories))
    return draft, faults


def _category_draft(source: Source, faults: list[Fault], day: date | None) -> CategoryDraft:
    """Validate head, fields and cases one by one, so that a fault in one does not hide the faults of the others."""
    head_keys = {key: value for key, value in source.value.items() if key not in _BESIDE_THE_HEAD}
    head = _validate(CategoryHead, head_keys, source, (), faults, known=_BESIDE_THE_HEAD)
    written = source.value.get("fields")
    fields: dict[str, FieldFile] = {}
    if not isinstance(written, dict) or not written or "*" in written:
        faults.append(fault(source, ("fields",), NO_WILDCARD))
        written = written if isinstance(written, dict) else {}
    for name, value in written.items():
        if name != "*":
            _field_draft(name, value, source, ("fields", name), fields, faults)
    return CategoryDraft(
        source=source,
        category=str(source.value.get("category", "")),
        head=head,
        fields=fields,
        written=tuple(str(name) for name in written),
        cases=tuple(_case_drafts(source, faults)),
        emergency=_emergency_draft(source, faults),
        day=day,
    )


def _emergency_draft(source: Source, faults: list[Fault]) -> dict[str, dict[str, FieldFile]]:
    """The fields that emergencies bring, each validated by itself as the others are."""
    written = source.value.get("emergency", {})
    profiles = written if isinstance(written, dict) else {}
    read_profiles: dict[str, dict[str, FieldFile]] = {}
    for profile, fields in profiles.items():
        if isinstance(fields, dict) and fields:
            of_profile = read_profiles.setdefault(str(profile), {})
            for name, value in fields.items():
                _field_draft(str(name), value, source, ("emergency", profile, name), of_profile, faults)
        else:
            faults.append(fault(source, ("emergency", profile), NO_WILDCARD))
    if not isinstance(written, dict):
        faults.append(fault(source, ("emergency",), NO_WILDCARD))
    return read_profiles


def _field_draft(
    name: str, value: Any, source: Source, at: Path, fields: dict[str, FieldFile], faults: list[Fault]
) -> None:
    if not NAME.match(name):
        faults.append(fault(source, at, BAD_NAME))
        return
    read_field = _validate(FieldFile, value, source, at, faults)
    if read_field is not None:
        fields[name] = read_field


def _validate(
    model: type[M], value: Any, source: Source, at: Path, faults: list[Fault], known: tuple[str, ...] = ()
) -> M | None:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults += faults_of(error, source, at, model, known)
        return None


def _case_drafts(source: Source, faults: list[Fault]) -> list[CaseDraft]:
    written = source.value.get("cases")
    if written is None:
        return []
    if not isinstance(written, list):
        faults.append(fault(source, ("cases",), BAD_CASES))
        return []
    drafts: list[CaseDraft] = []
    for number, item in enumerate(written):
        if not isinstance(item, dict) or len(item) != 1 or not isinstance(next(iter(item.values())), dict):
            faults.append(fault(source, ("cases", number), BAD_CASES))
            continue
        title, body = next(iter(item.items()))
        path: Path = ("cases", number, title)
        model: type[CollectionCase | RetentionCase] = CollectionCase if "submit" in body else RetentionCase
        case = _validate(model, body, source, path, faults)
        if case is not None:
            line = source.place(path)[0]
            category = str(source.value.get("category", ""))
            drafts.append(
                CaseDraft(category=category, title=str(title), file=source.file, line=line, case=case)
            )
    return drafts
