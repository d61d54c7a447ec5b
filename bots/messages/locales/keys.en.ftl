# Keys for programs.

error-key_unknown = This key is not valid.
error-too_many_wrong_keys = Too many wrong keys have come from there. Please try again after { $until }.
error-too_many_keys =
    { $most ->
        [0] Your plan has no keys.
        [one] You already have a key, which is the most you may have.
       *[other] You already have { $most } keys, which is the most you may have.
    }
alert-keys_guessed = Somebody is guessing keys (wrong ones within a minute: { $count }).

command-keys = Keys for your programs: make, limit, pause, revoke
slash-keys = keys
ask-keys-name = What should the new key be called? For example after the program that will use it.
keys =
    { $count ->
        [one] Your key:
       *[other] Your { $count } keys:
    }
keys-none = You have no keys. A key lets a program ask models here in your name, and spends your credit.
key-line =
    { $state ->
        [active] ✅
        [paused] ⏸
       *[other] ⛔
    } **{ $key }** (…{ $last4 }): { $scopes }{ $limited ->
        [yes] , at most { $limit } { $unit } a day
       *[no] {""}
    }{ $used ->
        [yes] , last used { $at }
       *[no] , never used
    }{ $state ->
        [paused] , paused
        [ended] , expired
       *[other] {""}
    }
notice-vanish = 🔑 A key stood here, and has been taken away after some minutes. Your keys: /keys
key-made =
    🔑 The key **{ $name }** ({ $scopes }):

    `{ $key }`

    I show it only this once, and cannot show it again: copy it now. Whoever has it can spend your credit. Then press **{ button-key-taken }**, which removes it from this chat{ $minutes ->
        [0] {""}
        [one] ; I remove it myself after a minute
       *[other] ; I remove it myself after { $minutes } minutes
    }.
key-changed = ✅ The key **{ $key }** has been changed.
key-paused = ⏸ The key **{ $key }** is paused.
key-active = ▶️ The key **{ $key }** works again.
key-revoke = Revoke the key **{ $key }** for good? Programs that use it are refused from the next request on.
keys-revoke-all = Revoke all your keys for good? Programs that use them are refused from the next request on.
key-revoked = The key **{ $key }** has been revoked.
keys-revoked =
    { $count ->
        [0] You had no keys.
        [one] Your key has been revoked.
       *[other] Your { $count } keys have been revoked.
    }
button-keys = 🔑 My keys
button-key-new = ➕ New key
button-key-taken = ✅ I have it
button-key-pause = ⏸ Pause { $key }
button-key-resume = ▶️ Use { $key } again
button-key-revoke = 🗑 Revoke { $key }
choice-new = new
name-scopes = scopes
label-scopes = Scopes
option-keys-name = The name of the key, or its last four symbols
option-keys-value = The new name, or the most credit a day
option-keys-scopes = What it may do: chat, redeem, verify, figures

rotate-left-sources =
    { $count ->
        [one] • 1 account at a model provider
       *[other] • { $count } accounts at model providers
    }
rotate-left-keys =
    { $count ->
        [one] • 1 key of a program, which nobody has used since: it stops working when the older keys are removed
       *[other] • { $count } keys of programs, which nobody has used since: they stop working when the older keys are removed
    }
