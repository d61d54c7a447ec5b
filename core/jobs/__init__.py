"""Bulk work: many people at once, one result for each, stopped between any two of them and never done twice.

A job is a row with a line per person; the sweep works the lines off under a claim. Jobs stand on leases and codes and
know neither redemptions, transfers nor readings.
"""
