### What staff read: figures, codes, teams, look-up. Short lines first, for a phone.

## Words that many lists share

plain = { $text }
no-label = no label
word-on = on
word-off = off
list-all = newest first
list-filtered = { $filters }
list-in-state = { $state } · { $rest }
mark-active = 🟢
mark-disabled = ⏸
mark-expired = 🔴
mark-gone = ⚫
mark-off = ⏸
lease-held = being invited
lease-invited = invited
lease-active = joined
lease-transferring = moving
lease-ended = ended
lease-failed = failed
lease-sending = being invited
lease-unclear = being confirmed
lease-already_member = already there
lease-refused = refused
state-invited = invited
state-already-member = already there
state-refused = refused
state-unclear = being confirmed
state-sending = being invited
lease-taken = taken
code-unused = unused
code-used = used up
code-expired = expired
code-disabled = switched off
code-deleted = deleted

## Making codes

generate-which-pool = Which pool are the codes for?
generate-how-many =
    { $left ->
        [0] **{ $pool }** has no room for more codes. How many do you need?
        [one] **{ $pool }** has room for **1** more use. How many codes?
       *[other] **{ $pool }** has room for **{ $left }** more uses. How many codes?
    }
draft = **Draft:** { $count ->
        [one] 1 code
       *[other] { $count } codes
    } for **{ $pool }**
    Label: { $label }
draft-fits = Room for more uses: { $left } now, **{ $after }** afterwards.
draft-too-many = ⚠️ That needs { $total ->
        [one] 1 use
       *[other] { $total } uses
    }, but there is { $left ->
        [0] no room at the moment
       *[other] room for only { $left }: { $missing } too many
    }. Nothing has been made.
codes-general =
    { $uses ->
        [one] 1 use each
       *[other] { $uses } uses each
    } · seat: { $term } · { $expires }
codes-bound =
    { $uses ->
        [one] 1 use each
       *[other] { $uses } uses each
    } · only for { $team } · seat: { $term } · { $expires }
codes-temporary =
    { $uses ->
        [one] 1 use each
       *[other] { $uses } uses each
    } · **temporary**: ends { $term } after joining · { $expires }
codes-expire = redeem by { $moment }
codes-never-expire = no expiry
generated = ✅ { $count ->
        [one] **1 code**
       *[other] **{ $count } codes**
    } for **{ $pool }** – batch #{ $batch }
    Room for more uses: { $before } before, { $after } now
generated-file = The codes are in the file.
generated-override = ⚠️ That is more than there is room for; the audit log says so.
code-text = `{ $code }`
ask-codedraft-count = How many codes? Send a number.
ask-codedraft-uses = How many times may each code be used?
ask-codedraft-term = How long does the seat last after joining? For example `1 month`, `30 days`, `24 hours` or `unlimited`.
ask-codedraft-expires = By when must the codes be redeemed? For example `2026-12-31`, or `30 days` from now.
ask-codedraft-label = What should the batch be called? People who redeem never see this.
ask-codedraft-team = Which team should the codes be for? Send its name.
button-generate = ✅ Make { $count }
button-generate-some = 🎟 Make codes
button-override = { $count ->
    [one] Make it anyway
   *[other] Make all { $count } anyway
}
button-other-pool = In { $pool } ({ $left } free)
override-sure = ⚠️ **{ $pool }** has room for { $left }, and you want { $total }. People whose codes find no seat will have to wait. Make them anyway?
button-edit-count = How many
button-edit-uses = Uses
button-edit-label = Label
button-edit-term = Seat lasts
button-edit-expires = Redeem by
button-edit-team = Team
button-make-temporary = Make temporary
button-make-general = Make ordinary
button-clear-term = As the pool says
button-clear-expires = No expiry
button-clear-label = No label
button-clear-team = Any team
button-csv = CSV
button-txt = TXT
button-batch = Batch #{ $batch }

## Codes and batches

