"""Sealing: what was sealed opens with a known key only."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from aid.privacy.errors import CannotUnseal, KeyUnusable
from aid.privacy.vault import Vault, open_vault
from aid.settings import Settings

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@given(st.text(max_size=200))
def test_what_was_sealed_opens_again_and_is_not_to_be_seen(words: str) -> None:
    vault = Vault([NEW])
    sealed = vault.encrypt(words)
    assert vault.decrypt(sealed) == words
    assert sealed.isascii()
    assert sealed != vault.encrypt(words)


def test_a_rotated_key_still_opens_and_a_dropped_one_does_not() -> None:
    sealed, mark = Vault([OLD]).encrypt_json({"名": 1}), Vault([OLD]).fingerprint("code")
    both = Vault([NEW, OLD])
    assert both.decrypt_json(sealed) == {"名": 1}
    assert both.matches("code", mark)
    with pytest.raises(CannotUnseal):
        Vault([NEW]).decrypt(sealed)
    assert not Vault([NEW]).matches("code", mark)


def test_a_changed_seal_does_not_open() -> None:
    sealed = Vault([NEW]).encrypt("words")
    with pytest.raises(CannotUnseal):
        Vault([NEW]).decrypt(sealed[:-6] + "AAAAA=")


def test_a_fingerprint_tells_equal_from_different() -> None:
    vault = Vault([NEW])
    assert vault.matches("ACDEFGH3", vault.fingerprint("ACDEFGH3"))
    assert not vault.matches("ACDEFGH4", vault.fingerprint("ACDEFGH3"))
    assert "ACDEFGH3" not in vault.fingerprint("ACDEFGH3")


@pytest.mark.parametrize("keys", [[], ["short"], [NEW, "not a key"]])
def test_no_key_or_a_malformed_one_is_refused_without_being_said(keys: list[str]) -> None:
    with pytest.raises(KeyUnusable) as caught:
        Vault(keys)
    assert not any(key in str(caught.value) for key in keys)


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(var_dir=tmp_path)
    sealed = open_vault(settings).encrypt("words")
    assert open_vault(settings).decrypt(sealed) == "words"
    path = tmp_path / "keys" / "data.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [p.name for p in path.parent.iterdir()] == ["data.key"]


def test_a_key_file_open_to_others_is_refused(tmp_path: Path) -> None:
    open_vault(Settings(var_dir=tmp_path))
    (tmp_path / "keys" / "data.key").chmod(0o644)
    with pytest.raises(KeyUnusable, match="600"):
        open_vault(Settings(var_dir=tmp_path))


def test_a_key_folder_that_cannot_be_made_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file in the way")
    with pytest.raises(KeyUnusable, match="cannot be read or made"):
        open_vault(Settings(var_dir=tmp_path))


def test_keys_of_the_settings_come_first_to_last_and_make_no_file(tmp_path: Path) -> None:
    vault = open_vault(Settings(var_dir=tmp_path, data_key=f"{NEW}, {OLD}"))
    assert vault.decrypt(Vault([OLD]).encrypt("words")) == "words"
    assert Vault([NEW]).decrypt(vault.encrypt("words")) == "words"
    assert not (tmp_path / "keys").exists()


def test_a_sealed_file_opens_with_a_known_key_only_and_not_when_it_was_changed() -> None:
    content = bytes(range(256)) * 20
    sealed = Vault([OLD]).encrypt_bytes(content)
    assert content[:32] not in sealed
    assert Vault([NEW, OLD]).decrypt_bytes(sealed) == content
    for vault, changed in ((Vault([NEW]), sealed), (Vault([OLD]), sealed[:-1]), (Vault([OLD]), b"")):
        with pytest.raises(CannotUnseal):
            vault.decrypt_bytes(changed)
