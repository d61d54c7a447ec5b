### Marks: **strong** and `exact` (codes, addresses, what can be copied). Values never carry marks.
### A text says what happened, why, and what to do next; it never speaks of the inside of Usher.

## Hello, help, language

welcome = 👋 I hand out seats in team workspaces: send me your e-mail address and your code in one message, like `you@example.com TEAM-1234-5678-9ABC-DEFG`.
help = **What I can do**
help-heading = **{ $heading }**
help-line = /{ $name } – { $what }
help-more =
    You can also just send your e-mail address and your codes in one message, in any order.
    More about one command: /help redeem
help-examples = For example:
help-example = `{ $line }`
help-command-alone =
    { $what }

    `{ $usage }`
help-command =
    { $what }

    `{ $usage }`

    { $optional ->
        [true] Anything in [ ] is optional. I will ask for the rest if you leave it out.
       *[other] I will ask for anything you leave out.
    }
language-chosen = From now on I will write to you in English.
not-understood =
    I did not find an e-mail address or a code in that.

    To get a seat, send both in one message: `you@example.com TEAM-1234-5678-9ABC-DEFG`
file-unasked = Thanks, but I was not expecting a file, so I did nothing with it. /help shows what I can do.
dialogue-lost =
    Sorry, I have lost track of what we were talking about, so I do not know what this answers.

    Please start again. To get a seat, send your e-mail address and your code in one message: `you@example.com TEAM-1234-5678-9ABC-DEFG`
cancelled = Cancelled. Nothing was changed.
nothing-to-cancel = There is nothing to cancel: I am not waiting for an answer, and a button does nothing until you press it. /help shows what I can do.
interrupted =
    I was interrupted while working on /{ $command }, and I cannot tell how far it got.

    Please check first whether it was done, and send it again only if it was not.
failed =
    Sorry, something went wrong on our side. It was not your fault.

    Please try again in a minute. If it happens again, give this number to the team that gave you your code: `{ $reference }`
slow-down = That was a lot at once. Please wait a few seconds, then send again whatever I have not answered.
answer-later = ⏳ I cannot reach my records at the moment. I have kept your message and will answer it as soon as I can.
not-kept = I could not take that in. Please send it again in a minute; nothing will be used twice.
apology =
    Sorry, I was unable to answer one of your messages.

    /myseat shows what you have. If something is missing there, please send that message again: nothing will be used twice. If I stay silent, tell the team that gave you the code.
failed-to-show = It is done, but I cannot show the whole answer here. /myseat and /help still work.
terminal-hello = Write as you would to the bot. Type what stands before a button to press it, @FILE to attach a file, Ctrl+C or /stop to stop an answer, Ctrl+D to leave.
terminal-no-file = There is no file “{ $name }” here. Nothing was asked.
terminal-perhaps-a-file = There is no file “{ $name }” here, so nothing was asked. If you mean no file, send the same line again.
terminal-leave = Press Ctrl+C again to leave, or Ctrl+D.
terminal-which =
    { $count ->
        [0] There is no button { $number }. If you mean the number itself, write a word with it.
       *[other] There are several buttons for #{ $number }. Type one of { $signs }.
    }
answer-attached = The answer is too long for a chat, so it is attached as a file.
files-withheld = 📎 The pictures or files that belong here could not be sent to this chat. Ask me in our private chat to get them.
no-words = Done.
group-pointer = 🔒 Let's do that in our private chat, where nobody else can read along.
group-pointer-code = 🔒 I deleted your message because it held a code. For ten minutes only you can redeem it. Let's go on in our private chat.
group-pointer-code-exposed = ⚠️ Your code is visible to everybody here, and I may not delete it. Please delete your message, then redeem the code at once in our private chat. For ten minutes only you can redeem it.
group-pointer-credential = 🔒 I deleted your message because it held a credential. Let's go on in our private chat.
group-pointer-credential-exposed = ⚠️ Your credential is visible to everybody here, and I may not delete it. Please delete your message and replace the credential with a new one. We can go on in our private chat.
asked-aside = Please do not write it into this channel, where others would read it: use the button below, or write to me in private.
group-welcome = 👋 I hand out seats in team workspaces to people who have a code. Let's talk in private.

## Questions

ask-any = Please send: { $argument }
ask-address = Which e-mail address?
ask-waitlist-address = Which e-mail address should go on the waiting list?
ask-code-first = What is your code? If it gives a seat, send me your e-mail address along with it.
ask-redeem-address =
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
ask-language = Which language do you prefer? · 您想使用哪种语言？
ask-token = Please send the sign-in token you were given.
choice-any = any
choice-en = English
choice-zh-CN = 简体中文
choice-show = Show
choice-join = Join
choice-leave = Leave the waiting list
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
button-how = How does it work?
button-every-command = All commands
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
button-up = ‹ Back
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
    ✅ This code has already got `{ $address }` an invitation to **{ $team }**. Nothing more was used.

    The invitation is waiting in your inbox (or the spam folder): please accept it.
redeemed-joined = ✅ This code has already got `{ $address }` a seat in **{ $team }**, and you have joined. Nothing more was used.
redeemed-already-member =
    { $team ->
        [none] ✅ `{ $address }` already has a seat, so your code was not used.
       *[other] ✅ `{ $address }` already has a seat in **{ $team }**, so your code was not used.
    }

    You can use the code for another address.
