### 工作人员对席位和系统本身的操作：迁移、延长、结束；人员、备份、密钥。

## 谁有席位

leases = **{ $count } 个席位** · { $what }
leases-nobody = 目前没有人有席位。
leases-none = 没有符合条件的席位：{ $what }。例如 `/leases expiring`、`/leases anna@example.com`、`/leases team 蓝队`
leases-live = 当前
leases-expiring = 三天内到期
leases-expired = 已到期
leases-pending = 未加入
leases-moving = 迁移中
leases-ended = 已结束
leases-all = 当前和以往
lease-line = #{ $lease } `{ $address }` **{ $team }** – { $status }，{ $until }
lease-line-until = #{ $lease } `{ $address }` **{ $team }** – { $status }，至 { $moment }
lease-line-moving = #{ $lease } `{ $address }` **{ $team }** → **{ $to }** – { $status }
lease-line-over = #{ $lease } `{ $address }` **{ $team }** – { $status } { $at }
lease-being-ended = 正在移出
button-leases-live = 当前
button-leases-expiring = ⏳ 即将到期
button-leases-moving = 🔁 迁移中
button-leases-pending = ✉️ 未加入
button-leases-ended = 已结束
button-leases-of = 💺 席位

## 重新读取团队

ask-sync-what = 要重新读取什么？请发送邮箱、团队名称，或 `全部`。
sync-working = 🔄 正在读取 { $done }/{ $of }
    `{ $bar }`
synced = 🔄 { $of ->
        [1] { $failed ->
            [0] 已读取 **1 个团队**。
           *[other] **该团队**无法读取。
        }
       *[other] 已读取 **{ $count }/{ $of } 个团队**。
    }
    成员 { $members } 人 · 待接受的邀请 { $pending } 份
    新变化：加入 { $joined } · 离开 { $gone } · 非 Usher 邀请 { $strangers }
sync-nothing = { $of ->
        [1] ❌ 无法读取该团队，什么都没有改变。
       *[other] ❌ { $of } 个团队都无法读取，什么都没有改变。
    }
sync-failed = ❌ **{ $team }** – { $reason }
sync-more-failed = ……还有 { $count } 个团队无法读取。
button-sync-again = 🔄 再读一次

## 迁移

ask-transfer-address = 要迁移谁？请发送邮箱。
transfer = **将 { $address } 迁出 { $from }？**
transfer-to = **{ $from }** → **{ $to }**
transfer-to-until = **{ $from }** → **{ $to }** · { $until }
transfer-nowhere = ⚠️ 目前没有空席位。迁移会等到有空席位为止，在此之前此人保留现有席位。
transfer-waits = 先预留新席位并发出邀请。对方接受后，或 { $hours } 小时后，释放原席位。
transfer-forced = ⚠️ **不等待：**预留新席位并发出邀请后，不论对方是否接受，都移出 **{ $from }**。
transfer-which = `{ $address }` 有 { $count } 个席位。要迁移哪一个？所在团队：
transfer-working = 🔁 正在迁移 `{ $address }`……
transferred = ✅ { $count ->
        [1] **已迁移。**
       *[other] **已迁移 { $count } 个席位。**
    }
transfer-begun = 🔁 **迁移正在进行。**能联系到对方的话已经通知；如果失败，会通知您。
transfer-line = `{ $address }`：{ $from } → **{ $to }** – { $state }
transfer-line-reason = `{ $address }`：{ $from } → **{ $to }** – { $state }（{ $reason }）
transfer-line-waiting = `{ $address }`：{ $from } → 下一个空席位 – { $state }，下次尝试 { $due }
button-transfer-now = 🔁 迁移
button-transfer-force = ⚡ 不等待，直接迁移

## 延长与结束

