# SPDX-License-Identifier: Apache-2.0
"""`loam query`: list blocks, what they find, and the configuration that imports it."""
import json
import os
import re

import pytest

from conftest import KEY, ROOT, Workspace, clean_env

MAIN = '''
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region = "us-east-1"
}
'''
ACCOUNT = MAIN + '''
locals {
  look = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:Get*", Resource = "*" }] })
}
resource "aws_iam_user" "u" {
  count = 3
  name  = "user-${count.index}"
  path  = count.index == 1 ? "/eng/" : "/"
  tags  = { Team = "x" }
}
resource "aws_iam_access_key" "k" {
  user = aws_iam_user.u[0].name
}
resource "aws_iam_group" "g" {
  name = "admins"
  path = "/eng/"
}
resource "aws_iam_policy" "p" {
  name        = "look"
  path        = "/eng/"
  description = "Looks."
  policy      = local.look
}
resource "aws_iam_role" "r" {
  name                 = "app"
  path                 = "/svc/"
  max_session_duration = 7200
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}
resource "aws_iam_service_linked_role" "s" {
  aws_service_name = "elasticbeanstalk.amazonaws.com"
}
resource "aws_iam_instance_profile" "i" {
  name = "prof"
  role = aws_iam_role.r.name
}
resource "aws_iam_user_policy_attachment" "a" {
  count      = 2
  user       = aws_iam_user.u[count.index].name
  policy_arn = aws_iam_policy.p.arn
}
resource "aws_iam_group_policy_attachment" "a" {
  group      = aws_iam_group.g.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
resource "aws_iam_role_policy_attachment" "a" {
  role       = aws_iam_role.r.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
resource "aws_iam_role_policy" "x" {
  role   = aws_iam_role.r.name
  name   = "inline"
  policy = local.look
}
resource "aws_iam_openid_connect_provider" "o" {
  url            = "https://id.example.com/x"
  client_id_list = ["one", "two"]
}
resource "aws_iam_user_policy" "x" {
  user   = aws_iam_user.u[2].name
  name   = "own"
  policy = local.look
}
'''
# Type, its `config` block, how many there are, and what stands for them.
TYPES = [
    ('aws_iam_access_key', '', 1, ['User: user-0 - Access Key: AKIA']),
    ('aws_iam_group', '', 1, ['admins']),
    ('aws_iam_group_policy_attachment', '', 1,
     ['Group: admins - Policy: arn:aws:iam::aws:policy/ReadOnlyAccess']),
    ('aws_iam_instance_profile', '', 1, ['prof']),
    ('aws_iam_openid_connect_provider', '', 1, ['id.example.com/x']),
    ('aws_iam_policy', '', 1, ['eng/look']),
    ('aws_iam_role', '', 1, ['svc/app']),
    ('aws_iam_role_policy', 'role_name = "app"', 1, ['inline']),
    ('aws_iam_role_policy_attachment', '', 1, ['Role: svc/app - Policy: ReadOnlyAccess']),
    ('aws_iam_user', '', 3, ['user-0', 'user-1', 'user-2']),
    ('aws_iam_user_policy', 'user_name = "user-2"', 1, ['own']),
    ('aws_iam_user_policy_attachment', '', 2,
     ['User: user-0 - Policy: eng/look', 'User: user-1 - Policy: eng/look']),
]


def block(kind, name='all', config='', more=''):
    inner = '  config {\n    %s\n  }\n' % config if config else ''
    return 'list "%s" "%s" {\n  provider = aws\n%s%s}\n' % (kind, name, more, inner)


@pytest.fixture(scope='module')
def account(tmp_path_factory):
    """The file of an account with something of everything."""
    home = tmp_path_factory.mktemp('account')
    env = clean_env(home, AWS_ENDPOINT_URL='loam:%s' % (home / 'iam.db'), AWS_REGION='us-east-1')
    (home / 'seed').mkdir()
    seed = Workspace(home / 'seed', env)
    seed.write('main.tf', ACCOUNT)
    seed.ok('init')
    seed.ok('apply', '-auto-approve')
    return env


@pytest.fixture
def asking(account, tmp_path):
    work = Workspace(tmp_path, account)
    work.write('main.tf', MAIN)
    return work


