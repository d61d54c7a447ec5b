# 时钟跳变、文件消失、数据库比现实更旧时的说法。

error-database_gone = 现在无法查询。什么都没有丢失，也没有使用任何次数；请稍后再试。管理人员已收到通知。
database-gone = 数据库文件不见了
    { $file } 在 Usher 运行期间被删除或替换。现在不再写入任何内容，也不再为任何人服务。请放回该文件或恢复备份，然后重新启动 Usher。
alert-clock_stepped =
    { $direction ->
        [back] 时钟被调回了 { $seconds } 秒。到期时间已相应提前，不会因此耽搁。
       *[ahead] 时钟向前跳了 { $seconds } 秒。在再次确认时间正确之前，不会结束、转移、移除或清理任何内容。如果时间是对的，请用 /sweep confirm 确认。
    }
alert-clock_moved = 本机时钟与实际经过的时间相差 { $seconds } 秒。
alert-journal_away = 无法写入 `{ $directory }` 中的日志（`{ $error }`）。期间的结算记录暂存于内存，恢复后会补写；在此之前，旧备份无法用它补齐。
sweep-confirmed = ✅ 时间已确认无误，被暂停的任务将继续。
sweep-nothing-held = 时间本来就是确认过的，没有任务被暂停。
did-waits-for-the-clock = 等待确认时钟
did-waits-for-the-restored-database = 等待恢复的数据库核对完成
did-days-of-the-journal-forgotten = 清理了 { $count } 天的日志
