#!/bin/sh
# Print the Python that the virtual environment is made with: the first of these that is 3.11 or later and can make one.
for candidate in python3 python3.13 python3.12 python3.11 python3.14 python; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        command -v "$candidate"
        exit 0
    fi
done
exit 1
