# SPDX-License-Identifier: Apache-2.0
"""What the guides show is what happens: their files are written, their commands run, their output compared.

A block of terraform or hcl whose first line is a comment with a file name is that file. In a console
block "$ " starts a command, "> " goes on with it, and the lines below it must come in its output, in
their order; "..." stands for anything. Commands must succeed; those of a page run in one shell.
"""
import os
import re
import shutil
import socket
import subprocess

import pytest

from conftest import LOAM, ROOT, clean_env

PAGES = ['getting-started.md', 'rehearse.md', 'take-over.md', 'access.md', 'testing.md', 'modules.md',
         'state.md', 'moving.md', 'ci.md', 'troubleshooting.md', 'serve.md']
BLOCK = re.compile(r'^```(\w+)\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def blocks(page, port):
    with open(os.path.join(ROOT, 'docs', page), encoding='utf8') as text:
        return BLOCK.findall(text.read().replace('127.0.0.1:5566', '127.0.0.1:%d' % port))


def commands(block):
    """[(command, lines of output)] of a console block."""
    found = []
    for line in block.splitlines():
        if line.startswith('$ '):
            found.append((line[2:], []))
        elif line.startswith('> ') and not found[-1][1]:
            found[-1] = (found[-1][0] + '\n' + line[2:], [])
        elif line.strip():
            found[-1][1].append(line)
    return found


class Shell:
    """A bash that is fed one command after the other."""

    def __init__(self, folder, env):
        self.process = subprocess.Popen(['timeout', '300', 'bash', '--norc'], cwd=folder, env=env,
                                        text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)

    def send(self, text):
        self.process.stdin.write(text + '\n')
        self.process.stdin.flush()

    def run(self, command):
        """Exit code and output; a shell inside a sandbox gives both with its first command."""
        if command.startswith('loam sandbox') and ' -- ' not in command or command == 'exit':
            self.send(command)
            return 0, ''
        self.send('{ %s\n} </dev/null; printf "\\n:end %%d\\n" $?' % command)
        output = []
        for line in self.process.stdout:
            if line.startswith(':end '):
                return int(line.split()[1]), ''.join(output)
            output.append(line)
        return -1, ''.join(output)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def pattern(line):
    return re.compile('.*'.join(re.escape(part) for part in line.rstrip().split('...')))


def check(page, command, wanted, output):
    lines, at = output.splitlines(), 0
    for line in wanted:
        if line.strip() == '...':
            continue
        while at < len(lines) and not pattern(line).fullmatch(lines[at].rstrip()):
            at += 1
        assert at < len(lines), '%s: "%s" does not print, in this place:\n%s\nbut:\n%s' % (
            page, command, line, output)
        at += 1


@pytest.mark.skipif(not shutil.which('aws'), reason='the AWS CLI is not installed')
@pytest.mark.parametrize('page', PAGES)
def test_a_guide_is_true(page, tmp_path):
    work, programs = tmp_path / 'work', tmp_path / 'bin'
    work.mkdir()
    programs.mkdir()
    os.symlink(LOAM, programs / 'loam')
    shutil.copytree(os.path.join(ROOT, 'examples'), work / 'examples')
    env = clean_env(tmp_path, AWS_PAGER='', SHELL='/bin/bash', PS1='')
    env['PATH'] = '%s:%s' % (programs, env['PATH'])
    shell = Shell(work, env)
    ran = 0
    try:
        for kind, text in blocks(page, free_port()):
            name = re.match(r'# (\S+\.(?:tf|hcl|tfvars))\n', text)
            if kind in ('terraform', 'hcl') and name:
                shell.run("mkdir -p \"$(dirname %s)\" && cat >%s <<'EOF_OF_FILE'\n%s\nEOF_OF_FILE"
                          % (name.group(1), name.group(1), text))
            for command, wanted in commands(text) if kind == 'console' else ():
                code, output = shell.run(command)
                assert code == 0, '%s: "%s" ended with %d:\n%s' % (page, command, code, output)
                check(page, command, wanted, output)
                ran += 1
    finally:
        shell.close()
    assert ran > 0, '%s shows no command' % page
