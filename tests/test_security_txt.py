"""Where to report a hole: /.well-known/security.txt (RFC 9116)."""

from datetime import UTC, date, datetime

import pytest

from app.information.views import security_txt
from app.settings.settings import ROOT

ADDRESS = "/.well-known/security.txt"


def fields(text: str) -> dict[str, str]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    found = dict(line.split(": ", 1) for line in lines)
    assert len(found) == len(lines), "a field twice"
    return found


def test_it_is_plain_text_for_everybody_and_names_contact_end_languages_and_itself(client):
    answer = client.get(ADDRESS)
    assert answer.status_code == 200 and answer.content_type == "text/plain; charset=utf-8"
    found = fields(answer.text)
    assert found["Contact"] == "mailto:dispendukkotaprob@gmail.com"
    assert found["Canonical"] == f"http://127.0.0.1:8000{ADDRESS}"
    assert found["Preferred-Languages"] == "id, en"


def test_it_ends_in_the_future_within_a_year(client):
    ends = datetime.fromisoformat(fields(client.get(ADDRESS).text)["Expires"])
    assert 150 < (ends - datetime.now(UTC)).days < 365


@pytest.mark.parametrize(("today", "ends"), [
    (date(2026, 1, 1), "2026-07-01"), (date(2026, 1, 31), "2026-07-01"), (date(2026, 6, 30), "2026-12-01"),
    (date(2026, 7, 1), "2027-01-01"), (date(2026, 12, 31), "2027-06-01"), (date(2028, 2, 29), "2028-08-01"),
])
def test_the_end_moves_with_the_month(today, ends):
    text = security_txt("mailto:a@contoh.id", "https://contoh.id", today)
    assert fields(text)["Expires"] == f"{ends}T00:00:00Z"


class TestACityWithAnAddressOfItsOwnForIt:
    @pytest.fixture
    def extra_settings(self, tmp_path):
        text = (ROOT / "app" / "city.toml").read_text(encoding="utf-8")
        assert '# security_email = "nama@contoh.id"' in text
        (tmp_path / "kota.toml").write_text(
            text.replace('# security_email = "nama@contoh.id"', 'security_email = "aman@contoh.id"'), encoding="utf-8"
        )
        return {"CITY_FILE": str(tmp_path / "kota.toml")}

    def test_that_one_is_named(self, client):
        assert fields(client.get(ADDRESS).text)["Contact"] == "mailto:aman@contoh.id"
