# 检查凭证时得知的信息。

fact-name = 名称
fact-plan = 套餐
fact-active_until = 付费至
fact-scopes = 可读取
fact-supports = 支持
fact-users = 目录人数
fact-group = 许可组
fact-members = 现有成员
fact-seats = 声明的席位数
import-check-failed = ⚠️ 已试用第 { $number } 个凭据：{ $reason }
import-not-tried = ⚠️ 有 { $count } 个凭据因服务器响应太慢而没有试用。这些团队先按默认席位数导入，可用 /editteam 修改。
import-check-passed = ✅ 凭据已试用，可以使用。{ $found }。
import-found = { $fact }：{ $value }
reason-undecipherable = 已保存的凭据无法解密；请重新导入，或恢复其密钥
alert-budget_spent = **{ $upstream }** 的请求预算已用完（每分钟 { $limit } 次）：新成员会转到其他团队，读取会等待。如服务商允许，可提高 `upstream.team_budgets` 或 `upstream.provider_budgets`。
