"""One address gets one seat for one use of one code.

Two short transactions around one upstream call that is made in neither. Promised: the same request has the same answer
for ever, and no code is used without an invite. It stands on leases and codes.
"""