def ask(work, query, *args, name='q.tfquery.hcl'):
    work.write(name, query)
    return work.run('query', '-no-color', *args)


def events(done):
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_text(asking):
    done = ask(asking, block('aws_iam_user'))
    assert done.returncode == 0, done.stderr
    account = re.search(r'account_id=(\d{12}),', done.stdout).group(1)
    assert done.stdout == ''.join(
        'list.aws_iam_user.all   account_id=%s,name=user-%d   user-%d\n' % (account, i, i)
        for i in range(3)) + '\n'
    assert done.stderr == ''


@pytest.mark.parametrize('kind,config,n,shown', TYPES, ids=[t[0] for t in TYPES])
def test_what_is_found_is_imported_without_a_change(asking, kind, config, n, shown):
    asking.ok('init')
    done = ask(asking, block(kind, config=config), '-generate-config-out=found.tf')
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith('list.')]
    assert len(rows) == n
    assert all(text in row for text, row in zip(shown, rows))
    assert 'written it to found.tf' in done.stdout
    text = asking.read('found.tf')
    assert text.count('\nimport {') == text.count('\nresource "%s" "all_' % kind) == n
    assert text.count('  provider = aws\n') >= n
    os.remove(os.path.join(asking.path, 'q.tfquery.hcl'))
    assert 'Plan: %d to import, 0 to add, 0 to change, 0 to destroy.' % n in asking.ok('plan')
    asking.ok('apply', '-auto-approve')
    assert asking.run('plan', '-detailed-exitcode').returncode == 0


def test_schemas_name_every_list_resource(asking):
    asking.ok('init')
    known = json.loads(asking.ok('providers', 'schema', '-json'))
    aws = known['provider_schemas']['registry.terraform.io/hashicorp/aws']
    assert sorted(aws['list_resource_schemas']) == [t[0] for t in TYPES]
    user = aws['list_resource_schemas']['aws_iam_user']['block']['attributes']
    assert user['path_prefix']['optional'] and user['path_prefix']['type'] == 'string'
    role = aws['list_resource_schemas']['aws_iam_role_policy']['block']['attributes']
    assert role['role_name']['required']


def test_the_guide_names_every_list_with_its_arguments(asking):
    asking.ok('init')
    known = json.loads(asking.ok('providers', 'schema', '-json'))
    known = known['provider_schemas']['registry.terraform.io/hashicorp/aws']['list_resource_schemas']
    with open(os.path.join(ROOT, 'docs', 'query.md'), encoding='utf8') as page:
        rows = re.findall(r'^\| `(aws_\w+)` \| ?(?:`(\w+)`(, required)?)? ?\|', page.read(), re.MULTILINE)
    told = {kind: {argument: bool(required)} if argument else {} for kind, argument, required in rows}
    assert told == {kind: {name: 'required' in attr for name, attr in schema['block'].get('attributes', {}).items()}
                    for kind, schema in known.items()}


def test_events(asking):
    found = events(ask(asking, block('aws_iam_user', config='path_prefix = "/eng/"'), '-json'))
    assert [e['type'] for e in found] == ['version', 'list_start', 'list_resource_found',
                                          'list_complete']
    start, one, end = found[1:]
    assert start['@message'] == 'list.aws_iam_user.all: Starting query...'
    assert start['list_start'] == {'address': 'list.aws_iam_user.all',
                                   'resource_type': 'aws_iam_user',
                                   'input_config': {'path_prefix': '/eng/'}}
    assert one['@message'] == 'list.aws_iam_user.all: Result found'
    account = one['list_resource_found']['identity']['account_id']
    assert one['list_resource_found'] == {
        'address': 'list.aws_iam_user.all', 'display_name': 'user-1', 'identity_version': 0,
        'identity': {'account_id': account, 'name': 'user-1'}, 'resource_type': 'aws_iam_user'}
    assert end['@message'] == 'list.aws_iam_user.all: List complete'
    assert end['list_complete'] == {'address': 'list.aws_iam_user.all',
                                    'resource_type': 'aws_iam_user', 'total': 1}


