# SPDX-License-Identifier: Apache-2.0
"""State in backends behind real servers: what is sent, what failures say, and what nothing may lose."""
import json
import os

import pytest

from stores import BEFORE, DURING, LOST, Objects, Urls, tls_context

RESOURCE = 'resource "terraform_data" "a" {\n  input = "x"\n}\noutput "o" {\n  value = 1\n}\n'
LOCKS = '    lock_address   = "%(url)s/s"\n    unlock_address = "%(url)s/s"\n    retry_wait_min = 0\n'


@pytest.fixture
def urls():
    it = Urls()
    yield it
    it.stop()


@pytest.fixture
def objects():
    it = Objects()
    yield it
    it.stop()


def block(kind, text):
    return 'terraform {\n  backend "%s" {\n%s  }\n}\n' % (kind, text)


def use(workspace, store, more=LOCKS, init=True):
    text = ('    address = "%(url)s/s"\n' + more) % {'url': store.url}
    workspace.write('main.tf', RESOURCE + block('http', text))
    if init:
        workspace.ok('init', '-no-color')
    store.asked.clear()


def asked(store):
    return [(r.method, r.path) for r in store.asked]


def one_line(text):
    return ' '.join(text.split())


def test_http_requests_of_an_apply(workspace, urls):
    use(workspace, urls)
    workspace.ok('apply', '-auto-approve', '-no-color')
    assert asked(urls) == [('LOCK', '/s'), ('GET', '/s'), ('POST', '/s'), ('UNLOCK', '/s')]
    lock = json.loads(urls.asked[0].body)
    assert lock['Operation'] == 'OperationTypeApply' and urls.asked[2].query == 'ID=' + lock['ID']
    assert json.loads(urls.states['/s'])['serial'] == 1
    assert json.loads(workspace.ok('state', 'pull')) == json.loads(urls.states['/s'])


def test_http_methods_and_user(workspace):
    store = Urls(user='me:pw', methods=('POST', 'DELETE', 'PUT'))
    more = ('    lock_address = "%(url)s/s/lock"\n    unlock_address = "%(url)s/s/lock"\n    lock_method = "POST"\n'
            '    unlock_method = "DELETE"\n    update_method = "PUT"\n')
    use(workspace, store, more, init=False)
    refused = workspace.run('init', '-no-color')
    assert 'Error: Error refreshing state: HTTP remote state endpoint requires auth' in one_line(refused.stderr)
    wrong = workspace.run('init', '-no-color', env={'TF_HTTP_USERNAME': 'me', 'TF_HTTP_PASSWORD': 'no'})
    assert 'HTTP remote state endpoint invalid auth' in one_line(wrong.stderr)
    right = {'TF_HTTP_USERNAME': 'me', 'TF_HTTP_PASSWORD': 'pw'}
    workspace.ok('init', '-no-color', env=right)
    store.asked.clear()
    workspace.ok('apply', '-auto-approve', env=right)
    assert asked(store) == [('POST', '/s/lock'), ('GET', '/s'), ('PUT', '/s'), ('DELETE', '/s/lock')]
    store.stop()


def test_http_headers(workspace, urls):
    use(workspace, urls, LOCKS + '    headers = { X-Team = "a" }\n')
    workspace.ok('plan')
    assert all(r.headers['X-Team'] == 'a' for r in urls.asked)
    use(workspace, urls, '    headers = { Content-Type = "a" }\n', init=False)
    assert 'headers "Content-Type" is reserved' in one_line(
        workspace.run('init', '-no-color', '-reconfigure').stderr)


def test_http_client_certificates(workspace, tmp_path):
    store = Urls(tls_context(tmp_path, client=True))
    pem = {name: (tmp_path / name).read_text() for name in ('ca.pem', 'client.pem', 'client.key')}

    def init(**arguments):
        text = ''.join('    %s = <<EOT\n%sEOT\n' % pair for pair in arguments.items())
        use(workspace, store, LOCKS + '    retry_max = 0\n' + text, init=False)
        return workspace.run('init', '-no-color', '-reconfigure')
    assert init().returncode == 1
    assert init(client_ca_certificate_pem=pem['ca.pem']).returncode == 1
    half = init(client_certificate_pem=pem['client.pem'])
    assert 'Error: client_certificate_pem is set but client_private_key_pem is not' in one_line(half.stderr)
    bad = init(client_ca_certificate_pem='z\n')
    assert 'Error: failed to append certs' in bad.stderr
    other = init(client_certificate_pem=pem['ca.pem'], client_private_key_pem=pem['client.key'])
    assert 'cannot load client certificate: tls: private key does not match public key' in one_line(other.stderr)
    done = init(client_ca_certificate_pem=pem['ca.pem'], client_certificate_pem=pem['client.pem'],
                client_private_key_pem=pem['client.key'])
    assert done.returncode == 0, done.stderr
    workspace.ok('apply', '-auto-approve')
    assert json.loads(store.states['/s'])['serial'] == 1
    store.stop()


