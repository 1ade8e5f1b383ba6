# SPDX-License-Identifier: Apache-2.0
"""Bad days of the AWS API, and the arguments of the provider block that reach the network."""
import json
import re
import socket
import ssl
import subprocess
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conftest import KEY, Server

CONFIG = '''
provider "aws" {
  region = "us-east-1"
  %s
}
resource "aws_iam_user" "ann" {
  name = "ann"
}
'''
PLAIN = 'skip_credentials_validation = true\n  skip_requesting_account_id = true\n  max_retries = 2'


class Fake:
    """An endpoint that answers each request by a function of the action: (status, body, headers) or raw bytes."""

    def __init__(self, answer, tls=None):
        self.seen = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get('Content-Length') or 0)).decode()
                action = re.search(r'Action=(\w+)', body)
                outer.seen.append((self.path, dict(self.headers), body))
                told = answer(action[1] if action else '', self)
                if isinstance(told, bytes):
                    self.wfile.write(told)
                    self.close_connection = True
                    return
                status, text, more = told
                self.send_response_only(status)
                for name, value in dict({'Content-Type': 'text/xml', 'x-amzn-RequestId': 'req-1',
                                         'Content-Length': str(len(text.encode()))}, **more).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            def do_CONNECT(self):
                outer.seen.append(('CONNECT ' + self.path, dict(self.headers), ''))
                self.send_error(502)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.port = self.http.server_address[1]
        self.url = '%s://localhost:%d' % ('https' if tls else 'http', self.port)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def actions(self):
        return [re.search(r'Action=(\w+)', x[2])[1] for x in self.seen if 'Action=' in x[2]]


def fault_xml(code, message):
    return ('<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>%s</Code>'
            '<Message>%s</Message></Error><RequestId>req-1</RequestId></ErrorResponse>' % (code, message))


def user_xml(action):
    return ('<%sResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><%sResult><User><Path>/</Path><UserName>ann</UserName>'
            '<UserId>AIDA1</UserId><Arn>arn:aws:iam::123456789012:user/ann</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate>'
            '</User></%sResult></%sResponse>' % (action, action, action, action))


