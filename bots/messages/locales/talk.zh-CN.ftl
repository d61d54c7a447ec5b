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

error-talk_off = 这里没有可以对话的模型。

## 提问

talk-asked = “{ $text }”
talk-asked-again = 正在重新提问。
talk-waits = 前面还有 { $count } 个回答，完成后马上回答这个问题。
talk-stopping = 正在停止。
talk-nothing-runs = 目前没有可以停止的回答。
talk-new =
    { $title ->
        [none] 🗨 新的对话。您想知道什么？
       *[other] 🗨 新的对话：**{ $title }**。您想知道什么？
    }
welcome-talk = 🗨 您也可以直接向我提问：由模型回答，兑换码可以充值所需的额度。发送 /model 可查看价格。
talk-choose-model = 请先选择由哪个模型回答，然后重新提问：
talk-models =
    { $model ->
        [none] 还没有选择模型。可以选择：
       *[other] 现在由 **{ $model }** 回答。可以选择：
    }
talk-model = **{ $model }**：每百万输入 token { $input } 额度，每百万输出 token { $output } 额度
talk-model-free = **{ $model }**：免费
talk-model-chosen = 今后由 **{ $model }** 为您回答。

## 回答

talk-answer = 回答：
talk-mark-stopped = ⏹ 已停止。
talk-mark-interrupted = ⚠️ 回答在这里中断了。
talk-mark-cut = ✂️ 回答已达到最大长度。
talk-mark-shortened = ✂️ 您的额度不够写更长的回答。发送 /wallet 可查看余额。
talk-mark-left-out = ℹ️ 对话太长，最早的 { $count } 条消息没有交给模型。
talk-mark-estimated = ≈ { $credit } 额度（估算）
talk-failed = 这个问题没能得到回答，没有收费。请再试一次。
talk-failed-stopped = ⏹ 在写出第一个字之前就停止了。
talk-failed-empty_answer = 模型没有给出回答，没有收费。
talk-failed-filtered = 服务商不回答这个问题，没有收费。
button-talk-again = 🔄 重新回答
button-talk-go-on = ▶️ 继续
button-talk-stop = ⏹ 停止
