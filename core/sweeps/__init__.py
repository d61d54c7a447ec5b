"""What works by itself, in any number of processes: schedule, runner, locks, and the checks that span nouns.

The round of one noun is its own `sweep`. This is the top floor of the core: nothing in it is imported by a noun.
"""
