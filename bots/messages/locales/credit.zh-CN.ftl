# 额度、模型以及背后的账号。

## 拒绝

error-bad_amount = “{ $text }”不是有效的数额。请写成 `5` 或 `0.5`，最多六位小数。
error-too_long = 内容超出了这个模型的上限：连同回答最多 { $most } 个 token，现在约有 { $given } 个。没有使用任何额度。
error-model_not_priced = 模型“{ $name }”还没有定价，因此无法提问。请同时设置输入和输出价格，例如 input=0.15 output=0.60。
error-not_enough_credit = 您的额度不足：这次最多可能花费 { $needed }，目前只有 { $left }。没有使用任何额度。发送 /wallet 可查看余额，兑换码可以充值。
error-credit_limit_exceeded = 这些兑换码将承诺 { $wanted } { $unit }，但席位池最多还能承诺 { $available }。
error-no_source = 目前没有账号可以用模型“{ $model }”回答。没有使用任何额度，请稍后再试，或换一个模型。
error-all_busy = 能用“{ $model }”回答的账号现在都在忙。没有使用任何额度，请稍等片刻再试。
error-upstream_refused =
    { $reason ->
        [too_long] 模型无法接受这么长的内容。没有扣费。
        [filtered] 模型的服务商拒绝回答这个问题。没有扣费。
        [parameter] 模型不支持其中一个选项。没有扣费。
       *[other] 模型的服务商拒绝了这个问题。没有扣费。
    }
error-upstream_failed =
    { $late ->
        [true] “{ $model }”没有及时回答
       *[other] 无法连接“{ $model }”
    }，也没有其他账号可以代为回答。没有扣费，请稍后再试。
error-model_not_allowed = 您的套餐不包含模型“{ $model }”。发送 /wallet 可查看您的套餐。
error-suspended = 您目前无法使用此功能。请联系给您开通的团队。
error-key_revoked = 这个密钥已经失效。
error-too_many_questions = 您在一分钟内提问太频繁，请{ $until }再试。没有使用任何额度。
error-too_many_at_once = 您有 { $most } 个问题正在回答中，请等其中一个完成。
error-lending_off = 这里不能出借账号，您的账号只为您回答。
error-too_many_sources =
    { $most ->
        [0] 这里不接受自有账号。
       *[other] 您已有 { $most } 个自有账号，已达上限。
    }
error-spend_limit = 即使只是简短回答，这个问题也可能花费 { $needed } { $unit }，会超出您自己设定的每日上限 { $limit }，今天已用 { $spent }。没有扣费。每日上限在 UTC 零点重新计算，发送 `/wallet limit` 可以修改。

## 警报

alert-source_failing = 账号 **{ $source }** 已连续失败 { $count } 次（`{ $error }`）。它会间歇重试，期间由其他账号回答。
alert-source_expired = 账号 **{ $source }** 已不再使用：凭据两次被拒绝（`{ $error }`）。请更换凭据。
alert-source_abuse = 账号 **{ $source }** 的服务商报告滥用（`{ $code }`），起因是其代号为 `{ $pseudonym }` 的用户的提问。没有人因此被停用。
alert-source_low = 账号 **{ $source }** 的模型 { $model } 剩余配额不足 { $percent }%。
alert-usage_doubted = 账号 **{ $source }** 对模型 { $model } 报告的用量不可信（调用 { $call }），已改按实际送达的内容计算。
alert-usage_absorbed = 账号 **{ $source }** 的模型 { $model } 用量超出了预留（调用 { $call }）：{ $amount } { $unit }由我们承担。
alert-credit_outstanding = **{ $pool }** 承诺的额度超过上限：已承诺 { $outstanding }，上限 { $limit }。
alert-house_loss = 一天之内我们损失了 { $amount } { $unit }：账号已计费，但没有人支付。发送 /money 可查看明细。

## 不是席位的兑换码

gift-credit =
    ✅ 已到账 **{ $amount }** { $unit }，{ $ends }。

    发送 /wallet 可查看余额。
