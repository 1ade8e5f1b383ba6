# SPDX-License-Identifier: Apache-2.0
"""The embedded IAM and STS as clients see them: accounts, sessions, devices, identities, limits."""
import base64
import csv
import hashlib
import hmac
import http.client
import io
import json
import os
import socket
import struct
import subprocess
import time
import urllib.parse
import urllib.request

import pytest

from conftest import KEY, LOAM, Issuer, Server

boto3 = pytest.importorskip('boto3')
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.loaders import Loader

ACCOUNT, OTHER = '123456789012', '999988887777'


def code_of(call, **args):
    with pytest.raises(ClientError) as error:
        call(**args)
    return error.value.response['Error']['Code']


def trust(principal, action='sts:AssumeRole', condition=None):
    statement = {'Effect': 'Allow', 'Principal': principal, 'Action': action}
    if condition:
        statement['Condition'] = condition
    return json.dumps({'Version': '2012-10-17', 'Statement': [statement]})


def allow(action, resource='*'):
    return json.dumps({'Version': '2012-10-17',
                       'Statement': [{'Effect': 'Allow', 'Action': action, 'Resource': resource}]})


def new_user(server, name, policy=None, key=KEY):
    iam = server.client(key=key)
    iam.create_user(UserName=name)
    if policy:
        iam.put_user_policy(UserName=name, PolicyName='p', PolicyDocument=policy)
    made = iam.create_access_key(UserName=name)['AccessKey']
    return made['AccessKeyId'], made['SecretAccessKey']


def session(server, credentials, service='sts'):
    return server.client(service, key=(credentials['AccessKeyId'], credentials['SecretAccessKey']),
                         aws_session_token=credentials['SessionToken'])


def test_a_role_is_assumed_across_accounts(tmp_path):
    data = tmp_path / 'data'
    data.mkdir()
    made = subprocess.run([LOAM, 'serve', 'init', '--data', str(data), '--account', OTHER],
                          capture_output=True, text=True, check=True, timeout=30).stdout
    other_key = tuple(line.split('=', 1)[1] for line in made.split())
    server = Server(data)
    try:
        iam = server.client(key=other_key)
        assert server.client('sts', key=other_key).get_caller_identity()['Account'] == OTHER
        iam.create_role(RoleName='guest', AssumeRolePolicyDocument=trust(
            {'AWS': 'arn:aws:iam::%s:root' % ACCOUNT}, condition={'StringEquals': {'sts:ExternalId': 'x42'}}))
        arn = 'arn:aws:iam::%s:role/guest' % OTHER
        may = new_user(server, 'may', allow('sts:AssumeRole', arn))
        may_not = new_user(server, 'may-not')
        ask = dict(RoleArn=arn, RoleSessionName='visit')
        assert code_of(server.client('sts', key=may).assume_role, **ask) == 'AccessDenied'
        assert code_of(server.client('sts', key=may_not).assume_role, ExternalId='x42', **ask) == 'AccessDenied'
        got = server.client('sts', key=may).assume_role(ExternalId='x42', **ask)
        who = session(server, got['Credentials']).get_caller_identity()
        assert who['Arn'] == 'arn:aws:sts::%s:assumed-role/guest/visit' % OTHER
        assert [u['UserName'] for u in server.client().list_users()['Users']] == ['may', 'may-not']
        assert server.client(key=other_key).list_users()['Users'] == []
    finally:
        server.kill()


