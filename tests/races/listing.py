"""Every public operation of the core, and those that are not tried, with the reason."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import core as package

SECOND_WING = ("calls", "credit", "sources", "talk")
"""Its operations touch none of what is tried here: they have wallets, calls and sources."""
_READS = "reads only"
_PART = "a part of another operation, which is tried"
_APART = "touches no lease, seat, transfer, removal, person, waiting place, code or job"

NOT_TRIED: dict[str, str] = {
    "redemptions.redemptions.redeem": _PART,
    "redemptions.redemptions.carry_on": _PART,
    "redemptions.seating.place_named": _READS,
    "redemptions.standing.wish_of": _READS,
    "leases.adopting.preview": _READS,
    "leases.noting.note": "words that nobody decides by",
    "leases.extensions.wishes": _READS,
    "transfers.address_changes.wishes": _READS,
    "leases.invites.send": _PART,
    "leases.invites.clear_up": _PART,
    "leases.invites.conclude": _PART,
    "leases.settling.unclear": _READS,
    "leases.settling.unclear_list": _READS,
    "waitlist.sweep.serve": "serving.serve and withdraw_offers, one after the other",
    "waitlist.serving.withdraw_offers": "asks for the end of leases, as leases.end does",
    "sync.sync.ask": _READS,
    "sync.sync.read_team": _PART,
    "sync.sync.read_many": _PART,
    "sync.sweep.read_teams": "sync.read_due with words",
    "sync.sync.sync_all": "sync_team of every team",
    "sync.sync.sync_address": "sync_team of some teams",
    "sync.health_sweep.check_health": "sync_team of those that were expired",
    "sync.strangers.dry_run": _READS,
    "sync.strangers.protect": "a flag on a seat that nobody else writes",
    "jobs.items.work": _PART,
    "jobs.jobs.preview": _READS,
    "jobs.announcements.count_recipients": _READS,
    "jobs.missing.again": "seating.seat by number, in a job",
    "jobs.chores.start": "starts a job, as jobs.start does",
    "jobs.chores.do": _PART,
    "jobs.announcements.announce": "starts a job, as jobs.start does",
    "transfers.sweep.move_out_of_dead_teams": "starts transfers, as transfers.transfer does",
    "codes.codes.generate": "codes.generate_list in a stream",
    "codes.endings.set_auto_transfer": "is read with the claim of a use, and decides nothing before the end",
    "codes.codes.set_status_of": "codes.set_code_status by number",
    "codes.words.imported_among": _READS,
    "codes.foreign.make_real": "gives a code its text, which nobody decides by",
    "codes.exports.export_codes": _READS,
    "codes.exports.reveal_code": _READS,
    "codes.exports.reveal_codes": _READS,
    "codes.verification.verify": _READS,
    "teams.cleanup.clean_up_teams": "teams.remove_team of several",
    "teams.credential_checks.check_candidates": _READS,
    "teams.pools.create_pool": _APART,
    "teams.pools.default_pool": _APART,
    "teams.quota.room": _READS,
    "teams.removal.preview_team_removal": _READS,
    "teams.teams.preview_teams": _READS,
    "people.buttons.awaits": _READS,
    "people.buttons.is_button": _READS,
    "people.buttons.look": _READS,
    "people.buttons.press": _APART,
    "people.drafts.keep_draft": _APART,
    "people.drafts.read_draft": _APART,
    "people.drafts.change_draft": _APART,
    "people.drafts.drop_draft": _APART,
    "codes.guesses.settle_wrong_code": _APART,
    "people.links.wanted": _READS,
    "people.locks.lift": _APART,
    "people.locks.lock_list": _READS,
    "people.people.accept_token": _PART,
    "people.people.refuse_token": _PART,
    "people.staff.also_known_as": _READS,
    "people.people.claim_asking": _APART,
    "people.people.set_timezone": _APART,
    "people.people.first_owner_token": "adds a token",
    "codes.posted.keep_for_poster": "a fact of its own, read with the code's row locked",
    "notices.panels.pin": "one row of the outbox, which its sender puts back only while it has its claim",
    "notices.panels.unpin": "deletes that row",
    "people.people.issue_token": "adds a token",
    "people.people.mark_unreachable": "a flag that nobody reads to decide",
    "people.people.move_chat": "a group's number, no person's",
    "people.privacy.export_person": _READS,
    "people.staff.staff_list": _READS,
    "alerts.alerts.resolve": _APART,
    "alerts.alerts.mute": _APART,
    "alerts.subscriptions.subscribe": _APART,
    "alerts.subscriptions.unsubscribe": _APART,
    "notices.hooks.add_hook": _APART,
    "notices.hooks.hook_list": _READS,
    "notices.hooks.test_hook": _APART,
    "notices.hooks.set_hook_state": _APART,
    "notices.events.message_of": _READS,
    "notices.inbox_rows.store": _APART,
    "notices.inbox_rows.keep": "store, and claims what it stored for who asked",
    "notices.lanes.behind": _READS,
    "people.staff.leave": "takes a role away, as people.staff.revoke does; of two last owners one stays (test_between_statements)",
    "upkeep.backups.by_itself": _READS,
    "notices.named_requests.begin": _APART,
    "notices.named_requests.finish": _APART,
    "redemptions.suspended.requests": _READS,
    "teams.pool_moves.pool_use": _READS,
    "sweeps.alerts.stands": _READS,
    "restores.marks.distrust": "only after a restore, when nothing else is served",
    "restores.marks.find_ahead": "only after a restore, when nothing else is served",
    "restores.marks.watch": "only after a restore, when nothing else is served",
    "predecessors.moving_in.preview": _READS,
    "predecessors.moving_in.move_in": "seats people whom nobody else knows yet; the operator waits for it",
    "restores.reconcile.reconcile": "only after a restore, when nothing else is served",
    "upkeep.backups.make_backup": _READS,
    "upkeep.backups.read_backup": _READS,
    "upkeep.clock_watch.watch": _APART,
    "upkeep.clock_watch.look": _APART,
    "upkeep.clock_watch.confirm": _APART,
    "upkeep.folding.fold": "adds up what triggers noted",
    "upkeep.house_settings.put": _APART,
    "upkeep.house_settings.reset": _APART,
    "upkeep.house_settings.setting_list": _READS,
    "upkeep.house_settings.show": _READS,
    "upkeep.house_settings.text_list": _READS,
    "upkeep.retention.forget": "deletes what is over and old",
    "upkeep.rotation.rotate_keys": "ciphertexts, each replaced only if it is as it was read",
    "upkeep.rotation.rotation_left": _READS,
    "upkeep.rotation_of_talk.rewrite_talk": "as rotate_keys, for what was said",
    "sweeps.alerts.check": _APART,
    "sweeps.daily.report": _APART,
    "sweeps.control.pause": _APART,
    "sweeps.control.run_soon": _APART,
    "sweeps.runner.run": "runs the sweeps, which are tried",
    "sweeps.runner.run_now": "runs a sweep, and those are tried",
}
"""Operation → why nothing meets it here."""


def public(*, everything: bool = False) -> Iterator[str]:
    """Every public operation of the core: an async function that takes the core first.

    Those that are tried against each other leave reports and the second wing out; `everything` names them as well.
    """
    rooms = (each.name for each in pkgutil.iter_modules(package.__path__) if each.ispkg)
    for room in rooms:
        left_out = {"providers", "storage", "rules", "sandbox", "models"}
        if room in (left_out if everything else {*left_out, "reports", *SECOND_WING}):
            continue
        folder = importlib.import_module(f"core.{room}")
        for found in pkgutil.iter_modules(folder.__path__):
            if found.name.endswith("report") and not everything:
                continue
            module = importlib.import_module(f"core.{room}.{found.name}")
            for name, function in vars(module).items():
                own = inspect.iscoroutinefunction(function) and function.__module__ == module.__name__
                if own and not name.startswith("_") and [*inspect.signature(function).parameters][:1] == ["core"]:
                    yield f"{room}.{found.name}.{name}"
