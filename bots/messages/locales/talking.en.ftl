### What the bot answers to people who just talk.

small-talk-hello =
    👋 Hello! If you have a code, send it to me together with your e-mail address, and I will find you a seat.
small-talk-thanks = You are welcome! 🙂
small-talk-bye = Good-bye! I am here whenever you need me.
small-talk-how =
    This is how it works:

    1. Send me your e-mail address and your code in one message: `you@example.com TEAM-1234-5678-9ABC-DEFG`
    2. I find you a seat in a workspace, and an invitation arrives by e-mail.
    3. Accept the invitation. /myseat shows where your seat is and until when.
small-talk-human =
    { $contact ->
        [none] I am a bot, and nobody reads along here. Please ask the team that gave you your code.
       *[other] I am a bot, and nobody reads along here. You reach a person here: { $contact }
    }
small-talk-media =
    { $kind ->
        [voice] I cannot listen to voice messages. Please write to me.
        [photo] I cannot read pictures. If there is a code on it, please type or copy it.
        [sticker] 🙂 I only understand words.
       *[other] I cannot do anything with that. Please write to me.
    }

    To get a seat, send your e-mail address and your code in one message.
media-instead =
    { $kind ->
        [voice] I cannot listen to voice messages. Please write the answer.
        [photo] I cannot read pictures. Please write the answer.
        [sticker] 🙂 I only understand words.
        [file] I do not need a file here. Please write the answer.
       *[other] I cannot do anything with that. Please write the answer.
    }
not-understood-staff = I could not make anything of that. Commands begin with a slash, like /stats; /help shows all of them.
edited-unread = ✏️ I do not go back to messages that are changed afterwards. If you want me to read this one, please send it as a new message.
did-you-mean = Did you mean /{ $command }?
button-did-you-mean = /{ $command }

### Staff's panels.

panel-home = **Today:** { $redeemed } redeemed · { $joined } joined · { $free } of { $seats } { $seats ->
        [one] seat
       *[other] seats
    } free · { $open ->
        [0] no open alerts
        [one] one open alert
       *[other] { $open } open alerts
    }
panel-how = What would you like to do? You can also write any command at once.
panel = **{ $heading }**
choice-codes = 🎟 Codes
choice-people = 👤 People
choice-teams = 🏢 Teams
choice-alerts = 🔔 Alerts
choice-figures = 📊 Figures
choice-house = 🏠 House
choice-member = 🙂 For everybody

## What is read before the first word.

profile-short = I hand out seats in team workspaces to people who have a code.
profile =
    👋 Do you have a code for a seat in a team workspace?

    Press Start and send me your e-mail address and your code in one message. The invitation arrives by e-mail within a minute.

### How long something lasts.

until-in-minutes = { $count ->
    [one] in a minute
   *[other] in { $count } minutes
}
until-after = after { $moment }

### Handing codes on.

code-link = Or hand on this link, which brings the code along: `{ $link }`
hand-on = To hand it on, forward this: Your code is `{ $code }`. Send it to the bot in a private message, together with your e-mail address.
hand-on-gift = To hand it on, forward this: Your code is `{ $code }`. Send it to the bot in a private message.
share-text-gift = Here is a code for you: { $code }. Open the link and press Start.
sheet-too-many = Too many codes for one sheet: { $count }. At most { $most } fit. As a file: /export with CSV, TXT or links.
share-text = Here is your code for a seat: { $code }. Open the link, press Start and send your e-mail address.
button-share = 📤 Share
button-sheet = 🖨 QR sheet
sheet-title = Your seat
sheet-how = Send the code to the bot together with your e-mail address.
sheet-how-link = Scan the code, press Start in the bot and send your e-mail address.
sheet-title-gift = Your code
sheet-how-gift = Send the code to the bot in a private message.
sheet-how-link-gift = Scan the code and press Start in the bot.
sheet-impossible = This installation cannot draw QR codes: the extra “charts” is missing. The codes as text: /export
choice-links = links
choice-sheet = QR codes to print

### Settings, one heading at a time.

ask-settings-value = What should `{ $name }` be? Send the value, or `reset` for what the file says.
button-setting-change = ✏️ Change
button-every-setting = All settings

### A live panel of figures.

stats-pinned = 📌 From now on I will keep one message with the figures up to date here. /stats unpin stops it.
stats-unpinned = The figures here will stay as they are.
stats-not-pinned = No message is kept up to date here. /stats pin begins one.
stats-live-nowhere = Only a chat on Telegram or Discord can have a message that is kept up to date.
stats-live = 🔄 Kept up to date, at most once a minute
choice-pin = keep up to date
choice-unpin = stop

context-find = Find this person
