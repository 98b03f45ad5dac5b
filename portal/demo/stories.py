"""What happens to the made-up people: plans, duties, talks and days at the centre.

Made through the same services that pages use. What lies in the past is made with the clock stopped there.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, time, timedelta

from sqlalchemy.orm import Session

from portal.attendance.rules.telling import NoticeKind
from portal.attendance.service import checking_in, notices
from portal.attendance.service import choices as at_centre
from portal.chat.rules.calls import When
from portal.chat.rules.phrase_shapes import Filled
from portal.chat.rules.topics import Topic
from portal.chat.service import calls, marking, saying, sending, threads
from portal.clock import now_utc, oslo_instant, stop_at, today_oslo
from portal.db import Database
from portal.demo import talks
from portal.demo.cast import RECIPIENTS
from portal.duties.rules import KostraCondition, KostraExemption, PhraseKey
from portal.duties.service import decisions
from portal.errors import NotFound
from portal.notify.service import choices
from portal.people.rules.access import Viewer
from portal.people.rules.words import Level, Role
from portal.people.service import places, recipients
from portal.plan.rules.expected import ExceptionKind
from portal.plan.rules.weeks import Met, Pattern, Slot
from portal.plan.rules.words import LegalBasis, MeetingPlace
from portal.plan.service import agreeing, history, meetings, plans, tasks

_GOALS = {
    "jonas": "Fast jobb på lager",
    "amina": "أريد أن أعمل مع الأطفال",
    "oskar": "Få orden på dagene mine",
    "vilde": "Ta fagbrev som frisør",
    "rolf": "Kjøre buss igjen",
    "sara": "Bli ferdig med videregående",
    "lucas": "Jobbe med biler",
    "thea": "Vet ikke ennå",
    "kaja": "Et sted å høre til",
    "mikkel": "Jobb i butikk",
    "maximilian": "Bli kokk på et hotell ved fjorden, og en dag ha mitt eget sted",
}
_AT_JOBBSENTRALEN = ("jonas", "amina", "oskar", "rolf", "thea", "kaja", "mikkel", "maximilian")
_TASKS = {
    "jonas": (("Sende søknad til Byens bakeri", 0, True), ("Ringe og avtale time", 1, True)),
    "amina": (("Øve på å presentere meg på norsk", 2, False),),
    "mikkel": (("Skrive ned tre jobber jeg vil søke på", 3, False),),
}
_NUMBERS = {"jonas": "+46 70-174 06 05", "amina": "+46 70-174 06 06", "kaja": "+46 70-174 06 07"}
"""From the Swedish numbers that are kept free for made-up people; Norway has none."""
_OPEN_TASKS_OF_JONAS = (("Ta med CV-en på møtet", 2), ("Søke på to jobber", 4))


def tell_all(database: Database, people: dict[str, int], centres: dict[str, int]) -> None:
    """Let everything happen, each kind in a transaction of its own."""
    with database.transaction() as s:
        for key, goal in _GOALS.items():
            language = "ar" if key == "amina" else "nb"
            plans.write_goal(s, people[key], text=goal, language=language, agreed_on=_days_ago(30))
        activities = _add_activities(s, people, centres)
        _agree_on_changes(s, people)
        _add_tasks_and_meetings(s, people)
        _add_duties(s, people, activities)
    with database.transaction() as s:
        _choose_notices(s, people)
        _let_days_pass(s, people, centres)
        _let_them_talk(s, people)


def _days_ago(days: int) -> date:
    return today_oslo() - timedelta(days=days)


def _week(*, starts: time, ends: time, first: date, only: Iterable[int] = (0, 1, 2, 3)) -> Pattern:
    """Monday to Thursday, and whatever weekday it is today: there must be something to show on a Sunday."""
    days = sorted({*only, today_oslo().weekday()})
    return Pattern(tuple(Slot(day, starts, ends) for day in days), first, today_oslo() + timedelta(days=70))


def _with_own_friday(pattern: Pattern) -> Pattern:
    """Fridays are for looking for jobs on one's own: nobody waits at the centre then."""
    others = tuple(slot for slot in pattern.slots if slot.weekday != 4)
    return replace(pattern, slots=(*others, Slot(4, time(9), time(13), Met.OWN_WORK)))


def _agree_on_changes(s: Session, people: dict[str, int]) -> None:
    """Mikkel comes at another time next week, and less often from the week after on."""
    helper = next(part.helper for part in RECIPIENTS if part.key == "mikkel")
    viewer = _viewer(people[helper], Role.VEILEDER)
    page = history.own_page(s, people["mikkel"])
    activity = page.activities[0].public_id
    next_week = _days_ago(-7)
    new = agreeing.NewDay(next_week, ExceptionKind.OTHER_TIME, time(10), time(12))
    agreeing.agree_day(s, viewer, activity, new)
    slots = (Slot(0, time(9), time(14)), Slot(2, time(9), time(14)))
    week = agreeing.NewWeek(Pattern(slots, _days_ago(-14), None), "demo-jobbsentralen", "")
    agreeing.change_week(s, viewer, activity, week, seen="1")


