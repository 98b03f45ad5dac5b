"""Pages that put several features side by side, for the recipient and for staff."""
