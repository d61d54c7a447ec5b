"""Every alert that can be raised, and every reason a job can give, has words in every language."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from bots.messages.rendering import has_words
from core.languages import LANGUAGES
from core.providers.scim_group import HIDDEN
from tests.architecture.source import modules

COMPUTED = {"team_expired", "team_gone", HIDDEN}
"""Titles that are put together, or are an adapter's remark."""


def _titles() -> Iterator[str]:
    for module in modules():
        if "raise_alert" not in module.text and "FoundCondition" not in module.text:
            continue
        for node in module.nodes:
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func).rpartition(".")[2]
            words = [one.value if isinstance(one, ast.Constant) else None for one in node.args]
            if (name == "raise_alert" and len(words) > 4) or (
                any(ast.unparse(one).endswith("alerts.raise_alert") for one in node.args[:1]) and len(words) > 4
            ):
                yield str(words[4] or "")
            elif name == "FoundCondition":
                yield str(words[3] or "")


def _reasons() -> Iterator[str]:
    for module in modules():
        if module.path not in {"core/jobs/items.py", "core/jobs/selection.py"}:
            continue
        for node in module.nodes:
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"Outcome", "Target"}:
                for one in node.args[1:]:
                    if isinstance(one, ast.Constant) and isinstance(one.value, str):
                        yield one.value
            if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant):
                yield str(node.value.value or "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_alert_has_words(language: str):
    titles = {title for title in _titles() if title} | COMPUTED
    assert {"sweep_late", "statements_slow", "usage_absorbed"} <= titles
    assert not sorted(title for title in titles if not has_words(f"alert-{title}", language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_a_job_has_words(language: str):
    reasons = {reason for reason in _reasons() if reason and reason not in {"True", "False"}}
    assert {"joined", "sent_recently", "under_way"} <= reasons
    assert not sorted(reason for reason in reasons if not has_words(f"reason-{reason}", language))
