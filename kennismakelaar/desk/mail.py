"""Hands one message to a mail server, and says what is known of how that went: the only user of smtplib."""

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr
from enum import StrEnum

from kennismakelaar import happened
from kennismakelaar.config import Settings
from kennismakelaar.errors import Refused
from kennismakelaar.language import gettext as _

PATIENCE = 10.0
"""Seconds before a silent mail server counts as gone."""
OK, AGAIN_FROM, NEVER_FROM = 250, 400, 500
"""Replies of a mail server (RFC 5321, section 4.2.1): done, later perhaps, never."""


class Result(StrEnum):
    """What is known of a message after handing it over."""

    SENT = "verstuurd"
    LATER = "later"
    NEVER = "nooit"
    UNKNOWN = "onbekend"


def is_on(settings: Settings) -> bool:
    """Is there a mail server? Refused where its settings cannot work."""
    if not settings.smtp_host:
        return False
    if settings.smtp_tls not in ("starttls", "tls", "none"):
        wrong = _("KENNISMAKELAAR_SMTP_TLS is '%(value)s'. Kies uit: starttls, tls, none.", value=settings.smtp_tls)
        raise Refused(wrong)
    if "@" not in parseaddr(settings.mail_from)[1]:
        raise Refused(_("Zet in KENNISMAKELAAR_MAIL_FROM het adres waar de mail vandaan komt."))
    return True


def message(settings: Settings, id: str, to: str, subject: str, text: str) -> EmailMessage:
    """A message in plain text; with the same id it is the same message, also for the one who gets it."""
    sender = settings.mail_from or "kennismakelaar@localhost"
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = sender, to, " ".join(subject.split())
    made["Date"] = formatdate(localtime=False)
    made["Message-ID"] = f"<{id}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies, please
    made.set_content(text)
    return made


def hand_over(settings: Settings, made: EmailMessage) -> tuple[Result, str]:
    """The result, with what went wrong in Dutch words, to keep, without an address. Does not raise for anything a server does."""
    try:
        server = _connect(settings)
    except (OSError, smtplib.SMTPException, ssl.SSLError) as error:
        return Result.LATER, happened.NO_SERVER % {"error": type(error).__name__}
    try:
        refused = _envelope(server, parseaddr(settings.mail_from)[1], parseaddr(str(made["To"]))[1])
        return refused or _content(server, made)
    finally:
        _leave(server)


def _connect(settings: Settings) -> smtplib.SMTP:
    context = ssl.create_default_context()
    place = (settings.smtp_host, settings.smtp_port)
    if settings.smtp_tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(*place, timeout=PATIENCE, context=context)
    else:
        server = smtplib.SMTP(*place, timeout=PATIENCE)
    try:
        if settings.smtp_tls == "starttls":
            server.starttls(context=context)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        server.ehlo_or_helo_if_needed()
    except Exception:
        server.close()
        raise
    return server


def _envelope(server: smtplib.SMTP, sender: str, to: str) -> tuple[Result, str] | None:
    """None where the server takes mail from here to there."""
    try:
        for code, _said in (server.mail(sender), server.rcpt(to)):
            if code >= AGAIN_FROM:
                return _refusal(code)
    except (OSError, smtplib.SMTPException):
        return Result.LATER, happened.HUNG_UP
    return None


def _content(server: smtplib.SMTP, made: EmailMessage) -> tuple[Result, str]:
    """From here on a broken connection leaves us in doubt: the server may have taken the message."""
    try:
        code, _ = server.data(made.as_bytes())
    except smtplib.SMTPDataError as error:
        return _refusal(error.smtp_code)
    except (OSError, smtplib.SMTPException):
        return Result.UNKNOWN, happened.BROKEN_OFF
    return (Result.SENT, "") if code == OK else _refusal(code)


def _refusal(code: int) -> tuple[Result, str]:
    result = Result.NEVER if code >= NEVER_FROM else Result.LATER
    return result, happened.MAIL_REFUSED % {"code": code}


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()
