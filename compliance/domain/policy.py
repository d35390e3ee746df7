"""A policy as a value: what one category may collect, through which channels, for whom and for how long.

Built by `compliance.policies` from YAML; everything here is already checked there. Nothing in this module knows any
category by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from compliance.domain.schedule import Period, Retention
from compliance.domain.vocabulary import (
    Basis,
    BasisProfile,
    Channel,
    FieldType,
    Mode,
    OnIdentifier,
    Role,
    Sensitivity,
    ShowAs,
    StoreForm,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A sentence for people: Chinese first, English second."""

    zh: str
    en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """One field of one category.

    `retention` is the effective rule (the field's own over the category's); `retention_class` is its index in
    `CategoryPolicy.retentions`: fields of one class are sealed together and die together.
    """

    name: str
    label: Text
    type: FieldType
    purpose: str
    necessity: str
    sensitivity: Sensitivity
    basis: Mapping[str, Basis]  # per subject; {"": basis} where the record has one subject
    law_ref: str | None = None
    required: bool = False
    alternative: Mapping[str, str] = field(default_factory=dict)  # key (a field, or a way) → sentence
    store: StoreForm = StoreForm.SEALED
    show_as: ShowAs = ShowAs.FULL
    read_by: Mapping[str, tuple[Role, ...]] = field(default_factory=dict)  # purpose → roles
    retention: Retention
    retention_class: int
    values: tuple[str, ...] = ()  # closed list of a code field, or the kinds of a verification
    longest: int = 200  # characters of a text
    most: int = 999  # largest count
    furthest: Period | None = (
        None  # how far ahead a time may lie (the end of a pass or lease); None: not ahead at all
    )
    on_identifier: OnIdentifier = OnIdentifier.REFUSE  # where a detector is certain
    on_possible: OnIdentifier = OnIdentifier.FLAG  # where it could also be something else
    auto: bool = False  # the gate fills it in from collected_at where it was not sent
    amendable: bool = False  # may come later, as a trigger fact (exit time)
    under_duty: bool = False  # needs notice but no tap where the site's basis profile is duty
    channels: tuple[Channel, ...] = ()  # narrower than the category's where given
    separate: bool = False  # asks for a consent of its own, though it is not sensitive (PIPL 23, 26)
    face: str = ""  # for a face: where its template is kept and how it travels
    say: Mapping[str, Text] = field(default_factory=dict)  # reason code → this field's own sentence

    def needs_consent(self, profile: BasisProfile) -> bool:
        if profile is BasisProfile.DUTY and self.under_duty and not self.needs_separate_consent:
            return False
        return Basis.CONSENT in self.basis.values()

    def on_found(self, certainties: Iterable[str]) -> OnIdentifier | None:
        """What is done about identifiers of these certainties in one text: the strictest; None where there are none."""
        actions = {self.on_identifier if sure == "certain" else self.on_possible for sure in certainties}
        return next((action for action in OnIdentifier if action in actions), None)

    @property
    def needs_separate_consent(self) -> bool:
        apart = self.separate or self.sensitivity is Sensitivity.SENSITIVE
        return apart and Basis.CONSENT in self.basis.values()


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryPolicy:
    """One visitor category under one pack version. `version` is the published pack version; 0 = unpublished."""

    category: str
    label: Text
    version: int = 0
    channels: tuple[Channel, ...]
    subject: tuple[str, ...] = ()
    fields: Mapping[str, FieldRule]
    retentions: tuple[Retention, ...]
    tallies: bool = False
    order: tuple[tuple[str, str], ...] = ()  # (earlier, later) pairs of time fields
    exempt: bool = False  # emergency crews: nothing is required, nothing delays them
    refusal: Text | None = None  # the category's own sentence for over-collection
    #: By profile, what an emergency brings; their classes stand behind the category's own (see `emergency`).
    emergency: Mapping[str, tuple[FieldRule, ...]] = field(default_factory=dict)
    children: bool = False  # registers children under fourteen, whose every field is sensitive (PIPL 28, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """A field nobody may collect for entry and exit (requirements 4.2), with the sentence that says so."""

    name: str
    also: tuple[str, ...] = ()
    article: str
    say: Text
    strict: bool = (
        False  # a document, a face, a body's trait: not let through even where the gate only observes
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Who approved that the gate only watches, and the first and last day of it (requirements 0.3a.10)."""

    by: str  # an opaque staff id
    since: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A controller, officer, recipient or entrusted party as notices name it."""

    name: str
    contact: str = ""
    purpose: str = ""
    fields: tuple[str, ...] = ()
    law_ref: str = ""
    until: str = ""
    method: str = ""  # how a recipient processes what it gets (PIPL 23)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What the nation or the place asks of a site, with its article."""

    name: str
    article: str
    say: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Something that captures at the site. `kind` and `location` are words of site.yaml."""

    name: str
    kind: str
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Footage or an alarm record that another system keeps, and for how long."""

    name: str
    kind: str
    keep: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteDuties:
    """What a site does around its records, as far as notices and lists say it. Nothing here decides about a record."""

    devices: tuple[Device, ...] = ()
    recordings: tuple[Recording, ...] = ()
    duties: tuple[Duty, ...] = ()  # of the jurisdictions, the widest first
    working_days: int = 3  # the house target for a request
    complaint_days: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The community or building a pack is for."""

    name: str  # the opaque site id, e.g. "main"
    label: Text
    controller: Party
    officer: Party
    complaints: Party  # the authority that takes complaints (PIPL 65)
    timezone: ZoneInfo
    jurisdictions: tuple[str, ...] = ("cn",)
    basis_profile: BasisProfile = BasisProfile.CONSENT
    mode: Mode = Mode.ENFORCE  # as written; what holds at a moment is `modes.mode_at`
    observation: Observation | None = None
    public_url: str = ""
    purposes: Mapping[str, Text] = field(default_factory=dict)
    recipients: tuple[Party, ...] = ()
    entrusted: tuple[Party, ...] = ()
    backup_days: int = 30  # the last day an old backup can be opened, for letters and certificates
    tally_floor: int = 20  # k: a cell under it is rolled up or dropped (requirements 6.2)
    duties: SiteDuties = SiteDuties()
    automated: bool = False  # a machine refuses entry by itself (PIPL 24(3), 55(2))

    def day_of(self, moment: datetime) -> date:
        """The day that a moment falls on where the site is: periods end, and acts are entered, by that day."""
        return moment.astimezone(self.timezone).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyProfile:
    """A kind of emergency that a site may open: what it is called, and for how long it is open at most."""

    name: str
    label: Text
    longest: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A folder of policies, loaded whole: the site, its categories, and what may never be collected."""

    name: str
    version: int = 0
    digest: str
    site: Site
    categories: Mapping[str, CategoryPolicy]
    never: Mapping[str, Never]  # by every name a field may go under
    emergencies: Mapping[str, EmergencyProfile] = field(default_factory=dict)
