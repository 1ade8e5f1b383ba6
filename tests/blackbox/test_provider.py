# SPDX-License-Identifier: Apache-2.0
"""The AWS provider's pages: each example is applied, planned again without changes, and destroyed."""
import collections
import glob
import json
import os
import re
import subprocess

import pytest

from conftest import ROOT

EXAMPLES = sorted(glob.glob(os.path.join(ROOT, 'docs', 'provider', 'examples', '*.tf')))
# Features of an account that the embedded IAM has no organization or issuer for.
NOT_EMBEDDED = ('aws_iam_organizations_features', 'aws_iam_outbound_web_identity_federation',
                'data_aws_iam_outbound_web_identity_federation', 'aws_iam_security_token_service_preferences')
PROVIDER = '''
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region = "us-east-1"
}
'''
METADATA = '''<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com">
<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>%s</X509Certificate>
</X509Data></KeyInfo></KeyDescriptor>
<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/>
</IDPSSODescriptor></EntityDescriptor>
'''


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    """What examples read with file(): a certificate with its key, an SSH key, SAML metadata."""
    path = tmp_path_factory.mktemp('files')

    def call(*argv):
        subprocess.run(argv, cwd=path, check=True, capture_output=True)

    call('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'key.pem', '-out', 'certificate.pem',
         '-days', '365', '-subj', '/CN=www.example.com')
    call('ssh-keygen', '-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', 'id_rsa', '-C', 'ann@laptop')
    body = ''.join(line for line in (path / 'certificate.pem').read_text().splitlines() if '-----' not in line)
    (path / 'metadata.xml').write_text(METADATA % body)
    return {name: (path / name).read_text() for name in ('key.pem', 'certificate.pem', 'id_rsa.pub', 'metadata.xml')}


def prepare(workspace, files, example, account):
    with open(example, encoding='utf8') as f:
        workspace.write('main.tf', f.read())
    workspace.write('provider.tf', PROVIDER)
    for name, text in files.items():
        workspace.write(name, text)
    workspace.env['AWS_ENDPOINT_URL'] = 'loam:%s' % account
    workspace.ok('init')


@pytest.mark.parametrize('example', EXAMPLES, ids=[os.path.basename(x)[:-3] for x in EXAMPLES])
def test_example(workspace, files, tmp_path, example):
    prepare(workspace, files, example, tmp_path / 'account.db')
    if os.path.basename(example)[:-3] in NOT_EMBEDDED:
        workspace.ok('validate')
        workspace.ok('plan')
        return
    workspace.ok('apply', '-auto-approve')
    again = workspace.run('plan', '-detailed-exitcode')
    assert again.returncode == 0, again.stdout + again.stderr
    workspace.ok('destroy', '-auto-approve')
    assert workspace.ok('state', 'list') == ''


# Edits of examples: what changes, to what, and what the plan makes of it.
EDITS = [
    ('aws_iam_user', '"ann"', '"eve"', 'update'),
    ('aws_iam_user', '/people/', '/staff/', 'update'),
    ('aws_iam_user', 'Team = "platform"', 'Unit = "ops"', 'update'),
    ('aws_iam_user', 'force_destroy = true', 'force_destroy = false', 'update'),
    ('aws_iam_group', '"readers"', '"writers"', 'update'),
    ('aws_iam_group', '/people/', '/staff/', 'update'),
    ('aws_iam_policy', 's3:GetObject', 's3:PutObject', 'update'),
    ('aws_iam_policy', '"Reads the reports"', '"Reads them"', 'replace'),
    ('aws_iam_policy', '"read-reports"', '"read-more"', 'replace'),
    ('aws_iam_role', '"What the application may do"', '"Other"', 'update'),
    ('aws_iam_role', '7200', '3600', 'update'),
    ('aws_iam_role', 'ec2.amazonaws.com', 'ecs.amazonaws.com', 'update'),
    ('aws_iam_role', '"app"', '"web"', 'replace'),
    ('aws_iam_access_key', 'user = aws_iam_user.ann.name', 'user = aws_iam_user.ann.name\n  status = "Inactive"',
     'update'),
    ('aws_iam_account_alias', 'example-team', 'other-team', 'replace'),
    ('aws_iam_account_password_policy', '= 14', '= 16', 'update'),
    ('aws_iam_user_policy', 's3:GetObject', 's3:PutObject', 'update'),
    ('aws_iam_role_policy', '"read-reports"', '"read-more"', 'replace'),
    ('aws_iam_group_policy', 's3:GetObject', 's3:PutObject', 'update'),
    ('aws_iam_instance_profile', 'role = aws_iam_role.app.name', '', 'update'),
    ('aws_iam_instance_profile', 'name = "app"\n  role', 'name = "web"\n  role', 'replace'),
    ('aws_iam_openid_connect_provider', '"sts.amazonaws.com"', '"a", "b"', 'update'),
    ('aws_iam_openid_connect_provider', '6938fd4d98bab03faadb97b34396831e3780aea1',
     '6938fd4d98bab03faadb97b34396831e3780aea2', 'update'),
    ('aws_iam_openid_connect_provider', 'token.actions', 'token.other', 'replace'),
    ('aws_iam_server_certificate', '"www"', '"web"', 'update'),
    ('aws_iam_signing_certificate', 'user_name', 'status = "Inactive"\n  user_name', 'update'),
    ('aws_iam_service_specific_credential', 'service_name', 'status = "Inactive"\n  service_name', 'update'),
    ('aws_iam_user_login_profile', '= 24', '= 30', 'replace'),
    ('aws_iam_user_ssh_key', 'encoding', 'status = "Inactive"\n  encoding', 'update'),
    ('aws_iam_virtual_mfa_device', '"ann-phone"', '"ann-tablet"', 'replace'),
    ('aws_iam_saml_provider', '"corporate"', '"partners"', 'replace'),
]


