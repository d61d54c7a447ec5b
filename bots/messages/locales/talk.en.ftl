# Talking with models.

group-talk = Talking with a model

## Commands

command-ask = Ask a model
command-new = Begin a new conversation
command-model = Models with their prices, and which one answers you
command-again = Ask the last question again, of another model too
command-stop = Stop the answer that is being written
slash-ask = ask
slash-new = new
slash-model = model
slash-again = again
slash-stop = stop
name-title = title
label-title = Title
option-title = What the conversation is about
option-ask-text = Your question
name-attachment = attachment
option-attachment = A picture, a text file or a voice message that the question is about
option-model-name = The model that should answer from now on
option-again-model = Another model
name-answer = answer
label-answer = Answer
option-answer = The number of an answer
name-go-on = go_on
label-go-on = Continue
option-go-on = Continue where the answer broke off

ask-ask-text = What would you like to ask?

## Refusals

error-nothing_asked = There is nothing to read in your message, so I have asked nothing and charged nothing. Just write what you would like to know. /help shows what I can do.
error-question_asked = This question has been asked already. To have another model answer as well, send /again and its name.
error-talk_off = There is no model to talk with here.

## Asking

code-or-question = There is a code in your question. Should I redeem it, or ask the model?
button-redeem-it = 🎟 Redeem it
button-ask-it = 💬 Ask the model
talk-in-line =
    ⏳ All accounts are busy{ $count ->
        [0] .
        [one] ; one question is before yours.
       *[other] ; { $count } questions are before yours.
    }
talk-asked = “{ $text }”
talk-asked-again = I am asking again.
talk-waits =
    { $count ->
        [one] I will answer that as soon as the answer before it is complete.
       *[other] I will answer that as soon as the { $count } answers before it are complete.
    }
talk-stopping = I am stopping.
talk-nothing-runs = There is nothing to stop at the moment.
talk-new =
    { $title ->
        [none] 🗨 A new conversation. What would you like to know?
       *[other] 🗨 A new conversation: **{ $title }**. What would you like to know?
    }
welcome-talk = 🗨 You can also simply ask me something: a model answers, and a code gives you the credit it costs. /model shows the prices.
talk-choose-model = Which model should answer you? Choose one, and I will ask it your question:
talk-models =
    { $model ->
        [none] No model has been chosen yet. You can choose from these:
       *[other] **{ $model }** answers you. You can choose from these:
    }
talk-model = **{ $model }**: { $input } { $unit } per million tokens you send, { $output } per million it writes
talk-model-free = **{ $model }**: free
talk-models-meant = Several models have “{ $model }” in their names. Which one do you mean?
talk-model-chosen = From now on **{ $model }** answers you.

## Answers

talk-answer = The answer:
talk-mark-stopped = ⏹ Stopped.
talk-mark-interrupted = ⚠️ The answer broke off here.
talk-mark-cut = ✂️ The answer reached its greatest length.
talk-mark-shortened = ✂️ Your credit, or the limit for today, was not enough for a longer answer. /wallet shows what you have.
talk-mark-model = 🤖 { $model }
talk-mark-left-out =
    { $count ->
        [one] ℹ️ The oldest message of this conversation no longer fits, so the model has not read it.
       *[other] ℹ️ The oldest { $count } messages of this conversation no longer fit, so the model has not read them.
    }
talk-mark-estimated = ≈ { $credit } { $unit }, estimated
talk-failed = The question could not be answered. Nothing was charged. Please try again.
talk-failed-stopped = ⏹ Stopped before the first word.
talk-failed-stopped-free = ⏹ Stopped before the first word. Nothing was charged.
talk-failed-stopped-paid = ⏹ Stopped before the first word. Your question was on its way already, which costs ≈ { $credit } { $unit }, estimated.
talk-failed-empty_answer = The model gave no answer. Nothing was charged.
talk-failed-nothing_heard = I could not make out any words in the voice message. Please say it again, or write it.
talk-failed-filtered = The model's provider will not answer this. Nothing was charged.
talk-long-conversation = It costs that much because the model reads this whole conversation again with every question. In a new conversation, this question could cost up to { $credit } { $unit }.
talk-long-conversation-here = The longer a conversation gets, the more each question costs. `/new` begins another one.
button-talk-again = 🔄 Again
button-talk-go-on = ▶️ Continue
button-talk-stop = ⏹ Stop

## Conversations

command-chats = Your conversations: list, open, rename, pin, archive, delete
command-instructions = What a conversation begins with
command-search = Search your conversations
command-savechat = Save this conversation as a file
command-share = Share this conversation by a link
slash-chats = chats
slash-instructions = instructions
slash-search = search
slash-savechat = savechat
slash-share = share
name-words = words
label-words = Words
option-words = Words to look for, or a new title
name-format = format
label-format = Format
option-format = How the file is written
name-days = days
label-days = Days
option-days = For how many days the link opens
name-back = back
label-back = Back
option-back = Go back to that answer
option-instructions-text = The text, or off
option-share-token = A link's token that somebody gave you
choice-archive = archive
choice-unarchive = back to the list
choice-archived = archived
export-you = You
choice-md = Markdown
choice-json = JSON
ask-search-words = What are you looking for?

