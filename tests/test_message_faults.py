"""Nothing lost, nothing sent twice unmarked, whatever Twilio, SMTP and the machine do. See tests/faults.py and
tests/letter_faults.py."""

import pytest

from tests.faults import FAULTS, Campaign, Result
from tests.letter_faults import LetterCampaign


def assert_nothing_lost_or_silently_doubled(result: Result) -> None:
    assert sum(result.states.values()) == result.messages
    assert result.lost == []
    assert result.unmarked_doubles == []
    assert result.doubles <= result.killed_in_between


@pytest.mark.server
def test_a_dozen_messages_survive_every_fault_and_two_kills(tmp_path):
    result = Campaign(tmp_path, workers=2).run(messages=12, kills=2, seconds=180)
    assert_nothing_lost_or_silently_doubled(result)
    assert result.kills == 2 and result.web_ms, "the pages answered meanwhile"
    assert result.faults.keys() == FAULTS.keys(), "the campaign did not meet every trouble, so it proved less"


@pytest.mark.server
@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_thousand_messages_survive_faults_and_kills(tmp_path, seed):
    result = Campaign(tmp_path, workers=4, seed=seed).run(messages=1000, kills=60, seconds=1500)
    assert_nothing_lost_or_silently_doubled(result)
    assert result.kills == 60


@pytest.mark.server
@pytest.mark.long
def test_thirty_letters_survive_faults_and_kills(tmp_path):
    result = LetterCampaign(tmp_path).run(letters=30, kills=3, seconds=180)
    assert (sum(result.states.values()), result.lost, result.doubles) == (30, [], 0)
    assert result.kills == 3 and len(result.faults) >= 3, "the campaign met no trouble, so it proved nothing"


@pytest.mark.server
@pytest.mark.long
def test_a_thousand_letters_survive_faults_and_kills(tmp_path):
    result = LetterCampaign(tmp_path, workers=4).run(letters=1000, kills=60, seconds=1500)
    assert (sum(result.states.values()), result.lost, result.doubles, result.kills) == (1000, [], 0, 60)
