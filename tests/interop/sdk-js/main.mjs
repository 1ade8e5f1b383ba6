// SPDX-License-Identifier: Apache-2.0
// Drives an IAM and STS with the AWS SDK for JavaScript: objects, error types, pages, waiters, an
// assumed role that may do less than its creator.
import assert from 'node:assert/strict';
import * as iam from '@aws-sdk/client-iam';
import * as sts from '@aws-sdk/client-sts';

const client = new iam.IAMClient({});
const send = (command) => client.send(command);

for (let i = 0; i < 7; i++) {
    const UserName = `node-${i}`;
    const made = await send(new iam.CreateUserCommand({ UserName, Path: '/js/', Tags: [{ Key: 'n', Value: `${i}` }] }));
    assert.match(made.User.UserId, /^AIDA[A-Z0-9]{17}$/);
    assert.ok(Date.now() - made.User.CreateDate.getTime() < 60000);
    const waited = await iam.waitUntilUserExists({ client, maxWaitTime: 5 }, { UserName });
    assert.equal(waited.state, 'SUCCESS');
}
await assert.rejects(send(new iam.CreateUserCommand({ UserName: 'node-0' })), iam.EntityAlreadyExistsException);
await assert.rejects(send(new iam.GetUserCommand({ UserName: 'nobody' })), iam.NoSuchEntityException);
await assert.rejects(send(new iam.CreateUserCommand({ UserName: 'not good' })), { name: 'ValidationError' });

const seen = [];
let pages = 0;
for await (const page of iam.paginateListUsers({ client, pageSize: 3 }, { PathPrefix: '/js/' })) {
    seen.push(...page.Users.map((user) => user.UserName));
    pages++;
}
assert.deepEqual([seen.length, pages], [7, 3]);

const { Account } = await new sts.STSClient({}).send(new sts.GetCallerIdentityCommand({}));
const trust = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: `arn:aws:iam::${Account}:root` } }],
});
const role = await send(new iam.CreateRoleCommand({ RoleName: 'js-reader', AssumeRolePolicyDocument: trust }));
assert.equal(decodeURIComponent(role.Role.AssumeRolePolicyDocument), trust);
const read = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'iam:Get*', Resource: '*' }] });
await send(new iam.PutRolePolicyCommand({ RoleName: 'js-reader', PolicyName: 'read', PolicyDocument: read }));
await assert.rejects(
    send(new iam.PutRolePolicyCommand({ RoleName: 'js-reader', PolicyName: 'bad', PolicyDocument: '{' })),
    iam.MalformedPolicyDocumentException);
await assert.rejects(send(new iam.DeleteRoleCommand({ RoleName: 'js-reader' })), iam.DeleteConflictException);

await send(new iam.AttachUserPolicyCommand({ UserName: 'node-1', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }));
const { AccessKey } = await send(new iam.CreateAccessKeyCommand({ UserName: 'node-1' }));
const credentials = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
const session = await new sts.STSClient({ credentials }).send(
    new sts.AssumeRoleCommand({ RoleArn: role.Role.Arn, RoleSessionName: 'js', DurationSeconds: 900 }));
const reader = new iam.IAMClient({
    credentials: {
        accessKeyId: session.Credentials.AccessKeyId,
        secretAccessKey: session.Credentials.SecretAccessKey,
        sessionToken: session.Credentials.SessionToken,
    },
});
assert.equal((await reader.send(new iam.GetRoleCommand({ RoleName: 'js-reader' }))).Role.Arn, role.Role.Arn);
await assert.rejects(reader.send(new iam.CreateUserCommand({ UserName: 'too-much' })), (error) => {
    assert.equal(error.name, 'AccessDenied');
    assert.match(error.message, /assumed-role\/js-reader\/js is not authorized to perform: iam:CreateUser/);
    assert.equal(error.$metadata.httpStatusCode, 403);
    assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/);
    return true;
});
const wrong = new iam.IAMClient({ credentials: { ...credentials, secretAccessKey: 'wrong' } });
await assert.rejects(wrong.send(new iam.ListUsersCommand({})), { name: 'SignatureDoesNotMatch' });
console.log('the SDK is content');
