# SPDX-License-Identifier: Apache-2.0
"""The pages that are written from the program and the tables are current."""
import os
import subprocess
import sys

import pytest

from conftest import LOAM, ROOT


@pytest.mark.parametrize('generator', ['generate_docs_commands', 'generate_docs_reference'])
def test_written_pages_are_current(generator):
    done = subprocess.run([sys.executable, os.path.join(ROOT, 'tools', generator), '--check', LOAM],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
