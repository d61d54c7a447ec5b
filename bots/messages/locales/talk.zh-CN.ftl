# 与模型对话。

group-talk = 与模型对话

## 命令

command-ask = 向模型提问
command-new = 开始新的对话
command-model = 查看模型与价格，选择由谁回答
command-again = 重新回答上一个问题，也可换一个模型
command-stop = 停止正在写的回答
slash-ask = 提问
slash-new = 新对话
slash-model = 模型
slash-again = 重新回答
slash-stop = 停止
name-title = 标题
label-title = 标题
option-title = 对话的主题
option-ask-text = 您的问题
name-attachment = 附件
option-attachment = 问题所涉及的图片、文本文件或语音
option-model-name = 今后由哪个模型回答
option-again-model = 另一个模型
name-answer = 回答
label-answer = 回答
option-answer = 回答的编号
name-go-on = 继续
label-go-on = 继续
option-go-on = 从中断处继续

ask-ask-text = 您想问什么？

## 拒绝

error-nothing_asked = 您的消息里没有可读的内容，所以没有提问，也没有收费。直接写下想问的就可以，发送 /help 可查看我能做什么。
error-question_asked = 这个问题已经提过了。想让别的模型也回答，请发送 /again 加上模型名称。
error-talk_off = 这里没有可以对话的模型。

## 提问

code-or-question = 您的问题里有兑换码。要兑换它，还是向模型提问？
button-redeem-it = 🎟 兑换
button-ask-it = 💬 向模型提问
talk-in-line =
    ⏳ 所有账号都在忙{ $count ->
        [0] 。
       *[other] ，前面还有 { $count } 个问题。
    }
talk-asked = “{ $text }”
talk-asked-again = 正在重新提问。
talk-waits = 前面还有 { $count } 个回答，完成后马上回答这个问题。
talk-stopping = 正在停止。
talk-nothing-runs = 目前没有正在进行的回答。
talk-new =
    { $title ->
        [none] 🗨 新的对话。您想知道什么？
       *[other] 🗨 新的对话：**{ $title }**。您想知道什么？
    }
welcome-talk = 🗨 您也可以直接向我提问：由模型回答，所需额度可以用兑换码充值。发送 /model 可查看价格。
talk-choose-model = 由哪个模型回答？选好之后，我就用它回答您的问题：
talk-models =
    { $model ->
        [none] 还没有选择模型。可以选择：
       *[other] 现在由 **{ $model }** 回答。可以选择：
    }
talk-model = **{ $model }**：每百万输入 token { $input } { $unit }，每百万输出 token { $output } { $unit }
talk-model-free = **{ $model }**：免费
talk-models-meant = 有几个模型的名称包含“{ $model }”。您要的是哪一个？
talk-model-chosen = 今后由 **{ $model }** 为您回答。

## 回答

talk-answer = 回答：
talk-mark-stopped = ⏹ 已停止。
talk-mark-interrupted = ⚠️ 回答在这里中断了。
talk-mark-cut = ✂️ 回答已达到最大长度。
talk-mark-shortened = ✂️ 您的额度或今日限额不够写更长的回答。发送 /wallet 可查看。
talk-mark-model = 🤖 { $model }
talk-mark-left-out = ℹ️ 对话太长，最早的 { $count } 条消息没有交给模型。
talk-mark-estimated = ≈ { $credit } { $unit }（估算）
talk-failed = 这个问题没能得到回答，没有收费。请再试一次。
talk-failed-stopped = ⏹ 在写出第一个字之前就停止了。
talk-failed-stopped-free = ⏹ 在写出第一个字之前就停止了，没有收费。
talk-failed-stopped-paid = ⏹ 在写出第一个字之前就停止了。问题已经发出，费用 ≈ { $credit } { $unit }（估算）。
talk-failed-empty_answer = 模型没有给出回答，没有收费。
talk-failed-nothing_heard = 没能听清语音里的内容，请再说一次，或改用文字。
talk-failed-filtered = 服务商不回答这个问题，没有收费。
talk-long-conversation = 费用这么高，是因为每次提问模型都要重新读完整段对话。在新的对话里，这个问题最多花费 { $credit } { $unit }。
talk-long-conversation-here = 对话越长，每次提问的费用就越高。发送 `/new` 可以开始新的对话。
button-talk-again = 🔄 重新回答
button-talk-go-on = ▶️ 继续
button-talk-stop = ⏹ 停止

## 对话

