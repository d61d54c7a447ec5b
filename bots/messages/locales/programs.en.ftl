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
api-team-stored = The team { $team } has been stored.
api-team-removed = The team { $team } has been removed.
