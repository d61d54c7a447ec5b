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
help-examples = For example:
help-example = `{ $line }`
help-command =
    { $what }

    `{ $usage }`

    { $optional ->
        [true] What stands in [ ] can be left out. What is missing otherwise, I will ask for.
       *[other] What is missing, I will ask for.
    }
language-chosen = From now on I speak English with you.
not-understood =
    I did not find an e-mail address or a code in that.

    To get a seat, send both in one message: `you@example.com TEAM-1234-5678-9ABC-DEFG`
file-unasked = Thanks, but I was not waiting for a file, so I did nothing with it. /help shows what I can do.
dialogue-lost =
    Sorry, I do not know what this belongs to. If it answers a question of mine: I have lost what we talked about.

    Please begin again. To get a seat, send your e-mail address and your code in one message: `you@example.com TEAM-1234-5678-9ABC-DEFG`
cancelled = Cancelled. Nothing was changed.
nothing-to-cancel = There is nothing to cancel. /help shows what I can do.
interrupted =
    Something came between while I worked on /{ $command }, and I cannot tell how far it got.

    Please look first whether it was done, and only send it again if it was not.
failed =
    Sorry, something went wrong on our side. You did nothing wrong.

    Please try again in a minute. If it happens again, tell the team that gave you your code this number: `{ $reference }`
slow-down = That was a lot at once. Please wait a few seconds; what you sent meanwhile is not lost if you send it again.
answer-later = ⏳ I cannot reach my records just now. Your message is kept, and I answer it as soon as I can.
not-kept = I could not take that in just now. Please send it again in a minute; nothing is used twice.
apology =
    Sorry, I could not answer a message of yours.

    /myseat shows what you have. If something is missing there, please send your message once more: nothing is used twice. If I stay silent, tell the team that gave you the code.
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
choice-show = Show
choice-join = Join
choice-leave = Leave the list
choice-resend = Send the invitation again
choice-address = Another address
choice-move = Move to another team
choice-export = Export my data
choice-erase = Erase my data

## Buttons

button-redeem = 🎟 Redeem a code
button-redeem-this = 🎟 Redeem this code
button-myseat = 💺 My seat
button-help = Help
button-language = 🌐 Language
button-cancel = Cancel
button-as-written = No, { $address } is right
button-private = Open the private chat
button-try-again = Try again
button-join = ⏳ Join the waiting list
button-resend-mine = ✉️ Send the invitation again
button-other-address = ✏️ Another address
button-move = 🔁 Move to another team
button-of-seat = { $what }: { $team }
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
    { $team ->
        [none] ✅ `{ $address }` already has a seat, so your code was not used.
       *[other] ✅ `{ $address }` already has a seat in **{ $team }**, so your code was not used.
    }

    You can keep the code for another address.
redeemed-unclear =
    ⏳ The invitation for `{ $address }` is on its way, but the workspace has not confirmed it yet.

    You need not do anything: I keep checking and will write to you here. Your code is safe meanwhile.
redeemed-many = **{ $count } codes for** `{ $address }`
    { $invited } invited · { $already_member } not needed · { $unclear } being confirmed · { $refused } refused
receipt-invited = ✅ `…{ $code }` – invited to { $team }
receipt-already-member =
    { $team ->
        [none] ☑️ `…{ $code }` – not used: already has a seat
       *[other] ☑️ `…{ $code }` – not used: already has a seat in { $team }
    }
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
reason-example_code = only an example of a code
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
myseat-kept =
    { $count ->
        [one] A seat of yours was kept when you had yourself forgotten, and stays until it ends. I no longer know which one it is, so I can neither show nor change it here.
       *[other] { $count } seats of yours were kept when you had yourself forgotten, and stay until they end. I no longer know which ones they are, so I can neither show nor change them here.
    }

    What you redeem from now on is known again.
myseat-invited = ✉️ `{ $address }` – invited to **{ $team }** on { $invited }, not yet accepted. Please accept the invitation in your inbox. { $until }
myseat-active = 💺 `{ $address }` – in **{ $team }** since { $joined }, { $until }
myseat-transferring = 🔁 `{ $address }` – moving out of **{ $team }**: a new invitation is on its way to you. { $until }
myseat-confirming = ⏳ `{ $address }` – code `…{ $code }` is being confirmed since { $since }. I will write to you.
myseat-resent = ✉️ The invitation to **{ $team }** is on its way to `{ $address }` once more. Please look in the spam folder as well.
myseat-sent-recently =
    The invitation to **{ $team }** was mailed to `{ $address }` only a few minutes ago. Mail sometimes takes a while: please look in the spam folder.

    I can send it again after { $until }.
