"""Every route and every socket event: who may, on what, and what those who may are answered."""

from tests.access_table import ADMIN, ANYBODY, CENTRE, CENTRE_LEAD, LEADER, RECIPIENT, VEILEDER, Row

SHOWN, MADE, SENT_ON, REFUSED = frozenset({200}), frozenset({201}), frozenset({303}), frozenset({422})
WAITS, GONE, NO_DEVICE, DONE = frozenset({429}), frozenset({404}), frozenset({410}), frozenset({409})
WORKS_HERE = f"{VEILEDER} {CENTRE} {LEADER} {ADMIN}"
NOBODYS_KEYS = {"username": "nobody", "passphrase": "fire ord som ikke finnes"}
A_NUMBER = {"number": "40 00 00 01"}
SWITCHED_OFF = {"what": "messages", "to": "off"}
NO_KEY = {"name": "PC-en", "credential": {}}
RUNS_CENTRES = f"{CENTRE_LEAD} {ADMIN}"
A_SCREEN = {"kind": "screen", "name": "Skjermen ved døra"}
FINDERS = f"{VEILEDER} {CENTRE_LEAD}"
EVERYBODY = f"{RECIPIENT} {VEILEDER} {CENTRE} {LEADER} {ADMIN}"
TALKERS = f"{RECIPIENT} {VEILEDER} {CENTRE}"
SORTERS = f"{VEILEDER} {CENTRE}"
A_NEW_ONE = "<uuid>"
OFFICE_KIND, CENTRE_KIND = {"kind": "kontor"}, {"kind": "senter"}
NO_CALL = {"call": "no-such-call"}
ON_OWN_BOARD = {"centre": "<centre:own>"}
ABOUT_ANNA = {"person": "<person:anna>"}
SEEN = {"language": "nb", "text_hash": "0" * 64}
TAP = {"nonce": "<nonce>"}
WAS_HERE = TAP | {"act": "was_here", "why": "was_seen", "at": "09:00"}
A_DAY = {"day": "2026-11-23"}
A_PAST_DAY = {"dag": "2026-11-19"}
ANNA_TICKED = TAP | {"person": "<person:anna>"}
NO_ACTIVITY = {"activity": "no-such-activity"}
OWN_CENTRE = {"centre": "<centre:own>"}
FORGED_SCAN = {"code": "x", "at": "2026-11-23T08:15:00Z", "nonce": "0123456789abcdef"}

