# SPDX-License-Identifier: Apache-2.0
"""remote-exec and file over the system's ssh against a real server."""
import json
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from conftest import LOAM
from sshd import needs_sshd, sshd  # noqa: F401

pytestmark = needs_sshd


@pytest.fixture(autouse=True)
def clean(sshd):  # noqa: F811
    for name in os.listdir(sshd.path('there')):
        path = sshd.path('there/' + name)
        if os.path.isdir(path):
            shutil.rmtree(path)
        else:
            os.remove(path)


def resource(*parts, name='a'):
    return 'resource "terraform_data" "%s" {\n    %s\n}\n' % (name, '\n    '.join(parts))


def remote(text):
    return 'provisioner "remote-exec" {\n      %s\n    }' % text


def copy(source, destination):
    return 'provisioner "file" {\n      %s\n      destination = "%s"\n    }' % (source, destination)


def apply(workspace, text, ok=True):
    workspace.write('main.tf', text)
    done = workspace.run('apply', '-auto-approve', '-no-color')
    assert (done.returncode == 0) == ok, done.stdout + done.stderr
    return done.stdout if ok else ' '.join(done.stderr.split())


def lines(text):
    return [line.split(': ', 1)[1] for line in text.split('\n') if line.startswith('terraform_data.a (remote-exec): ')]


def test_inline(workspace, sshd):  # noqa: F811
    said = apply(workspace, resource(sshd.connection(), remote(
        'inline = ["echo out", "echo err >&2", "id -un", "echo $0", "touch %s"]' % sshd.path('there/x'))))
    assert os.path.exists(sshd.path('there/x'))
    told = lines(said)
    assert told[0] == 'Connecting to remote host via SSH...' and '  Host: 127.0.0.1' in told and 'Connected!' in told
    assert {'out', 'err', sshd.user} <= set(told)
    assert [t for t in told if re.fullmatch(r'/tmp/terraform_\d+\.sh', t)]
    assert '1 added' in said


def test_scripts(workspace, sshd):  # noqa: F811
    workspace.write('one.sh', '#!/bin/bash\necho "${BASH_VERSION:+bash}"\n')
    workspace.write('two.sh', 'echo two; exit 3\n')
    workspace.write('three.sh', 'echo three\n')
    path = sshd.path('there/my script.sh')
    said = apply(workspace, resource(sshd.connection(script_path='"%s"' % path), remote('script = "one.sh"')))
    assert 'bash' in lines(said)
    assert open(path, encoding='ascii').read() == ''  # what it held does not stay
    workspace.ok('destroy', '-auto-approve')
    workspace.write('main.tf', resource(sshd.connection(), remote('scripts = ["one.sh", "two.sh", "three.sh"]')))
    done = workspace.run('apply', '-auto-approve', '-no-color')
    assert done.returncode == 1 and 'bash' in lines(done.stdout) and 'two' in lines(done.stdout)
    assert 'three' not in lines(done.stdout)
    assert re.search(r'error executing "/tmp/terraform_\d+\.sh": Process exited with status 3', ' '.join(done.stderr.split()))
    assert json.loads(workspace.read('terraform.tfstate'))['resources'][0]['instances'][0]['status'] == 'tainted'


def test_on_failure(workspace, sshd):  # noqa: F811
    text = resource(sshd.connection(), remote('inline = ["exit 3"]\n      on_failure = continue'),
                    remote('inline = ["echo next"]'))
    said = apply(workspace, text)
    assert 'next' in lines(said) and '1 added' in said


@pytest.mark.parametrize('inner, want', [
    ('script = "none.sh"', "Failed to open script 'none.sh'"), ('inline = []', 'Error reading script: EOF'),
    ('inline = [""]', 'invalid empty string'), ('script = ""', 'invalid empty string')])
def test_scripts_that_are_none(workspace, sshd, inner, want):  # noqa: F811
    assert want in apply(workspace, resource(sshd.connection(), remote(inner)), ok=False)


def test_secrets(workspace, sshd):  # noqa: F811
    said = apply(workspace, resource(sshd.connection(), remote('inline = ["echo ${sensitive("zzz")}"]')))
    assert 'zzz' not in said and '(output suppressed due to sensitive value in config)' in said


