# The explorer on the CPU, as a user without rights, on a root file system that may be read-only (docs/hosting.md).
FROM python:3.12-slim

# Where pip finds CPU builds of PyTorch; without it pip takes the usual index, and with it gigabytes of CUDA libraries.
ARG TORCH_INDEX=""
WORKDIR /explorer
COPY requirements.txt .
RUN if [ -n "$TORCH_INDEX" ]; then pip install --no-cache-dir --index-url "$TORCH_INDEX" "$(grep '^torch' requirements.txt)"; fi \
    && pip install --no-cache-dir --no-compile -r requirements.txt
COPY app.py ./
COPY explorer explorer
COPY pretrained pretrained
RUN python -m compileall -q explorer && useradd --uid 10001 --no-create-home explorer \
    && mkdir /cache && chown explorer /cache

USER explorer
VOLUME /cache
ENV HOST=0.0.0.0 PORT=7860 EXPLORER_CACHE=/cache EXPLORER_LOG=json \
    HOME=/tmp NUMBA_CACHE_DIR=/tmp/numba MPLCONFIGDIR=/tmp/matplotlib HF_HOME=/tmp/hf \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/readyz', timeout=4)"]
CMD ["python", "app.py"]
