# SPDX-License-Identifier: Apache-2.0
"""Where the AWS provider's credentials come from: each source of the chain, played by a small server."""
import base64
import hashlib
import hmac
import json
import os
import pty
import select
import stat
import struct
import subprocess
import threading
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conftest import KEY, LOAM, Issuer

CONFIG = '''
provider "aws" {
  region = "us-east-1"
  %s
}
data "aws_caller_identity" "me" {}
output "arn" {
  value = data.aws_caller_identity.me.arn
}
'''


def stamp(seconds):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).strftime('%Y-%m-%dT%H:%M:%SZ')


class Sources:
    """Metadata services: answers by method and path; what was asked is kept."""

    def __init__(self):
        self.answers, self.asked = {}, []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                length = int(self.headers.get('Content-Length') or 0)
                body = self.rfile.read(length).decode()
                outer.asked.append((self.command, self.path, dict(self.headers), body))
                found = outer.answers.get((self.command, self.path.split('?')[0]))
                status, text = found(self, body) if found else (404, '')
                self.send_response(status)
                self.send_header('Content-Length', str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_PUT = do_POST = answer

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = 'http://127.0.0.1:%d' % self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def count(self, path):
        return sum(asked[1].split('?')[0] == path for asked in self.asked)


@pytest.fixture
def sources():
    made = Sources()
    yield made
    made.http.shutdown()
    made.http.server_close()


class Place:
    """A workspace with nothing in its environment but the server's address, and users to tell apart."""

    def __init__(self, workspace, server, tmp_path):
        self.workspace, self.server, self.home = workspace, server, tmp_path
        self.iam = server.client()
        workspace.env['AWS_ENDPOINT_URL'] = server.url
        (tmp_path / '.aws').mkdir()
        self.write()

    def write(self, block=''):
        self.workspace.write('main.tf', CONFIG % block)

    def files(self, config='', credentials=''):
        (self.home / '.aws' / 'config').write_text(config)
        (self.home / '.aws' / 'credentials').write_text(credentials)

    def user(self, name):
        self.iam.create_user(UserName=name)
        self.iam.put_user_policy(UserName=name, PolicyName='all', PolicyDocument=json.dumps(
            {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}]}))
        made = self.iam.create_access_key(UserName=name)['AccessKey']
        return made['AccessKeyId'], made['SecretAccessKey']

    def role(self, name, principal='*', condition=None):
        statement = {'Effect': 'Allow', 'Action': ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
                     'Principal': {'AWS': principal}}
        if condition:
            statement['Condition'] = condition
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(
            {'Version': '2012-10-17', 'Statement': [statement]}))
        self.iam.put_role_policy(RoleName=name, PolicyName='all', PolicyDocument=json.dumps(
            {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}]}))
        return 'arn:aws:iam::123456789012:role/' + name

    def arn(self, **env):
        self.workspace.ok('apply', '-auto-approve', env=env)
        return self.workspace.ok('output', '-raw', 'arn')

    def fault(self, **env):
        done = self.workspace.run('plan', env=env)
        assert done.returncode == 1
        return ' '.join(done.stderr.split())


@pytest.fixture
def place(workspace, server, tmp_path):
    return Place(workspace, server, tmp_path)


def keys_json(key, expires=None, token='', name='Token'):
    told = {'AccessKeyId': key[0], 'SecretAccessKey': key[1], name: token, 'Version': 1, 'Code': 'Success'}
    if expires:
        told['Expiration'] = expires
    return json.dumps(told)


def test_environment_and_block(place):
    one, two = place.user('one'), place.user('two')
    env = {'AWS_ACCESS_KEY_ID': one[0], 'AWS_SECRET_ACCESS_KEY': one[1]}
    assert place.arn(**env).endswith(':user/one')
    place.write('access_key = "%s"\n  secret_key = "%s"' % two)
    assert place.arn(**env).endswith(':user/two')


def test_profiles_of_the_credentials_file(place):
    one, two, three = place.user('one'), place.user('two'), place.user('three')
    text = ''.join('[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n' % (n, *k)
                   for n, k in (('default', one), ('two', two)))
    place.files(credentials=text, config='[profile three]\naws_access_key_id=%s\naws_secret_access_key=%s\n' % three)
    assert place.arn().endswith(':user/one')
    assert place.arn(AWS_PROFILE='two').endswith(':user/two')
    assert place.arn(AWS_PROFILE='three').endswith(':user/three')
    place.write('profile = "two"')
    env = {'AWS_ACCESS_KEY_ID': three[0], 'AWS_SECRET_ACCESS_KEY': three[1]}
    assert place.arn(**env).endswith(':user/two')  # the block's profile comes before the environment
    place.write('profile = "nobody"')
    assert 'failed to get shared config profile, nobody' in place.fault()


