### What staff do with people's seats and with the house itself: moving, extending, ending; staff, backups, keys.

## Who has a seat

leases = **{ $count ->
        [one] 1 seat
       *[other] { $count } seats
    }** · { $what }
leases-none = No seat fits ({ $what }). For example `/leases expiring`, `/leases anna@example.com`, `/leases team Blue team`
leases-live = now
leases-expiring = ending within three days
leases-expired = past their end
leases-pending = invited, not joined
leases-moving = moving
leases-ended = over
leases-all = now and earlier
lease-line = #{ $lease } `{ $address }` **{ $team }** – { $status }, { $until }
lease-line-until = #{ $lease } `{ $address }` **{ $team }** – { $status }, until { $moment }
lease-line-moving = #{ $lease } `{ $address }` **{ $team }** → **{ $to }** – { $status }
lease-line-over = #{ $lease } `{ $address }` **{ $team }** – { $status } { $at }
lease-being-ended = being taken out
button-leases-live = Now
button-leases-expiring = ⏳ Ending soon
button-leases-moving = 🔁 Moving
button-leases-pending = ✉️ Not joined
button-leases-ended = Over
button-leases-of = 💺 Seats

## Reading teams anew

ask-sync-what = What shall be read anew? Send an e-mail address, the name of a team, or `all`.
sync-working = 🔄 Reading { $done } of { $of }
    `{ $bar }`
synced = 🔄 { $of ->
        [one] { $failed ->
            [0] **1 team** was read.
           *[other] **The team** could not be read.
        }
       *[other] **{ $count } of { $of } teams** were read.
    }
    { $members } members · { $pending } invitations open
    New: { $joined } joined · { $gone } gone · { $strangers } not invited by Usher
sync-nothing = { $of ->
        [one] ❌ The team could not be read. Nothing was changed.
       *[other] ❌ None of the { $of } teams could be read. Nothing was changed.
    }
sync-failed = ❌ **{ $team }** – { $reason }
sync-more-failed = … and { $count } more could not be read.
button-sync-again = 🔄 Read again

## Moving

ask-transfer-address = Who shall be moved? Send the e-mail address.
transfer = **Move { $address } out of { $from }?**
transfer-to = **{ $from }** → **{ $to }**
transfer-to-until = **{ $from }** → **{ $to }** · { $until }
transfer-nowhere = ⚠️ No seat is free just now. The move waits for one, and the present seat stays until then.
transfer-waits = First the new seat is held and the invitation sent. The old seat goes once the person has accepted, or after { $hours } hours.
transfer-forced = ⚠️ **At once:** the new seat is held and the invitation sent, then the person is taken out of **{ $from }** without waiting for them to accept.
transfer-which =
    `{ $address }` has { $count } seats. Which one shall be moved? It is in:
transfer-working = 🔁 Moving `{ $address }` …
transferred = ✅ { $count ->
        [one] **Moved.**
       *[other] **{ $count } seats were moved.**
    }
transfer-begun = 🔁 **The move is under way.** The person is told, and so are you if it fails.
transfer-line = `{ $address }`: { $from } → **{ $to }** – { $state }
transfer-line-reason = `{ $address }`: { $from } → **{ $to }** – { $state } ({ $reason })
transfer-line-waiting = `{ $address }`: { $from } → the next free seat – { $state }, next try { $due }
button-transfer-now = 🔁 Move
button-transfer-force = ⚡ Without waiting

## Extending and ending

ask-extend-address = Whose seat shall last longer? Send the e-mail address.
ask-extend-term = How much longer? For example `1 month`, `30 days` or `24 hours`.
extended = ⏩ **Extended** by { $term } for `{ $address }`. The person is told.
ask-end-address = Whose seat shall end? Send the e-mail address.
end = **End the seat of { $address } in { $team }?**
end-invited = The invitation is taken back, and the seat is free as soon as the workspace confirms that.
end-active = The person is removed from the workspace and told so. The seat is free as soon as the workspace confirms that.
end-which = `{ $address }` has { $count } seats. Which one shall end? It is in:
end-working = ⏹ Ending the seat of `{ $address }` …
ended = ⏹ **The seat has ended.**
end-begun = ⏳ **The seat is ending.** It is free as soon as the workspace confirms that; I keep at it.
end-failed = ❌ **It did not work out.**
ended-done = `{ $address }` is out of **{ $team }**
ended-planned = `{ $address }` is being taken out of **{ $team }**
ended-cancelled = `{ $address }` stays in **{ $team }**: { $reason }
ended-failed = `{ $address }` is still in **{ $team }**: { $reason }
button-end-now = ⏹ End it

