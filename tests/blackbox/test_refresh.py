# SPDX-License-Identifier: Apache-2.0
"""Bulk refresh: the same plan as single reads give, at a hundredth of the calls."""
import json
import random
import re

import pytest

from conftest import KEY

DENY = json.dumps({'Version': '2012-10-17', 'Statement': [
    {'Effect': 'Allow', 'Action': '*', 'Resource': '*'},
    {'Effect': 'Deny', 'Action': 'iam:GetAccountAuthorizationDetails', 'Resource': '*'}]})
CONFIG = '''
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region = "us-east-1"
}
locals {
  users  = toset([for i in range(%(users)d) : "u${i}"])
  groups = toset([for i in range(10) : "g${i}"])
  roles  = toset([for i in range(25) : "r${i}"])
  rules  = toset([for i in range(8) : "p${i}"])
}
resource "aws_iam_policy" "all" {
  for_each = local.rules
  name     = each.key
  path     = "/rules/"
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:Get${each.key}", Resource = "*" }] })
  tags     = { Rule = each.key }
}
resource "aws_iam_user" "all" {
  for_each             = local.users
  name                 = each.key
  path                 = "/people/"
  permissions_boundary = substr(each.key, -1, 1) == "3" ? aws_iam_policy.all["p0"].arn : null
  tags                 = { Name = each.key, Odd = substr(each.key, -1, 1) }
}
resource "aws_iam_user_policy_attachment" "all" {
  for_each   = local.users
  user       = aws_iam_user.all[each.key].name
  policy_arn = aws_iam_policy.all["p${tonumber(substr(each.key, -1, 1)) %% 8}"].arn
}
resource "aws_iam_user_policy" "all" {
  for_each = { for u in local.users : u => u if substr(u, -1, 1) == "7" }
  name     = "inline"
  user     = aws_iam_user.all[each.key].name
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:List", Resource = "*" }] })
}
resource "aws_iam_group" "all" {
  for_each = local.groups
  name     = each.key
}
resource "aws_iam_group_policy_attachment" "all" {
  for_each   = local.groups
  group      = aws_iam_group.all[each.key].name
  policy_arn = aws_iam_policy.all["p1"].arn
}
resource "aws_iam_group_policy" "all" {
  for_each = local.groups
  name     = "inline"
  group    = aws_iam_group.all[each.key].name
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "iam:*", Resource = "*" }] })
}
resource "aws_iam_group_membership" "all" {
  for_each = local.groups
  name     = each.key
  group    = aws_iam_group.all[each.key].name
  users    = [for u in local.users : aws_iam_user.all[u].name if "g${substr(u, -1, 1)}" == each.key]
}
resource "aws_iam_user_group_membership" "all" {
  for_each = { for u in local.users : u => u if substr(u, -1, 1) == "5" }
  user     = aws_iam_user.all[each.key].name
  groups   = [aws_iam_group.all["g5"].name]
}
resource "aws_iam_role" "all" {
  for_each             = local.roles
  name                 = each.key
  description          = "role ${each.key}"
  max_session_duration = 7200
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
  tags                 = { Name = each.key }
}
resource "aws_iam_role_policy_attachment" "all" {
  for_each   = local.roles
  role       = aws_iam_role.all[each.key].name
  policy_arn = aws_iam_policy.all["p2"].arn
}
resource "aws_iam_role_policy" "all" {
  for_each = local.roles
  name     = "inline"
  role     = aws_iam_role.all[each.key].name
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:*", Resource = "*" }] })
}
resource "aws_iam_instance_profile" "all" {
  for_each = local.roles
  name     = each.key
  role     = aws_iam_role.all[each.key].name
}
resource "aws_iam_policy" "alone" {
  count  = 4
  name   = "x${count.index}"
  path   = "/rules/"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "ec2:*", Resource = "*" }] })
}
resource "aws_iam_policy_attachment" "all" {
  count      = 4
  name       = "all"
  policy_arn = aws_iam_policy.alone[count.index].arn
  users      = [aws_iam_user.all["u${count.index}"].name, aws_iam_user.all["u${count.index + 4}"].name]
  groups     = [aws_iam_group.all["g${count.index}"].name]
  roles      = count.index == 0 ? null : [aws_iam_role.all["r${count.index}"].name]
}
resource "aws_iam_virtual_mfa_device" "all" {
  count                   = 6
  virtual_mfa_device_name = "phone${count.index}"
}
'''


