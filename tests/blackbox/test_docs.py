# SPDX-License-Identifier: Apache-2.0
"""The pages that are written from the program and the tables are current."""
import os
import subprocess
import sys

from conftest import LOAM, ROOT


def test_the_page_of_commands_is_current():
    done = subprocess.run([sys.executable, os.path.join(ROOT, 'tools', 'generate_docs_commands'),
                           '--check', LOAM], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
