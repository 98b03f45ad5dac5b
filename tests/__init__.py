"""Tests: one file per feature and rule book, a dozen whole-app tests, journeys in e2e."""