ask-myseat-address = Which e-mail address should the seat have instead? If you have joined already, our team has to agree to it first.
myseat-address-asked =
    Our team has been asked to move your seat to `{ $address }`.

    You keep the present seat until the new address has joined, and I will write to you here.
myseat-address-changing =
    ✉️ Nobody has accepted the invitation to `{ $before }` yet, so I invite `{ $address }` instead, and take the first one back.

    Please accept the new invitation in that inbox.
myseat-move =
    Your seat in **{ $team }** (`{ $address }`) would be moved to another team.

    You will get a new invitation, and keep the present seat until you have accepted it. Shall I go on?
myseat-moving = 🔁 Your seat is being moved. I will write to you here as soon as there is something for you to do.
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

    It works once, until { $until }. You will be asked there whether you are `{ $own }`, and here who it was: nothing is joined before you have said yes to both. Never send it to anybody, whatever they say it is for.
link-offered = **Are you `{ $identity }` as well?** You are `{ $own }` here, and both would be one person: whoever writes as either of them sees and changes the seats and addresses of both.

    If somebody has sent you this token, press no.
link-agreed = `{ $identity }` is being asked now. Nothing is joined before the answer.
link-wanted = **`{ $identity }` wants to be one person with you, `{ $own }`.** Is that you? Whoever writes as either of them would see and change the seats and addresses of both.

    If you do not know `{ $identity }` as your own, press no.
link-declined = Nothing was joined.
linked = ✅ This chat and `{ $identity }` now belong to the same person: you. Seats and language are shared.
button-link = Yes, both are me
button-link-decline = No
notice-link_wanted = `{ $identity }` wants to be one person with you. Open /link to see what that means, and to say yes or no.
notice-link_joined = ✅ `{ $identity }` has agreed: both of you are one person now. Seats and language are shared.
choice-agree = Yes, both are me
choice-decline = No

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
error-address_doubtful =
    I am not sure that I read your address right: `{ $written }`. Nothing was used.

    { $count ->
        [0] Please write it once more, with spaces around it and nothing else beside it.
        [one] Is it this one? If not, please write it once more.
       *[other] Which one is it? If it is none of these, please write it once more.
    }
error-address_masked = `{ $written }` is only the short form of an address, with letters hidden. Nothing was used. Please send me the whole address.
error-address_unlikely =
    Did you mean { $meant }? You wrote `{ $written }`.

    Nothing was used so far.
error-several_addresses =
    I see several e-mail addresses: { $addresses }.

    Nothing was used. Which one should get the seat?
error-list_unreadable = That file is in no encoding that I know. Please save it as UTF-8.
error-example_code = That is only my example of what a code looks like. Please send the code that you were given.
error-mistyped_code =
    There is a typing mistake in the code{ $code ->
        [none] .
       *[other] {" "}`{ $code }`.
    } Please check it letter by letter, or copy it. This did not count as an attempt.
error-bad_term = I do not understand “{ $text }” as a length of time. Write for example `1 month`, `30 days`, `24 hours` or `unlimited`.
error-bad_number = “{ $name }” must be a whole number from { $low } to { $high }.
error-bad_choice = “{ $value }” is not possible for “{ $name }”. Possible: { $choices }.
error-unknown_option =
    /{ $command } has no option `{ $name }`; nothing was done. { $count ->
        [0] It has none at all.
       *[other] It has: { $options }.
    } More about it: /help { $command }
error-option_twice = “{ $name }” is there twice; nothing was done. Please write it once.
error-left_over = I do not know what `{ $text }` means for /{ $command }; nothing was done. A name of several words stands in "…". More about it: /help { $command }
error-general_bound = General codes are of no team; nothing was made. Leave `team={ $team }` out, or write `kind=bound`.
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
    { $has ->
        [person] That can only be done by a person in their own name.
        [viewer] That takes the role { $role }, and you are a viewer. An owner can give it to you.
        [operator] That takes the role { $role }, and you are an operator. An owner can give it to you.
        [admin] That takes the role { $role }, and you are an admin. An owner can give it to you.
       *[anyone] That is for staff only. If you are staff, sign in with /claim first.
    }