gift-plan = ✅ 您现在使用套餐 **{ $plan }**，{ $ends }。发送 /wallet 可查看详情。
gift-access = ✅ 已为您开通访问权限，{ $ends }。发送 /wallet 可查看详情。
gift-before = 这个兑换码的内容您之前已经领取过，这次没有使用任何东西。发送 /wallet 可查看余额。
gift-until = 有效期至 { $until }
gift-for-ever = 长期有效
gift-line-credit = ✅ `…{ $code }`：{ $amount } { $unit }，{ $ends }
gift-line-plan = ✅ `…{ $code }`：套餐 { $plan }，{ $ends }
gift-line-access = ✅ `…{ $code }`：访问权限，{ $ends }
gifts-many = { $count } 个兑换码中有 { $done } 个已生效。
gifts-and-seats = 以上不需要邮箱。其余 { $count } 个兑换码需要一个邮箱，请发送要邀请的邮箱。
gives-seat = 一个席位
gives-credit = { $amount } { $unit }
gives-plan = 套餐 { $plan }
gives-access = 访问权限
batch-gives = 给予 { $gives }，期限：{ $term } · { $expires } · { $maker } 于 { $made } 生成
codes-give = 每个可用 { $uses } 次，给予 { $gives }，期限：{ $term }。
generated-gifts = ✅ 已为 **{ $pool }** 生成 **{ $count } 个兑换码** – 批次 #{ $batch }
generate-how-many-gifts = 要生成多少个兑换码？每个给予 { $gives }。

## 钱包与用量

button-wallet = 👛 钱包
button-wallet-lines = 明细
button-wallet-limit = ✋ 每日上限
button-limit-off = 取消上限
button-usage = 📈 用量
button-usage-7d = 7 天
button-usage-30d = 30 天
wallet =
    👛 余额：**{ $credit }** { $unit }{ $held ->
        [yes] ，另有最多 { $claimed } 为正在进行的回答预留
       *[no] {""}
    }。
    套餐：**{ $plan }**，{ $ends }。
wallet-lasting = { $left } { $unit }，长期有效
wallet-ending = { $left } { $unit }，有效期至 { $until }
wallet-allowance = 限额：{ $left }/{ $cap }，每小时恢复 { $per_hour }
wallet-shared =
    { $group ->
        [none] 出借所得：{ $left }/{ $cap }，每小时恢复 { $per_hour }
       *[other] 出借所得（{ $group }）：{ $left }/{ $cap }，每小时恢复 { $per_hour }
    }
wallet-lines =
    { $page ->
        [first] 现在可用 **{ $credit }** { $unit }。收支明细，最新的在前：
       *[older] 在那之前有 **{ $credit }** { $unit }。更早的收支明细，最新的在前：
    }
wallet-no-lines = 还没有任何收支。
wallet-before =
    { $any ->
        [no] 在此之前没有额度。
       *[yes] 在此之前有 **{ $credit }** { $unit }。
    }
wallet-line-claimed = { $amount } 为正在进行的回答预留
wallet-line-refilling = { $amount } 此后恢复
wallet-line-ended = { $amount } 此后到期
wallet-line-code = { $at }：{ $amount } 兑换码 …{ $about }
wallet-line-staff =
    { $back ->
        [yes] { $at }：{ $amount } 由工作人员收回
       *[no] { $at }：{ $amount } 由工作人员给予
    }
wallet-line-plan =
    { $back ->
        [yes] { $at }：{ $amount } 套餐限额下调
       *[no] { $at }：{ $amount } 套餐限额
    }
wallet-line-lending =
    { $back ->
        [yes] { $at }：{ $amount } 出借减少
       *[no] { $at }：{ $amount } 出借所得
    }
