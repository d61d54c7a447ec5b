### 用户随便聊聊时机器人的回答。

small-talk-hello =
    👋 您好！如果您有兑换码，请把它和您的邮箱一起发给我，我来为您找席位。
small-talk-thanks = 不客气！🙂
small-talk-bye = 再见！需要时随时找我。
small-talk-how =
    使用方法很简单：

    1. 在一条消息里发送您的邮箱和兑换码：`you@example.com TEAM-1234-5678-9ABC-DEFG`
    2. 我为您找到工作区的席位，邀请会发到您的邮箱。
    3. 接受邀请即可。/myseat 可以查看席位在哪里、有效期到什么时候。
small-talk-human =
    { $contact ->
        [none] 我是机器人，这里没有人工值守。请联系给您兑换码的团队。
       *[other] 我是机器人，这里没有人工值守。您可以通过这里联系人工：{ $contact }
    }
small-talk-media =
    { $kind ->
        [voice] 我听不了语音，请用文字告诉我。
        [photo] 我看不懂图片。如果上面有兑换码，请输入或复制给我。
        [sticker] 🙂 我只看得懂文字。
       *[other] 这个我处理不了，请用文字告诉我。
    }

    要领取席位，请在一条消息里发送您的邮箱和兑换码。
media-instead =
    { $kind ->
        [voice] 我听不了语音消息，请打字回答。
        [photo] 我看不了图片，请打字回答。
        [sticker] 🙂 我只看得懂文字。
        [file] 这里不需要文件，请打字回答。
       *[other] 这个我处理不了，请打字回答。
    }
not-understood-staff = 我没有看懂这条消息。命令以斜杠开头，例如 /stats；发送 /help 可以查看全部命令。
edited-unread = ✏️ 消息修改后，我不会再回头处理。如果要我处理这一条，请作为新消息发送。
did-you-mean = 您是想用 /{ $command } 吗？
button-did-you-mean = /{ $command }

### 工作人员的面板。

panel-home = **今天：**兑换 { $redeemed } 次 · 加入 { $joined } 人 · 席位空闲 { $free }/{ $seats } · { $open ->
        [0] 没有未解除的告警
       *[other] { $open } 条未解除的告警
    }
panel-how = 您想做什么？也可以直接输入命令。
panel = **{ $heading }**
choice-codes = 🎟 兑换码
choice-people = 👤 人员
choice-teams = 🏢 团队
choice-alerts = 🔔 告警
choice-figures = 📊 统计
choice-house = 🏠 系统
choice-member = 🙂 所有人可用

## 第一次打开时看到的介绍。

profile-short = 我为持有兑换码的人分配团队工作区的席位。
profile =
    👋 您有团队工作区席位的兑换码吗？

    点击“开始”，在一条消息里发送您的邮箱和兑换码，邀请会在一分钟内发到您的邮箱。

### 还要多久。

until-in-minutes = 在 { $count } 分钟后
until-after = 在 { $moment } 之后

### 转交兑换码。

code-link = 也可以转交这个链接，打开就会带上兑换码：`{ $link }`
hand-on = 转交时请转发这段话：您的兑换码是 `{ $code }`，请私聊机器人，把它和您的邮箱一起发过去。
hand-on-gift = 转交时请转发这段话：您的兑换码是 `{ $code }`，请私聊机器人，把它发过去。
share-text-gift = 这是您的兑换码：{ $code }。打开链接，点击“开始”即可。
sheet-too-many = 一份二维码页最多放 { $most } 个兑换码，这里有 { $count } 个。可用 /export 导出 CSV、TXT 或链接。
share-text = 这是您的席位兑换码：{ $code }。打开链接，点击“开始”，再发送您的邮箱即可。
button-share = 📤 分享
button-sheet = 🖨 二维码页
sheet-title = 您的席位
sheet-how = 请把兑换码和您的邮箱一起发给机器人。
sheet-how-link = 扫描二维码，在机器人中点击“开始”，再发送您的邮箱。
sheet-title-gift = 您的兑换码
sheet-how-gift = 请私聊机器人，把兑换码发给它。
sheet-how-link-gift = 扫描二维码，在机器人中点击“开始”。
sheet-impossible = 此安装缺少“charts”扩展，无法绘制二维码。需要文本请用：/export
choice-links = 链接
choice-sheet = 可打印的二维码

### 分类显示的设置。

ask-settings-value = `{ $name }` 改成什么？请发送新的值；发送 `reset` 则恢复为文件中的值。
button-setting-change = ✏️ 修改
button-every-setting = 全部设置

### 持续更新的统计。

stats-pinned = 📌 从现在起，我会让这里的一条统计消息保持最新。发送 /stats unpin 可以停止。
stats-unpinned = 这里的统计不再更新。
stats-not-pinned = 这里没有持续更新的消息。发送 /stats pin 开始。
stats-live-nowhere = 只有 Telegram 或 Discord 的聊天可以有持续更新的消息。
stats-live = 🔄 持续更新，最多每分钟一次
choice-pin = 持续更新
choice-unpin = 停止更新

context-find = 查找此人
