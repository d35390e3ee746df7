"""The form of a kiosk, drawn from the policy in force. KEY: `compliance apikey issue --category visitor --channel kiosk`."""

import json
import os
from html import escape
from typing import Any
from urllib.request import Request, urlopen

headers = {"authorization": f"Bearer {os.environ['KEY']}"}
with urlopen(Request(f"{os.environ['ADDRESS']}/v1/policies/visitor", headers=headers)) as answer:
    form = json.load(answer)


# -- integration
def drawn(field: dict[str, Any]) -> str:
    star = "*" if field["required"] else "（可不填）"
    label = f'<label for="{field["name"]}">{escape(field["label"]["zh"])}{star}</label>'
    name = f'id="{field["name"]}" name="{field["name"]}"'
    if field["values"]:
        options = "".join(f"<option>{escape(value)}</option>" for value in ["", *field["values"]])
        return f"<p>{label}<select {name}>{options}</select></p>"
    return f'<p>{label}<input {name} maxlength="{field["longest"]}"></p>'


# -- end

if __name__ == "__main__":
    print(f"<p>{escape(form['notice']['zh'])}</p>")  # the short notice comes before the first field
    print(
        "<form>",
        *map(drawn, (one for one in form["fields"] if not one["filled_in_by_the_gate"])),
        "</form>",
        sep="\n",
    )