codes = **Codes** · { $what }
codes-oldest = oldest first
codes-none = No codes match. You can filter by state, address, last four symbols, batch, pool or team: `/codes unused batch 3`
code-line = `…{ $code }` { $state } · { $pool } · #{ $batch }
code-line-many = `…{ $code }` { $state } · { $used } of { $most } used · { $pool } · #{ $batch }
code-line-used = `…{ $code }` `{ $address }` → { $team }, { $lease }{ $more ->
        [0] {""}
       *[other] {" "}(+{ $more })
    } · #{ $batch }
button-codes-all = All
button-codes-unused = Unused
button-codes-used = Used
button-codes-disabled = Off
batches = **Batches**, newest first
batches-none = There are no batches yet.
batches-none-in-pool = No codes have been made for the pool **{ $pool }** yet.
batch-line = **#{ $batch }** { $label } · { $pool }
    { $codes ->
        [one] 1 code
       *[other] { $codes } codes
    }: { $unused } unused · { $used } used{ $reserved ->
        [0] {""}
       *[other] {" "}· { $reserved } in progress
    }{ $off ->
        [0] {""}
       *[other] {" "}· { $off } off
    }{ $deleted ->
        [0] {""}
       *[other] {" "}· { $deleted } deleted
    } · { $joined } joined
batch-more = Seat: { $term } · { $expires } · made { $made } by { $maker }
pool-misplaced = { $options } can be given with these only: { $actions }. Nothing was changed.
batch-note = Note: { $note }
button-codes = Codes
button-batches = ‹ Batches
button-disable-rest = ⏸ Switch off the unused rest
button-enable-rest = ▶️ Switch on again
export =
    { $count ->
        [one] 1 code. Anybody who has the file can redeem it. The export is in the audit log.
       *[other] { $count } codes. Anybody who has the file can redeem them. The export is in the audit log.
    }
export-nothing = There are no such codes to export.
ask-export-batch = Which batch? Tap one, or send its number.
button-export-batch = #{ $batch } { $label } ({ $codes })
ask-disable-what = What should be switched off? Send codes, their last four symbols, or `batch 3`.
ask-enable-what = What should be switched on again? Send codes, their last four symbols, or `batch 3`.
disable-code = Switch this code off? Nobody can redeem it until you switch it on again.
enable-code = Switch this code on again?
disable-batch = **Switch off the unused rest of batch #{ $batch }?**

    { $unused ->
        [0] It has no unused codes left.
        [one] 1 use could no longer be redeemed.
       *[other] { $unused } uses could no longer be redeemed.
    } Seats already given out stay as they are. You can switch the batch on again.
enable-batch = **Switch batch #{ $batch } on again?** { $off ->
        [one] 1 use could be redeemed again.
       *[other] { $off } uses could be redeemed again.
    }
batch-nothing =
    { $action ->
        [enable] Nothing in batch #{ $batch } is switched off.
        [disable] Batch #{ $batch } has no unused codes left to switch off.
       *[delete] Batch #{ $batch } has nothing to delete: its codes have been used, or are deleted already.
    }
batch-disabled = ⏸ { $count ->
        [one] 1 code
       *[other] { $count } codes
    } of batch #{ $batch } switched off.
batch-active = ▶️ { $count ->
        [one] 1 code
       *[other] { $count } codes
    } of batch #{ $batch } switched on again.
switched = **Done**
switched-disabled = ⏸ `…{ $code }` is off
switched-active = ▶️ `…{ $code }` is on
switched-not = ❌ `…{ $code }` – { $why }
several-codes-narrow = Several codes end in `{ $code }`. Say which is meant with its batch, like `batch 3`.
several-codes = Several codes end in `{ $code }`. Please send the whole code.
button-disable-again = ⏸ Switch off again
button-enable-again = ▶️ Switch on again

## Pools

pools = **Pools**
pools-none = There are no pools yet. Bringing in the first team makes one.
pool-line =
    { $mark } **{ $pool }** · { $teams ->
        [one] 1 team
       *[other] { $teams } teams
    } · { $seats ->
        [one] 1 seat
       *[other] { $seats } seats
    }
    { $taken } taken · { $held } held · { $free } free{ $closed ->
        [0] {""}
       *[other] {" "}· { $closed } out of service
    } · { $unused } unused code uses → room for **{ $room }** more
