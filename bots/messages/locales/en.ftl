### Marks: **strong** and `exact` (codes, addresses, what can be copied). Values never carry marks.
### A text says what happened, why, and what to do next; it never speaks of the inside of Usher.

## Hello, help, language

welcome =
    👋 **Welcome!** I hand out seats in team workspaces.

    Send me your e-mail address and your code in one message, like this:
    `you@example.com TEAM-1234-5678-9ABC-DEFG`

    I will find you a seat, and an invitation will arrive by e-mail.
help = **What I can do**
help-heading = **{ $heading }**
help-line = /{ $name } – { $what }
help-more =
    You can also just send your e-mail address and your codes in one message, in any order.
    More about one command: /help redeem
help-command =
    { $what }

    `{ $usage }`

    What stands in [ ] can be left out. If something is missing, I will ask.
language-en = From now on I speak English with you.
language-zh-CN = 好的，以后我用中文和您交流。
not-understood =
    I did not find an e-mail address or a code in that.

    To get a seat, send both in one message: `you@example.com TEAM-1234-5678-9ABC-DEFG`
file-unasked = Thanks, but I was not waiting for a file, so I did nothing with it. /help shows what I can do.
several-addresses =
    I see several e-mail addresses: { $addresses }.

    Nothing was used. Please send the codes again with only the one address that should get the seat.
cancelled = Cancelled. Nothing was changed.
nothing-to-cancel = There is nothing to cancel. /help shows what I can do.
interrupted =
    I was restarted while I worked on /{ $command }, and I cannot tell how far it got.

    Please look first whether it was done, and only send it again if it was not.
failed =
    Sorry, something went wrong on our side. You did nothing wrong.

    Please try again in a minute. If it happens again, tell the team that gave you your code this number: `{ $reference }`
slow-down = That was a lot at once. Please wait a few seconds; what you sent meanwhile is not lost if you send it again.
apology =
    Sorry, I could not work on one of your messages. Nothing was used because of it.

    Please send it again. If I stay silent, tell the team that gave you your code.
failed-to-show = It is done, but I could not show the whole answer here. /myseat and /help still work.
terminal-hello = Write as you would to the bot. A number presses the button of that number, @FILE attaches a file, Ctrl+D ends.
answer-attached = The answer is too long for a chat, so it is attached as a file.
no-words = Done.
group-pointer = 🔒 That belongs in our private chat, where nobody else reads along. Please go on there.

## Questions

ask-any = Please send: { $argument }
ask-address =
    { $count ->
        [0] Which e-mail address should get the seat?
        [one] Which e-mail address should get the seat for this code?
       *[other] Which e-mail address should get the seats for these { $count } codes?
    }
ask-codes =
    { $address ->
        [none] What is your code? You can send up to 20 at once.
       *[other] What is the code for `{ $address }`? You can send up to 20 at once.
    }
ask-code = Which code? It looks like `TEAM-1234-5678-9ABC-DEFG`.
ask-language = Which language shall I speak? · 您想使用哪种语言？
ask-token = Please send the sign-in token you were given.
choice-any = { $choice }
choice-en = English
choice-zh-CN = 简体中文
choice-show = Show my place
choice-join = Join
choice-leave = Leave the list
choice-export = Export my data
choice-erase = Erase my data

## Buttons

button-redeem = 🎟 Redeem a code
button-redeem-this = 🎟 Redeem this code
button-myseat = 💺 My seat
button-help = Help
button-language = 🌐 Language
button-cancel = Cancel
button-private = Open the private chat
button-try-again = Try again
button-join = ⏳ Join the waiting list
button-leave = Leave the waiting list
button-export = Export my data
button-erase = Erase my data
button-erase-confirm = Yes, erase it
button-keep = No, keep it
button-back = ‹ Back
button-next = Next ›
button-confirm = Yes, do it
button-decline = No

## Redeeming

progress-finding =
    { $of ->
        [1] 🔎 Finding a seat for `{ $address }` …
       *[other] 🔎 Code { $number } of { $of }: finding a seat for `{ $address }` …
    }
progress-inviting =
    { $of ->
        [1] ✉️ A seat is reserved. Inviting `{ $address }` …
       *[other] ✉️ Code { $number } of { $of }: a seat is reserved, inviting `{ $address }` …
    }
