"""What every app of a test run makes alike is made once for the process: each test has an app of its own, and making
templates, addresses and SQL statements anew for each took more than half of the time of the whole suite.

Nothing that a test looks at is left out or shared: what is kept depends on the sources alone.
"""

import hashlib
import importlib
import os
import sys
import threading
import tomllib
from contextlib import contextmanager
from functools import cache, lru_cache
from types import CodeType, ModuleType, SimpleNamespace

from argon2 import PasswordHasher
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from jinja2 import BytecodeCache
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Map

import app as app_package
from app.accounts import passwords
from app.base import database
from app.city import reading
from app.photos import store_local
from app.photos.cleaning import CleanPhoto
from app.registration import photo_service

MOST_STATEMENTS = 5000
# slow on purpose: what tests/test_passwords.py is about, and nobody else
REAL_HASHER = passwords._hasher


def make_once() -> None:
    """For every app that is made after the call in this process."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Templates()}
    _keep_addresses()
    _keep_city_files()
    _keep_pictures()
    _keep_statements()
    _trust_the_machine()
    _read_a_grammar_late()
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    passwords._NOBODY = passwords._hasher.hash("nobody")


class Templates(BytecodeCache):
    """By a checksum of the source, so a changed template is compiled again."""

    def __init__(self):
        self._kept: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket) -> None:
        checksum, code = self._kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket) -> None:
        self._kept[bucket.key] = bucket.checksum, bucket.code


def _keep_addresses() -> None:
    """All apps have the same addresses, so they share one map; who is given more gets its own."""
    register_anew, add_anew, kept = app_package.register_blueprints, Flask.add_url_rule, []

    def register(app: Flask) -> None:
        if not kept:
            register_anew(app)
            kept.append(app.url_map)
            return
        app.url_rule_class = lambda rule, **options: SimpleNamespace()
        app.url_map = SimpleNamespace(add=lambda rule: None)
        register_anew(app)
        del app.url_rule_class
        app.url_map = kept[0]

    def add(app: Flask, *told, **options) -> None:
        if kept and app.url_map is kept[0]:
            app.url_map = _copy_of(kept[0])
        add_anew(app, *told, **options)

    app_package.register_blueprints, Flask.add_url_rule = register, add


def _copy_of(addresses: Map) -> Map:
    copy = Map()
    for rule in addresses.iter_rules():
        copied = rule.empty()
        copied.provide_automatic_options = rule.provide_automatic_options
        copy.add(copied)
    return copy


def _keep_city_files() -> None:
    """The same text is the same table; what is made of it copies it."""
    reading.tomllib = SimpleNamespace(loads=lru_cache(tomllib.loads), TOMLDecodeError=tomllib.TOMLDecodeError)


_of_a_builder = threading.local()


@contextmanager
def pictures_cleaned_before():
    """Inside it the same picture is cleaned once a process: for builders, whose subject it is not."""
    _of_a_builder.on = True
    try:
        yield
    finally:
        _of_a_builder.on = False


def _keep_pictures() -> None:
    clean_anew, kept = photo_service.clean_photo, {}

    def clean_photo(data: bytes, **told) -> CleanPhoto:
        if not getattr(_of_a_builder, "on", False):
            return clean_anew(data, **told)
        key = (hashlib.sha256(data).digest(), told["kind"])
        if key not in kept:
            kept[key] = clean_anew(data, **told)
        return kept[key]

    photo_service.clean_photo = clean_photo


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


GRAMMAR = "rfc3987_syntax"


def _read_a_grammar_late() -> None:
    """That of international addresses takes a second, and jsonschema wants it before anybody gives it an address."""
    stand_in = ModuleType(GRAMMAR)
    stand_in.is_valid_syntax = lambda *asked: _grammar().is_valid_syntax(*asked)
    sys.modules.setdefault(GRAMMAR, stand_in)


@cache
def _grammar() -> ModuleType:
    del sys.modules[GRAMMAR]
    return importlib.import_module(GRAMMAR)
