### Seats without a code: staff invite somebody, and give members found upstream a lease.

ask-invite-address = Who should get a seat? Send the e-mail address.
invite-invited =
    ✅ `{ $address }` is invited to **{ $team }**. No code was handed out.

    The seat lasts { $term } after joining.
invite-already-member = ✅ `{ $address }` has a seat in **{ $team }** already. Nothing was used.
invite-unclear =
    ⏳ The invitation of `{ $address }` is still being confirmed; the seat is kept meanwhile.

    I will write when it is certain.
invite-no_seats = Nobody was invited: every seat of **{ $pool }** is taken. Another pool or team may have room, or /addteam brings a new one in.
invite-team_unavailable = Nobody was invited: the teams of **{ $pool }** that have room cannot be reached at the moment, or take nobody. Please look at /teams, or try again in a few minutes.
invite-quota_exceeded =
    Nobody was invited: free seats { $free_seats }, seats that codes in people's hands are good for { $unused_uses }.

    An owner may take one all the same: add `override`. Or /disable codes that nobody needs.
invite-address_refused_upstream = The workspace refused to invite `{ $address }`. Nothing was used. Please check the address.
invite-address_not_allowed = `{ $address }` cannot get a seat here: its domain is not among those that are allowed. /settings shows them.

ask-adopt-who = Who should be given a seat? Send the name of a team, or e-mail addresses.
adopt =
    { $count ->
        [one] **Give 1 member a seat?**
       *[other] **Give { $count } members a seat?**
    }
adopt-line = `{ $address }` in **{ $team }** – { $until }
adopt-line-left =
    { $team ->
        [none] ✖ `{ $address }` – { $reason }
       *[other] ✖ `{ $address }` in **{ $team }** – { $reason }
    }
adopt-without-end = without an end
adopt-more = … and { $count } more
adopt-then-moves = From then on they are members like everybody else; when the term is over they are moved on. With `moves=no` they are removed then.
adopt-then-ends = From then on they are members like everybody else; when the term is over they are removed.
adopt-nobody = None of these can be given a seat.
adopt-no-strangers = “{ $who }” has no members without a seat. /sync reads the team again.
adopt-left-not_there = no member without a seat; /sync reads the team again
adopt-left-nameless = the workspace does not tell the address
adopt-left-owner = the owner, who takes no seat
adopt-left-over = the term would be over already: give a longer one, or a later `since`
adopt-left-seated = has a seat by now
adopt-left-leaving = is being removed already
adopted =
    { $count ->
        [0] **Nobody was given a seat.**
        [one] ✅ **1 member now has a seat.**
       *[other] ✅ **{ $count } members now have a seat.**
    }
button-adopt = ✅ Give seats

command-invite = Give somebody a seat without a code
command-adopt = Give a seat to members found in a workspace

slash-invite = invite
slash-adopt = adopt
option-place = A pool or a team; without one, the usual pool
option-invite-address = The e-mail address that gets the seat
option-invite-override = Take a seat that codes are promised (owners only)
option-adopt-who = The name of a team, or e-mail addresses
option-adopt-since = Since when they count, like 2026-01-31; without it from now
option-moves = When the term is over, are they moved on? Otherwise they are removed

transfers = **Moves** · { $what }
transfers-none = No such moves: { $what }.
transfers-open = failed or under way
transfers-failed = failed
transfers-live = under way
transfers-done = done
transfers-cancelled = cancelled
transfers-all = all
transfers-no-target = the next free seat
transfers-line = **#{ $number }** `{ $address }`: { $from } → { $to } – { $state } · since { $since }
transfers-line-reason = **#{ $number }** `{ $address }`: { $from } → { $to } – { $state } · { $reason } · { $tries } tries · since { $since }
transfer-retried = 🔁 Move **#{ $number }** of `{ $address }` is tried again: { $state }.
transfer-cancel = **Give up move #{ $number }?** The person stays where they are.
transfer-cancelled = ✖ Move **#{ $number }** is given up. The person stays where they are.
button-transfers-open = Failed or under way
button-transfers-failed = Failed
button-transfers-live = Under way
button-transfers-done = Done
button-transfers-cancelled = Cancelled
button-transfers-all = All
button-transfer-retry = 🔁 Try #{ $number }
button-transfer-cancel = ✖ Give up #{ $number }
command-transfers = Moves that failed or are under way: look, try again, give up
slash-transfers = transfers
option-transfers-which = Which moves
option-transfers-action = What to do with one of them
option-transfers-number = The move, by its number

button-stay = ⏩ Stay longer
choice-stay = Stay longer
choice-extension = a seat that should last longer
myseat-stay-asked = ⏩ Our team has been asked to let your seat in **{ $team }** last { $term } longer. I will write to you.
myseat-asked-stay = ⏳ **{ $team }**: you asked our team on { $since } for { $term } more. Nothing is decided yet; I will write to you.
myseat-asked-address = ⏳ **{ $team }**: you asked our team on { $since } to move your seat to `{ $wanted }`. Nothing is decided yet; I will write to you.
myseat-left-end =
    { $count ->
        [0] **{ $team }**: less than a day is left, then your seat ends. To stay, redeem a new code before that, or ask for more time.
        [one] **{ $team }**: one day is left, then your seat ends. To stay, redeem a new code before that, or ask for more time.
       *[other] **{ $team }**: { $count } days are left, then your seat ends. To stay, redeem a new code before that, or ask for more time.
    }