progress-confirming =
    { $of ->
        [1] ⏳ The invitation is sent. Waiting for the workspace to confirm it …
       *[other] ⏳ Code { $number } of { $of }: waiting for the workspace to confirm the invitation …
    }
redeemed-invited =
    ✅ **Done.** `{ $address }` is invited to **{ $team }**.

    Look for the invitation in your inbox (and the spam folder) and accept it.
redeemed-term =
    { $term ->
        [unlimited] Your seat has no end date.
       *[other] Your seat lasts { $term } from the day you accept.
    }
redeemed-before =
    ✅ This code already got `{ $address }` an invitation to **{ $team }**. Nothing more was used.

    It is waiting in your inbox: look in the spam folder as well, and accept it.
redeemed-joined = ✅ This code already got `{ $address }` a seat in **{ $team }**, and you have joined. Nothing more was used.
redeemed-already-member =
    ✅ `{ $address }` already has a seat in **{ $team }**, so your code was not used.

    You can keep the code for another address.
redeemed-unclear =
    ⏳ The invitation for `{ $address }` is on its way, but the workspace has not confirmed it yet.

    You need not do anything: I keep checking and will write to you here. Your code is safe meanwhile.
redeemed-many = **{ $count } codes for** `{ $address }`
    { $invited } invited · { $already_member } not needed · { $unclear } being confirmed · { $refused } refused
receipt-invited = ✅ `…{ $code }` – invited to { $team }
receipt-already-member = ☑️ `…{ $code }` – not used: already has a seat in { $team }
receipt-unclear = ⏳ `…{ $code }` – being confirmed; I will write to you
receipt-refused = ❌ `…{ $code }` – { $reason }
receipt-mistyped = ❌ `{ $code }` – { $reason }
reason-any = refused
reason-mistyped_code = mistyped, please check it
reason-code_refused = not valid, or not any more
reason-address_used_with_code = already used with this address
reason-no_seats = no seat free, the code is still unused
reason-team_unavailable = the team cannot be reached, the code is still unused
reason-still_confirming = still being confirmed
reason-address_refused_upstream = this address cannot be invited, the code is still unused
reason-address_not_allowed = this address is not allowed, the code is still unused
reason-too_many_attempts = too many attempts, try later
reason-locked_out = too many wrong codes, try later
reason-bad_address = not an e-mail address
reason-request_key_reused = was answered before
term-month =
    { $count ->
        [one] 1 month
       *[other] { $count } months
    }
term-day =
    { $count ->
        [one] 1 day
       *[other] { $count } days
    }
term-hour =
    { $count ->
        [one] 1 hour
       *[other] { $count } hours
    }
term-unlimited = no end date
until = until { $moment }
until-term =
    { $term ->
        [unlimited] no end date
       *[other] { $term } from the day you accept
    }

## Verifying

verify-valid =
    ✅ **This code is good** for a seat in **{ $pool }**.
    { $most ->
        [1] It has not been used yet.
       *[other] { $left } of { $most } uses are left.
    }
verify-used-up = This code (`…{ $code }`) was for **{ $pool }**, and all its uses are used up.
verify-disabled = This code (`…{ $code }`) for **{ $pool }** has been switched off. The team that gave it to you can tell you more.
verify-expired = This code (`…{ $code }`) for **{ $pool }** ran out on { $expires }.
verify-term = The seat lasts: { $term }.
verify-term-temporary = The seat is temporary: { $term }, then it ends by itself.
verify-expires = Redeem it before { $expires }.
verify-never-expires = The code itself does not run out.

## My seat, stock, waiting list

myseat =
    { $count ->
        [0] You have no seat yet.
        [one] **Your seat**
       *[other] **Your { $count } seats**
    }
myseat-none =
    You have no seat yet.

    Send me your e-mail address and a code, and I will get you one.
myseat-invited = ✉️ `{ $address }` – invited to **{ $team }** on { $invited }, not yet accepted. Please accept the invitation in your inbox. { $until }
myseat-active = 💺 `{ $address }` – in **{ $team }** since { $joined }, { $until }
myseat-transferring = 🔁 `{ $address }` – moving out of **{ $team }**: a new invitation is on its way to you. { $until }
myseat-confirming = ⏳ `{ $address }` – code `…{ $code }` is being confirmed since { $since }. I will write to you.
stock = **Free seats**
stock-line =
    { $free ->
        [0] { $pool }: none free, { $waiting } waiting
       *[other] { $pool }: { $free } free
    }
