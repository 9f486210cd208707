#!/usr/bin/env bash
# Writes both lock files anew. They are pip-style, without index lines, hashed; torch stands alone and unhashed, because
# which build of it is right (CPU, CUDA) depends on the machine and on the index it comes from.
set -euo pipefail
cd "$(dirname "$0")/.."
uv="${UV:-.venv/bin/uv}"
compile() { "$uv" pip compile --quiet --generate-hashes --no-emit-index-url --custom-compile-command "locks/compile.sh" "$@"; }
gpu_only=()
for name in torch triton cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cublas nvidia-cuda-cupti nvidia-cuda-nvrtc \
  nvidia-cuda-runtime nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile nvidia-curand nvidia-cusolver nvidia-cusparse \
  nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvjitlink nvidia-nvshmem-cu13 nvidia-nvtx; do
  gpu_only+=(--no-emit-package "$name")
done
compile pyproject.toml --universal --python-version 3.11 "${gpu_only[@]}" -o locks/app.txt
compile pyproject.toml --group dev --universal --python-version 3.11 "${gpu_only[@]}" -o locks/dev.txt
# matplotlib 3.7.5 instead of 3.5: the newest that Rasa runs with and the oldest with wheels for Python 3.11.
compile locks/rasa.in --override locks/rasa-override.in --python-version 3.10 --python-platform linux -o locks/rasa.txt
