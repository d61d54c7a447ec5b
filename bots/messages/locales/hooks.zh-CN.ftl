# 通知其他系统的事件。

command-hooks = 接收事件通知的其他系统的地址
slash-hooks = 事件通知
ask-hooks-address = 应通知哪个地址？以 `https://` 开头。
hooks = 有 { $count } 个地址接收事件通知：
hooks-none = 没有其他系统接收事件通知。
hook-line =
    { $state ->
        [well] ✅
        [paused] ⏸
       *[failing] ⛔
    } **{ $hook }** `{ $address }`：{ $some ->
        [yes] { $events }
       *[no] 全部事件
    }{ $state ->
        [paused] ，已暂停
        [failing] ，从 { $since } 起失败（{ $error }）
       *[other] {""}
    }{ $count ->
        [0] {""}
       *[other] ，等待发送：{ $count }
    }
hook-added =
    🔗 从现在起会向 `{ $address }` 通知事件（编号 **{ $hook }**）。对方可凭此密钥确认消息来自我们：

    `{ $secret }`

    它只显示这一次，请立即复制。复制后请按下面的按钮，把它从聊天中移除。
hook-tested = 正在向 **{ $hook }** 发送一个事件。列表会显示结果。
hook-paused = ⏸ **{ $hook }** 已暂停。暂停期间的事件之后也不会通知。
hook-active = ▶️ 已恢复通知 **{ $hook }**。
hook-removed = **{ $hook }** 已移除。
hook-remove = 移除 **{ $hook }** 吗？之后不再通知它，它的密钥和等待发送的事件也会删除。
button-hook-add = ➕ 添加地址
button-hook-check = 🔔 测试 { $hook }
button-hook-pause = ⏸ 暂停 { $hook }
button-hook-resume = ▶️ 恢复 { $hook }
button-hook-remove = 🗑 移除 { $hook }
alert-hook_dead = 编号 **{ $hook }** 的系统一天之内没有接收某个事件（{ $error }）。它已错过该事件；发送 /hooks 可查看详情。
name-events = 事件
label-events = 事件
option-hooks-address = 接收通知的地址，或列表中的编号
option-hooks-events = 只通知这些，例如 seat、codes、alert
rotate-left-hooks = • { $count } 个事件通知地址的密钥
