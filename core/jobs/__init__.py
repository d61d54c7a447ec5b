"""Bulk work: many people at once, a result for each, cancelled between two of them and never done twice.

A job is a row with a line per person; the sweep works them off under a claim. It stands on leases and codes and does
not know redemptions, transfers or readings.
"""
