### 标记：**加粗** 与 `原样`（兑换码、邮箱、可复制的内容）。填入的值不带标记。
### 每条消息说明发生了什么、为什么、接下来怎么做；不提系统内部的事。

## 问候、帮助、语言

welcome = 👋 我负责分配团队工作区的席位：请在一条消息里发送您的邮箱和兑换码，例如 `you@example.com TEAM-1234-5678-9ABC-DEFG`。
help = **我能做什么**
help-heading = **{ $heading }**
help-line = /{ $name } – { $what }
help-more =
    您也可以直接把邮箱和兑换码发在一条消息里，顺序随意。
    想了解某个命令，例如：/help redeem
help-examples = 例如：
help-example = `{ $line }`
help-command-alone =
    { $what }

    `{ $usage }`
help-command =
    { $what }

    `{ $usage }`

    { $optional ->
        [true] 方括号 [ ] 里的内容可以省略，其余没写的内容我会逐项询问。
       *[other] 没写的内容我会逐项询问。
    }
language-chosen = 好的，以后我用中文和您交流。
not-understood =
    我没有在这条消息里找到邮箱或兑换码。

    要领取席位，请把两者发在一条消息里：`you@example.com TEAM-1234-5678-9ABC-DEFG`
file-unasked = 谢谢，不过我现在不需要文件，所以没有处理它。发送 /help 可以查看我能做什么。
dialogue-lost =
    抱歉，我忘了我们刚才说到哪里，不知道这条消息在回答什么。

    请重新开始。要领取席位，请把邮箱和兑换码发在一条消息里：`you@example.com TEAM-1234-5678-9ABC-DEFG`
cancelled = 已取消，什么都没有改变。
nothing-to-cancel = 没有需要取消的操作：我没有在等您回答，按钮也只有按下才会执行。发送 /help 可以查看我能做什么。
interrupted =
    处理 /{ $command } 时被中断，我无法确定做到了哪一步。

    请先看看是否已经完成，确认没有完成再重新发送。
failed =
    抱歉，我们这边出了点问题，不是您的错。

    请过一分钟再试。如果再次出现，请把这个编号告诉给您兑换码的团队：`{ $reference }`
slow-down = 消息太快了。请等几秒，再把我没有回复的内容重新发一遍。
answer-later = ⏳ 我暂时读不到记录。您的消息已经收好，恢复后我会马上回复。
not-kept = 刚才没能收下您的消息，请过一分钟再发一次，不会重复使用兑换码。
apology =
    抱歉，您有一条消息我没能回复。

    发送 /myseat 可以查看您现在的席位。如果少了什么，请把那条消息再发一次，不会重复使用兑换码。如果我仍然没有回应，请告诉给您兑换码的团队。
failed-to-show = 操作已完成，但这里无法显示完整的结果。您仍然可以使用 /myseat 和 /help。
terminal-hello = 像给机器人发消息一样输入即可。输入按钮前的数字或字母即可按下它，@文件名 附上文件，Ctrl+C 或 /stop 停止回答，Ctrl+D 结束。
terminal-no-file = 这里没有文件“{ $name }”，没有提问。
terminal-perhaps-a-file = 这里没有文件“{ $name }”，所以没有提问。如果您指的不是文件，请把这一行再发送一次。
terminal-leave = 再按一次 Ctrl+C 或按 Ctrl+D 即可离开。
terminal-which =
    { $count ->
        [0] 没有 { $number } 号按钮。如果您要说的就是这个数字，请再加一个词。
       *[other] #{ $number } 有几个按钮，请输入 { $signs } 之一。
    }
answer-attached = 内容太长，不适合在聊天里显示，已作为文件附上。
files-withheld = 📎 相关的图片或文件无法发送到这个聊天，请私聊我来获取。
no-words = 完成。
group-pointer = 🔒 这件事我们私聊说吧，那里别人看不到。
group-pointer-code = 🔒 您的消息里有兑换码，我已将它删除。十分钟内只有您可以兑换。我们私聊继续吧。
group-pointer-code-exposed = ⚠️ 您的兑换码这里所有人都能看到，而我无权删除。请您删除那条消息，然后立即在私聊中兑换。十分钟内只有您可以兑换。
group-pointer-credential = 🔒 您的消息里有凭据，我已将它删除。我们私聊继续吧。
group-pointer-credential-exposed = ⚠️ 您的凭据这里所有人都能看到，而我无权删除。请您删除那条消息，并换一份新的凭据。我们可以私聊继续。
asked-aside = 请不要发在这个频道里，别人会看到：请点下面的按钮填写，或私聊我。
group-welcome = 👋 我为持有兑换码的人分配团队工作区的席位。我们私聊说吧。

## 提问

ask-any = 请发送：{ $argument }
ask-address = 哪个邮箱？
ask-waitlist-address = 要让哪个邮箱加入候补名单？
ask-code-first = 请发送您的兑换码。如果它给的是席位，请把您的邮箱一起发来。
ask-redeem-address =
    { $count ->
        [0] 席位要给哪个邮箱？
       *[other] 这 { $count } 个兑换码要给哪个邮箱使用？
    }
ask-codes =
    { $address ->
        [none] 您的兑换码是什么？一次最多可以发送 20 个。
       *[other] 请发送 `{ $address }` 要使用的兑换码，一次最多 20 个。
    }
ask-code = 哪个兑换码？格式类似 `TEAM-1234-5678-9ABC-DEFG`。
ask-language = Which language do you prefer? · 您想使用哪种语言？
ask-token = 请发送您收到的登录令牌。
choice-any = 任意
choice-en = English
choice-zh-CN = 简体中文
choice-show = 查看
choice-join = 加入
choice-leave = 退出候补名单
choice-resend = 重新发送邀请
choice-address = 更换邮箱
choice-move = 迁移到其他团队
choice-export = 导出我的数据
choice-erase = 删除我的数据

## 按钮

button-redeem = 🎟 使用兑换码
button-redeem-this = 🎟 使用这个兑换码
button-myseat = 💺 我的席位
button-help = 帮助
button-how = 怎么使用？
button-every-command = 全部命令
button-language = 🌐 语言
button-cancel = 取消
button-as-written = 不，{ $address } 是对的
button-private = 打开私聊
button-try-again = 再试一次
button-join = ⏳ 加入候补名单
button-resend-mine = ✉️ 重新发送邀请
button-other-address = ✏️ 更换邮箱
button-move = 🔁 迁移到其他团队
button-of-seat = { $what }：{ $team }
button-leave = 退出候补名单
button-export = 导出我的数据
button-erase = 删除我的数据
button-erase-confirm = 是的，删除
button-keep = 不，保留
button-up = ‹ 返回
button-back = ‹ 上一页
button-next = 下一页 ›
button-confirm = 是的，执行
button-decline = 不

## 兑换

progress-finding =
    { $of ->
        [1] 🔎 正在为 `{ $address }` 寻找席位……
       *[other] 🔎 第 { $number }/{ $of } 个兑换码：正在为 `{ $address }` 寻找席位……
    }
