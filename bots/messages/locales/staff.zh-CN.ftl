### 工作人员看到的内容：统计、兑换码、团队、查询。要点在前，适合手机阅读。

## 多个列表共用的词语

plain = { $text }
no-label = 无标签
word-on = 开
word-off = 关
list-all = 最新在前
list-filtered = { $filters }
list-in-state = { $state } · { $rest }
mark-active = 🟢
mark-disabled = ⏸
mark-expired = 🔴
mark-gone = ⚫
mark-off = ⏸
lease-held = 邀请中
lease-invited = 已邀请
lease-active = 已加入
lease-transferring = 迁移中
lease-ended = 已结束
lease-failed = 未成功
lease-sending = 邀请中
lease-unclear = 确认中
lease-already_member = 原本就在
lease-refused = 被拒绝
state-invited = 已邀请
state-already-member = 原本就在
state-refused = 被拒绝
state-unclear = 确认中
state-sending = 邀请中
lease-taken = 已占用
code-unused = 未使用
code-used = 已用完
code-expired = 已过期
code-disabled = 已停用
code-deleted = 已删除

## 生成兑换码

generate-which-pool = 为哪个席位池生成兑换码？
generate-how-many =
    { $left ->
        [0] **{ $pool }** 已没有可供发码的席位。您需要多少个？
       *[other] **{ $pool }** 还可发放 **{ $left }** 次。要生成多少个？
    }
draft = **草稿：{ $pool }** 的 { $count } 个兑换码
    标签：{ $label }
draft-fits = 可发放：现在 { $left } 次，生成后 **{ $after }** 次
draft-too-many = ⚠️ 需要 { $total } 次，但{ $left ->
        [0] 目前没有可发放的次数
       *[other] 只能再发放 { $left } 次，超出 { $missing } 次
    }。没有生成任何兑换码。
codes-general = 每个可用 { $uses } 次 · 席位：{ $term } · { $expires }
codes-bound = 每个可用 { $uses } 次 · 仅限 { $team } · 席位：{ $term } · { $expires }
codes-temporary = 每个可用 { $uses } 次 · **临时**：加入后 { $term }结束 · { $expires }
codes-expire = 请在 { $moment } 前兑换
codes-never-expire = 不过期
generated = ✅ 已为 **{ $pool }** 生成 **{ $count } 个兑换码** – 批次 #{ $batch }
    可发放：之前 { $before } 次，现在 { $after } 次
generated-file = 兑换码在文件中。
generated-override = ⚠️ 已超出可发放的数量，审计日志已记录。
code-text = `{ $code }`
ask-codedraft-count = 要生成多少个？请发送数字。
ask-codedraft-uses = 每个兑换码可以用几次？
ask-codedraft-term = 加入后席位有效多久？例如 `1 个月`、`30 天`、`24 小时`或`永久`。
ask-codedraft-expires = 兑换码在什么时候之前可以兑换？例如 `2026-12-31`，或从现在起 `30 天`。
ask-codedraft-label = 这个批次叫什么？兑换的人看不到它。
ask-codedraft-team = 兑换码限定给哪个团队？请发送团队名称。
button-generate = ✅ 生成 { $count } 个
button-generate-some = 🎟 生成兑换码
button-override = 仍然生成全部 { $count } 个
button-other-pool = 在 { $pool } 生成（剩余 { $left }）
override-sure = ⚠️ **{ $pool }** 还能发放 { $left } 次，您要的是 { $total } 次。找不到席位的人需要等待。仍然生成吗？
button-edit-count = 数量
button-edit-uses = 次数
button-edit-label = 标签
button-edit-term = 席位时长
button-edit-expires = 兑换期限
button-edit-team = 团队
button-make-temporary = 改为临时
button-make-general = 改为长期
button-clear-term = 按席位池设置
button-clear-expires = 不过期
button-clear-label = 无标签
button-clear-team = 不限团队
button-csv = CSV
button-txt = TXT
button-batch = 批次 #{ $batch }

## 兑换码与批次