def test_other_files(place, tmp_path):
    (tmp_path / 'elsewhere').write_text('[default]\naws_access_key_id=%s\naws_secret_access_key=%s\n' % place.user('one'))
    assert place.arn(AWS_SHARED_CREDENTIALS_FILE=str(tmp_path / 'elsewhere')).endswith(':user/one')
    place.write('shared_credentials_files = ["%s"]' % (tmp_path / 'elsewhere'))
    assert place.arn().endswith(':user/one')


def test_roles_of_profiles(place):
    one = place.user('one')
    first = place.role('first', condition={'StringEquals': {'sts:ExternalId': 'x-1'}})
    second = place.role('second', principal=first)
    place.files('[profile base]\naws_access_key_id=%s\naws_secret_access_key=%s\n' % one +
                '[profile a]\nrole_arn=%s\nsource_profile=base\nexternal_id=x-1\nrole_session_name=me\nduration_seconds=900\n' % first +
                '[profile b]\nrole_arn=%s\nsource_profile=a\nrole_session_name=me2\n' % second +
                '[profile env]\nrole_arn=%s\ncredential_source=Environment\nexternal_id=x-1\nrole_session_name=me3\n' % first +
                '[profile wrong]\nrole_arn=%s\nsource_profile=base\n' % first)
    assert place.arn(AWS_PROFILE='a').endswith(':assumed-role/first/me')
    assert place.arn(AWS_PROFILE='b').endswith(':assumed-role/second/me2')
    place.write('profile = "env"')
    assert place.arn(AWS_ACCESS_KEY_ID=one[0], AWS_SECRET_ACCESS_KEY=one[1]).endswith(':assumed-role/first/me3')
    place.write('profile = "wrong"')
    said = place.fault()
    assert 'IAM Role (%s) cannot be assumed' % first in said and 'STS: AssumeRole' in said and 'AccessDenied' in said


def test_roles_of_the_block(place):
    one = place.user('one')
    first = place.role('first')
    second = place.role('second', principal=first)
    env = {'AWS_ACCESS_KEY_ID': one[0], 'AWS_SECRET_ACCESS_KEY': one[1]}
    block = ('assume_role {\n    role_arn = "%s"\n    session_name = "s1"\n    tags = { Team = "a" }\n'
             '    transitive_tag_keys = ["Team"]\n    source_identity = "ann"\n    duration = "30m"\n  }\n' % first)
    place.write(block)
    assert place.arn(**env).endswith(':assumed-role/first/s1')
    place.write(block + '  assume_role {\n    role_arn = "%s"\n    session_name = "s2"\n    external_id = "ex"\n  }' % second)
    assert place.arn(**env).endswith(':assumed-role/second/s2')
    place.write('assume_role {\n    role_arn = "arn:aws:iam::123456789012:role/nobody"\n  }')
    said = place.fault(**env)
    assert 'Cannot assume IAM Role' in said and 'not authorized to perform: sts:AssumeRole' in said
    assert 'IAM Role (arn:aws:iam::123456789012:role/nobody) cannot be assumed. There are a number' in said
    assert 'No valid credential sources' in place.fault()
    place.write('assume_role {\n    role_arn = ""\n  }')
    assert 'IAM Role ARN not set' in place.fault(**env)


def test_a_process(place, tmp_path):
    script = tmp_path / 'give.sh'
    script.write_text("#!/bin/sh\necho '%s'\n" % keys_json(place.user('one'), name='SessionToken'))
    script.chmod(0o700)
    place.files('[default]\ncredential_process = %s\n' % script)
    assert place.arn().endswith(':user/one')
    script.write_text('#!/bin/sh\nexit 3\n')
    assert 'credential_process failed with exit status 3' in place.fault()
    script.write_text('#!/bin/sh\necho no json\n')
    assert 'not a JSON object' in place.fault()