error-private_only = 🔒 That belongs in our private chat. Please send it there.
error-not_found =
    { $kind ->
        [seat] I cannot tell which seat you mean. /myseat shows your seats, with buttons for each.
        [waiting_place] You are not on a waiting list, so there is nothing to leave.
        [pool] There is no pool called “{ $name }”.
        [team] There is no team called “{ $name }”.
        [batch] There is no batch { $name }.
        [code] There is no code { $name }.
        [lease] There is no seat for { $name }.
        [alert] There is no alert { $name }.
        [job] There is no job { $name }.
        [subscription] This chat gets no alerts, so there is nothing to stop.
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
error-sign_in_locked = There were several tokens that are not valid, so I take none from you until { $until }. Everything else goes on as usual.
error-banned =
    { $for_good ->
        [true] Our team has shut you out.
       *[other] Our team has shut you out until { $until }.
    } The reason they gave: { $reason }

    What you have stays yours. /privacy shows and erases what is stored about you.
error-staff_stays = `{ $identity }` is staff. Take the role away first.
error-link_refused =
    { $reason ->
        [staff] Whoever is staff is not joined to another identity: a role is given by an owner, on each platform. Nothing was joined.
        [yourself] That is you already.
       *[over] That is over, or is not yours to answer. Nothing was joined. /link begins anew.
    }
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
error-transfer_refused =
    { $reason ->
        [used_up] This seat has been moved as often as it may be ({ $most }). Staff can still move it.
        [not_offered] Moves are not offered for this seat. Please ask the team that gave you the code.
        [same_team] The seat is in that team already. Nothing was changed.
        [same_address] The seat has that address already. Nothing was changed.
        [address_present] That address already has a seat in this team. Please choose another one.
        [under_way] This seat is being moved already. You will be told when it is done.
        [too_late] The new invitation is out already, so the move can no longer be stopped.
        [not_failed] That move has not failed, so there is nothing to take up again.
        [held] The invitation for this seat is still being confirmed. Please try again in a minute.
        [ended] This seat has ended, so it cannot be moved. Nothing was changed.
        [ending] This seat is just ending, so it cannot be moved. Nothing was changed.
       *[other] This seat cannot be moved now. Nothing was changed.
    }
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
error-outcome_unknown = The database was lost in the middle of this, so I do not know whether it was done. Before you ask again, look at { $about ->
    [leases] /leases or /find
    [redemptions] /myseat or /redemptions
    [transfers] /transfers
    [waitlist] /waitlist
    [codes] /batches
    [jobs] /jobs
    [teams] /teams
    [alerts] /alerts
    [people] /staff
   *[other] what it was meant to change
 }.
error-busy = I am very busy just now. Nothing is lost and nothing is used twice; please try again in a minute.
error-misconfigured = I am not set up completely yet. Please tell the team that runs me.
error-undecipherable = A stored secret can no longer be read. Please tell the team that runs me.

## Notices: messages that come by themselves

notice-invited =
    ✅ **Confirmed.** `{ $address }` is invited to **{ $team }** (code `…{ $code }`).

    Look for the invitation in your inbox (and the spam folder) and accept it.
notice-already_member =
    { $team ->
        [none] ✅ `{ $address }` already had a seat, so your code `…{ $code }` was not used.
       *[other] ✅ `{ $address }` already had a seat in **{ $team }**, so your code `…{ $code }` was not used.
    }
notice-redemption_refused =
    ❌ It did not work out for `{ $address }` with the code `…{ $code }`: { $reason }.

    You can try again; nothing was lost.

notice-waitlist_invited =
    🎉 A seat is free, and it is yours: `{ $address }` is invited to **{ $team }** (code `…{ $code }`).

    Please accept the invitation in your inbox (look in the spam folder as well) soon, or the seat goes to the next one.
notice-waitlist_closed =
    Your place in the waiting list for `{ $address }` (code `…{ $code }`) has ended: { $reason }.

    If you still want a seat, send your address and a code again.
notice-waitlist_offer_expired =
    The seat in **{ $team }** that was kept for `{ $address }` was not accepted in time, so it went to the next person.

    Your code is unused again: you can send it once more.
notice-address_change_declined = Our team did not agree to another address for your seat in **{ $team }**. It stays with `{ $address }`, and nothing was changed.
notice-lease_expiring =
    ⏰ Your seat in **{ $team }** (`{ $address }`) ends on { $until }.

    To keep a seat, redeem a new code before then, or ask the team that gave you the last one.
notice-lease_ended =
    Your seat in **{ $team }** (`{ $address }`) has ended: { $reason ->
        [reason-expired] its time has run out.
        [reason-gone] you are no longer a member of the workspace.
        [reason-team_dead] the workspace has been closed.
       *[other] our team has ended it.
    }

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
mail-waitlist_offer_expired =
    Hello,

    the seat in the workspace { $team } that was kept for { $address } was not accepted in time, so it went to the next person. Your code is unused again: you can send it once more.
    .subject = The seat in { $team } went to the next person
mail-address_change_declined =
    Hello,

    our team did not agree to another address for your seat in the workspace { $team }. It stays with { $address }, and nothing was changed.
    .subject = Your seat in { $team } keeps its address
mail-lease_expiring =
    Hello,

    your seat in the workspace { $team } ({ $address }) ends on { $until }.

    To keep a seat, redeem a new code before then, or ask the team that gave you the last one.
    .subject = Your seat in { $team } ends soon
mail-lease_ended =
    Hello,

    your seat in the workspace { $team } ({ $address }) has ended: { $reason ->
        [reason-expired] its time has run out.
        [reason-gone] you are no longer a member of the workspace.
        [reason-team_dead] the workspace has been closed.
       *[other] our team has ended it.
    }

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

## Alerts

level-info = information
level-warning = warning
level-error = error
level-critical = critical
category-team_capacity = seats
category-transfer_failure = moves
category-provider = workspaces
category-database = database
category-security = security
category-system = system

alert-message =
    { $level ->
        [info] ℹ️
        [warning] ⚠️
        [error] 🔴
       *[critical] 🚨
    } **{ $loud }** · { $category } · #{ $alert }

    { $what }
alert-message-resolved =
    ✅ **over** · { $category } · #{ $alert }

    { $what }
alert-seen =
    { $count ->
        [one] Seen once, { $last }.
       *[other] Seen { $count } times since { $since }, last { $last }.
    }
alert-over = Resolved by { $by }, { $at }.
alert-by-itself = itself: the cause is gone
alert-silent = Muted until { $until }.
alert-about =
    { $count ->
        [one] Seen once, { $last }.
       *[other] Seen { $count } times since { $since }, last { $last }.
    }
    It is about `{ $subject }`.
alert-any = { $title }

alert-team_capacity = The team **{ $team }** is nearly full: { $occupied } of { $seats } seats are taken. Add a team to its pool, or raise its capacity, before people have to wait.
alert-pool_capacity = The pool **{ $pool }** is nearly full: { $occupied } of { $seats } seats are taken. Add a team, or people will land on the waiting list.
alert-pool_few_seats =
    { $free ->
        [0] The pool **{ $pool }** has no free seat left. New people go on its waiting list until a team is added.
        [one] The pool **{ $pool }** has only 1 free seat left.
       *[other] The pool **{ $pool }** has only { $free } free seats left.
    }
alert-pool_overcommitted = More codes are out for **{ $pool }** than it has seats: { $unused } unused uses, { $free } free seats. Add a team, or disable codes that nobody needs.
alert-transfer_failed = The move of `{ $address }` out of **{ $team }** has failed (`{ $reason }`). The person keeps the present seat; please look at it with /leases and start the move again.
alert-transfer_stuck = The move number { $transfer } has not got any further for a long time (it is at `{ $state }`). If it stays like that, look at it with /leases.
alert-removal_failed = `{ $address }` could not be taken out of **{ $team }** (`{ $reason }`). The seat stays occupied until somebody removes the person there by hand.
alert-expired_leases = { $count } memberships are over, but the people are still in their teams. Either a team cannot be reached, or no worker is running.
alert-redemptions_unclear =
    { $count ->
        [one] 1 redemption has been waiting for its confirmation too long.
       *[other] { $count } redemptions have been waiting for their confirmation too long.
    } Nothing is lost: they are looked at again and again. Please check whether their workspaces can be reached.
alert-team_expired = The team **{ $team }** takes no new people any more: its workspace answers with errors, or does not accept the credential (`{ $error }`). Please paste a fresh credential with /addteam.
alert-fewer_seats_stated = **{ $team }** was given { $seats } seats, but its workspace states { $stated }. Usher keeps to { $stated } until it states more; /editteam sets another number.
alert-team_unpaid = The bill of **{ $team }** is open, so no seat can be had there: new people go to other teams for now. Its credential is good. Please settle the bill, or buy the seat that is asked for, at the provider.
alert-group_members_hidden = The server of **{ $team }** does not show who is in its licence group. Usher asks for each user one by one instead, which takes more requests.
alert-team_gone = The workspace of **{ $team }** does not exist any more, or was deactivated (`{ $error }`). Its people are moved to other teams where there is room.
alert-reading_failed = The members of **{ $team }** could not be read several times in a row (`{ $error }`). Nothing is changed on the strength of old lists.
alert-credential_ends = The credential of **{ $team }** ends { $until }. Please paste a fresh one with /addteam before that.
alert-too_many_strangers = So many people in **{ $team }** are unknown here ({ $count }) that the list is not believed, and nobody was removed. Please look at it with /sweep.
alert-address_change_asked = Somebody in **{ $team }** asks to change the e-mail address of their seat. Please decide about it.
alert-wrong_code_burst = Many wrong codes within a minute ({ $count }): somebody may be guessing. Those who guess are locked out by themselves.
alert-sweep_failed = The background task `{ $sweep }` has failed (`{ $error }`). It is tried again; the log says more.
alert-sweep_late = The background task `{ $sweep }` has not run for more than an hour. Is a worker running?
alert-unexpected_error = Something unforeseen went wrong (`{ $kind }`). Search the log for `{ $reference }`.
alert-telegram_conflict = Somebody else fetches this Telegram bot's messages, so they do not reach us. Stop the other program, or give the bot a new token with @BotFather.
alert-telegram_token_rejected = Telegram does not accept the bot's token any more. Put the present one from @BotFather into `telegram.token` and start again.
alert-update_dead = A message from { $platform } could not be worked on, however often it was tried. Its sender was asked to repeat it; the log says more.
alert-chat_unreachable = Nothing can be sent into the chat `{ $chat }` on { $platform } any more: it is gone, or it has put me out. Its alerts come here as far as this chat is subscribed to them.
alert-notice_dead = A message by { $channel } was given up (`{ $template }`, `{ $error }`). The log says more.
alert-dead_notices =
    { $count ->
        [one] 1 message of the last day could not be delivered and was given up.
       *[other] { $count } messages of the last day could not be delivered and were given up.
    }
alert-notices_late = { $count } messages have been waiting for up to { $minutes } minutes ({ $channels }). Is a process running that sends them, and can the platform be reached?
alert-job_given_up = The job { $job } (`{ $kind }`) has ended three processes that worked on it, so it was given up. /jobs { $job } shows how far it came.
alert-database_size = The database has grown to { $megabytes } MB, beyond the { $limit } MB it was planned for.
alert-statements_slow =
    { $count ->
        [one] 1 database statement took longer than { $limit } s: { $slowest } s.
       *[other] { $count } database statements took longer than { $limit } s, the slowest { $slowest } s.
    }
alert-redis_away = Redis does not answer. Usher goes on without it: what chats are asked is kept in the database meanwhile, each process counts messages for itself, and somebody who was asked something before may have to begin again. Is it running, and does `redis.url` name it?
alert-clock_skew = The clock of a machine is { $seconds } s off the database's. Nothing is decided by it, but its logs show wrong times.

alerts =
    { $state ->
        [open] **{ $total ->
            [one] 1 open alert
           *[other] { $total } open alerts
        }**
        [resolved] **{ $total ->
            [one] 1 resolved alert
           *[other] { $total } resolved alerts
        }**
       *[any] **{ $total ->
            [one] 1 alert
           *[other] { $total } alerts
        }**
    }{ $pages ->
        [1] {""}
       *[other] { " " }· page { $page } of { $pages }
    }
alerts-line =
    { $state ->
        [resolved] ✅
       *[open] { $level ->
            [info] ℹ️
            [warning] ⚠️
            [error] 🔴
           *[critical] 🚨
        }
    } #{ $alert } { $what }{ $count ->
        [1] {""}
       *[other] { " " }({ $count }×)
    }
