"""Mail to the people who hold seats, in their language."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

import idna
from aiosmtplib import SMTPNotSupported, SMTPRecipientsRefused, SMTPResponseException, send

from bots.messages import shop_words
from bots.outgoing.posting import NotNow, Post, Unreachable
from core.service import Core


class MailChannel:
    """The configured mail server as a way out of the outbox."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def post(self, post: Post) -> str | None:
        """Hand one mail to the server. Raises: Unreachable for an address it refuses for good, NotNow."""
        mail = self._core.settings.mail
        message = self.write(post)
        try:
            await send(
                message,
                sender=parseaddr(mail.sender)[1],
                recipients=[parseaddr(message["To"])[1]],
                hostname=mail.host,
                port=mail.port,
                username=mail.username,
                password=mail.password.get_secret_value() if mail.password else None,
                use_tls=mail.security == "tls",
                start_tls=mail.security == "starttls",
                timeout=mail.timeout,
            )
        except SMTPRecipientsRefused as refused:
            if all(one.code >= 500 for one in refused.recipients):
                raise Unreachable from refused
            raise NotNow(60.0) from refused
        except SMTPNotSupported as lacking:
            if str(message["To"]).isascii():
                raise
            # The server cannot write to an address with such letters, today or tomorrow (RFC 6531).
            raise Unreachable from lacking
        except SMTPResponseException as answer:
            if answer.code < 500:
                raise NotNow(60.0) from answer
            raise
        except OSError as fault:
            # aiosmtplib's connection errors and time-outs are OSErrors as well.
            raise NotNow(30.0) from fault
        return str(message["Message-ID"])

    def write(self, post: Post) -> EmailMessage:
        """The mail as it goes out. The same notice has the same Message-ID, by which a repeat can be told."""
        settings = self._core.settings
        said = shop_words.mail(settings, post.template, post.reply, post.language)
        message = EmailMessage()
        message["From"] = settings.mail.sender
        message["To"] = _ascii_domain(post.recipient)
        message["Subject"] = said.subject
        message["Date"] = format_datetime(self._core.now())
        domain = parseaddr(settings.mail.sender)[1].rpartition("@")[2] or "localhost"
        message["Message-ID"] = f"<{_plain(post.key or post.template)}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(said.text)
        message["Content-Language"] = post.language
        return message


def _ascii_domain(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain if domain.isascii() else idna.encode(domain).decode()}"


def _plain(key: str) -> str:
    return re.sub(r"[^\w.-]+", ".", key, flags=re.ASCII)
