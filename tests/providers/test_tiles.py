"""Each type has its two tiles: drawings of our own that load nothing and run nothing."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from dashboard import providers

STATIC = Path(__file__).parents[2] / "static"
SVG = "{http://www.w3.org/2000/svg}"
TYPES = (*providers.all_types(), providers.get("a key without a file"))
TILES = sorted((STATIC / "tiles").glob("*.svg"))
HARMLESS = {
    "svg": {"viewBox", "width", "height"},
    "g": {"fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin"},
    "rect": {"x", "y", "width", "height", "rx", "fill"},
    "circle": {"cx", "cy", "r"},
    "path": {"d", "fill", "stroke", "stroke-width", "stroke-linecap"},
}


def ground(tile: Path) -> str:
    """The colour of a tile's square, ``#rrggbb``."""
    square = ElementTree.parse(tile).getroot().find(f"{SVG}rect")
    assert square is not None
    return square.attrib["fill"]


def contrast_with_white(colour: str) -> float:
    """WCAG 2.2, contrast ratio. The drawing is white; graphics need 3 (1.4.11)."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def test_each_type_has_both_tiles_and_no_tile_is_left_over() -> None:
    wanted = {path for one in TYPES for path in (one.tile, one.tile_light)} | {"tiles/icon.svg"}

    assert wanted == {tile.relative_to(STATIC).as_posix() for tile in TILES}


@pytest.mark.parametrize("tile", TILES, ids=lambda tile: tile.stem)
def test_a_tile_holds_shapes_only(tile: Path) -> None:
    assert "<!" not in tile.read_text("utf-8")
    for element in ElementTree.parse(tile).iter():
        assert element.tag.startswith(SVG)
        assert set(element.attrib) <= HARMLESS[element.tag.removeprefix(SVG)]
        assert not any("url(" in value for value in element.attrib.values())


@pytest.mark.parametrize("one", TYPES, ids=lambda one: one.type)
def test_the_light_tile_is_the_same_drawing_on_a_deeper_ground(one: providers.ConnectionType) -> None:
    tile, light = STATIC / one.tile, STATIC / one.tile_light

    assert light.read_text("utf-8") == tile.read_text("utf-8").replace(ground(tile), ground(light))
    assert 3 <= contrast_with_white(ground(tile)) < contrast_with_white(ground(light))


def test_no_two_types_look_alike() -> None:
    assert len({(STATIC / one.tile).read_text("utf-8") for one in TYPES}) == len(TYPES)