stock-hidden = The number of free seats is not shown here. With a code you can simply try: nothing is used when no seat is free.
waitlist = **Your place in the waiting list**
waitlist-none =
    You are not waiting for a seat.

    When you redeem a code and no seat is free, you can join the list with one tap.
waitlist-how = To join, send your e-mail address and code as usual. If no seat is free, I will offer you the waiting list.
waitlist-joined =
    ✅ `{ $address }` is on the waiting list. Your code stays unused until a seat is free.

    Then I invite you in order and write to you here.
waitlist-place = ⏳ Number { $position } for **{ $pool }** – `{ $address }`, code `…{ $code }`, since { $since }
waitlist-left =
    { $count ->
        [one] You left the waiting list. Your code is still unused.
       *[other] You left the waiting list with { $count } places. Your codes are still unused.
    }

## Staff sign-in, one person on several platforms

signed-in = ✅ You are signed in with the role **{ $role }**. /help shows what you can do now.
role-anyone = guest
role-viewer = viewer
role-operator = operator
role-admin = admin
role-owner = owner
role-person = one person
link =
    To be the same person on another platform, open the bot there and send:
    `/claim { $token }`

    It works once, until { $until }. Do not show it to anybody.
linked = ✅ This chat and the other one now belong to the same person: you. Seats and language are shared.

## Privacy

privacy = **What I know about you**
    • the e-mail addresses you redeemed codes for, with the seats and dates
    • the number of this chat, so that I can write to you, and your language
    • your place in a waiting list, if you have one

    Codes are stored so that nobody can read them back out of the database. Staff see your addresses; nobody else does.
privacy-export = Here is everything stored about you.
privacy-erase = **Erase everything about you?**

    Addresses of seats that ended, this chat, your language and your places in waiting lists will be forgotten. This cannot be undone.
    A seat you still have stays yours, but I will not be able to write to you about it.
privacy-erased =
    { $kept ->
        [0] Done. I no longer know you.
       *[other] Done. I no longer know you. The address of your present seat stays with it until the seat ends.
    }

## Refusals

error = Sorry, that did not work. Nothing was changed.
error-refused = Sorry, that is not possible. Nothing was changed.
error-bad_input = I could not read that. Please write it again, or see /help.
error-bad_address = That does not look like an e-mail address. Please check it and send it again, for example `you@example.com`.
error-mistyped_code =
    There is a typing mistake in the code{ $code ->
        [none] .
       *[other] {" "}`{ $code }`.
    } Please check it letter by letter, or copy it. This did not count as an attempt.
error-bad_term = I do not understand “{ $text }” as a length of time. Write for example `1 month`, `30 days`, `24 hours` or `unlimited`.
error-bad_number = “{ $name }” must be a whole number from { $low } to { $high }.
error-bad_choice = “{ $value }” is not possible for “{ $name }”. Possible: { $choices }.
error-missing_argument = “{ $name }” is still missing. Please send it.
error-too_many_codes = Those are { $given } codes; I take at most { $most } in one message. Nothing was used. Please send them in smaller portions.
error-no_codes = I did not find a code in that. It looks like `TEAM-1234-5678-9ABC-DEFG`.
error-credential_unreadable = I could not read that as the session of a workspace. Nothing was stored. Please copy it again, whole.
error-unknown_command =
    { $nearest ->
        [none] I do not know the command /{ $name }. /help shows what I can do.
       *[other] I do not know the command /{ $name }. Did you mean /{ $nearest }?
    }
error-not_allowed =
    { $role ->
        [person] That can only be done by a person in their own name.
       *[other] That is for staff only. If you are staff, sign in with /claim first.
    }
error-private_only = 🔒 That belongs in our private chat. Please send it there.
error-not_found =
    { $kind ->
        [waiting_place] You are not on a waiting list, so there is nothing to leave.
        [pool] There is no pool called “{ $name }”.
        [team] There is no team called “{ $name }”.
        [batch] There is no batch { $name }.
        [code] There is no code { $name }.
        [lease] There is no seat for { $name }.
       *[other] I did not find “{ $name }”. Please check how it is written.
    }
