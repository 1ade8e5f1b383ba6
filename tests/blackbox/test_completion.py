# SPDX-License-Identifier: Apache-2.0
"""Completion in a real bash on a terminal, after -install-autocomplete."""
import os
import pty
import select
import subprocess
import time

from conftest import LOAM


class Shell:
    def __init__(self, workspace):
        self.near, far = pty.openpty()
        env = dict(workspace.env, TERM='dumb', PS1='$ ', PATH='%s:%s' % (os.path.dirname(LOAM), os.environ['PATH']))
        self.process = subprocess.Popen(['bash', '-i'], cwd=workspace.path, env=env, stdin=far, stdout=far, stderr=far,
                                        start_new_session=True)
        os.close(far)

    def type(self, text, until):
        """Everything that is shown until the text `until` is."""
        os.write(self.near, text.encode())
        shown, deadline = '', time.monotonic() + 30
        while until not in shown:
            assert time.monotonic() < deadline, shown
            if select.select([self.near], [], [], 0.2)[0]:
                shown += os.read(self.near, 65536).decode(errors='replace')
        return shown

    def end(self):
        self.process.kill()
        self.process.wait()
        os.close(self.near)


def test_bash_completes(workspace):
    home = workspace.env['HOME']
    with open(os.path.join(home, '.bashrc'), 'w', encoding='ascii') as f:
        f.write('echo rc is read\n')
    workspace.ok('-install-autocomplete')
    workspace.write('main.tf', 'resource "terraform_data" "a" {}\n')
    shell = Shell(workspace)
    try:
        shell.type('\n', 'rc is read')
        shell.type('loam worksp\t', 'loam workspace ')
        shell.type('sel\t', 'select ')
        shell.type('\x15loam plan -refresh-o\t', '-refresh-only')
        shown = shell.type('\x15loam state \t\t', 'replace-provider')
        assert 'list' in shown and 'pull' in shown
    finally:
        shell.end()
    assert workspace.run('-install-autocomplete').returncode in (0, 1)
    with open(os.path.join(home, '.bashrc'), encoding='ascii') as f:
        assert f.read().count('complete ') == 1
    workspace.ok('-uninstall-autocomplete')
    with open(os.path.join(home, '.bashrc'), encoding='ascii') as f:
        assert f.read() == 'echo rc is read\n'
