### What staff do with people's seats and with the house itself: moving, extending, ending; staff, backups, keys.

## Who has a seat

leases = **{ $count ->
        [one] 1 seat
       *[other] { $count } seats
    }** · { $what }
leases-nobody = Nobody has a seat at the moment.
leases-none = No seats match: { $what }. For example `/leases expiring`, `/leases anna@example.com`, `/leases team Blue team`
leases-live = now
leases-expiring = ending within three days
leases-expired = past their end date
leases-pending = invited, not joined
leases-moving = moving
leases-ended = ended
leases-all = present and past
lease-line = #{ $lease } `{ $address }` **{ $team }** – { $status }, { $until }
lease-line-until = #{ $lease } `{ $address }` **{ $team }** – { $status }, until { $moment }
lease-line-moving = #{ $lease } `{ $address }` **{ $team }** → **{ $to }** – { $status }
lease-line-over = #{ $lease } `{ $address }` **{ $team }** – { $status } { $at }
lease-being-ended = being removed
button-leases-live = Now
button-leases-expiring = ⏳ Ending soon
button-leases-moving = 🔁 Moving
button-leases-pending = ✉️ Not joined
button-leases-ended = Ended
button-leases-of = 💺 Seats

## Reading teams anew

ask-sync-what = What should I read again? Send an e-mail address, the name of a team, or `all`.
sync-working = 🔄 Reading { $done } of { $of }
    `{ $bar }`
synced = 🔄 { $of ->
        [one] { $failed ->
            [0] **1 team** was read.
           *[other] **The team** could not be read.
        }
       *[other] **{ $count } of { $of } teams** were read.
    }
    { $members ->
        [one] 1 member
       *[other] { $members } members
    } · { $pending ->
        [one] 1 open invitation
       *[other] { $pending } open invitations
    }
    New: { $joined } joined · { $gone } gone · { $strangers } not invited by Usher
sync-nothing = { $of ->
        [one] ❌ The team could not be read. Nothing was changed.
       *[other] ❌ None of the { $of } teams could be read. Nothing was changed.
    }
sync-failed = ❌ **{ $team }** – { $reason }
sync-more-failed = … and { $count } more could not be read.
button-sync-again = 🔄 Read again

## Moving

ask-transfer-address = Who should be moved? Send the e-mail address.
transfer = **Move { $address } out of { $from }?**
transfer-to = **{ $from }** → **{ $to }**
transfer-to-until = **{ $from }** → **{ $to }** · { $until }
transfer-nowhere = ⚠️ No seat is free at the moment. The move waits for one; until then the person keeps their present seat.
transfer-waits = { $hours ->
        [one] The new seat is reserved and the invitation sent first. The old seat goes once the person has accepted, or after 1 hour.
       *[other] The new seat is reserved and the invitation sent first. The old seat goes once the person has accepted, or after { $hours } hours.
    }
transfer-forced = ⚠️ **Without waiting:** the new seat is reserved and the invitation sent; then the person is removed from **{ $from }**, whether they have accepted or not.
transfer-which = `{ $address }` has { $count } seats. Which one should be moved? It is in:
transfer-working = 🔁 Moving `{ $address }` …
transferred = ✅ { $count ->
        [one] **Moved.**
       *[other] **{ $count } seats were moved.**
    }
transfer-begun = 🔁 **The move is under way.** The person has been told, if I can write to them; you will be told if it fails.
transfer-line = `{ $address }`: { $from } → **{ $to }** – { $state }
transfer-line-reason = `{ $address }`: { $from } → **{ $to }** – { $state } ({ $reason })
transfer-line-waiting = `{ $address }`: { $from } → the next free seat – { $state }, next try { $due }
button-transfer-now = 🔁 Move
button-transfer-force = ⚡ Move without waiting

## Extending and ending