redeemed-unclear =
    ⏳ The invitation for `{ $address }` is on its way, but the workspace has not confirmed it yet.

    There is nothing for you to do: I keep checking and will write to you here. Your code is safe in the meantime.
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
reason-mistyped_code = has a typo, please check it
reason-code_refused = not valid, or no longer valid
reason-address_used_with_code = already used with this address
reason-code_posted = was just posted in a group by somebody else, still unused
reason-no_seats = no seat is free, the code is still unused
reason-team_unavailable = the team cannot be reached, the code is still unused
reason-still_confirming = still being confirmed
reason-address_refused_upstream = this address cannot be invited, the code is still unused
reason-address_not_allowed = this address is not allowed, the code is still unused
reason-too_many_attempts = too many attempts, try later
reason-locked_out = too many wrong codes, try later
reason-bad_address = not an e-mail address
reason-example_code = only an example of a code
reason-request_key_reused = already answered
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
term-minute =
    { $count ->
        [one] 1 minute
       *[other] { $count } minutes
    }
term-second =
    { $count ->
        [one] 1 second
       *[other] { $count } seconds
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
        [1] It has not been used yet. Send it to me with an e-mail address, and that address is invited.
       *[other] { $left } of { $most } uses are left, each for one e-mail address.
    }
verify-valid-credit =
    ✅ **This code is good** for **{ $amount }** credit. { $most ->
        [1] It has not been used yet.
       *[other] { $left } of { $most } uses are left, one for each person.
    }
verify-valid-plan =
    ✅ **This code is good** for the plan **{ $plan }**. { $most ->
        [1] It has not been used yet.
       *[other] { $left } of { $most } uses are left, one for each person.
    }
verify-valid-access =
    ✅ **This code is good** for access. { $most ->
        [1] It has not been used yet.
       *[other] { $left } of { $most } uses are left, one for each person.
    }
verify-term-gift = It lasts: { $term }. Send the code to me; no e-mail address is needed.
verify-used-up = This code (`…{ $code }`) was for **{ $pool }** and has been used up.
verify-disabled = This code (`…{ $code }`) for **{ $pool }** has been switched off. The team that gave it to you can tell you more.
verify-expired = This code (`…{ $code }`) for **{ $pool }** expired on { $expires }.
verify-term = The seat lasts: { $term }.
verify-term-temporary = The seat is temporary: { $term }, then it ends automatically.
verify-expires = Redeem it before { $expires }.
verify-never-expires = The code itself does not expire.

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
        [one] When you asked me to erase your data, one seat of yours was kept and stays until it ends. I no longer know which one, so I can neither show nor change it here.
       *[other] When you asked me to erase your data, { $count } seats of yours were kept and stay until they end. I no longer know which ones, so I can neither show nor change them here.
    }

    Whatever you redeem from now on is remembered again.
myseat-invited = ✉️ `{ $address }` – invited to **{ $team }** on { $invited }, not accepted yet. Please accept the invitation in your inbox. Your seat: { $until }.
myseat-active = 💺 `{ $address }` – in **{ $team }** since { $joined }, { $until }
myseat-transferring = 🔁 `{ $address }` – moving out of **{ $team }**: a new invitation is on its way to you.
myseat-confirming = ⏳ `{ $address }` – code `…{ $code }` has been waiting for confirmation since { $since }. I will write to you.
myseat-resent = ✉️ The invitation to **{ $team }** is on its way to `{ $address }` again. Please check the spam folder as well.
myseat-sent-recently =
    The invitation to **{ $team }** was sent to `{ $address }` only a few minutes ago. Mail can take a while: please check the spam folder.

    I can send it again { $until }.
ask-myseat-address = Which e-mail address should have the seat instead? If you have already joined, our team has to agree to it first.
myseat-address-asked =
    I have asked our team to move your seat to `{ $address }`.

    You keep your present seat until the new address has joined. I will write to you here.
myseat-address-changing =
    ✉️ Nobody has accepted the invitation to `{ $before }` yet, so I invite `{ $address }` instead, and take the first one back.

    Please accept the new invitation in that inbox.
myseat-move =
    Your seat in **{ $team }** (`{ $address }`) would be moved to another team.

    You will get a new invitation, and keep your present seat until you have accepted it. Go ahead?
myseat-moving = 🔁 Your seat is being moved. I will write to you here as soon as there is something for you to do.
stock = **Free seats**
stock-line =
    { $free ->
        [0] { $pool }: none free, { $waiting } waiting
       *[other] { $pool }: { $free } free
    }
stock-hidden = I do not show the number of free seats here. If you have a code, just try it: nothing is used when no seat is free.
waitlist = **Your place on the waiting list**
waitlist-none =
    You are not on a waiting list.

    If no seat is free when you redeem a code, you can join the list with one tap.
waitlist-how = To join, send your e-mail address and code as usual. If no seat is free, I will offer you the waiting list.
waitlist-joined =
    ✅ `{ $address }` is on the waiting list. Your code stays unused until a seat is free.

    When it is your turn, I will send the invitation and write to you here.
waitlist-place = ⏳ Number { $position } for **{ $pool }** – `{ $address }`, code `…{ $code }`, since { $since }
waitlist-left =
    { $count ->
        [one] You have left the waiting list. Your code is still unused.
       *[other] You have given up your { $count } places on the waiting list. Your codes are still unused.
    }

## Staff sign-in, one person on several platforms

signed-in = ✅ You are signed in as **{ $role }**. /help shows what you can do now.
role-anyone = guest
role-viewer = viewer
role-operator = operator
role-admin = admin
role-owner = owner
role-person = a person
link =
    To use Usher as the same person on another platform, open the bot there and send:
    `/claim { $token }`

    This works once, until { $until }. There you will be asked whether you are `{ $own }`, and here you will see who it was: nothing is joined until you have said yes to both. Never send it to anybody, whatever they say it is for.
