"""Checked models into the domain's values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from compliance.domain.emergency import class_of
from compliance.domain.policy import (
    CategoryPolicy,
    Device,
    Duty,
    EmergencyProfile,
    FieldRule,
    Observation,
    Party,
    Recording,
    Site,
    SiteDuties,
    Text,
)
from compliance.domain.schedule import Floor, Retention, Start
from compliance.domain.vocabulary import Basis, ConsentKind, StoreForm
from compliance.policies.overlays import applying
from compliance.policies.schema import CategoryHead, FieldFile, FloorFile, RetentionFile
from compliance.policies.site_schema import EmergencyFile, PartyFile, RecipientFile, SiteFile
from compliance.policies.terms import TextFile


def text(written: TextFile) -> Text:
    return Text(zh=written.zh, en=written.en)


def basis_by_subject(written: FieldFile) -> Mapping[str, Basis]:
    return {"": written.basis} if isinstance(written.basis, Basis) else dict(written.basis)


def effective_retention(name: str, written: FieldFile, category: RetentionFile) -> Retention:
    """The field's own rule over its category's. A field stored as a token never shares a part with another."""
    own = written.retention
    floor = (own.floor if own else None) or category.floor
    return Retention(
        starts=(own.starts if own else None) or category.starts,
        or_else=(own.or_else if own else None) or category.or_else,
        keep=(own.keep if own else None) or category.keep,
        then=((own.then if own else None) or category.then).value,
        floor=_floor(floor) if floor else None,
        apart=name if written.store is StoreForm.TOKEN else "",
    )


def _floor(written: FloorFile) -> Floor:
    return Floor(keep=written.keep, law_ref=written.law_ref)


def category(
    head: CategoryHead,
    fields: Mapping[str, FieldFile],
    version: int,
    emergency: Mapping[str, Mapping[str, FieldFile]] | None = None,
    profiles: Mapping[str, EmergencyFile] | None = None,
) -> CategoryPolicy:
    retentions: list[Retention] = []
    rules: dict[str, FieldRule] = {}
    for name, written in fields.items():
        retention = effective_retention(name, written, head.retention)
        if retention not in retentions:
            retentions.append(retention)
        rules[name] = _field(name, written, retention, retentions.index(retention))
    brought = _brought(emergency or {}, profiles or {}, retentions)
    return CategoryPolicy(
        category=head.category,
        emergency=brought,
        label=text(head.label),
        version=version,
        channels=tuple(head.channels),
        subject=tuple(head.subject),
        fields=rules,
        retentions=tuple(retentions),
        tallies=head.retention.tallies,
        order=tuple((earlier, later) for earlier, later in head.order),
        exempt=head.exempt,
        refusal=text(head.refusal) if head.refusal else None,
        children=head.under_14 is not None,
    )


def _brought(
    emergency: Mapping[str, Mapping[str, FieldFile]],
    profiles: Mapping[str, EmergencyFile],
    retentions: list[Retention],
) -> dict[str, tuple[FieldRule, ...]]:
    """What each emergency brings, in a class of its own that begins when the record is made and ends with it at the
    latest; appended to `retentions`, so that the category's own classes keep their numbers.
    """
    brought: dict[str, tuple[FieldRule, ...]] = {}
    made = Start(field="collected_at")
    for profile, fields in emergency.items():
        if profile not in profiles:
            continue
        retention = Retention(
            starts=made, or_else=made, keep=profiles[profile].longest, apart=class_of(profile)
        )
        number = len(retentions)
        retentions.append(retention)
        rules = (_field(name, one, retention, number) for name, one in fields.items())
        # Nothing is added to a record after its emergency: what comes later is not asked whether one is open.
        brought[profile] = tuple(replace(rule, amendable=False) for rule in rules)
    return brought


def emergencies(written: SiteFile) -> dict[str, EmergencyProfile]:
    return {
        name: EmergencyProfile(name=name, label=text(one.label), longest=one.longest)
        for name, one in written.emergencies.items()
    }


def _field(name: str, written: FieldFile, retention: Retention, retention_class: int) -> FieldRule:
    return FieldRule(
        name=name,
        label=text(written.label),
        type=written.type,
        purpose=written.purpose,
        necessity=written.necessity,
        sensitivity=written.sensitivity,
        basis=basis_by_subject(written),
        law_ref=written.law_ref,
        required=written.required,
        alternative=dict(written.alternative),
        store=written.store,
        show_as=written.show_as,
        read_by={purpose: tuple(roles) for purpose, roles in written.read_by.items()},
        retention=retention,
        retention_class=retention_class,
        values=tuple(written.values),
        longest=written.longest,
        most=written.most,
        furthest=written.furthest,
        on_identifier=written.on_identifier.certain,
        on_possible=written.on_identifier.possible,
        auto=written.auto,
        amendable=written.amendable,
        under_duty=written.under_duty,
        channels=tuple(written.channels),
        separate=written.consent is ConsentKind.SEPARATE,
        face=f"{written.face.store}/{written.face.transport}" if written.face else "",
        say={code.value: text(sentence) for code, sentence in written.say.items()},
    )


def site(written: SiteFile) -> Site:
    return Site(
        name=written.name,
        label=text(written.label),
        controller=_party(written.controller),
        officer=_party(written.officer),
        complaints=_party(written.complaints),
        timezone=ZoneInfo(written.timezone),
        jurisdictions=tuple(written.jurisdictions),
        basis_profile=written.basis_profile,
        mode=written.mode,
        observation=_observation(written),
        public_url=written.public_url,
        purposes={name: text(label) for name, label in written.purposes.items()},
        recipients=tuple(_recipient(party) for party in written.recipients),
        entrusted=tuple(_recipient(party) for party in written.entrusted),
        backup_days=written.backup_days,
        tally_floor=written.tally_floor,
        duties=_duties(written),
        automated=written.automated_denial is not None,
    )


def _observation(written: SiteFile) -> Observation | None:
    watched = written.observe
    if watched is None or watched.since is None or watched.until is None:
        return None
    return Observation(by=watched.by, since=watched.since, until=watched.until)


def _duties(written: SiteFile) -> SiteDuties:
    return SiteDuties(
        devices=tuple(Device(name=one.name, kind=one.kind, location=one.location) for one in written.devices),
        recordings=tuple(
            Recording(name=one.name, kind=one.kind, keep=one.keep) for one in written.recordings
        ),
        duties=tuple(
            Duty(name=one.id, article=one.article, say=Text(zh=one.zh, en=one.en))
            for overlay in applying(written.jurisdictions)
            for one in overlay.duties
        ),
        working_days=written.requests.working_days,
        complaint_days=written.requests.complaint_days,
    )


def _party(written: PartyFile) -> Party:
    return Party(name=written.name, contact=written.contact)


def _recipient(written: RecipientFile) -> Party:
    return Party(
        name=written.name,
        contact=written.contact,
        purpose=written.purpose,
        fields=tuple(written.fields),
        law_ref=written.law_ref,
        until=written.until,
        method=written.method,
    )
