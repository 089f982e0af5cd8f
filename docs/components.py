"""Prints web/static/components.css: what our templates use of the NL Design System components in web/static/vendor."""

import re
from collections.abc import Iterator
from pathlib import Path

WEB = Path(__file__).resolve().parent.parent / "web"
VENDOR = WEB / "static" / "vendor" / "nl-design-system"
HEAD = """/* Components of NL Design System, EUPL-1.2, joined by `make components` from vendor/nl-design-system: its README names
   the packages, their makers and versions. Changed in this: rules for classes that no page has are left out. */
"""
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
NOT = re.compile(r":not\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
"""With at most two pairs of brackets within its own."""
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def used() -> set[str]:
    """Every name of a component that stands in a template."""
    text = "".join(path.read_text("utf-8") for path in sorted((WEB / "templates").glob("*.html")))
    return set(re.findall(r"(?<![\w/-])(?:nl|utrecht)-[\w-]+", text))


def rules(css: str) -> Iterator[tuple[str, str]]:
    """What stands before each pair of outer braces, and what in it."""
    start = depth = 0
    head = ""
    for place, sign in enumerate(css):
        if sign == "{":
            depth += 1
            if depth == 1:
                head, start = css[start:place], place + 1
        elif sign == "}":
            depth -= 1
            if depth == 0:
                yield head.strip(), css[start:place]
                start = place + 1


def selectors(head: str) -> list[str]:
    """The list that stands before a rule, at its commas that are in no brackets."""
    parts, depth = [""], 0
    for each in head:
        depth += (each == "(") - (each == ")")
        if each == "," and not depth:
            parts.append("")
        else:
            parts[-1] += each
    return parts


def is_used(selector: str, names: set[str]) -> bool:
    """Has a page all classes that it asks for? What it says with :not() asks for nothing."""
    return set(CLASS.findall(NOT.sub("", selector))) <= names


def kept(css: str, names: set[str]) -> str:
    """The same rules, without those that no page can meet."""
    found = ""
    for head, body in rules(css):
        if head.startswith("@"):
            inner = kept(body, names)
            found += f"{head}{{{inner}}}" if inner else ""
        elif met := [one for one in selectors(head) if is_used(one, names)]:
            found += f"{','.join(met)}{{{body}}}"
    return found


def sheet() -> str:
    """All of it. What styles plain HTML is in a layer, so that any class wins from it."""
    names = used()
    plain, classes = (
        "".join(f"{kept(COMMENT.sub('', path.read_text('utf-8')), names)}\n" for path in sorted(folder.glob("*.css")))
        for folder in (VENDOR / "html", VENDOR)
    )
    return f"{HEAD}@layer html {{\n{plain}}}\n{classes}"


if __name__ == "__main__":
    print(sheet(), end="")
