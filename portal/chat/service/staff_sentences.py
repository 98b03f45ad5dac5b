"""What the sentences say that staff may choose from; a person's own are in phrasing.py."""

from __future__ import annotations

from collections.abc import Mapping

from portal.errors import N_

STAFF_SENTENCES: Mapping[str, str] = {
    "meet_at": N_("Vi har en avtale %(day)s kl. %(time)s."),
    "meet_at_place": N_("Vi møtes %(day)s kl. %(time)s. Stedet er: %(place)s."),
    "meet_when": N_("Når passer det for deg å møtes?"),
    "meet_other_place": N_("Kan vi møtes et annet sted? Si gjerne hvor det passer for deg."),
    "meet_outside": N_("Vi kan gå en tur mens vi snakker, hvis du vil."),
    "meet_moved": N_("Jeg må flytte avtalen vår. Kan vi ta den %(day)s kl. %(time)s?"),
    "meet_cancelled": N_("Jeg må avlyse avtalen %(day)s. Du trenger ikke gjøre noe. Jeg finner en ny tid."),
    "meet_late": N_("Jeg blir litt forsinket. Fint om du venter på meg."),
    "meet_bring_someone": N_("Du kan ta med noen du stoler på, når vi møtes."),
    "meet_interpreter": N_("Jeg bestiller tolk til avtalen vår."),
    "meet_thanks": N_("Takk for praten."),
    "doc_show": N_("Jeg trenger å se dette: %(what)s. Si fra hvis det er vanskelig å få tak i."),
    "doc_show_by": N_("Kan jeg få se dette innen %(day)s: %(what)s? Si fra hvis du trenger mer tid."),
    "doc_bring": N_("Ta med dette når vi møtes: %(what)s."),
    "doc_got_it": N_("Takk, jeg har fått det du sendte."),
    "doc_unclear": N_("Jeg får ikke lest det du sendte. Kan du prøve en gang til?"),
    "doc_help": N_("Vi kan fylle ut skjemaet sammen."),
    "doc_letter_comes": N_("Du får et brev fra Nav. Spør meg hvis noe er uklart."),
    "doc_letter_together": N_("Har du fått et brev? Vi kan lese det sammen."),
    "answer_by": N_("Jeg har lest det du skrev. Du får svar senest %(day)s."),
    "looking_into": N_("Jeg må finne ut av dette. Jeg skriver til deg når jeg vet mer."),
    "asked_colleague": N_("Jeg har spurt en kollega. Du hører fra meg."),
    "may_i_call": N_("Kan jeg ringe deg %(day)s kl. %(time)s?"),
    "which_number": N_("Hvilket nummer kan jeg ringe deg på?"),
    "tried_to_call": N_("Jeg prøvde å ringe deg. Når passer det at jeg prøver igjen?"),
    "away": N_("Jeg er borte fra %(from_day)s til %(to_day)s. Da hjelper %(who)s deg."),
    "office_closed": N_("Kontoret er stengt %(day)s."),
    "come_at": N_("Du kan komme %(day)s kl. %(time)s. Stedet er: %(place)s."),
    "passed_on": N_("Jeg har gitt spørsmålet ditt til den som kan svare."),
    "own_language": N_("Du kan skrive på ditt eget språk."),
    "tell_more": N_("Kan du fortelle litt mer om det?"),
    "anything_else": N_("Er det noe mer du lurer på?"),
    "welcome": N_("Velkommen hit! Jeg er her for å hjelpe deg."),
    "how_are_you": N_("Hvordan går det med deg?"),
    "well_done": N_("Så bra! Dette har du fått til."),
    "good_you_ask": N_("Det er bra at du spør."),
    "thanks_told": N_("Takk for at du sa fra."),
    "get_well": N_("God bedring!"),
    "good_luck": N_("Lykke til! Jeg heier på deg."),
    "together": N_("Jeg forstår at dette er vanskelig. Vi finner ut av det sammen."),
    "see_you": N_("Vi sees %(day)s!"),
    "propose_office": N_("Kan vi møtes på Nav-kontoret %(day)s kl. %(time)s?"),
    "propose_phone": N_("Kan vi snakke på telefonen %(day)s kl. %(time)s?"),
    "propose_elsewhere": N_("Kan vi møtes %(day)s kl. %(time)s? Stedet er: %(place)s."),
    "task_set": N_("Dette står på oppgavelista di nå: %(what)s."),
    "task_set_by": N_("Dette står på oppgavelista di nå, med frist %(day)s: %(what)s."),
    "stand_in_begins": N_("%(name)s hjelper deg fra %(first)s til %(last)s. %(words)s"),
    "hands_over": N_("Noen andre hjelper deg videre nå. %(words)s"),
    "note_went_well": N_("Beskjed til veilederen: Det gikk bra i dag."),
    "note_change_activity": N_("Beskjed til veilederen: Vil bytte aktivitet."),
    "note_talk": N_("Beskjed til veilederen: Trenger en prat."),
    "note_words": N_("Beskjed til veilederen: %(words)s"),
    "belongs_at_nav_no": N_(
        "Dette svarer de på hos Nav i staten. Skriv til dem her: "
        "https://www.nav.no/skriv-til-oss. Teksten din ligger klar, så du kan kopiere den."
    ),
}
