"""Judges a run: holds what every actor noted against what the database holds and every page shows.

The numbers are those of the bench's lines; `why` names each fault that was found, so that a broken bar can be
understood. Every rule is exact: no share, no average, no tolerance.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field

from tests.rig.record import NONCE, Line, Run

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


def _doubled(facts: _Facts, verdict: Verdict) -> None:
    """I3: one text is one row, and no page shows an id twice."""
    for nonce, times in Counter(row.nonce for row in facts.rows if row.nonce).items():
        for _ in range(times - 1):
            verdict.count("dup", f"{nonce} is {times} rows")
    for replica in facts.run.replicas:
        # What the server drew of others' messages carries no id; all else does.
        ids = Counter([client_id for _, client_id, _ in replica.rows if client_id] + list(replica.waiting))
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
        seqs = [seq for seq, _, _ in replica.rows]
        if seqs != sorted(seqs):
            verdict.count("misordered", f"{replica.who}/{replica.tab} shows {seqs}")
    for conversation, revs in facts.run.stored.journal.items():
        if revs != tuple(range(1, facts.run.stored.heads[conversation] + 1)):
            verdict.count("misordered", f"the journal of {conversation} has a gap")


def _made_up(facts: _Facts, verdict: Verdict) -> None:
    """Nothing stands in the database or on a page that nobody wrote."""
    for row in facts.rows:
        intent = facts.intents.get(row.client_id)
        if intent is None or NONCE.findall(intent["text"]) != [row.nonce]:
            verdict.count("phantom", f"{row.client_id} at {row.seq} is not what anybody wrote")
    for replica in facts.run.replicas:
        for seq, client_id, _ in replica.rows:
            row = facts.all_rows.get((replica.conversation, seq))
            if row is None or client_id not in ("", row.client_id):
                verdict.count("phantom", f"{replica.who}/{replica.tab} shows {client_id} at {seq}")


def _leaked(facts: _Facts, verdict: Verdict) -> None:
    """I10: nobody hears of a conversation that is not hers, nor anything once she is signed out."""
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
    hidden = set()
    for replica in facts.run.replicas:
        there = {(seq, rev) for seq, _, rev in replica.rows}
        for row in facts.rows:
            if row.conversation == replica.conversation and (row.seq, row.rev) not in there:
                hidden.add((row.conversation, row.seq))
                verdict.count("unresolved", f"{replica.who}/{replica.tab} does not show {row.seq} as it is")
    verdict.shown = len(facts.rows) - len(hidden)