link-offered = **Is this you as well?** `{ $identity }`. You are `{ $own }` here. If you say yes, the two become one person: either of them can see and change the seats and addresses of both.

    If somebody else sent you this token, press No.
link-agreed = I am asking `{ $identity }` now. Nothing is joined before the answer.
link-wanted = **Somebody wants to become one person with you:** `{ $identity }` with `{ $own }`. Is that you? If you say yes, either of them can see and change the seats and addresses of both.

    If `{ $identity }` is not an account of yours, press No.
link-declined = Nothing was joined.
linked = ✅ This chat and `{ $identity }` now belong to the same person: you. They share seats and language.
button-link = Yes, both are me
button-link-decline = No
notice-link_wanted = `{ $identity }` wants to become one person with you. Send /link to see what that means, and to say yes or no.
notice-link_joined = ✅ `{ $identity }` has agreed: the two of you are now one person. You share seats and language.
choice-agree = Yes, both are me
choice-decline = No

## Privacy

privacy = **What I know about you**
    • the e-mail addresses you redeemed codes for, with the seats and dates
    • the number of this chat, so that I can write to you, your language and your time zone
    • your places on waiting lists, if you have any

    Codes are stored encrypted. Staff can see your addresses, and can export codes to hand them out; nobody else can.
privacy-export = Here is everything I have stored about you.
privacy-erase = **Erase everything about you?**

    I will forget the addresses of seats that have ended, this chat, your language and your places on waiting lists. This cannot be undone.
    The encrypted record that is kept for emergencies follows within two days. Backups that exist already keep what they hold until they are deleted.
    A seat that you still have stays yours, but I will not be able to write to you about it.
privacy-erased =
    { $kept ->
        [0] Done. I have forgotten you.
       *[other] Done. I have forgotten you. The address of your present seat stays with it until the seat ends.
    }

## Refusals

error = Sorry, that did not work. Nothing was changed.
error-refused = Sorry, that is not possible. Nothing was changed.
error-bad_input = I could not read that. Please write it again, or see /help.
error-bad_address = That does not look like an e-mail address. Please check it and send it again, for example `you@example.com`.
error-address_doubtful =
    I am not sure I read your address correctly: `{ $written }`. Nothing was used.

    { $count ->
        [0] Please send it again, on its own.
        [one] Is it this one? If not, please send it again.
       *[other] Which one is it? If it is none of these, please send it again.
    }
error-address_masked = `{ $written }` is a masked address: some of its letters are hidden. Nothing was used. Please send me the whole address.
error-address_unlikely =
    Did you mean { $meant }? You wrote `{ $written }`.

    Nothing has been used so far.
error-several_addresses =
    I see several e-mail addresses: { $addresses }.

    Nothing was used. Which one should get the seat?
error-list_unreadable = I do not recognise the encoding of that file. Please save it as UTF-8 and send it again.
error-unknown_system = { $file } is the database of no system that I know. Its tables: { $tables }.
error-damaged_file = { $file } cannot be read: it is damaged, or not what its name says. Nothing was changed.
error-example_code = That is only my example of what a code looks like. Please send the code you were given.
error-mistyped_code =
    There is a typo in the code{ $code ->
        [none] .
       *[other] {" "}`{ $code }`.
    } Please check it letter by letter, or copy it. This did not count as an attempt.
error-bad_term = I do not understand “{ $text }” as a length of time. Write, for example, `1 month`, `30 days`, `24 hours` or `unlimited`.
error-bad_number =
    { $high ->
        [9007199254740992] “{ $name }” cannot be that number: it has to be 0 or more, with at most 15 digits.
       *[other] “{ $name }” must be a whole number from { $low } to { $high }.
    }
error-bad_choice = “{ $value }” does not fit “{ $name }”. Choose from: { $choices }.
error-unknown_option =
    /{ $command } has no option `{ $name }`, so nothing was done. { $count ->
        [0] It takes no options.
       *[other] It takes: { $options }.
    } More: /help { $command }
error-option_twice = You gave “{ $name }” twice, so nothing was done. Please give it once.
error-left_over = I do not know what `{ $text }` means for /{ $command }, so nothing was done. Put a name of several words in "…". More: /help { $command }
error-general_bound = General codes are not tied to a team, so none were made. Leave out `team={ $team }`, or write `kind=bound`.
error-pool_unnamed = There are several pools, and you named none of them. Which one do you mean? { $pools }
ask-share-token = Which link should I open? Send what you were given; it begins with “chat-”. To share this conversation yourself, send /share alone.
ask-codes-last4 = Which code? Send its last four symbols, or give a batch.
ask-batches-batch = Which batch? Send its number.
ask-transfers-number = Which move? Send its number, as the list shows it.
ask-chats-number = Which conversation? Send its number, as /chats shows it.
ask-chats-number-again = Please send the number that /chats shows.
ask-wallet-action = What would you like to do with your wallet?
ask-staff-action = What would you like to do?
ask-hooks-action = What would you like to do with it?
ask-keys-value = What should it be from now on?
error-missing_argument = “{ $name }” is still missing. Please send it.
error-too_many_codes = Those are { $given } codes; I take at most { $most } in one message. Nothing was used. Please send them in smaller batches.
error-no_codes = I did not find a code in that. It looks like `TEAM-1234-5678-9ABC-DEFG`.
error-credential_unreadable = I could not read that as the session of a workspace. Nothing was stored. Please copy all of it again.
error-unknown_command =
    { $nearest ->
        [none] I do not know the command /{ $name }. /help shows what I can do.
       *[other] I do not know the command /{ $name }. Did you mean /{ $nearest }?
    }