def totp(seed, step):
    mac = hmac.new(base64.b32decode(seed), struct.pack('>Q', step), hashlib.sha1).digest()
    at = mac[19] & 15
    return '%06d' % ((struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 1000000)


def test_mfa_codes_are_real_and_work_once(server):
    iam = server.client()
    key = new_user(server, 'mia', allow('sts:*'))
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName='mia')['VirtualMFADevice']
    seed, serial = device['Base32StringSeed'].decode(), device['SerialNumber']
    assert device['QRCodePNG'].startswith(b'\x89PNG')
    now = int(time.time()) // 30
    wrong = dict(UserName='mia', SerialNumber=serial, AuthenticationCode1=totp(seed, now),
                 AuthenticationCode2=totp(seed, now))
    assert code_of(iam.enable_mfa_device, **wrong) == 'InvalidAuthenticationCode'
    iam.enable_mfa_device(UserName='mia', SerialNumber=serial,
                          AuthenticationCode1=totp(seed, now - 2), AuthenticationCode2=totp(seed, now - 1))
    assert code_of(iam.delete_user, UserName='mia') == 'DeleteConflict'
    iam.create_role(RoleName='careful', AssumeRolePolicyDocument=trust(
        {'AWS': 'arn:aws:iam::%s:user/mia' % ACCOUNT},
        condition={'Bool': {'aws:MultiFactorAuthPresent': 'true'}}))
    sts = server.client('sts', key=key)
    ask = dict(RoleArn='arn:aws:iam::%s:role/careful' % ACCOUNT, RoleSessionName='s1')
    assert code_of(sts.assume_role, **ask) == 'AccessDenied'
    code = totp(seed, int(time.time()) // 30)
    sts.assume_role(SerialNumber=serial, TokenCode=code, **ask)
    assert code_of(sts.assume_role, SerialNumber=serial, TokenCode=code, **ask) == 'AccessDenied'


def test_session_policies_and_tags_narrow(server):
    iam = server.client()
    key = new_user(server, 'sam', allow('sts:*'))
    iam.create_role(RoleName='wide', AssumeRolePolicyDocument=json.dumps({
        'Version': '2012-10-17', 'Statement': [{
            'Effect': 'Allow', 'Principal': {'AWS': 'arn:aws:iam::%s:user/sam' % ACCOUNT},
            'Action': ['sts:AssumeRole', 'sts:TagSession']}]}))
    iam.put_role_policy(RoleName='wide', PolicyName='p', PolicyDocument=allow('iam:*'))
    ask = dict(RoleArn='arn:aws:iam::%s:role/wide' % ACCOUNT, RoleSessionName='s1')
    sts = server.client('sts', key=key)
    full = session(server, sts.assume_role(**ask)['Credentials'], 'iam')
    full.list_users()
    narrow = session(server, sts.assume_role(Policy=allow('iam:GetUser'), **ask)['Credentials'], 'iam')
    assert code_of(narrow.list_users) == 'AccessDenied'
    narrow.get_user(UserName='sam')
    iam.put_role_policy(RoleName='wide', PolicyName='p', PolicyDocument=json.dumps({
        'Version': '2012-10-17', 'Statement': [{
            'Effect': 'Allow', 'Action': 'iam:ListUsers', 'Resource': '*',
            'Condition': {'StringEquals': {'aws:PrincipalTag/Team': 'blue'}}}]}))
    tagged = session(server, sts.assume_role(Tags=[{'Key': 'Team', 'Value': 'blue'}], **ask)['Credentials'], 'iam')
    tagged.list_users()
    assert code_of(full.list_users) == 'AccessDenied'
    assert code_of(sts.assume_role, DurationSeconds=7200, **ask) == 'ValidationError'


def test_session_tokens_need_mfa_for_iam(server):
    key = new_user(server, 'tom', allow('iam:*'))
    got = server.client('sts', key=key).get_session_token()['Credentials']
    assert session(server, got).get_caller_identity()['Arn'].endswith(':user/tom')
    assert code_of(session(server, got, 'iam').list_users) == 'InvalidClientTokenId'
    got = server.client('sts', key=key)
    assert code_of(got.get_federation_token, Name='fed') == 'AccessDenied'


def test_a_web_identity_is_verified_with_the_issuers_keys(server, tmp_path):
    issuer = Issuer(tmp_path, tmp_path / 'data')
    sts = server.client('sts')
    ask = dict(RoleArn=issuer.add_role(server.client(), 'web'), RoleSessionName='s1')
    got = sts.assume_role_with_web_identity(WebIdentityToken=issuer.token(), **ask)
    assert got['SubjectFromWebIdentityToken'] == 'me'
    assert 'assumed-role/web/s1' in session(server, got['Credentials']).get_caller_identity()['Arn']
    refuse = lambda jwt: code_of(sts.assume_role_with_web_identity, WebIdentityToken=jwt, **ask)
    assert refuse(issuer.token(sub='you')) == 'AccessDenied'
    assert refuse(issuer.token(aud='another')) == 'InvalidIdentityToken'
    assert refuse(issuer.token(exp=1)) == 'ExpiredTokenException'
    assert refuse(issuer.token()[:-8] + 'AAAAAAAA') == 'InvalidIdentityToken'
    assert refuse('not a token') == 'InvalidIdentityToken'


def test_outbound_tokens_are_signed_with_the_keys_that_the_issuer_publishes(server):
    iam, sts = server.client(), server.client('sts')
    if not hasattr(iam, 'enable_outbound_web_identity_federation'):
        pytest.skip('this botocore does not know the operation')
    issuer = iam.enable_outbound_web_identity_federation()['IssuerIdentifier']
    host = issuer.split('//')[1]

    def published(name):
        request = urllib.request.Request(server.url + '/.well-known/' + name, headers={'Host': host})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    provider = iam.create_open_id_connect_provider(Url=issuer, ClientIDList=['app'])['OpenIDConnectProviderArn']
    role = iam.create_role(RoleName='guest', AssumeRolePolicyDocument=json.dumps({
        'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Principal': {'Federated': provider},
                                                'Action': 'sts:AssumeRoleWithWebIdentity'}]}))['Role']['Arn']
    for algorithm in ('RS256', 'ES384'):
        token = sts.get_web_identity_token(Audience=['app'], SigningAlgorithm=algorithm)['WebIdentityToken']
        head, body = (json.loads(base64.urlsafe_b64decode(part + '==')) for part in token.split('.')[:2])
        assert (head['alg'], body['iss'], body['aud']) == (algorithm, issuer, ['app'])
        assert head['kid'] in [key['kid'] for key in published('jwks.json')['keys'] if key['alg'] == algorithm]
        got = sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName='s1', WebIdentityToken=token)
        assert got['SubjectFromWebIdentityToken'] == body['sub']
        assert code_of(sts.assume_role_with_web_identity, RoleArn=role, RoleSessionName='s1',
                       WebIdentityToken=token[:-8] + 'AAAAAAAA') == 'InvalidIdentityToken'
    assert published('openid-configuration')['jwks_uri'] == issuer + '/.well-known/jwks.json'
    assert 'd' not in {name for key in published('jwks.json')['keys'] for name in key}


