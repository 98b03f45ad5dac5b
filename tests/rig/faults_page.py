"""What goes wrong on the phone itself: its tabs, its clock, and who is signed in."""

from __future__ import annotations

from urllib.parse import urlencode

from tests.fixtures.real_portal import ORIGIN, Browser
from tests.rig.checker import GONE_WITHIN_SECONDS
from tests.rig.faults import Fault, Size, pause
from tests.rig.phone import LOGIN
from tests.rig.server import now
from tests.rig.stage import VEILEDER, Played, Stage, Tab

WHO = "jonas"
_A_DAY = 24 * 3600.0
_OUTBOX = 6


def _own_tab(stage: Stage) -> Tab:
    return next(tab for tab in stage.tabs if tab.who == WHO)


def _closed(stage: Stage, size: Size, played: Played) -> None:
    phone, old = stage.phones[WHO], _own_tab(stage)
    others = [tab for tab in stage.tabs if tab.who != WHO]
    with stage.writing(others):
        phone.proxy.change(refuses=True)
        phone.proxy.cut()
        stage.write(old, _OUTBOX)
        stage.wait_until_kept(old, _OUTBOX)
        played.hit = f"closed with {len(stage.waiting(WHO))} messages waiting"
        phone.ask("close", tab=old.name)
        pause(size.cut_seconds / 2)
        phone.proxy.change(refuses=False)
        new = Tab(WHO, f"{old.name}+", WHO)
        stage.tabs[stage.tabs.index(old)] = new
        phone.open(new.name, new.address)
        stage.ended_at = now()


def _frozen(stage: Stage, size: Size, played: Played) -> None:
    phone, tab = stage.phones[WHO], _own_tab(stage)
    stage.write(tab, 2)
    before = stage.state(tab)["rev"]
    phone.ask("freeze", tab=tab.name)
    with stage.writing([one for one in stage.tabs if one.who != WHO]):
        pause(size.cut_seconds)
    played.hit = f"{stage.heads()[stage.conversations[WHO]] - before} changes while frozen"
    phone.ask("thaw", tab=tab.name)
    stage.ended_at = now()


def _two_tabs(stage: Stage, size: Size, played: Played) -> None:
    phone, first = stage.phones[WHO], _own_tab(stage)
    second = Tab(WHO, "second", WHO)
    phone.open(second.name, second.address)
    stage.tabs.append(second)
    with stage.writing([tab for tab in stage.tabs if tab.who != WHO]):
        phone.proxy.change(refuses=True)
        phone.proxy.cut()
        for number in range(_OUTBOX):
            tab = (first, second)[number % 2]
            stage.write(tab, 2)
            stage.wait_until_kept(tab, 2)
        pause(size.cut_seconds / 2)
        played.hit = f"{len(stage.waiting(WHO))} messages waited in two tabs"
        phone.proxy.change(refuses=False)
        stage.ended_at = now()


def _clock_wrong(stage: Stage, size: Size, played: Played) -> None:
    stage.new_phone(WHO, -_A_DAY)
    stage.new_phone(VEILEDER, _A_DAY)
    with stage.writing():
        pause(size.cut_seconds)
        stage.ended_at = now()
    played.hit = "one phone a day behind, one a day ahead"


def _signed_out(stage: Stage, size: Size, played: Played) -> None:
    phone, tab = stage.phones[WHO], _own_tab(stage)
    with stage.writing():
        pause(0.5)
        other_tab = Browser(stage.server.port, stage.token_of(WHO))
        form = urlencode({"csrf_token": other_tab.token()})
        kind = "application/x-www-form-urlencoded"
        other_tab.open("POST", "/logg-ut", form, Content_Type=kind, Origin=ORIGIN)
        stage.note(WHO, "signed out")
        pause(size.cut_seconds + GONE_WITHIN_SECONDS)
        played.hit = f"left: {stage.state(tab)['isLeft']}, {len(stage.waiting(WHO))} messages held"
        phone.ask("sign-in", name=LOGIN, token=stage.sign_in(WHO))
        stage.note(WHO, "signed in")
        for own in [one for one in stage.tabs if one.who == WHO]:
            phone.ask("happens", tab=own.name, name="focus")
        stage.ended_at = now()


FAULTS = (
    Fault("tab closed with a full outbox", _closed),
    Fault("tab frozen", _frozen),
    Fault("two tabs", _two_tabs),
    Fault("clock a day wrong", _clock_wrong),
    Fault("signed out in the middle", _signed_out),
)
