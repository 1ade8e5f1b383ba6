# SPDX-License-Identifier: Apache-2.0
"""aws_iam_policy_document, where its merging and writing are least expected: as release 5.100.0 has them."""
import json

import pytest

PROVIDER = '''
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "a"
  secret_key                  = "b"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
}
'''
A = '{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["a:B"],"Condition":{"StringEquals":{"x":["a"]}}}]}'
TWICE = '{"Statement":[{"Sid":"B","Effect":"Allow","Action":"a:B"},{"Sid":"B","Effect":"Deny","Action":"a:B"}]}'
OBJECT = '{"Statement":{"Effect":"Allow"}}'
CONDITION = 'condition {\n test = "Bool"\n variable = "v"\n values = %s\n}\n'
PRINCIPALS = 'principals {\n type = "*"\n identifiers = %s\n}\n'
DOCUMENTS = {
    # One value of a condition is no list, whoever wrote it; one action of a source stays one.
    'one_value_of_a_source': ('source_policy_documents = [%s]' % json.dumps(A), '"Action":["a:B"],"Condition":{"StringEquals":{"x":"a"}}'),
    'one_value_of_two_blocks': ('statement {\n%s%s}' % (CONDITION % '["a"]', CONDITION % '[]'), '"Condition":{"Bool":{"v":"a"}}'),
    'everybody': ('statement {\n%s}' % (PRINCIPALS % '["*"]'), '"Principal":"*"'),
    # Said twice, everybody is a list of one.
    'everybody_twice': ('statement {\n%s%s}' % (PRINCIPALS % '["*"]', PRINCIPALS % '[]'), '"Principal":{"*":["*"]}'),
}
FAULTS = {
    'twice_in_a_source': ('source_policy_documents = [%s]' % json.dumps(TWICE),
                          'merging source document 0: duplicate Sid (B) in source_policy_documents (statement 1).'),
    # Sources come first, then statement after statement, its Sid before what is in it.
    'source_before_own': ('source_policy_documents = [%s]\nstatement {\n sid = "C"\n}\nstatement {\n sid = "C"\n}' % json.dumps(OBJECT),
                          'merging source document 0: json: cannot unmarshal object'),
    'sid_before_content': ('version = "2008-10-17"\nstatement {\n sid = "C"\n}\nstatement {\n sid = "C"\n resources = ["&{x}"]\n}',
                           'duplicate Sid (C). Remove the Sid'),
    'content_before_later_sid': ('version = "2008-10-17"\nstatement {\n sid = "C"\n resources = ["&{x}"]\n}\nstatement {\n sid = "C"\n}',
                                 'found &{ sequence in (&{x})'),
}


def write(workspace, body):
    workspace.write('main.tf', PROVIDER + 'data "aws_iam_policy_document" "d" {\n%s\n}\noutput "d" {\n'
                    '  value = data.aws_iam_policy_document.d.minified_json\n}\n' % body)
    workspace.ok('init')


@pytest.mark.parametrize('name', DOCUMENTS)
def test_written(workspace, name):
    body, want = DOCUMENTS[name]
    write(workspace, body)
    workspace.ok('apply', '-auto-approve')
    assert want in workspace.ok('output', '-raw', 'd')


@pytest.mark.parametrize('name', FAULTS)
def test_refused(workspace, name):
    body, want = FAULTS[name]
    write(workspace, body)
    done = workspace.run('plan')
    said = ' '.join(done.stderr.split())
    assert done.returncode == 1 and said.count('Error:') == 1 and want in said
