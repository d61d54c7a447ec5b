# Credit, models and the accounts behind them.

## Refusals

error-bad_amount = “{ $text }” is not an amount I can use. Please write it like `5` or `0.5`, with at most six decimals.
error-too_long = That is too long for this model: it takes { $most } tokens together with the answer, and this is about { $given }. Nothing was used.
error-not_enough_credit = Your credit does not cover this: it may cost up to { $needed }, and { $left } is there. Nothing was used. /wallet shows what you have; a code adds to it.
error-credit_limit_exceeded = These codes would promise { $wanted } credit, but the pool may promise only { $available } more.
error-no_source = No account can answer for the model “{ $model }” just now. Nothing was used. Please try again later, or with another model.
error-all_busy = Everybody who could answer with “{ $model }” is busy just now. Nothing was used. Please try again in a moment.
error-upstream_refused =
    { $reason ->
        [too_long] The model does not take that much text. Nothing was charged.
        [filtered] The model’s provider will not answer this. Nothing was charged.
        [parameter] The model does not take one of the options. Nothing was charged.
       *[other] The model’s provider refused the question. Nothing was charged.
    }
error-upstream_failed = “{ $model }” could not be reached, and nobody could answer instead. Nothing was charged. Please try again later.
error-model_not_allowed = The model “{ $model }” is not part of your plan. /wallet shows your plan.
error-suspended = You cannot use this just now. Please ask the team that gave you access.
error-key_revoked = This key is not valid any more.
error-too_many_questions = You have asked very often within the last minute. Please try again after { $until }. Nothing was used.
error-too_many_at_once =
    { $most ->
        [one] A question of yours is being answered already. Please wait until it is done.
       *[other] { $most } questions of yours are being answered already. Please wait until one of them is done.
    }
error-lending_off = Accounts are not lent here. Yours answers you alone.
error-too_many_sources =
    { $most ->
        [0] Accounts of your own are not taken here.
        [one] You have an account of your own here already, and that is as many as you may have.
       *[other] You have { $most } accounts of your own here already, and that is as many as you may have.
    }
error-spend_limit = That would go beyond your own limit of { $limit } a day; { $spent } of it is used. Nothing was charged.

## Alerts

alert-source_failing = The account **{ $source }** has failed { $count } times in a row (`{ $error }`). It rests between tries; the others answer meanwhile.
alert-source_expired = The account **{ $source }** is not asked any more: its credential was rejected twice (`{ $error }`). Please give it a new one.
alert-source_low = Less than { $percent } % of the quota of **{ $source }** is left for the model { $model }.
alert-usage_doubted = The account **{ $source }** stated a usage for the model { $model } that cannot be right (call { $call }). What was delivered was counted instead.
alert-usage_absorbed = The account **{ $source }** used more for the model { $model } than was claimed (call { $call }): { $amount } credit is the house’s loss.
alert-credit_outstanding = More credit is promised for **{ $pool }** than it may promise: { $outstanding } of { $limit }.
alert-house_loss = The house lost { $amount } credit within a day: billed by accounts, and paid by nobody. /money shows where.

## Codes that give something else than a seat

gift-credit =
    ✅ **{ $amount }** credit is yours, { $ends }.

    /wallet shows what you have.
gift-plan = ✅ You are on the plan **{ $plan }** now, { $ends }. /wallet shows what that means.
gift-access = ✅ You have access now, { $ends }. /wallet shows what that means.
gift-before = You have had what this code gives already; nothing was used now. /wallet shows what you have.
gift-until = until { $until }
gift-for-ever = without an end
gift-line-credit = ✅ `…{ $code }`: { $amount } credit, { $ends }
gift-line-plan = ✅ `…{ $code }`: the plan { $plan }, { $ends }
gift-line-access = ✅ `…{ $code }`: access, { $ends }
gifts-many = { $done } of { $count } codes gave you something.
gifts-and-seats = These needed no address. For what is left ({ $count }), please send the e-mail address that is to be invited.
gives-seat = a seat
gives-credit = { $amount } credit
gives-plan = the plan { $plan }
gives-access = access
codes-give =
    Each can be used { $uses ->
        [one] once
       *[other] { $uses } times
    } and gives { $gives }, lasting: { $term }.
generated-gifts = **{ $count }** codes for the pool **{ $pool }**, as batch { $batch }.
generate-how-many-gifts = How many codes shall I make, each giving { $gives }?

## Wallet and usage

