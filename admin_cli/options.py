"""Arguments that several groups of commands take, with the help that stands beside each."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

PersonOption = Annotated[str, Parameter(help="telegram:42 or discord:42, by number.")]
IdOption = Annotated[int, Parameter(help="Its id.")]
