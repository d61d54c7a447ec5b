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
error-spend_limit = That would go beyond your own limit of { $limit } a day; { $spent } of it is used. Nothing was charged.

## Alerts

alert-source_failing = The account **{ $source }** has failed { $count } times in a row (`{ $error }`). It rests between tries; the others answer meanwhile.
alert-source_expired = The account **{ $source }** is not asked any more: its credential was rejected twice (`{ $error }`). Please give it a new one.
alert-source_low = Less than { $percent } % of the quota of **{ $source }** is left for the model { $model }.
alert-usage_doubted = The account **{ $source }** stated a usage for the model { $model } that cannot be right (call { $call }). What was delivered was counted instead.
alert-usage_absorbed = The account **{ $source }** used more for the model { $model } than was claimed (call { $call }): { $amount } credit is the house’s loss.
alert-credit_outstanding = More credit is promised for **{ $pool }** than it may promise: { $outstanding } of { $limit }.
alert-house_loss = The house lost { $amount } credit within a day: billed by accounts, and paid by nobody. /money shows where.
