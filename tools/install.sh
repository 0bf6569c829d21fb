#!/bin/sh
# Build the virtual environment $VENV with $PYTHON from the locked requirements; called by `make install`.
set -eu
if ! "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
    if [ -z "$PYTHON" ]; then
        echo "interlingua needs Python 3.11 or later with its venv module, and none was found." >&2
        echo "Install one (on Debian and Ubuntu: apt install python3 python3-venv), or name it:" >&2
        echo "    make PYTHON=/path/to/python3.13 install" >&2
        exit 1
    fi
    echo "Creating $VENV with $("$PYTHON" --version)"
    "$PYTHON" -m venv --clear "$VENV"
fi
echo "Installing the locked dependencies into $VENV (a minute or so, once)"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
# The lock is whole, so nothing is resolved: the pip of Python 3.11 takes `google-auth[requests]`, which a dependency
# asks for, for another package than the `google-auth` of the lock.
"$VENV/bin/python" -m pip install --quiet --quiet --no-deps --require-hashes --requirement requirements/dev.txt
"$VENV/bin/python" -m pip install --quiet --quiet --no-deps --no-build-isolation --editable .
touch "$VENV/.installed"