progress-inviting =
    { $of ->
        [1] ✉️ 席位已预留，正在邀请 `{ $address }`……
       *[other] ✉️ 第 { $number }/{ $of } 个兑换码：席位已预留，正在邀请 `{ $address }`……
    }
progress-confirming =
    { $of ->
        [1] ⏳ 邀请已发出，正在等待工作区确认……
       *[other] ⏳ 第 { $number }/{ $of } 个兑换码：正在等待工作区确认邀请……
    }
redeemed-invited =
    ✅ **完成。**已邀请 `{ $address }` 加入 **{ $team }**。

    请在收件箱（或垃圾邮件）中找到邀请并接受。
redeemed-term =
    { $term ->
        [unlimited] 您的席位没有到期日。
       *[other] 席位从您接受邀请之日起 { $term }内有效。
    }
redeemed-before =
    ✅ 这个兑换码之前已经为 `{ $address }` 发出了加入 **{ $team }** 的邀请，没有再次使用。

    邀请在您的收件箱（或垃圾邮件）里，请接受。
redeemed-joined = ✅ 这个兑换码之前已经让 `{ $address }` 获得了 **{ $team }** 的席位，您也已经加入，没有再次使用。
redeemed-already-member =
    { $team ->
        [none] ✅ `{ $address }` 已经有席位，所以没有使用您的兑换码。
       *[other] ✅ `{ $address }` 已经在 **{ $team }** 中有席位，所以没有使用您的兑换码。
    }

    您可以把它留给另一个邮箱。
redeemed-unclear =
    ⏳ 给 `{ $address }` 的邀请已在途中，但工作区还没有确认。

    您不需要做任何事：我会继续核实，并在这里通知您。在此期间您的兑换码是安全的。
redeemed-many = **{ $count } 个兑换码，邮箱** `{ $address }`
    { $invited } 个已邀请 · { $already_member } 个无需使用 · { $unclear } 个确认中 · { $refused } 个被拒绝
receipt-invited = ✅ `…{ $code }` – 已邀请加入 { $team }
receipt-already-member =
    { $team ->
        [none] ☑️ `…{ $code }` – 未使用：已有席位
       *[other] ☑️ `…{ $code }` – 未使用：已在 { $team } 中有席位
    }
receipt-unclear = ⏳ `…{ $code }` – 确认中，我会通知您
receipt-refused = ❌ `…{ $code }` – { $reason }
receipt-mistyped = ❌ `{ $code }` – { $reason }
reason-any = 被拒绝
reason-mistyped_code = 有输入错误，请检查
reason-code_refused = 无效或已失效
reason-address_used_with_code = 这个邮箱已经用过它
reason-code_posted = 刚被别人发到群里，兑换码未使用
reason-no_seats = 没有空席位，兑换码未使用
reason-team_unavailable = 暂时连不上团队，兑换码未使用
reason-still_confirming = 仍在确认中
reason-address_refused_upstream = 无法邀请这个邮箱，兑换码未使用
reason-address_not_allowed = 不允许使用这个邮箱，兑换码未使用
reason-too_many_attempts = 尝试太频繁，请稍后再试
reason-locked_out = 错误的兑换码太多，请稍后再试
reason-bad_address = 不是邮箱
reason-example_code = 只是示例兑换码
reason-request_key_reused = 之前已经处理过
term-month = { $count } 个月
term-day = { $count } 天
term-hour = { $count } 小时
term-minute = { $count } 分钟
term-second = { $count } 秒
term-unlimited = 无到期日
until = 有效期至 { $moment }
until-term =
    { $term ->
        [unlimited] 无到期日
       *[other] 自接受邀请之日起 { $term }
    }

## 查验

verify-valid =
    ✅ **这个兑换码有效**，可领取 **{ $pool }** 的席位。
    { $most ->
        [1] 还没有使用过。把它和一个邮箱一起发给我，就会邀请这个邮箱。
       *[other] 还可使用 { $left } 次，共 { $most } 次，每次邀请一个邮箱。
    }
verify-valid-credit =
    ✅ **这个兑换码有效**，可领取 **{ $amount }** 额度。{ $most ->
        [1] 还没有使用过。
       *[other] 还可使用 { $left } 次，共 { $most } 次，每人一次。
    }
verify-valid-plan =
    ✅ **这个兑换码有效**，可开通套餐 **{ $plan }**。{ $most ->
        [1] 还没有使用过。
       *[other] 还可使用 { $left } 次，共 { $most } 次，每人一次。
    }
verify-valid-access =
    ✅ **这个兑换码有效**，可开通访问权限。{ $most ->
        [1] 还没有使用过。
       *[other] 还可使用 { $left } 次，共 { $most } 次，每人一次。
    }
verify-term-gift = 有效期：{ $term }。直接把兑换码发给我即可，不需要邮箱。
verify-used-up = 这个兑换码（`…{ $code }`）属于 **{ $pool }**，次数已全部用完。
verify-disabled = **{ $pool }** 的这个兑换码（`…{ $code }`）已被停用。详情请询问给您兑换码的团队。
verify-expired = **{ $pool }** 的这个兑换码（`…{ $code }`）已于 { $expires } 过期。
verify-term = 席位有效期：{ $term }。
verify-term-temporary = 这是临时席位：{ $term }后自动结束。
verify-expires = 请在 { $expires } 之前兑换。
verify-never-expires = 兑换码本身不会过期。

## 我的席位、余量、候补名单

myseat =
    { $count ->
        [0] 您还没有席位。
        [1] **您的席位**
       *[other] **您的 { $count } 个席位**
    }
myseat-none =
    您还没有席位。

    把邮箱和兑换码发给我，我就为您领取一个。
myseat-kept = 您要求删除数据时，有 { $count } 个席位为您保留到结束。我已不知道是哪些席位，因此无法在这里显示或更改。

    今后兑换的内容会重新记录。
myseat-invited = ✉️ `{ $address }` – 已于 { $invited } 受邀加入 **{ $team }**，尚未接受。请在收件箱中接受邀请。席位期限：{ $until }。
myseat-active = 💺 `{ $address }` – { $joined } 起在 **{ $team }**，{ $until }
myseat-transferring = 🔁 `{ $address }` – 正从 **{ $team }** 迁出，新的邀请已在途中。
myseat-confirming = ⏳ `{ $address }` – 兑换码 `…{ $code }` 自 { $since } 起确认中，我会通知您。
myseat-resent = ✉️ 加入 **{ $team }** 的邀请已再次发往 `{ $address }`，也请看看垃圾邮件。
myseat-sent-recently =
    加入 **{ $team }** 的邀请几分钟前刚发往 `{ $address }`。邮件有时会慢一些，也请看看垃圾邮件。

    我可以{ $until }再发一次。
ask-myseat-address = 席位要换成哪个邮箱？如果您已经加入，需要我们的团队先同意。
myseat-address-asked =
    已请我们的团队把您的席位换到 `{ $address }`。

    在新邮箱加入之前，现有席位会一直保留，我会在这里通知您。
