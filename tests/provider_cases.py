# SPDX-License-Identifier: Apache-2.0
"""One case for each resource type of the AWS provider: what it needs around it, its arguments, and
another value for each of them. The scenarios in tests/blackbox and tests/interop are made from these
rows and from model/aws_provider.json, so that no argument is left out of them.

Names are made with `%s`, the prefix of the run, so that all cases can live in one account.
"""
import json
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
UPDATE, REPLACE, NOTHING = ['update'], ['delete', 'create'], ['no-op']
# Features of an account that the embedded IAM has no organization or issuer for.
NOT_EMBEDDED = ('aws_iam_organizations_features', 'aws_iam_outbound_web_identity_federation',
                'aws_iam_security_token_service_preferences')
# One of them an account.
SINGLE = ('aws_iam_account_alias', 'aws_iam_account_password_policy')

METADATA = '''<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://%s.example.com">
<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>%s</X509Certificate>
</X509Data></KeyInfo></KeyDescriptor>
<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/>
</IDPSSODescriptor></EntityDescriptor>
'''


def policy(action):
    return ('jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "%s", '
            'Resource = "*" }] })' % action)


def trust(service):
    return ('jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", '
            'Principal = { Service = "%s" } }] })' % service)


def user(label, name='%s'):
    return 'resource "aws_iam_user" "{case}_%s" {{\n  name = "%s-%s"\n}}\n' % (label, name, label)


def group(label):
    return 'resource "aws_iam_group" "{case}_%s" {{\n  name = "%%s-%s"\n}}\n' % (label, label)


def role(label):
    return ('resource "aws_iam_role" "{case}_%s" {{\n  name = "%%s-%s"\n  assume_role_policy = %s\n}}\n'
            % (label, label, braces(trust('ec2.amazonaws.com'))))


def managed(label):
    return ('resource "aws_iam_policy" "{case}_%s" {{\n  name = "%%s-%s"\n  policy = %s\n}}\n'
            % (label, label, braces(policy('s3:Get' + label.title()))))


def inline(kind, label, owner):
    return ('resource "aws_iam_%s_policy" "{case}_%s" {{\n  name = "%s"\n  %s = aws_iam_%s.{case}_%s.name\n  policy = %s\n}}\n'
            % (kind, label, label, kind, kind, owner, braces(policy('s3:Get' + label.title()))))


def braces(text):
    return text.replace('{', '{{').replace('}', '}}')


def ref(kind, label, attr):
    return 'aws_iam_%s.{case}_%s.%s' % (kind, label, attr)


OWNERS = {'user': user, 'group': group, 'role': role}
TAGS = '{{ Team = "a", Stage = "x" }}'
TAGS_EDITS = ['{{ Team = "b", Unit = "u" }}', None]


class Case:
    """`base`: argument to expression. `edits`: argument to its other expressions (None: left out), or
    to pairs of such an expression and what the plan does then. `blocks`: text that is always there."""

    def __init__(self, kind, base, edits, setup='', blocks='', untested=(), needs=None):
        self.kind, self.base, self.edits, self.setup, self.blocks = kind, base, edits, setup, blocks
        self.untested, self.needs = dict(untested), needs or {}
        self.name = kind.replace('aws_iam_', '')

    def text(self, prefix, change=None, label=None):
        """The configuration; with `change`, a pair of argument and expression, in place of the base.
        `label` is another name than that of the case for all that is in it."""
        label = label or self.name
        values = dict(self.base)
        if change:
            values.update(self.needs.get(change[0], {}))
            values[change[0]] = change[1]
        blocks = values.pop('inline_policy', self.blocks)
        lines = ['  %s = %s' % (k, v) for k, v in values.items() if v is not None]
        text = self.setup + 'resource "%s" "{case}" {{\n%s\n%s\n}}\n' % (self.kind, '\n'.join(lines), blocks or '')
        return text.format(case=label).replace('%s', prefix + label.replace('_', '-'))

    def changes(self, model):
        """(argument, expression, actions) for each edit."""
        entry = next(e for e in model['resources'] if e['name'] == self.kind)
        modes = {a['name']: a['mode'] for a in entry['attributes']}
        for attr, values in self.edits.items():
            for value in values if isinstance(values, list) else [values]:
                value, actions = value if isinstance(value, tuple) else (value, None)
                yield attr, value, actions or (REPLACE if 'f' in modes.get(attr, '') else UPDATE)