ROUTES: tuple[tuple[str, str, Row], ...] = (
    # Machines that watch
    ("GET", "health.live", Row(ANYBODY)),
    ("GET", "health.ready", Row(ANYBODY)),
    # What a phone keeps for when there is no net
    ("GET", "shell.worker", Row(ANYBODY)),
    ("GET", "shell.without_net", Row(ANYBODY, address={"language": "nb"})),
    # Getting in and out
    ("GET", "people.sign_in", Row(ANYBODY)),
    ("POST", "people.sign_in_with_pin", Row(ANYBODY, REFUSED, fields={"pin": "918273"})),
    ("GET", "people.activate", Row(ANYBODY)),
    ("GET", "people.activate_by_link", Row(ANYBODY, SENT_ON, address={"code": "AAAABBBB"})),
    ("POST", "people.check_code", Row(ANYBODY, REFUSED, fields={"code": "AAAA BBBB"})),
    ("GET", "people.choose_pin", Row(ANYBODY, SENT_ON)),
    ("POST", "people.bind_phone", Row(ANYBODY, REFUSED, fields={"pin": "918273", "pin_again": "918273"})),
    ("POST", "people.choose", Row(ANYBODY, SENT_ON, fields={"language": "nb"})),
    ("POST", "people.sign_out", Row(ANYBODY, SENT_ON)),
    ("POST", "people.borrow_phone", Row(ANYBODY, REFUSED)),
    ("GET", "people.ask_forget_phone", Row(ANYBODY, SENT_ON)),
    ("POST", "people.forget_phone", Row(ANYBODY, SENT_ON)),
    ("GET", "people.give_code", Row(f"{VEILEDER} {CENTRE_LEAD}", SHOWN, "findable")),
    ("POST", "people.make_code", Row(f"{VEILEDER} {CENTRE_LEAD}", SENT_ON, "findable", {"check": "known"})),
    ("GET", "people.show_code", Row(f"{VEILEDER} {CENTRE_LEAD}", SENT_ON, "findable")),
    # The door of those who work here
    ("GET", "people.staff_sign_in", Row(ANYBODY)),
    ("POST", "people.check_passphrase", Row(ANYBODY, REFUSED | WAITS, fields=NOBODYS_KEYS)),
    ("GET", "people.second_step", Row(ANYBODY, SENT_ON)),
    ("POST", "people.finish_sign_in", Row(ANYBODY, SENT_ON, fields={"code": "000000"})),
    ("GET", "people.choose_passphrase", Row(ANYBODY, SENT_ON)),
    ("POST", "people.take_passphrase", Row(ANYBODY, SENT_ON, fields=NOBODYS_KEYS)),
    ("GET", "people.set_up_app", Row(ANYBODY, SENT_ON)),
    ("POST", "people.finish_set_up", Row(ANYBODY, SENT_ON, fields={"code": "000000"})),
    ("GET", "people.leave_by_way_in", Row(ANYBODY, GONE, address={"name": "no-such-way"})),
    ("GET", "people.return_by_way_in", Row(ANYBODY, GONE, address={"name": "no-such-way"})),
    ("POST", "people.enter_by_way_in", Row(ANYBODY, GONE, address={"name": "no-such-way"})),
    ("GET", "people.show_passkeys", Row(WORKS_HERE)),
    ("POST", "people.start_passkey", Row(WORKS_HERE, as_json=True)),
    ("POST", "people.add_passkey", Row(WORKS_HERE, REFUSED, fields=NO_KEY, as_json=True)),
    ("POST", "people.rename_passkey", Row(WORKS_HERE, SENT_ON, "passkey", {"name": "PC-en"})),
    ("POST", "people.remove_passkey", Row(WORKS_HERE, SENT_ON, "passkey")),
    # One's own phones, sign-ins and helpers
    ("GET", "people.own_access", Row(EVERYBODY)),
    ("GET", "people.time_left", Row(EVERYBODY)),
    ("GET", "people.session_end", Row(ANYBODY)),
    ("POST", "people.stay", Row(EVERYBODY)),
    ("POST", "people.name_phone", Row(EVERYBODY, SENT_ON, "phone", {"name": "Den svarte"}, level="access")),
    ("GET", "people.ask_end_phone", Row(EVERYBODY, SHOWN, "phone", level="access")),
    ("POST", "people.end_phone", Row(EVERYBODY, SENT_ON, "phone", level="access")),
    ("POST", "people.end_sign_in", Row(EVERYBODY, SENT_ON, "sign_in", level="access")),
    ("POST", "people.end_other_sign_ins", Row(EVERYBODY, SENT_ON, level="access")),
    ("GET", "notify.own_notices", Row(RECIPIENT, level="access")),
    ("POST", "notify.save_own_number", Row(RECIPIENT, SENT_ON, fields=A_NUMBER, level="access")),
    ("POST", "notify.switch", Row(RECIPIENT, SENT_ON, fields=SWITCHED_OFF, level="access")),
    ("POST", "notify.remove_own_number", Row(RECIPIENT, SENT_ON, level="access")),
    ("GET", "notify.notices_of", Row(VEILEDER, SHOWN, "person")),
    ("POST", "notify.save_number_of", Row(VEILEDER, SENT_ON | REFUSED, "person", A_NUMBER)),
    ("POST", "notify.remove_number_of", Row(VEILEDER, SENT_ON, "person")),
    ("GET", "people.my_helpers", Row(RECIPIENT)),
    ("GET", "people.who_has_seen", Row(RECIPIENT)),
    # What is everybody's to read
    ("GET", "rights.right", Row(ANYBODY, address={"slug": "klage"})),
    ("GET", "rights.emergency_help", Row(ANYBODY)),
    # A call
    ("GET", "chat.ask_for_call", Row(RECIPIENT, level="chat")),
    (
        "POST",
        "chat.send_call_request",
        Row(RECIPIENT, SENT_ON, fields={"client_id": A_NEW_ONE}, level="chat"),
    ),
    ("POST", "chat.about_own_call", Row(RECIPIENT, GONE, address=NO_CALL | {"what": "avlys"}, level="chat")),
    ("GET", "chat.call", Row(VEILEDER, GONE, address=NO_CALL)),
    ("POST", "chat.promise_call", Row(VEILEDER, GONE, address=NO_CALL)),
    ("POST", "chat.after_call", Row(VEILEDER, GONE, address=NO_CALL | {"how": "snakket"})),
    # Food and a bed
    ("GET", "chat.emergency", Row(RECIPIENT, level="absence")),
    ("POST", "chat.ask_emergency", Row(RECIPIENT, SENT_ON, fields={"client_id": A_NEW_ONE}, level="absence")),
    ("POST", "chat.take_emergency", Row(VEILEDER, GONE, address={"question": "no-such-question"})),
    ("POST", "chat.leader_knows", Row(LEADER, GONE, address={"question": "no-such-question"})),
    # One's own day, plan and duties
    ("GET", "overview.today", Row(RECIPIENT, others=SENT_ON)),  # staff are led to where their day begins
    ("GET", "overview.rights_and_duties", Row(RECIPIENT, level="duties")),
    ("GET", "plan.my_plan", Row(RECIPIENT, level="plan")),
    ("GET", "plan.own_changes", Row(RECIPIENT, level="plan")),
    ("POST", "plan.tick_task", Row(RECIPIENT, SENT_ON, "task", {"done": "yes"})),
    ("GET", "duties.duty", Row(RECIPIENT, SHOWN, "duty", level="duties")),
    ("POST", "duties.mark_read", Row(RECIPIENT, SENT_ON, "duty", SEEN, level="duties")),
    (
        "POST",
        "duties.ask_for_explanation",
        Row(RECIPIENT, SENT_ON, "duty", {**SEEN, "how": "call"}, level="duties"),
    ),
    # What is agreed about her weeks
    ("GET", "plan.weeks_of", Row(VEILEDER, SHOWN, "person")),
    ("GET", "plan.new_activity", Row(VEILEDER, SHOWN, "plan_of")),
    ("POST", "plan.add_activity", Row(VEILEDER, REFUSED, "plan_of", {"title": "Kurs"})),
    ("GET", "plan.week", Row(VEILEDER, SHOWN, "agreed_activity")),
    ("POST", "plan.change_week", Row(VEILEDER, REFUSED, "agreed_activity", {"from_on": "2026-11-30"})),
    ("GET", "plan.one_day", Row(VEILEDER, SHOWN, "agreed_activity")),
    ("POST", "plan.agree_day", Row(VEILEDER, REFUSED, "agreed_activity", {"kind": "free"})),
    ("POST", "plan.withdraw_day", Row(VEILEDER, SENT_ON, "agreed_day")),
    # When a centre is closed, and how many there is room for
    ("GET", "people.run_centre", Row(CENTRE_LEAD, SHOWN, "led_centre")),
    ("POST", "people.close_centre", Row(CENTRE_LEAD, SENT_ON, "led_centre", {"day": "2026-12-24"})),
    ("POST", "people.set_check_out", Row(CENTRE_LEAD, SENT_ON, "led_centre", {"wanted": "yes"})),
    ("POST", "people.set_capacity", Row(CENTRE_LEAD, SENT_ON, "led_centre", {"capacity": "55"})),
    # Coming in, and saying that one cannot
    ("GET", "attendance.enter", Row(ANYBODY)),
    ("POST", "attendance.enter_digits", Row(ANYBODY, REFUSED, fields={"code": "000000"})),
    ("GET", "attendance.scan", Row(ANYBODY, REFUSED, address={"code": "no-such-code"})),
    ("GET", "attendance.ask_number", Row(ANYBODY, SENT_ON)),
    ("POST", "attendance.check_in_by_number", Row(ANYBODY, SENT_ON, fields={"number": "1", "pin": "000000"})),
    ("GET", "attendance.thanked", Row(ANYBODY, SENT_ON)),
    ("GET", "attendance.show_letters", Row(ANYBODY, SENT_ON)),
    ("POST", "attendance.ask_letters", Row(ANYBODY, SENT_ON)),
    ("POST", "attendance.take_kept", Row(ANYBODY, SHOWN | REFUSED, fields=FORGED_SCAN, as_json=True)),
    ("POST", "attendance.check_in_on_tablet", Row(ANYBODY, NO_DEVICE, fields=TAP)),
    ("GET", "attendance.own_code", Row(RECIPIENT, SHOWN | SENT_ON, level="attendance")),
    (
        "POST",
        "attendance.leave",
        Row(RECIPIENT, GONE | SENT_ON, fields=TAP, address=OWN_CENTRE, level="attendance"),
    ),
    ("GET", "attendance.here", Row(RECIPIENT, SENT_ON, level="attendance")),
    ("POST", "attendance.check_in", Row(RECIPIENT, SENT_ON, level="attendance")),
    ("GET", "attendance.late", Row(RECIPIENT, level="absence")),
    ("POST", "attendance.tell_late", Row(RECIPIENT, SENT_ON, fields=TAP, level="absence")),
    ("GET", "attendance.cannot_come", Row(RECIPIENT, level="absence")),
    ("POST", "attendance.tell_cannot_come", Row(RECIPIENT, SENT_ON, fields=TAP, level="absence")),
    ("GET", "attendance.told", Row(RECIPIENT, SHOWN, "notice", level="absence")),
    (
        "POST",
        "attendance.give_reason",
        Row(RECIPIENT, SENT_ON, "notice", {"reason": "sick"}, level="absence"),
    ),
    ("POST", "attendance.withdraw", Row(RECIPIENT, SENT_ON, "notice", level="absence")),
    # The board and the screen
    ("POST", "attendance.show_paper", Row(RECIPIENT, REFUSED, "notice", level="absence")),
    ("GET", "attendance.open_paper", Row(f"{RECIPIENT} {VEILEDER}", SHOWN, "paper", level="absence")),
    ("POST", "attendance.take_paper_back", Row(RECIPIENT, SENT_ON, "own_paper", level="absence")),
    (
        "POST",
        "attendance.settle_paper",
        Row(VEILEDER, SENT_ON, "helped_paper", address=A_DAY | {"public_id": "<person:anna>"}),
    ),
    # The days that were
    ("GET", "attendance.own_days", Row(RECIPIENT, level="absence")),
    ("GET", "attendance.own_day", Row(RECIPIENT, address=A_DAY, level="absence")),
    ("POST", "attendance.dispute", Row(RECIPIENT, SENT_ON, fields=TAP, address=A_DAY, level="absence")),
    ("POST", "attendance.report_nav", Row(RECIPIENT, REFUSED, fields=TAP, address=A_DAY, level="absence")),
    (
        "POST",
        "attendance.take_back_word",
        Row(RECIPIENT, GONE, fields=TAP | {"line": "no-such-line"}, address=A_DAY, level="absence"),
    ),
    ("GET", "attendance.days_of", Row(VEILEDER, SHOWN, "person")),
    ("POST", "overview.copy_of_days", Row(VEILEDER, SHOWN, "copied", {"kind": "csv", "when": "2026-11"})),
    ("POST", "overview.copy_of_centre", Row(CENTRE, SHOWN, "centre", {"kind": "csv", "when": "2026-W48"})),
    ("GET", "attendance.day_of", Row(VEILEDER, SHOWN, "person", address=A_DAY)),
    (
        "POST",
        "attendance.correct_day",
        Row(VEILEDER, SENT_ON, "person", TAP | {"act": "talk", "kind": "met"}, address=A_DAY),
    ),
    ("GET", "attendance.boards", Row(CENTRE, SENT_ON)),
    ("GET", "attendance.centre_week", Row(CENTRE, SHOWN, "centre")),
    ("GET", "attendance.show_board", Row(CENTRE, SHOWN, "centre")),
    ("GET", "attendance.changes", Row(CENTRE, SHOWN, "centre")),
    ("GET", "attendance.paper_list", Row(CENTRE, SHOWN, "centre")),
    ("POST", "attendance.confirm_together", Row(CENTRE, SENT_ON, "annas_centre", ANNA_TICKED)),
    ("POST", "attendance.could_not_come", Row(CENTRE, SENT_ON, "annas_centre", ANNA_TICKED)),
    ("POST", "attendance.undo_together", Row(CENTRE, SENT_ON, "centre", TAP)),
    ("GET", "attendance.person_on_board", Row(CENTRE, SHOWN, "annas_centre", address=ABOUT_ANNA)),
    (
        "POST",
        "attendance.clear_day",
        Row(CENTRE, SENT_ON | DONE, "annas_centre", WAS_HERE, address=ABOUT_ANNA | A_PAST_DAY),
    ),
    ("POST", "attendance.welcome", Row(CENTRE, SENT_ON, "annas_centre", TAP, address=ABOUT_ANNA)),
    ("POST", "attendance.choose_activity", Row(CENTRE, GONE, "annas_centre", TAP, address=ABOUT_ANNA)),
    ("POST", "attendance.it_was_another", Row(CENTRE, GONE, "annas_centre", TAP, address=ABOUT_ANNA)),
    ("GET", "attendance.first_day", Row(RECIPIENT, GONE, address={"centre": "no-such-centre"})),
    ("GET", "attendance.first_day_words", Row(CENTRE_LEAD, SHOWN, "led_centre")),
    ("POST", "attendance.save_first_day_words", Row(CENTRE_LEAD, SENT_ON, "led_centre")),
    ("POST", "attendance.choose_own_activity", Row(RECIPIENT, GONE, fields=TAP, level="attendance")),
    ("GET", "attendance.offers", Row(CENTRE, SHOWN, "centre")),
    ("POST", "attendance.add_offer", Row(CENTRE, REFUSED, "centre")),
    ("POST", "attendance.end_offer", Row(CENTRE, GONE, "centre", address=NO_ACTIVITY)),
    ("POST", "attendance.tap_in", Row(CENTRE, SENT_ON, "annas_centre", TAP, address=ABOUT_ANNA)),
    ("POST", "attendance.tap_in", Row(CENTRE, SENT_ON, "on_own_board", TAP, address=ON_OWN_BOARD)),
    ("POST", "attendance.tap_undo", Row(CENTRE, SENT_ON, "annas_centre", TAP, address=ABOUT_ANNA)),
    ("POST", "attendance.tap_undo", Row(CENTRE, SENT_ON, "on_own_board", TAP, address=ON_OWN_BOARD)),
    ("POST", "attendance.tap_looked", Row(CENTRE, SENT_ON, "annas_centre", TAP, address=ABOUT_ANNA)),
    ("POST", "attendance.tap_looked", Row(CENTRE, SENT_ON, "on_own_board", TAP, address=ON_OWN_BOARD)),
    ("GET", "attendance.find", Row(CENTRE, SHOWN, "centre")),
    ("POST", "attendance.find_by_name", Row(CENTRE, SHOWN, "centre", {"name": "an"})),
    ("POST", "attendance.find_by_code", Row(CENTRE, REFUSED, "centre", {"code": "AAAAAA"})),
    ("POST", "attendance.tap_in_by_code", Row(CENTRE, REFUSED, "centre", {"code": "AAAAAA", **TAP})),
    ("POST", "attendance.tap_in_found", Row(CENTRE, SENT_ON, "annas_centre", TAP, address=ABOUT_ANNA)),
    ("POST", "attendance.tap_in_found", Row(CENTRE, SENT_ON, "on_own_board", TAP, address=ON_OWN_BOARD)),
    ("POST", "attendance.tap_left", Row(CENTRE, GONE | SENT_ON, "annas_centre", TAP, address=ABOUT_ANNA)),
    # The centre's own devices; whatever they are, nobody is signed in on them
    ("GET", "attendance.screen", Row(ANYBODY)),
    ("GET", "attendance.screen_code", Row(ANYBODY, NO_DEVICE)),
    ("GET", "attendance.tablet", Row(ANYBODY)),
    ("POST", "attendance.couple", Row(ANYBODY, REFUSED | WAITS, fields={"code": "AAAA BBBB"})),
    # Whoever is in charge at the centre, or administers, runs them
    ("GET", "attendance.devices", Row(RUNS_CENTRES, SHOWN, "run_centre")),
    ("POST", "attendance.add_device", Row(RUNS_CENTRES, SENT_ON, "run_centre", A_SCREEN)),
    ("GET", "attendance.device_code", Row(RUNS_CENTRES, SENT_ON, "device")),
    ("POST", "attendance.revoke_device", Row(RUNS_CENTRES, SENT_ON, "device")),
    ("POST", "attendance.renew_key", Row(RUNS_CENTRES, SENT_ON, "run_centre")),
    ("GET", "attendance.before_closing", Row(RUNS_CENTRES, SHOWN, "run_centre")),
    # Talking
    ("GET", "chat.thread", Row(RECIPIENT, level="chat")),
    ("GET", "chat.heads", Row(TALKERS, level="chat")),
    ("GET", "chat.changes", Row(TALKERS, SHOWN, "thread", level="chat")),
    (
        "POST",
        "chat.send",
        Row(TALKERS, MADE, "thread", {"client_id": A_NEW_ONE, "text": "Hei."}, as_json=True, level="chat"),
    ),
    (
        "POST",
        "chat.upload_file",
        Row(TALKERS, MADE, "thread", {"client_id": A_NEW_ONE, "file": "<pdf>"}, level="chat"),
    ),
    ("GET", "chat.open_file", Row(TALKERS, SHOWN, "file", level="chat")),
    ("GET", "chat.made_phrases", Row(f"{VEILEDER} {LEADER}")),
    ("POST", "chat.make_phrase", Row(f"{VEILEDER} {LEADER}", REFUSED, fields={"group": "meetings"})),
    ("POST", "chat.end_phrase", Row(f"{VEILEDER} {LEADER}", GONE, address={"public_id": "nobodys"})),
    ("GET", "chat.quick_replies", Row(RECIPIENT, SHOWN, "own_thread", level="chat")),
    ("GET", "chat.phrases", Row(TALKERS, SHOWN, "staffs_thread", level="chat")),
    ("GET", "chat.phrase", Row(TALKERS, SHOWN, "staffs_thread", address={"code": "see_you"}, level="chat")),
    (
        "POST",
        "chat.fill_phrase",
        Row(TALKERS, REFUSED, "staffs_thread", {"day": "?"}, address={"code": "see_you"}, level="chat"),
    ),
    ("GET", "chat.follow", Row(TALKERS, SHOWN, "plan_words", address={"seq": "1"}, level="chat")),
    ("POST", "chat.answer_proposal", Row(RECIPIENT, GONE, "own_thread", address={"seq": "1"}, level="chat")),
    ("POST", "chat.call_off", Row(VEILEDER, GONE, "staffs_thread", address={"seq": "1"}, level="chat")),
    (
        "POST",
        "chat.refer_to_nav_no",
        Row(VEILEDER, SENT_ON, "plan_thread", {"client_id": A_NEW_ONE}, address={"seq": "1"}, level="chat"),
    ),
    *(
        row
        for words, address in (("her_words", {"seq": "1"}), ("helpers_words", {"seq": "2"}))
        for row in (
            ("GET", "chat.change_message", Row(TALKERS, SHOWN, words, address=address, level="chat")),
            (
                "POST",
                "chat.correct",
                Row(
                    TALKERS,
                    SENT_ON | REFUSED,
                    words,
                    {"client_id": A_NEW_ONE, "text": "Hei."},
                    address=address,
                    level="chat",
                ),
            ),
            ("POST", "chat.withdraw", Row(TALKERS, SENT_ON, words, address=address, level="chat")),
        )
    ),
    (
        "POST",
        "chat.progress",
        Row(TALKERS, SHOWN, "thread", {"read": 1, "delivered": 1}, as_json=True, level="chat"),
    ),
    # What staff do about what was written
    ("GET", "chat.who_waits", Row(SORTERS, SHOWN, "thread")),
    ("GET", "chat.talk", Row(SORTERS, SHOWN, "thread")),
    ("GET", "chat.note", Row(CENTRE, SHOWN, "at_own_centre", address=ON_OWN_BOARD)),
    (
        "POST",
        "chat.leave_note",
        Row(CENTRE, REFUSED, "at_own_centre", {"what": "anything"}, address=ON_OWN_BOARD),
    ),
    ("POST", "chat.see_to_note", Row(VEILEDER, GONE, "plan_thread", address={"seq": "1"})),
    ("GET", "chat.print_thread", Row(TALKERS, SHOWN, "thread", level="chat")),
    ("GET", "chat.find_page", Row(TALKERS, SHOWN, "thread", level="chat")),
    ("POST", "chat.find", Row(TALKERS, SHOWN, "thread", {"words": "noe"}, level="chat")),
    ("GET", "chat.archive_page", Row(VEILEDER, SHOWN, "plan_thread")),
    ("POST", "chat.export", Row(VEILEDER, SHOWN, "plan_thread", {"kind": "json"})),
    ("POST", "chat.record", Row(VEILEDER, SENT_ON, "plan_thread", {"upto": "1"})),
    ("POST", "chat.save_draft", Row(SORTERS, SHOWN, "thread", {"text": "Hei"}, as_json=True)),
    ("POST", "chat.settle", Row(SORTERS, SENT_ON, "plan_thread", {"what": "9 plan"})),
    ("POST", "chat.move", Row(SORTERS, SENT_ON, "plan_thread", {"to": "plan"}, address={"seq": "1"})),
    # The veileder's desk, the leader's and the administrator's pages
    ("GET", "overview.inbox", Row(SORTERS)),
    ("GET", "overview.clarify", Row(VEILEDER)),
    ("GET", "overview.reach_out", Row(VEILEDER)),
    ("GET", "overview.team_inbox", Row(VEILEDER)),
    ("GET", "overview.inbox_keys", Row(SORTERS)),
    ("GET", "overview.person", Row(VEILEDER, SHOWN, "person")),
    ("GET", "people.card", Row(VEILEDER, SHOWN, "person")),
    ("POST", "people.change_card", Row(VEILEDER, REFUSED, "person")),
    ("POST", "people.add_help", Row(VEILEDER, REFUSED, "person")),
    ("GET", "people.ending", Row(VEILEDER, SHOWN, "help")),
    ("POST", "people.end_help", Row(VEILEDER, REFUSED, "help")),  # nobody said that she is sure
    ("GET", "people.protection_page", Row(VEILEDER, SHOWN, "person")),
    ("POST", "people.change_protection", Row(VEILEDER, REFUSED, "person")),
    ("POST", "people.change_digital", Row(VEILEDER, REFUSED, "person")),
    ("GET", "people.find_person", Row(FINDERS)),
    ("POST", "people.show_found", Row(FINDERS, SHOWN, fields={"name": "kanari"})),
    ("GET", "people.new_person", Row(VEILEDER)),
    ("POST", "people.add_person", Row(VEILEDER, REFUSED)),
    ("GET", "people.stand_ins", Row(VEILEDER)),
    ("GET", "people.own_people", Row(CENTRE)),
    ("POST", "people.add_stand_in", Row(VEILEDER, REFUSED)),
    ("GET", "people.ending_stand_in", Row(VEILEDER, GONE, address={"public_id": "nobody"})),
    ("POST", "people.end_stand_in", Row(VEILEDER, GONE, address={"public_id": "nobody"})),
    ("GET", "overview.without_veileder", Row(LEADER)),
    ("POST", "overview.give_helper", Row(LEADER, GONE, "without_veileder")),
    ("POST", "duties.mark_explained", Row(VEILEDER, SENT_ON, "explanation")),
    ("GET", "overview.office", Row(LEADER)),
    ("GET", "overview.attendance_numbers", Row(LEADER)),
    # Running the house
    ("GET", "people.administration", Row(ADMIN)),
    ("GET", "people.settings", Row(ADMIN)),
    ("GET", "people.new_place", Row(ADMIN, address=OFFICE_KIND)),
    ("POST", "people.add_place", Row(ADMIN, REFUSED, fields={"name": "Uten adresse"}, address=OFFICE_KIND)),
    ("GET", "people.place", Row(ADMIN, SHOWN, "office", address=OFFICE_KIND)),
    (
        "POST",
        "people.change_place",
        Row(ADMIN, REFUSED, "office", {"name": "Uten adresse"}, address=OFFICE_KIND),
    ),
    (
        "POST",
        "people.close_place",
        Row(ADMIN, REFUSED, "office", {"last_day": "2026-11-01"}, address=OFFICE_KIND),
    ),
    ("POST", "people.close_day", Row(ADMIN, REFUSED, "office", {"day": "2026-11-01"}, address=OFFICE_KIND)),
    (
        "POST",
        "people.close_day",
        Row(ADMIN, REFUSED, "any_centre", {"day": "2026-11-01"}, address=CENTRE_KIND),
    ),
    ("POST", "people.add_duty_phone", Row(ADMIN, REFUSED, "office", {"called": "Vakt"})),
    ("POST", "people.remove_duty_phone", Row(ADMIN, SENT_ON, "office", address={"phone": "no-such-phone"})),
    (
        "POST",
        "people.close_place",
        Row(ADMIN, REFUSED, "any_centre", {"last_day": "2026-11-01"}, address=CENTRE_KIND),
    ),
    ("GET", "people.new_place", Row(ADMIN, address=CENTRE_KIND)),
    ("POST", "people.add_place", Row(ADMIN, REFUSED, fields={"name": "Uten adresse"}, address=CENTRE_KIND)),
    ("GET", "people.place", Row(ADMIN, SHOWN, "any_centre", address=CENTRE_KIND)),
    (
        "POST",
        "people.change_place",
        Row(ADMIN, REFUSED, "any_centre", {"name": "Uten adresse"}, address=CENTRE_KIND),
    ),
    ("GET", "people.staff_list", Row(ADMIN)),
    ("POST", "people.find_staff", Row(ADMIN, fields={"name": "kanari"})),
    ("GET", "people.new_staff", Row(ADMIN)),
    ("POST", "people.add_staff", Row(ADMIN, REFUSED, fields={"given_name": "Uten brukernavn"})),
    ("GET", "people.staff", Row(ADMIN, SHOWN, "staff")),
    ("POST", "people.correct_names", Row(ADMIN, REFUSED, "staff", {"given_name": ""})),
    ("POST", "people.add_role", Row(ADMIN, REFUSED, "staff", {"role": "king"})),
    ("POST", "people.make_staff_code", Row(ADMIN, REFUSED, "staff")),  # her own
    ("GET", "people.show_staff_code", Row(ADMIN, SENT_ON, "staff")),
    ("GET", "people.role", Row(ADMIN, SHOWN, "staff_role")),
    ("POST", "people.end_role_on", Row(ADMIN, REFUSED, "staff_role", {"last_day": "2026-11-01"})),
    ("POST", "people.end_role_now", Row(ADMIN, REFUSED, "staff_role")),  # the last admin's
    ("GET", "people.leaving", Row(ADMIN, SHOWN, "staff")),
    ("POST", "people.end_everything", Row(ADMIN, REFUSED, "staff")),  # the last admin
)

EVENTS: tuple[tuple[str, Row], ...] = (
    ("chat:since", Row(TALKERS, SHOWN, "thread", {"conversation": "<thing>", "since": 0}, level="chat")),
    (
        "chat:send",
        Row(
            TALKERS,
            SHOWN,
            "thread",
            {"conversation": "<thing>", "me": "<me>", "client_id": A_NEW_ONE, "text": "Hei."},
            level="chat",
        ),
    ),
)