alerts-none =
    { $state ->
        [open] ✅ No alert is open.
       *[other] No alert fits that.
    }
alert-resolved = ✅ Alert #{ $alert } is resolved.
alert-resolved-before = Alert #{ $alert } was resolved already, by { $by }.
alert-muted = 🔕 Nothing more about alert #{ $alert } until { $until }, unless it becomes critical.
check-running = The checks are running just now. /alerts shows what they find.
checked =
    { $count ->
        [0] ✅ Everything was checked. No alert is open.
        [one] Everything was checked. 1 alert is open.
       *[other] Everything was checked. { $count } alerts are open.
    }
subscribe-no-chat = Alerts are pushed into chats on Telegram and Discord. Here, /alerts shows them.
subscribed = 🔔 This chat now gets alerts from the level **{ $level }** upwards.
subscription = 🔔 This chat gets alerts from the level **{ $level }** upwards.
subscription-category = • { $category }
subscription-every-category = About everything
subscription-quiet = Quiet from { $hours } ({ $zone }); errors come through all the same
unsubscribed = 🔕 This chat gets no more alerts.
button-resolve = ✅ Resolve
button-mute = 🔕 Mute for 1 h
button-check = 🔄 Check now
button-details = Details
button-alerts = Open alerts
button-unsubscribe = 🔕 No more alerts here
ask-alert = Which alert? Send its number, as /alerts shows it.
choice-info = information
choice-warning = warning
choice-error = error
choice-critical = critical
choice-off = off
choice-open = open
choice-resolved = resolved
choice-team_capacity = seats
choice-transfer_failure = moves
choice-provider = workspaces
choice-database = database
choice-security = security
choice-system = system

