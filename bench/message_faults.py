"""1,000 messages against a misbehaving Twilio with workers killed at random, and the same against a
healthy one: what is lost, what is doubled, and what the web pages feel of it."""

import statistics
import tempfile
from pathlib import Path

from tests.faults import Campaign, Result

MESSAGES, KILLS, SECONDS = 1000, 60, 1500


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        healthy = Campaign(_made(folder, "healthy"), faults=False).run(MESSAGES, 0, SECONDS)
        _show("healthy Twilio, nobody killed", healthy)
        faulty = Campaign(_made(folder, "faulty")).run(MESSAGES, KILLS, SECONDS)
        _show("faults, workers killed with -9", faulty)
    change = statistics.median(faulty.web_ms) / statistics.median(healthy.web_ms) - 1
    print(f"median of the web pages under faults: {change:+.1%}")


def _made(folder: str, name: str) -> Path:
    made = Path(folder) / name
    made.mkdir()
    return made


def _show(title: str, result: Result) -> None:
    print(f"\n{title}: {result.messages} messages in {result.seconds:.0f} s, {result.kills} kills, "
          f"{result.callbacks} callbacks")
    print(f"  faults: {dict(result.faults)}")
    print(f"  end states: {dict(result.states)}")
    print(f"  lost: {len(result.lost)}; sent twice: {result.doubles}, of these unmarked: "
          f"{len(result.unmarked_doubles)}; killed between acceptance and record: {result.killed_in_between}")
    print(f"  web pages: {len(result.web_ms)} answers, median {statistics.median(result.web_ms):.1f} ms")
