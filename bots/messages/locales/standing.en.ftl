# How the bots stand: said at the start of `usher run`, and in /health/ready.

standing-telegram-online = ✓ @{ $name } is online: { $address }
standing-telegram-token = Telegram rejects the bot's token. Copy it again from @BotFather (/mybots → API Token) into telegram.token; if it was revoked, you will find the new one there.
standing-telegram-conflict = Another program is fetching this bot's messages from Telegram with the same token. Stop it, or give one of the two its own bot from @BotFather.
standing-telegram-webhook = Telegram does not accept the webhook ({ $reason }). Correct telegram.webhook_url and telegram.webhook_secret, or set telegram.mode to polling.
standing-discord-online = ✓ { $name } is online: { $address }
standing-discord-token = Discord rejects the bot's token. Reset it in the Developer Portal (your application → Bot → Reset Token) and put the new one into discord.token.
standing-discord-intents = Discord does not let the bot read messages in channels. Switch on "Message Content Intent" in the Developer Portal (your application → Bot), or set discord.message_content to false.
standing-discord-commands = Discord rejected the bot's commands ({ $reason }), so people do not see the current ones. It will be tried again automatically; if discord.guild_ids names servers, invite the bot to them first.
standing-away = ⏳ { $platform } cannot be reached from here ({ $reason }); I keep trying. If you need a proxy, name it in network.proxy.
standing-ownerless = Nobody owns this Usher yet. Write this to the bot and it is yours: /claim { $token } (it works once, until { $until })
standing-ownerless-link = Nobody owns this Usher yet. Open this link and it is yours: { $link } (it works once, until { $until }; or write /claim { $token })
