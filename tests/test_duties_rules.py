"""Which sentences a decision allows, and the codes of the state's statistics, as tables of cases."""

import re
from datetime import date

import pytest

from portal.duties.rules import (
    CONDITION_CODES,
    EXEMPTION_CODES,
    PHRASE_VALUES,
    PHRASES_FOR,
    Consequence,
    KostraCondition,
    KostraExemption,
    PhraseKey,
    binding_basis,
    consequence_for,
    is_over,
    may_name_in_list,
    paragraph_for,
    require_period,
    require_phrase,
)
from portal.errors import Refused
from portal.plan.rules.words import LegalBasis

UNDER_OTHER_RULES = (LegalBasis.KVP, LegalBasis.STATE_BENEFIT)
UNDER_THE_SOCIAL_SERVICES_ACT = (LegalBasis.SOTJL_20, LegalBasis.SOTJL_20A)


def test_there_are_twelve_conditions_and_four_exemptions_with_the_official_codes():
    assert " ".join(sorted(CONDITION_CODES)) == "04 06 07 08 10 14 15 16 17 18 19 20"
    assert " ".join(sorted(EXEMPTION_CODES)) == "01 02 03 04"
    assert set(CONDITION_CODES) == set(KostraCondition)
    assert set(EXEMPTION_CODES) == set(KostraExemption)


@pytest.mark.parametrize("official", [*CONDITION_CODES.values(), *EXEMPTION_CODES.values()])
def test_every_code_has_its_field_its_label_its_paragraph_and_a_date(official):
    assert re.fullmatch(r"VILKAR[A-Z]+|VEDTAK[A-Z]+", official.field)
    assert official.label
    assert official.paragraph.startswith("§")
    assert official.checked_on == date(2026, 11, 22)


def test_no_two_codes_share_a_field():
    fields = [one.field for one in (*CONDITION_CODES.values(), *EXEMPTION_CODES.values())]
    assert len(fields) == len(set(fields)) == 16


@pytest.mark.parametrize(
    ("informed", "basis", "shown"),
    [
        (True, LegalBasis.SOTJL_20A, Consequence.MAY_BE_REDUCED),
        (True, LegalBasis.SOTJL_20, Consequence.MAY_BE_REDUCED),
        (False, LegalBasis.SOTJL_20A, Consequence.NOTHING_SAID),
        (False, LegalBasis.SOTJL_20, Consequence.NOTHING_SAID),
        (True, LegalBasis.KVP, Consequence.OTHER_RULES),
        (False, LegalBasis.KVP, Consequence.OTHER_RULES),
        (True, LegalBasis.STATE_BENEFIT, Consequence.OTHER_RULES),
        (False, LegalBasis.STATE_BENEFIT, Consequence.OTHER_RULES),
        (True, LegalBasis.VOLUNTARY, Consequence.VOLUNTARY),
        (False, LegalBasis.VOLUNTARY, Consequence.VOLUNTARY),
    ],
)
def test_the_fifth_answer_comes_from_the_decision_and_the_rule(informed, basis, shown):
    assert consequence_for(reduction_informed=informed, legal_basis=basis) is shown


@pytest.mark.parametrize("informed", [True, False])
@pytest.mark.parametrize("decided", list(LegalBasis))
@pytest.mark.parametrize("activity", UNDER_OTHER_RULES)
def test_no_text_of_20_a_is_chosen_for_kvp_or_a_state_benefit_however_it_was_filed(
    decided, activity, informed
):
    basis = binding_basis(decided, activity)
    assert basis is activity
    assert consequence_for(reduction_informed=informed, legal_basis=basis) is Consequence.OTHER_RULES
    assert paragraph_for(basis) is None


@pytest.mark.parametrize("decided", list(LegalBasis))
def test_without_other_rules_in_the_activity_the_decision_speaks(decided):
    assert binding_basis(decided, None) is decided
    assert binding_basis(decided, LegalBasis.SOTJL_20A) is decided


@pytest.mark.parametrize("basis", list(LegalBasis))
def test_a_paragraph_is_named_only_where_it_is_the_law(basis):
    assert (paragraph_for(basis) is not None) is (basis in UNDER_THE_SOCIAL_SERVICES_ACT)


@pytest.mark.parametrize("code", list(KostraCondition))
def test_only_health_is_without_its_name_in_a_list(code):
    assert may_name_in_list(code) is (code is not KostraCondition.HEALTH)


def test_every_code_has_a_phrase_and_every_phrase_one_code():
    used = [phrase for phrases in PHRASES_FOR.values() for phrase in phrases]
    assert set(PHRASES_FOR) == set(KostraCondition)
    assert sorted(used) == sorted(PhraseKey)


@pytest.mark.parametrize(
    ("code", "phrase", "values", "own_words", "fault"),
    [
        (KostraCondition.WORK_TRAINING, PhraseKey.TALKS, {}, None, "duties.phrase"),
        (KostraCondition.WORK_TRAINING, PhraseKey.WORK_TRAINING, {}, None, "duties.values"),
        (KostraCondition.WORK_TRAINING, PhraseKey.WORK_TRAINING, {"place": " "}, None, "duties.values"),
        (KostraCondition.TALKS, PhraseKey.TALKS, {"place": "Lager"}, None, "duties.values"),
        (KostraCondition.OTHER, PhraseKey.AS_WRITTEN, {"title": "Avtalen"}, " ", "duties.own_words"),
    ],
)
def test_a_sentence_of_another_kind_or_with_a_hole_is_refused(code, phrase, values, own_words, fault):
    with pytest.raises(Refused) as refused:
        require_phrase(code, phrase, values, own_words=own_words)
    assert refused.value.code == fault


def test_a_whole_sentence_is_accepted():
    for phrase, names in PHRASE_VALUES.items():
        code = next(code for code, phrases in PHRASES_FOR.items() if phrase in phrases)
        require_phrase(code, phrase, {name: "x" for name in names}, own_words="Vi møtes og snakker.")


@pytest.mark.parametrize(
    ("to_on", "over"), [(None, False), (date(2026, 11, 23), False), (date(2026, 11, 22), True)]
)
def test_the_last_day_still_counts(to_on, over):
    assert is_over(to_on, date(2026, 11, 23)) is over


def test_a_period_that_ends_before_it_starts_is_refused():
    with pytest.raises(Refused):
        require_period(date(2026, 11, 23), date(2026, 11, 22))
    require_period(date(2026, 11, 23), date(2026, 11, 23))
