# SPDX-License-Identifier: Apache-2.0
"""What a person at a terminal sees: a status line that is rewritten in place, colour, prompts."""
import fcntl
import json
import os
import pty
import re
import subprocess
import termios
import time

import pytest

from conftest import LOAM

SLOW = '''
resource "terraform_data" "a" {
  count = 6
  provisioner "local-exec" { command = "sleep 0.5" }
}
'''


def on_terminal(workspace, *args, **env):
    """Everything that the program writes to a terminal of its own."""
    master, slave = pty.openpty()
    running = subprocess.Popen([LOAM, *args], cwd=workspace.path, stdin=slave, stdout=slave,
                               stderr=slave, env=dict(workspace.env, TERM='xterm', **env))
    os.close(slave)
    seen = b''
    while True:
        try:
            got = os.read(master, 65536)
        except OSError:
            break
        if not got:
            break
        seen += got
    os.close(master)
    assert running.wait(timeout=60) == 0
    return seen.decode()


def on_screen(text):
    """The lines that remain when every carriage return has been obeyed."""
    lines = []
    for line in text.replace('\r\n', '\n').split('\n'):
        shown = ''
        for part in line.split('\r'):
            shown = part + shown[len(part):]
        lines.append(shown.rstrip())
    return lines


def test_progress_is_counted_in_place_and_gone_in_the_end(workspace):
    workspace.write('main.tf', SLOW)
    text = on_terminal(workspace, 'apply', '-auto-approve', '-parallelism=2')
    states = re.findall(r'Applying: (\d+) of 6 done, (\d+) running, \d+s elapsed', text)
    assert states and all(int(running) <= 2 for _, running in states)
    assert re.search(r'Applying: [345] of 6 done, \d running, \d+s elapsed, about \d+s left', text)
    left = on_screen(text)
    assert not [line for line in left if 'Applying:' in line]
    assert len([line for line in left if 'Creation complete' in line]) == 6


def test_no_color_and_a_dumb_terminal(workspace):
    workspace.write('main.tf', SLOW)
    plain = on_terminal(workspace, 'apply', '-auto-approve', '-parallelism=3', NO_COLOR='1')
    assert '\x1b' not in plain and 'Applying:' in plain
    workspace.ok('destroy', '-auto-approve')
    del workspace.env['NO_COLOR']
    coloured = on_terminal(workspace, 'apply', '-auto-approve', '-parallelism=6')
    assert '\x1b[32m' in coloured
    workspace.ok('destroy', '-auto-approve')
    dumb = on_terminal(workspace, 'apply', '-auto-approve', '-parallelism=3', TF_IN_AUTOMATION='1')
    assert 'Applying:' not in dumb


INTERRUPTED = ('resource "terraform_data" "first" {\n  provisioner "local-exec" {\n    command = "touch begun; '
               'while [ ! -e go ]; do sleep 0.05; done; touch done"\n  }\n}\n'
               'resource "terraform_data" "second" {\n  depends_on = [terraform_data.first]\n}\n')


def take_terminal():
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.mark.parametrize('times', [1, 2])
def test_control_c_at_a_terminal(workspace, times):
    """The terminal sends the interrupt to all that run in it, as it does for people."""
    workspace.write('main.tf', INTERRUPTED)
    near, far = pty.openpty()
    running = subprocess.Popen([LOAM, 'apply', '-auto-approve'], cwd=workspace.path, stdin=far, stdout=far, stderr=far,
                               env=dict(workspace.env, TERM='xterm'), start_new_session=True, preexec_fn=take_terminal)
    os.close(far)
    deadline = time.monotonic() + 30
    while not os.path.exists(os.path.join(workspace.path, 'begun')):
        assert time.monotonic() < deadline and running.poll() is None
        time.sleep(0.02)
    for _ in range(times):
        os.write(near, b'\x03')
        time.sleep(0.5)
    workspace.write('go', '')
    seen = b''
    while True:
        try:
            got = os.read(near, 65536)
        except OSError:
            break
        seen += got
    os.close(near)
    assert running.wait(timeout=30) == 1
    assert b'Interrupt received' in seen
    state = json.loads(workspace.read('terraform.tfstate'))
    assert [r['name'] for r in state['resources']] == ['first']
    finished = state['resources'][0]['instances'][0].get('status') != 'tainted'
    assert finished == (times == 1) == os.path.exists(os.path.join(workspace.path, 'done'))
    workspace.ok('apply', '-auto-approve')
    assert workspace.ok('state', 'list').split() == ['terraform_data.first', 'terraform_data.second']
