# SPDX-License-Identifier: Apache-2.0
"""Disks that fill up, kills at any moment, interrupts, loops and broken providers: a clear line, and
nothing lost."""
import json
import os
import re
import resource
import signal
import stat
import subprocess
import time

import pytest

from conftest import KEY, LOAM, Server

MADE = '''
resource "terraform_data" "a" {
  count = 3
  input = "v${count.index}"
  provisioner "local-exec" { command = "echo ${self.id} >> made.log" }
}
resource "terraform_data" "b" { input = terraform_data.a[*].id }
'''


def limited(size, ignore):
    """No file may grow beyond size: then writes fail, or the process is killed in the middle."""
    def set_up():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN if ignore else signal.SIG_DFL)
    return set_up


def run_limited(workspace, size, ignore, *args):
    return subprocess.run([LOAM, *args], cwd=workspace.path, env=workspace.env, text=True,
                          capture_output=True, timeout=60, preexec_fn=limited(size, ignore),
                          restore_signals=False)


def ids(workspace):
    """The ids in the state once the journal was taken in. A child that a killed apply had just forked
    holds its lock for the moment until it is another program."""
    workspace.ok('apply', '-refresh-only', '-auto-approve', '-lock-timeout=10s')
    try:
        state = json.loads(workspace.read('terraform.tfstate'))
    except FileNotFoundError:
        return set()
    return {i['attributes']['id'] for r in state['resources'] for i in r['instances']}


def made(workspace):
    try:
        return set(re.findall(r'[0-9a-f-]{36}', workspace.read('made.log')))
    except FileNotFoundError:
        return set()


def settle(workspace):
    """Nothing that a provisioner was run for may be unknown, and the next apply completes it."""
    assert made(workspace) <= ids(workspace)
    workspace.ok('apply', '-auto-approve')
    assert workspace.run('plan', '-detailed-exitcode').returncode == 0


@pytest.mark.parametrize('size', [0, 150, 700, 1200, 2100, 2700, 3300, 4200])
def test_a_full_disk_stops_an_apply_and_loses_nothing(workspace, size):
    workspace.write('main.tf', MADE)
    done = run_limited(workspace, size, True, 'apply', '-auto-approve')
    if done.returncode:
        assert 'file too large' in done.stderr or 'Failed to write the journal' in done.stderr
        assert len(re.findall('Failed to write the journal', done.stderr)) <= 1
    settle(workspace)


@pytest.mark.skipif(os.geteuid() != 0, reason='mounts need root')
def test_a_full_file_system_is_told_by_name(workspace):
    mount = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=1m', 'none', workspace.path])
    if mount.returncode:
        pytest.skip('mounts are not allowed here')
    try:
        workspace.write('main.tf', 'resource "terraform_data" "a" { input = "one" }\n')
        workspace.ok('apply', '-auto-approve')
        before = workspace.read('terraform.tfstate')
        workspace.write('main.tf', 'resource "terraform_data" "a" { input = "two" }\n')
        filler = os.open(os.path.join(workspace.path, 'filler'), os.O_WRONLY | os.O_CREAT)
        try:
            while True:
                os.write(filler, b'x' * 4096)
        except OSError:
            os.close(filler)
        done = workspace.run('apply', '-auto-approve')
        assert done.returncode == 1
        assert 'no space left on device' in ' '.join(done.stderr.split())
        assert workspace.read('terraform.tfstate') == before
        os.remove(os.path.join(workspace.path, 'filler'))
        workspace.ok('apply', '-auto-approve')
        assert '"two"' in workspace.read('terraform.tfstate')
    finally:
        subprocess.run(['umount', workspace.path], check=True)


@pytest.mark.parametrize('size', range(40, 4400, 151))
def test_a_kill_at_any_byte_of_the_journal_loses_nothing(workspace, size):
    workspace.write('main.tf', MADE)
    done = run_limited(workspace, size, False, 'apply', '-auto-approve')
    assert done.returncode in (0, 1, -signal.SIGXFSZ)
    settle(workspace)