error-not_allowed =
    { $has ->
        [person] Only a person can do that, in their own name.
        [viewer] You need the role { $role } for that, and you are a viewer. An owner can give it to you.
        [operator] You need the role { $role } for that, and you are an operator. An owner can give it to you.
        [admin] You need the role { $role } for that, and you are an admin. An owner can give it to you.
       *[anyone] That is for staff only. If you are staff, sign in with /claim first.
    }
error-private_only = 🔒 That belongs in our private chat. Please send it there.
error-not_found =
    { $kind ->
        [seat] I cannot tell which seat you mean. /myseat shows your seats, with buttons for each.
        [waiting_place] You are not on a waiting list, so there is nothing to leave.
        [pool] There is no pool called “{ $name }”.
        [parent] No account can be had from “{ $name }”. /source shows what there is.
        [team] There is no team called “{ $name }”.
        [batch] There is no batch { $name }.
        [code] There is no code { $name }.
        [lease] There is no seat for { $name }.
        [model] { $name ->
            [none] Please choose a model first: /model shows those that you can ask.
           *[other] I know no model called “{ $name }”. /model shows those that you can ask.
        }
        [models] There is no model to ask here yet.
        [models_off] No model can be asked here at the moment.
        [summary] Nothing has been answered here yet, so there is nothing to sum up.
        [question] Nothing has been asked here yet. Just write what you would like to know.
        [answer] That answer is not there any more.
        [conversation] You have no conversation { $name }. /chats shows those that you have.
        [share] { $name ->
            [none] That link does not open anything, or no longer does.
           *[other] You have no link { $name }. `/share list` shows yours.
        }
        [alert] There is no alert { $name }.
        [job] There is no job { $name }.
        [transfer] There is no move { $name }.
        [request] Nobody is waiting for a decision under the number { $name }.
        [unclear_invite] No invitation with the number { $name } is unclear.
        [setting] “{ $name }” cannot be changed by command, or is not a setting.
        [subscription] This chat gets no alerts, so there is nothing to stop.
       *[other] I did not find “{ $name }”. Please check how it is written.
    }
error-name_taken = The name “{ $name }” is already taken. Please choose another one.
error-code_refused =
    This code is not valid, or no longer valid.

    Please check that you copied all of it. If it is right, ask the team that gave it to you.
error-code_posted =
    Somebody posted this code in a group a few minutes ago, so at the moment only they can redeem it. Nothing was used.

    If it is yours, please try again { $until }.
error-address_used_with_code =
    This code has already been used for `{ $address }`, and that seat has ended since.

    For another seat you need a new code.
error-address_not_allowed = This e-mail address cannot get a seat here; your code is unused. Please use the address your organisation gave you.
error-address_refused_upstream =
    The workspace refused to invite `{ $address }`. Your code is unused.

    Please check the address, or try another one.
error-nothing_free = Nothing is free at the moment. Nothing was used.
error-no_seats =
    { $waitlist ->
        [true] All seats are taken at the moment. Your code is still unused. Join the waiting list, and I will invite you and tell you as soon as a seat is free.
       *[other] All seats are taken at the moment. Your code is still unused; please try again later.
    }
error-team_unavailable =
    There are free seats, but I cannot reach their workspaces at the moment. Your code is still unused.

    Please try again in a few minutes.
error-quota_exceeded = That would be { $wanted ->
        [one] 1 use
       *[other] { $wanted } uses
    }, but there is { $available ->
        [0] no room at the moment
       *[other] room for only { $available }
    }. Nothing was made.
error-too_many = That was too often. Please try again { $until }.
error-too_many_attempts = You have tried too often within the last hour. Please try again { $until }. Nothing was used.
error-locked_out =
    There were too many wrong codes, so I am not taking any from you at the moment. You can try again { $until }. Nothing was used.

    Meanwhile, please check your code with the team that gave it to you.
error-sign_in_locked = Several of your sign-in tokens were not valid, so I am not taking any from you at the moment. You can try again { $until }. Everything else works as usual.
error-banned =
    { $for_good ->
        [true] Our team has banned you.
       *[other] Our team has banned you until { $until }.
    } The reason they gave: { $reason }

    You keep what you have. /privacy shows and erases what is stored about you.
error-staff_stays = `{ $identity }` is staff. Take the role away first.
error-link_refused =
    { $reason ->
        [staff] Staff accounts are not joined to others: an owner gives the role on each platform. Nothing was joined.
        [yourself] That is already you.
       *[over] That request has expired, or is not yours to answer. Nothing was joined. /link starts again.
    }
error-conflict = Something has changed in the meantime. Please look again, and repeat it if you still want it.
error-request_key_reused = I have already answered this message. Please send a new one.
error-still_confirming =
    An invitation for this address is still being confirmed. Nothing more was used.

    Please wait for my message before you try again.
error-button_expired = This button is too old. Please start again from the menu.
error-button_not_yours = This button is for somebody else.
error-button_used = This has already been done.
error-claim_token_refused = This sign-in token is not valid, or no longer valid. Please ask for a new one. After several wrong ones I take no more for half an hour.
error-code_has_uses =
    { $count ->
        [one] This code has been used, so it can be switched off, but not deleted.
       *[other] { $count } of these codes have been used, so they can be switched off, but not deleted.
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
        [over] That move is over already, so there is nothing to give up.
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
        [moving] That seat is being moved. Please wait until the move is done.
        [ending] That seat is already being ended. Nothing was changed.
        [unlimited] That seat has no end date, so there is nothing to extend.
        [not_joined] The person has not accepted the invitation yet; the time only starts then.
        [joined] The person has already joined, so there is no invitation left to change.
       *[other] That is not possible with this seat now. Nothing was changed.
    }
