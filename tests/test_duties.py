"""One duty as five answers: built from this decision, read by a button, explained when asked for."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy import func, select, update

from portal import clock, i18n
from portal.chat.models import Message
from portal.duties.models import Condition, Decision, Receipt
from portal.duties.rules import PHRASE_VALUES, PHRASES_FOR, ExplainHow, KostraCondition, PhraseKey
from portal.duties.service import decisions, reading, receipts
from portal.errors import NotFound
from portal.people.models import Person
from portal.people.rules.access import Viewer
from portal.people.rules.sessions import SessionLimits
from portal.people.service import sessions
from portal.plan.rules.weeks import Pattern, Slot
from portal.plan.rules.words import LegalBasis
from portal.plan.service import plans
from tests.fixtures.application import let_unchecked_texts_through
from tests.fixtures.databases import on_sqlite
from tests.fixtures.queries import counted

MONDAY = date(2026, 11, 23)
LANGUAGES = [language.code for language in i18n.OFFERED]
ONLY_20_A = (
    "Loven sier at Nav som regel skal stille krav om aktivitet til deg som er under 30 år.",
    "Nav kan velge å stille et krav når du er 30 år eller eldre.",
    "Kravet skal passe for deg. Det skal ikke være urimelig tungt.",
    "Først skal Nav finne ut hva som skjedde. Du kan fortelle det her, på telefon eller når dere møtes.",
    "I vedtaket ditt står det at du kan få mindre penger hvis du ikke gjør det kravet sier.",
    "Min vei kan ikke stoppe pengene dine. Det må et menneske i Nav vurdere.",
    "Før Nav bestemmer noe, skal du få beskjed. Du skal få si hva du mener.",
    "Bestemmer Nav at du får mindre, skal du få et nytt vedtak med grunn. Det kan du klage på.",
    "I vedtaket ditt står det ikke at du kan få mindre penger på grunn av dette kravet.",
)
REDUCTION = ONLY_20_A[4]
"""The sentence that only a decision which said it may bring."""


@pytest.fixture
def anna(world):
    return world.people["anna"].id


@pytest.fixture
def vera(database, world) -> Viewer:
    with database.transaction(writes=False) as s:
        return viewer_of(s, world, "vera")


def viewer_of(s, world, name) -> Viewer:
    return sessions.find_viewer(s, world.people[name].token, SessionLimits(720, 720, 10, 12))


def add_duty(
    database, recipient_id, *, phrase=PhraseKey.TALKS, basis=LegalBasis.SOTJL_20A, informed=True, **more
):
    """Write down one condition, and give back its public id."""
    code = next(code for code, phrases in PHRASES_FOR.items() if phrase in phrases)
    values = {name: 2 if name == "count" else "Lageret" for name in PHRASE_VALUES.get(phrase, ())}
    words = "Vi møtes og snakker." if phrase is PhraseKey.AS_WRITTEN else None
    with database.transaction() as s:
        decision = decisions.NewDecision(date(2026, 10, 28), MONDAY, reduction_informed=informed)
        text = decisions.ConditionText(phrase, values, words)
        new = decisions.NewCondition(code, basis, text, from_on=MONDAY, **more)
        return decisions.add_condition(s, decisions.add_decision(s, recipient_id, decision), new)


def add_activity(database, world, recipient_id, basis):
    with database.transaction() as s:
        pattern = Pattern((Slot(0, *_HOURS), Slot(2, *_HOURS)), MONDAY, None)
        centre = int(world.things["centre_id"]["0"])
        return plans.add_activity(
            s, recipient_id, plans.NewActivity("Lager", pattern, basis, centre_id=centre)
        )


_HOURS = (time(9), time(14))


def read(browser, public_id, shown=None, **forged):
    shown = shown or browser.get(f"/plikt/{public_id}")
    return browser.follow_form(shown, f"/plikt/{public_id}/lest", **forged)


def ask(browser, public_id, how):
    return browser.follow_form(browser.get(f"/plikt/{public_id}"), f"/plikt/{public_id}/forklar", how=how)


def language_of_form(shown):
    """The language that an answer to the shown text will be kept with."""
    return shown.split('/lest"')[1].split('name="language" value="')[1][:2]


def count_receipts(database):
    with database.transaction(writes=False) as s:
        return s.scalar(select(func.count()).select_from(Receipt))


def choose_language(browser, code):
    assert browser.submit("/sprak", on="/rett-og-plikt", language=code).status_code == 303


def said(sentence, code):
    with i18n.using(code):
        return i18n.gettext(sentence)


def test_a_decision_that_told_of_less_money_is_told_with_appeal_and_emergency_help(as_, database, anna):
    shown = as_("anna").get(f"/plikt/{add_duty(database, anna)}").text
    assert REDUCTION in shown
    for wanted in (
        "/rett-og-plikt/klage",
        "/nodhjelp",
        "§ 20 a, sjekket 22. november 2026",
        "28. oktober 2026",
    ):
        assert wanted in shown
    for question in ("Hva må du gjøre?", "Hvorfor?", "Hvor lenge?", "Hva om du blir syk eller noe skjer?"):
        assert question in shown


def test_a_decision_that_did_not_tell_brings_no_sentence_that_says_it_may_be_less(as_, database, anna):
    shown = as_("anna").get(f"/plikt/{add_duty(database, anna, informed=False)}").text
    assert ONLY_20_A[8] in shown
    assert all(sentence not in shown for sentence in ONLY_20_A[3:8])


@on_sqlite
@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("informed", [True, False])
@pytest.mark.parametrize("basis", [LegalBasis.KVP, LegalBasis.STATE_BENEFIT])
def test_no_sentence_of_20_a_is_ever_shown_for_kvp_or_a_state_benefit(
    as_, database, world, anna, basis, informed, code
):
    browser = as_("anna")
    choose_language(browser, code)
    linked = add_activity(database, world, anna, basis)
    filed = [
        add_duty(database, anna, basis=basis, informed=informed),
        add_duty(database, anna, informed=informed, activity_id=linked, phrase=PhraseKey.WORK_TRAINING),
    ]
    for public_id in filed:
        shown = browser.get(f"/plikt/{public_id}").text
        for sentence in ONLY_20_A:
            for language in (code, i18n.SOURCE):
                assert said(sentence, language) not in shown
        assert "§" not in shown
        assert said("Her gjelder andre regler når du er borte.", i18n.SOURCE) in shown


@on_sqlite
@pytest.mark.parametrize("phrase", list(PhraseKey))
def test_every_kind_of_duty_is_told_whole(as_, database, world, anna, phrase):
    activity_id = add_activity(database, world, anna, LegalBasis.SOTJL_20A)
    for linked in (None, activity_id):
        shown = as_("anna").get(f"/plikt/{add_duty(database, anna, phrase=phrase, activity_id=linked)}").text
        answer = shown.split("Hva må du gjøre?")[1].split("Hvorfor?")[0]
        assert len(answer.split("</dt>")[1].strip()) > 40, "the first answer says something"


@on_sqlite
@pytest.mark.parametrize("basis", [LegalBasis.SOTJL_20, LegalBasis.SOTJL_20A])
@pytest.mark.parametrize("born_on", [date(1996, 11, 23), date(1996, 11, 24), None])
def test_a_sentence_of_law_that_names_an_age_is_told_only_to_that_age(as_, database, anna, basis, born_on):
    with database.transaction() as s:
        s.execute(update(Person).where(Person.id == anna).values(born_on=born_on))
    shown = as_("anna").get(f"/plikt/{add_duty(database, anna, basis=basis)}").text
    told = {date(1996, 11, 23): LegalBasis.SOTJL_20, date(1996, 11, 24): LegalBasis.SOTJL_20A}.get(born_on)
    assert (ONLY_20_A[0] in shown) is (basis is told is LegalBasis.SOTJL_20A)
    assert (ONLY_20_A[1] in shown) is (basis is told is LegalBasis.SOTJL_20)


@on_sqlite
@pytest.mark.parametrize("basis", [LegalBasis.KVP, LegalBasis.STATE_BENEFIT])
def test_where_other_rules_hold_nothing_is_promised_about_telling_why(as_, database, anna, basis):
    shown = as_("anna").get(f"/plikt/{add_duty(database, anna, basis=basis)}").text
    assert "Du trenger ikke si hvorfor." not in shown
    assert "Her gjelder andre regler. Si fra, og spør " in shown
    assert "Du trenger ikke si hvorfor." in as_("anna").get(f"/plikt/{add_duty(database, anna)}").text


def test_something_voluntary_is_no_demand_anywhere(as_, database, anna):
    with database.transaction() as s:
        s.execute(update(Condition).values(to_on=MONDAY - timedelta(days=1)))
    public_id = add_duty(database, anna, basis=LegalBasis.VOLUNTARY)
    browser = as_("anna")
    assert "Nav har stilt et krav til deg" not in browser.get("/").text
    listed = browser.get("/rett-og-plikt").text
    assert "Du har ikke noe krav nå." in listed
    assert (
        listed.index("Dette er frivillig") < listed.index(public_id) < listed.index("Dette har du rett til")
    )
    assert "Ikke lest kravet" not in as_("vera").get("/innboks").text


def test_something_voluntary_is_called_so(as_, database, anna):
    shown = as_("anna").get(f"/plikt/{add_duty(database, anna, basis=LegalBasis.VOLUNTARY)}").text
    assert "Hva kan du være med på?" in shown
    assert "Dette er frivillig. Du velger selv om du vil være med." in shown
    assert all(sentence not in shown for sentence in ONLY_20_A)


def test_the_week_of_the_activity_is_told_in_the_duty(as_, database, world, anna):
    linked = add_activity(database, world, anna, LegalBasis.SOTJL_20A)
    public_id = add_duty(database, anna, phrase=PhraseKey.WORK_TRAINING, activity_id=linked)
    shown = as_("anna").get(f"/plikt/{public_id}").text
    assert "Kom til Lageret mandag og onsdag, kl. 09.00\u2060–\u206014.00." in shown


def test_opening_a_duty_is_not_reading_it(as_, database, anna):
    public_id, before = add_duty(database, anna), count_receipts(database)
    as_("anna").get(f"/plikt/{public_id}")
    assert count_receipts(database) == before


def test_reading_is_kept_with_time_language_and_version_and_is_not_agreeing(as_, database, anna):
    browser, public_id = as_("anna"), add_duty(database, anna)
    assert read(browser, public_id).status_code == 303
    shown = browser.get(f"/plikt/{public_id}").text
    assert "Takk. Vi har notert at du åpnet teksten mandag 23. november kl. 08.30." in shown
    assert "Det betyr ikke at du er enig, og ikke at du har forstått alt." in shown
    assert "Språk du leste på: norsk bokmål." in shown
    assert "Utgave: 1." in shown


def test_a_second_tap_keeps_the_first_receipt(as_, database, anna):
    browser, public_id = as_("anna"), add_duty(database, anna)
    shown, before = browser.get(f"/plikt/{public_id}"), count_receipts(database)
    for minutes in (0, 5):
        with clock.stop_at(clock.now_utc() + timedelta(minutes=minutes)):
            assert read(browser, public_id, shown).status_code == 303
    assert count_receipts(database) == before + 1
    with database.transaction(writes=False) as s:
        assert reading.duty(s, anna, public_id).line.read.read_utc == clock.now_utc()


def test_another_language_is_another_receipt(as_, database, anna, app):
    browser, public_id, before = as_("anna"), add_duty(database, anna), count_receipts(database)
    read(browser, public_id)
    let_unchecked_texts_through(database)
    choose_language(browser, "ar")
    read(browser, public_id)
    assert count_receipts(database) == before + 2
    with database.transaction(writes=False) as s:
        assert reading.duty(s, anna, public_id).line.read.checked_by_professional is False


def test_a_changed_text_asks_for_a_new_reading_and_an_unchanged_one_does_not(as_, database, anna):
    browser, public_id = as_("anna"), add_duty(database, anna, phrase=PhraseKey.WORK_TRAINING)
    read(browser, public_id)
    same = decisions.ConditionText(PhraseKey.WORK_TRAINING, {"place": "Lageret"})
    other = decisions.ConditionText(PhraseKey.WORK_TRAINING, {"place": "Kafeen"}, "Du velger rommet.")
    with database.transaction() as s:
        assert decisions.rewrite_condition(s, public_id, same) == 1
        assert not reading.duty(s, anna, public_id).line.is_new
        assert decisions.rewrite_condition(s, public_id, other) == 2
        assert decisions.rewrite_condition(s, public_id, other) == 2
        line = reading.duty(s, anna, public_id).line
        assert (line.is_new, line.read_before) == (True, True)
    assert (
        "Teksten er endret etter at du leste den. Se på den nye." in browser.get(f"/plikt/{public_id}").text
    )


def test_a_text_that_changed_while_it_lay_open_is_shown_again_instead_of_confirmed(as_, database, anna):
    browser, public_id = as_("anna"), add_duty(database, anna, phrase=PhraseKey.WORK_TRAINING)
    shown, before = browser.get(f"/plikt/{public_id}"), count_receipts(database)
    with database.transaction() as s:
        changed = decisions.ConditionText(PhraseKey.WORK_TRAINING, {"place": "Kafeen"})
        decisions.rewrite_condition(s, public_id, changed)
    answer = read(browser, public_id, shown)
    assert count_receipts(database) == before
    assert "Teksten er endret etter at du leste den." in browser.get(answer.headers["Location"]).text


@on_sqlite
@pytest.mark.parametrize("forged", [{"text_hash": "0" * 64}, {"language": "xx"}, {"language": ""}])
def test_a_receipt_for_a_text_that_was_never_shown_is_not_kept(as_, database, anna, forged):
    browser, public_id, before = as_("anna"), add_duty(database, anna), count_receipts(database)
    read(browser, public_id, **forged)
    assert count_receipts(database) == before


def test_an_unchecked_translation_has_the_norwegian_text_beneath(as_, database, anna, app):
    let_unchecked_texts_through(database)
    browser, public_id = as_("anna"), add_duty(database, anna)
    choose_language(browser, "ar")
    shown = browser.get(f"/plikt/{public_id}").text
    assert shown.index(said(REDUCTION, "ar")) < shown.index(REDUCTION)
    assert language_of_form(shown) == "ar"


def test_where_the_office_has_not_let_it_through_the_duty_itself_is_norwegian(as_, database, anna):
    browser, public_id = as_("anna"), add_duty(database, anna)
    choose_language(browser, "ar")
    shown = browser.get(f"/plikt/{public_id}").text
    assert '<section class="ds-card" lang="nb" dir="ltr">' in shown
    assert said(REDUCTION, "ar") not in shown
    assert language_of_form(shown) == "nb"


@on_sqlite
@pytest.mark.parametrize("how", list(ExplainHow))
def test_who_asks_is_promised_an_explanation_within_three_working_days(as_, database, anna, vera, how):
    browser, public_id = as_("anna"), add_duty(database, anna)
    assert ask(browser, public_id, how.value).status_code == 303
    assert "torsdag 26. november" in browser.get(f"/plikt/{public_id}").text
    with database.transaction(writes=False) as s:
        mine = [one for one in receipts.open_explanations(s, [anna]) if one.condition_public_id == public_id]
    assert [(one.how, one.due_on) for one in mine] == [(how, date(2026, 11, 26))]


def test_asking_without_saying_how_names_the_field_and_promises_nothing(as_, database, anna):
    browser, public_id, before = as_("anna"), add_duty(database, anna), count_receipts(database)
    answer = ask(browser, public_id, "")
    assert answer.status_code == 422
    assert "Velg hvordan du vil ha det forklart." in answer.text
    assert count_receipts(database) == before


def test_asking_again_changes_the_way_and_not_the_day(database, anna):
    public_id, seen = (
        add_duty(database, anna),
        receipts.Reading("nb", checked_by_professional=True, text_hash=""),
    )
    with database.transaction() as s:
        receipts.ask_for_explanation(s, anna, public_id, reading=seen, how=ExplainHow.CALL)
        with clock.stop_at(clock.now_utc() + timedelta(days=1)):
            receipts.ask_for_explanation(s, anna, public_id, reading=seen, how=ExplainHow.CHAT)
        asked = reading.duty(s, anna, public_id).line.asked
    assert (asked.how, asked.due_on) == (ExplainHow.CHAT, date(2026, 11, 26))


def test_a_helper_says_it_was_explained_and_a_new_question_is_a_new_promise(as_, database, anna, vera):
    browser, public_id = as_("anna"), add_duty(database, anna)
    ask(browser, public_id, "call")
    with database.transaction() as s:
        (asked,) = [
            one for one in receipts.open_explanations(s, [anna]) if one.condition_public_id == public_id
        ]
        for _ in range(2):
            receipts.mark_explained(s, vera, asked.public_id)
        assert reading.duty(s, anna, public_id).line.asked is None
    assert "har notert at du fikk forklaring mandag 23. november." in browser.get(f"/plikt/{public_id}").text
    ask(browser, public_id, "call")
    assert "skal forklare det for deg senest torsdag 26. november." in browser.get(f"/plikt/{public_id}").text
    with database.transaction(writes=False) as s:
        assert reading.duty(s, anna, public_id).line.asked is not None


def test_that_it_does_not_fit_is_written_in_the_chat_and_nothing_is_sent_by_the_link(
    as_, database, world, anna
):
    browser = as_("anna")
    shown = browser.get(f"/plikt/{world.thing('duty', 'anna')}").text
    assert 'href="/chat?tekst=krav-passer-ikke"' in shown
    messages = select(func.count()).select_from(Message)
    with database.transaction(writes=False) as s:
        before = s.scalar(messages)
    assert (
        "Kravet i vedtaket passer ikke for meg.</textarea>"
        in browser.get("/chat?tekst=krav-passer-ikke").text
    )
    assert "Hei du" not in browser.get("/chat?tekst=Hei+du").text
    with database.transaction(writes=False) as s:
        assert s.scalar(messages) == before


def test_nobody_but_a_helper_says_it_was_explained(database, world):
    asked = world.thing("explanation", "celine")
    with database.transaction() as s:
        vidar = viewer_of(s, world, "vidar")
        with pytest.raises(NotFound):
            receipts.mark_explained(s, vidar, asked)


def test_own_words_are_sealed_to_their_duty(database, anna):
    public_id = add_duty(database, anna, phrase=PhraseKey.AS_WRITTEN)
    with database.transaction(writes=False) as s:
        row = reading.get_condition(s, anna, public_id)
        assert b"snakker" not in row.own_words_sealed
        assert reading.duty(s, anna, public_id).what.own_words == "Vi møtes og snakker."


def test_a_duty_about_health_has_no_name_in_the_list_and_none_on_the_first_screen(as_, database, anna):
    add_duty(database, anna, phrase=PhraseKey.HEALTH_SERVICE)
    for address in ("/", "/rett-og-plikt"):
        shown = as_("anna").get(address).text.lower()
        assert "lege" not in shown
        assert "helsehjelp" not in shown


def test_a_duty_that_is_over_is_no_longer_asked(database, anna):
    add_duty(database, anna, to_on=MONDAY)
    with database.transaction(writes=False) as s:
        today = len(reading.duties_for(s, anna))
        with clock.stop_at(clock.now_utc() + timedelta(days=1)):
            assert len(reading.duties_for(s, anna)) == today - 1


def test_a_duty_ends_with_its_decision(as_, database, anna):
    public_id = add_duty(database, anna, to_on=date(2027, 1, 31))
    with database.transaction() as s:
        decision_id = reading.get_condition(s, anna, public_id).decision_id
        s.execute(update(Decision).where(Decision.id == decision_id).values(to_on=MONDAY))
    assert "Fra 23. november 2026 til 23. november 2026." in as_("anna").get(f"/plikt/{public_id}").text
    with database.transaction(writes=False) as s:
        assert public_id in {line.public_id for line in reading.duties_for(s, anna)}
        with clock.stop_at(clock.now_utc() + timedelta(days=1)):
            assert public_id not in {line.public_id for line in reading.duties_for(s, anna)}


def test_as_many_questions_for_twenty_duties_as_for_one(as_, database, anna):
    browser = as_("anna")
    with counted(database) as one:
        browser.get("/rett-og-plikt")
    for _ in range(20):
        add_duty(database, anna, phrase=PhraseKey.WORK_TRAINING)
    with counted(database) as twenty:
        browser.get("/rett-og-plikt")
    assert len(twenty) == len(one)


def test_a_code_of_the_statistics_is_kept_as_the_state_writes_it(database, anna):
    public_id = add_duty(database, anna, phrase=PhraseKey.SCHOOL)
    with database.transaction(writes=False) as s:
        assert reading.get_condition(s, anna, public_id).kostra_code is KostraCondition.SCHOOL
        stored = s.connection().exec_driver_sql("SELECT kostra_code FROM condition").scalars().all()
    assert set(stored) <= set(KostraCondition)