def plan(workspace, key):
    workspace.env.update(AWS_ACCESS_KEY_ID=key[0], AWS_SECRET_ACCESS_KEY=key[1])
    done = workspace.run('plan', '-out=plan.bin', env={'TF_LOG': 'debug'})
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(workspace.ok('show', '-json', 'plan.bin'))
    calls = int(re.findall(r'(\d+) (?:API )?calls', done.stderr)[-1])
    kept = {k: told.get(k) for k in ('resource_changes', 'resource_drift', 'prior_state', 'planned_values', 'output_changes')}
    return kept, calls, done.stdout + done.stderr


def drift(iam, dice, users):
    """Somebody changes the account by hand."""
    arn = 'arn:aws:iam::%s:policy/rules/p%%d' % iam.get_user()['User']['Arn'].split(':')[4]
    alone = arn.replace('p%d', 'x%d')
    other = json.dumps({'Version': '2012-10-17', 'Statement': {'Effect': 'Allow', 'Action': ['s3:*'], 'Resource': ['*']}})
    same = json.dumps({'Version': '2012-10-17', 'Statement': {'Effect': 'Allow', 'Action': ['s3:List'], 'Resource': ['*']}})
    for _ in range(60):
        name, role, group = 'u%d' % dice.randrange(users), 'r%d' % dice.randrange(25), 'g%d' % dice.randrange(10)
        act = dice.choice([
            lambda: iam.tag_user(UserName=name, Tags=[{'Key': 'Extra', 'Value': 'x'}]),
            lambda: iam.untag_user(UserName=name, TagKeys=['Odd']),
            lambda: iam.update_user(UserName=name, NewPath='/else/'),
            lambda: iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=arn % 4),
            lambda: iam.delete_user_permissions_boundary(UserName=name),
            lambda: iam.attach_user_policy(UserName=name, PolicyArn=arn % 6),
            lambda: iam.detach_user_policy(UserName=name, PolicyArn=arn % (int(name[-1]) % 8)),
            lambda: iam.put_user_policy(UserName=name, PolicyName='inline', PolicyDocument=dice.choice([other, same])),
            lambda: iam.add_user_to_group(UserName=name, GroupName=group),
            lambda: iam.remove_user_from_group(UserName=name, GroupName='g' + name[-1]),
            lambda: iam.put_group_policy(GroupName=group, PolicyName='inline', PolicyDocument=other),
            lambda: iam.detach_group_policy(GroupName=group, PolicyArn=arn % 1),
            lambda: iam.update_role(RoleName=role, Description='else', MaxSessionDuration=3600),
            lambda: iam.tag_role(RoleName=role, Tags=[{'Key': 'Name', 'Value': 'else'}]),
            lambda: iam.delete_role_policy(RoleName=role, PolicyName='inline'),
            lambda: iam.detach_role_policy(RoleName=role, PolicyArn=arn % 2),
            lambda: iam.create_policy_version(PolicyArn=arn % dice.randrange(8), PolicyDocument=other, SetAsDefault=True),
            lambda: iam.attach_user_policy(UserName=name, PolicyArn=alone % dice.randrange(4)),
            lambda: iam.attach_role_policy(RoleName=role, PolicyArn=alone % dice.randrange(4)),
            lambda: iam.detach_group_policy(GroupName=group, PolicyArn=alone % (int(group[1]) % 4)),
            lambda: iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=alone % dice.randrange(4)),
            lambda: iam.delete_virtual_mfa_device(SerialNumber=arn.split('policy')[0] % () + 'mfa/phone%d' % dice.randrange(6)),
            lambda: iam.tag_policy(PolicyArn=arn % dice.randrange(8), Tags=[{'Key': 'Extra', 'Value': 'x'}]),
        ])
        try:
            act()
        except (iam.exceptions.NoSuchEntityException, iam.exceptions.LimitExceededException):
            pass


