"""Photos and PDFs from outside: what they are, drawing them anew, asking about viruses. Knows no feature."""