def test_destroy(workspace, sshd):  # noqa: F811
    connection = sshd.connection()
    workspace.write('main.tf', resource('input = "bye"', connection, remote(
        'when = destroy\n      inline = ["echo ${self.input} > %s"]' % sshd.path('there/x'))))
    workspace.ok('apply', '-auto-approve')
    assert not os.path.exists(sshd.path('there/x'))
    workspace.ok('destroy', '-auto-approve')
    assert sshd.read('there/x') == 'bye\n'


def test_files(workspace, sshd):  # noqa: F811
    there = sshd.path('there')
    for name, text in (('s', 'abc\n'), ('dd/a', '1'), ('dd/e/b', '2')):
        workspace.write(name, text)
    said = apply(workspace, resource(
        sshd.connection(), copy('source = "s"', there + "/it's"), copy('content = "é\\n"', there + '/c'),
        copy('source = "dd"', there + '/new'), copy('source = "dd"', there), copy('source = "dd/"', there + '/flat')))
    found = {os.path.relpath(os.path.join(d, f), there) for d, _, files in os.walk(there) for f in files}
    assert found == {"it's", 'c', 'new/a', 'new/e/b', 'dd/a', 'dd/e/b', 'flat/a', 'flat/e/b'}
    assert sshd.read("there/it's") == 'abc\n' and sshd.read('there/c') == 'é\n'
    assert 'Connecting' not in said
    workspace.ok('destroy', '-auto-approve')
    text = resource(sshd.connection(), copy('content = "x"', there + '/no/f'))
    assert 'Upload failed: ' in apply(workspace, text, ok=False)
    text = resource(sshd.connection(), copy('source = "none"', there + '/f'))
    assert 'none: no such file or directory' in apply(workspace, text, ok=False)


def test_the_host_key_is_checked(workspace, sshd):  # noqa: F811
    key = 'file("%s.pub")'
    hello = remote('inline = ["echo hi"]')
    said = apply(workspace, resource(sshd.connection(host_key=key % sshd.path('host')), hello))
    assert 'hi' in lines(said) and '  Checking Host Key: true' in lines(said)
    workspace.ok('destroy', '-auto-approve')
    said = apply(workspace, resource(sshd.connection(host_key=key % sshd.path('client'), timeout='"1s"'), hello), ok=False)
    assert 'timeout - last error: SSH authentication failed (%s@127.0.0.1:%d): ssh: handshake failed: knownhosts' % (
        sshd.user, sshd.port) in said


def test_keys_certificates_and_agents(workspace, sshd):  # noqa: F811
    hello = remote('inline = ["echo hi"]')
    said = apply(workspace, resource(sshd.connection(key='stranger', timeout='"1s"'), hello), ok=False)
    assert 'ssh: unable to authenticate, attempted methods [none publickey]' in said
    said = apply(workspace, resource(sshd.connection(private_key='"zz"'), hello), ok=False)
    assert 'Failed to read ssh private key: no key found' in said
    certificate = 'file("%s-cert.pub")' % sshd.path('stranger')
    assert 'hi' in lines(apply(workspace, resource(sshd.connection(key='stranger', certificate=certificate), hello)))
    workspace.ok('destroy', '-auto-approve')
    agent = dict(line.split(';')[0].split('=') for line in subprocess.run(
        ['ssh-agent', '-s'], check=True, capture_output=True, text=True, timeout=30).stdout.split('\n')[:2])
    try:
        subprocess.run(['ssh-add', '-q', sshd.path('client')], env=dict(os.environ, **agent), check=True, timeout=30)
        workspace.env.update(agent)
        said = apply(workspace, resource(sshd.connection(agent='true', private_key=None), hello))
        assert 'hi' in lines(said) and '  SSH Agent: true' in lines(said)
        workspace.ok('destroy', '-auto-approve')
        text = resource(sshd.connection(private_key=None, timeout='"1s"'), hello)  # agent = false
        assert 'unable to authenticate' in apply(workspace, text, ok=False)
    finally:
        os.kill(int(agent['SSH_AGENT_PID']), signal.SIGTERM)


