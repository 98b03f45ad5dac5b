"""Pages: access, session, language, headers, forms and error pages."""
