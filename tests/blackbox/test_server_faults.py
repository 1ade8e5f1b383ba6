# SPDX-License-Identifier: Apache-2.0
"""What goes wrong around a server: kills under load, broken files, abuse of HTTP, parameters of every wrong kind."""
import concurrent.futures
import os
import random
import socket
import sqlite3
import subprocess
import threading
import time

import pytest
from botocore.loaders import Loader
from conftest import KEY, LOAM, Server, clean_env
from test_iam import send

ROUNDS = int(os.environ.get('LOAM_KILL_ROUNDS', '100'))


# ---- kills ----

def writer(server, iam, number, made, stop):
    """A user with a tag, over and over; what was answered is noted."""
    count = 0
    while not stop.is_set():
        name = 'u%d-%d-%d' % (number, server.process.pid, count)
        count += 1
        try:
            iam.create_user(UserName=name, Tags=[{'Key': 'k', 'Value': name}])
            made.append(name)
        except Exception:  # the server was killed: this one may or may not be there
            return


def test_kills_under_load_lose_no_acknowledged_write(tmp_path):
    data = tmp_path / 'data'
    data.mkdir()
    server = Server(data, '--quota', 'UsersPerAccount=1000000')
    made, clients = [], [server.client() for _ in range(9)]
    for round_ in range(ROUNDS):
        stop = threading.Event()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            jobs = [pool.submit(writer, server, clients[n], n, made, stop) for n in range(8)]
            time.sleep(0.03 + random.random() * 0.1)
            server.kill()
            stop.set()
            concurrent.futures.wait(jobs)
        server.start()
        iam = clients[8]
        pages = iam.get_paginator('list_users').paginate(PaginationConfig={'PageSize': 1000})
        users = {u['UserName'] for page in pages for u in page['Users']}
        assert set(made) <= users, round_
        # Nothing is there by half: who exists has the tag that came with it.
        for name in random.sample(sorted(users), min(20, len(users))):
            assert iam.list_user_tags(UserName=name)['Tags'] == [{'Key': 'k', 'Value': name}]
    server.kill()
    file, = [data / name for name in os.listdir(data) if name.endswith('.db')]
    assert sqlite3.connect(file).execute('PRAGMA integrity_check').fetchone() == ('ok',)


# ---- files ----

def founded(tmp_path):
    data = tmp_path / 'data'
    data.mkdir()
    server = Server(data)
    server.client().create_user(UserName='u')
    assert server.stop() == 0
    file, = [data / name for name in os.listdir(data) if name.endswith('.db')]
    return data, file


def refused(tmp_path, data):
    done = subprocess.run([LOAM, 'serve', '--listen', '127.0.0.1:0', '--data', str(data)], text=True,
                          env=clean_env(tmp_path), capture_output=True, timeout=30)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


def test_a_newer_schema_is_refused(tmp_path):
    data, file = founded(tmp_path)
    with sqlite3.connect(file) as base:
        base.execute('PRAGMA user_version=999')
    assert 'newer loam' in refused(tmp_path, data)


