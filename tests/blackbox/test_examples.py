# SPDX-License-Identifier: Apache-2.0
"""Each example can be tried as it stands: it is laid out, made, found unchanged, and taken down."""
import os
import shutil

import pytest

from conftest import ROOT, Workspace, clean_env

EXAMPLES = os.path.join(ROOT, 'examples')


def names():
    return sorted(name for name in os.listdir(EXAMPLES) if os.path.isdir(os.path.join(EXAMPLES, name)))


@pytest.fixture
def example(request, tmp_path):
    path = tmp_path / 'work'
    shutil.copytree(os.path.join(EXAMPLES, request.param), path)
    if (path / 'imports.tf').exists():
        os.remove(path / 'imports.tf')  # it takes over a user that the account does not have yet
    return Workspace(path, clean_env(tmp_path, AWS_ENDPOINT_URL='loam:%s' % (tmp_path / 'iam.db'),
                                     AWS_REGION='us-east-1'))


@pytest.mark.parametrize('example', names(), indirect=True)
def test_an_example_is_made_and_taken_down(example):
    example.ok('init')
    example.ok('validate')
    assert example.ok('fmt', '-check', '-recursive') == ''
    assert '0 to change, 0 to destroy.' in example.ok('plan', '-out=saved')
    example.ok('apply', 'saved')
    assert 'No changes.' in example.ok('plan', '-detailed-exitcode')
    assert 'Destroy complete!' in example.ok('destroy', '-auto-approve')
    assert example.ok('state', 'list') == ''


@pytest.mark.parametrize('example', [name for name in names()
                                     if os.path.isdir(os.path.join(EXAMPLES, name, 'tests'))],
                         indirect=True)
def test_tests_of_an_example_pass_in_memory(example):
    memory = {'AWS_ENDPOINT_URL': 'loam:memory'}
    example.ok('init', env=memory)
    out = example.ok('test', env=memory)
    assert 'Success! ' in out and ' 0 failed.' in out
