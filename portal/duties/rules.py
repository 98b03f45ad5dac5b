"""The codes of the state's statistics, and which sentences a decision allows; no database here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.errors import N_, Refused
from portal.plan.rules.words import LegalBasis

LAW_CHECKED_ON = date(2026, 11, 22)
WORKING_DAYS_TO_EXPLAIN = 3


@dataclass(frozen=True)
class OfficialCode:
    """One line of KOSTRA form 11F: the field's name and its official label, to be kept word for word.

    Source: SSB, kostra-kontrollprogram, file_description_11F_2026 (checked 2026-11-22).
    """

    field: str
    label: str
    paragraph: str
    checked_on: date = LAW_CHECKED_ON


class KostraCondition(StrEnum):
    """The twelve kinds of condition; the gaps in the numbers are the state's own."""

    SCHOOL = "04"
    JOBSEEKER = "06"
    JOB_OFFER = "07"
    TALKS = "08"
    OTHER_SUPPORT = "10"
    HEALTH = "14"
    OTHER = "15"
    WORK_TRAINING = "16"
    COURSE = "17"
    HOUSING_COST = "18"
    DIGITAL_PLAN = "19"
    NORWEGIAN_OR_SAMI = "20"


class KostraExemption(StrEnum):
    """The four reasons why no activity is asked of a person under 30."""

    IN_WORK = "01"
    OTHER_ACTIVITY = "02"
    HEALTH_OR_SOCIAL = "03"
    OTHER_WEIGHTY = "04"


_CONDITION_LAW = "§§ 20, 20 a"
_EXEMPTION_LAW = "§ 20 a"

CONDITION_CODES: Mapping[KostraCondition, OfficialCode] = {
    KostraCondition.WORK_TRAINING: OfficialCode(
        "VILKARARBEID", "Delta på arbeidstrening/arbeidspraksis", _CONDITION_LAW
    ),
    KostraCondition.COURSE: OfficialCode(
        "VILKARKURS", "Delta på arbeidsrettede kurs, opplæring eller jobbsøkingskurs", _CONDITION_LAW
    ),
    KostraCondition.SCHOOL: OfficialCode("VILKARUTD", "Benytte rett til skole", _CONDITION_LAW),
    KostraCondition.JOBSEEKER: OfficialCode(
        "VILKARJOBBLOG", "Registrere seg som arbeidssøker/føre jobblogg", _CONDITION_LAW
    ),
    KostraCondition.JOB_OFFER: OfficialCode(
        "VILKARJOBBTILB", "Ta imot et konkret jobbtilbud", _CONDITION_LAW
    ),
    KostraCondition.TALKS: OfficialCode("VILKARSAMT", "Møte til veiledningssamtaler", _CONDITION_LAW),
    KostraCondition.OTHER_SUPPORT: OfficialCode(
        "VILKAROKRETT", "Gjøre gjeldende andre økonomiske rettigheter", _CONDITION_LAW
    ),
    KostraCondition.HOUSING_COST: OfficialCode(
        "VILKARLIVSH", "Realisere formuesgoder/ redusere boutgifter", _CONDITION_LAW
    ),
    KostraCondition.HEALTH: OfficialCode("VILKARHELSE", "Oppsøke helsetjenester/ lege", _CONDITION_LAW),
    KostraCondition.OTHER: OfficialCode("VILKARANNET", "Annet", _CONDITION_LAW),
    KostraCondition.DIGITAL_PLAN: OfficialCode(
        "VILKARDIGPLAN", "Bruke og følge opp digital aktivitetsplan", _CONDITION_LAW
    ),
    KostraCondition.NORWEGIAN_OR_SAMI: OfficialCode(
        "VILKARNORSKSAMISKOPPL", "Norsk- eller samiskopplæring", _CONDITION_LAW
    ),
}

EXEMPTION_CODES: Mapping[KostraExemption, OfficialCode] = {
    KostraExemption.IN_WORK: OfficialCode("VEDTAKARB", "Mottaker er i arbeid", _EXEMPTION_LAW),
    KostraExemption.OTHER_ACTIVITY: OfficialCode(
        "VEDTAKAKT",
        "Mottaker er allerede i aktivitet knyttet til mottak av statlig eller annen kommunal ytelse",
        _EXEMPTION_LAW,
    ),
    KostraExemption.HEALTH_OR_SOCIAL: OfficialCode(
        "VEDTAKHELSE",
        "Mottakers helsemessige eller sosiale situasjon hindrer deltakelse i aktivitet",
        _EXEMPTION_LAW,
    ),
    KostraExemption.OTHER_WEIGHTY: OfficialCode(
        "VEDTAKGRUNN",
        "Andre tungtveiende grunner taler mot at det stilles vilkår om aktivitet",
        _EXEMPTION_LAW,
    ),
}


