"""The Content API of the stand-in: templates and their approval, granted at once."""

import json
import re
import secrets
from collections.abc import Callable

MADE_AT = "2026-11-22T03:04:05Z"
PLACE = re.compile(r"\{\{([0-9]+)\}\}")


class ContentApi:
    """Templates by id in `templates`; every submitted one becomes `decision`."""

    def __init__(self, account_sid: str):
        self.account_sid = account_sid
        self.templates: dict[str, dict] = {}
        self.decision = "approved"
        self.on_change: Callable[[], None] = lambda: None

    def post(self, path: str, content: dict) -> tuple[int, dict]:
        if path == "/v1/Content":
            sid = "HX" + secrets.token_hex(16)
            self.templates[sid] = {
                "sid": sid, "account_sid": self.account_sid, "friendly_name": content.get("friendly_name"),
                "language": content["language"], "variables": content.get("variables", {}),
                "types": content["types"], "date_created": MADE_AT, "date_updated": MADE_AT,
                "approval_requests": {},
            }
            self.on_change()
            shown = {key: value for key, value in self.templates[sid].items() if key != "approval_requests"}
            return 201, {**shown, "url": f"https://content.twilio.com/v1/Content/{sid}", "links": {}}
        sid = path.split("/")[3]
        kind = next(iter(self.templates[sid]["types"]))
        approval = {"name": content["name"], "category": content["category"], "content_type": kind,
                    "rejection_reason": "", "allow_category_change": True}
        self.templates[sid]["approval_requests"] = {**approval, "status": self.decision}
        self.on_change()
        return 201, {**approval, "status": "received"}

    def everything(self) -> dict:
        url = "https://content.twilio.com/v1/ContentAndApprovals?PageSize=100&Page=0"
        return {
            "contents": list(self.templates.values()),
            "meta": {"page": 0, "page_size": 100, "first_page_url": url, "previous_page_url": None,
                     "url": url, "next_page_url": None, "key": "contents"},
        }

    def rendered(self, form: dict[str, str]) -> str:
        types = self.templates[form["ContentSid"]]["types"]
        values = json.loads(form["ContentVariables"])
        body = types.get("twilio/text", {}).get("body", "{{1}} adalah kode Anda.")
        return PLACE.sub(lambda found: values[found[1]], body)

    def wrong_in(self, form: dict[str, str]) -> int:
        """The code Twilio would refuse this use of a template with, or 0."""
        if "ContentVariables" in form and "ContentSid" not in form:
            return 21654
        if "ContentSid" not in form:
            return 0
        if form["ContentSid"] not in self.templates:
            return 21655
        try:
            values = json.loads(form["ContentVariables"])
        except ValueError:
            return 21656
        if not isinstance(values, dict) or set(values) != set(self.templates[form["ContentSid"]]["variables"]):
            return 21656
        bad = any(not value.strip() or re.search(r"[\n\t]| {5}", value) for value in values.values())
        return 63013 if bad or len(self.rendered(form)) > 1024 else 0
