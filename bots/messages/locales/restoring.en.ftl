# What is said of clocks that jump, files that vanish and databases that are older than the world.

error-database_gone = I cannot look anything up just now. Nothing is lost and nothing was used; please try again later. The people who run this have been told.
database-gone = The database file is gone
    { $file } was deleted or replaced while Usher was running. Nothing is written any more, and nobody is served. Put the file back, or restore a backup, and start Usher again.
alert-clock_stepped =
    { $direction ->
        [back] The clock was set back by { $seconds } s. What was due was brought forward by as much, so nothing waits for it.
       *[ahead] The clock went ahead by { $seconds } s. Nothing is ended, moved, removed or forgotten until a second look finds it right. If it is right, say so with /sweep confirm.
    }
alert-clock_moved = The clock of this machine has moved by { $seconds } s against the time that has passed.
alert-journal_away = The journal in `{ $directory }` cannot be written (`{ $error }`). What is settled meanwhile is kept in memory and written when it can be again; until then an old backup could not be caught up with it.
sweep-confirmed = ✅ The time counts as right. What was held back goes on.
sweep-nothing-held = The time counts as right already: nothing was held back.
did-waits-for-the-clock = waits until the clock is known to be right
did-waits-for-the-restored-database = waits until the restored database is reconciled
did-days-of-the-journal-forgotten =
    { $count ->
        [one] 1 day of the journal forgotten
       *[other] { $count } days of the journal forgotten
    }