myseat-address-changing =
    ✉️ 发往 `{ $before }` 的邀请还没有人接受，所以我改为邀请 `{ $address }`，并撤回之前的邀请。

    请在新邮箱中接受邀请。
myseat-move =
    您在 **{ $team }** 的席位（`{ $address }`）将迁移到另一个团队。

    您会收到新的邀请，接受之前现有席位会一直保留。要继续吗？
myseat-moving = 🔁 您的席位正在迁移，需要您操作时我会在这里通知您。
stock = **空席位**
stock-line =
    { $free ->
        [0] { $pool }：没有空席位，{ $waiting } 人候补
       *[other] { $pool }：{ $free } 个空席位
    }
stock-hidden = 这里不显示空席位的数量。有兑换码的话直接试就好：没有空席位时不会使用兑换码。
waitlist = **您在候补名单中的位置**
waitlist-none =
    您不在候补名单中。

    兑换时如果没有空席位，点一下按钮就能加入名单。
waitlist-how = 要加入候补名单，请照常发送邮箱和兑换码。没有空席位时，我会提供加入候补名单的按钮。
waitlist-joined =
    ✅ `{ $address }` 已加入候补名单。有空席位之前，您的兑换码不会被使用。

    轮到您时我会发出邀请，并在这里通知您。
waitlist-place = ⏳ **{ $pool }** 第 { $position } 位 – `{ $address }`，兑换码 `…{ $code }`，自 { $since } 起
waitlist-left =
    { $count ->
        [1] 您已退出候补名单，兑换码仍未使用。
       *[other] 您已退出候补名单中的 { $count } 个位置，兑换码仍未使用。
    }

## 工作人员登录、多平台同一人

signed-in = ✅ 登录成功，您的角色是“{ $role }”。发送 /help 查看现在可以做什么。
role-anyone = 访客
role-viewer = 查看员
role-operator = 操作员
role-admin = 管理员
role-owner = 所有者
role-person = 本人
link =
    要在另一个平台上使用同一身份，请在那里打开机器人并发送：
    `/claim { $token }`

    仅可使用一次，{ $until } 前有效。那边会问您是不是 `{ $own }`，这边会告诉您对方是谁：两边都确认之前不会合并任何东西。无论别人怎么说，都不要把它发给任何人。
link-offered = **这也是您吗？**`{ $identity }`。您在这里是 `{ $own }`，合并后两者就是同一个人：以任一身份都能查看和更改两者的席位和邮箱。

    如果这个令牌是别人发给您的，请选“不是”。
link-agreed = 正在询问 `{ $identity }`。得到答复之前不会合并。
link-wanted = **有人想与您合并为同一个人：**`{ $identity }` 与 `{ $own }`。那是您吗？合并后，以任一身份都能查看和更改两者的席位和邮箱。

    如果 `{ $identity }` 不是您自己的账号，请选“不是”。
link-declined = 没有合并任何东西。
linked = ✅ 这个聊天和 `{ $identity }` 现在属于同一个人：您。席位和语言共用。
button-link = 是，两个都是我
button-link-decline = 不是
notice-link_wanted = `{ $identity }` 想与您合并为同一个人。发送 /link 查看详情，并回答是或不是。
notice-link_joined = ✅ `{ $identity }` 已同意：您与对方现在是同一个人，席位和语言共用。
choice-agree = 是，两个都是我
choice-decline = 不是

## 隐私

privacy = **我知道的关于您的信息**
    • 您兑换时使用的邮箱，以及席位和日期
    • 这个聊天的编号（用于给您发消息）、您的语言和时区
    • 您在候补名单中的位置（如果有）

    兑换码加密保存。工作人员能看到您的邮箱，也能导出兑换码用于发放；其他人都不能。
privacy-export = 这是我保存的关于您的全部信息。
privacy-erase = **删除关于您的全部信息？**

    已结束席位的邮箱、这个聊天、您的语言和候补名单中的位置都会被删除，无法恢复。
    为应急而保存的加密记录会在两天内一并清除；已有的备份在被删除之前仍保留其中的内容。
    您仍在使用的席位会保留，但我将无法再给您发送相关消息。
privacy-erased =
    { $kept ->
        [0] 完成，您的信息已删除。
       *[other] 完成，您的信息已删除。现有席位的邮箱会保留到席位结束。
    }

## 拒绝

error = 抱歉，没有成功，什么都没有改变。
error-refused = 抱歉，不能这样做，什么都没有改变。
error-bad_input = 我没看懂。请重新写一遍，或发送 /help 查看说明。
error-bad_address = 这看起来不是邮箱。请检查后重新发送，例如 `you@example.com`。
error-address_doubtful =
    我不确定是否读对了您的邮箱：`{ $written }`。没有使用任何兑换码。

    { $count ->
        [0] 请单独再发一遍，不要带其他内容。
        [1] 是这一个吗？如果不是，请再发一遍。
       *[other] 是哪一个？如果都不是，请再发一遍。
    }
error-address_masked = `{ $written }` 隐去了部分字母，不是完整的邮箱。没有使用任何兑换码，请发送完整的邮箱。
error-address_unlikely =
    您是想写 { $meant } 吗？您写的是 `{ $written }`。

    目前没有使用任何兑换码。
error-several_addresses =
    我看到了多个邮箱：{ $addresses }。

    没有使用任何兑换码。请问席位给哪一个邮箱？
error-list_unreadable = 我无法识别这个文件的编码。请另存为 UTF-8 后重新发送。
error-unknown_system = { $file } 不是我认识的任何系统的数据库。其中的表：{ $tables }。
error-damaged_file = { $file } 无法读取：文件已损坏，或不是它的名称所说的内容。没有做任何更改。
error-example_code = 那只是我用来说明兑换码格式的例子。请发送您收到的兑换码。
error-mistyped_code =
    { $code ->
        [none] 兑换码有输入错误。
       *[other] 兑换码 `{ $code }` 有输入错误。
    }请逐个字符核对，或直接复制粘贴。这不计入尝试次数。
error-bad_term = 我不明白“{ $text }”是多长时间。请这样写：`1 个月`、`30 天`、`24 小时`或`永久`。
error-bad_number =
    { $high ->
        [9007199254740992] “{ $name }”不能是这个数：应不小于 0，且最多 15 位。
       *[other] “{ $name }”必须是 { $low } 到 { $high } 之间的整数。
    }
error-bad_choice = “{ $name }”不能是“{ $value }”。可选：{ $choices }。
error-unknown_option =
    /{ $command } 没有 `{ $name }` 这个选项，没有执行任何操作。{ $count ->
        [0] 它没有选项。
       *[other] 可用的选项：{ $options }。
    }详细用法：/help { $command }
