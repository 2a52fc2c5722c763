"""The rules of the house, each a function that walks over the source below ``root`` and yields what breaks it.

A finding is one line, ``file:line: sentence``, so that a failing test is read like a compiler's message.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

Finding = str

LAYERS = ("data", "models", "training", "analysis", "ui")
PAGE_ONLY = {"gradio", "gradio_client", "plotly"}
SLOW = {"umap", "sklearn", "numba", "pynndescent", "distributed", "dask"}
UNPICKLERS = {"pickle", "_pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}
LONGEST_FILE, LONGEST_FUNCTION, LONGEST_APP = 300, 60, 20
LONGEST_TESTS = 400

Function = ast.FunctionDef | ast.AsyncFunctionDef


def source(root: Path, *folders: str, suffixes: tuple[str, ...] = (".py",)) -> Iterator[Path]:
    """Every file of the folders with one of the suffixes, in a fixed order."""
    for folder in folders:
        yield from sorted(file for file in (root / folder).rglob("*") if file.suffix in suffixes)


def tree(file: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def found(root: Path, file: Path, line: int, sentence: str) -> Finding:
    """One finding, its file named from ``root``."""
    return f"{file.relative_to(root).as_posix()}:{line}: {sentence}"


def imports(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full name of whatever is imported anywhere below ``node``; a relative import keeps its dots."""
    for child in ast.walk(node):
        if isinstance(child, ast.Import):
            yield from ((child.lineno, name.name) for name in child.names)
        elif isinstance(child, ast.ImportFrom):
            module = "." * child.level + (child.module or "")
            yield from ((child.lineno, f"{module}.{name.name}") for name in child.names)


def layer(file: Path, root: Path) -> str:
    """The part of ``explorer`` that a file lies in; empty for the package itself."""
    inside = file.relative_to(root / "explorer").parts
    return inside[0] if len(inside) > 1 else ""


def imports_point_one_way(root: Path) -> Iterator[Finding]:
    """data -> models -> training -> analysis -> ui, and no variant knows another."""
    for file in source(root, "explorer"):
        own = layer(file, root)
        may = LAYERS[: LAYERS.index(own) + 1] if own in LAYERS else ()
        for line, name in imports(tree(file)):
            parts = name.split(".")
            if name.startswith("."):
                yield found(root, file, line, "says a relative import; write the whole name")
            elif parts[0] == "explorer" and len(parts) > 1 and parts[1] in LAYERS and parts[1] not in may:
                yield found(root, file, line, f"imports {name}; {own or 'the package itself'} must not know {parts[1]}")
            elif file.parent.name == "variants" and parts[:3] == ["explorer", "models", "variants"]:
                yield found(root, file, line, f"imports {name}; no variant builds on another")


def only_ui_knows_the_page(root: Path) -> Iterator[Finding]:
    """Gradio and Plotly stay in ``ui``."""
    for file in source(root, "explorer"):
        for line, name in imports(tree(file)):
            if name.split(".")[0] in PAGE_ONLY and layer(file, root) != "ui":
                yield found(root, file, line, f"imports {name}, which only ui may")