def test_instance_metadata(place, sources):
    roles = '/latest/meta-data/iam/security-credentials/'
    seen = []
    sources.answers = {
        ('PUT', '/latest/api/token'): lambda h, b: (200, 'tok'),
        ('GET', roles): lambda h, b: (200, 'app') if h.headers['X-aws-ec2-metadata-token'] == 'tok' else (401, ''),
        ('GET', roles + 'app'): lambda h, b: (seen.append(1), (200, keys_json(one, stamp(3600))))[1],
    }
    one = place.user('one')
    env = {'AWS_EC2_METADATA_DISABLED': '', 'AWS_EC2_METADATA_SERVICE_ENDPOINT': sources.url}
    assert place.arn(**env).endswith(':user/one') and seen
    assert {k.lower(): v for k, v in sources.asked[0][2].items()}['x-aws-ec2-metadata-token-ttl-seconds'] == '21600'
    # Version 1 where there is no token, unless that is forbidden.
    sources.answers[('PUT', '/latest/api/token')] = lambda h, b: (403, '')
    sources.answers[('GET', roles)] = lambda h, b: (200, 'app')
    assert place.arn(**env).endswith(':user/one')
    assert 'No valid credential sources found' in place.fault(AWS_EC2_METADATA_V1_DISABLED='true', **env)
    place.write('skip_metadata_api_check = "true"')
    assert 'EC2 instance metadata: switched off' in place.fault(**env)
    place.write('ec2_metadata_service_endpoint = "%s"' % sources.url)
    assert place.arn(AWS_EC2_METADATA_DISABLED='').endswith(':user/one')


def test_containers(place, sources, tmp_path):
    one = place.user('one')
    sources.answers = {('GET', '/creds'): lambda h, b: (200, keys_json(one, stamp(3600)))
                       if h.headers.get('Authorization') in ('Bearer abc', 'from-file') else (401, '')}
    env = {'AWS_CONTAINER_CREDENTIALS_FULL_URI': sources.url + '/creds'}
    assert place.arn(AWS_CONTAINER_AUTHORIZATION_TOKEN='Bearer abc', **env).endswith(':user/one')
    (tmp_path / 'token').write_text('from-file\n')  # as EKS Pod Identity mounts it
    assert place.arn(AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(tmp_path / 'token'), **env).endswith(':user/one')
    place.files('[default]\nregion = us-east-1\n')
    said = place.fault(**env)
    assert 'container: %s/creds answered HTTP 401' % sources.url in said
    said = place.fault(AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(tmp_path / 'none'), **env)
    assert 'none: no such file' in said.lower()
    said = place.fault(AWS_CONTAINER_CREDENTIALS_FULL_URI='http://127.example.com/creds')
    assert 'only HTTPS and loopback, ECS and EKS hosts are allowed' in said
    place.files('[default]\nrole_arn=%s\ncredential_source=EcsContainer\nrole_session_name=me\n' % place.role('first'))
    assert place.arn(AWS_CONTAINER_AUTHORIZATION_TOKEN='Bearer abc', **env).endswith(':assumed-role/first/me')


def test_sign_on_sessions(place, sources, tmp_path):
    one = place.user('one')
    cache = tmp_path / '.aws' / 'sso' / 'cache'
    cache.mkdir(parents=True)
    place.files('[profile me]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Admin\n'
                '[sso-session corp]\nsso_start_url = https://corp.example.com/start\nsso_region = eu-west-1\n'
                '[profile old]\nsso_start_url = https://old.example.com/start\nsso_region = eu-west-1\n'
                'sso_account_id = 123456789012\nsso_role_name = Admin\n')
    answer = json.dumps({'roleCredentials': {'accessKeyId': one[0], 'secretAccessKey': one[1], 'sessionToken': '',
                                             'expiration': int(time.time() + 3600) * 1000}})
    sources.answers = {
        ('GET', '/federation/credentials'): lambda h, b: (200, answer)
        if h.headers['x-amz-sso_bearer_token'] in ('first', 'second') else (401, ''),
        ('POST', '/token'): lambda h, b: (200, json.dumps({'accessToken': 'second', 'expiresIn': 3600, 'refreshToken': 'r2'}))
        if json.loads(b) == {'clientId': 'c', 'clientSecret': 's', 'grantType': 'refresh_token', 'refreshToken': 'r1'} else (400, ''),
    }
    env = {'AWS_ENDPOINT_URL_SSO': sources.url, 'AWS_ENDPOINT_URL_SSO_OIDC': sources.url, 'AWS_PROFILE': 'me'}
    said = place.fault(**env)
    assert 'the SSO session has expired or is invalid' in said and 'aws sso login' in said
    name = cache / (hashlib.sha1(b'corp').hexdigest() + '.json')
    name.write_text(json.dumps({'accessToken': 'first', 'expiresAt': stamp(3600)}))
    assert place.arn(**env).endswith(':user/one')
    assert 'role_name=Admin' in sources.asked[-1][1] and 'account_id=123456789012' in sources.asked[-1][1]
    # Expired: renewed with the token beside it, and the cache with it.
    name.write_text(json.dumps({'accessToken': 'first', 'expiresAt': stamp(-10), 'clientId': 'c', 'clientSecret': 's',
                                'refreshToken': 'r1', 'region': 'eu-west-1'}))
    assert place.arn(**env).endswith(':user/one')
    kept = json.loads(name.read_text())
    assert (kept['accessToken'], kept['refreshToken'], kept['region']) == ('second', 'r2', 'eu-west-1')
    assert kept['expiresAt'] > stamp(3000) and stat.S_IMODE(os.stat(name).st_mode) == 0o600
    old = cache / (hashlib.sha1(b'https://old.example.com/start').hexdigest() + '.json')
    old.write_text(json.dumps({'accessToken': 'first', 'expiresAt': stamp(3600)}))
    assert place.arn(**dict(env, AWS_PROFILE='old')).endswith(':user/one')
    old.write_text(json.dumps({'accessToken': 'revoked', 'expiresAt': stamp(3600)}))
    assert 'answered HTTP 401' in place.fault(**dict(env, AWS_PROFILE='old'))


