"""A key is made once, found by everybody, and gone for everybody when it is destroyed."""

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.domain.errors import ComplianceError, ConfigurationInvalid, KeyLost
from compliance.keys import file_keyring
from compliance.keys.file_keyring import FileKeyring
from compliance.keys.key_folder import KeyFolder, file_name_of, name_of
from compliance.ports import Keyring

WINDOW = "window/main/2026-03-31"
NAMES = (WINDOW, "epoch/24323", "own/2611-abc/0", "consent/2026", "ledger", "window/南门/2026-03-31")


def _contents(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def _key_file(folder: Path, name: str = WINDOW) -> Path:
    return folder / (name.partition("/")[0] + ".keys") / file_name_of(name, ".key")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suite", ["A256GCM-HS256", "SM4GCM-HSM3"])
def test_a_key_opens_what_it_sealed_also_after_a_restart(folder: Path, name: str, suite: str) -> None:
    envelope = FileKeyring(folder, suite=suite, random=os.urandom).sealer(name)("王五".encode(), b"place")

    assert FileKeyring(folder, random=os.urandom).unseal(name, envelope, b"place").decode() == "王五"


def test_a_key_keeps_its_suite_when_the_setting_changes(folder: Path) -> None:
    digest = FileKeyring(folder, random=os.urandom).mac("epoch/24323")(b"13900000000")
    later = FileKeyring(folder, suite="SM4GCM-HSM3", random=os.urandom)

    assert later.mac("epoch/24323")(b"13900000000") == digest
    assert later.sealer("epoch/24323")(b"", b"")[1] == 0x01
    assert later.sealer("epoch/24324")(b"", b"")[1] == 0x02


def test_two_keys_neither_open_nor_digest_for_each_other(keyring: Keyring) -> None:
    envelope = keyring.sealer("own/2611-abc/0")(b"content", b"")
    keyring.sealer("own/2611-abc/1")

    with pytest.raises(ComplianceError, match="altered"):
        keyring.unseal("own/2611-abc/1", envelope, b"")
    assert keyring.mac("epoch/1")(b"x") != keyring.mac("epoch/2")(b"x")


def test_the_folder_and_its_files_are_for_the_owner_alone(folder: Path, keyring: Keyring) -> None:
    keyring.sealer(WINDOW)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(_key_file(folder).parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(_key_file(folder).stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o777, 0o710])
def test_a_folder_that_others_can_look_into_is_refused_in_both_languages(folder: Path, mode: int) -> None:
    folder.mkdir()
    folder.chmod(mode)

    with pytest.raises(ConfigurationInvalid, match=r"密钥文件夹.*其他用户.*Others can look into"):
        FileKeyring(folder, random=os.urandom)


def test_no_key_shows_in_a_representation_or_an_error(folder: Path) -> None:
    key = b"CANARY-secret-key-bytes-00000000"
    keyring = FileKeyring(folder, random=lambda count: key[:count].ljust(count, b"0"))
    envelope = keyring.sealer(WINDOW)(b"CANARY-content", b"")
    assert key in _contents(folder)

    shown = repr(keyring) + repr(keyring._kept)
    with pytest.raises(ComplianceError) as altered:
        keyring.unseal(WINDOW, envelope[:-1] + b"\x00", b"")
    _key_file(folder).write_bytes(_key_file(folder).read_bytes()[:-1])
    with pytest.raises(KeyLost) as damaged:
        keyring.sealer(WINDOW)
    for error in (altered.value, damaged.value):
        shown += repr(error) + str(error) + repr(error.__cause__)

    assert "CANARY" not in shown
    assert key.hex() not in shown


class TestNames:
    @given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=25))
    def test_any_name_survives_its_way_through_a_file_name(self, name: str) -> None:
        file_name = file_name_of(name, ".key")

        assert name_of(file_name, ".key") == name
        assert file_name == file_name.lower()
        assert "/" not in file_name
        assert "\0" not in file_name

    def test_names_are_listed_by_prefix_and_in_order(self, keyring: Keyring) -> None:
        for name in NAMES:
            keyring.sealer(name)

        assert keyring.names("") == sorted(NAMES)
        assert keyring.names("window/") == sorted(name for name in NAMES if name.startswith("window/"))
        assert keyring.names("win") == keyring.names("window/")
        assert keyring.names("led") == ["ledger"]
        assert keyring.names("window/南") == ["window/南门/2026-03-31"]
        assert keyring.names("nothing/") == []

    def test_names_that_differ_in_case_alone_are_two_keys(self, keyring: Keyring) -> None:
        assert keyring.mac("own/a")(b"") != keyring.mac("own/A")(b"")
        assert len({name.lower() for name in (file_name_of("own/a", ""), file_name_of("own/A", ""))}) == 2

    @pytest.mark.parametrize("name", ["", "x" * 252, "门" * 40])
    def test_a_name_that_makes_no_file_name_is_refused(self, keyring: Keyring, name: str) -> None:
        with pytest.raises(ConfigurationInvalid, match="空或过长"):
            keyring.sealer(name)

    @pytest.mark.parametrize("name", [".", "..", "../../passwd", "../x", "./x", ".draft"])
    def test_no_name_leads_out_of_the_folder(self, folder: Path, keyring: Keyring, name: str) -> None:
        keyring.sealer(name)

        assert [path.name for path in folder.parent.rglob("*") if path.is_file()] == [
            file_name_of(name, ".key")
        ]
        assert keyring.names("") == [name]