codes = **兑换码** · { $what }
codes-oldest = 最早在前
codes-none = 没有符合的兑换码。可以按状态、邮箱、后四位、批次、席位池或团队查找：`/codes unused batch 3`
code-line = `…{ $code }` { $state } · { $pool } · #{ $batch }
code-line-many = `…{ $code }` { $state } · 已用 { $used }/{ $most } · { $pool } · #{ $batch }
code-line-used = `…{ $code }` `{ $address }` → { $team }，{ $lease }{ $more ->
        [0] {""}
       *[other] （另有 { $more } 人）
    } · #{ $batch }
button-codes-all = 全部
button-codes-unused = 未使用
button-codes-used = 已用
button-codes-disabled = 停用
batches = **批次**，最新在前
batches-none = 还没有批次。
batches-none-in-pool = 席位池 **{ $pool }** 还没有生成过兑换码。
batch-line = **#{ $batch }** { $label } · { $pool }
    { $codes } 个兑换码：{ $unused } 未使用 · { $used } 已用{ $reserved ->
        [0] {""}
       *[other] {" "}· { $reserved } 进行中
    }{ $off ->
        [0] {""}
       *[other] {" "}· { $off } 停用
    }{ $deleted ->
        [0] {""}
       *[other] {" "}· { $deleted } 已删除
    } · { $joined } 人已加入
batch-more = 席位：{ $term } · { $expires } · { $maker } 于 { $made } 生成
pool-misplaced = “{ $options }”只能与这些操作一起使用：{ $actions }。没有更改任何内容。
batch-note = 备注：{ $note }
button-codes = 兑换码
button-batches = ‹ 批次
button-disable-rest = ⏸ 停用未使用的部分
button-enable-rest = ▶️ 重新启用
export = { $count } 个兑换码。拿到文件的人都可以兑换。导出已记入审计日志。
export-nothing = 没有可导出的兑换码。
ask-export-batch = 导出哪个批次？点一个，或发送编号。
button-export-batch = #{ $batch } { $label }（{ $codes }）
ask-disable-what = 要停用什么？请发送兑换码、它的后四位，或 `批次 3`。
ask-enable-what = 要重新启用什么？请发送兑换码、它的后四位，或 `批次 3`。
disable-code = 停用这个兑换码？重新启用之前不能兑换。
enable-code = 重新启用这个兑换码？
disable-batch = **停用批次 #{ $batch } 中未使用的部分？**

    { $unused ->
        [0] 已经没有未使用的兑换码。
       *[other] 将有 { $unused } 次不能再兑换。
    }已发放的席位不受影响，之后可以重新启用。
enable-batch = **重新启用批次 #{ $batch }？**其中 { $off } 次将可以再次兑换。
batch-nothing =
    { $action ->
        [enable] 批次 #{ $batch } 中没有停用的兑换码。
        [disable] 批次 #{ $batch } 中已经没有未使用的兑换码可停用。
       *[delete] 批次 #{ $batch } 中没有可删除的兑换码：都已使用，或已经删除。
    }
batch-disabled = ⏸ 已停用批次 #{ $batch } 的 { $count } 个兑换码。
batch-active = ▶️ 已重新启用批次 #{ $batch } 的 { $count } 个兑换码。
switched = **完成**
switched-disabled = ⏸ `…{ $code }` 已停用
switched-active = ▶️ `…{ $code }` 已启用
switched-not = ❌ `…{ $code }` – { $why }
several-codes-narrow = 有多个兑换码以 `{ $code }` 结尾，请加上批次说明是哪一个，例如 `batch 3`。
several-codes = 有多个兑换码以 `{ $code }` 结尾，请发送完整的兑换码。
button-disable-again = ⏸ 再次停用
button-enable-again = ▶️ 重新启用

## 席位池

pools = **席位池**
pools-none = 还没有席位池。添加第一个团队时会自动建立。
pool-line =
    { $mark } **{ $pool }** · { $teams } 个团队 · { $seats } 个席位
    { $taken } 占用 · { $held } 预留 · { $free } 空闲{ $closed ->
        [0] {""}
       *[other] {" "}· { $closed } 不可用
    } · 兑换码未用 { $unused } 次 → 还可发放 **{ $room }** 次
