# SPDX-License-Identifier: Apache-2.0
"""Servers that keep states: objects and lock tables as S3, DynamoDB and STS have them, and states
behind a URL. They remember what they were asked, and can break a connection at a chosen step."""
import base64
import hashlib
import json
import re
import socket
import ssl
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

BEFORE, DURING, LOST = 'before', 'during', 'lost'  # or a status to answer with


class Request:
    def __init__(self, method, path, query, headers, body=b''):
        self.method, self.path, self.query, self.headers, self.body = method, path, query, headers, body

    def __repr__(self):
        return '%s %s%s' % (self.method, self.path, '?' + self.query if self.query else '')


class Fault:
    """What befalls the requests that `when` picks, `times` of them after the first `skip`."""

    def __init__(self, how, when, times=1, skip=0):
        self.how, self.when, self.times, self.skip = how, when, times, skip

    def strikes(self, request):
        if not self.times or not self.when(request):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class Store:
    """A server whose subclass answers in handle(request) -> (status, headers, body)."""

    def __init__(self, context=None):
        self.asked, self.faults, self.lock = [], [], threading.RLock()
        store = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def handle_any(self):
                store.serve(self)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = handle_any
            do_LOCK = do_UNLOCK = handle_any

            def log_message(self, *args):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass

        self.server = Server(('127.0.0.1', 0), Handler)
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = '%s://127.0.0.1:%d' % ('https' if context else 'http', self.server.server_port)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def fail(self, how, method, part='', times=1, skip=0):
        self.faults.append(Fault(how, lambda r: r.method == method and part in r.path, times, skip))

    def serve(self, handler):
        parts = urlsplit(handler.path)
        request = Request(handler.command, unquote(parts.path), parts.query, handler.headers)
        with self.lock:
            self.asked.append(request)
            fault = next((f for f in self.faults if f.strikes(request)), None)
        if fault and fault.how == BEFORE:
            return self.cut(handler)
        length = int(handler.headers.get('Content-Length') or 0)
        if handler.headers.get('Expect', '').lower() == '100-continue':
            pass  # BaseHTTPRequestHandler has answered
        if fault and fault.how == DURING:
            handler.rfile.read(length // 2)
            return self.cut(handler)
        if handler.headers.get('Transfer-Encoding') == 'chunked':
            request.body = self.chunked(handler.rfile)
        else:
            request.body = handler.rfile.read(length)
        if fault and isinstance(fault.how, int):
            status, headers, body = fault.how, {}, b''
        else:
            with self.lock:
                status, headers, body = self.handle(request)
        if fault and fault.how == LOST:
            return self.cut(handler)
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        if status != 204:
            handler.send_header('Content-Length', str(len(body)))
        handler.end_headers()
        if handler.command != 'HEAD' and status != 204:
            handler.wfile.write(body)

    @staticmethod
    def chunked(stream):
        """A body in chunks, signed ones included; trailers are left out."""
        body = b''
        while True:
            size = int(stream.readline().split(b';')[0].strip() or b'0', 16)
            if not size:
                while stream.readline().strip():
                    pass
                return body
            body += stream.read(size)
            stream.readline()

    @staticmethod
    def cut(handler):
        """The peer sees "connection reset by peer"."""
        handler.close_connection = True
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        handler.rfile.close()
        handler.wfile.close()
        handler.connection.close()

    def handle(self, request):
        raise NotImplementedError


def aws_chunks(body):
    """The content of a body that is sent in the SDK's own chunks."""
    out = b''
    while body:
        head, _, body = body.partition(b'\r\n')
        size = int(head.split(b';')[0], 16)
        if not size:
            break
        out, body = out + body[:size], body[size + 2:]
    return out


class Objects(Store):
    """S3 with path style or virtual hosts, DynamoDB and STS at one address."""

    def __init__(self, context=None, bucket='states'):
        super().__init__(context)
        self.bucket, self.objects, self.keys, self.tables = bucket, {}, {}, {'locks': {}}
        self.tokens = []  # what was asked of STS
        self.page = 1000

    def handle(self, request):
        target = request.headers.get('X-Amz-Target')
        if target:
            return self.table(target.split('.')[1], json.loads(request.body))
        if request.method == 'POST' and request.path == '/':
            return self.sts({k: v[0] for k, v in parse_qs(request.body.decode()).items()})
        bucket, _, key = request.path[1:].partition('/')
        host = request.headers.get('Host', '')
        if not host[0].isdigit():
            bucket, key = host.split('.')[0], request.path[1:]
        if bucket != self.bucket:
            return self.error(404, 'NoSuchBucket', 'The specified bucket does not exist')
        return self.object(request, key)

    @staticmethod
    def error(status, code, message):
        return status, {'Content-Type': 'application/xml', 'x-amz-request-id': 'R1', 'x-amz-id-2': 'H1'}, (
            '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>%s</Code><Message>%s</Message>'
            '<RequestId>R1</RequestId><HostId>H1</HostId></Error>' % (code, message)).encode()

    def object(self, request, key):
        if not key:
            return self.listing(request)
        method, headers = request.method, request.headers
        customer = headers.get('X-Amz-Server-Side-Encryption-Customer-Key')
        if method == 'PUT':
            body = request.body
            if headers.get('Content-Encoding') == 'aws-chunked':
                body = aws_chunks(body)
            if headers.get('If-None-Match') == '*' and key in self.objects:
                return self.error(412, 'PreconditionFailed',
                                  'At least one of the pre-conditions you specified did not hold')
            self.objects[key], self.keys[key] = body, customer
            return 200, {'ETag': '"%s"' % hashlib.md5(body).hexdigest(), 'x-amz-request-id': 'R1'}, b''
        if method == 'DELETE':
            self.objects.pop(key, None)
            return 204, {'x-amz-request-id': 'R1'}, b''
        if key not in self.objects:
            return self.error(404, 'NoSuchKey', 'The specified key does not exist.')
        if self.keys.get(key) != customer:
            return self.error(400, 'InvalidRequest', 'The object was stored using a form of Server Side Encryption. '
                              'The correct parameters must be provided to retrieve the object.')
        body = self.objects[key]
        return 200, {'ETag': '"%s"' % hashlib.md5(body).hexdigest(), 'x-amz-request-id': 'R1',
                     'Content-Type': 'application/json'}, body

    def listing(self, request):
        query = {k: v[0] for k, v in parse_qs(request.query).items()}
        keys = sorted(k for k in self.objects if k.startswith(query.get('prefix', '')))
        after = query.get('continuation-token') or query.get('marker') or ''
        keys = [k for k in keys if k > after]
        more, keys = len(keys) > self.page, keys[:self.page]
        out = ''.join('<Contents><Key>%s</Key><Size>%d</Size></Contents>'
                      % (k.replace('&', '&amp;').replace('<', '&lt;'), len(self.objects[k])) for k in keys)
        if more:
            out += '<NextContinuationToken>%s</NextContinuationToken><NextMarker>%s</NextMarker>' % (keys[-1], keys[-1])
        return 200, {'Content-Type': 'application/xml'}, (
            '<?xml version="1.0"?><ListBucketResult><Name>%s</Name><KeyCount>%d</KeyCount><IsTruncated>%s</IsTruncated>'
            '%s</ListBucketResult>' % (self.bucket, len(keys), str(more).lower(), out)).encode()

    def table(self, operation, body):
        headers = {'Content-Type': 'application/x-amz-json-1.0', 'x-amzn-RequestId': 'R2'}

        def fault(code, message):
            return 400, headers, json.dumps({'__type': 'com.amazonaws.dynamodb.v20120810#' + code,
                                             'message': message}).encode()
        rows = self.tables.get(body['TableName'])
        if rows is None:
            return fault('ResourceNotFoundException', 'Requested resource not found')
        if operation == 'PutItem':
            name = body['Item']['LockID']['S']
            if 'ConditionExpression' in body and name in rows:
                return fault('ConditionalCheckFailedException', 'The conditional request failed')
            rows[name] = body['Item']
            return 200, headers, b'{}'
        name = body['Key']['LockID']['S']
        if operation == 'DeleteItem':
            rows.pop(name, None)
            return 200, headers, b'{}'
        return 200, headers, json.dumps({'Item': rows[name]} if name in rows else {}).encode()

    def sts(self, query):
        self.tokens.append(query)
        action = query['Action']
        inner = '<Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>U</UserId><Account>123456789012</Account>'
        if action.startswith('AssumeRole'):
            inner = ('<Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey>'
                     '<SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>'
                     '<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn>'
                     '<AssumedRoleId>A:s</AssumedRoleId></AssumedRoleUser>')
        return 200, {'Content-Type': 'text/xml'}, (
            '<%sResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><%sResult>%s</%sResult><ResponseMetadata>'
            '<RequestId>R3</RequestId></ResponseMetadata></%sResponse>'
            % (action, action, inner, action, action)).encode()


class Urls(Store):
    """States behind URLs, with locks and, where asked for, a user."""

    def __init__(self, context=None, user='', methods=('LOCK', 'UNLOCK', 'POST')):
        super().__init__(context)
        self.states, self.locks, self.user, self.methods = {}, {}, user, methods

    def handle(self, request):
        lock, unlock, update = self.methods
        if self.user:
            want = 'Basic ' + base64.b64encode(self.user.encode()).decode()
            given = request.headers.get('Authorization')
            if given != want:
                return 403 if given else 401, {}, b''
        path, method = re.sub('/lock$', '', request.path), request.method
        if method == lock and (lock == 'LOCK' or request.path.endswith('/lock')):
            if path in self.locks:
                return 423, {'Content-Type': 'application/json'}, self.locks[path]
            self.locks[path] = request.body
            return 200, {}, b''
        if method == unlock and (unlock == 'UNLOCK' or request.path.endswith('/lock')):
            self.locks.pop(path, None)
            return 200, {}, b''
        if method == 'GET':
            return (200, {}, self.states[path]) if path in self.states else (404, {}, b'')
        if method == update:
            self.states[path] = request.body
            return 200, {}, b''
        if method == 'DELETE':
            self.states.pop(path, None)
            return 200, {}, b''
        return 405, {}, b''


def tls_context(folder, client=False):
    """A server certificate of its own authority in folder (ca.pem), and a client's (client.pem, client.key)."""
    import subprocess

    def openssl(*args):
        subprocess.run(['openssl', *args], cwd=str(folder), check=True, capture_output=True, timeout=60)
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2',
            '-subj', '/CN=authority')
    for name in ('server', 'client'):
        openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', name + '.key', '-out', name + '.csr',
                '-subj', '/CN=' + name)
        (folder / 'ext').write_text('subjectAltName=IP:127.0.0.1,DNS:localhost\n')
        openssl('x509', '-req', '-in', name + '.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial',
                '-out', name + '.pem', '-days', '2', '-extfile', 'ext')
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(folder / 'server.pem'), str(folder / 'server.key'))
    if client:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(str(folder / 'ca.pem'))
    return context
