"""`flask --app wsgi setup`: from nothing to an installation that `flask doctor` calls good.

Each step that needs the new settings runs as a process of its own, under the account that Loket will run under.
"""

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.base import clock
from app.base.ids import new_id
from app.base.private_files import PRIVATE_FILE, PRIVATE_FOLDER
from app.base.problems import FormRejected
from app.base.services import city
from app.messages.addresses import EMAIL, WHATSAPP
from app.messages.choose_gateway import CHANNELS, gateway
from app.messages.email.smtp import new_message_id
from app.messages.gateway import Accepted, Heading, Outgoing
from app.office.contacts import parse_contact
from app.settings.settings import ROOT, for_children
from app.setup import files, questions
from app.setup.files import sheet
from app.setup.questions import Answers, BadAnswer, Question

ENV_FILE, CITY_FILE, SHEET = "loket.env", "city.toml", "lembar-pemasangan.txt"
UNITS = Path("/etc/systemd/system/loket.target")
UNITS_SETTINGS = Path("/etc/loket")  # where the units read theirs
SYSTEMD = Path("/run/systemd/system")
START = ("loket.target", "loket-backup.timer", "loket-check.timer")


@click.command("setup")
@click.option("--answers", "file", envvar="LOKET_ANSWERS", type=click.Path(path_type=Path, dir_okay=False),
              help="A TOML file of answers (deploy/answers.toml); nothing is asked then.")
def setup_command(file: Path | None) -> None:
    """Ask what a city decides, make keys, city file, database and first administrator, then run the doctor."""
    try:
        given = questions.read_file(file) if file else {}
        answers = questions.complete(given, None if file else _ask)
        House(answers).build()
    except BadAnswer as wrong:
        raise click.ClickException(f"{wrong.key}: {wrong.reason}.") from None


def _ask(question: Question, offered: str | None) -> str:
    while True:
        answer = click.prompt(
            question.text, default=offered, hide_input=question.secret, show_default=not question.secret,
        ).strip()
        if not (reason := question.wrong(answer)):
            return answer
        click.echo(f"  {reason.capitalize()}.")


