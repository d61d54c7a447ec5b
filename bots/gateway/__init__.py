"""The interface for programs: HTTP in, the same functions of the core as behind every chat."""