## Bulk work and announcements

bulk-resend =
    { $count ->
        [one] **1 invitation** would be mailed again:
       *[other] **{ $count } invitations** would be mailed again:
    }
bulk-cancelinvite =
    { $count ->
        [one] **1 invitation** would be taken back. Its seat is free again as soon as the workspace confirms that:
       *[other] **{ $count } invitations** would be taken back. Their seats are free again as soon as the workspaces confirm that:
    }
bulk-remove =
    { $count ->
        [one] **1 person** would lose the seat and be removed from the workspace:
       *[other] **{ $count } people** would lose their seats and be removed from their workspaces:
    }
bulk-target =
    { $team ->
        [none] • `{ $address }`
       *[other] • `{ $address }` – { $team }
    }
bulk-and-more = … and { $count } more; the file has them all.
bulk-left =
    { $left ->
        [one] 1 would be left alone:
       *[other] { $left } would be left alone:
    }
bulk-nothing = There is nobody to do this for.
job-started =
    { $count ->
        [one] Job { $job } has begun, for 1 person. Its progress is shown in the next message.
       *[other] Job { $job } has begun, for { $count } people. Its progress is shown in the next message.
    }
job-merged = The very same is under way already, as job { $job }. Nothing is done twice.
job-retried =
    { $count ->
        [one] Job { $job } tries the one that failed again.
       *[other] Job { $job } tries the { $count } that failed again.
    }
