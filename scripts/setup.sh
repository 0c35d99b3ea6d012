#!/usr/bin/env bash
# Makes or refreshes .venv from requirements.lock. Nothing to do takes a few milliseconds.
# PYTHON=/path/to/python chooses the interpreter; otherwise the first one that works is taken.
set -euo pipefail
cd "$(dirname "$0")/.."

UV_VERSION=0.13.9
export UV_PYTHON_DOWNLOADS=never
# durable_rules builds its C core at -O0 unless told otherwise, and calls a name that Python 3.13 dropped.
export CPPFLAGS="-O2 -DPyEval_CallObject=PyObject_CallObject"

say() { echo "setup: $*" >&2; }

# The stamp is named by all that decides what is installed, and where.
stamp=.venv/setup-$({ cat requirements.lock pyproject.toml "$0"; echo "$PWD ${PYTHON:-}"; } | sha256sum | cut -c1-16)
if [[ -e $stamp ]] && .venv/bin/python -c '' 2>/dev/null; then exit 0; fi

# Two set-ups at once wait for each other; the second then finds the stamp.
if command -v flock >/dev/null; then
    exec 9>.setup.lock
    flock 9
    if [[ -e $stamp ]] && .venv/bin/python -c '' 2>/dev/null; then exit 0; fi
fi

# An interpreter counts only if it runs: a shim on PATH may exist and fail.
runs() {
    "$1" -c 'import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}
has_header() {
    "$1" -c 'import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'
}
candidates() {
    if [[ -n ${PYTHON:-} ]]; then
        echo "$PYTHON"
    else
        type -ap python3.11 python3.12 python3.13 python3 python || true
    fi
}

python=""
running=""
while read -r candidate; do
    runs "$candidate" || continue
    running=${running:-$candidate}
    if has_header "$candidate"; then python=$candidate; break; fi
done < <(candidates)

if [[ -z $running ]]; then
    say "no Python 3.11, 3.12 or 3.13 with venv runs here${PYTHON:+ as $PYTHON}; install one (apt-get install python3 python3-venv, or dnf install python3.11) or name it: make setup PYTHON=/path/to/python3.11"
    exit 1
fi
if [[ -z $python ]]; then
    say "$running has no Python.h, which the rule engine's C core needs; install it (apt-get install python3-dev, or dnf install python3-devel)"
    exit 1
fi
compiler=${CC:-$("$python" -c 'import sysconfig; print(sysconfig.get_config_var("CC") or "cc")')}
if ! command -v "${compiler%% *}" >/dev/null; then
    say "the rule engine's C core needs the C compiler ${compiler%% *}, which is not on PATH; install it (apt-get install gcc libc6-dev, or dnf install gcc)"
    exit 1
fi

version_of() { "$1" -c 'import sys; print(sys.version)' 2>/dev/null; }
if [[ -z $(version_of .venv/bin/python) || ( -n ${PYTHON:-} && $(version_of .venv/bin/python) != $(version_of "$PYTHON") ) ]]; then
    say "making .venv with $python ($("$python" -V))"
    "$python" -m venv --clear .venv
fi

say "installing what requirements.lock names"
uv=(.venv/bin/uv)
if "${uv[@]}" --version 2>/dev/null | grep -qF "uv $UV_VERSION" \
    || .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"; then
    install=("${uv[@]}" pip install --quiet --python .venv/bin/python)
else
    say "uv could not be installed; going on with pip, which is slower"
    install=(.venv/bin/python -m pip install --quiet --disable-pip-version-check)
fi
if ! "${install[@]}" --require-hashes -r requirements.lock; then
    [[ ${install[0]} == .venv/bin/uv ]] || exit 1
    say "uv failed; trying the same with pip, which is slower"
    install=(.venv/bin/python -m pip install --quiet --disable-pip-version-check)
    "${install[@]}" --require-hashes -r requirements.lock
fi
"${install[@]}" --no-deps --no-build-isolation -e .

rm -f .venv/setup-*
touch "$stamp"
