### 店铺自己的文案：由员工编写，先预览，后生效。

shop-words = { $text }
language-en = 英文
language-zh-CN = 中文
settings-texts-heading = **文案**
settings-text-line = `{ $name }` { $languages }
settings-text-usual = 默认文案
settings-text-own = 自定义文案 ✎（{ $languages }）
settings-texts-how = `tutorial` 会附在邀请邮件里，说明拿到席位后怎么使用。要修改某条文案，点一下它的名称，或直接发送，例如 `/settings welcome.zh-CN 你好！`。会先给您预览，确认后才生效。
setting-text = **{ $name }**
setting-text-set = ✅ **{ $name }** 已保存，所有进程几秒内生效。
setting-text-preview = **{ $name }** 将显示成下面这样（其中的名字是示例）。目前还没有任何改动。
setting-text-usual = **{ $language }**（默认文案）：
    { $text }
setting-text-own = **{ $language }**（自定义文案 ✎）：
    { $text }
setting-text-by = 由 { $by } 于 { $at } 编写。
setting-text-no-places = 这条文案没有可填的变量。
setting-text-may-have = 可以使用：{ $free }。
setting-text-must-have = 必须包含：{ $needed }。还可以使用：{ $free }。
button-setting-change-text = ✏️ { $name }
button-setting-keep = ✅ 使用这条文案
error-unknown_place =
    { $count ->
        [0] `{ $name }` 里没有可填的变量，{ $place } 无法填写。没有任何改动。
       *[other] `{ $name }` 里没有变量 { $place }。可以使用：{ $known }。没有任何改动。
    }
error-missing_place = `{ $name }` 里缺少 { $place }；必须包含：{ $needed }。没有任何改动。
error-text_too_long =
    { $given ->
        [0] `{ $name }` 不能为空。发送 `reset` 可恢复默认文案。
       *[other] `{ $name }` 最多 { $most } 个字符，现在有 { $given } 个。没有任何改动。
    }
mail-signed-contact = 如有问题，请联系：{ $contact }
mail-signed-shop = —— { $shop }
seat-ended-why =
    { $reason ->
        [reason-expired] 有效期已满
        [reason-gone] 您已不再是该工作区的成员
        [reason-team_dead] 该工作区已关闭
       *[other] 由我们的团队结束
    }
