# 程序得到的回答。

api-invited = 兑换成功！邀请邮件已发送到 { $address }。
api-already-member = { $address } 已有席位，兑换码没有使用。
api-generated = 成功生成 { $count } 个兑换码。
api-code-active = 兑换码已启用。
api-code-disabled = 兑换码已停用。
api-code-deleted = 兑换码已删除。
api-synced = 已读取此邮箱所在的团队。
api-moving = 迁移已开始。
api-alert-resolved = 告警已解除。
api-checked = 检查已完成。
api-key-reused = 这个 Idempotency-Key 之前用在了别的请求上，这次什么都没有做，请换一个新的。
api-team-stored = 团队 { $team } 已保存。
outside-visit =
    请用按钮打开“{ $site }”并在那里同意，然后回到这里。{ $until } 前有效，只能使用一次，仅供您本人：不要发给任何人。地址是：

    `{ $address }`
outside-unlinked = 您与“{ $site }”的关联已解除。由此得到的套餐也已结束。
button-outside = 关联 { $site }
choice-unlink = 解除关联
notice-outside_linked =
    { $plan ->
        [none] ✅ 您已关联“{ $site }”的账号 { $name }。
       *[other] ✅ 您已关联“{ $site }”的账号 { $name }，并得到套餐“{ $plan }”。
    }
error-site_unknown =
    { $count ->
        [0] 无法关联“{ $site }”：这里没有设置任何可以关联的网站。
       *[other] 无法关联“{ $site }”：这里没有设置这个网站。可以关联的有：{ $sites }。
    }
error-outside_refused =
    { $reason ->
        [off] 目前无法关联“{ $site }”。
        [over] 这次前往“{ $site }”的链接已失效：只能使用一次，有效期十分钟。请在聊天中用 /link { $site } 重新开始。
        [declined] “{ $site }”没有确认您的身份，没有关联任何账号。可以在聊天中用 /link { $site } 重新开始。
        [taken] “{ $site }”的这个账号已与其他人关联，没有关联任何账号。
        [not_linked] 您没有关联“{ $site }”，不需要解除。
        [other] 您已关联“{ $site }”的另一个账号。请先解除：/link unlink { $site }
       *[failed] “{ $site }”没有给出明确的回答，没有关联任何账号。请几分钟后在聊天中用 /link { $site } 重新开始。
    }
page-outside = 已关联
page-outside-asked = 这是您本人吗？
page-outside-yes = 是的，关联
page-outside-ask =
    您在“{ $site }”的账号是 { $name }。继续将把它与聊天账号 `{ $own }` 关联。

    仅当您几分钟前在该聊天账号中亲自发送过 /link 时才继续。如果这个地址是别人发给您的，请关闭本页面：否则对方会被当作您本人。
page-outside-problem = 未关联
page-outside-done =
    `{ $own }` 已关联“{ $site }”的账号 { $name }。

    您可以关闭本页面，回到聊天。
api-team-removed = 团队 { $team } 已移除。
choice-give = 为某人创建
option-sources-person = 为谁创建账号，例如 telegram:123
source-makes = 可为用户创建账号（{ $protocol }{ $for_all ->
        [yes] ，所有人都可以领取
       *[no] ，仅限工作人员发放
    }）：可用 { $ready } 个，创建或注销中 { $open } 个
source-given =
    { $state ->
        [ready] ✅ { $person } 已有 **{ $parent }** 的账号 **{ $source }**。
        [ending] { $person } 之前在 **{ $parent }** 的账号还在注销中，请几分钟后再试。
       *[unclear] ⏳ **{ $parent }** 还没有确认 { $person } 的账号。我会继续询问并通知本人；不会重复创建。
    }
alert-subaccount_stuck = **{ $source }** 已有 { $count } 次没有说明它创建或注销的账号是否存在（`{ $error }`）。我会继续询问。
sweep-name-subaccounts = 为用户创建的账号
did-subaccounts_settled = 创建或注销了 { $count } 个账号
did-subaccounts_open = { $count } 个账号尚未确认
rotate-left-parents = • { $count } 个用来创建账号的密钥
