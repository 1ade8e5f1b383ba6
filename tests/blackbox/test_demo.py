# SPDX-License-Identifier: Apache-2.0
"""The demonstration is played whole: it checks by itself what the tutorial promises."""
import os
import shutil
import subprocess

import pytest

from conftest import LOAM, ROOT, clean_env


@pytest.mark.skipif(not shutil.which('aws'), reason='the AWS CLI is not installed')
def test_the_tutorial_from_end_to_end(tmp_path):
    env = clean_env(tmp_path, LOAM_DEMO_INSIDE='1')
    env['PATH'] = os.path.dirname(LOAM) + os.pathsep + env['PATH']
    done = subprocess.run([LOAM, 'sandbox', '--', os.path.join(ROOT, 'script', 'demo')], env=env,
                          capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    assert done.stdout.endswith('The tutorial works from end to end.\n')