@pytest.mark.parametrize('name,old,new,action', EDITS)
def test_edit(workspace, files, tmp_path, name, old, new, action):
    prepare(workspace, files, os.path.join(ROOT, 'docs', 'provider', 'examples', name + '.tf'),
            tmp_path / 'account.db')
    workspace.ok('apply', '-auto-approve')
    before = workspace.read('main.tf')
    at = before.rindex('resource "%s"' % name)
    assert old in before[at:]
    workspace.write('main.tf', before[:at] + before[at:].replace(old, new))
    plan = workspace.ok('plan')
    want = {'update': '0 to add, 1 to change, 0 to destroy', 'replace': '1 to add, 0 to change, 1 to destroy'}[action]
    assert want in plan, plan
    workspace.ok('apply', '-auto-approve')
    again = workspace.run('plan', '-detailed-exitcode')
    assert again.returncode == 0, again.stdout


# Cannot be read back: the plan after an import wants to set them.
UNREADABLE = ('aws_iam_server_certificate', 'aws_iam_user_login_profile')


def import_id(name, attrs):
    special = {
        'aws_iam_user_ssh_key': '{username}:{ssh_public_key_id}:{encoding}',
        'aws_iam_server_certificate': '{name}',
    }
    if name == 'aws_iam_user_group_membership':
        return '/'.join([attrs['user']] + attrs['groups'])
    for key in ('user_name', 'role_name', 'group_name'):
        if name.endswith('_exclusive') and key in attrs:
            return attrs[key]
    return special.get(name, '{id}').format(**attrs)


@pytest.mark.parametrize('example', [x for x in EXAMPLES if not os.path.basename(x).startswith('data_')],
                         ids=lambda x: os.path.basename(x)[:-3])
def test_import(workspace, files, tmp_path, example):
    name = os.path.basename(example)[:-3]
    if name in NOT_EMBEDDED:
        pytest.skip('not in the embedded IAM')
    prepare(workspace, files, example, tmp_path / 'account.db')
    workspace.ok('apply', '-auto-approve')
    with open(os.path.join(ROOT, 'model', 'aws_provider.json'), encoding='utf8') as f:
        known = {e['name']: e for e in json.load(f)['resources']}
    state = json.loads(workspace.read('terraform.tfstate'))
    attrs = [r['instances'][0]['attributes'] for r in state['resources'] if r['type'] == name][-1]
    address = '%s.example' % name
    workspace.ok('state', 'rm', address)
    done = workspace.run('import', address, import_id(name, attrs))
    if 'import' not in known[name]:
        assert done.returncode == 1
        return
    assert done.returncode == 0, done.stdout + done.stderr
    if name in UNREADABLE:
        return
    plan = workspace.ok('plan')
    # Arguments that only loam knows (force_destroy ...) are set in the state, nothing else changes.
    assert 'No changes.' in plan or '0 to add, 1 to change, 0 to destroy' in plan, plan


# Texts of which one at least breaks each rule that an argument may have.
BAD_TEXTS = ['', ' ', 'a b', '/', 'a--b', 'a-', 'x' * 2, 'x' * 64, 'x' * 129, 'x' * 514, 'x' * 1001, 'x' * 2049, 'x' * 20001,
             'arn', 'arn:aws:iam::123456789012:role/r', '{', '[]', '"x"', '{"Statement":1,"Statement":2}', '//a', '/a//b/',
             '/a b/', 'a\u201cb', '(', 'http://a', 'https:///', 'https://a?b=c', '1', '1m', '13h']
