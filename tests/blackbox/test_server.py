# SPDX-License-Identifier: Apache-2.0
"""The server as clients see it: signatures, faults, garbage on the wire."""
import json
import socket
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError

from conftest import KEY, Server


def code_of(error):
    return error.value.response['Error']['Code']


def test_wrong_secret_and_unknown_key(server):
    with pytest.raises(ClientError) as wrong:
        server.client(key=(KEY[0], 'not the secret')).list_users()
    assert code_of(wrong) == 'SignatureDoesNotMatch'
    with pytest.raises(ClientError) as unknown:
        server.client(key=('AKIDUNKNOWN000000000', 'x')).list_users()
    assert code_of(unknown) == 'InvalidClientTokenId'


def post(url, body, headers=None):
    request = urllib.request.Request(url, data=body, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.mark.parametrize('body', [b'', b'Action=ListUsers', b'%%%', b'Action=Nope&Version=2010-05-08',
                                  b'\x00\xff' * 100, b'Action=CreateUser&Version=2010-05-08&UserName=' + b'a' * 5000])
def test_unsigned_and_malformed_requests_get_an_xml_fault(server, body):
    status, text = post(server.url, body)
    assert 400 <= status < 500 and b'<Error' in text and b'<Code>' in text


def test_an_oversized_body_is_refused(server):
    status, _ = post(server.url, b'Action=CreateUser&X=' + b'a' * (4 << 20))
    assert 400 <= status < 500
    assert server.client().list_users()['Users'] == []


def test_garbage_on_the_wire_leaves_the_server_up(server):
    for junk in (b'\x16\x03\x01', b'GET\r\n\r\n', b'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n',
                 b'POST / HTTP/1.1\r\n' + b'X: y\r\n' * 20000, b'A' * 100000):
        with socket.create_connection(('127.0.0.1', server.port), 5) as raw:
            try:
                raw.sendall(junk)
                raw.settimeout(2)
                raw.recv(65536)
            except OSError:
                pass
    assert server.client().list_users()['Users'] == []


def test_policies_are_enforced(server):
    iam = server.client()
    iam.create_user(UserName='bob')
    key = iam.create_access_key(UserName='bob')['AccessKey']
    bob = server.client(key=(key['AccessKeyId'], key['SecretAccessKey']))
    with pytest.raises(ClientError) as denied:
        bob.list_users()
    assert code_of(denied) == 'AccessDenied'
    assert 'because no identity-based policy allows the iam:ListUsers action' in str(denied.value)
    iam.put_user_policy(UserName='bob', PolicyName='p', PolicyDocument=json.dumps({
        'Version': '2012-10-17',
        'Statement': [{'Effect': 'Allow', 'Action': 'iam:List*', 'Resource': '*'}]}))
    assert [u['UserName'] for u in bob.list_users()['Users']] == ['bob']


def test_pages(server):
    iam = server.client()
    for number in range(25):
        iam.create_user(UserName='u%02d' % number)
    seen = [u['UserName'] for page in iam.get_paginator('list_users').paginate(
        PaginationConfig={'PageSize': 10}) for u in page['Users']]
    assert seen == ['u%02d' % number for number in range(25)]


def test_further_policies_of_aws_come_from_a_folder(tmp_path):
    data = tmp_path / 'data'
    folder = data / 'aws-policies' / 'service-role'
    folder.mkdir(parents=True)
    text = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 'odd:*', 'Resource': '*'}]}
    (folder / 'OddServicePolicy.json').write_text(json.dumps(text))
    server = Server(data)
    try:
        iam = server.client()
        arn = 'arn:aws:iam::aws:policy/service-role/OddServicePolicy'
        policy = iam.get_policy(PolicyArn=arn)['Policy']
        assert policy['PolicyId'].startswith('ANPA') and policy['Path'] == '/service-role/'
        version = iam.get_policy_version(PolicyArn=arn, VersionId=policy['DefaultVersionId'])
        assert version['PolicyVersion']['Document'] == text
        iam.create_user(UserName='u')
        iam.attach_user_policy(UserName='u', PolicyArn=arn)
        with pytest.raises(ClientError) as missing:
            iam.attach_user_policy(UserName='u', PolicyArn='arn:aws:iam::aws:policy/OddServicePolicy')
        assert code_of(missing) == 'NoSuchEntity'
    finally:
        server.kill()


def test_policies_of_aws_are_whole(server):
    iam = server.client()
    for name, version, actions in (('AdministratorAccess', 'v1', {'*'}),
                                   ('IAMReadOnlyAccess', 'v4', {'iam:Get*', 'iam:List*'}),
                                   ('SecurityAudit', None, {'iam:GenerateCredentialReport', 's3:GetBucket*'}),
                                   ('ReadOnlyAccess', None, {'iam:Get*', 'ec2:Describe*', 's3:List*'}),
                                   ('job-function/ViewOnlyAccess', None, {'iam:List*', 'ec2:DescribeInstance*'})):
        arn = 'arn:aws:iam::aws:policy/' + name
        default = iam.get_policy(PolicyArn=arn)['Policy']['DefaultVersionId']
        assert version in (None, default)
        document = iam.get_policy_version(PolicyArn=arn, VersionId=default)['PolicyVersion']['Document']
        found = set()
        for statement in document['Statement']:
            listed = statement.get('Action', [])
            found |= set([listed] if isinstance(listed, str) else listed)
        assert actions <= found, (name, actions - found)
