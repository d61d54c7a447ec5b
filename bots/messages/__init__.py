"""Replies as data, and the words for them: texts in every language, bounds, charts. It imports no command."""
