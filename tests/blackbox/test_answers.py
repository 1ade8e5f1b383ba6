# SPDX-License-Identifier: Apache-2.0
"""What IAM and STS answer, fact by fact: answers.jsonl holds sequences of calls and what each must give.

A step calls one operation ("iam.CreateUser") with parameters; $NAME in a text is what an earlier step kept under
that name. It expects a fault (status, code, message), or looks into the answer: `has` gives values by path, `lacks`
names paths that must not be there, `keep` stores values for later steps.
"""
import json
import os
import re

import pytest

from conftest import KEY

HERE = os.path.dirname(os.path.abspath(__file__))


def sequences():
    with open(os.path.join(HERE, 'answers.jsonl'), encoding='utf8') as rows:
        return [json.loads(row) for row in rows if row.strip()]


def filled(value, kept):
    if isinstance(value, dict):
        return {k: filled(v, kept) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(v, kept) for v in value]
    if isinstance(value, str):
        return re.sub(r'\$([a-z]+)', lambda m: str(kept.get(m.group(1), m.group(0))), value)
    return value


def found(answer, path):
    for part in path.split('.'):
        if isinstance(answer, list):
            answer = answer[int(part)]
        elif part in answer:
            answer = answer[part]
        else:
            return None
    return answer


def check(step, operation, given, kept):
    from botocore.exceptions import ClientError
    fault = filled(step.get('fault'), kept)
    try:
        answer = operation(**given)
    except ClientError as error:
        status, text = error.response['ResponseMetadata']['HTTPStatusCode'], error.response['Error']
        assert fault, text
        assert [status, text['Code'], text.get('Message')] == fault
        return
    assert not fault, 'expected %s, got an answer' % fault
    for path, wanted in filled(step.get('has', {}), kept).items():
        assert found(answer, path) == wanted, path
    for path in step.get('lacks', []):
        assert found(answer, path) is None, path
    for name, path in step.get('keep', {}).items():
        kept[name] = found(answer, path)


@pytest.mark.parametrize('row', sequences(), ids=lambda row: row['name'])
def test_answers(server, row):
    from botocore.config import Config
    import boto3
    quiet = Config(retries={'max_attempts': 0}, parameter_validation=False)
    clients = {}
    for name in ('iam', 'sts'):
        clients[name] = boto3.client(name, region_name='us-east-1', endpoint_url=server.url, config=quiet,
                                     aws_access_key_id=KEY[0], aws_secret_access_key=KEY[1])
    kept = {'account': '123456789012'}
    for step in row['steps']:
        service, name = step['call'].split('.')
        client = clients[service]
        if step.get('as'):
            key = [kept[part] for part in step['as']]
            client = boto3.client(service, region_name='us-east-1', endpoint_url=server.url, config=quiet,
                                  aws_access_key_id=key[0], aws_secret_access_key=key[1],
                                  aws_session_token=key[2] if len(key) > 2 else None)
        method = {op: m for m, op in client.meta.method_to_api_mapping.items()}[name]
        check(step, getattr(client, method), filled(step.get('with', {}), kept), kept)
