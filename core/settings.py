"""Typed settings, each with its default. `config.example.toml` explains every one of them.

Order, later wins: config file < `.env` < environment (`USHER_SECTION__KEY`) < what the caller passes. An unknown
key, a placeholder or a wrong value stops the start with one sentence per fault. Durations are seconds where unnamed.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from core import database_urls, setting_checks
from core.backup_settings import BackupSettings, SweepSettings
from core.certificates import readable_ca_file
from core.encodings import TomlFile, encoding_of
from core.errors import Misconfigured
from core.languages import FALLBACK, Language
from core.setting_faults import SettingFault
from core.setting_kinds import (
    Count,
    Days,
    Hours,
    Number,
    Proxy,
    RedisUrl,
    Seconds,
    Secret,
    Section,
    section_as_a_whole,
)
from core.talk_settings import GatewaySettings, MoneySettings, SiteSettings, SourceSettings, TalkSettings
from core.team_settings import HealthSettings, SyncSettings, UnauthorisedSettings


class DatabaseSettings(Section):
    url: str = "sqlite+aiosqlite:///usher.db"
    password: Secret | None = None
    pooler: Literal["none", "session", "transaction"] = "none"
    connections: int = Field(10, ge=1, le=200)
    lock_timeout: Seconds = 30.0
    slow_statement: Seconds = 0.5


class VaultSettings(Section):
    active: str = "k1"
    keys: dict[str, Secret] = Field(default_factory=dict)


class RedemptionSettings(Section):
    seat_hold: Seconds = 30.0
    code_lock: Seconds = 120.0
    claim: Seconds = 10.0
    teams_tried: int = Field(3, ge=1, le=20)
    codes_per_message: int = Field(20, ge=1, le=100)
    recovery_interval: Seconds = 30.0
    unclear_alert_after: Seconds = 600.0
    gone_after: Seconds = 86_400.0
    allowed_domains: list[str] = Field(default_factory=list)
    blocked: list[str] = Field(default_factory=list)
    mail_domains: list[str] = Field(default_factory=list)


class CodeSettings(Section):
    prefix: str = Field("TEAM", pattern="^[A-Z][A-Z0-9]{1,6}$")
    groups: int = Field(4, ge=3, le=6)
    max_uses: Count = 1
    term: str = "1mo"
    most_by_chat: Count = 10_000
    most_by_command: Count = 1_000_000
    shown_in_chat: Number = 20


class LimitSettings(Section):
    attempts: Count = 10
    attempts_window: Seconds = 3600.0
    redemptions_per_day: Number = 5
    wrong_codes: Count = 5
    wrong_codes_window: Seconds = 300.0
    lock: Seconds = 900.0
    longest_lock: Seconds = 86_400.0
    wrong_codes_per_minute: Count = 60
    failed_claims: Count = 5
    claim_lock: Seconds = 1800.0


class UpstreamSettings(Section):
    connect_timeout: Seconds = 5.0
    timeout: Seconds = 10.0
    concurrency: Count = 100
    per_team_concurrency: int = Field(4, ge=1)
    team_budgets: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    provider_budgets: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    contact: str = ""
    ca_file: str | None = None
    proxy: Proxy | None = None
    private_hosts: list[str] = Field(default_factory=list)
    chatgpt_base: str = "https://chatgpt.com/backend-api"
    openai_admin_base: str = "https://api.openai.com/v1"


class NetworkSettings(Section):
    proxy: Proxy | None = None
    trust_env: bool = False


class LeaseSettings(Section):
    warn_days: list[Days] = Field(default_factory=lambda: [3, 1])
    expiry_interval: Seconds = 60.0


class TransferSettings(Section):
    policy: Literal["fill_first", "proven", "most_free", "round_robin"] = "most_free"
    grace_hours: Hours = 72.0
    tries: Count = 10
    first_retry: Seconds = 300.0
    longest_retry: Seconds = 86_400.0
    abnormal_interval: Seconds = 1800.0
    interval: Seconds = 15.0


class WaitlistSettings(Section):
    interval: Seconds = 15.0
    offer_hours: Hours = 72.0
    places_per_person: Count = 5


class AlertSettings(Section):
    interval: Seconds = 300.0
    capacity_percent: list[Annotated[int, Field(ge=1, le=100)]] = Field(default_factory=lambda: [80, 85, 95])
    pool_free_seats: Number = 3
    stuck_transfer: Seconds = 3600.0
    expired_leases: Number = 10
    database_megabytes: Number = 5_000
    table_rows: Count = 10_000_000
    clock_skew: Seconds = 5.0
    shown: Count = 50


class TimeSettings(Section):
    step: Seconds = 300.0
    second_look: Seconds = 600.0


class JournalSettings(Section):
    enabled: bool = True
    directory: str | None = None
    days: int = Field(90, ge=1)


class JobSettings(Section):
    visibility: Seconds = 300.0
    tries: Count = 3
    concurrency: Count = 5


class TelegramSettings(Section):
    token: Secret | None = None
    api_base: str = "https://api.telegram.org"
    proxy: Proxy | None = None
    mode: Literal["polling", "webhook"] = "polling"
    webhook_url: str | None = None
    webhook_secret: Secret | None = None
    webhook_path: str = "/telegram"
    local_server: bool = False
    handlers: int = Field(64, ge=1)
    per_chat_per_second: float = 1.0
    per_second: float = 30.0
    rich_messages: Literal["auto", "never"] = "auto"


class DiscordSettings(Section):
    token: Secret | None = None
    api_base: str = "https://discord.com/api/v10"
    proxy: Proxy | None = None
    gateway_url: str | None = None
    guild_ids: list[int] = Field(default_factory=list)
    shard_ids: list[int] = Field(default_factory=list)
    shard_count: int | None = None
    message_content: bool = False


class StaffSettings(Section):
    owners: list[str] = Field(default_factory=list)
    token_hours: Hours = 24.0


class MailSettings(Section):
    host: str | None = None
    port: int = 587
    username: str | None = None
    password: Secret | None = None
    sender: str = "Usher <usher@localhost>"
    security: Literal["starttls", "tls", "none"] = "starttls"
    timeout: Seconds = 20.0


class OperatorChannels(Section):
    urls: list[Secret] = Field(default_factory=list)
    level: Literal["info", "warning", "error", "critical"] = "warning"


class WebSettings(Section):
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    enabled: bool = False
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(9464, ge=0, le=65535)


class RedisSettings(Section):
    url: RedisUrl | None = None
    timeout: Seconds = 1.0


class LogSettings(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    json_lines: bool = False
    file: str | None = None


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="USHER_",
        env_nested_delimiter="__",
        env_file_encoding="utf-8",
        extra="forbid",
        hide_input_in_errors=True,
        nested_model_default_partial_update=True,
        frozen=True,
    )

    language: Language = FALLBACK
    timezone: str = "UTC"
    contact: str = ""
    shop: str = ""
    texts: dict[str, str] = Field(default_factory=dict)
    sso: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")], SiteSettings] = Field(default_factory=dict)
    database: DatabaseSettings = Field(default_factory=DatabaseSettings)
    vault: VaultSettings = Field(default_factory=VaultSettings)
    redemption: RedemptionSettings = Field(default_factory=RedemptionSettings)
    codes: CodeSettings = Field(default_factory=CodeSettings)
    limits: LimitSettings = Field(default_factory=LimitSettings)
    upstream: UpstreamSettings = Field(default_factory=UpstreamSettings)
    network: NetworkSettings = Field(default_factory=NetworkSettings)
    health: HealthSettings = Field(default_factory=HealthSettings)
    sync: SyncSettings = Field(default_factory=SyncSettings)
    unauthorised: UnauthorisedSettings = Field(default_factory=UnauthorisedSettings)
    leases: LeaseSettings = Field(default_factory=LeaseSettings)
    transfers: TransferSettings = Field(default_factory=TransferSettings)
    waitlist: WaitlistSettings = Field(default_factory=WaitlistSettings)
    alerts: AlertSettings = Field(default_factory=AlertSettings)
    time: TimeSettings = Field(default_factory=TimeSettings)
    journal: JournalSettings = Field(default_factory=JournalSettings)
    jobs: JobSettings = Field(default_factory=JobSettings)
    telegram: TelegramSettings = Field(default_factory=TelegramSettings)
    discord: DiscordSettings = Field(default_factory=DiscordSettings)
    staff: StaffSettings = Field(default_factory=StaffSettings)
    mail: MailSettings = Field(default_factory=MailSettings)
    operators: OperatorChannels = Field(default_factory=OperatorChannels)
    web: WebSettings = Field(default_factory=WebSettings)
    redis: RedisSettings = Field(default_factory=RedisSettings)
    sweeps: SweepSettings = Field(default_factory=SweepSettings)
    backups: BackupSettings = Field(default_factory=BackupSettings)
    log: LogSettings = Field(default_factory=LogSettings)
    talk: TalkSettings = Field(default_factory=TalkSettings)
    sources: SourceSettings = Field(default_factory=SourceSettings)
    money: MoneySettings = Field(default_factory=MoneySettings)
    gateway: GatewaySettings = Field(default_factory=GatewaySettings)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the hook has this signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, dotenv_settings, TomlFile(settings_cls)


def load_settings(config: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read and check everything.

    `config` is the file named on the command line; else `USHER_CONFIG`, else `./config.toml` where it exists.
    Paths in the file are relative to the file. Raises: Misconfigured with one sentence per fault.
    """
    path = config or (Path(os.environ["USHER_CONFIG"]) if os.environ.get("USHER_CONFIG") else None)
    if path is not None and not path.is_file():
        fault = SettingFault('there is no configuration file at {path}; "usher init --dir DIR" writes one', path=path)
        raise Misconfigured(faults=[fault])
    if path is None and Path("config.toml").is_file():
        path = Path("config.toml")

    env_file = (path.parent / ".env") if path else Path(".env")

    given: dict[str, Any] = {}

    class Loaded(Settings):
        model_config = SettingsConfigDict(toml_file=path, env_file=env_file, env_file_encoding=encoding_of(env_file))

        @model_validator(mode="before")
        @classmethod
        def _as_given(cls, read: Any) -> Any:
            given.update(read)
            return read

    faults: list[str] = []
    try:
        settings: Settings = Loaded(**dict(overrides or {}))
        faults += setting_checks.of_values(settings)
        faults += _of_places(settings, path)
    except ValidationError as error:
        faults += _all_faults(given, error, path)
    except SettingsError as error:
        raise Misconfigured(faults=[section_as_a_whole(error)]) from None
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(faults=[SettingFault("{path} is not valid TOML: {why}", path=path, why=error)]) from None
    except UnicodeDecodeError:
        raise Misconfigured(faults=[SettingFault("{path} is not in UTF-8; save it as that", path=path)]) from None
    faults += setting_checks.of_environment(os.environ, Settings.model_fields)
    if faults:
        raise Misconfigured(faults=faults)
    return _beside_the_file(settings, path)


