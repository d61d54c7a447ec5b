# What is said of clocks that jump, files that vanish and databases that are older than the world.

error-database_gone = I cannot look anything up at the moment. Nothing is lost and nothing was used; please try again later. The team that runs me has been told.
database-gone = The database file is gone
    { $file } was deleted or replaced while Usher was running. Nothing is written any more, and nobody is served. Put the file back, or restore a backup, and start Usher again.
alert-clock_stepped =
    { $direction ->
        [back] The clock was set back by { $seconds } s. Everything that was due was brought forward by as much, so nothing waits because of it.
       *[ahead] The clock jumped ahead by { $seconds } s. Until it is confirmed, nothing is ended, moved, removed or deleted. If the time is right, confirm it with /sweep confirm.
    }
alert-clock_moved = The clock of this machine has moved { $seconds } s away from the time that has really passed.
alert-journal_away = The journal in `{ $directory }` cannot be written ({ $error }). Entries are kept in memory and written as soon as possible; until then, an old backup could not be brought up to date with it.
sweep-confirmed = ✅ The time is confirmed. Everything that was held back continues.
sweep-nothing-held = The time was already confirmed: nothing was held back.
round-waits_for_the_clock = waits until the clock is known to be right
round-waits_for_the_restored_database = waits until the restored database is reconciled
did-days_of_the_journal_forgotten =
    { $count ->
        [one] 1 day of the journal deleted
       *[other] { $count } days of the journal deleted
    }

error-code_suspended = This code has to wait: an older state was restored here, and our team must first make sure that nobody has used it. Nothing was used. I have asked them and will tell you.
error-restored_wait = I cannot do that at the moment: an older state was restored here, and I am still finding out what has happened since. Nothing was used; please try again later.
error-not_restored = The database is as it should be: there is nothing to reconcile.
alert-database_restored = The database is older than what has really happened{ $backup_at ->
        [None] {""}
       *[other] {" "}(it knows nothing after { $backup_at })
    }. Until `usher db reconcile` has caught up, nobody is served, and nothing is made, moved or ended.
alert-code_requests =
    { $count ->
        [one] 1 person wants to redeem a code that may have been used before the restore. Please decide with /requests.
       *[other] { $count } people want to redeem codes that may have been used before the restore. Please decide with /requests.
    }
requests-none = Nobody is waiting for a decision.
requests-unmatched = No requests of that kind are waiting for a decision.
requests-more = … and { $count } more.
button-requests = Who else is waiting
button-request-approve = ✅ { $mark }#{ $number }
button-request-decline = ✖ { $mark }#{ $number }
notice-code_request_approved = ✅ Our team has agreed: please send the code …{ $code } for `{ $address }` again.
notice-code_request_declined = Our team could not agree to the code …{ $code } for `{ $address }`. Please ask whoever gave it to you.
reason-restored = the database was restored

## Settling by hand, taking over, waiting places

error-place_lost = This place on the waiting list has been given up.
error-place_served = Your place is being served at this very moment, so it can no longer be given up. I will tell you how it goes.
error-places_full =
    { $reason ->
        [code] Somebody is already waiting with every use of this code{ $most ->
            [0] {""}
           *[other] {" "}({ $most })
        }. Nothing was used.
       *[other] { $most ->
            [one] You already have a place on a waiting list, which is the most one person may have. /waitlist shows it.
           *[other] You already have { $most } places on waiting lists, which is the most one person may have. /waitlist shows them.
        }
    }
settle-none = No invitation is unclear.
settle-list = **Unclear invitations**
settle-line = **#{ $lease }** · `{ $address }` · **{ $team }** ({ $health }) · since { $since }
settle-known = **Invitation #{ $lease }** of `{ $address }` to **{ $team }**
    Unclear since { $since }. Times sent: { $sends }, last { $sent }. Code: …{ $code }.
    The workspace: { $health }; its last error: `{ $error }`; it says now: `{ $upstream }`.
settle-invited = Settle it as **invited**? The use of the code is gone, and the person is told.
settle-not = Settle it as **not invited**? The code can be used again, the seat is free, and the person is told.
settled-invited = ✅ Invitation #{ $lease } counts as sent.
settled-not = ✅ Invitation #{ $lease } counts as not sent.
button-settle-invited = ✅ Was invited
button-settle-not = ✖ Was not invited
command-settle = Say what became of an invitation that stays unclear
end-force =
    { $count ->
        [one] End this seat of `{ $address }`, and take over whatever is under way with it?
       *[other] End these { $count } seats of `{ $address }`, and take over whatever is under way with them?
    }
reason-settled = it is already settled
reason-served = they now have a seat there
reason-taken_over = taken over by staff
reason-by_hand = settled by hand
