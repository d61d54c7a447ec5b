"""The upstreams that seats are in: one protocol, an adapter each. README.md says how to add one.

An adapter says what certainly happened and what it does not know; it decides nothing and stores nothing.
"""