chats =
    { $count ->
        [one] 🗂 Your conversation:
       *[other] 🗂 Your { $count } conversations{ $more ->
            [0] {""}
           *[other] , the newest first; `/chats WORDS` finds the others
        }:
    }
chats-none =
    { $words ->
        [none] { $archived ->
            [0] You have no conversations yet. Just write to me.
            [one] Your only conversation is archived.
           *[other] All of your conversations are archived.
        }
       *[other] No conversation is called anything with “{ $words }”.
    }
chats-line =
    { $state ->
        [here] 💬
        [pinned] 📌
        [archived] 🗄
       *[other] ▫️
    } **#{ $number }** · { $title } · { $count ->
        [0] no messages yet
        [one] one message
       *[other] { $count } messages
    } · { $at }
chat-untitled = New conversation
chats-page =
    { $done ->
        [resume] 💬 This conversation goes on here now.
        [rename] ✏️ That is what the conversation is called now.
        [star] 📌 This conversation now stands first in the list.
        [unstar] 📌 This conversation no longer stands first.
        [archive] 🗄 This conversation is archived.
        [unarchive] 🗄 This conversation is back in the list.
       *[other] 🗂 What would you like to do with this conversation?
    }
chats-ask-title = What should the conversation be called?
chats-long-title =
    A title can be up to { $most ->
        [one] one character
       *[other] { $most } characters
    } long; this one has { $given }.
chats-delete =
    { $count ->
        [one] Delete “{ $title }” with its message for good?
       *[other] Delete “{ $title }” with its { $count } messages for good?
    }
chats-deleted = “{ $title }” has been deleted.
instructions = This conversation begins with: { $text }
instructions-none = This conversation has no instructions. `/instructions TEXT` sets what the model should always keep in mind.
instructions-set = ✅ The model keeps that in mind in this conversation.
instructions-off = This conversation has no instructions now.
search-found =
    { $count ->
        [one] One message with “{ $words }”:
       *[other] { $count } messages with “{ $words }”, the newest first:
    }
search-line = **{ $title }** ({ $at }): { $text }
search-nothing = I found no message with “{ $words }”.
chat-saved =
    { $whole ->
        [no] This conversation as a file: { $count } of its { $all } messages. The others are other versions, which ◀ and ▶ below an answer lead to, or questions without an answer.
       *[yes] { $count ->
            [one] This conversation as a file: one message.
           *[other] This conversation as a file: { $count } messages.
        }
    }
share-link =
    🔗 Whoever opens this link gets a copy of this conversation as it is now, until { $until }:
    { $link }
share-token =
    🔗 Whoever sends me this line gets a copy of this conversation as it is now, until { $until }:
    `/share copy { $token }`
share-revoked = ✅ The link no longer opens.
share-how =
    I do not understand “{ $text }” here, so nothing has been shared. `/share` makes a link that opens for a week, `/share 3` one for three days; the longest is { $most ->
        [one] one day
       *[other] { $most } days
    }.
share-opened =
    { $title ->
        [none] 🗨 I have copied the conversation for you. It goes on here.
       *[other] 🗨 I have copied the conversation **{ $title }** for you. It goes on here.
    }
shares =
    { $count ->
        [one] 🔗 You share one link:
       *[other] 🔗 You share { $count } links, the newest first:
    }
shares-none = None of your conversations is shared.
shares-line = **#{ $number }** · …{ $last4 } · { $title } · until { $until } · { $count ->
        [0] not opened yet
        [one] opened once
       *[other] opened { $count } times
    }
shares-more =
    { $count ->
        [one] There is one older link. Take one back to see it.
       *[other] There are { $count } older links. Take some back to see them.
    }
talk-new-from = A new conversation would begin with a summary of this one, written by **{ $model }** for about { $price } { $unit }. Begin it?
talk-new-from-begun = 📝 A new conversation. It begins with this summary:
talk-new-from-failed = The new conversation begins without a summary. The one before is kept as it was.
button-talk-before = ↩️ Back to the one before
talk-back = Your next question continues after this answer.
talk-new-from-what = `/new from` begins with a summary of this conversation and takes nothing else. What would you like?
button-new-from = 📝 Begin with a summary
button-new-called = ➕ Call it “{ $title }”
button-chats = 🗂 Conversations
button-chat =
    { $number ->
        [none] { $title }
       *[other] #{ $number } { $title }
    }
