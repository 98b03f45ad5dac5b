"""The made-up office Elvebyen and everybody in it."""