@pytest.fixture
def keys(workspace):
    workspace.env.update(AWS_ACCESS_KEY_ID='AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY='very-secret-key')
    return workspace


def apply(workspace, url, block=PLAIN, *args, **env):
    workspace.write('main.tf', CONFIG % block)
    done = workspace.run('apply', '-auto-approve', *args, env=dict(env, AWS_ENDPOINT_URL=url))
    return done, ' '.join(done.stderr.split())


UNREADABLE, FOREIGN = 'failed to decode response body', 'the answer is not one of the service'
BAD_ANSWERS = [
    ('malformed', (200, '<CreateUserResponse><Create', {}), UNREADABLE),
    ('html', (200, '<html><body>Log in to the hotel</body></html>', {'Content-Type': 'text/html'}), FOREIGN),
    ('empty', (200, '', {}), UNREADABLE),
    ('binary', (200, '\x01\x02', {}), UNREADABLE),
    ('other', (200, '<GetUserResponse/>', {}), FOREIGN),
    ('no_result', (200, '<CreateUserResponse/>', {}), FOREIGN),
    ('html_500', (500, '<html>oops</html>', {'Content-Type': 'text/html'}), 'StatusCode: 500'),
    ('expired', (403, fault_xml('ExpiredToken', 'The security token included in the request is expired'), {}), 'ExpiredToken'),
    ('wrong_key', (403, fault_xml('InvalidClientTokenId', 'The security token included in the request is invalid.'), {}),
     'InvalidClientTokenId'),
    ('denied', (403, fault_xml('AccessDenied', 'User: x is not authorized to perform: iam:CreateUser'), {}),
     'is not authorized to perform: iam:CreateUser'),
    ('html_403', (403, '<html>Forbidden by the proxy</html>', {'Content-Type': 'text/html'}), 'StatusCode: 403'),
]


@pytest.mark.parametrize('name,answer,want', BAD_ANSWERS, ids=[x[0] for x in BAD_ANSWERS])
def test_bad_answers(keys, name, answer, want):
    """One error, with the object, the API action and the request id; nothing is taken for made."""
    fake = Fake(lambda action, _: answer)
    done, said = apply(keys, fake.url)
    assert done.returncode == 1 and done.stderr.count('Error:') == 1
    assert want in said
    for part in ('with aws_iam_user.ann', 'operation error IAM: CreateUser', 'RequestID: req-1'):
        assert part in said
    assert 'very-secret-key' not in done.stdout + done.stderr


@pytest.mark.parametrize('raw', [b'', b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<Create', b'SSH-2.0-OpenSSH\r\n'])
def test_half_answers(keys, raw):
    fake = Fake(lambda action, _: raw)
    done, said = apply(keys, fake.url)
    assert done.returncode == 1 and done.stderr.count('Error:') == 1
    assert 'with aws_iam_user.ann' in said and 'operation error IAM: CreateUser' in said
    assert len(fake.seen) >= (1 if raw.startswith(b'SSH') else 2)  # tried again where that may help


def test_an_endpoint_that_is_down(keys):
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        url = 'http://127.0.0.1:%d' % probe.getsockname()[1]
    start = time.monotonic()
    done, said = apply(keys, url)
    assert done.returncode == 1 and 'operation error IAM: CreateUser' in said and 'with aws_iam_user.ann' in said
    assert time.monotonic() - start < 60
    done, said = apply(keys, url, '')
    assert done.returncode == 1 and 'operation error STS: GetCallerIdentity' in said


def test_the_clock_is_corrected(keys):
    """A request that came too late is signed again by the server's clock."""
    ahead = time.time() + 3600

    def answer(action, handler):
        date = re.search(r'\d{8}T\d{6}Z', handler.headers['X-Amz-Date'])[0]
        if date < time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(ahead - 300)):
            return 403, fault_xml('SignatureDoesNotMatch', 'Signature expired: %s is now earlier than' % date), {
                'Date': formatdate(ahead, usegmt=True)}
        return 200, user_xml(action), {}
    fake = Fake(answer)
    done, said = apply(keys, fake.url)
    assert done.returncode == 0, said
    assert fake.actions()[0] == fake.actions()[1] == 'CreateUser'


def test_what_was_done_is_not_forgotten(keys):
    """The create call works, the read after it does not: the object is in the state, to be replaced."""
    fake = Fake(lambda action, _: (200, user_xml(action), {}) if action == 'CreateUser' else
                (500, fault_xml('ServiceFailure', 'no'), {}))
    done, said = apply(keys, fake.url)
    assert done.returncode == 1 and 'operation error IAM: GetUser' in said
    assert 'aws_iam_user.ann' in keys.ok('state', 'list')


def test_retries(keys):
    """As often as max_retries, AWS_MAX_ATTEMPTS or the profile say, for what passes by itself only."""
    fake = Fake(lambda action, _: (400, fault_xml('Throttling', 'Rate exceeded'), {}))
    for block, env, want in ((PLAIN, {}, 2), (PLAIN.replace('= 2', '= 3'), {}, 3),
                             (PLAIN.replace('max_retries = 2', ''), {'AWS_MAX_ATTEMPTS': '4'}, 4),
                             (PLAIN + '\n  retry_mode = "adaptive"', {}, 2),
                             (PLAIN.replace('= 2', '= 9') + '\n  token_bucket_rate_limiter_capacity = 10', {}, 3)):
        fake.seen.clear()
        done, said = apply(keys, fake.url, block, **env)
        assert done.returncode == 1 and 'Throttling: Rate exceeded' in said
        assert len(fake.seen) == want, block
    fake = Fake(lambda action, _: (400, fault_xml('ValidationError', 'no'), {}))
    apply(keys, fake.url)
    assert len(fake.seen) == 1


@pytest.fixture(scope='module')
def certificate(tmp_path_factory):
    path = tmp_path_factory.mktemp('tls')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'key.pem', '-out', 'cert.pem',
                    '-days', '30', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
                   cwd=path, check=True, capture_output=True)
    return str(path / 'cert.pem'), str(path / 'key.pem')


def test_certificates(keys, certificate):
    fake = Fake(lambda action, _: (200, user_xml(action), {}), tls=certificate)
    done, said = apply(keys, fake.url)
    assert done.returncode == 1 and 'certificate' in said.lower()
    done, said = apply(keys, fake.url, PLAIN + '\n  custom_ca_bundle = "%s"' % certificate[0])
    assert done.returncode == 0, said
    keys.ok('state', 'rm', 'aws_iam_user.ann')
    done, said = apply(keys, fake.url, PLAIN, AWS_CA_BUNDLE=certificate[0])
    assert done.returncode == 0, said
    keys.ok('state', 'rm', 'aws_iam_user.ann')
    done, said = apply(keys, fake.url, PLAIN + '\n  insecure = true')
    assert done.returncode == 0, said
    done, said = apply(keys, fake.url, PLAIN + '\n  custom_ca_bundle = "none.pem"')
    assert done.returncode == 1 and 'none.pem' in said


def test_proxies(keys):
    proxy = Fake(lambda action, _: (200, user_xml(action), {}))
    done, said = apply(keys, 'http://iam.example.com', PLAIN + '\n  http_proxy = "%s"' % proxy.url)
    assert done.returncode == 0, said
    assert proxy.seen[0][0].startswith('http://iam.example.com')
    keys.ok('state', 'rm', 'aws_iam_user.ann')
    proxy.seen.clear()
    apply(keys, 'https://iam.example.com', PLAIN + '\n  https_proxy = "%s"' % proxy.url)
    assert proxy.seen[0][0] == 'CONNECT iam.example.com:443'
    proxy.seen.clear()
    direct = Fake(lambda action, _: (200, user_xml(action), {}))
    done, said = apply(keys, direct.url, PLAIN + '\n  http_proxy = "%s"\n  no_proxy = "localhost"' % proxy.url)
    assert done.returncode == 0 and not proxy.seen and direct.seen
    keys.ok('state', 'rm', 'aws_iam_user.ann')
    done, said = apply(keys, 'http://iam.example.com', PLAIN, HTTP_PROXY=proxy.url, http_proxy=proxy.url)
    assert done.returncode == 0 and proxy.seen, said


@pytest.mark.parametrize('block,host', [
    ('', 'iam.amazonaws.com'),
    ('use_fips_endpoint = true', 'iam-fips.amazonaws.com'),
    ('use_dualstack_endpoint = true', 'iam.global.api.aws'),
])
def test_public_endpoints(keys, block, host):
    proxy = Fake(lambda action, _: (200, '', {}))
    keys.env.pop('AWS_ENDPOINT_URL', None)
    keys.write('main.tf', CONFIG % (PLAIN + '\n  https_proxy = "%s"\n  %s' % (proxy.url, block)))
    keys.run('apply', '-auto-approve')
    assert proxy.seen and proxy.seen[0][0] == 'CONNECT %s:443' % host


def test_endpoint_order(keys):
    fakes = [Fake(lambda action, _: (200, user_xml(action), {})) for _ in range(3)]
    env = {'AWS_ENDPOINT_URL_IAM': fakes[1].url}
    for block, more, used in ((PLAIN + '\n  endpoints {\n    iam = "%s"\n  }' % fakes[0].url, env, 0), (PLAIN, env, 1), (PLAIN, {}, 2)):
        done, said = apply(keys, fakes[2].url, block, **more)
        assert done.returncode == 0, said
        assert [bool(f.seen) for f in fakes] == [i == used for i in range(3)]
        keys.ok('state', 'rm', 'aws_iam_user.ann')
        for fake in fakes:
            fake.seen.clear()


def test_account_ids(workspace, server):
    workspace.env.update(AWS_ENDPOINT_URL=server.url, AWS_ACCESS_KEY_ID=KEY[0], AWS_SECRET_ACCESS_KEY=KEY[1])
    for block, good in (('allowed_account_ids = ["123456789012"]', True), ('allowed_account_ids = ["111111111111"]', False),
                        ('forbidden_account_ids = ["123456789012"]', False), ('forbidden_account_ids = ["111111111111"]', True)):
        workspace.write('main.tf', CONFIG % block)
        done = workspace.run('plan')
        assert (done.returncode == 0) == good, done.stderr
        assert good or 'AWS account ID not allowed: 123456789012' in ' '.join(done.stderr.split())
    workspace.write('main.tf', CONFIG % 'allowed_account_ids = ["1"]\n  forbidden_account_ids = ["2"]')
    said = ' '.join(workspace.run('plan').stderr.split())
    assert 'Conflicting configuration arguments' in said and '"allowed_account_ids": conflicts with forbidden_account_ids' in said


def test_regions(keys):
    fake = Fake(lambda action, _: (200, user_xml(action), {}))
    keys.write('main.tf', (CONFIG % PLAIN).replace('us-east-1', 'moon-east-1'))
    done = keys.run('plan', env={'AWS_ENDPOINT_URL': fake.url})
    assert done.returncode == 1 and 'invalid AWS Region: moon-east-1' in done.stderr
    keys.write('main.tf', (CONFIG % (PLAIN + '\n  skip_region_validation = true')).replace('us-east-1', 'moon-east-1'))
    assert keys.run('plan', env={'AWS_ENDPOINT_URL': fake.url}).returncode == 0
    for region, signed in (('eu-west-1', 'us-east-1'), ('us-gov-east-1', 'us-gov-west-1'), ('cn-northwest-1', 'cn-north-1')):
        fake.seen.clear()
        keys.write('main.tf', (CONFIG % PLAIN).replace('us-east-1', region))
        keys.run('apply', '-auto-approve', env={'AWS_ENDPOINT_URL': fake.url})
        assert '/%s/iam/aws4_request' % signed in fake.seen[0][1]['Authorization']
        keys.run('state', 'rm', 'aws_iam_user.ann')


def test_user_agent(keys):
    fake = Fake(lambda action, _: (200, user_xml(action), {}))
    apply(keys, fake.url, PLAIN + '\n  user_agent = ["team/1.0"]', TF_APPEND_USER_AGENT='ci/7')
    agent = fake.seen[0][1]['User-Agent']
    assert 'team/1.0' in agent and 'ci/7' in agent


SECRETS = CONFIG + '''
resource "aws_iam_access_key" "ann" {
  user = aws_iam_user.ann.name
}
resource "aws_iam_user_login_profile" "ann" {
  user = aws_iam_user.ann.name
}
resource "aws_iam_virtual_mfa_device" "phone" {
  virtual_mfa_device_name = "phone"
}
resource "aws_iam_service_specific_credential" "git" {
  user_name    = aws_iam_user.ann.name
  service_name = "codecommit.amazonaws.com"
}
'''


def test_no_secret_in_logs_and_plans(workspace, server):
    """At the highest log level: neither the caller's keys nor those that are made."""
    workspace.env.update(AWS_ENDPOINT_URL=server.url, AWS_ACCESS_KEY_ID=KEY[0], AWS_SECRET_ACCESS_KEY=KEY[1], TF_LOG='trace')
    workspace.write('main.tf', SECRETS % '')
    done = workspace.run('apply', '-auto-approve')
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    for args in (('plan', '-out=plan.bin'), ('show', 'plan.bin'), ('show',), ('plan', '-json')):
        done = workspace.run(*args)
        said += done.stdout + done.stderr
    state = json.loads(workspace.read('terraform.tfstate'))
    attrs = {r['type']: r['instances'][0]['attributes'] for r in state['resources']}
    secrets = [KEY[1], attrs['aws_iam_access_key']['secret'], attrs['aws_iam_access_key']['ses_smtp_password_v4'],
               attrs['aws_iam_user_login_profile']['password'],
               attrs['aws_iam_service_specific_credential']['service_password']]
    assert all(secrets) and not [s for s in secrets if s in said]
    assert 'CreateAccessKey' in said  # the log does tell of the calls


CHAOS = '''
provider "aws" {
  region = "us-east-1"
}
resource "aws_iam_policy" "p" {
  name   = "p"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
resource "aws_iam_user" "all" {
  count = 80
  name  = "u${count.index}"
  tags  = { Unit = "%s" }
}
resource "aws_iam_user_policy_attachment" "all" {
  count      = 80
  user       = aws_iam_user.all[count.index].name
  policy_arn = aws_iam_policy.p.arn
}
resource "aws_iam_group" "all" {
  count = 5
  name  = "g${count.index}"
}
resource "aws_iam_group_membership" "all" {
  count = 5
  name  = "m"
  group = aws_iam_group.all[count.index].name
  users = slice(aws_iam_user.all[*].name, count.index * 4, count.index * 4 + 4)
}
resource "aws_iam_role" "all" {
  count              = 10
  name               = "r${count.index}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = aws_iam_user.all[count.index].arn } }] })
}
resource "aws_iam_instance_profile" "all" {
  count = 5
  name  = "i${count.index}"
  role  = aws_iam_role.all[count.index].name
}
'''


def test_a_fifth_of_all_calls_goes_wrong(workspace, tmp_path):
    """Throttled, failed, late, cut off before or after the work, and made things that do not show yet."""
    data = tmp_path / 'data'
    data.mkdir()
    server = Server(data, '--chaos=20')
    try:
        workspace.env.update(AWS_ENDPOINT_URL=server.url, AWS_ACCESS_KEY_ID=KEY[0], AWS_SECRET_ACCESS_KEY=KEY[1])
        for unit, want in (('a', '186 added, 0 changed, 0 destroyed'), ('b', '0 added, 80 changed, 0 destroyed')):
            workspace.write('main.tf', CHAOS % unit)
            done = workspace.run('apply', '-auto-approve', '-parallelism=20', timeout=300)
            assert done.returncode == 0, done.stderr
            assert want in done.stdout
            again = workspace.run('plan', '-detailed-exitcode', timeout=300)
            assert again.returncode == 0, again.stdout + again.stderr
        workspace.ok('destroy', '-auto-approve', '-parallelism=20', timeout=300)
        assert workspace.ok('state', 'list') == ''
    finally:
        server.kill()


TAGGED = '''
resource "aws_iam_role" "r" {
  name               = "r"
  description        = "%s"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
  tags               = { %s }
}
'''


def test_tag_policies(workspace, server):
    """Tags that the organization requires: told for new objects and for changed tags, not else."""
    pages = [{'RequiredTags': [{'ResourceType': 'iam:role', 'ReportingTagKeys': ['Team', 'Owner']},
                               {'ResourceType': 's3:bucket', 'ReportingTagKeys': ['Other']}], 'NextToken': 't'},
             {'RequiredTags': [{'ResourceType': 'iam:role', 'ReportingTagKeys': ['Cost', 'Team']}]}]
    seen = []

    def answer(_, handler):
        assert handler.headers['X-Amz-Target'] == 'ResourceGroupsTaggingAPI_20170126.ListRequiredTags'
        assert '/us-east-1/tagging/aws4_request' in handler.headers['Authorization']
        body = json.loads(fake.seen[-1][2])
        seen.append(body)
        return 200, json.dumps(pages[1 if body.get('NextToken') == 't' else 0]), {'Content-Type': 'application/x-amz-json-1.1'}
    fake = Fake(answer)
    workspace.env.update(AWS_ENDPOINT_URL=server.url, AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API=fake.url,
                         AWS_ACCESS_KEY_ID=KEY[0], AWS_SECRET_ACCESS_KEY=KEY[1])

    def plan(compliance, description, tags, **env):
        provider = 'provider "aws" {\n  region = "us-east-1"\n  %s\n}\n' % compliance
        workspace.write('main.tf', provider + TAGGED % (description, tags))
        done = workspace.run('plan', '-out=plan.bin', env=env)
        return done.returncode, ' '.join(done.stderr.split()), ' '.join(done.stdout.split())
    workspace.write('main.tf', 'provider "aws" {}')
    wanted = 'Missing Required Tags - An organizational tag policy requires the following tags for aws_iam_role: [Cost Owner]'
    code, said, _ = plan('tag_policy_compliance = "error"', 'a', 'Team = "x"')
    assert code == 1 and wanted in said and 'with aws_iam_role.r' in said and len(seen) == 2
    code, said, told = plan('', 'a', 'Team = "x"', TF_AWS_TAG_POLICY_COMPLIANCE='warning')
    assert code == 0 and 'Warning: Missing Required Tags' in said + told
    assert '[Cost Owner]' in said + told
    seen.clear()
    for compliance, env in (('', {}), ('tag_policy_compliance = "disabled"', {'TF_AWS_TAG_POLICY_COMPLIANCE': 'error'})):
        assert plan(compliance, 'a', 'Team = "x"', **env)[0] == 0 and not seen
    assert plan('default_tags {\n    tags = { Cost = "c", Owner = "o" }\n  }\n  tag_policy_compliance = "error"', 'a',
                'Team = "x"')[0] == 0
    assert plan('', 'a', 'Team = "x"')[0] == 0
    workspace.ok('apply', 'plan.bin')
    # What has nothing to do with tags goes on; a change of tags has to comply.
    assert plan('tag_policy_compliance = "error"', 'b', 'Team = "x"')[0] == 0
    assert wanted in plan('tag_policy_compliance = "error"', 'a', 'Team = "y"')[1]
    code, said, _ = plan('tag_policy_compliance = "no"', 'a', '')
    assert code == 1 and 'expected tag_policy_compliance to be one of ["error" "warning" "disabled"], got no' in said
    fake.http.shutdown()
    denied = Fake(lambda *_: (400, '{"__type":"AccessDeniedException","message":"not yours"}', {}))
    workspace.env['AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API'] = denied.url
    code, said, _ = plan('tag_policy_compliance = "error"', 'a', '')
    assert code == 1 and 'ListRequiredTags' in said and 'AccessDeniedException: not yours' in said


def test_ignored_tags_of_the_environment(workspace, server):
    """Those of the block and of the variables together."""
    workspace.env.update(AWS_ENDPOINT_URL=server.url, AWS_ACCESS_KEY_ID=KEY[0], AWS_SECRET_ACCESS_KEY=KEY[1],
                         TF_AWS_IGNORE_TAGS_KEYS='One,Two', TF_AWS_IGNORE_TAGS_KEY_PREFIXES='ci:')
    workspace.write('main.tf', CONFIG % 'ignore_tags {\n    keys = ["Three"]\n  }')
    workspace.ok('init')
    workspace.ok('apply', '-auto-approve')
    iam = server.client()
    for key, code in (('One', 0), ('Two', 0), ('Three', 0), ('ci:run', 0), ('Four', 2)):
        iam.tag_user(UserName='ann', Tags=[{'Key': key, 'Value': 'x'}])
        assert workspace.run('plan', '-detailed-exitcode').returncode == code, key


def test_endpoints_of_other_services(workspace, server):
    """A provider block that others read, too: endpoints of services that are not IAM are taken, misspelt ones are not."""
    workspace.env.update(AWS_ACCESS_KEY_ID=KEY[0], AWS_SECRET_ACCESS_KEY=KEY[1])
    block = 'endpoints {\n    iam      = "%s"\n    sts      = "%s"\n    %s = "http://localhost:1"\n  }'
    workspace.write('main.tf', CONFIG % (block % (server.url, server.url, 's3')))
    workspace.ok('init')
    workspace.ok('plan')
    workspace.write('main.tf', CONFIG % (block % (server.url, server.url, 's4')))
    assert 'An argument named "s4" is not expected here.' in workspace.run('validate').stderr
    shown = json.loads(workspace.ok('providers', 'schema', '-json'))['provider_schemas']
    block = next(iter(shown.values()))['provider']['block']['block_types']['endpoints']['block']
    assert sorted(block['attributes']) == ['accessanalyzer', 'iam', 'organizations', 'sso', 'sts']


# Provider block, environment, and what is said; an error unless it begins with "Warning".
SAID = {
    'proxy': ('http_proxy = "http://127.0.0.1:9"\n  no_proxy = "localhost"', {},
              'Warning: Missing HTTPS Proxy.*Using HTTP proxy "http://127.0.0.1:9" for HTTPS requests.'),
    'endpoints': ('endpoints {\n    iam = "http://localhost:1"\n  }\n  endpoints {\n    iam = "http://localhost:2"\n  }', {},
                  'Warning: Invalid Attribute Value.*Attribute "endpoints" should have at most 1 element, got 2.'),
    'old_iam': ('', {'AWS_IAM_ENDPOINT': 'http://localhost:1'},
                'Warning: Deprecated Environment Variable.*"AWS_IAM_ENDPOINT" is deprecated. Use environment variable '
                '"AWS_ENDPOINT_URL_IAM" instead.'),
    'old_sts': ('', {'TF_AWS_STS_ENDPOINT': 'http://localhost:1'}, 'Warning: .*"TF_AWS_STS_ENDPOINT" is deprecated.'),
    'old_metadata': ('', {'AWS_METADATA_URL': 'http://localhost:1'},
                     'Warning: .*"AWS_METADATA_URL" is deprecated. Use "AWS_EC2_METADATA_SERVICE_ENDPOINT" instead.'),
    'attempts': ('', {'AWS_MAX_ATTEMPTS': 'x'},
                 'invalid value AWS_MAX_ATTEMPTS=x, strconv.ParseInt: parsing "x": invalid syntax'),
    'mode': ('', {'AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE': 'x'}, 'AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=x, unknown EC2 IMDS'),
    'retry': ('', {'AWS_RETRY_MODE': 'x'}, 'unknown RetryMode, x'),
    # Half a key in the block: those of the environment are somebody else's.
    'half_key': ('access_key = "x"', {}, 'retrieving credentials: static credentials are empty'),
    'half_secret': ('secret_key = "x"', {}, 'retrieving credentials: static credentials are empty'),
    'lone_token': ('token = "x"', {}, 'retrieving credentials: static credentials are empty'),
    'bundle': ('', {'AWS_CA_BUNDLE': '/none/x.pem'}, 'reading custom CA bundle: open /none/x.pem: no such file or directory'),
}


@pytest.mark.parametrize('case', SAID)
def test_the_block_and_its_environment(keys, case):
    block, env, said = SAID[case]
    fake = Fake(lambda action, _: (200, user_xml(action), {}))
    plain = 'skip_credentials_validation = true\n  skip_requesting_account_id = true\n  '
    keys.write('main.tf', CONFIG % (plain + block))
    done = keys.run('plan', env=dict(env, AWS_ENDPOINT_URL=fake.url))
    told = ' '.join((done.stderr + done.stdout).split())
    assert re.search(said, told) and done.returncode == (0 if said.startswith('Warning') else 1), told


def test_fips_and_an_address_of_ones_own(keys):
    fake = Fake(lambda action, _: (200, user_xml(action), {}))
    for argument, name in (('use_fips_endpoint', 'FIPS'), ('use_dualstack_endpoint', 'Dualstack')):
        keys.write('main.tf', CONFIG % (argument + ' = true'))
        done = keys.run('plan', env={'AWS_ENDPOINT_URL': fake.url})
        assert done.returncode == 1 and not fake.seen
        assert ('operation error STS: GetCallerIdentity, failed to resolve service endpoint, endpoint rule error, Invalid '
                'Configuration: %s and custom endpoint are not supported' % name) in ' '.join(done.stderr.split())


def test_regions_tokens_and_skipped_calls(keys, tmp_path):
    """sts_region signs calls of STS, token goes with each call, and what is skipped is not called."""
    who = ('<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
           '<Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>U</UserId><Account>123456789012</Account>'
           '</GetCallerIdentityResult></GetCallerIdentityResponse>')
    fake = Fake(lambda action, _: (200, who if action == 'GetCallerIdentity' else user_xml(action), {}))
    done, said = apply(keys, fake.url, 'sts_region = "eu-west-3"\n  access_key = "A"\n  secret_key = "S"\n  token = "T0ken"')
    assert done.returncode == 0, said
    assert fake.actions()[0] == 'GetCallerIdentity' and '/eu-west-3/sts/aws4_request' in fake.seen[0][1]['Authorization']
    assert {x[1]['X-Amz-Security-Token'] for x in fake.seen} == {'T0ken'}
    keys.ok('state', 'rm', 'aws_iam_user.ann')
    for block, called in (('skip_credentials_validation = true', True), ('skip_requesting_account_id = true', True),
                          ('skip_credentials_validation = true\n  skip_requesting_account_id = true', False)):
        fake.seen.clear()
        keys.write('main.tf', CONFIG % block)
        assert keys.run('plan', env={'AWS_ENDPOINT_URL': fake.url}).returncode == 0
        assert ('GetCallerIdentity' in fake.actions()) == called, block
    (tmp_path / 'cfg').write_text('[profile x]\nregion = eu-central-1\naws_access_key_id = FROMFILE\naws_secret_access_key = S\n')
    fake.seen.clear()
    keys.write('main.tf', (CONFIG % ('profile = "x"\n  shared_config_files = ["%s"]' % (tmp_path / 'cfg'))).replace(
        '  region = "us-east-1"\n', ''))
    assert keys.run('plan', env={'AWS_ENDPOINT_URL': fake.url}).returncode == 0
    assert 'Credential=FROMFILE/' in fake.seen[0][1]['Authorization'] and '/eu-central-1/sts/' in fake.seen[0][1]['Authorization']


def test_the_address_of_the_instance(workspace):
    """Asked for by IPv6 where that is said; nobody is there."""
    workspace.write('main.tf', CONFIG % 'ec2_metadata_service_endpoint_mode = "IPv6"')
    done = workspace.run('plan', env={'AWS_EC2_METADATA_DISABLED': '', 'AWS_ENDPOINT_URL': 'http://localhost:1'})
    assert done.returncode == 1 and 'fd00:ec2::254' in done.stderr, done.stderr


TAG_PLANS = [
    # Tags before, then the provider block and tags of the change, and what tags and tags_all are planned to be.
    ('{}', 'default_tags {\n    tags = { c = "1" }\n  }', '{ a = "2" }', {'a': '2'}, {'a': '2', 'c': '1'}),
    ('{ a = "1" }', '', '{}', {}, {}),
    # Where a changed tag is empty, and where one is not known, all of them are left open.
    ('{ a = "1" }', '', '{ a = "", b = "2" }', {'a': '', 'b': '2'}, None),
    ('{ a = "1" }', '', '{ a = terraform_data.t.output }', None, None),
    # What is ignored is not the object's own, though the configuration and the defaults have it.
    ('{ x = "1" }', 'default_tags {\n    tags = { x = "1" }\n  }\n  ignore_tags {\n    keys = ["x"]\n  }', '{ a = "1" }', {'a': '1'}, {'a': '1'}),
]


@pytest.mark.parametrize('before,block,after,tags,tags_all', TAG_PLANS)
def test_planned_tags(workspace, tmp_path, before, block, after, tags, tags_all):
    workspace.env['AWS_ENDPOINT_URL'] = 'loam:%s' % (tmp_path / 'account.db')
    text = 'resource "terraform_data" "t" {\n  input = "%s"\n}\n'
    workspace.write('main.tf', (CONFIG % '').replace('name = "ann"', 'name = "ann"\n  tags = ' + before) + text % 'a')
    workspace.ok('init')
    workspace.ok('apply', '-auto-approve')
    workspace.write('main.tf', (CONFIG % block).replace('name = "ann"', 'name = "ann"\n  tags = ' + after) + text % 'b')
    workspace.ok('plan', '-out=plan.bin')
    change = next(r['change'] for r in json.loads(workspace.ok('show', '-json', 'plan.bin'))['resource_changes']
                  if r['type'] == 'aws_iam_user')
    assert change['after'].get('tags') == tags and change['after'].get('tags_all') == tags_all
    assert 'x' not in change['before']['tags'] or 'ignore' not in block
    workspace.ok('apply', 'plan.bin')
    assert workspace.run('plan', '-detailed-exitcode').returncode == 0