@pytest.mark.parametrize('seed', [1, 2, 3])
def test_same_plan_as_single_reads(workspace, server, seed):
    users = 60
    iam = server.client()
    workspace.env['AWS_ENDPOINT_URL'] = server.url
    workspace.env.update(AWS_ACCESS_KEY_ID=KEY[0], AWS_SECRET_ACCESS_KEY=KEY[1])
    workspace.write('main.tf', CONFIG % {'users': users})
    workspace.ok('init')
    workspace.ok('apply', '-auto-approve')
    iam.create_user(UserName='single')
    iam.put_user_policy(UserName='single', PolicyName='all-but-bulk', PolicyDocument=DENY)
    made = iam.create_access_key(UserName='single')['AccessKey']
    drift(iam, random.Random(seed), users)
    bulk, n_bulk, said = plan(workspace, KEY)
    assert 'refreshed one by one' not in said
    single, n_single, said = plan(workspace, (made['AccessKeyId'], made['SecretAccessKey']))
    assert said.count('Objects are refreshed one by one') == 1 and 'iam:GetAccountAuthorizationDetails' in said
    assert bulk == single
    assert any(r['change']['actions'] != ['no-op'] for r in bulk['resource_changes'])
    assert n_bulk * 3 < n_single


POPULATIONS = {
    # With two attachments each.
    'users': (3002, '''
resource "aws_iam_policy" "all" {
  count  = 2
  name   = "p${count.index}"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
resource "aws_iam_user" "all" {
  count = 1000
  name  = "u${count.index}"
}
resource "aws_iam_user_policy_attachment" "all" {
  count      = 2000
  user       = aws_iam_user.all[floor(count.index / 2)].name
  policy_arn = aws_iam_policy.all[count.index % 2].arn
}
'''),
    # With documents of their own and one that they share.
    'roles': (900, '''
resource "aws_iam_role" "all" {
  count              = 300
  name               = "r${count.index}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
  tags               = { Name = "r${count.index}" }
}
resource "aws_iam_role_policy" "all" {
  count  = 300
  name   = "own"
  role   = aws_iam_role.all[count.index].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
resource "aws_iam_role_policy_attachment" "all" {
  count      = 300
  role       = aws_iam_role.all[count.index].name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
'''),
    # With members and documents.
    'groups': (900, '''
resource "aws_iam_group" "all" {
  count = 300
  name  = "g${count.index}"
}
resource "aws_iam_group_policy" "all" {
  count  = 300
  name   = "own"
  group  = aws_iam_group.all[count.index].name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
resource "aws_iam_user" "one" {
  name = "one"
}
resource "aws_iam_group_membership" "all" {
  count = 299
  name  = "m"
  group = aws_iam_group.all[count.index].name
  users = [aws_iam_user.one.name]
}
'''),
}


@pytest.mark.parametrize('name', POPULATIONS)
def test_calls_per_instance(workspace, tmp_path, name):
    """A call for a hundred instances at most."""
    instances, text = POPULATIONS[name]
    workspace.env['LOAM_QUOTAS'] = 'GroupsPerUser=1000'
    workspace.write('main.tf', 'provider "aws" {\n  region = "us-east-1"\n}\n' + text)
    workspace.env['AWS_ENDPOINT_URL'] = 'loam:%s' % (tmp_path / 'account.db')
    workspace.ok('init')
    workspace.ok('apply', '-auto-approve')
    done = workspace.run('plan', '-detailed-exitcode', env={'TF_LOG': 'debug'})
    assert done.returncode == 0, done.stdout
    assert int(re.findall(r'(\d+) (?:API )?calls', done.stderr)[-1]) <= instances / 100
