# SPDX-License-Identifier: Apache-2.0
"""The AWS provider's pages: each example is applied, planned again without changes, and destroyed."""
import glob
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


def test_every_type_has_an_example():
    import json
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