ask-protect-address = Whom should no automatic task remove? Send the e-mail address.
ask-extend-address = Whose seat should last longer? Send the e-mail address.
ask-extend-term = How much longer? For example `1 month`, `30 days` or `24 hours`.
extended = ⏩ **Extended** by { $term } for `{ $address }`. The person is told, if I can write to them.
ask-end-address = Whose seat should end? Send the e-mail address.
end = **End the seat of { $address } in { $team }?**
end-invited = The invitation is withdrawn. The seat is free as soon as the workspace confirms.
end-active = The person is removed from the workspace, and told if I can write to them. The seat is free as soon as the workspace confirms.
end-which = `{ $address }` has { $count } seats. Which one should end? It is in:
end-working = ⏹ Ending the seat of `{ $address }` …
ended = ⏹ **The seat has ended.**
end-begun = ⏳ **The seat is being ended.** It is free as soon as the workspace confirms; I will keep at it.
end-failed = ❌ **That did not work.**
ended-done = `{ $address }` has been removed from **{ $team }**
ended-planned = `{ $address }` is being removed from **{ $team }**
ended-cancelled = `{ $address }` stays in **{ $team }**: { $reason }
ended-failed = `{ $address }` is still in **{ $team }**: { $reason }
button-end-now = ⏹ End it

## What works by itself

sweeps = **Automatic tasks**
sweeps-none = Nothing has run yet. `usher run` starts the worker that runs these tasks.
sweeps-late = 🟠 No worker seems to be running. `usher run` starts one.
sweep = **{ $name }**
sweep-line = { $mark } **{ $name }** · `{ $key }`
    Last { $at } ({ $seconds } s): { $outcome } · next { $next }
sweep-line-running = ▶️ **{ $name }** · `{ $key }` · running now
    Last { $at } ({ $seconds } s): { $outcome }
sweep-line-late = 🟠 **{ $name }** · `{ $key }` · overdue
    Last { $at } ({ $seconds } s): { $outcome } · should have run { $next }
sweep-never = never
sweep-paused = when resumed (it is paused)
sweep-told-run = ▶️ It is now due; the next free worker will run it.
sweep-told-pause = ⏸ Paused. A round that is under way is finished first.
sweep-told-resume = ▶️ Resumed.
list-separator = {", "}
sweep-name-recovery = Finishing what was interrupted
sweep-name-sync = Reading teams
sweep-name-expiry = Seats that expire
sweep-name-transfers = Moves
sweep-name-abnormal = Moves out of closed teams
sweep-name-waitlist = Waiting lists
sweep-name-health = State of teams
sweep-name-alerts = Checks for alerts
sweep-name-jobs = Bulk work
sweep-name-unauthorised = People who were not invited
sweep-name-retention = Deleting old data
sweep-name-forgetting = Erasing people who asked for it
sweep-name-folding = Daily figures
sweep-name-telegram-poller = Fetching messages from Telegram
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
        [one] 1 resolved
       *[other] { $count } resolved
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
        [one] 1 continues later
       *[other] { $count } continue later
    }
did-looked_at = { $count } checked
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
        [one] 1 team out of service
       *[other] { $count } teams out of service
    }
did-restored =
    { $count ->
        [one] 1 back in service
       *[other] { $count } back in service
    }
did-rows_forgotten =
    { $count ->
        [one] 1 old row deleted
       *[other] { $count } old rows deleted
    }
did-rows_erased =
    { $count ->
        [one] 1 personal row erased
       *[other] { $count } personal rows erased
    }
did-batches_finished =
    { $count ->
        [one] 1 interrupted batch finished
       *[other] { $count } interrupted batches finished
    }
did-teams_read =
    { $count ->
        [one] 1 team read
       *[other] { $count } teams read
    }
did-not_complete = { $count } incomplete
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
        [one] 1 move continued
       *[other] { $count } moves continued
    }
did-past_their_grace = { $count } past the grace period
did-removals_looked_at =
    { $count ->
        [one] 1 removal checked
       *[other] { $count } removals checked
    }