wallet-line-joined = { $at }：{ $amount } 从您的另一个聊天账号转入
wallet-line-refill = { $at }：{ $amount } 恢复
wallet-line-expiry = { $at }：{ $amount } 到期
wallet-line-chat = { $at }：{ $amount } 对话“{ $about }”
wallet-line-group = { $at }：{ $amount } 群里的提问
wallet-line-key = { $at }：{ $amount } 密钥 …{ $about }
wallet-line-deleted = { $at }：{ $amount } 已删除的对话
wallet-line-call = { $at }：{ $amount } 提问
wallet-limited = ✋ 您自己的每日上限：{ $limit } { $unit }，今天已用 { $spent }。
wallet-limit-ask =
    { $limit ->
        [none] 您还没有设置自己的每日上限。每天最多想花多少{ $unit }？请写成 `5` 或 `0.5` 这样的数字。
       *[other] 您自己的每日上限是 { $limit } { $unit }，今天已用 { $spent }。要改成多少？请写成 `5` 或 `0.5` 这样的数字。
    }
wallet-limit-set = 您每天最多花费 { $limit } { $unit }。发送 `/wallet limit off` 可取消。
wallet-limit-off = 已取消您自己的每日上限。
usage = 最近 { $days } 天您提问 { $calls } 次，花费 **{ $credit }** { $unit }。
usage-line = { $model }：{ $calls } 次，{ $tokens } 个 token，{ $credit } { $unit }
usage-none = 最近 { $days } 天您没有提问。
ask-usage-window = 最多可以查看最近 30 天。
button-usage-key = 按密钥
usage-of-key = 密钥 …{ $last4 }
usage-in-chats = 聊天中
choice-key = 按密钥
option-usage-window = 查看多少天，或按密钥
usage-csv = 最近 { $days } 天的提问表格。
chart-usage = 您的提问
chart-usage-under = 最近 { $days } 天
chart-questions = 提问
chart-thousand-tokens = 回答的千 token

## 工作人员：模型与账号

model-set = ✅ { $name }：每百万 token 输入 { $input }，输出 { $output }。
model = **{ $name }** { $state ->
        [on] 可以使用
        [new] 等待定价
       *[off] 已停用
    }。
    每百万 token：输入 { $input } { $unit }，输出 { $output } { $unit }；最多 { $context } 个 token，其中回答最多 { $most } 个。
model-line =
    { $state ->
        [on] ✅
        [new] 🆕
       *[off] ⏸
    } **{ $name }**：输入 { $input }，输出 { $output }
models = { $count } 个模型，价格按每百万 token：
models-none = 还没有模型。发送 `/models add 名称 input 0.15 output 0.60` 可以添加。
source-line =
    { $state ->
        [well] ✅
        [resting] 💤
        [off] ⏸
       *[other] ⛔
    } **{ $source }**：{ $places } 个位置中 { $busy } 个在用
sources = { $count } 个账号：
sources-none = 还没有账号。发送 `/sources add` 可以添加。
source = **{ $source }** { $state ->
        [well] 状态正常
        [resting] 休息至 { $until }
        [off] 已停用
        [expired] 凭据不被接受（`{ $error }`）
       *[other] 已不存在（`{ $error }`）
    }。{ $places } 个位置中 { $busy } 个在用，{ $tier ->
        [free] 免费
       *[paid] 付费
    }，密钥 …{ $last4 }。
source-limits = 权重 { $weight }{ $rpm ->
        [0] {""}
       *[other] ，每分钟请求数 { $rpm }
    }{ $tpm ->
        [0] {""}
       *[other] ，每分钟 token 数 { $tpm }
    }{ $budget ->
        [none] {""}
       *[other] ，每天 { $budget } { $unit }
    }{ $group ->
        [none] {""}
       *[other] ，限额组 { $group }
    }。
source-offer =
    { $state ->
        [on] ✅
       *[off] ⏸
    } { $model }（{ $upstream }）{ $percent ->
        [none] {""}
       *[other] ：剩余 { $percent }%
    }