## What works by itself

sweeps = **What works by itself**
sweeps-none = Nothing has run yet. `usher run` starts the worker that does it.
sweep = **{ $name }**
sweep-line = { $mark } **{ $name }** · `{ $key }`
    Last { $at } ({ $seconds } s): { $outcome } · next { $next }
sweep-line-running = ▶️ **{ $name }** · `{ $key }` · running now
    Last { $at } ({ $seconds } s): { $outcome }
sweep-never = never
sweep-paused = when it goes on (paused)
sweep-told-run = ▶️ It is due now; the next free worker runs it.
sweep-told-pause = ⏸ Paused. A round under way is finished first.
sweep-told-resume = ▶️ It goes on.
list-separator = {", "}
sweep-name-recovery = Settling what was cut off
sweep-name-sync = Reading teams
sweep-name-expiry = Seats that end
sweep-name-transfers = Moves
sweep-name-abnormal = Moves out of dead teams
sweep-name-waitlist = Waiting lists
sweep-name-health = Health of teams
sweep-name-alerts = Checks for alerts
sweep-name-jobs = Bulk work
sweep-name-unauthorised = People who were not invited
sweep-name-retention = Forgetting what is old
sweep-name-forgetting = Forgetting those who wished it
sweep-name-folding = Figures by day
round-deeds = { $deeds }
round-failed = failed; staff were alerted
round-done = nothing to do
round-switched_on = switched on; whoever is there now stays
round-polling_ended = stopped fetching messages
round-off = switched off
round-outside_hours = outside of the active hours
did-conditions_hold =
    { $count ->
        [one] 1 condition holds
       *[other] { $count } conditions hold
    }
did-ended =
    { $count ->
        [one] 1 is over
       *[other] { $count } are over
    }
did-checks_failed =
    { $count ->
        [one] 1 check failed
       *[other] { $count } checks failed
    }
did-taken_over = { $count } taken over by another process
did-failed = { $count } failed
did-finished = { $count } finished
did-left_for_later =
    { $count ->
        [one] 1 goes on later
       *[other] { $count } go on later
    }
did-looked_at = { $count } looked at
did-warned =
    { $count ->
        [one] 1 person warned
       *[other] { $count } people warned
    }
did-to_be_moved = { $count } to be moved
did-to_be_ended = { $count } to be ended
did-left =
    { $count ->
        [one] 1 left as it is
       *[other] { $count } left as they are
    }
did-changes_folded =
    { $count ->
        [one] 1 change added up
       *[other] { $count } changes added up
    }
did-expired =
    { $count ->
        [one] 1 team is expired
       *[other] { $count } teams are expired
    }
did-restored =
    { $count ->
        [one] 1 is back
       *[other] { $count } are back
    }
did-rows_forgotten =
    { $count ->
        [one] 1 old row deleted
       *[other] { $count } old rows deleted
    }
did-rows_erased =
    { $count ->
        [one] 1 row about somebody erased
       *[other] { $count } rows about people erased
    }
did-batches_finished =
    { $count ->
        [one] 1 broken-off batch finished
       *[other] { $count } broken-off batches finished
    }
did-teams_read =
    { $count ->
        [one] 1 team read
       *[other] { $count } teams read
    }
did-not_complete = { $count } not complete
did-joined =
    { $count ->
        [one] 1 person joined
       *[other] { $count } people joined
    }
did-gone =
    { $count ->
        [one] 1 person gone
       *[other] { $count } people gone
    }
did-begun =
    { $count ->
        [one] 1 move taken on
       *[other] { $count } moves taken on
    }
did-past_their_grace = { $count } past the grace period
did-removals_looked_at =
    { $count ->
        [one] 1 removal looked at
       *[other] { $count } removals looked at
    }
did-taken_out =
    { $count ->
        [one] 1 person taken out
       *[other] { $count } people taken out
    }
did-invited =
    { $count ->
        [one] 1 person invited
       *[other] { $count } people invited
    }
did-closed =
    { $count ->
        [one] 1 entry closed
       *[other] { $count } entries closed
    }
did-offers_withdrawn =
    { $count ->
        [one] 1 offer withdrawn
       *[other] { $count } offers withdrawn
    }
ask-sweep-run = What shall run now?
ask-sweep-pause = What shall pause?
ask-sweep-resume = What shall go on?
button-sweep-run = ▶️ Run now
button-sweep-pause = ⏸ Pause
button-sweep-resume = ▶️ Go on
button-sweeps = What works by itself
button-look-again = 🔄 Look again