def test_bastions(workspace, sshd):  # noqa: F811
    hello = remote('inline = ["echo hi $(echo $SSH_CONNECTION | wc -w)"]')
    way = {'bastion_host': '"127.0.0.1"', 'bastion_port': str(sshd.port),
           'bastion_private_key': 'file("%s")' % sshd.path('client')}
    assert 'hi 4' in lines(apply(workspace, resource(sshd.connection(**way), hello)))
    workspace.ok('destroy', '-auto-approve')
    way['bastion_host_key'] = 'file("%s")' % sshd.path('host.pub')
    assert 'hi 4' in lines(apply(workspace, resource(sshd.connection(**way), hello)))
    workspace.ok('destroy', '-auto-approve')
    way['bastion_host_key'] = 'file("%s")' % sshd.path('client.pub')
    said = apply(workspace, resource(sshd.connection(timeout='"1s"', **way), hello), ok=False)
    assert 'knownhosts: key mismatch' in said
    way['bastion_port'] = '1'
    said = apply(workspace, resource(sshd.connection(timeout='"1s"', **way), hello), ok=False)
    assert 'Error connecting to bastion: dial tcp 127.0.0.1:1: connect: connection refused' in said


def test_a_connection_inside_a_provisioner_changes_that_of_the_resource(workspace, sshd):  # noqa: F811
    inner = 'inline = ["echo hi"]\n      connection {\n        port = %d\n      }' % sshd.port
    assert 'hi' in lines(apply(workspace, resource(sshd.connection(port='1'), remote(inner))))


@pytest.mark.parametrize('change, want', [
    ({'host': '""'}, 'host for provisioner cannot be empty'), ({'type': '"telnet"'}, "connection type 'telnet' not supported"),
    ({'proxy_host': '"x"'}, 'connections through a proxy are not supported'),
    ({'port': '1', 'timeout': '"1s"'}, 'timeout - last error: dial tcp 127.0.0.1:1: connect: connection refused')])
def test_connections_that_are_none(workspace, sshd, change, want):  # noqa: F811
    assert want in apply(workspace, resource(sshd.connection(**change), remote('inline = ["echo hi"]')), ok=False)


def test_a_server_that_comes_late_is_waited_for(workspace, sshd):  # noqa: F811
    sshd.process.terminate()
    sshd.process.wait(20)
    workspace.write('main.tf', resource(sshd.connection(timeout='"60s"'), remote('inline = ["echo hi"]')))
    running = subprocess.Popen([LOAM, 'apply', '-auto-approve', '-no-color'], cwd=workspace.path, env=workspace.env,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        for line in running.stdout:
            if 'Connecting' in line:
                break
    finally:
        sshd.start()
    assert 'hi' in running.communicate(timeout=60)[0] and running.returncode == 0


@pytest.mark.parametrize('times', [1, 2])
def test_an_interrupt_while_a_script_runs(workspace, sshd, times):  # noqa: F811
    mark = sshd.path('there/started')
    script = 'inline = ["touch %s", "for i in $(seq 1 %d); do sleep 0.1; done", "touch %s-done"]' % (
        mark, 20 if times == 1 else 600, mark)
    workspace.write('main.tf', resource(sshd.connection(), remote(script)) + resource(
        'depends_on = [terraform_data.a]', name='after'))
    running = subprocess.Popen([LOAM, 'apply', '-auto-approve', '-no-color'], cwd=workspace.path, env=workspace.env,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    deadline = time.monotonic() + 60
    while not os.path.exists(mark):
        assert time.monotonic() < deadline and running.poll() is None
        time.sleep(0.05)
    for _ in range(times):
        running.send_signal(signal.SIGINT)
        time.sleep(0.3)
    said = running.communicate(timeout=40)[0]
    assert running.returncode == 1 and 'Interrupt received' in said
    state = json.loads(workspace.ok('state', 'pull'))
    assert [r['name'] for r in state['resources']] == ['a']
    assert os.path.exists(mark + '-done') == (times == 1)
    if times == 2:
        assert state['resources'][0]['instances'][0]['status'] == 'tainted'