command-chats = 您的对话：查看、打开、改名、置顶、归档、删除
command-instructions = 对话开头的说明
command-search = 搜索您的对话
command-savechat = 把这段对话保存为文件
command-share = 用链接分享这段对话
slash-chats = 对话列表
slash-instructions = 对话说明
slash-search = 搜索
slash-savechat = 保存对话
slash-share = 分享
name-words = 文字
label-words = 文字
option-words = 要查找的文字，或新的标题
name-format = 格式
label-format = 格式
option-format = 文件的格式
name-days = 天数
label-days = 天数
option-days = 链接可以打开多少天
name-back = 返回
label-back = 返回
option-back = 回到这个回答
option-instructions-text = 说明的内容，或 off
option-share-token = 别人给您的链接令牌
choice-archive = 归档
choice-unarchive = 移出归档
choice-archived = 已归档
export-you = 您
choice-md = Markdown
choice-json = JSON
ask-search-words = 您想查找什么？

chats =
    { $more ->
        [0] 🗂 您的对话（{ $count } 段）：
       *[other] 🗂 您的对话（{ $count } 段），最新的在前，其余的可用 `/chats 文字` 查找：
    }
chats-none =
    { $words ->
        [none] { $archived ->
            [0] 您还没有对话，直接给我发消息就可以。
           *[other] 您的对话都已归档。
        }
       *[other] 没有标题包含“{ $words }”的对话。
    }
chats-line =
    { $state ->
        [here] 💬
        [pinned] 📌
        [archived] 🗄
       *[other] ▫️
    } **#{ $number }** · { $title } · { $count ->
        [0] 还没有消息
       *[other] { $count } 条消息
    } · { $at }
chat-untitled = 新对话
chats-page =
    { $done ->
        [resume] 💬 现在从这段对话继续。
        [rename] ✏️ 已为这段对话改名。
        [star] 📌 已置顶这段对话。
        [unstar] 📌 已取消置顶。
        [archive] 🗄 已归档这段对话。
        [unarchive] 🗄 这段对话已移回列表。
       *[other] 🗂 您想对这段对话做什么？
    }
chats-ask-title = 这段对话叫什么？
chats-long-title = 标题最多 { $most } 个字符，这个有 { $given } 个。
chats-delete = 要永久删除“{ $title }”和其中的 { $count } 条消息吗？
chats-deleted = 已删除“{ $title }”。
instructions = 这段对话的说明：{ $text }
instructions-none = 这段对话没有说明。用 `/instructions 内容` 可以设置模型要始终记住的内容。
instructions-set = ✅ 已记下，模型在这段对话中会始终遵守。
instructions-off = 这段对话现在没有说明了。
search-found =
    { $count ->
        [1] 有 1 条消息包含“{ $words }”：
       *[other] 有 { $count } 条消息包含“{ $words }”，最新的在前：
    }
search-line = **{ $title }**（{ $at }）：{ $text }
search-nothing = 没有找到包含“{ $words }”的消息。
chat-saved =
    { $whole ->
        [no] 这段对话已保存为文件，包含全部 { $all } 条消息中的 { $count } 条。其余是其他版本（可用回答下方的 ◀ ▶ 切换），或没有得到回答的问题。
       *[yes] 这段对话已保存为文件，共 { $count } 条消息。
    }
share-link =
    🔗 打开这个链接的人会得到这段对话现在的副本，有效期至 { $until }：
    { $link }
share-token =
    🔗 把这一行发给我的人会得到这段对话现在的副本，有效期至 { $until }：
    `/share copy { $token }`
share-revoked = ✅ 这个链接已不能打开。
share-how = 我不明白这里的“{ $text }”，所以没有分享任何内容。`/share` 生成的链接有效一周，`/share 3` 则有效三天，最多 { $most } 天。
share-opened =
    { $title ->
        [none] 🗨 已为您复制这段对话，可以在这里继续。
       *[other] 🗨 已为您复制对话 **{ $title }**，可以在这里继续。
    }
shares = 🔗 您正在分享的链接（{ $count } 个），最新的在前：
shares-none = 您没有分享任何对话。
shares-line = **#{ $number }** · …{ $last4 } · { $title } · 有效期至 { $until } · { $count ->
        [0] 还没有人打开
       *[other] 打开过 { $count } 次
    }
shares-more = 还有 { $count } 个较早的链接，收回一些后就能看到。
talk-new-from = 新的对话会以这段对话的摘要开头，由 **{ $model }** 书写，大约需要 { $price } { $unit }。要开始吗？
talk-new-from-begun = 📝 新的对话，以这段摘要开头：
talk-new-from-failed = 新的对话没有摘要可用，之前的对话仍原样保留。
button-talk-before = ↩️ 回到之前的对话
talk-back = 您的下一个问题会接在这个回答后面。
talk-new-from-what = `/new from` 会用这段对话的摘要开始新的对话，后面不能再跟别的内容。您想怎么做？
button-new-from = 📝 用摘要开始
button-new-called = ➕ 命名为“{ $title }”
button-chats = 🗂 对话
button-chat =
    { $number ->
        [none] { $title }
       *[other] #{ $number } { $title }
    }
