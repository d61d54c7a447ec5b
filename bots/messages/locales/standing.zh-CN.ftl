# 机器人的状态：在 `usher run` 启动时说明，也显示在 /health/ready。

standing-telegram-online = ✓ @{ $name } 已上线：{ $address }
standing-telegram-token = Telegram 不接受该机器人的令牌。请从 @BotFather（/mybots → API Token）重新复制到 telegram.token；如果令牌已被撤销，新的令牌也在那里。
standing-telegram-conflict = 另有一个程序正在用同一令牌从 Telegram 接收该机器人的消息。请停止它，或者到 @BotFather 为其中一个另建机器人。
standing-telegram-webhook = Telegram 不接受该 webhook（{ $reason }）。请改正 telegram.webhook_url 和 telegram.webhook_secret，或将 telegram.mode 设为 polling。
standing-discord-online = ✓ { $name } 已上线：{ $address }
standing-discord-token = Discord 不接受该机器人的令牌。请在开发者后台（您的应用 → Bot → Reset Token）重置令牌，并把新令牌填入 discord.token。
standing-discord-intents = Discord 不允许该机器人读取频道中的消息。请在开发者后台（您的应用 → Bot）打开“Message Content Intent”，或将 discord.message_content 设为 false。
standing-discord-commands = Discord 拒绝了机器人的命令（{ $reason }），因此大家看不到最新的命令。系统会自动重试；如果设置了 discord.guild_ids，请先把机器人邀请进这些服务器。
standing-away = ⏳ 从这里连接不上 { $platform }（{ $reason }），会继续尝试。如果只能通过代理访问，请设置 network.proxy。
standing-ownerless = 还没有所有者。把这条命令发给机器人，您就是所有者：/claim { $token }（只能使用一次，有效期到 { $until }）
standing-ownerless-link = 还没有所有者。打开这个链接，您就是所有者：{ $link }（只能使用一次，有效期到 { $until }；也可以发送 /claim { $token }）