ask-protect-address = 哪位成员不应被自动任务移出？请发送邮箱。
ask-extend-address = 要延长谁的席位？请发送邮箱。
ask-extend-term = 延长多久？例如 `1 个月`、`30 天`或 `24 小时`。
extended = ⏩ 已为 `{ $address }` **延长** { $term }；能联系到对方的话会通知。
ask-end-address = 要结束谁的席位？请发送邮箱。
end = **结束 { $address } 在 { $team } 的席位？**
end-invited = 将撤回邀请，工作区确认后席位空出。
end-active = 将把此人移出工作区并通知对方，工作区确认后席位空出。
end-which = `{ $address }` 有 { $count } 个席位。要结束哪一个？所在团队：
end-working = ⏹ 正在结束 `{ $address }` 的席位……
ended = ⏹ **席位已结束。**
end-begun = ⏳ **席位正在结束。**工作区确认后空出，我会继续处理。
end-failed = ❌ **没有成功。**
ended-done = `{ $address }` 已移出 **{ $team }**
ended-planned = `{ $address }` 正在移出 **{ $team }**
ended-cancelled = `{ $address }` 仍在 **{ $team }**：{ $reason }
ended-failed = `{ $address }` 仍在 **{ $team }**：{ $reason }
button-end-now = ⏹ 结束

## 自动运行的任务

sweeps = **自动任务**
sweeps-none = 还没有运行过。请用 `usher run` 启动后台进程。
sweeps-late = 🟠 后台进程似乎没有在运行。请用 `usher run` 启动。
sweep = **{ $name }**
sweep-line = { $mark } **{ $name }** · `{ $key }`
    上次 { $at }（{ $seconds } 秒）：{ $outcome } · 下次 { $next }
sweep-line-running = ▶️ **{ $name }** · `{ $key }` · 正在运行
    上次 { $at }（{ $seconds } 秒）：{ $outcome }
sweep-line-late = 🟠 **{ $name }** · `{ $key }` · 未按时运行
    上次 { $at }（{ $seconds } 秒）：{ $outcome } · 本应运行于 { $next }
sweep-never = 从未运行
sweep-paused = 恢复之后（已暂停）
sweep-told-run = ▶️ 已排到现在，由下一个空闲的后台进程运行。
sweep-told-pause = ⏸ 已暂停。正在进行的一轮会先完成。
sweep-told-resume = ▶️ 已恢复。
list-separator = 、
sweep-name-recovery = 处理中断的操作
sweep-name-sync = 读取团队
sweep-name-expiry = 到期的席位
sweep-name-transfers = 迁移
sweep-name-abnormal = 迁出失效的团队
sweep-name-waitlist = 候补名单
sweep-name-health = 团队状态
sweep-name-alerts = 告警检查
sweep-name-jobs = 批量任务
sweep-name-unauthorised = 未经邀请的成员
sweep-name-retention = 清理旧数据
sweep-name-forgetting = 删除用户要求删除的信息
sweep-name-folding = 按日汇总
sweep-name-telegram-poller = 接收 Telegram 消息
round-deeds = { $deeds }
round-failed = 失败，已发出告警
round-done = 无事可做
round-switched_on = 已开启，现有成员保留
round-polling_ended = 已停止获取消息
round-off = 已关闭
round-outside_hours = 不在活动时段内
did-conditions_hold = { $count } 项条件成立
did-ended = { $count } 项已解除
did-checks_failed = { $count } 项检查失败
did-taken_over = { $count } 项由其他进程接手
did-failed = { $count } 项失败
did-finished = { $count } 项完成
did-left_for_later = { $count } 项稍后继续
did-looked_at = { $count } 项已核实
did-warned = 提醒 { $count } 人
did-to_be_moved = { $count } 人待迁移
did-to_be_ended = { $count } 人待结束
did-left = { $count } 人保持不变
did-changes_folded = 汇总 { $count } 项变动
did-expired = { $count } 个团队失效
did-restored = { $count } 个恢复
did-rows_forgotten = 清除 { $count } 条旧记录
did-rows_erased = 删除 { $count } 条个人记录
did-batches_finished = 补全 { $count } 个批次
did-teams_read = 读取 { $count } 个团队
did-not_complete = { $count } 个未读完整
did-joined = { $count } 人加入
did-gone = { $count } 人离开
did-begun = 推进 { $count } 个迁移
did-past_their_grace = { $count } 个超过宽限期
did-removals_looked_at = 处理 { $count } 次移出
did-taken_out = 移出 { $count } 人
did-invited = 邀请 { $count } 人
did-closed = 关闭 { $count } 条
did-offers_withdrawn = 撤回 { $count } 个邀请
ask-sweep-run = 立即运行哪一个？
ask-sweep-pause = 暂停哪一个？
ask-sweep-resume = 恢复哪一个？
button-sweep-run = ▶️ 立即运行
button-sweep-pause = ⏸ 暂停
button-sweep-resume = ▶️ 恢复
button-sweeps = 自动任务
button-look-again = 🔄 刷新

