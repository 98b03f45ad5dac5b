"""What happens in the chat, one module per use.

Whose it is: threads, asking, waiting, marking.
Writing: incoming, sending, saying, phrasing, sealed, withdrawing, undoing, moving, drafts, handing_over.
Reading: reading, messages, beneath, following, desk, inbox, noticing, answering, whole, archive, outcomes.
Sentences: phrase_list, office_phrases, staff_sentences, proposing.
Calls and urgent questions: calls, calls_asked, promising, emergency, emergency_asked.
Files: receiving, attached, rechecking; what a file is, portal/files/.
"""