pool-line-over =
    { $mark } **{ $pool }** · { $teams ->
        [one] 1 team
       *[other] { $teams } teams
    } · { $seats ->
        [one] 1 seat
       *[other] { $seats } seats
    }
    { $taken } taken · { $held } held · { $free } free{ $closed ->
        [0] {""}
       *[other] {" "}· { $closed } out of service
    } · ⚠️ { $unused } unused code uses, **{ $over }** more than seats
pool-shown = **Pool { $pool }**
pool-made = ✅ Pool **{ $pool }** created. Its codes look like `{ $codes }`.
pool-changed = ✅ Pool **{ $pool }** updated.
pool-settings =
    Choice of team: { $policy }
    A seat lasts: { $term } · grace after that: { $grace } · moves of a seat: { $moves ->
        [any] any number
       *[other] { $moves }
    }
    Codes: `{ $codes }`
    Everybody sees free seats: { $stock } · waiting list: { $waitlist } · people may ask to move: { $requests } · people choose the team: { $choice }
    Names of new teams: { $names ->
        [none] as their providers call them
       *[other] { $names }
    }
    Public name: { $public ->
        [none] the same as its name
       *[other] { $public }
    }
policy-fill-first = oldest team first
policy-proven = last successful team first
policy-most-free = emptiest team first
policy-round-robin = in turn
button-policy = ⚖️ { $policy }
ask-pool-add = What should the new pool be called?
ask-pool-set = Which pool?
pool-rename-which = What should **{ $pool }** be called from now on?
button-pool-rename = Call it “{ $name }”
button-pool-stock-on = Show free seats
button-pool-stock-off = Hide free seats
button-pool-waitlist-on = Open waiting list
button-pool-waitlist-off = Close waiting list
button-pool-requests-on = Allow move requests
button-pool-requests-off = No move requests
button-pool-choice-on = Let people choose the team
button-pool-choice-off = The pool chooses the team
button-pool-enabled-on = ▶️ Switch on
button-pool-enabled-off = ⏸ Switch off
button-pools = ‹ Pools

## Teams

teams = **{ $count ->
        [one] 1 team
       *[other] { $count } teams
    }** · { $free } of { $seats ->
        [one] 1 seat
       *[other] { $seats } seats
    } free{ $ill ->
        [0] {""}
       *[other] {" "}· 🔴 { $ill } out of service
    }
teams-none = There are no teams yet. Bring some in with /import.
teams-none-in-pool = There are no teams in the pool **{ $pool }**. Bring some in with /import, or let a team serve it with /editteam.
team-line = { $mark } **{ $team }** · { $used }/{ $seats } · { $pool }{ $pending ->
        [0] {""}
       *[other] {" "}· { $pending } pending
    }
team = { $mark } **{ $team }** · { $state } · { $used } of { $seats } seats
team-active = takes people
team-disabled = switched off for new people
team-expired = credential does not work
team-gone = gone at the provider
team-more = Pool { $pool } · { $provider } · `{ $external }`
    Owner: { $owner } · { $read }
team-read = read { $moment }
team-never-read = not read yet
team-over =
    { $count ->
        [one] ⚠️ 1 person too many: nobody is removed automatically.
       *[other] ⚠️ { $count } people too many: nobody is removed automatically.
    }
button-remove-over =
    { $count ->
        [one] Remove the one who came last
       *[other] Remove the { $count } who came last
    }