class House:
    """One installation, by its answers."""

    def __init__(self, answers: Answers):
        self.answers = answers
        self.folder, self.data = Path(answers["folder"]), Path(answers["data"])
        self.account = _account(answers["account"])
        self.env: dict[str, str] = {}

    def build(self) -> None:
        """Raises BadAnswer, and ClickException when a step fails; what is done by then can be done again."""
        self._make_folders()
        self._write_settings()
        if self._has_systemd() and self.env.get("TWILIO_API_BASE"):
            self._systemctl("Menjalankan tiruan Twilio", "enable", "--now", "loket-twilio")
        self._run("Menyiapkan database", "db", "upgrade")
        link = self._invite()
        if self.env.get("WHATSAPP_GATEWAY") == "twilio":
            self._run("Mendaftarkan templat pesan di Twilio", "wa", "templates", "push", may_fail=True)
            self._run("Menanyakan persetujuan templat", "wa", "templates", "status", may_fail=True, shows=False)
        self._try_channels()
        self._start()
        self._write_sheet()
        click.echo(f"\nTautan untuk admin pertama, berlaku 72 jam, sekali pakai:\n  {link}\n" if link else "")
        self._doctor()

    def _make_folders(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        self.data.chmod(PRIVATE_FOLDER)
        if self.account:
            os.chown(self.data, self.account.pw_uid, self.account.pw_gid)

    def _write_settings(self) -> None:
        try:
            files.write_city_file(self.folder / CITY_FILE, self.answers)
        except KeyError as unknown:
            raise BadAnswer("city.channels", f"tidak ada saluran {unknown}") from None
        self.env = files.settings_of(self.answers, files.read_env(self.folder / ENV_FILE))
        files.write_env(self.folder / ENV_FILE, self.env)
        click.echo(f"Setelan dan kunci: {self.folder / ENV_FILE}. Berkas kota: {self.folder / CITY_FILE}.")

    def _invite(self) -> str:
        known = self.answers
        contact = [f"--{key}={known[f'admin.{key}']}" for key in ("phone", "email") if known[f"admin.{key}"]]
        return self._run(
            "Mengundang admin pertama", "staff", "invite", known["admin.username"], "--role", "admin",
            "--name", known["admin.name"], *contact, shows=False, may_fail=True,  # in use since the first run
        ).strip()

    def _try_channels(self) -> None:
        """A message that is not taken is told, and stops nothing: it can be mended with the rest in place."""
        wanted = [f"--{key}={self.answers[f'admin.{key}']}" for key in ("phone", "email")
                  if self.answers[f"admin.{key}"]]
        if wanted:
            self._run("Mencoba pesan", "try-channels", *wanted, may_fail=True)

    def _start(self) -> None:
        if not self._has_systemd():
            click.echo("Tanpa systemd di sini: jalankan web dan worker sendiri (docs/running.md).")
            return
        self._systemctl("Menjalankan web, worker, dan pekerjaan harian", "enable", "--now", *START)
        self._systemctl("Membuat cadangan pertama", "start", "loket-backup")
        if self.answers["proxy"] == "none" or (placed := files.place_proxy_file(self.answers)) is None:
            click.echo("Proxy disetel sendiri: contohnya di deploy/proxy/.")
            return
        self._systemctl(f"Menyetel proxy ({placed})", "reload-or-restart", self.answers["proxy"])
        if self.answers.get("tls") == "internal":
            self._machine("Mempercayai sertifikat buatan mesin ini", "caddy", "trust")

    def _has_systemd(self) -> bool:
        return SYSTEMD.is_dir() and UNITS.exists() and self.folder == UNITS_SETTINGS

    def _systemctl(self, title: str, *words: str) -> None:
        self._machine(title, "systemctl", *words)

    def _machine(self, title: str, program: str, *words: str) -> None:
        """A program of the machine; that it failed is told, and the doctor finds what follows from it."""
        click.echo(f"{title} ...")
        done = subprocess.run(  # noqa: S603 (fixed words)
            [shutil.which(program) or program, *words], check=False, capture_output=True, text=True,
        )
        if done.returncode:
            click.echo(f"  Belum berhasil: {(done.stderr or done.stdout).strip()[-300:]}")

    def _write_sheet(self) -> None:
        path = self.folder / SHEET
        path.touch(mode=PRIVATE_FILE)
        path.write_text(sheet(self.answers, self.env))
        click.echo(f"Lembar untuk dicetak dan disimpan: {path}")

    def _doctor(self) -> None:
        patience = 20 if self._has_systemd() else 0  # seconds, for the worker that was started just now
        done = self._process("doctor", "--only-trouble", f"--wait={patience}")
        click.echo(done.stdout.strip())
        if done.returncode:
            click.echo("Perbaiki yang tersebut di atas, lalu jalankan lagi: loket doctor")

    def _run(self, title: str, *command: str, may_fail: bool = False, shows: bool = True) -> str:
        click.echo(f"{title} ...")
        done = self._process(*command)
        if shows and done.stdout.strip():
            click.echo("\n".join(f"  {line}" for line in done.stdout.strip().splitlines()))
        if done.returncode and not may_fail:
            raise click.ClickException(f"{title} gagal.\n{done.stderr.strip()[-2000:]}")
        if done.returncode:
            click.echo(f"  Belum berhasil: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else '-'}")
        return done.stdout

    def _process(self, *command: str) -> subprocess.CompletedProcess[str]:
        who = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []} if self.account else {}
        return subprocess.run(  # noqa: S603 (our own commands; answers are single arguments)
            [sys.executable, "-m", "flask", "--app", "wsgi", *command], cwd=ROOT, check=False, text=True,
            capture_output=True, env={**for_children(), "HOME": str(self.data), **self.env}, **who,
        )


def _account(name: str) -> pwd.struct_passwd | None:
    """Whom Loket runs as, when somebody with the right to choose installs it; else whoever runs this.

    Raises BadAnswer."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise BadAnswer("account", f"akun sistem {name} belum ada: adduser --system --group {name}") from None


TITLE = "Pesan percobaan dari Loket"
TEXT = "Ini pesan percobaan dari Loket {name}. Jika Anda membacanya, saluran ini berjalan."


@click.command("try-channels")
@click.option("--phone", default="", help="A WhatsApp number that gets a test message.")
@click.option("--email", default="", help="An address that gets a test letter.")
@with_appcontext
def try_channels_command(phone: str, email: str) -> None:
    """Send one test message by each channel named. Exit code 1 when one is not taken."""
    try:
        contact = parse_contact(phone, email)
    except FormRejected as rejected:
        raise click.ClickException(rejected.sentences) from None
    sent = [_try(key, to) for key, to in ((WHATSAPP, contact.phone), (EMAIL, contact.email)) if to]
    raise SystemExit(0 if all(sent) else 1)


def _try(key: str, to: str) -> bool:
    way, label = gateway(key), CHANNELS[key].label
    if way is None:
        click.echo(f"{label}: belum disetel.")
        return False
    text = TEXT.format(name=city().short_name)
    outcome = way.send(Outgoing(
        reference=new_id(), to=to, title=TITLE, text=text, masked=text,
        heading=Heading(new_message_id(), (), True, clock.now()),
    ))
    if isinstance(outcome, Accepted):
        click.echo(f"{label}: diterima. Periksa apakah pesannya sampai.")
        return True
    click.echo(f"{label}: ditolak ({CHANNELS[key].error(outcome.code).meaning}).")
    return False
