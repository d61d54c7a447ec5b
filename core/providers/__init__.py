"""The upstreams that seats are in: one protocol, and an adapter for each. README.md says how to add one.

An adapter reports what certainly happened and what it does not know. It decides nothing and stores nothing.
"""
