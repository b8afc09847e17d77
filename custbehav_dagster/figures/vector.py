"""A figure as SVG inside a page: in its colours, light or dark, with words for those who cannot see it.

Matplotlib writes its looks into style attributes, which a strict content-security policy
forbids, and numbers its parts alike in each picture, which a page must not hold twice. So looks
become classes that the page's own style knows, and parts get names of their own picture.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from custbehav_dagster.figures import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"
COLOURS = {
    style.BLUE: "blue",
    style.ORANGE: "orange",
    style.GREEN: "green",
    style.VERMILLION: "vermillion",
    style.SKY: "sky",
    style.PURPLE: "purple",
    style.INK: "ink",
    style.GREY: "grey",
    style.PALE: "pale",
    "#ffffff": "card",
    "#000000": "ink",
}
"""Each colour of the style and the name of its class; the page gives each name a light and a dark shade."""
_NAMES = {colour.lower(): name for colour, name in COLOURS.items()}
_KEPT = ("text-anchor", "font-size", "font-weight", "opacity", "stroke-width", "stroke-dasharray",
         "stroke-linecap", "stroke-linejoin", "fill-opacity")  # fmt: skip
_LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}")
_OPTIONS: Any = {"svg.fonttype": "none", "svg.hashsalt": "custbehav_dagster"}


def inline_svg(figure: Figure, name: str, title: str, description: str) -> str:
    """The figure as an `<svg>` element; the same figure gives the same letters.

    Args:
        figure: drawn with `style.drawing_style`.
        name: of the picture, different from all others on the page; letters, digits and `_`.
        title: what it is, in a few words.
        description: what is to be seen, for those who cannot see it.
    """
    import matplotlib

    buffer = io.BytesIO()
    with matplotlib.rc_context(_OPTIONS):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    root = ElementTree.fromstring(buffer.getvalue())
    for unwanted in [*root.findall(f"{SVG}metadata"), *root.findall(f"{SVG}defs/{SVG}style/..")]:
        root.remove(unwanted)
    names = {part.get("id", "") for part in root.iter() if part.get("id")}
    used = {found for part in root.iter() for found in _references(part)}
    for part in root.iter():
        _rename(part, name, names & used)
        _restyle(part)
    _drop_empty(root)
    width, height = root.get("viewBox", "0 0 1 1").split()[2:]
    root.attrib.clear()
    root.attrib |= {
        "viewBox": f"0 0 {_shorter(width)} {_shorter(height)}",
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-description",
    }
    for tag, text in (("description", description), ("title", title)):
        words = ElementTree.Element(f"{SVG}{'desc' if tag == 'description' else tag}", id=f"{name}-{tag}")
        words.text = text
        root.insert(0, words)
    ElementTree.register_namespace("", SVG[1:-1])
    written = ElementTree.tostring(root, encoding="unicode")
    return written.replace(f' xmlns="{SVG[1:-1]}"', "", 1)


def _references(part: ElementTree.Element) -> list[str]:
    told = " ".join([part.get("style", ""), part.get("clip-path", ""), part.get(f"{XLINK}href", "")])
    return re.findall(r"#([\w-]+)(?=[)\s]|$)", told)


def _rename(part: ElementTree.Element, name: str, used: set[str]) -> None:
    identity = part.attrib.pop("id", None)
    if identity in used:
        part.set("id", f"{name}-{identity}")
    if href := part.attrib.pop(f"{XLINK}href", None):
        part.set("href", f"#{name}-{href[1:]}")
    if clip := part.get("clip-path"):
        part.set("clip-path", clip.replace("url(#", f"url(#{name}-"))


def _restyle(part: ElementTree.Element) -> None:
    """Looks as classes and attributes, places with one decimal."""
    looks = _looks_of(part)
    classes = []
    for side in ("fill", "stroke"):
        colour = looks.get(side, "").lower()
        if colour in _NAMES:
            classes.append(f"{side}-{_NAMES[colour]}")
        elif colour:
            part.set(side, colour)
    if classes:
        part.set("class", " ".join(classes))
    for look in _KEPT:
        if look in looks:
            part.set(look, looks[look].removesuffix("px"))
    for place in ("d", "x", "y", "transform", "width", "height", "points"):
        if value := part.get(place):
            part.set(place, _LONG_NUMBER.sub(lambda found: _shorter(found.group()), " ".join(value.split())))


def _looks_of(part: ElementTree.Element) -> dict[str, str]:
    """The style attribute, taken away from the part, by name; a font as its size and weight."""
    style_text = part.attrib.pop("style", "")
    looks = {
        name.strip(): value.strip()
        for name, _, value in (look.partition(":") for look in style_text.split(";"))
    }
    font = looks.pop("font", "")
    if size := re.search(r"([\d.]+)px", font):
        looks["font-size"] = size.group(1)
    if re.match(r"(bold|[6-9]00)\b", font):
        looks["font-weight"] = "bold"
    return looks


def _shorter(number: str) -> str:
    return f"{float(number):.1f}".removesuffix(".0")


def _drop_empty(part: ElementTree.Element) -> None:
    for child in list(part):
        _drop_empty(child)
        is_empty = (
            child.tag in (f"{SVG}g", f"{SVG}defs") and not len(child) and not (child.text or "").strip()
        )
        if is_empty:
            part.remove(child)
        else:
            child.tail = None
            if not (child.text or "").strip():
                child.text = None
