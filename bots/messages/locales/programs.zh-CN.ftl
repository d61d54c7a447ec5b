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
api-team-stored = 团队 { $team } 已保存。
api-team-removed = 团队 { $team } 已移除。