class _Readable(Settings):
    """The settings from what is given to it alone."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the hook has this signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def _all_faults(given: Mapping[str, Any], error: ValidationError, path: Path | None) -> Iterator[str]:
    """What is wrong with the values, and what would be said of the others if those were right."""
    errors = error.errors()
    yield from map(setting_checks.of_error, errors)
    kept, unread = setting_checks.readable_part(given, errors)
    try:
        settings = _Readable(**kept)
    except ValidationError:
        return  # a rule between values, of which one is missing now
    yield from setting_checks.of_values(settings, unread)
    if not unread & {"database", "upstream"}:
        yield from _of_places(settings, path)


def _of_places(settings: Settings, path: Path | None) -> Iterator[str]:
    try:
        _beside_the_file(settings, path)
    except Misconfigured as wrong:
        yield from wrong.facts["faults"]


def _beside_the_file(settings: Settings, path: Path | None) -> Settings:
    if ca_file := settings.upstream.ca_file:
        placed = {"ca_file": readable_ca_file(ca_file, path)}
        settings = settings.model_copy(update={"upstream": settings.upstream.model_copy(update=placed)})
    chosen = settings.database
    url = database_urls.complete(chosen.url, path, chosen.password, chosen.pooler)
    return settings.model_copy(update={"database": chosen.model_copy(update={"url": url})})
