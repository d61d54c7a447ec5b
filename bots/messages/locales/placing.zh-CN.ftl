### 不用兑换码的席位：工作人员直接邀请，以及为工作区里已有的成员登记席位。

ask-invite-address = 要给谁席位？请发送邮箱。
invite-invited =
    ✅ **已邀请** `{ $address }` 加入 **{ $team }**，没有发放兑换码。

    席位自加入起有效 { $term }。
invite-already-member = ✅ `{ $address }` 在 **{ $team }** 已有席位，没有使用任何席位。
invite-unclear =
    ⏳ `{ $address }` 的邀请仍在确认中，席位会一直保留。

    确认后我会通知您。
invite-no_seats = 没有发出邀请：**{ $pool }** 的席位已满。可以换一个席位池或团队，或用 /addteam 添加新团队。
invite-team_unavailable = 没有发出邀请：**{ $pool }** 里有空位的团队暂时连不上，或不接收新成员。请查看 /teams，或过几分钟再试。
invite-quota_exceeded =
    没有发出邀请：空席位 { $free_seats } 个，已发出的兑换码还可使用 { $unused_uses } 次。

    所有者可以加上 `override` 强制邀请；也可以用 /disable 停用不再需要的兑换码。
invite-address_refused_upstream = 工作区拒绝邀请 `{ $address }`，没有使用任何席位。请检查邮箱。
invite-address_not_allowed = `{ $address }` 不能在这里领取席位：它的域名不在允许范围内，详见 /settings。

ask-adopt-who = 要为谁登记席位？请发送团队名称或邮箱。
adopt = **为 { $count } 位成员登记席位？**
adopt-line = `{ $address }`，**{ $team }** – { $until }
adopt-line-left =
    { $team ->
        [none] ✖ `{ $address }` – { $reason }
       *[other] ✖ `{ $address }`，**{ $team }** – { $reason }
    }
adopt-without-end = 没有期限
adopt-more = ……还有 { $count } 位
adopt-then-moves = 登记后与其他成员一样管理；到期时会迁移到其他团队。加上 `moves=no` 则到期移出。
adopt-then-ends = 登记后与其他成员一样管理；到期时会移出工作区。
adopt-nobody = 这些成员都无法登记席位。
adopt-no-strangers = “{ $who }”没有未登记的成员。可用 /sync 重新读取团队。
adopt-left-not_there = 不是未登记的成员；可用 /sync 重新读取
adopt-left-nameless = 工作区没有提供邮箱
adopt-left-owner = 所有者，不占席位
adopt-left-over = 期限已过：请给更长的期限，或更晚的 `since`
adopt-left-seated = 已经有席位
adopt-left-leaving = 正在被移出
adopted =
    { $count ->
        [0] **没有登记任何席位。**
       *[other] ✅ **已为 { $count } 位成员登记席位。**
    }
button-adopt = ✅ 登记席位

command-invite = 不用兑换码，直接给某人席位
command-adopt = 为工作区里已有的成员登记席位

slash-invite = 邀请
slash-adopt = 登记
option-place = 席位池或团队；不填则用默认席位池
option-invite-address = 领取席位的邮箱
option-invite-override = 占用兑换码对应的席位（仅所有者）
option-adopt-who = 团队名称或邮箱
option-adopt-since = 从何时起算，例如 2026-01-31；不填则从现在起
option-moves = 到期后迁移到其他团队？否则移出

transfers = **迁移** · { $what }
transfers-none = 没有这样的迁移：{ $what }。
transfers-open = 失败或进行中
transfers-failed = 失败
transfers-live = 进行中
transfers-done = 已完成
transfers-cancelled = 已取消
transfers-all = 全部
transfers-no-target = 下一个空席位
transfers-line = **#{ $number }** `{ $address }`：{ $from } → { $to } – { $state } · { $since } 起
transfers-line-reason = **#{ $number }** `{ $address }`：{ $from } → { $to } – { $state } · { $reason } · 已尝试 { $tries } 次 · { $since } 起
transfer-retried = 🔁 `{ $address }` 的迁移 **#{ $number }** 已重新尝试：{ $state }。
transfer-cancel = **放弃迁移 #{ $number }？**对方会留在原来的团队。
transfer-cancelled = ✖ 迁移 **#{ $number }** 已放弃，对方留在原来的团队。
button-transfers-open = 失败或进行中
button-transfers-failed = 失败
button-transfers-live = 进行中
button-transfers-done = 已完成
button-transfers-cancelled = 已取消
button-transfers-all = 全部
button-transfer-retry = 🔁 重试 #{ $number }
button-transfer-cancel = ✖ 放弃 #{ $number }
command-transfers = 失败或进行中的迁移：查看、重试、放弃
slash-transfers = 迁移记录
option-transfers-which = 哪些迁移
option-transfers-action = 对其中一个要做什么
option-transfers-number = 迁移的编号

button-stay = ⏩ 申请延长
choice-stay = 申请延长
choice-extension = 延长席位
myseat-stay-asked = ⏩ 已向我们的团队申请将您在 **{ $team }** 的席位延长 { $term }，有结果会通知您。
myseat-asked-stay = ⏳ **{ $team }**：您于 { $since } 申请延长 { $term }，我们的团队尚未决定，有结果会通知您。
myseat-asked-address = ⏳ **{ $team }**：您于 { $since } 申请把席位换到 `{ $wanted }`，我们的团队尚未决定，有结果会通知您。
myseat-left-end =
    { $count ->
        [0] **{ $team }**：剩余不到一天，到时席位结束。要继续使用，请在此之前兑换新的兑换码，或申请延长。
       *[other] **{ $team }**：还剩 { $count } 天，到时席位结束。要继续使用，请在此之前兑换新的兑换码，或申请延长。
    }
