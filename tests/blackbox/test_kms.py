# SPDX-License-Identifier: Apache-2.0
"""State under data keys of a KMS: written, read back, exchanged with an OpenTofu on PATH, and what
happens when the service does not want to or can not."""
import base64
import hashlib
import hmac
import json
import os
import re
import shutil
import subprocess

import pytest
from stores import Store

TOFU = shutil.which('tofu')
KEY_ID = '1234abcd-12ab-34cd-56ef-1234567890ab'
SECRET = 'kms-secret-access-key'
CONFIG = '''
variable "text" {
  default = "topsecret"
}
terraform {
  encryption {
    key_provider "aws_kms" "k" {
      kms_key_id = "%s"
      key_spec   = "AES_256"
      region     = "eu-west-1"
      %s
    }
    method "aes_gcm" "m" {
      keys = key_provider.aws_kms.k
    }
    state {
      method = method.aes_gcm.m
    }
    plan {
      method = method.aes_gcm.m
    }
  }
}
resource "terraform_data" "a" {
  input = var.text
}
'''


SECRETS = {'AKIDKMS0000000000001': SECRET, 'AKIDBLOCK00000000001': 'block', 'AKIDROLE000000000001': 'role'}


def well_signed(request):
    """Signature Version 4, reckoned anew from what has come."""
    who, scope, names, signature = re.match(r'AWS4-HMAC-SHA256 Credential=(\w+)/(\S+), *SignedHeaders=(\S+?), *Signature=(\w+)',
                                            request.headers['Authorization']).groups()
    canonical = '\n'.join([request.method, request.path, request.query]
                          + ['%s:%s' % (name, request.headers[name].strip()) for name in names.split(';')]
                          + ['', names, hashlib.sha256(request.body).hexdigest()])
    key = b'AWS4' + SECRETS[who].encode()
    for part in scope.split('/'):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = '\n'.join(['AWS4-HMAC-SHA256', request.headers['X-Amz-Date'], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest() == signature


class Keys(Store):
    """GenerateDataKey and Decrypt; a wrapped key is its number, so that only this service knows it.
    STS is at the same address."""

    def __init__(self):
        super().__init__()
        self.made, self.operations, self.answer, self.roles = [], [], None, []

    @staticmethod
    def fault(code, message):
        return 400, {'Content-Type': 'application/x-amz-json-1.1'}, json.dumps(
            {'__type': code, 'message': message}).encode()

    def handle(self, request):
        target = request.headers.get('X-Amz-Target')
        if not target:
            self.roles.append(request.body.decode())
            return 200, {'Content-Type': 'text/xml'}, (
                '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
                '<AccessKeyId>AKIDROLE000000000001</AccessKeyId><SecretAccessKey>role</SecretAccessKey>'
                '<SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>'
                '<AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/r/s</Arn><AssumedRoleId>A:s</AssumedRoleId>'
                '</AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>').encode()
        service, operation = target.split('.')
        assert service == 'TrentService'
        assert request.headers['Content-Type'] == 'application/x-amz-json-1.1'
        signed = re.match(r'AWS4-HMAC-SHA256 Credential=(\w+)/\d{8}/eu-west-1/kms/aws4_request, *SignedHeaders=\S*x-amz-target'
                          r'\S*, *Signature=[0-9a-f]{64}$', request.headers['Authorization'])
        if not signed or not well_signed(request):
            return self.fault('IncompleteSignatureException', 'no signature')
        self.operations.append((operation, signed[1]))
        if self.answer and self.answer[0] == operation:
            return self.answer[1]
        body = json.loads(request.body)
        if body['KeyId'] != KEY_ID:
            return self.fault('NotFoundException', "Key 'arn:aws:kms:eu-west-1:111122223333:key/%s' does not exist"
                              % body['KeyId'])
        if operation == 'GenerateDataKey':
            self.made.append(os.urandom({'AES_256': 32, 'AES_128': 16}[body['KeySpec']]))
            wrapped = b'wrapped-%d' % (len(self.made) - 1)
            key = self.made[-1]
        else:
            wrapped = base64.b64decode(body['CiphertextBlob'])
            key = self.made[int(wrapped.split(b'-')[1])]
        return 200, {'Content-Type': 'application/x-amz-json-1.1'}, json.dumps({
            'KeyId': KEY_ID, 'Plaintext': base64.b64encode(key).decode(),
            'CiphertextBlob': base64.b64encode(wrapped).decode()}).encode()


@pytest.fixture
def keys(workspace):
    it = Keys()
    workspace.env.update(AWS_ENDPOINT_URL_KMS=it.url, AWS_ENDPOINT_URL_STS=it.url,
                         AWS_ACCESS_KEY_ID='AKIDKMS0000000000001', AWS_SECRET_ACCESS_KEY=SECRET)
    yield it
    it.stop()


def write(workspace, key_id=KEY_ID, more=''):
    workspace.write('main.tf', CONFIG % (key_id, more))


def test_a_state_is_written_and_read_back(workspace, keys):
    write(workspace)
    log = os.path.join(workspace.path, 'log')
    workspace.ok('apply', '-auto-approve', '-no-color', env={'TF_LOG': 'TRACE', 'TF_LOG_PATH': log})
    state = json.loads(workspace.read('terraform.tfstate'))
    assert set(state) == {'serial', 'lineage', 'meta', 'encrypted_data', 'encryption_version'}
    meta = json.loads(base64.b64decode(state['meta']['key_provider.aws_kms.k']))
    assert set(meta) == {'ciphertext_blob'} and base64.b64decode(meta['ciphertext_blob']).startswith(b'wrapped-')
    assert 'topsecret' in workspace.ok('state', 'pull')
    assert workspace.run('plan', '-detailed-exitcode', '-no-color').returncode == 0
    workspace.ok('plan', '-out=p', '-var', 'text=two', '-no-color')
    workspace.ok('apply', '-no-color', 'p')
    assert 'Decrypt' in [operation for operation, _ in keys.operations]
    everything = ''.join(workspace.read(name) for name in ('terraform.tfstate', 'terraform.tfstate.backup', 'p')
                         if os.path.exists(os.path.join(workspace.path, name)))
    everything += workspace.read('log') if os.path.exists(log) else ''
    for key in keys.made:
        assert base64.b64encode(key).decode() not in everything and key.hex() not in everything
    assert SECRET not in everything


def test_each_spec_alias_and_place_of_the_service(workspace, keys):
    del workspace.env['AWS_ENDPOINT_URL_KMS']
    write(workspace, more='encrypted_metadata_alias = "other"\n endpoints {\n kms = "%s"\n }\n' % keys.url)
    text = workspace.read('main.tf').replace('AES_256', 'AES_128')
    workspace.write('main.tf', text)
    workspace.ok('apply', '-auto-approve')
    assert list(json.loads(workspace.read('terraform.tfstate'))['meta']) == ['other']
    assert len(keys.made[0]) == 16
    assert 'topsecret' in workspace.ok('state', 'pull')


def test_credentials_come_from_the_block(workspace, keys):
    write(workspace, more='access_key = "AKIDBLOCK00000000001"\n secret_key = "block"\n')
    workspace.ok('apply', '-auto-approve')
    assert {who for _, who in keys.operations} == {'AKIDBLOCK00000000001'}
    write(workspace, more='assume_role = {\n role_arn = "arn:aws:iam::111122223333:role/r"\n session_name = "here"\n }\n')
    workspace.ok('plan')
    assert keys.operations[-1][1] == 'AKIDROLE000000000001'
    assert 'RoleSessionName=here' in keys.roles[0]


JSON = {'Content-Type': 'application/x-amz-json-1.1'}


@pytest.mark.parametrize('operation', ['GenerateDataKey', 'Decrypt'])
@pytest.mark.parametrize('answer, words', [
    ((400, JSON, b'{"__type":"AccessDeniedException","Message":"User is not authorized to perform: kms"}'),
     'AccessDeniedException: User is not authorized to perform: kms'),
    ((400, JSON, b'{"__type":"com.amazonaws.kms#DisabledException","message":"it is disabled"}'),
     'DisabledException: it is disabled'),
    ((200, JSON, b'<html>'), 'the answer is not JSON'),
    ((200, JSON, b'[]'), 'the answer is not JSON'),
    ((200, JSON, b'{"Plaintext":"' + b'QUFB' * 99 + b'","CiphertextBlob":"QUFB"}'), 'the answer has no'),
    ((200, JSON, b'{"Plaintext":"?","CiphertextBlob":5}'), 'the answer has no'),
    ((403, JSON, b'\0' * 50), 'status 403'),
], ids=range(7))
def test_the_service_refuses(workspace, keys, operation, answer, words):
    write(workspace)
    workspace.ok('apply', '-auto-approve')
    before = workspace.read('terraform.tfstate')
    keys.answer = (operation, answer)
    done = workspace.run('apply', '-auto-approve', '-var', 'text=two', '-no-color')
    said = ' '.join(re.sub(r'[│╷╵]', ' ', done.stderr).split())
    assert done.returncode == 1 and 'KMS ' + operation + ': ' in said and words in said, said
    assert 'key_provider.aws_kms.k' in said and 'QUFBQUFB' not in said
    assert workspace.read('terraform.tfstate') == before
    keys.answer = None
    assert 'topsecret' in workspace.ok('state', 'pull')


def test_a_key_that_is_not_there_and_a_service_that_is_down(workspace, keys):
    write(workspace)
    workspace.ok('apply', '-auto-approve')
    before = workspace.read('terraform.tfstate')
    write(workspace, key_id='none')
    done = workspace.run('apply', '-auto-approve', '-no-color')
    assert done.returncode == 1 and 'NotFoundException' in done.stderr
    write(workspace)
    done = workspace.run('apply', '-auto-approve', '-no-color', env={'AWS_ENDPOINT_URL_KMS': 'http://127.0.0.1:1'})
    assert done.returncode == 1 and 'Unable to fetch encryption key data' in done.stderr
    done = workspace.run('apply', '-auto-approve', '-no-color', env={'AWS_ACCESS_KEY_ID': '', 'AWS_SECRET_ACCESS_KEY': ''})
    assert done.returncode == 1 and 'No valid credential sources found' in ' '.join(done.stderr.split())
    assert 'key_provider.aws_kms.k' in done.stderr and 'backend' not in done.stderr
    assert workspace.read('terraform.tfstate') == before


@pytest.mark.parametrize('old, new, words', [
    ('AES_256', 'RSA', 'invalid key_spec'),
    (KEY_ID, '', 'no kms_key_id provided'),
    ('region     = "eu-west-1"', '', 'the "region" attribute or'),
    ('region     = "eu-west-1"', 'nonsense = 1', 'Unsupported argument'),
    ('region     = "eu-west-1"', 'assume_role = { nonsense = 1 }', 'Unsuitable value'),
    ('region     = "eu-west-1"', 'endpoints {}\nendpoints {}', 'expected single aws_kms endpoints block'),
    ('key_spec   = "AES_256"', '', 'Missing required argument'),
])
def test_mistakes_are_told(workspace, keys, old, new, words):
    write(workspace)
    workspace.write('main.tf', workspace.read('main.tf').replace(old, new))
    done = workspace.run('apply', '-auto-approve', '-no-color')
    assert done.returncode == 1 and words in done.stderr
    assert not keys.operations and not os.path.exists(os.path.join(workspace.path, 'terraform.tfstate'))


CHAIN = '''key_provider "pbkdf2" "p" {
      chain      = key_provider.aws_kms.k
      iterations = 200000
    }
    method'''


def chained(workspace):
    write(workspace, more='skip_credentials_validation = true\n skip_requesting_account_id = true\n')
    text = workspace.read('main.tf').replace('keys = key_provider.aws_kms.k', 'keys = key_provider.pbkdf2.p')
    workspace.write('main.tf', text.replace('method', CHAIN, 1))


def test_a_passphrase_may_come_from_another_key_provider(workspace, keys):
    chained(workspace)
    workspace.ok('apply', '-auto-approve')
    meta = json.loads(workspace.read('terraform.tfstate'))['meta']
    assert set(meta) == {'key_provider.aws_kms.k', 'key_provider.pbkdf2.p'}
    assert 'topsecret' in workspace.ok('state', 'pull')
    text = workspace.read('main.tf')
    for new, words in (('chain = key_provider.pbkdf2.p', 'Circular reference detected'),
                       ('chain = key_provider.aws_kms.x', 'Reference to undeclared key provider'),
                       ('', 'no passphrase provided and no chained provider'),
                       ('passphrase = "sixteen characters or more"\nchain = key_provider.aws_kms.k', 'mutually exclusive'),
                       ('encrypted_metadata_alias = "key_provider.aws_kms.k"\nchain = key_provider.aws_kms.k',
                        'Duplicate metadata key')):
        workspace.write('main.tf', text.replace('chain      = key_provider.aws_kms.k', new))
        done = workspace.run('plan', '-no-color')
        assert done.returncode == 1 and words in ' '.join(done.stderr.split()), done.stderr


@pytest.mark.skipif(not TOFU, reason='no tofu on PATH')
@pytest.mark.parametrize('chain', [False, True])
def test_files_go_to_opentofu_and_back(workspace, keys, chain):
    def tofu(*args):
        done = subprocess.run([TOFU, *args, '-no-color'], cwd=workspace.path, env=dict(workspace.env, CHECKPOINT_DISABLE='1'),
                              capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
    write(workspace, more='skip_credentials_validation = true\n skip_requesting_account_id = true\n')
    if chain:
        chained(workspace)
    tofu('init')
    tofu('apply', '-auto-approve')
    assert 'topsecret' in workspace.ok('state', 'pull')
    workspace.ok('apply', '-auto-approve', '-var', 'text=second', '-no-color')
    assert 'second' in tofu('state', 'pull')
    tofu('plan', '-detailed-exitcode', '-var', 'text=second')
    tofu('destroy', '-auto-approve')
    assert workspace.ok('state', 'list') == ''