source-added = ✅ 账号 **{ $source }** 已添加（{ $state }）。含密钥的消息我已尽可能删除。
source-unreadable = 我无法识别这个账号（{ $reason }{ $field }），没有保存任何内容。
source-field = ：`{ $field }`
ask-models-name = 哪个模型？请发送名称。
ask-plans-name = 哪个套餐？请发送名称。
ask-sources-name = 哪个账号？请发送名称。
ask-source-name = 您的哪个账号？请发送名称。
source-remove = 要彻底移除账号 **{ $source }** 吗？密钥会被清除，它回答过的记录会保留。
source-removed = 账号 **{ $source }** 已移除。
button-source-check = 🔄 立即检查
button-source-enable = ▶️ 启用
button-source-disable = ⏸ 停用
ask-sources-line = 请用一行 JSON 发送账号：`name`、`base_url`、`api_key`、`models`。含密钥的消息我会尽可能删除。

## 工作人员：套餐、调用、账目

plan-set = ✅ 套餐 **{ $name }** 已设定，从下一个问题起生效。
plan = **{ $name }**：限额 { $allowance }，每小时恢复 { $per_hour }；每分钟 { $questions } 个问题，同时 { $at_once } 个；回答最多 { $most } 个 token；{ $keys } 个密钥。
plan-line = **{ $name }**：限额 { $allowance }，每小时恢复 { $per_hour }；每分钟 { $questions } 个问题，同时 { $at_once } 个
plans = { $count } 个套餐：
calls = 提问记录（{ $filter }）：
calls-none = 没有这样的记录。
call-line = `{ $call }` { $at } { $model }：{ $ended }，{ $charged }
call =
    提问 `{ $call }`，{ $at }：{ $model }，由 { $source } 回答，{ $ended }。
    { $tokens } 个 token；预留 { $claimed }，扣费 { $charged }，我们损失 { $loss }。提问者：{ $person }
call-attempt =
    { $source }：{ $outcome ->
        [began] 已回答
        [refused] 拒绝了提问
        [unavailable] 不可用
        [unclear] 在第一个字之前中断
       *[sending] 已发出
    }{ $loss ->
        [yes] ，可能已计费
       *[no] {""}
    }
call-claimed = 等待中
call-sending = 已发出
call-streaming = 回答中
call-settled = 已结算
call-refused = 已拒绝
finish-whole = 完整
finish-stopped = 已停止
finish-left = 提问者离开
finish-left_early = 提问者在第一个字之前离开
finish-cut = 被账号中断
finish-killed = 随进程中断
finish-failed = 失败
finish-refused = 被账号拒绝
finish-empty = 空回答
money =
    最近 { $days } 天：扣费 **{ $charged }**，我们损失 **{ $loss }**（其中 { $absorbed } 超出预留）。
    存入 { $granted }，恢复 { $refilled }，到期 { $expired }。目前余额：{ $left_now }，预留：{ $claimed_now }。
money-line = { $source }，{ $finish }：{ $calls } 次，损失 { $loss }
money-csv = 最近 { $days } 天的扣费、计费与损失表格。
chart-money = 额度
chart-money-under = 最近 { $days } 天，单位千分之一
chart-granted = 存入
chart-charged = 扣费
chart-billed = 计费
chart-loss = 损失
granted = ✅ 已给 { $person } { $amount } { $unit }，{ $ends }，现有 { $credit }。
granted-back = ✅ 已从 { $person } 收回 { $amount } { $unit }，现有 { $credit }。
granted-plan = ✅ { $person } 现在使用套餐 **{ $plan }**，{ $ends }。
ask-grant-person = 给谁？请发送平台和编号，例如 `telegram:123456789`。
ask-grant-what = 多少额度，或者哪个套餐？
ask-grant-reason = 原因是什么？会记入审计日志。

## 命令

