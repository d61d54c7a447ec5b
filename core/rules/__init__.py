"""Decisions without a session, a clock or a network: everything they judge by is passed in.

`refuse_…` returns or raises why not; `pick_…` and `order_…` choose.
"""