did-taken_out =
    { $count ->
        [one] 1 person removed
       *[other] { $count } people removed
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
ask-sweep-run = Which task should run now?
ask-sweep-pause = Which task should pause?
ask-sweep-resume = Which task should be resumed?
button-sweep-run = ▶️ Run now
button-sweep-pause = ⏸ Pause
button-sweep-resume = ▶️ Resume
button-sweeps = Automatic tasks
button-look-again = 🔄 Refresh

## Staff

staff = **{ $count ->
        [one] 1 member of staff
       *[other] { $count } members of staff
    }**
staff-line = `{ $who }` – { $role }, { $since }
staff-configured = from the configuration
since = since { $moment }
staff-token = 🔑 A token for the role **{ $role }**. The first person to send me this gets that role:
    `/claim { $token }`
    It works once, until { $until }. Pass it on where nobody else can see it.
staff-token-link = Or pass on this link, which sends it for them: `{ $link }`
staff-grant = **Give { $identity } the role { $role }?** It takes effect at once, on every platform this person uses.
staff-granted = ✅ `{ $identity }` now has the role { $role }.
staff-revoke = **Take the role away from { $identity }?** From their next message on, staff commands are refused.
staff-revoked = ✅ `{ $identity }` is no longer staff.
ask-staff-token = Which role should the token give?
ask-staff-role = Which role should `{ $identity }` have?
ask-staff-grant = Who? Share their contact with me (Telegram), mention them (Discord), or send the platform and the number, like `telegram:123456789`.
ask-staff-revoke = Who? Send the platform and the number as the list shows them, like `telegram:123456789`.
button-grant = ✅ Give the role
button-revoke = Take it away
staff-by-token =
    A name like “{ $name }” can belong to somebody else tomorrow, so I give roles only to numbers.

    Let me make a sign-in token instead: you pass it on, and whoever sends it to me gets the role. Or share the person's contact with me (Telegram), or mention them (Discord), or send a number like `telegram:123456789`.
button-staff-token-instead = 🔑 Make a token
button-staff = Staff
button-staff-token = 🔑 Token
button-staff-grant = ➕ Give a role
button-staff-revoke = ➖ Take a role away

## Backups and keys

backup-working =
    💾 Copying everything, and comparing every row: { $rows ->
        [one] 1 row so far
       *[other] { $rows } rows so far
    } …
backup-made =
    💾 **Backup made:** { $rows ->
        [one] 1 row
       *[other] { $rows } rows
    }, { $megabytes } MB, all compared, and opened where it is kept.
    `{ $path }`
backup-keys = Codes and credentials in it are encrypted, so keep the vault key as well, somewhere else. E-mail addresses are readable. `usher db restore` brings it back.
backup-sent = 💾 `{ $file }` – it contains readable e-mail addresses; keep it safe.
backup-too-large = `{ $file }` is too large for a chat. It is still where it was made.
button-backup-send = 📎 Send it here
error-backup_refused =
    { $reason ->
        [postgresql] The data is on PostgreSQL, which may serve several machines. Make the backup on the machine that should keep it: `usher db backup FILE`, or with `pg_dump`.
        [no_file] The database is in memory only, so there is nothing to back up.
        [too_soon] Another backup is being made right now.
        [unreadable] A backup was written but could not be read back, so it was deleted. Look at the disk, then send /backup again.
        [target] I cannot use the place for backups (`backups.target`): `{ $error }`. More stands in the log.
       *[cannot_write] I may not write to the folder for backups. Nothing was made.
    }
rotate = 🔐 The active key is **{ $active }**, but these are still encrypted with an older one:
rotate-how = I can encrypt them again with the active key now. Everything keeps running, and you can stop and start again at any time.
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
rotate-left-texts =
    { $count ->
        [one] • 1 text of a conversation
       *[other] • { $count } texts of conversations
    }
rotate-left-inbox =
    { $count ->
        [one] • 1 message being worked on
       *[other] • { $count } messages being worked on
    }
rotate-nothing = 🔐 The active key is **{ $active }**. There is nothing to encrypt again.
rotate-complete = ✅ Nothing uses an older key: you may remove the older keys from `vault.keys`.
rotate-keep = Keep the older keys until { $until }, then check again with /rotate.
rotate-again =
    { $count ->
        [one] 1 row still uses an older key. Check again later with /rotate.
       *[other] { $count } rows still use older keys. Check again later with /rotate.
    }

## How it is set up

settings = ⚙️ **Settings**
settings-line = `{ $name }` { $value }
settings-people-heading = **People**
settings-limits-heading = **Limits**
settings-redeeming-heading = **Codes and redeeming**
settings-teams-heading = **Teams**
settings-moving-heading = **Seats over time**
settings-talk-heading = **Talk and credit**
settings-alerts-heading = **Alerts**
settings-running-heading = **Running**
settings-where = ✎ marks what was set by command. `/settings NAME VALUE` sets one, and `/settings NAME reset` returns to the file: limits, intervals, thresholds, allowed and blocked domains, and what the shop says (`/settings texts`). The rest is set in `config.toml`, or in the environment as `USHER_SECTION__KEY`; `config.example.toml` explains each. Settings of a single pool, team, task or chat are changed with /pool, /editteam, /sweep and /subscribe.

## Choices

choice-live = now
choice-expiring = ending soon
choice-expired = past their end date
choice-pending = not joined
choice-moving = moving
choice-ended = ended
choice-all = all
choice-1mo = 1 month
choice-3mo = 3 months
choice-12mo = 12 months
choice-list = list
choice-grant = give a role
choice-revoke = revoke
choice-token = sign-in token
choice-viewer = viewer
choice-operator = operator
choice-admin = admin
choice-owner = owner
choice-run = run now
choice-pause = pause
choice-resume = resume
reason-declined = the invitation was declined

## Commands, in at most 100 characters each

command-leases = Who has a seat, by address, team or state
command-sync = Read teams again: those of an address, one team, or all
command-transfer = Move a seat to another team
command-extend = Make somebody's seat last longer
command-end = End somebody's seat and remove them from the workspace
command-sweep = Automatic tasks: show, run now, pause
command-settings = Show the settings; change one by its name
command-staff = Who is staff; give or take away roles, make sign-in tokens
command-backup = Back up everything
command-rotate = Encrypt everything with the active key

## Locks and bans

locks = **{ $count ->
        [one] 1 lock
       *[other] { $count } locks
    }**
locks-none = Nobody is limited, locked out or banned.
locks-none-of = `{ $identity }` is not limited, locked out or banned.
locks-line = `{ $identity }` – { $why }, until { $until }
locks-line-ban = `{ $identity }` – banned until { $until } by { $by }: { $reason }
locks-line-ban-for-good = `{ $identity }` – banned for good by { $by }: { $reason }
locks-more =
    { $count ->
        [one] … and one more. Name a person to see theirs: `/locks list telegram:42`.
       *[other] … and { $count } more. Name a person to see theirs: `/locks list telegram:42`.
    }
lock-wrong_codes = wrong codes
lock-wrong_tokens = wrong sign-in tokens
lock-many_attempts = too many attempts to redeem
locks-lifted = ✅ `{ $identity }` can try again at once.
locks-ban = **Ban this person?** `{ $identity }` ({ $term }). They can no longer use Usher on any of their platforms, but keep what they have. They are told the reason: { $reason }
locks-banned = ⛔ `{ $identity }` is banned until { $until }.
locks-banned-for-good = ⛔ `{ $identity }` is banned for good.
locks-unbanned = ✅ `{ $identity }` is no longer banned.
ask-locks-lift = Whose lock should be lifted? Send the platform and the number, like `telegram:123456789`.
ask-locks-ban = Who should be banned? Send the platform and the number, like `telegram:123456789`.
ask-locks-unban = Who should be unbanned? Send the platform and the number, like `telegram:123456789`.
ask-locks-identity = Who? Send the platform and the number, like `telegram:123456789`.
ask-locks-term = How long should `{ $identity }` be banned?
ask-locks-reason = Why? `{ $identity }` will be told the reason.
ban-term = { $term }
button-locks = 🔒 Locks
button-lift = 🔓 Lift: { $identity }
button-unban = ✅ Unban: { $identity }
button-ban = ⛔ Ban
button-ban-somebody = ⛔ Ban somebody
choice-lift = lift
choice-ban = ban
choice-unban = unban
command-locks = Who is limited or banned; lift locks, ban, unban
staff-grant-also = They are also { $others }.

command-requests = Requests from people that somebody has to decide
requests =
    { $count ->
        [one] **1 wish waits for a decision**
       *[other] **{ $count } wishes wait for a decision**
    }
requests-address = ✏️ **#{ $number }** · `{ $address }` in **{ $team }** wants the address `{ $wanted }` instead · { $at }
requests-code = 🎟 **#{ $number }** · `{ $address }` wants to use …{ $code } of { $pool }, which may have been used before · { $at }
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
button-see-transfers = See moves
button-see-locks = See who is locked

command-removals = Who was removed from a team, and why
command-protect = Protect a member from being removed
choice-dry = show who would go
strangers =
    { $going ->
        [0] **Nobody would be removed now.**
        [one] **1 member would be removed now** – nobody is touched by looking.
       *[other] **{ $going } members would be removed now** – nobody is touched by looking.
    }
strangers-go = ❗ `{ $address }` in { $team }: nobody here invited them (seen { $seen } times)
strangers-stay = `{ $address }` in { $team } stays: { $why }
strangers-more = … and { $count } more; `usher sweep dry-run` lists them all.
strangers-on = Removing uninvited members is on: those who would go are removed in the next rounds. Protect anyone who should stay.
strangers-off = Removing uninvited members is off (`unauthorised.enabled` in the configuration). Anyone who is there when it is switched on stays.
kept-owner = owns the workspace
kept-leased = has a seat here
kept-in-flight = is being invited at the moment
kept-grandfathered = was there when removing was switched on
kept-protected = protected by hand
kept-unconfirmed = not seen often enough yet
kept-too-many = too many at once: the list may be wrong
kept-next-round = the round is full; the next one goes on
button-protect = 🛡 { $address }
button-protect-again = 🛡 Protect again
button-unprotect = Protect no longer
button-removals = Who was removed
protected = 🛡 `{ $address }` is protected in { $teams }: no automatic task removes them.
error-seat_from_here = `{ $address }` has a seat from us in { $teams }. Only members whom nobody here invited are removed automatically, so there is nothing to protect. To let the seat last longer: /extend.
protected-no-more = `{ $address }` is no longer protected in { $teams }.
removals = **Who was removed**
removals-none = Nobody has been removed.
removals-unmatched = No removals match.
removal-done = ✅ { $at } `{ $address }` out of { $team }: { $why } (by { $by })
removal-planned = ⏳ { $at } `{ $address }` out of { $team }: { $why }, under way (by { $by })
removal-failed = ❌ { $at } `{ $address }` out of { $team }: { $why } – did not work: { $reason } (by { $by })
removal-cancelled = ↩️ { $at } `{ $address }` out of { $team }: { $why } – not done: { $reason } (by { $by })
sweep-unseen =
    Nobody has looked yet at whom this automatic task would remove. Anyone it removes has to be invited again.

    Switch it on anyway?
alert-strangers_unseen = Removing uninvited members is on, but nobody has looked at whom it would remove. Until then it removes nobody: /sweep unauthorised dry
round-unseen = waits until somebody has looked at a dry run

error-pool_in_use = **{ $name }** is not empty: { $teams ->
        [one] 1 team
       *[other] { $teams } teams
    }, { $people ->
        [one] 1 person
       *[other] { $people } people
    }, { $uses ->
        [one] 1 unused use of codes
       *[other] { $uses } unused uses of codes
    }, { $waiting } waiting. Merge it into another pool, or only switch it off.
error-same_pool = That is the same pool: **{ $name }**. Nothing was moved.
ask-pool-into = Which pool should everything in **{ $pool }** go to?
pool-empty =
    { $teams ->
        [one] 1 team
       *[other] { $teams } teams
    } with { $people ->
        [one] 1 person
       *[other] { $people } people
    } will go from **{ $pool }** to **{ $into }**, together with the codes that lead to one of them. Nobody is invited or removed.

    { $pool } stays, without a team. Unused uses that wait for one: { $uses }.
pool-empty-done = ✅ Now in **{ $into }**: { $teams ->
        [one] 1 team
       *[other] { $teams } teams
    } with { $people ->
        [one] 1 person
       *[other] { $people } people
    }. **{ $pool }** has no team.
pool-merge =
    The pool **{ $into }** takes over all of **{ $pool }**: { $teams ->
        [one] 1 team
       *[other] { $teams } teams
    }, { $people ->
        [one] 1 person
       *[other] { $people } people
    }, { $uses ->
        [one] 1 unused use of codes
       *[other] { $uses } unused uses of codes
    }, { $waiting } waiting. Nobody is invited or removed, and codes are redeemed as before.

    { $pool } is gone after that.
pool-merge-done = ✅ **{ $into }** has taken over all of **{ $pool }**: { $teams ->
        [one] 1 team
       *[other] { $teams } teams
    }, { $people ->
        [one] 1 person
       *[other] { $people } people
    }, { $uses ->
        [one] 1 unused use
       *[other] { $uses } unused uses
    }.
pool-delete = **{ $pool }** is empty. It goes from the lists; what has happened keeps its name, and adding it again brings it back.
pool-delete-done = **{ $pool }** is gone.
button-pool-empty-now = Move the teams
button-pool-merge-now = Merge them
button-pool-merge = Merge into …
button-pool-delete = 🗑 Delete
editteam-pool = **{ $team }** goes from **{ $from }** to **{ $pool }**, with { $people ->
        [one] 1 occupied seat
       *[other] { $people } occupied seats
    } and the codes that lead only to it. Nobody is invited or removed.
button-team-move = Move the team
button-pool = Pool
button-owner = Owner
button-provider = Provider
ask-editteam-pool = **{ $team }** serves { $pool }. Which pool should it serve instead?
ask-editteam-owner = Who owns **{ $team }** upstream? At present: { $owner }. Send the e-mail address.
ask-editteam-provider = Which provider's protocol does **{ $team }** speak? By now: { $provider }.
choice-empty = move its teams
choice-merge = merge
choice-delete = delete

command-delete = Delete codes that nobody has used
ask-delete-what = Which codes should be deleted? Send them, the last four symbols of one, or `batch 3`. Codes with uses stay.
delete-code = The code …{ $code } will be deleted. Nobody can use it any more, and it cannot be brought back.
delete-codes =
    { $count ->
        [one] 1 code will be deleted for good.
       *[other] { $count } codes will be deleted for good.
    }
delete-batch = All codes of batch { $batch } that nobody has used will be deleted for good.
batch-deleted = 🗑 Deleted from batch { $batch }: { $count ->
        [one] 1 code
       *[other] { $count } codes
    }.
switched-deleted = 🗑 …{ $code } is deleted
button-delete-codes = 🗑 Delete
button-delete-rest = 🗑 Delete the unused
batch-moves = At the end of their time people are moved on.
batch-ends = At the end of their time people are not moved on: the seat ends.
code-ends = ↳ the seat ends with its time, nobody is moved on
