"""A database that was put back: what happened after the backup is caught up before anybody is served."""
