# SPDX-License-Identifier: Apache-2.0
"""The IAM that comes with loam, around a command, and who answers for hashicorp/aws."""
import json
import os
import stat

import pytest

from conftest import LOAM

CONSTRAINED = '''terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "%s"
    }
  }
}
data "aws_partition" "here" {}
'''


def test_the_sandbox_tells_the_command_where_iam_is(workspace):
    names = ('AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION')
    done = workspace.run('sandbox', '--', 'sh', '-c', 'env; exit 7')
    assert done.returncode == 7
    found = dict(line.split('=', 1) for line in done.stdout.splitlines() if '=' in line)
    assert all(found.get(name) for name in names)
    assert found['AWS_ENDPOINT_URL'].startswith('http://127.0.0.1:')


def test_the_sandbox_ends_its_server_and_keeps_what_it_is_told_to(workspace):
    workspace.write('main.tf', 'resource "aws_iam_user" "kept" {\n  name = "kept"\n}\n')
    data = os.path.join(workspace.path, 'account')
    done = workspace.run('sandbox', '--data', data, '--keep', '--', 'sh', '-c',
                         'echo $AWS_ENDPOINT_URL; exec %s apply -auto-approve' % LOAM)
    assert done.returncode == 0, done.stderr
    url = done.stdout.splitlines()[0]
    lonely = {'AWS_ENDPOINT_URL': url, 'AWS_ACCESS_KEY_ID': 'AKIDX', 'AWS_REGION': 'us-east-1',
              'AWS_SECRET_ACCESS_KEY': 'x', 'AWS_MAX_ATTEMPTS': '1'}
    gone = workspace.run('plan', env=lonely)
    assert gone.returncode == 1
    assert url in gone.stderr and 'connection refused' in gone.stderr
    again = workspace.run('sandbox', '--data', data, '--', LOAM, 'plan', '-detailed-exitcode')
    assert again.returncode == 0 and 'No changes.' in again.stdout, again.stdout + again.stderr
    assert stat.S_IMODE(os.stat(data).st_mode) == 0o700


def test_an_account_of_the_sandbox_can_be_kept(workspace, tmp_path):
    workspace.env['TMPDIR'] = str(tmp_path)
    done = workspace.run('sandbox', '--keep', '--', 'true')
    kept = done.stderr.strip().rpartition(' ')[2]
    assert done.returncode == 0 and os.path.exists(os.path.join(kept, 'loam.db'))
    workspace.ok('sandbox', '--', 'true')
    assert [name for name in os.listdir(tmp_path) if name.startswith('loam-')] == \
        [os.path.basename(kept)]


def test_without_a_temporary_folder_there_is_one_clear_line(workspace):
    done = workspace.run('sandbox', '--', 'true', env={'TMPDIR': '/nowhere'})
    assert done.returncode == 1
    assert done.stderr == 'loam: cannot make a temporary folder: no such file or directory\n'


def test_a_command_that_is_not_there_is_a_clear_error(workspace):
    done = workspace.run('sandbox', '--', 'no-such-command-here')
    assert done.returncode == 127
    assert 'no-such-command-here' in done.stderr and len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize('constraint, release', [
    ('~> 5.0', '5.100.0'), ('5.31.0', '5.31.0'), ('>= 5.0, < 6.0', '5.100.0'), ('>= 4.0', '6.'),
    ('~> 6.0', '6.'), ('!= 6.1.0', '6.')])
def test_each_constraint_that_admits_release_5_or_6_is_answered(workspace, constraint, release):
    workspace.write('main.tf', CONSTRAINED % constraint)
    assert 'Using hashicorp/aws v%s' % release in workspace.ok('init')
    assert 'hashicorp/aws, as release %s' % release in workspace.ok('providers')


@pytest.mark.parametrize('constraint', ['4.67.0', '< 5.0', '~> 7.0', '>= 7.0'])
def test_other_constraints_are_refused_with_what_to_write(workspace, constraint):
    workspace.write('main.tf', CONSTRAINED % constraint)
    for command in ('init', 'plan'):
        done = workspace.run(command)
        text = ' '.join(done.stderr.split())
        assert done.returncode == 1 and 'on main.tf line 3' in text
        assert 'constraint %s does not admit' % constraint in text and '"~> 6.0"' in text


def test_a_lock_file_is_left_as_it_is(workspace):
    text = '# written elsewhere\nprovider "registry.terraform.io/hashicorp/aws" {\n' \
           '  version = "5.1.0"\n  hashes = ["h1:x"]\n}\n'
    workspace.write('main.tf', CONSTRAINED % '~> 5.0')
    workspace.write('.terraform.lock.hcl', text)
    workspace.ok('init')
    workspace.ok('validate')
    assert workspace.read('.terraform.lock.hcl') == text
    assert json.loads(workspace.ok('version', '-json'))['terraform_version']