def _add_activities(s: Session, people: dict[str, int], centres: dict[str, int]) -> dict[str, int]:
    """Give people their week; returns the activity's id by person."""
    made = {}
    for key in _AT_JOBBSENTRALEN:
        first = today_oslo() if key == "thea" else _days_ago(10)
        basis = LegalBasis.SOTJL_20 if key == "rolf" else LegalBasis.SOTJL_20A
        pattern = _week(starts=time(9), ends=time(14), first=first)
        if key == "maximilian":
            pattern = _with_own_friday(pattern)
        new = plans.NewActivity("Arbeidstrening", pattern, basis, centre_id=centres["jobbsentralen"])
        made[key] = plans.add_activity(s, people[key], new)
    moved = _days_ago(2)
    before = Pattern(
        (Slot(0, time(9), time(14)), Slot(2, time(9), time(14))), _days_ago(60), moved - timedelta(days=1)
    )
    at_first = plans.NewActivity(
        "Arbeidstrening", before, LegalBasis.SOTJL_20A, centre_id=centres["jobbsentralen"]
    )
    plans.add_activity(s, people["lucas"], at_first)
    now_at = plans.NewActivity(
        "Sykkel og bil",
        _week(starts=time(10), ends=time(14), first=moved),
        LegalBasis.SOTJL_20A,
        centre_id=centres["verkstedet"],
    )
    made["lucas"] = plans.add_activity(s, people["lucas"], now_at)
    programme = plans.NewActivity(
        "Kvalifiseringsprogrammet",
        _week(starts=time(9), ends=time(15), first=_days_ago(90), only=range(5)),
        LegalBasis.KVP,
        place="Elvebyen voksenopplæring",
    )
    made["sara"] = plans.add_activity(s, people["sara"], programme)
    return made


def _add_tasks_and_meetings(s: Session, people: dict[str, int]) -> None:
    sunday = (today := today_oslo()) + timedelta(days=6 - today.weekday())
    for key, rows in _TASKS.items():
        for title, days, done in rows:
            public_id = tasks.add_task(
                s, people[key], title=title, due_on=min(today + timedelta(days=days), sunday)
            )
            if done:
                tasks.set_task_done(s, people[key], public_id, done=True)
    for title, days in _OPEN_TASKS_OF_JONAS:
        tasks.add_task(s, people["jonas"], title=title, due_on=min(today + timedelta(days=days), sunday))
    for key, days in (("jonas", 2), ("nora", 2), ("nora", -6)):
        how, on = MeetingPlace.OFFICE if key == "jonas" else MeetingPlace.PHONE, today + timedelta(days=days)
        starts = oslo_instant(on + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[on.weekday()]), time(14, 30))
        meeting = meetings.NewMeeting(people["ingrid"], starts, starts + timedelta(minutes=45), how)
        meetings.add_meeting(s, people[key], meeting)


def _add_duties(s: Session, people: dict[str, int], activities: dict[str, int]) -> None:
    """Write decisions and conditions: with the word about less money for some, without it for others."""
    for key in (*_AT_JOBBSENTRALEN, "lucas"):
        informed = key in ("jonas", "amina")
        basis = LegalBasis.SOTJL_20 if key == "rolf" else LegalBasis.SOTJL_20A
        place = "Verkstedet" if key == "lucas" else "Jobbsentralen"
        text = decisions.ConditionText(PhraseKey.WORK_TRAINING, {"place": place})
        _add_duty(
            s,
            people[key],
            text,
            activity_id=activities[key],
            basis=basis,
            informed=informed,
            begins_on=today_oslo() if key == "thea" else None,
        )
    _add_duty(
        s,
        people["sara"],
        decisions.ConditionText(PhraseKey.SCHOOL, {"school": "Elvebyen voksenopplæring"}),
        activity_id=activities["sara"],
        basis=LegalBasis.KVP,
        informed=True,
    )
    _add_duty(
        s,
        people["vilde"],
        decisions.ConditionText(PhraseKey.TALKS),
        activity_id=None,
        basis=LegalBasis.SOTJL_20A,
        informed=False,
    )
    until = today_oslo() + timedelta(days=60)
    exemption = decisions.NewExemption(
        KostraExemption.HEALTH_OR_SOCIAL, _days_ago(20), _days_ago(20), until, until - timedelta(days=14)
    )
    decisions.add_exemption(s, people["nora"], exemption)


