"""What staff should know: raised once, counted when it happens again, resolved by somebody or by itself.

An alert is a row that commits with the change it tells of; who hears of it stands in `subscriptions`, and its message
goes out as a notice. Any room may raise one. It may import rules, the outbox, the audit trail and storage.
"""