error-option_twice = “{ $name }”写了两次，没有执行任何操作。请只写一次。
error-left_over = 我不明白 `{ $text }` 在 /{ $command } 里是什么意思，没有执行任何操作。由多个词组成的名称请用引号括起来。详细用法：/help { $command }
error-general_bound = 通用兑换码不属于任何团队，没有生成任何兑换码。请去掉 `team={ $team }`，或改写 `kind=bound`。
error-pool_unnamed = 有多个席位池，您没有说明是哪一个。请选择：{ $pools }
ask-share-token = 要打开哪个链接？请发送别人给您的内容，以“chat-”开头。如果想分享自己的对话，只发送 /share 就可以。
ask-codes-last4 = 哪个兑换码？请发送其后四位，或指定批次。
ask-batches-batch = 哪个批次？请发送编号。
ask-transfers-number = 哪次迁移？请发送列表中的编号。
ask-chats-number = 哪段对话？请发送编号，见 /chats。
ask-chats-number-again = 请发送 /chats 中显示的编号。
ask-wallet-action = 您想用钱包做什么？
ask-staff-action = 您想做什么？
ask-hooks-action = 要对它做什么？
ask-keys-value = 改成什么？
error-missing_argument = 还缺少“{ $name }”，请发送。
error-too_many_codes = 一共有 { $given } 个兑换码，一条消息最多 { $most } 个。没有使用任何兑换码，请分批发送。
error-no_codes = 我没有找到兑换码。格式类似 `TEAM-1234-5678-9ABC-DEFG`。
error-credential_unreadable = 我无法识别这段工作区会话，没有保存任何内容。请完整地重新复制一次。
error-unknown_command =
    { $nearest ->
        [none] 没有 /{ $name } 这个命令。发送 /help 查看我能做什么。
       *[other] 没有 /{ $name } 这个命令。您是想用 /{ $nearest } 吗？
    }
error-not_allowed =
    { $has ->
        [person] 这件事只能由本人以自己的身份操作。
        [viewer] 这需要“{ $role }”角色，而您是查看员。所有者可以授予您。
        [operator] 这需要“{ $role }”角色，而您是操作员。所有者可以授予您。
        [admin] 这需要“{ $role }”角色，而您是管理员。所有者可以授予您。
       *[anyone] 这是工作人员的功能。如果您是工作人员，请先用 /claim 登录。
    }
error-private_only = 🔒 这件事请在私聊中进行，请把消息发到那里。
error-not_found =
    { $kind ->
        [seat] 我不确定您指的是哪个席位。/myseat 会列出您的席位和对应的按钮。
        [waiting_place] 您不在候补名单中，无需退出。
        [pool] 没有名为“{ $name }”的席位池。
        [parent] 无法从“{ $name }”领取账号。/source 可查看可用的账号。
        [team] 没有名为“{ $name }”的团队。
        [batch] 没有批次 { $name }。
        [code] 没有兑换码 { $name }。
        [lease] { $name } 没有席位。
        [model] { $name ->
            [none] 请先选择模型：发送 /model 可查看能提问的模型。
           *[other] 没有名为“{ $name }”的模型。发送 /model 可查看能提问的模型。
        }
        [models] 这里还没有可以提问的模型。
        [models_off] 目前没有可以提问的模型。
        [summary] 这里还没有得到过回答，没有内容可以写成摘要。
        [question] 这里还没有提过问题，直接写下想问的就可以。
        [answer] 这个回答已经不在了。
        [conversation] 您没有编号为 { $name } 的对话。发送 /chats 可查看您的对话。
        [share] { $name ->
            [none] 这个链接打不开，或已失效。
           *[other] 您没有 { $name } 号链接。`/share list` 可查看您的链接。
        }
        [alert] 没有告警 { $name }。
        [job] 没有任务 { $name }。
        [transfer] 没有迁移 { $name }。
        [request] 没有编号为 { $name } 的待决定申请。
        [unclear_invite] 没有编号为 { $name } 的未确定邀请。
        [setting] “{ $name }”不能用命令更改，或不是设置项。
        [subscription] 本聊天没有订阅告警，无需取消。
       *[other] 没有找到“{ $name }”，请检查写法。
    }
error-name_taken = 名称“{ $name }”已被使用，请换一个。
error-code_refused =
    这个兑换码无效，或已失效。

    请检查是否复制完整。如果确实无误，请询问给您兑换码的团队。
error-code_posted =
    几分钟前有人在群里发出了这个兑换码，目前只有发出的人可以兑换。没有使用任何兑换码。

    如果它是您的，请{ $until }再试。
error-address_used_with_code =
    这个兑换码已经给 `{ $address }` 用过，那个席位后来已经结束。

    要再领取席位，需要新的兑换码。
error-address_not_allowed = 这个邮箱不能在这里领取席位，您的兑换码未使用。请使用您所在组织提供的邮箱。
error-address_refused_upstream =
    工作区拒绝邀请 `{ $address }`，您的兑换码未使用。

    请检查邮箱，或换一个邮箱再试。
error-nothing_free = 目前没有空席位，没有使用任何兑换码。
error-no_seats =
    { $waitlist ->
        [true] 目前席位已满，您的兑换码仍未使用。您可以加入候补名单：一有空席位，我就会邀请并通知您。
       *[other] 目前席位已满，您的兑换码仍未使用，请稍后再试。
    }
error-team_unavailable =
    有空席位，但暂时连不上它们的工作区。您的兑换码仍未使用。

    请过几分钟再试。
error-quota_exceeded = 这需要 { $wanted } 次，但目前{ $available ->
        [0] 没有可发放的次数
       *[other] 只能再发放 { $available } 次
    }。没有生成任何兑换码。
error-too_many = 太频繁了，请{ $until }再试。
error-too_many_attempts = 您在一小时内尝试得太频繁，请{ $until }再试。没有使用任何兑换码。
error-locked_out =
    错误的兑换码太多，我暂时不再接受您的兑换码，请{ $until }再试。没有使用任何兑换码。

    请趁这段时间向给您兑换码的团队核对。
error-sign_in_locked = 无效的令牌太多，我暂时不再接受您的令牌，请{ $until }再试。其他功能照常使用。
error-banned =
    { $for_good ->
        [true] 我们的团队已将您封禁。
       *[other] 我们的团队已将您封禁至 { $until }。
    }理由：{ $reason }

    您已有的席位不受影响。发送 /privacy 可查看并删除您的信息。
error-staff_stays = `{ $identity }` 是工作人员，请先收回其角色。
error-link_refused =
    { $reason ->
        [staff] 工作人员的身份不与其他身份合并：角色由所有者在每个平台上分别授予。没有合并任何东西。
        [yourself] 那本来就是您。
       *[over] 这个请求已经过期，或者不该由您回答。没有合并任何东西。发送 /link 可重新开始。
    }
error-conflict = 情况已经有变化。请重新查看，如果仍然需要，再操作一次。
error-request_key_reused = 这条消息之前已经处理过，请发送新的消息。
error-still_confirming =
    这个邮箱的一份邀请仍在确认中，没有再使用任何兑换码。

    请等我的消息，然后再试。