team-paused = ⏳ Not used until { $until }, because calls failed.
team-credential = 🔑 The credential is valid until { $until }.
team-error = Last error: { $error }
team-changed = ✅ Saved.
team-enabled = ▶️ Switched on: it takes people again.
team-disabled-now = ⏸ Switched off: nobody new gets in; the people in it stay.
seat-line = { $number }. `{ $address }` – { $status }
seat-line-until = { $number }. `{ $address }` – { $status }, until { $until }
seat-stranger = { $number }. `{ $address }` – not invited by Usher
editteam = What do you want to change about **{ $team }**?
ask-name = Which team? Send its name.
ask-edit = What do you want to change?
ask-editteam-rename = What should **{ $team }** be called?
ask-editteam-seats = How many seats does **{ $team }** have? It is { $seats } now. A seat that somebody has is never taken away.
removeteam = **Remove { $team }?**

    Nobody has a seat in it. { $seats ->
        [one] Its seat and stored credential go;
       *[other] Its { $seats } seats and stored credential go;
    } its history stays. Importing it again brings it back.
removeteam-strangers =
    { $strangers ->
        [one] 1 member that Usher did not invite stays in the workspace.
       *[other] { $strangers } members that Usher did not invite stay in the workspace.
    }
removeteam-codes =
    { $codes ->
        [one] 1 unused code for this team only will be switched off.
       *[other] { $codes } unused codes for this team only will be switched off.
    }
team-removed = 🗑 **{ $team }** has been removed.
cleanup = **Remove { $count ->
        [one] this team
       *[other] these { $count } teams
    }?** { $count ->
        [one] It is out of service, and nobody has a seat in it. Its stored credential goes; its history stays.
       *[other] They are out of service, and nobody has a seat in them. The stored credentials go; the history stays.
    } Importing a team again brings it back.
cleanup-line = 🔴 **{ $team }** – { $state }{ $people ->
        [0] {""}
        [one] , 1 person in it
       *[other] , { $people } people in it
    }
cleanup-rest = … and { $count } more
cleanup-strangers =
    { $strangers ->
        [one] 1 member that Usher did not invite stays in its workspace.
       *[other] { $strangers } members that Usher did not invite stay in their workspaces.
    }
cleanup-codes =
    { $codes ->
        [one] 1 unused code that works only there will be switched off for good.
       *[other] { $codes } unused codes that work only there will be switched off for good.
    }
cleanup-staying =
    { $staying ->
        [one] 1 more team is out of service, but somebody still has a seat in it. It stays until you move that person with /transfer.
       *[other] { $staying } more teams are out of service, but people still have seats in them. They stay until you move those people with /transfer.
    }
cleanup-none = ✅ No team is out of service. There is nothing to clean up.
cleanup-none-empty = Nothing can be removed yet: people still have seats in the teams that are out of service. Move them with /transfer first.
cleanup-done =
    { $count ->
        [0] Nothing was removed: the teams are in use or back in service.
        [one] 🗑 1 team has been removed.
       *[other] 🗑 { $count } teams have been removed.
    }
button-clean-up = 🗑 Remove
button-import = 🗂 Bring in teams
button-teams = Teams
button-edit = ✏️ Edit
button-rename = Name
button-seats = Seats
button-sync = 🔄 Read now
button-enable-team = ▶️ Switch on
button-disable-team = ⏸ Switch off
button-remove-team = 🗑 Remove
button-history = History
button-who = Who is in it

## Bringing teams in

ask-import-document =
    Send the sessions of the workspaces as a file, or paste them: one JSON object, a list, or one per line.

    I delete the message at once if the chat lets me; if it is still there afterwards, please delete it yourself. Nothing is stored until you confirm.
credential-from-anyone = 🔒 That looks like a credential, which lets whoever has it in. I have stored nothing of it and am deleting the message if I may; please delete it yourself if it is still there.
credential-unasked = 🔒 That looks like a credential, so I am deleting the message if I may, and have stored nothing of it. To bring in a team, send /import first. Send anything long as a file, because chats cut long messages into pieces.
import-preview = **Nothing is stored yet.** { $new } new · { $updated } known · { $invalid } unreadable
    New teams go into the pool **{ $pool }**.
import-new = { $number }. 🆕 **{ $team }** · { $seats ->
        [one] 1 seat
       *[other] { $seats } seats
    } · { $provider }
import-updated = { $number }. 🔑 **{ $team }** · { $seats ->
        [one] 1 seat
       *[other] { $seats } seats
    } · new credential