# How commands begin the sentence of a state that cannot be read, as Terraform has it.
@pytest.mark.parametrize('command, words', [
    ('plan', 'Error: error loading state: '), ('console', 'Error: error loading state: '),
    ('refresh', 'Error: error loading state: '), ('init', 'Error: Error refreshing state: '),
    ('output -json', 'Error: Failed to load state: '), ('show', 'Error: Failed to load state: '),
    ('state list', 'Failed to load state: '), ('state pull', 'Failed to refresh state: '),
    ('state rm terraform_data.a', 'Failed to refresh state: '), ('taint terraform_data.a', 'Failed to load state: '),
    ('state mv terraform_data.a terraform_data.b', 'Failed to refresh source state: '),
    ('state push s.tfstate', 'Failed to refresh destination state: '), ('providers', 'Failed to load state: ')])
def test_words_of_a_state_that_cannot_be_read(workspace, urls, command, words):
    use(workspace, urls)
    workspace.ok('apply', '-auto-approve')
    workspace.write('s.tfstate', workspace.ok('state', 'pull'))
    urls.fail(401, 'GET', times=9)
    done = workspace.run(*command.split())
    assert done.returncode == 1 and not urls.locks
    assert one_line(done.stderr).startswith(words + 'HTTP remote state endpoint requires auth')


@pytest.mark.parametrize('how', [BEFORE, DURING, LOST, 500])
@pytest.mark.parametrize('then', ['push', 'apply'])
def test_a_connection_that_breaks_while_state_is_written(workspace, urls, how, then):
    use(workspace, urls)
    urls.fail(how, 'POST', times=99)
    cut = workspace.run('apply', '-auto-approve', '-no-color')
    said = one_line(cut.stderr)
    assert cut.returncode == 1 and 'Error: Failed to save state Error saving state: Failed to upload state:' in said
    assert 'giving up after 3 attempt(s)' in said and 'loam state push errored.tfstate' in said
    assert 'Failed to persist state to backend' in said and not urls.locks
    made = json.loads(workspace.read('errored.tfstate'))
    assert os.stat(os.path.join(workspace.path, 'errored.tfstate')).st_mode & 0o77 == 0
    urls.faults.clear()
    if then == 'push':
        workspace.ok('state', 'push', 'errored.tfstate')
    again = workspace.ok('apply', '-auto-approve', '-no-color')
    assert '0 added, 0 changed, 0 destroyed' in again and 'belongs to another state' not in again
    stored = json.loads(urls.states['/s'])
    ids = [s['resources'][0]['instances'][0]['attributes']['id'] for s in (made, stored)]
    assert ids[0] == ids[1]
    assert 'No changes' in workspace.ok('plan', '-no-color')


@pytest.mark.parametrize('how', [BEFORE, DURING, LOST, 503, 429])
def test_a_connection_that_breaks_once_is_tried_again(workspace, urls, how):
    use(workspace, urls)
    for method in ('LOCK', 'GET', 'POST', 'UNLOCK'):
        urls.fail(how, method)
    workspace.ok('apply', '-auto-approve', '-no-color')
    assert json.loads(urls.states['/s'])['serial'] == 1 and not urls.locks
    assert not os.path.exists(os.path.join(workspace.path, 'errored.tfstate'))


def test_a_lock_that_cannot_be_released_is_told(workspace, urls):
    use(workspace, urls)
    urls.fail(401, 'UNLOCK', times=9)
    done = workspace.run('apply', '-auto-approve', '-no-color')
    said = one_line(done.stderr)
    assert done.returncode == 1 and 'Error releasing the state lock' in said
    assert 'Apply complete' not in done.stdout
    assert 'Error message: Unexpected HTTP response code 401' in said and '"force-unlock"' in said
    urls.faults.clear()
    held = workspace.run('plan', '-no-color')
    identity = json.loads(urls.locks['/s'])['ID']
    assert 'HTTP remote state already locked: ID=' + identity in one_line(held.stderr)
    workspace.ok('force-unlock', '-force', identity)
    workspace.ok('plan', '-no-color')


