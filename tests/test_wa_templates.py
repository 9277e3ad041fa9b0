"""`flask wa templates`: every message becomes an approved template; nothing is ever edited."""

import pytest
from sqlalchemy import delete

from app.base.database import db, transaction
from app.messages import catalogue, dispatcher, states, texts
from app.messages.catalogue import MESSAGES, Message
from app.messages.models import MessageTemplate
from app.messages.whatsapp import templates
from tests.messaging import a_message, message
from tests.whatsapp import twilio, wa_app  # noqa: F401 (fixtures)


@pytest.fixture
def few(monkeypatch):
    """Three messages are enough to tell how one of them fares."""
    for key in set(MESSAGES) - {"akun_aktif", "kode_reset_sandi", "pendaftaran_diterima"}:
        monkeypatch.delitem(MESSAGES, key)


@pytest.fixture
def wa(wa_app):  # noqa: F811
    def run(*words):
        done = wa_app.test_cli_runner().invoke(args=["wa", "templates", *words])
        db.session.rollback()
        assert done.exit_code == 0, done.output
        return done.output

    return run


def test_push_creates_and_submits_every_message_and_status_takes_over_the_decision(wa, twilio):  # noqa: F811
    pushed = wa("push")
    assert pushed.count(": received") == len(MESSAGES) == len(twilio.content.templates)
    assert len(templates.not_ready()) == len(MESSAGES)
    assert wa("status").startswith(f"{len(MESSAGES)} changed")
    assert templates.not_ready() == []
    listed = wa("list")
    assert all(f"{key}_v1" in listed for key in MESSAGES)


def test_each_template_at_twilio_has_language_category_samples_and_the_very_text(wa, twilio):  # noqa: F811
    wa("push")
    for content in twilio.content.templates.values():
        known = MESSAGES[content["friendly_name"].removesuffix("_v1")]
        assert content["language"] == "id"
        assert content["approval_requests"]["category"] == known.category
        assert len(content["variables"]) == len(texts.template_names(known))
        if known.is_code:
            shape = content["types"]["whatsapp/authentication"]
            assert shape["code_expiration_minutes"] == 15 and shape["add_security_recommendation"] is True
            assert shape["actions"] == [{"type": "COPY_CODE", "copy_code_text": "Salin kode"}]
        else:
            assert content["types"]["twilio/text"]["body"] == texts.template_body(known)


def test_pushing_again_changes_nothing(few, wa, twilio):  # noqa: F811
    wa("push")
    wa("status")
    again = wa("push")
    assert again.count(": approved") == len(MESSAGES) == len(twilio.content.templates)


def test_a_push_that_was_interrupted_adopts_what_it_had_made(few, wa, twilio):  # noqa: F811
    wa("push")
    with transaction() as session:
        session.execute(delete(MessageTemplate))
    wa("push")
    assert len(twilio.content.templates) == len(MESSAGES)


def changed(monkeypatch, key: str, **samples) -> None:
    """The text of a message changes: here by one more place, which changes the sample set too."""
    old = MESSAGES[key]
    new = Message(key, old.title, {**old.variables, **samples}, old.share, old.category, old.expires)
    monkeypatch.setitem(catalogue.MESSAGES, key, new)


def test_a_changed_text_becomes_the_next_version_and_the_old_one_serves_meanwhile(
    few, wa, wa_app, twilio, monkeypatch  # noqa: F811
):
    wa("push")
    wa("status")
    changed(monkeypatch, "akun_aktif", tambahan="contoh")
    twilio.content.decision = "pending"
    wa("push")
    wa("status")
    rows = db.session.query(MessageTemplate).filter_by(key="akun_aktif").order_by(MessageTemplate.version).all()
    assert [(row.name, row.status) for row in rows] == [("akun_aktif_v1", "approved"), ("akun_aktif_v2", "pending")]
    values = {"nama": "Siti", "tautan": "https://contoh", "tambahan": "x", texts.CHECK_CODE: "ABCD-EFGH"}
    assert templates.use_of(MESSAGES["akun_aktif"], values).provider_id == rows[0].provider_id


def test_what_meta_rejected_waits_and_is_shown(few, wa, twilio):  # noqa: F811
    twilio.content.decision = "rejected"
    wa("push")
    wa("status")
    assert {status for _, status in templates.not_ready()} == {"rejected"}
    sent = a_message()
    dispatcher.deliver_due(limit=1)
    assert (message(sent).state, message(sent).error_code) == (states.PENDING, "no_template")


def test_without_twilio_the_command_says_so(app):
    done = app.test_cli_runner().invoke(args=["wa", "templates", "push"])
    assert done.exit_code == 1 and "WHATSAPP_GATEWAY" in done.output


def test_a_refusal_by_twilio_is_said_without_a_trace(wa_app, twilio):  # noqa: F811
    account = wa_app.extensions["loket"].twilio
    object.__setattr__(account, "api_secret", "salah-salah-salah-salah")
    done = wa_app.test_cli_runner().invoke(args=["wa", "templates", "push"])
    assert done.exit_code == 1 and done.output.startswith("Error: Twilio: ")
    assert "Traceback" not in done.output


def test_the_fingerprint_of_a_message_changes_with_its_text_and_only_then(wa_app, monkeypatch):  # noqa: F811
    before = templates.body_hash(MESSAGES["akun_aktif"])
    assert before == templates.body_hash(MESSAGES["akun_aktif"])
    changed(monkeypatch, "akun_aktif", tambahan="contoh")
    assert templates.body_hash(MESSAGES["akun_aktif"]) != before
