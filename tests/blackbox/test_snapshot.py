# SPDX-License-Identifier: Apache-2.0
"""A picture of a real account, as GetAccountAuthorizationDetails gives it, becomes an account to rehearse on."""
import json
import subprocess

import pytest

from conftest import LOAM, Server, clean_env

boto3 = pytest.importorskip('boto3')

ACCOUNT = '111122223333'
ANY = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}]}
TRUST = {'Version': '2012-10-17', 'Statement': [
    {'Effect': 'Allow', 'Action': 'sts:AssumeRole',
     'Principal': {'AWS': 'arn:aws:iam::%s:root' % ACCOUNT}}]}
TWIN = {'Arn': 'arn:aws:iam::%s:user/x' % ACCOUNT, 'UserName': 'x', 'UserId': 'AIDA0', 'Path': '/'}
LISTS = ('UserDetailList', 'GroupDetailList', 'RoleDetailList', 'Policies')


def details(client):
    """The whole answer, as the AWS CLI writes it."""
    whole = {name: [] for name in LISTS}
    for page in client.get_paginator('get_account_authorization_details').paginate():
        for name in LISTS:
            whole[name] += page[name]
    return json.loads(json.dumps(whole, default=lambda date: date.isoformat()))


@pytest.fixture
def picture(tmp_path):
    """An account with some of everything that the answer tells."""
    data = tmp_path / 'real'
    data.mkdir()
    server = Server(data, '--account', ACCOUNT)
    try:
        iam = server.client()
        own = iam.create_policy(PolicyName='Own', Path='/x/', PolicyDocument=json.dumps(ANY))['Policy']['Arn']
        iam.create_policy_version(PolicyArn=own, SetAsDefault=True, PolicyDocument=json.dumps(ANY))
        iam.create_group(GroupName='Readers')
        iam.attach_group_policy(GroupName='Readers', PolicyArn='arn:aws:iam::aws:policy/ReadOnlyAccess')
        iam.put_group_policy(GroupName='Readers', PolicyName='g', PolicyDocument=json.dumps(ANY))
        iam.create_user(UserName='Ada', Path='/people/', PermissionsBoundary=own,
                        Tags=[{'Key': 'Team', 'Value': 'platform'}])
        iam.add_user_to_group(UserName='Ada', GroupName='Readers')
        iam.put_user_policy(UserName='Ada', PolicyName='Inline', PolicyDocument=json.dumps(ANY))
        iam.create_role(RoleName='Worker', AssumeRolePolicyDocument=json.dumps(TRUST))
        iam.attach_role_policy(RoleName='Worker', PolicyArn=own)
        iam.create_instance_profile(InstanceProfileName='Workers')
        iam.add_role_to_instance_profile(InstanceProfileName='Workers', RoleName='Worker')
        yield details(iam)
    finally:
        server.kill()


def loam(tmp_path, *args, **more):
    return subprocess.run([LOAM, *args], capture_output=True, text=True, timeout=60, cwd=tmp_path,
                          env=clean_env(tmp_path), **more)


def test_the_copy_is_the_account(picture, tmp_path):
    file = tmp_path / 'picture.json'
    file.write_text(json.dumps(picture))
    data = tmp_path / 'copy'
    data.mkdir()
    server = Server(data, '--seed', str(file))
    try:
        assert server.client('sts').get_caller_identity()['Account'] == ACCOUNT
        assert details(server.client()) == picture
        iam = server.client()
        assert iam.get_instance_profile(InstanceProfileName='Workers')['InstanceProfile']['Roles'][0]['RoleName'] == 'Worker'
        # Its policies hold, and it can be changed as the real one.
        key = iam.create_access_key(UserName='Ada')['AccessKey']
        key = (key['AccessKeyId'], key['SecretAccessKey'])
        arn = 'arn:aws:iam::%s:role/Worker' % ACCOUNT
        server.client('sts', key=key).assume_role(RoleArn=arn, RoleSessionName='session')
        iam.delete_user_policy(UserName='Ada', PolicyName='Inline')
    finally:
        server.kill()


def test_documents_in_url_encoding(picture, tmp_path):
    from urllib.parse import quote
    for user in picture['UserDetailList']:
        for policy in user['UserPolicyList']:
            policy['PolicyDocument'] = quote(json.dumps(policy['PolicyDocument']))
    (tmp_path / 'picture.json').write_text(json.dumps(picture))
    done = loam(tmp_path, 'policy', 'who-can', '-action=ec2:RunInstances', 'picture.json')
    assert 'user/people/Ada' in done.stdout
    done = loam(tmp_path, 'serve', 'import', '--data', 'copy', 'picture.json')
    assert done.returncode == 0 and 'AWS_SECRET_ACCESS_KEY=' in done.stdout, done.stderr


def test_it_goes_into_an_empty_database_only(picture, tmp_path):
    (tmp_path / 'picture.json').write_text(json.dumps(picture))
    assert loam(tmp_path, 'serve', 'import', '--data', 'copy', 'picture.json').returncode == 0
    done = loam(tmp_path, 'serve', 'import', '--data', 'copy', 'picture.json')
    assert done.returncode == 1 and 'empty database' in done.stderr
    done = loam(tmp_path, 'serve', 'import', '--data', 'other', '--account', '999988887777',
                'picture.json')
    assert done.returncode == 1 and ACCOUNT in done.stderr


@pytest.mark.parametrize('text', ['{"UserDetailList": 1}', '{"UserDetailList": [1, {}, {"Arn": 7}]}',
                                  '{"UserDetailList": [{"Arn": "arn:aws:iam::111122223333:user/x"}]}',
                                  json.dumps({'UserDetailList': [TWIN, dict(TWIN, UserId='AIDA1')]}),
                                  '{"UserDetailList": [', '[]', '{}'])
def test_bad_pictures_are_refused(tmp_path, text):
    (tmp_path / 'picture.json').write_text(text)
    done = loam(tmp_path, 'serve', 'import', '--data', 'copy', 'picture.json')
    assert done.returncode == 1 and done.stderr.startswith('loam: '), done