def attachment(kind):
    return Case('aws_iam_%s_policy_attachment' % kind,
                {kind: ref(kind, 'a', 'name'), 'policy_arn': ref('policy', 'a', 'arn')},
                {kind: ref(kind, 'b', 'name'), 'policy_arn': ref('policy', 'b', 'arn')},
                setup=OWNERS[kind]('a') + OWNERS[kind]('b') + managed('a') + managed('b'))


def inline_policy(kind):
    return Case('aws_iam_%s_policy' % kind,
                {kind: ref(kind, 'a', 'name'), 'name': '"read"', 'policy': policy_expr('s3:GetObject')},
                {kind: ref(kind, 'b', 'name'), 'name': ['"other"', (None, NOTHING)], 'name_prefix': '"pre-"',
                 'policy': policy_expr('s3:PutObject')},
                setup=OWNERS[kind]('a') + OWNERS[kind]('b'), needs={'name_prefix': {'name': None}})


def policy_expr(action):
    return braces(policy(action))


def inlines_exclusive(kind):
    return Case('aws_iam_%s_policies_exclusive' % kind,
                {kind + '_name': ref(kind, 'a', 'name'), 'policy_names': '[%s]' % ref(kind + '_policy', 'p', 'name')},
                {'policy_names': ('["p"]', NOTHING), kind + '_name': ref(kind, 'b', 'name')},
                setup=OWNERS[kind]('a') + OWNERS[kind]('b') + inline(kind, 'p', 'a') +
                inline(kind, 'q', 'b').replace('"q"', '"p"'))


def attachments_exclusive(kind):
    attached = ''.join('resource "aws_iam_%s_policy_attachment" "{case}_%s" {{\n  %s = %s\n  policy_arn = %s\n}}\n'
                       % (kind, owner, kind, ref(kind, owner, 'name'), ref('policy', 'a', 'arn')) for owner in 'ab')
    return Case('aws_iam_%s_policy_attachments_exclusive' % kind,
                {kind + '_name': ref(kind, 'a', 'name'), 'policy_arns': '[%s]' % ref('policy', 'a', 'arn'),
                 'depends_on': '[aws_iam_%s_policy_attachment.{case}_a, aws_iam_%s_policy_attachment.{case}_b]' % (kind, kind)},
                {kind + '_name': ref(kind, 'b', 'name'),
                 'policy_arns': ('[%s]' % ref('policy', 'a', 'arn').replace('.arn', '.id'), NOTHING)},
                setup=OWNERS[kind]('a') + OWNERS[kind]('b') + managed('a') + attached)