class PhraseKey(StrEnum):
    """The fixed sentences that say what to do; each language has its own, the values are filled in."""

    WORK_TRAINING = "work_training"
    TALKS = "talks"
    JOB_LOG = "job_log"
    JOB_LOG_WITH_NUMBER = "job_log_with_number"
    COURSE = "course"
    SCHOOL = "school"
    JOB_OFFER = "job_offer"
    OTHER_SUPPORT = "other_support"
    HEALTH_SERVICE = "health_service"
    HOUSING_COST = "housing_cost"
    DIGITAL_PLAN = "digital_plan"
    NORWEGIAN_COURSE = "norwegian_course"
    AS_WRITTEN = "as_written"


PHRASE_VALUES: Mapping[PhraseKey, frozenset[str]] = {
    PhraseKey.WORK_TRAINING: frozenset({"place"}),
    PhraseKey.JOB_LOG_WITH_NUMBER: frozenset({"count"}),
    PhraseKey.COURSE: frozenset({"course", "place"}),
    PhraseKey.SCHOOL: frozenset({"school"}),
    PhraseKey.JOB_OFFER: frozenset({"place"}),
    PhraseKey.OTHER_SUPPORT: frozenset({"benefit"}),
    PhraseKey.NORWEGIAN_COURSE: frozenset({"course", "place"}),
    PhraseKey.AS_WRITTEN: frozenset({"title"}),
}
"""The values that a phrase needs; a phrase that is not here needs none."""

PHRASES_OF_COMING = frozenset(
    {
        PhraseKey.WORK_TRAINING,
        PhraseKey.TALKS,
        PhraseKey.COURSE,
        PhraseKey.SCHOOL,
        PhraseKey.NORWEGIAN_COURSE,
    }
)
"""The phrases that ask the person to be somewhere; the others ask her to do something."""

PHRASES_FOR: Mapping[KostraCondition, frozenset[PhraseKey]] = {
    KostraCondition.WORK_TRAINING: frozenset({PhraseKey.WORK_TRAINING}),
    KostraCondition.COURSE: frozenset({PhraseKey.COURSE}),
    KostraCondition.SCHOOL: frozenset({PhraseKey.SCHOOL}),
    KostraCondition.JOBSEEKER: frozenset({PhraseKey.JOB_LOG, PhraseKey.JOB_LOG_WITH_NUMBER}),
    KostraCondition.JOB_OFFER: frozenset({PhraseKey.JOB_OFFER}),
    KostraCondition.TALKS: frozenset({PhraseKey.TALKS}),
    KostraCondition.OTHER_SUPPORT: frozenset({PhraseKey.OTHER_SUPPORT}),
    KostraCondition.HOUSING_COST: frozenset({PhraseKey.HOUSING_COST}),
    KostraCondition.HEALTH: frozenset({PhraseKey.HEALTH_SERVICE}),
    KostraCondition.OTHER: frozenset({PhraseKey.AS_WRITTEN}),
    KostraCondition.DIGITAL_PLAN: frozenset({PhraseKey.DIGITAL_PLAN}),
    KostraCondition.NORWEGIAN_OR_SAMI: frozenset({PhraseKey.NORWEGIAN_COURSE}),
}


class Consequence(StrEnum):
    """Which text answers «Hva skjer om jeg ikke kommer?»; built from this decision, never one for all."""

    MAY_BE_REDUCED = "may_be_reduced"
    NOTHING_SAID = "nothing_said"
    OTHER_RULES = "other_rules"
    VOLUNTARY = "voluntary"


class Agreed(StrEnum):
    """Whether the person agreed when the condition was made; it is never taken from a reading."""

    YES = "yes"
    NO = "no"
    NOT_ASKED = "not_asked"


class Answer(StrEnum):
    """What the person did with the text: read it, or asked to have it explained. Neither means agreeing."""

    READ = "read"
    EXPLAIN = "explain"


