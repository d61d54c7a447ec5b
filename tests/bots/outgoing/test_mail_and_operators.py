"""Mail through a real SMTP server, operator channels through a real webhook."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
import sqlalchemy as sa
from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from bots.messages.rendering import has_words
from bots.outgoing.delivery import Delivery
from core import outbox
from core.alerts import alerts
from core.languages import FALLBACK
from core.service import Core, open_core
from core.storage import tables as t
from tests.support.house import settings_for
from tests.support.ports import free_port

MAILS = ("invited", "lease_expiring", "lease_ended", "lease_extended", "transfer_invited", "transfer_done")


class Post:
    """The mail server's memory. `answers` are given to the next recipients instead of taking them."""

    def __init__(self) -> None:
        self.port = 0
        self.mails: list = []
        self.answers: list[str] = []
        self.logins: list[bytes] = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
        return "250 OK"

    def authenticate(self, server, session, envelope, mechanism, data) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login)
        return AuthResult(success=data.password == b"open sesame")


@pytest.fixture
def post():
    """A server that wants a login."""
    memory = Post()

    class Strict(Controller):
        def factory(self) -> SMTP:
            return SMTP(
                self.handler,
                authenticator=memory.authenticate,
                auth_required=False,
                auth_require_tls=False,
                hostname="localhost",
            )

    memory.port = free_port()
    server = Strict(memory, hostname="127.0.0.1", port=memory.port)
    server.start()
    yield memory
    server.stop()


def mail_settings(port: int, **more) -> dict:
    return {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "Usher <seats@example.org>",
        "username": "usher",
        "password": "open sesame",
        "timeout": 60.0,
        **more,
    }


async def put(core: Core, template: str, language: str | None, to: str = "ann@example.com") -> None:
    facts = {
        "address": to,
        "team": "Alpha <&>",
        "code": "1234",
        "until": datetime(2026, 12, 24, 18, tzinfo=UTC),
        "expires_at": datetime(2026, 12, 24, 18, tzinfo=UTC),
        "days": 3,
        "reason": "expired",
    }
    await core.write(outbox.put, "mail", to, outbox.Notice(template, facts, language=language), core.now())


async def states(core: Core) -> list[tuple]:
    return await core.read(
        lambda tx: [(row.state, row.error) for row in tx.execute(sa.select(t.notices).order_by(t.notices.c.id))]
    )


async def test_every_mail_arrives_in_the_readers_language(database_url: str, post: Post):
    settings = settings_for(database_url, mail=mail_settings(post.port))
    async with open_core(settings) as core:
        for template in MAILS:
            assert has_words(f"mail-{template}", FALLBACK), template
            await put(core, template, "en")
            await put(core, template, "zh-CN")
        await Delivery(core, {}).run_once()
        assert {state for state, _ in await states(core)} == {"sent"}
    assert len(post.mails) == 2 * len(MAILS)
    assert set(post.logins) == {b"usher"}
    for number, (sender, to, mail) in enumerate(post.mails):
        assert (sender, to) == ("seats@example.org", ["ann@example.com"])
        assert mail["Content-Language"] == ("en", "zh-CN")[number % 2]
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["Message-ID"] == f"<notice-{number + 1}@example.org>"
        body = mail.get_content()
        assert "Alpha <&>" in body + str(mail["Subject"])
        assert "**" not in body
        assert any("\u4e00" <= char <= "\u9fff" for char in body) is bool(number % 2)


async def test_an_address_that_is_refused_for_good_is_not_tried_again(database_url: str, post: Post):
    async with open_core(settings_for(database_url, mail=mail_settings(post.port))) as core:
        post.answers = ["550 no such user here"]
        await put(core, "invited", "en")
        await Delivery(core, {}).run_once()
        assert await states(core) == [("dead", "unreachable")]
    assert post.mails == []


async def test_an_address_that_the_server_cannot_write_is_not_tried_again(database_url: str, post: Post):
    async with open_core(settings_for(database_url, mail=mail_settings(post.port))) as core:
        await put(core, "invited", "en", "jörg@example.com")
        await Delivery(core, {}).run_once()
        assert await states(core) == [("dead", "unreachable")]
    assert post.mails == []


async def test_a_busy_or_absent_server_is_tried_again_later(database_url: str, post: Post):
    async with open_core(settings_for(database_url, mail=mail_settings(post.port))) as core:
        post.answers = ["451 try again later"]
        await put(core, "invited", "en")
        await Delivery(core, {}).run_once()
        assert await states(core) == [("ready", "not now")]
    async with open_core(settings_for(database_url, mail=mail_settings(1))) as core:
        await put(core, "invited", "en", "bob@example.com")
        await Delivery(core, {}).run_once()
        assert await states(core) == [("ready", "not now")] * 2


async def test_a_foreign_domain_goes_out_in_its_ascii_form(database_url: str, post: Post):
    async with open_core(settings_for(database_url, mail=mail_settings(post.port))) as core:
        await put(core, "invited", "en", "ann@bücher.example")
        await Delivery(core, {}).run_once()
    [(_, to, _)] = post.mails
    assert to == ["ann@xn--bcher-kva.example"]


class Webhook:
    """Takes what Apprise posts; answers with `status`."""

    def __init__(self) -> None:
        self.port = 0
        self.got: list[dict] = []
        self.status = 200

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(json.loads(await request.text()))
        return web.Response(status=self.status)


@pytest.fixture
async def hook():
    webhook = Webhook()
    app = web.Application()
    app.router.add_post("/{path:.*}", webhook.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    webhook.port = runner.addresses[0][1]
    yield webhook
    await runner.cleanup()


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise still imports it
async def test_operator_channels_hear_of_their_level_each_once(database_url: str, hook: Webhook):
    urls = [f"json://127.0.0.1:{hook.port}/one", f"json://127.0.0.1:{hook.port}/two", "json://127.0.0.1:1/away"]
    settings = settings_for(database_url, operators={"urls": urls, "level": "error"}, language="zh-CN")
    async with open_core(settings) as core:
        for subject, level in (("team:1", "warning"), ("team:2", "critical")):
            facts = {"team": subject, "error": "credential"}
            await core.write(alerts.raise_alert, "provider", subject, level, "team_expired", facts, core.now())
        delivery = Delivery(core, {})
        await delivery.run_once()
        await delivery.run_once()
        waiting = [row for row in await states(core) if row[0] == "ready"]
    assert len(hook.got) == 2, "the channel that is away makes nobody hear it twice"
    assert waiting == [("ready", "not now")]
    for one in hook.got:
        assert "team:2" in one["message"]
        assert "严重" in one["title"]
        assert one["type"] == "failure"


async def test_without_operator_channels_nothing_waits(database_url: str):
    async with open_core(settings_for(database_url)) as core:
        await core.write(alerts.raise_alert, "system", "x", "critical", "sweep_failed", {"sweep": "x"}, core.now())
        await asyncio.wait_for(Delivery(core, {}).run_once(), 240)
        assert await states(core) == [("sent", None)]