class TestWhenAKeyIsDestroyed:
    def test_nothing_opens_and_its_bytes_are_nowhere_in_the_folder(
        self, folder: Path, keyring: Keyring
    ) -> None:
        envelope = keyring.sealer(WINDOW)(b"content", b"")
        secret = _key_file(folder).read_bytes()[2:34]
        keyring.sealer("epoch/24323")
        assert secret in _contents(folder)
        assert keyring.unseal(WINDOW, envelope, b"") == b"content"

        keyring.destroy(WINDOW)

        assert secret not in _contents(folder)
        assert keyring.names("") == ["epoch/24323"]
        with pytest.raises(KeyLost):
            keyring.unseal(WINDOW, envelope, b"")
        with pytest.raises(KeyLost):
            FileKeyring(folder, random=os.urandom).unseal(WINDOW, envelope, b"")

    def test_the_bytes_on_the_disk_are_overwritten_before_the_name_goes(
        self, folder: Path, keyring: Keyring
    ) -> None:
        keyring.sealer(WINDOW)
        snapshot = folder / "snapshot"
        snapshot.hardlink_to(_key_file(folder))
        secret = snapshot.read_bytes()[2:34]

        keyring.destroy(WINDOW)

        assert secret not in snapshot.read_bytes()

    def test_destroying_again_or_what_never_was_is_no_error(self, keyring: Keyring) -> None:
        keyring.sealer(WINDOW)

        for name in (WINDOW, WINDOW, "own/never/0"):
            keyring.destroy(name)

        assert keyring.names("") == []

    def test_its_digests_match_nothing_any_more(self, keyring: Keyring) -> None:
        assert keyring.living_mac("epoch/24323") is None
        digest = keyring.mac("epoch/24323")(b"x")
        living = keyring.living_mac("epoch/24323")
        assert living is not None
        assert living(b"x") == digest

        keyring.destroy("epoch/24323")

        assert keyring.living_mac("epoch/24323") is None
        assert keyring.mac("epoch/24323")(b"x") != digest

    def test_every_other_process_notices(self, folder: Path, keyring: Keyring) -> None:
        other = FileKeyring(folder, random=os.urandom)
        envelope = keyring.sealer(WINDOW)(b"content", b"")
        digest = keyring.mac("epoch/24323")(b"x")
        assert other.unseal(WINDOW, envelope, b"") == b"content"

        other.destroy(WINDOW)
        other.destroy("epoch/24323")
        remade = other.mac("epoch/24323")(b"x")

        with pytest.raises(KeyLost):
            keyring.unseal(WINDOW, envelope, b"")
        assert keyring.mac("epoch/24323")(b"x") == remade != digest

    def test_a_crash_between_overwriting_and_removing_leaves_a_key_that_is_gone(
        self, folder: Path, keyring: Keyring
    ) -> None:
        envelope = keyring.sealer(WINDOW)(b"content", b"")
        file = _key_file(folder)
        file.write_bytes(b"\x00" + os.urandom(49))

        assert keyring.living_mac(WINDOW) is None
        with pytest.raises(KeyLost, match="gone"):
            keyring.unseal(WINDOW, envelope, b"")
        assert keyring.names("") == [WINDOW]
        keyring.sealer(WINDOW)(b"content", b"")
        keyring.destroy(WINDOW)
        assert keyring.names("") == []


