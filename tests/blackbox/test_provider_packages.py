# SPDX-License-Identifier: Apache-2.0
"""Where `init` gets provider plugins from, and what it refuses."""
import hashlib
import json
import os
import shutil
import stat
import subprocess

import pytest

from test_modules import zipped

SOURCE = 'registry.terraform.io/acme/thing'
CONFIG = '''
terraform {
  required_providers {
    thing = {
      source  = "%s"
      version = "%s"
    }
  }
}
'''


def program(version):
    return '#!/bin/sh\necho %s\n' % version


def unpacked(folder, source, version):
    where = os.path.join(folder, source, version, 'linux_amd64')
    os.makedirs(where)
    path = os.path.join(where, 'terraform-provider-thing_v' + version)
    with open(path, 'w') as f:
        f.write(program(version))
    os.chmod(path, 0o755)


def package(version):
    return zipped({'terraform-provider-thing_v' + version: program(version)})


def init(workspace, rc='', source='acme/thing', version='~> 1.0', args=()):
    workspace.write('main.tf', CONFIG % (source, version))
    workspace.env['TF_CLI_CONFIG_FILE'] = workspace.write('cli.rc', rc)
    return workspace.run('init', '-no-color', *args)


def installed(workspace, source=SOURCE):
    return os.listdir(os.path.join(workspace.path, '.terraform/providers', source))


def test_a_folder_as_mirror(workspace, tmp_path):
    mirror = str(tmp_path / 'mirror')
    for version in ('1.0.0', '1.2.0', '2.0.0'):
        unpacked(mirror, SOURCE, version)
    rc = 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' % mirror
    done = init(workspace, rc)
    assert done.returncode == 0, done.stderr
    assert '- Installed acme/thing v1.2.0 (unauthenticated)' in done.stdout
    assert 'Incomplete lock file information' in done.stdout
    assert installed(workspace) == ['1.2.0']
    lock = workspace.read('.terraform.lock.hcl')
    assert 'version     = "1.2.0"\n  constraints = "~> 1.0"\n  hashes = [\n    "h1:' in lock
    assert '+ provider %s v1.2.0' % SOURCE in workspace.ok('version')
    unpacked(mirror, SOURCE, '1.3.0')
    done = init(workspace, rc)
    assert '- Using previously-installed acme/thing v1.2.0' in done.stdout
    assert init(workspace, rc, version='~> 2.0').returncode == 1
    done = init(workspace, rc, args=['-upgrade'])
    assert '- Installed acme/thing v1.3.0' in done.stdout
    assert init(workspace, rc, version='~> 2.0', args=['-upgrade', '-lockfile=readonly']).returncode
    none = init(workspace, rc, version='~> 9.0', args=['-upgrade']).stderr
    assert 'no available releases match' in ' '.join(none.split())


def test_a_changed_package_is_refused(workspace, tmp_path):
    mirror = str(tmp_path / 'mirror')
    unpacked(mirror, SOURCE, '1.0.0')
    rc = 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' % mirror
    assert init(workspace, rc).returncode == 0
    shutil.rmtree(os.path.join(workspace.path, '.terraform'))
    with open(os.path.join(mirror, SOURCE, '1.0.0/linux_amd64/terraform-provider-thing_v1.0.0'),
              'a') as f:
        f.write('# other\n')
    done = init(workspace, rc)
    assert done.returncode == 1
    assert "doesn't match any of the checksums" in ' '.join(done.stderr.split())


def test_a_mirror_on_the_network(workspace, web):
    archive = package('1.1.0')
    digest = hashlib.sha256(archive).hexdigest()
    base = '/m/' + SOURCE
    web.page(base + '/index.json', {'versions': {'1.1.0': {}, '2.0.0': {}}})
    web.page(base + '/1.1.0.json', {'archives': {'linux_amd64': {
        'url': 'thing.zip', 'hashes': ['zh:' + digest]}}})
    web.page(base + '/thing.zip', archive)
    rc = 'provider_installation {\n  network_mirror {\n    url = "%s/m/"\n  }\n}\n' % web.url
    done = init(workspace, rc)
    assert done.returncode == 0, done.stderr
    assert installed(workspace) == ['1.1.0']
    lock = workspace.read('.terraform.lock.hcl')
    assert 'zh:' + digest in lock and 'h1:' in lock
    shutil.rmtree(os.path.join(workspace.path, '.terraform'))
    os.remove(os.path.join(workspace.path, '.terraform.lock.hcl'))
    web.page(base + '/thing.zip', package('1.1.1'))
    done = init(workspace, rc)
    assert done.returncode == 1 and 'checksum' in done.stderr
    refused = init(workspace, rc.replace(web.url, 'http://example.test'))
    assert refused.returncode == 1 and 'must begin with https' in ' '.join(refused.stderr.split())