def test_a_presigned_request_is_accepted_until_it_expires(server):
    def presigned(expires):
        request = AWSRequest('GET', server.url + '/?Action=GetCallerIdentity&Version=2011-06-15')
        SigV4QueryAuth(Credentials(*KEY), 'sts', 'us-east-1', expires=expires).add_auth(request)
        return request.prepare().url[len(server.url):]

    def get(path):
        connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=10)
        connection.request('GET', path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    lasting, brief = presigned(60), presigned(1)
    time.sleep(2.2)
    status, body = get(lasting)
    assert status == 200 and ':root</Arn>' in body
    status, body = get(brief)
    assert status == 403 and 'Signature expired' in body


def test_access_answers(server):
    iam = server.client()
    new_user(server, 'ann', allow(['s3:Get*', 'ec2:*']))
    arn = 'arn:aws:iam::%s:user/ann' % ACCOUNT
    results = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=['s3:GetObject', 's3:PutObject'])
    assert [r['EvalDecision'] for r in results['EvaluationResults']] == ['allowed', 'implicitDeny']
    denied = json.dumps({'Version': '2012-10-17', 'Statement': [
        {'Effect': 'Allow', 'Action': '*', 'Resource': '*'},
        {'Effect': 'Deny', 'Action': 's3:*', 'Resource': '*',
         'Condition': {'StringEquals': {'aws:username': 'x'}}}]})
    results = iam.simulate_custom_policy(
        PolicyInputList=[denied], ActionNames=['s3:GetObject'],
        ContextEntries=[{'ContextKeyName': 'aws:username', 'ContextKeyValues': ['x'], 'ContextKeyType': 'string'}])
    result = results['EvaluationResults'][0]
    assert result['EvalDecision'] == 'explicitDeny'
    assert result['MatchedStatements'][0]['SourcePolicyId'] == 'PolicyInputList.1'
    assert iam.get_context_keys_for_custom_policy(PolicyInputList=[denied])['ContextKeyNames'] == ['aws:username']
    job = iam.generate_service_last_accessed_details(Arn=arn)['JobId']
    names = {s['ServiceNamespace'] for s in iam.get_service_last_accessed_details(JobId=job)['ServicesLastAccessed']}
    assert names == {'s3', 'ec2'}
    granting = iam.list_policies_granting_service_access(Arn=arn, ServiceNamespaces=['ec2', 'sqs'])
    assert [len(g['Policies']) for g in granting['PoliciesGrantingServiceAccess']] == [1, 0]
    iam.generate_credential_report()
    report = csv.DictReader(io.StringIO(iam.get_credential_report()['Content'].decode()))
    assert [(r['user'], r['access_key_1_active']) for r in report] == [('<root_account>', 'true'), ('ann', 'true')]


