# SPDX-License-Identifier: Apache-2.0
"""What black-box tests share: the program, a workspace, a running server, who signs identities."""
import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests'))
LOAM = os.environ.get('LOAM') or os.path.join(ROOT, 'build', 'loam')
KEY = ('AKIDBLACKBOX00000001', 'black-box-secret-access-key')


def clean_env(home, **more):
    env = {k: v for k, v in os.environ.items() if not k.startswith(('TF_', 'AWS_', 'LOAM_'))}
    env.update(HOME=str(home), AWS_EC2_METADATA_DISABLED='true', NO_COLOR='1', **more)
    return env


class Workspace:
    """A folder with configuration, in which loam runs."""

    def __init__(self, path, env):
        self.path, self.env = str(path), env

    def write(self, name, text):
        target = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, 'w', encoding='utf8') as f:
            f.write(text)
        return target

    def read(self, name):
        with open(os.path.join(self.path, name), encoding='utf8') as f:
            return f.read()

    def run(self, *args, stdin='', timeout=120, env=None):
        return subprocess.run([LOAM, *args], cwd=self.path, env=dict(self.env, **(env or {})),
                              input=stdin, capture_output=True, text=True, timeout=timeout)

    def ok(self, *args, **more):
        done = self.run(*args, **more)
        assert done.returncode == 0, '%s\n%s\n%s' % (args, done.stdout, done.stderr)
        return done.stdout


@pytest.fixture
def workspace(tmp_path):
    path = tmp_path / 'work'
    path.mkdir()
    return Workspace(path, clean_env(tmp_path))


@pytest.fixture
def tutorial(tmp_path):
    """The tutorial's workspace without its import, on an account in a file."""
    path = tmp_path / 'work'
    shutil.copytree(os.path.join(ROOT, 'examples', 'iam-users'), path)
    os.remove(path / 'imports.tf')
    return Workspace(path, clean_env(tmp_path, AWS_ENDPOINT_URL='loam:%s' % (tmp_path / 'iam.db'),
                                     AWS_REGION='us-east-1'))


class Server:
    def __init__(self, data, *args):
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            self.port = probe.getsockname()[1]
        self.url = 'http://127.0.0.1:%d' % self.port
        self.argv = [LOAM, 'serve', '--listen', '127.0.0.1:%d' % self.port, '--data', str(data), *args]
        self.env = clean_env(data, LOAM_ROOT_ACCESS_KEY_ID=KEY[0],
                             LOAM_ROOT_SECRET_ACCESS_KEY=KEY[1])
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.argv, env=self.env, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                socket.create_connection(('127.0.0.1', self.port), 0.2).close()
                return
            except OSError:
                assert self.process.poll() is None, self.process.stdout.read()
                time.sleep(0.02)
        raise AssertionError('the server does not answer')

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        self.process.terminate()
        code = self.process.wait(20)
        self.process.stdout.close()
        return code

    def client(self, service='iam', key=KEY, **more):
        import boto3
        from botocore.config import Config
        return boto3.client(service, region_name='us-east-1', endpoint_url=self.url,
                            aws_access_key_id=key[0], aws_secret_access_key=key[1],
                            config=Config(retries={'max_attempts': 0}), **more)


@pytest.fixture
def server(tmp_path):
    data = tmp_path / 'data'
    data.mkdir()
    running = Server(data)
    yield running
    if running.process.poll() is None:
        running.kill()


def b64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip('=')


class Issuer:
    """An OpenID Connect issuer, https://id.example.com/x, whose keys are in a server's data folder."""

    url, name = 'https://id.example.com/x', 'id.example.com/x'

    def __init__(self, path, data):
        self.pem = str(path / 'issuer.pem')
        subprocess.run(['openssl', 'genrsa', '-out', self.pem, '2048'], check=True, capture_output=True, timeout=60)
        modulus = subprocess.run(['openssl', 'rsa', '-in', self.pem, '-noout', '-modulus'], check=True,
                                 capture_output=True, text=True, timeout=30).stdout
        (data / 'jwks').mkdir()
        (data / 'jwks' / 'id.example.com_x.json').write_text(json.dumps({'keys': [
            {'kty': 'RSA', 'kid': '1', 'n': b64(bytes.fromhex(modulus.strip().split('=')[1])), 'e': 'AQAB'}]}))

    def token(self, **claims):
        """A signed token, of subject "me" for client "app" and a minute, unless told."""
        told = dict({'iss': self.url, 'aud': 'app', 'sub': 'me', 'exp': int(time.time()) + 60}, **claims)
        part = b64(b'{"alg":"RS256","kid":"1"}') + '.' + b64(json.dumps(told).encode())
        signature = subprocess.run(['openssl', 'dgst', '-sha256', '-sign', self.pem], input=part.encode(),
                                   check=True, capture_output=True, timeout=30).stdout
        return part + '.' + b64(signature)

    def add_role(self, iam, role):
        """A role that the issuer's subject "me" may have, and the provider if there is none; its ARN."""
        if not iam.list_open_id_connect_providers()['OpenIDConnectProviderList']:
            iam.create_open_id_connect_provider(Url=self.url, ClientIDList=['app'], ThumbprintList=['a' * 40])
        provider = iam.list_open_id_connect_providers()['OpenIDConnectProviderList'][0]['Arn']
        statement = {'Effect': 'Allow', 'Principal': {'Federated': provider}, 'Action': 'sts:AssumeRoleWithWebIdentity',
                     'Condition': {'StringEquals': {self.name + ':sub': 'me'}}}
        return iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(
            {'Version': '2012-10-17', 'Statement': [statement]}))['Role']['Arn']


class Web:
    """Answers GET by path; keeps what was asked."""

    def __init__(self):
        self.pages, self.asked = {}, []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                web.asked.append((self.path, self.headers.get('Authorization')))
                status, headers, body = web.pages.get(self.path, (404, {}, b''))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = 'http://127.0.0.1:%d' % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def page(self, path, body=b'', status=200, **headers):
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        self.pages[path] = (status, {k.replace('_', '-'): v for k, v in headers.items()}, body)


@pytest.fixture
def web():
    it = Web()
    yield it
    it.server.shutdown()