pool-line-over =
    { $mark } **{ $pool }** · { $teams } 个团队 · { $seats } 个席位
    { $taken } 占用 · { $held } 预留 · { $free } 空闲{ $closed ->
        [0] {""}
       *[other] {" "}· { $closed } 不可用
    } · ⚠️ 兑换码未用 { $unused } 次，比空席位多 **{ $over }**
pool-shown = **席位池 { $pool }**
pool-made = ✅ 已建立席位池 **{ $pool }**，兑换码格式为 `{ $codes }`。
pool-changed = ✅ 已修改席位池 **{ $pool }**。
pool-settings =
    选择团队：{ $policy }
    席位时长：{ $term } · 到期后宽限：{ $grace } · 可迁移次数：{ $moves ->
        [any] 不限
       *[other] { $moves }
    }
    兑换码：`{ $codes }`
    公开空席位数：{ $stock } · 候补名单：{ $waitlist } · 允许申请迁移：{ $requests } · 用户自选团队：{ $choice }
    新团队命名：{ $names ->
        [none] 沿用服务商处的名称
       *[other] { $names }
    }
    用户看到的名称：{ $public ->
        [none] 与席位池同名
       *[other] { $public }
    }
policy-fill-first = 最早的团队优先
policy-proven = 最近成功的团队优先
policy-most-free = 空席位最多的优先
policy-round-robin = 轮流
button-policy = ⚖️ { $policy }
ask-pool-add = 新的席位池叫什么名字？
ask-pool-set = 哪个席位池？
pool-rename-which = **{ $pool }** 以后叫什么名称？
button-pool-rename = 改为“{ $name }”
button-pool-stock-on = 公开空席位数
button-pool-stock-off = 隐藏空席位数
button-pool-waitlist-on = 开放候补
button-pool-waitlist-off = 关闭候补
button-pool-requests-on = 允许申请迁移
button-pool-requests-off = 不允许申请迁移
button-pool-choice-on = 用户自选团队
button-pool-choice-off = 由席位池选团队
button-pool-enabled-on = ▶️ 启用
button-pool-enabled-off = ⏸ 停用
button-pools = ‹ 席位池

## 团队

teams = **{ $count } 个团队** · { $seats } 个席位中 { $free } 个空闲{ $ill ->
        [0] {""}
       *[other] {" "}· 🔴 { $ill } 个异常
    }
teams-none = 还没有团队。请用 /import 导入。
teams-none-in-pool = 席位池 **{ $pool }** 中没有团队。请用 /import 导入，或用 /editteam 把团队移到这里。
team-line = { $mark } **{ $team }** · { $used }/{ $seats } · { $pool }{ $pending ->
        [0] {""}
       *[other] {" "}· 待接受 { $pending } 人
    }
team = { $mark } **{ $team }** · { $state } · 席位 { $used }/{ $seats }
team-active = 接受新成员
team-disabled = 已停用
team-expired = 凭据失效
team-gone = 服务商处已不存在
team-more = 席位池 { $pool } · { $provider } · `{ $external }`
    所有者：{ $owner } · { $read }
team-read = { $moment } 已读取
team-never-read = 尚未读取
team-over = ⚠️ 超员 { $count } 人，不会自动移出任何人。
button-remove-over = 移出最后加入的 { $count } 人
team-paused = ⏳ 因调用失败，{ $until } 前暂不使用。
team-credential = 🔑 凭据有效期至 { $until }。
team-error = 最近的错误：{ $error }
team-changed = ✅ 已修改。
team-enabled = ▶️ 已启用，重新接受新成员。
team-disabled-now = ⏸ 已停用：不再接受新成员，现有成员不受影响。
seat-line = { $number }. `{ $address }` – { $status }
seat-line-until = { $number }. `{ $address }` – { $status }，至 { $until }
seat-stranger = { $number }. `{ $address }` – 不是由 Usher 邀请的
editteam = 要修改 **{ $team }** 的什么？
ask-name = 哪个团队？请发送它的名称。
ask-edit = 要修改什么？
ask-editteam-rename = **{ $team }** 改叫什么名字？
ask-editteam-seats = **{ $team }** 有多少个席位？现在是 { $seats } 个。有人使用的席位不会被收回。
removeteam = **移除 { $team }？**

    没有人在其中有席位。它的 { $seats } 个席位和保存的凭据会被删除，历史记录保留。重新导入即可恢复。
