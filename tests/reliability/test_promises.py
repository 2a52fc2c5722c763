"""The page of promises names forty of them, and checks that exist."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+) \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)
COMMANDS = sorted({command for *_, checks in ROWS for command in re.findall(r"`(.+?)`", checks)})


def test_there_are_forty_and_each_has_a_check() -> None:
    assert [int(number) for number, *_ in ROWS] == [*range(1, 41)]
    assert all(re.match(r"`(pytest|python) ", checks) for *_, checks in ROWS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_check_is_there(command: str) -> None:
    program, *words = shlex.split(command)
    files = [ROOT / word for word in words if word.endswith(".py")]
    assert files
    chosen = after(words, "-k" if program == "pytest" else "--only")
    there = [name for file in files for name in (named_tests(file) if program == "pytest" else bars(file))]
    if program == "pytest":
        wanted = " ".join(chosen).split(" or ")
        assert there
        assert all(any(word in name for name in there) for word in wanted)
    else:
        assert {*chosen} <= {*there}


def after(words: list[str], option: str) -> list[str]:
    """What follows an option, up to the next one."""
    rest = words[words.index(option) + 1 :] if option in words else []
    end = next((at for at, word in enumerate(rest) if word.startswith("--")), len(rest))
    return rest[:end]


def named_tests(file: Path) -> list[str]:
    """The names of a file's tests."""
    found = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return [one.name for one in found if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")]


def bars(file: Path) -> list[str]:
    """The rows that a script of benchmarks/ can be asked for: the keys of its BARS."""
    for one in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(one, ast.AnnAssign) and ast.unparse(one.target) == "BARS" and isinstance(one.value, ast.Dict):
            return [ast.literal_eval(key) for key in one.value.keys if key]
    return []