def test_events_with_objects_and_blocks(asking):
    query = block('aws_iam_group', more='  include_resource = true\n')
    plain = events(ask(asking, query, '-json'))[2]['list_resource_found']
    assert plain['resource_object']['path'] == '/eng/'
    assert 'config' not in plain
    blocks = events(ask(asking, query, '-json', '-generate-config-out=x.tf'))[2]['list_resource_found']
    account = blocks['identity']['account_id']
    assert blocks['config'] == ('resource "aws_iam_group" "all_0" {\n  provider = aws\n'
                                '  name     = "admins"\n  path     = "/eng/"\n}')
    assert blocks['import_config'] == (
        'import {\n  to       = aws_iam_group.all_0\n  provider = aws\n  identity = {\n'
        '    account_id = "%s"\n    name       = "admins"\n  }\n}' % account)
    assert not os.path.exists(os.path.join(asking.path, 'x.tf'))


def test_lists_build_on_lists(asking):
    done = ask(asking, block('aws_iam_role', 'roles') + '''
list "aws_iam_role_policy" "each" {
  provider = aws
  for_each = toset([for r in list.aws_iam_role.roles.data : r.identity.name])
  config {
    role_name = each.value
  }
}
list "aws_iam_user" "two" {
  provider = aws
  count    = 2
  limit    = count.index + 1
}
''')
    assert done.returncode == 0, done.stderr
    first = [line.split('   ')[0] for line in done.stdout.splitlines() if line]
    assert first == ['list.aws_iam_role.roles', 'list.aws_iam_role_policy.each["app"]',
                     'list.aws_iam_user.two[0]', 'list.aws_iam_user.two[1]',
                     'list.aws_iam_user.two[1]']


def test_instances_generate_names_of_their_own(asking):
    query = block('aws_iam_user', more='  count = 2\n  limit = 1\n')
    assert ask(asking, query, '-generate-config-out=x.tf').returncode == 0
    assert re.findall(r'resource "aws_iam_user" "(\w+)"', asking.read('x.tf')) == ['all_0_0', 'all_1_0']


def test_variables_locals_and_providers_of_query_files(asking):
    query = '''
variable "where" {
  type = string
}
locals {
  path = "/${var.where}/"
}
provider "aws" {
  alias  = "west"
  region = "us-west-2"
}
list "aws_iam_user" "all" {
  provider = aws.west
  config {
    path_prefix = local.path
  }
}
'''
    done = ask(asking, query, '-var', 'where=eng')
    assert done.returncode == 0 and done.stdout.count('user-1') == 2, done.stderr
    asking.write('some.tfvars', 'where = "eng"\n')
    assert ask(asking, query, '-var-file=some.tfvars').stdout == done.stdout
    missing = ask(asking, query, '-input=false')
    assert missing.returncode == 1 and 'No value for required variable' in missing.stderr
    made = events(ask(asking, query, '-var', 'where=eng', '-json', '-generate-config-out=x.tf'))
    assert '\n  provider             = aws.west\n' in made[2]['list_resource_found']['config']
    assert '\n  provider = aws.west\n' in made[2]['list_resource_found']['import_config']


def test_a_plan_generates_the_provider_that_an_import_names(asking):
    asking.write('main.tf', 'provider "terraform" {\n  alias = "x"\n}\nimport {\n  to       = terraform_data.a\n'
                 '  id       = "one"\n  provider = terraform.x\n}\n'
                 'import {\n  to = terraform_data.b\n  id = "two"\n}\n')
    asking.ok('init')
    asking.ok('plan', '-generate-config-out=g.tf')
    blocks = re.findall(r'^resource .*?^\}', asking.read('g.tf'), re.MULTILINE | re.DOTALL)
    assert blocks[0].splitlines()[1] == '  provider         = terraform.x'
    assert 'provider' not in blocks[1]


def test_secret_arguments_are_not_told(asking):
    query = 'variable "p" {\n  sensitive = true\n  default   = "/eng/"\n}\n' + block(
        'aws_iam_user', config='path_prefix = var.p')
    found = events(ask(asking, query, '-json'))
    assert found[1]['list_start']['input_config'] == {'path_prefix': None}
    assert found[2]['list_resource_found']['display_name'] == 'user-1'


