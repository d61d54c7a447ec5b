"""Each refusal of a command by the emulated Discord once, through plain HTTP, with Discord's codes."""

import pytest

from tests.support.discord.requests import command, leaves, option
from tests.support.emulator_control import DeskError


@pytest.mark.parametrize(
    ("commands", "refusal"),
    [
        ([command(f"c{n}") for n in range(101)], {"commands": "BASE_TYPE_MAX_LENGTH"}),
        ([command("Upper")], {"0.name": "APPLICATION_COMMAND_INVALID_NAME"}),
        ([command("two words")], {"0.name": "APPLICATION_COMMAND_INVALID_NAME"}),
        ([command("x" * 33)], {"0.name": "BASE_TYPE_BAD_LENGTH"}),
        ([command(description="")], {"0.description": "BASE_TYPE_REQUIRED"}),
        ([command(description="x" * 101)], {"0.description": "BASE_TYPE_BAD_LENGTH"}),
        ([{"description": "d"}], {"0.name": "BASE_TYPE_REQUIRED"}),
        ([command(), command()], {"1": "APPLICATION_COMMANDS_DUPLICATE_NAME"}),
        ([command(name_localizations={"zh": "x"})], {"0.name_localizations.zh": "BASE_TYPE_CHOICES"}),
        (
            [command(name_localizations={"zh-CN": "A b"})],
            {"0.name_localizations.zh-CN": "APPLICATION_COMMAND_INVALID_NAME"},
        ),
        (
            [command(description_localizations={"zh-CN": "x" * 101})],
            {"0.description_localizations.zh-CN": "BASE_TYPE_BAD_LENGTH"},
        ),
        ([command(options=[option(f"o{n}") for n in range(26)])], {"0.options": "BASE_TYPE_MAX_LENGTH"}),
        (
            [command(options=[option("a"), option("b", required=True)])],
            {"0.options.1": "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"},
        ),
        (
            [command(options=[option(), option()])],
            {"0.options.1.name": "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"},
        ),
        ([command(options=[option(kind=12)])], {"0.options.0.type": "BASE_TYPE_CHOICES"}),
        (
            [command(options=[option("s", 1), option("t", 3)])],
            {"0.options": "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"},
        ),
        (
            [command(options=[option("g", 2, options=[option("h", 2)])])],
            {"0.options.0.options.0.type": "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"},
        ),
        (
            [command(options=[option("g", 2, options=[option("h", 3)])])],
            {"0.options.0.options.0.type": "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"},
        ),
        (
            [command(options=[option(choices=[{"name": "n", "value": "v"}] * 26)])],
            {"0.options.0.choices": "BASE_TYPE_MAX_LENGTH"},
        ),
        (
            [command(options=[option(kind=4, choices=[{"name": "n", "value": "v"}])])],
            {"0.options.0.choices.0.value": "NUMBER_TYPE_COERCE"},
        ),
        (
            [command(options=[option(autocomplete=True, choices=[{"name": "n", "value": "v"}])])],
            {"0.options.0.autocomplete": "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_INVALID"},
        ),
        (
            [command(options=[option(min_value=1)])],
            {"0.options.0.min_value": "APPLICATION_COMMAND_OPTION_VALUE_INVALID"},
        ),
        ([command(options=[option(max_length=6001)])], {"0.options.0.max_length": "NUMBER_TYPE_MAX"}),
        # The largest number that a schema of Discord's lets anybody say is 2**53 - 1.
        *(
            ([command(options=[{**option(kind=kind), key: value}])], {f"0.options.0.{key}": code})
            for kind in (4, 10)
            for key in ("min_value", "max_value")
            for value, code in ((2**53, "NUMBER_TYPE_MAX"), (-(2**53), "NUMBER_TYPE_MIN"))
        ),
        (
            [command(options=[option(kind=4, choices=[{"name": "n", "value": 2**53}])])],
            {"0.options.0.choices.0.value": "NUMBER_TYPE_MAX"},
        ),
        (
            [command(options=[option(kind=4, min_value=2, max_value=1)])],
            {"0.options.0.min_value": "APPLICATION_COMMAND_OPTION_RANGE_INVALID"},
        ),
        (
            [command(options=[option(choices=[{"name": "n", "value": "v", "name_localizations": {"xx": "n"}}])])],
            {"0.options.0.choices.0.name_localizations.xx": "BASE_TYPE_CHOICES"},
        ),
        (
            [command(options=[option(choices=[{"name": "n", "value": "v", "name_localizations": {"ja": "n" * 101}}])])],
            {"0.options.0.choices.0.name_localizations.ja": "BASE_TYPE_BAD_LENGTH"},
        ),
        ([command(options=[option(kind=7, channel_types=[99])])], {"0.options.0.channel_types.0": "BASE_TYPE_CHOICES"}),
        ([command(contexts=[])], {"0.contexts": "BASE_TYPE_BAD_LENGTH"}),
        ([command(contexts=[0, 0])], {"0.contexts": "SET_TYPE_ALREADY_CONTAINS_VALUE"}),
        ([command(contexts=[3])], {"0.contexts.0": "BASE_TYPE_CHOICES"}),
        ([command(integration_types=[2])], {"0.integration_types.0": "BASE_TYPE_CHOICES"}),
        ([command(default_member_permissions=2**53)], {"0.default_member_permissions": "NUMBER_TYPE_MAX"}),
        ([command(default_member_permissions=-1)], {"0.default_member_permissions": "NUMBER_TYPE_COERCE"}),
        ([command(default_member_permissions="many")], {"0.default_member_permissions": "NUMBER_TYPE_COERCE"}),
        (
            [
                command(
                    options=[
                        option(f"o{n}", choices=[{"name": "n" * 90, "value": f"{m}" + "v" * 90} for m in range(25)])
                        for n in range(2)
                    ]
                )
            ],
            {"0": "APPLICATION_COMMAND_TOO_LARGE"},
        ),
    ],
)
async def test_commands_are_refused(emulator, call, commands, refusal):
    status, answer = await call("PUT", f"/applications/{emulator.world.app_id}/commands", commands)
    assert (status, leaves(answer)) == (400, refusal)