def test_web_identity_files(place, tmp_path):
    """The token goes to STS as it is in the file; the faults name it and the role."""
    env = {'AWS_ROLE_ARN': 'arn:aws:iam::123456789012:role/web', 'AWS_WEB_IDENTITY_TOKEN_FILE': str(tmp_path / 'jwt')}
    said = place.fault(**env)
    assert 'reading web identity token %s' % (tmp_path / 'jwt') in said
    (tmp_path / 'jwt').write_text('not.a.token\n')
    said = place.fault(**env)
    assert 'IAM Role (arn:aws:iam::123456789012:role/web) cannot be assumed' in said
    assert 'STS: AssumeRoleWithWebIdentity' in said
    place.write('assume_role_with_web_identity {\n    role_arn = "arn:aws:iam::123456789012:role/other"\n'
                '    web_identity_token = "not.a.token"\n  }')
    assert 'IAM Role (arn:aws:iam::123456789012:role/other) cannot be assumed' in place.fault()


def test_web_identities_are_exchanged(place, tmp_path):
    """Environment, profile and block each get the role's keys for a token that its issuer signed."""
    issuer = Issuer(tmp_path, tmp_path / 'data')
    role, file = issuer.add_role(place.iam, 'web'), tmp_path / 'jwt'
    next_role = place.role('next', principal=role)
    place.iam.put_role_policy(RoleName='web', PolicyName='all', PolicyDocument=json.dumps(
        {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}]}))
    file.write_text(issuer.token())
    env = {'AWS_ROLE_ARN': role, 'AWS_WEB_IDENTITY_TOKEN_FILE': str(file)}
    assert place.arn(AWS_ROLE_SESSION_NAME='s1', **env).endswith(':assumed-role/web/s1')
    assert ':assumed-role/web/' in place.arn(**env)
    place.files('[profile web]\nrole_arn=%s\nweb_identity_token_file=%s\nrole_session_name=s2\n' % (role, file) +
                '[profile on]\nrole_arn=%s\nsource_profile=web\nrole_session_name=s3\n' % next_role)
    assert place.arn(AWS_PROFILE='web').endswith(':assumed-role/web/s2')
    assert place.arn(AWS_PROFILE='on').endswith(':assumed-role/next/s3')
    block = ('assume_role_with_web_identity {\n    role_arn = "%s"\n    session_name = "%s"\n'
             '    duration = "20m"\n    %s\n  }\n')
    place.write(block % (role, 's4', 'web_identity_token_file = "%s"' % file))
    assert place.arn().endswith(':assumed-role/web/s4')
    place.write(block % (role, 's5', 'web_identity_token = "%s"' % issuer.token()) +
                '  assume_role {\n    role_arn = "%s"\n    session_name = "s6"\n  }' % next_role)
    assert place.arn().endswith(':assumed-role/next/s6')
    place.write('assume_role_with_web_identity {\n    role_arn = "%s"\n    web_identity_token_file = "%s"\n  }' % (role, file))
    for claims, code in (({'exp': 1}, 'ExpiredToken'), ({'aud': 'another'}, 'InvalidIdentityToken'),
                         ({'sub': 'you'}, 'AccessDenied')):
        token = issuer.token(**claims)
        file.write_text(token)
        said = place.fault()
        assert 'Cannot assume IAM Role with web identity' in said and 'role/web) cannot be assumed with web identity token.' in said
        assert 'STS: AssumeRoleWithWebIdentity' in said and code in said and token not in said