job-kind-resend = Mail invitations again
job-kind-cancelinvite = Take invitations back
job-kind-remove = Remove people
job-kind-announce = Announcement
job-pending =
    ⏳ **{ $kind }** · job { $job }
    Waiting for its turn: { $total } to do.
job-running =
    ⏳ **{ $kind }** · job { $job }
    `{ $bar }` { $percent } %
    { $settled } of { $total } · { $done } done · { $failed } failed
job-cancelling =
    ✋ **{ $kind }** · job { $job }
    Stopping. { $settled } of { $total } · { $done } done · { $failed } failed
job-done =
    ✅ **{ $kind }** · job { $job }
    `{ $bar }` { $percent } %
    Finished { $at }: { $done } of { $total } done.
job-failed =
    ⚠️ **{ $kind }** · job { $job }
    `{ $bar }` { $percent } %
    Finished { $at }: { $done } of { $total } done, { $failed } failed.
job-cancelled =
    ✋ **{ $kind }** · job { $job }
    Stopped { $at }: { $done } of { $total } done, { $failed } failed. What was done stays done.
job-skipped =
    { $count ->
        [one] 1 was left out.
       *[other] { $count } were left out.
    }
job-confirming =
    { $count ->
        [one] 1 is waiting for the workspace to confirm it.
       *[other] { $count } are waiting for their workspaces to confirm them.
    }
