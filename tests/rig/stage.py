"""A server, a net and four people with their browsers: where a fault is played and judged."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from portal import i18n
from portal.chat.models import Conversation
from portal.people.models import Person
from portal.people.rules.words import Level
from portal.people.service import sessions
from tests.fixtures.room import wait_until
from tests.rig.checker import Verdict, judge
from tests.rig.cluster import Cluster
from tests.rig.letters import Pens, mark_of, words
from tests.rig.phone import LOGIN, Phone, bundle
from tests.rig.probe import Probe, ask_for
from tests.rig.proxy import Net, Proxy
from tests.rig.record import Held, Replica, Run, Shown, lines_since, opened, read_database, read_heads
from tests.rig.server import Server, now

RECIPIENTS = ("jonas", "rolf")
VEILEDER, SPY = "ingrid", "per"
LANGUAGES = {"jonas": "ar"}
"""What is read in another language than Norwegian, and by whom."""
SETTLES_WITHIN_SECONDS = 45
SERVER_FAULTS = ("dedupe-off",)
_PAUSE_SECONDS = 0.12
_MOST_WAITING = 10
_MOST_ASKED = 6
"""So many of the new files are fetched as a browser does, by one who may and one who may not."""


@dataclass(frozen=True)
class Tab:
    """An open page: whose browser, which tab, whose conversation."""

    who: str
    name: str
    owner: str

    @property
    def address(self) -> str:
        """Where the page lies."""
        return "/chat" if self.who == self.owner else f"/person/demo-{self.owner}"


def _tabs(recipients: Sequence[str]) -> list[Tab]:
    own = [Tab(name, "one", name) for name in recipients]
    return own + [Tab(VEILEDER, name, name) for name in recipients]


class Stage:
    """Jonas and Rolf on their phones, Ingrid who helps both, and Per, who helps neither.

    Per listens, and asks for the others' files by name.

    `mistake`: a deliberate one, in the server or in the pages' scripts. `is_small`: Jonas and Ingrid alone.
    """

    def __init__(
        self, folder: Path, database_url: str, *,
        mistake: str = "", is_small: bool = False, cluster: Cluster | None = None,
    ) -> None:  # fmt: skip
        self.folder = folder
        self.random = random.Random(1)  # the same every time
        self.pens = Pens()
        self.database = opened(database_url)
        self.server = Server(folder, database_url, mistake if mistake in SERVER_FAULTS else "")
        self.net = Net()
        self.phones: dict[str, Phone] = {}
        self.tabs = _tabs(RECIPIENTS[:1] if is_small else RECIPIENTS)
        self._people = ("jonas", VEILEDER) if is_small else (*RECIPIENTS, VEILEDER, SPY)
        self.cluster = cluster
        self.settles_within_seconds = SETTLES_WITHIN_SECONDS
        self.ended_at = 0.0
        self._mistake = "" if mistake in SERVER_FAULTS else mistake
        self._proxies: dict[str, Proxy] = {}

    def start(self) -> None:
        """Start the server and everybody's browser."""
        self.folder.mkdir(parents=True, exist_ok=True)
        bundle(self.folder / "page.js", self._mistake)
        self.server.start()
        with self.database.transaction() as s:
            for name, language in LANGUAGES.items():
                s.execute(update(Person).where(Person.public_id == f"demo-{name}").values(language=language))
            conversations = s.execute(
                select(Person.public_id, Conversation.public_id)
                .join(Conversation, Conversation.recipient_id == Person.id)
                .where(Person.public_id.in_([f"demo-{name}" for name in RECIPIENTS]))
            ).all()
            self.conversations = {who.removeprefix("demo-"): found for who, found in conversations}
        for number, who in enumerate(self._people):
            self._proxies[who] = Proxy(self.net, self.server.port, number + 10)
            self.phones[who] = self._phone(who)
        for tab in self.tabs:
            self.phones[tab.who].open(tab.name, tab.address)
        if SPY in self.phones:
            self.phones[SPY].ask("listen", tab="spy")
        self.wait_until_up()

    def wait_until_up(self) -> None:
        """Wait until every open page has its live connection."""
        wait_until(lambda: all(self.state(tab)["isUp"] for tab in self.tabs), "all are up", seconds=20)

    def new_phone(self, who: str, clock_off_seconds: float = 0) -> None:
        """Give somebody another phone, with the same pages open on it. Its clock may be wrong."""
        self.phones[who].end()
        self.phones[who] = self._phone(who, clock_off_seconds)
        for tab in self.tabs:
            if tab.who == who:
                self.phones[who].open(tab.name, tab.address)
        self.wait_until_up()

    def _phone(self, who: str, clock_off_seconds: float = 0) -> Phone:
        return Phone(
            who, self._proxies[who], token=self.sign_in(who), script=self.folder / "page.js",
            folder=self.folder, clock_off_seconds=clock_off_seconds,
        )  # fmt: skip

    def end(self) -> None:
        """End everything that was started."""
        for phone in self.phones.values():
            phone.end()
        self.net.close()
        self.server.stop()
        self.database.close()

    def sign_in(self, who: str) -> str:
        """Sign somebody in; gives the token for her cookie."""
        with self.database.transaction() as s:
            person = s.scalars(select(Person.id).where(Person.public_id == f"demo-{who}")).one()
            return sessions.start_session(s, person, Level.BANKID)

    def token_of(self, who: str) -> str:
        """The token that somebody's browser holds now."""
        return str(self.phones[who].ask("cookies").get(LOGIN, ""))

    def note(self, who: str, kind: str, **facts: object) -> None:
        """Write a line in somebody's log, about what was done to her or without her page."""
        line = {"at": now(), "who": who, "tab": "", "kind": kind, **facts}
        with (self.folder / f"{who}-told.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")

    def write(self, tab: Tab, times: int = 1, *, mixed: bool = False) -> list[str]:
        """Have somebody write a few words, or `mixed`: whatever people write, with files and all."""
        is_staff = tab.who != tab.owner
        letters = [
            self.pens.next(tab.who, is_staff=is_staff) if mixed else words(tab.who) for _ in range(times)
        ]
        return self.phones[tab.who].write(tab.name, letters)

    def waiting(self, who: str) -> list[str]:
        """The ids that wait in somebody's tabs."""
        states = [self.state(tab) for tab in self.tabs if tab.who == who]
        return list(dict.fromkeys(one for state in states for one in (*state["waiting"], *state["outbox"])))

    def wait_until_kept(self, tab: Tab, times: int) -> None:
        """Wait until the phone has kept at least so many messages of a tab."""
        wait_until(lambda: len(self.state(tab)["waiting"]) >= times, "the phone keeps what was written")

    def wait_until_said(self, who: str, kind: str, client_id: str = "") -> None:
        """Wait until somebody's page has noted something, of one message if one is named."""

        def is_said() -> bool:
            lines = lines_since(self.folder, {})
            return any(
                (line["who"], line["kind"]) == (who, kind) and client_id in ("", line.get("id"))
                for line in lines
            )

        wait_until(is_said, f"{who} notes «{kind}»", seconds=20)

    def tab_of(self, who: str, owner: str) -> Tab:
        """Somebody's open page of a person's conversation."""
        return next(tab for tab in self.tabs if (tab.who, tab.owner) == (who, owner))

    def count(self, kind: str) -> int:
        """How many lines of a kind there are so far."""
        return sum(line["kind"] == kind for line in lines_since(self.folder, {}))

    @contextmanager
    def writing(self, tabs: list[Tab] | None = None) -> Iterator[None]:
        """Let everybody write one message after another while the block runs; who has ten waiting stops."""
        stop = threading.Event()
        writers = self.tabs if tabs is None else tabs

        def write() -> None:
            while not stop.wait(_PAUSE_SECONDS * (0.5 + self.random.random())):
                tab = self.random.choice(writers)
                if len(self.state(tab)["waiting"]) < _MOST_WAITING:
                    self.write(tab, self.random.choice((1, 1, 1, 2, 3)), mixed=True)

        thread = threading.Thread(target=write, name="writing")
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    @contextmanager
    def playing(self, fault: str, *, pages_answer: bool = True) -> Iterator[Played]:
        """Play a fault in the block; afterwards everything is given time to settle, and is judged."""
        before = self.heads()
        seen = {file: file.stat().st_size for file in self.folder.glob("*.jsonl")}
        played = Played()
        self.ended_at = 0.0
        with ExitStack() as asking:
            probe = Probe(self.server.port, self.sign_in("rolf"))
            if pages_answer:
                asking.enter_context(probe)
            yield played
            self.ended_at = self.ended_at or now()
            with suppress(AssertionError):
                wait_until(
                    self.has_settled, "everything settles", seconds=self.settles_within_seconds, every=0.1
                )
        run = self._run(fault, before, seen)
        played.run, played.verdict = run, judge(run)
        played.pages_failed, played.pages_slowest_s = probe.failed, round(probe.slowest_seconds, 2)

    def has_settled(self) -> bool:
        """Whether nothing waits anywhere and every page knows the newest change."""
        heads = self.heads()
        for tab in self.tabs:
            state = self.state(tab)
            if state["waiting"] or state["outbox"] or state["rev"] != heads[self.conversations[tab.owner]]:
                return False
        return True

    def heads(self) -> dict[str, int]:
        """How far each conversation has come."""
        return read_heads(self.database, self.conversations.values())

    def state(self, tab: Tab) -> dict[str, Any]:
        """How far somebody's open page has come, and what waits there."""
        return self.phones[tab.who].ask("progress", tab=tab.name)

    def rows(self, tab: Tab) -> list[dict[str, Any]]:
        """The messages that somebody's open page shows, in their order there."""
        rows: list[dict[str, Any]] = self.phones[tab.who].ask("rows", tab=tab.name)["rows"]
        return rows

    def _run(self, fault: str, before: dict[str, int], seen: dict[Path, int]) -> Run:
        replicas = []
        for tab in self.tabs:
            state = self.state(tab)
            rows = tuple(_shown(row) for row in self.rows(tab))
            waiting = tuple(dict.fromkeys([*state["waiting"], *state["outbox"]]))
            language = LANGUAGES.get(tab.who, i18n.SOURCE)
            replicas.append(
                Replica(tab.who, tab.name, self.conversations[tab.owner], rows, waiting, language)
            )
        members = {self.conversations[name]: frozenset({name, VEILEDER}) for name in RECIPIENTS}
        stored = read_database(self.database, before)
        new = [file for file in stored.files if file.seq and file.seq > before[file.conversation]]
        for who in (SPY, VEILEDER):
            self._open(who, new[:_MOST_ASKED])
        return Run(
            fault,
            tuple(lines_since(self.folder, seen)),
            stored,
            tuple(replicas),
            members,
            before,
            self.ended_at,
        )

    def _open(self, who: str, files: list[Held]) -> None:
        """Let somebody ask for files, and note what she gets: the mark of each, or the status if none."""
        token = self.sign_in(who) if files else ""
        for file in files:
            answer = ask_for(self.server.port, token, f"/chat/fil/{file.public_id}")
            got = mark_of(answer.content) if answer.status == 200 else str(answer.status)
            self.note(who, "opened", conversation=file.conversation, file=file.public_id, mark=got)


def _shown(row: dict[str, Any]) -> Shown:
    files = row.get("files")
    return Shown(
        row["seq"], row["id"], row["rev"], row["topic"], row.get("says"),
        None if files is None else tuple((name, opens) for name, opens in files),
    )  # fmt: skip


@dataclass
class Played:
    """What came of a fault. `hit`: a word on how it is known that the fault did happen."""

    run: Run | None = None
    verdict: Verdict | None = None
    pages_failed: int = 0
    pages_slowest_s: float = 0.0
    hit: str = ""
    over: list[str] = field(default_factory=list)
    """Bars of this fault alone that were broken, such as memory."""
