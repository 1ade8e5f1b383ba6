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
import provider_cases as cases

EXAMPLES = sorted(glob.glob(os.path.join(ROOT, 'docs', 'provider', 'examples', '*.tf')))
# Features of an account that the embedded IAM has no organization or issuer for.
NOT_EMBEDDED = cases.NOT_EMBEDDED + ('data_aws_iam_outbound_web_identity_federation',)
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
@pytest.fixture(scope='module')
def files(tmp_path_factory):
    """What examples and cases read with file(): certificates with their keys, SSH keys, SAML metadata."""
    path = tmp_path_factory.mktemp('files')
    cases.write_files(path)
    made = {name: (path / name).read_text() for name in os.listdir(path)}
    for name, like in (('key.pem', 'key1.pem'), ('certificate.pem', 'cert1.pem'), ('id_rsa.pub', 'id1.pub'),
                       ('metadata.xml', 'metadata1.xml')):
        made[name] = made[like]
    return made


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


# Known to loam alone: what is at AWS never differs from it.
LOCAL = ('force_destroy', 'force_detach_policies')
# Shown by no call after the object is made.
UNSHOWN = ('password_length', 'password_reset_required', 'pgp_key', 'private_key', 'name_prefix')


class Account:
    """A case applied in its base form, and what of it can be put back."""

    def __init__(self, workspace, files, tmp_path, case):
        self.workspace, self.case, self.path = workspace, case, tmp_path
        workspace.write('provider.tf', PROVIDER)
        for name, text in files.items():
            workspace.write(name, text)
        workspace.env['AWS_ENDPOINT_URL'] = 'loam:%s' % (tmp_path / 'account.db')
        workspace.ok('init')
        workspace.write('main.tf', case.text('t'))
        workspace.ok('apply', '-auto-approve')
        self.no_changes()
        self.kept = {x: (tmp_path / x).read_bytes() for x in os.listdir(tmp_path) if x.startswith('account.db')}
        self.state = workspace.read('terraform.tfstate')

    def restore(self, account=True):
        self.workspace.write('terraform.tfstate', self.state)
        self.workspace.write('main.tf', self.case.text('t'))
        if account:
            for name, data in self.kept.items():
                (self.path / name).write_bytes(data)

    def no_changes(self):
        again = self.workspace.run('plan', '-detailed-exitcode')
        assert again.returncode == 0, again.stdout + again.stderr

    def attributes(self):
        state = json.loads(self.workspace.read('terraform.tfstate'))
        return next(r['instances'][0]['attributes'] for r in state['resources']
                    if r['type'] == self.case.kind and r['name'] == self.case.name)

    def plan(self):
        """What the plan does with the resource."""
        self.workspace.ok('plan', '-out=plan.bin')
        told = json.loads(self.workspace.ok('show', '-json', 'plan.bin'))
        return next((r['change']['actions'] for r in told['resource_changes']
                     if r['address'] == '%s.%s' % (self.case.kind, self.case.name)), None)


@pytest.fixture(params=cases.CASES, ids=[c.kind for c in cases.CASES])
def account(request, workspace, files, tmp_path):
    return Account(workspace, files, tmp_path, request.param)


def test_changes_and_drift(account):
    """Each argument: changed in place or by replacement as the model says, no changes afterwards; and
    when AWS has the other value while the configuration has not, that is repaired."""
    for attr, value, actions in account.case.changes(cases.load_model()):
        account.restore()
        account.workspace.write('main.tf', account.case.text('t', (attr, value)))
        assert account.plan() == actions, (attr, value)
        account.workspace.ok('apply', 'plan.bin')
        account.no_changes()
        if actions != cases.UPDATE or attr in LOCAL + UNSHOWN or attr not in account.case.base:
            continue
        account.restore(account=False)
        shared = account.case.kind == 'aws_iam_user_group_membership'  # others may add groups, too
        assert account.plan() in (cases.UPDATE, ['create'], cases.REPLACE) + ((['no-op'],) if shared else ()), (attr, value)
        account.workspace.ok('apply', '-auto-approve')
        account.no_changes()


def test_gone_and_destroyed(account):
    """An object that was deleted behind loam's back is made again; in the end nothing is left."""
    account.workspace.write('main.tf', without_resource(account.case))
    account.workspace.ok('apply', '-auto-approve')
    account.restore(account=False)
    stays, members = account.case.kind.endswith('_exclusive'), account.case.kind.endswith('group_membership')
    assert account.plan() == (['no-op'] if stays else ['update'] if members else ['create'])
    account.workspace.ok('apply', '-auto-approve')
    account.no_changes()
    account.workspace.ok('destroy', '-auto-approve')
    assert account.workspace.ok('state', 'list') == ''