def test_state_and_data_sources_are_read_not_changed(asking):
    asking.write('main.tf', MAIN + '''
data "aws_iam_role" "app" {
  name = "app"
}
resource "aws_iam_user" "known" {
  name = "user-2"
}
resource "aws_iam_user" "never_made" {
  name = "other"
}
''')
    asking.ok('init')
    asking.ok('import', 'aws_iam_user.known', 'user-2')
    before = asking.read('terraform.tfstate')
    done = ask(asking, block('aws_iam_role_policy', config='role_name = data.aws_iam_role.app.name') +
               block('aws_iam_user_policy', config='user_name = aws_iam_user.known.name'))
    assert done.returncode == 0, done.stderr
    assert 'name=inline,role=app' in done.stdout and 'name=own,user=user-2' in done.stdout
    assert asking.read('terraform.tfstate') == before
    unknown = ask(asking, block('aws_iam_user_policy', config='user_name = aws_iam_user.never_made.id'))
    assert unknown.returncode == 1
    assert 'Error: Invalid list configuration' in unknown.stderr


def test_json_syntax_and_query_files_alone(asking):
    os.remove(os.path.join(asking.path, 'main.tf'))
    done = ask(asking, json.dumps({'provider': {'aws': {'region': 'us-east-1'}}, 'list': {
        'aws_iam_user': {'all': {'provider': 'aws', 'config': {'path_prefix': '/eng/'}}}}}),
        name='q.tfquery.json')
    assert done.returncode == 0 and 'name=user-1' in done.stdout, done.stderr


def test_what_only_query_files_need_is_installed_and_told(asking):
    os.remove(os.path.join(asking.path, 'main.tf'))
    asking.write('q.tfquery.hcl', 'provider "aws" {\n  region = "us-east-1"\n}\n' + block('aws_iam_user'))
    assert 'hashicorp/aws' in asking.ok('init')
    known = json.loads(asking.ok('providers', 'schema', '-json'))
    assert 'registry.terraform.io/hashicorp/aws' in known['provider_schemas']


def test_nothing_found(asking):
    done = ask(asking, block('aws_iam_user') + block('aws_iam_user', 'none', 'path_prefix = "/no/"'))
    assert done.returncode == 0
    assert done.stdout.endswith('Warning: list block(s) [list.aws_iam_user.none] returned 0 results.\n\n')


# Query, what stderr begins with.
ERRORS = [
    ('list "aws_iam_user" "a" {\n}\n', 'Error: Missing "provider" attribute\n\n  on q.tfquery.hcl line 1:\n'
     '   1: list "aws_iam_user" "a" {\n\nYou must specify a provider attribute when defining a list block.\n'),
    (block('aws_iam_usr'), 'Error: Invalid list resource\n'),
    (block('aws_iam_role_policy'), 'Error: Missing config block\n'),
    (block('aws_iam_role_policy', config='#'), 'Error: Missing required argument\n'),
    (block('aws_iam_user', config='nme = 1'), 'Error: Unsupported argument\n'),
    (block('aws_iam_user', more='  depends_on = []\n'),
     'Error: Unsupported argument\n\n  on q.tfquery.hcl line 3, in list "aws_iam_user" "all":\n'
     '   3:   depends_on = []\n\nAn argument named "depends_on" is not expected here.\n'),
    (block('aws_iam_user', more='  data = []\n'), 'Error: Unsupported argument\n'),
    (block('aws_iam_user', config='path_prefix = uuid()'), 'Error: Invalid list configuration\n'),
    (block('aws_iam_user', config='path_prefix = list.aws_iam_role.r.state.name') + block('aws_iam_role', 'r'),
     'Error: Unsupported attribute\n'),
    ('resource "aws_iam_user" "a" {\n}\n',
     'Error: Unsupported block type\n\n  on q.tfquery.hcl line 1:\n   1: resource "aws_iam_user" "a" {\n\n'
     'Blocks of type "resource" are not expected here.\n'),
    (block('aws_iam_user', more='  count = 1\n  for_each = toset(["a"])\n'),
     'Error: Invalid combination of "count" and "for_each"\n'),
    (block('aws_iam_user') * 2, 'Error: Duplicate list "aws_iam_user" configuration\n'),
    (block('aws_iam_user', config='path_prefix = list.aws_iam_role.x.data[0].display_name'),
     'Error: Reference to undeclared resource\n'),
    (block('aws_iam_user', config='path_prefix = list.aws_iam_user.all.data[0].display_name'),
     'Error: Self-referential block\n'),
    (block('aws_iam_user', 'a', more='  limit = length(list.aws_iam_user.b.data)\n') +
     block('aws_iam_user', 'b', more='  limit = length(list.aws_iam_user.a.data)\n'),
     'Error: Cycle: list.aws_iam_user.a, list.aws_iam_user.b\n'),
    (block('aws_iam_user', more='  limit = -1\n'), 'Error: Invalid limit argument\n'),
    (block('aws_iam_user', more='  limit = 1.5\n'), 'Error: Invalid limit argument\n'),
    (block('aws_iam_user', more='  include_resource = "maybe"\n'), 'Error: Incorrect value type\n'),
    (block('aws_iam_user', config='path_prefix = "eng"'),
     'Error: invalid value for path_prefix (value must begin and end with a slash (/))\n\n'
     '  with list.aws_iam_user.all,\n  on q.tfquery.hcl line 4, in list "aws_iam_user" "all":\n'),
    ('list "aws_iam_user" "a" {\n  provider = aws.nowhere\n}\n',
     'Error: Provider configuration not present\n\nTo work with list.aws_iam_user.a its'),
    (block('aws_iam_user_policy', config='user_name = "ghost"'),
     'Error: Error Listing Remote Resources\n\n  with list.aws_iam_user_policy.all,\n'),
    ('locals {\n}\n', 'Error: No resources to query\n\nThe configuration does not contain any resources '
     'that can be queried.\n'),
]