error-team_in_use =
    { $count ->
        [one] One person still has a seat in “{ $name }”, so it cannot be removed. Move or end that seat first.
       *[other] { $count } people still have seats in “{ $name }”, so it cannot be removed. Move or end those seats first.
    }
error-outcome_unknown = The connection to the database broke in the middle of this, so I do not know whether it was done. Before you try again, check { $about ->
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
error-busy = I am very busy at the moment. Nothing is lost and nothing is used twice; please try again in a minute.
error-misconfigured = I am not fully set up yet. Please tell the team that runs me.
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
    ❌ I could not get `{ $address }` a seat with the code `…{ $code }`: { $reason }.

    You can try again; nothing was lost.

notice-waitlist_invited =
    🎉 A seat is free, and it is yours: `{ $address }` is invited to **{ $team }** (code `…{ $code }`).

    Please accept the invitation in your inbox (or the spam folder) soon, or the seat goes to the next person.
notice-waitlist_closed =
    Your place on the waiting list for `{ $address }` (code `…{ $code }`) has been closed: { $reason }.

    If you still want a seat, send your address and a code again.
notice-waitlist_offer_expired =
    The seat in **{ $team }** that was kept for `{ $address }` was not accepted in time, so it went to the next person.

    Your code is unused again: you can send it again at any time.
notice-address_change_declined = Our team did not agree to another address for your seat in **{ $team }**. It stays with `{ $address }`; nothing was changed.
notice-lease_expiring =
    ⏰ Your seat in **{ $team }** (`{ $address }`) ends on { $until }.

    To keep a seat, redeem a new code before then, or ask the team that gave you the last one.
notice-lease_ended =
    Your seat in **{ $team }** (`{ $address }`) has ended: { $reason ->
        [reason-expired] its time is up.
        [reason-gone] you are no longer a member of the workspace.
        [reason-team_dead] the workspace has been closed.
       *[other] our team ended it.
    }

    With a new code you can get another seat at any time.
notice-lease_extended = ✅ Your seat in **{ $team }** (`{ $address }`) now lasts until { $until }.
notice-transfer_started =
    { $cause ->
        [address] ✏️ Your seat in **{ $team }** is getting its new e-mail address. Until that address has accepted its invitation, you keep the seat under `{ $address }`.
       *[other] 🔁 Your seat is being moved out of **{ $team }** (`{ $address }`).
    }

    There is nothing for you to do yet.{ $cause ->
        [address] {""}
       *[other] {" "}You keep your present seat until you have the new one.
    }
notice-transfer_invited =
    { $cause ->
        [address] ✉️ `{ $address }` is invited to **{ $team }**, to take over your seat there.
       *[other] ✉️ Your new seat is ready: `{ $address }` is invited to **{ $team }**.
    }

    { $cause ->
        [address] Please accept the invitation in that inbox (or its spam folder).
       *[other] Please accept the invitation in your inbox (or the spam folder), so that you are never without a seat.
    }
notice-transfer_done =
    { $cause ->
        [address] ✅ Done: your seat in **{ $team }** is under `{ $address }` now.
       *[other] ✅ The move is complete: the seat of `{ $address }` is now in **{ $team }**.
    }{ $joined ->
        [false] {" "}If the invitation is still in your inbox, please accept it.
       *[other] {""}
    }
notice-transfer_failed =
    Your seat could not be moved out of **{ $team }** (`{ $address }`). You keep everything you had.

    Our team has been told and will look into it.

mail-invited =
    Hello,

    { $address } is invited to the workspace { $team }. The invitation itself comes in a separate e-mail from the workspace's provider; please accept it there. If you cannot find it, check the spam folder.

    You are getting this message because somebody redeemed a code for your address. If that was not you, simply ignore it.
    .subject = Your seat in { $team }
mail-waitlist_offer_expired =
    Hello,

    the seat in the workspace { $team } that was kept for { $address } was not accepted in time, so it went to the next person. Your code is unused again: you can send it again at any time.
    .subject = The seat in { $team } went to the next person
mail-address_change_declined =
    Hello,

    our team did not agree to another address for your seat in the workspace { $team }. It stays with { $address }; nothing was changed.
    .subject = Your seat in { $team } keeps its address
mail-lease_expiring =
    Hello,

    your seat in the workspace { $team } ({ $address }) ends on { $until }.

    To keep a seat, redeem a new code before then, or ask the team that gave you the last one.
    .subject = Your seat in { $team } ends soon
mail-lease_ended =
    Hello,

    your seat in the workspace { $team } ({ $address }) has ended: { $reason ->
        [reason-expired] its time is up.
        [reason-gone] you are no longer a member of the workspace.
        [reason-team_dead] the workspace has been closed.
       *[other] our team ended it.
    }

    With a new code you can get another seat at any time.
    .subject = Your seat in { $team } has ended
mail-lease_extended =
    Hello,

    your seat in the workspace { $team } ({ $address }) now lasts until { $until }.
    .subject = Your seat in { $team } was extended
mail-transfer_started =
    Hello,

    your seat is being moved out of the workspace { $team } ({ $address }). There is nothing for you to do yet; you keep your present seat until you have the new one.
    .subject = Your seat in { $team } is being moved
mail-transfer_invited =
    Hello,

    your new seat is ready: { $address } is invited to the workspace { $team }. The invitation itself comes in a separate e-mail from the workspace's provider. Please accept it, so that you are never without a seat.
    .subject = Your new seat in { $team }
mail-transfer_done =
    Hello,

    the move is complete: the seat of { $address } is now in the workspace { $team }.
    .subject = You have moved to { $team }
mail-transfer_failed =
    Hello,

    your seat could not be moved out of the workspace { $team } ({ $address }). You keep everything you had. Our team has been told and will look into it.
    .subject = Your seat in { $team } stays where it is

## Commands, in at most 100 characters each

command-start = Start
command-redeem = Redeem a code for an e-mail address
command-myseat = Your seats, and how long they last
command-verify = Check a code without using it
command-stock = How many seats are free
command-waitlist = Your place on the waiting list
command-language = Choose your language · 选择语言
command-help = What I can do
command-privacy = What is stored about you; export or erase it
command-claim = Sign in as staff with a token
command-link = Use Usher as the same person on another platform
command-cancel = Drop the question I am asking

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
    ✅ **resolved** · { $category } · #{ $alert }

    { $what }
alert-seen =
    { $count ->
        [one] Seen once, { $last }.
       *[other] Seen { $count } times since { $since }, last { $last }.
    }
alert-over = Resolved by { $by }, { $at }.
alert-by-itself = the system: the cause is gone
alert-silent = Muted until { $until }.
alert-about =
    { $count ->
        [one] Seen once, { $last }.
       *[other] Seen { $count } times since { $since }, last { $last }.
    }
    Concerns `{ $subject }`.
alert-any = { $title }

alert-team_capacity = The team **{ $team }** is nearly full: { $occupied } of { $seats } seats are taken. Add a team to its pool, or raise its number of seats, before people have to wait.
alert-pool_capacity = The pool **{ $pool }** is nearly full: { $occupied } of { $seats } seats are taken. Add a team, or people will end up on the waiting list. { $which }
alert-pool_full =
    { $seats ->
        [0] No team of the pool **{ $pool }** takes people at the moment: each is switched off or out of service. New people go on its waiting list. { $which }
       *[other] The pool **{ $pool }** has no free seat left: { $occupied } of { $seats } are taken. New people go on its waiting list until a team is added. { $which }
    }
alert-full-teams =
    { $more ->
        [0] Full: { $teams }.
       *[other] Full: { $teams } and { $more } more.
    }
alert-team_full = The team **{ $team }** is full: { $occupied } of { $seats } seats are taken. { $uses ->
        [0] Add a team to its pool, or raise its capacity.
        [one] 1 use of a code that leads only there is still out.
       *[other] { $uses } uses of codes that lead only there are still out.
    }
alert-pool_few_seats =
    { $free ->
        [one] The pool **{ $pool }** has only 1 free seat left.
       *[other] The pool **{ $pool }** has only { $free } free seats left.
    }
alert-pool_overcommitted = **{ $pool }** has promised more than it has: unused code uses { $unused }, free seats { $free }. Add a team, or switch off codes that nobody needs.
alert-transfer_failed = `{ $address }` could not be moved out of **{ $team }**: { $reason }. They keep their present seat. Look at it with /leases and start the move again.
alert-transfer_stuck = Move { $transfer } has made no progress for a long time ({ $state }). If it stays like that, look at it with /leases.
alert-removal_failed = `{ $address }` could not be removed from **{ $team }**: { $reason }. The seat stays taken until somebody removes them in the workspace by hand.
alert-expired_leases =
    { $count ->
        [one] 1 seat has expired, but its holder is still in the team. Either the team cannot be reached, or no worker is running.
       *[other] { $count } seats have expired, but their holders are still in their teams. Either a team cannot be reached, or no worker is running.
    }
alert-redemptions_unclear =
    { $count ->
        [one] 1 redemption has been waiting too long for its confirmation.
       *[other] { $count } redemptions have been waiting too long for their confirmation.
    } Nothing is lost: I keep checking. Please see whether the workspaces can be reached.
alert-team_expired = The team **{ $team }** has stopped taking new people: its workspace answers with errors, or rejects the credential (`{ $error }`). Please paste a fresh credential with /addteam.
alert-fewer_seats_stated = **{ $team }** was given { $seats ->
        [one] 1 seat
       *[other] { $seats } seats
    }, but its workspace says { $stated }. Usher goes by { $stated } until it says more; /editteam sets another number.
alert-team_unpaid = The bill of **{ $team }** is unpaid, so it has no seats to give: new people go to other teams for now. Its credential is fine. Please pay the bill, or buy the seats, at the provider.
alert-group_members_hidden = The server of **{ $team }** does not show who is in its licence group. Usher looks up each user one by one instead, which takes more requests.
alert-team_gone = The workspace of **{ $team }** no longer exists, or was deactivated (`{ $error }`). Its people are being moved to other teams where there is room.
alert-reading_failed = The members of **{ $team }** could not be read several times in a row (`{ $error }`). Nothing is changed on the basis of old lists.
alert-credential_ends = The credential of **{ $team }** expires { $until }. Please paste a fresh one with /addteam before then.
alert-too_many_strangers = **{ $team }** has so many unknown members ({ $count }) that the list may be wrong, so nobody was removed. Please look at it with /sweep.
alert-address_change_asked = Somebody in **{ $team }** would like another e-mail address for their seat. Please decide.
alert-wrong_code_burst = Many wrong codes within a minute ({ $count }): somebody may be guessing. Anybody who guesses is locked out automatically.
alert-sweep_failed = The automatic task “{ $sweep }” has failed (`{ $error }`). It will be tried again; details are in the log.
alert-sweep_late = The automatic task “{ $sweep }” is overdue: it should have run by now. Is a worker running?
alert-unexpected_error = Something unexpected went wrong (`{ $kind }`). Search the log for `{ $reference }`.
alert-telegram_conflict = Another program is fetching this Telegram bot's messages, so they do not reach us. Stop that program, or get a new token from @BotFather.
alert-telegram_token_rejected = Telegram no longer accepts the bot's token. Put the current one from @BotFather into `telegram.token` and restart.
alert-update_dead = A message from { $platform } could not be processed after several tries. Its sender was asked to send it again; details are in the log.
alert-chat_unreachable = I can no longer send to the chat `{ $chat }` on { $platform }: it is gone, or I was removed from it. Its alerts come here, as far as this chat is subscribed to them.
alert-notice_dead = A message by { $channel } could not be delivered and was given up (`{ $template }`, `{ $error }`). Details are in the log.
alert-dead_notices =
    { $count ->
        [one] 1 message could not be delivered in the last day and was given up.
       *[other] { $count } messages could not be delivered in the last day and were given up.
    }
alert-notices_late =
    { $count ->
        [one] 1 message has
       *[other] { $count } messages have
    } been waiting up to { $minutes } min ({ $channels }). Is the process that sends them running, and can the platform be reached?
alert-job_given_up = Job { $job } ({ $kind }) has crashed three processes, so it was given up. /jobs { $job } shows how far it got.
alert-database_size = The database has grown to { $megabytes } MB, beyond the { $limit } MB it was planned for.
alert-table_rows = The number of rows in { $table } has reached { $count }; { $limit } was planned for. Tables beyond that: { $tables }. Does the automatic task `retention` run? If it does, raise `alerts.table_rows` in /settings, or keep less: `sweeps.retention_days`.
alert-statements_slow =
    { $count ->
        [one] 1 database statement took longer than { $limit } s: { $slowest } s.
       *[other] { $count } database statements took longer than { $limit } s, the slowest { $slowest } s.
    }
alert-redis_away = Redis does not answer. Usher carries on without it: open questions are kept in the database, each process counts messages on its own, and somebody who was in the middle of answering may have to start again. Is Redis running, and is `redis.url` right?
alert-clock_skew = The clock of one machine is { $seconds } s off from the database's. Nothing is decided by it, but its logs show wrong times.

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
        [open] ✅ There are no open alerts.
       *[other] No alerts match.
    }
