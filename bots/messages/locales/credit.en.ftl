# Credit, models and the accounts behind them.

## Refusals

error-bad_amount = “{ $text }” is not an amount I can use. Please write it like `5` or `0.5`, with at most six decimals.
error-too_long = That is too long for this model: question and answer together may have { $most } tokens, and this would be about { $given }. Nothing was used.
error-model_not_priced = “{ $name }” has no prices yet, so nobody can ask it. Give it both, for example input=0.15 output=0.60.
error-not_enough_credit = You do not have enough credit: this may cost up to { $needed }, and you have { $left }. Nothing was used. /wallet shows your credit; a code adds to it.
error-credit_limit_exceeded = These codes would promise { $wanted } { $unit }, but the pool has room for only { $available } more.
error-no_source = No account can answer with the model “{ $model }” at the moment. Nothing was used. Please try again later, or choose another model.
error-all_busy = All accounts that can answer with “{ $model }” are busy. Nothing was used. Please try again in a moment.
error-upstream_refused =
    { $reason ->
        [too_long] The model cannot take that much text. Nothing was charged.
        [filtered] The model's provider will not answer this. Nothing was charged.
        [parameter] The model does not support one of the options. Nothing was charged.
       *[other] The model's provider refused the question. Nothing was charged.
    }
error-upstream_failed =
    { $late ->
        [true] “{ $model }” did not answer in time, and no other account could answer instead.
       *[other] “{ $model }” could not be reached, and no other account could answer instead.
    } Nothing was charged. Please try again later.
error-model_not_allowed = The model “{ $model }” is not part of your plan. /wallet shows your plan.
error-suspended = You cannot use this at the moment. Please ask the team that gave you access.
error-key_revoked = This key is no longer valid.
error-too_many_questions = You have asked too often within the last minute. Please try again { $until }. Nothing was used.
error-too_many_at_once =
    { $most ->
        [one] I am still answering a question of yours. Please wait until that is done.
       *[other] I am still answering { $most } questions of yours. Please wait until one of them is done.
    }
error-lending_off = Accounts cannot be lent here. Yours answers only you.
error-too_many_sources =
    { $most ->
        [0] You cannot add accounts of your own here.
        [one] You already have an account of your own here, which is the most you may have.
       *[other] You already have { $most } accounts of your own here, which is the most you may have.
    }
error-spend_limit = Even a short answer to this may cost up to { $needed } { $unit }, which would exceed your own limit of { $limit } a day: { $spent } is used today. Nothing was charged. A new day begins at midnight UTC; `/wallet limit` changes the limit.

## Alerts

alert-source_failing = The account **{ $source }** has failed { $count } times in a row (`{ $error }`). It rests between tries; the others answer in the meantime.
alert-source_expired = The account **{ $source }** is no longer used: its credential was rejected twice (`{ $error }`). Please give it a new one.
alert-source_abuse = The provider of the account **{ $source }** reports abuse (`{ $code }`) after a question of the person whom it knows as `{ $pseudonym }`. Nobody has been suspended for it.
alert-source_low = **{ $source }** has less than { $percent }% of its quota left for the model { $model }.
alert-usage_doubted = The account **{ $source }** reported a usage for the model { $model } that cannot be right (call { $call }). I counted what was delivered instead.
alert-usage_absorbed = The account **{ $source }** used more for the model { $model } than was set aside (call { $call }): { $amount } { $unit } is our loss.
alert-credit_outstanding = **{ $pool }** has promised more credit than it may: { $outstanding } of { $limit }.
alert-house_loss = We lost { $amount } { $unit } within a day: accounts billed it, and nobody paid it. /money shows where.

## Codes that give something else than a seat

gift-credit =
    ✅ You have received **{ $amount }** { $unit }, { $ends }.

    /wallet shows what you have.
gift-plan = ✅ You are now on the plan **{ $plan }**, { $ends }. /wallet shows what that includes.
gift-access = ✅ You now have access, { $ends }. /wallet shows what that includes.
gift-before = You already have what this code gives; nothing was used. /wallet shows what you have.
gift-until = until { $until }
gift-for-ever = with no end date
gift-line-credit = ✅ `…{ $code }`: { $amount } { $unit }, { $ends }
gift-line-plan = ✅ `…{ $code }`: the plan { $plan }, { $ends }
gift-line-access = ✅ `…{ $code }`: access, { $ends }
gifts-many =
    { $done ->
        [one] 1 of { $count } codes was redeemed.
       *[other] { $done } of { $count } codes were redeemed.
    }
gifts-and-seats =
    { $count ->
        [one] These needed no address. One code does: please send the e-mail address to invite.
       *[other] These needed no address. { $count } codes do: please send the e-mail address to invite.
    }