async def test_numbers_up_to_the_bound_are_taken_and_permissions_given_back_as_text(emulator, call):
    most = 2**53 - 1
    wanted = command(options=[option(kind=4, min_value=-most, max_value=most)], default_member_permissions=32)
    status, [kept] = await call("PUT", f"/applications/{emulator.world.app_id}/commands", [wanted])
    assert (status, kept["default_member_permissions"]) == (200, "32")
    required = "id application_id name description version type default_member_permissions nsfw contexts".split()
    assert set(required) <= set(kept)


async def test_commands_are_kept_with_their_ids(emulator, call):
    path = f"/applications/{emulator.world.app_id}/commands"
    _, [first, _] = await call("PUT", path, [command("兑换", name_localizations={"ja": "コード"}), command("two")])
    _, [same] = await call("PUT", path, [command("兑换")])
    assert same["id"] == first["id"]
    assert (await call("GET", f"{path}/{same['id']}"))[1]["name"] == "兑换"
    assert (await call("PATCH", f"{path}/{same['id']}", {"description": "new"}))[1]["description"] == "new"
    assert (await call("DELETE", f"{path}/{same['id']}"))[0] == 204
    assert (await call("GET", f"{path}/{same['id']}"))[1]["code"] == 10063
    for n in range(100):
        await call("POST", path, command(f"c{n}"))
    assert (await call("POST", path, command("last")))[1]["code"] == 30032
    guild = f"/applications/{emulator.world.app_id}/guilds/{emulator.world.guild_id}/commands"
    assert (await call("PUT", guild, [command("here")]))[1][0]["guild_id"] == emulator.world.guild_id
    assert (await call("GET", "/applications/5/commands"))[0] == 403
    with pytest.raises(DeskError, match="no command /here"):
        await emulator.act("slash", path="here", options={}, who={"user": "7", "locale": "en-US", "dm": True})
