"""The first day: answers in, an installation out; for another city than the one Loket was made for."""

import os
import pwd
import stat
import tomllib
from pathlib import Path

import pytest

from app.city.city import load_city
from app.settings.settings import read_settings
from app.setup import command
from app.setup.files import SHIPPED, city_file, proxy_file, read_env
from app.setup.questions import QUESTIONS, BadAnswer, complete, read_file
from tests.fake_twilio import ACCOUNT, API_SECRET, AUTH_TOKEN, KEY, OFFICE, FakeTwilio
from tests.warm_python import steps  # noqa: F401 (fixture)

ROOT = Path(__file__).resolve().parent.parent
PASURUAN = """
mode = "{mode}"
folder = "{folder}/etc"
data = "{folder}/data"
account = "{account}"
call = "Pak Slamet, 0812-3456-7890"

[city]
region_code = "35.75"
domain = "dukcapil.pasuruan.example.go.id"
phone = "(0343) 421000"
whatsapp = "081234567890"
email = "dukcapil@pasuruan.example.go.id"
hours_saturday = "08.00-12.00"

[whatsapp]
account_sid = "{sid}"
api_key = "{key}"
api_secret = "{secret}"
auth_token = "{token}"
sender = "{office}"
api_base = "{api}"

[admin]
name = "Wahyu Contoh"
phone = "081200009001"
"""


@pytest.fixture
def twilio():
    fake = FakeTwilio()
    yield fake
    fake.close()


@pytest.fixture
def answers(tmp_path, twilio):
    file = tmp_path / "jawaban.toml"
    file.write_text(PASURUAN.format(
        mode="staging", folder=tmp_path, account=pwd.getpwuid(os.geteuid()).pw_name, sid=ACCOUNT, key=KEY,
        secret=API_SECRET, token=AUTH_TOKEN, office=OFFICE, api=twilio.url,
    ))
    return file


def setup(answers: Path, app):
    return app.test_cli_runner().invoke(args=["setup", "--answers", str(answers)])


@pytest.mark.server
def test_a_second_city_goes_live_from_its_answers_and_a_second_run_keeps_its_keys(
    app, answers, tmp_path, twilio, steps,  # noqa: F811
):
    steps(command)
    first = setup(answers, app)
    assert first.exit_code == 0, first.stderr

    env_file, city_file = tmp_path / "etc/loket.env", tmp_path / "etc/city.toml"
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    city = load_city(city_file)
    assert city.name == "Kota Pasuruan" and city.region.digits == "3575"
    assert [district.name for district in city.region.districts] == [
        "Gadingrejo", "Purworejo", "Bugul Kidul", "Panggungrejo",
    ]
    assert city.office_hours.days[5] and "Probolinggo" not in f"{city}"
    assert "radio" not in {channel.key for channel in city.channels}

    settings = read_settings(read_env(env_file))
    assert settings.staging and settings.staff_2fa and settings.public_host == "dukcapil.pasuruan.example.go.id"
    assert "https://dukcapil.pasuruan.example.go.id/petugas/undangan/" in first.stdout
    assert [row["to"] for row in twilio.messages.values()] == ["whatsapp:+6281200009001"]
    assert "hal perlu diperbaiki" in first.stdout  # no worker runs here, and the doctor says so
    sheet = (tmp_path / "etc/lembar-pemasangan.txt").read_text()
    assert "Pak Slamet" in sheet and not any(key in sheet for key in read_env(env_file)["SEALING_KEYS"].split(":"))

    kept = read_env(env_file)
    second = setup(answers, app)
    assert second.exit_code == 0, second.stderr
    assert read_env(env_file) == kept


@pytest.mark.parametrize(("old", "new", "told"), [
    ('"35.75"', '"99.99"', "city.region_code: kode ini tidak ada"),
    ('"(0343) 421000"', '"tanya saja"', "city.phone"),
    ('hours_saturday = "08.00-12.00"', 'hours_saturday = "12.00-08.00"', "city.hours_saturday: jamnya"),
    ('call =', 'panggil =', "panggil: tidak dikenal"),
    ('domain = "dukcapil.pasuruan.example.go.id"', "", "city.domain: belum dijawab"),
    ('name = "Wahyu Contoh"', 'name = "Wahyu Contoh', "bukan TOML"),
])
def test_an_answer_that_cannot_be_right_is_named_and_nothing_is_written(app, answers, tmp_path, old, new, told):
    answers.write_text(answers.read_text().replace(old, new))
    refused = setup(answers, app)
    assert refused.exit_code == 1 and told in refused.stderr
    assert not (tmp_path / "etc").exists()


def test_the_example_of_answers_is_whole_and_answers_only_what_is_asked():
    given = read_file(ROOT / "deploy/answers.toml")
    answers = complete(given, ask=None)
    assert answers["city.region_code"] == "35.74" and given.keys() <= {question.key for question in QUESTIONS}


def test_the_shipped_city_keeps_its_own_districts_services_and_words(tmp_path):
    answers = complete(read_file(ROOT / "deploy/answers.toml"), ask=None)
    made = tomllib.loads(city_file(answers))
    shipped = tomllib.loads(SHIPPED.read_text())
    assert made["region"] == shipped["region"] and made["services"] == shipped["services"]
    assert made["standard"] == shipped["standard"] and made["privacy"] == shipped["privacy"]


def test_an_unknown_key_is_refused_before_anything_is_asked(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text("kota = 1\n")
    with pytest.raises(BadAnswer, match="kota: tidak dikenal"):
        read_file(file)


def test_the_proxy_file_carries_the_citys_name_and_its_way_to_a_certificate(answers):
    given = complete(read_file(answers), ask=None)
    caddy = proxy_file(given)
    assert "dukcapil.pasuruan.example.go.id {" in caddy and "tls internal" in caddy and "loket.invalid" not in caddy
    assert "tls" not in proxy_file({**given, "tls": "acme"}).partition("reverse_proxy")[0].partition("pasuruan")[2]
    assert f"tls {given['folder']}/tls/fullchain.pem" in proxy_file({**given, "tls": "file"})
    nginx = proxy_file({**given, "proxy": "nginx"})
    assert nginx.count("server_name dukcapil.pasuruan.example.go.id;") == 2 and "proxy_request_buffering on" in nginx
