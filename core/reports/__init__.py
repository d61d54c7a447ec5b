"""Answers that span nouns: statistics, look-up, the overview, the doctor. What one noun can answer is its own `report`.

Reports read and change nothing. They may import every noun below the sweeps.
"""