def test_a_push_holds_to_lineage_and_serial(workspace, urls):
    use(workspace, urls)
    workspace.ok('apply', '-auto-approve')
    state = json.loads(workspace.ok('state', 'pull'))
    workspace.write('old.tfstate', json.dumps(dict(state, serial=0)))
    workspace.write('foreign.tfstate', json.dumps(dict(state, lineage='other', serial=9)))
    workspace.write('next.tfstate', json.dumps(dict(state, serial=7)))
    refused = workspace.run('state', 'push', 'old.tfstate')
    assert refused.returncode == 1 and 'cannot import state with serial 0 over newer state with serial 1' in refused.stderr
    refused = workspace.run('state', 'push', 'foreign.tfstate')
    assert refused.returncode == 1 and 'lineage' in refused.stderr and not urls.locks
    workspace.ok('state', 'push', 'next.tfstate')
    assert json.loads(urls.states['/s'])['serial'] == 7
    workspace.ok('state', 'push', '-force', 'foreign.tfstate')
    assert json.loads(urls.states['/s'])['lineage'] == 'other'


@pytest.mark.parametrize('text, said', [
    ('{"version":4,"serial":"x"}', 'The state file field "serial" has invalid value string'),
    ('{"version":4,"resources":[{"mode":5}]}', 'The state file field "resources.mode" has invalid value number'),
    ('{"version":4,"outputs":[]}', 'The state file field "outputs" has invalid value array'),
    ('{"version":4,"terraform_version":"zz"}', 'Invalid Terraform version string')])
def test_a_state_of_wrong_types_is_refused_and_kept(workspace, urls, text, said):
    use(workspace, urls)
    urls.states['/s'] = text.encode()
    for command in (('init',), ('plan',), ('apply', '-auto-approve'), ('state', 'list')):
        done = workspace.run(*command)
        assert done.returncode == 1 and said in one_line(done.stderr), command
    assert urls.states['/s'] == text.encode()


CUSTOMER_KEY = 'MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='
NO_CHECKS = '    skip_credentials_validation = true\n    skip_requesting_account_id = true\n'
KEYS = '    access_key = "AK"\n    secret_key = "SK"\n'


def use_s3(workspace, store, more='', keys=KEYS, init=True):
    text = ('    bucket = "states"\n    key = "s/k"\n    region = "us-east-1"\n    use_path_style = true\n'
            '    endpoints = { s3 = "%s", dynamodb = "%s", sts = "%s" }\n' % ((store.url,) * 3)) + keys + NO_CHECKS + more
    workspace.write('main.tf', RESOURCE + block('s3', text))
    if init:
        workspace.ok('init', '-no-color', '-reconfigure')
        store.asked.clear()
        return None
    return workspace.run('init', '-no-color', '-reconfigure')


def targets(store):
    return [(r.headers['X-Amz-Target'] or '').split('.')[-1] or r.method + ' ' + r.path.split('/')[-1]
            for r in store.asked]


@pytest.mark.parametrize('more, want', [
    ('', ['GET k', 'PUT k']),
    ('use_lockfile = true', ['PUT k.tflock', 'GET k', 'PUT k', 'GET k.tflock', 'DELETE k.tflock']),
    ('dynamodb_table = "locks"', ['PutItem', 'GET k', 'GetItem', 'PUT k', 'PutItem', 'GetItem', 'DeleteItem']),
    ('use_lockfile = true\n    dynamodb_table = "locks"',
     ['PUT k.tflock', 'PutItem', 'GET k', 'GetItem', 'PUT k', 'PutItem', 'GetItem', 'DeleteItem', 'GET k.tflock',
      'DELETE k.tflock'])])
def test_s3_requests_of_an_apply(workspace, objects, more, want):
    use_s3(workspace, objects, '    %s\n' % more)
    workspace.ok('apply', '-auto-approve', '-no-color')
    assert targets(objects) == want
    assert list(objects.objects) == ['s/k']
    if 'dynamodb' in more:
        assert list(objects.tables['locks']) == ['states/s/k-md5']


