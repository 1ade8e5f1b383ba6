# SPDX-License-Identifier: Apache-2.0
"""Several server nodes on one PostgreSQL: invariants under contention, restart, failover."""
import collections
import os
import random
import shutil
import threading
import time

import pytest

from conftest import Server
from postgres import clusters, needs_postgres  # noqa: F401

pytest.importorskip('boto3')
pytestmark = needs_postgres
READ_ONLY = 'arn:aws:iam::aws:policy/ReadOnlyAccess'


def nodes(tmp_path, url, n):
    data = tmp_path / 'key'
    data.mkdir()
    return [Server(data, '--store', url, '--quota', 'UsersPerAccount=100000') for _ in range(n)]


def in_threads(work, n):
    threads = [threading.Thread(target=work, args=(i,), daemon=True) for i in range(n)]
    for t in threads:
        t.start()
    return threads


def test_two_nodes_keep_every_invariant(tmp_path, clusters):
    cluster = clusters('one')
    cluster.create()
    cluster.start()
    running = nodes(tmp_path, 'postgres://loam@127.0.0.1:%d/postgres' % cluster.port, 2)
    created, deleted, lock = collections.Counter(), collections.Counter(), threading.Lock()
    unexpected = []

    def work(i):
        iam = running[i % 2].client()
        draw = random.Random(i)
        for _ in range(100):
            name = 'n%d' % draw.randrange(5)
            step = draw.choice(['create', 'create', 'delete', 'attach', 'detach', 'key'])
            try:
                if step == 'create':
                    iam.create_user(UserName=name)
                elif step == 'delete':
                    iam.delete_user(UserName=name)
                elif step == 'attach':
                    iam.attach_user_policy(UserName=name, PolicyArn=READ_ONLY)
                elif step == 'detach':
                    iam.detach_user_policy(UserName=name, PolicyArn=READ_ONLY)
                else:
                    iam.create_access_key(UserName=name)
                with lock:
                    created[name] += step == 'create'
                    deleted[name] += step == 'delete'
            except iam.exceptions.ClientError as error:
                if error.response['ResponseMetadata']['HTTPStatusCode'] >= 500:
                    unexpected.append(str(error))

    try:
        for t in in_threads(work, 8):
            t.join(60)
        assert not unexpected
        iam = running[0].client()
        users = [u['UserName'] for u in iam.list_users()['Users']]
        assert len(users) == len(set(users))
        for name in ('n%d' % i for i in range(5)):
            assert created[name] - deleted[name] == (name in users)
        holders = iam.list_entities_for_policy(PolicyArn=READ_ONLY)['PolicyUsers']
        assert {u['UserName'] for u in holders} <= set(users)
        for name in users:
            assert len(iam.list_access_keys(UserName=name)['AccessKeyMetadata']) <= 2
    finally:
        for node in running:
            node.kill()


class Load:
    """Creates users until told to stop; remembers whose creation was acknowledged."""

    def __init__(self, server):
        self.acknowledged, self.failed, self.stopped = set(), 0, False
        self.server = server
        self.threads = in_threads(self.work, 3)

    def work(self, i):
        iam = self.server.client()
        n = 0
        while not self.stopped:
            n += 1
            try:
                iam.create_user(UserName='u%d-%d' % (i, n))
                self.acknowledged.add('u%d-%d' % (i, n))
            except Exception:
                self.failed += 1
                time.sleep(0.05)

    def stop(self):
        self.stopped = True
        for t in self.threads:
            t.join(30)

    def missing(self):
        iam, names = self.server.client(), set()
        for page in iam.get_paginator('list_users').paginate(PaginationConfig={'PageSize': 1000}):
            names |= {u['UserName'] for u in page['Users']}
        return self.acknowledged - names


def test_a_promoted_standby_has_every_acknowledged_write(tmp_path, clusters):
    first, second = clusters('first'), clusters('second')
    first.create()
    first.start()
    first.run('pg_basebackup', '-h', '127.0.0.1', '-p', str(first.port), '-U', 'loam', '-D', second.folder,
              '-X', 'stream')
    second.configure()
    with open(os.path.join(second.folder, 'postgresql.auto.conf'), 'a', encoding='ascii') as f:
        f.write("primary_conninfo='host=127.0.0.1 port=%d user=loam application_name=second'\n" % first.port)
    with open(os.path.join(second.folder, 'standby.signal'), 'w', encoding='ascii'):
        pass
    if os.geteuid() == 0:
        shutil.chown(os.path.join(second.folder, 'standby.signal'), 'postgres')
    second.start()
    first.sql("ALTER SYSTEM SET synchronous_standby_names='second'")
    first.sql('SELECT pg_reload_conf()')
    url = 'postgres://loam@127.0.0.1:%d,127.0.0.1:%d/postgres?connect_timeout=3' % (first.port, second.port)
    server = nodes(tmp_path, url, 1)[0]
    try:
        load = Load(server)
        time.sleep(2)
        before = len(load.acknowledged)
        first.kill()
        second.run('pg_ctl', '-D', second.folder, '-w', 'promote')
        second.sql("ALTER SYSTEM SET synchronous_standby_names=''")
        second.sql('SELECT pg_reload_conf()')
        time.sleep(3)
        load.stop()
        assert before > 0 and len(load.acknowledged) > before
        assert not load.missing()
    finally:
        server.kill()


def test_a_restart_of_the_database_is_survived(tmp_path, clusters):
    cluster = clusters('one')
    cluster.create()
    cluster.start()
    server = nodes(tmp_path, 'postgres://loam@127.0.0.1:%d/postgres' % cluster.port, 1)[0]
    try:
        load = Load(server)
        time.sleep(1)
        cluster.run('pg_ctl', '-D', cluster.folder, '-m', 'immediate', '-w', 'stop')
        with pytest.raises(server.client().exceptions.ClientError) as error:
            server.client().list_users()
        assert error.value.response['Error']['Code'] == 'ServiceUnavailable'
        during = len(load.acknowledged)
        cluster.start()
        time.sleep(2)
        load.stop()
        assert len(load.acknowledged) > during
        assert not load.missing()
    finally:
        server.kill()