CASES = [
    Case('aws_iam_access_key', {'user': ref('user', 'a', 'name'), 'status': '"Active"'},
         {'status': ['"Inactive"', (None, NOTHING)], 'user': ref('user', 'b', 'name'), 'pgp_key': 'file("pgp.txt")'},
         setup=user('a') + user('b')),
    Case('aws_iam_account_alias', {'account_alias': '"%s"'}, {'account_alias': '"%s-b"'}),
    Case('aws_iam_account_password_policy',
         {'minimum_password_length': '14', 'require_symbols': 'true', 'max_password_age': '90',
          'password_reuse_prevention': '5', 'hard_expiry': 'false', 'allow_users_to_change_password': 'false',
          'require_numbers': 'true', 'require_lowercase_characters': 'true', 'require_uppercase_characters': 'true'},
         {'minimum_password_length': ['16', None], 'require_symbols': 'false', 'max_password_age': '30',
          'password_reuse_prevention': '3', 'hard_expiry': 'true', 'allow_users_to_change_password': ['true'],
          'require_numbers': 'false', 'require_lowercase_characters': 'false', 'require_uppercase_characters': 'false'}),
    Case('aws_iam_group', {'name': '"%s"', 'path': '"/a/"'}, {'name': '"%s-b"', 'path': ['"/b/"', None]}),
    Case('aws_iam_group_membership',
         {'name': '"n"', 'group': ref('group', 'a', 'name'), 'users': '[%s]' % ref('user', 'a', 'name')},
         {'name': '"m"', 'group': ref('group', 'b', 'name'),
          'users': ['[%s]' % ref('user', 'b', 'name'), '[%s, %s]' % (ref('user', 'a', 'name'), ref('user', 'b', 'name'))]},
         setup=group('a') + group('b') + user('a') + user('b')),
    inlines_exclusive('group'), inlines_exclusive('role'), inlines_exclusive('user'),
    attachments_exclusive('group'), attachments_exclusive('role'), attachments_exclusive('user'),
    attachment('group'), attachment('role'), attachment('user'),
    inline_policy('group'), inline_policy('role'), inline_policy('user'),
    Case('aws_iam_instance_profile', {'name': '"%s"', 'path': '"/a/"', 'role': ref('role', 'a', 'name'), 'tags': TAGS},
         {'name': ['"%s-b"', (None, NOTHING)], 'name_prefix': '"pre-"', 'path': '"/b/"',
          'role': [ref('role', 'b', 'name'), None], 'tags': TAGS_EDITS},
         setup=role('a') + role('b'), needs={'name_prefix': {'name': None}}),
    Case('aws_iam_openid_connect_provider',
         {'url': '"https://%s.example.com"', 'client_id_list': '["a", "b"]',
          'thumbprint_list': '["6938fd4d98bab03faadb97b34396831e3780aea1"]', 'tags': TAGS},
         {'url': '"https://%s-b.example.com"', 'client_id_list': '["b", "c"]',
          'thumbprint_list': ['["6938fd4d98bab03faadb97b34396831e3780aea2"]', (None, NOTHING)], 'tags': TAGS_EDITS}),
    Case('aws_iam_policy', {'name': '"%s"', 'path': '"/a/"', 'description': '"d"', 'policy': policy_expr('s3:GetObject'),
                            'tags': TAGS},
         {'name': ['"%s-b"', (None, NOTHING)], 'name_prefix': '"pre-"', 'path': '"/b/"', 'description': ['"e"', None],
          'policy': [policy_expr('s3:PutObject'),
                     ('jsonencode({{ Statement = {{ Resource = ["*"], Effect = "Allow", Action = ["s3:GetObject"] }}, '
                      'Version = "2012-10-17" }})', NOTHING)], 'tags': TAGS_EDITS},
         needs={'name_prefix': {'name': None}},
         untested={'delay_after_policy_creation_in_ms': 'a wait on create'}),
    Case('aws_iam_policy_attachment',
         {'name': '"n"', 'policy_arn': ref('policy', 'a', 'arn'), 'users': '[%s]' % ref('user', 'a', 'name'),
          'groups': '[%s]' % ref('group', 'a', 'name'), 'roles': '[%s]' % ref('role', 'a', 'name')},
         {'name': '"m"', 'policy_arn': ref('policy', 'b', 'arn'), 'users': ['[%s]' % ref('user', 'b', 'name'), None],
          'groups': '[]', 'roles': None},
         setup=managed('a') + managed('b') + user('a') + user('b') + group('a') + role('a')),
    Case('aws_iam_role',
         {'name': '"%s"', 'path': '"/a/"', 'description': '"d"', 'assume_role_policy': braces(trust('ec2.amazonaws.com')),
          'max_session_duration': '7200', 'permissions_boundary': ref('policy', 'a', 'arn'),
          'force_detach_policies': 'false', 'tags': TAGS},
         {'name': ['"%s-b"', (None, NOTHING)], 'name_prefix': '"pre-"', 'path': '"/b/"', 'description': ['"e"', None],
          'assume_role_policy': braces(trust('ecs.amazonaws.com')), 'max_session_duration': ['3600', None],
          'permissions_boundary': [ref('policy', 'b', 'arn'), None], 'force_detach_policies': 'true', 'tags': TAGS_EDITS,
          'managed_policy_arns': '[%s]' % ref('policy', 'b', 'arn'),
          'inline_policy': '  inline_policy {{\n    name = "i"\n    policy = %s\n  }}\n' % policy_expr('s3:GetObject')},
         setup=managed('a') + managed('b'), needs={'name_prefix': {'name': None}}),
    Case('aws_iam_saml_provider', {'name': '"%s"', 'saml_metadata_document': 'file("metadata1.xml")', 'tags': TAGS},
         {'name': '"%s-b"', 'saml_metadata_document': 'file("metadata2.xml")', 'tags': TAGS_EDITS}),
    Case('aws_iam_server_certificate',
         {'name': '"%s"', 'path': '"/a/"', 'certificate_body': 'file("cert1.pem")', 'private_key': 'file("key1.pem")',
          'tags': TAGS},
         {'name': '"%s-b"', 'path': '"/b/"', 'certificate_body': 'file("cert2.pem")',
          'private_key': 'file("key2.pem")', 'certificate_chain': 'file("cert2.pem")', 'tags': TAGS_EDITS},
         untested={'name_prefix': 'takes effect on create only; see test_generated_names'},
         needs={'certificate_body': {'private_key': 'file("key2.pem")'},
                'private_key': {'certificate_body': 'file("cert2.pem")'},
                'certificate_chain': {'certificate_body': 'file("cert2.pem")', 'private_key': 'file("key2.pem")'}}),
    Case('aws_iam_service_linked_role', {'aws_service_name': '"autoscaling.amazonaws.com"', 'custom_suffix': '"%s"',
                                         'description': '"d"', 'tags': TAGS},
         {'aws_service_name': '"lexv2.amazonaws.com"', 'custom_suffix': '"%s-b"', 'description': ['"e"'],
          'tags': TAGS_EDITS}),
    Case('aws_iam_service_specific_credential', {'service_name': '"codecommit.amazonaws.com"',
                                                 'user_name': ref('user', 'a', 'name'), 'status': '"Active"'},
         {'service_name': '"cassandra.amazonaws.com"', 'user_name': ref('user', 'b', 'name'), 'status': '"Inactive"'},
         setup=user('a') + user('b'), untested={'credential_age_days': 'Bedrock only'}),
    Case('aws_iam_signing_certificate', {'user_name': ref('user', 'a', 'name'), 'certificate_body': 'file("cert1.pem")',
                                         'status': '"Active"'},
         {'user_name': ref('user', 'b', 'name'), 'certificate_body': 'file("cert2.pem")', 'status': '"Inactive"'},
         setup=user('a') + user('b')),
    Case('aws_iam_user', {'name': '"%s"', 'path': '"/a/"', 'force_destroy': 'false',
                          'permissions_boundary': ref('policy', 'a', 'arn'), 'tags': TAGS},
         {'name': '"%s-b"', 'path': ['"/b/"', None], 'force_destroy': 'true',
          'permissions_boundary': [ref('policy', 'b', 'arn'), None], 'tags': TAGS_EDITS},
         setup=managed('a') + managed('b')),
    Case('aws_iam_user_group_membership',
         {'user': ref('user', 'a', 'name'), 'groups': '[%s]' % ref('group', 'a', 'name')},
         {'user': ref('user', 'b', 'name'),
          'groups': ['[%s]' % ref('group', 'b', 'name'), '[%s, %s]' % (ref('group', 'a', 'name'), ref('group', 'b', 'name'))]},
         setup=user('a') + user('b') + group('a') + group('b')),
    Case('aws_iam_user_login_profile', {'user': ref('user', 'a', 'name'), 'password_length': '24',
                                        'password_reset_required': 'true'},
         {'user': ref('user', 'b', 'name'), 'password_length': '30', 'password_reset_required': 'false',
          'pgp_key': 'file("pgp.txt")'}, setup=user('a') + user('b')),
    Case('aws_iam_user_ssh_key', {'username': ref('user', 'a', 'name'), 'encoding': '"SSH"',
                                  'public_key': 'file("id1.pub")', 'status': '"Active"'},
         {'username': ref('user', 'b', 'name'), 'encoding': '"PEM"', 'public_key': 'file("id2.pub")',
          'status': ['"Inactive"', (None, NOTHING)]},
         setup=user('a') + user('b'), needs={'encoding': {'public_key': 'file("id1.pem")'}}),
    Case('aws_iam_virtual_mfa_device', {'virtual_mfa_device_name': '"%s"', 'path': '"/a/"', 'tags': TAGS},
         {'virtual_mfa_device_name': '"%s-b"', 'path': '"/b/"', 'tags': TAGS_EDITS}),
]


