# SPDX-License-Identifier: Apache-2.0
"""Modules from git, archives and a registry, and packages that try to leave their folder."""
import io
import json
import os
import subprocess
import tarfile
import zipfile

import pytest

from sshd import needs_sshd, sshd  # noqa: F401

MODULE = 'output "o" {\n  value = "%s"\n}\n'


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
        for name, text in files.items():
            z.writestr(name, text)
    return out.getvalue()


def tarred(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w:gz') as t:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            t.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


def output(workspace):
    assert workspace.run('apply', '-auto-approve', '-no-color').returncode == 0
    return json.loads(workspace.run('output', '-json').stdout)['o']['value']


def call(workspace, source, version=''):
    workspace.write('main.tf', 'module "m" {\n  source = "%s"\n%s}\noutput "o" {\n  value = '
                    'module.m.o\n}\n' % (source, version and '  version = "%s"\n' % version))
    return workspace.run('init', '-no-color')


def manifest(workspace):
    with open(os.path.join(workspace.path, '.terraform/modules/modules.json')) as f:
        return {m['Key']: m for m in json.load(f)['Modules']}


def test_a_git_repository_at_a_tag(workspace, tmp_path):
    repo = tmp_path / 'repo'
    (repo / 'sub').mkdir(parents=True)
    run = lambda *args: subprocess.run(['git', '-c', 'user.name=a', '-c', 'user.email=a@b', *args],
                                       cwd=repo, check=True, capture_output=True)
    run('init', '-q')
    (repo / 'sub' / 'main.tf').write_text(MODULE % 'old')
    run('add', '-A')
    run('commit', '-qm', 'x')
    run('tag', 'v1')
    (repo / 'sub' / 'main.tf').write_text(MODULE % 'new')
    run('commit', '-qam', 'y')
    done = call(workspace, 'git::file://%s//sub?ref=v1' % repo)
    assert done.returncode == 0, done.stderr
    assert 'Downloading git::file://%s?ref=v1 for m...\n- m in .terraform/modules/m/sub\n' % repo \
        in done.stdout
    assert output(workspace) == 'old'
    assert 'Downloading' not in workspace.run('init', '-no-color').stdout
    assert 'Downloading' in workspace.run('init', '-no-color', '-upgrade').stdout
    call(workspace, 'git::file://%s//sub' % repo)
    assert output(workspace) == 'new'
    assert call(workspace, 'git::file://%s//none' % repo).returncode == 1
    assert call(workspace, 'git::file://%s?ref=none' % repo).returncode == 1


@pytest.mark.parametrize('name,pack', [('a.zip', zipped), ('a.tar.gz', tarred)])
def test_an_archive_over_http(workspace, web, name, pack):
    web.page('/' + name, pack({'top/in/main.tf': MODULE % name}))
    done = call(workspace, '%s/%s//top/in' % (web.url, name))
    assert done.returncode == 0, done.stderr
    assert output(workspace) == name


def test_a_page_names_the_package(workspace, web):
    web.page('/m?terraform-get=1', X_Terraform_Get='/a.zip//x')
    web.page('/p?terraform-get=1',
             b'<html><head><meta name="terraform-get" content="' + web.url.encode() +
             b'/a.zip//y"></head></html>')
    web.page('/a.zip', zipped({'x/main.tf': MODULE % 'x', 'y/main.tf': MODULE % 'y'}))
    assert call(workspace, web.url + '/m').returncode == 0
    assert output(workspace) == 'x'
    assert call(workspace, web.url + '/p').returncode == 0
    assert output(workspace) == 'y'


def registry(workspace, web):
    workspace.write('cli.rc', 'host "example.test" {\n  services = {\n    "modules.v1" = '
                    '"%s/v1/modules/"\n  }\n}\ncredentials "127.0.0.1:%d" {\n  token = "t0"\n}\n'
                    % (web.url, web.server.server_port))
    workspace.env['TF_CLI_CONFIG_FILE'] = os.path.join(workspace.path, 'cli.rc')
    web.page('/v1/modules/ns/name/sys/versions', {'modules': [{'versions': [
        {'version': v} for v in ('1.0.0', '1.2.0', '1.3.0-beta', '2.0.0')]}]})
    for version in ('1.2.0', '2.0.0'):
        web.page('/v1/modules/ns/name/sys/%s/download' % version, status=204,
                 X_Terraform_Get='%s/%s.tar.gz//mod' % (web.url, version))
        web.page('/%s.tar.gz' % version, tarred({'mod/main.tf': MODULE % version,
                                                 'mod/part/main.tf': MODULE % ('part ' + version)}))


def test_a_registry(workspace, web):
    registry(workspace, web)
    done = call(workspace, 'example.test/ns/name/sys', '~> 1.0')
    assert done.returncode == 0, done.stderr
    assert 'Downloading example.test/ns/name/sys 1.2.0 for m...' in done.stdout
    assert output(workspace) == '1.2.0'
    assert manifest(workspace)['m'] == {'Key': 'm', 'Source': 'example.test/ns/name/sys',
                                        'Version': '1.2.0', 'Dir': '.terraform/modules/m/mod'}
    assert ('/v1/modules/ns/name/sys/versions', 'Bearer t0') in web.asked
    done = call(workspace, 'example.test/ns/name/sys//part')
    assert done.returncode == 0 and output(workspace) == 'part 2.0.0'
    done = call(workspace, 'example.test/ns/name/sys', '~> 3.0')
    assert done.returncode == 1 and 'Unresolvable module version constraint' in done.stderr
    done = call(workspace, 'example.test/ns/other/sys')
    assert done.returncode == 1 and 'Module not found' in done.stderr


@pytest.mark.parametrize('name', ['../out.tf', '/tmp/loam-out.tf', 'a/../../out.tf'])
def test_no_package_leaves_its_folder(workspace, web, name):
    web.page('/a.zip', zipped({'main.tf': '', name: 'x'}))
    web.page('/a.tar.gz', tarred({'main.tf': '', name: 'x'}))
    for archive in ('a.zip', 'a.tar.gz'):
        done = call(workspace, '%s/%s' % (web.url, archive))
        assert done.returncode == 1
        assert 'leads out of its folder' in ' '.join(done.stderr.split())
    assert not os.path.exists(os.path.join(workspace.path, '.terraform/modules/out.tf'))
    assert not os.path.exists('/tmp/loam-out.tf')


def test_a_link_does_not_lead_out(workspace, web):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w:gz') as t:
        link = tarfile.TarInfo('away')
        link.type, link.linkname = tarfile.SYMTYPE, '../../..'
        t.addfile(link)
        info = tarfile.TarInfo('away/out.tf')
        t.addfile(info, io.BytesIO(b''))
    web.page('/a.tar.gz', out.getvalue())
    assert call(workspace, web.url + '/a.tar.gz').returncode == 1
    assert not os.path.exists(os.path.join(workspace.path, 'out.tf'))


def test_a_damaged_archive(workspace, web):
    whole = zipped({'main.tf': MODULE % ('x' * 500)})
    web.page('/a.zip', whole)
    assert call(workspace, web.url + '/a.zip').returncode == 0
    bad = [whole[:cut] for cut in (0, 3, 30, len(whole) - 1)]
    bad.append(whole[:45] + bytes(b ^ 255 for b in whole[45:49]) + whole[49:])
    for i, content in enumerate(bad):
        web.page('/%d.zip' % i, content)
        done = call(workspace, '%s/%d.zip' % (web.url, i))
        assert done.returncode == 1 and 'Failed to download module' in done.stderr


@needs_sshd
def test_a_git_repository_over_ssh(workspace, sshd, tmp_path):  # noqa: F811
    def git(*args, cwd):
        subprocess.run(['git', '-c', 'user.name=x', '-c', 'user.email=x@y', *args], cwd=cwd, check=True,
                       capture_output=True, timeout=60)
    source = tmp_path / 'source'
    (source / 'sub').mkdir(parents=True)
    (source / 'sub' / 'main.tf').write_text('output "o" {\n  value = "over ssh"\n}\n')
    git('init', '-q', '-b', 'main', cwd=source)
    git('add', '-A', cwd=source)
    git('commit', '-qm', 'x', cwd=source)
    git('tag', 'v1', cwd=source)
    git('clone', '-q', '--bare', str(source), sshd.path('repo.git'), cwd=tmp_path)
    if os.geteuid() == 0:
        subprocess.run(['chown', '-R', sshd.user, sshd.path('repo.git')], check=True, timeout=30)
    workspace.env['GIT_SSH_COMMAND'] = ('ssh -i %s -o IdentitiesOnly=yes -o StrictHostKeyChecking=no '
                                        '-o UserKnownHostsFile=/dev/null' % sshd.path('client'))
    call(workspace, 'git::ssh://%s@127.0.0.1:%d%s//sub?ref=v1&depth=1' % (sshd.user, sshd.port, sshd.path('repo.git')))
    workspace.ok('init', '-no-color')
    assert output(workspace) == 'over ssh'
    call(workspace, 'git::ssh://%s@127.0.0.1:%d/none.git' % (sshd.user, sshd.port))
    done = workspace.run('init', '-no-color')
    assert done.returncode == 1 and 'Failed to download module' in done.stderr


def test_an_archive_that_swells_is_no_package(workspace, web):
    web.page('/a.tar.gz', tarred({'main.tf': '#' * (100 << 20)}))
    done = call(workspace, web.url + '/a.tar.gz')
    assert done.returncode == 1 and 'the archive unpacks to too much' in ' '.join(done.stderr.split())
