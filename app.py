"""Start the Autoencoder Explorer: ``python app.py``. HOST and PORT say where, 127.0.0.1:7860 unless set.

A Space says GRADIO_SERVER_NAME in the place of HOST.
"""

import gc
import os

if __name__ == "__main__":  # worker processes read this file again, and must not load the page
    gc.disable()  # until the page is served: looking for garbage while all is loaded takes a quarter of the start
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from explorer.ui.server import launch, require_numbers

    require_numbers()
    host = os.environ.get("HOST") or os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1"
    launch(host, int(os.environ.get("PORT") or "7860"))