removeteam-strangers = 有 { $strangers } 名不是由 Usher 邀请的成员会留在工作区里。
removeteam-codes = 限定给它的 { $codes } 个未使用的兑换码将被停用。
team-removed = 🗑 已移除 **{ $team }**。
cleanup = **移除以下 { $count } 个团队？**它们已停止服务，也没有人在其中有席位。保存的凭据会被删除，历史记录保留，重新导入即可恢复。
cleanup-line = 🔴 **{ $team }** – { $state }{ $people ->
        [0] {""}
       *[other] ，仍有 { $people } 人
    }
cleanup-rest = ……另有 { $count } 个
cleanup-strangers = 有 { $strangers } 名不是由 Usher 邀请的成员会留在工作区里。
cleanup-codes = 限定给它们的 { $codes } 个未使用的兑换码将被停用，重新导入也不会恢复。
cleanup-staying = 另有 { $staying } 个团队已停止服务，但仍有人在其中有席位。在您用 /transfer 将他们迁移之前，这些团队会保留。
cleanup-none = ✅ 所有团队都在正常服务，无需清理。
cleanup-none-empty = 暂时没有可移除的团队：已停止服务的团队里仍有人有席位，请先用 /transfer 迁移。
cleanup-done =
    { $count ->
        [0] 没有移除任何团队：它们正在使用，或已恢复服务。
       *[other] 🗑 已移除 { $count } 个团队。
    }
button-clean-up = 🗑 移除
button-import = 🗂 导入团队
button-teams = 团队
button-edit = ✏️ 修改
button-rename = 名称
button-seats = 席位数
button-sync = 🔄 立即读取
button-enable-team = ▶️ 启用
button-disable-team = ⏸ 停用
button-remove-team = 🗑 移除
button-history = 历史
button-who = 谁在里面

## 导入团队

ask-import-document =
    请以文件发送工作区的会话，或直接粘贴：一个 JSON 对象、一个列表，或每行一个。

    如果聊天允许，我会立即删除那条消息；如果它仍然可见，请您自行删除。在您确认之前不会保存任何内容。
credential-from-anyone = 🔒 这看起来是凭据，拿到它的人就能登录。我没有保存其中任何内容，并会尽可能删除那条消息；如果它还在，请您自行删除。
credential-unasked = 🔒 这看起来是凭据，我会尽可能删除那条消息，也没有保存其中任何内容。要导入团队，请先发送 /import；内容较长时请以文件发送，否则聊天软件会把它截成几段。
import-preview = **尚未保存。**{ $new } 个新团队 · { $updated } 个已知 · { $invalid } 个无法识别
    新团队将加入席位池 **{ $pool }**。
import-new = { $number }. 🆕 **{ $team }** · { $seats } 个席位 · { $provider }
import-updated = { $number }. 🔑 **{ $team }** · { $seats } 个席位 · 更新凭据
import-updated-seats = { $number }. 🔑 **{ $team }** · ⚠️ 席位由 { $present } 个改为 { $seats } 个 · 更新凭据
import-invalid = { $number }. ❌ 第 { $line } 行：{ $reason }
import-nothing = ❌ 其中没有可识别的团队，没有保存任何内容。请重新粘贴，或以文件发送。
imported = ✅ 已向 **{ $pool }** 添加 { $created } 个团队{ $updated ->
        [0] {""}
       *[other] ，更新 { $updated } 个凭据
    }{ $invalid ->
        [0] {""}
       *[other] ，{ $invalid } 个无法识别
    }。
    正在读取成员名单。
