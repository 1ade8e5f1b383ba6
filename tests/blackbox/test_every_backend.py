# SPDX-License-Identifier: Apache-2.0
"""What must hold wherever state is kept: locks, workspaces, moves from one place to another."""
import json
import os
import socket
import subprocess
import threading
import time

import pytest

from conftest import LOAM
from postgres import clusters, needs_postgres  # noqa: F401
from stores import Objects, Urls

RESOURCE = 'resource "terraform_data" "a" {\n  input = terraform.workspace\n}\noutput "o" {\n  value = 1\n}\n'
SLOW = ('resource "terraform_data" "slow" {\n  provisioner "local-exec" {\n    command = "touch started; while [ ! -e go ]; '
        'do sleep 0.05; done"\n  }\n}\n')
S3 = ('bucket = "states"\n    key = "k"\n    region = "us-east-1"\n    endpoints = { s3 = "%(url)s", dynamodb = "%(url)s" }\n'
      '    use_path_style = true\n    access_key = "AK"\n    secret_key = "SK"\n    skip_credentials_validation = true\n'
      '    skip_requesting_account_id = true\n    ')


class Backend:
    """A kind of place, its block, and how a state is looked up behind loam's back."""

    def __init__(self, kind, text, store=None):
        self.kind, self.text, self.store = kind, text, store
        self.block = 'terraform {\n  backend "%s" {\n    %s\n  }\n}\n' % (kind, text)

    @property
    def has_workspaces(self):
        return self.kind != 'http'


def make(name, request, tmp_path):
    if name == 'local':
        return Backend('local', 'path = "%s"\n    workspace_dir = "%s"' % (tmp_path / 'l.tfstate', tmp_path / 'spaces'))
    if name == 'pg':
        cluster = request.getfixturevalue('clusters')('one')
        cluster.create()
        cluster.start()
        return Backend('pg', 'conn_str = "postgres://loam@127.0.0.1:%d/postgres?sslmode=disable"' % cluster.port, cluster)
    store = Urls() if name == 'http' else Objects()
    request.addfinalizer(store.stop)
    if name == 'http':
        return Backend('http', ('address = "%(url)s/s"\n    lock_address = "%(url)s/s"\n    unlock_address = "%(url)s/s"\n'
                                '    retry_wait_min = 0') % {'url': store.url}, store)
    lock = 'use_lockfile = true' if name == 's3' else 'dynamodb_table = "locks"'
    return Backend('s3', S3 % {'url': store.url} + lock, store)


NAMES = ['local', 'http', 's3', 's3-table', pytest.param('pg', marks=needs_postgres)]


@pytest.fixture(params=NAMES)
def backend(request, tmp_path):
    return make(request.param, request, tmp_path)


def inputs(workspace):
    state = json.loads(workspace.ok('state', 'pull'))
    return [i['attributes']['input']['value'] for r in state['resources'] for i in r['instances'] if i['attributes']['input']]


def wait_for(path):
    deadline = time.monotonic() + 60
    while not os.path.exists(path):
        assert time.monotonic() < deadline, path
        time.sleep(0.02)


