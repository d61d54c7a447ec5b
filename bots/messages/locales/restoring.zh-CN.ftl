# 时钟跳变、文件消失、数据库比现实更旧时的说法。

error-database_gone = 现在无法查询。什么都没有丢失，也没有使用任何兑换码，请稍后再试。运行我的团队已收到通知。
database-gone = 数据库文件不见了
    { $file } 在 Usher 运行期间被删除或替换。现在不再写入任何内容，也不再为任何人服务。请放回该文件或恢复备份，然后重新启动 Usher。
alert-clock_stepped =
    { $direction ->
        [back] 时钟被调回了 { $seconds } 秒。到期时间已相应提前，不会因此耽搁。
       *[ahead] 时钟向前跳了 { $seconds } 秒。在确认时间正确之前，不会结束、迁移、移除或清理任何内容。如果时间是对的，请用 /sweep confirm 确认。
    }
alert-clock_moved = 本机时钟与实际经过的时间相差 { $seconds } 秒。
alert-journal_away = 无法写入 `{ $directory }` 中的日志（{ $error }）。期间的结算记录暂存于内存，恢复后会补写；在此之前，旧备份无法用它补齐。
sweep-confirmed = ✅ 时间已确认无误，被暂停的任务将继续。
sweep-nothing-held = 时间本来就是确认过的，没有任务被暂停。
round-waits_for_the_clock = 等待确认时钟
round-waits_for_the_restored_database = 等待恢复的数据库核对完成
did-days_of_the_journal_forgotten = 清理了 { $count } 天的日志

error-code_suspended = 这个兑换码需要等待：这里恢复了较早的状态，我们的团队要先确定没有人用过它。没有使用任何兑换码；我已转告他们，有结果会通知您。
error-restored_wait = 暂时无法处理：这里恢复了较早的状态，正在核对之后发生的事。没有使用任何兑换码，请稍后再试。
error-not_restored = 数据库状态正常，没有需要核对的内容。
alert-database_restored = 数据库比实际情况更旧{ $backup_at ->
        [None] {""}
       *[other] （{ $backup_at } 之后的事它都不知道）
    }。在 `usher db reconcile` 核对完成之前，不为任何人服务，也不生成、迁移或结束任何内容。
alert-code_requests = 有 { $count } 人想兑换可能在恢复之前已被使用的兑换码。请用 /requests 决定。
requests-none = 没有人在等待决定。
requests-unmatched = 没有这一类请求在等待决定。
requests-more = ……还有 { $count } 条。
button-requests = 还有谁在等
button-request-approve = ✅ { $mark }#{ $number }
button-request-decline = ✖ { $mark }#{ $number }
notice-code_request_approved = ✅ 我们的团队已同意：请再次发送兑换码 …{ $code }（`{ $address }`）。
notice-code_request_declined = 我们的团队无法同意兑换码 …{ $code }（`{ $address }`）。请询问给您兑换码的人。
reason-restored = 数据库已恢复

## 手动了结、强制接管、候补位置

error-place_lost = 这个候补位置已经放弃了。
error-place_served = 正在为您的候补位置安排席位，现在不能再放弃了。有结果会马上通知您。
error-places_full =
    { $reason ->
        [code] 这个兑换码的可用次数都已经有人在候补了{ $most ->
            [0] {""}
           *[other] （{ $most }）
        }。没有使用任何兑换码。
       *[other] 您已经有 { $most } 个候补位置，达到了每人的上限。用 /waitlist 可以查看。
    }
settle-none = 没有未确定的邀请。
settle-list = **未确定的邀请**
settle-line = **#{ $lease }** · `{ $address }` · **{ $team }**（{ $health }）· 自 { $since } 起
settle-known = **邀请 #{ $lease }**：`{ $address }` 加入 **{ $team }**
    自 { $since } 起未确定。已发送 { $sends } 次，最近一次 { $sent }。兑换码：…{ $code }。
    工作区状态：{ $health }；最近错误：`{ $error }`；现在的回答：`{ $upstream }`。
settle-invited = 按**已邀请**了结？兑换码会计为使用一次，并通知对方。
settle-not = 按**未邀请**了结？兑换码可再次使用，席位空出，并通知对方。
settled-invited = ✅ 邀请 #{ $lease } 视为已发出。
settled-not = ✅ 邀请 #{ $lease } 视为未发出。
button-settle-invited = ✅ 已邀请
button-settle-not = ✖ 未邀请
command-settle = 了结一直未确定的邀请
end-force = 结束 `{ $address }` 的 { $count } 个席位，并接管正在进行的一切？
reason-settled = 已经了结
reason-served = 对方现在在该团队有席位
reason-taken_over = 已由工作人员接管
reason-by_hand = 已手动了结
