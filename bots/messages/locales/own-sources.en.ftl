# Accounts that people bring for themselves.

command-source = Accounts of your own: add, lend, pause, remove
slash-source = source
ask-source-line =
    Please send your account: its address, its key, and the models it is for, like this:
    `https://api.example.com/v1 sk-… small`
    I delete the message with the key if I can, and store the key encrypted. The account answers only you, and costs you no credit here.
own-none = You have no account of your own here. If you add one, it answers only you and costs you no credit.
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
        [resting] , resting until { $until }
        [off] , paused
        [expired] , its key is rejected: add it again with a new one
        [gone] , no longer exists
       *[other] {""}
    }
own-added =
    { $state ->
        [read] ✅ Your account **{ $source }** has been added and works. From now on it answers you first.
        [expired] ⛔ Your account **{ $source }** has been added, but its provider rejects the key. Please add it again with a working one.
       *[other] 💤 Your account **{ $source }** has been added, but could not be reached. It will be tried again automatically.
    } I have deleted the message with its key if I could.
own-lend =
    ⚠️ Lend **{ $source }** to everybody?

    Other people's questions will go through it, at your expense. Many providers forbid sharing accounts and close those that are shared: read your provider's terms first. In return you get an allowance that refills; it ends when you take the account back.
own-lend-done = ✅ **{ $source }** now answers for everybody. /wallet shows what you get for it.
own-back-done = ✅ **{ $source }** answers only you again; the allowance you got for it is gone.
own-pause-done = ⏸ **{ $source }** is paused until you resume it.
own-resume-done = ▶️ **{ $source }** is in use again.
own-remove = Remove **{ $source }** for good? Its key is deleted here; nothing changes at the provider.
own-remove-done = **{ $source }** has been removed, and its key deleted here.
own-prefers-dedicated = From now on your own accounts answer first.
own-prefers-shared = From now on everybody's accounts answer first, and your own only when none of them can.
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
choice-get = get one made for me
button-own-get = 🎁 Get an account from { $parent }
own-get-ready = ✅ You have an account of your own from **{ $parent }**: **{ $source }**. It answers you first and costs you no credit here.
own-get-sending = ⏳ Your account from **{ $parent }** is being made. I will tell you when it is there.
own-get-unclear = ⏳ **{ $parent }** has not confirmed your account yet. I keep asking, and will tell you when it is there; nothing is made twice.
own-get-ending = Your former account from **{ $parent }** is still being ended there. Please try again in a few minutes.
notice-subaccount_ready = ✅ Your account from **{ $parent }** is there: **{ $source }**. It answers you first and costs you no credit here.
notice-subaccount_failed = **{ $parent }** did not make an account for you. You can ask again with /source get { $parent }.
error-subaccount_refused =
    { $reason ->
        [refused] **{ $parent }** refused to make an account. Nothing was made.
        [suspended] Nobody who is suspended gets an account from **{ $parent }**.
        [ended] The account from **{ $parent }** was ended in the meantime.
       *[unavailable] **{ $parent }** cannot make accounts at the moment. Nothing was made; please try again later.
    }