job-result = • `{ $address }` – { $reason }
job-more-failed = … and { $count } more failed; the results file has them all.
job-results = The results of job { $job }, { $count } lines.
jobs = **The latest jobs**
jobs-none = There were no jobs yet.
jobs-line =
    { $state ->
        [done] ✅
        [failed] ⚠️
        [cancelled] ✋
       *[running] ⏳
    } #{ $job } { $kind } – { $settled } of { $total }{ $failed ->
        [0] {""}
       *[other] , { $failed } failed
    }
announcement = 📣 { $text }
announce-preview =
    { $to ->
        [everyone] This goes to everyone who writes with me:
        [staff] This goes to the staff:
       *[pool] This goes to everyone with a seat in **{ $pool }**:
    }
announce-sure =
    { $count ->
        [one] **1 person** would get it. It cannot be taken back once it is sent.
       *[other] **{ $count } people** would get it. It cannot be taken back once it is sent.
    }
button-announce = 📣 Send it
button-job = Job { $job }
button-job-cancel = ✋ Stop
button-job-retry =
    { $count ->
        [one] 🔁 Try the failed one again
       *[other] 🔁 Try the { $count } failed again
    }
button-job-results = 📄 Results
ask-job = Which job? Send its number, as /jobs shows it.
ask-resend-addresses = Whose invitations should be mailed again? Send one or more e-mail addresses.
ask-cancelinvite-addresses = Whose invitations should be taken back? Send one or more e-mail addresses.
ask-remove-addresses = Who should be removed? Send one or more e-mail addresses.
ask-announce-to = Who should get the announcement? Choose, or send the name of a pool: then everyone with a seat there gets it.
ask-announce-text = What should it say? Send the text as it should be read.
choice-everyone = Everyone
choice-staff = Staff
choice-cancel = stop
choice-results = results
error-nothing_to_do = There is nobody this could be done for, so nothing was done.
reason-held = is being invited just now
reason-ending = is being taken out already
reason-ended = has no seat any more
reason-moving = is being moved to another team
reason-joined = has joined already
reason-protected = is protected by hand
reason-not_found = has no seat
reason-cancelled = left out, because the job was stopped
reason-sent_recently = was mailed within the last ten minutes
reason-paused = the workspace asked for a pause
reason-unclear = the workspace gave no clear answer
reason-unexpected = something unforeseen went wrong; the log says more
reason-given_up = given up with the job
reason-being_confirmed = waiting for the workspace to confirm it
reason-under_way = accepted; the workspace's confirmation takes longer
reason-unreachable = cannot be reached
reason-untrusted = its certificate is not trusted by this machine; upstream.ca_file names the certificates of an in-house server
reason-unpaid = the bill of the workspace is open
reason-not_sent = could not be delivered
reason-rejected = was refused by the platform
reason-credential = the workspace does not accept the credential
reason-gone = the workspace is gone
reason-rate_limited = the workspace asked for a pause
reason-not_allowed = the workspace does not allow it
reason-address = the workspace does not accept the address
reason-full = the workspace says that it is full
reason-still_listed = the workspace still shows the person
reason-owner = owns the workspace
reason-cannot_remove = this kind of workspace lets nobody be removed from here
reason-cannot_cancel = this kind of workspace lets no invitation be taken back from here
command-alerts = What needs attention: open alerts, by level and category
command-resolve = Close an alert
command-mute = Hear nothing more about an alert for a while
command-check = Run every check now
command-subscribe = Push alerts into this chat, by level, category and quiet hours
command-unsubscribe = Push no more alerts into this chat
command-resend = Mail pending invitations again, for addresses, a team, a pool or a batch
command-cancelinvite = Take pending invitations back
command-remove = End memberships and remove the people from their workspaces
command-jobs = Bulk jobs: how far they are, and what failed
command-retry = Try what failed in a job again
command-announce = Send a message to everyone, to staff or to a pool's people