error-button_expired = 这个按钮已经过期，请从菜单重新开始。
error-button_not_yours = 这个按钮是给别人的。
error-button_used = 这一步已经做过了。
error-claim_token_refused = 这个登录令牌无效，或已失效。请索取新的令牌。连续输错几次后，我会停止接受半小时。
error-code_has_uses =
    { $count ->
        [1] 这个兑换码已被使用过，只能停用，不能删除。
       *[other] 其中 { $count } 个兑换码已被使用过，只能停用，不能删除。
    }
error-waitlist_closed = 这些席位没有候补名单。您的兑换码仍未使用，请稍后再试。
error-transfer_refused =
    { $reason ->
        [used_up] 这个席位的迁移次数已用完（{ $most } 次），工作人员仍可以迁移。
        [not_offered] 这个席位不支持自行迁移，请询问给您兑换码的团队。
        [same_team] 席位已经在那个团队里，什么都没有改变。
        [same_address] 席位已经是这个邮箱，什么都没有改变。
        [address_present] 这个邮箱在该团队里已经有席位，请换一个邮箱。
        [under_way] 这个席位正在迁移，完成后会通知您。
        [too_late] 新的邀请已经发出，不能再停止迁移。
        [over] 这次迁移已经结束，不能再放弃。
        [not_failed] 这次迁移没有失败，无需重新开始。
        [held] 这个席位的邀请仍在确认中，请过一分钟再试。
        [ended] 这个席位已经结束，不能迁移，什么都没有改变。
        [ending] 这个席位正在结束，不能迁移，什么都没有改变。
       *[other] 现在不能迁移这个席位，什么都没有改变。
    }
error-lease_refused =
    { $reason ->
        [ended] 这个席位已经结束，什么都没有改变。
        [held] 这个席位的邀请仍在确认中，请过一分钟再试。
        [moving] 这个席位正在迁移，请等迁移完成。
        [ending] 这个席位正在结束，什么都没有改变。
        [unlimited] 这个席位没有到期日，无需延长。
        [not_joined] 对方还没有接受邀请，接受之后才开始计时。
        [joined] 对方已经加入，没有邀请可以更改了。
       *[other] 现在不能对这个席位这样做，什么都没有改变。
    }
error-team_in_use = “{ $name }”里还有 { $count } 个席位在使用，不能移除。请先迁移或结束这些席位。
error-outcome_unknown = 处理到一半时与数据库的连接断开了，我不知道这件事是否已经完成。再次提交之前，请先查看{ $about ->
    [leases] { " " }/leases 或 /find
    [redemptions] { " " }/myseat 或 /redemptions
    [transfers] { " " }/transfers
    [waitlist] { " " }/waitlist
    [codes] { " " }/batches
    [jobs] { " " }/jobs
    [teams] { " " }/teams
    [alerts] { " " }/alerts
    [people] { " " }/staff
   *[other] 它原本要更改的内容
 }。
error-busy = 现在非常繁忙。什么都不会丢失，也不会重复使用，请过一分钟再试。
error-misconfigured = 我还没有配置完成，请告诉运行我的团队。
error-undecipherable = 一项保存的密钥已无法读取，请告诉运行我的团队。

## 通知

notice-invited =
    ✅ **已确认。**已邀请 `{ $address }` 加入 **{ $team }**（兑换码 `…{ $code }`）。

    请在收件箱（或垃圾邮件）中找到邀请并接受。
notice-already_member =
    { $team ->
        [none] ✅ `{ $address }` 之前已经有席位，所以没有使用您的兑换码 `…{ $code }`。
       *[other] ✅ `{ $address }` 之前已经在 **{ $team }** 中有席位，所以没有使用您的兑换码 `…{ $code }`。
    }
notice-redemption_refused =
    ❌ `{ $address }` 使用兑换码 `…{ $code }` 没有成功：{ $reason }。

    您可以再试一次，没有任何损失。

notice-waitlist_invited =
    🎉 有空席位了，它是您的：已邀请 `{ $address }` 加入 **{ $team }**（兑换码 `…{ $code }`）。

    请尽快在收件箱（或垃圾邮件）中接受邀请，否则席位会给下一位。
notice-waitlist_closed =
    `{ $address }` 在候补名单中的位置（兑换码 `…{ $code }`）已经结束：{ $reason }。

    如果仍然需要席位，请重新发送邮箱和兑换码。
notice-waitlist_offer_expired =
    为 `{ $address }` 保留的 **{ $team }** 席位没有及时接受，已经给了下一位。

    您的兑换码恢复为未使用，可以再次发送。
notice-address_change_declined = 我们的团队没有同意为您在 **{ $team }** 的席位更换邮箱。席位仍属于 `{ $address }`，什么都没有改变。
notice-lease_expiring =
    ⏰ 您在 **{ $team }** 的席位（`{ $address }`）将于 { $until } 到期。

    要继续拥有席位，请在此之前使用新的兑换码，或询问给您兑换码的团队。
notice-lease_ended =
    您在 **{ $team }** 的席位（`{ $address }`）已经结束：{ $reason ->
        [reason-expired] 有效期已满。
        [reason-gone] 您已不再是该工作区的成员。
        [reason-team_dead] 该工作区已关闭。
       *[other] 由我们的团队结束。
    }

    有新的兑换码时，随时可以再领取席位。
notice-lease_extended = ✅ 您在 **{ $team }** 的席位（`{ $address }`）现在有效期至 { $until }。
notice-transfer_started =
    { $cause ->
        [address] ✏️ 您在 **{ $team }** 的席位正在更换邮箱。新邮箱接受邀请之前，席位仍属于 `{ $address }`。
       *[other] 🔁 您的席位（`{ $address }`）正在从 **{ $team }** 迁出。
    }

    { $cause ->
        [address] 您暂时不需要做任何事。
       *[other] 您暂时不需要做任何事；在获得新席位之前，现有席位会一直保留。
    }
notice-transfer_invited =
    { $cause ->
        [address] ✉️ 已邀请 `{ $address }` 加入 **{ $team }**，接替您在那里的席位。
       *[other] ✉️ 新席位已经准备好：已邀请 `{ $address }` 加入 **{ $team }**。
    }

    { $cause ->
        [address] 请在这个邮箱的收件箱（或垃圾邮件）中接受邀请。
       *[other] 请在收件箱（或垃圾邮件）中接受邀请，席位就不会中断。
    }
notice-transfer_done =
    { $cause ->
        [address] ✅ 邮箱已更换：您在 **{ $team }** 的席位现在属于 `{ $address }`。
       *[other] ✅ 迁移完成：`{ $address }` 现在的席位在 **{ $team }**。
    }{ $joined ->
        [false] 如果收件箱里还有未接受的邀请，请接受它。
       *[other] {""}
    }
notice-transfer_failed =
    您的席位（`{ $address }`）没能迁出 **{ $team }**，您原有的一切都保持不变。

    我们的团队已收到通知，会处理此事。

