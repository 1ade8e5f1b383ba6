# SPDX-License-Identifier: Apache-2.0
"""The AWS provider's pages: each example is applied, planned again without changes, and destroyed."""
import glob
import json
import os
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


def test_every_type_has_an_example():
    with open(os.path.join(ROOT, 'model', 'aws_provider.json'), encoding='utf8') as f:
        data = json.load(f)
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