gives-seat = a seat
gives-credit = { $amount } { $unit }
gives-plan = the plan { $plan }
gives-access = access
codes-give =
    Each can be used { $uses ->
        [one] once
       *[other] { $uses } times
    } and gives { $gives }, lasting: { $term }.
batch-gives = Gives { $gives }, lasting: { $term } · { $expires } · made { $made } by { $maker }
generated-gifts = ✅ { $count ->
        [one] **1 code**
       *[other] **{ $count } codes**
    } for **{ $pool }** – batch #{ $batch }
generate-how-many-gifts = How many codes? Each gives { $gives }.

## Wallet and usage

button-wallet = 👛 Wallet
button-wallet-lines = History
button-wallet-limit = ✋ My limit
button-limit-off = Remove the limit
button-usage = 📈 Usage
button-usage-7d = 7 days
button-usage-30d = 30 days
wallet =
    👛 **{ $credit }** { $unit }{ $held ->
        [yes] , and up to { $claimed } set aside for answers in progress
       *[no] {""}
    }.
    Plan: **{ $plan }**, { $ends }.
wallet-lasting = { $left } { $unit } with no end date
wallet-ending = { $left } { $unit } until { $until }
wallet-allowance = { $left } of { $cap } allowance; refills by { $per_hour } an hour
wallet-shared =
    { $group ->
        [none] { $left } of { $cap } from lending; refills by { $per_hour } an hour
       *[other] { $left } of { $cap } from lending, for { $group }; refills by { $per_hour } an hour
    }
wallet-lines =
    { $page ->
        [first] You have **{ $credit }** { $unit } to spend now. What came and went, the newest first:
       *[older] Until then you had **{ $credit }** { $unit }. What came and went before, the newest first:
    }
wallet-no-lines = There is no history yet.
wallet-before =
    { $any ->
        [no] Before that, there was nothing.
       *[yes] Before that, you had **{ $credit }** { $unit }.
    }
wallet-line-claimed = { $amount } set aside for answers in progress
wallet-line-refilling = { $amount } refilled since
wallet-line-ended = { $amount } expired since
wallet-line-code = { $at }: { $amount } by the code …{ $about }
wallet-line-staff =
    { $back ->
        [yes] { $at }: { $amount } taken back by staff
       *[no] { $at }: { $amount } given by staff
    }
wallet-line-plan =
    { $back ->
        [yes] { $at }: { $amount } because your plan gives less
       *[no] { $at }: { $amount } as the allowance of your plan
    }
wallet-line-lending =
    { $back ->
        [yes] { $at }: { $amount } because you lend less
       *[no] { $at }: { $amount } for what you lend
    }
wallet-line-joined = { $at }: { $amount } brought along from your other chat
wallet-line-refill = { $at }: { $amount } refilled
wallet-line-expiry = { $at }: { $amount } expired
wallet-line-chat = { $at }: { $amount } for “{ $about }”
wallet-line-group = { $at }: { $amount } for a question in a group
wallet-line-key = { $at }: { $amount } by the key …{ $about }
wallet-line-deleted = { $at }: { $amount } for a conversation that has been deleted
wallet-line-call = { $at }: { $amount } for a question
wallet-limited = ✋ Your own limit: { $limit } { $unit } a day, of which { $spent } is used today.
wallet-limit-ask =
    { $limit ->
        [none] You have no limit of your own. How much { $unit } do you want to spend a day at most? Write it like `5` or `0.5`.
       *[other] Your own limit is { $limit } { $unit } a day, of which { $spent } is used today. How much should it be from now on? Write it like `5` or `0.5`.
    }
wallet-limit-set = You will spend at most { $limit } { $unit } a day. `/wallet limit off` removes the limit.
wallet-limit-off = You no longer have a limit of your own.
usage =
    In the last { $days } days you asked { $calls ->
        [one] one question
       *[other] { $calls } questions
    } for **{ $credit }** { $unit }.
usage-line = { $model }: { $calls }×, { $tokens } tokens, { $credit } { $unit }
usage-none = You have not asked anything in the last { $days } days.
ask-usage-window = I can look back over 30 days at most.
button-usage-key = By key
usage-of-key = Key …{ $last4 }
usage-in-chats = In chats
choice-key = by key
option-usage-window = How many days to look at, or by key
usage-csv = Your questions of the last { $days } days as a table.
chart-usage = Your questions
chart-usage-under = the last { $days } days
chart-questions = questions
chart-thousand-tokens = thousand tokens answered

## Staff: models and accounts

model-set = ✅ { $name }: { $input } in, { $output } out per million tokens.
model = **{ $name }** { $state ->
        [on] can be used
        [new] is waiting for its prices
       *[off] is switched off
    }.
    { $input } { $unit } in, { $output } out per million tokens; at most { $context } tokens, { $most } of them for the answer.