## Staff

staff = **{ $count ->
        [one] 1 person is staff
       *[other] { $count } people are staff
    }**
staff-line = `{ $who }` – { $role }, { $since }
staff-configured = by configuration
since = since { $moment }
staff-token = 🔑 A token for the role **{ $role }**. Whoever sends this to me first has that role:
    `/claim { $token }`
    It works once, until { $until }. Pass it on where nobody reads along.
staff-grant = **Make { $identity } { $role }?** It holds at once, on every platform this person uses.
staff-granted = ✅ `{ $identity }` is { $role } now.
staff-revoke = **Take the role away from { $identity }?** The next thing they ask for is already refused.
staff-revoked = ✅ `{ $identity }` is not staff any more.
ask-staff-token = Which role shall the token give?
ask-staff-role = Which role shall `{ $identity }` have?
ask-staff-grant = Who? Send the platform and the number, like `telegram:123456789` or `discord:123456789`.
ask-staff-revoke = Who? Send the platform and the number as the list shows them, like `telegram:123456789`.
button-grant = ✅ Give the role
button-revoke = Take it away
button-staff-token = 🔑 Token
button-staff-grant = ➕ Give a role
button-staff-revoke = ➖ Take a role away

## Backups and keys

backup-working = 💾 Copying everything, and comparing every row …
backup-made = 💾 **Backup made:** { $rows } rows, { $megabytes } MB, every one compared.
    `{ $path }`
backup-keys = Codes and credentials in it are encrypted: keep the key of the vault as well, in another place. E-mail addresses can be read. `usher db restore` brings it back.
backup-sent = 💾 `{ $file }` – it holds e-mail addresses that can be read; keep it safe.
backup-too-large = `{ $file }` is too large for a chat. It is where it was made.
button-backup-send = 📎 Send it here
error-backup_refused =
    { $reason ->
        [postgresql] The data is on PostgreSQL, which may serve several machines. Make the backup on the machine that shall have it: `usher db backup FILE`, or with `pg_dump`.
        [no_file] The database is in memory only, so there is nothing to keep.
        [too_soon] A backup is being made this very second.
       *[cannot_write] I may not write into the folder `backups` beside the database. Nothing was made.
    }
rotate = 🔐 The active key is **{ $active }**, but this is still under an older one:
rotate-how = I can write it anew under the active key now. Everything goes on meanwhile, and it may be broken off and begun again.
rotate-left-codes =
    { $count ->
        [one] • 1 code
       *[other] • { $count } codes
    }
rotate-left-teams =
    { $count ->
        [one] • 1 credential
       *[other] • { $count } credentials
    }
rotate-left-inbox =
    { $count ->
        [one] • 1 message being worked on
       *[other] • { $count } messages being worked on
    }
rotate-nothing = 🔐 The active key is **{ $active }**. There is nothing to write anew.
rotate-working = 🔐 { $done } of { $of }
    `{ $bar }`
rotated = 🔐 { $codes ->
        [one] 1 code
       *[other] { $codes } codes
    } and { $teams ->
        [one] 1 credential
       *[other] { $teams } credentials
    } are now under the key **{ $active }**.
rotate-unreadable = ❌ { $kind ->
        [team] The credential of team
       *[code] The code
    } #{ $id } cannot be read: its key is gone.
rotate-more-unreadable = … and { $count } more cannot be read.
rotate-complete = ✅ Nothing is under an older key: older keys may be taken out of `vault.keys`.
rotate-keep = Keep the older keys until { $until }, then look again with /rotate.
rotate-again =
    { $count ->
        [one] 1 row is still under an older key. Look again with /rotate in a while.
       *[other] { $count } rows are still under older keys. Look again with /rotate in a while.
    }

## How it is set up

settings = ⚙️ **How it is set up**
settings-line = `{ $name }` { $value }
settings-people-heading = **People**
settings-limits-heading = **Limits** (times in seconds)
settings-redeeming-heading = **Codes and redeeming**
settings-teams-heading = **Teams**
settings-moving-heading = **Seats over time**
settings-alerts-heading = **Alerts**
settings-running-heading = **Running**
settings-where = ✎ was set by command. `/settings NAME VALUE` sets one, `/settings NAME reset` goes by the file again: limits, intervals, thresholds, allowed and blocked domains. The rest stands in `config.toml`, or in the environment as `USHER_SECTION__KEY`; `config.example.toml` explains each. What differs by pool or team is changed by /pool, /editteam, /sweep, /subscribe.