myseat-left-grace =
    { $count ->
        [0] **{ $team }**: less than a day is left. After that you keep the seat until { $until }, then it ends. To stay, redeem a new code before that, or ask for more time.
        [one] **{ $team }**: one day is left. After that you keep the seat until { $until }, then it ends. To stay, redeem a new code before that, or ask for more time.
       *[other] **{ $team }**: { $count } days are left. After that you keep the seat until { $until }, then it ends. To stay, redeem a new code before that, or ask for more time.
    }
myseat-in-grace = **{ $team }**: your time was over on { $since }. You keep the seat until { $until }, then it ends. To stay, redeem a new code before that, or ask for more time.
myseat-left-move =
    { $count ->
        [0] **{ $team }**: less than a day is left, then your seat moves to another team by itself: you get a new invitation and keep this seat until you accept it.
        [one] **{ $team }**: one day is left, then your seat moves to another team by itself: you get a new invitation and keep this seat until you accept it.
       *[other] **{ $team }**: { $count } days are left, then your seat moves to another team by itself: you get a new invitation and keep this seat until you accept it.
    }
myseat-moves-left =
    { $count ->
        [0] **{ $team }**: no move is left. When its time is over, the seat ends.
        [one] **{ $team }**: it can be moved one more time.
       *[other] **{ $team }**: it can be moved { $count } more times.
    }
requests-extension = ⏩ **#{ $number }** `{ $address }` in **{ $team }** wants { $term } more; ends { $until } · asked { $at }
request-extension-approved = ✅ The seat of `{ $address }` in **{ $team }** lasts { $term } longer. The person is told.
request-extension-declined = ✖ Declined: the seat of `{ $address }` in **{ $team }** ends as it was to. The person is told.
alert-extension_asked = Somebody in **{ $team }** asks to keep their seat { $term } longer. Please decide about it.
notice-extension_declined = Our team did not agree to let your seat in **{ $team }** (`{ $address }`) last longer. It ends on { $until }.
mail-extension_declined =
    Hello,

    our team did not agree to let your seat in the workspace { $team } ({ $address }) last longer. It ends on { $until }.
    .subject = Your seat in { $team } was not extended
notice-lease_in_grace =
    ⏰ The time of your seat in **{ $team }** (`{ $address }`) is over. You keep it until { $until }, then it ends.

    To stay, ask for more time in /myseat, or redeem a new code.
mail-lease_in_grace =
    Hello,

    the time of your seat in the workspace { $team } ({ $address }) is over. You keep it until { $until }, then it ends.

    To stay, ask the team that gave you the last code, or redeem a new one.
    .subject = Your seat in { $team } is about to end
option-pool-grace = How long a seat stays after its term, for example 48h or 2 days
option-pool-moves = How often a seat may be moved by itself; any for no limit

settings-line-set = `{ $name }` **{ $value }** ✎
setting = **{ $name }** is **{ $value }**.
setting-set = ✅ **{ $name }** is **{ $value }** now. Every process goes by it within seconds.
setting-reset = ↩️ **{ $name }** is **{ $value }** again.
setting-from-command = Set by { $by } on { $at }; without that it would be { $beneath ->
        [none] empty
       *[other] { $beneath }
    }.
setting-from-file = As the configuration says: its file, or the environment.
setting-from-default = As it is by default.
button-setting-reset = ↩️ Reset
button-settings = ⚙️ Settings
error-bad_setting =
    { $wanted ->
        [number] “{ $value }” is not possible for `{ $name }`: it has to be a number, and neither too small nor too large. Nothing was changed.
        [span] “{ $value }” is not possible for `{ $name }`: it has to be a length of time such as `10 minutes` or `2 days`, and neither too short nor too long. Nothing was changed.
        [numbers] “{ $value }” is not possible for `{ $name }`: it has to be numbers with spaces between them, and none of them too small or too large. Nothing was changed.
        [list] “{ $value }” is not possible for `{ $name }`: it takes entries with spaces between them, or `none`. Nothing was changed.
        [switch] “{ $value }” is not possible for `{ $name }`: it takes `on` or `off`. Nothing was changed.
        [choice] “{ $value }” is not possible for `{ $name }`. Possible: { $choices }. Nothing was changed.
       *[text] “{ $value }” is not possible for `{ $name }`. Nothing was changed.
    }
option-settings-name = The setting or text, like limits.attempts
option-value = The new value; “reset” returns to the file

alert-backup_late = The last backup is { $hours ->
        [one] 1 hour
       *[other] { $hours } hours
    } old. /sweep shows why; /backup makes one now.
sweep-name-backup = Backups
round-no_place = no place is named for it (`backups.directory` or `backups.target`)
did-rows_backed_up =
    { $count ->
        [one] one row backed up
       *[other] { $count } rows backed up
    }
did-backups_deleted =
    { $count ->
        [one] one old backup deleted
       *[other] { $count } old backups deleted
    }

leave = **Give up your role ({ $role })?** You can use the chat like everybody else afterwards. Only an owner can give you the role again.
left-staff = 👋 Your role (**{ $role }**) is given up. Thank you.
button-leave-staff = Give up my role
command-leave = Give up your own role
slash-leave = leave
error-leave_refused =
    { $reason ->
        [configured] You are an owner by the configuration (`staff.owners`), so the role cannot be given up by a command. Take yourself out of that list.
       *[last_owner] You are the only owner: without you nobody could let anybody in. Make somebody else an owner first: /staff grant owner.
    }
