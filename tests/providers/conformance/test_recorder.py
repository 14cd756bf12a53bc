"""The recorder itself: what it reads, and that a comparison finds what differs."""

from __future__ import annotations

import json
from urllib.request import Request, urlopen

from tests.providers.conformance.recorder import (
    Recorded,
    Recorder,
    Reply,
    differences,
    facts,
    unused,
)


def request(
    body: object = None, content_type: str = "application/json", **headers: str
) -> Recorded:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Recorded("POST", "/v1/things", {}, {"content-type": content_type, **headers}, raw)


def test_a_request_is_written_down_and_answered_by_the_script() -> None:
    with Recorder(lambda told: Reply({"heard": told.body}, 201)) as recorder:
        sent = Request(
            f"{recorder.url}/v1/a%20b?x=1", b'{"n": 1}', {"Content-Type": "application/json"}
        )
        with urlopen(sent) as answer:
            assert (answer.status, json.load(answer)) == (201, {"heard": {"n": 1}})
    (told,) = recorder.take()
    assert (told.method, told.path, told.query) == ("POST", "/v1/a b", {"x": "1"})
    assert recorder.take() == []


def test_facts_leave_out_how_bytes_travel() -> None:
    told = facts(request({"a": [{"b": 1}], "c": {}}, host="x", authorization="Bearer k"))
    assert told == {
        "method": "POST",
        "path": "/v1/things",
        "header content-type": "application/json",
        "header authorization": "Bearer k",
        "body.a.0.b": 1,
        "body.c": {},
    }


def test_the_parts_of_a_form_are_values() -> None:
    form = (
        b'--B\r\nContent-Disposition: form-data; name="path"\r\n\r\nimages\r\n'
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n'
        b"Content-Type: image/png\r\n\r\nPNG\r\n--B--\r\n"
    )
    body = request(form, "multipart/form-data; boundary=B").body
    assert body["path"] == "images"
    assert (body["file"]["file_name"], body["file"]["type"]) == ("a.png", "image/png")


def test_a_difference_is_found_unless_it_is_deliberate() -> None:
    ours, theirs = [request({"a": 1, "b": 2})], [request({"a": 1, "b": 3, "c": 4})]
    assert len(differences(ours, theirs, {})) == 2
    assert differences(ours, theirs, {"body.b": "why", "body.c*": "why"}) == []
    assert unused(ours, theirs, {"body.b": "why", "body.a": "gone"}) == ["body.a"]
    assert differences(ours, [], {}) == ["1 requests in place of 0"]