def totp(seed):
    counter = struct.pack('>Q', int(time.time()) // 30)
    digest = hmac.new(base64.b32decode(seed), counter, 'sha1').digest()
    at = digest[-1] & 15
    return '%06d' % ((struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1000000)


def previous(seed):
    counter = struct.pack('>Q', int(time.time()) // 30 - 1)
    digest = hmac.new(base64.b32decode(seed), counter, 'sha1').digest()
    at = digest[-1] & 15
    return '%06d' % ((struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1000000)


def on_terminal(workspace, argv, env, answer):
    """Runs loam with a terminal of its own and answers the first question; its output and exit code."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(workspace.path)
        os.execve(LOAM, [LOAM, *argv], dict(workspace.env, **env))
    said, answered, deadline = b'', False, time.monotonic() + 60
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        if not piece:
            break
        said += piece
        if not answered and b'MFA code' in said:
            os.write(terminal, answer().encode() + b'\n')
            answered = True
    os.close(terminal)
    return said.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_mfa_is_asked_for(place):
    one = place.user('one')
    device = place.iam.create_virtual_mfa_device(VirtualMFADeviceName='phone')['VirtualMFADevice']
    seed = device['Base32StringSeed'].decode()
    place.iam.enable_mfa_device(UserName='one', SerialNumber=device['SerialNumber'], AuthenticationCode1=previous(seed),
                                AuthenticationCode2=totp(seed))
    arn = place.role('guarded', condition={'Bool': {'aws:MultiFactorAuthPresent': 'true'}})
    place.files('[profile base]\naws_access_key_id=%s\naws_secret_access_key=%s\n' % one +
                '[profile mfa]\nrole_arn=%s\nsource_profile=base\nmfa_serial=%s\nrole_session_name=me\n'
                % (arn, device['SerialNumber']))
    said = place.fault(AWS_PROFILE='mfa')  # no terminal
    assert 'assume role with MFA enabled' in said
    time.sleep(30 - time.time() % 30 + 0.1)  # a code serves once
    said, code = on_terminal(place.workspace, ['apply', '-auto-approve', '-no-color'], {'AWS_PROFILE': 'mfa'}, lambda: totp(seed))
    assert code == 0, said
    assert 'MFA code for %s' % device['SerialNumber'] in said and ':assumed-role/guarded/me' in said


def test_keys_are_fetched_anew_before_they_expire(place, sources):
    """Keys that live for seconds, in an apply that takes longer."""
    one = place.user('one')
    sources.answers = {('GET', '/creds'): lambda h, b: (200, keys_json(one, stamp(2)))}
    place.workspace.write('main.tf', CONFIG % '' + '''
resource "aws_iam_user" "first" {
  name = "first"
}
resource "terraform_data" "wait" {
  input = aws_iam_user.first.name
  provisioner "local-exec" {
    command = "sleep 2.5"
  }
}
resource "aws_iam_user" "second" {
  name       = "second"
  depends_on = [terraform_data.wait]
}
''')
    place.workspace.ok('init')
    place.arn(AWS_CONTAINER_CREDENTIALS_FULL_URI=sources.url + '/creds')
    assert sources.count('/creds') >= 2


def test_the_error_names_each_source(place):
    said = place.fault()
    for source in ('No valid credential sources found', 'environment:', 'shared config files:', 'EC2 instance metadata: switched off'):
        assert source in said
    said = place.fault(AWS_ACCESS_KEY_ID='x')
    assert 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set' in said
    said = place.fault(AWS_ACCESS_KEY_ID='nobody', AWS_SECRET_ACCESS_KEY='x')
    assert 'InvalidClientTokenId' in said and 'STS: GetCallerIdentity' in said and 'RequestID: ' in said


def test_half_of_a_source_is_the_end(place, sources):
    """A source that is set up in part is told, and no other is used in its place."""
    env = {'AWS_EC2_METADATA_DISABLED': '', 'AWS_EC2_METADATA_SERVICE_ENDPOINT': sources.url}
    place.files('[default]\naws_access_key_id = x\n')
    assert 'partial credentials found for profile default' in place.fault(**env)
    place.files()
    said = place.fault(AWS_WEB_IDENTITY_TOKEN_FILE='/none', **env)
    assert 'web identity: AWS_WEB_IDENTITY_TOKEN_FILE is set, but the role ARN is not' in said
    assert not sources.asked