def test_s3_encryption(workspace, objects):
    names = {'algorithm': 'X-Amz-Server-Side-Encryption', 'kms': 'X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id',
             'key': 'X-Amz-Server-Side-Encryption-Customer-Key', 'acl': 'X-Amz-Acl', 'tags': 'X-Amz-Tagging'}

    def sent(more):
        objects.objects.clear()
        use_s3(workspace, objects, more)
        workspace.ok('apply', '-auto-approve')
        puts = [r for r in objects.asked if r.method == 'PUT']
        assert len(puts) == 2 and all(r.headers['X-Amz-Checksum-Sha256'] for r in puts)
        seen = [{k: r.headers[v] for k, v in names.items() if r.headers[v]} for r in puts]
        return seen
    lock = '    use_lockfile = true\n'
    kms = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-4333-8444-555555555555'
    assert sent(lock) == [{}, {}]
    assert sent(lock + '    encrypt = true\n') == [{'algorithm': 'AES256'}] * 2
    assert sent(lock + '    encrypt = true\n    acl = "private"\n    kms_key_id = "%s"\n' % kms) == [
        {'algorithm': 'aws:kms', 'kms': kms, 'acl': 'private'}] * 2
    assert sent(lock + '    encrypt = true\n    sse_customer_key = "%s"\n' % CUSTOMER_KEY) == [
        {'key': CUSTOMER_KEY}] * 2
    assert 'No changes' in workspace.ok('plan', '-no-color')  # reads need the key, too
    assert sent(lock + '    state_tags = { a = "b c" }\n') == [{}, {'tags': 'a=b%20c'}]


@pytest.mark.parametrize('more, summary, detail', [
    ('sse_customer_key = "zz"', 'Invalid sse_customer_key value', 'must be 44 characters in length'),
    ('kms_key_id = "zz"', 'Invalid KMS Key ID', 'Value must be a valid KMS Key ID, got "zz"'),
    ('kms_key_id = "arn:aws:kms:x"', 'Invalid KMS Key ARN', 'got "arn:aws:kms:x"'),
    ('workspace_key_prefix = "/x"', 'Invalid Value', 'The value must not start or end with "/"'),
    ('retry_mode = "zz"', 'Invalid Value', 'unknown RetryMode, zz'),
    ('assume_role = {}', 'Incorrect attribute value type', 'attribute "role_arn" is required'),
    ('assume_role = { role_arn = "x" }', 'Invalid ARN', 'cannot be parsed as an ARN: arn: invalid prefix'),
    ('assume_role_with_web_identity = { role_arn = "arn:aws:iam::1:role/r" }', 'Missing Required Value',
     'Exactly one of web_identity_token, web_identity_token_file must be set.'),
    ('allowed_account_ids = ["1"]\n    forbidden_account_ids = ["2"]', 'Invalid Attribute Combination',
     'Only one of allowed_account_ids, forbidden_account_ids can be set.'),
    ('endpoint = "http://x"', 'Conflicting Parameters', 'cannot be configured together'),
    ('allowed_account_ids = ["1"]', 'Invalid account ID', 'AWS account ID not allowed: 123456789012'),
    ('custom_ca_bundle = "/nonexistent"', 'reading custom CA bundle: open /nonexistent: no such file', '')])
def test_s3_arguments_are_checked(workspace, objects, more, summary, detail):
    done = use_s3(workspace, objects, '    %s\n' % more, init=False)
    said = one_line(done.stderr)
    assert done.returncode == 1 and 'Error: ' + summary in said and detail in said
    assert not [r for r in objects.asked if r.method == 'PUT']


def test_s3_roles(workspace, objects, tmp_path):
    role = 'role_arn = "arn:aws:iam::123456789012:role/r", session_name = "me", duration = "1h"'
    use_s3(workspace, objects, '    assume_role = { %s, external_id = "ex", tags = { a = "b" } }\n' % role)
    asked_for = objects.tokens[-1]
    assert asked_for['Action'] == 'AssumeRole' and asked_for['RoleSessionName'] == 'me'
    assert asked_for['ExternalId'] == 'ex' and asked_for['DurationSeconds'] == '3600'
    assert asked_for['Tags.member.1.Key'] == 'a'
    workspace.ok('apply', '-auto-approve')
    assert 'Credential=ASIAROLE/' in [r for r in objects.asked if r.method == 'PUT'][0].headers['Authorization']
    (tmp_path / 'token').write_text('web-token')
    use_s3(workspace, objects, '    assume_role_with_web_identity = { %s, web_identity_token_file = "%s" }\n'
           % (role, tmp_path / 'token'), keys='')
    assert objects.tokens[-1]['Action'] == 'AssumeRoleWithWebIdentity'
    assert objects.tokens[-1]['WebIdentityToken'] == 'web-token'