model-line =
    { $state ->
        [on] ✅
        [new] 🆕
       *[off] ⏸
    } **{ $name }**: { $input } in, { $output } out
models =
    { $count ->
        [one] 1 model, with its price per million tokens:
       *[other] { $count } models, with their prices per million tokens:
    }
models-none = There are no models yet. Add one with `/models add NAME input 0.15 output 0.60`.
source-line =
    { $state ->
        [well] ✅
        [resting] 💤
        [off] ⏸
       *[other] ⛔
    } **{ $source }**: { $busy } of { $places } places busy
sources =
    { $count ->
        [one] 1 account:
       *[other] { $count } accounts:
    }
sources-none = There are no accounts yet. Add one with `/sources add`.
source = **{ $source }** { $state ->
        [well] works
        [resting] is resting until { $until }
        [off] is switched off
        [expired] has a credential that is rejected (`{ $error }`)
       *[other] no longer exists (`{ $error }`)
    }. { $busy } of { $places } places busy, { $tier ->
        [free] free
       *[paid] paid
    }, key …{ $last4 }.
source-limits = Weight { $weight }{ $rpm ->
        [0] {""}
       *[other] , requests per minute: { $rpm }
    }{ $tpm ->
        [0] {""}
       *[other] , tokens per minute: { $tpm }
    }{ $budget ->
        [none] {""}
       *[other] , { $unit } per day: { $budget }
    }{ $group ->
        [none] {""}
       *[other] , limit group: { $group }
    }.
source-offer =
    { $state ->
        [on] ✅
       *[off] ⏸
    } { $model } ({ $upstream }){ $percent ->
        [none] {""}
       *[other] : { $percent }% left
    }
source-added = ✅ The account **{ $source }** has been added ({ $state }). I have deleted the message with its key if I could.
source-unreadable = I could not read that as an account ({ $reason }{ $field }). Nothing was stored.
source-field = :{" "}`{ $field }`
ask-models-name = Which model? Send its name.
ask-plans-name = Which plan? Send its name.
ask-sources-name = Which account? Send its name.
ask-source-name = Which of your accounts? Send its name.
source-remove = Remove the account **{ $source }** for good? Its key is deleted; what it answered stays in the books.
source-removed = The account **{ $source }** has been removed.
button-source-check = 🔄 Check now
button-source-enable = ▶️ Switch on
button-source-disable = ⏸ Switch off
ask-sources-line = Please send the account as one line of JSON: `name`, `base_url`, `api_key`, `models`. I delete the message with the key if I can.

## Staff: plans, calls, money

plan-set = ✅ The plan **{ $name }** is saved; it applies from the next question on.
plan = **{ $name }**: { $allowance } allowance, refills by { $per_hour } an hour; { $questions ->
        [one] 1 question
       *[other] { $questions } questions
    } a minute, { $at_once } at once; answers of up to { $most } tokens; { $keys ->
        [one] 1 key
       *[other] { $keys } keys
    }.
plan-line = **{ $name }**: { $allowance } allowance + { $per_hour } an hour, { $questions } a minute, { $at_once } at once
plans =
    { $count ->
        [one] 1 plan:
       *[other] { $count } plans:
    }
calls = Questions ({ $filter }):
calls-none = No questions match.
call-line = `{ $call }` { $at } { $model }: { $ended }, { $charged }
call =
    Question `{ $call }`, { $at }: { $model } by { $source }, { $ended }.
    { $tokens } tokens; { $claimed } set aside, { $charged } charged, { $loss } our loss. Asked by { $person }
call-attempt =
    { $source }: { $outcome ->
        [began] answered
        [refused] refused the question
        [unavailable] not available
        [unclear] broke off before the first word
       *[sending] asked
    }{ $loss ->
        [yes] , possibly billed
       *[no] {""}
    }
call-claimed = waiting
call-sending = sent
call-streaming = being answered
call-settled = settled
call-refused = refused
finish-whole = whole
finish-stopped = stopped
finish-left = the person left
finish-left_early = the person left before the first word
finish-cut = cut off by the account
finish-killed = cut off with a process
finish-failed = failed
finish-refused = refused by the account
finish-empty = empty
money =
    The last { $days } days: **{ $charged }** charged, **{ $loss }** lost by us ({ $absorbed } of it beyond what was set aside).
    { $granted } given, { $refilled } refilled, { $expired } expired. Now { $left_now } is left and { $claimed_now } set aside.
