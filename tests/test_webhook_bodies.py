"""Calls to the webhooks that nobody signed, in every shape a body can have."""

import pytest

from tests.whatsapp import HOST, twilio, wa_app  # noqa: F401 (fixtures)

BODIES = {
    "JSON": ({"content_type": "application/json", "data": '{"Body": 1}'}, ""),
    "hash of a body": ({"data": {"Body": "Halo"}}, "?bodySHA256=abc"),
    "broken multipart": ({"content_type": "multipart/form-data; boundary=x", "data": b"--x\r\nContent-Dis"}, ""),
    "multipart without boundary": ({"content_type": "multipart/form-data", "data": b"x"}, ""),
    "a thousand parts": ({"content_type": "multipart/form-data; boundary=x", "data": b"--x\r\n\r\n\r\n" * 1500}, ""),
    "bytes": ({"content_type": "application/x-www-form-urlencoded", "data": b"\xff\xfe%zz=%\x00&&&=="}, ""),
    "query of bytes": ({"data": {}}, "?o=%ff%00"),
}


@pytest.mark.parametrize("path", ["/wa/masuk", "/wa/status"])
@pytest.mark.parametrize(("request_", "query"), BODIES.values(), ids=BODIES)
def test_a_body_of_any_shape_is_refused_and_never_a_failure_of_ours(
    wa_app, path, request_, query  # noqa: F811
):
    answer = wa_app.test_client().post(path + query, headers={"X-Twilio-Signature": "AAAA"}, **request_, **HOST)
    assert answer.status_code in (403, 413)
