# 用户自己的账号。

command-source = 自有账号：添加、出借、暂停、移除
slash-source = 我的账号
ask-source-line =
    请发送您的账号：地址、密钥、适用的模型，例如
    `https://api.example.com/v1 sk-… small`
    含密钥的消息我会尽可能删除，密钥加密保存。该账号只为您回答，不消耗您在这里的额度。
own-none = 您在这里还没有自有账号。添加后它只为您回答，不消耗额度。
own-sources = 您的自有账号（{ $count } 个）：
own-line =
    { $state ->
        [well] ✅
        [resting] 💤
        [off] ⏸
       *[other] ⛔
    } **{ $source }**（密钥 …{ $last4 }）：{ $models }{ $shared ->
        [yes] ，已出借给所有人
       *[no] {""}
    }{ $state ->
        [resting] ，休息至 { $until }
        [off] ，已暂停
        [expired] ，密钥不被接受，请用新密钥重新添加
        [gone] ，已不存在
       *[other] {""}
    }
own-added =
    { $state ->
        [read] ✅ 您的账号 **{ $source }** 已添加并且可用，今后由它优先为您回答。
        [expired] ⛔ 您的账号 **{ $source }** 已添加，但服务商不接受这个密钥，请用可用的密钥重新添加。
       *[other] 💤 您的账号 **{ $source }** 已添加，但目前无法连接，稍后会自动重试。
    }含密钥的消息我已尽可能删除。
own-lend =
    ⚠️ 要把 **{ $source }** 出借给所有人吗？

    他人的提问会经由它回答，费用由您在服务商处承担。许多服务商禁止共享账号并会封停这类账号，请先阅读其条款。作为回报，您会得到可恢复的限额；收回账号后限额随之取消。
own-lend-done = ✅ **{ $source }** 现在为所有人回答。发送 /wallet 查看它带来的限额。
own-back-done = ✅ **{ $source }** 重新只为您回答，它带来的限额已取消。
own-pause-done = ⏸ **{ $source }** 已暂停，直到您恢复它。
own-resume-done = ▶️ **{ $source }** 已恢复使用。
own-remove = 要彻底移除 **{ $source }** 吗？这里会清除它的密钥，服务商处没有任何变化。
own-remove-done = **{ $source }** 已移除，密钥已清除。
own-prefers-dedicated = 今后由您的自有账号优先回答。
own-prefers-shared = 今后由公共账号优先回答，它们都不可用时才用您的自有账号。
button-own-add = ➕ 添加账号
button-own-list = 🔑 我的账号
button-own-lend = 🤝 出借 { $source }
button-own-back = ↩️ 收回 { $source }
button-own-pause = ⏸ 暂停 { $source }
button-own-resume = ▶️ 恢复 { $source }
button-own-remove = 🗑 移除 { $source }
choice-lend = 出借
choice-back = 收回
choice-prefer = 优先使用
choice-get = 领取账号
button-own-get = 🎁 从 { $parent } 领取账号
own-get-ready = ✅ 您在 **{ $parent }** 有自己的账号：**{ $source }**。它优先为您回答，不消耗您在这里的额度。
own-get-sending = ⏳ 正在 **{ $parent }** 为您创建账号，完成后会通知您。
own-get-unclear = ⏳ **{ $parent }** 还没有确认您的账号。我会继续询问，完成后通知您；不会重复创建。
own-get-ending = 您之前在 **{ $parent }** 的账号还在注销中，请几分钟后再试。
notice-subaccount_ready = ✅ 您在 **{ $parent }** 的账号已创建：**{ $source }**。它优先为您回答，不消耗您在这里的额度。
notice-subaccount_failed = **{ $parent }** 没有为您创建账号。可以用 /source get { $parent } 再试一次。
error-subaccount_refused =
    { $reason ->
        [refused] **{ $parent }** 拒绝创建账号，没有创建任何账号。
        [suspended] 被暂停使用的人不能从 **{ $parent }** 领取账号。
        [ended] 在 **{ $parent }** 的账号在此期间已被注销。
       *[unavailable] **{ $parent }** 目前无法创建账号。没有创建任何账号，请稍后再试。
    }
