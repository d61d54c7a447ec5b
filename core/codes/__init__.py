"""What people redeem: made in batches, counted, verified, exported, and never kept in a readable form.

`uses` is the only place that changes a code's counters: unused, reserved, used, and back. It knows teams and pools,
people and alerts, and nothing of what a use leads to.
"""