import-updated-seats = { $number }. 🔑 **{ $team }** · ⚠️ { $seats ->
        [one] 1 seat
       *[other] { $seats } seats
    } instead of { $present } · new credential
import-invalid = { $number }. ❌ line { $line }: { $reason }
import-nothing = ❌ I could not read any teams in that. Nothing was stored. Please paste it again or send it as a file.
imported = ✅ { $created } added to **{ $pool }**{ $updated ->
        [0] {""}
       *[other] , { $updated } given a new credential
    }{ $invalid ->
        [0] {""}
       *[other] , { $invalid } unreadable
    }.
    I am reading their members now.
import-which-pool = Which pool should the new teams go into?
ask-importdraft-change =
    Send a team's number with its new name, its seats, or both; one team per line:
    `2 Blue team 7`
    `all 5` sets the seats of all.
ask-provider = What kind of workspace is it?
ask-addteam-provider = What kind of workspace is it?
ask-addteam-address = What is the address of its SCIM server? For example `https://example.com/scim/v2`
ask-addteam-credential-chatgpt = Paste the whole session JSON of the workspace's owner, or send it as a file. I delete the message at once if the chat lets me; otherwise please delete it yourself.
ask-addteam-credential-sandbox = Paste the session JSON that the sandbox printed. I delete the message at once if the chat lets me; otherwise please delete it yourself.
ask-addteam-credential-openai-admin = Paste the admin key. I delete the message at once if the chat lets me; otherwise please delete it yourself.
ask-addteam-credential-scim = Paste the SCIM token. I delete the message at once if the chat lets me; otherwise please delete it yourself.
choice-chatgpt = ChatGPT workspace
choice-openai_admin = OpenAI organisation (admin key)
choice-scim = SCIM 2.0
choice-sandbox = Sandbox
button-edit-import = ✏️ Names and seats
button-choose-pool = Pool
button-store =
    { $count ->
        [one] ✅ Store 1 team
       *[other] ✅ Store { $count } teams
    }
reason-credential_not_json = neither JSON nor a readable token
reason-credential_password = it contains a password or something else to sign in with. Usher only takes an operator's own access token or key; nothing of it was kept. Please change that password if others may have seen it
reason-credential_unknown_provider = unknown kind of credential
reason-credential_no_token = the token is missing
reason-credential_no_account = the workspace's id is missing
reason-credential_no_address = the server's address is missing
reason-credential_bad_address = the server's address cannot be used
reason-credential_wrong_kind = the wrong kind of key: use an admin key of the organisation or the session of a workspace, not a project key or a personal account
reason-credential_bad_characters = characters that do not belong there
reason-private_place = its server is inside a private network; name the host in upstream.private_hosts to allow it
reason-repeated_line = the same as a line above
reason-reads_alike = looks the same as line { $line }: the two cannot be told apart
reason-scientific_number = a spreadsheet turned the code into a number (1.23E+12) and its digits are lost: export the column as text
reason-extra_columns = the line has more on it than a code and its uses

## Look-up

ask-find-what = Who or what are you looking for? Send an address, a code or its last four symbols, or a chat ID.
found = **{ $query }** · { $live ->
        [0] no seat now
        [one] 1 seat now
       *[other] { $live } seats now
    } · { $over } earlier · { $redemptions ->
        [one] 1 redemption
       *[other] { $redemptions } redemptions
    }
found-alike = Nothing is called exactly “{ $query }”. Did you mean one of these?
found-nothing =
    I found nothing for “{ $query }”.

    A part is enough of an address with a seat or of a team's name. Of a code, send all of it or its last four symbols; of a person, the chat ID.
button-find-again = 🔎 Search again
button-invite-found = ✉️ Invite { $address }
found-lease = 💺 `{ $address }` **{ $team }**, seat { $seat } – { $status } { $since }, { $until }{ $code }
found-lease-code = {" "}· code `…{ $code }`
found-until = until { $moment }
found-until-term =
    { $term ->
        [unlimited] no end date
       *[other] { $term } once joined
    }
