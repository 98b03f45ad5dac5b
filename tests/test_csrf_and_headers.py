"""No form works without its token, and no answer leaves without its headers: not even the worst one."""

import pytest
from sqlalchemy import text

from tests.access_rows import ROUTES
from tests.calls import READS, every_call, make
from tests.fixtures.application import browser, settings_for
from tests.fixtures.databases import on_sqlite
from tests.pages import check

pytestmark = on_sqlite


UNSAFE = sorted({(method, endpoint) for method, endpoint, _row in ROUTES if method not in READS})


@pytest.mark.timeout(180)
def test_nothing_changes_without_the_token(app, world, watch, tell):
    unsafe = (call for call in every_call() if call.method not in READS)
    # By somebody who may, wherever there is somebody: a later call takes the place of an earlier one.
    calls = {(call.method, call.endpoint): call for call in sorted(unsafe, key=lambda call: call.is_allowed)}
    assert sorted(calls) == UNSAFE
    answers = {str(call): make(app, world, call).status_code for call in calls.values()}
    wrong = [f"{call}: {status}" for call, status in answers.items() if status != 400]
    tell(f"csrf: {len(calls)} unsafe routes without a token, {len(wrong)} let through")
    assert wrong == [], "a request without the token is answered 400, before anything else"
    assert watch.written() == []


def test_a_token_of_another_visit_is_worth_nothing(app, world, as_, watch):
    stolen = as_("birk").page("/nodhjelp").value_of("csrf_token")
    answer = as_("anna").post("/logg-ut", data={"csrf_token": stolen})
    assert answer.status_code == 400
    assert watch.written() == []


def test_a_form_sent_from_somewhere_else_is_refused(app, world, as_, watch):
    anna = as_("anna")
    token = anna.page("/nodhjelp").value_of("csrf_token")
    sent = anna.post(
        "/logg-ut", data={"csrf_token": token}, headers={"Referer": "https://elsewhere.example/"}
    )
    assert sent.status_code == 400
    assert watch.written() == []


ANSWERS = [
    ("GET", "/finnes-ikke", 404),
    ("GET", "/static/finnes-ikke.js", 404),
    ("GET", "/../etc/passwd", 404),
    ("POST", "/", 405),
    ("DELETE", "/chat", 405),
    ("TRACE", "/", 405),
    ("GET", "/logg-inn", 200),
    ("GET", "/live", 200),
    ("HEAD", "/logg-inn", 200),
    ("OPTIONS", "/logg-inn", 200),
    ("GET", "/chat/hoder", 303),
]


def test_every_answer_carries_the_headers(client):
    for method, address, status in ANSWERS:
        answer = client.open(address, method=method)  # the client itself looks at the headers
        assert (method, address, answer.status_code) == (method, address, status)
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        assert answer.headers["Permissions-Policy"]
        assert "Werkzeug" not in answer.headers.get("Server", "")


def test_the_worst_page_is_drawn_without_a_database(app, as_, database):
    """A table is gone: the page still says so kindly, with the headers and a number to tell us."""
    anna = as_("anna")
    with database.transaction() as s:
        s.execute(text("DROP TABLE login_session"))
    answer = anna.get("/planen-min")
    assert answer.status_code == 500
    assert "login_session" not in answer.text
    assert anna.get("/planen-min", headers={"Accept": "application/json"}).status_code == 500


def test_static_files_are_kept_for_a_year_and_carry_the_headers(app):
    address = app.jinja_env.globals["asset"]("js/app.js")
    answer = browser(app).get(address, buffered=True)
    assert answer.status_code == 200
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert "immutable" in answer.headers["Cache-Control"]
    check(answer)


def test_cookies_are_ours_alone(as_, world):
    """The client looks at every cookie that is set; here is one that must be."""
    answer = as_("anna").submit("/sprak", on="/nodhjelp", language="ar")
    assert answer.headers.getlist("Set-Cookie")


WAYS_OUT = (
    "//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "\\\\elsewhere.example",
    "/\t/elsewhere.example", "http:elsewhere.example", "javascript:alert(1)", "///elsewhere.example",
    "/%09/elsewhere.example\n", " /elsewhere", "data:text/html,x", "////elsewhere.example", "/\x00",
    "?x", "",
)  # fmt: skip


def test_no_redirect_leaves_the_portal(as_, world):
    anna = as_("anna")
    for where in WAYS_OUT:
        answer = anna.submit("/sprak", on="/nodhjelp", language="nb", next=where)
        assert (where, answer.status_code) == (where, 303)  # the client looks at where it leads


def test_production_refuses_to_start_without_https(database_url):
    with pytest.raises(ValueError, match="https"):
        settings_for(database_url, origins=("http://minvei.test",))


def test_a_spoofed_forwarding_header_is_not_believed(app, client):
    """Nobody in front of us is trusted unless the settings name it."""
    lying = {
        "X-Forwarded-Host": "elsewhere.example",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-For": "1.2.3.4",
    }
    assert "elsewhere.example" not in client.get("/logg-inn", headers=lying).text
