# SPDX-License-Identifier: Apache-2.0
"""The language as whole runs show it: moves between types, marked messages, modules that tests run."""
import json


def state_of(address, provider, attributes):
    kind, name = address.split('.')
    return json.dumps({
        'version': 4, 'terraform_version': '1.11.4', 'serial': 1, 'lineage': 'x', 'outputs': {},
        'resources': [{'mode': 'managed', 'type': kind, 'name': name,
                       'provider': 'provider["registry.terraform.io/hashicorp/%s"]' % provider,
                       'instances': [{'schema_version': 0, 'attributes': attributes}]}]})


def test_providers_say_what_they_can_move(workspace):
    workspace.write('main.tf', 'resource "terraform_data" "b" {}\n'
                               'moved {\n  from = aws_iam_user.a\n  to = terraform_data.b\n}\n')
    workspace.write('terraform.tfstate', state_of('aws_iam_user.a', 'aws', {'id': '7', 'name': '7'}))
    assert 'Unsupported source provider for move operation' in workspace.run('plan').stderr
    workspace.write('main.tf', 'resource "aws_iam_group" "b" { name = "7" }\n'
                               'moved {\n  from = aws_iam_user.a\n  to = aws_iam_group.b\n}\n')
    assert 'Move Resource State Not Supported' in workspace.run('plan').stderr


def test_names_may_be_keywords(workspace):
    workspace.write('main.tf', 'moved {\n  from = true\n  to = module["x"]\n}\n')
    found = json.loads(workspace.run('validate', '-json').stdout)['diagnostics']
    assert [(d['summary'], d['range']['start']['column']) for d in found] == [
        ('Invalid address', 10), ('Invalid address operator', 14)]


VARIABLE = 'variable "x" {%s\n  validation {\n    condition = var.x == "y"\n' \
           '    error_message = "no ${var.x}"\n  }\n}\n'


def test_messages_do_not_show_what_is_hidden(workspace):
    workspace.write('main.tf', VARIABLE % '\n  ephemeral = true\n  default = "hidden-value"')
    done = workspace.run('plan')
    assert 'hidden-value' not in done.stdout + done.stderr.replace('default = "hidden-value"', '')
    assert 'Error message refers to ephemeral values' in done.stderr
    workspace.write('main.tf', 'module "m" {\n  source = "./m"\n  x = sensitive("hidden-value")\n}\n')
    workspace.write('m/m.tf', VARIABLE % '')
    workspace.ok('init')
    done = workspace.run('plan')
    assert 'hidden-value' not in done.stdout + done.stderr.replace('sensitive("hidden-value")', '')
    assert 'Error message refers to sensitive values' in done.stderr


def test_modules_of_tests_are_listed_and_checked(workspace):
    workspace.write('main.tf', 'variable "a" { default = 1 }\n')
    workspace.write('tests/t.tftest.hcl', 'run "r" {\n  module {\n    source = "./m"\n  }\n}\n')
    workspace.write('m/m.tf', 'output "o" { value = local.none }\n')
    assert 'Module not installed' in workspace.run('validate').stderr
    assert '- test.tests.t.r in m' in workspace.ok('init')
    assert 'Reference to undeclared local value' in workspace.run('validate').stderr
    workspace.ok('validate', '-no-tests')


def test_depends_on_is_looked_at_when_all_is_read(workspace):
    workspace.write('main.tf', 'resource "terraform_data" "a" {\n  depends_on = [a]\n}\n'
                               'moved {\n  from = a\n  to = b.c\n}\n')
    one = json.loads(workspace.run('validate', '-json').stdout)['diagnostics']
    assert [d['summary'] for d in one] == ['Invalid address']
    workspace.write('main.tf', 'resource "terraform_data" "a" {\n  depends_on = [a]\n}\n')
    two = json.loads(workspace.run('validate', '-json').stdout)['diagnostics']
    assert [d['summary'] for d in two] == ['Invalid reference']