## 工作人员

staff = **{ $count } 名工作人员**
staff-line = `{ $who }` – { $role }，{ $since }
staff-configured = 由配置指定
since = 自 { $moment } 起
staff-token = 🔑 **{ $role }**角色的登录令牌。最先把它发送给我的人获得该角色：
    `/claim { $token }`
    只能使用一次，有效期至 { $until }。请在别人看不到的地方转交。
staff-token-link = 也可以转交这个链接，打开即可使用：`{ $link }`
staff-grant = **授予 { $identity } 角色“{ $role }”？**立即生效，适用于此人使用的所有平台。
staff-granted = ✅ `{ $identity }` 现在的角色是{ $role }。
staff-revoke = **收回 { $identity } 的角色？**从下一条消息起，此人不能再使用工作人员的命令。
staff-revoked = ✅ `{ $identity }` 不再是工作人员。
ask-staff-token = 令牌授予哪个角色？
ask-staff-role = 授予 `{ $identity }` 哪个角色？
ask-staff-grant = 授予谁？请分享对方的联系人（Telegram）、提及对方（Discord），或发送平台和编号，例如 `telegram:123456789`。
ask-staff-revoke = 收回谁的角色？请按列表发送平台和编号，例如 `telegram:123456789`。
button-grant = ✅ 授予
button-revoke = 收回
staff-by-token =
    “{ $name }”这样的名称明天可能就属于别人，所以我只按编号授予角色。

    我可以生成一个令牌：您转交出去，谁发给我谁就获得角色。您也可以分享对方的联系人（Telegram）、提及对方（Discord），或发送 `telegram:123456789` 这样的编号。
button-staff-token-instead = 🔑 生成令牌
button-staff = 工作人员
button-staff-token = 🔑 令牌
button-staff-grant = ➕ 授予角色
button-staff-revoke = ➖ 收回角色

## 备份与密钥

backup-working = 💾 正在复制并逐行核对：已复制 { $rows } 行……
backup-made =
    💾 **备份完成：**{ $rows } 行，{ $megabytes } MB，已逐行核对，并在存放处打开验证过。
    `{ $path }`
backup-keys = 其中的兑换码和凭据已加密：请另行妥善保存密钥库的密钥。邮箱没有加密。用 `usher db restore` 恢复。
backup-sent = 💾 `{ $file }` – 其中的邮箱没有加密，请妥善保管。
backup-too-large = `{ $file }` 太大，无法通过聊天发送。文件仍在原处。
button-backup-send = 📎 发送到这里
error-backup_refused =
    { $reason ->
        [postgresql] 数据在 PostgreSQL 上，可能由多台机器共用。请在要保存备份的机器上运行 `usher db backup FILE`，或使用 `pg_dump`。
        [no_file] 数据库只在内存中，没有可备份的内容。
        [too_soon] 现在正好有另一个备份正在进行。
        [unreadable] 备份已写入但无法读回，因此已删除。请检查磁盘，然后再次发送 /backup。
        [target] 无法使用备份的存放处（`backups.target`）：`{ $error }`。详情见日志。
       *[cannot_write] 我无法写入备份文件夹，没有生成备份。
    }