class TestWhenAFileIsDamaged:
    @pytest.mark.parametrize("length", [0, 1, 2, 33, 49])
    def test_one_cut_short_is_lost_with_its_cause_and_never_replaced(
        self, folder: Path, keyring: Keyring, length: int
    ) -> None:
        keyring.sealer(WINDOW)
        file = _key_file(folder)
        file.write_bytes(file.read_bytes()[:length])

        for use in (keyring.sealer, keyring.mac, keyring.living_mac):
            with pytest.raises(KeyLost, match="damaged"):
                use(WINDOW)
        assert file.stat().st_size == length

    def test_every_flipped_bit_is_noticed(self, folder: Path, keyring: Keyring) -> None:
        keyring.sealer(WINDOW)
        file = _key_file(folder)
        whole = file.read_bytes()

        for bit in range(1, len(whole) * 8):  # the lowest bit of the version makes it the mark of destruction
            altered = bytearray(whole)
            altered[bit // 8] ^= 1 << bit % 8
            file.write_bytes(altered)
            with pytest.raises(KeyLost, match="damaged"):
                FileKeyring(folder, random=os.urandom).sealer(WINDOW)

    def test_one_under_another_name_is_no_key(self, folder: Path, keyring: Keyring) -> None:
        keyring.sealer(WINDOW)
        _key_file(folder).rename(_key_file(folder, "window/main/2026-04-01"))

        with pytest.raises(KeyLost, match="damaged"):
            keyring.sealer("window/main/2026-04-01")

    @pytest.mark.parametrize(("content", "cause"), [
        (b"\x09" + bytes(32), "of a suite that this version does not know"),
        (b"\x01" + bytes(31), "holds no key of this kind"),
    ])  # fmt: skip
    def test_one_that_holds_something_else_is_lost_with_its_cause(
        self, folder: Path, keyring: Keyring, content: bytes, cause: str
    ) -> None:
        KeyFolder(folder, os.urandom).within("window.keys").create_if_absent(
            file_name_of(WINDOW, ".key"), lambda: content
        )

        with pytest.raises(KeyLost, match=cause):
            keyring.sealer(WINDOW)

    @pytest.mark.parametrize("used", [False, True])
    def test_a_folder_that_is_gone_is_a_lost_keyring(
        self, folder: Path, keyring: Keyring, used: bool
    ) -> None:
        if used:
            keyring.sealer(WINDOW)
        shutil.rmtree(folder)

        uses: list[Callable[[str], object]] = [keyring.sealer, keyring.mac, keyring.names]
        for use in uses:
            with pytest.raises(KeyLost, match="folder is gone"):
                use(WINDOW)
        assert not folder.exists()


def test_what_is_kept_in_memory_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_keyring, "_KEPT", 3)
    keyring = FileKeyring(folder, random=os.urandom)
    digests = [keyring.mac(f"epoch/{n}")(b"x") for n in range(6)]

    assert list(keyring._kept) == ["epoch/3", "epoch/4", "epoch/5"]
    assert [keyring.mac(f"epoch/{n}")(b"x") for n in range(6)] == digests
    keyring.destroy("epoch/5")
    assert "epoch/5" not in keyring._kept


class TestAPartsOwnKey:
    PLACE = b"2611-abc/0/1"

    def test_it_opens_through_its_window_and_not_after_it(self, folder: Path) -> None:
        keyring = FileKeyring(folder, random=os.urandom)
        envelope, wrapped = keyring.part_sealer(WINDOW)("王五".encode(), self.PLACE)
        assert keyring.unseal_part(WINDOW, wrapped, envelope, self.PLACE).decode() == "王五"

        keyring.destroy(WINDOW)

        with pytest.raises(KeyLost):
            keyring.unseal_part(WINDOW, wrapped, envelope, self.PLACE)
        with pytest.raises(KeyLost):
            keyring.rewrap(WINDOW, "own/2611-abc/0", wrapped, self.PLACE)

    @pytest.mark.parametrize("later", ["A256GCM-HS256", "SM4GCM-HSM3"])
    def test_it_moves_under_another_key_and_its_envelope_stays(self, folder: Path, later: str) -> None:
        first = FileKeyring(folder, random=os.urandom)
        envelope, wrapped = first.part_sealer(WINDOW)("王五".encode(), self.PLACE)
        keyring = FileKeyring(folder, suite=later, random=os.urandom)

        moved = keyring.rewrap(WINDOW, "own/2611-abc/0", wrapped, self.PLACE)
        keyring.destroy(WINDOW)

        assert keyring.unseal_part("own/2611-abc/0", moved, envelope, self.PLACE).decode() == "王五"
        with pytest.raises(ComplianceError):
            keyring.unseal_part("own/2611-abc/0", wrapped, envelope, self.PLACE)


def test_a_file_where_the_folder_should_be_is_named_and_left_alone(folder: Path) -> None:
    folder.write_bytes(b"somebody's")

    with pytest.raises(ConfigurationInvalid, match="应是密钥文件夹"):
        FileKeyring(folder, random=os.urandom)

    assert folder.read_bytes() == b"somebody's"
