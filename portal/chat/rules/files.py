"""How many files may hang on a message. What a file is: portal/files/kinds.py."""

from __future__ import annotations

MOST_FILES = 10
"""Most files on one message."""

MOST_LOOSE = 30
"""Most files of one person's that may lie in a conversation before a message takes them along."""

MOST_BYTES_OF_FORM = 25_000_000
"""Most that the plain form takes at once, with all its files."""
