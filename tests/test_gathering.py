"""Fifty people who come at once are told of in a few pushes, and the first of them at once."""

from __future__ import annotations

from queue import SimpleQueue

from portal.realtime.gathering import Gathering


def telling(told, pages=1):
    def tell(facts):
        told.put(facts)
        return pages

    return tell


def test_the_first_is_told_at_once_and_what_follows_is_told_together():
    gathering, told, boards = Gathering(), SimpleQueue(), SimpleQueue()
    for fact in range(50):
        gathering.add("check-ins", fact, telling(told))
    gathering.add("boards", "another kind", telling(boards))
    assert told.get_nowait() == [0]
    assert boards.get_nowait() == ["another kind"]
    assert told.get(timeout=30) == list(range(1, 50))
    gathering.add("check-ins", 50, telling(told))
    gathering.stop()
    gathering.add("check-ins", 51, telling(told))
    late = [told.get_nowait()]
    while not told.empty():
        late.append(told.get_nowait())
    assert 51 in late[-1], "nobody waits for a timer that has been stopped"


def test_a_telling_that_fails_is_the_last_of_nothing():
    gathering, told = Gathering(), SimpleQueue()

    def fails(facts):
        told.put(facts)
        raise RuntimeError

    gathering.add("check-ins", 1, telling(told))
    gathering.add("check-ins", 2, fails)
    assert told.get_nowait() == [1]
    assert told.get(timeout=30) == [2]
    gathering.add("check-ins", 3, telling(told))
    assert told.get(timeout=30) == [3]
