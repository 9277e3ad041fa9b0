"""1,000 messages against a misbehaving Twilio with workers killed at random, the same against a healthy one, and 1,000
letters against a misbehaving SMTP: what is lost, what is doubled, and what the web pages feel of it.

`FAULT_MESSAGES=100` makes a shorter run; kills shrink with it.
"""

import os
import statistics
import tempfile
from pathlib import Path

from tests.faults import Campaign, Result
from tests.letter_faults import LetterCampaign

MESSAGES = int(os.environ.get("FAULT_MESSAGES", "1000"))
KILLS, SECONDS, QUIET_SECONDS = MESSAGES * 6 // 100, 1500, 30


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        healthy = Campaign(_made(folder, "healthy"), faults=False).run(MESSAGES, 0, SECONDS, QUIET_SECONDS)
        _show("healthy Twilio, nobody killed", healthy)
        faulty = Campaign(_made(folder, "faulty")).run(MESSAGES, KILLS, SECONDS, QUIET_SECONDS)
        _show("faults, workers killed with -9", faulty)
        _show_letters(LetterCampaign(_made(folder, "letters"), workers=3).run(MESSAGES, KILLS, SECONDS))


def _show_letters(result) -> None:
    print(f"\nletters, faults, workers killed: {result.letters} in {result.seconds:.0f} s, {result.kills} kills")
    print(f"  faults: {dict(result.faults)}")
    print(f"  end states: {dict(result.states)}")
    print(f"  lost: {len(result.lost)}; sent twice: {result.doubles}; killed between acceptance and record: "
          f"{result.killed_in_between}", flush=True)


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
    without, during = statistics.median(result.quiet_ms), statistics.median(result.web_ms)
    print(f"  web pages: median {without:.1f} ms without the run ({len(result.quiet_ms)} answers), "
          f"{during:.1f} ms during it ({len(result.web_ms)}): {during / without - 1:+.1%}", flush=True)
