"""What a conversation is about, and who may read and write about it. No tables, no web."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from portal.people.rules.words import Purpose


class Topic(StrEnum):
    """What a conversation is about. Each topic has its own readers."""

    PLAN = "plan"
    MONEY = "money"
    CENTRE = "centre"


class Side(StrEnum):
    """The two who talk: the person herself, and Nav, whoever writes there."""

    RECIPIENT = "recipient"
    STAFF = "staff"


_READERS: dict[Topic, frozenset[Purpose]] = {
    Topic.PLAN: frozenset({Purpose.PLAN, Purpose.JOB}),
    Topic.MONEY: frozenset({Purpose.MONEY, Purpose.PLAN}),
    # The veileder reads the centre's thread too, and the person is told so (design 7).
    Topic.CENTRE: frozenset({Purpose.CENTRE, Purpose.PLAN, Purpose.JOB}),
}


def may_read(topic: Topic, *, is_recipient: bool, purposes: Collection[Purpose]) -> bool:
    """Tell whether someone sees a topic of a conversation: the person it is with, or a helper of hers for it.

    `purposes`: what she is helped with today by the one who asks, empty for anybody else. Pages, events and
    delivery all ask here, each time anew. Source: design 7.
    """
    return is_recipient or not _READERS[topic].isdisjoint(purposes)


def open_topics(*, is_recipient: bool, purposes: Collection[Purpose]) -> frozenset[Topic]:
    """Tell which topics of a conversation somebody sees, by `may_read`."""
    return frozenset(
        topic for topic in Topic if may_read(topic, is_recipient=is_recipient, purposes=purposes)
    )


def own_topic(purposes: Collection[Purpose]) -> Topic:
    """Tell what a helper writes about when nothing else has been said: what she helps with."""
    if Purpose.PLAN in purposes or Purpose.JOB in purposes:
        return Topic.PLAN
    return Topic.MONEY if Purpose.MONEY in purposes else Topic.CENTRE
