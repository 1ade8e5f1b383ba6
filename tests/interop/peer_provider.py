# SPDX-License-Identifier: Apache-2.0
"""Where the real AWS provider is on this machine."""
import os
import subprocess


def mirror():
    """The filesystem mirror that holds an AWS provider, or None: MIRROR/HOST/NS/TYPE/VERSION/PLATFORM."""
    roots = [d for d in ('/opt', '/usr', os.path.expanduser('~')) if os.path.isdir(d)]
    found = subprocess.run(['find', *roots, '-maxdepth', '9', '-name', 'terraform-provider-aws_v*',
                            '-type', 'f'], capture_output=True, text=True).stdout.split('\n')[0]
    return os.path.abspath(os.path.join(found, *['..'] * 6)) if found else None
