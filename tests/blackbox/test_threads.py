# SPDX-License-Identifier: Apache-2.0
"""The walker's workers, the embedded account and the server under concurrent load; also run with a
ThreadSanitizer build, whose report makes the program fail."""
import subprocess
import threading

from conftest import KEY, LOAM, Workspace, clean_env

USERS = '''
provider "aws" {}
resource "aws_iam_user" "this" {
  for_each = toset([for n in range(%d) : "%s${n}"])
  name     = each.key
}
resource "aws_iam_user_policy" "this" {
  for_each = aws_iam_user.this
  name     = "own"
  user     = each.value.name
  policy   = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = "iam:Get*", Resource = each.value.arn }] })
}
'''


def workspace(path, endpoint, prefix, count):
    path.mkdir()
    made = Workspace(path, clean_env(path, AWS_ENDPOINT_URL=endpoint, AWS_REGION='us-east-1'))
    if endpoint.startswith('http'):
        made.env.update(AWS_ACCESS_KEY_ID=KEY[0], AWS_SECRET_ACCESS_KEY=KEY[1])
    made.write('main.tf', USERS % (count, prefix))
    made.ok('init')
    return made


def test_many_workers_on_the_embedded_account(tmp_path):
    made = workspace(tmp_path / 'w', 'loam:%s' % (tmp_path / 'iam.db'), 'u', 30)
    out = made.ok('apply', '-auto-approve', '-parallelism=20')
    assert 'Apply complete! Resources: 60 added' in out
    assert 'No changes' in made.ok('plan', '-parallelism=20')
    assert '60 destroyed' in made.ok('destroy', '-auto-approve', '-parallelism=20')


def test_clients_side_by_side_on_the_server(tmp_path, server):
    spaces = [workspace(tmp_path / name, server.url, name, 20) for name in ('a', 'b', 'c')]
    running = [subprocess.Popen([LOAM, 'apply', '-auto-approve'], cwd=s.path, env=s.env,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
               for s in spaces]
    seen = []

    def read():
        for _ in range(40):
            seen.append(len(server.client().list_users()['Users']))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for process in running:
        out, _ = process.communicate(timeout=300)
        assert process.returncode == 0, out
    for reader in readers:
        reader.join()
    assert len(server.client().list_users(MaxItems=1000)['Users']) == 60
    assert seen and server.stop() == 0
