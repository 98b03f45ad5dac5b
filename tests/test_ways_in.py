"""The seam for ID-porten and Entra ID, with a provider of our own that speaks the code flow with PKCE."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask

from portal import clock
from portal.app import create_app
from portal.config import Settings
from portal.db import Database
from portal.errors import N_, Conflict, Refused
from portal.people.models import ExternalIdentity, Person, StaffRole
from portal.people.rules.words import Level
from portal.people.service import external
from portal.people.service.external import Departure, ExternalProof
from tests.fixtures.application import browser, compiled_pages
from tests.fixtures.databases import on_sqlite
from tests.pages import ORIGIN, Browser, CheckingClient
from tests.world import World

pytestmark = on_sqlite


ISSUER = "https://provider.test"
LEVELS = {"substantial": Level.MINID, "high": Level.BANKID}


@dataclass
class Provider:
    """The other side: whoever stands there says who she is, and a code is given that its owner can change."""

    issued: dict[str, dict[str, str]] = field(default_factory=dict)

    def authorise(self, address: str, subject: str, acr: str) -> str:
        """Somebody says who she is; tell where her browser is sent back to."""
        asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
        code = secrets.token_urlsafe(8)
        self.issued[code] = {**asked, "sub": subject, "acr": acr}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, code: str, verifier: str) -> dict[str, str] | None:
        """Change a code into what was proved; once, and only for whoever began (PKCE, S256)."""
        told = self.issued.pop(code, None)
        if told is None or told["code_challenge"] != challenge(verifier):
            return None
        return {"iss": ISSUER, "sub": told["sub"], "acr": told["acr"], "nonce": told["nonce"]}


def challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


@dataclass
class TestWay:
    """The way in that an office would write for this provider."""

    __test__ = False
    provider: Provider
    name: str = "prove"
    label: str = "Prøve-ID"
    is_for_staff: bool = False

    def start(self, callback_address: str) -> Departure:
        remember = {key: secrets.token_urlsafe(16) for key in ("state", "nonce", "verifier")}
        asked = {
            "redirect_uri": callback_address,
            "state": remember["state"],
            "nonce": remember["nonce"],
            "code_challenge": challenge(remember["verifier"]),
        }
        return Departure(f"{ISSUER}/authorize?{urlencode(asked)}", remember)

    def read_callback(
        self, callback_address: str, told: Mapping[str, str], remembered: Mapping[str, str]
    ) -> ExternalProof:
        refused = Refused("external.refused", N_("Innloggingen ble avbrutt. Begynn på nytt."))
        if not secrets.compare_digest(told.get("state", ""), remembered["state"]):
            raise refused
        token = self.provider.token(told.get("code", ""), remembered["verifier"])
        if token is None or token["nonce"] != remembered["nonce"] or token["acr"] not in LEVELS:
            raise refused
        return ExternalProof(token["iss"], token["sub"], LEVELS[token["acr"]])


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def app(settings: Settings, provider: Provider) -> Iterator[Flask]:
    """The portal with two ways in by the same provider."""
    staff = TestWay(provider, "ansatt", "Ansatt-ID", is_for_staff=True)
    made = create_app(settings, ways_in=[TestWay(provider), staff])
    made.jinja_env.bytecode_cache = compiled_pages()
    made.test_client_class = CheckingClient
    yield made
    made.extensions["live"].stop()
    made.extensions["portal"].database.close()


@pytest.fixture
def known(database: Database, world: World) -> None:
    """The provider's subjects «a», «p» and «v» mean Anna, Petra and Vera."""
    with database.transaction() as s:
        for subject, name in (("a", "anna"), ("p", "petra"), ("v", "vera")):
            proof = ExternalProof(ISSUER, subject, Level.BANKID)
            external.link_identity(s, world.people[name].id, proof)


def leave(app: Flask, name: str = "prove", going_to: str = "/planen-min") -> tuple[Browser, str]:
    """A browser that has tapped the button; where the provider is asked."""
    app.test_client_class = Browser  # leads out of the portal, which no other page does
    phone = browser(app)
    app.test_client_class = CheckingClient
    answer = phone.get(f"/logg-inn/med/{name}", query_string={"next": going_to})
    assert answer.status_code == 303
    assert answer.location.startswith(f"{ISSUER}/")
    return phone, answer.location


def come_in(app: Flask, phone: Browser, back: str, name: str = "prove"):
    """Come back, and tap the one button."""
    shown = phone.get(back.removeprefix(ORIGIN))
    if shown.status_code != 200:
        return shown
    return CheckingClient.follow_form(phone, shown, f"/logg-inn/med/{name}")