def test_no_object_decides_which_providers_there_are(workspace):
    workspace.write('main.tf', 'resource "terraform_data" "r" {}\nprovider "aws" {\n  alias = "x"\n'
                               '  for_each = toset(concat(terraform_data.r.output, module.m.o))\n}\n')
    found = json.loads(workspace.run('validate', '-json').stdout)['diagnostics']
    assert [d['summary'] for d in found] == ['Dynamic value in static context',
                                             'Module output not supported in static context']
    assert found[0]['detail'] == ('Unable to use terraform_data.r in static context, which is '
                                  'required by provider.aws.x.for_each')


def summaries(workspace):
    found = json.loads(workspace.run('validate', '-json').stdout)['diagnostics']
    return [d['summary'] for d in found]


def test_missing_objects_are_told_before_missing_values(workspace):
    workspace.write('main.tf', 'locals {\n  a = [var.x, terraform_data.y.id]\n}\n')
    assert summaries(workspace) == ['Reference to undeclared resource']
    workspace.write('main.tf', 'locals {\n  a = [var.x, path.foo, each.key, count.index]\n}\n')
    assert summaries(workspace) == [
        'Reference to undeclared input variable', 'Invalid "path" attribute',
        'Reference to "each" in context without for_each',
        'Reference to "count" in non-counted context']


def test_templates_in_json_are_read_when_they_are_evaluated(workspace):
    workspace.write('main.tf.json', '{"locals": {"l": "${1 + }"}, "bogus": {}}')
    assert summaries(workspace) == ['Extraneous JSON object property']
    workspace.write('main.tf.json', '{"variable": {"v": {"default": "${1 + }"}}, '
                                    '"output": {"o": {"value": "${var.v}"}}}')
    assert summaries(workspace) == []
    workspace.write('main.tf.json', '{"locals": {"a": {"b": "${1 + }"}}, '
                                    '"resource": {"terraform_data": {"r": {"input": "${2 + }"}}}}')
    assert summaries(workspace) == ['Invalid expression', 'Invalid expression']


def test_the_first_wrong_provisioner_is_told_whole(workspace):
    workspace.write('main.tf', 'resource "terraform_data" "r" {\n'
                               '  provisioner "remote-exec" {\n    inline = "a"\n    script = "b"\n'
                               '    connection {\n      hots = "x"\n    }\n  }\n'
                               '  provisioner "local-exec" {}\n}\n')
    assert sorted(summaries(workspace)) == [
        'Incorrect attribute value type', 'Invalid remote-exec provisioner configuration',
        'Missing required argument', 'Unsupported argument']


def test_sources_that_cannot_be_known_say_why(workspace):
    workspace.write('main.tf', 'locals {\n  s = module.b.x\n  t = local.u\n  u = local.t\n}\n'
                               'module "a" { source = local.s }\nmodule "b" { source = "./m" }\n'
                               'module "c" { source = local.t }\nmodule "d" { source = local.v }\n'
                               'module "e" { source = "./${path.module}/m" }\n')
    workspace.write('m/m.tf', 'output "x" { value = 1 }\n')
    said = ' '.join(workspace.run('init', '-no-color').stderr.split())
    for text in ('Unable to use module.b.x in static context, which is required by local.s',
                 'module.a.source depends on local.s which is not available',
                 'local.t is self referential', 'local.t depends on local.u which is not available',
                 'module.c.source depends on local.t which is not available',
                 'Undefined local local.v'):
        assert text in said.replace('│ ', ''), text
    assert 'module.e' not in said


def test_overrides_and_repetition_are_refused_in_the_right_words(workspace):
    workspace.write('main.tf', 'resource "terraform_data" "a" {\n  count = 1\n'
                               '  lifecycle {\n    enabled = true\n  }\n}\n')
    workspace.write('x_override.tf', 'ephemeral "a_b" "c" {}\n')
    found = json.loads(workspace.run('validate', '-json').stdout)['diagnostics']
    said = ' '.join(d['detail'] for d in found)
    assert 'mutually-exclusive. Only one may be used to be explicit' in said
    assert 'can only override an ephemeral block' in said
