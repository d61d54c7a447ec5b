"""What reaches people and what comes from them, as rows: the outbox's deliveries and the inbox's events.

Promised: an event is stored before it is acknowledged, a notice commits with what it tells of; each is handled under a
claim, in the order of its chat, and given up only after a named number of tries or days. No platform is known here.
"""