money-line = { $source }, { $finish }: { $calls } ×, { $loss } lost
money-csv = Charged, billed and lost in the last { $days } days, as a table.
chart-money = Credit
chart-money-under = the last { $days } days, in thousandths
chart-granted = given
chart-charged = charged
chart-billed = billed
chart-loss = lost
granted = ✅ { $person } received { $amount } { $unit }, { $ends }, and now has { $credit }.
granted-back = ✅ { $amount } { $unit } was taken back from { $person }, who now has { $credit }.
granted-plan = ✅ { $person } is now on the plan **{ $plan }**, { $ends }.
ask-grant-person = Who is it for? Send the platform and the number, like `telegram:123456789`.
ask-grant-what = How much credit, or which plan?
ask-grant-reason = Why? The reason goes into the audit log.

## Commands

group-credit = Credit
group-models = Models and credit
command-wallet = Your credit, its history, your own limit, and groups that you pay for
command-usage = Your questions of the last days, with a chart
command-models = Models and their prices
command-sources = The accounts behind the models
command-plans = Plans: what people may use
command-calls = Questions to models: cost and outcome, never what was asked
command-money = Credit given, charged and lost
command-grant = Give somebody credit or a plan
choice-lines = History
choice-limit = daily limit
choice-wallet-limit = Daily limit
choice-sponsor = Pay for a group
choice-add = add
choice-edit = change
choice-check = check

## What the sweeps say

sweep-name-calls = Settling interrupted questions
sweep-name-answers = Deleting kept answers
sweep-name-conversations = Deleting old messages
sweep-name-credit = Credit and plans that expire
sweep-name-sources = Reading accounts
did-calls_settled =
    { $count ->
        [one] one question settled
       *[other] { $count } questions settled
    }
did-answers_forgotten =
    { $count ->
        [one] one answer deleted
       *[other] { $count } answers deleted
    }
did-messages_forgotten =
    { $count ->
        [one] one message deleted
       *[other] { $count } messages deleted
    }
did-ratios_learned =
    { $count ->
        [one] one ratio learned
       *[other] { $count } ratios learned
    }
did-wallets_ended =
    { $count ->
        [one] credit of one wallet expired
       *[other] credit of { $count } wallets expired
    }
did-memberships_ended =
    { $count ->
        [one] one plan expired
       *[other] { $count } plans expired
    }
did-accounts_read =
    { $count ->
        [one] one account read
       *[other] { $count } accounts read
    }
did-accounts_expired =
    { $count ->
        [one] one account with a rejected credential
       *[other] { $count } accounts with a rejected credential
    }
did-accounts_failed =
    { $count ->
        [one] one account could not be read
       *[other] { $count } accounts could not be read
    }

reason-source_not_json = not one line of JSON
reason-source_unknown_field = unknown field
reason-source_twice = said more than once
reason-source_unknown_adapter = unknown protocol
reason-source_no_address = no `base_url`
reason-source_bad_address = an address that is not https
reason-source_private_place = an address inside a private network, which `upstream.private_hosts` does not name
reason-source_private_address = an address that is not a public one
reason-source_no_key = no `api_key`
reason-source_bad_key = a key that cannot be sent in a header
reason-source_bad_name = not a valid name
reason-source_no_models = no `models`
reason-source_bad_value = a value out of range
button-calls = 💬 Questions

## Slash commands

slash-wallet = wallet
slash-usage = usage
slash-models = models
slash-sources = sources
slash-plans = plans
slash-calls = calls
slash-money = money
slash-grant = grant
name-amount = amount
option-amount = How much credit, like 5 or 0.5
name-gives = gives
option-gives = What each code gives: seat, credit:5, plan:vip, access
name-input = input
option-input = Credit per million input tokens
name-output = output
option-output = Credit per million output tokens
name-cached = cached
option-cached = Credit per million cached input tokens
name-group = group
option-group = Models that share a quota
name-context = context
option-context = Most tokens of question and answer together
name-most = most
option-most = Most tokens of an answer
name-line = line
option-line = The account as one line of JSON
name-places = places
option-places = Questions that the account answers at once
name-weight = weight
option-weight = How much of all questions it gets beside the others
name-rpm = rpm
option-rpm = Requests per minute; 0 is no limit
name-tpm = tpm
option-tpm = Tokens per minute; 0 is no limit
name-budget = budget
option-budget = Credit per day; 0 is no limit
name-tier = tier
option-tier = Is the account free or paid?
choice-free = free
choice-paid = paid
name-model = model
option-model = Only this model
name-allowance = allowance
option-allowance = The most that refills
name-per-hour = per_hour
option-per-hour = How much it refills per hour
name-questions = questions
option-questions = Questions per minute
name-at-once = at_once
option-at-once = Questions at the same time
name-most-output = most_output
option-most-output = Most tokens of an answer
name-keys = keys
option-keys = How many keys a person may make
name-who = who
option-who = Whose, like telegram:123, or the number of a question
name-source = source
option-source = The account that answered
name-person = person
option-person = For whom, like telegram:123

# What amounts of credit are counted in, unless the shop calls it otherwise.
unit-of-credit = credit