def load_model():
    with open(os.path.join(ROOT, 'model', 'aws_provider.json'), encoding='utf8') as f:
        return json.load(f)


def write_files(folder):
    """What the cases read with file(): certificates with their keys, SSH keys, SAML metadata, a PGP key."""

    def call(*argv, **more):
        return subprocess.run(argv, cwd=folder, check=True, capture_output=True, **more).stdout

    for n in '12':
        call('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'key%s.pem' % n, '-out',
             'cert%s.pem' % n, '-days', '365', '-subj', '/CN=www%s.example.com' % n)
        call('ssh-keygen', '-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', 'id%s' % n, '-C', 'ann@laptop')
        with open(os.path.join(folder, 'cert%s.pem' % n), encoding='utf8') as f:
            body = ''.join(line for line in f.read().splitlines() if '-----' not in line)
        with open(os.path.join(folder, 'metadata%s.xml' % n), 'w', encoding='utf8') as f:
            f.write(METADATA % ('idp' + n, body))
    with open(os.path.join(folder, 'id1.pem'), 'wb') as f:
        f.write(call('ssh-keygen', '-e', '-m', 'PKCS8', '-f', 'id1.pub'))
    with open(os.path.join(ROOT, 'tests', 'pgp-public-key.txt'), encoding='utf8') as f:
        key = f.read()
    with open(os.path.join(folder, 'pgp.txt'), 'w', encoding='utf8') as f:
        f.write(key)


