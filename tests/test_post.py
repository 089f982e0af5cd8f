"""Letters: kept before they are sent, sent at most once, and never lost. The mail server is a real one, on this machine."""

import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from kennismakelaar.config import Settings
from kennismakelaar.desk import contact, links, mail, post
from kennismakelaar.desk.contact import Contact
from kennismakelaar.desk.links import Link
from kennismakelaar.desk.post import Letter, State
from kennismakelaar.errors import Conflict, NotFound, Refused
from kennismakelaar.model import Change
from kennismakelaar.moments import moment
from kennismakelaar.store import Store
from tests.conftest import Opening, free_port

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ADDRESS = "noor@voorbeeld.nl"
LATER = moment(NOW + timedelta(days=14))
LINK = Link("/mijn-kennismaking", "kennismaking-1/vrager", LATER)
LETTER = Letter("brief-1", "agreed", "case/zaak-1", "de vrager", LATER, "kennismaking-1", {"other": "Tuingroep"}, LINK)
OFF = Settings(address="https://kennis.voorbeeld.nl")


@dataclass
class Box:
    """What arrives at a mail server, and what it answers."""

    answers: dict[str, str] = field(default_factory=dict)
    """Per step (MAIL, RCPT, DATA) what it says instead of yes; 'hang up' breaks the connection."""
    mail: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 ja")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answers.get("DATA") == "hang up":
            server.transport.abort()
        elif "DATA" not in self.answers:
            self.to += envelope.rcpt_tos
            self.mail.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.answers.get("DATA", "250 ja")


@contextmanager
def served(box: Box, port: int = 0, **options: Any) -> Iterator[Settings]:
    """The settings of a mail server that is up."""
    port = port or free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield replace(
            OFF, smtp_host="127.0.0.1", smtp_port=port, smtp_tls="none", mail_from="Bureau <bureau@voorbeeld.nl>"
        )
    finally:
        controller.stop(no_assert=True)


@pytest.fixture
def desk(store: Store) -> Store:
    """A store that knows where the reader can be reached."""
    reader = Contact("case/zaak-1", "om te antwoorden", "2026-06-01", "Noor", ADDRESS)
    store.write(Change(records=[contact.keep(reader, NOW.date())]))
    return store


def test_a_letter_is_sent_once_with_a_link_that_works_and_is_kept_nowhere(desk: Store) -> None:
    box = Box()
    with served(box) as settings:
        assert post.send(desk, LETTER, settings, NOW).state is State.SENT
        post.send(desk, LETTER, settings, NOW)
        post.send_waiting(desk, settings, NOW)
    assert box.to == [ADDRESS]
    (mail,) = box.mail
    assert mail["Subject"] == "U zei ja tegen een kennismaking"
    assert (mail["From"], mail["Message-ID"]) == ("Bureau <bureau@voorbeeld.nl>", "<brief-1@voorbeeld.nl>")
    (address,) = [line for line in mail.get_content().splitlines() if line.startswith("https://kennis.voorbeeld.nl")]
    token = address.rpartition("/")[2]
    assert links.find(desk, "/mijn-kennismaking", token, NOW).about == "kennismaking-1/vrager"
    assert not any(token in str(record) for record in desk.records())


def test_a_letter_holds_no_address_and_no_contact_data(desk: Store) -> None:
    letter = replace(LETTER, template="introduced", reveal="case/zaak-1", values=VALUES)
    box = Box()
    with served(box) as settings:
        post.send(desk, letter, settings, NOW)
    assert ADDRESS in box.mail[0].get_content()
    assert not any(ADDRESS in str(r) or "Noor" in str(r) for r in desk.records() if r.kind != contact.KIND)
    assert post.HIDDEN in post.read(post.find(desk, letter.id)).body


VALUES = {
    "other": "Tuingroep",
    "until_text": "1 juni 2026",
    "purpose": "samen een tuin beginnen",
    "question": "Kost een tuin $100 of ${contact}?",
    "advice": "Bel elkaar.",
}


def test_what_people_wrote_is_not_filled_in(desk: Store) -> None:
    letter = replace(LETTER, template="introduced", reveal="case/zaak-1", values=VALUES)
    assert "Kost een tuin $100 of ${contact}?" in post.read(letter).body


def test_without_a_mail_server_a_letter_waits_until_staff_have_sent_it(desk: Store, tmp_path: Path) -> None:
    assert post.send(desk, LETTER, OFF, NOW).state is State.WAITING
    (path,) = post.write_out(desk, tmp_path / "uit", OFF, NOW)
    written = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert written["To"] == ADDRESS
    assert post.PERSONAL not in str(written)
    sent = post.mark_sent(desk, LETTER.id, "anna", NOW)
    assert (sent.state, sent.by) == (State.SENT, "anna")
    with pytest.raises(Refused, match="verstuurd"):
        post.try_again(desk, LETTER.id, "anna", NOW)


def test_while_the_server_is_away_letters_wait_longer_and_longer_and_none_is_lost(desk: Store) -> None:
    port, box = free_port(), Box()
    away = replace(OFF, smtp_host="127.0.0.1", smtp_port=port, smtp_tls="none", mail_from="bureau@voorbeeld.nl")
    letter = post.send(desk, LETTER, away, NOW)
    assert (letter.state, letter.tries) == (State.WAITING, 1)
    assert ADDRESS not in letter.trouble
    moments = [NOW]
    for _ in range(4):
        moments.append(datetime.fromisoformat(letter.wait_until))
        assert post.deliver(desk, letter, away, moments[-1] - timedelta(seconds=1)) == letter
        letter = post.deliver(desk, letter, away, moments[-1])
    waits = [after - before for before, after in pairwise(moments)]
    assert waits == [timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20), timedelta(minutes=40)]
    with served(box, port) as settings:
        assert post.send_waiting(desk, settings, NOW + timedelta(days=2))[State.SENT] == 1
    assert len(box.mail) == 1


