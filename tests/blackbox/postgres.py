# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL servers of Debian's packages, each in a folder of its own."""
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile

import pytest

BINARIES = sorted(glob.glob('/usr/lib/postgresql/*/bin'))
needs_postgres = pytest.mark.skipif(not BINARIES, reason='PostgreSQL is not installed')


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Cluster:
    """One PostgreSQL server in a folder; never run by root, which it refuses."""

    def __init__(self, base, name):
        self.base, self.folder, self.port = base, os.path.join(base, name), free_port()

    def run(self, program, *args):
        argv = [os.path.join(BINARIES[-1], program), *args]
        if os.geteuid() == 0:
            argv = ['runuser', '-u', 'postgres', '--'] + argv
        return subprocess.run(argv, check=True, timeout=90, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, cwd='/')

    def create(self):
        self.run('initdb', '-D', self.folder, '-A', 'trust', '-U', 'loam', '--no-sync')
        self.configure()

    def configure(self):
        with open(os.path.join(self.folder, 'postgresql.conf'), 'a', encoding='ascii') as f:
            f.write("port=%d\nunix_socket_directories='%s'\nlisten_addresses='127.0.0.1'\n"
                    % (self.port, self.base))

    def start(self):
        self.run('pg_ctl', '-D', self.folder, '-l', os.path.join(self.base, 'log%d' % self.port), '-w', 'start')

    def sql(self, text):
        self.run('psql', '-h', '127.0.0.1', '-p', str(self.port), '-U', 'loam', '-qc', text, 'postgres')

    def kill(self):
        try:
            with open(os.path.join(self.folder, 'postmaster.pid'), encoding='ascii') as f:
                os.kill(int(f.readline()), signal.SIGKILL)
        except (OSError, ValueError):
            pass


@pytest.fixture
def clusters():
    base = tempfile.mkdtemp(prefix='loam-pg-')
    if os.geteuid() == 0:
        try:
            owner = pwd.getpwnam('postgres')
        except KeyError:
            pytest.skip('root cannot run PostgreSQL, and there is no user postgres')
        os.chown(base, owner.pw_uid, owner.pw_gid)
    made = []

    def make(name):
        made.append(Cluster(base, name))
        return made[-1]
    yield make
    for cluster in made:
        cluster.kill()
    shutil.rmtree(base, ignore_errors=True)
