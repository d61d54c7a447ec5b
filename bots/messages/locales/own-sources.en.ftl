# Accounts that people bring for themselves.

command-source = Accounts of your own: add, lend, pause, remove
slash-source = source
ask-source-line =
    Please send your account: its address, its key, and the models it is for, such as
    `https://api.example.com/v1 sk-… small`
    I delete the message with the key where I can, and the key is kept encrypted. The account answers you alone, and costs you no credit here.
own-none = You have no account of your own here. One that you add answers you alone and costs you no credit.
own-sources =
    { $count ->
        [one] Your own account:
       *[other] Your { $count } own accounts:
    }
own-line =
    { $state ->
        [well] ✅
        [resting] 💤
        [off] ⏸
       *[other] ⛔
    } **{ $source }** (key …{ $last4 }): { $models }{ $shared ->
        [yes] , lent to everybody
       *[no] {""}
    }{ $state ->
        [resting] , rests until { $until }
        [off] , not used
        [expired] , its key is not accepted: add it again with a new one
        [gone] , does not exist any more
       *[other] {""}
    }
own-added =
    { $state ->
        [read] ✅ Your account **{ $source }** is here and works. It answers you first from now on.
        [expired] ⛔ Your account **{ $source }** is here, but its provider does not accept the key. Please add it again with a working one.
       *[other] 💤 Your account **{ $source }** is here, but could not be reached just now. It is tried again by itself.
    } I have deleted the message with its key where I could.
own-lend =
    ⚠️ Lend **{ $source }** to everybody?

    Others’ questions are asked through it, at your expense there. Many providers forbid sharing accounts and close those that do: read the terms of yours first. In return you get an allowance that refills; it ends when you take the account back.
own-lend-done = ✅ **{ $source }** answers for everybody now. /wallet shows what it brings you.
own-back-done = ✅ **{ $source }** answers you alone again; the allowance that it brought is gone.
own-pause-done = ⏸ **{ $source }** is not used until you switch it on again.
own-resume-done = ▶️ **{ $source }** is used again.
own-remove = Take **{ $source }** out for good? Its key is forgotten here; at the provider nothing changes.
own-remove-done = **{ $source }** is gone, and its key is forgotten here.
own-prefers-dedicated = Your own accounts answer first from now on.
own-prefers-shared = Everybody’s accounts answer first from now on, and your own ones when none of them can.
button-own-add = ➕ Add an account
button-own-list = 🔑 My accounts
button-own-lend = 🤝 Lend { $source }
button-own-back = ↩️ Take { $source } back
button-own-pause = ⏸ Pause { $source }
button-own-resume = ▶️ Use { $source } again
button-own-remove = 🗑 Remove { $source }
choice-lend = lend
choice-back = take back
choice-prefer = which answer first