alert-resolved = ✅ Alert #{ $alert } is resolved.
alert-resolved-before = Alert #{ $alert } was already resolved by { $by }.
alert-muted = 🔕 Alert #{ $alert } is muted until { $until }, unless it becomes critical.
check-running = The checks are running. /alerts shows what they find.
alert-resolved-stands =
    ✅ Alert #{ $alert } is closed by you, but what it told of still holds: { $what }

    It opens again only after that was over, or if it gets worse.
checked =
    { $count ->
        [0] ✅ Everything was checked. There are no open alerts.
        [one] Everything was checked. There is 1 open alert.
       *[other] Everything was checked. There are { $count } open alerts.
    }
subscribe-no-chat = I can send alerts only to chats on Telegram and Discord. Here, /alerts shows them.
subscribed = 🔔 This chat now gets alerts of the level **{ $level }** and above.
subscription = 🔔 This chat gets alerts of the level **{ $level }** and above.
subscription-category = • { $category }
subscription-every-category = All categories
subscription-quiet = Quiet hours: { $hours } ({ $zone }); errors still come through
subscriptions = 🔔 **Chats that get alerts** ({ $count })
subscriptions-none = No chat gets alerts. Write /subscribe in the chat that should get them.
subscriptions-line = `{ $chat }` · from { $level } upwards · { $about } · quiet: { $quiet } · report: { $report } · by { $maker }
subscriptions-line-unreachable = ⚠️ `{ $chat }` · from { $level } upwards · { $about } · not reachable since { $since }
unsubscribed = 🔕 This chat gets no more alerts.
button-resolve = ✅ Resolve
button-mute = 🔕 Mute for 1 h
button-check = 🔄 Check now
button-details = Details
button-alerts = Open alerts
button-unsubscribe = 🔕 No more alerts here
ask-alert = Which alert? Send its number (see /alerts).
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
        [one] **1 invitation** would be sent again:
       *[other] **{ $count } invitations** would be sent again:
    }