import-which-pool = 新团队加入哪个席位池？
ask-importdraft-change =
    请发送编号和新的名称、席位数，或两者都写；每行一个团队：
    `2 蓝队 7`
    `全部 5` 设置所有团队的席位数
ask-provider = 是哪种工作区？
ask-addteam-provider = 是哪种工作区？
ask-addteam-address = 它的 SCIM 服务器地址是什么？例如 `https://example.com/scim/v2`
ask-addteam-credential-chatgpt = 请完整粘贴工作区所有者的会话 JSON，或以文件发送。如果聊天允许，我会立即删除那条消息，否则请您自行删除。
ask-addteam-credential-sandbox = 请粘贴沙盒输出的会话 JSON。如果聊天允许，我会立即删除那条消息，否则请您自行删除。
ask-addteam-credential-openai-admin = 请粘贴管理员密钥。如果聊天允许，我会立即删除那条消息，否则请您自行删除。
ask-addteam-credential-scim = 请粘贴 SCIM 令牌。如果聊天允许，我会立即删除那条消息，否则请您自行删除。
choice-chatgpt = ChatGPT 工作区
choice-openai_admin = OpenAI 组织（管理员密钥）
choice-scim = SCIM 2.0
choice-sandbox = 沙盒
button-edit-import = ✏️ 名称和席位数
button-choose-pool = 席位池
button-store = ✅ 保存 { $count } 个团队
reason-credential_not_json = 既不是可读的 JSON，也不是令牌
reason-credential_password = 其中带有密码或其他登录信息。Usher 只接受管理员自己的访问令牌或密钥，这一条没有保存任何内容。如果别人可能看到过，请修改该密码
reason-credential_unknown_provider = 未知的凭据类型
reason-credential_no_token = 缺少令牌
reason-credential_no_account = 缺少工作区编号
reason-credential_no_address = 缺少服务器地址
reason-credential_bad_address = 服务器地址不可用
reason-credential_wrong_kind = 类型不对：需要组织的管理员密钥或工作区的会话，不能用项目密钥或个人账号
reason-credential_bad_characters = 含有不应出现的字符
reason-private_place = 服务器位于内部网络；如需允许，请在 upstream.private_hosts 中写明主机
reason-repeated_line = 与上面的某一行重复
reason-reads_alike = 看起来与第 { $line } 行相同，两者无法区分
reason-scientific_number = 电子表格把兑换码变成了数字（如 1.23E+12），原来的数字已丢失：请把该列按文本导出
reason-extra_columns = 这一行除了兑换码和次数还有别的内容

## 查询

ask-find-what = 要查找谁或什么？请发送邮箱、兑换码或其后四位，或聊天编号。
found = **{ $query }** · { $live ->
        [0] 目前没有席位
       *[other] 目前 { $live } 个席位
    } · 以前 { $over } 个 · 兑换 { $redemptions } 次
found-alike = 没有与“{ $query }”完全相同的内容。您要找的是这些吗？
found-nothing =
    没有找到与“{ $query }”有关的内容。

    有席位的邮箱和团队名称，写一部分就行；兑换码请发送全部或后四位，用户请发送聊天编号。
button-find-again = 🔎 重新查找
button-invite-found = ✉️ 邀请 { $address }
found-lease = 💺 `{ $address }` **{ $team }** 第 { $seat } 席 – { $status }（{ $since }），{ $until }{ $code }
found-lease-code = {" "}· 兑换码 `…{ $code }`
found-until = 有效期至 { $moment }
found-until-term =
    { $term ->
        [unlimited] 无到期日
       *[other] 加入后 { $term }
    }
found-lease-held = ⏳ `{ $address }` **{ $team }** 第 { $seat } 席 – { $status }{ $code }
found-code = 🎟 `…{ $code }` { $state } · 已用 { $used }/{ $most } · { $pool } · #{ $batch }
found-waiting = ⏳ `{ $address }` 自 { $since } 起候补 **{ $pool }**
found-key =
    🔑 `…{ $last4 }`：`{ $person }` 的密钥，{ $state ->
        [paused] 已暂停
        [revoked] 已收回
       *[active] 使用中
    }
