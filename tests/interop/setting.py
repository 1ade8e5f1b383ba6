# SPDX-License-Identifier: Apache-2.0
"""What the consumers share: the program under test, packages in build-interop/, a running server."""
import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, 'build-interop')
KEY = ('AKIAINTEROP000000001', 'interop-secret-access-key')


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('--bin', required=True)
    options = parser.parse_args()
    options.bin = os.path.abspath(options.bin)
    return options


def skip(reason):
    print('  ' + reason)
    sys.exit(77)


def fetch(argv, cwd=None, env=None):
    """Runs a package client; its failure skips the consumer, for a registry may be out of reach."""
    done = subprocess.run(argv, cwd=cwd, env=env, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=1200)
    if done.returncode:
        print(done.stdout[-1500:])
        skip('%s cannot get what is needed' % os.path.basename(argv[0]))


def unchanged(marker, text):
    try:
        with open(marker, encoding='utf8') as old:
            return old.read() == text
    except OSError:
        return False


def keep(marker, text):
    with open(marker, 'w', encoding='utf8') as out:
        out.write(text)


def venv(name, *packages):
    """The bin folder of a virtual environment that has these packages of PyPI."""
    folder = os.path.join(BUILD, 'venv-' + name)
    marker, wanted = os.path.join(folder, 'packages'), '\n'.join(packages)
    if not unchanged(marker, wanted):
        fetch([sys.executable, '-m', 'venv', '--clear', folder])
        fetch([os.path.join(folder, 'bin', 'pip'), 'install', '-q', *packages])
        keep(marker, wanted)
    return os.path.join(folder, 'bin')


def within(binaries):
    """Runs this program again with the Python of a virtual environment, unless it is that one."""
    python = os.path.join(binaries, 'python')
    if os.path.dirname(sys.executable) == binaries:
        return
    os.execv(python, [python, *sys.argv])


def node(*packages):
    """A folder whose node_modules has these packages of npm."""
    if not shutil.which('npm'):
        skip('npm is not installed')
    folder = os.path.join(BUILD, 'npm')
    marker, wanted = os.path.join(folder, 'packages'), '\n'.join(packages)
    if not unchanged(marker, wanted):
        os.makedirs(folder, exist_ok=True)
        keep(os.path.join(folder, 'package.json'), '{"private": true}\n')
        fetch(['npm', 'install', '--silent', '--no-audit', '--no-fund', *packages], cwd=folder)
        keep(marker, wanted)
    return folder


def go(name):
    """A copy of the Go module tests/interop/NAME in which `go` finds all that it requires."""
    if not shutil.which('go'):
        skip('go is not installed')
    source, folder = os.path.join(ROOT, 'tests', 'interop', name), os.path.join(BUILD, 'go', name)
    shutil.copytree(source, folder, dirs_exist_ok=True)
    fetch(['go', 'mod', 'tidy'], cwd=folder)
    return folder


def clean_env(**more):
    """The environment without what would lead a program to another account or configuration."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(('TF_', 'AWS_', 'LOAM', 'PULUMI'))}
    return dict(env, AWS_EC2_METADATA_DISABLED='true', CHECKPOINT_DISABLE='1', AWS_PAGER='',
                AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull, **more)


class Server:
    """`loam serve` on a free port of this machine, and a folder for the consumer's files."""

    def __init__(self, loam, *args):
        self.loam, self.args = loam, args

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix='loam-interop-')
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            port = probe.getsockname()[1]
        self.url = 'http://127.0.0.1:%d' % port
        self.process = subprocess.Popen(
            [self.loam, 'serve', '--listen', '127.0.0.1:%d' % port, '--data',
             os.path.join(self.folder, 'account'), *self.args],
            env=clean_env(LOAM_ROOT_ACCESS_KEY_ID=KEY[0], LOAM_ROOT_SECRET_ACCESS_KEY=KEY[1]),
            stdout=subprocess.DEVNULL)
        self.env = clean_env(AWS_ENDPOINT_URL=self.url, AWS_ACCESS_KEY_ID=KEY[0],
                             AWS_SECRET_ACCESS_KEY=KEY[1], AWS_REGION='us-east-1',
                             AWS_DEFAULT_REGION='us-east-1')
        for _ in range(500):
            try:
                socket.create_connection(('127.0.0.1', port), 0.2).close()
                return self
            except OSError:
                time.sleep(0.02)
        raise RuntimeError('the server does not answer')

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


class Checks:
    """Runs commands and says of each whether it ended as wanted."""

    def __init__(self):
        self.failed = 0

    def note(self, what, good, output=''):
        print('  %s%s' % ('' if good else 'FAILED: ', what), flush=True)
        if not good:
            self.failed += 1
            print(output[-4000:])
        return good

    def run(self, argv, what=None, want=0, says=(), **more):
        done = subprocess.run(argv, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=900, **more)
        missing = [text for text in says if text not in done.stdout]
        what = what or '%s %s' % (os.path.basename(argv[0]), ' '.join(argv[1:]))
        detail = ['exit %d, wanted %d' % (done.returncode, want)] if done.returncode != want else []
        detail += ['it does not say "%s"' % text for text in missing]
        self.note(': '.join([what, *detail]), not detail, done.stdout)
        return done.stdout

    def end(self):
        sys.exit(1 if self.failed else 0)
