"""Operator commands: `flask --app wsgi ...`. Each is loaded when it is asked for or listed: what only commands need is
a twentieth of a start, and a web process under a server of its own never asks."""

import click
from flask import Flask
from flask.cli import AppGroup
from werkzeug.utils import import_string

from app.base import schema

# as click's "lazily loading subcommands" has it
COMMANDS = {
    "backup": "app.backup.commands:backup_command",
    "clock": "app.process.commands:clock_cli",
    "demo": "app.process.commands:demo_command",
    "doctor": "app.doctor.report:doctor_command",
    "fsck": "app.process.commands:fsck_command",
    "journal": "app.process.commands:journal_cli",
    "keys": "app.keys.commands:keys_cli",
    "mail": "app.mailbox.letters:mail_cli",
    "rehearse": "app.rehearsal.command:rehearse_command",
    "restore": "app.backup.commands:restore_command",
    "retention": "app.retention.service:retention_cli",
    "serve": "app.process.commands:serve_command",
    "setup": "app.setup.command:setup_command",
    "staff": "app.office.cli_staff:staff_cli",
    "try-channels": "app.setup.command:try_channels_command",
    "twilio-stand-in": "app.rehearsal.command:stand_in_command",
    "wa": "app.messages.whatsapp.templates:wa_cli",
    "worker": "app.process.commands:worker_command",
}


class Commands(AppGroup):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS:
            return import_string(COMMANDS[cmd_name])
        return super().get_command(ctx, cmd_name)


def init_commands(app: Flask) -> None:
    app.cli = Commands(app.name)
    schema.init_migrations(app)
