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

error-talk_off = There is no model to talk with here.

## Asking

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
talk-choose-model = Please choose the model that should answer you, then ask again:
talk-models =
    { $model ->
        [none] No model has been chosen yet. You can choose from these:
       *[other] **{ $model }** answers you. You can choose from these:
    }
talk-model = **{ $model }**: { $input } credit per million tokens you send, { $output } per million it writes
talk-model-free = **{ $model }**: free
talk-model-chosen = From now on **{ $model }** answers you.

## Answers

talk-answer = The answer:
talk-mark-stopped = ⏹ Stopped.
talk-mark-interrupted = ⚠️ The answer broke off here.
talk-mark-cut = ✂️ The answer reached its greatest length.
talk-mark-shortened = ✂️ Your credit was not enough for a longer answer. /wallet shows what you have.
talk-mark-left-out =
    { $count ->
        [one] ℹ️ The oldest message of this conversation no longer fits, so the model has not read it.
       *[other] ℹ️ The oldest { $count } messages of this conversation no longer fit, so the model has not read them.
    }
talk-mark-estimated = ≈ { $credit } credit, estimated
talk-failed = The question could not be answered. Nothing was charged. Please try again.
talk-failed-stopped = ⏹ Stopped before the first word.
talk-failed-empty_answer = The model gave no answer. Nothing was charged.
talk-failed-filtered = The model's provider will not answer this. Nothing was charged.
button-talk-again = 🔄 Again
button-talk-go-on = ▶️ Continue
button-talk-stop = ⏹ Stop
