"""Pools, teams and their seats: added, checked, put into and out of service, removed; and how many seats are free.

`seats` is the only place that changes a seat, `health` the only one that takes a team out of service. This folder may
import people and alerts, the providers and storage.
"""
