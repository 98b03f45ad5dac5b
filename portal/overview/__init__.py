"""Pages that put several features side by side: I dag, rights and duties, inbox, person, office, administration."""
