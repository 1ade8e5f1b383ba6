# SPDX-License-Identifier: Apache-2.0
"""An SSH server of Debian's package: without privileges, on a loopback port, with keys of its own."""
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time

import pytest

PROGRAM = '/usr/sbin/sshd'
needs_sshd = pytest.mark.skipif(not os.path.exists(PROGRAM), reason='openssh-server is not installed')
CONFIG = '''ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
TrustedUserCAKeys {folder}/authority.pub
PidFile none
AuthorizedKeysFile {folder}/authorized
StrictModes no
UsePAM no
PasswordAuthentication no
AllowTcpForwarding yes
Subsystem sftp internal-sftp
'''


class Sshd:
    def __init__(self):
        self.user = pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            self.user = 'postgres'  # root would need a system's folders; who has a shell will do
        owner = pwd.getpwnam(self.user)
        self.folder = tempfile.mkdtemp(prefix='loam-sshd-')
        for name in ('host', 'client', 'stranger', 'authority'):
            self.keygen('-t', 'ed25519', '-N', '', '-C', name, '-f', self.path(name))
        self.keygen('-s', self.path('authority'), '-I', 'me', '-n', self.user, self.path('stranger') + '.pub')
        shutil.copy(self.path('client') + '.pub', self.path('authorized'))
        os.mkdir(self.path('there'))
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            self.port = probe.getsockname()[1]
        with open(self.path('config'), 'w', encoding='ascii') as f:
            f.write(CONFIG.format(port=self.port, folder=self.folder))
        if os.geteuid() == 0:
            for path in [self.folder] + [self.path(name) for name in os.listdir(self.folder)]:
                os.chown(path, owner.pw_uid, owner.pw_gid)
        self.process = None
        self.start()

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), encoding='utf8') as f:
            return f.read()

    @staticmethod
    def keygen(*args):
        subprocess.run(['ssh-keygen', '-q', *args], check=True, capture_output=True, timeout=60)

    def start(self):
        argv = [PROGRAM, '-D', '-e', '-f', self.path('config')]
        if os.geteuid() == 0:
            argv = ['setpriv', '--reuid', self.user, '--regid', self.user, '--init-groups', '--'] + argv
        log = open(self.path('log'), 'ab')
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd='/')
        log.close()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                socket.create_connection(('127.0.0.1', self.port), 0.2).close()
                return
            except OSError:
                assert self.process.poll() is None, self.read('log')
                time.sleep(0.05)
        raise AssertionError('sshd does not answer')

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def connection(self, key='client', **more):
        """A connection block; values are expressions."""
        arguments = {'host': '"127.0.0.1"', 'port': str(self.port), 'user': '"%s"' % self.user, 'agent': 'false',
                     'private_key': 'file("%s")' % self.path(key), 'timeout': '"20s"'}
        arguments.update(more)
        return 'connection {\n%s    }' % ''.join(
            '      %s = %s\n' % pair for pair in arguments.items() if pair[1] is not None)


@pytest.fixture(scope='module')
def sshd():
    it = Sshd()
    yield it
    it.stop()