# Every data source on objects of its own; `%s` as above.
DATA = '''
resource "aws_iam_user" "data" {
  name = "%sdata"
  path = "/d/"
  tags = { Team = "a" }
}
resource "aws_iam_user" "data_other" {
  name = "%sdata-other"
}
resource "aws_iam_group" "data" {
  name = "%sdata"
}
resource "aws_iam_group_membership" "data" {
  name  = "n"
  group = aws_iam_group.data.name
  users = [aws_iam_user.data.name, aws_iam_user.data_other.name]
}
resource "aws_iam_policy" "data" {
  name        = "%sdata"
  path        = "/d/"
  description = "d"
  policy      = data.aws_iam_policy_document.merged.json
  tags        = { Team = "a" }
}
resource "aws_iam_user_policy_attachment" "data" {
  user       = aws_iam_user.data.name
  policy_arn = aws_iam_policy.data.arn
}
resource "aws_iam_role" "data" {
  name                 = "%sdata"
  path                 = "/d/"
  description          = "d"
  permissions_boundary = aws_iam_policy.data.arn
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  tags                 = { Team = "a" }
}
resource "aws_iam_role_policy" "data" {
  name   = "inline"
  role   = aws_iam_role.data.name
  policy = data.aws_iam_policy_document.merged.minified_json
}
resource "aws_iam_instance_profile" "data" {
  name = "%sdata"
  role = aws_iam_role.data.name
  tags = { Team = "a" }
}
resource "aws_iam_openid_connect_provider" "data" {
  url             = "https://%sdata.example.com"
  client_id_list  = ["b", "a"]
  thumbprint_list = ["6938fd4d98bab03faadb97b34396831e3780aea1"]
  tags            = { Team = "a" }
}
resource "aws_iam_saml_provider" "data" {
  name                   = "%sdata"
  saml_metadata_document = file("metadata1.xml")
  tags                   = { Team = "a" }
}
resource "aws_iam_server_certificate" "data" {
  name             = "%sdata"
  path             = "/d/"
  certificate_body = file("cert1.pem")
  private_key      = file("key1.pem")
}
resource "aws_iam_user_ssh_key" "data" {
  username   = aws_iam_user.data.name
  encoding   = "SSH"
  public_key = file("id1.pub")
}
resource "aws_iam_access_key" "data" {
  user = aws_iam_user.data.name
}
data "aws_arn" "x" {
  arn = "arn:aws:iam::123456789012:user/people/ann"
}
data "aws_caller_identity" "x" {}
data "aws_default_tags" "x" {}
data "aws_partition" "x" {}
data "aws_region" "x" {}
data "aws_region" "named" {
  name = "eu-west-1"
}
data "aws_region" "by_endpoint" {
  endpoint = "ec2.eu-central-1.amazonaws.com"
}
data "aws_service_principal" "x" {
  service_name = "ec2"
}
data "aws_service_principal" "there" {
  service_name = "logs"
  region       = "cn-north-1"
}
data "aws_iam_access_keys" "x" {
  user       = aws_iam_user.data.name
  depends_on = [aws_iam_access_key.data]
}
data "aws_iam_group" "x" {
  group_name = aws_iam_group.data.name
  depends_on = [aws_iam_group_membership.data]
}
data "aws_iam_instance_profile" "x" {
  name = aws_iam_instance_profile.data.name
}
data "aws_iam_instance_profiles" "x" {
  role_name  = aws_iam_role.data.name
  depends_on = [aws_iam_instance_profile.data]
}
data "aws_iam_openid_connect_provider" "x" {
  arn = aws_iam_openid_connect_provider.data.arn
}
data "aws_iam_openid_connect_provider" "by_url" {
  url        = "https://${aws_iam_openid_connect_provider.data.url}"
}
data "aws_iam_policy" "x" {
  arn        = aws_iam_policy.data.arn
  depends_on = [aws_iam_user_policy_attachment.data]
}
data "aws_iam_policy" "by_name" {
  name       = aws_iam_policy.data.name
  depends_on = [aws_iam_user_policy_attachment.data]
}
data "aws_iam_policy" "by_path" {
  path_prefix = "/d/"
  depends_on  = [aws_iam_user_policy_attachment.data]
}
data "aws_iam_role" "x" {
  name = aws_iam_role.data.name
}
data "aws_iam_roles" "x" {
  name_regex = "^%sdata"
  depends_on = [aws_iam_role.data]
}
data "aws_iam_roles" "by_path" {
  path_prefix = "/d/"
  depends_on  = [aws_iam_role.data]
}
data "aws_iam_saml_provider" "x" {
  arn = aws_iam_saml_provider.data.arn
}
data "aws_iam_server_certificate" "x" {
  name       = aws_iam_server_certificate.data.name
  latest     = true
  depends_on = [aws_iam_server_certificate.data]
}
data "aws_iam_server_certificate" "by_prefix" {
  name_prefix = "%sda"
  path_prefix = "/d/"
  depends_on  = [aws_iam_server_certificate.data]
}
data "aws_iam_session_context" "x" {
  arn = data.aws_caller_identity.x.arn
}
data "aws_iam_session_context" "assumed" {
  arn        = "arn:aws:sts::123456789012:assumed-role/${aws_iam_role.data.name}/session"
  depends_on = [aws_iam_role.data]
}
data "aws_iam_user" "x" {
  user_name = aws_iam_user.data.name
}
data "aws_iam_user_ssh_key" "x" {
  username          = aws_iam_user.data.name
  ssh_public_key_id = aws_iam_user_ssh_key.data.ssh_public_key_id
  encoding          = "PEM"
}
data "aws_iam_users" "x" {
  name_regex = "^%sdata"
  depends_on = [aws_iam_user.data, aws_iam_user.data_other]
}
data "aws_iam_users" "by_path" {
  path_prefix = "/d/"
  depends_on  = [aws_iam_user.data]
}
data "aws_iam_principal_policy_simulation" "x" {
  policy_source_arn = aws_iam_user.data.arn
  action_names      = ["s3:GetObject", "s3:PutObject"]
  resource_arns     = ["arn:aws:s3:::b/x"]
  context {
    key    = "aws:CurrentTime"
    type   = "date"
    values = ["2026-01-01T00:00:00Z"]
  }
  depends_on = [aws_iam_user_policy_attachment.data]
}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]
    principals {
      type        = "Service"
      identifiers = ["ecs.amazonaws.com", "ec2.amazonaws.com"]
    }
    principals {
      type        = "AWS"
      identifiers = ["123456789012"]
    }
  }
}
data "aws_iam_policy_document" "base" {
  policy_id = "base"
  version   = "2008-10-17"
  statement {
    sid       = "One"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::b/&{aws_username}/*", "arn:aws:s3:::c/*"]
  }
  statement {
    sid         = "Two"
    effect      = "Deny"
    not_actions = ["iam:*"]
    resources   = ["*"]
  }
  count = 0
}
data "aws_iam_policy_document" "one" {
  statement {
    sid       = "One"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = ["arn:aws:s3:::b/&{aws:username}/*", "arn:aws:s3:::c/*"]
    condition {
      test     = "StringLike"
      variable = "aws:PrincipalTag/Team"
      values   = ["&{aws:RequestTag/Team}", "b", "a<b>"]
    }
    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
  }
  statement {
    sid           = "Two"
    effect        = "Deny"
    not_actions   = ["s3:GetObject", "iam:GetUser"]
    not_resources = ["arn:aws:s3:::z"]
  }
}
data "aws_iam_policy_document" "merged" {
  source_policy_documents   = [data.aws_iam_policy_document.one.json]
  override_policy_documents = [jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Two", Effect = "Deny", Action = ["s3:DeleteObject"], Resource = "*" }] })]
  statement {
    actions   = ["sts:GetCallerIdentity"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "principals" {
  statement {
    sid     = ""
    actions = ["sts:AssumeRole"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    not_principals {
      type        = "AWS"
      identifiers = ["z", "a", "m"]
    }
    not_principals {
      type        = "Federated"
      identifiers = ["x"]
    }
  }
  statement {
  }
}
'''
