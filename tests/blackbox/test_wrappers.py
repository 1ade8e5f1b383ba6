# SPDX-License-Identifier: Apache-2.0
"""What programs that wrap terraform rely on."""
import json

MISSING = 'module "m" {\n  source = "./nowhere"\n}\n'


def test_show_needs_no_module_while_there_is_no_state(workspace):
    workspace.write('main.tf', MISSING)
    assert json.loads(workspace.ok('show', '-json')) == {'format_version': '1.0'}


def test_show_of_a_state_needs_the_modules(workspace):
    workspace.write('main.tf', 'resource "terraform_data" "a" {}\n')
    workspace.ok('apply', '-auto-approve')
    workspace.write('more.tf', MISSING)
    done = workspace.run('show', '-json')
    assert done.returncode == 1 and 'Module not installed' in done.stderr


def test_show_tells_errors_of_the_configuration(workspace):
    workspace.write('main.tf', 'resource "x" {}\n')
    done = workspace.run('show', '-json')
    assert done.returncode == 1 and 'Missing name for resource' in done.stderr


def test_schemas_are_left_out_when_there_is_no_provider(workspace):
    workspace.write('main.tf', 'locals {}\n')
    assert json.loads(workspace.ok('providers', 'schema', '-json')) == {'format_version': '1.0'}
