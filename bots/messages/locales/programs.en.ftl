# What programs are told.

api-invited = Done. { $address } has been invited; the invitation is on its way by e-mail.
api-already-member = { $address } already has a seat, so the code was not used.
api-generated =
    { $count ->
        [one] One code was made.
       *[other] { $count } codes were made.
    }
api-code-active = The code is switched on.
api-code-disabled = The code is switched off.
api-code-deleted = The code has been deleted.
api-synced = The teams of this address have been read.
api-moving = The move has begun.
api-alert-resolved = The alert is resolved.
api-checked = Everything has been checked.
api-key-reused = This Idempotency-Key was sent before, with something else. Nothing was done this time; please take a new one.
api-team-stored = The team { $team } has been stored.
outside-visit =
    Open “{ $site }” with the button and agree there, then come back here. This works until { $until }, once, and only for you: never send it to anybody. The address is:

    `{ $address }`
outside-unlinked = You are no longer linked with “{ $site }”. A plan that you had from there has ended.
button-outside = Link with { $site }
choice-unlink = Unlink
notice-outside_linked =
    { $plan ->
        [none] ✅ You are linked with “{ $site }” as { $name }.
       *[other] ✅ You are linked with “{ $site }” as { $name }, which gives you the plan “{ $plan }”.
    }
error-site_unknown =
    { $count ->
        [0] I cannot link you with “{ $site }”: no site is set up here that people can be linked with.
       *[other] I cannot link you with “{ $site }”: it is not set up here. What is: { $sites }.
    }
error-outside_refused =
    { $reason ->
        [off] Nobody can be linked with “{ $site }” here at the moment.
        [over] This visit to “{ $site }” is over: it serves once, for ten minutes. Please begin again with /link { $site } in the chat.
        [declined] “{ $site }” did not confirm who you are, so nothing was linked. You can begin again with /link { $site } in the chat.
        [taken] Somebody else is linked with this account of “{ $site }” already, so nothing was linked.
        [not_linked] You are not linked with “{ $site }”, so there is nothing to unlink.
        [other] You are linked with another account of “{ $site }”. Unlink it first: /link unlink { $site }
       *[failed] “{ $site }” gave no clear answer, so nothing was linked. Please begin again with /link { $site } in the chat, in a few minutes.
    }
page-outside = Linked
page-outside-asked = Is this you?
page-outside-yes = Yes, link me
page-outside-ask =
    You are { $name } at “{ $site }”. This would link you with the chat account `{ $own }`.

    Go on only if you sent /link from this account yourself, a few minutes ago. If somebody sent you the address of this page, close it: they would count as you.
page-outside-problem = Not linked
page-outside-done =
    `{ $own }` is linked with “{ $site }” as { $name }.

    You can close this page and go back to the chat.
api-team-removed = The team { $team } has been removed.
choice-give = make one for a person
option-sources-person = For whom an account is made, like telegram:123
source-makes = Makes accounts for people ({ $protocol }{ $for_all ->
        [yes] , for everybody who asks
       *[no] , only through staff
    }): { $ready } ready, { $open } being made or ended
source-given =
    { $state ->
        [ready] ✅ { $person } has the account **{ $source }** from **{ $parent }**.
        [ending] The former account of { $person } from **{ $parent }** is still being ended. Please try again in a few minutes.
       *[unclear] ⏳ **{ $parent }** has not confirmed the account for { $person } yet. I keep asking, and will tell the person; nothing is made twice.
    }
alert-subaccount_stuck = **{ $source }** does not say whether an account that it was to make or end is there (`{ $error }`). Times asked: { $count }. I keep asking.
sweep-name-subaccounts = Accounts made for people
did-subaccounts_settled =
    { $count ->
        [one] 1 account made or ended
       *[other] { $count } accounts made or ended
    }
did-subaccounts_open =
    { $count ->
        [one] 1 account not confirmed yet
       *[other] { $count } accounts not confirmed yet
    }
rotate-left-parents =
    { $count ->
        [one] • 1 key that accounts are made with
       *[other] • { $count } keys that accounts are made with
    }
