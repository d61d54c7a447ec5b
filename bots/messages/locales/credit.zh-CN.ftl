# 额度、模型以及背后的账号。

## 拒绝

error-bad_amount = “{ $text }”不是有效的数额。请写成 `5` 或 `0.5`，最多六位小数。
error-too_long = 内容超出了这个模型的上限：连同回答最多 { $most } 个 token，现在约有 { $given } 个。没有使用任何额度。
error-not_enough_credit = 您的额度不足：这次最多可能花费 { $needed }，目前只有 { $left }。没有使用任何额度。/wallet 可查看余额，兑换码可以充值。
error-credit_limit_exceeded = 这些兑换码将承诺 { $wanted } 额度，但这个池最多还能承诺 { $available }。
error-no_source = 目前没有账号可以用模型“{ $model }”回答。没有使用任何额度，请稍后再试，或换一个模型。
error-all_busy = 能用“{ $model }”回答的账号现在都在忙。没有使用任何额度，请稍等片刻再试。
error-upstream_refused =
    { $reason ->
        [too_long] 模型无法接受这么长的内容。没有扣费。
        [filtered] 模型的提供方拒绝回答这个问题。没有扣费。
        [parameter] 模型不支持其中一个选项。没有扣费。
       *[other] 模型的提供方拒绝了这个问题。没有扣费。
    }
error-upstream_failed = 无法连接“{ $model }”，也没有其他账号可以代替。没有扣费，请稍后再试。
error-model_not_allowed = 您的套餐不包含模型“{ $model }”。/wallet 可查看您的套餐。
error-suspended = 您目前无法使用此功能。请联系给您开通的团队。
error-key_revoked = 这个密钥已经失效。
error-too_many_questions = 您在一分钟内提问太频繁，请在 { $until } 之后再试。没有使用任何额度。
error-too_many_at_once =
    { $most ->
        [one] 您的一个问题正在回答中，请等它完成。
       *[other] 您有 { $most } 个问题正在回答中，请等其中一个完成。
    }
error-spend_limit = 这会超出您自己设定的每日上限 { $limit }，今天已用 { $spent }。没有扣费。

## 警报

alert-source_failing = 账号 **{ $source }** 已连续失败 { $count } 次（`{ $error }`）。它会间歇重试，期间由其他账号回答。
alert-source_expired = 账号 **{ $source }** 已停用：凭据两次被拒绝（`{ $error }`）。请更换凭据。
alert-source_low = 账号 **{ $source }** 的模型 { $model } 剩余配额不足 { $percent } %。
alert-usage_doubted = 账号 **{ $source }** 对模型 { $model } 报告的用量不可信（调用 { $call }），已改按实际送达的内容计算。
alert-usage_absorbed = 账号 **{ $source }** 的模型 { $model } 用量超出了预留（调用 { $call }）：{ $amount } 额度由平台承担。
alert-credit_outstanding = **{ $pool }** 承诺的额度超过上限：已承诺 { $outstanding }，上限 { $limit }。
alert-house_loss = 一天之内平台损失了 { $amount } 额度：账号已计费，但没有人支付。/money 可查看明细。
