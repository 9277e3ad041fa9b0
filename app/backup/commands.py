"""`flask --app wsgi backup TARGET` and `restore SOURCE`."""

from pathlib import Path

import click
import pyrage
from flask.cli import with_appcontext

from app.backup import dump, restoring
from app.backup.making import BackupRefused, make_backup
from app.backup.target import Target, TargetUnusable, last_backup
from app.base.private_files import PRIVATE_FILE
from app.base.services import settings
from app.photos.store import StorageUnavailable

KEPT_COPIES = 14
RECIPIENT_FILE = "backup-recipient.txt"
PROBLEMS = (BackupRefused, TargetUnusable, dump.DumpFailed, dump.NotEmpty, StorageUnavailable, OSError)


@click.command("backup")
@click.argument("target", required=False)
@click.option("--check", is_flag=True, help="Open the newest copy completely in a scratch place, make none.")
@click.option("--identity", type=click.Path(exists=True, path_type=Path), help="File with the private recovery key.")
@click.option("--keep", default=KEPT_COPIES, show_default=True, help="How many copies stay; 0 keeps all.")
@with_appcontext
def backup_command(target: str | None, check: bool, identity: Path | None, keep: int) -> None:
    """Copy database and photos to TARGET, a folder or s3://bucket/prefix (default: where the last one went).

    Only photos that are not there yet. Encrypted for BACKUP_RECIPIENT, an age1... key whose private half is not on
    this machine. The keys of Loket are never in it: keep them apart, without them a backup opens for nobody.
    """
    last = last_backup()
    url = target or (last.target if last else None)
    if url is None:
        raise click.UsageError("name a folder or s3://bucket/prefix")
    if check:
        _check(url, None, identity)
        return
    try:
        made = make_backup(Target(url, _recipient()), keep, click.echo)
    except PROBLEMS as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(f"copy {made.copy}: {made.photos} photos, {made.new_photos} of them new; "
               f"{made.removed_copies} old copies removed")


@click.command("restore")
@click.argument("source")
@click.option("--check", is_flag=True, help="Only open it completely in a scratch place.")
@click.option("--copy", "chosen", help="Which copy; the newest by default.")
@click.option("--identity", type=click.Path(exists=True, path_type=Path), help="File with the private recovery key.")
@with_appcontext
def restore_command(source: str, check: bool, chosen: str | None, identity: Path | None) -> None:
    """Bring the backup in SOURCE back onto this empty machine. The settings must hold the keys of then."""
    if check:
        _check(source, chosen, identity)
        return
    try:
        done = restoring.restore(Target(source, identity=_identity(identity)), chosen, click.echo)
    except PROBLEMS as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(f"copy {done.copy} is restored: {done.photos} photos, {done.erased} erased anew, {done.held} messages "
               "held until it is known whether they went")
    lost = done.age.total_seconds()
    click.echo(f"RPO {lost:.0f} s (what came in after the backup is lost), RTO {done.seconds:.1f} s")
    click.echo("Everybody must sign in anew. Staff who were shut out after the backup are back: look at the list of "
               "staff. Then run fsck and doctor.")


def _check(url: str, chosen: str | None, identity: Path | None) -> None:
    try:
        whole = restoring.check(Target(url, identity=_identity(identity)), chosen, identity, click.echo)
    except PROBLEMS as problem:
        raise click.ClickException(str(problem)) from None
    click.echo("the backup opens completely" if whole else "the backup is NOT whole")
    raise SystemExit(0 if whole else 1)


def _recipient() -> pyrage.x25519.Recipient | None:
    """BACKUP_RECIPIENT, or one made at the first backup, whose private half is shown once and kept nowhere."""
    if settings().backup_recipient:
        return pyrage.x25519.Recipient.from_str(settings().backup_recipient)
    if settings().demo:
        return None
    kept = settings().instance / RECIPIENT_FILE
    if not kept.exists():
        identity = pyrage.x25519.Identity.generate()
        kept.touch(mode=PRIVATE_FILE)
        kept.write_text(f"{identity.to_public()}\n")
        click.echo("Write this recovery key down and keep it away from this machine. It is shown this once, and "
                   f"without it no backup opens:\n\n  {identity}\n")
    return pyrage.x25519.Recipient.from_str(kept.read_text().strip())


def _identity(path: Path | None) -> pyrage.x25519.Identity | None:
    if path is None:
        return None
    lines = [line.strip() for line in path.read_text().splitlines()]
    found = next((line for line in lines if line.startswith("AGE-SECRET-KEY-")), None)
    if found is None:
        raise click.ClickException(f"{path} holds no line that begins with AGE-SECRET-KEY-")
    try:
        return pyrage.x25519.Identity.from_str(found)
    except pyrage.IdentityError:
        raise click.ClickException(f"the key in {path} is not whole") from None