_KINDS = {
    PhraseKey.WORK_TRAINING: KostraCondition.WORK_TRAINING,
    PhraseKey.SCHOOL: KostraCondition.SCHOOL,
    PhraseKey.TALKS: KostraCondition.TALKS,
}


def _add_duty(
    s: Session,
    recipient_id: int,
    text: decisions.ConditionText,
    *,
    activity_id: int | None,
    basis: LegalBasis,
    informed: bool,
    begins_on: date | None = None,
) -> None:
    first, last = _days_ago(25), today_oslo() + timedelta(days=70)
    decision = decisions.NewDecision(
        first, first, reduction_informed=informed, to_on=last, received_on=first + timedelta(days=2)
    )
    condition = decisions.NewCondition(
        _KINDS[text.phrase], basis, text, from_on=begins_on or first, to_on=last, activity_id=activity_id
    )
    decisions.add_condition(s, decisions.add_decision(s, recipient_id, decision), condition)


def _choose_notices(s: Session, people: dict[str, int]) -> None:
    """Let three have chosen notices on their phones; Kaja asked her veileder to write her number in."""
    with stop_at(oslo_instant(_days_ago(9), time(12))):
        for key in ("jonas", "amina"):
            choices.save_own_number(s, _viewer(people[key], Role.RECIPIENT), _NUMBERS[key])
        per, kaja = _viewer(people["per"], Role.VEILEDER), recipients.get_person(s, people["kaja"])
        choices.save_number_for(s, per, kaja.public_id, _NUMBERS["kaja"], has_asked=True)


def _let_days_pass(s: Session, people: dict[str, int], centres: dict[str, int]) -> None:
    """Fill the last ten days at Jobbsentralen, and some of this morning. Kaja has not come for a while."""
    kari = _viewer(people["kari"], Role.CENTRE_STAFF, centres["jobbsentralen"])
    centre = places.get_centre(s, centres["jobbsentralen"]).public_id
    cards = recipients.cards_for(s, list(people.values()))
    for back in range(10, 0, -1):
        came = (key for key in _AT_JOBBSENTRALEN if key != "thea" and (key != "kaja" or back > 7))
        for minute, key in enumerate(came):
            with stop_at(oslo_instant(_days_ago(back), time(8, 50 + minute))):
                _tap_in(s, kari, centre, cards[people[key]].public_id)
    for key in ("mikkel", "maximilian"):
        _tap_in(s, kari, centre, cards[people[key]].public_id)
    for title in ("Jobbsøk", "Snekring"):
        at_centre.offer(s, kari, centre, title, set(range(7)))
    told = notices.Notice(NoticeKind.CANNOT_COME, (today_oslo(),), str(uuid.uuid4()), people["rolf"])
    notices.tell(s, people["rolf"], told)


def _tap_in(s: Session, viewer: Viewer, centre: str, person: str) -> None:
    try:
        checking_in.check_in_by_staff(
            s, viewer, centre_public_id=centre, person_public_id=person, nonce=str(uuid.uuid4())
        )
    except NotFound:
        return  # not a day of hers: a holiday, a Friday


def _viewer(person_id: int, role: Role, *centre_ids: int) -> Viewer:
    return Viewer(
        session_id=0,
        person_id=person_id,
        public_id="",
        name="",
        given_name="",
        roles=frozenset({role}),
        office_ids=frozenset(),
        centre_ids=frozenset(centre_ids),
        language="nb",
        level=Level.BANKID,
    )


def _let_them_talk(s: Session, people: dict[str, int]) -> None:
    """Say every line of the made-up talks at its time, and let each side have read what it answered."""
    helper_of = {part.key: part.helper for part in RECIPIENTS}
    now = now_utc()
    for key, helper in helper_of.items():
        thread = threads.ensure_conversation(s, people[key])
        for line in talks.TALKS.get(key, ()):
            staff = people["kari" if line.at_centre else helper]
            author = people[key] if line.by_recipient else staff
            with stop_at(now - timedelta(minutes=line.minutes_ago)):
                sent = _write(s, author, thread, line)
                marking.mark(s, author, thread, read_seq=sent.change.seq, delivered_seq=sent.change.seq)
    calls.ask(s, people["nora"], client_id=str(uuid.uuid4()), when=When.AFTERNOON)


def _write(s: Session, author: int, thread: str, line: talks.Line) -> sending.Sent:
    client_id = str(uuid.uuid4())
    if not line.phrase:
        topic = Topic.CENTRE if line.at_centre else None
        return sending.post_message(s, author, thread, client_id=client_id, text=line.text, topic=topic)
    values = {"day": _days_ago(-line.days_ahead).isoformat(), "time": line.time}
    return saying.say(s, author, thread, client_id=client_id, said=saying.Said(Filled(line.phrase, values)))
