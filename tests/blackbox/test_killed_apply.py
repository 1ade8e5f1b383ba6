# SPDX-License-Identifier: Apache-2.0
"""An apply is killed around every API call it makes; nothing may be orphaned or forgotten."""
import http.client
import http.server
import json
import os
import shutil
import signal
import subprocess
import threading

import pytest

from conftest import KEY, LOAM, ROOT, Workspace, clean_env

WRITES = ('Create', 'Put', 'Attach', 'Tag', 'Update', 'Delete', 'Detach', 'Untag')


class Proxy(http.server.ThreadingHTTPServer):
    """Passes requests on; kills a process before or after the n-th one that writes."""
    daemon_threads = True

    def __init__(self, target):
        super().__init__(('127.0.0.1', 0), Handler)
        self.target, self.lock = target, threading.Lock()
        self.count, self.kill_at, self.before, self.victim = 0, None, False, None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def arm(self, kill_at, before):
        with self.lock:
            self.count, self.kill_at, self.before = 0, kill_at, before

    def shoot(self):
        if self.victim and self.victim.poll() is None:
            self.victim.send_signal(signal.SIGKILL)

    def handle_error(self, request, client_address):
        pass  # the victim closed its connections


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        writes = any(body.startswith(b'Action=' + w.encode()) for w in WRITES)
        with self.server.lock:
            self.server.count += writes
            mine = writes and self.server.count == self.server.kill_at
        if mine and self.server.before:
            self.server.shoot()
            return
        to = http.client.HTTPConnection('127.0.0.1', self.server.target, timeout=30)
        to.request('POST', self.path, body, dict(self.headers))
        answer = to.getresponse()
        data = answer.read()
        if mine:
            self.server.shoot()
            return
        self.send_response(answer.status)
        self.send_header('Content-Length', str(len(data)))
        for name in ('Content-Type', 'x-amzn-RequestId'):
            if answer.headers.get(name):
                self.send_header(name, answer.headers[name])
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


def names(server):
    answer = server.client().get_account_authorization_details()
    return (sorted((u['UserName'], sorted(p['PolicyName'] for p in u['AttachedManagedPolicies']))
                   for u in answer['UserDetailList']),
            sorted(r['RoleName'] for r in answer['RoleDetailList']),
            sorted(p['PolicyName'] for p in answer['Policies']))


def managed(workspace):
    state = json.loads(workspace.read('terraform.tfstate'))
    return sorted('%s.%s%s' % (r['type'], r['name'], i.get('index_key', ''))
                  for r in state['resources'] if r['mode'] == 'managed' for i in r['instances'])


def fresh(tmp_path, number, proxy):
    path = tmp_path / ('work%d' % number)
    shutil.copytree(os.path.join(ROOT, 'examples', 'iam-users'), path)
    os.remove(path / 'imports.tf')
    return Workspace(path, clean_env(tmp_path, AWS_ENDPOINT_URL='http://127.0.0.1:%d' % proxy.server_port,
                                     AWS_ACCESS_KEY_ID=KEY[0], AWS_SECRET_ACCESS_KEY=KEY[1],
                                     AWS_REGION='us-east-1', AWS_MAX_ATTEMPTS='1'))


def apply_killed(workspace, proxy, kill_at, before):
    proxy.arm(kill_at, before)
    process = subprocess.Popen([LOAM, 'apply', '-auto-approve', '-parallelism=1'],
                               cwd=workspace.path, env=workspace.env, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
    proxy.victim = process
    process.communicate(timeout=120)
    proxy.arm(None, False)
    return process.returncode == -signal.SIGKILL


@pytest.mark.parametrize('before', [True, False], ids=['before the call', 'after the call'])
def test_nothing_is_lost(tmp_path, server, before):
    proxy = Proxy(server.port)
    whole = fresh(tmp_path, 0, proxy)
    whole.ok('apply', '-auto-approve')
    wanted, addresses = names(server), managed(whole)
    whole.ok('destroy', '-auto-approve')
    number, killed = 1, 0
    while True:
        workspace = fresh(tmp_path, number, proxy)
        if not apply_killed(workspace, proxy, number, before):
            break
        killed += 1
        workspace.ok('apply', '-auto-approve')
        assert names(server) == wanted, 'killed at write %d' % number
        assert managed(workspace) == addresses, 'killed at write %d' % number
        again = workspace.run('plan', '-detailed-exitcode')
        assert again.returncode == 0, again.stdout + again.stderr
        workspace.ok('destroy', '-auto-approve')
        assert names(server) == ([], [], [])
        number += 1
    assert killed >= 14
    proxy.shutdown()