rotate = 🔐 当前密钥是 **{ $active }**，但以下内容仍在使用旧密钥：
rotate-how = 我现在可以用当前密钥重新加密。期间一切照常，随时可以中断，之后重新开始。
rotate-left-codes = • { $count } 个兑换码
rotate-left-teams = • { $count } 个凭据
rotate-left-texts = • { $count } 段对话文字
rotate-left-inbox = • { $count } 条处理中的消息
rotate-nothing = 🔐 当前密钥是 **{ $active }**，没有需要重新加密的内容。
rotate-complete = ✅ 已没有内容使用旧密钥，可以从 `vault.keys` 中移除旧密钥。
rotate-keep = 请保留旧密钥至 { $until }，届时再用 /rotate 查看。
rotate-again = 还有 { $count } 行使用旧密钥，请稍后再用 /rotate 查看。

## 设置

settings = ⚙️ **当前设置**
settings-line = `{ $name }` { $value }
settings-people-heading = **用户**
settings-limits-heading = **限制**
settings-redeeming-heading = **兑换码与兑换**
settings-teams-heading = **团队**
settings-moving-heading = **席位期限**
settings-talk-heading = **对话与额度**
settings-alerts-heading = **告警**
settings-running-heading = **运行**
settings-where = ✎ 表示由命令设置。`/settings 名称 值` 可以修改，`/settings 名称 reset` 恢复为配置文件的值：限制、间隔、阈值、允许和屏蔽的域名，以及店铺的文案（`/settings texts`）。其余设置在 `config.toml` 中，或以环境变量 `USHER_SECTION__KEY` 给出；`config.example.toml` 逐项说明。席位池、团队、自动任务和聊天各自的设置用 /pool、/editteam、/sweep、/subscribe 修改。

## 选项

choice-live = 当前
choice-expiring = 即将到期
choice-expired = 已到期
choice-pending = 未加入
choice-moving = 迁移中
choice-ended = 已结束
choice-all = 全部
choice-1mo = 1 个月
choice-3mo = 3 个月
choice-12mo = 12 个月
choice-list = 列表
choice-grant = 授予角色
choice-revoke = 收回
choice-token = 登录令牌
choice-viewer = 查看员
choice-operator = 操作员
choice-admin = 管理员
choice-owner = 所有者
choice-run = 立即运行
choice-pause = 暂停
choice-resume = 恢复
reason-declined = 邀请被拒绝

## 命令，每条最多 100 个字符

command-leases = 谁有席位：按邮箱、团队或状态查看
command-sync = 重新读取团队：某个邮箱所在的、一个或全部
command-transfer = 把席位迁移到其他团队
command-extend = 延长某人席位的有效期
command-end = 结束某人的席位并将其移出工作区
command-sweep = 自动任务：查看、立即运行、暂停
command-settings = 查看设置，或按名称修改
command-staff = 工作人员：授予和收回角色、生成登录令牌
command-backup = 备份全部数据
command-rotate = 将全部内容改用当前加密密钥

## 限制与封禁

locks = **{ $count } 项限制**
locks-none = 目前没有人被限制、锁定或封禁。
locks-none-of = `{ $identity }` 目前没有被限制、锁定或封禁。
locks-line = `{ $identity }` – { $why }，至 { $until }
locks-line-ban = `{ $identity }` – 由 { $by } 封禁至 { $until }：{ $reason }
locks-line-ban-for-good = `{ $identity }` – 由 { $by } 永久封禁：{ $reason }
locks-more = ……还有 { $count } 项。可指定某人查看：`/locks list telegram:42`。
lock-wrong_codes = 错误的兑换码
lock-wrong_tokens = 错误的登录令牌
lock-many_attempts = 兑换尝试过多
locks-lifted = ✅ `{ $identity }` 现在可以重新尝试。
locks-ban = **封禁此人？**`{ $identity }`（{ $term }）。此人在所有平台上都不能再使用 Usher，已有的席位不受影响。对方会看到理由：{ $reason }
locks-banned = ⛔ `{ $identity }` 已封禁至 { $until }。
locks-banned-for-good = ⛔ `{ $identity }` 已永久封禁。
locks-unbanned = ✅ `{ $identity }` 已解除封禁。
ask-locks-lift = 解除谁的锁定？请发送平台和编号，例如 `telegram:123456789`。
ask-locks-ban = 封禁谁？请发送平台和编号，例如 `telegram:123456789`。
ask-locks-unban = 解除谁的封禁？请发送平台和编号，例如 `telegram:123456789`。
ask-locks-identity = 谁？请发送平台和编号，例如 `telegram:123456789`。
ask-locks-term = 要封禁 `{ $identity }` 多久？
ask-locks-reason = 理由是什么？`{ $identity }` 会看到这个理由。
ban-term = { $term }
button-locks = 🔒 限制
button-lift = 🔓 解除：{ $identity }
button-unban = ✅ 解除封禁：{ $identity }
button-ban = ⛔ 封禁
button-ban-somebody = ⛔ 封禁某人
choice-lift = 解除锁定
choice-ban = 封禁
choice-unban = 解除封禁
command-locks = 查看谁被限制或封禁；解除锁定、封禁、解除封禁
staff-grant-also = 此人同时也是 { $others }。