def test_an_account_moves_with_its_secrets(server, tmp_path):
    key = new_user(server, 'moved', allow('iam:*'))
    server.client().tag_user(UserName='moved', Tags=[{'Key': 'a', 'Value': 'b'}])
    assert server.stop() == 0
    run = lambda *args: subprocess.run([LOAM, 'serve', *args], check=True, timeout=60, capture_output=True)
    run('export', '--data', str(tmp_path / 'data'), str(tmp_path / 'all.json'))
    assert os.stat(tmp_path / 'all.json').st_mode & 0o777 == 0o600
    second = tmp_path / 'second'
    second.mkdir()
    moved = Server(second, '--seed', str(tmp_path / 'all.json'))
    try:
        assert moved.client(key=key).get_user()['User']['Tags'] == [{'Key': 'a', 'Value': 'b'}]
    finally:
        moved.kill()


def send(server, service, action, params):
    version = {'iam': '2010-05-08', 'sts': '2011-06-15'}[service]
    body = urllib.parse.urlencode([('Action', action), ('Version', version)] + params)
    request = AWSRequest('POST', server.url + '/', data=body,
                         headers={'Content-Type': 'application/x-www-form-urlencoded'})
    SigV4Auth(Credentials(*KEY), service, 'us-east-1').add_auth(request)
    connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=20)
    connection.request('POST', '/', body, dict(request.headers))
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def violations(shapes, name, shape):
    """Values of one parameter that its description forbids."""
    if shape['type'] == 'string':
        if shape.get('max', 10 ** 6) < 10 ** 5:
            yield [(name, 'a' * (shape['max'] + 1))]
        if shape.get('min'):
            yield [(name, 'a' * (shape['min'] - 1))]
        if shape.get('enum'):
            yield [(name, 'nonsense')]
    elif shape['type'] in ('integer', 'long'):
        yield from ([(name, v)] for v in ('99999999', '-1', 'many'))
    elif shape['type'] == 'boolean':
        yield [(name, 'maybe')]
    elif shape['type'] == 'list':
        yield [(name, 'x')]
        yield [('%s.member.x' % name, 'y')]
        yield [('%s.member.999999999' % name, 'y')]
    else:
        yield [(name, 'x')]


@pytest.mark.parametrize('service', ['iam', 'sts'])
def test_every_limit_violated_is_the_clients_fault(server, service):
    model = Loader().load_service_model(service, 'service-2')
    shapes, wrong = model['shapes'], []
    for action, operation in model['operations'].items():
        if 'input' not in operation:
            continue
        members = shapes[operation['input']['shape']].get('members', {})
        for name, member in members.items():
            for params in violations(shapes, name, shapes[member['shape']]):
                status, body = send(server, service, action, params)
                if not 400 <= status < 500 or '<Error>' not in body:
                    wrong.append((action, params[0][0], status))
    assert not wrong


def test_many_idle_connections_cost_little(server):
    idle = []
    try:
        for _ in range(700):
            s = socket.create_connection(('127.0.0.1', server.port), 5)
            s.sendall(b'POST / HTTP/1.1\r\nContent-Le')
            idle.append(s)
    except OSError:
        pass
    server.client().list_users()
    with open('/proc/%d/status' % server.process.pid, encoding='ascii') as f:
        rss = next(int(line.split()[1]) for line in f if line.startswith('VmRSS'))
    assert rss < 200 * 1024
    for s in idle:
        s.close()
