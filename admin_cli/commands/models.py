"""`usher model`: what people can ask for, and for how much."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from admin_cli import words
from admin_cli.output import CommandAnswer, CommandRefused, Rows
from admin_cli.session import actor, opened
from core.models.protocol import OutputParameter

if TYPE_CHECKING:
    from core.sources.models import Model

app = App(name="model", help="Models: names with prices and limits.", help_format="plaintext")

Price = Annotated[str | None, Parameter(help="Credit for 1,000,000 tokens.")]
See = Annotated[tuple[Literal["text", "image", "file"], ...], Parameter(help="What it takes; may be repeated.")]
GROUP = Parameter(help="Models of one group share quotas and allowances.")
CONTEXT = Parameter(help="Tokens of input and output together.")
MOST_OUTPUT = Parameter(help="Most tokens of an answer.")
OUTPUT_NAME = Parameter(help="What the upstream calls that number.")
PRICES = ("price_input", "price_cached", "price_output", "price_call", "price_image")


@app.command(name="list")
async def list_() -> CommandAnswer:
    """Show the models with their prices.

    Example: usher model list
    """
    from core.rules.money import amount_text
    from core.sources.models import list_models

    async with opened() as core:
        found = await list_models(core)
    headers = ("model", "group", "input", "cached", "output", "call", "image", "context", "most output", "enabled")
    rows = [
        (one.name, one.quota_group, *(amount_text(getattr(one, price)) for price in PRICES), one.context,
         one.max_output, one.enabled)
        for one in found
    ]  # fmt: skip
    return CommandAnswer({"models": [document(one) for one in found]}, [Rows(headers, rows)])


@app.command
async def show(name: str) -> CommandAnswer:
    """Show one model.

    Example: usher model show small
    """
    from core.sources.models import model_named

    async with opened() as core:
        found = document(await core.read(model_named, name))
    return CommandAnswer(found, [Rows(("what", "is"), words.listed(found.items()))])


@app.command
async def add(
    name: str,
    *,
    input_: Annotated[str, Parameter(name="--input", help="Credit for 1,000,000 tokens of input.")],
    output: Annotated[str, Parameter(help="Credit for 1,000,000 tokens of output.")],
    cached: Price = None,
    call: Annotated[str | None, Parameter(help="Credit for each call.")] = None,
    image: Annotated[str | None, Parameter(help="Credit for each image.")] = None,
    group: Annotated[str, GROUP] = "",
    context: Annotated[int, CONTEXT] = 128_000,
    max_output: Annotated[int, MOST_OUTPUT] = 16_384,
    output_parameter: Annotated[OutputParameter, OUTPUT_NAME] = "max_tokens",
    sees: See = ("text",),
) -> CommandAnswer:
    """Add a model.

    Example: usher model add small --input 0.15 --output 0.60
    """
    from core.sources.models import NewModel, add_model

    async with opened() as core:
        made = await add_model(
            core,
            actor(),
            name,
            NewModel(
                price_input=price(input_),
                price_output=price(output),
                price_cached=None if cached is None else price(cached),
                price_call=price(call or "0"),
                price_image=price(image or "0"),
                group=group,
                context=context,
                max_output=max_output,
                output_parameter=output_parameter,
                sees=sees,
            ),
        )
    return CommandAnswer(document(made), [words.said("{name} can be asked.", name=made.name)])


@app.command
async def edit(
    name: str,
    *,
    input_: Annotated[str | None, Parameter(name="--input", help="Credit for 1,000,000 tokens of input.")] = None,
    output: Price = None,
    cached: Price = None,
    call: Annotated[str | None, Parameter(help="Credit for each call.")] = None,
    image: Annotated[str | None, Parameter(help="Credit for each image.")] = None,
    group: Annotated[str | None, GROUP] = None,
    context: Annotated[int | None, CONTEXT] = None,
    max_output: Annotated[int | None, MOST_OUTPUT] = None,
    output_parameter: Annotated[OutputParameter | None, OUTPUT_NAME] = None,
    sees: See = (),
    enabled: Annotated[bool | None, Parameter(help="Whether it can be asked.")] = None,
) -> CommandAnswer:
    """Change a model; calls under way keep the prices that they were claimed at.

    Example: usher model edit small --output 0.80
    """
    from core.sources.models import change_model

    prices = {"price_input": input_, "price_output": output, "price_cached": cached, "price_call": call}
    changes: dict[str, Any] = {key: price(text) for key, text in {**prices, "price_image": image}.items() if text}
    others: dict[str, Any] = {"quota_group": group, "context": context, "max_output": max_output, "enabled": enabled}
    others |= {"output_parameter": output_parameter, "sees": list(sees) or None}
    changes |= {key: value for key, value in others.items() if value is not None}
    if not changes:
        raise CommandRefused("usage", words.said("What shall be changed?"), 2)
    async with opened() as core:
        made = await change_model(core, actor(), name, **changes)
    return CommandAnswer(document(made), [words.said("{name} is changed.", name=made.name)])


def price(text: str) -> int:
    """Micro-credits. Raises: BadAmount."""
    from core.rules.money import read_amount

    return read_amount(text, least=0, name="price")


def document(model: Model) -> dict[str, Any]:
    """A model for scripts."""
    from core.rules.money import amount_text

    facts = asdict(model)
    facts["group"] = facts.pop("quota_group")
    for name in PRICES:
        facts[name.removeprefix("price_")] = amount_text(facts.pop(name))
    return facts
