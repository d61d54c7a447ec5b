# The redeem page, for people without either chat. Refusals have the words that they have in a chat.

page-title = Redeem a code
page-title-problem = Problem: redeem a code
page-intro = Enter the code you were given, and the e-mail address that the seat is for.
page-code = Code
page-code-hint = It looks like `TEAM-1234-5678-9ABC-DEFG`.
page-address = E-mail address
page-address-hint = The invitation is sent there.
page-send = Redeem
page-done = Done
page-under-way = Being confirmed
page-waits =
    The invitation for `{ $address }` is on its way, but the workspace has not confirmed it yet. Your code is safe in the meantime.

    Please look again in a moment.
page-look-again = Look again
page-another = Redeem another code
page-no-wish = There is nothing to show here: this page belongs to another browser, or it is too old.
page-stale = This form has been open for too long, or your browser did not keep the cookie of this page. Nothing was used. Please send it again, and allow cookies for this page if that does not help.
page-unreadable = The form could not be read. Nothing was used. Please fill it in again.
page-trouble = Something went wrong here. Please send the form again: a code is never used twice for the same address. If it happens again, tell the team that gave you the code this number: `{ $reference }`.
page-language = Language
