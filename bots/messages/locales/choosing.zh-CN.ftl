# 兑换码给谁用、每人可用几个、自选团队、备注。

codes-for = 仅限 { $whose } 使用，其他人用则视为无效。
codes-per-person = 每人最多可用其中 { $most } 个。
code-for = ↳ 仅限 { $whose }

error-person_limit = 这批兑换码每人最多可用 { $most } 个，您已经用满。这个兑换码仍未使用。
reason-person_limit = 您在这批兑换码中已用满每人的上限
error-code_gives_no_seat =
    这个兑换码有效，但可领取的是{ $gives ->
        [credit] { $amount } { $unit }
        [plan] 套餐 { $plan }
       *[other] 访问权限
    }，不是席位。请在与机器人的私聊中发送它，不需要邮箱。这次没有使用任何东西。
reason-code_gives_no_seat =
    可领取的是{ $gives ->
        [credit] { $amount } { $unit }
        [plan] 套餐 { $plan }
       *[other] 访问权限
    }，不是席位：请直接发给机器人，不需要邮箱
error-daily_limit = 每人每天最多可以得到 { $most } 个席位。您的兑换码仍未使用，请{ $until }再试。
reason-daily_limit = 今天的次数已用完，兑换码未使用
error-choose_team =
    { $full ->
        [none] 您的兑换码可以换取一个席位。您想加入哪个团队？
       *[other] { $full } 目前没有空席位。您想改去哪个团队？您的兑换码仍未使用。
    }
reason-choose_team = 还需要选择团队，兑换码未使用

name-choice = 自选团队
option-choice = 用户可以自己选择团队吗
name-per-person = 每人上限
option-per-person = 每人可用这批兑换码中的几个
name-whose = 给谁
option-whose = 仅限一个邮箱或一个人（telegram:42）使用
option-redeem-team = 想加入的团队（席位池允许自选时）

command-note = 给席位或某个人写备注，仅工作人员可见
slash-note = 备注
name-about = 对象
option-about = 邮箱，或某个人，如 telegram:42
name-note-text = 内容
option-note-text = 备注内容；写 - 则删除备注
ask-note-about = 给谁写备注？请写邮箱，或某个人，如 telegram:42。
ask-note-text = 给 { $about } 备注什么？写 - 则删除备注。
noted =
    { $team ->
        [none] 📝 已给 { $about } 写备注：{ $text }
       *[other] 📝 已给 { $about } 在 { $team } 的席位写备注：{ $text }
    }
noted-nothing =
    { $team ->
        [none] { $about } 不再有备注。
       *[other] { $about } 在 { $team } 的席位不再有备注。
    }
found-note =
    { $team ->
        [none] 📝 关于此人：{ $text }
       *[other] ↳ 📝 { $text }
    }
button-find = 🔍 查询

# 可以停止的长任务。
job-kind-sync = 读取全部团队
job-kind-rotate = 改用当前密钥加密
job-kind-backup = 备份全部数据
job-begun = 任务 { $job } 已开始。下一条消息会显示进度，也可以在那里停止。
job-skipped-why = 未做 { $count } 项：{ $reason }
job-failed-why = 失败 { $count } 项：{ $reason }
job-sync-figures = 成员 { $members } 人，待接受的邀请 { $pending } 个 · 较上次：新加入 { $joined } 人，离开 { $gone } 人 · 不是由我邀请的 { $strangers } 人
job-rotate-figures = 已有 { $rewritten } 行改用当前密钥。
reason-unreadable_rows = 有些行用任何密钥都读不出来，“usher code rotate-keys”会列出它们
reason-backup_cannot_write = 无法写入备份文件夹
reason-backup_too_soon = 同一秒内已有另一个备份
reason-backup_unreadable = 备份在存放处无法读回，已删除
reason-backup_target = 无法使用备份的存放处（`backups.target`），原因见日志
button-rotation = 🔐 还剩什么

label-about = 邮箱或某个人
label-choice = 用户可以自选吗
label-per-person = 每人可用几个
label-whose = 给谁用

# 时间按谁的时区显示。
command-timezone = 日期按哪个时区显示
slash-timezone = 时区
option-timezone-zone = Europe/Berlin、城市名、UTC+8；写 off 则用默认时区
timezone =
    我按 **{ $zone }** 为您显示时间，现在是 { $now }。

    想换一个，请写 /timezone 加地点：/timezone 北京、/timezone Europe/Berlin、/timezone UTC+8。
timezone-chosen = 今后我按 **{ $zone }** 为您显示时间，现在是 { $now }。
timezone-of-device =
    消息里的时间由 Discord 按您设备的时区显示。文件和图片里的时间，以及您自己填写的时间，我按 **{ $zone }** 处理，现在是 { $now }。

    想换一个，请用 /timezone 加地点，例如：北京、Europe/Berlin、UTC+8。
timezone-chosen-of-device = 今后文件和图片里的时间，以及您自己填写的时间，我按 **{ $zone }** 处理，现在是 { $now }。消息里的时间由 Discord 按您设备的时区显示。
timezone-question = 🕒 时间目前按 { $zone } 显示。要改成您所在的时区吗？
button-timezone = 🕒 选择时区

name-names = 命名
name-public = 公开名称
label-public = 公开名称
option-public = 用户看到的名称；写 off 则使用内部名称
label-names = 新团队命名
option-names = 新团队的名称，如 {"{"}pool{"}"}-{"{"}date{"}"}-{"{"}seq3{"}"}；写 off 则用其本名
name-over = 超员
label-over = 超员的团队
option-over = 该团队最后加入的人，超出几人就移出几人

job-kind-reinvite = 重新邀请缺席的人
bulk-reinvite = 有 **{ $count } 人**在到期前离开了团队。按剩余时间重新邀请他们吗？
name-missing = 缺席
label-missing = 缺席的人
option-missing = 重新邀请到期前离开团队的人

# 列表文件。
file-csv = 📄 共 { $count } 行，已做成表格。
file-nothing = 没有可以导出的内容。

# 日报与周报。
sweep-name-report = 日报
did-reports_sent = 已发送 { $count } 份报告
subscription-report = 日报于 { $at }（{ $zone }）发送。
name-report = 日报
label-report = 日报时间
option-report = 日报的发送时间，如 08:00；写 off 则不发
report-daily = 📊 **过去一天**
report-weekly = 📊 **过去一周**
report-came = 凭兑换码邀请 { $redeemed } 人 · 加入 { $joined } 人 · 结束 { $ended } 人
report-ending = 一周内有 { $ending } 个席位到期。
report-wishes = 🙋 有 { $count } 个申请等您决定。
report-alerts = 🔴 有 { $count } 条告警未解除。
report-waiting = ⏳ 候补名单上有 { $count } 人。
button-report-wishes = 申请
button-report-alerts = 告警
button-report-waiting = 席位池