group-credit = 额度
group-models = 模型与额度
command-wallet = 余额、明细、自己的上限、为群付款
command-usage = 最近的提问与图表
command-models = 模型与价格
command-sources = 模型背后的账号
command-plans = 各套餐的权限
command-calls = 提问记录：费用与结果，不含内容
command-money = 存入、扣费与损失
command-grant = 给某人额度或套餐
choice-lines = 明细
choice-limit = 每日上限
choice-wallet-limit = 每日上限
choice-sponsor = 为群付款
choice-add = 添加
choice-edit = 修改
choice-check = 检查

## 后台任务的结果

sweep-name-calls = 结算中断的提问
sweep-name-answers = 清除保留的回答
sweep-name-conversations = 清除过期的对话
sweep-name-credit = 到期的额度与套餐
sweep-name-sources = 读取账号
did-calls_settled = 结算了 { $count } 个提问
did-answers_forgotten = 清除了 { $count } 个回答
did-messages_forgotten = 清除了 { $count } 条消息
did-ratios_learned = 更新了 { $count } 个比率
did-wallets_ended = { $count } 个钱包的额度到期
did-memberships_ended = { $count } 个套餐到期
did-accounts_read = 读取了 { $count } 个账号
did-accounts_expired = { $count } 个账号的凭据被拒绝
did-accounts_failed = { $count } 个账号无法读取

reason-source_not_json = 不是一行 JSON
reason-source_unknown_field = 未知的字段
reason-source_twice = 出现了不止一次
reason-source_unknown_adapter = 不支持的协议
reason-source_no_address = 缺少 `base_url`
reason-source_bad_address = 地址不是 https
reason-source_private_place = 地址在内部网络中，而 `upstream.private_hosts` 没有列出它
reason-source_private_address = 不是公网地址
reason-source_no_key = 缺少 `api_key`
reason-source_bad_key = 密钥含有无法发送的字符
reason-source_bad_name = 名称无效
reason-source_no_models = 缺少 `models`
reason-source_bad_value = 数值超出范围
button-calls = 💬 提问记录

## Slash commands

slash-wallet = 钱包
slash-usage = 用量
slash-models = 模型
slash-sources = 账号
slash-plans = 套餐
slash-calls = 提问记录
slash-money = 账目
slash-grant = 授予
name-amount = 数额
option-amount = 多少额度，例如 5 或 0.5
name-gives = 给予
option-gives = 每个兑换码给予什么：seat、credit:5、plan:vip、access
name-input = 输入价
option-input = 每百万输入 token 的额度
name-output = 输出价
option-output = 每百万输出 token 的额度
name-cached = 缓存价
option-cached = 每百万缓存输入 token 的额度
name-group = 分组
option-group = 共享配额的模型分组
name-context = 上下文
option-context = 问题与回答合计的最多 token
name-most = 最多
option-most = 回答的最多 token
name-line = 账号
option-line = 用一行 JSON 写的账号
name-places = 并发数
option-places = 账号同时回答的问题数
name-weight = 权重
option-weight = 与其他账号相比分到多少问题
name-rpm = 每分钟请求
option-rpm = 每分钟请求数；0 表示不限
name-tpm = 每分钟token
option-tpm = 每分钟 token 数；0 表示不限
name-budget = 每日预算
option-budget = 每天的额度；0 表示不限
name-tier = 档次
option-tier = 账号是免费还是付费
choice-free = 免费
choice-paid = 付费
name-model = 模型
option-model = 只针对这个模型
name-allowance = 限额
option-allowance = 可恢复额度的上限
name-per-hour = 每小时
option-per-hour = 每小时恢复多少
name-questions = 提问数
option-questions = 每分钟的提问数
name-at-once = 同时
option-at-once = 同时进行的提问数
name-most-output = 最长回答
option-most-output = 回答的最多 token
name-keys = 密钥数
option-keys = 可以创建多少个密钥
name-who = 谁
option-who = 谁的，例如 telegram:123，或提问的编号
name-source = 来源
option-source = 回答的账号
name-person = 人员
option-person = 给谁，例如 telegram:123

# What amounts of credit are counted in, unless the shop calls it otherwise.
unit-of-credit = 额度
