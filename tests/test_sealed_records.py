"""Records that can grow: what was sealed in 2026 opens, whatever fields came and went since."""

import base64
import json
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from app.base.sealing import SealBroken, Sealer, open_json, open_record, seal_json, seal_record
from app.complaints.ticket.personal import Contact, Content
from app.mailbox.ledger import Heading
from app.messages.email.threads import Thread
from app.messages.gateway import Attachment
from app.messages.inbound.inbox import Inbound
from app.messages.outbox import Payload
from app.privacy.models import Asked
from app.registration.personal import Personal

SEALER = Sealer([("k1", bytes(range(32)))], bytes(range(64, 96)))
PLACE = "row:1:part"
SAMPLES = json.loads((Path(__file__).parent / "data" / "sealed_2026.json").read_text())
RECORDS = (Asked, Attachment, Contact, Content, Heading, Inbound, Payload, Personal, Thread)
KINDS = {kind.__name__: kind for kind in RECORDS}


@dataclass(frozen=True)
class Before:
    nik: str
    title: str = ""


@dataclass(frozen=True)
class After:
    """`title` is gone, `email` has come."""

    nik: str
    email: str = ""


@dataclass(frozen=True)
class Careless:
    nik: str
    email: str


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_what_was_sealed_in_2026_opens(name):
    sample, kind = SAMPLES[name], KINDS[name.partition(" ")[0]]
    opened = open_record(SEALER, kind, base64.b64decode(sample["sealed"]), sample["context"])
    for field, value in sample["holds"].items():
        assert getattr(opened, field) == value


def test_every_kind_of_record_has_a_frozen_sample():
    assert {name.partition(" ")[0] for name in SAMPLES} == set(KINDS)


def test_every_dataclass_that_is_sealed_is_among_the_samples():
    app = Path(__file__).parent.parent / "app"
    opened = {
        part.split(",")[1].strip()
        for path in app.rglob("*.py") for part in path.read_text().split("open_record(sealer()")[1:]
    }
    assert opened == set(KINDS), "freeze a sample of the new record in tests/data/sealed_2026.json"


def test_a_field_that_came_later_takes_its_default_and_one_that_went_is_dropped():
    sealed = seal_record(SEALER, Before("3574014505900001", "dr."), PLACE)
    assert open_record(SEALER, After, sealed, PLACE) == After("3574014505900001", "")


def test_a_record_says_which_version_of_it_was_sealed():
    sealed = seal_record(SEALER, Before("3574014505900001"), PLACE)
    assert open_json(SEALER, sealed, PLACE) == {"v": 1, "nik": "3574014505900001", "title": ""}


def test_a_record_sealed_before_there_were_versions_opens():
    sealed = seal_json(SEALER, {"nik": "3574014505900001", "title": "dr."}, PLACE)
    assert open_record(SEALER, After, sealed, PLACE) == After("3574014505900001", "")


def test_a_field_added_without_a_default_is_refused_without_showing_what_is_sealed():
    sealed = seal_record(SEALER, Before("3574014505900001"), PLACE)
    with pytest.raises(SealBroken) as refused:
        open_record(SEALER, Careless, sealed, PLACE)
    assert "3574014505900001" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_value_that_is_no_record_is_refused():
    with pytest.raises(SealBroken):
        open_record(SEALER, After, seal_json(SEALER, ["3574014505900001"], PLACE), PLACE)


def test_no_record_has_a_field_named_like_the_version():
    for kind in KINDS.values():
        assert "v" not in {field.name for field in fields(kind)}
