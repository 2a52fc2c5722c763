"""The rules of the house hold, and each of them notices when it is broken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import architecture
from tests.architecture import SLOW

ROOT = Path(__file__).parents[1]

Rule = Callable[[Path], Iterator[str]]

LONG_FILE = "\n".join(f"line_{number} = {number}" for number in range(301))
LONG_FUNCTION = "def read() -> None:\n" + "    pass\n" * 60
PINNED = "torch>=2.8,<=2.13.0\nnumpy==2.4.6\n"
VARIANT = "explorer/models/variants/dense.py"
SCRIPT = "explorer/ui/components/map.js"

# rule, file, what is written there, the line that must be named (0: nothing is wrong)
PLANTED: list[tuple[Rule, str, str, int]] = [
    (architecture.imports_point_one_way, "explorer/models/base.py", "import torch\nfrom explorer.ui import page", 2),
    (architecture.imports_point_one_way, "explorer/data/mnist.py", "def f():\n    import explorer.models.base", 2),
    (architecture.imports_point_one_way, "explorer/data/mnist.py", "from explorer import training", 1),
    (architecture.imports_point_one_way, "explorer/__init__.py", "from explorer.data import mnist", 1),
    (architecture.imports_point_one_way, "explorer/models/base.py", "from .knobs import Slider", 1),
    (architecture.imports_point_one_way, VARIANT, "from explorer.models.variants.linear import Linear", 1),
    (architecture.imports_point_one_way, "explorer/ui/page.py", "from explorer.data import mnist", 0),
    (architecture.only_ui_knows_the_page, "explorer/analysis/codes.py", "def f():\n    import plotly.graph_objects", 2),
    (architecture.only_ui_knows_the_page, "explorer/ui/page.py", "import gradio as gr", 0),
    (architecture.slow_imports_wait, "explorer/analysis/projection.py", "import umap", 1),
    (
        architecture.slow_imports_wait,
        "explorer/training/jobs.py",
        "try:\n    from distributed import Client\nfinally: ...",
        2,
    ),
    (architecture.slow_imports_wait, "explorer/training/jobs.py", "class A:\n    import sklearn.svm", 2),
    (architecture.slow_imports_wait, "explorer/training/jobs.py", "if TYPE_CHECKING:\n    import distributed", 0),
    (architecture.slow_imports_wait, "explorer/training/jobs.py", "def f():\n    import distributed", 0),
    (architecture.modules_only_define, "explorer/models/base.py", "import torch\ntorch.set_num_threads(1)", 2),
    (architecture.modules_only_define, "explorer/models/base.py", "import os\nos.environ['A'] = '1'", 2),
    (architecture.modules_only_define, "explorer/models/base.py", "for name in 'ab':\n    pass", 1),
    (architecture.modules_only_define, "explorer/models/base.py", '"""Words."""\nLIMIT: int = 3\n@f\nclass A: ...', 0),
    (architecture.modules_only_define, "explorer/data/__main__.py", "main()", 0),
    (architecture.nothing_is_unpickled, "explorer/training/store.py", "import pickle", 1),
    (architecture.nothing_is_unpickled, "benchmarks/quality.py", "def f(t):\n    return torch.load(t)", 2),
    (architecture.nothing_is_unpickled, "app.py", "from torch import load", 1),
    (architecture.nothing_is_unpickled, "explorer/data/a.py", "x = np.load('f', allow_pickle=True)", 1),
    (architecture.nothing_is_unpickled, "explorer/data/a.py", "x = np.load('f', allow_pickle=False)", 0),
    (architecture.files_fit_in_a_glance, "explorer/data/a.py", LONG_FILE, 301),
    (architecture.files_fit_in_a_glance, SCRIPT, LONG_FILE, 301),
    (architecture.files_fit_in_a_glance, "app.py", "\n" * 21, 21),
    (architecture.files_fit_in_a_glance, "app.py", "\n" * 20, 0),
    (architecture.functions_fit_on_a_screen, "explorer/data/a.py", LONG_FUNCTION, 1),
    (architecture.the_page_asks_nobody_else, SCRIPT, "\nimport('https://cdn.example.org/d3.js')", 2),
    (architecture.the_page_asks_nobody_else, SCRIPT, "load('//cdn.example.org/d3.js')", 1),
    (architecture.the_page_asks_nobody_else, "explorer/ui/a.css", "@import url(https://fonts.example.org/x)", 1),
    (architecture.the_page_asks_nobody_else, "explorer/ui/a.py", "HEAD = \"<link href='https://a.example/x.css'>\"", 1),
    (architecture.the_page_asks_nobody_else, "explorer/ui/a.py", "TEXT = '[paper](https://arxiv.org/abs/1)'", 0),
    (architecture.the_page_asks_nobody_else, SCRIPT, "const SVG = 'http://www.w3.org/2000/svg'  // name", 0),
    (architecture.requirements_are_exact, "requirements.txt", "torch>=2.8,<=2.13.0\n\n# numpy\nnumpy>=2", 4),
    (architecture.requirements_are_exact, "requirements-dev.txt", "pytest", 1),
    (architecture.requirements_are_exact, "pyproject.toml", "[project]\ndependencies = ['numpy']", 1),
    (architecture.imports_are_required, "explorer/data/a.py", "import json\nimport requests", 2),
    (architecture.imports_are_required, "explorer/data/a.py", "import json\nimport numpy.typing", 0),
    (architecture.every_test_asserts, "tests/test_a.py", "def test_it_runs():\n    run()", 1),
    (
        architecture.every_test_asserts,
        "tests/test_a.py",
        "def test_it_is_refused():\n    with pytest.raises(ValueError): f()",
        0,
    ),
    (architecture.every_variant_has_its_known_answer, VARIANT, "", 1),
]
RULES = list(dict.fromkeys(rule for rule, *_ in PLANTED))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_rule(rule: Rule) -> None:
    findings = list(rule(ROOT))
    assert not findings, "\n".join([str(rule.__doc__), *findings])


@pytest.mark.parametrize(
    ("rule", "file", "text", "line"), PLANTED, ids=[f"{rule.__name__}-{n}" for n, (rule, *_) in enumerate(PLANTED)]
)
def test_a_rule_names_the_file_and_the_line_that_break_it(
    rule: Rule, file: str, text: str, line: int, tmp_path: Path
) -> None:
    house = {"requirements.txt": PINNED, "requirements-dev.txt": "", "pyproject.toml": "[project]\n", file: text}
    for name, content in house.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    findings = list(rule(tmp_path))
    assert [finding.split(": ")[0] for finding in findings] == ([f"{file}:{line}"] if line else [])


def test_every_rule_is_held() -> None:
    written = {
        name
        for name, value in vars(architecture).items()
        if callable(value) and getattr(value, "__annotations__", {}).get("return") == "Iterator[Finding]"
    }
    assert written == {rule.__name__ for rule in RULES}


IMPORT_EVERYTHING = """
import importlib, json, pkgutil, sys, threading
import numpy, torch, safetensors.torch
acts = []
def watch(event, arguments):
    is_write = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if is_write or event in {"socket.connect", "subprocess.Popen", "os.mkdir", "os.remove"}:
        acts.append(f"{event} {arguments}")
sys.addaudithook(watch)
state, threads = torch.get_rng_state(), torch.get_num_threads()
for layer in ("data", "models", "training", "analysis"):
    package = importlib.import_module(f"explorer.{layer}")
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
print(json.dumps({
    "acts": acts,
    "threads": threading.active_count(),
    "random": bool((torch.get_rng_state() == state).all()) and threads == torch.get_num_threads(),
    "modules": sorted({name.partition(".")[0] for name in sys.modules}),
}))
"""


def test_importing_everything_but_the_page_leaves_the_world_as_it_was() -> None:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_EVERYTHING],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)  # fails when a module printed something
    assert facts["acts"] == []
    assert facts["threads"] == 1
    assert facts["random"], "torch's own randomness or threads were changed"
    assert not {"gradio", "plotly", *SLOW} & set(facts["modules"])