def test_every_argument_has_a_case():
    for entry in cases.load_model()['resources']:
        if entry['name'] in cases.NOT_EMBEDDED:
            continue
        case = next(c for c in cases.CASES if c.kind == entry['name'])
        wanted = {a['name'] for a in entry['attributes'] if set(a['mode']) & set('ro')} | {b['name'] for b in entry['blocks']}
        assert set(case.edits) | set(case.untested) == wanted - {'id', 'tags_all'}, entry['name']


@pytest.mark.parametrize('kind', [c.kind for c in cases.CASES if 'name_prefix' in c.edits or 'name_prefix' in c.untested])
def test_generated_names(workspace, files, tmp_path, kind):
    case = next(c for c in cases.CASES if c.kind == kind)
    for change, want in ((('name_prefix', '"pre-"'), 'pre-'), (('name', None), 'terraform-')):
        text = case.text('t', change).replace('  name = "t%s"\n' % case.name.replace('_', '-'), '')
        account = Account.__new__(Account)
        account.workspace, account.case = workspace, case
        workspace.write('provider.tf', PROVIDER)
        for name, content in files.items():
            workspace.write(name, content)
        workspace.write('main.tf', re.sub(r'  name = "read"\n(?=.*name_prefix)', '', text, flags=re.S))
        workspace.env['AWS_ENDPOINT_URL'] = 'loam:%s' % (tmp_path / 'account.db')
        workspace.ok('init')
        workspace.ok('apply', '-auto-approve')
        name = account.attributes()['name']
        assert re.fullmatch(re.escape(want) + r'\d{18}[0-9a-f]{8}', name), name
        account.no_changes()
        workspace.ok('destroy', '-auto-approve')


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


LOCAL_TYPES = ('aws_iam_user', 'aws_iam_role', 'aws_iam_user_ssh_key', 'aws_iam_access_key')
# Imported without what cannot be read back, and so replaced by the next plan, as with the AWS provider.
UNREADABLE = ('aws_iam_server_certificate', 'aws_iam_user_login_profile')


def without_resource(case):
    """The configuration around the resource alone."""
    text = case.text('t')
    return text[:text.index('resource "%s" "%s" {' % (case.kind, case.name))]


def test_import(account):
    """By command, by block, and by block with generated configuration: no changes afterwards."""
    case, workspace = account.case, account.workspace
    entry = next(e for e in cases.load_model()['resources'] if e['name'] == case.kind)
    address, object_id = '%s.%s' % (case.kind, case.name), import_id(case.kind, account.attributes())
    workspace.ok('state', 'rm', address)
    done = workspace.run('import', address, object_id)
    if 'import' not in entry:
        assert done.returncode == 1 and "doesn't support import" in done.stderr
        return
    assert done.returncode == 0, done.stdout + done.stderr
    if case.kind in UNREADABLE:
        assert account.plan() == cases.REPLACE
        return
    # Arguments that only loam knows (force_destroy ...) are set in the state, nothing else changes.
    local = case.kind in LOCAL_TYPES
    assert account.plan() in ((['no-op'], ['update']) if local else (['no-op'],))
    workspace.ok('state', 'rm', address)
    block = 'import {\n  to = %s\n  id = %s\n}\n' % (address, json.dumps(object_id))
    workspace.write('main.tf', case.text('t') + block)
    assert '1 to import, 0 to add' in workspace.ok('plan')
    workspace.write('main.tf', without_resource(case) + block)
    done = workspace.run('plan', '-generate-config-out=generated.tf', '-out=plan.bin')
    assert done.returncode == 0, done.stdout + done.stderr
    assert '1 to import, 0 to add' in done.stdout and '0 to destroy' in done.stdout
    workspace.ok('apply', 'plan.bin')
    account.no_changes()


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


def test_every_validation_message(workspace):
    """Bad values for each argument that has a rule: each message that the model knows is shown."""
    model, text, wanted = cases.load_model(), [PROVIDER], []
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
    data = cases.load_model()
    wanted = {e['name'] for e in data['resources']} | {'data_' + e['name'] for e in data['data_sources']}
    assert {os.path.basename(x)[:-3] for x in EXAMPLES} == wanted


@pytest.mark.parametrize('tool,made', [('generate_docs', 'docs/provider'), ('generate_schema', 'src/aws')])
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
