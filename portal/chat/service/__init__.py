"""What happens in the chat, one module per use.

threads: whose a conversation is; messages: what one looks like; sending, withdrawing, reading; marking:
how far somebody has come; inbox; waiting: who waits for an answer.
"""
