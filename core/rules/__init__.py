"""Decisions without a session, a clock or a network: what goes in is all they judge by.

`refuse_…` returns or raises why not; `pick_…` and `order_…` choose.
"""
