"""Reading teams: what the upstream shows is compared with what is stored, and only complete lists are believed.

Promised: nobody ends by one short list, and a stranger is taken out only where the rules allow it. It stands on leases.
"""