button-chats-resume = 💬 Open
button-chats-rename = ✏️ Rename
button-chats-star = 📌 Pin
button-chats-unstar = 📌 Unpin
button-chats-archive = 🗄 Archive
button-chats-unarchive = 🗄 Back to the list
button-chats-delete = 🗑 Delete
button-chats-archived = 🗄 Archived ({ $count })
button-talk-new = ➕ New conversation
button-talk-back = ↩️ Go on from here
button-talk-earlier = ◀
button-talk-version = { $number }/{ $count }
button-talk-later = ▶
button-shares = 🔗 My links
button-share-revoke = Take #{ $number } (…{ $last4 }) back
choice-star = pin
choice-unstar = unpin
choice-copy = open a link

## Groups

talk-failed-credit = There is not enough credit for this question. In our private chat, /wallet shows what you have.
talk-failed-sponsor = This group's sponsor cannot pay for this question at the moment. In our private chat you can ask at your own cost.
error-sponsor_limit = What is paid for in this group today, { $limit } { $unit }, is used up. In our private chat you can ask at your own cost.
error-sponsor_gone = Whoever paid for this group does not any more, so I have not asked this question. Ask again, and it is at your own cost.
error-already_sponsored = Somebody else pays for the questions asked here.
error-not_sponsored = You do not pay for the questions asked here.
sponsor-set =
    { $name ->
        [none] 🎁 The questions asked here are paid for from now on, up to { $limit } { $unit } a day.
       *[other] 🎁 **{ $name }** pays for the questions asked here, up to { $limit } { $unit } a day.
    } `/wallet sponsor off` ends that.
sponsor-here = 🎁 The questions asked here are paid for, up to { $limit } { $unit } a day. { $left } is left today.
sponsor-nobody = Everybody pays for their own questions here. With `/wallet sponsor 1` you pay for everybody's, up to 1 credit a day.
sponsor-ended = Everybody pays for their own questions here again.
sponsor-ended-everywhere =
    { $count ->
        [0] You were not paying for any group.
        [one] You no longer pay for the group.
       *[other] You no longer pay for the { $count } groups.
    }
sponsor-how = You do not pay for any group. Write `/wallet sponsor 1` in a group to pay for what is asked there, up to 1 credit a day.
sponsor-mine =
    { $count ->
        [one] 🎁 You pay for one group:
       *[other] 🎁 You pay for { $count } groups:
    }
sponsor-line = { $place }: up to { $limit } { $unit } a day, { $left } left today. `/wallet sponsor off` ends it.

## Another wording

talk-reworded = ✏️ You have changed your question. I can answer the new wording; it costs like any other question.
button-talk-reworded = 🔄 Ask with this

## Privacy

privacy-talk =
    Of your conversations I keep, encrypted, what you ask and what the models answer. Staff cannot read it.{ $days ->
        [0] {""}
        [one] {" "}It is deleted after a day.
       *[other] {" "}It is deleted after { $days } days.
    } I also keep what your questions cost, your keys and your links.
privacy-erase-talk =
    Your conversations, keys and links are deleted as well{ $credit ->
        [none] .
       *[other] , and you lose { $credit } { $unit }.
    }

## What comes with a question

error-kind_not_taken = I cannot ask a model about that. Words, pictures and files of text (such as txt, md, csv, json or code) are fine. Nothing was used.
error-too_many_files =
    { $kind ->
        [image] { $most ->
            [0] Pictures are not taken here. Nothing was used.
            [one] A question can have one picture. Please send it alone. Nothing was used.
           *[other] A question can have at most { $most } pictures. Please send fewer. Nothing was used.
        }
        [voice] A question can have one voice message. Please send them one after the other. Nothing was used.
       *[other] { $most ->
            [0] Files are not taken here. Nothing was used.
            [one] A question can have one file. Please send it alone. Nothing was used.
           *[other] A question can have at most { $most } files. Please send fewer. Nothing was used.
        }
    }
error-file_too_large =
    { $kind ->
        [image] The picture “{ $name }” is too large: it may have { $most } MB at most. Nothing was used.
        [voice] This voice message is too long: it may have { $most } MB at most. Nothing was used.
       *[other] The file “{ $name }” is too large: it may have { $most } MB at most. Nothing was used.
    }
error-file_not_text = “{ $name }” is not a file of text. I can read files such as txt, md, csv, json or code. Nothing was used.
error-no_picture = “{ $name }” is not a picture that a model can look at: PNG, JPEG, GIF and WebP are. Nothing was used.
error-file_not_fetched = I could not get “{ $name }” from the chat. Please send it again. Nothing was used.
error-nobody_hears = I cannot listen to voice messages. Please write it. Nothing was used.
error-picture_not_fetched = The picture at { $param } could not be fetched ({ $why }). Nothing was used; send it along as a data URL instead.
error-model_sees_not = The model “{ $model }” cannot look at pictures. Choose one that can with /model, or ask in words only. Nothing was used.