mail-invited =
    您好：

    { $address } 已受邀加入工作区 { $team }。邀请由工作区的服务商另行发送，请在那封邮件中接受；如果找不到，请看看垃圾邮件。

    收到这封邮件，是因为有人用您的邮箱兑换了席位。如果不是您本人，请忽略。
    .subject = 您在 { $team } 的席位
mail-waitlist_offer_expired =
    您好：

    为 { $address } 保留的工作区 { $team } 席位没有及时接受，已经给了下一位。您的兑换码恢复为未使用，可以再次发送。
    .subject = { $team } 的席位已给下一位
mail-address_change_declined =
    您好：

    我们的团队没有同意为您在工作区 { $team } 的席位更换邮箱。席位仍属于 { $address }，什么都没有改变。
    .subject = 您在 { $team } 的席位保留原邮箱
mail-lease_expiring =
    您好：

    您在工作区 { $team } 的席位（{ $address }）将于 { $until } 到期。

    要继续拥有席位，请在此之前使用新的兑换码，或询问给您兑换码的团队。
    .subject = 您在 { $team } 的席位即将到期
mail-lease_ended =
    您好：

    您在工作区 { $team } 的席位（{ $address }）已经结束：{ $reason ->
        [reason-expired] 有效期已满。
        [reason-gone] 您已不再是该工作区的成员。
        [reason-team_dead] 该工作区已关闭。
       *[other] 由我们的团队结束。
    }

    有新的兑换码时，随时可以再领取席位。
    .subject = 您在 { $team } 的席位已经结束
mail-lease_extended =
    您好：

    您在工作区 { $team } 的席位（{ $address }）现在有效期至 { $until }。
    .subject = 您在 { $team } 的席位已延长
mail-transfer_started =
    您好：

    您的席位（{ $address }）正在从工作区 { $team } 迁出。您暂时不需要做任何事；在获得新席位之前，现有席位会一直保留。
    .subject = 您在 { $team } 的席位正在迁移
mail-transfer_invited =
    您好：

    新席位已经准备好：{ $address } 已受邀加入工作区 { $team }。邀请由工作区的服务商另行发送，请接受邀请，席位就不会中断。
    .subject = 您在 { $team } 的新席位
mail-transfer_done =
    您好：

    迁移完成：{ $address } 现在的席位在工作区 { $team }。
    .subject = 您已迁移到 { $team }
mail-transfer_failed =
    您好：

    您的席位（{ $address }）没能迁出工作区 { $team }，您原有的一切都保持不变。我们的团队已收到通知，会处理此事。
    .subject = 您在 { $team } 的席位保持不变

## 命令，每条最多 100 个字符

command-start = 开始
command-redeem = 用兑换码为邮箱领取席位
command-myseat = 我的席位在哪里、到什么时候
command-verify = 查验兑换码，不会使用它
command-stock = 还有多少空席位
command-waitlist = 我在候补名单中的位置
command-language = 选择语言 · Choose the language
command-help = 我能做什么
command-privacy = 我保存的关于您的信息，可导出或删除
command-claim = 工作人员用令牌登录
command-link = 在另一个平台上使用同一身份
command-cancel = 取消当前的提问

group-seats = 席位
group-account = 您与这个聊天
group-figures = 统计
group-codes = 兑换码
group-people = 人员与席位
group-teams = 团队
group-alerts = 告警
group-operations = 运维
group-staff = 工作人员

## Alerts

level-info = 提示
level-warning = 警告
level-error = 错误
level-critical = 严重
category-team_capacity = 席位
category-transfer_failure = 迁移
category-provider = 工作区
category-database = 数据库
category-security = 安全
category-system = 系统

alert-message =
    { $level ->
        [info] ℹ️
        [warning] ⚠️
        [error] 🔴
       *[critical] 🚨
    } **{ $loud }** · { $category } · #{ $alert }

    { $what }
alert-message-resolved =
    ✅ **已解除** · { $category } · #{ $alert }

    { $what }
alert-seen =
    { $count ->
        [1] 出现过 1 次，时间：{ $last }。
       *[other] 自 { $since } 起出现 { $count } 次，最近一次：{ $last }。
    }
alert-over = 解除者：{ $by }，时间：{ $at }。
alert-by-itself = 系统自动（原因已消失）
alert-silent = 静音至 { $until }。
alert-about =
    { $count ->
        [1] 出现过 1 次，时间：{ $last }。
       *[other] 自 { $since } 起出现 { $count } 次，最近一次：{ $last }。
    }
    对象：`{ $subject }`
alert-any = { $title }

alert-team_capacity = 团队 **{ $team }** 快满了：{ $seats } 个席位已占用 { $occupied } 个。请为席位池添加团队，或提高该团队的席位数，以免新用户需要候补。
alert-pool_capacity = 席位池 **{ $pool }** 快满了：{ $seats } 个席位已占用 { $occupied } 个。请添加团队，否则新用户只能进入候补名单。{ $which }
alert-pool_full =
    { $seats ->
        [0] 席位池 **{ $pool }** 目前没有可以接收新用户的团队：团队都已停用或出现故障。新用户只能进入候补名单。{ $which }
       *[other] 席位池 **{ $pool }** 已没有空席位：{ $seats } 个席位已占用 { $occupied } 个。在添加团队之前，新用户只能进入候补名单。{ $which }
    }
alert-full-teams =
    { $more ->
        [0] 已满的团队：{ $teams }。
       *[other] 已满的团队：{ $teams }，另有 { $more } 个。
    }
alert-team_full = 团队 **{ $team }** 已满：{ $seats } 个席位已占用 { $occupied } 个。{ $uses ->
        [0] 请为席位池添加团队，或提高该团队的容量。
       *[other] 只能用于该团队的兑换码还有 { $uses } 次未使用。
    }
alert-pool_few_seats =
    { $free ->
       *[other] 席位池 **{ $pool }** 只剩 { $free } 个空席位。
    }
