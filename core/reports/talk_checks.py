"""The checks of `usher doctor` for talk: questions, their answers, what they cost, and who is told."""

from __future__ import annotations

from typing import Final

from core.reports.doctor_checks import Check

TALK: Final = (
    Check(
        "answered_turn_has_its_answer",
        "a question that counts as answered has its answer below it, from its own call",
        "turn",
        """SELECT t.id FROM turns t LEFT JOIN messages m ON m.id = t.answer_id
           WHERE t.state = 'done' AND (m.id IS NULL OR m.role <> 'assistant' OR m.parent_id IS NULL
             OR m.parent_id <> t.question_id OR COALESCE(m.call_id, 0) <> COALESCE(t.call_id, 0))""",
    ),
    Check(
        "answered_turn_is_told",
        "whoever asked is told how it ended",
        "turn",
        """SELECT t.id FROM turns t WHERE t.platform IN ('telegram', 'discord') AND t.identity <> 'erased'
             AND t.ended_at >= :forsaken AND (t.state = 'done' OR t.reason <> 'stopped')
             AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.dedupe = 'answer:' || t.id)""",
    ),
    Check(
        "one_answer_at_a_time",
        "of one conversation one question is answered at a time",
        "conversation",
        "SELECT conversation_id FROM turns WHERE state = 'answering' GROUP BY conversation_id HAVING count(*) > 1",
    ),
    Check(
        "turn_has_its_own_call",
        "what a question cost belongs to it, and is over when it is",
        "turn",
        """SELECT t.id FROM turns t LEFT JOIN calls c ON c.id = t.call_id
           WHERE t.call_id IS NOT NULL AND (c.id IS NULL
             OR substr(c.request_key, 1, length(t.request_key) + 6) <> 'turn:' || t.request_key || ':'
             OR (t.state = 'done' AND c.state <> 'settled'))""",
    ),
    Check(
        "turn_is_charged_once",
        "one question is charged once, however often it is begun",
        "turn",
        r"""SELECT t.id FROM turns t JOIN calls c ON c.charged > 0 AND c.request_key IN (
               'turn:' || t.request_key || '\:1', 'turn:' || t.request_key || '\:2', 'turn:' || t.request_key || '\:3')
           GROUP BY t.id HAVING count(*) > 1""",
    ),
    Check(
        "no_turn_is_claimed_for_ever",
        "every question that is being answered is looked at in time",
        "turn",
        """SELECT id FROM turns WHERE state = 'answering' AND platform IN ('telegram', 'discord') AND due_at < :late""",
    ),
    Check(
        "no_turn_waits_for_ever",
        "a question that nothing stands before is begun in time",
        "turn",
        """SELECT t.id FROM turns t WHERE t.state = 'waiting' AND t.platform IN ('telegram', 'discord')
             AND t.due_at < :late AND NOT EXISTS (SELECT 1 FROM turns o WHERE o.conversation_id = t.conversation_id
               AND o.id <> t.id AND (o.state = 'answering' OR (o.state = 'waiting' AND o.id < t.id)))""",
        "warning",
    ),
    Check(
        "conversation_goes_on_in_itself",
        "a conversation goes on at one of its own messages, and each stands below one of its own",
        "conversation",
        """SELECT c.id FROM conversations c LEFT JOIN messages m ON m.id = c.head_id
           WHERE c.head_id IS NOT NULL AND (m.id IS NULL OR m.conversation_id <> c.id)
           UNION SELECT m.conversation_id FROM messages m JOIN messages p ON p.id = m.parent_id
           WHERE p.conversation_id <> m.conversation_id""",
    ),
)
