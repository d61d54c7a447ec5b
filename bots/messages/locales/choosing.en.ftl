# Whom codes are for, how many one person may use, a team of one's own choice, notes.

codes-for = Only { $whose } can redeem this; for anybody else it is not valid.
codes-per-person =
    { $most ->
        [one] One person may use one of them.
       *[other] One person may use { $most } of them.
    }
code-for = ↳ only for { $whose }

error-person_limit =
    { $most ->
        [one] Of these codes one person may use one, and you have. This one is still unused.
       *[other] Of these codes one person may use { $most }, and you have. This one is still unused.
    }
reason-person_limit = you have used as many of these codes as one person may
error-code_gives_no_seat =
    This code is good, but it gives { $gives ->
        [credit] { $amount } { $unit }
        [plan] the plan { $plan }
       *[other] access
    } and no seat. Send it to the bot in a private chat; no e-mail address is needed. Nothing was used.
reason-code_gives_no_seat =
    gives { $gives ->
        [credit] { $amount } { $unit }
        [plan] the plan { $plan }
       *[other] access
    } and no seat: send it to the bot without an e-mail address
error-daily_limit =
    { $most ->
        [one] One person may get one seat a day. Your code is still unused; please try again { $until }.
       *[other] One person may get { $most } seats a day. Your code is still unused; please try again { $until }.
    }
reason-daily_limit = enough for today, the code is still unused
error-choose_team =
    { $full ->
        [none] Your code is good for a seat. In which team would you like it?
       *[other] { $full } has no free seat at the moment. In which other team would you like it? Your code is still unused.
    }
reason-choose_team = a team has to be chosen, the code is still unused

name-choice = choice
option-choice = May people say which team they want?
name-per-person = per_person
option-per-person = How many of these codes one person may use
name-whose = for
option-whose = One address or one person (telegram:42) whom the codes are for
option-redeem-team = Where you would like to be, if the pool lets you choose

command-note = Keep a note about a seat or a person, for staff only
slash-note = note
name-about = about
option-about = An address, or a person such as telegram:42
name-note-text = text
option-note-text = What to note; - takes the note away
ask-note-about = A note on whom? Write an e-mail address, or a person such as telegram:42.
ask-note-text = What should the note on { $about } say? Write - to take the note away.
noted =
    { $team ->
        [none] 📝 Note on { $about }: { $text }
       *[other] 📝 Note on the seat of { $about } in { $team }: { $text }
    }
noted-nothing =
    { $team ->
        [none] The note on { $about } is gone.
       *[other] The note on the seat of { $about } in { $team } is gone.
    }
found-note =
    { $team ->
        [none] 📝 Of the person: { $text }
       *[other] ↳ 📝 { $text }
    }
button-find = 🔍 Look up

# Long work that can be stopped.
job-kind-sync = Read all teams
job-kind-rotate = Encrypt with the active key
job-kind-backup = Back up everything
job-begun = Job { $job } has begun. The next message shows its progress, with a button to stop it.
job-skipped-why =
    { $count ->
        [one] 1 left out: { $reason }
       *[other] { $count } left out: { $reason }
    }
job-failed-why =
    { $count ->
        [one] 1 failed: { $reason }
       *[other] { $count } failed: { $reason }
    }
job-sync-figures =
    { $members ->
        [one] 1 member
       *[other] { $members } members
    }, { $pending ->
        [one] 1 pending invitation
       *[other] { $pending } pending invitations
    } · new since last time: { $joined } joined, { $gone } gone · { $strangers } not invited by me
job-rotate-figures =
    { $rewritten ->
        [one] 1 row is under the active key now.
       *[other] { $rewritten } rows are under the active key now.
    }
reason-unreadable_rows = some rows cannot be read with any key; “usher code rotate-keys” names them
reason-backup_cannot_write = I may not write to the folder for backups
reason-backup_too_soon = another backup was made in the same second
reason-backup_unreadable = the backup could not be read again where it is kept, so it was deleted
reason-backup_target = the place for backups (`backups.target`) could not be used; the log says why
button-rotation = 🔐 What is left

label-about = Address or person
label-choice = May people choose?
label-per-person = Uses per person
label-whose = Whom they are for

# In whose time moments are written.
command-timezone = In which time zone I write dates for you
slash-timezone = timezone
option-timezone-zone = Europe/Berlin, a city, UTC+8, or off for the usual one
timezone =
    I write dates for you in **{ $zone }**: it is { $now }.

    To have another, write /timezone and a place: /timezone Europe/Berlin, /timezone Shanghai, /timezone UTC+8.
timezone-chosen = From now on I write dates for you in **{ $zone }**: it is { $now }.
timezone-of-device =
    Discord shows dates in the time zone of your device. In files and pictures, and for times that you write yourself, I use **{ $zone }**: it is { $now }.

    To have another, use /timezone with a place: Europe/Berlin, Shanghai, UTC+8.
timezone-chosen-of-device = From now on I use **{ $zone }** in files and pictures, and for times that you write yourself: it is { $now }. In messages Discord shows dates in the time zone of your device.
timezone-question = 🕒 Dates are in { $zone }. Would you like them in your own time zone?
button-timezone = 🕒 Choose my time zone

name-names = names
name-public = public
label-public = Public name
option-public = What people read as its name; off for the name that staff use
label-names = Names of new teams
option-names = What new teams are called: {"{"}pool{"}"}-{"{"}date{"}"}-{"{"}seq3{"}"}; off for their own names
name-over = over
label-over = Team with too many people
option-over = The latest of this team, as many as it has too many

job-kind-reinvite = Invite again who is missing
bulk-reinvite =
    { $count ->
        [one] Invite **1 person** again who left before their time was over, for what is left of it?
       *[other] Invite **{ $count } people** again who left before their time was over, for what is left of it?
    }
name-missing = missing
label-missing = Who is missing
option-missing = Invite again who left the team before their time was over

# Lists as files.
file-csv =
    { $count ->
        [one] 📄 One line, as a table.
       *[other] 📄 { $count } lines, as a table.
    }
file-nothing = There is nothing to put into a file.

# The report of a day or a week.
sweep-name-report = Daily report
did-reports_sent =
    { $count ->
        [one] 1 report sent
       *[other] { $count } reports sent
    }
subscription-report = The report of the day comes at { $at } ({ $zone }).
name-report = report
label-report = Daily report at
option-report = When the report of the day comes, like 08:00; off for none
report-daily = 📊 **The last day**
report-weekly = 📊 **The last week**
report-came = { $redeemed } invited by codes · { $joined } joined · { $ended } ended
report-ending =
    { $ending ->
        [one] 1 seat ends within a week.
       *[other] { $ending } seats end within a week.
    }
report-wishes =
    { $count ->
        [one] 🙋 1 wish waits for your decision.
       *[other] 🙋 { $count } wishes wait for your decision.
    }
report-alerts =
    { $count ->
        [one] 🔴 1 alert is open.
       *[other] 🔴 { $count } alerts are open.
    }
report-waiting =
    { $count ->
        [one] ⏳ 1 person is on the waiting list.
       *[other] ⏳ { $count } people are on the waiting list.
    }
button-report-wishes = Wishes
button-report-alerts = Alerts
button-report-waiting = Pools