@pytest.mark.parametrize('query,text', ERRORS, ids=[str(i) for i in range(len(ERRORS))])
def test_errors(asking, query, text):
    done = ask(asking, query)
    assert done.returncode == 1
    assert done.stderr.lstrip('\n').startswith(text), done.stderr


def test_wrong_places(asking, tmp_path):
    assert 'No resources to query' in asking.run('query').stderr
    done = ask(asking, block('aws_iam_user'), '-generate-config-out=main.tf')
    assert done.returncode == 1 and 'Target generated file already exists' in done.stderr
    assert ask(asking, block('aws_iam_user'), 'more').returncode == 1
    asking.write('more.tf', block('aws_iam_user', 'in_tf'))
    assert 'Blocks of type "list" are not expected here.' in ask(asking, block('aws_iam_user')).stderr
    for name in ('main.tf', 'more.tf', 'q.tfquery.hcl'):
        os.remove(os.path.join(asking.path, name))
    asking.write('.tfquery.hcl', block('aws_iam_user'))
    done = asking.run('query')
    assert done.returncode == 1
    assert 'Query requires a query configuration to be present.' in done.stderr


def test_other_commands_know_of_query_files(asking):
    """init installs for them, validate checks them when told, fmt formats them, plan leaves them."""
    asking.write('q.tfquery.hcl', block('aws_iam_user', config='path_prefix = "eng"'))
    asking.ok('init')
    asking.ok('validate')
    done = asking.run('validate', '-query')
    assert done.returncode == 1 and 'invalid value for path_prefix' in done.stderr
    assert 'No changes.' in asking.ok('plan')
    asking.write('q.tfquery.hcl', 'list "aws_iam_user" "a" {\nprovider=aws\n}\n')
    asking.ok('fmt')
    assert asking.read('q.tfquery.hcl') == 'list "aws_iam_user" "a" {\n  provider = aws\n}\n'
    asking.write('q.tfquery.hcl', 'resource "a" "b" {\n}\n')
    assert asking.run('init').returncode == 1


def signed(server, key):
    return dict(AWS_ENDPOINT_URL=server.url, AWS_ACCESS_KEY_ID=key[0], AWS_SECRET_ACCESS_KEY=key[1])