## Choices

choice-live = now
choice-expiring = ending soon
choice-expired = past their end
choice-pending = not joined
choice-moving = moving
choice-ended = over
choice-all = all
choice-1mo = 1 month
choice-3mo = 3 months
choice-12mo = 12 months
choice-list = list
choice-grant = give a role
choice-revoke = take a role away
choice-token = sign-in token
choice-viewer = viewer
choice-operator = operator
choice-admin = admin
choice-owner = owner
choice-run = run now
choice-pause = pause
choice-resume = go on
reason-declined = the invitation was declined

## Commands, in at most 100 characters each

command-leases = Who has a seat: by address, team or state
command-sync = Read teams anew: of an address, one team, or all
command-transfer = Move somebody to another team
command-extend = Let somebody's seat last longer
command-end = End somebody's seat and remove them from the workspace
command-sweep = What works by itself: look, run now, pause
command-settings = How it is set up; change a setting by its name
command-staff = Who is staff; give and take roles, make sign-in tokens
command-backup = Make a backup of everything
command-rotate = Write everything under the active encryption key

## Locks and bans

locks = **{ $count ->
        [one] 1 lock
       *[other] { $count } locks
    }**
locks-none = Nobody is limited, locked out or banned.
locks-line = `{ $identity }` – { $why }, until { $until }
locks-line-ban = `{ $identity }` – banned until { $until } by { $by }: { $reason }
locks-line-ban-for-good = `{ $identity }` – banned for good by { $by }: { $reason }
locks-more =
    { $count ->
        [one] … and one more. Name somebody to see theirs: `/locks list telegram:42`.
       *[other] … and { $count } more. Name somebody to see theirs: `/locks list telegram:42`.
    }
lock-wrong_codes = wrong codes
lock-wrong_tokens = wrong sign-in tokens
lock-many_attempts = many attempts to redeem
locks-lifted = ✅ `{ $identity }` may try again at once.
locks-ban = **Ban `{ $identity }`?** ({ $term }) On every platform this person uses nothing is done for them any more; what they have stays theirs. They are told the reason: { $reason }
locks-banned = ⛔ `{ $identity }` is banned until { $until }.
locks-banned-for-good = ⛔ `{ $identity }` is banned for good.
locks-unbanned = ✅ `{ $identity }` is let in again.
ask-locks-lift = Whose lock? Send the platform and the number, like `telegram:123456789`.
ask-locks-ban = Who shall be banned? Send the platform and the number, like `telegram:123456789`.
ask-locks-unban = Who shall be let in again? Send the platform and the number, like `telegram:123456789`.
ask-locks-identity = Who? Send the platform and the number, like `telegram:123456789`.
ask-locks-term = For how long shall `{ $identity }` be banned?
ask-locks-reason = Why? `{ $identity }` is told the reason.
ban-term = { $term }
button-locks = 🔒 Locks
button-lift = 🔓 Lift: { $identity }
button-unban = ✅ Unban: { $identity }
button-ban = ⛔ Ban
button-ban-somebody = ⛔ Ban somebody
choice-lift = lift
choice-ban = ban
choice-unban = unban
command-locks = Who is limited or shut out; lift, ban, unban
staff-grant-also = The same person is also { $others }.

command-requests = What people wish for and somebody has to decide
requests =
    { $count ->
        [one] **1 wish waits for a decision**
       *[other] **{ $count } wishes wait for a decision**
    }
requests-address = **{ $number }** · `{ $address }` in **{ $team }** wants the address `{ $wanted }` instead · { $at }
requests-code = **{ $number }** · `{ $address }` wants to use …{ $code } of { $pool }, which may have been used before · { $at }
request-address-approved = ✅ `{ $wanted }` is being invited in place of `{ $address }` ({ $team }), who was told so. The old address goes when the new one has joined.
request-address-declined = `{ $address }` keeps its seat in { $team }, and was told that it does not become `{ $wanted }`.
request-code-approved = ✅ `{ $address }` may use …{ $code }, and was told so.
request-code-declined = `{ $address }` was told that …{ $code } cannot be used.
transfer-address =
    The seat of `{ $address }` in **{ $from }** becomes that of `{ $wanted }`: the new address is invited, and the old one goes when it has joined. Both are told.
button-see-requests = See the wishes
button-see-expired = Who is over time
button-see-unclear = See what is unclear
button-see-strangers = See who would go
button-see-transfers = See transfers
button-see-locks = See who is locked
