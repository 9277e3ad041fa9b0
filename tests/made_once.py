"""What every app of a test run makes alike is made once for the process: each test has an app of its own, and making
templates, addresses and SQL statements anew for each took more than half of the time of the whole suite.

Nothing that a test looks at is left out or shared: what is kept depends on the sources alone.
"""

from argon2 import PasswordHasher
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from jinja2 import BytecodeCache
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from app.accounts import passwords
from app.base import database

MOST_STATEMENTS = 5000
# slow on purpose: what tests/test_passwords.py is about, and nobody else
REAL_HASHER = passwords._hasher


def make_once() -> None:
    """For every app that is made after the call in this process."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Templates()}
    _keep_builders()
    _keep_statements()
    _trust_the_machine()
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    passwords._NOBODY = passwords._hasher.hash("nobody")


class Templates(BytecodeCache):
    """Jinja marks what it keeps with a checksum of the source, so a changed template is compiled again."""

    def __init__(self):
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket) -> None:
        if kept := self._kept.get(bucket.key):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


def _keep_builders() -> None:
    """Werkzeug compiles two functions for each address, 220 addresses an app; equal ones have equal functions."""
    compile_anew, kept = Rule._compile_builder, {}

    def compile_builder(rule: Rule, append_unknown: bool = True):
        if rule.defaults:  # their values go into the function
            return compile_anew(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in kept:
            kept[key] = compile_anew(rule, append_unknown)
        return kept[key]

    Rule._compile_builder = compile_builder


def _keep_statements() -> None:
    """One cache of compiled SQL for all engines of one kind, which would each begin with an empty one."""
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__eq__ = lambda one, other: type(one) is type(other)
        dialect.__hash__ = lambda one: hash(type(one))
    make_engine, kept = SQLAlchemy._make_engine, LRUCache(MOST_STATEMENTS)

    def make_engine_with_cache(*arguments):
        engine = make_engine(*arguments)
        engine._compiled_cache = kept
        return engine

    SQLAlchemy._make_engine = make_engine_with_cache


def _trust_the_machine() -> None:
    """No test cuts the power, so SQLite need not wait for the disk at each commit."""
    connect = database._connect_sqlite

    def connect_without_waiting(connection, record) -> None:
        connect(connection, record)
        connection.execute("PRAGMA synchronous = OFF")

    database._connect_sqlite = connect_without_waiting