def start(workspace, *args):
    return subprocess.Popen([LOAM, *args], cwd=workspace.path, env=workspace.env, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_two_applies_at_once(workspace, backend):
    workspace.write('main.tf', RESOURCE + SLOW + backend.block)
    workspace.ok('init', '-no-color')
    first = start(workspace, 'apply', '-auto-approve', '-no-color')
    try:
        wait_for(os.path.join(workspace.path, 'started'))
        refused = workspace.run('apply', '-auto-approve', '-no-color')
        assert refused.returncode == 1 and 'Error acquiring the state lock' in refused.stderr
        assert first.poll() is None
        waiting = start(workspace, 'apply', '-auto-approve', '-no-color', '-lock-timeout=60s')
        assert 'Error acquiring the state lock' in workspace.run('state', 'rm', 'terraform_data.a').stderr
    finally:
        workspace.write('go', '')
        said = first.communicate(timeout=60)[0]
    assert first.returncode == 0 and '2 added' in said, said
    said = waiting.communicate(timeout=60)[0]
    assert waiting.returncode == 0 and '0 added, 0 changed, 0 destroyed' in said, said
    assert json.loads(workspace.ok('state', 'pull'))['serial'] == 1
    workspace.ok('plan', '-no-color')


def test_two_that_fight_lose_nothing(workspace, backend):
    """Each command that says that it changed the state has given it one more serial."""
    workspace.write('main.tf', RESOURCE + backend.block)
    workspace.ok('init', '-no-color')
    workspace.ok('apply', '-auto-approve')
    done = []

    def push(number):
        for i in range(3):
            address = 'terraform_data.a' if (number + i) % 2 == 0 else 'terraform_data.none'
            done.append(workspace.run('taint', '-allow-missing', '-lock-timeout=60s', address))
            done.append(workspace.run('untaint', '-allow-missing', '-lock-timeout=60s', address))
    threads = [threading.Thread(target=push, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wrong = [d for d in done if d.returncode not in (0, 1) or 'lock' in d.stderr]
    assert not wrong, wrong[0].stderr
    changed = [d for d in done if 'marked as tainted' in d.stdout or 'successfully untainted' in d.stdout]
    assert changed and json.loads(workspace.ok('state', 'pull'))['serial'] == 1 + len(changed)
    assert inputs(workspace) == ['default']


def test_workspaces(workspace, backend):
    workspace.write('main.tf', RESOURCE + backend.block)
    workspace.ok('init', '-no-color')
    workspace.ok('apply', '-auto-approve')
    if not backend.has_workspaces:
        refused = workspace.run('workspace', 'new', 'dev')
        assert refused.returncode == 1 and 'workspaces not supported' in refused.stderr
        return
    workspace.ok('workspace', 'new', 'dev')
    workspace.ok('apply', '-auto-approve')
    assert inputs(workspace) == ['dev']
    assert workspace.ok('workspace', 'list').split() == ['default', '*', 'dev']
    refused = workspace.run('workspace', 'delete', 'dev')
    assert refused.returncode == 1
    workspace.ok('workspace', 'select', 'default')
    assert inputs(workspace) == ['default']
    refused = workspace.run('workspace', 'delete', 'dev')
    assert refused.returncode == 1 and 'Workspace is not empty' in refused.stderr
    workspace.ok('workspace', 'delete', '-force', 'dev')
    assert workspace.ok('workspace', 'list').split() == ['*', 'default']
    workspace.write('.terraform/environment', 'gone')
    workspace.ok('init', '-no-color', '-input=false')
    assert workspace.ok('workspace', 'show') == 'default\n'


def test_there_and_back(workspace, backend):
    workspace.write('main.tf', RESOURCE)
    workspace.ok('apply', '-auto-approve')
    workspace.write('main.tf', RESOURCE + backend.block)
    plan = workspace.run('plan', '-no-color')
    assert plan.returncode == 1 and 'Initial configuration of the requested backend "%s"' % backend.kind in plan.stderr
    refused = workspace.run('init', '-no-color', '-input=false')
    assert refused.returncode == 1 and "Can't ask approval" in refused.stderr
    said = workspace.ok('init', '-no-color', stdin='yes\n')
    assert 'Do you want to copy existing state to the new backend?' in said
    assert 'Successfully configured the backend "%s"!' % backend.kind in said
    assert workspace.read('terraform.tfstate') == '' and inputs(workspace) == ['default']
    assert 'No changes' in workspace.ok('plan', '-no-color')
    other = RESOURCE + 'terraform {\n  backend "local" {\n    path = "other.tfstate"\n  }\n}\n'
    workspace.write('main.tf', other)
    refused = workspace.run('plan', '-no-color')
    if backend.kind != 'local':
        assert 'Backend type changed from "%s" to "local"' % backend.kind in ' '.join(refused.stderr.split())
    assert 'Error: Backend initialization required: please run "loam init"' in ' '.join(refused.stderr.split())
    assert 'Backend configuration changed' in workspace.run('init', '-no-color').stderr
    workspace.ok('init', '-no-color', '-migrate-state', '-force-copy')
    assert inputs(workspace) == ['default'] and 'No changes' in workspace.ok('plan', '-no-color')
    workspace.write('main.tf', RESOURCE + backend.block)
    workspace.ok('init', '-no-color', '-reconfigure')
    assert inputs(workspace) == ['default']


def test_partial_configuration(workspace, backend):
    name, _, value = backend.text.partition('\n')[0].partition(' = ')
    value = value.strip('"')
    workspace.write('main.tf', RESOURCE + backend.block.replace(backend.text.partition('\n')[0] + '\n', '\n', 1))
    workspace.ok('init', '-no-color', '-input=false', '-backend-config=%s=%s' % (name, value))
    workspace.ok('apply', '-auto-approve')
    workspace.ok('init', '-no-color', '-input=false')
    workspace.write('b.hcl', '%s = "%s"\n' % (name, value))
    workspace.ok('init', '-no-color', '-input=false', '-backend-config=b.hcl')
    assert inputs(workspace) == ['default']
    refused = workspace.run('init', '-no-color', '-backend-config=nonsense=x')
    assert refused.returncode == 1 and 'Invalid backend configuration argument' in refused.stderr
    refused = workspace.run('init', '-no-color', '-backend-config=missing.hcl')
    assert refused.returncode == 1 and 'missing.hcl' in refused.stderr


def test_what_init_asks_for(workspace, request, tmp_path):
    backend = make('s3', request, tmp_path)
    workspace.write('main.tf', RESOURCE + backend.block.replace('bucket = "states"', ''))
    said = workspace.ok('init', '-no-color', stdin='states\n')
    assert 'The name of the S3 bucket' in said
    workspace.ok('apply', '-auto-approve')
    assert list(backend.store.objects) == ['k']


def test_all_workspaces_move(workspace, request, tmp_path):
    one, two = make('local', request, tmp_path), make('s3', request, tmp_path)
    web = make('http', request, tmp_path)
    workspace.write('main.tf', RESOURCE + one.block)
    workspace.ok('init')
    workspace.ok('apply', '-auto-approve')
    workspace.ok('workspace', 'new', 'dev')
    workspace.ok('apply', '-auto-approve')
    workspace.write('main.tf', RESOURCE + two.block)
    said = workspace.ok('init', '-no-color', '-migrate-state', stdin='yes\n')
    assert 'Do you want to migrate all workspaces to "s3"?' in said
    assert sorted(two.store.objects) == ['env:/dev/k', 'k'] and inputs(workspace) == ['dev']
    workspace.write('main.tf', RESOURCE + web.block)
    stopped = workspace.run('init', '-no-color', '-migrate-state', stdin='no\n')
    assert stopped.returncode == 1 and 'Migration aborted by user' in stopped.stderr
    said = workspace.ok('init', '-no-color', '-migrate-state', stdin='yes\nyes\n')
    assert 'want to copy only your current workspace?' in said
    assert inputs(workspace) == ['dev'] and workspace.ok('workspace', 'show') == 'default\n'


class Relay:
    """Passes bytes on to a port until it is cut."""

    def __init__(self, port):
        self.target, self.open = port, []
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near = self.listener.accept()[0]
                far = socket.create_connection(('127.0.0.1', self.target))
            except OSError:
                return
            self.open += [near, far]
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self.copy, args=(a, b), daemon=True).start()

    @staticmethod
    def copy(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
        except OSError:
            pass

    def cut(self):
        self.listener.close()
        for end in self.open:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


@needs_postgres
def test_a_connection_to_postgres_that_breaks(workspace, request, tmp_path):
    backend = make('pg', request, tmp_path)
    relay = Relay(backend.store.port)
    direct = backend.block
    workspace.write('main.tf', RESOURCE + SLOW + direct.replace(str(backend.store.port), str(relay.port)))
    workspace.ok('init', '-no-color')
    first = start(workspace, 'apply', '-auto-approve', '-no-color')
    wait_for(os.path.join(workspace.path, 'started'))
    relay.cut()
    workspace.write('go', '')
    said = first.communicate(timeout=60)[0]
    assert first.returncode == 1 and 'Failed to save state' in said and 'errored.tfstate' in said, said
    workspace.write('main.tf', RESOURCE + SLOW + direct)
    workspace.ok('init', '-no-color', '-reconfigure')
    again = workspace.ok('apply', '-auto-approve', '-no-color', '-lock-timeout=20s')
    assert '0 added, 0 changed, 0 destroyed' in again
    workspace.ok('state', 'show', 'terraform_data.slow')


@needs_postgres
def test_postgres_errors_are_one_line(workspace, request, tmp_path):
    backend = make('pg', request, tmp_path)
    for more, want in (('schema_name = "none"\n    skip_schema_creation = true', 'Error: pq: schema "none" does not exist'),
                       ('table_name = "none"\n    skip_table_creation = true', 'Error: pq: ')):
        workspace.write('main.tf', RESOURCE + backend.block.replace('\n  }\n', '\n    %s\n  }\n' % more))
        refused = workspace.run('init', '-no-color')
        assert refused.returncode == 1 and want in refused.stderr
    workspace.write('main.tf', RESOURCE + backend.block.replace('/postgres?', '/nowhere?'))
    assert 'Error: pq: database "nowhere" does not exist' in workspace.run('init', '-no-color').stderr
    workspace.write('main.tf', RESOURCE + backend.block.replace(str(backend.store.port), '1'))
    assert 'Connection refused' in workspace.run('init', '-no-color').stderr
