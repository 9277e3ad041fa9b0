"""What lies in deploy/ fits the program: each file by its own linter where there is one, and by what it names."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import yaml
from sqlalchemy import make_url

from app import create_app
from app.base.database import db
from app.process import alarms, metrics, worker
from app.process.cli import COMMANDS
from app.process.fsck import check
from app.retention.records import erase_everything
from app.setup.command import START
from tests.accounts import an_account
from tests.builders import TEST_SETTINGS, add_staff, an_application, sign_in_staff

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
UNITS = sorted(path for path in (DEPLOY / "systemd").iterdir())
RUNNING = (DEPLOY.parent / "docs" / "running.md").read_text()
OF_WATCHMEN = {"worker-diam", "web-diam", "sertifikat-habis", "database-diam"}


def linter(name: str) -> str:
    """Where it is; skips the test, saying so, on a machine without it."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not on this machine")
    return found


def run(*command: str) -> tuple[int, str]:
    """(exit code, what it said)."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_systemd_understands_every_unit():
    done = subprocess.run(
        [linter("systemd-analyze"), "verify", *map(str, UNITS)], capture_output=True, text=True, check=False,
    )
    # the program is not installed here, and a unit of another package may not be either
    told = [line for line in done.stderr.splitlines() if str(DEPLOY) in line or line.startswith("loket")]
    assert not [line for line in told if "is not executable" not in line], done.stderr


def test_every_unit_runs_a_command_there_is_as_its_own_user_and_writes_only_its_data():
    for unit in (path for path in UNITS if path.suffix == ".service"):
        text = unit.read_text()
        command = re.search(r"^ExecStart=/opt/loket/\.venv/bin/python -m flask --app wsgi ([a-z-]+)", text, re.M)
        assert command and command.group(1) in COMMANDS, unit.name
        for demanded in ("User=loket", "NoNewPrivileges=true", "ProtectSystem=strict", "UMask=0077",
                         "EnvironmentFile=/etc/loket/loket.env"):
            assert demanded in text, f"{unit.name}: {demanded}"
    assert {unit.name for unit in UNITS} >= set(START)


def test_the_web_instances_share_the_socket_and_say_themselves_when_they_are_ready():
    web, socket = (DEPLOY / "systemd/loket-web@.service").read_text(), (DEPLOY / "systemd/loket-web.socket").read_text()
    assert "Sockets=loket-web.socket" in web and "Type=notify" in web and "NotifyAccess=all" in web
    assert "ListenStream=127.0.0.1:8000" in socket and "Service=loket-web@1.service" in socket


@pytest.mark.parametrize("file", ["proxy/Caddyfile", "containers/Caddyfile"])
def test_caddy_understands_its_file(file):
    code, said = run(linter("caddy"), "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / file))
    assert code == 0, said


def test_nginx_understands_its_file(tmp_path):
    nginx = linter("nginx")
    made, said = run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                     "/CN=loket.invalid", "-keyout", f"{tmp_path}/privkey.pem", "-out", f"{tmp_path}/fullchain.pem")
    assert made == 0, said
    text = (DEPLOY / "proxy/nginx.conf").read_text().replace("/etc/loket/tls", str(tmp_path))
    (tmp_path / "site").write_text(text.replace("/var/log/nginx", str(tmp_path)))
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{ include {tmp_path}/site; }}\n")
    tested = subprocess.run(
        [nginx, "-t", "-p", str(tmp_path), "-c", f"{tmp_path}/nginx.conf"], capture_output=True, text=True, check=False,
    )
    # unpacked without being installed it has no folder for bodies; that is no fault of the file
    assert "syntax is ok" in tested.stderr, tested.stderr


@pytest.mark.parametrize("file", ["proxy/Caddyfile", "proxy/nginx.conf"])
def test_a_proxy_overwrites_what_browsers_say_of_themselves_and_keeps_no_connection_to_us(file):
    text = (DEPLOY / file).read_text()
    assert re.search(r"X-Forwarded-For (?:\{remote_host\}|\$remote_addr)", text)
    assert "keepalive off" in text or not re.search(r"upstream loket \{[^}]*^\s*keepalive", text, re.M | re.S)


@pytest.mark.parametrize("script", ["loket", "install.sh", "try.sh", "try_inside.sh"])
def test_the_shell_reads_every_script(script):
    code, said = run("sh", "-n", str(DEPLOY / script))
    assert code == 0, said


def test_the_account_that_compose_lends_keeps_a_house_and_cannot_change_its_journal(fresh_database, tmp_path):
    owner, psql = make_url(fresh_database()), linter("psql")
    compose = yaml.safe_load((DEPLOY / "containers/compose.yml").read_text())
    script = compose["services"]["owner"]["command"][0].replace("$$", "$").replace("${APP_PASSWORD:?}", "rahasia")
    script = script.replace("/opt/loket/.venv/bin/python", sys.executable)
    host = owner.query["host"]
    script = re.sub(r"psql -h db -U loket( -v \S+)? loket", rf"{psql} -h {host} -U loket\1 {owner.database}", script)
    given = {**TEST_SETTINGS, "LOKET_INSTANCE": str(tmp_path), "DATABASE_URL": str(owner)}
    # it may be run again; what db upgrade does then is told in tests/test_migrations.py
    for again in (script, script.replace("$flask db upgrade\n", "")):
        ran = subprocess.run(["sh", "-euc", again], cwd=DEPLOY.parent, env={**os.environ, **given},
                             capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr

    lent = owner.set(username="loket_app")
    app = create_app({**given, "DATABASE_URL": str(lent)})
    add_staff(app, "operator1", "operator")
    assert sign_in_staff(app.test_client(), "operator1")
    an_account(app)
    worker.run_once(app)
    with app.app_context():
        erase_everything(an_application(app, nik="3574014505900002", whatsapp_number="0812-0000-2002"), "deletions")
        assert check() == []
    saved = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "cadangan")])
    assert saved.exit_code == 0, saved.output
    for sql in ("UPDATE journal_line SET action = 'x'", "DELETE FROM journal_line", "TRUNCATE journal_line"):
        refused = pytest.raises(psycopg.errors.InsufficientPrivilege)
        with psycopg.connect(str(lent.set(drivername="postgresql"))) as connection, refused:
            connection.execute(sql)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_prometheus_understands_the_rules():
    code, said = run(linter("promtool"), "check", "rules", str(DEPLOY / "watching/alerts.yml"))
    assert code == 0, said


def test_rules_and_board_name_only_figures_that_are_told():
    told = {*metrics.GAUGES, "loket_request_seconds_bucket", "loket_request_seconds_count",
            "loket_photo_seconds_bucket", "loket_incidents_total"}
    rules = (DEPLOY / "watching/alerts.yml").read_text()
    board = json.loads((DEPLOY / "watching/grafana.json").read_text())
    asked = " ".join(target["expr"] for panel in board["panels"] for target in panel["targets"])
    named = set(re.findall(r"\bloket_[a-z_]+", rules + asked))
    assert named <= told, named - told


def test_every_alarm_has_its_page_in_the_guide():
    pages = set(re.findall(r"^### ([a-z-]+)$", RUNNING, re.M))
    assert pages == {*alarms.OF_ALL, *OF_WATCHMEN}
    named = set(re.findall(r"page: ([a-z-]+)", (DEPLOY / "watching/alerts.yml").read_text()))
    assert named <= pages
