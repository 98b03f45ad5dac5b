"""Judges a run: holds what every actor noted against what the database holds and every page shows.

The numbers are those of the bench's lines; `why` names each fault that was found, so that a broken bar can be
understood. Every rule is exact: no share, no average, no tolerance.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field

from tests.rig.record import NONCE, Held, Line, Row, Run, Shown

GONE_WITHIN_SECONDS = 1.0
"""After a sign-out a live connection is closed within this time (I10)."""


@dataclass
class Verdict:
    """One line of the bench. All but the first five must be 0, and `t_conv_max_s` within the bar."""

    fault: str
    sent: int = 0
    acked: int = 0
    stored: int = 0
    shown: int = 0
    lost: int = 0
    dup: int = 0
    misordered: int = 0
    phantom: int = 0
    leaked: int = 0
    unresolved: int = 0
    t_conv_max_s: float = 0.0
    why: list[str] = field(default_factory=list)

    BARS = ("lost", "dup", "misordered", "phantom", "leaked", "unresolved")

    def over(self, conv_seconds: float) -> list[str]:
        """Which bars are broken."""
        broken = [f"{name} {getattr(self, name)}" for name in self.BARS if getattr(self, name)]
        if self.t_conv_max_s > conv_seconds:
            broken.append(f"t_conv_max_s {self.t_conv_max_s} > {conv_seconds}")
        return broken

    def as_data(self) -> dict[str, object]:
        """The line as data; `why` is cut where it grows long."""
        return asdict(self) | {"why": self.why[:10]}

    def count(self, name: str, why: str) -> None:
        """Note one fault."""
        setattr(self, name, getattr(self, name) + 1)
        self.why.append(f"{name}: {why}")


class _Facts:
    """A run, sorted for the questions below."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.intents = {line["id"]: line for line in run.lines if line["kind"] == "intent"}
        kept = dict.fromkeys(line["id"] for line in run.lines if line["kind"] == "kept")
        self.kept = [client_id for client_id in kept if client_id in self.intents]
        self.acks = {line["id"]: line for line in run.lines if line["kind"] == "stored"}
        # Another tab has sent it: the page was told so by its outbox, and has fetched it.
        self.gone = {line["id"] for line in run.lines if line["kind"] == "gone"}
        self.rows = [row for row in run.stored.rows if row.seq > run.heads_before.get(row.conversation, 0)]
        self.all_rows = {(row.conversation, row.seq): row for row in run.stored.rows}
        self.by_id = defaultdict(list)
        for row in self.rows:
            self.by_id[row.client_id].append(row)
        self.papers = {
            paper["id"]: paper["mark"] for line in self.intents.values() for paper in files_of(line)
        }
        self.files = [
            file
            for file in run.stored.files
            if file.seq is None or file.seq > run.heads_before.get(file.conversation, 0)
        ]
        self.opened = [line for line in run.lines if line["kind"] == "opened"]
        self.on = defaultdict(list)
        for file in self.files:
            self.on[file.conversation, file.seq].append(file)


def files_of(intent: Line) -> list[dict[str, str]]:
    """The files {id, mark} that a message was meant to take along."""
    return list(intent.get("files", ()))


def judge(run: Run) -> Verdict:
    """Count what was lost, doubled, out of order, made up, heard by the wrong person, or left undone."""
    facts = _Facts(run)
    verdict = Verdict(run.fault, len(facts.kept), len(facts.acks.keys() | facts.gone), len(facts.rows))
    _lost(facts, verdict)
    _doubled(facts, verdict)
    _misordered(facts, verdict)
    _made_up(facts, verdict)
    _leaked(facts, verdict)
    _unresolved(facts, verdict)
    settled = [line["at"] for line in run.lines if line["kind"] in ("stored", "shown", "gone")]
    verdict.t_conv_max_s = round(max(0.0, max(settled, default=0) - run.ended_at), 2)
    return verdict


def _lost(facts: _Facts, verdict: Verdict) -> None:
    """I1 and I2: what a phone kept is a row, and what a phone was told is stored is that very row."""
    for client_id in facts.kept:
        if client_id not in facts.by_id:
            verdict.count("lost", f"{facts.intents[client_id]['who']} kept {client_id}, and it is no row")
    for client_id, ack in facts.acks.items():
        rows = facts.by_id.get(client_id, [])
        if client_id in facts.intents and not any(row.seq == ack["seq"] for row in rows):
            verdict.count("lost", f"{ack['who']} was told that {client_id} is {ack['seq']}, and it is not")
    for client_id in facts.kept:
        for row in facts.by_id.get(client_id, []):
            there = {file.client_id for file in facts.on[row.conversation, row.seq]}
            for paper in files_of(facts.intents[client_id]):
                if paper["id"] not in there:
                    verdict.count("lost", f"the file {paper['id']} does not hang on {row.seq}")


def _doubled(facts: _Facts, verdict: Verdict) -> None:
    """I3: one text is one row, and no page shows an id twice."""
    for nonce, times in Counter(row.nonce for row in facts.rows if row.nonce).items():
        for _ in range(times - 1):
            verdict.count("dup", f"{nonce} is {times} rows")
    for what in (Counter(file.client_id for file in facts.files), Counter(file.mark for file in facts.files)):
        for name, times in what.items():
            if times > 1:
                verdict.count("dup", f"the file {name} is there {times} times")
    for replica in facts.run.replicas:
        # What the server drew of others' messages carries no id; all else does.
        ids = Counter([row.client_id for row in replica.rows if row.client_id] + list(replica.waiting))
        for client_id, times in ids.items():
            if times > 1:
                verdict.count("dup", f"{replica.who}/{replica.tab} shows {client_id} {times} times")


