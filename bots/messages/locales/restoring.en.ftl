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
round-waits_for_the_clock = waits until the clock is known to be right
round-waits_for_the_restored_database = waits until the restored database is reconciled
did-days_of_the_journal_forgotten =
    { $count ->
        [one] 1 day of the journal forgotten
       *[other] { $count } days of the journal forgotten
    }

error-code_suspended = This code waits for the people who run this: they restored an older state, and have to make sure that nobody has used it already. Nothing was used; I have asked them, and will tell you.
error-restored_wait = I cannot do that just now: an older state was restored here, and I am still finding out what has happened since. Nothing was used; please try again later.
error-not_restored = The database is as it should be: there is nothing to reconcile.
alert-database_restored = The database is older than what has happened{ $backup_at ->
        [None] {""}
       *[other] {" "}(it knows of nothing after { $backup_at })
    }. Nobody is served, and nothing is made, moved or ended, until `usher db reconcile` has caught up.
alert-code_requests =
    { $count ->
        [one] 1 person wants to redeem a code that may have been used before the restore. Please decide with /requests.
       *[other] { $count } people want to redeem codes that may have been used before the restore. Please decide with /requests.
    }
requests-none = Nobody waits for a decision.
requests-more = … and { $count } more.
button-requests = Who else waits
button-request-approve = ✅ { $number }
button-request-decline = ✖ { $number }
notice-code_request_approved = ✅ The people who run this have agreed: please send the code …{ $code } for `{ $address }` once more.
notice-code_request_declined = The people who run this could not agree to the code …{ $code } for `{ $address }`. Please ask whoever gave it to you.
reason-restored = the database was restored

## Settling by hand, taking over, waiting places

error-place_lost = This place on the waiting list was given up.
error-place_served = Your place is being served in this very moment, so it cannot be given up any more. You will hear how it ends.
error-places_full =
    { $reason ->
        [code] Every use of this code is waited for already{ $most ->
            [0] {""}
           *[other] {" "}({ $most })
        }. Nothing was used.
       *[other] You have { $most } places on the waiting lists already, which is as many as one person may have. /waitlist shows them.
    }
settle-none = Nothing is unclear.
settle-list = **Unclear invites**
settle-line = **#{ $lease }** · `{ $address }` · **{ $team }** ({ $health }) · since { $since }
settle-known = **Invite #{ $lease }** of `{ $address }` into **{ $team }**
    Unclear since { $since }. Sent { $sends } times, last { $sent }. Code: …{ $code }.
    The workspace: { $health }; its last error: `{ $error }`; it says now: `{ $upstream }`.
settle-invited = Settle it as **invited**? The code's use is used, and the person is told.
settle-not = Settle it as **not invited**? The code can be used again, the seat is free, and the person is told.
settled-invited = ✅ Invite #{ $lease } counts as made.
settled-not = ✅ Invite #{ $lease } counts as not made.
button-settle-invited = ✅ Was invited
button-settle-not = ✖ Was not invited
command-settle = Say what became of an invite that stays unclear
end-force =
    { $count ->
        [one] End this seat of `{ $address }`, and take over whatever is under way with it?
       *[other] End these { $count } seats of `{ $address }`, and take over whatever is under way with them?
    }
reason-settled = it is settled already
reason-served = they have a seat there by now
reason-taken_over = taken over by staff
reason-by_hand = settled by hand
