# Events told to other systems.

command-hooks = Addresses of other systems that are told what happens
slash-hooks = hooks
ask-hooks-address = Which address should be told? It begins with `https://`.
hooks =
    { $count ->
        [one] One address is told what happens:
       *[other] { $count } addresses are told what happens:
    }
hooks-none = No other system is told what happens here.
hook-line =
    { $state ->
        [well] ✅
        [paused] ⏸
       *[failing] ⛔
    } **{ $hook }** `{ $address }`: { $some ->
        [yes] { $events }
       *[no] everything
    }{ $state ->
        [paused] , paused
        [failing] , fails since { $since } ({ $error })
       *[other] {""}
    }{ $count ->
        [0] {""}
       *[other] , waiting: { $count }
    }
hook-added =
    🔗 `{ $address }` is told what happens from now on (number **{ $hook }**). It can tell our messages by this secret:

    `{ $secret }`

    I show it only this once: copy it now. Then press the button below, which removes it from this chat.
hook-tested = An event is on its way to **{ $hook }**. The list shows how it went.
hook-paused = ⏸ **{ $hook }** is paused. What happens meanwhile will not be told later.
hook-active = ▶️ **{ $hook }** is told again.
hook-removed = **{ $hook }** has been removed.
hook-remove = Remove **{ $hook }**? It is told nothing any more, and its secret and what waits for it are forgotten.
button-hook-add = ➕ Add an address
button-hook-check = 🔔 Try { $hook }
button-hook-pause = ⏸ Pause { $hook }
button-hook-resume = ▶️ Resume { $hook }
button-hook-remove = 🗑 Remove { $hook }
alert-hook_dead = The other system behind hook **{ $hook }** has not taken an event for a day ({ $error }). The event is lost to it; /hooks shows more.
name-events = events
label-events = Events
option-hooks-address = The address that is told, or its number in the list
option-hooks-events = Only these, such as seat, codes, alert
rotate-left-hooks =
    { $count ->
        [one] • 1 secret of an address for events
       *[other] • { $count } secrets of addresses for events
    }
