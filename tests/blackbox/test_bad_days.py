# SPDX-License-Identifier: Apache-2.0
"""Corrupt files, locks, taken ports, read-only folders: one clear answer each, nothing touched."""
import json
import os
import socket
import stat
import subprocess
import time

import pytest

from conftest import LOAM, Server, clean_env

CONFIG = 'resource "terraform_data" "a" {\n  input = "x"\n}\n'


def test_malformed_configuration_tells_all_its_errors(workspace):
    workspace.write('main.tf', 'resource "terraform_data" "a" {\n  input = \n}\nlocals {\n  b = [1,\n}\n')
    workspace.write('other.tf', 'variable "x" {\n  type = strin\n}\n')
    done = workspace.run('plan')
    assert done.returncode == 1
    assert 'main.tf line 2' in done.stderr and done.stderr.count('Error:') >= 2
    assert not os.path.exists(os.path.join(workspace.path, 'terraform.tfstate'))


def test_a_plan_of_another_workspace_is_refused(workspace):
    workspace.write('main.tf', CONFIG)
    workspace.ok('plan', '-out=plan')
    workspace.ok('workspace', 'new', 'other')
    done = workspace.run('apply', '-no-color', 'plan')
    assert done.returncode == 1 and 'Saved plan is for another workspace' in done.stderr
    assert not os.path.exists(os.path.join(workspace.path, 'terraform.tfstate.d/other/terraform.tfstate'))
    workspace.ok('workspace', 'select', 'default')
    workspace.ok('apply', 'plan')


@pytest.mark.parametrize('text', ['', '{', '{"version": 99}', '[]', 'x' * 4096, '{"version": 4}'])
def test_a_bad_state_is_refused_and_kept(workspace, text):
    workspace.write('main.tf', CONFIG)
    workspace.write('terraform.tfstate', text)
    done = workspace.run('apply', '-auto-approve')
    if text in ('', '{"version": 4}'):
        return  # an empty state is a state
    assert done.returncode == 1 and 'Error:' in done.stderr
    assert workspace.read('terraform.tfstate') == text


def test_state_and_plan_are_private(workspace):
    workspace.write('main.tf', CONFIG)
    workspace.ok('plan', '-out=p')
    workspace.ok('apply', 'p')
    for name in ('p', 'terraform.tfstate'):
        mode = stat.S_IMODE(os.stat(os.path.join(workspace.path, name)).st_mode)
        assert mode == 0o600, name


