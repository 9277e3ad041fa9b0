"""After a finished run nothing on the disk tells who registered: files, WAL, photos, logs, cookies."""

import re

from flask import request
from sqlalchemy import select

from app.base.database import db
from app.registration.models import Application
from tests.browser import Officer, Resident
from tests.builders import CITIZEN_PASSWORD, RESIDENT
from tests.desk import declare

# the three bytes of the format alone stand by chance in one of twenty ciphertexts of this size
JPEG_MAGIC = b"\xff\xd8\xff\xe0\x00\x10JFIF"
SECRETS = {
    "NIK": RESIDENT["nik"], "KK": RESIDENT["kk_number"], "name": RESIDENT["full_name"],
    "a word of the name": "AMINAH", "phone": "81200001001", "address": "Contoh Mawar",
    "password": CITIZEN_PASSWORD,
}


def finished_run(app, client, staff_client) -> None:
    Resident(client).registers()
    with app.app_context():
        application_id = db.session.scalars(select(Application.id)).one()
        db.session.remove()
    declare(app, application_id)
    operator = Officer(staff_client("operator"))
    operator.opens_case(application_id)
    shown = operator.client.get(f"/petugas/pendaftaran/{application_id}/foto/ktp")
    assert shown.data.startswith(JPEG_MAGIC), "what the disk is searched for"
    operator.acts(application_id, "setujui")
    Resident(app.test_client()).signs_in(RESIDENT["nik"], CITIZEN_PASSWORD)
    app.test_cli_runner().invoke(args=["worker", "--once"])


def test_the_disk_of_a_finished_run_tells_nothing(app, client, staff_client, tmp_path, capfd):
    finished_run(app, client, staff_client)
    output = "".join(capfd.readouterr()).encode()
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    elsewhere = app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql")
    assert len(files) > 6 and (elsewhere or any(path.suffix == ".sqlite3" for path in files))
    for what, value in SECRETS.items():
        for path, content in {**files, "output": output}.items():
            assert value.lower().encode() not in content.lower(), f"{what} stands in {path}"
    for path, content in files.items():
        assert JPEG_MAGIC not in content, f"a plain JPEG lies in {path}"


def test_cookies_hold_no_personal_data(app, client, staff_client):
    finished_run(app, client, staff_client)
    for cookie in client._cookies.values():
        assert not re.search("AMINAH|0001", cookie.value)


def test_no_address_of_the_whole_walk_holds_personal_data(app, client):
    seen = []
    app.before_request(lambda: seen.append(request.url))
    Resident(client).registers()
    assert seen and not any(value in url for url in seen for value in SECRETS.values())