found-stranger = 👤 在 **{ $team }** 中，但不是由 Usher 邀请的
found-identity = 💬 `{ $platform }:{ $identity }`（{ $role }）
found-history-heading = **历史**
event-redeemed = { $at } – { $address } 用 `…{ $detail }` 兑换 → { $team }
event-refused = { $at } – { $address } 被拒绝：{ $detail }
event-invited = { $at } – 邀请 { $address } 加入 { $team }
event-joined = { $at } – { $address } 已加入 { $team }
event-moved = { $at } – { $address } → { $team }：{ $detail }
event-readdressed = { $at } – { $address } → { $team }：{ $detail }
event-next-seat = 下一个空席位
event-removed = { $at } – { $address } 移出 { $team }：{ $detail }
event-ended = { $at } – { $address } 在 { $team } 的席位已结束：{ $detail }
event-failed = { $at } – { $address } 在 { $team } 未成功：{ $detail }
moved-asked = 申请迁移
moved-planned = 计划迁移
moved-inviting = 迁移中，正在邀请
moved-waiting = 迁移中，已邀请
moved-removing = 已迁移，正在释放原席位
moved-done = 已迁移
moved-failed = 迁移失败
moved-cancelled = 迁移已取消
readdressed-asked = 申请更换邮箱
readdressed-moving = 正在更换邮箱
readdressed-done = 邮箱已更换
readdressed-failed = 更换邮箱失败
readdressed-cancelled = 未更换邮箱
removed-ended = 席位结束
removed-expired = 到期
removed-transferred = 已迁走
removed-unauthorised = 未经邀请
removed-staff = 由工作人员移出
removed-gone = 已不在工作区中
removed-team-dead = 工作区已失效
removed-offer-expired = 未接受邀请
button-resend-seat = ✉️ 重新发送邀请
button-transfer-seat = 🔁 迁移
button-extend-seat = ⏩ 延长
button-end-seat = ⏹ 结束
button-redemptions = 兑换记录
redemptions = **兑换记录** · { $what }
redemptions-none = 没有符合的兑换记录。
redemption-invited = ✅ { $at } `{ $address }` `…{ $code }` → { $team }，{ $lease }
redemption-member = ☑️ { $at } `{ $address }` `…{ $code }` – 原本就在 { $team }
redemption-invited-moved = ✅ { $at } `{ $address }` `…{ $code }` → { $team }；之后转到 { $now }，{ $lease }
redemption-member-moved = ☑️ { $at } `{ $address }` `…{ $code }` – 原本就在 { $team }；之后转到 { $now }
redemption-refused = ❌ { $at } `{ $address }` `…{ $code }` – { $reason }
redemption-open = ⏳ { $at } `{ $address }` `…{ $code }` → { $team }，确认中
button-redemptions-all = 全部
button-redemptions-invited = 已邀请
button-redemptions-refused = 被拒绝
button-redemptions-unclear = 确认中
button-since-24h = 24 小时
button-since-7d = 7 天
button-since-30d = 30 天

## 统计

stats = 📊 **{ $pool }** · { $at }
stats-empty = 📊 还没有可统计的数据：没有团队，没有兑换码，也没有邀请过任何人。先用 /addteam 添加一个团队。
stats-all = 全部席位池
stats-codes = 🎟 { $many ->
        [true] **{ $codes }** 个兑换码，共 { $uses } 次
       *[other] **{ $codes }** 个兑换码
    }：{ $unused } 未使用 · { $used } 已用{ $expired ->
        [0] {""}
       *[other] {" "}· { $expired } 过期
    }{ $disabled ->
        [0] {""}
       *[other] {" "}· { $disabled } 停用或已删除
    }
