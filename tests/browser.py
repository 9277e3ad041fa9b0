"""People at their browsers: a client that follows the pages and audits each one it gets."""

import io
import re
from functools import cached_property

from bs4 import BeautifulSoup
from lxml import etree
from lxml.html import document_fromstring

from app.base.ids import REGISTRATION_PIN
from app.review.checklist import POINTS
from tests.builders import PHOTO_SLUGS, RESIDENT, photo_files

# the answers of an officer who found everything in order
LOOKED_AT = {**{f"check_{point.key}": "ya" for point in POINTS}, "siak": "found"}

# a person reads neither scripts nor templates
READABLE = "//text()[not(ancestor::script or ancestor::style or ancestor::template)]"

# on a case: the NIK was compared and is the same; the registrations it may be a double of
SAME_NIK = "//*[@id='bukti-nik']//*[contains(concat(' ', @class, ' '), ' same ')]"
DOUBLES = "//*[contains(concat(' ', @class, ' '), ' double ')]//input[@name='other']/@value"


class Page:
    """One answer, looked at the way a person would: heading, form, errors."""

    def __init__(self, response):
        self.response = response
        self.status = response.status_code
        self.html = response.get_data(as_text=True)

    @cached_property
    def soup(self) -> BeautifulSoup:
        """For tests that search the page. Most only walk over it, which `tree` does in a tenth of the time."""
        return BeautifulSoup(self.html, "lxml")

    @cached_property
    def tree(self) -> etree.ElementBase:
        return document_fromstring(self.html if self.html.strip() else "<html></html>")

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.tree.xpath(READABLE)).split())

    @property
    def heading(self) -> str:
        strings = self.tree.xpath("(//h1)[1]//text()")
        return " ".join(filter(None, (string.strip() for string in strings)))

    def field(self, name: str) -> str:
        found = self.tree.xpath("//*[@name=$name]", name=name)
        if not found:
            return ""
        return found[0].text_content().strip("\r\n") if found[0].tag == "textarea" else found[0].get("value", "")

    def audit(self, fragment: bool) -> None:
        """What every page owes its reader, whatever it is about."""
        tags = list(self.tree.iter(etree.Element))
        named = {name: [tag for tag in tags if tag.tag == name] for name in ("title", "h1", "form", "label")}
        assert named["title"] and named["title"][0].text_content().strip(), "a page without a title"
        assert len(named["h1"]) == 1, "a page has exactly one main heading"
        ids = [tag.get("id") for tag in tags if tag.get("id") is not None]
        assert len(ids) == len(set(ids)), f"ids twice: {sorted(i for i in ids if ids.count(i) > 1)}"
        tokens = [above(tag, "form") for tag in tags if tag.get("name") == "csrf_token"]
        for form in named["form"]:
            if form.get("method", "").lower() == "post":
                assert form.get("action"), "a form without action does nothing without scripts"
                assert form in tokens, f"form {form.get('action')} without csrf_token"
        labels = {label.get("for") for label in named["label"]} - {None}
        for control in filter(is_filled_in, tags):
            labelled = control.get("aria-label") or control.get("aria-labelledby") or control.get("id") in labels
            assert labelled or above(control, "label") is not None, f"{control.get('name')} has no label"
        assert ("<html" in self.html) is not fragment, "a page or a fragment, not the other"


def above(tag: etree.ElementBase, name: str) -> etree.ElementBase | None:
    return next(tag.iterancestors(name), None)


def is_filled_in(tag: etree.ElementBase) -> bool:
    """Whether somebody types or chooses there."""
    if tag.tag == "input":
        return tag.get("type") not in ("hidden", "submit")
    return tag.tag in ("textarea", "select")


