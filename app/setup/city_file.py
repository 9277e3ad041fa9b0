"""The city file of another city: the shipped one, comments and all, with what that city answered.

What only the office can know (kelurahan, addresses of its services, who oversees) is left empty or as the law says;
the doctor and the comments of the file say what is to be filled in.
"""

from pathlib import Path

import tomlkit
from tomlkit import TOMLDocument

from app.identity.regions import districts_of
from app.settings.settings import ROOT
from app.setup.questions import Answers

SHIPPED = ROOT / "app" / "city.toml"
SHIPPED_CODE = "35.74"
DAYS = ("senin", "selasa", "rabu", "kamis")
# channels of the shipped file that belong to its city alone
OF_ONE_CITY = ("view", "medsos_kota")
OVERSIGHT = ("Kepala Dinas Kependudukan dan Pencatatan Sipil", "Sekretaris", "Kepala Bidang PIAK")


def city_file(answers: Answers) -> str:
    """The text of the file. Raises KeyError for a channel that the shipped file does not have."""
    document = tomlkit.parse(SHIPPED.read_text(encoding="utf-8"))
    for key in ("name", "short_name", "office_name", "address"):
        document[key] = answers[f"city.{key}"]
    document["public_domain"] = answers["city.domain"]
    for key in ("phone", "email", "whatsapp", "instagram", "facebook", "radio"):
        document["contacts"][key] = _local(answers["city.phone"]) if key == "phone" else answers[f"city.{key}"]
    document["contacts"]["whatsapp"] = _local(answers["city.whatsapp"])
    _set_hours(document, answers)
    _set_channels(document, [key.strip() for key in answers["city.channels"].split(",") if key.strip()], answers)
    if answers["city.region_code"] != SHIPPED_CODE:
        _leave_the_first_city(document, answers["city.region_code"])
    return tomlkit.dumps(document)


def _local(number: str) -> str:
    """+62812... -> 0812..., as the file writes numbers."""
    return "0" + number.removeprefix("+62") if number.startswith("+62") else number


def _set_hours(document: TOMLDocument, answers: Answers) -> None:
    hours = document["office_hours"]
    for day in DAYS:
        hours[day] = _spans(answers["city.hours"])
    hours["jumat"], hours["sabtu"] = _spans(answers["city.hours_friday"]), _spans(answers["city.hours_saturday"])


def _spans(answer: str) -> list[str]:
    return [span.strip() for span in answer.split(",") if span.strip()]


def _set_channels(document: TOMLDocument, wanted: list[str], answers: Answers) -> None:
    known = {str(channel["key"]): channel for channel in document["channels"]}
    kept = tomlkit.aot()
    for key in wanted:
        if key == "radio" and answers["city.radio"]:
            known[key]["name"], known[key]["note"] = answers["city.radio"], "Pengaduan lewat siaran."
        kept.append(known[key])
    document["channels"] = kept


def _leave_the_first_city(document: TOMLDocument, code: str) -> None:
    districts = tomlkit.aot()
    for district in districts_of(code.replace(".", "")):
        table = tomlkit.table()
        table["code"], table["name"], table["villages"] = f"{code}.{district.code[4:]}", district.name, []
        districts.append(table)
    region = tomlkit.table()
    region["code"] = code
    region["districts"] = districts
    document["region"] = region
    document["oversight"] = list(OVERSIGHT)
    del document["services"]


def write_city_file(path: Path, answers: Answers) -> None:
    path.write_text(city_file(answers), encoding="utf-8")
    path.chmod(0o644)
