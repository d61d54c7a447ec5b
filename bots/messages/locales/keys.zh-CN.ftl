# 供程序使用的密钥。

error-key_unknown = 这个密钥无效。
error-too_many_wrong_keys = 该来源提交的错误密钥过多，请在 { $until } 之后再试。
error-too_many_keys =
    { $most ->
        [0] 您的套餐不含密钥。
       *[other] 您已有 { $most } 个密钥，已达上限。
    }
alert-keys_guessed = 有人在猜测密钥：一分钟内出现 { $count } 个错误密钥。

command-keys = 您的程序使用的密钥：创建、限额、暂停、撤销
slash-keys = 密钥
ask-keys-name = 新密钥叫什么名字？例如使用它的程序的名称。
keys = 您的 { $count } 个密钥：
keys-none = 您还没有密钥。程序可以凭密钥以您的名义向模型提问，并使用您的额度。
key-line =
    { $state ->
        [active] ✅
        [paused] ⏸
       *[other] ⛔
    } **{ $key }**（…{ $last4 }）：{ $scopes }{ $limited ->
        [yes] ，每天最多 { $limit } { $unit }
       *[no] {""}
    }{ $used ->
        [yes] ，最近使用 { $at }
       *[no] ，从未使用
    }{ $state ->
        [paused] ，已暂停
        [ended] ，已过期
       *[other] {""}
    }
notice-vanish = 🔑 这里显示过一个密钥，几分钟后已被移除。查看您的密钥：/keys
key-made =
    🔑 密钥 **{ $name }**（{ $scopes }）：

    `{ $key }`

    它只显示这一次，之后无法再显示，请立即复制。持有它的人可以使用您的额度。复制后请按 **{ button-key-taken }**，把它从聊天中移除{ $minutes ->
        [0] {""}
       *[other] ；{ $minutes } 分钟后我也会自动移除
    }。
key-changed = ✅ 密钥 **{ $key }** 已更改。
key-paused = ⏸ 密钥 **{ $key }** 已暂停。
key-active = ▶️ 密钥 **{ $key }** 可以再次使用。
key-revoke = 永久撤销密钥 **{ $key }** 吗？使用它的程序从下一个请求起会被拒绝。
keys-revoke-all = 永久撤销您的所有密钥吗？使用它们的程序从下一个请求起会被拒绝。
key-revoked = 密钥 **{ $key }** 已撤销。
keys-revoked =
    { $count ->
        [0] 您没有密钥。
       *[other] 您的 { $count } 个密钥已撤销。
    }
button-keys = 🔑 我的密钥
button-key-new = ➕ 新密钥
button-key-taken = ✅ 我已保存
button-key-pause = ⏸ 暂停 { $key }
button-key-resume = ▶️ 恢复 { $key }
button-key-revoke = 🗑 撤销 { $key }
choice-new = 新建
name-scopes = 权限
label-scopes = 权限
option-keys-name = 密钥的名称，或它的最后四个字符
option-keys-value = 新名称，或每天最多花费的额度
option-keys-scopes = 可以做什么：chat、redeem、verify、figures

rotate-left-sources = • { $count } 个模型服务商的账号
rotate-left-keys = • { $count } 个程序密钥在更换之后还没有使用过：移除旧密钥后它们会失效
