### The shop's own words: written by staff, shown before they hold.

shop-words = { $text }
language-en = English
language-zh-CN = Chinese
settings-texts-heading = **Texts**
settings-text-line = `{ $name }` { $languages }
settings-text-usual = the usual words
settings-text-own = your own words ✎ ({ $languages })
settings-texts-how = `tutorial` is added to the mail with an invitation: how to use what the seat leads to. To write a text, tap it, or send for example `/settings welcome.en Hello!`. You see it first; nothing changes until you confirm.
setting-text = **{ $name }**
setting-text-set = ✅ **{ $name }** is saved. Every process says it within seconds.
setting-text-preview = This is how **{ $name }** will read, with made-up names. Nothing has changed yet.
setting-text-usual = **{ $language }** – the usual words:
    { $text }
setting-text-own = **{ $language }** – your own words ✎:
    { $text }
setting-text-by = Written by { $by } on { $at }.
setting-text-no-places = This text has no places to fill.
setting-text-may-have = It may contain: { $free }.
setting-text-must-have = It must have: { $needed }. It may also have: { $free }.
button-setting-change-text = ✏️ { $name }
button-setting-keep = ✅ Use this text
error-unknown_place =
    { $count ->
        [0] Nothing fills { $place } in `{ $name }`: this text has no places. Nothing was changed.
       *[other] Nothing fills { $place } in `{ $name }`. What can stand there: { $known }. Nothing was changed.
    }
error-missing_place = `{ $name }` does not say where { $place } stands; it must have { $needed }. Nothing was changed.
error-text_too_long =
    { $given ->
        [0] `{ $name }` cannot be empty. Send `reset` for the usual words.
       *[other] Characters in `{ $name }`: { $given }, and { $most } is the most. Nothing was changed.
    }
mail-signed-contact = Questions? { $contact }
mail-signed-shop = – { $shop }
seat-ended-why =
    { $reason ->
        [reason-expired] its time is up
        [reason-gone] you are no longer a member of the workspace
        [reason-team_dead] the workspace has been closed
       *[other] our team ended it
    }
