"""The hub: who has which seat, from the held one to the proved end.

`states` says what a lease may become, `claims` how an invite under way is held, `invites` what becomes of it, `ending`
and `closing` how a lease ends, `removal_plans` and `removals` how somebody is taken out. What an invite means to its
redemption or transfer is settled in the same transaction, in `redemption_steps` and `transfer_steps`.

Promised: a seat is one person's, a lease ends only when that is proved or the team is dead, and whatever a process was
doing when it died is found and finished. It may import codes, teams, notices, alerts, people and what is below them;
redemptions, transfers, jobs and the waiting list stand on it and not on each other.
"""