bulk-cancelinvite =
    { $count ->
        [one] **1 invitation** would be withdrawn. Its seat is free again as soon as the workspace confirms:
       *[other] **{ $count } invitations** would be withdrawn. Their seats are free again as soon as the workspaces confirm:
    }
bulk-remove =
    { $count ->
        [one] **1 person** would lose their seat and be removed from the workspace:
       *[other] **{ $count } people** would lose their seats and be removed from their workspaces:
    }
bulk-target =
    { $team ->
        [none] • `{ $address }`
       *[other] • `{ $address }` – { $team }
    }
bulk-and-more = … and { $count } more; the file lists them all.
bulk-left =
    { $left ->
        [one] 1 would stay as it is:
       *[other] { $left } would stay as they are:
    }
bulk-over-strangers =
    { $count ->
        [one] 1 member of **{ $team }** was not invited by Usher and stays. To remove that one instead: `/remove { $addresses }`
       *[other] { $count } members of **{ $team }** were not invited by Usher and stay. To remove them instead, name them: `/remove { $addresses }`
    }
bulk-nothing = Nobody matches.
job-started =
    { $count ->
        [one] Job { $job } has started, for 1 person. The next message shows its progress.
       *[other] Job { $job } has started, for { $count } people. The next message shows its progress.
    }