def at_import(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported, those of classes and branches included."""
    for statement in statements:
        yield statement
        if isinstance(statement, ast.If) and names_only_types(statement.test):
            continue
        if not isinstance(statement, Function):
            for name in ("body", "orelse", "finalbody"):
                yield from at_import(getattr(statement, name, []))
            for handler in getattr(statement, "handlers", []):
                yield from at_import(handler.body)


def names_only_types(test: ast.expr) -> bool:
    """Whether a condition is ``TYPE_CHECKING`` or ``__name__ == "__main__"``: false while a module is imported."""
    return ast.unparse(test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING", "__name__ == '__main__'"}


def slow_imports_wait(root: Path) -> Iterator[Finding]:
    """What takes seconds to import is imported by the function that needs it."""
    for file in source(root, "explorer"):
        for statement in at_import(tree(file).body):
            if isinstance(statement, ast.Import | ast.ImportFrom):
                for line, name in imports(statement):
                    if name.split(".")[0] in SLOW:
                        yield found(root, file, line, f"imports {name} with the module; import it inside the function")


def modules_only_define(root: Path) -> Iterator[Finding]:
    """Importing a module runs no statement that does something; ``__main__.py`` is a program and may."""
    acts = ast.For | ast.AsyncFor | ast.While | ast.With | ast.AsyncWith | ast.Delete | ast.Assert | ast.Raise
    for file in source(root, "explorer"):
        if file.name == "__main__.py":
            continue
        for statement in at_import(tree(file).body):
            is_call = isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Constant)
            if isinstance(statement, acts) or is_call or changes_something_else(statement):
                words = ast.unparse(statement).splitlines()[0]
                yield found(root, file, statement.lineno, f"does something when it is imported: {words}")


def changes_something_else(statement: ast.stmt) -> bool:
    """Whether an assignment writes into an object that exists already, as ``os.environ["X"] = ...`` does."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    return any(isinstance(target, ast.Subscript | ast.Attribute) for target in targets)


def nothing_is_unpickled(root: Path) -> Iterator[Finding]:
    """No file can make this program run what it says; tests alone may build such files, to see them refused."""
    for file in [*source(root, "explorer", "benchmarks"), *root.glob("*.py")]:
        module = tree(file)
        for line, name in imports(module):
            if name.split(".")[0] in UNPICKLERS or name in {"torch.load", "torch.save"}:
                yield found(root, file, line, f"imports {name}; data is kept as safetensors, npz or JSON")
        for node in ast.walk(module):
            if isinstance(node, ast.Call):
                called, options = ast.unparse(node.func), {k.arg: k.value for k in node.keywords}
                allowed = ast.unparse(options.get("allow_pickle", ast.Constant(value=False)))
                if called in {"torch.load", "torch.save"} or called.endswith("read_pickle") or allowed != "False":
                    yield found(root, file, node.lineno, f"{called} may run what a file says")


def files_fit_in_a_glance(root: Path) -> Iterator[Finding]:
    """A file is one idea and a function fits on a screen; app.py is shorter still."""
    for file in source(root, "explorer", "tests", "benchmarks", suffixes=(".py", ".js", ".css")):
        length = len(file.read_text(encoding="utf-8").splitlines())
        limit = LONGEST_TESTS if (root / "tests") in file.parents else LONGEST_FILE
        if length > limit:
            yield found(root, file, length, f"has {length} lines, the limit is {limit}")
    for file in root.glob("app.py"):
        length = len(file.read_text(encoding="utf-8").splitlines())
        if length > LONGEST_APP:
            yield found(root, file, length, f"has {length} lines, the limit is {LONGEST_APP}")


def functions_fit_on_a_screen(root: Path) -> Iterator[Finding]:
    """Docstring included, decorators not."""
    for file in source(root, "explorer", "tests", "benchmarks"):
        for node in ast.walk(tree(file)):
            length = (node.end_lineno or 0) - node.lineno + 1 if isinstance(node, Function) else 0
            if isinstance(node, Function) and length > LONGEST_FUNCTION:
                yield found(root, file, node.lineno, f"{node.name} has {length} lines, the limit is {LONGEST_FUNCTION}")


def the_page_asks_nobody_else(root: Path) -> Iterator[Finding]:
    """No address in the page's source but names of standards and links that a person clicks."""
    address = re.compile(r"""(?P<before>.{0,16}?)(?P<url>(?:https?:|wss?:|["'(])//[\w-]+\.[\w./-]+)""")
    harmless = re.compile(r"^https?://(www\.w3\.org/|127\.0\.0\.1|localhost)")
    for file in source(root, "explorer/ui", suffixes=(".py", ".js", ".css", ".html")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            for match in address.finditer(line):
                is_link = file.suffix != ".css" and re.search(r"""(<a href=\\?["']?|\]\()$""", match["before"])
                if not is_link and not harmless.match(match["url"]):
                    yield found(root, file, number, f"names {match['url']}, which the page might fetch")


def requirements(file: Path) -> Iterator[tuple[int, str]]:
    """Line number and text of every requirement, comments left out."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        wanted = line.partition("#")[0].strip()
        if wanted:
            yield number, wanted


def requirements_are_exact(root: Path) -> Iterator[Finding]:
    """One version each; only PyTorch has a range. pyproject.toml reads the lists and holds none."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line, wanted in requirements(root / name):
            if not re.fullmatch(r"[\w.-]+==\d[\w.]*", wanted) and wanted != "torch>=2.8,<=2.13.0":
                yield found(root, root / name, line, f"{wanted!r} must name one version: package==1.2.3")
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for key in ("dependencies", "optional-dependencies"):
        if key in project:
            yield found(root, root / "pyproject.toml", 1, f"lists {key}; requirements.txt is the only list")


def imports_are_required(root: Path) -> Iterator[Finding]:
    """Whatever ``explorer`` imports by name stands in requirements.txt by name."""
    listed = {re.split(r"[<>=]", wanted)[0].lower() for _, wanted in requirements(root / "requirements.txt")}
    owners = packages_distributions()
    for file in source(root, "explorer"):
        for line, name in imports(tree(file)):
            package = name.split(".")[0]
            if package in sys.stdlib_module_names or package in {"explorer", ""}:
                continue
            if not listed & {owner.lower() for owner in owners.get(package, ())}:
                yield found(root, file, line, f"imports {package}, which requirements.txt does not list")


def every_test_asserts(root: Path) -> Iterator[Finding]:
    """A test that cannot fail says nothing: it asserts, expects an exception, or calls a check that does."""
    checks = re.compile(r"(^|\.)(raises|warns|fail|expect|assert_\w+|check_\w+)$")
    for file in source(root, "tests"):
        for node in ast.walk(tree(file)):
            if isinstance(node, Function) and node.name.startswith("test_"):
                calls = (ast.unparse(child.func) for child in ast.walk(node) if isinstance(child, ast.Call))
                asserts = any(isinstance(child, ast.Assert) for child in ast.walk(node))
                if not asserts and not any(checks.search(call) for call in calls):
                    yield found(root, file, node.lineno, f"{node.name} asserts nothing")


def every_variant_has_its_known_answer(root: Path) -> Iterator[Finding]:
    """A variant is one file and its test a second one."""
    for file in source(root, "explorer/models/variants"):
        test = root / "tests" / "variants" / f"test_{file.name}"
        if file.name != "__init__.py" and not test.is_file():
            yield found(root, file, 1, f"has no known-answer test; write {test.relative_to(root).as_posix()}")