error-name_taken = The name “{ $name }” is already taken. Please choose another one.
error-code_refused =
    This code is not valid, or not any more.

    Please check that you copied all of it. If it is right, ask the team that gave it to you.
error-address_used_with_code =
    This code was already used for `{ $address }`, and that seat has ended since.

    For another seat you need a new code.
error-address_not_allowed = This e-mail address cannot get a seat here; your code is unused. Please use the address that your organisation gave you.
error-address_refused_upstream =
    The workspace refused to invite `{ $address }`. Your code is unused.

    Please check the address, or try another one.
error-nothing_free = Nothing is free just now. Nothing was used.
error-no_seats =
    { $waitlist ->
        [true] Every seat is taken just now. Your code is still unused. You can join the waiting list: I will invite you as soon as a seat is free, and tell you.
       *[other] Every seat is taken just now. Your code is still unused; please try again later.
    }
error-team_unavailable =
    There are free seats, but their workspaces cannot be reached just now. Your code is still unused.

    Please try again in a few minutes.
error-quota_exceeded = That would be { $wanted } uses, but only { $available } can still be given out. Nothing was made.
error-too_many = That was too often. Please try again after { $until }.
error-too_many_attempts = You have tried very often within the last hour. Please try again after { $until }. Nothing was used.
error-locked_out =
    There were too many wrong codes, so I take no codes from you until { $until }. Nothing was used.

    Please use the time to check your code with the team that gave it to you.
error-conflict = Meanwhile something has changed. Please look again and repeat it if you still want it.
error-request_key_reused = This message was answered before. Please send a new one.
error-still_confirming =
    An invitation for this address is still being confirmed. Nothing more was used.

    Please wait for my message before you try again.
error-button_expired = This button is too old. Please start again from the menu.
error-button_not_yours = This button is for somebody else.
error-button_used = This was done already.
error-claim_token_refused = This sign-in token is not valid, or not any more. Please ask for a new one. After several wrong ones I stop listening for half an hour.
error-code_has_uses =
    { $count ->
        [one] This code has been used, so it can be disabled, but not deleted.
       *[other] { $count } of these codes have been used, so they can be disabled, but not deleted.
    }
error-waitlist_closed = There is no waiting list for these seats. Your code is still unused; please try again later.
error-transfer_refused = This seat cannot be moved now: { $reason }.
error-lease_refused =
    { $reason ->
        [ended] That seat has already ended. Nothing was changed.
        [held] The invitation for that seat is still being confirmed. Please try again in a minute.
        [moving] That seat is being moved just now. Please wait until the move is done.
        [ending] That seat is just ending. Nothing was changed.
        [unlimited] That seat has no end date, so there is nothing to extend.
        [not_joined] The person has not accepted the invitation yet; the time only starts then.
        [joined] The person has already joined, so there is no invitation to change any more.
       *[other] That is not possible with this seat now. Nothing was changed.
    }
error-team_in_use =
    { $count ->
        [one] One person still has a seat in “{ $name }”, so it cannot be removed. Move or end that seat first.
       *[other] { $count } people still have seats in “{ $name }”, so it cannot be removed. Move or end those seats first.
    }
error-busy = I am very busy just now. Nothing was changed; please try again in a minute.
error-misconfigured = I am not set up completely yet. Please tell the team that runs me.
error-undecipherable = A stored secret can no longer be read. Please tell the team that runs me.

## Notices: messages that come by themselves

notice-invited =
    ✅ **Confirmed.** `{ $address }` is invited to **{ $team }** (code `…{ $code }`).

    Look for the invitation in your inbox (and the spam folder) and accept it.
notice-already_member = ✅ `{ $address }` already had a seat in **{ $team }**, so your code `…{ $code }` was not used.
notice-redemption_refused =
    ❌ It did not work out for `{ $address }` with the code `…{ $code }`: { $reason }.

    You can try again; nothing was lost.

notice-lease_expiring =
    ⏰ Your seat in **{ $team }** (`{ $address }`) ends on { $until }.

    To keep a seat, redeem a new code before then, or ask the team that gave you the last one.
