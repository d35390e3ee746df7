"""A canary in every field of every category: read by whom the policy allows, in clear nowhere, and then not even sealed.

What is looked for is shown to be there first, in the very place where it is later not.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import CollectionRefused, ReadRefused, RecordErased
from compliance.domain.policy import CategoryPolicy, FieldRule
from compliance.domain.vocabulary import FieldType, Role, StoreForm
from compliance.policies.cases import fitting
from compliance.services.reading import Actor
from tests.builders import (
    OFFICER,
    START,
    MovedClock,
    a_full_submission,
    a_pack,
    a_submission,
    an_engine,
    bytes_at_rest,
    sql,
    usual_channel,
    with_archive,
)
from tests.services.disclosure_house import given, opened, wanted

HAN = "甲乙丙丁戊己庚辛壬癸"
# Words of a closed list, counts and moments stand in every policy or are too short to be looked for by themselves.
FINDABLE = {
    *(FieldType.PERSON_NAME, FieldType.MOBILE, FieldType.PLATE, FieldType.ROOM, FieldType.TEXT),
    FieldType.VERIFICATION,
}


def canary(rule: FieldRule, number: int) -> Any:
    """A value that fits the field and is found nowhere else."""
    han = "".join(HAN[int(digit)] for digit in f"{number:03}")
    values: dict[FieldType, Any] = {
        FieldType.PERSON_NAME: f"司马鹮{han}",
        FieldType.MOBILE: f"19477{number:03}771",
        FieldType.PLATE: f"京A{number:03}Z7",
        FieldType.ROOM: f"7-7-9{number:03}"[: rule.longest],
        FieldType.TEXT: f"鹮{han}"[: rule.longest],
        FieldType.TIME: (START - timedelta(seconds=number)).isoformat(),
        FieldType.COUNT: min(number % 9, rule.most),
    }
    if rule.type is FieldType.VERIFICATION:
        fit = fitting(rule, START)
        assert isinstance(fit, dict)
        return {**fit, "by": f"canary-{number:03}x"}
    return values.get(rule.type, fitting(rule, START))


def canaries(policy: CategoryPolicy, start: int) -> dict[str, Any]:
    fields = {
        name: canary(rule, start + at)
        for at, (name, rule) in enumerate(policy.fields.items())
        if not rule.channels or usual_channel(policy.category) in rule.channels
    }
    for earlier, later in policy.order:
        fields[earlier], fields[later] = sorted([fields[earlier], fields[later]])
    return fields


def needle(value: Any) -> bytes:
    return str(value["by"] if isinstance(value, dict) else value).encode()


class Flock:
    """One record of every category, a canary in each of its fields."""

    def __init__(self, engine: Engine) -> None:
        self.fields: dict[str, dict[str, Any]] = {}
        self.records: dict[str, str] = {}
        self.needles: dict[str, bytes] = {}
        for at, (category, policy) in enumerate(sorted(a_pack().categories.items())):
            fields = canaries(policy, at * 40 + 101)
            shown = engine.notice_ids.issue(category, 1)
            raw = a_full_submission(category, shown=shown, fields=fields, key=f"canary-key-{category}")
            receipt = engine.gate.write(raw)
            self.fields[category], self.records[category] = fields, receipt.record
            self.needles[f"{category}/key"] = f"canary-key-{category}".encode()
            self.needles[f"{category}/pass code"] = receipt.pass_code.encode()
            for name, value in fields.items():
                if policy.fields[name].type in FINDABLE:
                    self.needles[f"{category}/{name}"] = needle(value)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        yield engine


@pytest.fixture
def flock(engine: Engine) -> Flock:
    return Flock(engine)


def whereabouts(home: Path, looked_for: bytes) -> list[str]:
    return [name for name, content in bytes_at_rest(home).items() if looked_for in content]


def seen(engine: Engine, category: str, record: str) -> str:
    """Everything that anybody may read of a record, as one text."""
    texts = []
    policy = a_pack().categories[category]
    for purpose in sorted({purpose for rule in policy.fields.values() for purpose in rule.read_by}):
        for role in Role:
            try:
                texts.append(str(engine.reader.read(record, purpose, Actor(id="staff-9", role=role)).fields))
            except ReadRefused:
                continue
    return "\n".join(texts)


class TestEveryFieldOfEveryCategory:
    @pytest.mark.parametrize("category", sorted(a_pack().categories))
    def test_a_canary_is_found_through_a_permitted_read(
        self, engine: Engine, flock: Flock, category: str
    ) -> None:
        text = seen(engine, category, flock.records[category])
        policy = a_pack().categories[category]

        for name, value in flock.fields[category].items():
            rule = policy.fields[name]
            if rule.type in FINDABLE and rule.store not in (StoreForm.MASKED, StoreForm.MATCH):
                assert needle(value).decode() in text, name
            elif rule.store is StoreForm.MASKED:
                assert needle(value).decode() not in text, name

    def test_a_canary_is_nowhere_in_clear(self, engine: Engine, flock: Flock, tmp_path: Path) -> None:
        for category, record in flock.records.items():
            seen(engine, category, record)
        engine.retention.forecast()
        engine.sealing.seal()

        assert len(flock.needles) > 30
        for what, looked_for in flock.needles.items():
            assert whereabouts(tmp_path, looked_for) == [], what

    def test_the_search_would_find_one(self, engine: Engine, flock: Flock, tmp_path: Path) -> None:
        looked_for = flock.needles["visitor/visitor_name"]
        sql(engine, "INSERT INTO switch VALUES ('leak', :v)", v=looked_for.decode())

        assert whereabouts(tmp_path, looked_for)

    def test_after_expiry_nothing_is_left_not_even_sealed(
        self, engine: Engine, flock: Flock, tmp_path: Path, clock: MovedClock
    ) -> None:
        envelopes = [row[0] for row in sql(engine, "SELECT envelope FROM vault")]
        digests = [row[0] for row in sql(engine, "SELECT digest FROM token")]
        keys = {name: _key_bytes(tmp_path, name) for name in engine.keyring.names("window/")}
        assert len(envelopes) > len(flock.records)
        for sealed in (*envelopes, *digests, *keys.values()):
            assert whereabouts(tmp_path, sealed)

        clock.forward(days=200)
        for _ in range(2):
            assert engine.retention.sweep().left == 0

        assert sql(engine, "SELECT count(*) FROM vault") == [(0,)]
        for sealed in (*envelopes, *digests, *keys.values(), *flock.needles.values()):
            assert whereabouts(tmp_path, sealed) == []
        for record in flock.records.values():
            with pytest.raises(RecordErased):
                engine.reader.read(record, "rights_request", OFFICER)

    def test_a_closed_home_keeps_nothing_either(self, tmp_path: Path, clock: MovedClock) -> None:
        with an_engine(tmp_path, clock) as engine:
            flock = Flock(engine)
            envelopes = [row[0] for row in sql(engine, "SELECT envelope FROM vault")]
            clock.forward(days=200)
            engine.retention.sweep()

        for looked_for in (*envelopes, *flock.needles.values()):
            assert whereabouts(tmp_path, looked_for) == []

    def test_what_was_sealed_again_goes_in_both_its_forms(
        self, engine: Engine, tmp_path: Path, clock: MovedClock
    ) -> None:
        record = engine.gate.write(a_submission()).record
        before = {row[0] for row in sql(engine, "SELECT envelope FROM vault")}
        clock.forward(days=5)
        engine.gate.amend(record, {"exit_time": clock.now().isoformat()})
        after = {row[0] for row in sql(engine, "SELECT envelope FROM vault")}
        assert len(after - before) == 2
        assert all(whereabouts(tmp_path, envelope) for envelope in after)

        clock.forward(days=200)
        engine.retention.sweep()

        assert all(whereabouts(tmp_path, envelope) == [] for envelope in before | after)


class TestRefusals:
    @pytest.mark.parametrize("field", ["id_number", "19477123771", "visitor_name", "host_room", "party_size"])
    def test_a_refused_value_is_nowhere(
        self, engine: Engine, tmp_path: Path, field: str, caplog: pytest.LogCaptureFixture
    ) -> None:

        value = "鹮19477123771鹮"
        with pytest.raises(CollectionRefused) as refused:
            engine.gate.write(a_submission(fields={field: value}))
        engine.sealing.seal()

        assert whereabouts(tmp_path, value.encode()) == []
        assert whereabouts(tmp_path, b"19477123771") == []
        said = caplog.text + str(refused.value.reasons) + str(refused.value)
        assert value not in said


def _key_bytes(home: Path, name: str) -> bytes:
    from compliance.keys.key_folder import file_name_of

    (path,) = (home / "keys").rglob(file_name_of(name, ".key"))
    return path.read_bytes()


class TestAStoreThatCannotErase:
    """Its bytes stay. What has to be nowhere is the value, before; and any way to open them, after."""

    @pytest.fixture
    def engine(self, tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
        with_archive(tmp_path, *a_pack().categories)
        with an_engine(tmp_path, clock) as engine:
            yield engine

    def test_a_canary_is_read_by_whom_the_policy_allows_and_is_nowhere_in_clear(
        self, engine: Engine, flock: Flock, tmp_path: Path
    ) -> None:
        name = flock.fields["visitor"]["visitor_name"]
        assert name in seen(engine, "visitor", flock.records["visitor"])
        engine.sealing.seal()

        assert sql(engine, "SELECT count(*) FROM vault") == [(0,)]
        for what, looked_for in flock.needles.items():
            assert whereabouts(tmp_path, looked_for) == [], what

    def test_after_expiry_the_keys_are_nowhere_and_then_the_bytes_are_not_either(
        self, engine: Engine, flock: Flock, tmp_path: Path, clock: MovedClock
    ) -> None:
        wrapped = [row[0] for row in sql(engine, "SELECT wrapped FROM part")]
        keys = {name: _key_bytes(tmp_path, name) for name in engine.keyring.names("window/")}
        for there in (*wrapped, *keys.values()):
            assert whereabouts(tmp_path, there)
        kept = {path.name: path.read_bytes() for path in (tmp_path / "archive").iterdir()}
        assert len(wrapped) > len(flock.records)

        clock.forward(days=200)
        for _ in range(2):
            assert engine.retention.sweep().left == 0

        for gone in (*wrapped, *keys.values(), *flock.needles.values()):
            assert whereabouts(tmp_path, gone) == []
        for record in flock.records.values():
            with pytest.raises(RecordErased):
                engine.reader.read(record, "rights_request", OFFICER)
        assert engine.stores["archive"].windows() == []
        # A copy of the files that somebody made is noise: no key of ours was ever in it.
        assert kept
        assert not any(secret in content for content in kept.values() for secret in wrapped)


class TestADisclosure:
    def test_what_is_given_to_an_authority_is_in_the_package_and_nowhere_in_clear(
        self, engine: Engine, tmp_path: Path, clock: MovedClock, caplog: pytest.LogCaptureFixture
    ) -> None:
        name, number = "司马鹮鹮", "19477123771"
        engine.gate.write(a_submission(fields={"visitor_name": name, "visitor_phone": number}))
        request = wanted(fields=("visitor_name", "visitor_phone", "entry_time"))

        package = given(engine, replace(request, hold_until=(clock.now() + timedelta(days=99)).date()))
        engine.roster.call(reason="3栋火警", actor=OFFICER)
        engine.lookup.find(
            FieldType.MOBILE, number, purpose="dispute", actor=OFFICER, document="示案〔2026〕7号"
        )
        engine.sealing.seal()

        document = str(opened(package))
        for value in (name, number):
            assert value in document
            assert whereabouts(tmp_path, value.encode()) == []
            assert value not in caplog.text + repr(package) + str(engine.disclosures.register())
        assert whereabouts(tmp_path, package.content) == []

    def test_the_package_is_not_kept_even_sealed(self, engine: Engine, tmp_path: Path) -> None:
        engine.gate.write(a_submission())
        keys = set(engine.keyring.names(""))

        given(engine)

        assert set(engine.keyring.names("")) == keys
