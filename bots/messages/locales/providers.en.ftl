# What a check of a credential found.

fact-name = name
fact-plan = plan
fact-active_until = paid until
fact-scopes = may read
fact-supports = supports
fact-users = people in the directory
fact-group = licence group
fact-members = people in it now
fact-seats = seats it states
import-check-failed = ⚠️ { $number }. was tried, but { $reason }
import-not-tried =
    { $count ->
        [one] ⚠️ One of them was not tried: its server took too long. It gets the usual number of seats; /editteam changes it.
       *[other] ⚠️ { $count } of them were not tried: their servers took too long. They get the usual number of seats; /editteam changes it.
    }
import-check-passed = ✅ The credential works. { $found }.
import-found = { $fact }: { $value }
reason-undecipherable = the stored credential can no longer be decrypted; import it again, or put its key back
alert-budget_spent = **{ $upstream }** has used up its request budget ({ $limit } a minute): new people go to other teams, and readings wait. Raise `upstream.team_budgets` or `upstream.provider_budgets` if the provider allows more.
