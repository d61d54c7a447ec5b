"""`usher code rotate-keys`, with the keys in the configuration file as an operator has them."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

from core.vault import fresh_key
from tests.admin_cli.conftest import Installed


def test_from_the_old_key_to_the_new_one(usher: Installed) -> None:
    usher.open_sandbox(workspaces=1, seats=4)
    made = usher.json("code", "generate", "--count", "3")["codes"]
    config = usher.directory / "usher" / "config.toml"
    old = config.read_text()
    key = re.search(r'^k1 = ".+"$', old, re.MULTILINE)
    assert key is not None
    both = old.replace(key[0], f'{key[0]}\nk2 = "{fresh_key()}"').replace('active = "k1"', 'active = "k2"')
    config.write_text(both)
    # The token of the first owner is from before, and would have to be waited for.
    with closing(sqlite3.connect(usher.directory / "usher" / "usher.db")) as database, database:
        database.execute("DELETE FROM staff_tokens")

    assert usher.json("code", "rotate-keys", "--look")["left"] == {"codes": 3, "teams": 1}
    done = usher.json("code", "rotate-keys")
    assert (done["active"], done["codes"], done["teams"], done["left"], done["complete"]) == ("k2", 3, 1, {}, True)

    config.write_text(both.replace(key[0] + "\n", ""))
    [result] = usher.json("redeem", "anna@example.com", made[0])["results"]
    assert result["state"] == "invited"
    assert made[1] in usher.run("code", "show", made[1]).expect().out
    said = usher.run("code", "rotate-keys").expect().out
    assert "may be taken out of vault.keys" in said
