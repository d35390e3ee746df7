"""The environment, read once into one frozen value. Nothing else reads it."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting is `COMPLIANCE_<NAME>`; what is not set lies under the home folder."""

    model_config = SettingsConfigDict(env_prefix="COMPLIANCE_", frozen=True, extra="ignore")

    home: Path = Field(
        default=Path("var"), description="The folder of everything that has no setting of its own."
    )
    database: str = Field(
        default="", description="SQLAlchemy URL of our own books; default: SQLite under home."
    )
    keys: Path | None = Field(
        default=None, description="The keyring's folder; default: home/keys. Never back it up."
    )
    journal: Path | None = Field(
        default=None, description="The acts journal; default: home/journal/acts.jsonl."
    )
    stores: Path | None = Field(default=None, description="Mappings of foreign stores; default: home/stores.")
    broker: str = Field(default="", description="redis:// URL; default: an embedded Valkey that `up` starts.")
    bind: str = Field(default="127.0.0.1:8437", description="Host and port that `up` and `web` listen on.")
    suite: str = Field(default="A256GCM-HS256", description="The cipher suite: A256GCM-HS256 or SM4GCM-HSM3.")
    scratch: bool = Field(
        default=False, description="Make a new home a scratch home, where --at may stop the clock."
    )
    origin: str = Field(default="compliance.local/ledger", description="The ledger's name in signed heads.")

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.home.absolute() / 'compliance.db'}"

    @property
    def keys_folder(self) -> Path:
        return self.keys or self.home / "keys"

    @property
    def journal_path(self) -> Path:
        return self.journal or self.home / "journal" / "acts.jsonl"

    @property
    def stores_folder(self) -> Path:
        return self.stores or self.home / "stores"
