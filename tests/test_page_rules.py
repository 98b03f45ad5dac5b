"""The checking client has teeth: for every rule one page that it lets through and some that it does not."""

import pytest

from tests.page_rules import faults_in
from tests.pages import is_own_address

GOOD = """<!doctype html>
<html lang="nb" dir="ltr"><head><meta charset="utf-8"><title>I dag – Min vei</title>
<link rel="stylesheet" href="/assets/app.css"><script type="module" src="/assets/app.js"></script></head>
<body><main><h1>I dag</h1>%s</main></body></html>"""


def test_a_good_page_passes():
    body = """<form method="post" action="/chat"><input type="hidden" name="csrf_token" value="x">
    <label for="t">Skriv</label><textarea id="t" name="text"></textarea>
    <button><svg aria-hidden="true"></svg>Send</button></form>
    <p dir="auto">her's "mine" words - %(x)s brudd</p><p lang="ar" dir="rtl">مرحبا</p>
    <p>Kl. 09.00–14.00 – «ja»</p>"""
    assert faults_in(GOOD % body) == []


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<div><p>åpen</div></p>", "bad HTML"),
        ("<h1>To</h1>", "exactly one"),
        ('<p id="a"></p><p id="a"></p>', "stands 2 times"),
        ('<p aria-labelledby="nowhere">x</p>', "points at nothing"),
        ('<a href="#nowhere">Hopp</a>', "leads nowhere"),
        ('<input name="pin">', "has no label"),
        ("<button><svg aria-hidden='true'></svg></button>", "has no words"),
        ('<a href="/chat"></a>', "has no words"),
        ('<img src="/a.png">', "has no alt"),
        ("<p><svg></svg>Ja</p>", "neither hidden"),
        ("<form><button>Send</button></form>", "write both"),
        ('<form method="post" action=""><button>Send</button></form>', "write both"),
        ('<form method="post" action="/chat"><button>Send</button></form>', "no csrf_token"),
        ("<script>alert(1)</script>", "inline script"),
        ('<p style="color:red">x</p>', "inline style"),
        ('<button onclick="x()">Send</button>', "data-module"),
        ('<a href=" javascript:alert(1)">x</a>', "not a real address"),
        ('<img alt="" src="https://elsewhere.example/a.png">', "no request leaves"),
        ('<p lang="ar">مرحبا</p>', "set dir=rtl"),
        ("<p>Hei %(name)s</p>", "a value is missing"),
        ("<p>Hei None</p>", "a value is missing"),
        ("<p>&amp;amp;</p>", "escaped twice"),
        ("<p>Ja - nei</p>", "hyphen as a dash"),
        ("<p>09.00-14.00</p>", "hyphen as a dash"),
        ('<p>"ja"</p>', "straight quotes"),
        ("<p>Vent...</p>", "three full stops"),
        ("<p>Dette er brudd på vilkår.</p>", "never judges"),
        ("<p>" + "".join(chr(0x4E00 + (n * 7919) % 20000) for n in range(30000)) + "</p>", "KB packed"),
    ],
)
def test_a_faulty_page_is_told_what_to_do(body, says):
    assert any(says in fault for fault in faults_in(GOOD % body)), faults_in(GOOD % body)


def test_the_title_starts_with_the_heading():
    assert any("does not start" in fault for fault in faults_in(GOOD.replace("<h1>I dag", "<h1>Chat") % ""))


def test_the_page_names_its_language():
    assert any("lang and dir" in fault for fault in faults_in(GOOD.replace(' dir="ltr"', "") % ""))
    assert any("set dir=rtl" in fault for fault in faults_in(GOOD.replace('lang="nb"', 'lang="ar"') % ""))


@pytest.mark.parametrize(
    ("where", "own"),
    [
        ("/", True),
        ("/chat?sist=1#ny", True),
        ("//elsewhere.example", False),
        ("https://elsewhere.example/", False),
        ("/\\elsewhere.example", False),
        ("\\\\elsewhere.example", False),
        ("javascript:alert(1)", False),
        ("/\tchat", False),
        ("chat", False),
    ],
)
def test_a_redirect_stays_at_home(where, own):
    assert is_own_address(where) is own