notice-lease_ended =
    Your seat in **{ $team }** (`{ $address }`) has ended: { $reason }.

    With a new code you can get another seat at any time.
notice-lease_extended = ✅ Your seat in **{ $team }** (`{ $address }`) now lasts until { $until }.
notice-transfer_started =
    🔁 Your seat is being moved out of **{ $team }** (`{ $address }`).

    You need not do anything yet. You keep the present seat until the new one is yours.
notice-transfer_invited =
    ✉️ Your new seat is ready: `{ $address }` is invited to **{ $team }**.

    Please accept the invitation in your inbox (look in the spam folder as well), so that you are never without a seat.
notice-transfer_done = ✅ The move is complete: `{ $address }` now has its seat in **{ $team }**.
notice-transfer_failed =
    The move of your seat out of **{ $team }** (`{ $address }`) did not work out. Nothing was taken from you.

    Our team has been told and looks after it.

mail-invited =
    Hello,

    { $address } is invited to the workspace { $team }. The invitation itself comes in a separate e-mail from the workspace's provider; please accept it there. Look in the spam folder if you cannot find it.

    This message was sent because somebody redeemed a code for your address. If that was not you, simply ignore it.
    .subject = Your seat in { $team }
mail-lease_expiring =
    Hello,

    your seat in the workspace { $team } ({ $address }) ends on { $until }.

    To keep a seat, redeem a new code before then, or ask the team that gave you the last one.
    .subject = Your seat in { $team } ends soon
mail-lease_ended =
    Hello,

    your seat in the workspace { $team } ({ $address }) has ended: { $reason }.

    With a new code you can get another seat at any time.
    .subject = Your seat in { $team } has ended
mail-lease_extended =
    Hello,

    your seat in the workspace { $team } ({ $address }) now lasts until { $until }.
    .subject = Your seat in { $team } was extended
mail-transfer_started =
    Hello,

    your seat is being moved out of the workspace { $team } ({ $address }). You need not do anything yet; you keep the present seat until the new one is yours.
    .subject = Your seat in { $team } is being moved
mail-transfer_invited =
    Hello,

    your new seat is ready: { $address } is invited to the workspace { $team }. The invitation itself comes in a separate e-mail from the workspace's provider. Please accept it, so that you are never without a seat.
    .subject = Your new seat in { $team }
mail-transfer_done =
    Hello,

    the move is complete: { $address } now has its seat in the workspace { $team }.
    .subject = You have moved to { $team }
mail-transfer_failed =
    Hello,

    the move of your seat out of the workspace { $team } ({ $address }) did not work out. Nothing was taken from you. Our team has been told and looks after it.
    .subject = Your seat in { $team } stays where it is

## Commands, in at most 100 characters each

command-start = Start
command-redeem = Redeem a code for an e-mail address
command-myseat = Where you have a seat, and until when
command-verify = Check a code without using it
command-stock = How many seats are free
command-waitlist = Your place in the waiting list
command-language = Choose the language · 选择语言
command-help = What I can do
command-privacy = What is stored about you; export or erase it
command-claim = Sign in as staff with a token
command-link = Be the same person on another platform
command-cancel = Stop what I am asking about

group-seats = Seats
group-account = You and this chat
group-figures = Figures
group-codes = Codes
group-people = People and seats
group-teams = Teams
group-alerts = Alerts
group-operations = Operations
group-staff = Staff

## Discord: names and descriptions of slash commands and their options, and forms

button-answer = ✏️ Answer
ask-choose = Please choose

slash-start = start
slash-redeem = redeem
slash-myseat = myseat
slash-verify = verify
slash-stock = stock
slash-waitlist = waitlist
slash-language = language
slash-help = help
slash-privacy = privacy
slash-claim = claim
slash-link = link

name-address = address
name-codes = codes
name-code = code
name-action = action
name-language = language
name-command = command
name-token = token

label-any = { $argument }
label-address = E-mail address
label-codes = Codes
label-code = Code
label-token = Sign-in token

option-any = { $argument }
option-address = The e-mail address that gets the seat
option-codes = One code, or up to 20 separated by spaces
option-code = The code, like TEAM-1234-5678-9ABC-DEFG
option-action = What to do
option-language = The language I shall speak with you
option-command = A command you want to know more about
option-token = The token you were given