command-requests = 查看并处理用户的申请
requests = **有 { $count } 项申请等待处理**
requests-address = ✏️ **#{ $number }** · `{ $address }`（**{ $team }**）申请改用邮箱 `{ $wanted }` · { $at }
requests-code = 🎟 **#{ $number }** · `{ $address }` 申请使用 { $pool } 的兑换码 …{ $code }，该码可能已被使用 · { $at }
request-address-approved = ✅ 正在邀请 `{ $wanted }` 替换 `{ $address }`（{ $team }），并已通知对方。新邮箱加入后旧邮箱才会移出。
request-address-declined = `{ $address }` 保留在 { $team } 的席位，已通知对方不改为 `{ $wanted }`。
request-code-approved = ✅ `{ $address }` 可以使用 …{ $code }，并已通知对方。
request-code-declined = 已通知 `{ $address }`：…{ $code } 不能使用。
transfer-address =
    `{ $address }` 在 **{ $from }** 的席位将改为 `{ $wanted }`：先邀请新邮箱，加入后旧邮箱才会移出。双方都会收到通知。
button-see-requests = 查看申请
button-see-expired = 查看到期席位
button-see-unclear = 查看待确认的邀请
button-see-strangers = 查看会被移出的成员
button-see-transfers = 查看迁移
button-see-locks = 查看被锁定者

command-removals = 查看谁被移出了团队以及原因
command-protect = 保护成员不被移出
choice-dry = 查看谁会被移出
strangers =
    { $going ->
        [0] **现在不会移出任何人。**
       *[other] **现在会移出 { $going } 名成员** —— 只是查看，不会动任何人。
    }
strangers-go = ❗ { $team } 的 `{ $address }`：不是这里邀请的（已看到 { $seen } 次）
strangers-stay = { $team } 的 `{ $address }` 会保留：{ $why }
strangers-more = ……还有 { $count } 名；完整名单请用 `usher sweep dry-run`。
strangers-on = 移出未受邀成员的自动任务已开启：上述成员会在接下来的几轮中被移出。需要保留的人请加以保护。
strangers-off = 移出未受邀成员的自动任务未开启（配置中的 `unauthorised.enabled`）。开启时已在团队中的人都会保留。
kept-owner = 是工作区所有者
kept-leased = 在这里有席位
kept-in-flight = 正在被邀请
kept-grandfathered = 自动任务开启时已在团队中
kept-protected = 已手动保护
kept-unconfirmed = 看到的次数还不够
kept-too-many = 一次太多，名单可能有误
kept-next-round = 本轮已满，下一轮继续
button-protect = 🛡 { $address }
button-protect-again = 🛡 重新保护
button-unprotect = 取消保护
button-removals = 查看移出记录
protected = 🛡 `{ $address }` 在 { $teams } 中受到保护，任何自动任务都不会移出。
error-seat_from_here = `{ $address }` 在 { $teams } 的席位是由这里发放的。自动移出只针对不是由这里邀请的成员，因此不需要保护。要让席位更久：/extend。
protected-no-more = `{ $address }` 在 { $teams } 中不再受保护。
removals = **移出记录**
removals-none = 还没有人被移出。
removals-unmatched = 没有符合条件的移出记录。
removal-done = ✅ { $at } `{ $address }` 移出 { $team }：{ $why }（操作者 { $by }）
removal-planned = ⏳ { $at } `{ $address }` 移出 { $team }：{ $why }，进行中（操作者 { $by }）
removal-failed = ❌ { $at } `{ $address }` 移出 { $team }：{ $why } —— 未成功：{ $reason }（操作者 { $by }）
removal-cancelled = ↩️ { $at } `{ $address }` 移出 { $team }：{ $why } —— 未执行：{ $reason }（操作者 { $by }）
sweep-unseen =
    还没有人看过这项自动任务会移出谁。被移出的人需要重新邀请。

    仍要继续吗？
