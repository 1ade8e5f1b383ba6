# SPDX-License-Identifier: Apache-2.0
"""Moving state between backends on `init`, workspaces in them, and copies of modules."""
import json
import os

RESOURCE = 'resource "terraform_data" "a" {\n  input = terraform.workspace\n}\n'
BACKEND = ('terraform {\n  backend "local" {\n    path          = "%s.tfstate"\n    workspace_dir = '
           '"%s"\n  }\n}\n')


def addresses(workspace, *args):
    return workspace.ok('state', 'list', *args).split()


def test_to_a_backend_and_back(workspace):
    workspace.write('main.tf', RESOURCE)
    workspace.ok('apply', '-auto-approve', '-no-color')
    workspace.write('main.tf', RESOURCE + BACKEND % ('x', 'wx'))
    assert workspace.run('plan', '-no-color').returncode == 1
    refused = workspace.run('init', '-no-color', '-input=false')
    assert refused.returncode == 1 and "Can't ask approval" in refused.stderr
    assert not os.path.exists(os.path.join(workspace.path, 'x.tfstate'))
    done = workspace.ok('init', '-no-color', stdin='yes\n')
    assert 'Do you want to copy existing state to the new backend?' in done
    assert addresses(workspace) == ['terraform_data.a']
    assert workspace.read('terraform.tfstate') == ''
    assert 'terraform_data' in workspace.read('terraform.tfstate.backup')
    workspace.write('main.tf', RESOURCE + BACKEND % ('y', 'wx'))
    assert 'Backend configuration changed' in workspace.run('init', '-no-color').stderr
    workspace.ok('init', '-no-color', '-migrate-state', stdin='no\n')
    assert workspace.run('state', 'list').returncode == 1
    workspace.write('main.tf', RESOURCE + BACKEND % ('x', 'wx'))
    workspace.ok('init', '-no-color', '-reconfigure')
    workspace.write('main.tf', RESOURCE)
    done = workspace.ok('init', '-no-color', '-force-copy')
    assert "you're unconfiguring" in done
    assert addresses(workspace) == ['terraform_data.a']


def test_both_sides_have_a_state(workspace):
    workspace.write('main.tf', RESOURCE)
    workspace.ok('apply', '-auto-approve', '-no-color')
    workspace.write('main.tf', RESOURCE.replace('"a"', '"b"') + BACKEND % ('x', 'wx'))
    workspace.ok('init', '-no-color', '-reconfigure', stdin='no\n')
    workspace.ok('apply', '-auto-approve', '-no-color')
    workspace.write('main.tf', RESOURCE + BACKEND % ('y', 'wx'))
    workspace.ok('init', '-no-color', '-reconfigure')
    workspace.ok('apply', '-auto-approve', '-no-color')
    workspace.write('main.tf', RESOURCE + BACKEND % ('x', 'wx'))
    done = workspace.ok('init', '-no-color', '-migrate-state', stdin='no\n')
    assert 'overwrite the state in the new backend' in done
    assert addresses(workspace) == ['terraform_data.b']


def test_all_workspaces(workspace):
    workspace.write('main.tf', RESOURCE)
    workspace.ok('apply', '-auto-approve', '-no-color')
    workspace.ok('workspace', 'new', 'dev')
    workspace.ok('apply', '-auto-approve', '-no-color')
    workspace.write('main.tf', RESOURCE + BACKEND % ('x', 'wx'))
    stopped = workspace.run('init', '-no-color', stdin='no\n')
    assert stopped.returncode == 1 and 'Migration aborted by user' in stopped.stderr
    done = workspace.ok('init', '-no-color', stdin='yes\n')
    assert 'Do you want to migrate all workspaces' in done
    assert os.path.exists(os.path.join(workspace.path, 'wx/dev/terraform.tfstate'))
    inputs = {json.loads(workspace.read(path))['resources'][0]['instances'][0]['attributes']
              ['input']['value'] for path in ('x.tfstate', 'wx/dev/terraform.tfstate')}
    assert inputs == {'default', 'dev'}
    workspace.ok('workspace', 'new', 'more')
    assert os.path.isdir(os.path.join(workspace.path, 'wx/more'))
    assert '* more' in workspace.ok('workspace', 'list')
    refused = workspace.run('workspace', 'delete', 'dev')
    assert refused.returncode == 1 and '- terraform_data.a' in refused.stderr
    assert 'WARNING' in workspace.ok('workspace', 'delete', '-force', 'dev')


def test_a_copy_of_a_module(workspace, tmp_path):
    module = tmp_path / 'module'
    (module / 'sub').mkdir(parents=True)
    (module / 'main.tf').write_text('module "s" {\n  source = "./sub"\n}\n')
    (module / 'sub' / 'main.tf').write_text('output "o" {\n  value = 1\n}\n')
    done = workspace.ok('init', '-no-color', '-from-module=%s' % module)
    assert 'Copying configuration from' in done and '- s in sub' in done
    assert workspace.read('sub/main.tf') == (module / 'sub' / 'main.tf').read_text()
    refused = workspace.run('init', '-no-color', '-from-module=%s' % module)
    assert refused.returncode == 1 and 'already contains files' in refused.stderr


def test_identities_and_other_names(workspace):
    workspace.write('main.tf', RESOURCE)
    workspace.ok('apply', '-auto-approve', '-no-color')
    assert workspace.ok('state', 'ls') == 'terraform_data.a\n'
    state = json.loads(workspace.read('terraform.tfstate'))
    state['resources'][0]['instances'][0]['identity'] = {'name': 'x'}
    state['resources'][0]['instances'][0]['identity_schema_version'] = 0
    workspace.write('terraform.tfstate', json.dumps(state))
    assert json.loads(workspace.ok('state', 'identities', '-json')) == {
        'terraform_data.a': {'name': 'x'}}
    assert json.loads(workspace.ok('state', 'identities', '-json', '-id=none')) == {}
    assert workspace.run('state', 'identities').returncode == 1
    workspace.ok('state', 'move', 'terraform_data.a', 'terraform_data.b')
    workspace.ok('state', 'remove', 'terraform_data.b')
    assert workspace.ok('state', 'ls') == ''
