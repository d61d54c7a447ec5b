"""Talking with models: conversations, the questions in them, and their answers.

A question is a row before anybody is asked, and its answer commits together with what it costs. It stands on calls,
and on no seat.
"""