found-lease-held = ⏳ `{ $address }` **{ $team }**, seat { $seat } – { $status }{ $code }
found-code = 🎟 `…{ $code }` { $state } · { $used } of { $most } used · { $pool } · #{ $batch }
found-waiting = ⏳ `{ $address }` waits for **{ $pool }** since { $since }
found-key =
    🔑 `…{ $last4 }`: a key of `{ $person }`, { $state ->
        [paused] paused
        [revoked] revoked
       *[active] in use
    }
found-stranger = 👤 In **{ $team }** without being invited by Usher
found-identity = 💬 `{ $platform }:{ $identity }` ({ $role })
found-history-heading = **History**
event-redeemed = { $at } – redeemed `…{ $detail }` for { $address } → { $team }
event-refused = { $at } – refused for { $address }: { $detail }
event-invited = { $at } – { $address } invited to { $team }
event-joined = { $at } – { $address } joined { $team }
event-moved = { $at } – { $address } → { $team }: { $detail }
event-readdressed = { $at } – { $address } → { $team }: { $detail }
event-next-seat = the next free seat
event-removed = { $at } – { $address } removed from { $team }: { $detail }
event-ended = { $at } – the seat of { $address } in { $team } ended: { $detail }
event-failed = { $at } – { $address } in { $team } failed: { $detail }
moved-asked = move requested
moved-planned = move planned
moved-inviting = moving, invitation being sent
moved-waiting = moving, invited
moved-removing = moved, old seat being freed
moved-done = moved
moved-failed = move failed
moved-cancelled = move cancelled
readdressed-asked = another address requested
readdressed-moving = change of address under way
readdressed-done = address changed
readdressed-failed = change of address failed
readdressed-cancelled = change of address not done
removed-ended = seat ended
removed-expired = time was up
removed-transferred = moved on
removed-unauthorised = was not invited
removed-staff = by staff
removed-gone = was not there any more
removed-team-dead = the workspace was lost
removed-offer-expired = invitation was not accepted
button-resend-seat = ✉️ Resend
button-transfer-seat = 🔁 Move
button-extend-seat = ⏩ Extend
button-end-seat = ⏹ End
button-redemptions = Redemptions
redemptions = **Redemptions** · { $what }
redemptions-none = No redemptions match.
redemption-invited = ✅ { $at } `{ $address }` `…{ $code }` → { $team }, { $lease }
redemption-member = ☑️ { $at } `{ $address }` `…{ $code }` – was already in { $team }
redemption-invited-moved = ✅ { $at } `{ $address }` `…{ $code }` → { $team }; since moved to { $now }, { $lease }
redemption-member-moved = ☑️ { $at } `{ $address }` `…{ $code }` – was in { $team } already; since moved to { $now }
redemption-refused = ❌ { $at } `{ $address }` `…{ $code }` – { $reason }
redemption-open = ⏳ { $at } `{ $address }` `…{ $code }` → { $team }, being confirmed
button-redemptions-all = All
button-redemptions-invited = Invited
button-redemptions-refused = Refused
button-redemptions-unclear = Being confirmed
button-since-24h = 24 h
button-since-7d = 7 days
button-since-30d = 30 days

## Statistics

stats = 📊 **{ $pool }** · { $at }
stats-empty = 📊 Nothing to count yet: no teams, no codes, nobody invited. /addteam brings in the first team.
stats-all = All pools
stats-codes = 🎟 { $many ->
        [true] **{ $codes }** codes, { $uses } uses
       *[other] { $codes ->
            [one] **1** code
           *[other] **{ $codes }** codes
        }
    }: { $unused } unused · { $used } used{ $expired ->
        [0] {""}
       *[other] {" "}· { $expired } expired
    }{ $disabled ->
        [0] {""}
       *[other] {" "}· { $disabled } off or deleted
    }
stats-seats = 💺 **{ $used } of { $seats }** seats ({ $share }): { $taken } taken · { $held } held · { $free } free{ $closed ->
        [0] {""}
       *[other] {" "}· { $closed } out of service
    }