def test_a_truncated_or_foreign_plan_is_refused(workspace):
    workspace.write('main.tf', CONFIG)
    workspace.ok('plan', '-out=p')
    path = os.path.join(workspace.path, 'p')
    with open(path, 'rb') as f:
        whole = f.read()
    for cut in (1, 7, len(whole) // 2, len(whole) - 1):
        with open(path, 'wb') as f:
            f.write(whole[:cut])
        done = workspace.run('apply', 'p')
        assert done.returncode == 1 and 'Error:' in done.stderr
    for at in range(0, len(whole), max(1, len(whole) // 23)):
        with open(path, 'wb') as f:
            f.write(whole[:at] + bytes([whole[at] ^ 0xff]) + whole[at + 1:])
        assert workspace.run('apply', 'p').returncode == 1
    assert not os.path.exists(os.path.join(workspace.path, 'terraform.tfstate'))


def test_a_stale_plan_is_refused(workspace):
    workspace.write('main.tf', CONFIG)
    workspace.ok('plan', '-out=p')
    workspace.ok('apply', '-auto-approve')
    done = workspace.run('apply', 'p')
    assert done.returncode == 1 and 'Saved plan is stale' in done.stderr


def test_a_held_lock_names_its_holder_and_can_be_waited_for(workspace):
    workspace.write('main.tf', '%sresource "terraform_data" "slow" {\n  provisioner "local-exec" {\n'
                    '    command = "sleep 3"\n  }\n}\n' % CONFIG)
    slow = subprocess.Popen([LOAM, 'apply', '-auto-approve'], cwd=workspace.path, env=workspace.env,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lock = os.path.join(workspace.path, '.terraform.tfstate.lock.info')
    for _ in range(200):
        if os.path.exists(lock):
            break
        time.sleep(0.02)
    held = json.loads(workspace.read('.terraform.tfstate.lock.info'))
    done = workspace.run('plan')
    assert done.returncode == 1
    assert 'Error acquiring the state lock' in done.stderr and held['ID'] in done.stderr
    assert workspace.run('plan', '-lock-timeout=30s').returncode == 0
    assert slow.wait() == 0, slow.stdout.read()
    slow.stdout.close()


def bound_by_permissions(*command):
    """The command line that runs COMMAND as one whom file permissions stop, even under root."""
    if os.getuid():
        return list(command)
    return ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--', *command]


@pytest.mark.parametrize('command', [
    ('apply', '-auto-approve'), ('plan', '-out=p'), ('init',), ('workspace', 'new', 'other'),
    ('serve', '--listen', '127.0.0.1:0', '--data', 'below')])
def test_a_read_only_folder_is_one_clear_error(workspace, command):
    workspace.write('main.tf', CONFIG)
    os.chmod(workspace.path, 0o555)
    try:
        done = subprocess.run(bound_by_permissions(LOAM, *command), cwd=workspace.path, text=True,
                              env=workspace.env, capture_output=True, timeout=60)
    finally:
        os.chmod(workspace.path, 0o755)
    assert done.returncode == 1
    assert done.stderr.lower().count('error:') <= 1 and 'ermission denied' in done.stderr
    assert os.listdir(workspace.path) == ['main.tf']


def test_a_taken_port_is_one_clear_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        done = subprocess.run([LOAM, 'serve', '--listen', '127.0.0.1:%d' % taken.getsockname()[1],
                               '--data', str(tmp_path / 'd')], env=clean_env(tmp_path),
                              capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert len(done.stderr.strip().split('\n')) == 1 and str(taken) is not None


def test_the_server_loses_no_acknowledged_write(tmp_path):
    data = tmp_path / 'data'
    data.mkdir()
    server = Server(data)
    for number in range(20):
        server.client().create_user(UserName='user%d' % number)
        server.kill()
        server.start()
        users = [u['UserName'] for u in server.client().list_users()['Users']]
        assert sorted(users) == sorted('user%d' % n for n in range(number + 1))
    server.kill()


def test_secrets_stay_out_of_database_and_logs(tmp_path):
    data = tmp_path / 'data'
    data.mkdir()
    server = Server(data)
    iam = server.client()
    iam.create_user(UserName='alice')
    secret = iam.create_access_key(UserName='alice')['AccessKey']['SecretAccessKey']
    iam.create_login_profile(UserName='alice', Password='Correct-Horse-9')
    assert server.stop() == 0
    for folder, _, names in os.walk(data):
        for name in names:
            with open(os.path.join(folder, name), 'rb') as f:
                content = f.read()
            assert secret.encode() not in content and b'Correct-Horse-9' not in content, name


def test_ephemeral_variables_are_written_nowhere(workspace):
    workspace.write('main.tf', 'variable "e" { ephemeral = true }\n'
                    'resource "terraform_data" "a" {\n'
                    '  provisioner "local-exec" { command = "echo ${var.e} > out" }\n}\n')
    workspace.ok('plan', '-out=p', '-var=e=a-secret-value')
    with open(os.path.join(workspace.path, 'p'), 'rb') as f:
        assert b'a-secret-value' not in f.read()
    refused = workspace.run('apply', 'p')
    assert refused.returncode == 1
    assert 'must also be set during the apply phase' in ' '.join(refused.stderr.split())
    workspace.ok('apply', '-var=e=another', 'p')
    assert workspace.read('out') == 'another\n'
    assert 'another' not in workspace.read('terraform.tfstate')