button-wallet = 👛 Wallet
button-wallet-lines = What happened
button-usage = 📈 Usage
button-usage-7d = 7 days
button-usage-30d = 30 days
wallet =
    👛 **{ $credit }** credit{ $held ->
        [yes] , and up to { $claimed } is set aside for what is being answered
       *[no] {""}
    }.
    Plan: **{ $plan }**, { $ends }.
wallet-lasting = { $left } credit without an end
wallet-ending = { $left } credit until { $until }
wallet-allowance = { $left } of { $cap } allowance; { $per_hour } more an hour
wallet-shared =
    { $group ->
        [none] { $left } of { $cap } from lending; { $per_hour } more an hour
       *[other] { $left } of { $cap } from lending, for { $group }; { $per_hour } more an hour
    }
wallet-lines = What happened to your credit, the latest first:
wallet-no-lines = Nothing has happened to your credit yet.
wallet-line-grant = { $at }: { $amount } given
wallet-line-refill = { $at }: { $amount } refilled
wallet-line-claim = { $at }: { $amount } set aside for question { $call }
wallet-line-release = { $at }: { $amount } back from question { $call }
wallet-line-charge = { $at }: { $amount } for question { $call }
wallet-line-expiry = { $at }: { $amount } ended
wallet-line-adjust = { $at }: { $amount } changed by staff
wallet-limit-set = You will spend at most { $limit } credit a day. `/wallet limit off` takes that back.
wallet-limit-off = There is no limit of your own any more.
usage =
    In the last { $days } days you asked { $calls ->
        [one] one question
       *[other] { $calls } questions
    } for **{ $credit }** credit.
usage-line = { $model }: { $calls } × , { $tokens } tokens, { $credit } credit
usage-none = You have asked nothing within the last { $days } days.
usage-csv = Your questions of the last { $days } days, as a table.
chart-usage = Your questions
chart-usage-under = the last { $days } days
chart-questions = questions
chart-thousand-tokens = thousand tokens answered

## Staff: models and accounts

model-set = ✅ { $name }: { $input } in, { $output } out for a million tokens.
model = **{ $name }** { $state ->
        [on] can be asked
        [new] waits for its prices
       *[off] is switched off
    }.
    { $input } credit in, { $output } out for a million tokens; at most { $context } tokens, { $most } of them as answer.
model-line =
    { $state ->
        [on] ✅
        [new] 🆕
       *[off] ⏸
    } **{ $name }**: { $input } in, { $output } out
models = { $count } models, with their price for a million tokens:
models-none = There are no models yet. `/models add NAME input 0.15 output 0.60` makes one.
source-line =
    { $state ->
        [well] ✅
        [resting] 💤
        [off] ⏸
       *[other] ⛔
    } **{ $source }**: { $busy } of { $places } places busy
sources = { $count } accounts:
sources-none = There are no accounts yet. `/sources add` takes one.
source = **{ $source }** { $state ->
        [well] is well
        [resting] rests until { $until }
        [off] is switched off
        [expired] has a credential that is not accepted (`{ $error }`)
       *[other] does not exist any more (`{ $error }`)
    }. { $busy } of { $places } places busy, { $tier }, key …{ $last4 }.
source-offer =
    { $state ->
        [on] ✅
       *[off] ⏸
    } { $model } ({ $upstream }){ $percent ->
        [none] {""}
       *[other] : { $percent } % left
    }
source-added = ✅ The account **{ $source }** is here ({ $state }). I have deleted the message with its key where I could.
source-unreadable = I could not read that as an account ({ $reason } { $field }). Nothing was stored.
source-remove = Take the account **{ $source }** out for good? Its key is forgotten; what it answered stays in the books.
source-removed = The account **{ $source }** is gone.
button-source-check = 🔄 Check now
button-source-enable = ▶️ Switch on
button-source-disable = ⏸ Switch off
ask-sources-line = Please send the account as one line of JSON: `name`, `base_url`, `api_key`, `models`. I delete the message with the key where I can.

## Staff: plans, calls, money

plan-set = ✅ The plan **{ $name }** is set; it counts from the next question on.
plan = **{ $name }**: { $allowance } allowance, { $per_hour } more an hour; { $questions } questions a minute, { $at_once } at once; answers of up to { $most } tokens; { $keys } keys.
plan-line = **{ $name }**: { $allowance } allowance + { $per_hour } an hour, { $questions } a minute, { $at_once } at once
plans = { $count } plans:
calls = Questions ({ $filter }), the latest first:
calls-none = No such questions.
call-line = `{ $call }` { $at } { $model }: { $ended }, { $charged }
call =
    Question `{ $call }`, { $at }: { $model } by { $source }, { $ended }.
    { $tokens } tokens; { $claimed } claimed, { $charged } charged, { $loss } lost by the house. Who: { $person }
