# SPDX-License-Identifier: Apache-2.0
"""What data sources and functions of the AWS provider say of what is not there, as release 5.100.0 says it."""
import json
import re

import pytest

PROVIDER = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\nprovider "aws" {\n  region = "us-east-1"\n}\n'
GONE = "couldn't find resource"
# Type and arguments to what is said.
FAULTS = {
    'aws_iam_access_keys': ('user = "none"', 'reading IAM Access Keys (none): ' + GONE),
    'aws_iam_instance_profiles': ('role_name = "none"', 'reading IAM Instance Profiles for Role (none): ' + GONE),
    'aws_iam_instance_profile': ('name = "none"', 'reading IAM Instance Profile (none): ' + GONE),
    'aws_iam_role': ('name = "a b"', r'reading IAM Role \(a b\): operation error IAM: GetRole, .*ValidationError'),
    'aws_iam_roles': ('path_prefix = "bad"', 'reading IAM roles: operation error IAM: ListRoles, .*ValidationError'),
    'aws_iam_openid_connect_provider': ('url = "https://none.example.com"',
                                        r'finding IAM OIDC Provider by url \(https://none.example.com\): not found'),
    'aws_iam_user': ('user_name = ""', 'getting user: operation error IAM: GetUser, .*ValidationError'),
    'aws_iam_user_ssh_key': ('username = "none"\n  ssh_public_key_id = "APKAXXXXXXXXXXXXXXXX"\n  encoding = "SSH"',
                             'reading IAM User SSH Key: operation error IAM: GetSSHPublicKey, .*NoSuchEntity'),
    'aws_iam_session_context': ('arn = "arn:aws:sts::123456789012:assumed-role/none/me"', r'unable to get role \(none\): ' + GONE),
    'aws_iam_principal_policy_simulation': (
        'policy_source_arn = "arn:aws:iam::123456789012:user/none"\n  action_names = ["s3:GetObject"]',
        'simulating IAM Principal Policy: operation error IAM: SimulatePrincipalPolicy, .*NoSuchEntity'),
    'aws_region': ('name = "moon"', r'finding Region by name \(moon\)'),
    'aws_service_principal': ('service_name = "s3"\n  region = "moon"', r'finding Region by name \(moon\)'),
}
SESSIONS = {
    'assumed-role/app/me': ('app', 'me'),
    'assumed-role/app/m': ('', ''),  # a name has two characters at least
    'federated-user/app': ('', ''),
}
# Call to value, or to the words of its failure.
CALLS = {
    'arn_parse("arn:aws:s3:::b").resource': 'b',
    'arn_build("aws", "iam", "", "1", "user/x")': 'arn:aws:iam::1:user/x',
    'trim_iam_role_path("arn:aws:iam::123456789012:role/a/b/r")': 'arn:aws:iam::123456789012:role/r',
    'arn_parse("x")': ['arn: invalid prefix.'],
    'arn_parse("arn:aws:iam::1")': ['arn: not enough sections.'],
    'trim_iam_role_path("arn:aws:s3:::role/a")': ['service must be "iam".'],
    'trim_iam_role_path("arn:aws:iam:us-east-1:1:role/a")': ['region must be empty.'],
    'trim_iam_role_path("arn:aws:iam::1:user/a")': ['resource must begin with "role/".'],
}


@pytest.fixture
def account(workspace, tmp_path):
    workspace.env['AWS_ENDPOINT_URL'] = 'loam:%s' % (tmp_path / 'account.db')
    return workspace


@pytest.mark.parametrize('kind', FAULTS)
def test_faults(account, kind):
    arguments, said = FAULTS[kind]
    account.write('main.tf', PROVIDER + 'data "%s" "d" {\n  %s\n}\n' % (kind, arguments))
    account.ok('init')
    done = account.run('plan')
    told = ' '.join(done.stderr.split())
    said = said if '\\' in said or '*' in said else re.escape(said)
    assert done.returncode == 1 and re.search('Error: ' + said, told) and 'with data.%s.d' % kind in told, told


@pytest.mark.parametrize('resource', SESSIONS)
def test_sessions(account, resource):
    account.write('main.tf', PROVIDER + '''
resource "aws_iam_role" "app" {
  name               = "app"
  path               = "/hidden/"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}
data "aws_iam_session_context" "c" {
  arn        = "arn:aws:sts::123456789012:%s"
  depends_on = [aws_iam_role.app]
}
output "c" {
  value = [data.aws_iam_session_context.c.issuer_name, data.aws_iam_session_context.c.session_name]
}
''' % resource)
    account.ok('init')
    account.ok('apply', '-auto-approve')
    assert tuple(json.loads(account.ok('output', '-json', 'c'))) == SESSIONS[resource]


@pytest.mark.parametrize('call', CALLS)
def test_functions(account, call):
    account.write('main.tf', PROVIDER + 'output "o" {\n  value = provider::aws::%s\n}\n' % call)
    account.ok('init')
    want, done = CALLS[call], account.run('apply', '-auto-approve')
    if isinstance(want, str):
        assert account.ok('output', '-raw', 'o') == want
    else:
        assert done.returncode == 1 and 'failed: ' + want[0] in ' '.join(done.stderr.split())