def test_limits_and_many_at_once(server, workspace):
    """A hundred objects unless told otherwise; attachments of many users in a few calls."""
    iam = server.client()
    arn = iam.create_policy(PolicyName='p', PolicyDocument=json.dumps(
        {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}]}))
    arn = arn['Policy']['Arn']
    for i in range(120):
        iam.create_user(UserName='u%03d' % i)
        iam.attach_user_policy(UserName='u%03d' % i, PolicyArn=arn)
    workspace.env.update(signed(server, KEY))
    workspace.write('main.tf', MAIN)
    workspace.write('q.tfquery.hcl', block('aws_iam_user') + block('aws_iam_user', 'ten', more='  limit = 10\n')
                    + block('aws_iam_user', 'every', more='  limit = 1000\n'))
    done = workspace.ok('query')
    assert [done.count('.%s ' % name) for name in ('all', 'ten', 'every')] == [100, 10, 120]
    workspace.write('q.tfquery.hcl', block('aws_iam_user_policy_attachment',
                                           more='  limit = 1000\n  include_resource = true\n'))
    done = workspace.run('query', env={'TF_LOG': 'debug'})
    assert done.stdout.count('list.aws_iam_user_policy_attachment.all') == 120
    assert int(re.search(r'plan: (\d+) API calls', done.stderr).group(1)) < 10


def test_many_imports_are_read_in_bulk(server, workspace):
    """By identity and by id alike; the blocks that a query writes cost a few calls together."""
    iam = server.client()
    for i in range(150):
        iam.create_user(UserName='u%03d' % i)
    workspace.env.update(signed(server, KEY))
    workspace.write('main.tf', MAIN)
    workspace.write('q.tfquery.hcl', block('aws_iam_user', more='  limit = 1000\n'))
    workspace.ok('query', '-generate-config-out=found.tf')
    by_identity = workspace.read('found.tf')
    by_id = re.sub(r'identity = \{\n.*\n    name += ("\w+")\n  \}', r'id = \1', by_identity)
    assert by_id.count('\n  id = "u') == 150
    repeated = '''
locals {
  names = toset([for i in range(150) : format("u%03d", i)])
}
import {
  for_each = local.names
  to       = aws_iam_user.all[each.key]
  id       = each.key
}
resource "aws_iam_user" "all" {
  for_each = local.names
  name     = each.key
}
'''
    for text in by_identity, by_id, repeated:
        workspace.write('found.tf', text)
        done = workspace.run('plan', env={'TF_LOG': 'debug'})
        assert 'Plan: 150 to import, 0 to add, 0 to change, 0 to destroy.' in done.stdout, done.stderr
        assert int(re.search(r'plan: (\d+) API calls', done.stderr).group(1)) < 10


def test_permissions(server, workspace):
    """What may be seen is shown beside the error; without the bulk calls, one by one."""
    iam = server.client()
    for i in range(101):
        iam.create_user(UserName='u%03d' % i)
    iam.create_user(UserName='reader')
    key = iam.create_access_key(UserName='reader')['AccessKey']
    iam.put_user_policy(UserName='reader', PolicyName='p', PolicyDocument=json.dumps(
        {'Version': '2012-10-17', 'Statement': [
            {'Effect': 'Allow', 'Action': ['iam:ListUsers', 'iam:GetUser', 'iam:ListAttachedUserPolicies'],
             'Resource': '*'}]}))
    workspace.env.update(signed(server, (key['AccessKeyId'], key['SecretAccessKey'])))
    workspace.write('main.tf', MAIN)
    workspace.write('q.tfquery.hcl', block('aws_iam_user', more='  limit = 1\n') + block('aws_iam_role'))
    done = workspace.run('query')
    assert done.returncode == 1
    assert 'list.aws_iam_user.all   account_id=' in done.stdout
    assert 'Error Listing Remote Resources' in done.stderr
    assert 'is not authorized to perform:' in ' '.join(done.stderr.split())
    assert not workspace.run('query', '-generate-config-out=x.tf').returncode == 0
    assert not os.path.exists(os.path.join(workspace.path, 'x.tf'))
    workspace.write('q.tfquery.hcl', block('aws_iam_user_policy_attachment', more='  limit = 1000\n'))
    done = workspace.run('query')
    assert done.returncode == 0
    assert 'returned 0' in done.stdout
    assert 'Objects are refreshed one by one' in done.stdout