BAD_VALUES = {'string': [json.dumps(x, ensure_ascii=False) for x in BAD_TEXTS], 'number': ['-1', '99999999']}


def with_validation(block, path=()):
    """Arguments that have a rule for themselves or their elements, with the blocks around them."""
    for a in block['attributes']:
        for key in ('validation', 'element_validation'):
            if a.get(key, {}).get('message') and set(a['mode']) & set('ro'):
                yield path, a, a[key]
    for inner in block['blocks']:
        yield from with_validation(inner, path + (inner['name'],))


def patterns(attr, rule):
    """The messages of a rule as they are shown: what stands for the argument and the value is open."""
    for message in rule['message']:
        words = re.escape(message).replace(re.escape('{attr}'), '.*').replace(re.escape('{value}'), '.*')
        words = words.replace(re.escape(attr['name']), '.*').replace(re.escape('duplicate key "Statement"'), '.*')
        yield words.replace(re.escape('arn: invalid prefix'), '.*').replace(re.escape('...'), '.*')


def provider_model():
    with open(os.path.join(ROOT, 'model', 'aws_provider.json'), encoding='utf8') as f:
        return json.load(f)


def test_every_validation_message(workspace):
    """Bad values for each argument that has a rule: each message that the model knows is shown."""
    model, text, wanted = provider_model(), [PROVIDER], []
    for mode, entries in (('resource', model['resources']), ('data', model['data_sources'])):
        for entry in entries:
            for path, attr, rule in with_validation(entry):
                start = len(text)
                values = BAD_VALUES.get(attr['type']) or ['[%s]' % x for x in BAD_VALUES['string']]
                for value in values:
                    inner = '%s = %s' % (attr['name'], value)
                    for block in reversed(path):
                        inner = '%s {\n%s\n}' % (block, inner)
                    text.append('%s "%s" "c%d" {\n%s\n}\n' % (mode, entry['name'], len(text), inner))
                wanted.append(('%s.%s.%s' % (entry['name'], '.'.join(path), attr['name']), start, len(text),
                               list(patterns(attr, rule))))
    for i, block in enumerate(text):
        workspace.write('case%d.tf' % i, required_filled(model, block))
    workspace.ok('init')
    found = json.loads(workspace.run('validate', '-json').stdout)['diagnostics']
    by_case = collections.defaultdict(list)
    for d in found:
        by_case[int(d['range']['filename'][4:-3])].append(d['summary'] + '\n' + d['detail'])
    missing = [(name, p) for name, start, end, all_patterns in wanted for p in all_patterns
               if not any(re.search(p, said) for i in range(start, end) for said in by_case[i])]
    assert not missing


def required_filled(model, text):
    """The other required arguments, so that the program comes to judge the one in question."""
    head = re.match(r'(resource|data) "(\w+)"', text)
    if not head:
        return text
    entries = model['resources' if head[1] == 'resource' else 'data_sources']
    block = next(e for e in entries if e['name'] == head[2])
    lines = text.rstrip().split('\n')
    return '\n'.join([lines[0]] + fill(block, lines[1:-1], 0) + ['}']) + '\n'


def fill(block, lines, depth):
    given = lines[0].split()[0] if lines else ''
    nested = {b['name']: b for b in block['blocks']}
    if given in nested and lines[0].endswith('{'):
        lines = [lines[0]] + fill(nested[given], lines[1:-1], depth + 1) + [lines[-1]]
    plain = {'string': '"a"', 'number': '1', 'bool': 'true'}
    return lines + ['%s = %s' % (a['name'], plain.get(a['type'], '["a"]')) for a in block['attributes']
                    if 'r' in a['mode'] and a['name'] != given]


def test_every_type_has_an_example():
    data = provider_model()
    wanted = {e['name'] for e in data['resources']} | {'data_' + e['name'] for e in data['data_sources']}
    assert {os.path.basename(x)[:-3] for x in EXAMPLES} == wanted


@pytest.mark.parametrize('tool,made', [('generate_docs', 'docs/provider'), ('generate_schema', 'src/aws/schema_data.c')])
def test_generated_files_are_current(tmp_path, tool, made):
    out = tmp_path / 'out'
    subprocess.run([os.path.join(ROOT, 'tools', tool), '--out', str(out)], check=True)
    kept = os.path.join(ROOT, made)
    if not out.is_dir():
        with open(kept, encoding='utf8') as f:
            assert out.read_text() == f.read()
        return
    for name in sorted(os.listdir(out)):
        with open(os.path.join(kept, name), encoding='utf8') as f:
            assert (out / name).read_text() == f.read(), name