button-chats-resume = 💬 打开
button-chats-rename = ✏️ 改名
button-chats-star = 📌 置顶
button-chats-unstar = 📌 取消置顶
button-chats-archive = 🗄 归档
button-chats-unarchive = 🗄 移回列表
button-chats-delete = 🗑 删除
button-chats-archived = 🗄 已归档（{ $count }）
button-talk-new = ➕ 新对话
button-talk-back = ↩️ 从这里继续
button-talk-earlier = ◀
button-talk-version = { $number }/{ $count }
button-talk-later = ▶
button-shares = 🔗 我的链接
button-share-revoke = 收回 #{ $number }（…{ $last4 }）
choice-star = 置顶
choice-unstar = 取消置顶
choice-copy = 打开链接

## 群组

talk-failed-credit = 额度不够回答这个问题。请在私聊中发送 /wallet 查看余额。
talk-failed-sponsor = 这个群的付款人目前无法支付这个问题。您可以在私聊中自费提问。
error-sponsor_limit = 这个群今天可以代付的 { $limit } { $unit } 已经用完。您可以在私聊中自费提问。
error-sponsor_gone = 付款人已不再为这个群付款，所以没有提问。重新提问将由您自己付费。
error-already_sponsored = 已经有人为这里的提问付款。
error-not_sponsored = 为这里的提问付款的不是您。
sponsor-set =
    { $name ->
        [none] 🎁 从现在起有人为这里的提问付款，每天最多 { $limit } { $unit }。
       *[other] 🎁 **{ $name }** 为这里的提问付款，每天最多 { $limit } { $unit }。
    }发送 `/wallet sponsor off` 可以停止。
sponsor-here = 🎁 有人为这里的提问付款，每天最多 { $limit } { $unit }，今天还剩 { $left }。
sponsor-nobody = 这里每个人为自己的提问付费。发送 `/wallet sponsor 1` 可以由您为大家付款，每天最多 1 额度。
sponsor-ended = 这里又由每个人为自己的提问付费。
sponsor-ended-everywhere =
    { $count ->
        [0] 您没有为任何群付款。
       *[other] 您不再为 { $count } 个群付款。
    }
sponsor-how = 您没有为任何群付款。在群里发送 `/wallet sponsor 1`，就由您为那里的提问付款，每天最多 1 额度。
sponsor-mine = 🎁 您正在为 { $count } 个群付款：
sponsor-line = { $place }：每天最多 { $limit } { $unit }，今天还剩 { $left }。发送 `/wallet sponsor off` 可以停止。

## 换一种说法

talk-reworded = ✏️ 您修改了问题。我可以回答新的问法，费用与普通提问相同。
button-talk-reworded = 🔄 按这个提问

## 隐私

privacy-talk =
    您的提问和模型的回答会加密保存，工作人员无法阅读{ $days ->
        [0] {""}
       *[other] ，{ $days } 天后自动删除
    }。另外还保存提问的费用、您的密钥和分享链接。
privacy-erase-talk =
    您的对话、密钥和分享链接也会删除{ $credit ->
        [none] 。
       *[other] ，剩余的 { $credit } { $unit }随之失效。
    }

## 随问题发来的内容

error-kind_not_taken = 这类内容没法拿去问模型。可以发文字、图片和文本文件（例如 txt、md、csv、json 或代码）。没有使用任何额度。
error-too_many_files =
    { $kind ->
        [image] { $most ->
            [0] 这里不接受图片。没有使用任何额度。
           *[other] 一个问题最多可以带 { $most } 张图片，请少发几张。没有使用任何额度。
        }
        [voice] 一个问题只能带一条语音，请一条一条发送。没有使用任何额度。
       *[other] { $most ->
            [0] 这里不接受文件。没有使用任何额度。
           *[other] 一个问题最多可以带 { $most } 个文件，请少发几个。没有使用任何额度。
        }
    }
error-file_too_large =
    { $kind ->
        [image] 图片“{ $name }”太大，最多 { $most } MB。没有使用任何额度。
        [voice] 这条语音太长，最多 { $most } MB。没有使用任何额度。
       *[other] 文件“{ $name }”太大，最多 { $most } MB。没有使用任何额度。
    }
error-file_not_text = “{ $name }”不是文本文件。我可以读 txt、md、csv、json 或代码这类文件。没有使用任何额度。
error-no_picture = “{ $name }”不是模型能看的图片，可以用 PNG、JPEG、GIF 或 WebP。没有使用任何额度。
error-file_not_fetched = 没能从聊天中取到“{ $name }”，请重新发送。没有使用任何额度。
error-nobody_hears = 我听不了语音，请用文字告诉我。没有使用任何额度。
error-picture_not_fetched = 无法取得 { $param } 处的图片（{ $why }）。没有使用任何额度，请改用 data URL 随请求一起发送。
error-model_sees_not = 模型“{ $model }”看不了图片。可以用 /model 换一个能看图片的模型，或者只用文字提问。没有使用任何额度。