class Browser:
    """`htmx=True` sends what htmx sends and reads what htmx reads."""

    def __init__(self, client, htmx: bool = False):
        self.client, self.htmx = client, htmx
        self.page: Page | None = None
        self.address = ""

    def open(self, address: str, **kwargs) -> Page:
        self.address = address
        return self._settle(self.client.get(address, **kwargs))

    def send(self, address: str, data: dict, multipart: bool = False) -> Page:
        """POST with the token of the page in front of us, then follow as this browser would."""
        token = self.page.field("csrf_token") if self.page else ""
        kwargs = {"content_type": "multipart/form-data"} if multipart else {}
        headers = {"HX-Request": "true"} if self.htmx else {}
        self.address = address
        answer = self.client.post(address, data={"csrf_token": token, **data}, headers=headers, **kwargs)
        return self._settle(answer, fragment=self.htmx)

    def sends_back(self, address: str, data: dict) -> Page:
        """Act on the case in front of us, with the version and the claim its page shows."""
        return self.send(address, {**{name: self.page.field(name) for name in ("version", "claim_token")}, **data})

    def _settle(self, answer, fragment: bool = False) -> Page:
        if answer.status_code in (302, 303):
            return self.open(answer.location)
        if "HX-Redirect" in answer.headers:
            return self.open(answer.headers["HX-Redirect"])
        self.address = answer.headers.get("HX-Push-Url", self.address)
        self.page = Page(answer)
        if answer.mimetype == "text/html":
            self.page.audit(fragment)
        return self.page


class Resident(Browser):
    """A resident registering; methods are named for what people do."""

    def starts(self) -> Page:
        self.open("/daftar")
        return self.send("/daftar", {"notice": "y"})

    def fills_in(self, **changed) -> Page:
        if not self.address.endswith("/daftar/data"):
            self.open("/daftar/data")
        return self.send("/daftar/data", {**RESIDENT, **changed})

    def sends_photo(self, slug: str, data: bytes, name: str = "foto.jpg", upload_id: str = "") -> Page:
        self.open(f"/daftar/{slug}?ganti=1")
        files = {"photo": (io.BytesIO(data), name), "upload_id": upload_id}
        return self.send(f"/daftar/{slug}", files, multipart=True)

    def sends_all_photos(self) -> None:
        files = photo_files()
        for slug, kind in PHOTO_SLUGS.items():
            assert self.sends_photo(slug, files[kind]).status == 200

    def confirms(self) -> Page:
        self.open("/daftar/periksa")
        asked = self.send("/daftar/periksa", {})
        assert "Ya" in asked.text
        return self.send("/daftar/periksa", {"confirm": "ya"})

    def registers(self, **changed) -> Page:
        self.starts()
        self.fills_in(**changed)
        self.sends_all_photos()
        return self.confirms()

    @property
    def number(self) -> str:
        return re.search(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b", self.page.text).group()

    @property
    def pin(self) -> str:
        return re.search(rf"PIN\D{{0,20}}(\d{{{REGISTRATION_PIN}}})\b", self.page.text).group(1)

    def signs_in(self, nik: str, password: str) -> Page:
        self.open("/masuk")
        return self.send("/masuk", {"nik": nik, "password": password})


class Officer(Browser):
    """A member of staff already signed in."""

    def sees_queue(self) -> Page:
        return self.open("/petugas/")

    def opens_case(self, application_id: str) -> Page:
        return self.open(f"/petugas/pendaftaran/{application_id}")

    def acts(self, application_id: str, act: str, **data) -> Page:
        """Open the case and act on it. What a positive act rests on is filled in; `data` changes it."""
        page = self.opens_case(application_id)
        if act == "setujui":
            page = self.settles_doubles(application_id)
        nik_read = {} if page.tree.xpath(SAME_NIK) else {"nik_read": RESIDENT["nik"]}
        looked_at = {**nik_read, **LOOKED_AT} if act in ("lengkap", "setujui") else {}
        confirm = {"confirm": "ya"} if act == "tolak" else {}
        return self.sends_act(application_id, act, **{**looked_at, **confirm, **data})

    def settles_doubles(self, application_id: str) -> Page:
        """Answer each suspicion of the case in front of us: registrations of the tests share their photos."""
        others = self.page.tree.xpath(DOUBLES)
        for other in others:
            self.sends_act(application_id, "bukan-ganda", other=other, not_double="Foto uji yang sama.")
        return self.opens_case(application_id) if others else self.page

    def sends_act(self, application_id: str, act: str, **data) -> Page:
        """Act from the page in front of us, with the version and the claim it shows."""
        return self.sends_back(f"/petugas/pendaftaran/{application_id}/{act}", data)
