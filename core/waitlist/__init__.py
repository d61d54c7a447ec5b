"""Those who wait for a seat, in their order, and the seats that are offered to them.

It redeems as anybody does, so it stands on redemptions; the end of an offer that nobody took is `core.leases.offers`.
"""
