"""The commands of staff. Each handler's permission is the first line of the action it calls."""