job-merged = Exactly this is already under way, as job { $job }. Nothing is done twice.
job-retried =
    { $count ->
        [one] Job { $job } is trying the one that failed again.
       *[other] Job { $job } is trying the { $count } that failed again.
    }
job-kind-resend = Resend invitations
job-kind-cancelinvite = Withdraw invitations
job-kind-remove = Remove people
job-kind-announce = Announcement
job-pending =
    ⏳ **{ $kind }** · job { $job }
    Waiting to start: { $total } to do.
job-running =
    ⏳ **{ $kind }** · job { $job }
    `{ $bar }` { $percent }%
    { $settled } of { $total } · { $done } done · { $failed } failed
job-cancelling =
    ✋ **{ $kind }** · job { $job }
    Stopping. { $settled } of { $total } · { $done } done · { $failed } failed
job-done =
    ✅ **{ $kind }** · job { $job }
    `{ $bar }` { $percent }%
    Finished { $at }: { $done } of { $total } done{ $skipped ->
        [0] {""}
       *[other] , { $skipped } left out
    }.
job-failed =
    ⚠️ **{ $kind }** · job { $job }
    `{ $bar }` { $percent }%
    Finished { $at }: { $done } of { $total } done, { $failed } failed{ $skipped ->
        [0] {""}
       *[other] , { $skipped } left out
    }.
job-cancelled =
    ✋ **{ $kind }** · job { $job }
    Stopped { $at }: { $done } of { $total } done, { $failed } failed{ $skipped ->
        [0] {""}
       *[other] , { $skipped } left out
    }. What was done stays done.
job-confirming =
    { $count ->
        [one] 1 is waiting for the workspace to confirm it.
       *[other] { $count } are waiting for their workspaces to confirm them.
    }
job-result = • `{ $address }` – { $reason }
job-more-failed = … and { $count } more failed; the results file lists them all.
job-results = The results of job { $job } ({ $count ->
        [one] 1 line
       *[other] { $count } lines
    }).
jobs = **The latest jobs**
jobs-none = There are no jobs yet.
jobs-line =
    { $state ->
        [done] ✅
        [failed] ⚠️
        [cancelled] ✋
       *[running] ⏳
    } #{ $job } { $kind } – { $done } of { $total } done{ $failed ->
        [0] {""}
       *[other] , { $failed } failed
    }{ $skipped ->
        [0] {""}
       *[other] , { $skipped } left out
    }
announcement = 📣 { $text }
announce-preview =
    { $to ->
        [everyone] This goes to everyone who writes to me:
        [staff] This goes to all staff:
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
        [one] 🔁 Retry the failed one
       *[other] 🔁 Retry the { $count } failed
    }
button-job-results = 📄 Results
ask-job = Which job? Send its number (see /jobs).
ask-resend-addresses = Whose invitations should be sent again? Send one or more e-mail addresses.
ask-cancelinvite-addresses = Whose invitations should be withdrawn? Send one or more e-mail addresses.
ask-remove-addresses = Who should be removed? Send one or more e-mail addresses.
ask-announce-to = Who should get the announcement? Choose, or send the name of a pool to reach everyone with a seat there.
ask-announce-text = What should it say? Send the text exactly as people should read it.
choice-everyone = Everyone
choice-staff = Staff
choice-cancel = stop
choice-results = results
error-nothing_to_do = Nobody matches, so nothing was done.
reason-held = is being invited
reason-ending = is already being removed
reason-ended = no longer has a seat
reason-moving = is being moved to another team
reason-joined = has already joined
reason-protected = was protected by hand
reason-not_found = has no seat
reason-cancelled = skipped, because the job was stopped
reason-sent_recently = was sent within the last ten minutes
reason-paused = the workspace asked for a pause
reason-unclear = the workspace gave no clear answer
reason-unexpected = something unexpected went wrong; details are in the log
reason-given_up = given up together with the job
reason-being_confirmed = waiting for the workspace to confirm it
reason-under_way = accepted; the workspace is taking longer to confirm
reason-unreachable = cannot be reached
reason-untrusted = this machine does not trust its certificate; for an in-house server, name the certificates in upstream.ca_file
reason-unpaid = the workspace's bill is unpaid
reason-not_sent = could not be delivered
reason-rejected = was rejected by the platform
reason-credential = the workspace rejects the credential
reason-gone = the workspace is gone
reason-rate_limited = the workspace asked for a pause
reason-not_allowed = the workspace does not allow it
reason-address = the workspace rejects the address
reason-full = the workspace says it is full
reason-still_listed = the workspace still lists the person
reason-owner = owns the workspace
reason-cannot_remove = in this kind of workspace nobody can be removed from here
reason-cannot_cancel = in this kind of workspace no invitation can be withdrawn from here
command-alerts = What needs attention: open alerts, by level and category
command-resolve = Resolve an alert
command-mute = Mute an alert for a while
command-check = Run all checks now
command-subscribe = Send alerts to this chat, by level and category, with quiet hours
command-unsubscribe = Stop sending alerts to this chat
command-resend = Send pending invitations again, by address, team, pool or batch
command-cancelinvite = Withdraw pending invitations
command-remove = End seats and remove the people from their workspaces
command-jobs = Bulk jobs: their progress, and what failed
command-retry = Retry what failed in a job
command-announce = Send a message to everyone, to staff or to the people of a pool
choice-itself = { $choice }
error-bad_value = “{ $value }” does not work for “{ $name }”. For example: { $examples }.
error-bad_length = “{ $name }” must be { $low } to { $high } characters long.
error-already_past = That moment has already passed. Please send a later one.
