"""Moving people between teams: asked for, given up, taken up again, also to a new address.

The steps stand in `core.leases.transfer_steps`, as an invite and a removal settle them. Promised: at no point is the
person nowhere.
"""