stats-people = 👥 { $redeemed ->
        [one] 1 redemption
       *[other] { $redeemed } redemptions
    } by { $people ->
        [one] 1 person
       *[other] { $people } people
    } · { $members } in teams · { $pending ->
        [one] 1 open invitation
       *[other] { $pending } open invitations
    }
stats-window = 📅 Last { $days } days: **{ $redeemed }** redeemed ({ $people ->
        [one] 1 new person
       *[other] { $people } new people
    }) · **{ $joined }** joined · { $refused } refused
stats-acceptance = ✉️ { $median ->
        [no-median] None of these invitations has been accepted yet.
       *[other] { $share } of these invitations were accepted, half of them within { $median }.
    }
no-median = –
length-seconds =
    { $count ->
        [one] 1 second
       *[other] { $count } seconds
    }
length-minutes =
    { $count ->
        [one] 1 minute
       *[other] { $count } minutes
    }
length-hours =
    { $count ->
        [one] 1 hour
       *[other] { $count } hours
    }
length-days =
    { $count ->
        [one] 1 day
       *[other] { $count } days
    }
stats-no-pictures = 🖼 No pictures: the drawing library is not installed (install usher with the extra “charts”).
stats-pools-heading = **Pools**
stats-pool = { $pool }: { $used }/{ $seats } ({ $share }) · room for { $room }
stats-teams-heading =
    { $count ->
        [one] **The team**
       *[other] **The fullest of { $count } teams**
    }
stats-team = { $team }: { $used }/{ $seats } ({ $share })
stats-sources-heading = **Where redemptions come from**
stats-platforms = { $platforms }
stats-platform = { $platform }: { $count }
platform-telegram = Telegram
platform-discord = Discord
platform-terminal = the terminal
platform-cli = the command line
platform-web = the redeem page
platform-system = Usher itself
stats-batch = #{ $batch } { $label }: { $count }
stats-alerts = 🔔 { $raised ->
        [one] 1 alert
       *[other] { $raised } alerts
    } in 24 h ({ $loud } serious) · { $open } open
stats-csv = The figures for the last { $days } days as a table.
button-window-7d = 7 days
button-window-30d = 30 days
button-refresh = 🔄 Refresh
button-table = CSV
button-all-pools = All pools
chart-all-pools = all pools
chart-under = Last { $days } days · { $pool }
chart-trend = Redeemed and joined
chart-redeemed = Redeemed
chart-joined = Joined
chart-nothing-yet = Nothing has happened yet
chart-seats = Seats by team
chart-seats-under = { $used } of { $total } in use, fullest first · { $pool }
chart-taken = Taken
chart-held = Held
chart-free = Free
chart-others =
    { $count ->
        [0] Other teams
        [one] 1 other team
       *[other] { $count } other teams
    }
chart-no-teams = No teams yet
chart-funnel = From code to seat
chart-funnel-under = Since the start · { $pool }
funnel-uses = Code uses made
funnel-invited = Invited
funnel-joined = Joined

## Commands, in at most 100 characters each

command-generate = Make codes, in one line or step by step
command-codedraft = Continue a draft of codes
command-codes = List codes by state, address, last four symbols, batch, pool or team
command-batches = Batches of codes, with figures
command-export = Codes of a batch or pool as a file
command-disable = Switch off codes, or the unused rest of a batch
command-enable = Switch codes or a batch on again
command-pools = Pools: their seats, and how many more codes fit
command-pool = Show, create or change a pool
command-teams = Teams: their seats and state
command-team = One team, seat by seat
command-addteam = Bring in one team, step by step
command-import = Bring in teams from a file or by pasting
command-importdraft = Continue an import
command-editteam = Rename a team or change its seats
command-teamdraft = Continue changing a team
command-enableteam = Switch a team on: it takes new people again
command-disableteam = Switch a team off: it takes no new people
command-removeteam = Remove a team that nobody is in
command-cleanup = Remove teams that are out of service and empty
command-find = Everything about an address, a code or a chat ID
command-redemptions = Redemptions, newest first
command-audit = Who changed what
command-stats = Figures and charts
