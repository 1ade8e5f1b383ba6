# SPDX-License-Identifier: Apache-2.0
"""What a destroy of one target takes with it: all that stands on it, and nothing beside it."""
import re

import pytest

MAIN = '''
resource "terraform_data" "people" {
  for_each = toset(["alice", "bob"])
  input    = each.key
}

module "roles" {
  source   = "./role"
  for_each = toset(["read", "work"])
  name     = each.key
  trusted  = [for name in ["alice"] : terraform_data.people[name].id]
}
'''
ROLE = '''
variable "name" {}
variable "trusted" {}

resource "terraform_data" "this" {
  input = [var.name, var.trusted]
}

resource "terraform_data" "attached" {
  for_each = toset(["x", "y"])
  input    = [terraform_data.this.id, each.key]
}
'''
READ = ['module.roles["read"].terraform_data.attached["x"]',
        'module.roles["read"].terraform_data.attached["y"]',
        'module.roles["read"].terraform_data.this']
WORK = [address.replace('read', 'work') for address in READ]


@pytest.mark.parametrize('target, gone', [
    ('module.roles["read"]', READ),
    (READ[2], READ),
    (READ[0], READ[:1]),
    ('module.roles["read"].terraform_data.attached', READ[:2]),
    ('module.roles', READ + WORK),
    ('module.roles.terraform_data.this', []),
    ('module.roles["nobody"]', []),
    ('terraform_data.people["alice"]', ['terraform_data.people["alice"]'] + READ + WORK),
    ('terraform_data.people["bob"]', ['terraform_data.people["bob"]'] + READ + WORK),
])
def test_a_destroyed_target_takes_what_stands_on_it(workspace, target, gone):
    workspace.write('main.tf', MAIN)
    workspace.write('role/main.tf', ROLE)
    workspace.ok('init')
    workspace.ok('apply', '-auto-approve')
    plan = workspace.ok('plan', '-destroy', '-target=' + target)
    assert sorted(re.findall(r'# (\S+) will be destroyed', plan)) == sorted(gone)
