"""Templates are compiled once for all apps of a test run: each test has an app of its own, and compiling
the templates of its pages anew took a quarter of the time of the whole suite."""

from flask import Flask
from jinja2 import BytecodeCache


class InMemory(BytecodeCache):
    """Jinja marks what it keeps with a checksum of the source, so a changed template is compiled again."""

    def __init__(self):
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket) -> None:
        if kept := self._kept.get(bucket.key):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


def compile_once() -> None:
    """For every app that is made after the call in this process."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": InMemory()}
