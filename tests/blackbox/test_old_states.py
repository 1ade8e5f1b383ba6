# SPDX-License-Identifier: Apache-2.0
"""States that releases 4, 5 and 6 of the AWS provider wrote: read, and planned without changes."""
import json

import pytest

from conftest import KEY, Server, Workspace, clean_env
import provider_cases as cases

PROVIDER = 'provider "aws" {\n  region = "us-east-1"\n}\n'
# What the schema has that release 4.0 had not, by its changelog.
SINCE_4 = {
    'aws_iam_openid_connect_provider': (), 'aws_iam_policy': ('attachment_count', 'delay_after_policy_creation_in_ms'),
    'aws_iam_virtual_mfa_device': ('enable_date', 'user_name', 'serial_number'),
    'aws_iam_saml_provider': ('saml_provider_uuid',), 'aws_iam_group_policy': (),
    'aws_iam_service_specific_credential': ('create_date', 'expiration_date', 'service_credential_alias',
                                            'service_credential_secret', 'credential_age_days'),
    'aws_iam_user_login_profile': (), 'aws_iam_role': (),
}
SINCE_5 = {
    'aws_iam_policy': ('delay_after_policy_creation_in_ms',), 'aws_iam_virtual_mfa_device': ('serial_number',),
    'aws_iam_saml_provider': ('saml_provider_uuid',),
    'aws_iam_service_specific_credential': SINCE_4['aws_iam_service_specific_credential'],
}
ATTACHMENTS = ('aws_iam_user_policy_attachment', 'aws_iam_role_policy_attachment', 'aws_iam_group_policy_attachment')


def forget(attributes, names):
    for name in names:
        attributes.pop(name, None)


def release_4(kind, attributes, number):
    """Without the attributes of later releases, with one that is gone, and with ids as they were."""
    forget(attributes, SINCE_4.get(kind, ()))
    if kind == 'aws_iam_role':
        attributes['role_last_used'] = [{'last_used_date': '', 'region': ''}]
    if kind in ATTACHMENTS:
        owner = next(attributes[k] for k in ('user', 'role', 'group') if k in attributes)
        attributes['id'] = '%s-20220301104512345600000%03d' % (owner, number)


def release_5(kind, attributes, number):
    forget(attributes, SINCE_5.get(kind, ()))
    if kind in ATTACHMENTS:
        release_4(kind, attributes, number)


def release_6(kind, attributes, number):
    pass


def nulls(kind, attributes, number):
    """What the library left out where it now writes an empty text, list or map."""
    for name, value in attributes.items():
        if value in ('', [], {}):
            attributes[name] = None


def empties(kind, attributes, number):
    """The other way round, for texts and tags."""
    for name in ('name_prefix', 'permissions_boundary', 'description', 'certificate_chain', 'custom_suffix'):
        if name in attributes and attributes[name] is None and not (kind in ('aws_iam_policy', 'aws_iam_server_certificate')):
            attributes[name] = ''
    for name in ('tags', 'tags_all'):
        if name in attributes and attributes[name] is None:
            attributes[name] = {}


def bare(kind, attributes, number):
    """Nothing but arguments and what names the object."""
    entry = next(e for e in cases.load_model()['resources'] if e['name'] == kind)
    secrets = ('secret', 'password', 'ses_smtp_password_v4', 'service_password', 'service_credential_secret')
    named = ('id', 'arn', 'ssh_public_key_id', 'certificate_id', 'service_specific_credential_id') + secrets
    forget(attributes, [a['name'] for a in entry['attributes']
                        if a['mode'][0] == 'c' and a['name'] not in named])


@pytest.fixture(scope='module')
def applied(tmp_path_factory):
    """One account with all types; its state."""
    path = tmp_path_factory.mktemp('old')
    (path / 'data').mkdir()
    (path / 'work').mkdir()
    server, workspace = Server(path / 'data'), Workspace(path / 'work', clean_env(path))
    workspace.env.update(AWS_ENDPOINT_URL=server.url, AWS_ACCESS_KEY_ID=KEY[0], AWS_SECRET_ACCESS_KEY=KEY[1])
    cases.write_files(workspace.path)
    workspace.write('provider.tf', PROVIDER)
    for case in cases.CASES:
        if case.kind not in cases.NOT_EMBEDDED:
            workspace.write('case_%s.tf' % case.name, case.text('o'))
    workspace.ok('init')
    workspace.ok('apply', '-auto-approve', timeout=300)
    yield workspace, workspace.read('terraform.tfstate')
    server.kill()


@pytest.mark.parametrize('change', [release_4, release_5, release_6, nulls, empties, bare], ids=lambda f: f.__name__)
def test_no_changes(applied, change):
    workspace, text = applied
    state = json.loads(text)
    for resource in state['resources']:
        framework = resource['type'].endswith('_exclusive')
        for number, instance in enumerate(resource['instances']):
            if not framework:
                change(resource['type'], instance['attributes'], number)
            if change is not release_6:
                instance.pop('identity', None)
                instance.pop('identity_schema_version', None)
    workspace.write('terraform.tfstate', json.dumps(state))
    done = workspace.run('plan', '-detailed-exitcode')
    assert done.returncode == 0, done.stdout + done.stderr
    workspace.ok('apply', '-refresh-only', '-auto-approve')
    done = workspace.run('plan', '-detailed-exitcode')
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_newer_schema_is_refused(applied):
    workspace, text = applied
    state = json.loads(text)
    state['resources'][0]['instances'][0]['schema_version'] = 1
    workspace.write('terraform.tfstate', json.dumps(state))
    done = workspace.run('plan')
    assert done.returncode == 1 and 'Resource instance managed by newer provider version' in done.stderr
