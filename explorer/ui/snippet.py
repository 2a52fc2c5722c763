"""The current model and input as a few lines of Python, which print the page's own figures."""

from __future__ import annotations

import base64
import zlib

from explorer.models.base import Decoding, Masking
from explorer.ui.session import MASK_SEED, Current

HEAD = '''"""{what}, through the {kind} autoencoder "{name}".

Run it in the folder of the Autoencoder Explorer.{besides}
"""

{imports}

model, card = load({folder}, "{name}")
{taken}
with torch.inference_mode():
    z = model.encode(x)  # (1, {size})
    reconstruction = {rebuilt}
mse = float((x - reconstruction).square().mean())
print("code", [round(float(number), 4) for number in z[0, :8]], "..." if z.shape[1] > 8 else "")
print(f"MSE {{mse:.6f}}")
print(f"PSNR {{-10 * math.log10(max(mse, 1e-10)):.2f}} dB")
'''


def snippet(current: Current) -> str:
    """At most 30 lines that load the model and the input, encode, decode, and print the code, MSE and PSNR."""
    exhibit = current.exhibit
    is_shipped = exhibit.id in current.gallery.shipped
    decodes = isinstance(exhibit.model, Decoding)
    imports = [
        "import math",
        *(["import base64, zlib"] if current.own else []),
        "from pathlib import Path\n",
        "import torch\n",
        *(["import explorer"] if is_shipped else []),
        *([] if current.own else ["from explorer import data"]),
        "from explorer.models.checkpoint import load",
        *([] if decodes else ["from explorer.training.evaluate import reconstruct"]),
    ]
    rebuilt = f"reconstruct(model, x, torch.Generator().manual_seed({MASK_SEED}))"
    hides = "  # patches hidden by seed" if isinstance(exhibit.model, Masking) else ""
    return HEAD.format(
        what="A picture of your own" if current.own else f"Test digit {current.index}, a {current.label}",
        kind=exhibit.variant.title.lower(),
        name=exhibit.card.name,
        besides="" if is_shipped else f"\nIt reads {exhibit.card.name}.safetensors and .json, unpacked there.",
        imports="\n".join(imports),
        folder='Path(explorer.__file__).parents[1] / "pretrained"' if is_shipped else 'Path(".")',
        taken=_own(current.own) if current.own else _digit(current),
        size=current.codes.shape[1],
        rebuilt="model.decode(z)" if decodes else rebuilt + hides,
    )


def _digit(current: Current) -> str:
    where = "MNIST: python -m explorer.data fetches it" if not current.dataset.is_stand_in else "without MNIST"
    return (
        f"digits = data.load()  # {where}\n"
        f"x = torch.from_numpy(digits.test_images[[{current.index}]]).float() / 255  # (1, 1, 28, 28)"
    )


def _own(picture: bytes) -> str:
    """The picture's grey values, packed as text."""
    packed = base64.b64encode(zlib.compress(picture, 9)).decode()
    return (
        f'packed = "{packed}"\n'
        "grey = zlib.decompress(base64.b64decode(packed))  # 784 values from 0 to 255\n"
        "x = torch.tensor(list(grey)).reshape(1, 1, 28, 28) / 255"
    )
