# SPDX-License-Identifier: Apache-2.0
"""Answers about access that no plan gives: who may do what in an account, and what a change of it does."""
import json

ACCOUNT = '123456789012'
ARN = 'arn:aws:iam::%s:' % ACCOUNT


def document(*statements):
    return {'Version': '2012-10-17', 'Statement': list(statements)}


def allow(action, resource='*', **more):
    return dict({'Effect': 'Allow', 'Action': action, 'Resource': resource}, **more)


def deny(action, resource='*'):
    return {'Effect': 'Deny', 'Action': action, 'Resource': resource}


def user(name, *statements, **more):
    return dict({'UserName': name, 'Arn': ARN + 'user/' + name, 'UserPolicyList': [
        {'PolicyName': 'own', 'PolicyDocument': document(*statements)}]}, **more)


def role(name, trusted, *statements):
    trust = document({'Effect': 'Allow', 'Action': 'sts:AssumeRole', 'Principal': {'AWS': trusted}})
    return {'RoleName': name, 'Arn': ARN + 'role/' + name, 'AssumeRolePolicyDocument': trust,
            'RolePolicyList': [{'PolicyName': 'own', 'PolicyDocument': document(*statements)}]}


def account(workspace, name, users, roles=()):
    return workspace.write(name, json.dumps({'UserDetailList': users, 'RoleDetailList': list(roles)}))


def test_access_in_the_widest_words_and_what_is_taken_from_it(workspace):
    account(workspace, 'a.json', [
        user('ada', allow(['s3:*', 's3:GetObject']), deny('s3:DeleteBucket'),
             allow('iam:ChangePassword', ARN + 'user/${aws:username}')), user('bob', allow('s3:Get*'))])
    assert workspace.ok('policy', 'access', 'ada', 'a.json') == (
        ARN + 'user/ada\n'
        '  iam:ChangePassword on ' + ARN + 'user/${aws:username}\n'
        '  s3:* on *\n'
        '  - s3:DeleteBucket on *\n')
    assert workspace.ok('policy', 'access', ARN + 'user/bob', 'a.json').endswith(
        'bob\n  s3:Get* on *\n')


def test_access_reaches_roles_through_roles(workspace):
    account(workspace, 'a.json', [user('ada', allow('sts:AssumeRole', ARN + 'role/first'))], [
        role('first', ARN + 'root', allow('sts:AssumeRole', ARN + 'role/second')),
        role('second', ARN + 'role/first', allow('ec2:*')),
        role('third', ARN + 'role/nobody', allow('kms:*'))])
    out = workspace.ok('policy', 'access', 'ada', 'a.json')
    assert out.count(ARN + 'role/second\n') == 2 and '  ec2:* on *\n' in out
    assert 'third' not in out and 'kms' not in out
    rows = json.loads(workspace.ok('policy', 'access', '-json', 'ada', 'a.json'))
    assert {'principal': ARN + 'role/second', 'action': 'ec2:*', 'resource': '*',
            'allowed': True} in rows


def test_access_under_conditions(workspace):
    condition = {'Bool': {'aws:MultiFactorAuthPresent': 'true'}}
    account(workspace, 'a.json', [user('ada', allow('s3:*', Condition=condition))])
    assert workspace.ok('policy', 'access', 'ada', 'a.json').endswith('  nothing\n')
    assert '  s3:* on *' in workspace.ok('policy', 'access', '-context',
                                         'aws:MultiFactorAuthPresent=true', 'ada', 'a.json')


def test_diff_says_who_gains_and_who_loses(workspace):
    account(workspace, 'before.json', [user('ada', allow('s3:*')), user('bob', allow('ec2:*')),
                                       user('eve', allow('kms:Decrypt'))])
    account(workspace, 'after.json', [user('ada', allow(['s3:Get*', 'iam:GetUser'])),
                                      user('cyd', allow('ec2:*')), user('eve', allow('kms:Decrypt'))])
    done = workspace.run('policy', 'diff', 'before.json', 'after.json')
    assert done.returncode == 2
    assert done.stdout == (
        ARN + 'user/ada\n  - s3:* on *\n  + iam:GetUser on *\n' +
        ARN + 'user/bob (gone)\n  - ec2:* on *\n' +
        ARN + 'user/cyd (new)\n  + ec2:* on *\n')
    rows = json.loads(workspace.run('policy', 'diff', '-json', 'before.json', 'after.json').stdout)
    assert len(rows) == 4 and not rows[0]['allowed'] and rows[1]['allowed']


def test_nobody_can(workspace):
    account(workspace, 'a.json', [user('ada', allow('s3:*'))])
    done = workspace.run('policy', 'who-can', '-action=iam:CreateUser', 'a.json')
    assert (done.returncode, done.stdout, done.stderr) == (0, '', 'Nobody.\n')


def test_diff_of_the_same(workspace):
    account(workspace, 'a.json', [user('ada', allow('s3:*'))])
    assert workspace.ok('policy', 'diff', 'a.json', 'a.json') == 'No change of access.\n'


def test_a_boundary_taken_away_is_a_change_that_no_policy_shows(workspace):
    boundary = {'PermissionsBoundaryArn': ARN + 'policy/edge'}
    policies = [{'Arn': ARN + 'policy/edge', 'PolicyVersionList': [
        {'IsDefaultVersion': True, 'Document': document(allow('s3:Get*'))}]}]
    for name, more in (('before.json', {'PermissionsBoundary': boundary}), ('after.json', {})):
        workspace.write(name, json.dumps({'UserDetailList': [user('ada', allow('s3:*'), **more)],
                                          'Policies': policies}))
    done = workspace.run('policy', 'diff', 'before.json', 'after.json')
    assert done.stdout == ARN + 'user/ada\n  + s3:* on *\n', done.stderr


def test_bad_questions(workspace):
    account(workspace, 'a.json', [user('ada', allow('s3:*'))])
    workspace.write('bad.json', '{"UserDetailList": 1, ')
    for arguments, text in ((['access', 'nobody', 'a.json'], 'no user or role'),
                            (['access', 'ada', 'bad.json'], 'no JSON'),
                            (['access', 'ada', 'missing.json'], 'missing.json'),
                            (['access', 'ada'], 'Give a user or role'),
                            (['diff', 'a.json', 'bad.json'], 'no JSON'),
                            (['diff', '-context', 'x', 'a.json', 'a.json'], 'key=value')):
        done = workspace.run('policy', *arguments)
        assert done.returncode == 1 and text in done.stderr, (arguments, done.stdout, done.stderr)
