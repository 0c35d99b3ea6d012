#!/usr/bin/env bash
# Builds the wheel, installs it with its locked dependencies into a fresh environment, and runs the smoke
# tests against it from a directory in which the checkout's packages cannot be seen.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export UV_PYTHON_DOWNLOADS=never
export CPPFLAGS="-O2 -DPyEval_CallObject=PyObject_CallObject"    # see setup.sh

.venv/bin/python -m build --wheel --no-isolation --outdir "$work/dist" . >"$work/build.log" || { cat "$work/build.log"; exit 1; }
.venv/bin/python -m venv "$work/venv"
# The wheel must declare all that it needs: only the test runner is added to it.
packages=("$work"/dist/mingdeng-*.whl pytest pytest-timeout hypothesis)
if [[ -x .venv/bin/uv ]]; then
    .venv/bin/uv pip install --quiet --python "$work/venv/bin/python" -c requirements.lock "${packages[@]}"
else
    grep -E '^[a-z0-9].*==' requirements.lock | sed 's/ *\\$//' >"$work/constraints"
    "$work/venv/bin/python" -m pip install --quiet -c "$work/constraints" "${packages[@]}"
fi

mapfile -t files < <(grep -rlE 'mark\.smoke' tests --include='test_*.py')
cp -r pyproject.toml tests "$work"
cd "$work"
MINGDENG_INSTALLED=1 venv/bin/python -I -m pytest -m smoke -p no:cacheprovider "${files[@]}" "$@"
