"""Give a test run a home of its own, before anything reads the settings.

Named by `-p` in pyproject.toml, because Django's settings are read before any conftest: without it
a run would use, and could harm, the database of whoever works in this folder.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

if "FORBEAR_TEST_HOME" not in os.environ:  # one home and one server for every worker of a run
    os.environ["FORBEAR_TEST_HOME"] = tempfile.mkdtemp(prefix="forbear-test-")
    # Before the server registers its own, so that this runs after the server has stopped.
    atexit.register(shutil.rmtree, os.environ["FORBEAR_TEST_HOME"], ignore_errors=True)
    os.environ.pop("FORBEAR_DATABASE_URL", None)  # never a database that somebody uses
os.environ.setdefault("FORBEAR_DATA_KEY", "5e" * 32)  # one book's key, whichever worker opens it
# Each worker keeps its own snapshots and letters; the server is the run's.
os.environ["FORBEAR_HOME"] = os.path.join(
    os.environ["FORBEAR_TEST_HOME"], os.environ.get("PYTEST_XDIST_WORKER", "main")
)
