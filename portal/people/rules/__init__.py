"""Who may enter, and who may see what. Plain rules: no text for people, no database, no web."""