@pytest.mark.parametrize('damage', ['header', 'half', 'text'])
def test_a_broken_database_is_refused(tmp_path, damage):
    data, file = founded(tmp_path)
    content = file.read_bytes()
    if damage == 'header':
        file.write_bytes(b'\0' * 100 + content[100:])
    elif damage == 'half':
        file.write_bytes(content[:len(content) // 2 + 7])
    else:
        file.write_bytes(b'this is no database\n' * 400)
    assert 'database' in refused(tmp_path, data)


def test_no_file_has_the_secret_in_clear(tmp_path):
    data, _ = founded(tmp_path)
    secret = KEY[1].encode()
    for name in os.listdir(data):
        assert secret not in (data / name).read_bytes(), name


# ---- HTTP ----

def memory_mb(server):
    with open('/proc/%d/status' % server.process.pid, encoding='ascii') as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith('VmRSS')) / 1024


def test_pipelined_requests_are_answered_one_by_one(server):
    with socket.create_connection(('127.0.0.1', server.port), 10) as raw:
        raw.sendall(b'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n' * 20)
        raw.settimeout(10)
        answer = b''
        while answer.count(b'HTTP/1.1 200') < 20:
            more = raw.recv(65536)
            assert more, answer
            answer += more


def test_a_half_closed_connection_gets_its_answer(server):
    with socket.create_connection(('127.0.0.1', server.port), 10) as raw:
        raw.sendall(b'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
        raw.shutdown(socket.SHUT_WR)
        raw.settimeout(10)
        assert raw.recv(65536).startswith(b'HTTP/1.1 200')


def test_slow_and_greedy_clients_cost_little(server):
    before = memory_mb(server)
    slow = []
    for number in range(200):
        raw = socket.create_connection(('127.0.0.1', server.port), 10)
        # Announces a lot and sends a little, or never ends its headers.
        raw.sendall(b'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nAction=' if number % 2
                    else b'POST / HTTP/1.1\r\nHost: x\r\nX-Slow: ' + b'a' * 2000)
        slow.append(raw)
    for size in (1 << 16, 1 << 20):
        with socket.create_connection(('127.0.0.1', server.port), 10) as raw:
            try:
                raw.sendall(b'GET / HTTP/1.1\r\nHost: x\r\nX: ' + b'a' * size + b'\r\n\r\n')
                raw.settimeout(5)
                raw.recv(4096)
            except OSError:
                pass
    assert server.client().list_users()['Users'] == []
    assert memory_mb(server) - before < 100
    for raw in slow:
        raw.close()


# ---- parameters ----

def valid(shapes, name, depth=0):
    """Something that the description of a shape lets through, as form pairs behind a prefix."""
    shape = shapes[name]
    kind = shape['type']
    if kind == 'string':
        if shape.get('enum'):
            return [('', shape['enum'][0])]
        text = 'a' * max(1, shape.get('min', 1))
        return [('', 'arn:aws:iam::123456789012:user/abc' if 'rn' in name and len(text) < 30 else text)]
    if kind in ('integer', 'long'):
        return [('', str(shape.get('min', 1)))]
    if kind == 'boolean':
        return [('', 'true')]
    if kind == 'timestamp':
        return [('', '2026-01-01T00:00:00Z')]
    if kind == 'list':
        return [('.member.1' + k, v) for k, v in valid(shapes, shape['member']['shape'], depth + 1)]
    if kind == 'structure' and depth < 4:
        return [('.%s%s' % (member, k), v) for member, info in shape.get('members', {}).items()
                if member in shape.get('required', ()) for k, v in valid(shapes, info['shape'], depth + 1)]
    return [('', 'eA==')]


def wrong(shapes, name, depth=0):
    """Lists of pairs, each with one violation somewhere inside."""
    shape = shapes[name]
    kind = shape['type']
    if kind == 'string':
        if shape.get('max', 10 ** 6) < 10 ** 5:
            yield [('', 'a' * (shape['max'] + 1))]
        if shape.get('min'):
            yield [('', '')]
        if shape.get('enum'):
            yield [('', 'nonsense')]
        if shape.get('pattern'):
            yield [('', '\x01 %\u20ac\n' * max(1, shape.get('min', 1)))]
    elif kind in ('integer', 'long'):
        yield from ([('', v)] for v in ('99999999999999999999', '-1', 'many', '', '1.5'))
    elif kind == 'boolean':
        yield [('', 'maybe')]
    elif kind == 'timestamp':
        yield [('', 'yesterday')]
    elif kind == 'list':
        for inner in wrong(shapes, shape['member']['shape'], depth + 1):
            yield [('.member.1' + k, v) for k, v in inner]
        if shape.get('max', 10 ** 6) < 200:
            yield [('.member.%d%s' % (i + 1, k), v + (str(i) if k.endswith('Key') else ''))
                   for i in range(shape['max'] + 1) for k, v in valid(shapes, shape['member']['shape'], depth + 1)]
        yield [('.member.0x', 'y')]
    elif kind == 'structure' and depth < 4:
        for member, info in shape.get('members', {}).items():
            for inner in wrong(shapes, info['shape'], depth + 1):
                yield [('.%s%s' % (member, k), v) for k, v in inner]
        if shape.get('required'):
            yield [('.Unknown', 'x')]


@pytest.mark.parametrize('service', ['iam', 'sts'])
def test_one_violation_among_valid_parameters_never_fails_the_server(server, service):
    model = Loader().load_service_model(service, 'service-2')
    shapes, failed = model['shapes'], []
    for action, operation in model['operations'].items():
        members = shapes[operation['input']['shape']].get('members', {}) if 'input' in operation else {}
        required = shapes[operation['input']['shape']].get('required', ()) if 'input' in operation else ()
        base = {m: [(m + k, v) for k, v in valid(shapes, members[m]['shape'])] for m in required}
        for name, member in members.items():
            others = [pair for m, pairs in base.items() if m != name for pair in pairs]
            for pairs in wrong(shapes, member['shape']):
                status, body = send(server, service, action, others + [(name + k, v) for k, v in pairs])
                if status >= 500 or (status != 200 and '<Error>' not in body):
                    failed.append((action, name, pairs[0], status))
    assert not failed


def test_garbage_bodies_are_the_clients_fault(server):
    import http.client
    dice = random.Random(7)
    model = Loader().load_service_model('iam', 'service-2')
    connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=20)
    for action in sorted(model['operations']):
        junk = bytes(dice.randrange(256) for _ in range(dice.randrange(200)))
        for body in (junk, b'Action=%s&Version=2010-05-08&%s' % (action.encode(), junk),
                     b'Action=%s&Version=2010-05-08&a.b.c.d.e.f.g.h=1&&&=&UserName' % action.encode()):
            connection.request('POST', '/', body, {'Content-Type': 'application/x-www-form-urlencoded'})
            answer = connection.getresponse()
            text = answer.read()
            assert 400 <= answer.status < 500 and b'<Error>' in text, (action, body, answer.status)