@pytest.fixture
def signer(tmp_path):
    if not shutil.which('gpg'):
        pytest.skip('no gpg')
    home = tmp_path / 'gpg'
    home.mkdir(mode=0o700)

    def gpg(*args, stdin=b''):
        done = subprocess.run(['gpg', '--batch', '--homedir', str(home), '--pinentry-mode',
                               'loopback', '--passphrase', '', *args], input=stdin,
                              capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout
    gpg('--quick-generate-key', 'acme <a@example.test>', 'ed25519', 'sign', 'never')
    yield gpg
    subprocess.run(['gpgconf', '--homedir', str(home), '--kill', 'all'], timeout=20)


def registry(web, signer, version='1.4.0', platforms=('linux_amd64',)):
    base, sums = '/p/acme/thing', '%s  other_darwin_arm64.zip\n' % ('ab' * 32)
    names = {}
    for platform in platforms:
        archive = package(version + ('' if platform == 'linux_amd64' else platform))
        digest = hashlib.sha256(archive).hexdigest()
        name = 'terraform-provider-thing_%s_%s.zip' % (version, platform)
        sums = '%s  %s\n%s' % (digest, name, sums)
        names[platform] = (name, digest)
        web.page('/files/' + name, archive)
    sums = sums.encode()
    web.page(base + '/versions', {'versions': [{'version': version, 'protocols': ['5.0']}]})
    for platform, (name, digest) in names.items():
        web.page('%s/%s/download/%s' % (base, version, platform.replace('_', '/')), {
            'filename': name, 'shasum': digest, 'download_url': '/files/' + name,
            'shasums_url': '/files/sums', 'shasums_signature_url': '/files/sums.sig',
            'signing_keys': {'gpg_public_keys': [
                {'key_id': 'x', 'ascii_armor': signer('--armor', '--export').decode()}]}})
    web.page('/files/sums', sums)
    web.page('/files/sums.sig', signer('--detach-sign', stdin=sums))
    rc = 'host "example.test" {\n  services = {\n    "providers.v1" = "%s/p/"\n  }\n}\n' % web.url
    return rc, names['linux_amd64'][1], sums


def test_a_registry_with_signatures(workspace, web, signer):
    rc, digest, sums = registry(web, signer)
    done = init(workspace, rc, source='example.test/acme/thing')
    assert done.returncode == 0, done.stderr
    assert '- Installed example.test/acme/thing v1.4.0 (self-signed, key ID ' in done.stdout
    assert 'Incomplete lock file' not in done.stdout
    lock = workspace.read('.terraform.lock.hcl')
    assert 'zh:' + digest in lock and 'zh:' + 'ab' * 32 in lock
    path = os.path.join(workspace.path, '.terraform/providers/example.test/acme/thing/1.4.0',
                        'linux_amd64/terraform-provider-thing_v1.4.0')
    assert os.stat(path).st_mode & stat.S_IRUSR


@pytest.mark.parametrize('what', ['signature', 'package', 'sums', 'keys'])
def test_a_registry_that_lies(workspace, web, signer, what):
    rc, digest, sums = registry(web, signer)
    if what == 'signature':
        web.page('/files/sums.sig', signer('--detach-sign', stdin=sums + b'x'))
    elif what == 'package':
        web.page('/files/terraform-provider-thing_1.4.0_linux_amd64.zip', package('6.6.6'))
    elif what == 'sums':
        web.page('/files/sums', sums.replace(digest.encode(), b'cd' * 32))
    else:
        page = web.pages['/p/acme/thing/1.4.0/download/linux/amd64']
        web.pages['/p/acme/thing/1.4.0/download/linux/amd64'] = (
            page[0], page[1], page[2].replace(b'ascii_armor', b'other'))
    done = init(workspace, rc, source='example.test/acme/thing')
    assert done.returncode == 1 and 'Failed to install provider' in done.stderr
    assert not os.path.exists(os.path.join(workspace.path, '.terraform.lock.hcl'))


def test_the_shared_cache(workspace, tmp_path):
    mirror, cache = str(tmp_path / 'mirror'), tmp_path / 'cache'
    cache.mkdir()
    unpacked(mirror, SOURCE, '1.0.0')
    rc = ('plugin_cache_dir = "%s"\nprovider_installation {\n  filesystem_mirror {\n    path = '
          '"%s"\n  }\n}\n' % (cache, mirror))
    assert init(workspace, rc).returncode == 0
    shutil.rmtree(os.path.join(workspace.path, '.terraform'))
    done = init(workspace, rc)
    assert '- Using acme/thing v1.0.0 from the shared cache directory' in done.stdout
    assert (cache / SOURCE / '1.0.0' / 'linux_amd64').exists()


@pytest.mark.parametrize('how', ['file', 'variable'])
def test_the_shared_cache_may_serve_what_is_not_locked(workspace, tmp_path, how):
    mirror, cache = str(tmp_path / 'mirror'), tmp_path / 'cache'
    cache.mkdir()
    unpacked(mirror, SOURCE, '1.0.0')
    rc = ('plugin_cache_dir = "%s"\nprovider_installation {\n  filesystem_mirror {\n    path = '
          '"%s"\n  }\n}\n' % (cache, mirror))
    assert init(workspace, rc).returncode == 0
    for again in ('Installed', 'Using'):
        shutil.rmtree(os.path.join(workspace.path, '.terraform'))
        os.remove(os.path.join(workspace.path, '.terraform.lock.hcl'))
        done = init(workspace, rc)
        assert done.returncode == 0 and '- %s acme/thing v1.0.0' % again in done.stdout
        if how == 'file':
            rc = 'plugin_cache_may_break_dependency_lock_file = true\n' + rc
        else:
            workspace.env['TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE'] = '1'


def test_the_plugin_folder_of_the_command_line(workspace, tmp_path):
    mirror = str(tmp_path / 'mirror')
    unpacked(mirror, SOURCE, '1.0.0')
    assert init(workspace, args=['-plugin-dir=' + mirror]).returncode == 0
    assert mirror in workspace.read('.terraform/plugin_path')
    missing = init(workspace, source='acme/other', args=['-plugin-dir=' + mirror])
    assert missing.returncode == 1
    assert 'search locations' in ' '.join(missing.stderr.split())


def test_a_development_override(workspace, tmp_path):
    folder = tmp_path / 'dev'
    folder.mkdir()
    path = folder / 'terraform-provider-thing'
    path.write_text('#!/bin/sh\necho no plugin\n')
    path.chmod(0o755)
    rc = ('provider_installation {\n  dev_overrides {\n    "acme/thing" = "%s"\n  }\n  direct {}\n}\n'
          % folder)
    done = init(workspace, rc)
    assert done.returncode == 0, done.stderr
    done = workspace.run('plan', '-no-color')
    assert 'Provider development overrides are in effect' in done.stdout
    assert 'acme/thing in %s' % folder in done.stdout


def test_locking_without_installing(workspace, web, signer):
    rc, digest, _ = registry(web, signer)
    workspace.write('main.tf', CONFIG % ('example.test/acme/thing', '~> 1.0'))
    workspace.env['TF_CLI_CONFIG_FILE'] = workspace.write('cli.rc', rc)
    done = workspace.ok('providers', 'lock', '-no-color')
    assert 'Retrieved example.test/acme/thing 1.4.0 for linux_amd64 (self-signed' in done
    lock = workspace.read('.terraform.lock.hcl')
    assert 'zh:' + digest in lock and 'h1:' in lock
    assert 'no need for changes' in workspace.ok('providers', 'lock', '-no-color')
    for wrong in (['-platform=bad'], ['acme/other'], ['-fs-mirror=a', '-net-mirror=b']):
        assert workspace.run('providers', 'lock', *wrong).returncode == 1
    missing = workspace.run('providers', 'lock', '-no-color', '-platform=windows_amd64')
    assert missing.returncode == 1
    assert ('provider example.test/acme/thing 1.4.0 is not available for windows_amd64'
            in ' '.join(missing.stderr.split()))


def test_locking_for_other_platforms(workspace, web, signer):
    rc, _, _ = registry(web, signer, platforms=('linux_amd64', 'darwin_arm64'))
    workspace.write('main.tf', CONFIG % ('example.test/acme/thing', '~> 1.0'))
    workspace.env['TF_CLI_CONFIG_FILE'] = workspace.write('cli.rc', rc)
    workspace.ok('providers', 'lock', '-no-color')
    assert workspace.read('.terraform.lock.hcl').count('h1:') == 1
    done = workspace.ok('providers', 'lock', '-no-color', '-platform=linux_amd64',
                        '-platform=darwin_arm64')
    assert ('checksums for linux_amd64; All checksums for this platform were already tracked in '
            'the lock file') in done
    assert ('checksums for darwin_arm64; Additional checksums for this platform are now tracked '
            'in the lock file') in done
    assert workspace.read('.terraform.lock.hcl').count('h1:') == 2


def test_a_mirror_serves_other_machines(workspace, web, signer):
    rc, _, _ = registry(web, signer, platforms=('linux_amd64', 'darwin_arm64'))
    workspace.write('main.tf', CONFIG % ('example.test/acme/thing', '~> 1.0'))
    workspace.env['TF_CLI_CONFIG_FILE'] = workspace.write('cli.rc', rc)
    done = workspace.ok('providers', 'mirror', '-no-color', '-platform=linux_amd64',
                        '-platform=darwin_arm64', 'out')
    assert '  - Selected v1.4.0 to meet constraints ~> 1.0\n' in done
    assert '  - Downloading package for darwin_arm64...\n  - Package authenticated: self-' in done
    base = 'out/example.test/acme/thing/'
    for platform in ('linux_amd64', 'darwin_arm64'):
        assert os.path.isfile(os.path.join(
            workspace.path, base, 'terraform-provider-thing_1.4.0_%s.zip' % platform))
    assert json.loads(workspace.read(base + 'index.json')) == {'versions': {'1.4.0': {}}}
    archives = json.loads(workspace.read(base + '1.4.0.json'))['archives']
    assert sorted(archives) == ['darwin_arm64', 'linux_amd64']
    assert archives['linux_amd64']['url'] == 'terraform-provider-thing_1.4.0_linux_amd64.zip'
    assert archives['linux_amd64']['hashes'][0].startswith('h1:')
    mirrored = ('provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n'
                % os.path.join(workspace.path, 'out'))
    done = init(workspace, mirrored, source='example.test/acme/thing')
    assert done.returncode == 0, done.stderr
    assert archives['linux_amd64']['hashes'][0] in workspace.read('.terraform.lock.hcl')


def test_login_keeps_a_token_that_registries_get(workspace, web, signer):
    rc, _, _ = registry(web, signer)
    host = '127.0.0.1:%d' % web.server.server_port
    rc += 'host "%s" {\n  services = {\n    "login.v1" = "%s/"\n  }\n}\n' % (host, web.url)
    workspace.env['TF_CLI_CONFIG_FILE'] = workspace.write('cli.rc', rc)
    done = workspace.ok('login', '-no-color', host, stdin='secret-token\n')
    assert 'secret-token' not in done
    path = os.path.join(workspace.env['HOME'], '.terraform.d/credentials.tfrc.json')
    assert os.stat(path).st_mode & 0o77 == 0
    assert init(workspace, rc, source='example.test/acme/thing').returncode == 0
    assert ('/p/acme/thing/versions', 'Bearer secret-token') in web.asked
    assert 'has removed' in workspace.ok('logout', '-no-color', host)
    with open(path) as f:
        assert 'secret-token' not in f.read()
    assert 'No credentials' in workspace.ok('logout', '-no-color', host)
    assert workspace.run('login', 'bad_host', stdin='x\n').returncode == 1