alert-pool_overcommitted = **{ $pool }** 已发出的兑换码多于席位：还有 { $unused } 次未使用，空席位只有 { $free } 个。请添加团队，或停用不再需要的兑换码。
alert-transfer_failed = 无法将 `{ $address }` 迁出 **{ $team }**：{ $reason }。此人仍保留现有席位，请用 /leases 查看后重新发起迁移。
alert-transfer_stuck = 第 { $transfer } 号迁移已很久没有进展（{ $state }）。如果一直如此，请用 /leases 查看。
alert-removal_failed = 无法将 `{ $address }` 移出 **{ $team }**：{ $reason }。在有人到工作区手动移出之前，该席位仍被占用。
alert-expired_leases = 有 { $count } 个席位已经到期，但成员仍在团队中。可能是某个团队无法访问，或者没有后台进程在运行。
alert-redemptions_unclear = 有 { $count } 笔兑换等待确认的时间过长。不会有任何损失，系统会继续核对。请检查相应的工作区能否访问。
alert-team_expired = 团队 **{ $team }** 已停止接受新成员：其工作区一直报错，或者不接受现有凭据（`{ $error }`）。请用 /addteam 粘贴新的凭据。
alert-fewer_seats_stated = **{ $team }** 设定为 { $seats } 个席位，但其工作区显示只有 { $stated } 个。在显示更多之前，Usher 按 { $stated } 个处理；可用 /editteam 另行设定。
alert-team_unpaid = **{ $team }** 的账单尚未付清，暂时无法取得席位：新成员会先安排到其他团队。凭据本身没有问题。请到服务商处付清账单，或购买所需的席位。
alert-group_members_hidden = **{ $team }** 的服务器不显示其许可组里有哪些人。Usher 会改为逐个查询用户，因此请求会更多。
alert-team_gone = 团队 **{ $team }** 的工作区已不存在或已被停用（`{ $error }`）。只要其他团队有空席位，其成员会被迁移过去。
alert-reading_failed = 连续多次无法读取 **{ $team }** 的成员名单（`{ $error }`）。系统不会依据旧名单做任何改动。
alert-credential_ends = 团队 **{ $team }** 的凭据将于 { $until } 到期。请在此之前用 /addteam 粘贴新的凭据。
alert-too_many_strangers = **{ $team }** 中有太多未知成员（{ $count } 人），名单可能有误，因此没有移出任何人。请用 /sweep 查看。
alert-address_change_asked = **{ $team }** 中有人申请更换席位的邮箱，请处理。
alert-wrong_code_burst = 一分钟内出现大量错误的兑换码（{ $count } 次），可能有人在猜码。猜码者会被自动锁定。
alert-sweep_failed = 自动任务“{ $sweep }”失败（`{ $error }`）。系统会重试，详情见日志。
alert-sweep_late = 自动任务“{ $sweep }”到时间却没有运行。后台进程在运行吗？
alert-unexpected_error = 发生了意料之外的错误（`{ $kind }`）。请在日志中搜索 `{ $reference }`。
alert-telegram_conflict = 另一个程序正在收取这个 Telegram 机器人的消息，因此消息到不了这里。请停止那个程序，或用 @BotFather 更换令牌。
alert-telegram_token_rejected = Telegram 不再接受机器人的令牌。请把 @BotFather 中的当前令牌填入 `telegram.token` 后重新启动。
alert-update_dead = 来自 { $platform } 的一条消息多次处理失败。已请发送者重新发送，详情见日志。
alert-chat_unreachable = 已无法向 { $platform } 上的聊天 `{ $chat }` 发送消息：它已不存在，或者把我移出了。只要本聊天订阅了相应的告警，就会在这里收到。
alert-notice_dead = 一条经 { $channel } 发送的消息无法送达，已放弃（`{ $template }`，`{ $error }`）。详情见日志。
alert-dead_notices = 最近一天内有 { $count } 条消息无法送达，已放弃。
alert-notices_late = 有 { $count } 条消息等待发送，最久的已等 { $minutes } 分钟（{ $channels }）。负责发送的进程在运行吗？平台能访问吗？
alert-job_given_up = 任务 { $job }（{ $kind }）已使三个处理它的进程崩溃，因此被放弃。用 /jobs { $job } 查看进度。
alert-database_size = 数据库已增长到 { $megabytes } MB，超过了预计的 { $limit } MB。
alert-table_rows = 数据表 { $table } 已有 { $count } 行，超过了预计的 { $limit } 行。超出的表：{ $tables }。请检查自动任务 `retention` 是否在运行；若在运行，请用 /settings 调高 `alerts.table_rows`，或减小 `sweeps.retention_days`。
alert-statements_slow = 有 { $count } 条数据库语句用时超过 { $limit } 秒，最慢的 { $slowest } 秒。
alert-redis_away = Redis 没有响应。系统会继续运行：期间对话内容保存在数据库里，各进程分别统计消息数量，之前正在回答问题的人可能需要重新开始。请检查 Redis 是否在运行，以及 `redis.url` 是否正确。
alert-clock_skew = 有一台机器的时钟与数据库相差 { $seconds } 秒。系统不依赖它做判断，但其日志时间会不准。

alerts =
    { $state ->
        [open] **{ $total } 条未解除的告警**
        [resolved] **{ $total } 条已解除的告警**
       *[any] **{ $total } 条告警**
    }{ $pages ->
        [1] {""}
       *[other] { " " }· 第 { $page } 页，共 { $pages } 页
    }
alerts-line =
    { $state ->
        [resolved] ✅
       *[open] { $level ->
            [info] ℹ️
            [warning] ⚠️
            [error] 🔴
           *[critical] 🚨
        }
    } #{ $alert } { $what }{ $count ->
        [1] {""}
       *[other] （{ $count } 次）
    }
alerts-none =
    { $state ->
        [open] ✅ 没有未解除的告警。
       *[other] 没有符合条件的告警。
    }
alert-resolved = ✅ 告警 #{ $alert } 已解除。
alert-resolved-stands =
    ✅ 告警 #{ $alert } 已由您关闭，但情况仍然存在：{ $what }

    只有在情况结束后再次出现或变得更严重时，才会再次告警。
alert-resolved-before = 告警 #{ $alert } 之前已解除（解除者：{ $by }）。
alert-muted = 🔕 在 { $until } 之前不再推送告警 #{ $alert }，除非升级为严重。
check-running = 检查正在进行，结果请看 /alerts。
checked =
    { $count ->
        [0] ✅ 已全部检查，没有未解除的告警。
       *[other] 已全部检查，有 { $count } 条未解除的告警。
    }
subscribe-no-chat = 告警只能推送到 Telegram 和 Discord 的聊天。在这里请用 /alerts 查看。
subscribed = 🔔 今后本聊天会收到**{ $level }**及以上级别的告警。
subscription = 🔔 本聊天会收到**{ $level }**及以上级别的告警。
subscription-category = • { $category }
subscription-every-category = 类别：全部
subscription-quiet = 免打扰时段：{ $hours }（{ $zone }）；错误及以上级别照常推送
subscriptions = 🔔 **接收告警的聊天**（{ $count }）
subscriptions-none = 目前没有聊天接收告警。请在需要接收的聊天中发送 /subscribe。
subscriptions-line = `{ $chat }` · { $level }及以上 · { $about } · 免打扰：{ $quiet } · 日报：{ $report } · 设置者 { $maker }
subscriptions-line-unreachable = ⚠️ `{ $chat }` · { $level }及以上 · { $about } · { $since } 起无法送达
unsubscribed = 🔕 本聊天不再接收告警。
button-resolve = ✅ 解除
button-mute = 🔕 静音 1 小时
button-check = 🔄 立即检查
button-details = 详情
button-alerts = 未解除的告警
button-unsubscribe = 🔕 不再推送到这里
ask-alert = 哪一条告警？请发送编号（见 /alerts）。
choice-info = 提示
choice-warning = 警告
choice-error = 错误
choice-critical = 严重
choice-off = 关闭
choice-open = 未解除
choice-resolved = 已解除
choice-team_capacity = 席位
choice-transfer_failure = 迁移
choice-provider = 工作区
choice-database = 数据库
choice-security = 安全
choice-system = 系统

