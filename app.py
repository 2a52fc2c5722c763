"""Start the Autoencoder Explorer: ``python app.py``. HOST and PORT say where, 127.0.0.1:7860 unless set."""

import os

if __name__ == "__main__":  # worker processes read this file again, and must not load the page
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    from explorer.ui.server import launch

    launch(os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "7860")))
