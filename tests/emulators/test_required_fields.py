"""What the emulators answer has every field that the platforms' descriptions require."""

from __future__ import annotations

import pytest

from tests.support.telegram.emulator import FakeTelegram


async def test_a_discord_user_a_member_and_a_guild_are_whole(emulator):
    user = "id username discriminator global_name avatar public_flags flags".split()
    assert set(user) <= set(emulator.world.user("7"))
    guild = emulator.world.guild_object(emulator.world.guild_id)
    required = (
        "id name icon splash discovery_splash owner_id afk_channel_id afk_timeout verification_level "
        "default_message_notifications explicit_content_filter roles emojis features mfa_level application_id "
        "system_channel_id system_channel_flags rules_channel_id vanity_url_code description banner premium_tier "
        "preferred_locale public_updates_channel_id nsfw_level premium_progress_bar_enabled safety_alerts_channel_id "
        "stickers joined_at large member_count voice_states members channels threads presences stage_instances "
        "guild_scheduled_events soundboard_sounds"
    )
    assert set(required.split()) <= set(guild)
    for role in guild["roles"]:
        assert isinstance(role["permissions"], str)
    for member in guild["members"]:
        assert set("user roles joined_at deaf mute flags".split()) <= set(member)
        assert isinstance(member["permissions"], str)


async def test_who_a_telegram_bot_is_is_whole():
    async with FakeTelegram() as telegram:
        fields = (
            "id is_bot first_name username can_join_groups can_read_all_group_messages supports_inline_queries "
            "can_connect_to_business has_main_web_app"
        )
        assert set(fields.split()) <= set(telegram.world.me)


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("hello", []),
        ("ann@example.com CODE", [("email", 0, 15)]),
        ("😀 ann@example.com", [("email", 3, 15)]),
        ("/redeem ann@example.com", [("bot_command", 0, 7), ("email", 8, 15)]),
        ("a@b.co, c@d.org", [("email", 0, 6), ("email", 8, 7)]),
    ],
)
async def test_telegram_marks_addresses_and_commands_in_what_people_write(text, entities):
    async with FakeTelegram() as telegram:
        update = await telegram.say(text)
        found = update["message"].get("entities", [])
        assert [(one["type"], one["offset"], one["length"]) for one in found] == entities
