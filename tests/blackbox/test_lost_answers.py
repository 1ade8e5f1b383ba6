# SPDX-License-Identifier: Apache-2.0
"""Each answer to a call that changes something is lost once: what is made, changed and removed is
what the configuration says all the same, once, and the state knows it."""
import collections
import json
import re
import socket
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conftest import KEY, Server
import provider_cases as cases

PROVIDER = 'provider "aws" {\n  region = "us-east-1"\n}\n'
READS = ('Get', 'List', 'Simulate', 'Generate')


class Lossy:
    """In front of a server: hands a request on and, when it changes something and was not seen before,
    cuts the connection instead of answering; or cuts it before anything is done."""

    def __init__(self, url, work=True, losing=lambda action: not action.startswith(READS)):
        self.lost, self.seen, self.lock = [], set(), threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
                headers = {k: v for k, v in self.headers.items() if k.lower() not in ('connection', 'expect')}
                action = re.search(rb'Action=(\w+)', body)[1].decode()
                with outer.lock:
                    lose = losing(action) and (action, body) not in outer.seen
                    outer.seen.add((action, body))
                    if lose:
                        outer.lost.append(action)
                if lose and not work:
                    self.cut()
                    return
                try:
                    told = urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30)
                except urllib.error.HTTPError as error:
                    told = error
                text = told.read()
                if lose:
                    self.cut()
                    return
                self.send_response_only(told.status)
                for name in ('Content-Type', 'x-amzn-RequestId', 'Date'):
                    if told.headers.get(name):
                        self.send_header(name, told.headers[name])
                self.send_header('Content-Length', str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def cut(self):
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.url = 'http://127.0.0.1:%d' % self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def stop(self):
        self.http.shutdown()
        self.http.server_close()


def inventory(iam):
    """How many there are of each kind, and whose: the same for two accounts that hold the same."""
    found = collections.Counter()
    details = iam.get_account_authorization_details(MaxItems=1000)
    for kind in ('User', 'Group', 'Role'):
        for d in details[kind + 'DetailList']:
            name = d[kind + 'Name']
            tags = tuple(sorted((t['Key'], t['Value']) for t in d.get('Tags', ())))
            found[kind, name, d['Path'], tags, d.get('PermissionsBoundary', {}).get('PermissionsBoundaryArn')] += 1
            for p in d.get('AttachedManagedPolicies', ()):
                found[kind, name, 'has', p['PolicyArn']] += 1
            for p in d.get(kind + 'PolicyList', ()):
                found[kind, name, 'inline', p['PolicyName'], str(p['PolicyDocument'])] += 1
            for g in d.get('GroupList', ()):
                found[kind, name, 'in', g] += 1
            for p in d.get('InstanceProfileList', ()):
                found[kind, name, 'profile', p['InstanceProfileName']] += 1
    for p in iam.list_policies(Scope='Local', MaxItems=1000)['Policies']:
        found['Policy', p['Arn'], len(iam.list_policy_versions(PolicyArn=p['Arn'])['Versions'])] += 1
    for d in details['UserDetailList']:
        name = d['UserName']
        for key in iam.list_access_keys(UserName=name)['AccessKeyMetadata']:
            found['key', name, key['Status']] += 1
        for key in iam.list_ssh_public_keys(UserName=name)['SSHPublicKeys']:
            found['ssh', name, key['Status']] += 1
        for c in iam.list_signing_certificates(UserName=name)['Certificates']:
            found['signing', name, c['Status']] += 1
        for c in iam.list_service_specific_credentials(UserName=name)['ServiceSpecificCredentials']:
            found['credential', name, c['ServiceName'], c['Status']] += 1
    for d in iam.list_virtual_mfa_devices()['VirtualMFADevices']:
        found['mfa', d['SerialNumber']] += 1
    for c in iam.list_server_certificates()['ServerCertificateMetadataList']:
        found['certificate', c['Arn']] += 1
    for p in iam.list_open_id_connect_providers()['OpenIDConnectProviderList'] + iam.list_saml_providers()['SAMLProviderList']:
        found['provider', p['Arn']] += 1
    for p in iam.list_instance_profiles()['InstanceProfiles']:
        found['profile', p['Arn'], tuple(r['RoleName'] for r in p['Roles'])] += 1
    found['alias', tuple(iam.list_account_aliases()['AccountAliases'])] += 1
    return found


def known(case):
    return case.kind not in cases.NOT_EMBEDDED


def updates(case, model):
    """The case with all its edits that change in place, as one change."""
    change = {}
    for attr, value, actions in case.changes(model):
        if actions == cases.UPDATE and value is not None and attr not in change and attr not in case.needs:
            change[attr] = value
    return change


@pytest.fixture
def servers(tmp_path):
    made = []
    for name in ('one', 'two'):
        (tmp_path / name).mkdir()
        made.append(Server(tmp_path / name))
    yield made
    for server in made:
        server.kill()


def test_every_type(workspace, servers, tmp_path):
    """All types: made, changed in place and destroyed, against a server that loses answers and one that
    does not; both accounts hold the same after each."""
    model = cases.load_model()
    cases.write_files(workspace.path)
    lossy = Lossy(servers[0].url)
    workspace.write('provider.tf', PROVIDER)
    workspace.env.update(AWS_ACCESS_KEY_ID=KEY[0], AWS_SECRET_ACCESS_KEY=KEY[1], AWS_ENDPOINT_URL=lossy.url)
    workspace.ok('init')

    def step(*args):
        for url, state in ((lossy.url, 'lossy.tfstate'), (servers[1].url, 'plain.tfstate')):
            done = workspace.run(*args, '-auto-approve', '-state=' + state, '-parallelism=30', timeout=300,
                                 env={'AWS_ENDPOINT_URL': url})
            assert done.returncode == 0, done.stderr
            again = workspace.run('plan', '-detailed-exitcode', '-state=' + state, env={'AWS_ENDPOINT_URL': url})
            assert args[0] == 'destroy' or again.returncode == 0, again.stdout + again.stderr
        assert inventory(servers[0].client()) == inventory(servers[1].client())

    for case in filter(known, cases.CASES):
        workspace.write('case_%s.tf' % case.name, case.text('l'))
    step('apply')
    for case in filter(known, cases.CASES):
        base, case.base = case.base, dict(case.base, **updates(case, model))
        workspace.write('case_%s.tf' % case.name, case.text('l'))
        case.base = base
    step('apply')
    step('destroy')
    assert sum(n for k, n in inventory(servers[0].client()).items() if k[0] != 'alias') == 0
    wanted = {'CreateUser', 'CreateAccessKey', 'CreateVirtualMFADevice', 'CreateLoginProfile', 'CreatePolicyVersion',
              'CreateServiceSpecificCredential', 'UploadSSHPublicKey', 'UploadSigningCertificate', 'CreateServiceLinkedRole',
              'CreateOpenIDConnectProvider', 'CreateSAMLProvider', 'UploadServerCertificate', 'CreateAccountAlias'}
    assert wanted <= set(lossy.lost)
    lossy.stop()


def test_siblings(workspace, server):
    """Two keys, credentials and certificates of one user at once, each lost: none is taken for the other's."""
    cases.write_files(workspace.path)
    lossy = Lossy(server.url)
    workspace.env.update(AWS_ACCESS_KEY_ID=KEY[0], AWS_SECRET_ACCESS_KEY=KEY[1], AWS_ENDPOINT_URL=lossy.url)
    workspace.write('main.tf', PROVIDER + '''
resource "aws_iam_user" "ann" {
  name = "ann"
}
resource "aws_iam_access_key" "two" {
  count = 2
  user  = aws_iam_user.ann.name
}
resource "aws_iam_service_specific_credential" "two" {
  count        = 2
  user_name    = aws_iam_user.ann.name
  service_name = "codecommit.amazonaws.com"
}
resource "aws_iam_user_ssh_key" "two" {
  count      = 2
  username   = aws_iam_user.ann.name
  encoding   = "SSH"
  public_key = file("id${count.index + 1}.pub")
}
resource "aws_iam_signing_certificate" "two" {
  count            = 2
  user_name        = aws_iam_user.ann.name
  certificate_body = file("cert${count.index + 1}.pem")
}
''')
    workspace.ok('init')
    workspace.ok('apply', '-auto-approve', timeout=300)
    lossy.stop()
    workspace.env['AWS_ENDPOINT_URL'] = server.url
    again = workspace.run('plan', '-detailed-exitcode')
    assert again.returncode == 0, again.stdout
    kept = {}
    for r in json.loads(workspace.read('terraform.tfstate'))['resources']:
        kept[r['type']] = [i['attributes'] for i in r['instances']]
    iam = server.client()
    there = {k['AccessKeyId'] for k in iam.list_access_keys(UserName='ann')['AccessKeyMetadata']}
    assert there == {a['id'] for a in kept['aws_iam_access_key']} and len(there) == 2
    assert all(a['secret'] for a in kept['aws_iam_access_key'])
    there = {c['ServiceSpecificCredentialId'] for c in
             iam.list_service_specific_credentials(UserName='ann')['ServiceSpecificCredentials']}
    assert there == {a['service_specific_credential_id'] for a in kept['aws_iam_service_specific_credential']}
    assert len(iam.list_ssh_public_keys(UserName='ann')['SSHPublicKeys']) == 2
    assert len(iam.list_signing_certificates(UserName='ann')['Certificates']) == 2


OTHERS = {
    'aws_iam_user': ('name = "ann"', lambda iam: iam.create_user(UserName='ann')),
    'aws_iam_group': ('name = "ann"', lambda iam: iam.create_group(GroupName='ann')),
    'aws_iam_instance_profile': ('name = "ann"', lambda iam: iam.create_instance_profile(InstanceProfileName='ann')),
    'aws_iam_policy': ('name = "ann"\n  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })',
                       lambda iam: iam.create_policy(PolicyName='ann', PolicyDocument=json.dumps(
                           {'Version': '2012-10-17', 'Statement': {'Effect': 'Deny', 'Action': '*', 'Resource': '*'}}))),
}


@pytest.mark.parametrize('kind', OTHERS)
def test_what_others_made_is_not_adopted(workspace, server, kind):
    """The first call never arrived: what is there of that name was there before."""
    arguments, make = OTHERS[kind]
    lossy = Lossy(server.url, work=False)
    workspace.env.update(AWS_ACCESS_KEY_ID=KEY[0], AWS_SECRET_ACCESS_KEY=KEY[1], AWS_ENDPOINT_URL=lossy.url)
    workspace.write('main.tf', PROVIDER + 'resource "%s" "ann" {\n  %s\n}\n' % (kind, arguments))
    make(server.client())
    time.sleep(2.1)  # times of making are whole seconds
    done = workspace.run('apply', '-auto-approve', timeout=300)
    lossy.stop()
    assert done.returncode == 1 and 'EntityAlreadyExists' in done.stderr and lossy.lost
    assert workspace.run('state', 'list').stdout == ''
