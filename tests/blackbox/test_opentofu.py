# SPDX-License-Identifier: Apache-2.0
"""States and workspaces go from loam to an OpenTofu on PATH and back, plain and encrypted."""
import json
import os
import shutil
import subprocess

import pytest

TOFU = shutil.which('tofu')
RESOURCES = '''
variable "text" {
  default = "one"
}
resource "terraform_data" "a" {
  input = var.text
}
resource "terraform_data" "b" {
  for_each         = toset(["x", "y z"])
  input            = { key = each.key, n = [1, null, 2.5] }
  triggers_replace = terraform_data.a.id
}
output "o" {
  value     = terraform_data.b["x"].output
  sensitive = true
}
'''
ENCRYPTION = '''
terraform {
  encryption {
    key_provider "pbkdf2" "k" {
      passphrase = "correct horse battery staple"
    }
    method "aes_gcm" "m" {
      keys = key_provider.pbkdf2.k
    }
    state {
      method   = method.aes_gcm.m
      enforced = true
    }
    plan {
      method   = method.aes_gcm.m
      enforced = true
    }
  }
}
'''
tofu_only = pytest.mark.skipif(not TOFU, reason='no tofu on PATH')


def tofu(workspace, *args, want=0):
    env = dict(workspace.env, CHECKPOINT_DISABLE='1')
    done = subprocess.run([TOFU, *args, '-no-color'], cwd=workspace.path, env=env,
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == want, done.stdout + done.stderr
    return done.stdout


def no_changes(workspace):
    assert workspace.run('plan', '-detailed-exitcode', '-no-color').returncode == 0
    tofu(workspace, 'plan', '-detailed-exitcode')


@tofu_only
@pytest.mark.parametrize('encryption', ['', ENCRYPTION], ids=['plain', 'encrypted'])
def test_a_state_goes_both_ways(workspace, encryption):
    workspace.write('main.tf', RESOURCES + encryption)
    tofu(workspace, 'init')
    tofu(workspace, 'apply', '-auto-approve')
    workspace.ok('init', '-no-color')
    no_changes(workspace)
    workspace.ok('apply', '-auto-approve', '-var', 'text=two', '-no-color')
    workspace.write('terraform.tfvars', 'text = "two"\n')
    no_changes(workspace)
    tofu(workspace, 'state', 'mv', 'terraform_data.b["x"]', 'terraform_data.b["w"]')
    workspace.ok('state', 'mv', 'terraform_data.b["w"]', 'terraform_data.b["x"]')
    no_changes(workspace)
    ours = json.loads(workspace.ok('show', '-json'))['values']
    theirs = json.loads(tofu(workspace, 'show', '-json'))['values']
    assert ours == theirs
    assert ('two' in workspace.read('terraform.tfstate')) == (not encryption)
    tofu(workspace, 'destroy', '-auto-approve')
    assert workspace.ok('state', 'list') == ''


@tofu_only
def test_workspaces_go_both_ways(workspace):
    workspace.write('main.tf', RESOURCES)
    tofu(workspace, 'init')
    tofu(workspace, 'workspace', 'new', 'dev')
    tofu(workspace, 'apply', '-auto-approve')
    assert workspace.ok('workspace', 'show') == 'dev\n'
    no_changes(workspace)
    workspace.ok('workspace', 'new', 'other')
    workspace.ok('apply', '-auto-approve', '-no-color')
    assert '* other' in tofu(workspace, 'workspace', 'list')
    no_changes(workspace)


def test_a_plan_is_encrypted_where_the_block_says_so(workspace):
    workspace.write('main.tf', RESOURCES + ENCRYPTION)
    workspace.ok('plan', '-out=p', '-var', 'text=topsecret', '-no-color')
    text = workspace.read('p')
    assert 'encrypted_data' in text and 'topsecret' not in text and 'horse' not in text
    assert os.stat(os.path.join(workspace.path, 'p')).st_mode & 0o77 == 0
    assert 'topsecret' in workspace.ok('show', '-no-color', 'p')
    workspace.ok('apply', '-no-color', 'p')
    workspace.write('main.tf', RESOURCES + ENCRYPTION.replace('staple', 'stable'))
    refused = workspace.run('show', '-no-color', 'p')
    assert refused.returncode == 1 and 'decryption failed' in refused.stderr
    workspace.write('main.tf', RESOURCES)
    assert workspace.run('show', '-no-color', 'p').returncode == 1


def test_a_plain_plan_is_refused_where_encryption_is_wanted(workspace):
    workspace.write('main.tf', RESOURCES)
    workspace.ok('plan', '-out=p', '-no-color')
    workspace.write('main.tf', RESOURCES + ENCRYPTION)
    assert workspace.run('apply', '-no-color', 'p').returncode == 1


def test_show_says_what_it_shows(workspace):
    workspace.write('main.tf', 'resource "terraform_data" "a" {\n  input = "x"\n}\n')
    workspace.ok('apply', '-auto-approve')
    workspace.ok('plan', '-out=p')
    assert workspace.ok('show', '-no-color', '-state') == workspace.ok('show', '-no-color')
    assert workspace.ok('show', '-no-color', '-plan=p') == workspace.ok('show', '-no-color', 'p')
    for args, want in ((('-plan=none',), "couldn't load the provided path as either a local plan file (open none: no such"),
                       (('-plan=terraform.tfstate',), 'plan'), (('-state', '-plan=p'), 'Conflicting object types to show'),
                       (('-state', 'p'), 'Unexpected command line arguments')):
        done = workspace.run('show', '-no-color', *args)
        said = ' '.join(done.stderr.split())
        assert done.returncode == 1 and want in said and 'State read error' not in said


REMOTE = """
terraform {
  encryption {
    key_provider "pbkdf2" "k" {
      passphrase = "sixteen characters at least"
      iterations = 200000
    }
    method "aes_gcm" "m" {
      keys = key_provider.pbkdf2.k
    }
    method "unencrypted" "none" {}
    %s
  }
}
"""


def test_states_of_others_are_read_with_their_key(workspace):
    workspace.write('made/main.tf', REMOTE % 'state {\n method = method.aes_gcm.m\n }'
                    + 'output "x" {\n  value = "seen"\n}\n')
    workspace.ok('-chdir=made', 'apply', '-auto-approve')
    assert 'encrypted_data' in workspace.read('made/terraform.tfstate')
    reader = """
data "terraform_remote_state" "made" {
  backend = "local"
  config  = { path = "made/terraform.tfstate" }
}
output "y" {
  value = data.terraform_remote_state.made.outputs.x
}
"""
    for block in ('default', 'remote_state_data_source "made"'):
        workspace.write('main.tf', REMOTE % (
            'remote_state_data_sources {\n %s {\n method = method.aes_gcm.m\n }\n }' % block) + reader)
        assert '"seen"' in workspace.ok('plan', '-no-color')
    workspace.write('main.tf', reader)
    refused = workspace.run('plan', '-no-color')
    assert refused.returncode == 1 and 'encrypted' in refused.stderr


def test_enforced_encryption_admits_nothing_plain(workspace):
    workspace.write('main.tf', REMOTE % ('state {\n method = method.aes_gcm.m\n enforced = true\n'
                                         'fallback {\n method = method.unencrypted.none\n }\n }'))
    done = workspace.run('plan', '-no-color')
    assert done.returncode == 1 and 'Unencrypted method is forbidden' in done.stderr
    workspace.write('main.tf', REMOTE % 'state {\n method = method.aes_gcm.m\n enforced = true\n }')
    workspace.ok('apply', '-auto-approve')
