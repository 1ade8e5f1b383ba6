# SPDX-License-Identifier: Apache-2.0
"""One provider for each key: for_each in a provider block, keys where it is used, keys in the state."""
import json

import pytest
from conftest import Workspace, clean_env

REQUIRED = 'terraform {\n  required_providers { aws = { source = "hashicorp/aws" } }\n}\n'
ROOT = REQUIRED + '''
variable "regions" {
  type    = list(string)
  default = ["us-east-1", "us-west-2"]
}
variable "used" {
  type    = list(string)
  default = ["us-east-1", "us-west-2"]
}
provider "aws" {
  alias    = "by"
  for_each = { for r in var.regions : r => "/${r}/" }
  region   = each.key
  default_tags { tags = { path = each.value } }
}
data "aws_region" "r" {
  for_each = toset(var.used)
  provider = aws.by[each.key]
}
resource "aws_iam_user" "u" {
  for_each = toset(var.used)
  provider = aws.by[each.key]
  name     = "root-${each.key}"
}
module "m" {
  for_each  = toset(var.used)
  source    = "./m"
  providers = { aws = aws.by[each.key] }
}
output "regions" { value = { for k, r in data.aws_region.r : k => r.name } }
output "tags" { value = { for k, u in aws_iam_user.u : k => u.tags_all.path } }
output "inner" { value = { for k, m in module.m : k => m.region } }
'''
INNER = 'module "n" { source = "../n" }\noutput "region" { value = module.n.region }\n'
DEEPER = '''
data "aws_region" "r" {}
resource "aws_iam_user" "u" { name = "inner-${data.aws_region.r.name}" }
output "region" { value = data.aws_region.r.name }
'''
TEXT = 'provider["registry.terraform.io/hashicorp/aws"].by'


@pytest.fixture
def regions(tmp_path):
    path = tmp_path / 'work'
    path.mkdir()
    made = Workspace(path, clean_env(tmp_path, AWS_ENDPOINT_URL='loam:%s' % (tmp_path / 'iam.db')))
    made.write('main.tf', ROOT)
    made.write('m/main.tf', REQUIRED + INNER)
    made.write('n/main.tf', REQUIRED + DEEPER)
    made.ok('init')
    return made


def used(*names):
    return '-var=used=%s' % json.dumps(names)


def resources(workspace):
    return json.loads(workspace.read('terraform.tfstate'))['resources']


def test_every_key_has_its_provider(regions):
    regions.ok('validate')
    regions.ok('apply', '-auto-approve')
    outputs = json.loads(regions.ok('output', '-json'))
    same = {'us-east-1': 'us-east-1', 'us-west-2': 'us-west-2'}
    assert outputs['regions']['value'] == outputs['inner']['value'] == same
    assert outputs['tags']['value'] == {k: '/%s/' % k for k in same}
    seen = resources(regions)
    assert len(seen) == 6
    for resource in seen:
        assert 'provider' not in resource
        for instance in resource['instances']:
            key = instance.get('index_key') or resource['module'].split('"')[1]
            assert instance['provider'] == '%s["%s"]' % (TEXT, key)
    assert regions.run('plan', '-detailed-exitcode').returncode == 0


def test_state_commands_keep_the_key(regions):
    regions.ok('apply', '-auto-approve')
    before = resources(regions)
    regions.ok('taint', 'aws_iam_user.u["us-west-2"]')
    regions.ok('untaint', 'aws_iam_user.u["us-west-2"]')
    regions.ok('state', 'mv', 'aws_iam_user.u["us-west-2"]', 'aws_iam_user.u["x"]')
    moved = [i for r in resources(regions) for i in r['instances'] if i.get('index_key') == 'x']
    assert [i['provider'] for i in moved] == [TEXT + '["us-west-2"]']
    regions.ok('state', 'mv', 'aws_iam_user.u["x"]', 'aws_iam_user.u["us-west-2"]')
    assert resources(regions) == before


def test_what_is_left_goes_with_the_provider_of_its_key(regions):
    regions.ok('apply', '-auto-approve')
    refused = regions.run('plan', '-var=regions=["us-west-2"]', used('us-west-2'))
    assert refused.returncode == 1 and 'Error: Provider instance not present' in refused.stderr
    assert TEXT + '["us-east-1"]' in refused.stderr
    assert '2 destroyed' in regions.ok('apply', '-auto-approve', used('us-west-2'))
    regions.ok('plan', '-var=regions=["us-west-2"]', used('us-west-2'))
    regions.ok('plan', '-destroy', '-out=p')
    assert '2 destroyed' in regions.ok('apply', 'p')
    assert resources(regions) == []


def test_a_state_alone_is_destroyed(regions):
    regions.ok('apply', '-auto-approve')
    regions.write('main.tf', ROOT.split('data "aws_region"')[0])
    assert '4 destroyed' in regions.ok('apply', '-auto-approve')
    assert resources(regions) == []


@pytest.mark.parametrize('first,second', [('', '[each.key]'), ('[each.key]', '')], ids=['to', 'from'])
def test_a_configuration_takes_objects_over(regions, first, second):
    one = {'': '', '[each.key]': 'for_each = toset(["a", "b"])'}
    text = REQUIRED + '''
provider "aws" {
  alias  = "by"
  region = "us-east-1"
  %s
}
resource "aws_iam_user" "u" {
  for_each = toset(["a", "b"])
  provider = aws.by%s
  name     = each.key
}
'''
    regions.write('main.tf', text % (one[first], first))
    regions.ok('apply', '-auto-approve')
    regions.write('main.tf', text % (one[second], second))
    assert 'No changes' in regions.ok('plan')
    assert '2 destroyed' in regions.ok('destroy', '-auto-approve')


KEYED = ('provider = aws.by[each.key]\n  name', 'provider = %s\n  name')
WRONG = [
    ('aws.by', 'validate', 'Invalid resource provider configuration', 'requires an instance key'),
    ('aws.other["a"]', 'validate', 'Invalid resource provider configuration', 'alias = "other"'),
    ('aws.by["nowhere"]', 'plan', 'Provider instance not present', TEXT + '["nowhere"]'),
    ('aws.by[null]', 'plan', 'Invalid provider instance key', 'must not be null'),
    ('aws.by[sensitive("a")]', 'plan', 'Invalid provider instance key', 'sensitive value'),
    ('aws.by[["a"]]', 'plan', 'Invalid provider instance key', 'unsuitable: string required'),
    ('aws.by[terraform_data.t.id]', 'plan', 'Invalid provider instance key',
     'key for aws_iam_user.u["us-east-1"] depends on'),
]


@pytest.mark.parametrize('key,command,summary,detail', WRONG, ids=[w[0] for w in WRONG])
def test_wrong_keys_are_told(regions, key, command, summary, detail):
    regions.write('main.tf', ROOT.replace(KEYED[0], KEYED[1] % key) + 'resource "terraform_data" "t" {}\n')
    done = regions.run(command)
    assert done.returncode == 1
    assert 'Error: ' + summary in done.stderr and detail in ' '.join(done.stderr.split())


@pytest.mark.parametrize('value,detail', [
    ('toset([terraform_data.t.id])', 'Unable to use terraform_data.t in static context'),
    ('["a"]', 'you have provided a value of type tuple'),
    ('null', 'argument value is null')])
def test_wrong_for_each_is_told_once(regions, value, detail):
    regions.write('main.tf', ROOT.replace('{ for r in var.regions : r => "/${r}/" }', value) +
                  'resource "terraform_data" "t" {}\n')
    done = regions.run('plan')
    assert done.returncode == 1 and ' '.join(done.stderr.split()).count(detail) == 1
