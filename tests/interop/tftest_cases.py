# SPDX-License-Identifier: Apache-2.0
"""The tutorial under tftest, with loam in the place of terraform."""
import os
import shutil

import pytest
import tftest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


@pytest.fixture(scope='module')
def tutorial():
    work = os.path.join(os.environ['FOLDER'], 'work')
    shutil.copytree(os.path.join(ROOT, 'examples', 'iam-users'), work)
    os.remove(os.path.join(work, 'imports.tf'))
    test = tftest.TerraformTest(work, binary=os.environ['LOAM'])
    test.setup(cleanup_on_exit=True)
    return test


def test_plan(tutorial):
    plan = tutorial.plan(output=True)
    assert plan.variables['aws_region'] == 'us-east-1'
    assert 'aws_iam_role.admin' in plan.root_module.resources
    role = plan.root_module.resources['aws_iam_role.admin']
    assert role['values']['max_session_duration'] == 3600
    assert {change['change']['actions'][0] for change in plan.resource_changes.values()} == {'create', 'read'}
    assert not plan.modules


def test_plan_with_variables(tutorial):
    plan = tutorial.plan(output=True, tf_vars={'iam_users': '{}'}, refresh=False)
    assert not [name for name in plan.root_module.resources if name.startswith('aws_iam_user.')]


def test_apply_output_and_state(tutorial):
    tutorial.apply()
    outputs = tutorial.output()
    assert 'alice@example.com' in outputs['iam_user_arns']
    state = tutorial.state_pull()
    assert state['version'] == 4
    assert {name.split('.', 1)[1] for name in state.resources} >= {'aws_iam_user.users', 'aws_iam_role.admin'}
    assert tutorial.plan(output=True).resource_changes['aws_iam_role.admin']['change']['actions'] == ['no-op']


def test_a_target(tutorial):
    plan = tutorial.plan(output=True, targets=['aws_iam_role.admin'])
    assert list(plan.resource_changes) == ['aws_iam_role.admin']


def test_commands(tutorial):
    listed = tutorial.execute_command('state', 'list').out
    assert 'aws_iam_role.admin' in listed.splitlines()
    with pytest.raises(tftest.TerraformTestError) as failure:
        tutorial.execute_command('state', 'show', 'aws_iam_role.nobody')
    assert 'No instance found for the given address!' in failure.value.cmd_error


def test_workspaces(tutorial):
    tutorial.workspace('second')
    assert '* second' in tutorial.execute_command('workspace', 'list').out
    tutorial.workspace('default')


def test_destroy(tutorial):
    tutorial.destroy()
    assert tutorial.execute_command('state', 'list').out == ''
