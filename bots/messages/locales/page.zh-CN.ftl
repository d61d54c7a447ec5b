# 兑换页面，给不用聊天软件的人。拒绝时的文字与聊天中相同。

page-title = 兑换
page-title-problem = 有问题：兑换
page-intro = 请输入您收到的兑换码，以及要使用席位的邮箱。
page-code = 兑换码
page-code-hint = 格式如 `TEAM-1234-5678-9ABC-DEFG`。
page-address = 邮箱
page-address-hint = 邀请会发到这个邮箱。
page-send = 兑换
page-done = 完成
page-under-way = 正在确认
page-waits =
    发给 `{ $address }` 的邀请已经提交，但工作区还没有确认。这期间您的兑换码不会丢失。

    请稍后再看。
page-look-again = 再看一次
page-another = 兑换另一个兑换码
page-no-wish = 这里没有可以显示的内容：此页面属于另一个浏览器，或者已经太旧。
page-stale = 此表单打开得太久，或者您的浏览器没有保留本页面的 Cookie。没有使用任何兑换码。请再提交一次；如果还是不行，请允许本页面使用 Cookie。
page-unreadable = 无法读取表单。没有使用任何兑换码。请重新填写。
page-trouble = 这里出了问题。请再提交一次：同一个兑换码不会为同一个邮箱使用两次。如果再次发生，请把这个编号告诉给您兑换码的团队：`{ $reference }`。
page-language = 语言
