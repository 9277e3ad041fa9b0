"""What every app of a test run makes alike is made once for the process: each test has an app of its own, and making
templates, addresses and SQL statements anew for each took more than half of the time of the whole suite.

Nothing that a test looks at is left out or shared: what is kept depends on the sources alone.
"""

import hashlib
import os
import threading
import tomllib
from contextlib import contextmanager
from functools import lru_cache
from types import SimpleNamespace

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
from app.city import reading
from app.photos import pool, store_local

MOST_STATEMENTS = 5000
# slow on purpose: what tests/test_passwords.py is about, and nobody else
REAL_HASHER = passwords._hasher


def make_once() -> None:
    """For every app that is made after the call in this process."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Templates()}
    _keep_rules()
    _keep_builders()
    _keep_city_files()
    _keep_pictures()
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


def _keep_rules() -> None:
    """Werkzeug reads each address anew into its parts, 330 addresses an app; equal ones have equal parts."""
    compile_anew, kept = Rule.compile, {}

    def compile_rule(rule: Rule) -> None:
        key = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, rule.map.host_matching)
        if key not in kept or rule.defaults:
            compile_anew(rule)
            kept[key] = (rule._parts, rule._trace, rule._converters, frozenset(rule.arguments))
            return
        rule._parts, rule._trace, rule._converters, arguments = kept[key]
        rule.arguments.update(arguments)
        rule._build = rule._compile_builder(False).__get__(rule, None)
        rule._build_unknown = rule._compile_builder(True).__get__(rule, None)

    Rule.compile = compile_rule


def _keep_city_files() -> None:
    """The same text is the same table; what is made of it copies it."""
    reading.tomllib = SimpleNamespace(loads=lru_cache(tomllib.loads), TOMLDecodeError=tomllib.TOMLDecodeError)


_of_a_builder = threading.local()


@contextmanager
def pictures_opened_before():
    """Inside it the same picture is opened by the child once a process: for builders, whose subject it is not."""
    _of_a_builder.on = True
    try:
        yield
    finally:
        _of_a_builder.on = False


def _keep_pictures() -> None:
    open_anew, kept = pool.open_picture, {}

    def open_picture(data: bytes, judge: str) -> pool.Pixels:
        if not getattr(_of_a_builder, "on", False):
            return open_anew(data, judge)
        key = (hashlib.sha256(data).digest(), judge)
        if key not in kept:
            kept[key] = open_anew(data, judge)
        return kept[key]

    pool.open_picture = open_picture


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
    """No test cuts the power, so neither SQLite nor the folder of photos need wait for the disk."""
    store_local.os = SimpleNamespace(**{**vars(os), "fsync": lambda descriptor: None})
    connect = database._connect_sqlite

    def connect_without_waiting(connection, record) -> None:
        connect(connection, record)
        connection.execute("PRAGMA synchronous = OFF")

    database._connect_sqlite = connect_without_waiting