call-attempt =
    { $source }: { $outcome }{ $loss ->
        [yes] , possibly billed
       *[no] {""}
    }
call-claimed = waiting
call-sending = being asked
call-streaming = being answered
call-settled = settled
call-refused = refused
finish-whole = whole
finish-stopped = stopped
finish-left = the asker left
finish-left_early = the asker left before the first word
finish-cut = cut by the account
finish-killed = cut with a process
finish-failed = failed
finish-refused = refused by the account
finish-empty = empty
money =
    The last { $days } days: **{ $charged }** charged, **{ $loss }** lost by the house ({ $absorbed } of it beyond claims).
    { $granted } granted, { $refilled } refilled, { $expired } ended. Now { $left_now } is left and { $claimed_now } claimed.
money-line = { $source }, { $finish }: { $calls } ×, { $loss } lost
money-csv = Charged, billed and lost in the last { $days } days, as a table.
chart-money = Credit
chart-money-under = the last { $days } days, in thousandths
chart-granted = granted
chart-charged = charged
chart-billed = billed
chart-loss = lost
granted = ✅ { $person } was given { $amount } credit, { $ends }, and has { $credit } now.
granted-plan = ✅ { $person } is on the plan **{ $plan }**, { $ends }.
ask-grant-person = Who is it for? Please send PLATFORM:ID, such as `telegram:123456789`.
ask-grant-what = How much credit, or which plan?
ask-grant-reason = Why? The reason stands in the audit.

## Commands

group-credit = Credit
group-models = Models and credit
command-wallet = Your credit, what it was spent on, your own limit
command-usage = Your questions of the last days, with a chart
command-models = Models and their prices
command-sources = The accounts behind the models
command-plans = What people may do
command-calls = Questions to models: cost and ending, never what was asked
command-money = Credit granted, charged and lost
command-grant = Give somebody credit or a plan
choice-lines = what happened
choice-limit = a limit of your own
choice-add = add
choice-edit = change
choice-check = check

## What the sweeps say

sweep-name-calls = Settling questions that were cut off
sweep-name-answers = Forgetting kept answers
sweep-name-credit = Credit and plans that end
sweep-name-sources = Reading accounts
did-calls_settled =
    { $count ->
        [one] one question settled
       *[other] { $count } questions settled
    }
did-answers_forgotten =
    { $count ->
        [one] one answer forgotten
       *[other] { $count } answers forgotten
    }
did-ratios_learned = { $count } ratios learned
did-wallets_ended = credit of { $count } wallets ended
did-memberships_ended = { $count } plans ended
did-accounts_read =
    { $count ->
        [one] one account read
       *[other] { $count } accounts read
    }
did-accounts_expired = { $count } accounts with a rejected credential
did-accounts_failed = { $count } accounts could not be read

reason-source_not_json = not one line of JSON
reason-source_unknown_field = a field that I do not know
reason-source_unknown_adapter = a protocol that I do not speak
reason-source_no_address = no `base_url`
reason-source_bad_address = an address that is not https
reason-source_private_place = an address inside a private network, which `upstream.private_hosts` does not name
reason-source_private_address = an address that is not a public one
reason-source_no_key = no `api_key`
reason-source_bad_key = a key that no header can carry
reason-source_bad_name = a name that is none
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
option-input = Credit for a million tokens of input
name-output = output
option-output = Credit for a million tokens of output
name-cached = cached
option-cached = Credit for a million cached tokens of input
name-group = group
option-group = Models that share quotas
name-context = context
option-context = Most tokens of question and answer
name-most = most
option-most = Most tokens of an answer
name-line = line
option-line = The account as one line of JSON
name-model = model
option-model = Only this model
name-allowance = allowance
option-allowance = The cap of what refills
name-per-hour = per_hour
option-per-hour = What an hour brings
name-questions = questions
option-questions = Questions a minute
name-at-once = at_once
option-at-once = Questions at once
name-most-output = most_output
option-most-output = Most tokens of an answer
name-keys = keys
option-keys = How many keys one may make
name-who = who
option-who = Whose, like telegram:123, or the number of a question
name-source = source
option-source = The account that answered
name-person = person
option-person = Whom, like telegram:123
