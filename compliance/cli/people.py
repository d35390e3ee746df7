"""`compliance staff`, `apikey` and `keys`: who may come in by which door, and which keys there are."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Annotated

import typer

from compliance.cli.doors import Json, console, engine, say
from compliance.domain.vocabulary import Channel, Role

staff_app = typer.Typer(no_args_is_help=True, help="人员登录。Staff logins.")
apikey_app = typer.Typer(no_args_is_help=True, help="接口密钥。API keys.")
keys_app = typer.Typer(no_args_is_help=True, help="密钥环。The keyring.")


@staff_app.command("add")
def add_staff(
    staff_id: Annotated[str, typer.Argument(help="An opaque id such as staff-7; never a name.")],
    role: Annotated[Role, typer.Option(help="guard, officer or director.")],
) -> None:
    """Add a login, or give it a new password; the password is asked for, or read from a pipe."""
    piped = sys.stdin.readline().strip() if not sys.stdin.isatty() else ""
    password = piped or typer.prompt("密码 / Password", hide_input=True, confirmation_prompt=True)
    with engine() as opened:
        opened.access.add_staff(staff_id, role, password)


@apikey_app.command()
def issue(
    site: Annotated[str, typer.Option(help="The site the key is for.")] = "main",
    category: Annotated[list[str] | None, typer.Option(help="Only these categories.")] = None,
    channel: Annotated[list[Channel] | None, typer.Option(help="Only these channels.")] = None,
    as_json: Json = False,
) -> None:
    """Issue an API key. Its secret is shown this once."""
    with engine() as opened:
        issued = opened.access.issue_api_key(site, tuple(category or ()), tuple(channel or ()))
    say(
        {"id": issued.id, "secret": issued.secret},
        as_json=as_json,
        sentence=f"{issued.id}\n{issued.secret}\n密钥只显示这一次。/ The secret is shown this once.",
    )


@apikey_app.command("list")
def list_keys(as_json: Json = False) -> None:
    """The API keys that are valid, with their scopes."""
    with engine() as opened, opened.books.reading() as books:
        rows = books.people.api_keys()
    for row in rows:
        scope = f"{row.categories or '*'} · {row.channels or '*'}"
        line = {
            "id": row.id,
            "site": row.site,
            "categories": row.categories.split(),
            "channels": row.channels.split(),
        }
        say(line, as_json=as_json, sentence=f"{row.id}  {row.site}  {scope}")


@apikey_app.command()
def revoke(key_id: str) -> None:
    """Revoke an API key at once."""
    with engine() as opened:
        opened.access.revoke_api_key(key_id)


@keys_app.command("list")
def list_keyring(as_json: Json = False) -> None:
    """How many keys of each kind the keyring holds; names of single records are not printed."""
    with engine() as opened:
        kinds = Counter(name.split("/", 1)[0] for name in opened.keyring.names(""))
    for kind, n in sorted(kinds.items()):
        say({"kind": kind, "keys": n}, as_json=as_json, sentence=f"{kind}: {n}")
    if not kinds:
        console.print("密钥环是空的。/ The keyring is empty.", markup=False)