@pytest.mark.parametrize(
    ("step", "answer", "state"),
    [
        ("RCPT", "450 even niet", State.WAITING),
        ("RCPT", "550 noor@voorbeeld.nl kennen wij niet", State.FAILED),
        ("DATA", "452 vol", State.WAITING),
        ("DATA", "554 spam", State.FAILED),
        ("DATA", "hang up", State.UNCERTAIN),
    ],
)
def test_what_the_server_says_decides_whether_a_letter_waits_fails_or_is_in_doubt(
    desk: Store, step: str, answer: str, state: State
) -> None:
    with served(Box({step: answer})) as settings:
        letter = post.send(desk, LETTER, settings, NOW)
    assert letter.state is state
    assert letter.trouble
    assert ADDRESS not in letter.trouble


def test_a_crash_while_sending_leaves_doubt_and_no_second_letter(desk: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    box = Box()

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with served(box) as settings:
        monkeypatch.setattr(post, "_after", crash)
        with pytest.raises(KeyboardInterrupt):
            post.send(desk, LETTER, settings, NOW)
        monkeypatch.undo()
        post.send_waiting(desk, settings, NOW + timedelta(minutes=1))
        assert post.find(desk, LETTER.id).state is State.SENDING
        post.send_waiting(desk, settings, NOW + timedelta(minutes=16))
        assert post.find(desk, LETTER.id).state is State.UNCERTAIN
        assert len(box.mail) == 1
        post.try_again(desk, LETTER.id, "anna", NOW)
        post.send_waiting(desk, settings, NOW)
    assert len(box.mail) == 2


def test_of_two_processes_one_sends(desk: Store, opening: Opening) -> None:
    desk.write(Change(records=[post.as_record(LETTER)]))
    letter, box = post.find(desk, LETTER.id), Box()
    with served(box) as settings, closing(opening.open()) as other:
        states = [post.deliver(one, letter, settings, NOW).state for one in (desk, other)]
    assert (states, len(box.mail)) == ([State.SENT, State.SENT], 1)


def test_a_letter_whose_time_has_passed_or_whose_reader_is_gone_lapses(desk: Store) -> None:
    box = Box()
    with served(box) as settings:
        assert post.send(desk, LETTER, settings, NOW + timedelta(days=15)).state is State.LAPSED
        gone = replace(LETTER, id="brief-2", to="case/zaak-2")
        assert post.send(desk, gone, settings, NOW).state is State.LAPSED
    assert box.mail == []


def test_what_is_withdrawn_is_not_sent_any_more_not_even_when_it_was_on_its_way(desk: Store) -> None:
    sending = post.send(desk, replace(LETTER, state=State.SENDING), OFF, NOW)
    desk.write(Change(records=post.lapse(desk, "kennismaking-1", NOW)))
    with pytest.raises(Conflict):
        post._after(desk, sending, mail.Result.LATER, "", NOW)
    assert post.find(desk, LETTER.id).state is State.LAPSED


def test_a_link_opens_one_page_until_its_end_and_once(store: Store) -> None:
    token, record = links.mint(LINK)
    store.write(Change(records=[record]))
    assert len(token) == 32
    link = links.find(store, LINK.page, token, NOW)
    said = set()
    for page, word, now in (
        ("/elders", token, NOW),
        (LINK.page, token[1:], NOW),
        (LINK.page, token, NOW + timedelta(15)),
    ):
        with pytest.raises(NotFound) as refusal:
            links.find(store, page, word, now)
        said.add(str(refusal.value))
    store.write(Change(records=[links.use_up(link, token, NOW)]))
    with pytest.raises(Conflict):
        store.write(Change(records=[links.use_up(link, token, NOW)]))
    with pytest.raises(NotFound) as refusal:
        links.find(store, LINK.page, token, NOW)
    assert {*said, str(refusal.value)} == {links.DEAD}
    assert links.clear(store, NOW + timedelta(days=15)) == 1


def test_a_server_that_asks_for_a_password_gets_it_over_tls_alone(
    desk: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1".split(),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    asked: list[LoginPassword] = []

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        asked.append(data)
        return AuthResult(success=data == LoginPassword(b"bureau", b"geheim"), handled=False)

    options: dict[str, Any] = {
        "tls_context": context,
        "require_starttls": True,
        "authenticator": check,
        "auth_required": True,
    }
    with served(Box(), **options) as open_settings:
        secure = replace(open_settings, smtp_tls="starttls", smtp_user="bureau", smtp_password="geheim")
        assert post.send(desk, LETTER, secure, NOW).state is State.WAITING
        assert asked == []  # we do not know this certificate
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        wrong = replace(secure, smtp_password="fout")
        assert post.send(desk, replace(LETTER, id="brief-2"), wrong, NOW).state is State.WAITING
        assert post.send(desk, replace(LETTER, id="brief-3"), secure, NOW).state is State.SENT


def test_mail_is_not_sent_in_the_clear_where_tls_is_asked(desk: Store) -> None:
    box = Box()
    with served(box) as settings:
        assert post.send(desk, LETTER, replace(settings, smtp_tls="starttls"), NOW).state is State.WAITING
    assert box.mail == []


def test_settings_that_cannot_work_are_told_at_once() -> None:
    with pytest.raises(Refused, match="KENNISMAKELAAR_MAIL_FROM"):
        mail.is_on(Settings(smtp_host="mail.voorbeeld.nl"))
    with pytest.raises(Refused, match="KENNISMAKELAAR_SMTP_TLS"):
        mail.is_on(Settings(smtp_host="mail.voorbeeld.nl", smtp_tls="ja", mail_from="a@b.nl"))