def _misordered(facts: _Facts, verdict: Verdict) -> None:
    """I4, I5, I6: each writer's order of pressing, one order on every page, and no gap in the numbers."""
    newest: dict[tuple[str, str], int] = {}
    for client_id, intent in facts.intents.items():
        for row in facts.by_id.get(client_id, [])[:1]:
            writer = (row.conversation, intent["author"])
            if row.seq < newest.get(writer, 0):
                verdict.count("misordered", f"{intent['who']} wrote {client_id} later than it stands")
            newest[writer] = max(row.seq, newest.get(writer, 0))
    for replica in facts.run.replicas:
        seqs = [row.seq for row in replica.rows]
        if seqs != sorted(seqs):
            verdict.count("misordered", f"{replica.who}/{replica.tab} shows {seqs}")
    for conversation, revs in facts.run.stored.journal.items():
        if revs != tuple(range(1, facts.run.stored.heads[conversation] + 1)):
            verdict.count("misordered", f"the journal of {conversation} has a gap")


def _made_up(facts: _Facts, verdict: Verdict) -> None:
    """Nothing stands in the database or on a page that nobody wrote."""
    for row in facts.rows:
        intent = facts.intents.get(row.client_id)
        if intent is None or not _is_meant(row, intent):
            verdict.count("phantom", f"{row.client_id} at {row.seq} is not what anybody wrote")
    for file in facts.files:
        if facts.papers.get(file.client_id) != file.mark:
            verdict.count("phantom", f"the file {file.client_id} is not what anybody sent")
    for replica in facts.run.replicas:
        for shown in replica.rows:
            row = facts.all_rows.get((replica.conversation, shown.seq))
            if row is None or shown.client_id not in ("", row.client_id):
                verdict.count(
                    "phantom", f"{replica.who}/{replica.tab} shows {shown.client_id} at {shown.seq}"
                )


def _is_meant(row: Row, intent: Line) -> bool:
    """Whether a row says what its writer wrote, about what she said it is about."""
    meant = "".join([intent["text"], *intent.get("values", {}).values()])
    nonces = NONCE.findall(meant) or [""]
    return nonces == [row.nonce] and (intent.get("topic") or "plan") == row.topic


def _leaked(facts: _Facts, verdict: Verdict) -> None:
    """I10: nobody hears of a conversation that is not hers or opens its file, nor once she is signed out."""
    for line in facts.opened:
        may_read = line["who"] in facts.run.members[line["conversation"]]
        if not may_read and line["mark"] != "404":
            verdict.count("leaked", f"{line['who']} got {line['mark']} for the file {line['file']}")
    out_since: dict[str, float] = {}
    for line in sorted(facts.run.lines, key=lambda line: line["at"]):
        if line["kind"] == "signed out":
            out_since[line["who"]] = line["at"]
        elif line["kind"] == "signed in":
            out_since.pop(line["who"], None)
        elif line["kind"] == "heard":
            _heard(facts, verdict, line, out_since.get(line["who"]))


def _heard(facts: _Facts, verdict: Verdict, line: Line, out_since: float | None) -> None:
    if line["who"] not in facts.run.members.get(line["conversation"], frozenset()):
        verdict.count("leaked", f"{line['who']} heard of {line['conversation']}")
    elif out_since is not None and line["at"] > out_since + GONE_WITHIN_SECONDS:
        verdict.count("leaked", f"{line['who']} heard {line['at'] - out_since:.1f} s after signing out")


def _unresolved(facts: _Facts, verdict: Verdict) -> None:
    """I7, I8: nothing waits any more, and every page shows every message as it is now."""
    stuck = {client_id for replica in facts.run.replicas for client_id in replica.waiting}
    for client_id in stuck:
        verdict.count("unresolved", f"{client_id} still waits")
    for line in facts.run.lines:
        if line["kind"] in ("refused", "script fault"):
            why = line.get("reason") or line.get("text")
            verdict.count("unresolved", f"{line['who']}: {line['kind']} {why}")
    for what in facts.run.stored.contradictions:
        verdict.count("unresolved", what)
    _files_unresolved(facts, verdict)
    hidden = set()
    for replica in facts.run.replicas:
        there = {shown.seq: shown for shown in replica.rows}
        for row in facts.rows:
            files = facts.on[row.conversation, row.seq]
            if row.conversation == replica.conversation and not _is_as_it_is(
                there.get(row.seq), row, files, replica.language
            ):
                hidden.add((row.conversation, row.seq))
                verdict.count("unresolved", f"{replica.who}/{replica.tab} does not show {row.seq} as it is")
    verdict.shown = len(facts.rows) - len(hidden)


def _files_unresolved(facts: _Facts, verdict: Verdict) -> None:
    """A file waits for its message no more, and whoever may read it gets its very bytes."""
    for file in facts.files:
        if file.seq is None:
            verdict.count("unresolved", f"the file {file.client_id} waits for its message")
    marks = {file.public_id: file.mark for file in facts.files}
    for line in facts.opened:
        may_read = line["who"] in facts.run.members[line["conversation"]]
        if may_read and line["mark"] != marks.get(line["file"]):
            verdict.count("unresolved", f"{line['who']} got {line['mark']} for the file {line['file']}")


def _is_as_it_is(shown: Shown | None, row: Row, files: list[Held], language: str) -> bool:
    """Whether a page shows a message as it is now: its words in the reader's language, its files to open."""
    if shown is None or (shown.rev, shown.topic) != (row.rev, row.topic):
        return False
    opens = tuple((file.public_id, file.is_ready) for file in files)
    return shown.says in (None, row.says.get(language, shown.says)) and (
        shown.files is None or (shown.files == opens and all(file.is_ready for file in files))
    )
