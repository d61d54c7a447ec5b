"""The settings of the second wing: models, the accounts behind them, credit. Read together with `core.settings`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.setting_kinds import Count, Days, Hours, Number, Patience, Seconds, Secret, Section


class TalkSettings(Section):
    enabled: bool = True
    default_model: str = ""
    instructions: str = ""
    drafts: bool = True
    draft_interval: Seconds = 0.7
    edit_intervals: list[Seconds] = Field(default_factory=lambda: [1.5, 3.0, 6.0, 10.0], min_length=1, max_length=20)
    messages_days: Days = 0
    parts: int = Field(3, ge=1, le=10)
    images: int = Field(4, ge=0, le=20)
    image_megabytes: float = Field(5.0, gt=0, le=20)
    files: int = Field(4, ge=0, le=20)
    file_kilobytes: float = Field(1024.0, gt=0, le=5000)
    transcription_model: str = ""
    voice_megabytes: float = Field(5.0, gt=0, le=20)
    shortest_output: Count = 256
    wait_in_line: Patience = 30.0
    connect: Seconds = 5.0
    first_token: Seconds = 60.0
    silence: Seconds = 60.0
    longest: Seconds = 600.0
    checkpoint: Seconds = 2.0
    claim: Seconds = 10.0
    keep_answers_hours: Hours = 24.0


class SourceSettings(Section):
    policy: Literal["least_busy", "random", "fill_first"] = "least_busy"
    tries: int = Field(5, ge=1, le=20)
    unclear_tries: int = Field(1, ge=0, le=20)
    pause: Seconds = 60.0
    own_most: Number = 3
    lending: bool = False
    share: float = Field(1.0, gt=0, le=1_000_000)
    shared_cap: float = Field(2.0, ge=0, le=1_000)
    shared_refill_paid: float = Field(0.4, ge=0, le=1_000)
    shared_refill_free: float = Field(0.012, ge=0, le=1_000)
    low_fraction: float = Field(0.1, ge=0, le=1)
    check_interval: Seconds = 300.0


class MoneySettings(Section):
    unit: str = Field("", max_length=20, pattern=r"^[^\n\r\t{}*`]*$")
    claim_bytes_per_token: float = Field(2.0, gt=0, le=100)
    image_tokens: int = Field(2000, ge=0, le=1_000_000)
    usage_grace: Patience = 2.0
    house_loss_alert: float = Field(1.0, gt=0, le=1_000_000_000)
    low_wallet: float = Field(0.5, ge=0, le=1_000_000_000)


class SiteSettings(Section):
    client_id: str
    client_secret: Secret
    authorize: str
    token: str
    user_info: str
    scope: str = ""
    subject: str = "id"
    shown: str = "username"
    level: str = "trust_level"
    plans: dict[str, str] = Field(default_factory=dict)


class GatewaySettings(Section):
    enabled: bool = False
    host: str = "127.0.0.1"
    port: int = Field(8081, ge=0, le=65535)
    public_url: str = ""
    behind: list[str] = Field(default_factory=list)
    body_megabytes: float = Field(20.0, gt=0)
    fetch_images: bool = False
    keepalive: Seconds = 10.0
    silent_client: Seconds = 60.0
    wrong_keys_per_minute: int = Field(60, ge=1)
    public_redeem: bool = False
    redeem_page: bool = False
    document: bool = False
    cors_origins: list[str] = Field(default_factory=list)