def test_kills_in_a_row_lose_nothing(workspace):
    """kill -9 at moments that no one chose, while things are made, replaced and destroyed."""
    for round_ in range(12):
        workspace.write('main.tf', MADE.replace('input = "v', 'triggers_replace = %d\n input = "v' %
                                                round_))
        running = subprocess.Popen([LOAM, 'apply', '-auto-approve'], cwd=workspace.path,
                                   env=workspace.env, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(0.004 * round_)
        running.kill()
        running.wait()
        workspace.run('force-unlock', '-force', 'x')
        if os.path.exists(os.path.join(workspace.path, '.terraform.tfstate.lock.info')):
            os.remove(os.path.join(workspace.path, '.terraform.tfstate.lock.info'))
        ids(workspace)
    workspace.ok('apply', '-auto-approve')
    assert workspace.run('plan', '-detailed-exitcode').returncode == 0


def test_a_server_on_a_full_disk_refuses_and_keeps_what_it_acknowledged(tmp_path):
    botocore = pytest.importorskip('botocore.exceptions')
    server = Server(tmp_path)
    server.stop()
    database = os.path.getsize(next(str(p) for p in tmp_path.rglob('*') if p.suffix == '.db'))
    known, refused = [], []
    start = subprocess.Popen(server.argv, env=server.env, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, restore_signals=False,
                             preexec_fn=limited(database + 400_000, True))
    server.process = start
    try:
        client = server.client()
        wait_for(lambda: client.get_account_summary())
        for i in range(400):
            try:
                client.create_user(UserName='u%d' % i)
                known.append('u%d' % i)
            except botocore.ClientError as error:
                refused.append(error.response['Error']['Code'])
                break
    finally:
        start.terminate()
        start.wait(timeout=20)
    assert refused and refused[0] in ('ServiceFailure', 'InternalFailure', 'ServiceUnavailable')
    server.start()
    try:
        pages = server.client().get_paginator('list_users').paginate()
        names = {u['UserName'] for page in pages for u in page['Users']}
        assert set(known) <= names
    finally:
        server.stop()


def wait_for(try_it, seconds=20):
    deadline = time.monotonic() + seconds
    while True:
        try:
            return try_it()
        except Exception:  # whatever it is, it may pass until the deadline
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


# ---- interrupts, and two at once ----

SLOW = '''
resource "terraform_data" "first" {
  provisioner "local-exec" {
    command = "touch begun; until test -f go; do sleep 0.02; done; touch done"
  }
}
resource "terraform_data" "second" { input = terraform_data.first.id }
'''


def start_slow(workspace):
    workspace.write('main.tf', SLOW)
    running = subprocess.Popen([LOAM, 'apply', '-auto-approve'], cwd=workspace.path,
                               env=workspace.env, text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    deadline = time.monotonic() + 20
    while not os.path.exists(os.path.join(workspace.path, 'begun')):
        assert time.monotonic() < deadline and running.poll() is None
        time.sleep(0.01)
    return running


def listed(workspace):
    return workspace.run('state', 'list').stdout.split()


def test_one_interrupt_finishes_what_runs_and_begins_nothing_more(workspace):
    running = start_slow(workspace)
    running.send_signal(signal.SIGINT)
    time.sleep(0.2)
    workspace.write('go', '')
    out, err = running.communicate(timeout=30)
    assert running.returncode == 1
    assert 'Gracefully shutting down' in out
    assert os.path.exists(os.path.join(workspace.path, 'done'))
    assert listed(workspace) == ['terraform_data.first']
    assert 'tainted' not in workspace.read('terraform.tfstate')
    assert 'execution halted' in err
    workspace.ok('apply', '-auto-approve')
    assert listed(workspace) == ['terraform_data.first', 'terraform_data.second']


def test_two_interrupts_stop_at_once_with_a_true_state(workspace):
    running = start_slow(workspace)
    running.send_signal(signal.SIGINT)
    time.sleep(0.2)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 1
    assert 'Two interrupts received' in err
    assert not os.path.exists(os.path.join(workspace.path, 'done'))
    state = json.loads(workspace.read('terraform.tfstate'))
    assert [r['name'] for r in state['resources']] == ['first']
    assert state['resources'][0]['instances'][0]['status'] == 'tainted'
    workspace.write('go', '')
    workspace.ok('apply', '-auto-approve')


def test_two_applies_at_once(workspace):
    running = start_slow(workspace)
    other = workspace.run('apply', '-auto-approve')
    assert other.returncode == 1
    assert 'Error acquiring the state lock' in other.stderr
    assert 'OperationTypeApply' in other.stderr
    workspace.write('go', '')
    running.communicate(timeout=30)
    assert running.returncode == 0
    assert workspace.run('plan', '-detailed-exitcode').returncode == 0


# ---- plan files ----

def test_a_plan_of_another_workspace_is_refused(workspace):
    workspace.write('main.tf', 'resource "terraform_data" "a" {}\n')
    workspace.ok('apply', '-auto-approve')
    workspace.ok('plan', '-destroy', '-out=p')
    workspace.ok('workspace', 'new', 'other')
    workspace.ok('apply', '-auto-approve')
    done = workspace.run('apply', 'p')
    assert done.returncode == 1
    assert 'workspace' in done.stderr or 'Saved plan' in done.stderr
    assert listed(workspace) == ['terraform_data.a']


def test_a_plan_of_another_format_says_so(workspace):
    workspace.write('main.tf', 'resource "terraform_data" "a" {}\n')
    workspace.ok('plan', '-out=p')
    path = os.path.join(workspace.path, 'p')
    with open(path, 'rb') as f:
        bytes_ = bytearray(f.read())
    for at in range(0, len(bytes_), max(1, len(bytes_) // 40)):
        broken = bytearray(bytes_)
        broken[at] ^= 0x55
        with open(path, 'wb') as f:
            f.write(broken)
        done = workspace.run('apply', 'p')
        assert done.returncode == 1
        assert 'as a plan file' in done.stderr
        assert not listed(workspace)


# ---- loops and sizes ----

@pytest.mark.parametrize('source', ['./', './m/..', '../work'])
def test_a_module_that_includes_itself(workspace, source):
    os.mkdir(os.path.join(workspace.path, 'm'))
    workspace.write('main.tf', 'module "m" { source = "%s" }\n' % source)
    done = workspace.run('init')
    assert done.returncode == 1
    assert 'Does this module call itself?' in done.stderr


def link_loop(workspace, name):
    os.symlink(name, os.path.join(workspace.path, name))


@pytest.mark.parametrize('name, args', [
    ('loop.tf', ('validate',)), ('terraform.tfvars', ('plan',)), ('a.auto.tfvars', ('plan',)),
    ('terraform.tfstate', ('plan',)), ('p', ('apply', 'p')), ('v', ('plan', '-var-file=v')),
])
def test_a_loop_of_links_is_one_clear_error(workspace, name, args):
    workspace.write('main.tf', 'output "x" { value = 1 }\n')
    link_loop(workspace, name)
    done = workspace.run(*args)
    assert done.returncode == 1
    assert name in done.stderr
    assert os.path.islink(os.path.join(workspace.path, name))


def test_a_module_folder_that_leads_to_itself(workspace):
    workspace.write('main.tf', 'module "m" { source = "./m" }\n')
    os.symlink('.', os.path.join(workspace.path, 'm'))
    done = workspace.run('init')
    assert done.returncode == 1
    assert 'Error' in done.stderr


@pytest.mark.parametrize('text', ['x = "%s"\n' % ('a' * 100_000_000),
                                  'x = [%s]\n' % ('"aaaaaaaaaaaaaaa",' * 5_500_000)],
                         ids=['string', 'list'])
def test_variables_of_100_megabytes(workspace, text):
    workspace.write('main.tf', 'variable "x" {}\noutput "n" { value = length(var.x) }\n')
    workspace.write('terraform.tfvars', text)
    with open(os.path.join(workspace.path, 'said'), 'w+', encoding='utf8') as said:
        plan = subprocess.Popen([LOAM, 'plan'], cwd=workspace.path, env=workspace.env, stdout=said,
                                stderr=subprocess.STDOUT)
        _, status, used = os.wait4(plan.pid, 0)
        plan.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        output = said.read()
    assert (plan.returncode == 0 and ' n = ' in output) or \
        (plan.returncode == 1 and 'Error: ' in output), output
    assert used.ru_maxrss < 4 << 20
    os.remove(os.path.join(workspace.path, 'terraform.tfvars'))


# ---- providers that crash or hang ----

PLUGIN = '''#!/bin/sh
case "$FAULT_MODE" in
crash) echo "panic: no way" >&2; exit 2 ;;
garbage) echo "hello|world"; sleep 60 ;;
hang) exec sleep 60 ;;
esac
'''


@pytest.fixture
def plugin(workspace):
    folder = 'terraform.d/plugins/example.com/x/foo/1.0.0/linux_' + (
        'arm64' if os.uname().machine == 'aarch64' else 'amd64')
    path = workspace.write(folder + '/terraform-provider-foo_v1.0.0', PLUGIN)
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
    workspace.write('main.tf', 'terraform {\n  required_providers {\n    foo = { source = '
                    '"example.com/x/foo" }\n  }\n}\nresource "foo_thing" "a" {}\n')
    workspace.ok('init')
    return workspace


@pytest.mark.parametrize('mode', ['crash', 'garbage', 'nothing'])
def test_a_provider_that_crashes_is_named(plugin, mode):
    done = plugin.run('plan', env={'FAULT_MODE': mode}, timeout=30)
    assert done.returncode == 1
    assert 'failed to instantiate provider "example.com/x/foo"' in ' '.join(done.stderr.split())


def test_a_provider_that_hangs_is_left_on_an_interrupt(plugin):
    running = subprocess.Popen([LOAM, 'plan'], cwd=plugin.path, text=True, stderr=subprocess.PIPE,
                               stdout=subprocess.PIPE, env=dict(plugin.env, FAULT_MODE='hang'))
    time.sleep(0.5)
    assert running.poll() is None
    running.send_signal(signal.SIGINT)
    time.sleep(0.3)  # two that come at once count as one
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=20)
    assert running.returncode != 0