alert-strangers_unseen = 移出未受邀成员的自动任务已开启，但还没有人看过会移出谁。在此之前不会移出任何人：/sweep unauthorised dry
round-unseen = 等待有人查看会移出谁

error-pool_in_use = **{ $name }** 不是空的：{ $teams } 个团队、{ $people } 人、{ $uses } 次未使用的兑换、{ $waiting } 人在候补。请把它并入另一个席位池，或只将其停用。
error-same_pool = 这是同一个席位池：**{ $name }**。没有移动任何内容。
ask-pool-into = **{ $pool }** 的全部内容要移到哪个席位池？
pool-empty =
    全部 { $teams } 个团队和其中的 { $people } 人将从 **{ $pool }** 转到 **{ $into }**，只能用于这些团队的兑换码也一并划转。不会邀请或移出任何人。

    { $pool } 会保留但没有团队；{ $uses } 次未使用的兑换要等新团队加入。
pool-empty-done = ✅ { $teams } 个团队和 { $people } 人现在属于 **{ $into }**。**{ $pool }** 已没有团队。
pool-merge =
    席位池 **{ $into }** 将接管 **{ $pool }** 的全部内容：{ $teams } 个团队、{ $people } 人、{ $uses } 次未使用的兑换、{ $waiting } 人候补。不会邀请或移出任何人，兑换码照常可用。

    之后 { $pool } 将被删除。
pool-merge-done = ✅ **{ $into }** 已接管 **{ $pool }** 的全部内容：{ $teams } 个团队、{ $people } 人、{ $uses } 次未使用的兑换。
pool-delete = **{ $pool }** 是空的。它会从列表中消失；历史记录保留其名称，重新添加即可恢复。
pool-delete-done = **{ $pool }** 已删除。
button-pool-empty-now = 划转团队
button-pool-merge-now = 合并
button-pool-merge = 并入……
button-pool-delete = 🗑 删除
editteam-pool = **{ $team }** 将从 **{ $from }** 转到 **{ $pool }**，连同 { $people } 个已占用的席位和只能用于它的兑换码。不会邀请或移出任何人。
button-team-move = 划转团队
button-pool = 席位池
button-owner = 所有者
button-provider = 服务商
ask-editteam-pool = **{ $team }** 现在属于 { $pool }。要改为哪个席位池？
ask-editteam-owner = **{ $team }** 在上游的所有者是谁？目前：{ $owner }。请发送对方的邮箱。
ask-editteam-provider = **{ $team }** 使用哪个服务商的协议？目前：{ $provider }。
choice-empty = 划转其团队
choice-merge = 合并
choice-delete = 删除

command-delete = 删除无人使用过的兑换码
ask-delete-what = 要删除哪些兑换码？请发送兑换码、某个码的末四位，或 `batch 3`。使用过的会保留。
delete-code = 兑换码 …{ $code } 将被删除，之后无人可用，也无法恢复。
delete-codes = 将永久删除 { $count } 个兑换码。
delete-batch = 批次 { $batch } 中无人使用过的兑换码将被永久删除。
batch-deleted = 🗑 已删除批次 { $batch } 的 { $count } 个兑换码。
switched-deleted = 🗑 …{ $code } 已删除
button-delete-codes = 🗑 删除
button-delete-rest = 🗑 删除未使用的
batch-moves = 到期后会为成员续接到其他团队。
batch-ends = 到期后不再续接，席位到期即结束。
code-ends = ↳ 席位到期即结束，不再续接