def sign_in(app: Flask, provider: Provider, subject: str, acr: str = "high", name: str = "prove"):
    phone, address = leave(app, name)
    return phone, come_in(app, phone, provider.authorise(address, subject, acr), name)


def test_each_way_in_has_its_button_where_it_belongs(app: Flask) -> None:
    recipients, staff = (browser(app).get(address).text for address in ("/logg-inn", "/jobb"))
    assert ("Logg inn med Prøve-ID" in recipients, "Ansatt-ID" in recipients) == (True, False)
    assert ("Logg inn med Ansatt-ID" in staff, "Prøve-ID" in staff) == (True, False)


@pytest.mark.usefixtures("known")
def test_whoever_the_provider_proves_is_let_in_to_where_she_was_going(app: Flask, provider: Provider) -> None:
    phone, answer = sign_in(app, provider, "a")
    assert (answer.status_code, answer.location) == (303, "/planen-min")
    assert phone.get("/planen-min").status_code == 200


@pytest.mark.usefixtures("known")
def test_coming_back_signs_nobody_in_before_the_tap(app: Flask, provider: Provider) -> None:
    phone, address = leave(app)
    assert phone.get(provider.authorise(address, "a", "high").removeprefix(ORIGIN)).status_code == 200
    assert phone.get("/planen-min").status_code == 303


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("subject", "acr", "level"), [("a", "substantial", 3), ("a", "high", 4), ("v", "high", 3)]
)
def test_the_level_is_what_was_proved_and_for_staff_no_more_than_two_steps_give(
    app: Flask, database: Database, world: World, provider: Provider, subject: str, acr: str, level: int
) -> None:
    phone, _answer = sign_in(app, provider, subject, acr, "ansatt" if subject == "v" else "prove")
    cookie = phone.get_cookie("__Host-login", domain="minvei.test")
    assert cookie is not None
    with database.transaction(writes=False) as s:
        assert app.extensions["portal"].find_viewer(s, cookie.value).level == level


@pytest.mark.usefixtures("known")
def test_a_stranger_a_protected_person_and_staff_without_a_role_are_refused_alike(
    app: Flask, database: Database, world: World, provider: Provider
) -> None:
    with database.transaction() as s:
        s.get_one(Person, world.people["petra"].id).digital_allowed_by_id = None
        for role in s.query(StaffRole).filter_by(person_id=world.people["vera"].id):
            role.to_on = clock.today_oslo() - timedelta(days=1)
    answers = [sign_in(app, provider, subject)[1] for subject in ("stranger", "p", "v")]
    assert {(one.status_code, "Vi kjenner deg ikke igjen" in one.text) for one in answers} == {(422, True)}


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("fault", ["state", "code", "acr", "another browser", "twice", "too late"])
def test_what_does_not_hold_lets_nobody_in(app: Flask, provider: Provider, fault: str) -> None:
    phone, address = leave(app)
    back = provider.authorise(address, "a", "low" if fault == "acr" else "high")
    if fault in {"state", "code"}:
        back = back.replace(f"{fault}=", f"{fault}=x")
    if fault == "another browser":
        phone, _address = leave(app)
    if fault == "twice":
        phone.get(back.removeprefix(ORIGIN))
    minutes = 11 if fault == "too late" else 0
    with clock.stop_at(clock.now_utc() + timedelta(minutes=minutes)):
        assert come_in(app, phone, back).status_code == 422
        assert phone.get("/planen-min").status_code == 303


@pytest.mark.usefixtures("known")
def test_signing_in_by_somebody_else_never_leads_out(app: Flask, provider: Provider) -> None:
    phone, address = leave(app, going_to="//evil.test")
    assert come_in(app, phone, provider.authorise(address, "a", "high")).location == "/"


def test_a_subject_means_one_person_and_its_name_is_not_kept(database: Database, world: World) -> None:
    proof = ExternalProof(ISSUER, "31129912345", Level.BANKID)
    with database.transaction() as s:
        for _twice in range(2):
            external.link_identity(s, world.people["anna"].id, proof)
    with database.transaction() as s, pytest.raises(Conflict):
        external.link_identity(s, world.people["birk"].id, proof)
    with database.transaction(writes=False) as s:
        kept = s.query(ExternalIdentity).one()
    assert kept.person_id == world.people["anna"].id
    assert b"31129912345" not in kept.subject_hash
