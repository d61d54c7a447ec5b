"""The commands that everybody has."""
