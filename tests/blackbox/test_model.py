# SPDX-License-Identifier: Apache-2.0
"""The tables of src/wire come from botocore's description, byte for byte."""
import os
import re
import subprocess
import sys

import pytest

from conftest import ROOT

botocore = pytest.importorskip('botocore')
FILES = ('iam_model.c', 'sts_model.c', 'model_ids.h')


def checked_in(name):
    with open(os.path.join(ROOT, 'src', 'wire', name), encoding='utf8') as f:
        return f.read()


def test_regenerating_gives_the_same_tables(tmp_path):
    made_from = re.search(r'from botocore ([0-9.]+)', checked_in(FILES[0])).group(1)
    if botocore.__version__ != made_from:
        pytest.skip('botocore %s is installed, the tables are from %s' % (botocore.__version__, made_from))
    subprocess.run([sys.executable, os.path.join(ROOT, 'tools', 'generate_model'), '--out', str(tmp_path)],
                   check=True, timeout=60)
    for name in FILES:
        assert (tmp_path / name).read_text(encoding='utf8') == checked_in(name), name