stats-seats = 💺 席位 **{ $used }/{ $seats }**（{ $share }）：{ $taken } 占用 · { $held } 预留 · { $free } 空闲{ $closed ->
        [0] {""}
       *[other] {" "}· { $closed } 不可用
    }
stats-people = 👥 { $people } 人兑换 { $redeemed } 次 · 团队成员 { $members } 人 · 待接受的邀请 { $pending } 份
stats-window = 📅 近 { $days } 天：**{ $redeemed }** 次兑换（{ $people } 位新用户）· **{ $joined }** 人加入 · { $refused } 次被拒
stats-acceptance = ✉️ { $median ->
        [no-median] 这些邀请还没有人接受。
       *[other] 这些邀请的接受率为 { $share }，半数在 { $median }内接受。
    }
no-median = –
length-seconds = { $count } 秒
length-minutes = { $count } 分钟
length-hours = { $count } 小时
length-days = { $count } 天
stats-no-pictures = 🖼 没有图表：未安装绘图组件（安装 usher 时加上 charts 附加项）。
stats-pools-heading = **席位池**
stats-pool = { $pool }：{ $used }/{ $seats }（{ $share }）· 还可发放 { $room }
stats-teams-heading =
    { $count ->
        [1] **团队**
       *[other] **{ $count } 个团队中最满的**
    }
stats-team = { $team }：{ $used }/{ $seats }（{ $share }）
stats-sources-heading = **兑换来源**
stats-platforms = { $platforms }
stats-platform = { $platform }：{ $count }
platform-telegram = Telegram
platform-discord = Discord
platform-terminal = 终端
platform-cli = 命令行
platform-web = 兑换页面
platform-system = Usher 自动执行
stats-batch = #{ $batch } { $label }：{ $count }
stats-alerts = 🔔 24 小时内 { $raised } 条告警（{ $loud } 条严重）· { $open } 条未解除
stats-csv = 近 { $days } 天的统计表格。
button-window-7d = 近 7 天
button-window-30d = 近 30 天
button-refresh = 🔄 刷新
button-table = CSV
button-all-pools = 全部席位池
chart-all-pools = 全部席位池
chart-under = 近 { $days } 天 · { $pool }
chart-trend = 兑换与加入
chart-redeemed = 已兑换
chart-joined = 已加入
chart-nothing-yet = 还没有数据
chart-seats = 各团队席位
chart-seats-under = 已用 { $used }/{ $total }，最满的在前 · { $pool }
chart-taken = 占用
chart-held = 预留
chart-free = 空闲
chart-others =
    { $count ->
        [0] 其余团队
       *[other] 其余 { $count } 个团队
    }
chart-no-teams = 还没有团队
chart-funnel = 从兑换码到席位
chart-funnel-under = 自启用以来 · { $pool }
funnel-uses = 发放次数
funnel-invited = 已邀请
funnel-joined = 已加入

## 命令，每条最多 100 个字符

command-generate = 生成兑换码，一行写完或逐步填写
command-codedraft = 继续生成兑换码
command-codes = 按状态、邮箱、后四位、批次、席位池或团队列出兑换码
command-batches = 兑换码批次及其统计
command-export = 以文件导出批次或席位池的兑换码
command-disable = 停用兑换码，或批次中未使用的部分
command-enable = 重新启用兑换码或批次
command-pools = 席位池的席位，以及还可发放多少
command-pool = 查看、建立或修改席位池
command-teams = 团队的席位和状态
command-team = 一个团队的每个席位
command-addteam = 逐步添加一个团队
command-import = 从文件或粘贴的内容导入团队
command-importdraft = 继续导入
command-editteam = 修改团队的名称或席位数
command-teamdraft = 继续修改团队
command-enableteam = 让团队重新接受新成员
command-disableteam = 让团队停止接受新成员
command-removeteam = 移除没有人使用的团队
command-cleanup = 移除已停止服务且没有人使用的团队
command-find = 查询邮箱、兑换码或聊天编号的全部信息
command-redemptions = 兑换记录，最新在前
command-audit = 谁改了什么
command-stats = 统计数据与图表