def test_s3_without_credentials_or_bucket(workspace, objects):
    done = use_s3(workspace, objects, keys='', init=False)
    assert 'Error: No valid credential sources found' in one_line(done.stderr)
    objects.bucket = 'other'
    done = use_s3(workspace, objects, init=False)
    assert 'S3 bucket "states" does not exist.' in one_line(done.stderr)


def test_s3_workspaces(workspace, objects):
    objects.page = 2
    use_s3(workspace, objects, '    use_lockfile = true\n    workspace_key_prefix = "teams/x"\n')
    names = ['a', 'b', 'c', 'd']
    for name in names:
        workspace.ok('workspace', 'new', name)
        workspace.ok('apply', '-auto-approve')
    assert sorted(objects.objects) == ['teams/x/%s/s/k' % n for n in names]
    listed = workspace.ok('workspace', 'list').replace('*', ' ').split()
    assert listed == ['default'] + names
    workspace.ok('workspace', 'select', 'default')
    refused = workspace.run('workspace', 'delete', 'a')
    assert refused.returncode == 1 and 'Workspace is not empty' in refused.stderr
    workspace.ok('workspace', 'delete', '-force', 'a')
    assert sorted(objects.objects) == ['teams/x/%s/s/k' % n for n in names[1:]]


@pytest.mark.parametrize('more', ['use_lockfile = true', 'dynamodb_table = "locks"'])
def test_s3_a_lost_reply_to_a_lock_is_no_lock_of_another(workspace, objects, more):
    use_s3(workspace, objects, '    %s\n' % more)
    objects.fail(LOST, 'PUT', '.tflock')
    objects.fail(LOST, 'POST')
    workspace.ok('apply', '-auto-approve')
    assert not objects.faults[0].times or not objects.faults[1].times
    assert 's/k.tflock' not in objects.objects and 'states/s/k' not in objects.tables['locks']


def test_s3_a_stale_answer_is_noticed(workspace, objects):
    use_s3(workspace, objects, '    dynamodb_table = "locks"\n')
    workspace.ok('apply', '-auto-approve')
    objects.tables['locks']['states/s/k-md5']['Digest']['S'] = '0' * 32
    done = workspace.run('plan', '-no-color')
    said = one_line(done.stderr)
    assert done.returncode == 1 and 'state data in S3 does not have the expected content' in said
    assert list(objects.tables['locks']) == ['states/s/k-md5']


def test_s3_only_the_own_lock_is_released(workspace, objects):
    use_s3(workspace, objects, '    use_lockfile = true\n')
    other = json.dumps({'ID': 'other', 'Operation': 'x', 'Who': 'me'}).encode()
    objects.faults.append(Thief(objects, other))
    done = workspace.run('apply', '-auto-approve', '-no-color')
    assert done.returncode == 1 and 'does not match existing lock ("other")' in one_line(done.stderr)
    assert objects.objects['s/k.tflock'] == other and 's/k' in objects.objects


class Thief:
    """Another takes the lock while the state is written."""

    def __init__(self, store, lock):
        self.store, self.lock = store, lock

    def strikes(self, request):
        if request.method == 'PUT' and request.path.endswith('/k'):
            self.store.objects['s/k.tflock'] = self.lock
        return False


@pytest.mark.parametrize('how', [BEFORE, DURING, LOST, 503])
@pytest.mark.parametrize('more', ['use_lockfile = true', 'dynamodb_table = "locks"'])
def test_s3_a_connection_that_breaks_while_state_is_written(workspace, objects, how, more):
    use_s3(workspace, objects, '    %s\n    max_retries = 2\n' % more)
    objects.faults.append(PutFault(how))
    cut = workspace.run('apply', '-auto-approve', '-no-color')
    said = one_line(cut.stderr)
    assert cut.returncode == 1 and 'Error: Failed to save state Error saving state:' in said
    assert 'Failed to persist state to backend' in said
    assert 's/k.tflock' not in objects.objects and 'states/s/k' not in objects.tables['locks']
    made = json.loads(workspace.read('errored.tfstate'))
    objects.faults.clear()
    again = workspace.ok('apply', '-auto-approve', '-no-color')
    assert '0 added, 0 changed, 0 destroyed' in again
    ids = [s['resources'][0]['instances'][0]['attributes']['id'] for s in (made, json.loads(objects.objects['s/k']))]
    assert ids[0] == ids[1]


class PutFault:
    def __init__(self, how):
        self.how = how

    def strikes(self, request):
        return request.method == 'PUT' and request.path.endswith('/k')