myseat-left-grace =
    { $count ->
        [0] **{ $team }**：剩余不到一天，到期后席位还会保留至 { $until }，然后结束。要继续使用，请在此之前兑换新的兑换码，或申请延长。
       *[other] **{ $team }**：还剩 { $count } 天，到期后席位还会保留至 { $until }，然后结束。要继续使用，请在此之前兑换新的兑换码，或申请延长。
    }
myseat-in-grace = **{ $team }**：您的席位已于 { $since } 到期，还会保留至 { $until }，然后结束。要继续使用，请在此之前兑换新的兑换码，或申请延长。
myseat-left-move =
    { $count ->
        [0] **{ $team }**：剩余不到一天，到时席位会自动迁移到另一个团队：您会收到新的邀请，接受之前仍保留现在的席位。
       *[other] **{ $team }**：还剩 { $count } 天，到时席位会自动迁移到另一个团队：您会收到新的邀请，接受之前仍保留现在的席位。
    }
myseat-moves-left =
    { $count ->
        [0] **{ $team }**：已不能再迁移，到期后席位结束。
       *[other] **{ $team }**：还可以迁移 { $count } 次。
    }
requests-extension = ⏩ **#{ $number }** `{ $address }`（**{ $team }**）希望延长 { $term }；到期 { $until } · 申请于 { $at }
request-extension-approved = ✅ `{ $address }` 在 **{ $team }** 的席位已延长 { $term }，会通知对方。
request-extension-declined = ✖ 已拒绝：`{ $address }` 在 **{ $team }** 的席位将按期结束，会通知对方。
alert-extension_asked = **{ $team }** 中有人申请将席位延长 { $term }，请处理。
notice-extension_declined = 我们的团队没有同意延长您在 **{ $team }** 的席位（`{ $address }`），席位将于 { $until } 到期。
mail-extension_declined =
    您好：

    我们的团队没有同意延长您在工作区 { $team } 的席位（{ $address }），席位将于 { $until } 到期。
    .subject = 您在 { $team } 的席位未获延长
notice-lease_in_grace =
    ⏰ 您在 **{ $team }** 的席位（`{ $address }`）已到期，会保留到 { $until }，之后结束。

    想继续使用，请在 /myseat 申请延长，或使用新的兑换码。
mail-lease_in_grace =
    您好：

    您在工作区 { $team } 的席位（{ $address }）已到期，会保留到 { $until }，之后结束。

    想继续使用，请询问给您兑换码的团队，或使用新的兑换码。
    .subject = 您在 { $team } 的席位即将结束
option-pool-grace = 到期后席位再保留多久，例如 48 小时或 2 天
option-pool-moves = 席位可以自动迁移几次；any 为不限

settings-line-set = `{ $name }` **{ $value }** ✎
setting = **{ $name }** 目前为 **{ $value }**。
setting-set = ✅ **{ $name }** 已改为 **{ $value }**，所有进程几秒内生效。
setting-reset = ↩️ **{ $name }** 已恢复为 **{ $value }**。
setting-from-command = 由 { $by } 于 { $at } 设置；否则{ $beneath ->
        [none] 为空
       *[other] 为 { $beneath }
    }。
setting-from-file = 来自配置（配置文件或环境变量）。
setting-from-default = 为默认值。
button-setting-reset = ↩️ 恢复
button-settings = ⚙️ 设置
error-bad_setting =
    { $wanted ->
        [number] “{ $value }”不能用于 `{ $name }`：需要一个数字，且不能太小或太大。什么都没有改变。
        [span] “{ $value }”不能用于 `{ $name }`：请写一段时间，例如 `10 分钟` 或 `2 天`，且不能太短或太长。什么都没有改变。
        [numbers] “{ $value }”不能用于 `{ $name }`：请写几个数字，用空格隔开，且不能太小或太大。什么都没有改变。
        [list] “{ $value }”不能用于 `{ $name }`：各项之间用空格隔开，或写 `none`。什么都没有改变。
        [switch] “{ $value }”不能用于 `{ $name }`：请写 `on` 或 `off`。什么都没有改变。
        [choice] “{ $value }”不能用于 `{ $name }`。可选：{ $choices }。什么都没有改变。
       *[text] “{ $value }”不能用于 `{ $name }`。什么都没有改变。
    }
option-settings-name = 设置项或文案，例如 limits.attempts
option-value = 改成什么；reset 表示恢复为配置文件的值

alert-backup_late = 上次备份已是 { $hours } 小时前。/sweep 可查看原因，/backup 立即备份。
sweep-name-backup = 备份
round-no_place = 没有指定存放位置（`backups.directory` 或 `backups.target`）
did-rows_backed_up = 备份 { $count } 行
did-backups_deleted = 删除 { $count } 个旧备份

leave = **放弃您的角色（{ $role }）？**之后您仍可像其他人一样使用本聊天，只有所有者能重新授予角色。
left-staff = 👋 您不再是{ $role }，感谢您的付出。
button-leave-staff = 放弃我的角色
command-leave = 放弃自己的角色
slash-leave = 卸任
error-leave_refused =
    { $reason ->
        [configured] 您是配置文件中的所有者（`staff.owners`），不能用命令放弃。请在该列表中删除自己。
       *[last_owner] 您是唯一的所有者，离开后将没有人能授权他人。请先用 /staff grant owner 指定另一位所有者。
    }