## Bulk work and announcements

bulk-resend = 将重新发送 **{ $count } 份邀请**：
bulk-cancelinvite = 将撤回 **{ $count } 份邀请**。工作区确认后，席位会重新空出：
bulk-remove = **{ $count } 人**将失去席位并被移出工作区：
bulk-target =
    { $team ->
        [none] • `{ $address }`
       *[other] • `{ $address }` – { $team }
    }
bulk-and-more = ……还有 { $count } 人，完整名单见文件。
bulk-left = 以下 { $left } 人不受影响：
bulk-over-strangers = **{ $team }** 中有 { $count } 名成员不是由 Usher 邀请的，他们会留下。如果要移出的是他们，请指名：`/remove { $addresses }`
bulk-nothing = 没有符合条件的人。
job-started = 任务 { $job } 已开始，共 { $count } 人。进度见下一条消息。
job-merged = 完全相同的操作已在进行中（任务 { $job }），不会重复执行。
job-retried = 任务 { $job } 正在重试失败的 { $count } 项。
job-kind-resend = 重新发送邀请
job-kind-cancelinvite = 撤回邀请
job-kind-remove = 移出成员
job-kind-announce = 公告
job-pending =
    ⏳ **{ $kind }** · 任务 { $job }
    等待开始，共 { $total } 项。
job-running =
    ⏳ **{ $kind }** · 任务 { $job }
    `{ $bar }` { $percent }%
    已处理 { $settled }/{ $total } · 成功 { $done } · 失败 { $failed }
job-cancelling =
    ✋ **{ $kind }** · 任务 { $job }
    正在停止。已处理 { $settled }/{ $total } · 成功 { $done } · 失败 { $failed }
job-done =
    ✅ **{ $kind }** · 任务 { $job }
    `{ $bar }` { $percent }%
    已于 { $at } 完成：{ $total } 项中成功 { $done } 项{ $skipped ->
        [0] {""}
       *[other] ，未做 { $skipped } 项
    }。
job-failed =
    ⚠️ **{ $kind }** · 任务 { $job }
    `{ $bar }` { $percent }%
    已于 { $at } 结束：{ $total } 项中成功 { $done } 项，失败 { $failed } 项{ $skipped ->
        [0] {""}
       *[other] ，未做 { $skipped } 项
    }。
job-cancelled =
    ✋ **{ $kind }** · 任务 { $job }
    已于 { $at } 停止：{ $total } 项中成功 { $done } 项，失败 { $failed } 项{ $skipped ->
        [0] {""}
       *[other] ，未做 { $skipped } 项
    }。已完成的不会撤销。
job-confirming = { $count } 项正在等待工作区确认。
job-result = • `{ $address }` – { $reason }
job-more-failed = ……还有 { $count } 项失败，完整结果见文件。
job-results = 任务 { $job } 的结果，共 { $count } 行。
jobs = **最近的任务**
jobs-none = 还没有任务。
jobs-line =
    { $state ->
        [done] ✅
        [failed] ⚠️
        [cancelled] ✋
       *[running] ⏳
    } #{ $job } { $kind } – { $total } 项中完成 { $done } 项{ $failed ->
        [0] {""}
       *[other] ，失败 { $failed } 项
    }{ $skipped ->
        [0] {""}
       *[other] ，未做 { $skipped } 项
    }
announcement = 📣 { $text }
announce-preview =
    { $to ->
        [everyone] 以下内容将发送给所有用户：
        [staff] 以下内容将发送给全体工作人员：
       *[pool] 以下内容将发送给在 **{ $pool }** 中有席位的所有人：
    }
announce-sure = 共 **{ $count } 人**会收到，发出后无法撤回。
button-announce = 📣 发送
button-job = 任务 { $job }
button-job-cancel = ✋ 停止
button-job-retry = 🔁 重试失败的 { $count } 项
button-job-results = 📄 结果
ask-job = 哪个任务？请发送编号（见 /jobs）。
ask-resend-addresses = 要重新发送谁的邀请？请发送一个或多个邮箱。
ask-cancelinvite-addresses = 要撤回谁的邀请？请发送一个或多个邮箱。
ask-remove-addresses = 要移出谁？请发送一个或多个邮箱。
ask-announce-to = 公告发给谁？请选择，或发送席位池的名称：在其中有席位的人都会收到。
ask-announce-text = 公告内容是什么？请按大家将看到的原样发送。
choice-everyone = 所有人
choice-staff = 工作人员
choice-cancel = 停止
choice-results = 结果
error-nothing_to_do = 没有符合条件的人，因此什么也没做。
reason-held = 正在邀请中
reason-ending = 已在移出中
reason-ended = 已没有席位
reason-moving = 正在迁移到其他团队
reason-joined = 已经加入
reason-protected = 已被手动保护
reason-not_found = 没有席位
reason-cancelled = 任务已停止，未处理
reason-sent_recently = 十分钟内刚发送过
reason-paused = 工作区要求暂停
reason-unclear = 工作区没有给出明确答复
reason-unexpected = 发生意料之外的错误，详情见日志
reason-given_up = 随任务一起放弃
reason-being_confirmed = 等待工作区确认
reason-under_way = 已受理，工作区的确认需要更多时间
reason-unreachable = 无法连接
reason-untrusted = 本机不信任其证书；内部服务器的证书可用 upstream.ca_file 指定
reason-unpaid = 该工作区的账单尚未付清
reason-not_sent = 无法送达
reason-rejected = 被平台拒绝
reason-credential = 工作区不接受凭据
reason-gone = 工作区已不存在
reason-rate_limited = 工作区要求暂停
reason-not_allowed = 工作区不允许
reason-address = 工作区不接受这个邮箱
reason-full = 工作区表示已满
reason-still_listed = 工作区仍显示此人
reason-owner = 是工作区的所有者
reason-cannot_remove = 此类工作区无法从这里移出成员
reason-cannot_cancel = 此类工作区无法从这里撤回邀请
command-alerts = 需要关注的事项：按级别和类别查看告警
command-resolve = 解除一条告警
command-mute = 将一条告警静音一段时间
command-check = 立即运行全部检查
command-subscribe = 将告警推送到本聊天，可设级别、类别和免打扰时段
command-unsubscribe = 不再向本聊天推送告警
command-resend = 重新发送待接受的邀请：按邮箱、团队、席位池或批次
command-cancelinvite = 撤回待接受的邀请
command-remove = 结束席位并将成员移出工作区
command-jobs = 批量任务：进度与失败项
command-retry = 重试任务中失败的项
command-announce = 向所有人、工作人员或某个席位池的成员发送消息
choice-itself = { $choice }
error-bad_value = “{ $value }”不能用作“{ $name }”。例如：{ $examples }。
error-bad_length = “{ $name }”的长度必须是 { $low } 到 { $high } 个字符。
error-already_past = 那个时间已经过去了，请发送一个更晚的时间。