class ExplainHow(StrEnum):
    """How the person wants it explained."""

    CALL = "call"
    NEXT_MEETING = "next_meeting"
    INTERPRETER = "interpreter"
    CHAT = "chat"


ADULT_RULES_FROM_AGE = 30
"""From this age Nav may, below it Nav shall ask for an activity. Source: §§ 20, 20 a, checked 2026-11-22."""
_SOCIAL_SERVICES_ACT = frozenset({LegalBasis.SOTJL_20, LegalBasis.SOTJL_20A})
_OTHER_RULES = frozenset({LegalBasis.KVP, LegalBasis.STATE_BENEFIT})
_PARAGRAPHS = {LegalBasis.SOTJL_20: "§ 20", LegalBasis.SOTJL_20A: "§ 20 a"}


def binding_basis(decided: LegalBasis, activity: LegalBasis | None) -> LegalBasis:
    """The rules a person is told about: KVP or a state benefit wins over what the decision was filed under.

    activity: basis of the linked activity, None when there is none.
    Source: doubt about absence in KVP is open, so no § 20 a text may be shown there (decision 11).
    Example: a condition filed under § 20 a for an activity that is KVP is told as KVP.
    """
    if activity in _OTHER_RULES:
        return activity
    return decided


def consequence_for(*, reduction_informed: bool, legal_basis: LegalBasis) -> Consequence:
    """A person reads about less money only when her own decision said so, and only under §§ 20 and 20 a.

    Source: sosialtjenesteloven §§ 20, 20 a: less only «dersom det er informert om dette i vedtaket»
    (Oslo Economics 2023-68 ch. 3.1, checked 2026-11-22).
    """
    if legal_basis in _OTHER_RULES:
        return Consequence.OTHER_RULES
    if legal_basis not in _SOCIAL_SERVICES_ACT:
        return Consequence.VOLUNTARY
    return Consequence.MAY_BE_REDUCED if reduction_informed else Consequence.NOTHING_SAID


def paragraph_for(legal_basis: LegalBasis) -> str | None:
    """«§ 20 a» or «§ 20» of sosialtjenesteloven; None where no checked text exists for the basis."""
    return _PARAGRAPHS.get(legal_basis)


def may_name_in_list(code: KostraCondition) -> bool:
    """A condition about health has a neutral name in lists and on the first screen; its own page tells it."""
    return code is not KostraCondition.HEALTH


def may_quote_age(legal_basis: LegalBasis, age: int | None) -> bool:
    """A sentence of law that names the age is told only to somebody of that age; `age` in years.

    Source: sosialtjenesteloven § 20 (30 or older), § 20 a (under 30) (checked 2026-11-22).
    """
    if age is None or legal_basis not in _SOCIAL_SERVICES_ACT:
        return False
    return (age >= ADULT_RULES_FROM_AGE) is (legal_basis is LegalBasis.SOTJL_20)


def earliest_end(*ends: date | None) -> date | None:
    """A condition ends with its decision, if not before; None when neither has an end."""
    return min((end for end in ends if end is not None), default=None)


def is_over(to_on: date | None, on: date) -> bool:
    """A period without an end is not over; the last day itself still counts."""
    return to_on is not None and to_on < on


def require_phrase(
    code: KostraCondition, phrase: PhraseKey, values: Mapping[str, str | int], *, own_words: str | None
) -> None:
    """Staff cannot save a sentence of another kind, or one with a hole in it.

    Raises: Refused("duties.phrase") for a phrase of another code; Refused("duties.values") for values that
    are missing, empty or too many; Refused("duties.own_words") when «Annet» is not said in own words.
    """
    if phrase not in PHRASES_FOR[code]:
        raise Refused("duties.phrase", N_("Velg en setning som hører til vilkåret."), field="phrase")
    wanted = PHRASE_VALUES.get(phrase, frozenset())
    if set(values) != wanted or any(not str(value).strip() for value in values.values()):
        raise Refused("duties.values", N_("Fyll ut alle feltene i setningen."), field="values")
    if phrase is PhraseKey.AS_WRITTEN and not (own_words or "").strip():
        raise Refused("duties.own_words", N_("Skriv hva dere har avtalt."), field="own_words")


def require_period(from_on: date, to_on: date | None) -> None:
    """Raises: Refused("duties.period") when the last day is before the first."""
    if is_over(to_on, from_on):
        raise Refused("duties.period", N_("Siste dag må komme etter første dag."), field="to_on")
